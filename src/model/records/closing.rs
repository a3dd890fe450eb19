//! How the work for a client came to its end: what was done on the way there, step by step.

use jiff::Timestamp;
use uuid::Uuid;

use super::client::Client;
use super::record::record;
use crate::model::text::when::Duration;
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
    fn is(&self, deed: ClosingDeed) -> bool {
        self.deed == deed.as_str()
    }
}

impl Client {
    /// The steps since there was work for them for the last time, the first first.
    pub fn closing_steps(&self) -> impl DoubleEndedIterator<Item = &ClosingStep> {
        let again = self
            .closing
            .iter()
            .rposition(|step| step.is(ClosingDeed::Reopened));
        self.closing.iter().skip(again.map_or(0, |at| at + 1))
    }

    fn last_step(&self, deed: ClosingDeed) -> Option<&ClosingStep> {
        self.closing_steps().rfind(|step| step.is(deed))
    }

    /// The step by which they were opened again, if it is the last.
    #[must_use]
    pub fn opened_again(&self) -> Option<&ClosingStep> {
        self.closing
            .last()
            .filter(|it| it.is(ClosingDeed::Reopened))
    }

    /// When they were closed, if they are.
    #[must_use]
    pub fn closed(&self) -> Option<Timestamp> {
        self.last_step(ClosingDeed::Closed).map(|step| step.time)
    }

    /// What they chose for their credentials, and how they said so.
    #[must_use]
    pub fn return_chosen(&self) -> Option<(ReturnChoice, Option<&str>)> {
        let step = self.last_step(ClosingDeed::Chosen)?;
        let choice = step.handover.as_deref()?.parse().ok()?;
        Some((choice, step.said.as_deref()))
    }

    /// Why nobody waits for the word that what came with a share is deleted, where nobody does.
    #[must_use]
    pub fn waived(&self, share: Uuid) -> Option<&str> {
        let waived =
            |step: &&ClosingStep| step.is(ClosingDeed::Waived) && step.shares.contains(&share);
        self.closing_steps().rfind(waived)?.said.as_deref()
    }

    /// Until when the records of what they permitted stay, if they are closed: three years, or as
    /// long as was said.
    #[must_use]
    pub fn records_until(&self) -> Option<Timestamp> {
        let closed = self.last_step(ClosingDeed::Closed)?;
        let said = closed.records_for.as_deref().unwrap_or(RECORDS_FOR);
        let stay: Duration = said.parse().or_else(|_| RECORDS_FOR.parse()).ok()?;
        Some(stay.after(closed.time).unwrap_or(Timestamp::MAX))
    }
}
