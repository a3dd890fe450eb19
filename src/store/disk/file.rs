//! Reading within bounds, and replacing a file so that there is only ever the old or the new one.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::io::Errno;
use zeroize::Zeroizing;

use super::waiting::{Waiting, folder};
use crate::crypto::memory::Pages;
use crate::error::{Error, Kind, Result};
use crate::model::text::quote::as_word;

/// How much of a file is held against what it should hold at once, in bytes.
const COMPARED_AT_ONCE: usize = 128 << 10;

/// An I/O failure that names the file.
pub(crate) fn failed(doing: &str, path: &Path, why: &io::Error) -> Error {
    Error::failed(format!("cannot {doing} {}: {why}", path.display()))
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] when there is none, [`crate::error::Kind::Integrity`] when it
/// is no regular file or too large, [`crate::error::Kind::Failed`] when it cannot be read.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Pages> {
    read_bounded_if(path, limit, 0, |_| Ok(()))
}

/// Reads a regular file of at most `limit` bytes that the command line names as `what`.
pub fn read_named(what: &str, path: &Path, limit: usize) -> Result<Pages> {
    read_document(what, path, limit).map_err(|why| why.unusable(what))
}

/// As [`read_named`], for a document of somebody else: a folder or a file that is too large is
/// damage, not wrong use.
///
/// # Errors
/// [`Kind::Usage`] when there is none, else as [`read_bounded`].
pub fn read_document(what: &str, path: &Path, limit: usize) -> Result<Pages> {
    read_bounded(path, limit as u64).map_err(|why| match why.kind() {
        Kind::NotFound => {
            let look = format!(
                "to see what is there: ls -l {}",
                as_word(folder(path).display())
            );
            why.unusable(what).or_hint(&look)
        }
        _ => why,
    })
}

/// As [`read_bounded`], when `check` accepts the first `start` bytes, or all if there are fewer.
/// The rest is neither read nor given room before that.
pub fn read_bounded_if(
    path: &Path,
    limit: u64,
    start: usize,
    check: impl FnOnce(&[u8]) -> Result<()>,
) -> Result<Pages> {
    let (mut file, size) = open_regular(path)?;
    let too_large = |size: u64| {
        Error::integrity(format!(
            "{} has {size} bytes, the limit is {limit}",
            path.display()
        ))
    };
    if size > limit {
        return Err(too_large(size));
    }
    let length = usize::try_from(size).map_err(|_| too_large(size))?;
    let mut read = |bytes: &mut [u8]| {
        file.read_exact(bytes)
            .map_err(|why| failed("read", path, &why))
    };
    let mut first = Zeroizing::new(vec![0; length.min(start)]);
    read(&mut first)?;
    check(&first)?;
    let mut bytes = Pages::zeroed(length)?;
    let (head, rest) = bytes.split_at_mut(first.len());
    head.copy_from_slice(&first);
    read(rest)?;
    match file.read(&mut [0]) {
        Ok(0) => Ok(bytes),
        Ok(_) => Err(Error::failed(format!(
            "{} has more bytes than its size says: it is being written, or it is no ordinary file",
            path.display()
        ))),
        Err(why) => Err(failed("read", path, &why)),
    }
}

/// Whether a regular file holds just these bytes. It is read a part at a time.
///
/// # Errors
/// As [`read_bounded`], but for the size.
pub(crate) fn holds(path: &Path, bytes: &[u8]) -> Result<bool> {
    let unread = |why: io::Error| failed("read", path, &why);
    let (mut file, size) = open_regular(path)?;
    if size != bytes.len() as u64 {
        return Ok(false);
    }
    let mut there = vec![0; COMPARED_AT_ONCE];
    for part in bytes.chunks(COMPARED_AT_ONCE) {
        let there = there.get_mut(..part.len()).unwrap_or_default();
        file.read_exact(there).map_err(unread)?;
        if there != part {
            return Ok(false);
        }
    }
    Ok(file.read(&mut [0]).map_err(unread)? == 0)
}

/// The file, and how many bytes it has.
fn open_regular(path: &Path) -> Result<(File, u64)> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let opened = OpenOptions::new()
        .read(true)
        // A FIFO must not make the program wait for a writer.
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let irregular = || {
        Error::integrity(format!("{} is not a regular file", path.display()))
            .hint("name the file itself, not a folder, a pipe or a device")
    };
    let file = opened.map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => Error::not_found(format!("there is no file {}", path.display())),
        io::ErrorKind::IsADirectory => irregular(),
        // NXIO is a socket, or a device that nothing answers for.
        _ if is(&why, Errno::LOOP) || is(&why, Errno::NXIO) => irregular(),
        _ => failed("open", path, &why),
    })?;
    let metadata = file.metadata().map_err(|why| failed("read", path, &why))?;
    if metadata.is_file() {
        Ok((file, metadata.len()))
    } else {
        Err(irregular())
    }
}

fn is(why: &io::Error, errno: Errno) -> bool {
    why.raw_os_error() == Some(errno.raw_os_error())
}

/// The real place of a file, symbolic links resolved; a file that does not exist yet is placed in
/// the real place of its folder.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a loop of links, [`crate::error::Kind::NotFound`] for a
/// link that leads nowhere.
pub fn real_path(path: &Path) -> Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(real) => return Ok(real),
        Err(why) if is(&why, Errno::LOOP) => {
            return Err(Error::integrity(format!(
                "{} is a loop of symbolic links",
                path.display()
            ))
            .hint("ls -l shows where they lead; name the file itself"));
        }
        Err(why) if why.kind() != io::ErrorKind::NotFound => {
            return Err(failed("find", path, &why));
        }
        Err(_) => {}
    }
    if let Ok(target) = path.read_link() {
        return Err(Error::not_found(format!(
            "{} is a symbolic link to {}, which does not exist",
            path.display(),
            target.display()
        ))
        .hint("put the vault there, or remove the link"));
    }
    let name = path
        .file_name()
        .ok_or_else(|| Error::usage(format!("{} names no file", path.display())))?;
    match fs::canonicalize(folder(path)) {
        Ok(real) => Ok(real.join(name)),
        Err(_) => Ok(path.to_path_buf()),
    }
}

/// The names of the place of a file, each once: `path` as it was named, the same in its real folder
/// (whatever leads there: a link to it, `..`), and `real`, where a link leads.
pub fn names_of(path: &Path, real: &Path) -> Vec<PathBuf> {
    let named = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let in_real_folder = (path.file_name())
        .and_then(|name| Some(fs::canonicalize(folder(path)).ok()?.join(name)))
        .unwrap_or_else(|| real.to_path_buf());
    let mut places = vec![named];
    for place in [in_real_folder, real.to_path_buf()] {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Makes a folder and what leads to it, for its owner only, and makes the new names durable.
///
/// # Errors
/// [`crate::error::Kind::Failed`].
pub fn make_private_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let is_new = |path: &&Path| !path.as_os_str().is_empty() && !path.is_dir();
    let new: Vec<&Path> = path.ancestors().take_while(is_new).collect();
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|why| failed("make the folder", path, &why))?;
    for made in new {
        match File::open(folder(made)).and_then(|above| above.sync_all()) {
            // A folder that one may write and not read is of somebody who knows what they do.
            Err(why) if why.kind() != io::ErrorKind::PermissionDenied => {
                return Err(failed("sync the folder", folder(made), &why));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A new file, complete and synced, that waits beside its target for its name.
pub struct Prepared {
    file: Waiting,
    target: PathBuf,
}

impl Prepared {
    /// Writes `bytes` to a file that waits beside `target`, private from birth, and syncs it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`]; nothing is left behind.
    pub fn write(target: &Path, bytes: &[u8]) -> Result<Self> {
        Self::fill(target, |file| {
            file.write_all(bytes)
                .map_err(|why| unwritable(target, &why))
        })
    }

    /// As [`Self::write`], of what `content` writes.
    pub fn fill(target: &Path, content: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<Self> {
        let unwritten = |why: io::Error| unwritable(target, &why);
        let file = Waiting::beside(target).map_err(unwritten)?;
        let mut buffered = BufWriter::new(file.file());
        content(&mut buffered)?;
        buffered.flush().map_err(unwritten)?;
        drop(buffered);
        file.file().sync_all().map_err(unwritten)?;
        Ok(Self {
            file,
            target: target.to_path_buf(),
        })
    }

    /// Where the file can be read while it waits, by this process.
    pub fn path(&self) -> PathBuf {
        self.file.path()
    }

    /// Reads the file again, from the disk where the system can be told to, and holds it against
    /// what was written.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it is not the same.
    pub(crate) fn check_holds(&self, bytes: &[u8]) -> Result<()> {
        // Advice: without it, it is read from memory.
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(self.file.file(), 0, None, rustix::fs::Advice::DontNeed);
        if holds(&self.path(), bytes).is_ok_and(|same| same) {
            return Ok(());
        }
        Err(Error::failed(format!(
            "{} did not keep what was written to it",
            folder(&self.target).display()
        ))
        .hint("nothing was changed there; check the disk"))
    }

    /// Gives the file its name, in place of whatever has it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`]; then the old file stands.
    pub fn replace(self) -> Result<InPlace> {
        (self.file.replace(&self.target)).map_err(|why| unwritable(&self.target, &why))?;
        Ok(InPlace(self.target))
    }

    /// Gives the file its name if nothing has it yet.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] if something has.
    pub fn create(self) -> Result<InPlace> {
        let created = self.file.create(&self.target);
        created.map_err(|why| match why.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.target),
            _ => unwritable(&self.target, &why),
        })?;
        Ok(InPlace(self.target))
    }
}

/// A file that has its name, which a power cut may still take from it.
#[must_use = "the name is not durable yet"]
pub struct InPlace(PathBuf);

impl InPlace {
    /// Makes the name durable.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`]: the file is in place, for how long is not known.
    pub fn sync(self) -> Result<()> {
        sync_folder(folder(&self.0)).map_err(|why| {
            Error::failed(format!(
                "{} is written, but may not survive a power cut: {why}",
                self.0.display()
            ))
            .hint("check the disk, then look whether the change is there")
        })
    }
}

/// The refusal to overwrite.
pub(crate) fn exists(path: &Path) -> Error {
    Error::conflict(format!("{} already exists", path.display()))
        .hint("it is never overwritten; choose another place")
}

/// Refuses a place for a new file before work is done for it; `-`, which is stdout elsewhere, is
/// none.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] where anything stands, [`crate::error::Kind::Usage`] where its
/// folder is missing.
pub fn check_new_file(path: &Path) -> Result<()> {
    check_is_place(path)?;
    refuse_existing(path)?;
    if folder(path).is_dir() {
        return Ok(());
    }
    Err(unwritable(path, &io::ErrorKind::NotFound.into()))
}

/// Refuses `-` where a file or a folder is needed: it stands for stdout.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_is_place(path: &Path) -> Result<()> {
    if path.as_os_str() != "-" {
        return Ok(());
    }
    Err(
        Error::usage("- stands for stdout, and this is written to a place of its own only")
            .hint("name another one; for one that is called so: ./-"),
    )
}

/// What keeps a file from being written at `target`, and what helps.
pub(crate) fn unwritable(target: &Path, why: &io::Error) -> Error {
    use io::ErrorKind::{
        NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let folder = folder(target);
    let error = failed("write", target, why);
    match why.kind() {
        NotFound | NotADirectory if !folder.is_dir() => Error::usage(format!(
            "cannot write {}: there is no folder {}",
            target.display(),
            folder.display()
        ))
        .hint("make the folder first, or choose another place"),
        PermissionDenied | ReadOnlyFilesystem => error.hint(format!(
            "to see who may write there: ls -ld {}",
            as_word(folder.display())
        )),
        StorageFull | QuotaExceeded => error.hint("make room there, then try again"),
        _ => error.hint(format!(
            "check the disk, or choose another place; to see which disk it is: df {}",
            as_word(folder.display())
        )),
    }
}

/// Refuses a place where anything stands.
///
/// # Errors
/// [`crate::error::Kind::Conflict`].
pub fn refuse_existing(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(exists(path)),
        Err(_) => Ok(()),
    }
}

/// Makes the names in a folder durable.
///
/// # Errors
/// [`crate::error::Kind::Failed`].
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|why| failed("sync the folder", path, &why))
}

/// How far a small file has to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// A power cut may take it.
    No,
    /// What is in it is synced; its name will be, with others of its folder.
    NameLater,
    /// It is durable.
    Yes,
}

/// Writes a small private file in one step, as lasting as `lasting` says: what this device
/// remembers is not worth a sync on each read.
///
/// # Errors
/// [`crate::error::Kind::Failed`].
pub(crate) fn write_small(path: &Path, bytes: &[u8], lasting: Lasting) -> Result<()> {
    if lasting != Lasting::No {
        let in_place = Prepared::write(path, bytes)?.replace()?;
        return match lasting {
            Lasting::Yes => in_place.sync(),
            _ => Ok(()),
        };
    }
    let write = || -> io::Result<()> {
        let file = Waiting::beside(path)?;
        file.file().write_all(bytes)?;
        file.replace(path)
    };
    write().map_err(|why| unwritable(path, &why))
}
