//! A terminal of its own for a program whose output is masked, so that it behaves as on ours: what is
//! typed goes there, and it is as large.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::Child;
use std::thread;
use std::time::Duration;

use pty_process::blocking;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use zeroize::Zeroizing;

use super::child::{ChildOutput, ReadyProgram};
use super::masked_stream::{MaskedStream, write_all};

/// How often it is looked whether what is typed is for us again.
const IN_BACKGROUND: Duration = Duration::from_millis(100);
/// Bytes that are typed or pasted at a time.
const KEYS: usize = 1 << 10;

/// The terminal of a program, and ours beside it.
pub(super) struct OwnTerminal {
    pty: blocking::Pty,
    /// The modes of our own terminal.
    before: Termios,
}

impl OwnTerminal {
    /// Whether this process has a terminal, both ways.
    pub(super) fn is_wanted() -> bool {
        is_terminal(rustix::stdio::stdin()) && is_terminal(rustix::stdio::stdout())
    }

    /// Starts a program on a terminal with our terminal's modes and size. `stderr` is where its
    /// errors go, if not there.
    pub(super) fn start(
        ready: ReadyProgram,
        stderr: Option<io::PipeWriter>,
    ) -> io::Result<(Self, Child)> {
        let (pty, pts) = blocking::open().map_err(as_io)?;
        let before = rustix::termios::tcgetattr(ours())?;
        rustix::termios::tcsetattr(&pts, OptionalActions::Now, &before)?;
        rustix::io::ioctl_fionbio(&pty, true)?;
        let terminal = Self { pty, before };
        terminal.take_size();
        let mut command = blocking::Command::from(ready.command);
        if let Some(stdin) = ready.stdin {
            command = command.stdin(stdin);
        }
        if let Some(stderr) = stderr {
            command = command.stderr(stderr);
        }
        let child = command.spawn(pts).map_err(as_io)?;
        Ok((terminal, child))
    }

    /// What is printed there.
    pub(super) fn output(&self) -> io::Result<MaskedStream> {
        Ok(MaskedStream {
            from: self.pty.as_fd().try_clone_to_owned()?,
            to: ChildOutput::Output,
        })
    }

    /// Makes it as large as ours is.
    pub(super) fn take_size(&self) {
        if let Ok(size) = rustix::termios::tcgetwinsize(ours()) {
            let _ = rustix::termios::tcsetwinsize(&self.pty, size);
        }
    }

    /// Leaves it to the other terminal what keys do.
    pub(super) fn take_keys(&self) {
        if is_foreground() {
            let mut raw = self.before.clone();
            raw.make_raw();
            let _ = rustix::termios::tcsetattr(ours(), OptionalActions::Now, &raw);
        }
    }

    /// Gives our terminal back as it was.
    pub(super) fn give_back(&self) {
        if is_foreground() {
            let _ = rustix::termios::tcsetattr(ours(), OptionalActions::Drain, &self.before);
        }
    }

    /// Passes on what is typed until `ended` is closed.
    pub(super) fn pass_keys_on(&self, program: Pid, ended: BorrowedFd<'_>) -> io::Result<()> {
        let mut bytes = Zeroizing::new([0; KEYS]);
        loop {
            let keyboard = ours();
            let mut waiting = [
                PollFd::new(&keyboard, PollFlags::IN),
                PollFd::from_borrowed_fd(ended, PollFlags::IN),
            ];
            retry_on_intr(|| poll(&mut waiting, None))?;
            let [_, end] = &waiting;
            if !end.revents().is_empty() {
                return Ok(());
            }
            if !is_foreground() {
                thread::sleep(IN_BACKGROUND);
                continue;
            }
            let count = retry_on_intr(|| rustix::io::read(keyboard, &mut bytes[..]))?;
            if count == 0 {
                return Ok(());
            }
            let mut typed = bytes.get(..count).unwrap_or_default();
            while let Some(at) = self.stop_key(typed, program) {
                let (before, after) = typed.split_at(at);
                write_all(self.pty.as_fd(), before, Some(ended))?;
                self.stop(program);
                typed = after.get(1..).unwrap_or_default();
            }
            write_all(self.pty.as_fd(), typed, Some(ended))?;
        }
    }

    /// Where the key is that stops the program itself. One that the program has started it stops
    /// without us; where no shell could continue us, nothing is stopped.
    fn stop_key(&self, typed: &[u8], program: Pid) -> Option<usize> {
        let modes = rustix::termios::tcgetattr(&self.pty).ok()?;
        let key = modes.special_codes[SpecialCodeIndex::VSUSP];
        let at = typed.iter().position(|byte| *byte == key && key != 0)?;
        let has_shell = rustix::process::getsid(None).ok() != Some(rustix::process::getpgrp());
        let is_its = rustix::termios::tcgetpgrp(&self.pty).ok() == Some(program);
        (has_shell && is_its && modes.local_modes.contains(LocalModes::ISIG)).then_some(at)
    }

    /// Stops the program and this process, as a shell expects of a job. The kernel would not stop
    /// the program: no shell is in its session.
    fn stop(&self, program: Pid) {
        let _ = rustix::process::kill_process_group(program, Signal::STOP);
        self.give_back();
        let _ = rustix::process::kill_current_process_group(Signal::TSTP);
    }

    /// Goes on after a stop.
    pub(super) fn go_on(&self, program: Pid) {
        self.take_keys();
        self.take_size();
        let _ = rustix::process::kill_process_group(program, Signal::CONT);
    }
}

pub(super) fn is_terminal(fd: BorrowedFd<'_>) -> bool {
    rustix::termios::isatty(fd)
}

/// Whether the signal of a key comes from a terminal, and so to all programs of this job.
pub(super) fn is_typed() -> bool {
    let Ok(terminal) = std::fs::File::open("/dev/tty") else {
        return false;
    };
    rustix::termios::tcgetpgrp(&terminal).ok() == Some(rustix::process::getpgrp())
}

fn ours() -> BorrowedFd<'static> {
    rustix::stdio::stdin()
}

/// Whether our terminal is this job's just now: whoever else touches it is stopped.
fn is_foreground() -> bool {
    rustix::termios::tcgetpgrp(ours()).ok() == Some(rustix::process::getpgrp())
}

fn as_io(why: pty_process::Error) -> io::Error {
    match why {
        pty_process::Error::Io(why) => why,
        pty_process::Error::Rustix(why) => why.into(),
    }
}
