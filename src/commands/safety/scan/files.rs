//! The texts that are looked through: files, those below folders, stdin, and what git is to commit.

use std::fs::{File, FileType, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use walkdir::{DirEntry, WalkDir};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::sync::staged::{StagedFile, staged_files};

/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;
/// How long a pipe that lies in a folder is waited for.
const WAIT_FOR_WRITER: Timespec = Timespec {
    tv_sec: 10,
    tv_nsec: 0,
};
/// Folders that hold no files of their own.
const LEFT_OUT: &str = ".git";

/// Something that is looked through.
pub(super) enum SourceText {
    Stdin,
    File(PathBuf),
    /// A pipe that was named.
    Pipe(PathBuf),
    Staged(StagedFile),
    /// What is neither a file nor a folder, and not looked through.
    NoFile(PathBuf),
}

impl SourceText {
    /// What it is called.
    pub(super) fn name(&self) -> String {
        let path = match self {
            Self::Stdin => return "-".to_owned(),
            Self::File(path) | Self::Pipe(path) | Self::NoFile(path) => {
                path.strip_prefix(".").unwrap_or(path)
            }
            Self::Staged(file) => &file.path,
        };
        path.display().to_string()
    }

    /// Reads it, a part at a time.
    ///
    /// # Errors
    /// Names the file.
    pub(super) fn read(self, mut take: impl FnMut(&[u8])) -> Result<()> {
        let name = self.name();
        let unreadable = |why: std::io::Error| Error::failed(format!("cannot read {name}: {why}"));
        let mut file = match self {
            Self::Staged(file) => {
                let content = file.content().map_err(|why| why.about(&name))?;
                take(&content);
                return Ok(());
            }
            Self::Stdin => {
                let stdin = rustix::stdio::stdin().try_clone_to_owned();
                File::from(stdin.map_err(unreadable)?)
            }
            Self::File(path) => open(&path).map_err(unreadable)?,
            Self::Pipe(path) => opened_pipe(&path).map_err(unreadable)?,
            Self::NoFile(_) => return Ok(()),
        };
        let mut bytes = Zeroizing::new(vec![0; CHUNK]);
        loop {
            match file.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => take(bytes.get(..count).unwrap_or_default()),
                Err(why) if why.kind() == std::io::ErrorKind::Interrupted => {}
                Err(why) if why.kind() == std::io::ErrorKind::WouldBlock => {
                    has_bytes(&file, None).map_err(unreadable)?;
                }
                Err(why) => return Err(unreadable(why)),
            }
        }
    }
}

/// A pipe that took the place of a file must not be waited for.
fn open(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

/// One that lies in a folder may have nobody who ever writes to it; the others, as a shell makes
/// them, have or are at their end.
fn opened_pipe(path: &Path) -> std::io::Result<File> {
    let pipe = open(path)?;
    let lies_in_folder = path.canonicalize().is_ok();
    if has_bytes(&pipe, lies_in_folder.then_some(&WAIT_FOR_WRITER))? {
        return Ok(pipe);
    }
    Err(std::io::Error::other("nobody writes to this pipe"))
}

/// Waits until a pipe has bytes or is at its end, and whether that came.
fn has_bytes(pipe: &File, patience: Option<&Timespec>) -> std::io::Result<bool> {
    let mut waiting = [PollFd::new(pipe, PollFlags::IN)];
    let ready = rustix::io::retry_on_intr(|| poll(&mut waiting, patience))?;
    Ok(ready > 0)
}

/// All of them, one after the other; a folder is read as it is come to.
pub(super) enum SourceTexts {
    Paths(Vec<PathBuf>, Option<walkdir::IntoIter>),
    Staged(std::vec::IntoIter<StagedFile>),
}

impl SourceTexts {
    /// What paths name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] where one of them is not there, and for a terminal as stdin.
    pub(super) fn of(ctx: &Context, paths: &[PathBuf]) -> Result<Self> {
        for path in paths {
            if path.as_os_str() == "-" {
                if ctx.ui.stdin_is_terminal() {
                    return Err(Error::usage("nothing is piped in on stdin")
                        .hint("name files or folders, or pipe it in: … | vault scan -"));
                }
                continue;
            }
            let shown = path.display();
            if let Err(why) = path.symlink_metadata() {
                return Err(Error::usage(format!("cannot look through {shown}: {why}"))
                    .hint("check its name, or look through all of this folder: vault scan"));
            }
            let is_text = |kind: FileType| kind.is_file() || kind.is_dir() || kind.is_fifo();
            if path.metadata().is_ok_and(|it| !is_text(it.file_type())) {
                return Err(
                    Error::usage(format!("cannot look through {shown}: it is a device"))
                        .hint("name files, folders and pipes, or pipe it in: … | vault scan -"),
                );
            }
        }
        let mut paths = paths.to_vec();
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        paths.reverse();
        Ok(Self::Paths(paths, None))
    }

    /// What git is to commit.
    ///
    /// # Errors
    /// As [`staged_files`].
    pub(super) fn staged() -> Result<Self> {
        Ok(Self::Staged(staged_files()?.into_iter()))
    }
}

impl Iterator for SourceTexts {
    type Item = Result<SourceText>;

    fn next(&mut self) -> Option<Self::Item> {
        let (paths, walk) = match self {
            Self::Staged(files) => return files.next().map(|file| Ok(SourceText::Staged(file))),
            Self::Paths(paths, walk) => (paths, walk),
        };
        loop {
            let Some(entries) = walk else {
                let path = paths.pop()?;
                if path.as_os_str() == "-" {
                    return Some(Ok(SourceText::Stdin));
                }
                if path.metadata().is_ok_and(|it| it.file_type().is_fifo()) {
                    return Some(Ok(SourceText::Pipe(path)));
                }
                // One that is named itself is followed; none below it is.
                *walk = Some(WalkDir::new(path).sort_by_file_name().into_iter());
                continue;
            };
            match entries.next() {
                None => *walk = None,
                Some(Ok(entry)) if is_left_out(&entry) => entries.skip_current_dir(),
                Some(Ok(entry)) if is_file(&entry) => {
                    return Some(Ok(SourceText::File(entry.into_path())));
                }
                Some(Ok(entry)) if is_no_file(&entry) => {
                    return Some(Ok(SourceText::NoFile(entry.into_path())));
                }
                Some(Ok(_)) => {}
                Some(Err(why)) => {
                    let path = why.path().map(|path| path.display().to_string());
                    let reason = why.io_error().map(ToString::to_string);
                    return Some(Err(Error::failed(format!(
                        "cannot read {}: {}",
                        path.unwrap_or_default(),
                        reason.unwrap_or_else(|| "it contains itself".to_owned())
                    ))));
                }
            }
        }
    }
}

fn is_left_out(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_type().is_dir() && entry.file_name() == LEFT_OUT
}

/// A link that was named itself may lead to one.
fn is_file(entry: &DirEntry) -> bool {
    let kind = entry.file_type();
    kind.is_file() || (entry.depth() == 0 && kind.is_symlink() && entry.path().is_file())
}

/// A folder is none either, but what it holds is looked through; and links are known not to be.
fn is_no_file(entry: &DirEntry) -> bool {
    let kind = entry.file_type();
    !kind.is_file() && !kind.is_dir() && !kind.is_symlink()
}
