//! Copies of the vault in other places, made by `backup --to`, and what this device remembers of
//! them: where, when and of which generation.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::generations::{Ours, look_through, parse_name};
use crate::error::{Error, Kind, Result};
use crate::model::records::event::sha256_hex;
use crate::store::device::folder::{DeviceFolder, LockedDeviceFolder, read_json, write_json};
use crate::store::disk::file::{Lasting, Prepared, holds};
use crate::store::disk::waiting::folder;
use crate::store::reading::{LockedVault, VaultPlace};

/// Where copies went.
const FILE: &str = "copies.json";
/// Folders that are remembered, those of the latest copies.
const FOLDERS: usize = 32;

/// The latest copy in one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyRecord {
    /// The copy's path.
    pub file: PathBuf,
    /// The vault's generation in it.
    pub generation: u64,
    /// When it was made and found whole.
    pub time: Timestamp,
}

impl CopyRecord {
    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        folder(&self.file)
    }
}

/// What [`LockedVault::copy_to`] does.
#[derive(Debug)]
pub struct CopyPlan {
    /// The copy.
    pub file: PathBuf,
    /// Whether it is there already, byte for byte.
    pub is_there: bool,
    /// Older copies that go, the newest first.
    pub older: Vec<PathBuf>,
}

/// What [`LockedVault::copy_to`] did.
#[derive(Debug)]
pub struct Copied {
    /// The copy.
    pub record: CopyRecord,
    /// Whether it was there already, byte for byte.
    pub was_there: bool,
    /// Older copies that were removed.
    pub removed: Vec<PathBuf>,
    /// What did not work after the copy was safe.
    pub warnings: Vec<String>,
}

impl DeviceFolder {
    /// Where copies went, the latest first.
    ///
    /// # Errors
    /// [`Kind::Integrity`] when the list is damaged.
    pub fn copies(&self) -> Result<Vec<CopyRecord>> {
        Ok(read_json(&self.file(FILE))?.unwrap_or_default())
    }
}

impl LockedVault {
    /// Where copies of this vault went, the latest first.
    pub(crate) fn copies(&self) -> Result<Vec<CopyRecord>> {
        self.state.copies()
    }

    /// What [`Self::copy_to`] would do.
    ///
    /// # Errors
    /// As there, but for what cannot be written.
    pub fn plan_copy(&self, to: &Path, keep: Option<usize>) -> Result<CopyPlan> {
        let found = fs::canonicalize(to).ok().filter(|to| to.is_dir());
        let to = found.ok_or_else(|| no_folder(to))?;
        let file = to.join(self.copy_name());
        let is_there = file.symlink_metadata().is_ok();
        let is_same = || holds(&file, self.sealed.bytes()).is_ok_and(|same| same);
        if is_there && !is_same() {
            return Err(another_file(&file));
        }
        let older = keep.map(|keep| self.older(&to, keep));
        Ok(CopyPlan {
            file,
            is_there,
            older: older.unwrap_or_default(),
        })
    }

    /// Copies the file, as it was read and found whole, to a folder, and reads the copy again.
    /// With `keep`, older copies of this vault in that folder are removed until so many are left.
    ///
    /// # Errors
    /// [`Kind::Failed`] when there is no such folder or the copy cannot be written: then nothing
    /// of it is left. [`Kind::Conflict`] when another file has its name.
    pub fn copy_to(&self, to: &Path, keep: Option<usize>, now: Timestamp) -> Result<Copied> {
        let state = self.state.lock();
        let plan = self.plan_copy(to, keep)?;
        let (file, was_there) = (plan.file, plan.is_there);
        if !was_there {
            let bytes = self.sealed.bytes();
            let prepared = Prepared::write(&file, bytes)?;
            prepared.check_holds(bytes)?;
            prepared.create()?.sync()?;
        }
        // One that cannot be removed stays for the next time.
        let older = plan.older.into_iter();
        let removed = older.filter(|path| fs::remove_file(path).is_ok()).collect();
        let record = CopyRecord {
            file,
            generation: self.facts().generation,
            time: now,
        };
        let remembered = state.and_then(|state| remember(&state, &self.state, &record));
        let warnings = remembered.err().map(|why| {
            format!("the copy is made, but this device cannot remember where it is: {why}")
        });
        Ok(Copied {
            record,
            was_there,
            removed,
            warnings: warnings.into_iter().collect(),
        })
    }

    /// `NAME-GENERATION-<8 hex>.age`.
    fn copy_name(&self) -> String {
        let hash = sha256_hex(self.sealed.bytes());
        let hash = hash.get(..8).unwrap_or_default();
        format!(
            "{}-{}-{hash}.age",
            self.store.stem(),
            self.facts().generation
        )
    }

    /// The oldest copies of this vault in a folder, which go so that `keep` are left: only those
    /// that are this vault's own, as [`Ours`] says, and older than it is.
    fn older(&self, to: &Path, keep: usize) -> Vec<PathBuf> {
        let stem = self.store.stem();
        let mut older = copies_in(to, &stem).unwrap_or_default();
        let mut signers = vec![self.facts().signer.to_openssh()];
        signers.extend(self.pin.iter().flat_map(|pin| pin.former.clone()));
        let ours = Ours {
            vault_id: self.facts().vault_id,
            signers,
        };
        older.retain(|(generation, path)| {
            let name = path.file_name().and_then(|name| name.to_str());
            let named = name.and_then(|name| named_copy(name, &stem));
            *generation < self.facts().generation && named.is_some_and(|it| ours.has(path, it))
        });
        older.sort_by_key(|(generation, _)| std::cmp::Reverse(*generation));
        let past = older.into_iter().skip(keep.saturating_sub(1));
        past.map(|(_, path)| path).collect()
    }
}

impl VaultPlace {
    /// What the names of copies begin with.
    pub(crate) fn stem(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }
}

/// The files in a folder that are named as copies of a vault called `stem` are, with their
/// generations by name; none where there is no folder.
///
/// # Errors
/// [`Kind::Failed`] when it cannot be looked through.
pub(crate) fn copies_in(folder: &Path, stem: &str) -> Result<Vec<(u64, PathBuf)>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let generation = |name: &str| named_copy(name, stem).map(|(generation, _)| generation);
    let found = look_through(folder, generation)?;
    Ok(found
        .into_iter()
        .map(|(path, generation, _)| (generation, path))
        .collect())
}

/// The generation and the start of the hash in `STEM-GENERATION-<8 hex>.age`.
fn named_copy<'a>(name: &'a str, stem: &str) -> Option<(u64, &'a str)> {
    parse_name(name.strip_prefix(stem)?.strip_prefix('-')?)
}

fn remember(locked: &LockedDeviceFolder, state: &DeviceFolder, record: &CopyRecord) -> Result<()> {
    // A list that is damaged is made anew.
    let mut copies = state.copies().unwrap_or_default();
    copies.retain(|copy| copy.folder() != record.folder());
    copies.insert(0, record.clone());
    copies.truncate(FOLDERS);
    write_json(&locked.file(FILE), &copies, Lasting::Yes)
}

fn no_folder(to: &Path) -> Error {
    Error::failed(format!("there is no folder {}", to.display())).hint(
        "plug the disk in, or make the folder first; it is not made here, so that no copy goes \
         where a disk should be",
    )
}

fn another_file(file: &Path) -> Error {
    Error::new(
        Kind::Conflict,
        format!("{} is there, and is no whole copy", file.display()),
    )
    .hint("it is never overwritten; look at it, and move it away")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::copies_in;

    #[test]
    fn only_what_is_named_as_a_copy_is_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "vault-12-0123abcd.age",
            "vault-7-89ef0123.age",
            "vault-7-89ef0123.age.bak",
            ".vault-7-89ef0123.age.x.vault-tmp",
            "vault-7-89ef012.age",
            "vault-x-89ef0123.age",
            "vault.age",
            "other-7-89ef0123.age",
            "7-89ef0123.age",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = copies_in(folder.path(), "vault").unwrap();
        let mut found: Vec<u64> = found
            .into_iter()
            .map(|(generation, _)| generation)
            .collect();
        found.sort_unstable();
        assert_eq!(found, [7, 12]);
    }
}
