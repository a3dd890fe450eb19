//! What was shared: the ledger of who got which version of what, under which consent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::{Cell, Stamp};
use super::record::record;

record! {
    /// Something that was made to be sent to a contact.
    pub struct Share {
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
            receipt: Cell<Option<Filed>>,
            /// The recipient's signed statement that it was deleted.
            attestation: Cell<Option<Filed>>,
            /// When it was revoked.
            ended: Cell<Option<Ended>>,
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
            /// The version of each secret that went.
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
    pub struct Filed {
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
    pub struct Ended {
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

impl Share {
    /// All stamps in the record, for checking it against what the vault has seen.
    pub(super) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.sent
            .stamps()
            .chain(self.receipt.stamps())
            .chain(self.attestation.stamps())
            .chain(self.ended.stamps())
    }
}
