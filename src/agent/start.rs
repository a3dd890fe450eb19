//! Starting the agent: the binary runs itself anew, in a session of its own, and is told over its
//! stdin what it needs to know. There is no other way to hand it a key.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::Mode;
use rustix::process::{setsid, umask};
use rustix::stdio;

use super::clock;
use super::keyring::Keyring;
use super::place::{self, SocketFolder};
use super::protocol::{self, AgentReply, Keep, Start};
use super::server::Server;
use crate::crypto::memory::wipe_stack;
use crate::error::{Error, Result};
use crate::process::child::child;

/// The command that makes a process the agent. Nobody types it, so nothing explains it.
pub const COMMAND: &str = "__agent";
/// How long a new agent may take to answer, in a busy system.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts an agent that keeps a key, and returns when it answers. The caller holds the lock of
/// `place`, and has found no agent there.
///
/// # Errors
/// [`crate::error::Kind::Failed`].
pub fn start(place: &SocketFolder, keep: Keep) -> Result<()> {
    let failed = |why: &str| Error::failed(format!("cannot start the agent: {why}"));
    let reply = hand_over(place, keep).map_err(|why| match why.kind() {
        ErrorKind::UnexpectedEof => failed("it ended at once"),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => failed("it does not answer"),
        _ => failed(&why.to_string()),
    })?;
    match reply {
        AgentReply::Done => Ok(()),
        AgentReply::Failed { why } => Err(failed(&why)),
        _ => Err(failed(
            "it is of another version; was vault updated just now?",
        )),
    }
}

fn hand_over(place: &SocketFolder, keep: Keep) -> io::Result<AgentReply> {
    let (mut ours, theirs) = UnixStream::pair()?;
    let start = Start {
        folder: place.folder().to_path_buf(),
        keep,
    };
    let line = protocol::line(&start)?;
    // It goes on when this process has ended, and is nobody's to wait for.
    let _child = child(std::env::current_exe()?)
        .arg(COMMAND)
        .env_clear()
        .current_dir("/")
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    ours.set_read_timeout(Some(PATIENCE))?;
    ours.set_write_timeout(Some(PATIENCE))?;
    ours.write_all(&line)?;
    let line = protocol::read_line(&ours)?;
    Ok(protocol::reply(&line))
}

/// Makes this process the agent, until it ends.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it was not started by [`start`]; then it has done nothing.
/// [`crate::error::Kind::Failed`] when it cannot listen.
pub fn become_agent() -> Result<()> {
    let starter = starter().ok_or_else(uninvited)?;
    let line = protocol::read_line(&starter).ok();
    let told = line.and_then(|line| protocol::start(&line));
    let told = told.ok_or_else(uninvited)?;
    let begun = begin(&told);
    let reply = match &begun {
        Ok(_) => AgentReply::Done,
        Err(why) => AgentReply::Failed {
            why: why.to_string(),
        },
    };
    drop(told);
    wipe_stack();
    // A starter that has gone has its answer on the socket.
    let _ = protocol::line(&reply).and_then(|line| (&starter).write_all(&line));
    drop(starter);
    begun?.serve()
}

/// The process that started this one, at the other end of stdin.
fn starter() -> Option<UnixStream> {
    let stdin = stdio::stdin().try_clone_to_owned().ok()?;
    // Neither a terminal nor a file has a peer.
    let is_mine = place::peer(&stdin).ok()? == place::own();
    let starter = is_mine.then(|| UnixStream::from(stdin))?;
    starter.set_read_timeout(Some(PATIENCE)).ok()?;
    Some(starter)
}

fn uninvited() -> Error {
    Error::usage("this is for vault to start by itself").hint("keep the vault open: vault unlock")
}

fn begin(told: &Start) -> Result<Server> {
    detach().map_err(|why| Error::failed(format!("cannot leave the terminal: {why}")))?;
    let mut keyring = Keyring::default();
    let keep = &told.keep;
    let kept = keyring.insert(keep.vault(), keep.key()?, keep.terms(), clock::now());
    kept.map_err(|_| Error::failed("there is no room for a key"))?;
    Server::new(SocketFolder::new(told.folder.clone()), keyring)
}

/// Leaves the starter's session and its stdin; what this process makes is for its user only.
fn detach() -> io::Result<()> {
    setsid()?;
    umask(Mode::from_raw_mode(0o177));
    stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(())
}
