//! What was answered when somebody looked at whether something is still needed.

use jiff::Timestamp;
use uuid::Uuid;

use super::record::record;

record! {
    /// An answer of a review.
    pub struct Reviewed as "review" of "vault review --list" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was answered.
            created: Timestamp,
            /// The record that it is about.
            subject: Uuid,
            /// What kind of record that is: `share`, `contact`…
            kind: String,
            /// What it was called on that day.
            called: String,
            /// The answer: `keep`, `end` or `asked`.
            answer: String,
            /// When it is asked again.
            next: Timestamp,
        }
        optional {
            /// The rules whose findings were answered.
            rules: Vec<String>,
            /// Whose it was on that day, of an entry: that may be gone since.
            client: Option<Uuid>,
            /// Why, in the user's own words.
            note: Option<String>,
        }
    }
}
