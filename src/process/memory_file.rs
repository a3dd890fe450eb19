//! Files in memory, for a program that is started: nothing of them is on a disk, and nothing is
//! left when the last process that has them open ends.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

/// The numbers that are tried for a descriptor: scripts use the low ones themselves, and shells
/// those around 10 and 255.
const NUMBERS: [i32; 3] = [300, 100, 20];

/// A file that holds `content`, readable by its owner only, which nobody can change any more.
///
/// # Errors
/// Where the system has no such files.
#[cfg(target_os = "linux")]
pub(crate) fn memory_file(content: &[u8]) -> io::Result<OwnedFd> {
    use rustix::fs::{
        MemfdFlags, Mode, SealFlags, SeekFrom, fchmod, fcntl_add_seals, memfd_create, seek,
    };
    use rustix::io::Errno;

    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let make = |flags| memfd_create(c"secret", flags);
    let fd = match make(flags | MemfdFlags::NOEXEC_SEAL) {
        // A kernel before 6.3 does not know it.
        Err(Errno::INVAL) => make(flags)?,
        file => file?,
    };
    fchmod(&fd, Mode::RUSR | Mode::WUSR)?;
    let mut rest = content;
    while !rest.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::write(&fd, rest))?;
        rest = rest.get(written..).unwrap_or_default();
    }
    seek(&fd, SeekFrom::Start(0))?;
    let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    fcntl_add_seals(&fd, seals)?;
    Ok(fd)
}

/// As on Linux, which alone has such files.
#[cfg(not(target_os = "linux"))]
pub(crate) fn memory_file(_: &[u8]) -> io::Result<OwnedFd> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "only Linux has files in memory",
    ))
}

/// The same under a high number.
pub(crate) fn placed_high(fd: &OwnedFd) -> io::Result<OwnedFd> {
    let mut last = io::Error::other("no number is free");
    for least in NUMBERS {
        match fcntl_dupfd_cloexec(fd, least) {
            Ok(high) => return Ok(high),
            Err(why) => last = why.into(),
        }
    }
    Err(last)
}

/// Who opens a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Opener {
    /// The program that takes this one's place, and all that it starts: it keeps our number, and
    /// those that close what they inherit find the file there.
    InOurPlace,
    /// A program beside this one, which nobody may look into: it, and what inherits from it.
    Beside,
}

/// The path by which it is opened, from its start each time.
pub(crate) fn path_of(fd: &OwnedFd, opener: Opener) -> String {
    let number = fd.as_raw_fd();
    match opener {
        Opener::InOurPlace => format!("/proc/{}/fd/{number}", std::process::id()),
        Opener::Beside => format!("/proc/self/fd/{number}"),
    }
}

/// Lets the program have it that is started next.
pub(crate) fn hand_over(fd: impl AsFd) -> io::Result<()> {
    Ok(fcntl_setfd(fd, FdFlags::empty())?)
}
