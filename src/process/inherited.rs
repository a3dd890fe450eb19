//! Descriptors that this process was started with. No program that is started from here has them:
//! they are marked to close as it starts, and those that passwords come from are taken over.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, FdFlags, Result, fcntl_dupfd_cloexec, fcntl_setfd};

/// The descriptors that this process was started with, but for the standard streams.
#[derive(Debug, Default)]
pub struct Inherited {
    /// Those that are marked to close in children.
    marked: Vec<i32>,
    /// Those that secrets were read from, by their numbers, which are closed.
    taken: RefCell<BTreeMap<u32, OwnedFd>>,
}

impl Inherited {
    /// Marks all of them, so that no child has them. To be called first of all: nothing of this
    /// process itself is open yet. One that cannot be marked, where the system has no safe way for
    /// it, stays as it is.
    pub fn mark() -> Self {
        let open = fs::read_dir("/dev/fd");
        let numbers: Vec<i32> = (open.into_iter().flatten().flatten())
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|number| *number > 2)
            .collect();
        // The folder that was read is among them, and closed by now.
        let marked = numbers
            .into_iter()
            .filter(|number| reopen_as(*number, FdFlags::CLOEXEC));
        Self {
            marked: marked.collect(),
            taken: RefCell::default(),
        }
    }

    /// Gives a program that takes the place of this process what this process was given: whoever
    /// started both meant them for it. Sources of secrets are not among them.
    pub fn hand_on(&self) {
        for number in &self.marked {
            reopen_as(*number, FdFlags::empty());
        }
    }

    /// Closes what a program has now that was started beside this process: whoever waits for the end
    /// of one of them waits for that program alone.
    pub fn let_go(&self) {
        for number in &self.marked {
            let _ = nix::unistd::close(*number);
        }
    }

    /// Takes over a descriptor that a secret comes from, at its first use: its number is closed,
    /// so that no child can have it, and its next reader goes on where this one stops.
    pub fn take<T>(&self, number: u32, read: impl FnOnce(&OwnedFd) -> T) -> Result<T> {
        let mut taken = self.taken.borrow_mut();
        let fd = match taken.entry(number) {
            Entry::Occupied(fd) => fd.into_mut(),
            Entry::Vacant(place) => {
                let fd = place.insert(duplicate(number)?);
                close(number);
                fd
            }
        };
        Ok(read(fd))
    }

    /// Closes the descriptor that a path such as `/dev/fd/63` names, once a secret was read from
    /// it.
    pub fn close_named(path: &Path) {
        number_of(path).into_iter().for_each(close);
    }
}

/// The number of a descriptor that a path names, as a shell hands over what `<(…)` prints.
pub fn number_of(path: &Path) -> Option<u32> {
    let path = path.to_str()?;
    ["/dev/fd/", "/proc/self/fd/"]
        .into_iter()
        .find_map(|folder| path.strip_prefix(folder))
        .and_then(|number| number.parse().ok())
        .filter(|number| *number > 2)
}

/// Opens the same under the same number, marked as `flags` say. Whether that was possible.
fn reopen_as(number: i32, flags: FdFlags) -> bool {
    let again = same(number).and_then(|copy| {
        // Nothing else opens anything meanwhile, so that the number stays free for it.
        nix::unistd::close(number).map_err(|_| Errno::BADF)?;
        let again = fcntl_dupfd_cloexec(&copy, number)?;
        fcntl_setfd(&again, flags)?;
        Ok(again)
    });
    // It is open for as long as the process.
    again.is_ok_and(|again| again.into_raw_fd() == number)
}

fn close(number: u32) {
    if let Ok(number @ 3..) = i32::try_from(number) {
        // One that is not open is as good as closed.
        let _ = nix::unistd::close(number);
    }
}

/// A duplicate. Where the system has no way to make one without `unsafe`, the file is opened anew
/// by the descriptor's name: then it is read from its start, and sockets cannot be opened.
fn duplicate(number: u32) -> Result<OwnedFd> {
    let number = i32::try_from(number).map_err(|_| Errno::BADF)?;
    match same(number) {
        Ok(fd) => Ok(fd),
        Err(Errno::BADF) => Err(Errno::BADF),
        Err(_) => reopen(number),
    }
}

/// A process may always take descriptors from itself; an old kernel or a seccomp filter may still
/// say no.
#[cfg(target_os = "linux")]
fn same(number: i32) -> Result<OwnedFd> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let this_process = pidfd_open(getpid(), PidfdFlags::empty())?;
    if this_process.as_raw_fd() == number {
        // It has just taken that number, which was free.
        return Err(Errno::BADF);
    }
    pidfd_getfd(this_process, number, PidfdGetfdFlags::empty())
}

/// Elsewhere, opening a descriptor by its name duplicates it.
#[cfg(not(target_os = "linux"))]
fn same(number: i32) -> Result<OwnedFd> {
    reopen(number)
}

/// Not blocking while it is opened: the other end of a named pipe may be closed already, with the
/// password still in it.
fn reopen(number: i32) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    let fd = rustix::fs::open(format!("/dev/fd/{number}"), flags, Mode::empty())?;
    rustix::fs::fcntl_setfl(&fd, OFlags::empty())?;
    Ok(fd)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    use rustix::io::Errno;

    use super::{Inherited, number_of, reopen};

    #[test]
    fn a_descriptor_that_is_not_open_is_not_taken_for_one_of_our_own() {
        for number in [987, u32::MAX] {
            let taken = Inherited::default().take(number, |_| ());
            assert_eq!(taken.unwrap_err(), Errno::BADF);
        }
    }

    #[test]
    fn a_pipe_can_be_reopened_whose_writer_is_gone() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"password\n").unwrap();
        drop(writer);
        let fd = reopen(reader.as_raw_fd()).unwrap();
        let mut bytes = [0; 16];
        assert_eq!(rustix::io::read(fd, &mut bytes[..]).unwrap(), 9);
    }

    #[test]
    fn paths_that_name_descriptors_are_known() {
        for (path, number) in [
            ("/dev/fd/63", Some(63)),
            ("/proc/self/fd/3", Some(3)),
            ("/dev/fd/0", None),
            ("/dev/fd/x", None),
            ("/dev/fd/3/x", None),
            ("/tmp/3", None),
        ] {
            assert_eq!(number_of(Path::new(path)), number, "{path}");
        }
    }
}
