//! Steps that every rotation takes.

use std::collections::BTreeSet;

use crate::commands::reveal::clip::Clip;
use crate::commands::reveal::exposure;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::rotation::pending::{NewSecretTo, Replacement, VersionRef, settle};
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Unasked;

/// Where a new secret came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretOrigin {
    Generated,
    Piped,
    Typed,
}

/// How a new secret comes to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RotationPace {
    /// It is pending until the user settles it.
    Begun,
    /// It is pending until the user has been asked.
    InStep,
    /// At once.
    AtOnce,
}

impl RotationPace {
    /// Who gets a new secret that came from there: what is shown of an entry for use only wants the
    /// password.
    ///
    /// # Errors
    /// As [`Context::prove`].
    pub(crate) fn hands_to(
        self,
        ctx: &Context,
        session: &Session,
        path: &EntryPath,
        (origin, clip): (SecretOrigin, Option<&Clip>),
    ) -> VaultResult<NewSecretTo> {
        let is_shown = match (self, origin) {
            (_, SecretOrigin::Typed) => false,
            (Self::Begun, _) | (Self::InStep, SecretOrigin::Generated) => true,
            (Self::InStep, SecretOrigin::Piped) | (Self::AtOnce, _) => clip.is_some(),
        };
        if !is_shown {
            return Ok(NewSecretTo::Nobody);
        }
        let proof = ctx.prove(session, [(path, session.vault().entry(path)?)])?;
        Ok(NewSecretTo::Person(proof))
    }
}

/// On a terminal: the new secret is safe as pending before anyone can put it into the site, and
/// counts when that is done.
pub(crate) fn in_step(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    new: Replacement,
    clip: Option<&Clip>,
) -> VaultResult<Session> {
    let shown = new.to.is_shown().then(|| new.secret.clone());
    let (which, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.begin_rotation(path, new, author)
    })?;
    if let Some((secret, clip)) = shown.as_ref().zip(clip) {
        ctx.ui.note(&format!("The new secret of {path}:"));
        clip.copy(ctx, secret)
            .map_err(|why| not_copied(path, which, &why))?;
    } else if let Some(secret) = &shown {
        ctx.ui.note(&format!("The new secret of {path}:"));
        // It may be on its way into a pipe.
        (ctx.ui.reveal(secret, true))
            .and_then(|()| ctx.ui.flush())
            .map_err(|why| unprinted(path, which, &why))?;
    } else if clip.is_some() {
        ctx.ui
            .note(&format!("What you typed for {path} is not copied."));
    }
    ask_and_confirm(ctx, session, path, which)
}

/// Asks whether the site has the pending secret, and makes it the current one if so.
pub(crate) fn ask_and_confirm(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    which: VersionRef,
) -> VaultResult<Session> {
    let unasked = Unasked {
        needed: "someone has to say whether the site has the new secret",
        instead: "use --begin, then --confirm or --abort",
    };
    if !ctx
        .ui
        .confirm(&format!("{path}: changed on the site?"), unasked)?
    {
        ctx.ui.note(&format!(
            "version {} of {path} is pending; get goes on giving the old one",
            which.number
        ));
        ctx.ui.hint(&settle(path));
        return Ok(session);
    }
    let (which, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.confirm_rotation(path, Some(which), author)
    })?;
    note_rotated(ctx, &session, path, which);
    Ok(session)
}

/// Asks for the new secret, which may have several lines.
pub(crate) fn ask_secret(ctx: &Context, path: &EntryPath, multiline: bool) -> VaultResult<Secret> {
    let unasked = Unasked {
        needed: "a new secret is needed",
        instead: "use --generate, or --stdin and pipe it in",
    };
    let what = format!("New secret of {path}");
    if multiline {
        return ctx.ui.prompt_lines(&what, unasked);
    }
    ctx.ui.prompt_secret(&what, unasked)
}

pub(crate) fn note_rotated(ctx: &Context, session: &Session, path: &EntryPath, which: VersionRef) {
    let number = which.number;
    ctx.note_done(&format!(
        "rotated {path}: version {number} is current, the old one stays in the history"
    ));
    let vault = session.vault();
    let Ok(entry) = vault.entry(path) else {
        return;
    };
    let exposures = vault.exposures(ctx.now()).unwrap_or_default();
    // Each of those who know these bytes, once.
    let mut told = BTreeSet::new();
    for (slot, how) in exposures.of(entry) {
        if slot == SECRET && told.insert(how.contact) {
            ctx.warn(&exposure::reason(vault, how, ctx.now()));
        }
    }
    for why in exposures.compromises(entry, SECRET) {
        let why = exposure::compromise(why, ctx.now());
        ctx.warn(&format!("strangers may know it: {why}"));
    }
    tell_who_has_the_old_one(ctx, vault, entry);
    if entry.flags(ctx.now()).contains(&"expired") {
        ctx.ui.hint(&format!(
            "it still counts as expired; to give it a new end: vault edit {path:#} --expires 90d"
        ));
    }
}

/// Names who may go on using the secret, and has the one before it, with the command that helps.
fn tell_who_has_the_old_one(ctx: &Context, vault: &Vault, entry: &Entry) {
    for line in vault.outdated_shares(entry, ctx.now()).unwrap_or_default() {
        let (share, contact) = (number(line.share.id), line.share.recipient.contact);
        let name = vault.contact_name(contact).unwrap_or_default();
        // What leaked by them is not sent to them anew.
        let next = match vault.open_incident_from(contact) {
            Ok(None) => format!("to send the new one: vault share --update {share}"),
            Ok(Some(incident)) => {
                let incident = number(incident.id);
                format!("incident {incident} began with them; to end it: vault revoke {share}")
            }
            Err(_) => format!("to end it: vault revoke {share}"),
        };
        ctx.ui
            .note(&format!("{name} has the old one, by share {share}; {next}"));
    }
}

/// The new secret is saved, and not where it was to be pasted from.
pub(crate) fn not_copied(path: &EntryPath, which: VersionRef, why: &Error) -> Error {
    let number = which.number;
    Error::failed(format!(
        "version {number} of {path} is saved, but was not copied: {why}"
    ))
    .hint(format!(
        "to read it: vault get {path:#} --at-version {number}"
    ))
}

/// A script must not take nothing for the new secret: this is a failure although it is saved.
pub(crate) fn unprinted(path: &EntryPath, which: VersionRef, why: &Error) -> Error {
    let number = which.number;
    Error::failed(format!(
        "version {number} of {path} is pending, but was not printed: {why}"
    ))
    .hint(format!("it is saved: vault get {path:#} --pending"))
}
