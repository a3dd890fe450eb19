//! `vault add`: keeps a new credential.

use anyhow::Result;

use crate::commands::access::init;
use crate::commands::args::entry_fields::{FieldArgs, optional_secret};
use crate::commands::args::generated::GenerateArgs;
use crate::commands::reveal::known_secret::{KnownBefore, warn_of_presets};
use crate::context::Context;
use crate::crypto::random;
use crate::model::records::slot::Slot;
use crate::model::text::name::EntryPath;

const EXAMPLES: &str = "\
Examples:
  vault add acme/wordpress -u admin --url https://acme.example/wp-admin
  openssl rand -base64 24 | vault add acme/db -u root --env DB_PASSWORD
  vault add acme/ftp --generate -l 32                 nobody has to think of it
  vault add acme/deploy-key --raw < ~/.ssh/acme_deploy      the file, byte for byte
  vault add acme/deploy-key --multiline                     the same, pasted at a prompt
  vault add acme/admin --totp                         asks for the password, then for the seed
  vault add acme/hosting --secret-field pin --field customer=4711";

/// Options of `add`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress
    entry: EntryPath,
    #[command(flatten)]
    fields: FieldArgs,
    #[command(flatten)]
    generate: GenerateArgs,
}

/// Keeps a new credential, and makes the client if that is new.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let path = &args.entry;
    let mut changes = args.fields.changes(ctx)?;
    let recipe = args.generate.recipe()?;
    let session = init::unlock_or_make(ctx)?;
    session.vault().check_free(path)?;
    let first = match (args.fields.totp(), &recipe) {
        (true, _) => Some(Slot::Totp),
        (false, None) => Some(Slot::Secret),
        (false, Some(_)) => None,
    };
    // A person has both at hand; one pipe has the seed.
    let asks_both = args.fields.totp() && recipe.is_none() && ctx.ui.stdin_is_terminal();
    if asks_both && let Some(secret) = optional_secret(ctx, path)? {
        changes.secrets.push((Slot::Secret, secret));
    }
    let rest = (args.fields.extra_slots()).filter(|slot| Some(slot) != first.as_ref());
    let slots = first.clone().into_iter().chain(rest);
    (changes.secrets).extend(args.fields.secrets(ctx, path, slots, first.as_ref())?);
    let generated = recipe.map(|recipe| (Slot::Secret, recipe.draw(random::below)));
    changes.secrets.extend(generated);
    let known = KnownBefore::of(ctx, session.vault())?;
    let (added, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.add(path, changes, author)
    })?;
    known.warn_of_new(ctx, session.vault())?;
    warn_of_presets(ctx, path, session.vault().entry(path)?);
    let client = if added.client_is_new {
        format!(" (new client {})", path.client())
    } else {
        String::new()
    };
    ctx.answer_change(&format!("added {path}{client}"), &[path.to_string()]);
    args.generate.note(ctx, path);
    Ok(())
}
