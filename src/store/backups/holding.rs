//! Copies of the vault that still hold what was removed for good: each that this device knows is
//! opened and looked through, and goes where that is wanted.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use uuid::Uuid;

use super::catalogue::{BackupFile, BackupReason};
use super::copies::CopyRecord;
use super::generations;
use crate::crypto::parents_text;
use crate::error::{Error, Kind, Result};
use crate::model::vault::Vault;
use crate::store::disk::file::{failed, sync_folder};
use crate::store::disk::lock::FileLock;
use crate::store::disk::vault_file::scan;
use crate::store::disk::waiting::folder;
use crate::store::session::Session;

/// What is known of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It was opened, and has it.
    Has,
    /// It opens with another password, an earlier one: it may have it.
    Closed,
    /// It could not be read, and this is why: it may have it.
    Unread(String),
}

/// A copy that has what was removed, or may have it.
#[derive(Clone, Debug)]
pub struct HoldingCopy {
    /// The file.
    pub file: BackupFile,
    /// When the next change of the vault removes it at the latest, if that is known.
    pub gone_by: Option<Timestamp>,
    /// What is known of it.
    pub certainty: Certainty,
}

impl HoldingCopy {
    /// Whether it is surely the vault's own: whole, and signed by its key or one before that.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.file.is_good() || self.file.is_former
    }
}

/// All that this device knows of that has what was removed, or may have it.
#[derive(Debug, Default)]
pub struct HoldingCopies {
    /// The files, newest generation first.
    pub files: Vec<HoldingCopy>,
    /// Files beside the vault that are called as copies of it, and what is known of each: they may
    /// have what is nowhere else, and stay.
    pub beside: Vec<(PathBuf, Certainty)>,
    /// Where copies went that cannot be reached now.
    pub away: Vec<CopyRecord>,
    /// Why a folder could not be looked through.
    pub unread: Vec<Error>,
    /// The repository between the vault and its remote, if there is one.
    pub clone: Option<PathBuf>,
}

/// What became of copies that were to go.
#[derive(Debug, Default)]
pub struct ClearedCopies {
    /// Those that are gone.
    pub removed: Vec<PathBuf>,
    /// Copies of the vault as it is now that were made before, each in the place of those.
    pub fresh: Vec<PathBuf>,
    /// Those that stay, each with the reason.
    pub left: Vec<(PathBuf, String)>,
}

impl Session {
    /// The copies that hold any of these entries, or may hold them.
    ///
    /// # Errors
    /// [`Kind::Integrity`] when what this device remembers is damaged.
    pub fn copies_with(&self, entries: &HashSet<Uuid>) -> Result<HoldingCopies> {
        let store = &self.file.store;
        let catalogue = store.backup_catalogue()?;
        let kept = generations::kept_generations(store.path(), self.facts().generation)?;
        let gone_by = |file: &BackupFile| {
            let mut same = kept
                .iter()
                .filter(|it| Some(it.generation) == file.generation);
            let time = same.find_map(|it| it.gone_by)?;
            Timestamp::try_from(time).ok()
        };
        let mut found = HoldingCopies {
            unread: catalogue.unread,
            ..HoldingCopies::default()
        };
        for file in catalogue.files {
            let is_ours = !file.is_foreign;
            let certainty = is_ours
                .then(|| self.looked_into(&file.path, entries))
                .flatten();
            found.files.extend(certainty.map(|certainty| HoldingCopy {
                gone_by: gone_by(&file).filter(|_| file.origin == BackupReason::Automatic),
                file,
                certainty,
            }));
        }
        match store.copies_beside(self.vault.vault_id) {
            Ok(beside) => {
                let copies = beside.copies.into_iter();
                let seen = copies.filter_map(|it| Some((self.looked_into(&it, entries)?, it)));
                found.beside = seen.map(|(certainty, path)| (path, certainty)).collect();
                let unread = beside.unread.into_iter();
                found
                    .beside
                    .extend(unread.map(|(path, why)| (path, Certainty::Unread(why.to_string()))));
            }
            Err(why) => found.unread.push(why),
        }
        let copies = catalogue.copies.into_iter();
        found.away = copies.filter(|copy| !copy.folder().is_dir()).collect();
        let clone = self.file.state.sync_repository();
        found.clone = Some(clone).filter(|clone| clone.symlink_metadata().is_ok());
        Ok(found)
    }

    /// Where the next change keeps the file as it is now.
    #[must_use]
    pub fn next_backup(&self) -> PathBuf {
        let sealed = &self.file.sealed;
        let hash = parents_text(&[sealed.sha256()]);
        generations::place(self.file.store.path(), sealed.facts().generation, &hash)
    }

    /// Keeps other processes of this device from the repository between the vault and its remote.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when one is at it for too long.
    pub fn lock_sync(&self) -> Result<FileLock> {
        self.file.state.lock_sync(self.file.store.wait)
    }

    /// What is known of one file; nothing where it is another vault's or does not have it.
    fn looked_into(&self, path: &Path, entries: &HashSet<Uuid>) -> Option<Certainty> {
        let sealed = match scan(path) {
            Ok(sealed) => sealed,
            Err(why) if why.kind() == Kind::NotFound => return None,
            Err(why) => return Some(Certainty::Unread(why.to_string())),
        };
        if sealed.facts().vault_id != self.vault.vault_id {
            return None;
        }
        let opened = sealed.open(self.key.way_in());
        let opened = opened.and_then(Vault::decode);
        match opened.and_then(|vault| vault.entries.ids()) {
            Ok(ids) => (ids.iter().any(|id| entries.contains(id))).then_some(Certainty::Has),
            Err(why) if why.kind() == Kind::Locked => Some(Certainty::Closed),
            Err(why) => Some(Certainty::Unread(why.to_string())),
        }
    }

    /// Removes the copies that are the vault's own. Before that, one of the vault as it is now is
    /// made wherever the last one would go.
    #[must_use]
    pub fn clear_copies(&self, found: &HoldingCopies, now: Timestamp) -> ClearedCopies {
        let mut cleared = ClearedCopies::default();
        let mut without: Vec<(PathBuf, String)> = Vec::new();
        let ours = || found.files.iter().filter(|it| it.is_ours());
        let folders: BTreeSet<(BackupReason, &Path)> = ours()
            .map(|it| (it.file.origin, folder(&it.file.path)))
            .collect();
        for (origin, place) in folders {
            match self.copy_afresh(origin, place, now) {
                Ok(fresh) => cleared.fresh.extend(fresh),
                Err(why) => without.push((place.to_path_buf(), why.to_string())),
            }
        }
        for copy in &found.files {
            let path = &copy.file.path;
            let place = folder(path);
            let unmade = without.iter().find(|(folder, _)| folder == place);
            let why = match (&copy.file.problem, unmade) {
                (Some(problem), _) if !copy.is_ours() => Some(problem.clone()),
                (_, Some((_, why))) => Some(format!("no other could be made in its place: {why}")),
                // It is written over by now.
                _ if copy.file.origin == BackupReason::Last => None,
                _ => removed(path).err().map(|why| why.to_string()),
            };
            match why {
                Some(why) => cleared.left.push((path.clone(), why)),
                None => cleared.removed.push(path.clone()),
            }
        }
        cleared
    }

    /// Makes a copy of the vault as it is now where one of another kind is about to go. Returns its
    /// path, where it was not there.
    fn copy_afresh(
        &self,
        origin: BackupReason,
        place: &Path,
        now: Timestamp,
    ) -> Result<Option<PathBuf>> {
        let (sealed, path) = (&self.file.sealed, self.file.store.path());
        match origin {
            BackupReason::Automatic => {
                let (fresh, hash) = (self.next_backup(), parents_text(&[sealed.sha256()]));
                let generation = sealed.facts().generation;
                let was_there = fresh.symlink_metadata().is_ok();
                generations::save(path, generation, &hash)?;
                Ok((!was_there).then_some(fresh))
            }
            BackupReason::Copy => {
                let copied = self.file.copy_to(place, None, now)?;
                Ok((!copied.was_there).then_some(copied.record.file))
            }
            BackupReason::Last => {
                self.file.state.lock()?.keep_last(sealed.bytes())?;
                Ok(None)
            }
        }
    }
}

/// Removes a file, and makes that durable.
fn removed(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(failed("remove", path, &why)),
        _ => sync_folder(folder(path)),
    }
}
