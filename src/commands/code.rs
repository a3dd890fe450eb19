//! `vault code`: prints the one-time code of the moment.

use anyhow::Result;
use serde_json::json;

use super::reveal::{Handed, Via, hand_out};
use crate::context::Context;
use crate::model::name::EntryPath;

const EXAMPLES: &str = "\
Examples:
  vault code acme/wordpress
  vault code acme/wordpress -n | xclip      the code alone, with no line end
  vault add acme/mfa --totp                 asks for the seed: base32, or an otpauth:// URI

Codes are made as RFC 6238 says, of SHA-1, SHA-256 or SHA-512, with 6 to 8 digits and any period;
or as Steam's. What the seed does not say is SHA-1, 6 digits and 30 seconds.";

/// Options of `code`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress
    entry: EntryPath,
    /// No line end after the code
    #[arg(short, long)]
    no_newline: bool,
}

/// Prints the code of the moment, after recording that it was revealed.
///
/// # Errors
/// When there is no such entry, it has no seed, or no code can be made of it.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let entry = session.vault().entry(&args.entry)?;
    // The time after a question that may have waited for its answer.
    let reading = entry.code(&args.entry, ctx.now())?;
    hand_out(ctx, &session, &[Handed::reading(&reading)], &Via::Asked)?;
    let left = reading.code.as_ref().map_or(0, |code| code.seconds_left);
    if ctx.ui.is_json() {
        ctx.ui
            .json(&json!({"code": reading.expose(), "seconds_left": left}))?;
        return Ok(());
    }
    let unit = if left == 1 { "second" } else { "seconds" };
    let note = || ctx.ui.note(&format!("good for {left} {unit}"));
    if args.no_newline {
        // On a terminal it would follow the code on its line.
        note();
        ctx.ui.reveal(&reading.secret(), false)?;
    } else {
        ctx.ui.reveal(&reading.secret(), true)?;
        note();
    }
    Ok(())
}
