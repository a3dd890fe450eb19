//! `vault rotate --due --exec`: a program changes all that is due, one after another.

use std::collections::BTreeSet;

use super::due::{DueSelection, HowToRotate, is_secret_due};
use super::exec::{self, Attempt, Programs};
use crate::commands::reveal::{exposure, share_terms};
use crate::context::Context;
use crate::crypto::random;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::rotation::due::DueEntry;
use crate::model::rotation::exposure::{IN_TRASH, remedies};
use crate::model::rotation::pending::{Replacement, VersionRef};
use crate::model::text::name::EntryPath;
use crate::store::session::Session;

/// Has a program change all that is due, one after another: what fails stays pending, and the rest
/// goes on.
///
/// # Errors
/// [`Kind::Conflict`] when one of them was not changed.
pub(super) fn run(
    ctx: &Context,
    meant: &DueSelection<'_>,
    how: &HowToRotate<'_>,
    programs: &Programs<'_>,
) -> VaultResult<()> {
    let mut session = ctx.unlock_to_change()?;
    let due = meant.of(session.vault(), ctx.now())?;
    if due.is_empty() {
        ctx.ui.note("nothing is due");
        ctx.answer(&[]);
        return Ok(());
    }
    // New secrets for one entry make no other one known.
    let exposures = session.vault().exposures(ctx.now())?;
    let (mut changed, mut left) = (Vec::new(), Vec::new());
    for DueEntry { id, path, .. } in &due {
        let entry = session.vault().entries.by_id(*id)?;
        let known = exposures.known_slots(entry);
        if let Some(why) = not_by_program(ctx, &session, (path, entry), &known) {
            ctx.warn(&format!("{path} is not changed: {why}"));
            left.push(path.to_string());
            continue;
        }
        if ctx.rehearses() {
            changed.push(path.to_string());
            continue;
        }
        let attempt = match entry.pending().map(VersionRef::from) {
            Some(pending) => Attempt::Again(pending),
            None => Attempt::First(Replacement {
                secret: how.recipe.draw(random::below),
                reason: how.reason.map(str::to_owned),
                again: false,
                to: programs.to(),
            }),
        };
        let outcome;
        (outcome, session) = exec::rotate(ctx, session, path, attempt, programs)?;
        if let Err(why) = outcome {
            ctx.warn(&why.to_string());
            left.push(path.to_string());
            continue;
        }
        changed.push(path.to_string());
        // A program changes the secret alone.
        exposure::note_others(ctx, path, &known);
        let others = known.into_iter().filter(|slot| slot != SECRET);
        left.extend(others.map(|slot| format!("{slot} of {path}")));
    }
    ctx.list_rehearsed(&changed)?;
    ctx.note_done(&format!(
        "changed the secrets of {} of {}",
        changed.len(),
        due.len()
    ));
    ctx.answer(&changed);
    if left.is_empty() {
        return Ok(());
    }
    Err(
        Error::new(Kind::Conflict, format!("not changed: {}", left.join(", "))).hint(
            "what a program failed with stays pending, and the same command tries it again; vault \
             list --due shows what is left",
        ),
    )
}

/// Why a program cannot give an entry a new secret, if it cannot.
fn not_by_program(
    ctx: &Context,
    session: &Session,
    (path, entry): (&EntryPath, &Entry),
    known: &BTreeSet<String>,
) -> Option<String> {
    let by_hand = || remedies(path, entry, known).join("; ");
    if entry.is_removed() {
        return Some(format!("it {IN_TRASH}: {}", by_hand()));
    }
    if entry.received.is_some() {
        return Some("it is lent to you".to_owned());
    }
    if let Err(why) = share_terms::check_usable(ctx, session, entry) {
        return Some(why.to_string());
    }
    if !is_secret_due(entry, known, ctx) {
        return Some(format!("what is due is not its password: {}", by_hand()));
    }
    let secret = entry.current(SECRET)?.secret();
    secret.expose().contains('\n').then(|| {
        format!("it is a key, which no program can be given a drawn one for: vault rotate {path:#} --stdin --raw < KEY")
    })
}
