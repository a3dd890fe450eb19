//! That somebody lives with a finding for a while.

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::record::record;

record! {
    /// A finding of the audit that is accepted.
    pub struct Acceptance as "acceptance" of "vault audit --accepted" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was accepted.
            created: Timestamp,
            /// The rule, by its name.
            rule: String,
            /// The record that the finding is about.
            subject: Uuid,
            /// Until when.
            until: Timestamp,
            /// Why, in the user's own words.
            reason: String,
        }
        optional {
            /// When it was taken back.
            ended: Cell<Option<Timestamp>>,
        }
    }
}

impl Acceptance {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.until && self.ended.value().is_none()
    }
}
