//! `vault code`: prints the current one-time code.

use anyhow::Result;
use serde_json::json;

use super::clip::ClipArgs;
use super::hand_out::hand_out;
use crate::commands::args::entry::SoughtEntryArg;
use crate::context::Context;
use crate::store::gate::{RevealedItem, Via};

const EXAMPLES: &str = "\
Examples:
  vault code acme/wordpress
  vault code acme/wordpress --clip          on the clipboard, cleared after 45 s
  vault add acme/mfa --totp                 asks for the seed: base32, or an otpauth:// URI

Codes are made as RFC 6238 says, of SHA-1, SHA-256 or SHA-512, with 6 to 8 digits and any period;
or as Steam's. What the seed does not say is SHA-1, 6 digits and 30 seconds.";

/// Options of `code`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entry: SoughtEntryArg,
    /// No line end after the code
    #[arg(short, long, conflicts_with_all = ["clip", "clear_after"])]
    no_newline: bool,
    #[command(flatten)]
    clip: ClipArgs,
}

/// Prints or copies the current code, after recording that it was revealed.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.entry.check(ctx, "code")?;
    let clip = args.clip.find(ctx)?;
    let session = ctx.unlock()?;
    let path = &args.entry.or_pick(ctx, &session, "code")?;
    let entry = session.vault().entry(path)?;
    // The time after a question that may have waited for its answer.
    let reading = entry.code(path, ctx.now())?;
    hand_out(
        ctx,
        &session,
        &[RevealedItem::reading(&reading)],
        &Via::Code,
    )?;
    let left = reading.code.as_ref().map_or(0, |code| code.seconds_left);
    let copied = (clip.map(|clip| clip.copy(ctx, &reading.secret()))).transpose()?;
    if ctx.ui.is_json() {
        let answer = match &copied {
            Some(clip) => json!({"code": null, "seconds_left": left, "clip": clip}),
            None => json!({"code": reading.expose(), "seconds_left": left}),
        };
        ctx.ui.json(&answer)?;
        return Ok(());
    }
    let unit = if left == 1 { "second" } else { "seconds" };
    let note = || ctx.ui.note(&format!("good for {left} {unit}"));
    if copied.is_some() {
        note();
    } else if args.no_newline {
        // On a terminal it would follow the code on its line.
        note();
        ctx.ui.reveal(&reading.secret(), false)?;
    } else {
        ctx.ui.reveal(&reading.secret(), true)?;
        note();
    }
    Ok(())
}
