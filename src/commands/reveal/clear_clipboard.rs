//! `vault clear-clipboard`: what `--clip` leaves behind. It is told on stdin how to recognise the
//! secret, not the secret, waits, clears the clipboard if that still holds it, and ends.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::context::{Context, runtime_folder};
use crate::crypto::{RECOGNISER_BYTES, Recogniser};
use crate::error::Error;
use crate::store::device::clipboard_mark::{LastCopy, MARK_BYTES};
use crate::ui::clipboard::{Clipboard, leave_the_terminal};

/// The command's name.
pub const NAME: &str = "clear-clipboard";

/// Options of `clear-clipboard`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How many seconds to wait
    #[arg(long, value_name = "SECONDS")]
    after: u64,
    /// Which clipboard
    clipboard: String,
}

/// Waits, and clears the clipboard if nobody has copied anything else.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    leave_the_terminal();
    // The sign that no signal of the terminal's comes any more.
    ctx.ui.bytes(b"\n")?;
    ctx.ui.flush()?;
    let order = ctx.ui.stdin_bytes(RECOGNISER_BYTES + MARK_BYTES)?;
    let (recogniser, mark) = order
        .split_at_checked(RECOGNISER_BYTES)
        .filter(|(_, mark)| mark.len() == MARK_BYTES)
        .ok_or_else(|| Error::usage("this is started by --clip and by nothing else"))?;
    let recogniser = Recogniser::from_bytes(recogniser)?;
    let clipboard = Clipboard::named(&args.clipboard)
        .ok_or_else(|| Error::usage(format!("there is no clipboard {}", args.clipboard)))?;
    std::thread::sleep(Duration::from_secs(args.after));
    let last = last_copy(&clipboard);
    if last.as_ref().is_some_and(|last| !last.is(mark)) {
        return Ok(());
    }
    if !clipboard.is_readable() || recogniser.recognises(&clipboard.read()?) {
        clipboard.clear()?;
    }
    if let Some(last) = last {
        last.forget();
    }
    Ok(())
}

/// Where the last copy to this clipboard is marked, if this system has a place for it.
pub(crate) fn last_copy(clipboard: &Clipboard) -> Option<LastCopy> {
    let folder = runtime_folder().or_else(dirs::cache_dir)?;
    // Two displays are two clipboards.
    let display = ["WAYLAND_DISPLAY", "DISPLAY"]
        .map(|name| std::env::var(name).unwrap_or_default())
        .join(" ");
    let name = format!("{} {display}", clipboard.name());
    Some(LastCopy::new(&Path::new(&folder).join("vault"), &name))
}
