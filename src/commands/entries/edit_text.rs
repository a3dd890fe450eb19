//! `vault edit --editor`: an entry in the user's editor.

use anyhow::Result;

use super::edit_toml;
use crate::commands::args::entry::EntryArg;
use crate::commands::args::replaced::tell_new_mark;
use crate::commands::reveal::hand_out::hand_out;
use crate::commands::reveal::known_secret::KnownBefore;
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::entry::metadata::Metadata;
use crate::model::text::limits::EDITED_BYTES;
use crate::model::text::name::EntryPath;
use crate::store::disk::scratch::Scratch;
use crate::store::gate::{RevealedItem, Via};
use crate::store::session::Session;
use crate::ui::{Closed, Unasked};

const FILE: &str = "entry.toml";

/// Opens an entry in the editor, and keeps what was changed. No lock is held meanwhile.
pub(crate) fn run(entry: &EntryArg, with_secret: bool, yes: bool, ctx: &Context) -> Result<()> {
    ctx.ui.check_editor()?;
    let session = ctx.unlock_to_change()?;
    let path = &entry.or_pick(ctx, &session, "edit")?;
    let entry = session.vault().entry(path)?;
    share_terms::check_usable(ctx, &session, entry)?;
    if !share_terms::may_change(ctx, session.vault(), entry, yes)? {
        ctx.answer_change("nothing changed", &[]);
        return Ok(());
    }
    let before = Metadata::of(entry);
    let scratch = place(with_secret, ctx)?;
    if with_secret {
        let secrets = entry.secrets();
        let handed: Vec<_> = secrets
            .map(|(_, version)| RevealedItem::version(path, entry, version))
            .collect();
        hand_out(ctx, &session, &handed, &Via::Command("editor"))?;
    }
    let text = edit_toml::write(path, &before, with_secret);
    scratch.write(text.as_bytes())?;
    let mut edit = TextEdit {
        path,
        with_secret,
        before,
        scratch,
        session: Some(session),
        replaces: false,
    };
    loop {
        if let Closed::ToldToEnd(signal) = ctx.ui.edit(edit.scratch.path())? {
            drop(edit);
            ctx.ui.end_by(signal);
            return Err(Error::failed("told to end by a signal").into());
        }
        match edit.save(ctx) {
            Err(why) if ctx.ui.can_ask() => edit.offer_again(ctx, why)?,
            Err(why) => return Err(edit.keep_text(why).into()),
            Ok(()) => return Ok(()),
        }
    }
}

/// A place for the text; secrets are never put on a disk.
fn place(with_secret: bool, ctx: &Context) -> VaultResult<Scratch> {
    let scratch = Scratch::new(FILE)?;
    if !scratch.is_in_memory() {
        if with_secret {
            return Err(Error::refused(
                "there is no filesystem in memory here, and a secret is not put on a disk",
            )
            .hint("set XDG_RUNTIME_DIR to one (a tmpfs), or edit --secret"));
        }
        ctx.warn("there is no filesystem in memory here: the text is on a disk while it is edited");
    }
    Ok(scratch)
}

/// An edit until it is kept.
struct TextEdit<'a> {
    path: &'a EntryPath,
    with_secret: bool,
    before: Metadata,
    scratch: Scratch,
    session: Option<Session>,
    /// What another process has changed meanwhile is known, and replaced.
    replaces: bool,
}

impl TextEdit<'_> {
    /// Keeps what was changed, if anything was.
    fn save(&mut self, ctx: &Context) -> VaultResult<()> {
        let bytes = self.scratch.read(EDITED_BYTES as u64)?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Error::usage("what was edited is not UTF-8 any more"))?;
        let edited = edit_toml::read(text, self.with_secret, &ctx.now_here())?;
        let mut changes = self.before.changes(edited, ctx.now())?;
        if changes.is_empty() {
            ctx.answer_change("nothing changed", &[]);
            ctx.ui.hint(
                "an editor with a window of its own has to be told to wait: EDITOR='code --wait'",
            );
            return Ok(());
        }
        let session = match self.session.take() {
            Some(session) => session,
            None => ctx.unlock_to_change()?,
        };
        if changes.ends_use_only() {
            let entry = session.vault().entry(self.path)?;
            changes.proof = ctx.prove(&session, [(self.path, entry)])?;
        }
        let known = KnownBefore::of(ctx, session.vault())?;
        let (_, session) = ctx.change_and_stay(session, None, |vault, author| {
            let newest = Metadata::of(vault.entry(self.path)?);
            if !self.replaces {
                self.before.check_unchanged(&newest, &changes)?;
            }
            vault.edit(self.path, changes, author)
        })?;
        known.warn_of_new(ctx, session.vault())?;
        let now = Metadata::of(session.vault().entry(self.path)?);
        tell_new_mark(ctx, &self.before, &now);
        let path = self.path.to_string();
        ctx.answer_change(&format!("changed {path}"), &[path]);
        Ok(())
    }

    /// Leaves the text where it can be found, but for one with the values of secrets.
    fn keep_text(self, why: Error) -> Error {
        if self.with_secret {
            return why;
        }
        match self.scratch.copy_that_stays() {
            Ok(place) => {
                let next = why.next_step().map(|step| format!("{step}; "));
                let next = next.unwrap_or_default();
                why.hint(format!("{next}the text is kept in {}", place.display()))
            }
            Err(_) => why,
        }
    }

    /// Asks whether to go on with the text as it is, so that nothing typed is lost.
    fn offer_again(&mut self, ctx: &Context, why: Error) -> VaultResult<()> {
        let unasked = Unasked {
            needed: "the text has to be edited again",
            instead: "start over with edit --editor",
        };
        ctx.ui.warn(why.message());
        if !ctx.ui.confirm_or_enter("Go back to the editor?", unasked)? {
            return Err(why);
        }
        self.replaces |= why.kind() == Kind::Conflict && self.session.is_none();
        Ok(())
    }
}
