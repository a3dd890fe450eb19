//! Runs a program of which nothing that was handed to it is to be seen in what it prints.
//!
//! This process stays beside it: signals are passed on, and how it ended is told.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::child::{ChildOutput, ProgramToRun};
use super::masked_stream::MaskedStream;
use super::masked_terminal::{OwnTerminal, is_terminal, is_typed};
use super::memory_file::Opener;
use crate::model::masking::matcher::Matcher;

/// The signals that are passed on.
pub(crate) const PASSED_ON: [i32; 6] = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2];

/// How a program ended.
pub(crate) struct MaskedEnd {
    /// Its exit code, or the signal that ended it.
    pub(crate) status: ExitStatus,
    /// Why not all was passed on that it printed; that nobody reads it any more is no reason.
    pub(crate) lost: Option<io::Error>,
}

/// A program that runs beside this process.
pub(crate) struct MaskedProgram {
    child: Child,
    streams: Vec<MaskedStream>,
    terminal: Option<OwnTerminal>,
    /// What came in since it was started.
    signals: Signals,
}

impl MaskedProgram {
    /// Starts it: on a terminal where there is one, for it and for us; else with pipes in the place
    /// of our output.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub(crate) fn start(program: &ProgramToRun<'_>) -> io::Result<Self> {
        let mut ready = program.ready(Opener::Beside)?;
        let (out, err) = (rustix::stdio::stdout(), rustix::stdio::stderr());
        let has_terminal = OwnTerminal::is_wanted();
        // Before it runs: no signal is lost that is meant for it.
        let signals = Signals::new(listened_to(has_terminal))?;
        if has_terminal {
            let errors = (!is_terminal(err)).then(io::pipe).transpose()?;
            let (from, writer) = errors.unzip();
            let (terminal, child) = OwnTerminal::start(ready, writer)?;
            let mut streams = vec![terminal.output()?];
            streams.extend(from.map(|from| MaskedStream {
                from: from.into(),
                to: ChildOutput::Errors,
            }));
            return Ok(Self {
                child,
                streams,
                terminal: Some(terminal),
                signals,
            });
        }
        let (from, writer) = io::pipe()?;
        let mut streams = vec![stream(from, ChildOutput::Output)];
        // One pipe for both keeps their order.
        if is_same(out, err) {
            ready.command.stderr(writer.try_clone()?);
        } else {
            let (from, writer) = io::pipe()?;
            streams.push(stream(from, ChildOutput::Errors));
            ready.command.stderr(writer);
        }
        ready.command.stdout(writer);
        if let Some(stdin) = ready.stdin.take() {
            ready.command.stdin(stdin);
        }
        let child = ready.command.spawn()?;
        Ok(Self {
            child,
            streams,
            terminal: None,
            signals,
        })
    }

    /// Passes on what it prints until it ends. What it leaves running finds its output closed.
    ///
    /// # Errors
    /// Where it cannot be waited for.
    pub(crate) fn pass_on(self, matcher: &Matcher<String>) -> io::Result<MaskedEnd> {
        let Self {
            mut child,
            streams,
            terminal,
            mut signals,
        } = self;
        let program = Pid::from_child(&child);
        let terminal = terminal.as_ref();
        let handle = signals.handle();
        let has_ended = AtomicBool::new(false);
        let (ended, ending) = io::pipe()?;
        if let Some(terminal) = terminal {
            terminal.take_keys();
        }
        let status = thread::scope(|scope| {
            scope.spawn(|| {
                for signal in &mut signals {
                    on_signal(signal, program, terminal, &has_ended);
                }
            });
            let passing: Vec<_> = (streams.into_iter())
                .map(|stream| {
                    let ended = &ended;
                    let is_of_terminal = terminal.is_some() && stream.to == ChildOutput::Output;
                    scope.spawn(move || {
                        let passed = stream.pass_on(matcher, ended);
                        if passed.is_err() && is_of_terminal {
                            // Its terminal stays, but is of no more use.
                            let _ = rustix::process::kill_process(program, Signal::HUP);
                        }
                        passed
                    })
                })
                .collect();
            if let Some(terminal) = terminal {
                scope.spawn(|| terminal.pass_keys_on(program, ended.as_fd()));
            }
            // Until it is waited for below, its number is nobody else's.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let waited = rustix::io::retry_on_intr(|| {
                rustix::process::waitid(WaitId::Pid(program), options)
            });
            has_ended.store(true, Ordering::SeqCst);
            drop(ending);
            let passed = passing.into_iter().filter_map(|stream| stream.join().ok());
            let mut lost = passed.filter_map(Result::err);
            // A reader that is gone is no failure of the program.
            let lost = lost.find(|why| why.kind() != io::ErrorKind::BrokenPipe);
            handle.close();
            waited?;
            let status = child.wait()?;
            Ok(MaskedEnd { status, lost })
        });
        if let Some(terminal) = terminal {
            terminal.give_back();
        }
        status
    }
}

fn stream(from: impl Into<OwnedFd>, to: ChildOutput) -> MaskedStream {
    let from = from.into();
    MaskedStream { from, to }
}

/// Whether two descriptors are open on the same thing.
fn is_same(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    let key = |fd| rustix::fs::fstat(fd).map(|it| (it.st_dev, it.st_ino));
    matches!((key(one), key(other)), (Ok(one), Ok(other)) if one == other)
}

/// What is listened to: what is ignored stays so, for the program too.
fn listened_to(has_terminal: bool) -> Vec<i32> {
    let of_terminal = [SIGWINCH, SIGCONT].into_iter().filter(|_| has_terminal);
    let ignored = ignored_signals();
    (PASSED_ON.into_iter().chain(of_terminal))
        .filter(|signal| ignored & (1 << (signal - 1)) == 0)
        .collect()
}

/// The signals that are ignored, a bit for each; none where the system does not say.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
        .unwrap_or_default()
}

fn on_signal(signal: i32, program: Pid, terminal: Option<&OwnTerminal>, has_ended: &AtomicBool) {
    match (signal, terminal) {
        (SIGWINCH, Some(terminal)) => return terminal.take_size(),
        (SIGCONT, Some(terminal)) => return terminal.go_on(program),
        _ => {}
    }
    if has_ended.load(Ordering::SeqCst) {
        // What is left is only to be read, by somebody who may not do it.
        if let Some(terminal) = terminal {
            terminal.give_back();
        }
        let _ = emulate_default_handler(signal);
        return;
    }
    let is_key = matches!(signal, SIGINT | SIGQUIT);
    if terminal.is_none() && is_key && is_typed() {
        return;
    }
    if let Some(signal) = Signal::from_named_raw(signal) {
        let _ = rustix::process::kill_process(program, signal);
    }
}

/// Masks what comes on stdin on its way to stdout.
///
/// # Errors
/// Where it cannot be read or written; a reader that goes away is none.
pub(crate) fn mask_stdin(matcher: &Matcher<String>) -> io::Result<()> {
    // It ends with its input and by nothing else.
    let (never, _open) = io::pipe()?;
    let stdin = rustix::stdio::stdin().try_clone_to_owned()?;
    match stream(stdin, ChildOutput::Output).pass_on(matcher, &never) {
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        passed => passed,
    }
}
