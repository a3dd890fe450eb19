//! `vault attachments`: the files that are kept with a credential.

use anyhow::Result;

use crate::commands::args::entry::SoughtEntryArg;
use crate::context::Context;
use crate::ui::{Shown, size};

const EXAMPLES: &str = "\
Examples:
  vault attachments acme/server
  vault get acme/server --file id_ed25519 -o ~/.ssh/acme     gives one of them";

/// Options of `attachments`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entry: SoughtEntryArg,
}

/// Lists the files that are kept with a credential.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.entry.check(ctx, "attachments")?;
    let session = ctx.unlock()?;
    let path = &args.entry.or_pick(ctx, &session, "attachments")?;
    let now = ctx.now();
    let entry = &*session.as_visible(session.vault().entry(path)?, now)?;
    let shown = entry.attached().map(|file| {
        Shown::default()
            .field("name", "NAME", &file.name)
            .told("size", "SIZE", file.size, size(file.size))
            .since("created", "ATTACHED", file.created, now)
            .json("sha256", &file.sha256)
    });
    ctx.ui.list(shown, &format!("{path} has no attachments"))?;
    Ok(())
}
