//! What was shared: the ledger of who got which version of what, under which consent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::consent::Consent;
use super::contact::Contact;
use super::event::sha256_hex;
use super::merging::{list_of_both, list_written_once};
use super::record::record;
use crate::model::text::words::words;

/// What stands for the key and the field of a share that is a login.
pub const LOGIN: &str = "login";

record! {
    /// Something that was made to be sent to a contact.
    pub struct Share as "share" of "vault shares" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// The consent that allowed it.
            consent: AllowedBy,
            /// What was in it.
            items: Vec<SharedItem>,
            /// Whom it is for.
            recipient: SharedWith,
            /// What for.
            purpose: String,
            /// When it was made.
            created: Timestamp,
            /// Its end, not after the consent's.
            expires: Timestamp,
            /// SHA-256 of the document's body, lower-case hex.
            payload_sha256: String,
            /// What the share says of itself without a secret, a text in JSON.
            manifest: String,
        }
        optional {
            /// The recipient's own login at the site, where that was given in the place of a
            /// secret; nothing was sent then.
            login: Option<String>,
            /// When that login was removed at the site.
            login_removed: Cell<Option<Timestamp>>,
            /// The share that it was sent in the place of.
            supersedes: Option<Uuid>,
            /// What the recipient is bound to.
            obligations: Vec<String>,
            /// What was confirmed for it: that `hosts` or the `user` of an entry had changed since
            /// it was permitted, that one was `new`, that it passes `retention` or `review`.
            confirmed: Vec<String>,
            /// When its file was written; none while it was not.
            sent: Cell<Option<Timestamp>>,
            /// The recipient's signed receipt.
            receipt: Cell<Option<FiledDocument>>,
            /// The recipient's signed statement that it was deleted.
            attestation: Cell<Option<FiledDocument>>,
            /// The recipient's signed statements that some of its entries alone were deleted.
            deletions: Vec<EntryDeletion>,
            /// The recipient's signed refusal.
            refusal: Cell<Option<FiledDocument>>,
            /// The last notice of its end that was written for the recipient.
            notice: Cell<Option<FiledDocument>>,
            /// When it was revoked.
            ended: Cell<Option<Revocation>>,
        }
    }
}

record! {
    /// The consent that allowed a share, as it was then.
    pub struct AllowedBy {
        required {
            /// The consent's id.
            id: Uuid,
            /// SHA-256 of the consent record that went with the share, lower-case hex; of the whole
            /// terms where nothing went, as for a login.
            sha256: String,
        }
        optional {}
    }
}

record! {
    /// What went out of one entry.
    pub struct SharedItem {
        required {
            /// The entry's id.
            entry: Uuid,
            /// The names of all fields that went: `secret`, `username`, `urls`, `attachment:NAME`…
            fields: Vec<String>,
            /// Its path on that day; it may be gone since.
            path: String,
        }
        optional {
            /// The hosts that it was for.
            hosts: Vec<String>,
            /// Whom one logged in as.
            username: Option<String>,
            /// The version of each secret that went; of an attachment, its own id.
            versions: BTreeMap<String, Uuid>,
        }
    }
}

record! {
    /// Whom a share is for.
    pub struct SharedWith {
        required {
            /// The contact's id.
            contact: Uuid,
            /// The key that it was encrypted to, or `passphrase`.
            key: String,
        }
        optional {}
    }
}

record! {
    /// A signed document of somebody else, as it came.
    #[derive(PartialEq, Eq)]
    pub struct FiledDocument {
        required {
            /// When it was filed.
            time: Timestamp,
            /// The document.
            document: String,
        }
        optional {
            /// The address that it was mailed from; none where it is signed.
            mailed_from: Option<String>,
            /// Since when a device of theirs is lost: whoever has that may have written it.
            lost_since: Option<Timestamp>,
            /// `base64` where the document is no UTF-8.
            encoding: Option<String>,
            /// The file itself, where it was not the document and the end of a line.
            came_as: Option<String>,
        }
    }
}

record! {
    /// The statement of a recipient that some entries of a share were deleted.
    pub struct EntryDeletion {
        required {
            /// The entries, by their ids in the vault that they were shared from.
            entries: Vec<Uuid>,
            /// The statement.
            filed: FiledDocument,
        }
        optional {}
    }
}

record! {
    /// The early end of a share.
    #[derive(PartialEq, Eq)]
    pub struct Revocation {
        required {
            /// When.
            time: Timestamp,
            /// Why: `revoked`, or that the recipient has `left` or `lost` a key.
            cause: String,
        }
        optional {
            /// Why, in a person's words.
            reason: Option<String>,
        }
    }
}

list_written_once!(SharedItem);
list_of_both!(EntryDeletion, FiledDocument);

impl SharedItem {
    /// Whether it is an own login in the place of a secret.
    #[must_use]
    pub fn is_login(&self) -> bool {
        self.fields == [LOGIN]
    }
}

impl FiledDocument {
    /// A signed document, in its one spelling, that came as a file of this text.
    #[must_use]
    pub fn signed(time: Timestamp, document: &str, file: &str) -> Self {
        let mut filed = Self::with(time, document.to_owned());
        let is_usual = file.strip_suffix('\n') == Some(document);
        filed.came_as = (!is_usual).then(|| file.to_owned());
        filed
    }

    /// How it came, for people.
    #[must_use]
    pub fn came(&self) -> String {
        let lost = self.lost_since.map_or(
            "",
            |_| ", after the loss of a device: whoever has that may have written it",
        );
        match &self.mailed_from {
            Some(from) => format!("by mail from {from}{lost}"),
            None => "signed".to_owned(),
        }
    }
}

words! {
    /// What became of a share.
    pub enum ShareState {
        /// Its file was not written, as far as is known.
        Unsent = "unsent",
        /// Its file was written.
        Sent = "sent",
        /// The recipient has signed for it.
        Received = "received",
        /// Its time is over.
        Expired = "expired",
        /// The consent that allowed it ended while it was live.
        Withdrawn = "withdrawn",
        /// It was revoked.
        Revoked = "revoked",
        /// Another was sent in its place.
        Superseded = "superseded",
        /// The recipient has left or lost a key, or was removed from the contacts while it was live.
        Ended = "ended",
        /// The recipient has signed that what came with it was deleted.
        Deleted = "deleted",
        /// The recipient has signed that they do not take it.
        Refused = "refused",
    }
}

impl ShareState {
    /// Whether the recipient may still use what came with it.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Unsent | Self::Sent | Self::Received)
    }

    /// Whether somebody has ended it before its time already.
    #[must_use]
    pub fn is_cut_short(self) -> bool {
        matches!(self, Self::Revoked | Self::Withdrawn | Self::Ended)
    }

    /// Whether an end of this kind was agreed on beforehand, or is the recipient's own doing.
    #[must_use]
    pub fn is_orderly(self) -> bool {
        matches!(
            self,
            Self::Expired | Self::Deleted | Self::Superseded | Self::Refused
        )
    }
}

/// The end of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareEnd {
    /// When.
    pub time: Timestamp,
    /// What it became: none of the states that are live.
    pub state: ShareState,
}

/// What the end of a share follows from, beside the share itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// The consent that allowed it.
    pub allowed: Option<&'a Consent>,
    /// The consent that it goes on under: the same, or its last renewal.
    pub consent: Option<&'a Consent>,
    /// The recipient.
    pub contact: Option<&'a Contact>,
    /// The share that was sent in its place.
    pub successor: Option<&'a Share>,
}

impl Share {
    /// SHA-256 of the manifest, lower-case hex: what the recipient's documents repeat.
    #[must_use]
    pub fn manifest_sha256(&self) -> String {
        sha256_hex(self.manifest.as_bytes())
    }

    /// The statement that what came with it of an entry is deleted.
    #[must_use]
    pub fn deletion_of(&self, entry: Uuid) -> Option<&FiledDocument> {
        let mut parts = self.deletions.iter();
        let part = parts.find(|it| it.entries.contains(&entry));
        self.attestation.value().or(part.map(|it| &it.filed))
    }

    /// All statements of that, the last that was filed first.
    pub fn deletions_of(&self, entry: Uuid) -> impl Iterator<Item = &FiledDocument> {
        let parts = self.deletions.iter().rev();
        let parts = parts.filter(move |it| it.entries.contains(&entry));
        let whole = self.attestation.value().into_iter();
        whole.chain(parts.map(|it| &it.filed))
    }

    /// Whether it holds the entry of an item too, or with `version` that version of its secret or
    /// of a file.
    #[must_use]
    pub fn holds(&self, item: &SharedItem, version: Option<&Uuid>) -> bool {
        let mut items = self.items.iter().filter(|it| it.entry == item.entry);
        items.any(|it| version.is_none_or(|id| it.versions.values().any(|held| held == id)))
    }
}

mod ends;
