//! How the work for a client came to its end: what was done on the way there, step by step.

use jiff::Timestamp;
use uuid::Uuid;

use super::record::record;
use crate::model::text::words::words;

/// How long the records of permission stay once a client is closed, where nothing else is said.
pub const RECORDS_FOR: &str = "P3Y";

words! {
    /// What a step was.
    pub enum ClosingDeed {
        /// The client chose whether the credentials are given back.
        Chosen = "chosen",
        /// It goes on without somebody's word that they have deleted what they had.
        Waived = "waived",
        /// All is removed, and the client is closed.
        Closed = "closed",
        /// There is work for the client again: no earlier step counts any more.
        Reopened = "reopened",
    }
}

words! {
    /// How a client gets the credentials back before they are removed.
    pub enum ReturnChoice {
        /// As a page that opens in a browser.
        Page = "page",
        /// As a file that opens with age.
        Age = "age",
        /// Not at all: they are only removed.
        Nothing = "none",
    }
}

record! {
    /// A step of closing a client.
    pub struct ClosingStep by time {
        required {
            /// The record's id.
            id: Uuid,
            /// When.
            time: Timestamp,
            /// What, see [`ClosingDeed`].
            deed: String,
        }
        optional {
            /// What was chosen, see [`ReturnChoice`].
            handover: Option<String>,
            /// How the client said so, or why it goes on without somebody's word: in the user's own
            /// words.
            said: Option<String>,
            /// Of whom nothing is waited for.
            contact: Option<Uuid>,
            /// The shares of which nothing is waited for.
            shares: Vec<Uuid>,
            /// How long the records of permission stay, in ISO 8601; [`RECORDS_FOR`] where it is not
            /// said.
            records_for: Option<String>,
        }
    }
}

impl ClosingStep {
    /// Whether it was that.
    pub(super) fn is(&self, deed: ClosingDeed) -> bool {
        self.deed == deed.as_str()
    }
}
