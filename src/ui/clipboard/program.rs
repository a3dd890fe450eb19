//! Programs that hold the clipboard, and how each wants to be called.
//!
//! They go to the background and keep the streams that they were given: their stdout and stderr
//! lead nowhere, or a caller that reads our output would wait for them.

use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, io};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Access, access};
use rustix::io::{Errno, ioctl_fionbio, retry_on_intr};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::model::text::limits::SECRET_BYTES;
use crate::model::text::secret::Secret;
use crate::process::child::{Command, child};

/// How long a program may take: a display that hangs must not hang this one.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a program is looked after that has been given all it needs.
const TICK: Duration = Duration::from_millis(2);

/// A program and its arguments.
type Line = (&'static str, &'static [&'static str]);

/// How to reach one clipboard.
#[derive(Debug)]
pub struct ClipboardProgram {
    copy: Line,
    /// Given to `copy` too, if its help names it.
    sensitive: Option<&'static str>,
    /// Marks what it copies as concealed, where it works.
    conceal: Option<Line>,
    read: Line,
    clear: Line,
}

const PROGRAMS: [ClipboardProgram; 4] = [
    ClipboardProgram {
        // With a type given, it asks no other program what the text is.
        copy: ("wl-copy", &["--type", "text/plain"]),
        sensitive: Some("--sensitive"),
        conceal: None,
        read: ("wl-paste", &["--no-newline"]),
        clear: ("wl-copy", &["--clear"]),
    },
    ClipboardProgram {
        copy: ("xclip", &["-selection", "clipboard", "-in"]),
        sensitive: None,
        conceal: None,
        read: ("xclip", &["-selection", "clipboard", "-out"]),
        // From nothing on its stdin.
        clear: ("xclip", &["-selection", "clipboard", "-in"]),
    },
    ClipboardProgram {
        copy: ("xsel", &["--clipboard", "--input"]),
        sensitive: None,
        conceal: None,
        read: ("xsel", &["--clipboard", "--output"]),
        clear: ("xsel", &["--clipboard", "--clear"]),
    },
    ClipboardProgram {
        copy: ("pbcopy", &[]),
        sensitive: None,
        conceal: Some(("osascript", &["-l", "JavaScript", "-e", CONCEAL])),
        read: ("pbpaste", &[]),
        clear: ("pbcopy", &[]),
    },
];

/// Copies stdin with the type by which clipboard managers know that they should not keep it.
const CONCEAL: &str = "\
ObjC.import('AppKit');
const bytes = $.NSFileHandle.fileHandleWithStandardInput.readDataToEndOfFile;
const text = $.NSString.alloc.initWithDataEncoding(bytes, $.NSUTF8StringEncoding);
const board = $.NSPasteboard.generalPasteboard;
board.clearContents;
board.setStringForType(text, 'public.utf8-plain-text');
board.setStringForType('', 'org.nspasteboard.ConcealedType');";

impl ClipboardProgram {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PROGRAMS.iter().find(|program| program.name() == name)
    }

    pub(super) fn name(&self) -> &'static str {
        self.copy.0
    }

    /// What has to be installed.
    pub(super) fn needs(&self) -> [&'static str; 2] {
        [self.copy.0, self.read.0]
    }

    /// `wl-copy` keeps what it is given in a file of its own in `/tmp` while it serves it
    /// (<https://github.com/bugaevc/wl-clipboard/issues/34>).
    pub(super) fn uses_tmp(&self) -> bool {
        self.name() == "wl-copy"
    }

    pub(super) fn copy(&self, secret: &Secret) -> Result<()> {
        let bytes = secret.expose().as_bytes();
        if self.conceal(bytes) {
            return Ok(());
        }
        let (name, args) = self.copy;
        let option = self.sensitive.filter(|option| knows(name, option));
        let mut command = command((name, args))?;
        command.args(option);
        feed(name, &mut command, bytes)
    }

    /// Whether the text is on the clipboard, marked as concealed. What is there afterwards is
    /// looked at: an older system may run the script and do something else.
    fn conceal(&self, bytes: &[u8]) -> bool {
        self.conceal.is_some_and(|line| {
            let done = command(line).and_then(|mut command| feed(line.0, &mut command, bytes));
            done.is_ok() && self.read().is_ok_and(|held| *held == bytes)
        })
    }

    pub(super) fn read(&self) -> Result<Zeroizing<Vec<u8>>> {
        output(self.read, SECRET_BYTES)
    }

    pub(super) fn clear(&self) -> Result<()> {
        feed(self.clear.0, &mut command(self.clear)?, b"")
    }
}

/// Whether a program's help names an option.
fn knows(name: &'static str, option: &str) -> bool {
    let help = output((name, &["--help"]), SECRET_BYTES);
    help.is_ok_and(|help| memchr::memmem::find(&help, option.as_bytes()).is_some())
}

/// The file of a program. Only folders are searched that are named from the root: what lies in the
/// working directory is anybody's.
pub(super) fn find(path: &OsStr, program: &str) -> Option<PathBuf> {
    let folders = env::split_paths(path).filter(|folder| folder.is_absolute());
    let mut files = folders.map(|folder| folder.join(program));
    files.find(|file| file.is_file() && access(file, Access::EXEC_OK).is_ok())
}

fn command((name, args): Line) -> Result<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let file =
        find(&path, name).ok_or_else(|| Error::failed(format!("there is no {name} here")))?;
    let mut command = child(file);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if name.starts_with("pb") {
        // Elsewise they take and give the encoding of the locale.
        command.env("LC_ALL", "en_US.UTF-8");
    }
    Ok(command)
}

/// Runs a program with these bytes on its stdin.
fn feed(name: &'static str, command: &mut Command, bytes: &[u8]) -> Result<()> {
    let started = command.stdin(Stdio::piped()).spawn();
    let mut child = RunningProgram(started.map_err(|why| failed(name, &why))?);
    let end = Instant::now() + PATIENCE;
    let fed = match child.0.stdin.take() {
        Some(pipe) => write_all(pipe, bytes, end),
        None => Ok(()),
    };
    let ended = fed.and_then(|()| child.wait(end));
    succeeded(name, ended)
}

/// What a program prints, at most `limit` bytes.
pub(super) fn output(line: Line, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    let name = line.0;
    let started = command(line)?.stdout(Stdio::piped()).spawn();
    let mut child = RunningProgram(started.map_err(|why| failed(name, &why))?);
    let end = Instant::now() + PATIENCE;
    let printed = match child.0.stdout.take() {
        Some(pipe) => read_all(pipe, limit, end),
        None => Ok(Zeroizing::default()),
    };
    let printed = printed.map_err(|why| failed(name, &why))?;
    succeeded(name, child.wait(end))?;
    Ok(printed)
}

fn succeeded(name: &str, ended: io::Result<ExitStatus>) -> Result<()> {
    let status = ended.map_err(|why| failed(name, &why))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::failed(format!("{name} failed: {status}"))
        .hint(format!("see what it says itself: echo test | {name}")))
}

fn failed(name: &str, why: &io::Error) -> Error {
    Error::failed(format!("cannot use {name} for the clipboard: {why}"))
}

/// A program that does not outlive an error. What it has put into the background does.
struct RunningProgram(Child);

impl RunningProgram {
    fn wait(&mut self, end: Instant) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            left(end)?;
            std::thread::sleep(TICK);
        }
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        // Of one that has ended, both do nothing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What is left of the time, or an error when nothing is.
fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "it does not answer",
        ));
    }
    Ok(left)
}

/// Writes all of it and closes the pipe. A program that closes it first says by its exit code
/// whether that was enough.
fn write_all(pipe: impl AsFd, mut bytes: &[u8], end: Instant) -> io::Result<()> {
    ioctl_fionbio(&pipe, true)?;
    while !bytes.is_empty() {
        match rustix::io::write(&pipe, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::AGAIN) => until(&pipe, PollFlags::OUT, end)?,
            Err(Errno::INTR) => {}
            Err(Errno::PIPE) => return Ok(()),
            Err(why) => return Err(why.into()),
        }
    }
    Ok(())
}

/// Reads up to `limit` bytes, all at once allocated.
fn read_all(pipe: impl AsFd, limit: usize, end: Instant) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
    ioctl_fionbio(&pipe, true)?;
    loop {
        match rustix::io::read(&pipe, rustix::buffer::spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(bytes),
            Ok(_) if bytes.len() > limit => {
                return Err(io::Error::other("it gives more than a secret can be"));
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => until(&pipe, PollFlags::IN, end)?,
            Err(why) => return Err(why.into()),
        }
    }
}

fn until(pipe: impl AsFd, what: PollFlags, end: Instant) -> io::Result<()> {
    let left = Timespec::try_from(left(end)?).map_err(io::Error::other)?;
    let mut waiting = [PollFd::new(&pipe, what)];
    retry_on_intr(|| poll(&mut waiting, Some(&left)))?;
    Ok(())
}
