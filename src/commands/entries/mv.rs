//! `vault mv`: another name for a credential, a folder or a client, or another client.

use anyhow::Result;
use serde_json::json;

use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::entry::rename::{Move, Moved};
use crate::model::text::selector::Selector;
use crate::model::vault::Vault;

const EXAMPLES: &str = "\
Examples:
  vault mv acme/wp acme/wordpress
  vault mv acme/wordpress globex/     to another client, made if new; the permissions stay behind
  vault mv acme/shop/ globex/         a folder, which keeps its name in the client
  vault mv acme/shop/ acme/web/       a folder's other name
  vault mv github.com/ acme/          all of a client; where acme is none yet, its new name: its
                                      records and permissions stay then

All or nothing goes. What is shared by a permission of the client does not go to another one before
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
    /// Only say what would be moved
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// Gives credentials or a client another name; their histories stay with them.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let (old, new) = (&args.old, &args.new);
    let session = if args.dry_run {
        ctx.unlock()?
    } else {
        ctx.unlock_to_change()?
    };
    let vault = session.vault();
    let plan = vault.plan_move(old, new, ctx.now())?;
    if let Move::Entries(moved) = &plan {
        for it in moved {
            share_terms::check_usable(ctx, &session, vault.entries.by_id(it.id)?)?;
        }
    }
    if args.dry_run {
        return Ok(tell_plan(ctx, vault, &plan)?);
    }
    let moved = ctx.change(session, |vault, author| vault.move_all(old, new, author))?;
    tell(ctx, &moved);
    Ok(())
}

/// Answers what would be moved, and says what that would end.
fn tell_plan(ctx: &Context, vault: &Vault, plan: &Move) -> VaultResult<()> {
    let moves: Vec<(String, String)> = match plan {
        Move::Client { old, new, .. } => vec![(format!("{old}/"), format!("{new}/"))],
        Move::Entries(all) => {
            for left in vault.permissions_left(all, ctx.now())? {
                ctx.warn(&left);
            }
            let moves = all.iter();
            moves
                .map(|it| (it.old.to_string(), it.new.to_string()))
                .collect()
        }
    };
    if ctx.ui.is_json() {
        let moves = moves
            .iter()
            .map(|(old, new)| json!({"from": old, "to": new}));
        let moves: Vec<_> = moves.collect();
        let (ok, warnings) = (true, ctx.warnings());
        let plan = json!({"ok": ok, "dry_run": true, "moves": moves, "warnings": warnings});
        return ctx.ui.json(&plan);
    }
    for (old, new) in &moves {
        ctx.ui.row(&format!("{old} -> {new}"))?;
    }
    ctx.ui.note("nothing was changed");
    Ok(())
}

/// Answers what was moved, and says what that ends.
pub(crate) fn tell(ctx: &Context, moved: &Moved) {
    for left in &moved.left {
        ctx.warn(left);
    }
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
                    for it in all {
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
    ctx.ui.note(&note);
    if let Some(slug) = &moved.emptied {
        ctx.ui
            .note(&format!("client {slug} has no entries any more"));
        ctx.ui
            .hint(&format!("to remove it: vault client rm {slug:#}"));
    }
    ctx.answer(&changed);
}
