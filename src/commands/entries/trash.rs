//! `vault trash`: what was removed, how it comes back, how it goes for good.

use std::collections::HashSet;

use anyhow::Result;
use clap::Subcommand;
use uuid::Uuid;

use super::rm::warn_known;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::entries::told;
use crate::context::Context;
use crate::model::entry::trash::TrashName;
use crate::model::records::record_id::short;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::selector::{EntryFolder, ListedFolder};
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
  vault trash list acme          what was a client's, or in a folder: acme/shop/
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
  vault trash empty -n               only says what would go
  vault trash empty --client acme --yes";

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
    List {
        /// Only what was this client's, or in a folder: CLIENT or CLIENT/FOLDER/
        #[arg(value_name = "CLIENT")]
        folder: Option<ListedFolder>,
        /// Only what was this client's
        #[arg(long, value_name = "CLIENT", conflicts_with = "folder")]
        client: Option<ClientSlug>,
    },
    /// Take credentials out of the trash
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore {
        /// The path that it had, the first digits of its id, or CLIENT/ or CLIENT/FOLDER/ for all
        /// that were in there
        #[arg(value_name = "ENTRY", required = true)]
        names: Vec<TrashName>,
        #[command(flatten)]
        dry_run: DryRunArg,
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
        #[command(flatten)]
        dry_run: DryRunArg,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Lists, restores or empties.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match &args.action {
        None => list(ctx, None),
        Some(Action::List { folder, client }) => {
            let of_client = client.clone().map(EntryFolder::of);
            let folder = folder.as_ref().map(ListedFolder::folder);
            list(ctx, folder.or(of_client.as_ref()))
        }
        Some(Action::Restore { names, dry_run }) => {
            dry_run.begin(ctx);
            restore(ctx, names)
        }
        Some(Action::Empty {
            names,
            client,
            dry_run,
            yes,
        }) => {
            dry_run.begin(ctx);
            empty(ctx, names, client.as_ref(), *yes)
        }
    }
}

fn list(ctx: &Context, folder: Option<&EntryFolder>) -> Result<()> {
    let session = ctx.unlock()?;
    let mut trash = session.vault().trash()?;
    let now = ctx.now();
    let is_all = trash.is_empty();
    if let Some(folder) = folder {
        session.vault().known_client(folder.client())?;
        trash.retain(|it| folder.below(&it.path).is_some() || folder.is_called(&it.path));
    }
    let none = match folder {
        Some(folder) if !is_all => format!("nothing of {folder} is in the trash"),
        _ => "the trash is empty".to_owned(),
    };
    let shown = trash.iter().map(|trashed| {
        let id = short(trashed.id);
        Shown::default()
            .field("path", "ENTRY", &trashed.path)
            .since("removed", "REMOVED", trashed.removed, now)
            .told("id", "ID", trashed.id, id)
    });
    ctx.ui.list(shown, &none)?;
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
    let ids: HashSet<Uuid> = trash.iter().map(|trashed| trashed.id).collect();
    session.vault().check_no_live_share(&ids, ctx.now())?;
    let mut gone = Vec::new();
    for trashed in &trash {
        if let Some(entry) = session.vault().entries.find(trashed.id)?
            && let Ok(path) = trashed.path.parse::<EntryPath>()
        {
            gone.push((path, entry));
        }
    }
    warn_known(ctx, session.vault(), &gone, |path| {
        format!("vault trash restore {path:#}, then ")
    })?;
    let paths: Vec<&str> = trash.iter().map(|trashed| trashed.path.as_str()).collect();
    let question = format!("Remove {} and all their versions for good?", told(&paths));
    if !ctx.confirm_or_yes(yes, "emptying the trash", &question)? {
        ctx.answer_change("kept what is in the trash", &[]);
        return Ok(());
    }
    // Others may have restored some or removed more meanwhile: only what was asked about goes.
    let gone = ctx.change(session, |vault, author| {
        vault.check_no_live_share(&ids, author.now)?;
        vault.empty_trash(&ids, author)
    })?;
    let ids: Vec<String> = gone.iter().map(ToString::to_string).collect();
    trash.retain(|trashed| gone.contains(&trashed.id));
    let paths: Vec<&str> = trash.iter().map(|trashed| trashed.path.as_str()).collect();
    ctx.note_done(&format!("removed {} for good", told(&paths)));
    ctx.warn(
        "backups and older copies of the vault file still hold what was removed; who knows their \
         password can read it there",
    );
    ctx.answer(&ids);
    Ok(())
}
