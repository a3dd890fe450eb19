//! The agent's loop: one thread that waits for connections, signals and deadlines at once. No
//! peer can hold it up: whoever has not sent a whole request in time is cut off.

use std::fs;
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Signal;
use zeroize::Zeroizing;

use super::keyring::Keyring;
use super::place::SocketFolder;
use super::protocol::{AgentReply, Request, SentFileKey};
use super::{clock, place, protocol};
use crate::crypto::memory::wipe_stack;
use crate::error::{Error, Result};
use crate::model::text::limits::{AGENT_CONNECTIONS, AGENT_REQUEST_BYTES};
use crate::store::disk::lock::FileLock;

/// How long a peer may take to send its request.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest sleep. The system counts it without the time that the machine sleeps: a deadline
/// that passed meanwhile is noticed so long after waking up, or before the first request is served.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);
/// What ends it.
const SIGNALS: [Signal; 4] = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT];

/// The agent, listening.
pub struct Server {
    place: SocketFolder,
    listener: UnixListener,
    /// Device and inode of the socket: another agent's is not ours to remove.
    socket: (u64, u64),
    signals: UnixStream,
    keyring: Keyring,
    connections: Vec<Connection>,
}

/// A peer that has not sent a whole request yet.
struct Connection {
    stream: UnixStream,
    received: Zeroizing<Vec<u8>>,
    until: Duration,
}

/// What there is to look at.
struct Ready {
    signal: bool,
    listener: bool,
    connections: Vec<bool>,
}

impl Server {
    /// Listens at `place` for who wants to use these keys. The caller's starter holds the lock of
    /// `place` and has found no agent there: a socket that is left is nobody's.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it cannot listen; [`crate::error::Kind::Refused`] when
    /// the place is not to be trusted.
    pub fn new(place: SocketFolder, keyring: Keyring) -> Result<Self> {
        place.make()?;
        let path = place.socket();
        let failed = |why: std::io::Error| {
            Error::failed(format!("cannot listen at {}: {why}", path.display()))
        };
        match fs::remove_file(&path) {
            Err(why) if why.kind() != ErrorKind::NotFound => return Err(failed(why)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let found = fs::symlink_metadata(&path).map_err(failed)?;
        Ok(Self {
            listener,
            socket: (found.dev(), found.ino()),
            signals: signals().map_err(failed)?,
            place,
            keyring,
            connections: Vec::new(),
        })
    }

    /// Serves until no key is left, or until it is told to end.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it can no longer wait for anything.
    pub fn serve(mut self) -> Result<()> {
        while !self.keyring.is_empty() {
            let ready = self.wait()?;
            // Before anything is served: this process may have been stopped, or the machine.
            let now = clock::now();
            self.keyring.expire(now);
            if ready.signal || self.keyring.is_empty() {
                break;
            }
            if let Some(last) = self.serve_ready(&ready.connections, now) {
                self.end();
                answer(&last, &AgentReply::Done);
                return Ok(());
            }
            if ready.listener {
                self.accept(now);
            }
        }
        self.end();
        Ok(())
    }

    /// Sleeps until there is something to do.
    fn wait(&self) -> Result<Ready> {
        let has_room = self.connections.len() < AGENT_CONNECTIONS;
        let listens = if has_room {
            PollFlags::IN
        } else {
            PollFlags::empty()
        };
        let mut polled = vec![
            PollFd::new(&self.signals, PollFlags::IN),
            PollFd::new(&self.listener, listens),
        ];
        let streams = self.connections.iter().map(|connection| &connection.stream);
        polled.extend(streams.map(|stream| PollFd::new(stream, PollFlags::IN)));
        let deadlines = self.connections.iter().map(|connection| connection.until);
        let next = deadlines.chain(self.keyring.next_deadline()).min();
        let sleep = next.map_or(LONGEST_SLEEP, |next| next.saturating_sub(clock::now()));
        let sleep = Timespec::try_from(sleep.min(LONGEST_SLEEP)).ok();
        match poll(&mut polled, sleep.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(why) => return Err(Error::failed(format!("cannot wait: {why}"))),
        }
        let mut ready = polled.iter().map(|fd| !fd.revents().is_empty());
        Ok(Ready {
            signal: ready.next().unwrap_or_default(),
            listener: ready.next().unwrap_or_default() && has_room,
            connections: ready.collect(),
        })
    }

    /// Reads from those that are ready and answers those that are complete; who is too late is cut
    /// off. The one that told the agent to end is given back, unanswered.
    fn serve_ready(&mut self, ready: &[bool], now: Duration) -> Option<UnixStream> {
        let connections = std::mem::take(&mut self.connections);
        for (mut connection, ready) in connections.into_iter().zip(ready) {
            let read = if *ready {
                connection.read()
            } else {
                ReadOutcome::More
            };
            match read {
                ReadOutcome::More if connection.until > now => self.connections.push(connection),
                ReadOutcome::More | ReadOutcome::Gone => {}
                ReadOutcome::TooLong => answer(&connection.stream, &AgentReply::Malformed),
                ReadOutcome::Line(length) => {
                    let line = connection.received.get(..length).unwrap_or_default();
                    let reply = match protocol::request(line) {
                        Ok(Request::Stop) => return Some(connection.stream),
                        Ok(request) => self.reply(&request, now),
                        Err(reply) => reply,
                    };
                    answer(&connection.stream, &reply);
                    wipe_stack();
                }
            }
        }
        None
    }

    fn reply(&mut self, request: &Request, now: Duration) -> AgentReply {
        let keyring = &mut self.keyring;
        let done = match request {
            Request::Keep(keep) => match keep.key() {
                Ok(key) => keyring.insert(keep.vault(), key, keep.terms(), now),
                Err(_) => return AgentReply::Malformed,
            },
            Request::Touch { of } => keyring.touch(of, now),
            Request::Wrap { of, file_key } => match keyring.wrap(of, &file_key.0, now) {
                Ok(wrapped) => return AgentReply::Wrapped { wrapped },
                Err(why) => Err(why),
            },
            Request::Unwrap { of, wrapped, aside } => {
                let file_key = if *aside {
                    keyring.unwrap_aside(of, wrapped)
                } else {
                    keyring.unwrap(of, wrapped, now)
                };
                match file_key.map(SentFileKey) {
                    Ok(file_key) => return AgentReply::Unwrapped { file_key },
                    Err(why) => Err(why),
                }
            }
            Request::Status { of } => {
                return AgentReply::standing(of.and_then(|of| keyring.left(&of, now)));
            }
            Request::Forget { vault } => {
                keyring.forget(*vault);
                Ok(())
            }
            Request::Stop => Ok(()),
        };
        done.map_or_else(AgentReply::from, |()| AgentReply::Done)
    }

    /// Takes one connection, if it is this user's.
    fn accept(&mut self, now: Duration) {
        let Ok((stream, _)) = self.listener.accept() else {
            // It gave up, or there is no descriptor left: then one is free again before long.
            std::thread::sleep(Duration::from_millis(10));
            return;
        };
        let is_mine = place::peer(&stream).is_ok_and(|uid| uid == place::own());
        if is_mine && stream.set_nonblocking(true).is_ok() {
            self.connections.push(Connection {
                stream,
                received: Zeroizing::new(Vec::with_capacity(AGENT_REQUEST_BYTES)),
                until: now.saturating_add(PATIENCE),
            });
        }
    }

    /// Wipes all keys and removes the socket.
    fn end(&mut self) {
        self.keyring.clear();
        self.connections.clear();
        // Whoever holds the lock is putting another socket there; what is left of ours does no
        // harm, since nobody listens.
        let lock = FileLock::acquire(&self.place.lock(), Duration::ZERO);
        let path = self.place.socket();
        let is_ours = fs::symlink_metadata(&path)
            .is_ok_and(|found| (found.dev(), found.ino()) == self.socket);
        if is_ours && lock.is_ok() {
            let _ = fs::remove_file(&path);
        }
    }
}

/// What came of a read.
enum ReadOutcome {
    /// There is more to come.
    More,
    /// A whole line of this length.
    Line(usize),
    /// More than a request may have.
    TooLong,
    /// The peer has gone.
    Gone,
}

impl Connection {
    fn read(&mut self) -> ReadOutcome {
        let before = self.received.len();
        match rustix::io::read(&self.stream, spare_capacity(&mut *self.received)) {
            Err(Errno::AGAIN | Errno::INTR) => return ReadOutcome::More,
            Err(_) | Ok(0) => return ReadOutcome::Gone,
            Ok(_) => {}
        }
        let mut new = self.received.iter().skip(before);
        match new.position(|byte| *byte == b'\n') {
            Some(length) => ReadOutcome::Line(before + length),
            None if self.received.len() >= AGENT_REQUEST_BYTES => ReadOutcome::TooLong,
            None => ReadOutcome::More,
        }
    }
}

/// Answers at once: an answer is short, and the peer has nothing unread. One that will not take it
/// does not get it.
fn answer(stream: impl AsFd, reply: &AgentReply) {
    if let Ok(line) = protocol::line(reply) {
        let _ = rustix::io::write(stream, &line);
    }
}

/// A stream that can be read once a signal has come that ends the agent.
fn signals() -> std::io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    for signal in SIGNALS {
        signal_hook::low_level::pipe::register(signal.as_raw(), writer.try_clone()?)?;
    }
    Ok(reader)
}
