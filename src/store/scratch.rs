//! A file for another program to work on: in memory where there is such a filesystem, in a folder
//! of its own that only its owner may enter, and overwritten before it is gone.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::file::{failed, read_bounded};
use crate::crypto::memory::Pages;
use crate::error::{Error, Result};

/// Zeros to overwrite with, at a time.
const ZEROS: [u8; 4 << 10] = [0; 4 << 10];

/// A file that is wiped with everything beside it when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    file: PathBuf,
    in_memory: bool,
}

impl Scratch {
    /// An empty place for a file called `name`: in `$XDG_RUNTIME_DIR` or `/dev/shm` where they are
    /// in memory, else in the folder for temporary files.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn new(name: &str) -> Result<Self> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let candidates = runtime.into_iter().chain([PathBuf::from("/dev/shm")]);
        for place in candidates.filter(|place| place.is_absolute() && is_in_memory(place)) {
            if let Ok(folder) = private_folder(&place) {
                return Ok(Self::within(folder, name, true));
            }
        }
        let place = std::env::temp_dir();
        let folder =
            private_folder(&place).map_err(|why| failed("make a folder in", &place, &why))?;
        Ok(Self::within(folder, name, is_in_memory(&place)))
    }

    fn within(folder: TempDir, name: &str, in_memory: bool) -> Self {
        Self {
            file: folder.path().join(name),
            folder,
            in_memory,
        }
    }

    /// Whether nothing of it reaches a disk, but for swap.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.in_memory
    }

    /// The file's place.
    #[must_use]
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
}

impl Drop for Scratch {
    /// The folder itself is removed after this. What is left in spite of all has no reader but its
    /// owner.
    fn drop(&mut self) {
        let _ = wipe(self.folder.path());
    }
}

fn private_folder(place: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("vault-edit-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(place)
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
