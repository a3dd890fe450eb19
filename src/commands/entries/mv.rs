//! `vault mv`: another name for a credential, a folder or a client, or another client.

use anyhow::Result;
use serde_json::json;

use crate::commands::args::dry_run::DryRunArg;
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::entry::rename::{Move, Moved};
use crate::model::text::name::ClientSlug;
use crate::model::text::selector::Selector;

const EXAMPLES: &str = "\
Examples:
  vault mv acme/wp acme/wordpress
  vault mv acme/wordpress globex/     to another client, made if new; the permissions stay behind
  vault mv acme/shop/ globex/         a folder, which keeps its name in the client
  vault mv acme/shop/ acme/web/       a folder's other name
  vault mv github.com/ acme/          all of a client; where there is no acme yet, it is renamed, and
                                      its records and permissions stay

All of it moves, or nothing. What is shared by a permission of the client does not go to another one before
that share is over: vault revoke.";

/// Options of `mv`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What it is called: CLIENT/NAME, CLIENT/FOLDER/ or CLIENT/
    #[arg(value_name = "OLD")]
    old: Selector,
    /// What it is to be called, or the folder or client that it goes to
    #[arg(value_name = "NEW")]
    new: Selector,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Gives credentials or a client another name; their histories stay with them.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let (old, new) = (&args.old, &args.new);
    args.dry_run.begin(ctx);
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let plan = vault.plan_move(old, new, ctx.now())?;
    if let Move::Entries(moved) = &plan {
        for it in moved {
            share_terms::check_usable(ctx, &session, vault.entries.by_id(it.id)?)?;
        }
    }
    let moved = ctx.change(session, |vault, author| vault.move_all(old, new, author))?;
    tell(ctx, &moved)?;
    Ok(())
}

/// Gives a client another name; its records and permissions stay.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] for `old`, [`crate::error::Kind::Conflict`] for a name that is
/// taken.
pub(crate) fn rename_client(ctx: &Context, old: &ClientSlug, new: &ClientSlug) -> VaultResult<()> {
    let session = ctx.unlock_to_change()?;
    session.vault().plan_client_rename(old, new)?;
    let renamed = ctx.change(session, |vault, author| {
        vault.rename_client(old, new, author)
    })?;
    tell(ctx, &renamed)
}

/// Answers what was moved, and says what that ends.
fn tell(ctx: &Context, moved: &Moved) -> VaultResult<()> {
    for left in &moved.left {
        ctx.warn(left);
    }
    let pairs = pairs(&moved.done);
    let rows = pairs.iter().map(|(old, new)| format!("{old} -> {new}"));
    ctx.list_rehearsed(&rows.collect::<Vec<_>>())?;
    let (note, changed) = match &moved.done {
        Move::Client { old, new, .. } => {
            let note = format!("renamed client {old} to {new}");
            (note, vec![new.to_string()])
        }
        Move::Entries(all) => {
            let changed: Vec<String> = all.iter().map(|it| it.new.to_string()).collect();
            let note = match all.as_slice() {
                [only] => format!("moved {} to {}", only.old, only.new),
                all => {
                    for it in all.iter().filter(|_| !ctx.rehearses()) {
                        ctx.ui.note(&format!("{} is now {}", it.old, it.new));
                    }
                    format!("moved {} entries", all.len())
                }
            };
            let client = all.first().filter(|_| moved.client_is_new);
            let client = client.map(|it| format!(" (new client {})", it.new.client()));
            (note + &client.unwrap_or_default(), changed)
        }
    };
    ctx.note_done(&note);
    if let Some(slug) = &moved.emptied {
        ctx.note_done(&format!("left client {slug} with no entries"));
        ctx.ui
            .hint(&format!("to remove it: vault client rm {slug:#}"));
    }
    let pairs = pairs
        .iter()
        .map(|(old, new)| json!({"from": old, "to": new}));
    let planned = ctx.rehearses().then(|| ("moves", pairs.collect()));
    ctx.answer_with(&changed, planned.as_slice());
    Ok(())
}

/// What each is called, and what it is to be called.
fn pairs(plan: &Move) -> Vec<(String, String)> {
    match plan {
        Move::Client { old, new, .. } => vec![(format!("{old}/"), format!("{new}/"))],
        Move::Entries(all) => {
            let all = all.iter();
            all.map(|it| (it.old.to_string(), it.new.to_string()))
                .collect()
        }
    }
}
