//! Whom one may share with: the register of subcontractors.

use jiff::Timestamp;
use uuid::Uuid;

use super::attachment::Attachment;
use super::cell::{Cell, Stamp};
use super::record::record;

record! {
    /// Somebody who may be given credentials, where a client consents.
    pub struct Contact {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was made.
            created: Timestamp,
        }
        optional {
            /// What they are called on the command line.
            name: Cell<String>,
            /// What they do.
            role: Cell<Option<String>>,
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
            /// When it has to be looked at whether they still need access.
            review_by: Cell<Option<Timestamp>>,
            /// When it was removed.
            removed: Cell<Option<Timestamp>>,
        }
    }
}

impl Contact {
    /// The name; empty in a damaged record only.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.get().map_or("", String::as_str)
    }

    /// Whether it was removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.removed.value().is_some()
    }

    /// All stamps in the record, for checking it against what the vault has seen.
    pub(super) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.name
            .stamps()
            .chain(self.role.stamps())
            .chain(self.emails.stamps())
            .chain(self.recipients.stamps())
            .chain(self.signers.stamps())
            .chain(self.agreement.stamps())
            .chain(self.review_by.stamps())
            .chain(self.removed.stamps())
    }
}
