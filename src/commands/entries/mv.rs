//! `vault mv`: another name for a credential, or another client.

use anyhow::Result;

use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::model::text::name::EntryPath;

const EXAMPLES: &str = "\
Examples:
  vault mv acme/wp acme/wordpress
  vault mv acme/wordpress globex/wordpress     to another client, made if new";

/// Options of `mv`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What it is called, CLIENT/NAME
    #[arg(value_name = "OLD")]
    old: EntryPath,
    /// What it is to be called, CLIENT/NAME
    #[arg(value_name = "NEW")]
    new: EntryPath,
}

/// Gives a credential another name; its history stays with it.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let (old, new) = (&args.old, &args.new);
    let session = ctx.unlock_to_change()?;
    share_terms::check_usable(ctx, &session, session.vault().entry(old)?)?;
    session.vault().check_move(old, new)?;
    let moved = ctx.change(session, |vault, author| vault.rename(old, new, author))?;
    let client = if moved.client_is_new {
        format!(" (new client {})", new.client())
    } else {
        String::new()
    };
    ctx.answer_change(&format!("moved {old} to {new}{client}"), &[new.to_string()]);
    Ok(())
}
