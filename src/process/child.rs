//! The one builder of child processes, and ways to run one.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use zeroize::Zeroizing;

use super::memory_file::{Opener, hand_over, memory_file, path_of, placed_high};
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;
use crate::model::text::variable::tells_password;

pub use std::process::Command;

/// How often a program is looked after whose output somebody else keeps open.
const TICK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 10_000_000,
};
/// What a program may print besides what is read of it, in bytes.
const UNREAD_BYTES: usize = 1 << 20;

/// A program that is to be started, without the `VAULT_PASSWORD…` variables. Its descriptors are
/// the standard streams and what it is handed on purpose: all others close as it starts, since
/// those that this process inherited were marked so, see [`super::inherited::Inherited`].
pub fn child(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if tells_password(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// A command line for `sh -c`.
pub fn shell(line: &OsStr) -> Command {
    let mut shell = child("sh");
    shell.arg("-c").arg(line);
    shell
}

/// A program that gets secrets.
#[derive(Debug)]
pub struct ProgramToRun<'a> {
    /// Its name or path.
    pub name: &'a OsStr,
    /// What follows it.
    pub args: &'a [OsString],
    /// Variables besides those of this process.
    pub variables: Vec<(String, Secret)>,
    /// Variables that are set to the path of a file in memory with this content.
    pub files: Vec<(String, HandedBytes)>,
    /// What it reads on stdin, in the place of ours.
    pub stdin: Option<HandedBytes>,
}

/// What a program reads of a file.
pub struct HandedBytes(Zeroizing<Vec<u8>>);

impl HandedBytes {
    /// These bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl fmt::Debug for HandedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedBytes(…)")
    }
}

/// It, ready to be started.
pub(super) struct ReadyProgram {
    pub(super) command: Command,
    pub(super) stdin: Option<Stdio>,
    /// To be kept until it runs.
    pub(super) files: Vec<OwnedFd>,
}

impl ProgramToRun<'_> {
    /// Makes its files, and the command that has them.
    pub(super) fn ready(&self, opener: Opener) -> io::Result<ReadyProgram> {
        let mut command = child(self.name);
        command.args(self.args);
        for (name, value) in &self.variables {
            command.env(name, value.expose());
        }
        let mut files = Vec::with_capacity(self.files.len());
        for (name, content) in &self.files {
            let file = placed_high(&memory_file(&content.0)?)?;
            hand_over(&file)?;
            command.env(name, path_of(&file, opener));
            files.push(file);
        }
        let stdin = self.stdin.as_ref();
        let stdin = stdin.map(|content| memory_file(&content.0));
        Ok(ReadyProgram {
            command,
            stdin: stdin.transpose()?.map(Stdio::from),
            files,
        })
    }
}

/// Puts a program in the place of this process. Comes back only with the reason why that is not
/// possible.
pub fn become_program(program: &ProgramToRun<'_>) -> io::Error {
    match program.ready(Opener::InOurPlace) {
        Ok(mut ready) => {
            if let Some(stdin) = ready.stdin.take() {
                ready.command.stdin(stdin);
            }
            let failed = ready.command.exec();
            drop(ready.files);
            failed
        }
        Err(why) => why,
    }
}

/// Runs a program to its end with `input` on its stdin. What it prints goes to `output`.
pub fn run_with_input(
    program: &OsStr,
    args: &[OsString],
    input: &Secret,
    output: Stdio,
) -> io::Result<ExitStatus> {
    let mut command = child(program);
    command.args(args).stdin(Stdio::piped()).stdout(output);
    let mut child = command.spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // It need not read it all, or at all.
        let _ = pipe.write_all(input.expose().as_bytes());
    }
    child.wait()
}

/// The first line that a program prints, with its end and `limit` bytes at most, and how it ended.
/// Only the program itself is waited for: one that it left in the background may hold its output
/// open for longer.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it cannot be run or prints without end.
pub fn first_line(mut command: Command, limit: usize) -> Result<(Zeroizing<Vec<u8>>, ExitStatus)> {
    let failed = |why: io::Error| Error::usage(format!("cannot read the password command: {why}"));
    let mut child = (command.stdin(Stdio::null()))
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut line = Zeroizing::new(Vec::with_capacity(limit));
    let (mut whole, mut unread) = (false, 0);
    let all = read_while_it_runs(&mut child, |_, bytes| {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = bytes.get(..end.map_or(bytes.len(), |at| at + 1));
        let part = part.filter(|_| !whole).unwrap_or_default();
        let part = part.get(..part.len().min(limit - line.len()));
        let part = part.unwrap_or_default();
        line.extend_from_slice(part);
        whole |= end.is_some() || line.len() == limit;
        unread += bytes.len() - part.len();
        unread < UNREAD_BYTES
    });
    if !all.map_err(failed)? {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Error::usage("the password command prints without end"));
    }
    let status = child.wait().map_err(failed)?;
    Ok((line, status))
}

/// Where a program prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChildOutput {
    Output,
    Errors,
}

/// Gives `take` what a program prints into its pipes until it ends, or closes them; whether `take`
/// wanted all of it. Ending is what counts, whoever else holds the output open.
pub(super) fn read_while_it_runs(
    child: &mut Child,
    mut take: impl FnMut(ChildOutput, &[u8]) -> bool,
) -> io::Result<bool> {
    let stdout = child.stdout.take().map(OwnedFd::from);
    let stderr = child.stderr.take().map(OwnedFd::from);
    let mut open: Vec<(ChildOutput, OwnedFd)> =
        (stdout.map(|fd| (ChildOutput::Output, fd)).into_iter())
            .chain(stderr.map(|fd| (ChildOutput::Errors, fd)))
            .collect();
    let mut bytes = Zeroizing::new([0; 4 << 10]);
    let mut ended = false;
    while !open.is_empty() {
        let mut waiting: Vec<_> = (open.iter())
            .map(|(_, fd)| PollFd::new(fd, PollFlags::IN))
            .collect();
        retry_on_intr(|| poll(&mut waiting, Some(&TICK)))?;
        let ready = (waiting.iter()).position(|fd| !fd.revents().is_empty());
        let Some((at, (stream, fd))) = ready.and_then(|at| Some((at, open.get(at)?))) else {
            // What it has printed itself was there before it ended.
            if ended {
                return Ok(true);
            }
            ended = child.try_wait()?.is_some();
            continue;
        };
        match retry_on_intr(|| rustix::io::read(fd, &mut bytes[..])) {
            Ok(0) => {
                open.remove(at);
            }
            Ok(count) if !take(*stream, bytes.get(..count).unwrap_or_default()) => {
                return Ok(false);
            }
            Ok(_) | Err(Errno::AGAIN) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(true)
}

/// Waits for a child for no longer than `patience`; `None` when it has not ended by then.
pub fn wait_for(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let until = std::time::Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if std::time::Instant::now() > until {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
