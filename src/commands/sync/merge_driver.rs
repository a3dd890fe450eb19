//! `vault merge-driver`: what git runs where both sides have changed the vault file, see
//! `vault sync --setup`. It merges as `vault merge` does, into a file that git puts in place.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::outcome_password::OutcomePassword;
use super::taking_in::{check_new_ways_in, outcome_of, tell};
use crate::commands::args::rejected_keys::RejectedKeys;
use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::store::reading::{Remembered, VaultPlace};
use crate::store::session::Session;

/// The command's name.
pub const NAME: &str = "merge-driver";

const EXAMPLES: &str = "\
git runs it as vault sync --setup tells it to. The outcome takes the place of OURS, which stays as
it is where there is none: then git reports a conflict, and the last line says what ends it. Nothing
is ever asked: the key comes from the agent (vault unlock), or from what VAULT_PASSWORD_COMMAND or
VAULT_PASSWORD_FILE names.";

/// Options of `merge-driver`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The state that both sides come from, git's %O; not needed, and not read
    base: PathBuf,
    /// The state that is merged into, git's %A
    ours: PathBuf,
    /// The state that is taken in, git's %B
    theirs: PathBuf,
    /// Where the vault is in the work tree, git's %P
    pub path: PathBuf,
}

/// Merges the two states.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    Ok(merge(args, ctx).map_err(|why| unmerged(&args.path, &why))?)
}

fn merge(args: &Args, ctx: &Context) -> VaultResult<()> {
    let store = ctx.store()?;
    let ours = read(&store, &args.ours, "on this side")?;
    let theirs = read(&store, &args.theirs, "on the other side")?;
    let is_newest_seen = [ours.is_newest_seen(), theirs.is_newest_seen()];
    // In a rebase, this side is the others'. Where the keys were made new, the one that is signed
    // as this device knows it tells whether the other may be.
    let is_swapped = !ours.has_known_signer() && theirs.has_known_signer();
    let (first, second) = if is_swapped {
        (theirs, ours)
    } else {
        (ours, theirs)
    };
    let generation = first.sealed.facts().generation;
    let first = store.accepting_generation(generation).judge(first)?;
    let mut session = (ctx.unlock_elsewhere(first)).map_err(|why| locked(&args.path, why))?;
    session.check_can_take_in()?;
    let copy = ctx.open_copy(
        &session,
        session.as_mergeable(second)?,
        "the other side",
        None,
    )?;
    let before = {
        let mut sides = [session.vault(), &copy.vault];
        if is_swapped {
            sides.reverse();
        }
        let [ours, theirs] = sides;
        if ours.has_all_of(theirs) {
            ctx.ui.note("nothing to take in: this side has all of it");
            return Ok(());
        }
        check_both_ways((ctx, &session), sides, is_newest_seen)?;
        ours.clone()
    };
    if !is_swapped && session.is_within(&copy) {
        tell(ctx, &copy.vault.taken_in_since(&before, ctx.now())?);
        return copy.write_to(&args.ours);
    }
    let mut password = OutcomePassword::default();
    password.given_up.compare(session.vault(), &copy.vault)?;
    session.take_in(&copy)?;
    let report = outcome_of(ctx, &session, &before, &[])?;
    let key = password.key_of_outcome(&session, &copy.key)?;
    session.seal_to(&args.ours, ctx.now(), key)?;
    tell(ctx, &report);
    Ok(())
}

fn read(store: &VaultPlace, file: &Path, side: &str) -> VaultResult<Remembered> {
    // The names of git's own files say nothing to anybody.
    let named = |why: Error| {
        let why = Error::new(
            why.kind(),
            why.message().replace(&file.display().to_string(), "it"),
        );
        why.prefixed(&format!("what git has {side}: "))
    };
    store.read_state(file).map_err(named)
}

/// Asks of each side that is not the newest file of this device what ways in it would bring: which
/// side is whose differs between a merge and a rebase.
fn check_both_ways(
    at: (&Context, &Session),
    sides: [&Vault; 2],
    is_newest_seen: [bool; 2],
) -> VaultResult<()> {
    let [ours, theirs] = sides;
    let [knows_ours, knows_theirs] = is_newest_seen;
    let none = RejectedKeys::default();
    if !knows_theirs {
        check_new_ways_in(at, &none, ours, theirs)?;
    }
    if !knows_ours {
        check_new_ways_in(at, &none, theirs, ours)?;
    }
    Ok(())
}

/// Where nothing opens the vault without asking, git must not hang over that.
fn locked(path: &Path, why: Error) -> Error {
    if why.kind() != Kind::NeedsInput {
        return why;
    }
    let path = from_anywhere(path);
    Error::usage("it is locked, and nothing is asked while git merges").hint(format!(
        "vault unlock; then let git merge it again: git checkout -m -- {path} && git add {path}"
    ))
}

/// A path in the work tree as git takes it in whichever folder of it somebody is, letter for letter.
fn from_anywhere(path: &Path) -> String {
    let path = path.display().to_string();
    let magic = if path.contains(['*', '?', '[', '\\']) {
        ":(top,literal)"
    } else {
        ":/"
    };
    as_word(format!("{magic}{path}"))
}

/// Says where the vault is left, and what ends the conflict.
fn unmerged(path: &Path, why: &Error) -> Error {
    let (shown, quoted) = (path.display(), from_anywhere(path));
    let error = why
        .clone()
        .prefixed(&format!("{shown} is left as it is on this side: "));
    let blob = as_word(format!(":3:{shown}"));
    let by_hand = |option: &str| {
        format!(
            "git cat-file blob {blob} > theirs.age && vault merge theirs.age{option} && rm theirs.age && \
             git add {quoted}"
        )
    };
    match (why.kind(), why.next_step()) {
        (Kind::Usage, Some(_)) => error,
        // Each way on has its option at its end.
        (_, Some(step)) if step.contains(": --accept-") => {
            let ways = step.split("; ").map(|way| match way.split_once(": --") {
                Some((when, option)) => format!("{when}: {}", by_hand(&format!(" --{option}"))),
                None => way.to_owned(),
            });
            error.hint(ways.collect::<Vec<_>>().join("; "))
        }
        (Kind::Integrity, _) => error.hint(format!(
            "to stay with what is here, once you know where that came from: git add {quoted}"
        )),
        _ => error.hint(format!("to merge it by hand: {}", by_hand(""))),
    }
}
