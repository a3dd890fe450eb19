//! Whether there is work for a client, and what the steps that ended it say.

use jiff::Timestamp;
use uuid::Uuid;

use super::Client;
use crate::model::records::closing::{ClosingDeed, ClosingStep, RECORDS_FOR, ReturnChoice};
use crate::model::text::when::Duration;

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
