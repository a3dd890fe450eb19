//! The generations before this one, kept beside the vault.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::file::{failed, make_private_folder, read_bounded, sync_folder};
use crate::error::Result;
use crate::model::limits::VAULT_FILE_BYTES;
use crate::model::log::sha256_hex;

/// Generations that are kept whatever their age.
const NEWEST: usize = 10;
/// Beyond those, one a day is kept for so many days.
const DAYS: u64 = 30;
const DAY: Duration = Duration::from_hours(24);
/// How the name of a copy ends that is not whole yet.
const UNFINISHED: &str = "age.part";

/// The folder of a vault's backups.
#[must_use]
pub fn folder(vault: &Path) -> PathBuf {
    let mut name = OsString::from(vault);
    name.push(".backups");
    PathBuf::from(name)
}

/// Keeps the file at `vault` under its generation and the start of its SHA-256, by a hard link or
/// else by a copy, and makes that durable.
///
/// # Errors
/// [`crate::error::Kind::Failed`].
pub fn keep(vault: &Path, generation: u64, sha256: &str) -> Result<()> {
    keep_file(vault, vault, generation, sha256)
}

/// As [`keep`], of another file of that vault.
///
/// # Errors
/// As [`keep`].
pub(super) fn keep_file(vault: &Path, file: &Path, generation: u64, sha256: &str) -> Result<()> {
    let folder = folder(vault);
    make_private_folder(&folder)?;
    let start = sha256.get(..8).unwrap_or(sha256);
    let backup = folder.join(format!("{generation}-{start}.age"));
    if !backup.exists() {
        fs::hard_link(file, &backup)
            .or_else(|_| copy(file, &backup, sha256))
            .map_err(|why| failed("keep the backup", &backup, &why))?;
    }
    sync_folder(&folder)
}

/// For file systems without hard links: under a name that no reader takes for a backup until the
/// copy is whole.
fn copy(file: &Path, backup: &Path, sha256: &str) -> io::Result<()> {
    let unfinished = backup.with_extension(UNFINISHED);
    fs::copy(file, &unfinished)?;
    fs::File::open(&unfinished)?.sync_all()?;
    let bytes = read_bounded(&unfinished, VAULT_FILE_BYTES).map_err(io::Error::other)?;
    if sha256_hex(&bytes) != sha256 {
        return Err(io::Error::other("it was not kept as it was written"));
    }
    fs::rename(&unfinished, backup)
}

/// One kept file, by its name.
#[derive(Clone, Debug)]
pub(super) struct Backup {
    pub(super) path: PathBuf,
    pub(super) generation: u64,
    written: SystemTime,
}

/// Removes what is past keeping: beyond the ten newest, all but the newest of each day, and
/// everything older than thirty days. What cannot be removed stays for the next time.
pub fn prune(vault: &Path, now: SystemTime) {
    let mut backups = list(&folder(vault));
    backups.sort_by_key(|backup| std::cmp::Reverse(backup.generation));
    let mut day_kept = None;
    for backup in backups.iter().skip(NEWEST) {
        let age = now.duration_since(backup.written).unwrap_or_default();
        let day = day_number(backup.written);
        if age < DAY * u32::try_from(DAYS).unwrap_or(u32::MAX) && day_kept != Some(day) {
            day_kept = Some(day);
        } else {
            let _ = fs::remove_file(&backup.path);
        }
    }
    remove_unfinished(&folder(vault));
}

/// Removes copies that a killed writer has not finished; only the holder of the vault's lock makes
/// any.
fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().ends_with(UNFINISHED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn day_number(time: SystemTime) -> u64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    since.as_secs() / DAY.as_secs()
}

/// The generations that are kept beside a vault, in ascending order.
#[must_use]
pub fn generations(vault: &Path) -> Vec<u64> {
    let mut generations: Vec<u64> = (list(&folder(vault)).iter())
        .map(|backup| backup.generation)
        .collect();
    generations.sort_unstable();
    generations
}

pub(super) fn list(folder: &Path) -> Vec<Backup> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let (generation, _) = parse_name(path.file_name()?.to_str()?)?;
            let written = entry.metadata().ok()?.modified().ok()?;
            Some(Backup {
                path,
                generation,
                written,
            })
        })
        .collect()
}

/// The generation and the start of the hash in `GENERATION-<8 hex>.age`.
pub(super) fn parse_name(name: &str) -> Option<(u64, &str)> {
    let (generation, hash) = name.strip_suffix(".age")?.split_once('-')?;
    let is_hash = hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    Some((generation.parse().ok()?, hash)).filter(|_| is_hash)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use super::{DAY, folder, keep, list, prune};

    #[test]
    fn ten_newest_then_one_a_day_for_thirty_days() {
        let temp = tempfile::tempdir().unwrap();
        let vault = temp.path().join("vault.age");
        let now = SystemTime::UNIX_EPOCH + DAY * 20_000;
        let half_day = Duration::from_hours(12);
        for generation in 1..=100u32 {
            fs::write(&vault, generation.to_string()).unwrap();
            keep(&vault, generation.into(), "0123456789").unwrap();
            fs::remove_file(&vault).unwrap();
            let path = folder(&vault).join(format!("{generation}-01234567.age"));
            // The newest was written now, each one before it half a day earlier.
            let written = now - half_day * (100 - generation);
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(written)
                .unwrap();
        }
        let unfinished = folder(&vault).join("7-01234567.age.part");
        fs::write(&unfinished, "half").unwrap();
        prune(&vault, now);
        let mut left: Vec<u64> = list(&folder(&vault)).iter().map(|b| b.generation).collect();
        left.sort_unstable();
        assert_eq!(left[left.len() - 10..], (91..=100).collect::<Vec<_>>()[..]);
        let days = left.len() - 10;
        assert!(
            (24..=26).contains(&days),
            "one a day between day 5 and day 30, not {days}"
        );
        assert!(left[0] > 40, "nothing older than thirty days");
        assert!(!unfinished.exists());
    }
}
