//! Holds the clock against the log, for what must not be done by a clock that went backwards.

use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::history::clock::{ACCEPTED, Clock};
use crate::model::records::log::Happening;
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;
use crate::store::session::Session;

/// Whether a clock that went backwards was accepted, which the next change has to record.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptedClock(bool);

impl AcceptedClock {
    /// Records it, where there is something to record.
    pub fn record(self, vault: &mut Vault, author: &Author<'_>) {
        if self.0 {
            vault.record(author, ACCEPTED, vec![], |event| event);
        }
    }
}

/// Where `--accept-clock` says so, records in the journal that a clock that went backwards is the
/// one that counts: what is judged afterwards goes by it.
///
/// # Errors
/// When it cannot be recorded.
pub fn accept(ctx: &Context, session: &Session) -> Result<()> {
    if ctx.globals.accept_clock && check(ctx, session)?.0 {
        session.journal(Happening::new(ctx.now(), ACCEPTED, vec![]))?;
    }
    Ok(())
}

/// What to say of something that has ended by the log and not by the clock, which went backwards.
#[must_use]
pub fn explain(ctx: &Context, ended: Timestamp, why: Error) -> Error {
    let now = ctx.now();
    if why.kind() != Kind::Refused || ended <= now {
        return why;
    }
    let message = format!("{why}: the clock says {now}, and this device has seen later times");
    Error::refused(message).hint("set the clock; if it is right now, once: --accept-clock")
}

/// Refuses to go by a clock that went backwards, unless `--accept-clock` says so.
///
/// # Errors
/// [`crate::error::Kind::Refused`], naming both times.
pub fn check(ctx: &Context, session: &Session) -> Result<AcceptedClock> {
    let now = ctx.now();
    let accepted = ctx.globals.accept_clock;
    let floor = session.clock_floor()?;
    let events = session.all_events(|missing| ctx.warn(missing))?;
    match Clock::judge(now, session.device(), floor, &events) {
        Clock::Backwards(last) if accepted => {
            ctx.warn(&format!(
                "the clock says {now}, and this device has seen {last}; going by the clock"
            ));
            return Ok(AcceptedClock(true));
        }
        Clock::Backwards(last) => {
            return Err(Error::refused(format!(
                "the clock went backwards: it says {now}, and this device has seen {last}; a \
                 consent that ended could hold again"
            ))
            .hint("set the clock; if it is right now, once: --accept-clock"));
        }
        Clock::OthersAhead(last) => ctx.warn(&format!(
            "the clock says {now}, and another device has seen {last}: one of them is wrong"
        )),
        Clock::Good => {}
    }
    if accepted {
        ctx.ui
            .note("--accept-clock was not needed: the clock did not go backwards.");
    }
    Ok(AcceptedClock(false))
}
