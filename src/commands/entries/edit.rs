//! `vault edit`: changes a credential.

use anyhow::Result;

use super::edit_text;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::entry::EntryArg;
use crate::commands::args::entry_fields::FieldArgs;
use crate::commands::args::generated::GenerateArgs;
use crate::commands::args::replaced::tell_edited;
use crate::commands::reveal::known_secret::{KnownBefore, warn_of_presets};
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::crypto::random;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::changes::{Changes, Unset};
use crate::model::entry::fields::EntryField;
use crate::model::entry::metadata::Metadata;
use crate::model::records::slot::Slot;
use crate::model::text::name::EntryPath;
use crate::store::session::Session;

const EXAMPLES: &str = "\
Examples:
  vault edit acme/wordpress -u editor --tag cms     one tag more: lists are added to
  vault edit acme/wordpress --unset tag=cms         one tag less; --unset tags takes all
  vault edit acme/wordpress --secret                a new secret; the old one stays in history
  vault edit acme/wordpress --words 5               a new one from the generator
  pwgen 24 1 | vault edit acme/db --secret
  vault edit acme/wordpress --unset notes --unset account
  vault edit acme/db --use-only                     programs get it, people with the password only;
                                                    what that guards against: vault help programs
  EDITOR=nano vault edit acme/wordpress             all of it but secrets, in an editor, where no
                                                    option says what to change";

/// Options of `edit`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct Args {
    #[command(flatten)]
    entry: EntryArg,
    #[command(flatten)]
    fields: FieldArgs,
    /// Give it a new secret, from stdin, asked for or generated
    #[arg(long)]
    secret: bool,
    #[command(flatten)]
    generate: GenerateArgs,
    /// Empty a field: username, url, notes, tags, env, expires, rotate-every, totp, or a custom
    /// one; of a list one item, as in tag=cms
    #[arg(long, value_name = "FIELD")]
    unset: Vec<Unset>,
    /// It is no longer for use only; the master password is asked for again
    #[arg(long, conflicts_with = "use_only")]
    no_use_only: bool,
    /// Open it in $VISUAL or $EDITOR as TOML, all but the values of secrets
    #[arg(long, conflicts_with_all = ["FieldArgs", "GenerateArgs", "recipe", "secret", "unset", "no_use_only", "dry_run"])]
    editor: bool,
    /// The values of secrets too, in a file that is never on a disk
    #[arg(long, requires = "editor")]
    with_secret: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask, even if it is lent to you
    #[arg(short, long)]
    yes: bool,
}

/// Changes a credential.
pub fn run(args: Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    args.entry.check(ctx, "edit")?;
    let mut changes = args.fields.changes(ctx)?;
    changes.unset = args.unset;
    let recipe = args.generate.recipe()?;
    let new_secret = args.secret || recipe.is_some();
    let secret = new_secret.then_some(Slot::Secret);
    let mut slots: Vec<Slot> = secret
        .into_iter()
        .chain(args.fields.extra_slots())
        .collect();
    let is_open = changes.is_empty() && slots.is_empty() && !args.no_use_only;
    let can_write = !ctx.rehearses() && ctx.ui.can_ask() && ctx.ui.stdin_is_terminal();
    if args.editor || is_open && can_write {
        return edit_text::run(&args.entry, args.with_secret, args.yes, ctx);
    }
    if is_open {
        return Err(Error::usage("nothing to change")
            .hint(format!(
                "name what to change, as in: vault edit {:#} -u NAME",
                args.entry
            ))
            .into());
    }
    changes.check_unset(&slots)?;
    let session = ctx.unlock_to_change()?;
    let path = &args.entry.or_pick(ctx, &session, "edit")?;
    let entry = session.vault().entry(path)?;
    share_terms::check_usable(ctx, &session, entry)?;
    if new_secret {
        entry.check_settled(path)?;
    }
    end_use_only(ctx, &session, path, args.no_use_only, &mut changes)?;
    let stays = session.vault().edit_changes_nothing(path, &changes)? && slots.is_empty();
    if stays || !share_terms::may_change(ctx, session.vault(), entry, args.yes)? {
        ctx.answer_change("nothing changed", &[]);
        return Ok(());
    }
    slots.retain(|slot| recipe.is_none() || *slot != Slot::Secret);
    // A dry run makes up nothing.
    let recipe = recipe.filter(|_| !ctx.rehearses());
    let generated = recipe.map(|recipe| (Slot::Secret, recipe.draw(random::below)));
    // What is piped in is the secret, or else the only hidden value that is set.
    let from_stdin = match slots.as_slice() {
        [only] => Some(only),
        all => all.iter().find(|slot| **slot == Slot::Secret),
    };
    let is_asked = |slot: &&Slot| {
        let is_piped = from_stdin == Some(*slot) && !ctx.ui.stdin_is_terminal();
        is_piped || !ctx.rehearses()
    };
    let asked = slots.iter().filter(is_asked).cloned();
    changes.secrets = args.fields.secrets(ctx, path, asked, from_stdin)?;
    changes.secrets.extend(generated);
    let before = Metadata::of(entry);
    let has_new_secret = !changes.secrets.is_empty();
    let known = KnownBefore::of(ctx, session.vault())?;
    let (_, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.edit(path, changes, author)
    })?;
    tell_edited(ctx, &before, session.vault().entry(path)?);
    known.warn_of_new(ctx, session.vault())?;
    if has_new_secret {
        warn_of_presets(ctx, path, session.vault().entry(path)?);
    }
    ctx.answer_change(&format!("changed {path}"), &[path.to_string()]);
    if !ctx.rehearses() {
        args.generate.note(ctx, path);
    }
    Ok(())
}

/// Adds the end of the mark to `changes` where that `is_asked`, and asks for the password that it takes.
fn end_use_only(
    ctx: &Context,
    session: &Session,
    path: &EntryPath,
    is_asked: bool,
    changes: &mut Changes,
) -> VaultResult<()> {
    let entry = session.vault().entry(path)?;
    if is_asked && entry.is_use_only() && !changes.ends_use_only() {
        let mark = Unset::Field(EntryField::UseOnly);
        changes.unset.push(mark);
    }
    if changes.ends_use_only() {
        changes.proof = ctx.prove(session, [(path, entry)])?;
    }
    Ok(())
}
