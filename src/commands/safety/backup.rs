//! `vault backup`: a copy of the vault on another disk, read again after it was written.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::commands::args::dry_run::DryRunArg;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::store::backups::copies::{Copied, CopyPlan};
use crate::store::disk::file::check_is_place;
use crate::store::reading::LockedVault;
use crate::ui::size;

const EXAMPLES: &str = "\
Examples:
  vault backup --to /media/usb-stick
  vault backup                          again where the last copy went
  vault backup --to ~/nas/vault --keep 12

The copy is the vault file as it is, encrypted and signed; no password is needed. It is called
NAME-GENERATION-HASH.age and is read again before it counts. Copies open with the password that the
vault had when they were made. Besides, each change keeps the generation before it beside the vault,
the 10 newest, then one a day for 30 days.";

/// Options of `backup`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder to put the copy in [default: where the last one went]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Keep so many copies of this vault there, and remove older ones
    #[arg(long, value_name = "N")]
    keep: Option<NonZeroUsize>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Copies the vault.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let store = ctx.store()?;
    let locked = store.read()?;
    let to = match &args.to {
        Some(to) => {
            check_is_place(to)?;
            to.clone()
        }
        None => last_folder(&locked)?,
    };
    let keep = args.keep.map(NonZeroUsize::get);
    let as_named = |why: Error| match &args.to {
        Some(to) if !to.is_dir() => why.into_usage(),
        _ => why,
    };
    if ctx.rehearses() {
        let plan = locked.plan_copy(&to, keep).map_err(as_named)?;
        return Ok(foretell(ctx, locked.facts().generation, &plan)?);
    }
    let copied = locked.copy_to(&to, keep, ctx.now()).map_err(as_named)?;
    if store.path().parent() == Some(copied.record.folder()) {
        ctx.warn("the copy is beside the vault: what takes the one takes the other");
    }
    answer(ctx, &copied);
    Ok(())
}

/// Says what a copy would do: what would go is listed.
fn foretell(ctx: &Context, generation: u64, plan: &CopyPlan) -> VaultResult<()> {
    let older = plan.older.iter().map(|file| file.display().to_string());
    ctx.list_rehearsed(&older.collect::<Vec<_>>())?;
    let file = plan.file.display().to_string();
    let note = if plan.is_there {
        already_there(generation, &file)
    } else {
        format!("copied generation {generation} to {file}")
    };
    ctx.note_done(&note);
    tell_removed(ctx, plan.older.len());
    ctx.answer(&[file]);
    Ok(())
}

fn tell_removed(ctx: &Context, older: usize) {
    match older {
        0 => {}
        1 => ctx.note_done("removed 1 older copy"),
        many => ctx.note_done(&format!("removed {many} older copies")),
    }
}

fn already_there(generation: u64, file: &str) -> String {
    format!("generation {generation} is there already, and whole: {file}")
}

fn last_folder(locked: &LockedVault) -> VaultResult<PathBuf> {
    let copies = locked.copies()?;
    let last = copies.first().map(|copy| copy.folder().to_path_buf());
    last.ok_or_else(|| {
        Error::usage("no copy was made before, so a folder has to be named")
            .hint("vault backup --to DIR, on another disk; vault backups lists what is kept here")
    })
}

fn answer(ctx: &Context, copied: &Copied) {
    for warning in &copied.warnings {
        ctx.warn(warning);
    }
    let file = copied.record.file.display().to_string();
    let generation = copied.record.generation;
    let bytes = file_size(&copied.record.file);
    let note = if copied.was_there {
        already_there(generation, &file)
    } else {
        format!(
            "copied generation {generation} to {file} ({bytes}), and read it again: it is whole"
        )
    };
    ctx.note_done(&note);
    tell_removed(ctx, copied.removed.len());
    ctx.answer(&[file]);
}

fn file_size(path: &Path) -> String {
    size(path.metadata().map_or(0, |found| found.len()))
}
