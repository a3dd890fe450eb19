//! What was shared: the ledger of who got which version of what, under which consent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::consent::Consent;
use super::record::record;
use crate::model::text::words::words;

record! {
    /// Something that was made to be sent to a contact.
    pub struct Share as "share" of "vault shares" {
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
        }
        optional {
            /// What the recipient is bound to.
            obligations: Vec<String>,
            /// When its file was written; none while it was not.
            sent: Cell<Option<Timestamp>>,
            /// The recipient's signed receipt.
            receipt: Cell<Option<FiledDocument>>,
            /// The recipient's signed statement that it was deleted.
            attestation: Cell<Option<FiledDocument>>,
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
            /// SHA-256 of the consent record that went with the share, lower-case hex.
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
        }
        optional {
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
            /// Why: `revoked`.
            cause: String,
        }
        optional {
            /// Why, in a person's words.
            reason: Option<String>,
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
        /// The recipient has signed that what came with it was deleted.
        Deleted = "deleted",
    }
}

impl ShareState {
    /// Whether the recipient may still use what came with it.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Unsent | Self::Sent | Self::Received)
    }
}

/// Why a share ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It was revoked.
    Revoked,
    /// The consent that allowed it ended.
    Withdrawn,
}

/// The end of a share before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyEnd {
    /// When.
    pub time: Timestamp,
    /// Why.
    pub cause: Cause,
}

impl Share {
    /// What became of it by `now`. `consent` is the one that allowed it.
    #[must_use]
    pub fn state(&self, consent: Option<&Consent>, now: Timestamp) -> ShareState {
        if self.attestation.value().is_some() {
            ShareState::Deleted
        } else if self.ended.value().is_some() {
            ShareState::Revoked
        } else if self.overtaken(consent).is_some() {
            ShareState::Withdrawn
        } else if self.expires <= now {
            ShareState::Expired
        } else if self.receipt.value().is_some() {
            ShareState::Received
        } else if self.sent.value().is_some() {
            ShareState::Sent
        } else {
            ShareState::Unsent
        }
    }

    /// When and why it ended, if that was while the recipient still might use it: neither over
    /// by then, nor signed to be deleted.
    #[must_use]
    pub fn early_end(&self, consent: Option<&Consent>) -> Option<EarlyEnd> {
        let revoked = self.ended.value().map(|ended| EarlyEnd {
            time: ended.time,
            cause: Cause::Revoked,
        });
        let withdrawn = self.overtaken(consent).map(|time| EarlyEnd {
            time,
            cause: Cause::Withdrawn,
        });
        let ends = revoked.into_iter().chain(withdrawn);
        let first = ends.min_by_key(|end| end.time)?;
        let deleted = self.attestation.value().map(|filed| filed.time);
        // Within one second, the end came first: what is deleted is not revoked any more.
        let was_live = first.time < self.expires && deleted.is_none_or(|at| first.time <= at);
        was_live.then_some(first)
    }

    /// When its consent ended while it was live; one that had ended elsewhere before overtook it
    /// at once.
    fn overtaken(&self, consent: Option<&Consent>) -> Option<Timestamp> {
        let end = consent?.ended()?.time.max(self.created);
        (end < self.expires).then_some(end)
    }
}
