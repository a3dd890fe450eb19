//! Where the agent's socket is, and whom to trust there: a folder of this user that nobody else
//! may enter, a socket of this user in it, and a process of this user at its other end. The last
//! is asked of the system on the connected socket, so that nothing can be swapped in between.

use std::fs::{self, DirBuilder, Metadata};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::io::{Errno, FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket};
use rustix::process::geteuid;

use crate::error::{Error, Result};

/// The socket's name in its folder.
const SOCKET: &str = "agent.sock";
/// The lock that whoever starts an agent holds.
const LOCK: &str = "agent.lock";

/// What helps when the folder does not do.
const ANOTHER_FOLDER: &str = "set XDG_RUNTIME_DIR to another folder of yours";

/// The folder of the agent's socket.
#[derive(Clone, Debug)]
pub struct SocketFolder(PathBuf);

impl SocketFolder {
    /// The folder at `path`; it need not exist.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.0.join(SOCKET)
    }

    /// The lock.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.0.join(LOCK)
    }

    /// Makes the folder if there is none, for its owner only.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it cannot be made; [`crate::error::Kind::Refused`] when
    /// it is not to be trusted.
    pub fn make(&self) -> Result<()> {
        SocketAddrUnix::new(self.socket()).map_err(|_| {
            let path = self.socket().display().to_string();
            Error::failed(format!(
                "the path of the agent's socket is too long: {path}"
            ))
            .hint(ANOTHER_FOLDER)
        })?;
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0);
        match made {
            Err(why) if why.kind() != ErrorKind::AlreadyExists => Err(Error::failed(format!(
                "cannot make the agent's folder {}: {why}",
                self.0.display()
            ))
            .hint(ANOTHER_FOLDER)),
            _ => self.check_folder().map(|_| ()),
        }
    }

    /// A connection to the agent; `None` when there is none.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] when folder, socket or process are not this user's;
    /// [`crate::error::Kind::Failed`] when the agent is there and takes no connection. Nothing was
    /// sent then.
    pub fn connect(&self) -> Result<Option<UnixStream>> {
        if !self.check_folder()? || !self.check_socket()? {
            return Ok(None);
        }
        let stream = match dial(&self.socket()) {
            Ok(stream) => stream,
            Err(Errno::CONNREFUSED | Errno::NOENT) => return Ok(None),
            Err(Errno::AGAIN) => return Err(Error::failed("the agent takes no connection")),
            Err(why) => {
                let why = io::Error::from(why);
                return Err(Error::failed(format!("cannot reach the agent: {why}")));
            }
        };
        let uid = peer(&stream).map_err(|why| {
            Error::refused(format!("cannot tell who is at the agent's socket: {why}"))
        })?;
        if uid != own() {
            return Err(Error::refused(format!(
                "a process of user {uid} is at the agent's socket {}",
                self.socket().display()
            )));
        }
        Ok(Some(stream))
    }

    /// Whether the folder is there.
    fn check_folder(&self) -> Result<bool> {
        let Some(found) = look(&self.0)? else {
            return Ok(false);
        };
        if !found.is_dir() {
            let what = if found.is_symlink() {
                "a link"
            } else {
                "no folder"
            };
            return Err(untrusted(&self.0, &format!("is {what}")));
        }
        check_owner(&self.0, &found)?;
        Ok(true)
    }

    /// Whether the socket is there.
    fn check_socket(&self) -> Result<bool> {
        let path = self.socket();
        let Some(found) = look(&path)? else {
            return Ok(false);
        };
        if !found.file_type().is_socket() {
            return Err(untrusted(&path, "is not a socket"));
        }
        check_owner(&path, &found)?;
        Ok(true)
    }
}

/// The user that this process acts as.
#[must_use]
pub fn own() -> u32 {
    geteuid().as_raw()
}

/// The user of the process at the other end of a connected socket.
///
/// # Errors
/// When the system does not say.
#[cfg(target_os = "linux")]
pub fn peer(stream: impl AsFd) -> io::Result<u32> {
    let credentials = rustix::net::sockopt::socket_peercred(stream)?;
    Ok(credentials.uid.as_raw())
}

/// The user of the process at the other end of a connected socket.
///
/// # Errors
/// When the system does not say.
#[cfg(not(target_os = "linux"))]
pub fn peer(stream: impl AsFd) -> io::Result<u32> {
    let (uid, _) = nix::unistd::getpeereid(stream)?;
    Ok(uid.as_raw())
}

/// The process at the other end of a connected socket, where the system tells.
#[cfg(target_os = "linux")]
#[must_use]
pub fn process(stream: impl AsFd) -> Option<i32> {
    let credentials = rustix::net::sockopt::socket_peercred(stream).ok()?;
    Some(credentials.pid.as_raw_nonzero().get())
}

/// The process at the other end of a connected socket, where the system tells.
#[cfg(target_vendor = "apple")]
#[must_use]
pub fn process(stream: impl AsFd) -> Option<i32> {
    use nix::sys::socket::{getsockopt, sockopt::LocalPeerPid};
    getsockopt(&stream, LocalPeerPid).ok()
}

/// The process at the other end of a connected socket, where the system tells.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
#[must_use]
pub fn process(_: impl AsFd) -> Option<i32> {
    None
}

/// Refuses a folder that is not this user's, or that others may enter.
///
/// # Errors
/// [`crate::error::Kind::Refused`]; [`crate::error::Kind::Failed`] where it cannot be looked at.
pub fn check_private(path: &Path) -> Result<()> {
    let found = fs::metadata(path)
        .map_err(|why| Error::failed(format!("cannot look at {}: {why}", path.display())))?;
    if !found.is_dir() {
        return Err(untrusted(path, "is no folder"));
    }
    check_owner(path, &found)
}

pub(super) fn look(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(Error::failed(format!(
            "cannot look at {}: {why}",
            path.display()
        ))),
    }
}

pub(super) fn check_owner(path: &Path, found: &Metadata) -> Result<()> {
    if found.uid() != own() {
        return Err(untrusted(path, &format!("belongs to user {}", found.uid())));
    }
    if found.mode() & 0o077 != 0 {
        let mode = found.mode() & 0o777;
        return Err(untrusted(
            path,
            &format!("is open to others (mode {mode:o})"),
        ));
    }
    Ok(())
}

pub(super) fn untrusted(path: &Path, why: &str) -> Error {
    Error::refused(format!("{} {why}", path.display()))
        .hint("see whose it is (ls -ld), and remove it")
}

/// Connects without waiting: the queue of an agent that was stopped may be full.
pub(super) fn dial(path: &Path) -> rustix::io::Result<UnixStream> {
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    ioctl_fionbio(&socket, true)?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    ioctl_fionbio(&socket, false)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::Path;

    use super::{SocketFolder, own, peer};
    use crate::error::Kind;

    fn mode(path: &Path, bits: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
    }

    fn place() -> (tempfile::TempDir, SocketFolder) {
        let root = tempfile::tempdir().unwrap();
        let place = SocketFolder::new(root.path().join("vault"));
        (root, place)
    }

    #[test]
    fn nothing_there_is_no_agent() {
        let (_root, place) = place();
        assert!(place.connect().unwrap().is_none());
        place.make().unwrap();
        assert!(place.connect().unwrap().is_none());
        drop(UnixListener::bind(place.socket()).unwrap());
        mode(&place.socket(), 0o600);
        assert!(place.connect().unwrap().is_none(), "nobody listens");
    }

    #[test]
    fn what_others_may_enter_or_lead_astray_is_refused() {
        let (root, place) = place();
        place.make().unwrap();
        let refused = || {
            let why = place.connect().unwrap_err();
            assert_eq!(why.kind(), Kind::Refused, "{why}");
            why.message().to_owned()
        };
        fs::write(place.socket(), "").unwrap();
        assert!(refused().contains("is not a socket"));
        fs::remove_file(place.socket()).unwrap();
        let _listener = UnixListener::bind(place.socket()).unwrap();
        mode(&place.socket(), 0o666);
        assert!(refused().contains("666"));
        mode(&place.socket(), 0o600);
        assert!(place.connect().unwrap().is_some());
        mode(place.folder(), 0o755);
        assert!(refused().contains("755"));
        assert!(place.make().is_err());
        mode(place.folder(), 0o700);
        let elsewhere = root.path().join("elsewhere");
        fs::rename(place.folder(), &elsewhere).unwrap();
        symlink(&elsewhere, place.folder()).unwrap();
        assert!(refused().contains("link"));
        assert!(place.make().is_err());
    }

    #[test]
    fn a_peer_is_known_by_its_user() {
        let (one, _other) = UnixStream::pair().unwrap();
        assert_eq!(peer(&one).unwrap(), own());
    }
}
