//! The process that clears the clipboard later: this program once more, in a session of its own,
//! so that neither the end of the command nor that of the terminal ends it.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::Clipboard;
use crate::error::{Error, Result};
use crate::process::child::child;

/// A process that waits to be told what to clear. Dropped, it is told nothing and ends.
#[derive(Debug)]
pub struct Clearer(Child);

impl Clearer {
    /// Starts `vault COMMAND --after SECONDS NAME` and waits until it has left the terminal.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], when this program cannot be started once more.
    pub fn start(command: &str, clipboard: &Clipboard, after: Duration) -> Result<Self> {
        let cannot =
            |why: String| Error::failed(format!("cannot clear the clipboard later: {why}"));
        let program = program().map_err(|why| cannot(why.to_string()))?;
        let mut process = child(program);
        process
            .arg0("vault")
            .arg(command)
            .arg("--after")
            .arg(after.as_secs().to_string())
            .arg(clipboard.name())
            // No folder that somebody may want to unmount.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = process.spawn().map_err(|why| cannot(why.to_string()))?;
        let mut sign = [0];
        let ready = child
            .stdout
            .take()
            .map(|mut pipe| pipe.read_exact(&mut sign));
        match ready {
            Some(Ok(())) => Ok(Self(child)),
            _ => Err(cannot("the process for it does not start".into())),
        }
    }

    /// Tells it what to look for. From here on it is on its own.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`], when it is gone.
    pub fn tell(mut self, what: &[u8]) -> Result<()> {
        let told = self.0.stdin.take().map(|mut pipe| pipe.write_all(what));
        match told {
            Some(Ok(())) => Ok(()),
            _ => Err(Error::failed(
                "the process that clears the clipboard is gone",
            )),
        }
    }
}

/// This program, also when it was replaced on the disk while it ran.
fn program() -> std::io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() {
        return Ok(running);
    }
    std::env::current_exe()
}

/// Puts this process into a session of its own, where no terminal sends it signals.
pub fn leave_the_terminal() {
    // A process that leads its group already has none to leave.
    let _ = rustix::process::setsid();
}
