//! The program that asks a person in a window, as OpenSSH's `SSH_ASKPASS` names it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::io::Errno;

use super::child::{child, wait_for};
use super::helper::find_helper;

/// The variable that names it.
const VARIABLE: &str = "SSH_ASKPASS";
/// What tells it that yes or no is wanted, and no password.
const PROMPT: &str = "SSH_ASKPASS_PROMPT";
/// Where it is when nobody says so.
const USUAL: &str = "ssh-askpass";
/// What names a screen.
const SCREENS: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];
/// How long it may take to end once it has closed its output.
const FAREWELL: Duration = Duration::from_secs(1);
/// What is read of its answer, in bytes.
const ANSWER_BYTES: usize = 1 << 10;

/// A program that asks.
#[derive(Clone, Debug)]
pub struct Askpass(OsString);

impl Askpass {
    /// The one that `SSH_ASKPASS` names, or the usual one where there is a screen.
    pub fn find() -> Option<Self> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(named) = set(VARIABLE) {
            let is_path = PathBuf::from(&named).is_absolute();
            return match named.to_str().filter(|_| !is_path) {
                Some(name) => find_helper(name).ok().map(|path| Self(path.into())),
                None => is_program(&named).then_some(Self(named)),
            };
        }
        if !SCREENS.iter().any(|screen| set(screen).is_some()) {
            return None;
        }
        find_helper(USUAL).ok().map(|path| Self(path.into()))
    }

    /// What `SSH_ASKPASS` names where that is no program.
    pub fn missing() -> Option<OsString> {
        let named = std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
        named.filter(|_| Self::find().is_none())
    }

    /// Asks, and does not wait.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn ask(&self, question: &str) -> io::Result<AskpassQuestion> {
        let mut child = child(&self.0)
            .arg(question)
            .env(PROMPT, "confirm")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().map(OwnedFd::from);
        let stdout = stdout.ok_or(io::ErrorKind::BrokenPipe)?;
        rustix::io::ioctl_fionbio(&stdout, true)?;
        Ok(AskpassQuestion {
            child,
            stdout,
            said: Vec::new(),
        })
    }
}

fn is_program(path: &OsStr) -> bool {
    let found = std::fs::metadata(path);
    found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// A question on the screen. It goes when this is dropped.
#[derive(Debug)]
pub struct AskpassQuestion {
    child: Child,
    stdout: OwnedFd,
    said: Vec<u8>,
}

impl AskpassQuestion {
    /// What can be read once there is something to look at.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.stdout.as_fd()
    }

    /// The answer, once the program has ended: yes is its success, with nothing or `yes` printed.
    pub fn answer(&mut self) -> Option<bool> {
        let mut bytes = [0; 256];
        loop {
            match rustix::io::read(&self.stdout, &mut bytes) {
                Err(Errno::AGAIN) => return None,
                Err(Errno::INTR) => {}
                Err(_) | Ok(0) => break,
                Ok(count) => self.said.extend(bytes.iter().take(count)),
            }
            if self.said.len() > ANSWER_BYTES {
                return Some(false);
            }
        }
        // It has closed its output, and ends.
        let status = wait_for(&mut self.child, FAREWELL).ok().flatten();
        let ended = status.is_some_and(|status| status.success());
        let first = self.said.split(|byte| *byte == b'\n').next();
        let first = first.unwrap_or_default().trim_ascii();
        Some(ended && (first.is_empty() || first.eq_ignore_ascii_case(b"yes")))
    }
}

impl Drop for AskpassQuestion {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
