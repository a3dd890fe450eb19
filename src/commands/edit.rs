//! `vault edit`: changes a credential.

use anyhow::Result;

use super::fields::FieldArgs;
use crate::context::Context;
use crate::error::Error;
use crate::model::changes::Unset;
use crate::model::entry::Slot;
use crate::model::name::EntryPath;

const EXAMPLES: &str = "\
Examples:
  vault edit acme/wordpress -u editor --tag cms     lists replace what was there
  vault edit acme/wordpress --secret                a new secret; the old one stays in history
  pwgen 24 1 | vault edit acme/db --secret
  vault edit acme/wordpress --unset notes --unset account";

/// Options of `edit`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress
    entry: EntryPath,
    #[command(flatten)]
    fields: FieldArgs,
    /// Give it a new secret, from stdin or asked for
    #[arg(long)]
    secret: bool,
    /// Empty a field: username, url, notes, tag, env, expires, rotate-every, totp, or a custom one
    #[arg(long, value_name = "FIELD")]
    unset: Vec<Unset>,
}

/// Changes a credential.
///
/// # Errors
/// When there is no such entry, or nothing to change.
pub fn run(args: Args, ctx: &Context) -> Result<()> {
    let path = &args.entry;
    let mut changes = args.fields.changes(ctx)?;
    changes.unset = args.unset;
    let secret = args.secret.then_some(Slot::Secret);
    let slots: Vec<Slot> = secret
        .into_iter()
        .chain(args.fields.extra_slots())
        .collect();
    if changes.is_empty() && slots.is_empty() {
        return Err(Error::usage("nothing to change")
            .hint(format!(
                "name what to change, as in: vault edit {path} -u NAME"
            ))
            .into());
    }
    let session = ctx.unlock_to_change()?;
    session.vault().entry(path)?;
    // What is piped in is the secret, or else the only hidden value that is set.
    let from_stdin = match slots.as_slice() {
        [only] => Some(only),
        all => all.iter().find(|slot| **slot == Slot::Secret),
    };
    let asked = slots.iter().cloned();
    changes.secrets = args.fields.secrets(ctx, path, asked, from_stdin)?;
    ctx.change(session, |vault, author| vault.edit(path, changes, author))?;
    ctx.answer_change(&format!("changed {path}"), &[path.to_string()]);
    Ok(())
}
