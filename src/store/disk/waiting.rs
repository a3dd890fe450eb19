//! Files that wait for their name. Where the file system can, they have none until they are whole,
//! and are gone when their writer is; else they wait under a temporary one beside their target, and
//! a lock tells those of writers at work from what a killed one left.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::process::geteuid;
use tempfile::{Builder, NamedTempFile, TempDir};

/// Names of files that wait end so.
pub(crate) const TEMPORARY: &str = ".vault-tmp";
/// Where a process finds its own open files.
#[cfg(target_os = "linux")]
const OPEN_FILES: &str = "/proc/self/fd";

/// A file that waits.
pub(crate) enum Waiting {
    /// Without a name.
    #[cfg(target_os = "linux")]
    Nameless(File),
    /// Under a temporary one.
    Named(NamedTempFile),
}

impl Waiting {
    /// An empty file on the file system of `target`, for its owner only. What killed writers left
    /// in its folder is removed.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        sweep(folder(target));
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless(folder(target)) {
            return Ok(Self::Nameless(file));
        }
        Self::named(target)
    }

    fn named(target: &Path) -> io::Result<Self> {
        let file = builder(&prefix(target)).tempfile_in(folder(target));
        let file = file.map_err(without_path)?;
        // Where there are no locks, nobody sweeps either.
        let _ = file.as_file().try_lock();
        Ok(Self::Named(file))
    }

    pub(crate) fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// Where it can be read again meanwhile, by this process.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => own_path(file),
            Self::Named(file) => file.path().to_path_buf(),
        }
    }

    /// Gives it its name, if nothing has that.
    pub(crate) fn create(self, target: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => link(&file, target),
            Self::Named(file) => match file.persist_noclobber(target) {
                Ok(_) => Ok(()),
                Err(why) => Err(why.error),
            },
        }
    }

    /// Gives it its name, whatever has that.
    pub(crate) fn replace(self, target: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => {
                let _ = file.try_lock();
                let prefix = prefix(target);
                let linked = builder(&prefix).make_in(folder(target), |path| link(&file, path));
                let linked = linked.map_err(without_path)?;
                linked.into_temp_path().persist(target)?;
                Ok(())
            }
            Self::Named(file) => match file.persist(target) {
                Ok(_) => Ok(()),
                Err(why) => Err(why.error),
            },
        }
    }
}

/// The reason alone: the temporary name says nothing to anybody.
fn without_path(why: io::Error) -> io::Error {
    match why.to_string().split_once(" at path ") {
        Some((reason, _)) => io::Error::new(why.kind(), reason.to_owned()),
        None => why,
    }
}

/// What the temporary name of a target begins with: `.NAME.`, as in `.NAME.RANDOM.vault-tmp`.
pub(crate) fn prefix(target: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(target.file_name().unwrap_or_default());
    prefix.push(".");
    prefix
}

fn builder(prefix: &OsStr) -> Builder<'_, 'static> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(TEMPORARY);
    builder
}

/// A new folder that waits beside its target, for its owner only, and the lock that says so.
pub(crate) fn waiting_folder(target: &Path) -> io::Result<(TempDir, File)> {
    sweep(folder(target));
    let made = builder(&prefix(target))
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(folder(target))
        .map_err(without_path)?;
    let lock = File::open(made.path())?;
    let _ = lock.try_lock();
    Ok((made, lock))
}

#[cfg(target_os = "linux")]
fn own_path(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    Path::new(OPEN_FILES).join(file.as_raw_fd().to_string())
}

#[cfg(target_os = "linux")]
fn link(file: &File, target: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let follow = AtFlags::SYMLINK_FOLLOW;
    Ok(linkat(CWD, own_path(file), CWD, target, follow)?)
}

/// A file in `folder` without a name, where there is such a thing and it can be named later.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    if !Path::new(OPEN_FILES).is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let opened = rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR);
    opened.ok().map(File::from)
}

/// Removes this user's temporary files whose writers have ended, as their free locks show. What
/// cannot be removed does no harm, and the next writer tries again.
pub(crate) fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(b".") && name.ends_with(TEMPORARY.as_bytes()) {
            let _ = sweep_one(&entry.path());
        }
    }
}

fn sweep_one(path: &Path) -> io::Result<()> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let found = file.metadata()?;
    if found.uid() != geteuid().as_raw() || file.try_lock().is_err() {
        return Ok(());
    }
    if found.is_dir() {
        fs::remove_dir_all(path)
    } else if found.is_file() {
        fs::remove_file(path)
    } else {
        Ok(())
    }
}

/// The folder that a file is in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::Path;

    use super::{Waiting, sweep, waiting_folder};

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_that_waits_under_a_name_is_swept_only_when_its_writer_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("file");
        let mut waiting = vec![Waiting::named(&target).unwrap()];
        waiting.extend(Waiting::beside(&target));
        for one in &waiting {
            one.file().write_all(b"secret").unwrap();
            assert_eq!(fs::read(one.path()).unwrap(), b"secret");
        }
        let left = home.path().join(".other.Ab12Cd.vault-tmp");
        fs::write(&left, "secret").unwrap();
        fs::create_dir(home.path().join(".folder.Ab12Cd.vault-tmp")).unwrap();
        fs::write(home.path().join("mine.vault-tmp"), "mine").unwrap();
        sweep(home.path());
        assert!(!left.exists());
        assert_eq!(
            names(home.path()),
            2,
            "the one that waits, and the user's own"
        );
        for one in waiting {
            one.replace(&target).unwrap();
            assert_eq!(fs::read(&target).unwrap(), b"secret");
        }
        assert_eq!(names(home.path()), 2);
    }

    #[test]
    fn a_folder_that_waits_is_not_swept() {
        let home = tempfile::tempdir().unwrap();
        let (folder, lock) = waiting_folder(&home.path().join("folder")).unwrap();
        sweep(home.path());
        assert!(folder.path().exists());
        drop(lock);
        sweep(home.path());
        assert!(!folder.path().exists());
    }

    #[test]
    fn nothing_is_written_over_unless_it_is_to_be() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("file");
        fs::write(&target, "there").unwrap();
        for one in [Waiting::named(&target), Waiting::beside(&target)] {
            one.unwrap().create(&target).unwrap_err();
        }
        assert_eq!(fs::read(&target).unwrap(), b"there");
        assert_eq!(names(home.path()), 1);
    }
}
