//! `vault trash`: what was removed, how it comes back, how it goes for good.

use anyhow::Result;
use clap::Subcommand;

use super::rm::warn_known;
use crate::commands::args::entries::told;
use crate::context::Context;
use crate::model::entry::trash::TrashName;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::selector::EntryFolder;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault trash list
  vault trash restore acme/wordpress     the newest that had this path
  vault trash restore 3fa9               or the one whose id starts so
  vault trash restore acme/              all that was a client's
  vault trash empty                      for good; asks first";

const LIST_EXAMPLES: &str = "\
Examples:
  vault trash list
  vault trash list --json | jq -r '.[].path'";

const RESTORE_EXAMPLES: &str = "\
Examples:
  vault trash restore acme/wordpress     the newest that had this path
  vault trash restore 3fa9               or the one whose id starts so
  vault trash restore acme/wp acme/old/  several; all that was in a folder, or in a client";

const EMPTY_EXAMPLES: &str = "\
Examples:
  vault trash empty                  all of it; names it and asks first
  vault trash empty acme/wordpress   only what had this path; or an id, a folder, a client
  vault trash empty --client acme --yes";

/// Digits of an id that people are shown.
const SHOWN_DIGITS: usize = 8;

/// Options of `trash`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do with the trash.
#[derive(Debug, Subcommand)]
enum Action {
    /// List what was removed
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List,
    /// Take credentials out of the trash
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore {
        /// The path that it had, the first digits of its id, or CLIENT/ or CLIENT/FOLDER/ for all
        /// that were in there
        #[arg(value_name = "ENTRY", required = true)]
        names: Vec<TrashName>,
    },
    /// Remove for good what is in the trash
    #[command(after_help = EMPTY_EXAMPLES)]
    Empty {
        /// Only this: a path, the first digits of an id, CLIENT/ or CLIENT/FOLDER/ [default: all]
        #[arg(value_name = "ENTRY")]
        names: Vec<TrashName>,
        /// Only what was this client's
        #[arg(long, value_name = "CLIENT", conflicts_with = "names")]
        client: Option<ClientSlug>,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Lists, restores or empties.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(ctx),
        Action::Restore { names } => restore(ctx, names),
        Action::Empty { names, client, yes } => empty(ctx, names, client.as_ref(), *yes),
    }
}

fn list(ctx: &Context) -> Result<()> {
    let trash = ctx.unlock()?.vault().trash()?;
    let now = ctx.now();
    let shown = trash.iter().map(|trashed| {
        let id: String = trashed.id.to_string().chars().take(SHOWN_DIGITS).collect();
        Shown::default()
            .field("path", "ENTRY", &trashed.path)
            .since("removed", "REMOVED", trashed.removed, now)
            .told("id", "ID", trashed.id, id)
    });
    ctx.ui.list(shown, "the trash is empty")?;
    Ok(())
}

fn restore(ctx: &Context, names: &[TrashName]) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let restored = ctx.change(session, |vault, author| vault.restore(names, author))?;
    let paths: Vec<String> = restored.into_iter().map(|it| it.path).collect();
    ctx.answer_change(&format!("restored {}", told(&paths)), &paths);
    Ok(())
}

fn empty(ctx: &Context, names: &[TrashName], client: Option<&ClientSlug>, yes: bool) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let mut trash = session.vault().trashed(names)?;
    if let Some(slug) = client {
        session.vault().known_client(slug)?;
        let folder = EntryFolder::of(slug.clone());
        trash.retain(|trashed| folder.below(&trashed.path).is_some());
    }
    if trash.is_empty() {
        let note = match client {
            Some(slug) => format!("nothing of {slug} is in the trash"),
            None => "the trash is empty".to_owned(),
        };
        ctx.answer_change(&note, &[]);
        return Ok(());
    }
    for gone in &trash {
        if let Some(entry) = session.vault().entries.find(gone.id)?
            && let Ok(path) = gone.path.parse::<EntryPath>()
        {
            let first = format!("vault trash restore {path:#}, then ");
            warn_known(ctx, session.vault(), entry, &path, &first)?;
        }
    }
    let paths: Vec<&str> = trash.iter().map(|trashed| trashed.path.as_str()).collect();
    let question = format!("Remove {} and all their versions for good?", told(&paths));
    if !(ctx.ui).confirm_or_yes(yes, "emptying the trash", &question)? {
        ctx.answer_change("kept what is in the trash", &[]);
        return Ok(());
    }
    // Others may have restored some or removed more meanwhile: only what was asked about goes.
    let ids = trash.iter().map(|trashed| trashed.id).collect();
    let gone = ctx.change(session, |vault, author| vault.empty_trash(&ids, author))?;
    let what = if gone.len() == 1 { "entry" } else { "entries" };
    let ids: Vec<String> = gone.iter().map(ToString::to_string).collect();
    ctx.ui
        .note(&format!("removed {} {what} for good", gone.len()));
    ctx.warn(
        "backups and older copies of the vault file still hold what was removed; who knows their \
         password can read it there",
    );
    ctx.answer(&ids);
    Ok(())
}
