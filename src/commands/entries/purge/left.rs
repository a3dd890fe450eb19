//! Copies that hold what was purged: which there are, and what becomes of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::certificate::{LeftCopy, LeftKind, ranges};
use crate::model::text::name::ClientSlug;
use crate::store::backups::catalogue::BackupReason;
use crate::store::backups::holding::{Certainty, HoldingCopies, HoldingCopy};
use crate::store::session::Session;
use crate::sync::remote::RemoteUrl;
use crate::sync::repository::SyncRepository;
use crate::sync::work_tree::WorkTree;
use crate::ui::time::local_time;

/// Copies that are told one by one; of the rest, how many there are.
const TOLD: usize = 12;

/// All copies that hold what was purged, as far as is known here.
pub(super) struct CopiesLeft {
    found: HoldingCopies,
    /// Where a change would keep the generation before it, in a dry run.
    foreseen: Option<PathBuf>,
    /// The remote, if there is one.
    remote: Option<RemoteUrl>,
    /// Where the vault's file is kept in git, and how many commits may have it.
    commits: Option<(PathBuf, u64)>,
}

/// What is left once those that were to go are gone.
pub(super) struct Cleared {
    /// How many are gone.
    pub(super) removed: usize,
    /// Those that are left.
    pub(super) left: Vec<LeftCopy>,
}

impl CopiesLeft {
    /// Looks for copies of these entries, which were purged at a time for the last time.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when what this device remembers is damaged.
    pub(super) fn of(
        ctx: &Context,
        session: &Session,
        gone: &HashSet<Uuid>,
        last: Timestamp,
    ) -> Result<Self> {
        let store = ctx.store()?;
        let record = store.read()?.device_folder().sync_record()?;
        let remote = record.and_then(|record| RemoteUrl::parse(&record.remote).ok());
        Ok(Self {
            found: session.copies_with(gone)?,
            foreseen: None,
            remote,
            commits: commits_until(ctx, store.path(), last),
        })
    }

    /// With what a dry run does not make.
    pub(super) fn foreseen(mut self, ctx: &Context, session: &Session) -> Self {
        if ctx.rehearses() {
            self.foreseen = Some(session.next_backup());
            // The change writes over that.
            let is_last = |it: &HoldingCopy| it.file.origin == BackupReason::Last;
            self.found.files.retain(|it| !is_last(it));
        }
        self
    }

    /// Removes what can be removed, where that is wanted.
    pub(super) fn cleared(self, ctx: &Context, session: &Session, backups: bool) -> Cleared {
        let mut files: Vec<&HoldingCopy> = self.found.files.iter().collect();
        let mut clone = self.found.clone.clone();
        let mut foreseen = self.foreseen.clone();
        let mut removed: Vec<PathBuf> = Vec::new();
        if backups && ctx.rehearses() {
            let ours = files.iter().filter(|it| it.is_ours());
            removed.extend(ours.map(|it| it.file.path.clone()));
            removed.extend(foreseen.take());
        } else if backups {
            let cleared = session.clear_copies(&self.found, ctx.now());
            for (path, why) in &cleared.left {
                ctx.warn(&format!("{} was not removed: {why}", path.display()));
            }
            removed = cleared.removed;
        }
        files.retain(|it| !removed.contains(&it.file.path));
        if backups && let (Some(folder), Some(remote)) = (&clone, &self.remote) {
            // It is made anew by the next sync, from the newest file alone.
            let gone = ctx.rehearses() || removed_clone(ctx, session, folder, remote);
            if gone {
                removed.push(folder.clone());
                clone = None;
            }
        }
        tell_removed(ctx, &removed);
        let removed = removed.len();
        let mut left: Vec<LeftCopy> = files.into_iter().map(of_file).collect();
        left.extend(foreseen.map(|path| LeftCopy {
            what: LeftKind::Beside,
            shown: path.display().to_string(),
            generation: Some(session.facts().generation),
            gone_by: None,
            is_sure: true,
        }));
        left.extend(self.elsewhere(clone.as_deref()));
        Cleared { removed, left }
    }

    /// What is left beside files that can be looked into.
    fn elsewhere(&self, clone: Option<&Path>) -> Vec<LeftCopy> {
        let unsure = |what, shown: String, generation| LeftCopy {
            what,
            shown,
            generation,
            gone_by: None,
            is_sure: false,
        };
        let beside = self.found.beside.iter().map(|(path, certainty)| LeftCopy {
            is_sure: *certainty == Certainty::Has,
            ..unsure(LeftKind::Conflicted, path.display().to_string(), None)
        });
        let away = self.found.away.iter().map(|copy| {
            let folder = copy.folder().display().to_string();
            unsure(LeftKind::Away, folder, Some(copy.generation))
        });
        let unread = self.found.unread.iter();
        let unread = unread.map(|why| unsure(LeftKind::Unread, why.to_string(), None));
        let clone = clone.map(|it| unsure(LeftKind::Clone, it.display().to_string(), None));
        let remote = self.remote.iter();
        let remote = remote.map(|it| unsure(LeftKind::Remote, it.to_string(), None));
        let commits = self
            .commits
            .iter()
            .map(|(top, count)| unsure(LeftKind::Commits(*count), top.display().to_string(), None));
        beside
            .chain(away)
            .chain(unread)
            .chain(clone)
            .chain(remote)
            .chain(commits)
            .collect()
    }
}

fn of_file(copy: &HoldingCopy) -> LeftCopy {
    LeftCopy {
        what: match copy.file.origin {
            BackupReason::Automatic => LeftKind::Beside,
            BackupReason::Copy => LeftKind::Elsewhere,
            BackupReason::Last => LeftKind::Last,
        },
        shown: copy.file.path.display().to_string(),
        generation: copy.file.generation,
        gone_by: copy.gone_by,
        is_sure: copy.certainty == Certainty::Has,
    }
}

fn removed_clone(ctx: &Context, session: &Session, folder: &Path, remote: &RemoteUrl) -> bool {
    let done = session
        .lock_sync()
        .and_then(|_lock| SyncRepository::open(folder, remote, false)?.remove());
    if let Err(why) = &done {
        ctx.warn(&format!("{} was not removed: {why}", folder.display()));
    }
    done.is_ok()
}

/// The repository of the user's own that holds the vault's file, and how many commits until a time
/// may have what was purged; git is asked only where there is one.
fn commits_until(ctx: &Context, vault: &Path, until: Timestamp) -> Option<(PathBuf, u64)> {
    let folder = vault.parent()?;
    folder.ancestors().find(|it| it.join(".git").exists())?;
    let counted = WorkTree::around(folder)
        .and_then(|tree| Ok((tree.top().to_path_buf(), tree.commits_of(vault, until)?)));
    match counted {
        Ok((_, 0)) => None,
        Ok(found) => Some(found),
        Err(why) => {
            ctx.warn(&format!(
                "whether the git repository around {} holds it is not known: {why}",
                folder.display()
            ));
            None
        }
    }
}

/// Says which copies are gone.
fn tell_removed(ctx: &Context, removed: &[PathBuf]) {
    if removed.is_empty() {
        return;
    }
    let mut names: Vec<String> = removed.iter().map(|it| it.display().to_string()).collect();
    let count = match names.len() {
        1 => "1 copy that held it".to_owned(),
        count => format!("{count} copies that held it"),
    };
    shorten(&mut names);
    ctx.note_done(&format!(
        "removed {count}, once one of the vault without it was there: {}",
        names.join(", ")
    ));
}

/// Leaves so many that they can be read, and says how many more there are.
fn shorten(lines: &mut Vec<String>) {
    let rest = lines.len().saturating_sub(TOLD);
    lines.truncate(TOLD);
    if rest > 0 {
        lines.push(format!("and {rest} more"));
    }
}

/// Says which copies hold what was purged, and until when.
pub(super) fn tell_left(ctx: &Context, left: &[LeftCopy], was_cleared: bool) {
    if left.is_empty() {
        ctx.ui.note(
            "no copy that this device knows holds it; copies made by other means, and paper, \
             cannot be seen from here",
        );
        return;
    }
    let mut lines = lines(left);
    shorten(&mut lines);
    let how = if was_cleared {
        ""
    } else {
        "; --backups removes those that can be reached"
    };
    ctx.warn(&format!(
        "who knows the password can still read it in {}{how}",
        lines.join("; ")
    ));
}

/// A line for each; the newest generations beside the vault have one together.
fn lines(left: &[LeftCopy]) -> Vec<String> {
    let (newest, others): (Vec<&LeftCopy>, Vec<&LeftCopy>) =
        left.iter().partition(|it| it.is_one_of_the_newest());
    let newest = match newest.as_slice() {
        [] => None,
        [only] => Some(format!("{} (no date: the ten newest are kept)", only.shown)),
        [first, ..] => {
            let folder = Path::new(&first.shown).parent().map(Path::display);
            let folder = folder.map(|it| it.to_string()).unwrap_or_default();
            let mut numbers: Vec<u64> = newest.iter().filter_map(|it| it.generation).collect();
            numbers.sort_unstable();
            Some(format!(
                "{folder}, generations {} (no date: the ten newest are kept)",
                ranges(&numbers)
            ))
        }
    };
    let told = others.into_iter().map(|copy| {
        let shown = &copy.shown;
        let what = match (copy.what, copy.generation) {
            (LeftKind::Away, Some(last)) => {
                format!("{shown}, which is not there now (the last copy was generation {last})")
            }
            (LeftKind::Conflicted, _) => {
                format!("{shown}, which may have more: vault merge --all takes it in first")
            }
            (LeftKind::Remote, _) => format!("{shown}, which keeps every earlier file"),
            (LeftKind::Commits(1), _) => format!("1 commit of {shown}"),
            (LeftKind::Commits(count), _) => format!("{count} commits of {shown}"),
            _ if !copy.is_sure => format!("{shown} (perhaps: it could not be looked into)"),
            _ => shown.clone(),
        };
        match copy.gone_by {
            Some(time) => format!("{what} (gone by {})", local_time(time)),
            None => what,
        }
    });
    newest.into_iter().chain(told).collect()
}

/// That something still holds what was purged of a client.
pub(super) fn still_there(slug: &ClientSlug, left: &[LeftCopy]) -> Error {
    let removable = left
        .iter()
        .any(|it| it.gone_by.is_some() || is_reached(it.what));
    let hint = if removable {
        format!("to remove those that can be reached: vault purge --final {slug:#} --backups")
    } else {
        format!(
            "connect it, or say that it is gone: vault purge --final {slug:#} --gone PLACE; a remote \
             is left behind by naming an empty one: vault sync --remote URL"
        )
    };
    Error::conflict(format!(
        "what was removed of {slug} is still in copies, or may be"
    ))
    .details(lines(left))
    .hint(hint)
}

fn is_reached(what: LeftKind) -> bool {
    matches!(
        what,
        LeftKind::Beside | LeftKind::Elsewhere | LeftKind::Last | LeftKind::Clone
    )
}
