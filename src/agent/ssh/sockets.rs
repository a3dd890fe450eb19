//! Where the SSH agent listens: a socket for all keys, and one for each client that has one. They
//! are in the folder of the password's agent, which nobody else may enter, and a lock says who has
//! them: what is left of a process that has ended is nobody's.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::net::SocketAddrUnix;
use rustix::process::{Pid, Signal, kill_process};

use crate::agent::place::{self, SocketFolder};
use crate::error::{Error, Kind, Result};
use crate::model::text::limits::SSH_CLIENTS;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::store::disk::file::read_bounded;
use crate::store::disk::lock::FileLock;

/// The socket of all keys.
const SOCKET: &str = "ssh.sock";
/// The lock of who has the sockets.
const LOCK: &str = "ssh.lock";
/// What says which vault is served.
const SERVED: &str = "ssh.vault";
/// The folder of the clients' sockets.
const CLIENTS: &str = "ssh";
/// What ends a client's socket.
const ENDING: &str = ".sock";
/// The path of a vault, in bytes, as it is read.
const PATH_BYTES: u64 = 16 << 10;
/// How long an agent may take to end.
const FAREWELL: Duration = Duration::from_secs(5);
/// Between two looks at one that ends.
const PAUSE: Duration = Duration::from_millis(10);

/// An SSH agent that listens.
#[derive(Clone, Debug)]
pub struct RunningSshAgent {
    /// Its process.
    pub process: Pid,
    /// The file of the vault that it serves, where that is known.
    pub vault: Option<PathBuf>,
}

impl RunningSshAgent {
    /// Refuses an agent that serves another vault.
    ///
    /// # Errors
    /// [`Kind::Conflict`].
    pub fn check_serves(&self, vault: &Path) -> Result<()> {
        match &self.vault {
            Some(served) if served != vault => {
                let told = served.display();
                let word = as_word(told.to_string());
                Err(Error::conflict(format!(
                    "the SSH agent that runs serves another vault: {told}"
                ))
                .hint(format!("to end it: vault --vault {word} ssh-agent --stop")))
            }
            _ => Ok(()),
        }
    }
}

/// Where the sockets of an SSH agent are, whether there is one or not.
#[derive(Clone, Debug)]
pub struct SshPlace {
    folder: SocketFolder,
}

impl SshPlace {
    /// The place in the folder of the password's agent.
    #[must_use]
    pub fn new(folder: SocketFolder) -> Self {
        Self { folder }
    }

    /// The socket of all keys.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.folder().join(SOCKET)
    }

    /// The folder of the clients' sockets.
    #[must_use]
    pub fn clients(&self) -> PathBuf {
        self.folder.folder().join(CLIENTS)
    }

    /// The socket of a client's keys.
    #[must_use]
    pub fn socket_of(&self, client: &ClientSlug) -> PathBuf {
        self.clients().join(format!("{}{ENDING}", client.as_str()))
    }

    fn lock(&self) -> PathBuf {
        self.folder.folder().join(LOCK)
    }

    /// Takes the place for this process, which holds it until it ends.
    ///
    /// # Errors
    /// [`Kind::Conflict`] where another has it, [`Kind::Refused`] where it is not to be trusted,
    /// [`Kind::Failed`] where it cannot be made.
    pub fn take(&self) -> Result<FileLock> {
        self.folder.make()?;
        FileLock::acquire(&self.lock(), Duration::ZERO).map_err(|why| match why.kind() {
            Kind::Conflict => Error::conflict(format!(
                "an SSH agent of the vault runs already, at {}",
                self.socket().display()
            ))
            .hint("programs find it there; to end it: vault ssh-agent --stop"),
            _ => why,
        })
    }

    /// The agent that listens, if there is one.
    ///
    /// # Errors
    /// [`Kind::Refused`] where the place is not to be trusted.
    pub fn running(&self) -> Result<Option<RunningSshAgent>> {
        let Some(process) = self.process()? else {
            return Ok(None);
        };
        let served = read_bounded(&self.served(), PATH_BYTES).ok();
        let vault = served.map(|path| PathBuf::from(OsString::from_vec(path.to_vec())));
        Ok(Some(RunningSshAgent { process, vault }))
    }

    fn served(&self) -> PathBuf {
        self.folder.folder().join(SERVED)
    }

    /// The process that listens, if there is one.
    fn process(&self) -> Result<Option<Pid>> {
        if place::look(self.folder.folder())?.is_none() || place::look(&self.socket())?.is_none() {
            return Ok(None);
        }
        self.folder.make()?;
        let Ok(stream) = place::dial(&self.socket()) else {
            return Ok(None);
        };
        let is_own = place::peer(&stream).is_ok_and(|uid| uid == place::own());
        let process = place::process(&stream).filter(|_| is_own);
        Ok(process.and_then(Pid::from_raw))
    }

    /// Ends the agent of `vault`, and waits until it has ended; `false` when there was none.
    ///
    /// # Errors
    /// [`Kind::Conflict`] where it serves another vault, [`Kind::Refused`] where the place is not to be trusted, [`Kind::Failed`] where it does not
    /// end.
    pub fn stop(&self, vault: &Path) -> Result<bool> {
        let Some(running) = self.running()? else {
            return Ok(false);
        };
        running.check_serves(vault)?;
        let process = running.process;
        let number = process.as_raw_nonzero();
        let failed = |why: &str| {
            Error::failed(format!("the SSH agent does not end: {why}"))
                .hint(format!("end its process: kill -9 {number}"))
        };
        kill_process(process, Signal::TERM).map_err(|why| failed(&why.to_string()))?;
        let until = Instant::now() + FAREWELL;
        while self.take().is_err() {
            if Instant::now() > until {
                return Err(failed("it takes too long"));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(true)
    }
}

/// The sockets of this process. They go when this is dropped.
pub struct SshSockets {
    place: SshPlace,
    listening: Vec<SshSocket>,
    _lock: FileLock,
}

/// One of them.
pub struct SshSocket {
    /// Whose keys are offered there; none for all.
    pub client: Option<ClientSlug>,
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode: what somebody else has put there is not ours to remove.
    file: (u64, u64),
}

impl SshSockets {
    /// Listens for the keys of `vault` at the socket of all; what an agent before has left is removed.
    ///
    /// # Errors
    /// As [`SshPlace::take`].
    pub fn listen(place: SshPlace, vault: &Path) -> Result<Self> {
        let lock = place.take()?;
        let clients = place.clients();
        let made = DirBuilder::new().mode(0o700).create(&clients);
        if let Err(why) = made.as_ref().map_err(std::io::Error::kind)
            && why != ErrorKind::AlreadyExists
        {
            let path = clients.display();
            return Err(Error::failed(format!(
                "cannot make the folder {path}: {why}"
            )));
        }
        if let Some(found) = place::look(&clients)? {
            if !found.is_dir() {
                return Err(place::untrusted(&clients, "is no folder"));
            }
            place::check_owner(&clients, &found)?;
        }
        remove_left(&clients);
        write_served(&place.served(), vault)?;
        let main = SshSocket::bind(place.socket(), None)?;
        Ok(Self {
            place,
            listening: vec![main],
            _lock: lock,
        })
    }

    /// All sockets.
    pub fn all(&self) -> &[SshSocket] {
        &self.listening
    }

    /// Listens for these clients, and no longer for those that are none of them.
    ///
    /// # Errors
    /// Why one of them has no socket; the others have theirs.
    pub fn serve(&mut self, clients: &[ClientSlug]) -> Result<()> {
        let mut failed = Ok(());
        let is_meant = |it: &SshSocket| it.client.as_ref().is_none_or(|it| clients.contains(it));
        self.listening.retain(is_meant);
        for client in clients {
            let is_there = |it: &SshSocket| it.client.as_ref() == Some(client);
            if self.listening.iter().any(is_there) {
                continue;
            }
            if self.listening.len() > SSH_CLIENTS {
                let why = format!("more than {SSH_CLIENTS} clients have SSH keys");
                return Err(Error::failed(format!(
                    "{why}: {client} has no socket of its own"
                )));
            }
            match SshSocket::bind(self.place.socket_of(client), Some(client.clone())) {
                Ok(socket) => self.listening.push(socket),
                Err(why) => failed = Err(why),
            }
        }
        failed
    }
}

impl SshSocket {
    fn bind(path: PathBuf, client: Option<ClientSlug>) -> Result<Self> {
        let failed = |why: &dyn std::fmt::Display| {
            Error::failed(format!("cannot listen at {}: {why}", path.display()))
                .hint("set XDG_RUNTIME_DIR to another folder of yours")
        };
        SocketAddrUnix::new(&path).map_err(|_| failed(&"the path is too long"))?;
        match fs::remove_file(&path) {
            Err(why) if why.kind() != ErrorKind::NotFound => return Err(failed(&why)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(|why| failed(&why))?;
        // Until then the folder alone keeps others out.
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(|why| failed(&why))?;
        listener.set_nonblocking(true).map_err(|why| failed(&why))?;
        let found = fs::symlink_metadata(&path).map_err(|why| failed(&why))?;
        Ok(Self {
            client,
            listener,
            file: (found.dev(), found.ino()),
            path,
        })
    }

    /// What becomes readable when somebody connects.
    pub fn listener(&self) -> &UnixListener {
        &self.listener
    }

    /// Somebody who connects, if it is a process of this user.
    pub fn accept(&self) -> Option<UnixStream> {
        let (stream, _) = self.listener.accept().ok()?;
        let is_own = place::peer(&stream).is_ok_and(|uid| uid == place::own());
        (is_own && stream.set_nonblocking(true).is_ok()).then_some(stream)
    }
}

impl Drop for SshSocket {
    fn drop(&mut self) {
        let found = fs::symlink_metadata(&self.path);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Says which vault is served, where nobody else writes.
fn write_served(path: &Path, vault: &Path) -> Result<()> {
    let failed =
        |why: std::io::Error| Error::failed(format!("cannot write {}: {why}", path.display()));
    match fs::remove_file(path) {
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(failed(why)),
        _ => {}
    }
    let mut new = File::options();
    let new = new.write(true).create_new(true).mode(0o600).open(path);
    let written = new.and_then(|mut file| file.write_all(vault.as_os_str().as_bytes()));
    written.map_err(failed)
}

/// Removes the clients' sockets of a process that has ended.
fn remove_left(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().ends_with(ENDING) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
