//! Programs that answer over their stdin and stdout, as age plugins do.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;

use super::child::{child, wait_for};
use crate::error::{Error, Result};

/// How long a program may take to end once nobody listens to it.
const FAREWELL: Duration = Duration::from_secs(2);

/// Finds a program in the folders of `PATH`, those that are named from the root only: a program in
/// the current folder is not meant.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when it is in none of them.
pub fn find_helper(name: &str) -> Result<PathBuf> {
    let searched = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&searched).filter(|folder| folder.is_absolute());
    first_program(name, folders).ok_or_else(|| {
        Error::failed(format!("there is no program {name} in your PATH"))
            .hint("install it, or open its folder to PATH; nothing was changed")
    })
}

/// The first program of a name in folders.
pub(super) fn first_program(
    name: impl AsRef<Path>,
    folders: impl IntoIterator<Item = PathBuf>,
) -> Option<PathBuf> {
    let mut programs = folders.into_iter().map(|folder| folder.join(&name));
    programs.find(|program| {
        let found = program.metadata();
        found.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

/// Starts a program that is silent for no longer than `patience` at a time. It has no terminal of
/// its own to ask on.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when it is not there or cannot be started.
pub fn start_helper(name: &str, arg: &str, patience: Duration) -> Result<Helper> {
    let failed = |why: io::Error| Error::failed(format!("cannot run {name}: {why}"));
    let mut child = child(find_helper(name)?)
        .arg(arg)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    Ok(Helper {
        child,
        stdin,
        stdout,
        patience,
    })
}

/// A program that answers. It ends when this is dropped.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    patience: Duration,
}

impl Read for Helper {
    /// A program that is silent for too long is a time-out.
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let Some(stdout) = &mut self.stdout else {
            return Ok(0);
        };
        let deadline = Timespec::try_from(self.patience).map_err(io::Error::other)?;
        let mut waiting = [PollFd::new(stdout, PollFlags::IN)];
        if retry_on_intr(|| poll(&mut waiting, Some(&deadline)))? == 0 {
            return Err(ErrorKind::TimedOut.into());
        }
        stdout.read(bytes)
    }
}

impl Write for Helper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(stdin) = &mut self.stdin else {
            return Err(ErrorKind::BrokenPipe.into());
        };
        stdin.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Helper {
    /// It sees the end of its input, and has a moment to leave the hardware in order.
    fn drop(&mut self) {
        (self.stdin, self.stdout) = (None, None);
        if let Ok(None) = wait_for(&mut self.child, FAREWELL) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
