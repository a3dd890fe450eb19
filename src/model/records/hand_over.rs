//! What was handed over to the client whose it is.

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::record::record;
use super::share::SharedItem;

record! {
    /// Credentials that were handed over to their client.
    pub struct HandOver as "hand-over" of "vault shares" {
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
        }
    }
}
