//! `vault restore`: back to an earlier state, shown first; or a copy in the place of a vault that is
//! damaged or gone.

mod in_place;
mod plan;

use std::path::PathBuf;

use anyhow::Result;

use super::other_password::OtherPassword;
use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::restore::Plan;
use crate::model::vault::Vault;
use crate::store::in_place::Broken;
use crate::store::session::{Session, Store};
use crate::ui::Unasked;
use plan::Source;

const EXAMPLES: &str = "\
Examples:
  vault backups                     what there is to go back to
  vault restore 12 --dry-run        what would come and go
  vault restore 12
  vault restore /media/usb-stick/vault-12-0123abcd.age

Going back is a change like any other: it makes a new generation, what is newer goes to the trash,
every secret that was replaced since stays in its entry's history, and the file from before is kept
among the backups. What was purged stays gone. The log, consents, shares, contacts, keys and ways in
stay as they are now.

Where the vault is damaged or gone, the backup takes its place as it is, and the damaged file is kept
beside it.";

/// Options of `restore`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A generation or a name as vault backups shows it, or the path of a copy
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only show what would come and go
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    other: OtherPassword,
}

const UNASKED: Unasked<'_> = Unasked {
    needed: "restoring needs a confirmation",
    instead: "use --yes, or --dry-run to see first what it does",
};

/// Goes back to a backup.
///
/// # Errors
/// When there is no such backup, it is not of this vault or not whole, it does not open, or nobody
/// can be asked; nothing was changed then.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let store = ctx.store()?;
    let path = store.named_copy(&args.file)?;
    let copy = store.read_copy(&path)?;
    if let Some(broken) = store.broken()? {
        return Ok(in_place::run(args, ctx, &store, &path, copy, broken)?);
    }
    let session = match unlock(args, ctx, &store)? {
        Ok(session) => session,
        Err(broken) => return Ok(in_place::run(args, ctx, &store, &path, copy, broken)?),
    };
    let locked = session.as_earlier(copy)?;
    let source = Source::new(&path, locked.facts().generation);
    let then = ctx.open_copy(&session, locked, args.other.given(ctx)?.as_ref())?;
    let plan = session.vault().plan_to_go_back(&then, ctx.now())?;
    if args.dry_run {
        return Ok(plan::answer(ctx, &source, &plan, None)?);
    }
    go_back(args, ctx, session, &then, &source, &plan)?;
    Ok(())
}

/// The vault, or what is broken in it that shows only when it is opened.
fn unlock(args: &Args, ctx: &Context, store: &Store) -> VaultResult<Result<Session, Broken>> {
    let mut session = match ctx.unlock_file(store.read()?) {
        Ok(session) => session,
        Err(why) if why.kind() == Kind::Integrity => {
            return store.broken_because(why).map(Err);
        }
        Err(why) => return Err(why),
    };
    session.pin_what_was_seen();
    if !args.dry_run {
        session.check_changeable()?;
    }
    Ok(Ok(session))
}

fn go_back(
    args: &Args,
    ctx: &Context,
    session: Session,
    then: &Vault,
    source: &Source,
    plan: &Plan,
) -> VaultResult<()> {
    plan::tell_purged(ctx, source, plan);
    // An older file that was accepted becomes the newest by this, even if nothing else changes.
    if plan.is_empty() && !session.is_accepted_older() {
        let note = format!("nothing to restore: the vault is as it was in {source}");
        ctx.answer_change(&note, &[]);
        return Ok(());
    }
    plan::tell(ctx, source, plan);
    if !args.yes && !ctx.ui.confirm("Go back to that?", UNASKED)? {
        ctx.answer_change("kept the vault as it is", &[]);
        return Ok(());
    }
    let done = ctx.change(session, |vault, author| {
        let done = vault.go_back_to(then, author)?;
        if done == *plan {
            return Ok(done);
        }
        Err(Error::conflict(
            "the vault was changed meanwhile, and more would come or go than was shown",
        )
        .hint("nothing was restored; try again"))
    })?;
    plan::tell_sites(ctx, &done);
    let note =
        format!("restored what there was in {source}; the file from before is kept: vault backups");
    ctx.answer_change(&note, &plan::names(&done));
    Ok(())
}
