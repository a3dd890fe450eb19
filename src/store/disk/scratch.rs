//! A file for another program to work on: in memory where there is such a filesystem, in a folder
//! of its own that only its owner may enter, and overwritten before it is gone. What a process has
//! left that was killed meanwhile is found by the lock that nobody holds any more.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;
use tempfile::TempDir;

use super::file::{failed, read_bounded};
use crate::crypto::memory::Pages;
use crate::error::{Error, Result};

/// How the folders' names start.
const PREFIX: &str = "vault-edit-";
/// And those of texts that were kept.
const KEPT_PREFIX: &str = "vault-kept-";
/// Zeros to overwrite with, at a time.
const ZEROS: [u8; 4 << 10] = [0; 4 << 10];

/// A file that is wiped with everything beside it when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    file: PathBuf,
    in_memory: bool,
    /// Says that this process is alive.
    _lock: File,
}

impl Scratch {
    /// An empty place for a file called `name`: in `$XDG_RUNTIME_DIR` or `/dev/shm` where they are
    /// in memory, else in the folder for temporary files.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn new(name: &str) -> Result<Self> {
        for place in places_in_memory() {
            if let Ok(scratch) = Self::within(&place, name) {
                return Ok(scratch);
            }
        }
        let place = std::env::temp_dir();
        Self::within(&place, name).map_err(|why| failed("make a folder in", &place, &why))
    }

    fn within(place: &Path, name: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(place)?;
        let lock = File::open(folder.path())?;
        flock(&lock, FlockOperation::LockExclusive)?;
        // Where another process took it for abandoned before it was locked, this fails.
        fs::symlink_metadata(folder.path())?;
        Ok(Self {
            file: folder.path().join(name),
            folder,
            in_memory: is_in_memory(place),
            _lock: lock,
        })
    }

    /// Whether nothing of it reaches a disk, but for swap.
    pub fn is_in_memory(&self) -> bool {
        self.in_memory
    }

    /// The file's place.
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Makes the file, for its owner only.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600);
        file.open(&self.file)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|why| failed("write", &self.file, &why))
    }

    /// What the other program has left in the file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it is gone, no file any more or larger than `limit`.
    pub fn read(&self, limit: u64) -> Result<Pages> {
        read_bounded(&self.file, limit)
            .map_err(|why| Error::failed(format!("what was edited cannot be read: {why}")))
    }

    /// A copy of the file that stays, in a folder of its own; its place.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn copy_that_stays(&self) -> Result<PathBuf> {
        let copy = || {
            let beside = self.folder.path().parent().unwrap_or(Path::new("/"));
            let folder = tempfile::Builder::new()
                .prefix(KEPT_PREFIX)
                .permissions(fs::Permissions::from_mode(0o700))
                .tempdir_in(beside)?;
            let place = folder
                .path()
                .join(self.file.file_name().unwrap_or_default());
            fs::copy(&self.file, &place)?;
            let _ = folder.keep();
            Ok(place)
        };
        copy().map_err(|why| failed("keep", &self.file, &why))
    }
}

impl Drop for Scratch {
    /// The folder itself is removed after this. What is left in spite of all has no reader but its
    /// owner.
    fn drop(&mut self) {
        let _ = wipe(self.folder.path());
    }
}

/// The folders that processes of this user have left, which were killed before they could wipe
/// them. They may hold secrets.
pub fn abandoned() -> Vec<PathBuf> {
    locked_abandoned()
        .into_iter()
        .map(|(path, _)| path)
        .collect()
}

/// Wipes and removes what [`abandoned`] names. What cannot be removed stays, for its owner only.
pub fn remove_abandoned() {
    for (path, _lock) in locked_abandoned() {
        let _ = wipe(&path);
        let _ = fs::remove_dir_all(&path);
    }
}

/// Each with its lock, so that no other process takes it for abandoned too.
fn locked_abandoned() -> Vec<(PathBuf, File)> {
    let mut places: Vec<PathBuf> = places_in_memory().collect();
    if places.is_empty() {
        places.push(std::env::temp_dir());
    }
    let folders = places
        .into_iter()
        .flat_map(|place| fs::read_dir(place).into_iter().flatten().flatten());
    let ours = folders.filter(|folder| {
        let name = folder.file_name();
        name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
            && folder
                .metadata()
                .is_ok_and(|facts| facts.is_dir() && facts.uid() == geteuid().as_raw())
    });
    let locked = ours.filter_map(|folder| {
        let lock = File::open(folder.path()).ok()?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).ok()?;
        Some((folder.path(), lock))
    });
    locked.collect()
}

/// Where files are in memory, the best place first.
fn places_in_memory() -> impl Iterator<Item = PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let candidates = runtime.into_iter().chain([PathBuf::from("/dev/shm")]);
    candidates.filter(|place| place.is_absolute() && is_in_memory(place))
}

/// Overwrites all files in a folder, copies that the other program made too.
fn wipe(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        // One that cannot be overwritten is not to keep the others.
        let _ = if kind.is_dir() {
            wipe(&entry.path())
        } else if kind.is_file() {
            overwrite(&entry.path())
        } else {
            Ok(())
        };
    }
    Ok(())
}

fn overwrite(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut left = file.metadata()?.len();
    while let Some(chunk) = ZEROS.get(..usize::try_from(left.min(ZEROS.len() as u64)).unwrap_or(0))
        && !chunk.is_empty()
    {
        file.write_all(chunk)?;
        left -= chunk.len() as u64;
    }
    file.sync_all()
}

#[cfg(target_os = "linux")]
fn is_in_memory(place: &Path) -> bool {
    const TMPFS: rustix::fs::FsWord = 0x0102_1994;
    let facts = rustix::fs::statfs(place);
    facts.is_ok_and(|facts| facts.f_type == TMPFS)
}

#[cfg(not(target_os = "linux"))]
fn is_in_memory(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{Scratch, overwrite};

    #[test]
    fn a_file_is_private_and_gone_afterwards_with_what_was_made_beside_it() {
        let scratch = Scratch::new("entry.toml").unwrap();
        scratch.write(b"text").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = scratch.path().parent().unwrap().to_path_buf();
        assert_eq!((mode(scratch.path()), mode(&folder)), (0o600, 0o700));
        assert_eq!(&*scratch.read(100).unwrap(), b"text");
        assert!(scratch.read(3).is_err());
        fs::create_dir(folder.join("below")).unwrap();
        fs::write(folder.join("below/entry.toml~"), "text").unwrap();
        drop(scratch);
        assert!(!folder.exists());
    }

    #[test]
    fn what_was_there_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x".repeat(10_000)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        overwrite(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), [0; 10_000]);
    }
}
