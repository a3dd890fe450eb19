//! `vault attest`: deletes what came with a share, and says so in a signed statement.

use std::path::PathBuf;

use anyhow::Result;

use crate::commands::args::document_file::{place, write_reply};
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::exchange::reply::deletion;
use crate::model::records::record_id::{RecordId, number};
use crate::store::backups::generations;

const EXAMPLES: &str = "\
Examples:
  vault attest 2F95-B33D                     asks first; show ENTRY tells the share
  vault attest 3f2a --yes --out deleted.json
  vault attest 3f2a --out again.json        a second time: the same statement";

/// Options of `attest`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The share, by the start of its id
    share: RecordId,
    /// Where to write the statement; - is stdout [default: DELETION-ID.json, in this folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Deletes what came with a share for good, and writes the statement.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let received = vault.received.by_start(&args.share)?;
    let share = received.id;
    let (contact, _) = share_terms::sender(vault, received)?;
    let whom = contact.unwrap_or_else(|| "the sender".into());
    let default = || format!("DELETION-{}.json", number(share)).into();
    let target = place(ctx, &args.out.clone().unwrap_or_else(default))?;
    if let Some(statement) = received.attestation() {
        write_reply(ctx, &target, statement, &whom)?;
        ctx.answer(&[]);
        return Ok(());
    }
    let came = vault.entries_of_share(share)?;
    let paths: Vec<String> = came.into_iter().map(|(path, _)| path).collect();
    if !confirmed(ctx, &paths, args.yes)? {
        ctx.answer_change("kept what came with the share", &[]);
        return Ok(());
    }
    let mut backups = generations::generations(ctx.store()?.path())?;
    let statement = ctx.change(session, |vault, author| {
        // What is replaced now becomes a backup too.
        backups.push(vault.generation);
        backups.sort_unstable();
        backups.dedup();
        deletion::attest(vault, share, &backups, author)
    })?;
    for path in &paths {
        ctx.ui.note(&format!("removed {path} for good"));
    }
    ctx.warn(
        "backups and older copies of the vault file still hold what was removed; the statement \
         names those beside the vault",
    );
    write_reply(ctx, &target, &statement, &whom).map_err(|why| {
        why.prefixed("it is deleted, but ").hint(format!(
            "write the statement once more: vault attest {} --out FILE",
            number(share)
        ))
    })?;
    ctx.answer(&paths);
    Ok(())
}

fn confirmed(ctx: &Context, paths: &[String], yes: bool) -> VaultResult<bool> {
    if paths.is_empty() {
        return Ok(true);
    }
    let question = format!(
        "Delete {} and all versions for good, and sign that?",
        paths.join(", ")
    );
    ctx.ui.confirm_or_yes(yes, "deleting for good", &question)
}
