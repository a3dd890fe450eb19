//! What was handed over to the client it belongs to.

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::record::record;
use super::share::{FiledDocument, SharedItem};

record! {
    /// Credentials that were handed over to their client.
    pub struct HandOver as "hand-over" of "vault shares" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// The client.
            client: Uuid,
            /// What was in it.
            items: Vec<SharedItem>,
            /// The keys that it was encrypted to, or `passphrase`.
            key: String,
            /// When it was made.
            created: Timestamp,
        }
        optional {
            /// Who it was for, by name.
            person: Option<String>,
            /// When its file was written; none while it was not.
            sent: Cell<Option<Timestamp>>,
            /// SHA-256 of the document's body, lower-case hex; none of those that were made before
            /// there was a document in them.
            payload_sha256: Option<String>,
            /// What it says of itself without a secret, a text in JSON.
            manifest: Option<String>,
            /// The client's signed receipt.
            receipt: Cell<Option<FiledDocument>>,
        }
    }
}
