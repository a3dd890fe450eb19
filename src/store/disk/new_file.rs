//! New files and folders that have no name until they are whole: nothing of one is left when it
//! cannot be finished.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

use super::file::{Prepared, exists, sync_folder, unwritable};
use super::waiting::{folder, waiting_folder};
use crate::error::Result;

/// Makes a new file of what `write` writes, for its owner only, synced. A program that is killed
/// meanwhile leaves nothing behind where the file system can do that.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] when something has that name, [`crate::error::Kind::Failed`],
/// and those of `write`.
pub fn write_new(target: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    Prepared::fill(target, write)?.create()?.sync()
}

/// A new folder that waits beside its target for its name.
pub struct FreshFolder {
    folder: TempDir,
    _lock: File,
    target: PathBuf,
}

impl FreshFolder {
    /// An empty folder beside `target`, for its owner only.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn beside(target: &Path) -> Result<Self> {
        let (folder, lock) = waiting_folder(target).map_err(|why| unwritable(target, &why))?;
        Ok(Self {
            folder,
            _lock: lock,
            target: target.to_path_buf(),
        })
    }

    /// Where it waits.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] if something has that name, [`crate::error::Kind::Failed`];
    /// then nothing is left behind.
    pub fn create(self) -> Result<()> {
        let waiting = self.folder.path();
        renameat_with(CWD, waiting, CWD, &self.target, RenameFlags::NOREPLACE).map_err(|why| {
            match why {
                rustix::io::Errno::EXIST => exists(&self.target),
                _ => unwritable(&self.target, &why.into()),
            }
        })?;
        // It has another name by now.
        drop(self.folder.keep());
        sync_folder(folder(&self.target))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{FreshFolder, write_new};
    use crate::error::{Error, Kind};

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_never_anothers() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("file");
        let count = || fs::read_dir(home.path()).unwrap().count();
        let broken = write_new(&target, |out| {
            out.write_all(b"half").unwrap();
            Err(Error::failed("no more"))
        });
        assert_eq!((broken.unwrap_err().kind(), count()), (Kind::Failed, 0));
        let whole = |text: &'static [u8]| {
            write_new(&target, |out| {
                out.write_all(text).unwrap();
                Ok(())
            })
        };
        whole(b"whole").unwrap();
        let mode = fs::metadata(&target).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode, count()), (0o600, 1));
        assert_eq!(whole(b"other").unwrap_err().kind(), Kind::Conflict);
        assert_eq!(
            (fs::read(&target).unwrap(), count()),
            (b"whole".to_vec(), 1)
        );
    }

    #[test]
    fn a_folder_too() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("folder");
        let names = || fs::read_dir(home.path()).unwrap().count();
        drop(FreshFolder::beside(&target).unwrap());
        assert_eq!(names(), 0);
        for (kind, count) in [(None, 1), (Some(Kind::Conflict), 1)] {
            let fresh = FreshFolder::beside(&target).unwrap();
            fs::write(fresh.path().join("x"), "x").unwrap();
            let created = fresh.create().err().map(|why| why.kind());
            assert_eq!((created, names()), (kind, count));
        }
    }
}
