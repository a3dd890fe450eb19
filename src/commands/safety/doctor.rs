//! `vault doctor`: whether this machine and the vault's settings are as they should be.

use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;

use super::findings::{fail_for, tell, tell_fine};
use crate::context::ways_in::{described, removal};
use crate::context::{self, Context};
use crate::crypto::memory;
use crate::error::{Error, Result as VaultResult};
use crate::model::findings::doctor::{
    AtRest, Backups, CopyFact, Counts, Fact, MachineFacts, RELEASE, Swap, VaultFacts, examine,
};
use crate::model::findings::finding::{Finding, Level};
use crate::model::findings::rule::Examined;
use crate::model::records::record_id::short;
use crate::model::records::way_in::Family;
use crate::process::{file_vault, own_program};
use crate::store::backups::catalogue::{BackupCatalogue, BackupFile, BackupReason};
use crate::store::disk::scratch;
use crate::store::reading::VaultPlace;
use crate::store::session::Session;
use crate::store::surroundings;
use crate::store::surroundings::encryption::Kernel;

const EXAMPLES: &str = "\
Examples:
  vault doctor
  vault doctor --verbose
  vault doctor --fail-on high
  vault doctor --json | jq -r '.[].fix'

It looks at permissions, whether the disk is encrypted, swap and hibernation, locked memory, core
dumps, the clipboard, git and synced folders, the agent, the clock, what a guess at the password
costs, how old the last good copy is and whether it is on another disk, whether there is a way in
without the password, exported passwords that lie in Downloads or on the desktop (by their names),
how old this version is, and whether PATH leads to another one of its name or to wherever one is.
Nothing is changed, and nothing leaves the machine. What can only be seen in an open vault is checked only if the agent
has its key or a password is given; nobody is asked.

What is wrong comes first, the worst at the top; --verbose has what is fine, too.
Exit 8 when anything is found at or above --fail-on.";

/// Options of `doctor`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Exit 8 for findings at this level or above: low, medium or high
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    fail_on: Level,
    /// Show every check, those that found nothing too
    #[arg(short, long)]
    verbose: bool,
}

/// Looks at everything and says what is not as it should be.
///
/// # Errors
/// [`crate::error::Kind::Findings`] when anything is found at or above the level.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let store = ctx.store()?;
    // Before anything opens the vault, which wipes them.
    let left_edits = scratch::abandoned().into_iter();
    let left_edits: Vec<String> = left_edits
        .map(|folder| folder.display().to_string())
        .collect();
    let session = match store.read() {
        Ok(_) => ctx.unlock_unasked()?,
        Err(_) => None,
    };
    let mut facts = gather(ctx, &store, session.as_ref())?;
    facts.left_edits = left_edits;
    let mut examined = examine(&facts);
    for found in examined.iter_mut().flat_map(|rule| &mut rule.findings) {
        found.fix = found.fix.take().map(|fix| ctx.ui.as_typed(&fix));
    }
    let findings: Vec<&Finding> = examined.iter().flat_map(|rule| &rule.findings).collect();
    if ctx.ui.is_json() {
        ctx.ui.json(&findings)?;
    } else {
        answer(ctx, &examined, args.verbose)?;
    }
    fail_for(ctx, "doctor", &findings, args.fail_on)
}

fn answer(ctx: &Context, examined: &[Examined], verbose: bool) -> VaultResult<()> {
    let mut findings: Vec<&Finding> = examined.iter().flat_map(|rule| &rule.findings).collect();
    findings.sort_by_key(|found| std::cmp::Reverse(found.level));
    for found in &findings {
        // A part of the machine is named by the rule already.
        let text = if found.subject.starts_with('/') {
            format!("{}: {}", found.subject, found.message)
        } else {
            found.message.clone()
        };
        tell(ctx, found, &text)?;
    }
    tell_fine(ctx, examined, findings.is_empty(), verbose)
}

/// Looks at the machine and at the vault, which shows more where it is open. What edits have left is
/// not looked at: opening the vault wipes that.
pub(crate) fn gather(
    ctx: &Context,
    store: &VaultPlace,
    session: Option<&Session>,
) -> VaultResult<MachineFacts> {
    let vault = store.read().map(|locked| VaultFacts {
        generation: locked.facts().generation,
        size: locked.size(),
        kdf: locked.access().kdf,
        ways_in: locked.other_ways_in(),
    });
    let kept = store.backup_catalogue();
    Ok(MachineFacts {
        now: ctx.now(),
        path: store.path().display().to_string(),
        vault,
        device: surroundings::device(store.path()),
        had_vault: store.had_a_vault(),
        places: store.places(),
        around: store.around(),
        unwritten: session.map(unwritten).unwrap_or_default(),
        unknown_keys: session.map_or(Ok(Vec::new()), unknown_keys)?,
        swap: swap(),
        hibernation: hibernation(),
        disk: disk(store.path()),
        released: RELEASE.1,
        namesakes: own_program::namesakes(ctx.ui.called()),
        open_path_parts: own_program::open_path_parts(),
        exports: surroundings::exports(),
        left_edits: Vec::new(),
        memory_locked: memory::can_lock(),
        no_dumps: memory::leaves_no_dump(),
        clipboard: ctx.ui.clipboard().map(|_| ()).map_err(in_words),
        agent: agent(),
        last_seen: last_seen(session, kept.as_ref().ok()),
        backups: kept.as_ref().map(backups).map_err(ToString::to_string),
        counts: counts(session),
    })
}

/// macOS encrypts all of its swap.
fn swap() -> Fact<Vec<Swap>> {
    if cfg!(target_os = "macos") {
        return Ok(Vec::new());
    }
    Kernel::default().swap()
}

/// What macOS writes when it hibernates is encrypted as its swap is.
fn hibernation() -> Fact<Vec<Swap>> {
    if cfg!(target_os = "macos") {
        return Ok(Vec::new());
    }
    Kernel::default().hibernation()
}

fn disk(vault: &Path) -> Fact<AtRest> {
    if !cfg!(target_os = "macos") {
        return Kernel::default().at_rest(vault);
    }
    Ok(if file_vault::is_on()? {
        AtRest::Encrypted
    } else {
        AtRest::Clear("disk".into())
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn in_words(why: Error) -> String {
    match why.next_step() {
        Some(step) => format!("{why}; {step}"),
        None => why.to_string(),
    }
}

fn agent() -> Fact<()> {
    let status = context::agent().and_then(|agent| agent.status(None));
    status.map(|_| ()).map_err(in_words)
}

fn counts(session: Option<&Session>) -> Fact<Counts> {
    match session {
        Some(session) => session.vault().counts().map_err(in_words),
        None => Err("that shows in an open vault only".into()),
    }
}

fn unwritten(session: &Session) -> Vec<String> {
    let identities = session.vault().ways_in(Family::Recovery);
    let unwritten = identities.filter(|way| way.is_unwritten());
    unwritten.map(|way| short(way.id)).collect()
}

/// Keys in doubt: in a fork they go where the copies are taken in.
fn unknown_keys(session: &Session) -> VaultResult<Vec<(String, String)>> {
    let doubted = session.new_ways_in()?.into_iter();
    let doubted = doubted.filter(|new| new.added_by.is_none());
    Ok(doubted
        .map(|new| (described(new.way), removal(session, new.way)))
        .collect())
}

/// The last thing that this device did in the vault, or wrote.
fn last_seen(session: Option<&Session>, kept: Option<&BackupCatalogue>) -> Fact<Timestamp> {
    let files = kept.iter().flat_map(|kept| &kept.files);
    let last_file = files.filter(|file| file.origin == BackupReason::Last);
    let written = last_file.filter_map(|file| file.written).max();
    let done = session.and_then(|session| {
        let chain = session.vault().log.chain(session.device()?)?;
        let logged = chain.read().last()?.ok()?.time;
        let journalled = session.journalled().unwrap_or_default().events;
        let journalled = journalled.last().map(|(_, event)| event.time);
        Some(journalled.unwrap_or(logged).max(logged))
    });
    let latest = written.into_iter().chain(done).max();
    latest.ok_or_else(|| "this device has not written the vault yet".into())
}

fn backups(kept: &BackupCatalogue) -> Backups {
    let of = |origin| kept.files.iter().filter(move |file| file.origin == origin);
    // What a key of the vault's own has signed before it was replaced is no less whole.
    let is_whole = |file: &BackupFile| file.is_good() || file.is_former;
    // Another vault's files are no concern of this one.
    let bad = (kept.files.iter()).filter(|file| !is_whole(file) && !file.is_foreign);
    let mut copies: Vec<CopyFact> = of(BackupReason::Copy)
        .filter(|file| is_whole(file))
        .filter_map(copy)
        .collect();
    for record in kept.copies.iter().filter(|record| !record.file.exists()) {
        copies.push(CopyFact {
            path: record.file.display().to_string(),
            generation: record.generation,
            time: record.time,
            is_checked: false,
            device: None,
        });
    }
    Backups {
        copies,
        bad: bad.map(|file| file.path.display().to_string()).collect(),
        good_beside: of(BackupReason::Automatic)
            .filter(|file| is_whole(file))
            .count(),
        unread: kept.unread.iter().map(ToString::to_string).collect(),
    }
}

fn copy(file: &BackupFile) -> Option<CopyFact> {
    Some(CopyFact {
        path: file.path.display().to_string(),
        generation: file.generation?,
        time: file.written?,
        is_checked: true,
        device: surroundings::device(&file.path),
    })
}
