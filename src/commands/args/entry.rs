//! The entry that a command is about: named, or chosen on the terminal.

use std::fmt;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::entry::sought::{Sought, SoughtEntry};
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::{PickerRow, Unasked};

/// An entry that may be left out where there is a terminal to choose on.
#[derive(clap::Args, Clone, Debug)]
pub struct EntryArg {
    /// CLIENT/NAME, as in acme/wordpress; left out on a terminal, it is chosen from a list
    entry: Option<SoughtEntry>,
}

impl fmt::Display for EntryArg {
    /// As an example shows it: the one that was named, or any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry.as_ref().map(SoughtEntry::named) {
            Some(Ok(path)) => path.fmt(f),
            _ => f.write_str("acme/wordpress"),
        }
    }
}

impl EntryArg {
    /// One that is to be chosen.
    pub(super) fn left_out() -> Self {
        Self { entry: None }
    }

    /// Refuses at once, before a password is asked for, where it was not named and nobody could
    /// choose, and what is no path; who has typed a part of one is asked later what was meant.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`], with how `command` is told, and
    /// [`crate::error::Kind::Usage`].
    pub fn check(&self, ctx: &Context, command: &str) -> Result<()> {
        match &self.entry {
            Some(sought) => check_typed(ctx, sought, command),
            None => ctx.ui.check_can_pick(unasked(&name_it(command))),
        }
    }

    /// The entry that was named, or the one that the user chooses.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when there is nothing to choose from,
    /// [`crate::error::Kind::Failed`] when nothing was chosen, [`crate::error::Kind::Usage`] for
    /// a part of a path, and as [`Self::check`].
    pub fn or_pick(&self, ctx: &Context, session: &Session, command: &str) -> Result<EntryPath> {
        match &self.entry {
            Some(sought) => whole_name(session.vault(), sought, command).cloned(),
            None => pick(ctx, session, command),
        }
    }
}

/// An entry of which something is read: it may be left out where there is a terminal to choose on,
/// and named in part there.
#[derive(clap::Args, Clone, Debug)]
pub struct SoughtEntryArg {
    /// CLIENT/NAME, as in acme/wordpress; on a terminal a part of it, or left out, it is chosen
    /// from a list
    entry: Option<SoughtEntry>,
}

impl SoughtEntryArg {
    /// Refuses at once what is no path, but for a part of one where a person has typed it; left
    /// out, as [`EntryArg::check`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], and those of [`EntryArg::check`].
    pub fn check(&self, ctx: &Context, command: &str) -> Result<()> {
        match &self.entry {
            Some(sought) => check_typed(ctx, sought, command),
            None => ctx.ui.check_can_pick(unasked(&name_it(command))),
        }
    }

    /// The entry that was named, or the only one that holds the part that was typed, which is
    /// told; left out, the one that the user chooses.
    ///
    /// # Errors
    /// As [`Vault::sought`](crate::model::vault::Vault) and [`EntryArg::or_pick`].
    pub fn or_pick(&self, ctx: &Context, session: &Session, command: &str) -> Result<EntryPath> {
        let found = self.or_pick_untold(ctx, session, command)?;
        let named = self.entry.as_ref().map(SoughtEntry::named);
        if named.is_some_and(|whole| whole.ok() != Some(&found)) {
            ctx.ui.note(&found.to_string());
        }
        Ok(found)
    }

    /// As [`Self::or_pick`], for an answer that begins with the path.
    ///
    /// # Errors
    /// As [`Self::or_pick`].
    pub fn or_pick_untold(
        &self,
        ctx: &Context,
        session: &Session,
        command: &str,
    ) -> Result<EntryPath> {
        let Some(sought) = &self.entry else {
            return pick(ctx, session, command);
        };
        match sought.named() {
            Ok(path) if !is_typed(ctx) => Ok(path.clone()),
            _ => session.vault().sought(sought),
        }
    }
}

/// Refuses at once what is no name, but for a part of one where a person has typed it.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub(super) fn check_typed<T>(ctx: &Context, sought: &Sought<T>, command: &str) -> Result<()> {
    match sought.named() {
        Err(why) if !is_typed(ctx) || sought.is_empty() => Err(no_name(why, command)),
        _ => Ok(()),
    }
}

/// What was named: what changes something takes no part.
///
/// # Errors
/// [`crate::error::Kind::Usage`], with what may have been meant.
pub(super) fn whole_name<'a, T>(
    vault: &Vault,
    sought: &'a Sought<T>,
    command: &str,
) -> Result<&'a T> {
    let why = match sought.named() {
        Ok(named) => return Ok(named),
        Err(why) => no_name(why, command),
    };
    Err(match vault.did_you_mean(sought)? {
        Some(question) => why.hint(question),
        None => why,
    })
}

fn no_name(why: &str, command: &str) -> Error {
    let help = format!("vault {command} --help shows what it takes");
    Error::usage(format!("ENTRY: {why}")).hint(help)
}

/// What a word names; where nothing is called so and a person has typed it, the only client, one of
/// `others` or entry that holds it, which is told.
///
/// # Errors
/// As `named`; [`crate::error::Kind::Usage`] where several entries hold it.
pub(crate) fn named_or_sought<T>(
    ctx: &Context,
    vault: &Vault,
    (word, others): (&str, &[String]),
    mut named: impl FnMut(&str) -> Result<T>,
) -> Result<T> {
    let missing = match named(word) {
        Err(why) if why.kind() == Kind::NotFound && is_typed(ctx) => why,
        found => return found,
    };
    match vault.sought_name(word, others) {
        Ok(found) => {
            ctx.ui.note(&found);
            named(&found)
        }
        Err(several) if several.kind() == Kind::Usage => Err(several),
        Err(_) => Err(missing),
    }
}

/// Whether a person has typed the command and reads the answer: a script means what it says.
pub(crate) fn is_typed(ctx: &Context) -> bool {
    let ui = &ctx.ui;
    ui.stdin_is_terminal() && ui.stdout_is_terminal() && ui.can_ask() && !ui.is_json()
}

fn pick(ctx: &Context, session: &Session, command: &str) -> Result<EntryPath> {
    let live = session.all_visible(ctx.now())?;
    if live.is_empty() {
        return Err(Error::not_found("the vault has no entries to choose from")
            .hint("add one, as in: vault add acme/wordpress"));
    }
    let choices: Vec<PickerRow> = live
        .iter()
        .map(|(path, entry)| choice(path, entry))
        .collect();
    let hint = name_it(command);
    let chosen = ctx.ui.pick(command, &choices, unasked(&hint))?;
    let (path, _) = chosen
        .and_then(|at| live.get(at))
        .ok_or_else(|| Error::failed("no entry was chosen").hint(hint))?;
    path.parse()
        .map_err(|why: String| Error::integrity(format!("an entry has no proper name: {why}")))
}

fn choice(path: &str, entry: &Entry) -> PickerRow {
    PickerRow {
        name: path.to_owned(),
        details: vec![
            entry.username.value().cloned().unwrap_or_default(),
            entry.urls().join(" "),
        ],
    }
}

fn unasked(instead: &str) -> Unasked<'_> {
    Unasked {
        needed: "an entry is needed",
        instead,
    }
}

fn name_it(command: &str) -> String {
    format!("name it, as in: vault {command} acme/wordpress")
}
