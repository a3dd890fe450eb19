//! Holds the clock against the log, for what must not be done by a clock that went backwards.

use crate::context::Context;
use crate::error::Result;
use crate::store::clock::AcceptedClock;
use crate::store::session::Session;

/// As [`Session::accept_clock`], telling the user.
pub fn accept(ctx: &Context, session: &Session) -> Result<()> {
    let clock = session.accept_clock(ctx.clock(), &|text| ctx.warn(text))?;
    note_if_needless(ctx, clock);
    Ok(())
}

/// As [`Session::check_clock`], telling the user.
///
/// # Errors
/// [`crate::error::Kind::Refused`], naming both times.
pub fn check(ctx: &Context, session: &Session) -> Result<AcceptedClock> {
    let now = ctx.clock();
    let clock = session.check_clock(now, &|text| ctx.warn(text))?;
    note_if_needless(ctx, now.accepted.then_some(clock));
    Ok(clock)
}

/// Says that `--accept-clock` was given for nothing.
pub fn note_if_needless(ctx: &Context, clock: Option<AcceptedClock>) {
    if clock.is_some_and(|clock| !clock.0) {
        ctx.ui
            .note("--accept-clock was not needed: the clock did not go backwards.");
    }
}
