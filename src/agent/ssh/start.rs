//! Going on in the background: the binary runs itself anew in a session of its own, and tells its
//! starter over its stdin when it listens, or why it does not.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::Mode;
use rustix::process::{getpid, setsid, umask};
use rustix::stdio;
use serde::{Deserialize, Serialize};

use crate::agent::place;
use crate::error::{Error, Result};
use crate::process::child::child;

/// The command that makes a process the SSH agent. Nobody types it, so nothing explains it.
pub const COMMAND: &str = "__ssh-agent";
/// How long a new agent may take to listen, in a busy system.
const PATIENCE: Duration = Duration::from_secs(20);
/// What it tells, at most, in bytes.
const TOLD_BYTES: u64 = 64 << 10;

/// What a new agent tells its starter.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SshStarted {
    /// It listens.
    Listening { process: i32 },
    /// It does not, and has ended.
    Failed { why: String, hint: Option<String> },
}

/// Starts this program anew with these arguments behind [`COMMAND`], and gives its process once it
/// listens.
///
/// # Errors
/// [`crate::error::Kind::Failed`].
pub fn start(globals: &[OsString], args: &[OsString]) -> Result<i32> {
    let failed = |why: &str| Error::failed(format!("cannot start the SSH agent: {why}"));
    match told(globals, args) {
        Ok(Some(SshStarted::Listening { process })) => Ok(process),
        Ok(Some(SshStarted::Failed { why, hint })) => Err(match hint {
            Some(hint) => failed(&why).hint(hint),
            None => failed(&why),
        }),
        Ok(None) => Err(failed("it ended at once")),
        Err(why) => Err(failed(&why.to_string())),
    }
}

fn told(globals: &[OsString], args: &[OsString]) -> io::Result<Option<SshStarted>> {
    let (ours, theirs) = UnixStream::pair()?;
    // It goes on when this process has ended, and is nobody's to wait for.
    let _child = child(std::env::current_exe()?)
        .args(globals)
        .arg(COMMAND)
        .args(args)
        .current_dir("/")
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    ours.set_read_timeout(Some(PATIENCE))?;
    let mut text = String::new();
    ours.take(TOLD_BYTES).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text).ok())
}

/// The process that has started this one in the background.
pub struct SshStarter(UnixStream);

impl SshStarter {
    /// The starter at the other end of stdin, whose session and stdin this process leaves.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] where nobody has started this process so.
    pub fn leave() -> Result<Self> {
        let uninvited = || {
            Error::usage("this is for vault to start by itself")
                .hint("start the SSH agent: vault ssh-agent")
        };
        let stdin = stdio::stdin().try_clone_to_owned().ok();
        // Neither a terminal nor a file has a peer.
        let is_own = |stdin: &OwnedFd| place::peer(stdin).is_ok_and(|uid| uid == place::own());
        let stdin = stdin.filter(is_own).ok_or_else(uninvited)?;
        let detach = || {
            setsid()?;
            umask(Mode::from_raw_mode(0o077));
            stdio::dup2_stdin(File::open("/dev/null")?)?;
            io::Result::Ok(())
        };
        detach().map_err(|why| Error::failed(format!("cannot leave the terminal: {why}")))?;
        Ok(Self(UnixStream::from(stdin)))
    }

    /// Tells the starter that this process listens, or why it does not.
    pub fn tell<T>(self, listening: &Result<T>) {
        let told = match listening {
            Ok(_) => SshStarted::Listening {
                process: getpid().as_raw_nonzero().get(),
            },
            Err(why) => SshStarted::Failed {
                why: why.message().to_owned(),
                hint: why.next_step().map(str::to_owned),
            },
        };
        // A starter that has gone sees the socket.
        let line = serde_json::to_vec(&told).map_err(io::Error::from);
        let _ = line.and_then(|line| (&self.0).write_all(&line));
    }
}
