//! The clipboard, through the programs that a system has for it, or through the terminal where
//! the clipboard is on the other end of an ssh connection.
//!
//! A secret goes to a program on its stdin, never as an argument. Which way there is:
//!
//! - Wayland: `wl-copy`, told that it is sensitive where it can be (`--sensitive`, which offers
//!   `x-kde-passwordManagerHint`).
//! - X11: `xclip` or `xsel`; X11 has no such hint that they could give.
//! - macOS: `pbcopy`, or where it works `osascript`, which can mark it as concealed
//!   (<http://nspasteboard.org>).
//! - OSC 52 over ssh, or where there is no display: `terminal`.

mod clearer;
mod program;
mod terminal;

use std::env;
use std::ffi::OsString;

use program::{ClipboardProgram, find};
use terminal::Terminal;
use zeroize::Zeroizing;

use super::Ui;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

pub use clearer::{Clearer, leave_the_terminal};

/// A way to the clipboard.
#[derive(Debug)]
pub enum Clipboard {
    /// A program of the system.
    Program(&'static ClipboardProgram),
    /// The terminal's own, which can be written and not read.
    Terminal(Terminal),
}

impl Ui {
    /// The way to the clipboard here.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], naming what is missing.
    pub fn clipboard(&self) -> Result<Clipboard> {
        Here::look().clipboard()
    }
}

impl Clipboard {
    /// The way that has this [`Self::name`].
    pub fn named(name: &str) -> Option<Self> {
        match ClipboardProgram::named(name) {
            Some(program) => Some(Self::Program(program)),
            None => Terminal::at(name).map(Self::Terminal),
        }
    }

    /// What finds it again from another process: a program, or a terminal's device.
    pub fn name(&self) -> String {
        match self {
            Self::Program(program) => program.name().to_owned(),
            Self::Terminal(terminal) => terminal.name(),
        }
    }

    /// Whether it can be looked at, to see what it holds.
    pub fn is_readable(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    /// Whether a process that has left the terminal finds it.
    pub fn is_found_later(&self) -> bool {
        match self {
            Self::Program(_) => true,
            Self::Terminal(terminal) => terminal.has_device(),
        }
    }

    /// Whether what is copied may come to lie on a disk on the way.
    pub fn touches_a_disk(&self) -> bool {
        matches!(self, Self::Program(program) if program.uses_tmp()) && !tmp_is_memory()
    }

    /// Refuses what is too large for it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], with the limit.
    pub fn check_fits(&self, secret: &Secret) -> Result<()> {
        match self {
            Self::Program(_) => Ok(()),
            Self::Terminal(_) => terminal::check_fits(secret),
        }
    }

    /// Copies a secret, exactly: no line end is added.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], when it is too large, or the program or the terminal does
    /// not take it.
    pub fn copy(&self, secret: &Secret) -> Result<()> {
        match self {
            Self::Program(program) => program.copy(secret),
            Self::Terminal(terminal) => terminal.copy(secret),
        }
    }

    /// What it holds.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], when it is empty, holds no text, more than a secret can be,
    /// or cannot be read at all.
    pub fn read(&self) -> Result<Zeroizing<Vec<u8>>> {
        match self {
            Self::Program(program) => program.read(),
            Self::Terminal(_) => Err(Error::failed("a terminal's clipboard cannot be read")),
        }
    }

    /// Empties it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], as [`Self::copy`].
    pub fn clear(&self) -> Result<()> {
        match self {
            Self::Program(program) => program.clear(),
            Self::Terminal(terminal) => terminal.clear(),
        }
    }
}

/// What there is to go by.
struct Here {
    wayland: bool,
    x11: bool,
    ssh: bool,
    path: OsString,
    terminal: Option<Terminal>,
}

impl Here {
    fn look() -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let ssh = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]
            .into_iter()
            .any(|name| set(name).is_some());
        // A display of the far end is not the one that the user sits at; one that ssh forwards
        // names a host.
        let near = |display: &OsString| !ssh || !display.as_encoded_bytes().starts_with(b":");
        Self {
            wayland: !ssh && set("WAYLAND_DISPLAY").is_some(),
            x11: set("DISPLAY").is_some_and(|display| near(&display)),
            ssh,
            path: set("PATH").unwrap_or_default(),
            terminal: Terminal::here(),
        }
    }

    fn clipboard(self) -> Result<Clipboard> {
        let fitting = self.programs().find(|program| self.has_all_of(program));
        if let Some(program) = fitting {
            return Ok(Clipboard::Program(program));
        }
        let has_display = self.wayland || self.x11;
        match self.terminal {
            Some(terminal) if self.ssh || !has_display => {
                terminal.check_open()?;
                Ok(Clipboard::Terminal(terminal))
            }
            _ => Err(missing(self.wayland, self.x11)),
        }
    }

    /// The programs that could work here, the best first.
    fn programs(&self) -> impl Iterator<Item = &'static ClipboardProgram> {
        let is_mac = cfg!(target_os = "macos");
        let mac = !self.ssh && (is_mac || !(self.wayland || self.x11));
        [
            (mac && is_mac, "pbcopy"),
            (self.wayland, "wl-copy"),
            (self.x11, "xclip"),
            (self.x11, "xsel"),
            (mac, "pbcopy"),
        ]
        .into_iter()
        .filter_map(|(fits, name)| fits.then(|| ClipboardProgram::named(name)).flatten())
    }

    fn has_all_of(&self, program: &ClipboardProgram) -> bool {
        program.needs().iter().all(|name| self.has(name))
    }

    fn has(&self, program: &str) -> bool {
        find(&self.path, program).is_some()
    }
}

fn missing(wayland: bool, x11: bool) -> Error {
    let no_program = |display: &str| {
        Error::failed(format!(
            "no program here reaches the clipboard of {display}"
        ))
    };
    match (wayland, x11) {
        (true, _) => no_program("Wayland").hint("install wl-clipboard, for wl-copy and wl-paste"),
        (false, true) => no_program("X11").hint("install xclip or xsel"),
        (false, false) => Error::failed(
            "there is no clipboard here: no display, and no terminal that could pass it on",
        )
        .hint(
            "on a desktop install wl-clipboard (Wayland) or xclip (X11); over ssh, run it in a \
             terminal",
        ),
    }
}

/// Whether what is written to `/tmp` stays in memory.
fn tmp_is_memory() -> bool {
    #[cfg(target_os = "linux")]
    {
        const TMPFS_MAGIC: u64 = 0x0102_1994;
        let kind = rustix::fs::statfs("/tmp").map(|stats| stats.f_type);
        kind.is_ok_and(|kind| u64::try_from(kind).is_ok_and(|kind| kind == TMPFS_MAGIC))
    }
    #[cfg(not(target_os = "linux"))]
    {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{Clipboard, Here};
    use crate::error::Kind;

    /// A place with these programs on its path.
    fn here(programs: &[&str]) -> (tempfile::TempDir, Here) {
        let folder = tempfile::tempdir().unwrap();
        for name in programs {
            let file = folder.path().join(name);
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let here = Here {
            wayland: false,
            x11: false,
            ssh: false,
            path: folder.path().into(),
            terminal: None,
        };
        (folder, here)
    }

    fn found(here: Here) -> String {
        here.clipboard().map_or_else(
            |why| format!("{why}; {}", why.next_step().unwrap()),
            |clipboard| clipboard.name(),
        )
    }

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn the_display_decides_which_program_it_is() {
        let all = ["wl-copy", "wl-paste", "xclip", "xsel", "pbcopy", "pbpaste"];
        for (wayland, x11, expected) in [
            (true, true, "wl-copy"),
            (false, true, "xclip"),
            (false, false, "pbcopy"),
        ] {
            let (_folder, here) = here(&all);
            let here = Here {
                wayland,
                x11,
                ..here
            };
            assert_eq!(found(here), expected);
        }
        for (programs, expected) in [
            (&["wl-copy", "xsel"][..], "xsel"),
            (&["wl-copy"], "install wl-clipboard"),
        ] {
            let (_folder, here) = here(programs);
            let here = Here {
                wayland: true,
                x11: true,
                ..here
            };
            assert!(found(here).contains(expected));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let (_folder, nothing) = here(&[]);
        let why = nothing.clipboard().unwrap_err();
        assert_eq!(why.kind(), Kind::Failed);
        let hint = why.next_step().unwrap();
        assert!(hint.contains("wl-clipboard") && hint.contains("xclip"));
        let (_folder, here) = here(&[]);
        let x11 = Here { x11: true, ..here };
        assert!(found(x11).contains("install xclip or xsel"));
    }

    #[test]
    fn a_program_in_the_working_directory_is_not_taken() {
        let (_folder, here) = here(&[]);
        let here = Here {
            path: OsString::from(".::relative/bin"),
            x11: true,
            ..here
        };
        assert!(!here.has("Cargo.toml"));
        assert!(here.clipboard().is_err());
    }

    #[test]
    fn a_way_is_found_again_by_its_name() {
        for name in ["wl-copy", "xclip", "xsel", "pbcopy"] {
            let clipboard = Clipboard::named(name).unwrap();
            assert!(clipboard.is_readable());
            assert_eq!(clipboard.name(), name);
        }
        for other in ["", "sh", "/bin/sh", "/dev/null", "nosuch"] {
            assert!(Clipboard::named(other).is_none(), "{other}");
        }
    }
}
