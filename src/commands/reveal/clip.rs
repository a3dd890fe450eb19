//! `--clip`, wherever a secret could be printed: on the clipboard instead, and cleared later.

use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::clear_clipboard;
use super::clear_clipboard::last_copy;
use crate::context::Context;
use crate::crypto::Recogniser;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;
use crate::store::device::clipboard_mark::UNMARKED;
use crate::ui::clipboard::{Clearer, Clipboard};

/// As long as `pass` leaves it.
const DEFAULT: Duration = Duration::from_secs(45);
/// Nobody waits longer for that.
const LONGEST: Duration = Duration::from_hours(24);

/// Options of what can be copied.
#[derive(clap::Args, Clone, Debug)]
pub struct ClipArgs {
    /// Put it on the clipboard instead of printing it
    #[arg(short, long)]
    clip: bool,
    /// With --clip, when the clipboard is cleared, if it is still there: 2m, never [default: 45s]
    #[arg(long, value_name = "DURATION")]
    clear_after: Option<ClearAfter>,
}

/// How long something stays on the clipboard; none is for good.
#[derive(Clone, Copy, Debug)]
struct ClearAfter(Option<Duration>);

impl FromStr for ClearAfter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        let example = "45s, 2m, 1h, or never; a day at most";
        let span: SignedDuration = text.parse().map_err(|_| example.to_owned())?;
        let after = Duration::try_from(span).map_err(|_| example.to_owned())?;
        // Rounded, it would be no time at all.
        if after.as_secs() == 0 || after > LONGEST {
            return Err(example.to_owned());
        }
        Ok(Self(Some(after)))
    }
}

impl ClipArgs {
    /// The clipboard, if it was asked for: looked for before anything is asked or recorded.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], naming what is missing.
    pub fn find(&self, ctx: &Context) -> Result<Option<Clip>> {
        if !self.clip && self.clear_after.is_none() {
            return Ok(None);
        }
        let clipboard = ctx.ui.clipboard()?;
        let after = match self.clear_after {
            Some(ClearAfter(after)) => after,
            // What cannot be looked at is cleared only if that is asked for: it may hold
            // something else by then.
            None => clipboard.is_readable().then_some(DEFAULT),
        };
        if after.is_some() && !clipboard.is_found_later() {
            return Err(Error::failed(
                "this terminal cannot be found again to empty its clipboard later",
            )
            .hint("leave out --clear-after, or one of stdin, stdout and stderr on the terminal"));
        }
        Ok(Some(Clip { clipboard, after }))
    }
}

/// A clipboard to copy to, and how long the copy stays.
#[derive(Debug)]
pub struct Clip {
    clipboard: Clipboard,
    after: Option<Duration>,
}

impl Clip {
    /// Refuses what is too large, before it is recorded as revealed.
    pub fn check_fits(&self, secret: &Secret) -> Result<()> {
        self.clipboard.check_fits(secret)
    }

    /// Copies, and leaves a process behind that clears the clipboard. What is said of it in JSON
    /// comes back.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it cannot be copied, or could not be cleared.
    pub fn copy(&self, ctx: &Context, secret: &Secret) -> Result<Value> {
        let start = |after| Clearer::start(clear_clipboard::NAME, &self.clipboard, after);
        let clearer = self.after.map(start).transpose()?;
        let recogniser = Recogniser::of(secret.expose().as_bytes())?;
        self.clipboard.copy(secret)?;
        // Without a mark it may be cleared by the process of an earlier copy of the same.
        let mark = last_copy(&self.clipboard).and_then(|last| last.mark().ok());
        let order = [recogniser.as_bytes(), &mark.unwrap_or(UNMARKED)].concat();
        if let Some(Err(why)) = clearer.map(|clearer| clearer.tell(&order)) {
            // Rather than leave it there for good.
            let _ = self.clipboard.clear();
            return Err(why);
        }
        self.say(ctx);
        Ok(json!({
            "clipboard": self.clipboard.name(),
            "clear_after": self.after.map(|after| after.as_secs()),
        }))
    }

    fn say(&self, ctx: &Context) {
        let after = self.after.map(in_words);
        ctx.ui.note(&match (self.clipboard.is_readable(), after) {
            (true, Some(after)) => format!("copied to the clipboard; it is cleared in {after}"),
            (true, None) => "copied to the clipboard; it stays there".to_owned(),
            (false, Some(after)) => format!(
                "sent to your terminal's clipboard, which is emptied in {after}, whatever it holds \
                 by then"
            ),
            (false, None) => "sent to your terminal's clipboard; it cannot be read back from \
                              here, so it is cleared only with --clear-after"
                .to_owned(),
        });
        if self.clipboard.touches_a_disk() {
            ctx.warn(
                "wl-copy keeps a copy in a file in /tmp until the clipboard changes, and /tmp is \
                 no memory filesystem here",
            );
        }
    }
}

fn in_words(after: Duration) -> String {
    match after.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ClearAfter, in_words};

    #[test]
    fn a_time_to_clear_is_more_than_none_and_at_most_a_day() {
        let parse = |text: &str| text.parse::<ClearAfter>().map(|after| after.0);
        assert_eq!(parse("45s"), Ok(Some(Duration::from_secs(45))));
        assert_eq!(parse("PT2M"), Ok(Some(Duration::from_mins(2))));
        assert_eq!(parse("never"), Ok(None));
        for bad in ["", "0", "0s", "45", "-3s", "25h", "10ms", "soon"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_said_in_seconds_or_minutes() {
        let said = [45, 119, 120, 150, 3600].map(|s| in_words(Duration::from_secs(s)));
        assert_eq!(said, ["45 s", "119 s", "2 min", "2 min 30 s", "60 min"]);
    }
}
