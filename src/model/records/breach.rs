//! What was found in somebody's list of leaked secrets.

use jiff::Timestamp;
use uuid::Uuid;

use super::record::record;

record! {
    /// A hit: versions of secrets that stand in a list.
    pub struct Breach as "breach" of "vault audit" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was found.
            created: Timestamp,
            /// Which kind of list: `pwned`.
            kind: String,
            /// The list's name.
            source: String,
            /// The versions that stand in it.
            versions: Vec<Uuid>,
        }
        optional {}
    }
}
