//! What others have shared with this vault: under which terms it is held, and that one share is
//! taken only once, even when its entries are gone.

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::{Cell, DeviceId};
use super::record::record;
use super::share::{FiledDocument, ShareState};
use crate::error::Result;

record! {
    /// A share that was received.
    pub struct Received as "received share" of "vault show ENTRY" by received {
        required {
            /// The share's id, as its sender gave it.
            id: Uuid,
            /// The key that it was signed with, in OpenSSH form.
            signer: String,
            /// When it was received.
            received: Timestamp,
            /// What for.
            purpose: String,
            /// SHA-256 of the document's body, lower-case hex.
            payload_sha256: String,
            /// What the share says of itself without a secret, a text in JSON.
            manifest: String,
        }
        optional {
            /// The contact whose signing key it was, where there was one.
            contact: Option<Uuid>,
            /// The vault's generation before it was received: older backups do not hold it.
            generation: Option<u64>,
            /// What whoever holds it is bound to.
            obligations: Vec<String>,
            /// The client's own rules, as the sender passed them on.
            rules: Option<String>,
            /// The record of the client's consent that came with it, JSON.
            consent: Option<String>,
            /// Its end; none where it was handed over, and is this vault's own.
            expires: Option<Timestamp>,
            /// When its sender made it.
            made: Option<Timestamp>,
            /// The entries that it brought or updated, by their ids in this vault.
            entries: Vec<Uuid>,
            /// The same in the same order, by their ids in the sender's vault.
            origins: Vec<Uuid>,
            /// The file that it was read from; none for what came through a pipe.
            file: Option<FileRead>,
            /// The receipt that this vault signed.
            receipt: Option<String>,
            /// When its sender ended it, by a notice that they signed.
            ended: Cell<Option<Timestamp>>,
            /// That notice.
            notice: Cell<Option<FiledDocument>>,
            /// The statement of deletion that this vault signed.
            attestation: Cell<Option<String>>,
        }
    }
}

record! {
    /// A file that a share was read from.
    pub struct FileRead {
        required {
            /// Its path on that device.
            path: String,
            /// SHA-256 of it, lower-case hex.
            sha256: String,
            /// The device on which it was read.
            device: DeviceId,
        }
        optional {}
    }
}

impl Received {
    /// Whether it is lent, and not this vault's own.
    pub fn is_lent(&self) -> bool {
        self.expires.is_some()
    }

    /// What became of it by `now`.
    pub fn state(&self, now: Timestamp) -> ShareState {
        if self.attestation().is_some() {
            ShareState::Deleted
        } else if self.ended.value().is_some() {
            ShareState::Revoked
        } else if self.expires.is_some_and(|end| end <= now) {
            ShareState::Expired
        } else {
            ShareState::Received
        }
    }

    /// The entry here that stands for one of the sender's.
    pub(crate) fn entry_for(&self, origin: Uuid) -> Option<Uuid> {
        let mut pairs = self.origins.iter().zip(&self.entries);
        pairs.find(|(it, _)| **it == origin).map(|(_, id)| *id)
    }

    /// The statement of deletion, once there is one.
    pub fn attestation(&self) -> Option<&str> {
        self.attestation.value().map(String::as_str)
    }
}
