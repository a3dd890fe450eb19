//! `vault rotate --due --exec`: a program changes all that is due, one after another.

use super::due::{DueSelection, HowToRotate, is_secret_due};
use super::exec::{self, Programs};
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::crypto::random;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::records::entry::Entry;
use crate::model::rotation::due::DueEntry;
use crate::model::rotation::exposure::{Exposures, IN_TRASH};
use crate::model::rotation::pending::Replacement;
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
        if let Some(why) = not_by_program(ctx, &session, &exposures, entry) {
            ctx.warn(&format!("{path} is not changed: {why}"));
            left.push(path.to_string());
            continue;
        }
        let new = Replacement {
            secret: how.recipe.draw(random::below),
            reason: how.reason.map(str::to_owned),
            again: false,
        };
        let outcome;
        (outcome, session) = exec::rotate(ctx, session, path, new, programs)?;
        match outcome {
            Ok(()) => changed.push(path.to_string()),
            Err(why) => {
                ctx.warn(&why.to_string());
                left.push(path.to_string());
            }
        }
    }
    ctx.ui
        .note(&format!("changed {} of {}", changed.len(), due.len()));
    if left.is_empty() {
        ctx.answer(&changed);
        return Ok(());
    }
    Err(
        Error::new(Kind::Conflict, format!("not changed: {}", left.join(", ")))
            .hint("what is pending is settled by vault rotate ENTRY --confirm or --abort"),
    )
}

/// Why a program cannot give an entry a new secret, if it cannot.
fn not_by_program(
    ctx: &Context,
    session: &Session,
    exposures: &Exposures,
    entry: &Entry,
) -> Option<String> {
    if entry.is_removed() {
        return Some(format!("it {IN_TRASH}"));
    }
    if let Some(pending) = entry.pending() {
        return Some(format!("version {} is pending", pending.number));
    }
    if entry.received.is_some() {
        return Some("it is lent to you".to_owned());
    }
    if let Err(why) = share_terms::check_usable(ctx, session, entry) {
        return Some(why.to_string());
    }
    if !is_secret_due(entry, exposures, ctx) {
        return Some("what is due is no secret of its own".to_owned());
    }
    None
}
