//! `vault mv`: another name for a credential, a folder or a client, or another client.

use anyhow::Result;

use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::model::entry::rename::{Move, Moved};
use crate::model::text::selector::Selector;

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
}

/// Gives credentials or a client another name; their histories stay with them.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let (old, new) = (&args.old, &args.new);
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    if let Move::Entries(moved) = vault.plan_move(old, new, ctx.now())? {
        for it in &moved {
            share_terms::check_usable(ctx, &session, vault.entries.by_id(it.id)?)?;
        }
    }
    let moved = ctx.change(session, |vault, author| vault.move_all(old, new, author))?;
    tell(ctx, &moved);
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
    ctx.answer_change(&note, &changed);
}
