//! The user's editor.
//!
//! While it runs, the keys' signals are for it; what ends this process ends the editor first, so
//! that the file can be wiped.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::Ui;
use super::hidden::fatal;
use crate::error::{Error, Result};
use crate::process::child::{child, wait_for};

/// How long the editor may take to end when it is told to.
const FAREWELL: Duration = Duration::from_secs(2);

/// Tells Vim to keep no copy elsewhere: no swap file, backup, undo file, and no registers.
const VIM: [&str; 7] = [
    "-n",
    "-c",
    "silent! set nobackup nowritebackup",
    "-c",
    "silent! set noundofile",
    "-c",
    "silent! set viminfo=",
];

/// How an editor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// By itself, and well.
    Well,
    /// This process was told to end, by this signal: wipe, then [`Ui::end_by`].
    ToldToEnd(i32),
}

impl Ui {
    /// Refuses, before anything is prepared for it, an editor that needs a terminal where there is
    /// none: it would wait for ever, and show the text to whoever reads its output.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`], unless the user has named an editor.
    pub fn check_editor(&self) -> Result<()> {
        if named_editor().is_some() || self.can_ask() {
            return Ok(());
        }
        Err(
            Error::needs_input("vi is to edit the text, and there is no terminal for it")
                .hint("use the options of edit, or name a program in VISUAL"),
        )
    }

    /// Opens `file` in `$VISUAL`, `$EDITOR` or `vi`, and waits. The editor gets none of the
    /// `VAULT_PASSWORD…` variables, and our stdout only if that is a terminal.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`]: the variable is no command line.
    /// [`crate::error::Kind::Failed`]: the editor cannot be started, or says that it failed.
    pub fn edit(&self, file: &Path) -> Result<Closed> {
        let words = editor()?;
        let Some((program, args)) = words.split_first() else {
            return Err(no_editor("names no program"));
        };
        let mut command = child(program);
        command.args(args);
        if is_vim(Path::new(program)) {
            command.args(VIM);
        }
        command.arg(file);
        if !self.stdout.terminal {
            command.stdout(Stdio::from(std::io::stderr()));
        }
        self.flush()?;
        let failed = |why| no_editor(&format!("{program} cannot be started: {why}"));
        let mut signals = Signals::new(fatal().chain([SIGCHLD])).map_err(failed)?;
        let defaults = self.defaults().map_err(failed)?;
        defaults.defer();
        let ended = (command.spawn()).and_then(|mut child| wait(&mut child, &mut signals));
        defaults.apply();
        match ended.map_err(failed)? {
            Ended::Killed(signal) => Ok(Closed::ToldToEnd(signal)),
            Ended::Itself(status) if status.success() => Ok(Closed::Well),
            Ended::Itself(status) => {
                Err(Error::failed(format!("{program} failed: {status}"))
                    .hint("nothing was changed"))
            }
        }
    }

    /// Ends this process as `signal` does by default.
    pub fn end_by(&self, signal: i32) {
        let _ = emulate_default_handler(signal);
    }
}

enum Ended {
    Itself(ExitStatus),
    Killed(i32),
}

fn wait(child: &mut Child, signals: &mut Signals) -> std::io::Result<Ended> {
    loop {
        for signal in signals.wait() {
            match signal {
                SIGTERM | SIGHUP => {
                    end(child);
                    return Ok(Ended::Killed(signal));
                }
                SIGTSTP => emulate_default_handler(signal)?,
                // The keys for the editor, or its end.
                _ => {}
            }
        }
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::Itself(status));
        }
    }
}

/// Tells the editor to end, and makes sure that it does.
fn end(child: &mut Child) {
    let pid = rustix::process::Pid::from_child(child);
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    let _ = wait_for(child, FAREWELL);
    let _ = child.kill();
    let _ = child.wait();
}

/// The variable that names an editor, and what it says.
fn named_editor() -> Option<(&'static str, OsString)> {
    ["VISUAL", "EDITOR"].into_iter().find_map(|name| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
        Some((name, value))
    })
}

/// The editor's command line.
fn editor() -> Result<Vec<String>> {
    let Some((name, value)) = named_editor() else {
        return Ok(vec!["vi".to_owned()]);
    };
    let words = value.to_str().and_then(shlex::split);
    words.ok_or_else(|| {
        Error::usage(format!(
            "{name} is no command line: a quote is open, or it is not UTF-8"
        ))
    })
}

fn no_editor(why: &str) -> Error {
    Error::failed(format!("the editor: {why}"))
        .hint("name one in VISUAL or EDITOR, as in EDITOR=nano; nothing was changed")
}

/// Whether a program is Vim or Neovim, by whatever name it is called.
fn is_vim(program: &Path) -> bool {
    let found = if program.components().count() > 1 {
        Some(program.to_path_buf())
    } else {
        on_path(program.as_os_str())
    };
    let real = found.and_then(|place| place.canonicalize().ok());
    let name = real.as_deref().unwrap_or(program).file_name();
    let name = name.unwrap_or_default().as_encoded_bytes();
    name.starts_with(b"vim") || name.starts_with(b"nvim")
}

fn on_path(program: &OsStr) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|place| place.is_file())
}
