//! The generations before this one, kept beside the vault. Each is known by what is in it, never by
//! its name alone: files of other vaults and what is no vault are neither counted nor touched.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::event::sha256_hex;
use crate::model::text::limits::VAULT_FILE_BYTES;
use crate::store::device::folder::{LockedDeviceFolder, read_json, write_json};
use crate::store::disk::file::{
    Lasting, Prepared, failed, make_private_folder, read_bounded, sync_folder,
};
use crate::store::disk::vault_file::scan;

/// Generations that are kept whatever their age.
const NEWEST: usize = 10;
/// Beyond those, one a day is kept for so many days.
const DAYS: u32 = 30;
const DAY: Duration = Duration::from_hours(24);
/// The most files of a folder that are looked at.
const LISTED: usize = 4096;
/// What this device has found out about files beside the vault.
const CHECKED: &str = "checked.json";
/// Digits of a hash in a file's name.
pub(crate) const NAME_DIGITS: usize = 8;

/// The folder of a vault's backups.
pub fn folder(vault: &Path) -> PathBuf {
    let mut name = OsString::from(vault);
    name.push(".backups");
    PathBuf::from(name)
}

/// Keeps the file at `vault` under its generation and the start of its SHA-256, by a hard link or
/// else by a copy, and makes that durable.
///
/// # Errors
/// [`crate::error::Kind::Failed`]; [`crate::error::Kind::Integrity`] when the folder is a link.
pub fn save(vault: &Path, generation: u64, sha256: &str) -> Result<()> {
    save_file(vault, vault, generation, sha256)
}

/// Where a generation of a vault is kept.
pub(crate) fn place(vault: &Path, generation: u64, sha256: &str) -> PathBuf {
    let start = sha256.get(..NAME_DIGITS).unwrap_or(sha256);
    folder(vault).join(format!("{generation}-{start}.age"))
}

/// As [`save`], of another file of that vault.
pub(crate) fn save_file(vault: &Path, file: &Path, generation: u64, sha256: &str) -> Result<()> {
    let folder = folder(vault);
    is_there(&folder)?;
    make_private_folder(&folder)?;
    let backup = place(vault, generation, sha256);
    if backup.symlink_metadata().is_err() && fs::hard_link(file, &backup).is_err() {
        let bytes = read_bounded(file, VAULT_FILE_BYTES)?;
        let prepared = Prepared::write(&backup, &bytes)?;
        if sha256_hex(&bytes) == sha256 {
            prepared.check_holds(&bytes)?;
        } else {
            return Err(failed(
                "keep the backup",
                &backup,
                &io::Error::other("the vault is not as it was read"),
            ));
        }
        return prepared.create()?.sync();
    }
    sync_folder(&folder)
}

/// Whether the folder is there. What stands in its place must not be a link: it would be somebody
/// else's folder in which files come and go.
fn is_there(folder: &Path) -> Result<bool> {
    let shown = folder.display();
    match folder.symlink_metadata() {
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(failed("look at", folder, &why)),
        Ok(found) if found.is_dir() => Ok(true),
        Ok(found) => {
            let what = if found.is_symlink() {
                "a link"
            } else {
                "no folder"
            };
            Err(Error::integrity(format!(
                "{shown} is {what}; earlier generations are kept in a folder of the vault's own"
            ))
            .hint("move it away: the folder is made anew, or put the files themselves there"))
        }
    }
}

/// One file that is named as a backup is.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    pub(crate) path: PathBuf,
    /// The generation by its name.
    pub(crate) generation: u64,
    found: Metadata,
}

impl Backup {
    fn written(&self) -> SystemTime {
        self.found.modified().unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Which files are a vault's own.
#[derive(Clone, Debug)]
pub(crate) struct Ours {
    pub(crate) vault_id: Uuid,
    /// Its signer and those before, in OpenSSH form.
    pub(crate) signers: Vec<String>,
}

impl Ours {
    /// Whether the file is whole, of this vault, signed by its key, and the one that it is named
    /// after: a generation and the start of a hash.
    pub(crate) fn has(&self, path: &Path, (generation, hash): (u64, &str)) -> bool {
        let Ok(sealed) = scan(path) else {
            return false;
        };
        let facts = sealed.facts();
        facts.vault_id == self.vault_id
            && facts.generation == generation
            && self.signers.contains(&facts.signer.to_openssh())
            && sealed.verify_signature().is_ok()
            && sha256_hex(sealed.bytes()).starts_with(hash)
    }
}

/// A file that was looked at, as it was then, and whether it is the vault's own. Whoever changes it
/// changes when it was changed, which nobody can set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Checked {
    file: u64,
    size: u64,
    changed: (i64, i64),
    ours: bool,
}

/// Removes what is past keeping: beyond the ten newest, all but the newest of each day, and
/// everything older than thirty days. Files that are not the vault's own neither count nor go. What
/// cannot be removed stays for the next time.
pub(crate) fn prune(
    vault: &Path,
    ours: &Ours,
    memory: Option<&LockedDeviceFolder>,
    now: SystemTime,
) -> Result<()> {
    let mut backups = list(&folder(vault))?;
    if backups.len() <= NEWEST {
        return Ok(());
    }
    retain_ours(&mut backups, ours, memory);
    for backup in past_keeping(backups, now) {
        let _ = fs::remove_file(&backup.path);
    }
    Ok(())
}

fn past_keeping(mut backups: Vec<Backup>, now: SystemTime) -> Vec<Backup> {
    backups.sort_by_key(|backup| std::cmp::Reverse(backup.generation));
    let mut day_kept = None;
    let is_past = |backup: &Backup| {
        let written = backup.written();
        let age = now.duration_since(written).unwrap_or_default();
        let day = Some(day_number(written));
        let kept = age < DAY * DAYS && day_kept != day;
        if kept {
            day_kept = day;
        }
        !kept
    };
    backups.into_iter().skip(NEWEST).filter(is_past).collect()
}

/// Looks into each file once; what was found is remembered for as long as the file is the same.
fn retain_ours(backups: &mut Vec<Backup>, ours: &Ours, memory: Option<&LockedDeviceFolder>) {
    let file = memory.map(|memory| memory.file(CHECKED));
    let read = file.as_deref().map(read_json::<BTreeMap<String, Checked>>);
    // A list that is damaged is made anew.
    let known = read.and_then(Result::ok).flatten().unwrap_or_default();
    let mut checked = BTreeMap::new();
    backups.retain(|backup| {
        let (name, found) = (backup.name(), &backup.found);
        let mut seen = Checked {
            file: found.ino(),
            size: found.len(),
            changed: (found.ctime(), found.ctime_nsec()),
            ours: true,
        };
        let before = known.get(&name);
        let same = before.is_some_and(|before| {
            *before == seen
                || (*before
                    == Checked {
                        ours: false,
                        ..seen.clone()
                    })
        });
        seen.ours = match before.filter(|_| same) {
            Some(before) => before.ours,
            None => parse_name(&name).is_some_and(|named| ours.has(&backup.path, named)),
        };
        let is_ours = seen.ours;
        checked.insert(name, seen);
        is_ours
    });
    if let Some(file) = file.filter(|_| checked != known) {
        // Without it, they are looked into again.
        let _ = write_json(&file, &checked, Lasting::No);
    }
}

fn day_number(time: SystemTime) -> u64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    since.as_secs() / DAY.as_secs()
}

/// A generation that is kept beside a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptGeneration {
    /// Its number.
    pub generation: u64,
    /// When the next change of the vault removes it at the latest; none for one of the newest.
    pub gone_by: Option<SystemTime>,
}

/// The generations that are kept beside a vault once the one that is there now is kept too, in
/// ascending order.
///
/// # Errors
/// [`crate::error::Kind::Failed`] if the folder cannot be read.
pub fn kept_generations(vault: &Path, now: u64) -> Result<Vec<KeptGeneration>> {
    let backups = list(&folder(vault))?;
    let before = backups.iter().filter(|backup| backup.generation != now);
    let mut kept: Vec<(u64, Option<SystemTime>)> = before
        .map(|backup| (backup.generation, Some(backup.written() + DAY * DAYS)))
        .chain([(now, None)])
        .collect();
    kept.sort_by_key(|(generation, _)| std::cmp::Reverse(*generation));
    for (_, gone_by) in kept.iter_mut().take(NEWEST) {
        *gone_by = None;
    }
    let kept = kept.into_iter().rev();
    let kept = kept.map(|(generation, gone_by)| KeptGeneration {
        generation,
        gone_by,
    });
    Ok(kept.collect())
}

/// The files of a folder that are named as backups are; none where there is no folder.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when it cannot be looked through,
/// [`crate::error::Kind::Integrity`] when it is a link.
pub(crate) fn list(folder: &Path) -> Result<Vec<Backup>> {
    if !is_there(folder)? {
        return Ok(Vec::new());
    }
    let named = |name: &str| parse_name(name).map(|(generation, _)| generation);
    let found = look_through(folder, named)?;
    let backup = |(path, generation, found)| Backup {
        path,
        generation,
        found,
    };
    Ok(found.into_iter().map(backup).collect())
}

/// The regular files of a folder whose names hold a generation.
pub(crate) fn look_through(
    folder: &Path,
    generation: impl Fn(&str) -> Option<u64>,
) -> Result<Vec<(PathBuf, u64, Metadata)>> {
    let entries = fs::read_dir(folder).map_err(|why| {
        failed("look through", folder, &why).hint("make it readable, or plug its disk in")
    })?;
    let named = entries.flatten().filter_map(|entry| {
        let generation = generation(entry.file_name().to_str()?)?;
        let found = entry.metadata().ok().filter(Metadata::is_file)?;
        Some((entry.path(), generation, found))
    });
    Ok(named.take(LISTED).collect())
}

/// The generation and the start of the hash in `GENERATION-<8 hex>.age`.
pub(crate) fn parse_name(name: &str) -> Option<(u64, &str)> {
    let (generation, hash) = name.strip_suffix(".age")?.split_once('-')?;
    let is_hash = hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    Some((generation.parse().ok()?, hash)).filter(|_| is_hash)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use uuid::Uuid;

    use super::{Backup, DAY, LISTED, Ours, folder, list, parse_name, past_keeping};
    use crate::error::Kind;

    fn put(folder: &Path, name: &str, written: SystemTime) {
        let path = folder.join(name);
        fs::write(&path, name).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(written).unwrap();
    }

    #[test]
    fn ten_newest_then_one_a_day_for_thirty_days() {
        let temp = tempfile::tempdir().unwrap();
        let vault = temp.path().join("vault.age");
        let folder = folder(&vault);
        fs::create_dir(&folder).unwrap();
        let now = SystemTime::UNIX_EPOCH + DAY * 20_000;
        let half_day = Duration::from_hours(12);
        for generation in 1..=100u32 {
            // The newest was written now, each one before it half a day earlier.
            let written = now - half_day * (100 - generation);
            put(&folder, &format!("{generation}-01234567.age"), written);
        }
        let all = list(&folder).unwrap();
        let gone = past_keeping(all.clone(), now);
        let gone: Vec<u64> = gone.iter().map(|b| b.generation).collect();
        let mut left: Vec<u64> = all.iter().map(|b: &Backup| b.generation).collect();
        left.retain(|generation| !gone.contains(generation));
        left.sort_unstable();
        assert_eq!(left[left.len() - 10..], (91..=100).collect::<Vec<_>>()[..]);
        let days = left.len() - 10;
        assert!(
            (24..=26).contains(&days),
            "one a day between day 5 and day 30, not {days}"
        );
        assert!(left[0] > 40, "nothing older than thirty days");
    }

    #[test]
    fn of_very_many_files_some_are_looked_at() {
        let temp = tempfile::tempdir().unwrap();
        for generation in 0..LISTED + 10 {
            fs::write(temp.path().join(format!("{generation}-01234567.age")), "").unwrap();
        }
        assert_eq!(list(temp.path()).unwrap().len(), LISTED);
    }

    #[test]
    fn a_link_is_no_folder_of_backups_and_no_backup() {
        let temp = tempfile::tempdir().unwrap();
        let (real, link) = (temp.path().join("real"), temp.path().join("link"));
        fs::create_dir(&real).unwrap();
        put(&real, "1-01234567.age", SystemTime::now());
        std::os::unix::fs::symlink(&real, &link).unwrap();
        std::os::unix::fs::symlink("1-01234567.age", real.join("2-01234567.age")).unwrap();
        assert_eq!(list(&link).unwrap_err().kind(), Kind::Integrity);
        assert_eq!(list(&real).unwrap().len(), 1);
        assert!(list(&temp.path().join("nowhere")).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_vault_is_not_ours() {
        let temp = tempfile::tempdir().unwrap();
        put(temp.path(), "999999-01234567.age", SystemTime::now());
        let ours = Ours {
            vault_id: Uuid::nil(),
            signers: vec![],
        };
        let named = parse_name("999999-01234567.age").unwrap();
        assert!(!ours.has(&temp.path().join("999999-01234567.age"), named));
    }
}
