//! Locks between processes, which end with the process that holds them.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::file::failed;
use crate::error::{Error, Result};

/// Between two looks at a lock that another process holds.
const PAUSE: Duration = Duration::from_millis(10);

/// A lock that is held; dropping it lets go. The file stays, so that all meet at the same one.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock at `path`, waiting at most `wait`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when another process holds it longer than that,
    /// [`crate::error::Kind::Failed`] when it cannot be opened.
    pub fn acquire(path: &Path, wait: Duration) -> Result<Self> {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
            .map_err(|why| {
                failed("open the lock", path, &why).hint(if path.is_symlink() {
                    "it is a link, and a lock is none: see where it leads, and remove it"
                } else {
                    "its folder has to be writable for whoever changes the vault"
                })
            })?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(why)) => return Err(failed("lock", path, &why)),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = wait.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(Error::conflict(format!(
                    "the vault is busy: another process has held {} for more than {} s",
                    path.display(),
                    wait.as_secs()
                ))
                .hint("try again, or wait longer with --wait 1m"));
            }
            sleep(left.min(PAUSE));
        }
    }
}
