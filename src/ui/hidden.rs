//! Keys from the terminal without echo, and the terminal as it was afterwards, whatever happens.
//!
//! `rpassword` edits the line; the terminal's modes are kept here, because `rpassword` turns the
//! signal keys off, ignores Ctrl-Z, and leaves the echo off when it is killed (by its own Ctrl-C
//! too). Here the keys go on making signals. While a prompt is open a thread waits for them:
//!
//! - INT, TERM, HUP, QUIT: the modes are restored, then the signal does what it does by default,
//!   so that a shell sees a program killed by it.
//! - TSTP: the modes are restored and the process stops.
//! - CONT: the keys are hidden again, what was typed is dropped, and the prompt is shown anew.

use std::fs::File;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use rustix::io::retry_on_intr;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;
use signal_hook::{SigId, flag, low_level};

use crate::model::text::limits::SECRET_BYTES;

/// Time within which the rest of what was pasted is there.
const PASTED_WITHIN: Duration = Duration::from_millis(20);
/// Clears the line.
const CTRL_U: u8 = 0x15;
/// Control characters that `rpassword` has a use for: end of input, backspace, line ends, clear,
/// clear word, escape sequences.
const EDITING: [u8; 7] = [0x04, 0x08, b'\n', b'\r', CTRL_U, 0x17, 0x1b];

/// A screen of its own, on which a line that is too long is cut off.
const ENTER_SCREEN: &str = "\x1b[?1049h\x1b[?7l";
/// The lines go on at the edge again, the cursor is seen, and what was there before is back.
const LEAVE_SCREEN: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/// The signals that end or stop the process by default. Without a shell above that could continue
/// it, the kernel ignores TSTP, but only as long as nobody handles it.
pub(super) fn fatal() -> impl Iterator<Item = i32> {
    let session = rustix::process::getsid(None).ok();
    let has_shell = session != Some(rustix::process::getpgrp());
    let stop = has_shell.then_some(SIGTSTP);
    [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().chain(stop)
}

/// Keeps the signals' defaults while no prompt is open. `signal-hook` never uninstalls its
/// handler: without this, Ctrl-C would do nothing after the first prompt.
#[derive(Debug)]
pub(super) struct Defaults {
    apply: Arc<AtomicBool>,
    ids: Vec<(i32, SigId)>,
}

impl Defaults {
    pub(super) fn new() -> io::Result<Self> {
        let apply = Arc::new(AtomicBool::new(true));
        let register = |signal| {
            let id = flag::register_conditional_default(signal, Arc::clone(&apply))?;
            Ok((signal, id))
        };
        let ids = fatal().map(register).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { apply, ids })
    }

    /// Keeps the defaults from happening until [`Self::apply`].
    pub(super) fn defer(&self) {
        self.apply.store(false, Ordering::SeqCst);
    }

    /// Lets the defaults happen.
    pub(super) fn apply(&self) {
        self.apply.store(true, Ordering::SeqCst);
    }

    /// Leaves these signals to whoever else has registered for them.
    pub(super) fn release(&self, signals: &[i32]) {
        for (_, id) in self
            .ids
            .iter()
            .filter(|(signal, _)| signals.contains(signal))
        {
            low_level::unregister(*id);
        }
    }
}

/// How the keys are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyMode {
    /// One at a time, for a line that is not shown.
    Line,
    /// One at a time, with all of the screen, which is given back as it was.
    Screen,
    /// Not at all: they stay for whoever reads next, and are not shown until then.
    Unread,
}

/// A terminal whose keys are hidden until this is dropped. What is typed ahead of a question, before
/// and after, is thrown away: it was or would be visible, and is not meant for what comes next.
pub(super) struct Hidden {
    terminal: Arc<RawTerminal>,
    signals: Handle,
    thread: Option<JoinHandle<Signals>>,
}

struct RawTerminal {
    file: File,
    before: Termios,
    hidden: Termios,
    mode: KeyMode,
    prompt: Mutex<String>,
    resumed: AtomicBool,
    apply_defaults: Arc<AtomicBool>,
}

impl Hidden {
    pub(super) fn new(file: File, defaults: &Defaults) -> io::Result<Self> {
        Self::start(file, defaults, KeyMode::Line)
    }

    /// Shows no keys while something takes its time; what is typed is kept.
    pub(super) fn unread(file: File, defaults: &Defaults) -> io::Result<Self> {
        Self::start(file, defaults, KeyMode::Unread)
    }

    /// Takes the whole screen: what it showed comes back when this is dropped.
    pub(super) fn screen(file: File, defaults: &Defaults) -> io::Result<Self> {
        Self::start(file, defaults, KeyMode::Screen)
    }

    fn start(file: File, defaults: &Defaults, mode: KeyMode) -> io::Result<Self> {
        let before = rustix::termios::tcgetattr(&file)?;
        let mut hidden = match mode {
            KeyMode::Line | KeyMode::Screen => without_echo(before.clone()),
            KeyMode::Unread => unshown(before.clone()),
        };
        if mode == KeyMode::Screen {
            // A read waits for a tenth of a second at most: an escape key is told from the start
            // of a sequence, and another size is seen.
            hidden.special_codes[SpecialCodeIndex::VMIN] = 0;
            hidden.special_codes[SpecialCodeIndex::VTIME] = 1;
        }
        let terminal = Arc::new(RawTerminal {
            file,
            hidden,
            before,
            mode,
            prompt: Mutex::default(),
            resumed: AtomicBool::new(false),
            apply_defaults: Arc::clone(&defaults.apply),
        });
        let mut signals = Signals::new(fatal().chain([SIGCONT]))?;
        let handle = signals.handle();
        let shared = Arc::clone(&terminal);
        let thread = thread::Builder::new().spawn(move || {
            for signal in &mut signals {
                shared.on_signal(signal);
            }
            signals
        })?;
        // From here on, dropping restores.
        let this = Self {
            terminal,
            signals: handle,
            thread: Some(thread),
        };
        this.terminal.hide()?;
        if mode == KeyMode::Screen {
            this.terminal.write(ENTER_SCREEN.as_bytes())?;
        }
        Ok(this)
    }

    /// Shows a whole screen; again when the process is continued after a stop.
    pub(super) fn draw(&self, frame: &str) -> io::Result<()> {
        *self.terminal.prompt() = format!("{ENTER_SCREEN}{frame}");
        self.terminal.write(frame.as_bytes())
    }

    /// The next byte that was typed; none when there was none for a tenth of a second.
    pub(super) fn byte(&self) -> io::Result<Option<u8>> {
        let mut byte = [0; 1];
        let count = retry_on_intr(|| rustix::io::read(&self.terminal.file, &mut byte))?;
        let [byte] = byte;
        Ok((count > 0).then_some(byte))
    }

    /// Lines and columns of the terminal, if it knows them.
    pub(super) fn size(&self) -> io::Result<Option<(usize, usize)>> {
        let size = rustix::termios::tcgetwinsize(&self.terminal.file)?;
        let known = size.ws_row > 0 && size.ws_col > 0;
        Ok(known.then(|| (size.ws_row.into(), size.ws_col.into())))
    }

    /// Asks, and returns the line as typed.
    pub(super) fn ask(&self, prompt: &str) -> io::Result<String> {
        prompt.clone_into(&mut self.terminal.prompt());
        self.terminal.show_prompt()?;
        let keys = TypedBytes {
            terminal: Arc::clone(&self.terminal),
            left: SECRET_BYTES,
            held: None,
        };
        let config = rpassword::ConfigBuilder::new()
            .input_reader(keys)
            .output_discard();
        let typed = rpassword::read_password_with_config(config.build());
        self.terminal.write(b"\n")?;
        typed
    }

    /// A line between two questions.
    pub(super) fn say(&self, text: &str) -> io::Result<()> {
        self.terminal.write(text.as_bytes())?;
        self.terminal.write(b"\n")
    }

    /// The columns of the terminal, if it knows them.
    pub(super) fn columns(&self) -> Option<usize> {
        let (_, columns) = self.size().ok()??;
        Some(columns)
    }

    /// Whether more was typed than has been read: within what is pasted.
    pub(super) fn is_pasted(&self) -> io::Result<bool> {
        thread::sleep(PASTED_WITHIN);
        Ok(rustix::io::ioctl_fionread(&self.terminal.file)? > 0)
    }

    /// Whether more than line ends came after the line, as when several lines are pasted.
    pub(super) fn has_more(&self) -> io::Result<bool> {
        thread::sleep(PASTED_WITHIN);
        let mut byte = [0; 1];
        while rustix::io::ioctl_fionread(&self.terminal.file)? > 0 {
            (&self.terminal.file).read_exact(&mut byte)?;
            if !matches!(byte, [b'\n' | b'\r']) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        self.signals.close();
        let signals = self.thread.take().map(JoinHandle::join);
        self.terminal.restore();
        // What came after the thread had ended.
        if let Some(Ok(mut signals)) = signals {
            for signal in signals.pending().filter(|signal| *signal != SIGCONT) {
                let _ = emulate_default_handler(signal);
            }
        }
    }
}

/// Keys one at a time and unseen; signal keys go on making signals.
fn without_echo(mut modes: Termios) -> Termios {
    let line = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN;
    modes.local_modes.remove(line);
    modes.local_modes.insert(LocalModes::ISIG);
    modes.special_codes[SpecialCodeIndex::VMIN] = 1;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    modes
}

/// The keys as they are, and unseen.
fn unshown(mut modes: Termios) -> Termios {
    modes
        .local_modes
        .remove(LocalModes::ECHO | LocalModes::ECHONL);
    modes
}

impl RawTerminal {
    fn set(&self, modes: &Termios) -> io::Result<()> {
        let actions = match self.mode {
            KeyMode::Line | KeyMode::Screen => OptionalActions::Flush,
            KeyMode::Unread => OptionalActions::Now,
        };
        let set = || rustix::termios::tcsetattr(&self.file, actions, modes);
        Ok(retry_on_intr(set)?)
    }

    fn hide(&self) -> io::Result<()> {
        self.apply_defaults.store(false, Ordering::SeqCst);
        self.set(&self.hidden)
    }

    /// From here on signals have nothing to wait for. A terminal that is gone has no modes.
    fn restore(&self) {
        if self.mode == KeyMode::Screen {
            let _ = self.write(LEAVE_SCREEN.as_bytes());
        }
        let _ = self.set(&self.before);
        self.apply_defaults.store(true, Ordering::SeqCst);
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.file).write_all(bytes)
    }

    fn prompt(&self) -> std::sync::MutexGuard<'_, String> {
        self.prompt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show_prompt(&self) -> io::Result<()> {
        self.write(self.prompt().as_bytes())
    }

    /// In the background the terminal is the shell's, and touching it would stop the process.
    fn on_signal(&self, signal: i32) {
        let foreground = rustix::termios::tcgetpgrp(&self.file).ok();
        let is_ours = foreground == Some(rustix::process::getpgrp());
        if signal == SIGCONT {
            self.resumed.store(true, Ordering::SeqCst);
            if is_ours {
                let _ = self.hide();
                let _ = self.show_prompt();
            }
            return;
        }
        if is_ours {
            self.restore();
            if self.mode != KeyMode::Screen {
                let _ = self.write(b"\n");
            }
        }
        let _ = emulate_default_handler(signal);
    }
}

/// The typed bytes, as `rpassword` reads them.
struct TypedBytes {
    terminal: Arc<RawTerminal>,
    left: usize,
    /// What was typed first after the process was continued, while the line is cleared.
    held: Option<u8>,
}

impl TypedBytes {
    /// An end of input is an error, for `rpassword` takes it for Enter; so is what it would drop
    /// silently from within a secret.
    fn next(&mut self) -> io::Result<u8> {
        let mut byte = [0; 1];
        if retry_on_intr(|| rustix::io::read(&self.terminal.file, &mut byte))? == 0 {
            return Err(io::Error::other("the terminal was closed"));
        }
        let [byte] = byte;
        if byte < b' ' && !EDITING.contains(&byte) {
            return Err(unfit("a control character cannot be typed here"));
        }
        let left = self.left.checked_sub(1);
        self.left = left.ok_or_else(|| unfit("what was typed is larger than 1 MiB, the limit"))?;
        Ok(byte)
    }
}

fn unfit(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl Read for TypedBytes {
    /// One byte.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(slot) = buffer.first_mut() else {
            return Ok(0);
        };
        *slot = match self.held.take() {
            Some(byte) => byte,
            None => self.next()?,
        };
        if self.terminal.resumed.swap(false, Ordering::SeqCst) {
            self.held = Some(std::mem::replace(slot, CTRL_U));
        }
        Ok(1)
    }
}
