//! `vault redact`: takes this vault's own secrets out of a stream.

use anyhow::Result;

use super::left_out::tell_not_sought;
use crate::context::Context;
use crate::error::Error;

const EXAMPLES: &str = "\
Examples:
  deploy 2>&1 | vault redact | tee deploy.log
  vault redact < debug.log > for-support.log

[vault: ENTRY] takes the place of every secret that vault scan would find, earlier ones too; all else
passes byte for byte, and at once; the start of what may be one waits for a second at most. Secrets
that are too short or too common are left as they are, and that is said. Exit 0 whether there was one or not: vault scan tells.";

/// Options of `redact`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Passes stdin on to stdout without secrets.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    if ctx.ui.stdin_is_terminal() {
        return Err(Error::usage("nothing is piped in on stdin")
            .hint("pipe it in: vault redact < FILE")
            .into());
    }
    let session = ctx.unlock()?;
    let (gathered, not_sought) = (session.vault()).gather_secrets(session.proof(), |secret| {
        format!("[vault: {}]", secret.path)
    })?;
    tell_not_sought(ctx, &not_sought);
    let matcher = gathered.into_matcher()?;
    Ok(ctx.ui.mask_stdin(&matcher)?)
}
