//! Holds the clock against the log, for what must not be done by a clock that went backwards.

use jiff::Timestamp;

use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::model::history::clock::{ACCEPTED, Clock};
use crate::model::records::event::EventDraft;
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;

/// A command's time.
#[derive(Clone, Copy)]
pub struct Now {
    /// What the system's clock says.
    pub at: Timestamp,
    /// Whether that counts although it went backwards.
    pub accepted: bool,
}

/// Whether a clock that went backwards was accepted, which the next change has to record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AcceptedClock(pub bool);

impl AcceptedClock {
    /// Records it, where there is something to record.
    pub(crate) fn record(self, vault: &mut Vault, author: &Author<'_>) {
        if self.0 {
            vault.record(author, ACCEPTED, vec![], |event| event);
        }
    }
}

/// What to say of something that has ended by the log and not by the clock, which went backwards.
pub(crate) fn explain(now: Timestamp, ended: Timestamp, why: Error) -> Error {
    if why.kind() != Kind::Refused || ended <= now {
        return why;
    }
    let message = format!("{why}: the clock says {now}, and this device has seen later times");
    Error::refused(message).hint("set the clock; if it is right now, once: --accept-clock")
}

impl Session {
    /// Refuses to go by a clock that went backwards, unless that is accepted.
    ///
    /// # Errors
    /// [`Kind::Refused`], naming both times.
    pub(crate) fn check_clock(&self, now: Now, warn: &dyn Fn(&str)) -> Result<AcceptedClock> {
        let events = self.all_events(warn)?;
        match Clock::judge(now.at, self.device(), self.clock_floor()?, &events) {
            Clock::Backwards(last) if now.accepted => {
                warn(&format!(
                    "the clock says {}, and this device has seen {last}; going by the clock",
                    now.at
                ));
                return Ok(AcceptedClock(true));
            }
            Clock::Backwards(last) => {
                return Err(Error::refused(format!(
                    "the clock went backwards: it says {}, and this device has seen {last}; a \
                     consent that ended could hold again",
                    now.at
                ))
                .hint("set the clock; if it is right now, once: --accept-clock"));
            }
            Clock::OthersAhead(last) => warn(&format!(
                "the clock says {}, and another device has seen {last}: one of them is wrong",
                now.at
            )),
            Clock::Good => {}
        }
        Ok(AcceptedClock(false))
    }

    /// Where `now` is accepted, records in the journal that a clock that went backwards is the one
    /// that counts: what is judged afterwards goes by it. None where it is not.
    pub(crate) fn accept_clock(
        &self,
        now: Now,
        warn: &dyn Fn(&str),
    ) -> Result<Option<AcceptedClock>> {
        if !now.accepted {
            return Ok(None);
        }
        let clock = self.check_clock(now, warn)?;
        if clock.0 {
            self.journal(EventDraft::new(now.at, ACCEPTED, vec![]))?;
        }
        Ok(Some(clock))
    }
}
