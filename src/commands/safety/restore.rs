//! `vault restore`: back to an earlier state, shown first; or a copy in the place of a vault that
//! is damaged or gone.

mod in_place;
mod plan;

use std::path::{Path, PathBuf};

use anyhow::Result;
use plan::CopySource;

use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::named_copy::named_copy;
use crate::commands::args::other_password::OtherPassword;
use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::history::restore::RestorePlan;
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;
use crate::store::broken::Broken;
use crate::store::reading::{Remembered, VaultPlace};
use crate::store::session::Session;
use crate::ui::Unasked;

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
beside it. Where an old copy stands in its place, vault restore last.age puts the newest file back that
this device wrote, and going back further starts from that one; the old copy is kept as a backup.";

/// Options of `restore`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A generation or a name as vault backups shows it, or the path of a copy
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    dry_run: DryRunArg,
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
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let store = ctx.store()?;
    let path = named_copy(&store, &args.file)?;
    let copy = store.read_copy(&path)?;
    if let Some(broken) = store.broken()? {
        return Ok(in_place::run(args, ctx, &store, &path, copy, broken)?);
    }
    let (session, old) = match base(ctx, store, &copy)? {
        Base::Vault(session) => (session, None),
        Base::Newest(session, old) => (session, Some(old)),
        Base::None(store, broken) => {
            return Ok(in_place::run(args, ctx, &store, &path, copy, broken)?);
        }
    };
    let locked = session.as_earlier(copy)?;
    let source = CopySource::new(&path, locked.facts().generation);
    let then = ctx.open_copy(
        &session,
        locked,
        &path.display().to_string(),
        args.other.given(ctx)?.as_ref(),
    )?;
    let then = then.vault;
    let plan = session.vault().plan_to_go_back(&then, ctx.now())?;
    if ctx.rehearses() {
        return Ok(plan::answer(ctx, &source, &plan, None)?);
    }
    go_back(args, ctx, (session, old), &then, &source, &plan)?;
    Ok(())
}

/// What one goes back from.
enum Base {
    /// The vault.
    Vault(Session),
    /// The newest file there is, since an old copy stands in the vault's place.
    Newest(Session, Broken),
    /// Nothing: the copy takes the place of what stands there.
    None(Box<VaultPlace>, Broken),
}

fn base(ctx: &Context, store: VaultPlace, copy: &Remembered) -> VaultResult<Base> {
    let store = match store.old_copy()? {
        None => store,
        Some(old) => match newest(&store, old.seen)? {
            Some(newest) => return base_of(ctx, store, &newest, copy, old.file),
            // It is the newest there is.
            None => store.accepting_generation(old.generation),
        },
    };
    Ok(match unlock(ctx, &store)? {
        Ok(session) => Base::Vault(session),
        Err(broken) => Base::None(Box::new(store), broken),
    })
}

/// The file at `newest`, unless that is the copy itself.
fn base_of(
    ctx: &Context,
    store: VaultPlace,
    newest: &Path,
    copy: &Remembered,
    old: Broken,
) -> VaultResult<Base> {
    let read = store.read_copy(newest)?;
    if read.sealed.bytes() == copy.sealed.bytes() {
        return Ok(Base::None(Box::new(store), old));
    }
    let session = ctx.unlock_file(store.judge(read)?)?;
    session.check_changeable()?;
    ctx.ui.note(&in_place::broken_note(&old));
    ctx.ui.note(&format!(
        "It goes on from the newest file there is, generation {}: {}",
        session.facts().generation,
        newest.display()
    ));
    Ok(Base::Newest(session, old))
}

/// The newest file of the vault, at least of the generation that this device has seen.
fn newest(store: &VaultPlace, seen: u64) -> VaultResult<Option<PathBuf>> {
    let files = store.backup_catalogue()?.files.into_iter();
    let mut newest = files.filter(|file| file.is_good() && file.generation >= Some(seen));
    Ok(newest.next().map(|file| file.path))
}

/// The vault, or what is broken in it that shows only when it is opened.
fn unlock(ctx: &Context, store: &VaultPlace) -> VaultResult<Result<Session, Broken>> {
    let mut session = match ctx.unlock_file(store.read()?) {
        Ok(session) => session,
        Err(why) if why.kind() == Kind::Integrity => {
            return store.broken_because(why).map(Err);
        }
        Err(why) => return Err(why),
    };
    session.pin_what_was_seen();
    if !ctx.rehearses() {
        session.check_changeable()?;
    }
    Ok(Ok(session))
}

/// `session` is the vault; the old copy is what stands in its place, if one does.
fn go_back(
    args: &Args,
    ctx: &Context,
    (session, old_copy): (Session, Option<Broken>),
    then: &Vault,
    source: &CopySource,
    plan: &RestorePlan,
) -> VaultResult<()> {
    plan::tell_purged(ctx, source, plan);
    // An older file that was accepted becomes the newest by this, even if nothing else changes.
    if plan.is_empty() && !session.is_accepted_older() && old_copy.is_none() {
        let note = format!("nothing to restore: the vault is as it was in {source}");
        ctx.answer_change(&note, &[]);
        return Ok(());
    }
    plan::tell(ctx, source, plan);
    if !args.yes && !ctx.ui.confirm("Go back to that?", UNASKED)? {
        ctx.answer_change("kept the vault as it is", &[]);
        return Ok(());
    }
    let action = |vault: &mut Vault, author: &Author<'_>| {
        let done = vault.go_back_to(then, author)?;
        if done == *plan {
            // A copy from elsewhere may know of an end that this vault does not.
            let known = vault.seen.clone();
            let mut carried = vault.carry_endings_from(then, author)?;
            carried.extend(vault.carry_stricter_from(then, &known, author)?);
            if !carried.is_empty() {
                vault.record_carried(&carried, author);
            }
            return Ok(done);
        }
        Err(Error::conflict(
            "the vault was changed meanwhile, and more would come or go than was shown",
        )
        .hint("nothing was restored; try again"))
    };
    let done = match old_copy {
        Some(old) => ctx.change_instead_of(session, old, action)?,
        None => ctx.change(session, action)?,
    };
    plan::tell_sites(ctx, &done);
    let note =
        format!("restored what there was in {source}; the file from before is kept: vault backups");
    ctx.answer_change(&note, &plan::names(&done));
    Ok(())
}
