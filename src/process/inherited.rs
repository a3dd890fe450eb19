//! Descriptors that this process was started with.

use std::fs;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, Result};

/// A duplicate of an inherited descriptor. Where the system has no way to make one without
/// `unsafe`, the file is opened anew by the descriptor's name: then it is read from its start, and
/// sockets cannot be opened.
pub(super) fn inherited(number: u32) -> Result<OwnedFd> {
    match duplicate(number) {
        Ok(fd) => Ok(fd),
        Err(Errno::BADF) => Err(Errno::BADF),
        Err(_) => reopen(number),
    }
}

/// Closes a descriptor that this process was started with, so that no child has it. The standard
/// streams stay.
pub(super) fn close_inherited(number: u32) {
    if let Ok(number @ 3..) = i32::try_from(number) {
        // One that is not open is as good as closed.
        let _ = nix::unistd::close(number);
    }
}

/// Closes all of them but the standard streams, in a process that outlives who started it: a
/// script's lock or pipe would stay open for as long. Nothing of this process is open yet.
pub fn close_all_inherited() {
    let Ok(open) = fs::read_dir("/dev/fd") else {
        return;
    };
    let numbers = open
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // The folder that was read is among them, and closed by then.
    numbers
        .collect::<Vec<_>>()
        .into_iter()
        .for_each(close_inherited);
}

/// A process may always take descriptors from itself; an old kernel or a seccomp filter may still
/// say no.
#[cfg(target_os = "linux")]
fn duplicate(number: u32) -> Result<OwnedFd> {
    use std::os::fd::AsRawFd;

    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let number = i32::try_from(number).map_err(|_| Errno::BADF)?;
    let this_process = pidfd_open(getpid(), PidfdFlags::empty())?;
    if this_process.as_raw_fd() == number {
        // It has just taken that number, which was free.
        return Err(Errno::BADF);
    }
    pidfd_getfd(this_process, number, PidfdGetfdFlags::empty())
}

#[cfg(not(target_os = "linux"))]
fn duplicate(_: u32) -> Result<OwnedFd> {
    Err(Errno::NOSYS)
}

/// Not blocking while it is opened: the other end of a named pipe may be closed already, with the
/// password still in it.
fn reopen(number: u32) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    let fd = rustix::fs::open(format!("/dev/fd/{number}"), flags, Mode::empty())?;
    rustix::fs::fcntl_setfl(&fd, OFlags::empty())?;
    Ok(fd)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsRawFd;

    use rustix::io::Errno;

    use super::{inherited, reopen};

    #[test]
    fn a_descriptor_that_is_not_open_is_not_taken_for_one_of_our_own() {
        for number in [987, u32::MAX] {
            assert_eq!(inherited(number).unwrap_err(), Errno::BADF);
        }
    }

    #[test]
    fn a_pipe_can_be_reopened_whose_writer_is_gone() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"password\n").unwrap();
        drop(writer);
        let fd = reopen(u32::try_from(reader.as_raw_fd()).unwrap()).unwrap();
        let mut bytes = [0; 16];
        assert_eq!(rustix::io::read(fd, &mut bytes[..]).unwrap(), 9);
    }
}
