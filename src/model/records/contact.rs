//! Whom one may share with: the register of subcontractors.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::attachment::{Attachment, agreement_of};
use super::cell::Cell;
use super::record::record;
use crate::error::Result;

record! {
    /// Somebody who may be given credentials, where a client consents.
    pub struct Contact as "contact" of "vault contact list" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was made.
            created: Timestamp,
        }
        optional {
            /// What they are called on the command line.
            name: Cell<String>,
            /// The full name.
            full_name: Cell<Option<String>>,
            /// What they do.
            role: Cell<Option<String>>,
            /// Their firm.
            firm: Cell<Option<String>>,
            /// Street, postal code and town.
            address: Cell<Option<String>>,
            /// The country.
            country: Cell<Option<String>>,
            /// The telephone number.
            phone: Cell<Option<String>>,
            /// How to reach them safely.
            channel: Cell<Option<String>>,
            /// The language of papers for them, see [`crate::model::text::lang::Lang`].
            lang: Cell<Option<String>>,
            /// Mail addresses.
            emails: Cell<Vec<String>>,
            /// The keys that shares for them are encrypted to: `age1…` or an OpenSSH public key.
            recipients: Cell<Vec<String>>,
            /// The keys that their documents are signed with, in OpenSSH form.
            signers: Cell<Vec<String>>,
            /// The agreement that counts, one of [`Self::agreements`].
            agreement: Cell<Option<Uuid>>,
            /// All agreements that were filed.
            agreements: Vec<Attachment>,
            /// The day of the agreement.
            agreed_on: Cell<Option<Date>>,
            /// The day on which it was made sure that they can be trusted with access.
            checked_on: Cell<Option<Date>>,
            /// How that was made sure.
            checked: Cell<Option<String>>,
            /// What they are bound to beside the usual, see
            /// [`crate::model::sharing::duties`].
            duties: Cell<Option<String>>,
            /// When it has to be looked at whether they still need access.
            review_by: Cell<Option<Timestamp>>,
            /// Which of their keys took the place of which.
            successions: Vec<KeySuccession>,
            /// Keys that were lost.
            lost: Vec<LostKey>,
            /// Devices that were lost, or keys without them.
            losses: Vec<ContactLoss>,
            /// When it was removed.
            removed: Cell<Option<Timestamp>>,
        }
    }
}

record! {
    /// A key of a contact that somebody else may have.
    pub struct LostKey by since {
        required {
            /// The record's id.
            id: Uuid,
            /// The key, as it stood among theirs.
            key: String,
            /// Since when.
            since: Timestamp,
        }
        optional {
            /// How it was made sure that it is theirs all the same, once it was.
            verified: Cell<Option<String>>,
        }
    }
}

record! {
    /// That a device or a key of a contact was lost: somebody else may have what was on it.
    pub struct ContactLoss by noted {
        required {
            /// The record's id.
            id: Uuid,
            /// Since when.
            since: Timestamp,
            /// When it was noted: what was shared before may be on it.
            noted: Timestamp,
        }
        optional {}
    }
}

record! {
    /// New keys of a contact in the place of old ones, as a card said that was signed by both.
    pub struct KeySuccession by noted {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was noted.
            noted: Timestamp,
            /// The key that shares were encrypted to.
            from: String,
            /// The key that they are encrypted to since.
            to: String,
            /// The key that documents were signed with, in OpenSSH form.
            from_signer: String,
            /// The card itself.
            card: String,
        }
        optional {}
    }
}

impl Contact {
    /// The name; empty in a damaged record only.
    pub fn name(&self) -> &str {
        self.name.text()
    }

    /// Whether it was removed.
    pub fn is_removed(&self) -> bool {
        self.removed.value().is_some()
    }

    /// The mail addresses.
    pub fn emails(&self) -> &[String] {
        self.emails.items()
    }

    /// The keys that shares for them are encrypted to.
    pub fn recipients(&self) -> &[String] {
        self.recipients.items()
    }

    /// The keys that their documents are signed with.
    pub fn signers(&self) -> &[String] {
        self.signers.items()
    }

    /// Whether a permission for the keys `bound` holds for `key` too: it is one of them, or took
    /// the place of one by cards, each of which was signed by the key before.
    pub fn stands_for(&self, bound: &[String], key: &str) -> bool {
        let mut reached = key;
        // Each step leads to an earlier key; a circle ends with the list.
        for _ in 0..=self.successions.len() {
            if bound.iter().any(|known| known == reached) {
                return true;
            }
            match self.successions.iter().find(|it| it.to == reached) {
                Some(step) => reached = &step.from,
                None => return false,
            }
        }
        false
    }

    /// Whether a permission for the keys `bound` holds for all keys of now. One for no key holds
    /// while there is none: what is shared is then under a passphrase.
    pub fn is_bound_by(&self, bound: &[String]) -> bool {
        let keys = self.recipients();
        keys.is_empty() == bound.is_empty() && keys.iter().all(|key| self.stands_for(bound, key))
    }

    /// A key of theirs that counts as lost.
    pub fn lost_key(&self, key: &str) -> Option<&LostKey> {
        let mut lost = self.lost.iter();
        lost.find(|it| it.key == key && it.verified.value().is_none())
    }

    /// Since when somebody else may have what was shared with them at a time, if a device was lost
    /// after that.
    pub fn lost_after(&self, shared: Timestamp) -> Option<Timestamp> {
        let after = self.losses.iter().filter(|it| shared <= it.noted);
        after.map(|it| it.since).min()
    }

    /// When a key of theirs was replaced by another, if it was.
    pub fn replaced(&self, key: &str) -> Option<Timestamp> {
        let mut replaced = self.successions.iter();
        let found = replaced.find(|it| it.from == key || it.from_signer == key);
        found.map(|it| it.noted)
    }

    /// The agreement that counts.
    pub fn agreement(&self) -> Option<&Attachment> {
        agreement_of(&self.agreement, &self.agreements)
    }

    /// Whether something was agreed, be the paper kept here or its day alone known.
    #[must_use]
    pub fn has_agreed(&self) -> bool {
        self.agreement().is_some() || self.agreed_on.value().is_some()
    }
}
