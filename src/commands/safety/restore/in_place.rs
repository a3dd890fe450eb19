//! The vault is damaged or gone: a copy takes its place, and the damaged file is kept.

use std::path::Path;

use super::plan::CopySource;
use super::{Args, UNASKED, plan};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::history::restore::RestorePlan;
use crate::store::backups::catalogue::BackupFile;
use crate::store::broken::Broken;
use crate::store::reading::{Remembered, VaultPlace};

/// Puts the copy at `path` in the place of what is broken. As it is, where this device has seen
/// nothing later; else as the generation after what it has seen, so that it is no rollback.
pub(crate) fn run(
    args: &Args,
    ctx: &Context,
    store: &VaultPlace,
    path: &Path,
    copy: Remembered,
    broken: Broken,
) -> Result<()> {
    let source = CopySource::new(path, copy.sealed.facts().generation);
    let is_new_here = copy.pin.is_none();
    let copy = store.recall_kept(copy)?;
    check_newest(ctx, store, &source, &copy)?;
    let locked = store.judge(copy)?;
    let aside = broken.aside(store);
    if ctx.rehearses() {
        ctx.ui.note(&broken_note(&broken));
        let note = format!(
            "put {source} in its place{}",
            kept_as(&broken, aside.as_deref(), "would be")
        );
        ctx.note_done(&note);
        if !ctx.ui.is_json() {
            return Ok(());
        }
        return plan::answer(ctx, &source, &RestorePlan::default(), Some(store.path()));
    }
    // What can go wrong with a password does so before anything is asked about files.
    let older = locked.is_accepted_older();
    let fingerprint = locked.facts().signer.fingerprint();
    let (session, locked) = if older {
        let session = ctx.unlock_file(locked)?;
        session.check_changeable()?;
        (Some(session), None)
    } else {
        (None, Some(locked))
    };
    ctx.ui.note(&broken_note(&broken));
    let kept_as = kept_as(&broken, aside.as_deref(), "is");
    let question = format!("Put {source} ({}) in its place?", path.display());
    if !args.yes && !ctx.ui.confirm(&question, UNASKED)? {
        ctx.answer_change("left everything as it is", &[]);
        return Ok(());
    }
    if let Some(session) = session {
        ctx.change_instead_of(session, broken, |vault, author| {
            vault.record_put_in_place(author);
            Ok(())
        })?;
    } else if let Some(locked) = locked {
        store.put_in_place(&locked, &broken)?;
    }
    ctx.note_done(&format!("put {source} in place{kept_as}"));
    if older {
        ctx.ui
            .note("It is a new generation now, later than what this device has seen.");
    }
    if is_new_here {
        ctx.ui.note(&format!(
            "This device has not seen this vault before: it is signed by {fingerprint}."
        ));
    }
    ctx.answer(&[store.path().display().to_string()]);
    Ok(())
}

pub(crate) fn broken_note(broken: &Broken) -> String {
    if broken.is_old_copy() {
        return format!("The vault's file is an old copy: {}.", broken.why());
    }
    format!("The vault does not open: {}.", broken.why())
}

fn kept_as(broken: &Broken, aside: Option<&Path>, verb: &str) -> String {
    let what = if broken.is_old_copy() {
        "old copy"
    } else {
        "damaged file"
    };
    let text = |aside: &Path| format!("; the {what} {verb} kept as {}", aside.display());
    aside.map(text).unwrap_or_default()
}

/// Refuses a copy that is older than what this device has seen, unless that was accepted.
fn check_newest(
    ctx: &Context,
    store: &VaultPlace,
    source: &CopySource,
    copy: &Remembered,
) -> Result<()> {
    let facts = copy.sealed.facts();
    let signer = facts.signer.to_openssh();
    let pin = copy.pin.as_ref().filter(|pin| pin.signer == signer);
    let Some(pin) = pin.filter(|pin| facts.generation < pin.generation) else {
        return Ok(());
    };
    if ctx.globals.accept_generation == Some(facts.generation) {
        return Ok(());
    }
    let newest = store
        .backup_catalogue()?
        .files
        .into_iter()
        .find(BackupFile::is_good);
    let newest = newest.and_then(|file| file.generation);
    let newer = newest.filter(|newest| *newest > facts.generation);
    let hint = match newer {
        Some(newer) => format!("generation {newer} is kept too: vault restore {newer}; or"),
        None => "if there is no newer copy anywhere:".to_owned(),
    };
    Err(Error::integrity(format!(
        "the copy has generation {}, and there is generation {}: what was changed in between is not in it",
        facts.generation, pin.generation
    ))
    .hint(format!(
        "{hint} go on from this one with --accept-generation {}",
        source.generation
    )))
}
