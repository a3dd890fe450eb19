//! Asking the agent.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;
use std::{fmt, io};

use uuid::Uuid;
use zeroize::Zeroizing;

use super::keyring::{KeepTerms, KeyId, Left};
use super::place::SocketFolder;
use super::protocol::{AgentReply, Keep, Request, SentFileKey};
use super::{clock, place, protocol, start};
use crate::crypto::{KeyKeeper, MasterKey, PlainFileKey, WrappedFileKey};
use crate::error::{Error, Result};
use crate::model::records::access::Access;
use crate::store::disk::lock::FileLock;

/// How long an agent may take to answer. One that is besieged frees a place within two seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long another process may take to start an agent.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// The agent of this user, whether there is one or not.
#[derive(Clone, Debug)]
pub struct Agent {
    place: SocketFolder,
}

/// How the agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentStatus {
    /// How long it will keep the key that was asked for, if it has it.
    pub left: Option<Left>,
}

/// Whether an agent has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It has it.
    Here,
    /// It does not have it, or there is no agent.
    Missing,
    /// There was an agent of another version, which was told to end.
    Outdated,
}

impl Agent {
    /// The agent whose socket is at `place`.
    #[must_use]
    pub fn new(place: SocketFolder) -> Self {
        Self { place }
    }

    /// Whether the agent has a key and is ready to use it. An agent of another version is told to
    /// end: it could serve nobody.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] when what is there is not to be trusted,
    /// [`crate::error::Kind::Failed`] when it does not answer.
    pub fn ready(&self, of: KeyId) -> Result<Presence> {
        match self.ask(&Request::Touch { of })? {
            Some(AgentReply::Done) => Ok(Presence::Here),
            Some(AgentReply::Unknown) | None => Ok(Presence::Missing),
            Some(AgentReply::Version) => {
                self.stop()?;
                Ok(Presence::Outdated)
            }
            Some(_) => Err(nonsense()),
        }
    }

    /// The key as the agent keeps it.
    #[must_use]
    pub fn key(&self, of: KeyId) -> KeptKey {
        KeptKey {
            agent: self.clone(),
            of,
            aside: false,
        }
    }

    /// As [`Self::key`], for what nobody asked for: using it does not put off the idle deadline.
    #[must_use]
    pub fn key_aside(&self, of: KeyId) -> KeptKey {
        KeptKey {
            aside: true,
            ..self.key(of)
        }
    }

    /// How the agent stands; `None` when there is none.
    ///
    /// # Errors
    /// As [`Self::ready`].
    pub fn status(&self, of: Option<KeyId>) -> Result<Option<AgentStatus>> {
        let left = match self.ask(&Request::Status { of })? {
            None => return Ok(None),
            Some(AgentReply::Standing {
                for_ms: Some(at_most),
                idle_ms: Some(idle),
                until_ns,
            }) => {
                let at_most = Duration::from_millis(at_most);
                Some(Left {
                    at_most,
                    idle: Duration::from_millis(idle),
                    // An older agent does not say: then no two looks see the same unlocking.
                    until: until_ns.map_or_else(
                        || clock::now().saturating_add(at_most),
                        Duration::from_nanos,
                    ),
                })
            }
            // One of another version has nothing that could be used.
            Some(AgentReply::Standing { .. } | AgentReply::Version) => None,
            Some(_) => return Err(nonsense()),
        };
        Ok(Some(AgentStatus { left }))
    }

    /// Gives the agent a key to keep, and starts one if there is none. It answers when this
    /// returns.
    ///
    /// # Errors
    /// As [`Self::ready`]; [`crate::error::Kind::Failed`] when it cannot be started,
    /// [`crate::error::Kind::Conflict`] when it has no room or another process is busy starting
    /// one.
    pub fn store_key(&self, vault: Uuid, key: &MasterKey, terms: KeepTerms) -> Result<()> {
        self.place.make()?;
        let _lock = FileLock::acquire(&self.place.lock(), LOCK_WAIT)?;
        let reply = self.ask(&Request::Keep(Keep::new(vault, key, terms)))?;
        match reply {
            Some(AgentReply::Done) => return Ok(()),
            Some(AgentReply::Full) => {
                return Err(Error::conflict("the agent keeps as many vaults as it can")
                    .hint("end it and unlock again: vault lock"));
            }
            Some(AgentReply::Version) => {
                self.stop()?;
            }
            None => {}
            Some(_) => return Err(nonsense()),
        }
        start::start(&self.place, Keep::new(vault, key, terms))
    }

    /// Lets the agent forget a vault. No agent is as good.
    ///
    /// # Errors
    /// As [`Self::ready`].
    pub fn forget(&self, vault: Uuid) -> Result<()> {
        match self.ask(&Request::Forget { vault })? {
            Some(AgentReply::Done) | None => Ok(()),
            Some(AgentReply::Version) => self.stop().map(|_| ()),
            Some(_) => Err(nonsense()),
        }
    }

    /// Ends the agent, and waits until it has ended. `false` when there was none.
    ///
    /// # Errors
    /// As [`Self::ready`].
    pub fn stop(&self) -> Result<bool> {
        let Some(mut stream) = self.place.connect()? else {
            return Ok(false);
        };
        match exchange(&mut stream, &Request::Stop) {
            // It ended by itself just now.
            Err(why) if is_gone(&why) => return Ok(true),
            Err(why) => return Err(silent(&stream, &why)),
            Ok(_) => {}
        }
        // The connection ends with the process.
        match stream.read(&mut [0]) {
            Err(why) if !is_gone(&why) => Err(silent(&stream, &why)),
            _ => Ok(true),
        }
    }

    /// Asks; `None` when there is nobody to ask, or there no longer is.
    fn ask(&self, request: &Request) -> Result<Option<AgentReply>> {
        let Some(mut stream) = self.place.connect()? else {
            return Ok(None);
        };
        match exchange(&mut stream, request) {
            Ok(reply) => Ok(Some(reply)),
            Err(why) if is_gone(&why) => Ok(None),
            Err(why) => Err(silent(&stream, &why)),
        }
    }
}

fn exchange(stream: &mut UnixStream, request: &Request) -> io::Result<AgentReply> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&protocol::line(request)?)?;
    let line = protocol::read_line(stream)?;
    Ok(protocol::reply(&line))
}

fn is_gone(why: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(why.kind(), UnexpectedEof | BrokenPipe | ConnectionReset)
}

fn silent(stream: &UnixStream, why: &io::Error) -> Error {
    let why = match why.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "it takes too long".to_owned(),
        _ => why.to_string(),
    };
    let process = match place::process(stream) {
        Some(process) => format!("it: kill -9 {process}"),
        None => "its process".to_owned(),
    };
    Error::failed(format!("the agent does not answer: {why}"))
        .hint(format!("it may still keep keys; end {process}"))
}

fn nonsense() -> Error {
    Error::failed("the agent answers what was not asked")
}

/// A master key that the agent keeps.
pub struct KeptKey {
    agent: Agent,
    of: KeyId,
    aside: bool,
}

impl KeptKey {
    fn ask(&self, request: &Request) -> Result<AgentReply> {
        match self.agent.ask(request)? {
            Some(AgentReply::Wrong) => {
                Err(Error::locked("the agent's key does not open this file"))
            }
            Some(AgentReply::Unknown | AgentReply::Version) | None => Err(Error::locked(
                "the agent has let go of the key meanwhile; nothing was changed",
            )
            .hint("try again: the password is asked for then")),
            Some(reply) => Ok(reply),
        }
    }
}

impl KeyKeeper for KeptKey {
    fn access(&self) -> &Access {
        &self.of.access
    }

    fn is_ready(&self) -> bool {
        matches!(self.agent.ready(self.of), Ok(Presence::Here))
    }

    fn wrap(&self, file_key: &[u8; 16]) -> Result<WrappedFileKey> {
        let file_key = SentFileKey(Zeroizing::new(*file_key));
        let of = self.of;
        match self.ask(&Request::Wrap { of, file_key })? {
            AgentReply::Wrapped { wrapped } => Ok(wrapped),
            _ => Err(nonsense()),
        }
    }

    fn unwrap(&self, wrapped: &WrappedFileKey) -> Result<PlainFileKey> {
        let request = Request::Unwrap {
            of: self.of,
            wrapped: *wrapped,
            aside: self.aside,
        };
        match self.ask(&request)? {
            AgentReply::Unwrapped { file_key } => Ok(file_key.0),
            _ => Err(nonsense()),
        }
    }
}

impl fmt::Debug for KeptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptKey({})", self.of.vault)
    }
}
