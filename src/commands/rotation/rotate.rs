//! `vault rotate`: gives a credential a new secret, in step with the site that it opens.

use std::ffi::{OsStr, OsString};

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;

use super::due::{DueSelection, HowToRotate};
use super::exec::{Attempt, Programs};
use super::handed::{at_once, begin};
use super::steps::{RotationPace, SecretOrigin, ask_secret, in_step, note_rotated};
use super::{due, each, exec};
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::entry::EntryArg;
use crate::commands::args::generated::GenerateArgs;
use crate::commands::reveal::clip::{Clip, ClipArgs};
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::crypto::random;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::generate::Recipe;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::RecordId;
use crate::model::rotation::pending::{NewSecretTo, Replacement, VersionRef, check_reason};
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::secret::Secret;
use crate::store::session::Session;

const EXAMPLES: &str = "\
Examples:
  vault rotate acme/wordpress --generate     shows a new one, asks when the site has it
  vault rotate acme/wordpress --generate --clip     on the clipboard, not on the screen
  vault rotate acme/db --begin --generate    in a script: pending, printed once like get
  vault rotate acme/db --confirm             the site has it: get gives it from now on
  vault rotate acme/db --abort               the site does not take it
  new-key-of-the-site | vault rotate acme/api --stdin
  vault rotate --due --client acme           one after another, all that is due
  vault rotate --due --incident 2f95 --exec ./set-password.sh
  vault rotate acme/db --exec ./set-password.sh db1 --verify-exec ./can-log-in.sh
  vault rotate acme/db --verify-exec ./can-log-in.sh     does the stored one work?

The old secret stays in the history. On a terminal, a new one is pending until you say that it
was changed on the site, and get goes on giving the old one. Without a terminal, or with
--no-input or --json, there is nobody to ask: the new one counts at once, unless --begin.

With --exec, the program changes it on the site. It gets, as JSON on stdin,
  {\"entry\",\"client\",\"username\",\"url\",\"old\",\"new\"}
and exits with 0 when the site has the new secret; then --verify-exec, if there is one, gets the
same and says whether it works. Otherwise the new secret stays pending (7), and the same command tries
it again, --verify-exec first. With --due, each entry
in its turn: one that fails stays pending, the others go on, and the exit code is 7. --verify-exec alone
gets the stored secret as old and new; where it fails, the entry is flagged refused-by-host (7), but
for exit 75, which says that it cannot tell (1). What they print goes to stderr, without the two secrets where an
assistant runs it (vault run --help). All that follows --exec is for the program, up to --verify-exec: other options come first.";

/// With these there is nothing to generate.
const NO_GENERATOR: [&str; 5] = ["stdin", "raw", "confirm", "abort", "again"];

/// With these there is no new secret to copy.
const NOTHING_NEW: [&str; 3] = ["exec", "confirm", "abort"];

/// Options of `rotate`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(mut_arg("generate", |arg| arg.conflicts_with_all(NO_GENERATOR)))]
#[command(mut_arg("clip", |arg| arg.conflicts_with_all(NOTHING_NEW)))]
#[command(mut_arg("clear_after", |arg| arg.conflicts_with_all(NOTHING_NEW)))]
#[command(mut_group("recipe", |group| group.conflicts_with_all(NO_GENERATOR)))]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct Args {
    #[command(flatten)]
    entry: EntryArg,
    /// Read the new secret from stdin
    #[arg(long)]
    stdin: bool,
    /// Keep the line end of a secret read from stdin
    #[arg(long, requires = "stdin", conflicts_with_all = ["confirm", "abort", "due"])]
    raw: bool,
    /// Ask for a secret of several lines, such as a key; an empty line or Ctrl-D ends it
    #[arg(long, conflicts_with_all = ["stdin", "exec", "confirm", "abort", "due", "generate"])]
    multiline: bool,
    /// Why, for the history
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: Option<String>,
    /// Take one that the entry has had; who knows it still does
    #[arg(long, conflicts_with_all = ["confirm", "abort", "due"])]
    again: bool,
    /// Keep it as pending and print it once; --confirm or --abort settles it
    #[arg(long)]
    begin: bool,
    /// The site has the pending secret: make it the current one
    #[arg(long, conflicts_with_all = ["begin", "stdin", "reason", "abort"])]
    confirm: bool,
    /// Discard the pending secret; it stays in the history
    #[arg(long, conflicts_with_all = ["begin", "stdin", "reason"])]
    abort: bool,
    /// Go through all that is due, on a terminal
    #[arg(long, conflicts_with_all = ["entry", "stdin", "begin", "confirm", "abort"])]
    due: bool,
    /// With --due, only this client's
    #[arg(
        long,
        value_name = "CLIENT",
        requires = "due",
        conflicts_with = "entry"
    )]
    client: Option<ClientSlug>,
    /// With --due, only what this incident reaches
    #[arg(
        long,
        value_name = "NUMBER",
        requires = "due",
        conflicts_with = "entry"
    )]
    incident: Option<RecordId>,
    /// Have this program change it on the site: to the pending secret, or a new one, generated unless
    /// --stdin
    #[arg(
        long,
        value_name = "CMD",
        num_args = 1..,
        allow_hyphen_values = true,
        conflicts_with_all = ["begin", "confirm", "abort"]
    )]
    exec: Vec<OsString>,
    /// With --exec, a program that says whether the new secret works; alone, whether the stored one does
    #[arg(long, value_name = "CMD", conflicts_with_all = ["begin", "confirm", "abort"])]
    verify_exec: Option<OsString>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask, even if it is lent to you
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    clip: ClipArgs,
    #[command(flatten)]
    generate: GenerateArgs,
}

impl Args {
    /// How the new secret comes to count, where no program is run.
    fn pace(&self, ctx: &Context) -> RotationPace {
        if self.begin {
            RotationPace::Begun
        } else if ctx.ui.can_ask() && !ctx.ui.is_json() {
            RotationPace::InStep
        } else {
            RotationPace::AtOnce
        }
    }

    /// Where the new secret comes from.
    fn origin(&self, ctx: &Context, recipe: Option<&Recipe>) -> SecretOrigin {
        match recipe {
            Some(_) => SecretOrigin::Generated,
            None if self.stdin && !ctx.ui.stdin_is_terminal() => SecretOrigin::Piped,
            None => SecretOrigin::Typed,
        }
    }

    /// The pending version that a program is to try again with: where nothing asks for another.
    fn takes_up(&self, entry: &Entry) -> Option<VersionRef> {
        let asks_for_another = self.stdin || self.again || self.reason.is_some();
        let is_again = !self.exec.is_empty() && !asks_for_another && !self.generate.is_given();
        entry.pending().filter(|_| is_again).map(VersionRef::from)
    }
}

/// Gives a credential a new secret, or settles a rotation that has begun.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let clip = args.clip.find(ctx)?;
    if args.due {
        return rotate_due(args, ctx, clip.as_ref());
    }
    args.entry.check(ctx, "rotate")?;
    if args.confirm || args.abort {
        let session = ctx.unlock_to_change()?;
        let path = &args.entry.or_pick(ctx, &session, "rotate")?;
        return settle_pending(ctx, session, path, args.confirm).map_err(Into::into);
    }
    if let Some(program) = args.verify_exec.as_ref().filter(|_| args.exec.is_empty()) {
        return try_stored(args, ctx, program);
    }
    let programs = (!args.exec.is_empty())
        .then(|| Programs::new(ctx, &args.exec, args.verify_exec.as_ref()))
        .transpose()?;
    let recipe = if programs.is_some() && !args.stdin {
        Some(args.generate.recipe_or_default()?)
    } else {
        args.generate.recipe()?
    };
    let origin = args.origin(ctx, recipe.as_ref());
    if origin == SecretOrigin::Typed && clip.is_some() {
        return Err(
            Error::usage("--clip would copy nothing: what is typed is known already")
                .hint("to have a new one made and copied: --generate --clip")
                .into(),
        );
    }
    let session = ctx.unlock_to_change()?;
    let path = &args.entry.or_pick(ctx, &session, "rotate")?;
    let entry = session.vault().entry(path)?;
    let taken_up = args.takes_up(entry);
    if taken_up.is_none() {
        entry.check_rotatable(path)?;
    }
    // What must not be used any more is not given a secret that could not be got either.
    share_terms::check_usable(ctx, &session, entry)?;
    if !share_terms::may_change(ctx, session.vault(), entry, args.yes)? {
        ctx.answer_change("nothing changed", &[]);
        return Ok(());
    }
    let (pace, clip) = (args.pace(ctx), clip.as_ref());
    let to = match &programs {
        Some(programs) => programs.to(),
        None => pace.hands_to(ctx, &session, path, (origin, clip))?,
    };
    if ctx.rehearses() {
        foretell(args, ctx, session, path, (to, programs.as_ref()))?;
        return Ok(());
    }
    if let (Some(programs), Some(which)) = (&programs, taken_up) {
        ctx.ui.note(&format!(
            "version {} of {path} is pending already: that is what the program gets",
            which.number
        ));
        exec::run(ctx, session, path, Attempt::Again(which), programs)?;
        return Ok(());
    }
    let new = Replacement {
        secret: new_secret(args, ctx, path, recipe.as_ref())?,
        reason: args.reason.clone(),
        again: args.again,
        to,
    };
    Ok(match &programs {
        Some(programs) => exec::run(ctx, session, path, Attempt::First(new), programs),
        None => keep_new(args, ctx, session, path, (pace, new, clip)),
    }?)
}

/// Keeps the new secret, at the pace that goes with who is there.
fn keep_new(
    args: &Args,
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    (pace, new, clip): (RotationPace, Replacement, Option<&Clip>),
) -> VaultResult<()> {
    match pace {
        RotationPace::Begun => begin(ctx, session, path, new, clip),
        RotationPace::InStep => in_step(ctx, session, path, new, clip).map(drop),
        RotationPace::AtOnce => {
            let (which, session) = at_once(ctx, session, path, new, clip)?;
            args.generate.note(ctx, path);
            note_rotated(ctx, &session, path, which);
            ctx.answer(&[path.to_string()]);
            Ok(())
        }
    }
}

/// Has a program try the secret that is stored: nothing new is made.
fn try_stored(args: &Args, ctx: &Context, program: &OsStr) -> Result<()> {
    let is_new = args.stdin || args.multiline || args.again || args.reason.is_some();
    if is_new || args.generate.is_given() {
        return Err(
            Error::usage("--verify-exec alone tries the secret that is stored")
                .hint("to give it a new one and have that checked: --exec CMD --verify-exec CMD")
                .into(),
        );
    }
    let session = ctx.unlock_to_change()?;
    let path = &args.entry.or_pick(ctx, &session, "rotate")?;
    share_terms::check_usable(ctx, &session, session.vault().entry(path)?)?;
    Ok(exec::try_stored(ctx, session, path, program)?)
}

/// Goes through what may refuse a rotation: no secret is made up, asked for or shown, and no program
/// runs. What is piped in is looked at.
fn foretell(
    args: &Args,
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    (to, programs): (NewSecretTo, Option<&Programs<'_>>),
) -> VaultResult<()> {
    check_reason(args.reason.as_deref())?;
    let is_piped = args.stdin && !ctx.ui.stdin_is_terminal();
    let secret = is_piped
        .then(|| ctx.ui.stdin_secret(args.raw))
        .transpose()?;
    let new = secret.map(|secret| Replacement {
        secret,
        reason: args.reason.clone(),
        again: args.again,
        to,
    });
    ctx.change(session, |vault, author| {
        new.map(|new| vault.rotate(path, new, author)).transpose()
    })?;
    if let Some(programs) = programs {
        ctx.note_done(&format!("ran {programs} for {path}"));
    }
    let note = if args.begin {
        format!("began a rotation of {path}; get goes on giving the old secret")
    } else {
        format!("rotated {path}; the old secret stays in the history")
    };
    ctx.answer_change(&note, &[path.to_string()]);
    Ok(())
}

/// All that is due, with whoever sits at the terminal or by a program.
fn rotate_due(args: &Args, ctx: &Context, clip: Option<&Clip>) -> Result<()> {
    if args.exec.is_empty() && args.verify_exec.is_some() {
        return Err(Error::usage("with --due, --verify-exec needs --exec")
            .hint("one entry alone is tried with: vault rotate ENTRY --verify-exec CMD")
            .into());
    }
    let meant = DueSelection {
        client: args.client.as_ref(),
        incident: args.incident.as_ref(),
    };
    let how = HowToRotate {
        recipe: args.generate.recipe()?.unwrap_or_default(),
        reason: args.reason.as_deref(),
        clip,
    };
    if args.exec.is_empty() {
        return due::run(ctx, &meant, &how);
    }
    let programs = Programs::new(ctx, &args.exec, args.verify_exec.as_ref())?;
    Ok(each::run(ctx, &meant, &how, &programs)?)
}

fn new_secret(
    args: &Args,
    ctx: &Context,
    path: &EntryPath,
    recipe: Option<&Recipe>,
) -> VaultResult<Secret> {
    match recipe {
        Some(recipe) => Ok(recipe.draw(random::below)),
        None if args.origin(ctx, None) == SecretOrigin::Piped => ctx.ui.stdin_secret(args.raw),
        None => ask_secret(ctx, path, args.multiline),
    }
}

fn settle_pending(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    confirmed: bool,
) -> VaultResult<()> {
    let changed = [path.to_string()];
    if confirmed {
        let (which, session) = ctx.change_and_stay(session, None, |vault, author| {
            vault.confirm_rotation(path, None, author)
        })?;
        note_rotated(ctx, &session, path, which);
        ctx.answer(&changed);
        return Ok(());
    }
    let which = ctx.change(session, |vault, author| vault.abort_rotation(path, author))?;
    let note = format!(
        "discarded pending version {} of {path}; the current one is unchanged",
        which.number
    );
    ctx.answer_change(&note, &changed);
    Ok(())
}
