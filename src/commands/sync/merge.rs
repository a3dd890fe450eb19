//! `vault merge`: copies of the vault that were changed apart become one.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::taking_in::{check_ways_in, count_of, key_of_outcome, outcome_of, report_json, tell};
use crate::commands::args::other_password::OtherPassword;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::merge::report::MergeReport;
use crate::store::reading::VaultPlace;
use crate::store::session::Session;
use crate::store::taken::OpenCopy;

const EXAMPLES: &str = "\
Examples:
  vault merge --all --dry-run              what would come and go
  vault merge --all                        what lies beside the vault, and what this device wrote
  vault merge /media/usb-stick/vault-12-0123abcd.age
  vault merge old.age --other-password-file then

Nothing is chosen by date: a write that knew another replaces it, and one that did not know it stays
beside it until somebody chooses, see vault conflicts. What was purged or ended on one device stays so.
Copies that --all found beside the vault go to its earlier generations, vault backups shows them.";

/// Options of `merge`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A copy of this vault: a path, or a name as vault backups shows it
    #[arg(value_name = "FILE", required_unless_present = "all")]
    files: Vec<PathBuf>,
    /// Take in what lies beside the vault and what this device wrote last
    #[arg(long)]
    all: bool,
    /// Only show what would come and go
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Go on although something that this device wrote is in no file any more
    #[arg(long, requires = "all")]
    accept_loss: bool,
    /// Let the holder of this key open the vault too: the start of its id, or the key
    #[arg(long, value_name = "ID")]
    accept_recipient: Vec<String>,
    #[command(flatten)]
    other: OtherPassword,
}

/// Merges them.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let store = ctx.store()?;
    let session = ctx.unlock_file(store.read_to_merge()?)?;
    session.check_can_take_in()?;
    let mut found = Vec::new();
    if args.all {
        found = store.copies_beside(session.facts().vault_id)?;
    }
    let named = args.files.iter().map(|file| store.named_copy(file));
    let named = named.collect::<VaultResult<Vec<_>>>()?;
    let mut copies = Vec::new();
    for path in named {
        let copy = open(args, ctx, &store, &session, &path);
        let copy = copy.map_err(|why| why.about(path.display()))?;
        copies.push((path, copy));
    }
    let mut beside = Vec::new();
    for path in found {
        match open(args, ctx, &store, &session, &path) {
            Ok(copy) => {
                beside.push(copies.len());
                copies.push((path, copy));
            }
            // Whoever can put a file there cannot keep others from being taken in by that.
            Err(why) => ctx.warn(&format!("{} is left out: {why}", path.display())),
        }
    }
    if args.all && !is_all_there(&session, &copies) {
        let earlier = store.copies_kept(session.facts().vault_id)?;
        for path in earlier {
            // One that opens with a password of before is left to who knows it.
            if let Ok(copy) = open_by_own_key(&store, &session, &path) {
                copies.push((path, copy));
            }
            if is_all_there(&session, &copies) {
                break;
            }
        }
    }
    let (report, is_written) = take_in(args, ctx, session, &copies)?;
    let mut moved = 0;
    if !args.dry_run {
        for (path, copy) in beside.iter().filter_map(|at| copies.get(*at)) {
            match store.move_aside(path, copy) {
                Ok(is_moved) => moved += usize::from(is_moved),
                Err(why) => ctx.warn(&why.to_string()),
            }
        }
    }
    Ok(answer(ctx, &report, moved, is_written)?)
}

fn open(
    args: &Args,
    ctx: &Context,
    store: &VaultPlace,
    session: &Session,
    path: &Path,
) -> VaultResult<OpenCopy> {
    let copy = session.as_mergeable(store.read_copy(path)?)?;
    ctx.open_copy(session, copy, args.other.given(ctx)?.as_ref())
}

fn open_by_own_key(store: &VaultPlace, session: &Session, path: &Path) -> VaultResult<OpenCopy> {
    session.open_copy(session.as_mergeable(store.read_copy(path)?)?)
}

/// Whether everything that this device has seen is in the vault or in one of the copies.
fn is_all_there(session: &Session, copies: &[(PathBuf, OpenCopy)]) -> bool {
    let vaults = copies.iter().map(|(_, copy)| &copy.vault);
    session.has_all_that_was_seen(vaults)
}

/// What was taken in, or would be, and by which files.
struct TakenReport<'a> {
    report: MergeReport,
    files: Vec<&'a Path>,
}

/// Takes in what is news, and says whether it was written.
fn take_in<'a>(
    args: &Args,
    ctx: &Context,
    mut session: Session,
    copies: &'a [(PathBuf, OpenCopy)],
) -> VaultResult<(TakenReport<'a>, bool)> {
    let before = session.vault().clone();
    let news = copies
        .iter()
        .filter(|(_, copy)| !before.has_all_of(&copy.vault));
    let (files, news): (Vec<&Path>, Vec<&OpenCopy>) =
        news.map(|(path, copy)| (path.as_path(), copy)).unzip();
    check_ways_in(ctx, &args.accept_recipient, &session, &news)?;
    let is_lost = !is_all_there(&session, copies);
    if is_lost && !args.accept_loss {
        return Err(lost(args, &session));
    }
    let done = |report, is_written| Ok((TakenReport { report, files }, is_written));
    if news.is_empty() && !is_lost {
        return done(MergeReport::default(), false);
    }
    if let ([copy], false) = (news.as_slice(), is_lost)
        && session.is_followed_by(copy)
    {
        let report = copy.vault.taken_in_since(&before)?;
        if !args.dry_run {
            let is_other = copy.file.access() != session.access();
            session.go_on_with(copy)?;
            tell_password(ctx, is_other);
        }
        return done(report, !args.dry_run);
    }
    session.take_in(news.iter().copied())?;
    if is_lost {
        session.accept_loss();
    }
    let report = outcome_of(ctx, &session, &before)?;
    if !args.dry_run {
        let key = key_of_outcome(&session, &news)?;
        ctx.change_merged(session, key)?;
        tell_password(ctx, key.is_some());
    }
    done(report, !args.dry_run)
}

fn tell_password(ctx: &Context, is_other: bool) {
    if is_other {
        ctx.warn(
            "the master password was changed on the other device: from now on the vault opens with \
             that one",
        );
    }
}

fn lost(args: &Args, session: &Session) -> Error {
    let error = Error::conflict(
        "something that this device wrote is neither in the vault nor in a copy that was taken in",
    );
    if !args.all {
        return error.hint("vault merge --all looks through what is kept beside the vault");
    }
    let after = if session.vault().consents.is_empty() {
        ""
    } else {
        "; every consent counts as withdrawn then, since its end may be lost"
    };
    error.hint(format!(
        "take in the file that has it: vault merge FILE; where it is lost everywhere, this goes on \
         without it: `vault merge --all --accept-loss`{after}"
    ))
}

/// Answers what was taken in, or would be; `moved` is how many copies went to the earlier
/// generations.
fn answer(
    ctx: &Context,
    taken: &TakenReport<'_>,
    moved: usize,
    is_written: bool,
) -> VaultResult<()> {
    if ctx.ui.is_json() {
        let files = taken.files.iter().map(|path| path.display().to_string());
        let mut answer = report_json(&taken.report);
        answer.extend([
            ("ok".to_owned(), json!(true)),
            ("written".to_owned(), json!(is_written)),
            ("files".to_owned(), json!(files.collect::<Vec<_>>())),
            ("moved".to_owned(), json!(moved)),
            ("warnings".to_owned(), json!(ctx.warnings())),
        ]);
        return ctx.ui.json(&answer);
    }
    tell(ctx, &taken.report);
    let done = match (is_written, taken.files.len()) {
        (true, 0) => "went on without what is lost".to_owned(),
        (true, count) => format!("took in {}", count_of(count, "copy", "copies")),
        (false, 0) => "nothing to take in: the vault has all of it".to_owned(),
        (false, count) => format!("would take in {}", count_of(count, "copy", "copies")),
    };
    let aside = match moved {
        0 => String::new(),
        moved => format!(
            "; {} went to its earlier generations",
            count_of(moved, "copy", "copies")
        ),
    };
    ctx.ui.note(&format!("{done}{aside}"));
    Ok(())
}
