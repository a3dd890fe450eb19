//! New files and folders that have no name until they are whole: nothing of one is left when it
//! cannot be finished.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::{NamedTempFile, TempDir};

use super::file::{TEMPORARY, exists, failed, folder, sync_folder, temporary, temporary_prefix};
use crate::error::Result;

/// Where a process finds its own open files.
#[cfg(target_os = "linux")]
const OPEN_FILES: &str = "/proc/self/fd";

/// A file that is being written.
enum Fresh {
    /// One without any name, which is gone when its writer is.
    #[cfg(target_os = "linux")]
    Nameless(File),
    /// One with a name of its own, where the file system has no others.
    Named(NamedTempFile),
}

/// Makes a new file of what `write` writes, for its owner only, synced. A program that is killed
/// meanwhile leaves nothing behind where the file system can do that.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] when something has that name, [`crate::error::Kind::Failed`],
/// and those of `write`.
pub fn write_new(target: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let unwritten = |why: io::Error| failed("write", target, &why);
    let fresh = Fresh::beside(target).map_err(unwritten)?;
    let mut buffered = BufWriter::new(fresh.file());
    write(&mut buffered)?;
    buffered.flush().map_err(unwritten)?;
    drop(buffered);
    fresh.file().sync_all().map_err(unwritten)?;
    fresh.name(target).map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => exists(target),
        _ => unwritten(why),
    })?;
    sync_folder(folder(target))
}

impl Fresh {
    fn beside(target: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless(folder(target)) {
            return Ok(Self::Nameless(file));
        }
        temporary(target).map(Self::Named)
    }

    fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// Gives it its name, if nothing has that.
    fn name(self, target: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => {
                use std::os::fd::AsRawFd;
                let own = format!("{OPEN_FILES}/{}", file.as_raw_fd());
                let follow = rustix::fs::AtFlags::SYMLINK_FOLLOW;
                Ok(rustix::fs::linkat(CWD, own, CWD, target, follow)?)
            }
            Self::Named(file) => match file.persist_noclobber(target) {
                Ok(_) => Ok(()),
                Err(why) => Err(why.error),
            },
        }
    }
}

/// A file in `folder` without a name, where there is such a thing and it can be named later.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    if !Path::new(OPEN_FILES).is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR);
    opened.ok().map(File::from)
}

/// A new folder that waits beside its target for its name.
pub struct FreshFolder {
    folder: TempDir,
    target: PathBuf,
}

impl FreshFolder {
    /// An empty folder beside `target`, for its owner only.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn beside(target: &Path) -> Result<Self> {
        let made = tempfile::Builder::new()
            .prefix(&temporary_prefix(target))
            .suffix(TEMPORARY)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(folder(target));
        Ok(Self {
            folder: made.map_err(|why| failed("write beside", target, &why))?,
            target: target.to_path_buf(),
        })
    }

    /// Where it waits.
    #[must_use]
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
                _ => failed("write", &self.target, &why.into()),
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
