//! The loop of the SSH agent. Nothing in it waits for anybody: not for a program that is slow, and
//! not for the person who is asked.

use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Signal;

use super::connection::{Heard, SshConnection};
use super::question::{LONGEST, Question};
use super::sockets::SshSockets;
use super::waiting::{QuietHops, Unanswered, may_wait};
use super::wire::{OfferedKey, SignAsk, SshAnswer, SshAsk};
use crate::agent::clock;
use crate::error::{Error, Result};
use crate::model::ssh::binding::BindingChain;
use crate::model::text::limits::SSH_CONNECTIONS;
use crate::model::text::name::ClientSlug;

/// Between two looks at what changes by itself.
const TICK: Duration = Duration::from_secs(1);
/// What keys are called on another machine.
const ELSEWHERE: &str = "vault";
/// What ends it.
const SIGNALS: [Signal; 4] = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT];

/// What the agent has its keys from.
pub trait SshKeys {
    /// What a person is asked.
    type Asked;

    /// The keys that are offered, of a client or of all.
    fn offered(&mut self, client: Option<&ClientSlug>) -> Vec<OfferedKey>;

    /// Signs, refuses, or wants a person to be asked.
    fn sign(&mut self, request: &SignRequested<'_>) -> SignOutcome<Self::Asked>;

    /// Asks a person; none where nobody can be asked.
    fn ask(&mut self, asked: &Self::Asked) -> Option<Question>;

    /// Notes that a person said no, or nothing.
    fn not_allowed(&mut self, asked: &Self::Asked, was_answered: bool);

    /// The clients that have keys, where that may have changed since it was last looked at.
    fn clients(&mut self) -> Option<Vec<ClientSlug>>;

    /// Says why a client has no socket.
    fn no_socket(&mut self, why: &Error);
}

/// A signature that is asked for.
pub struct SignRequested<'a> {
    /// What is to be signed, and by which key.
    pub ask: &'a SignAsk,
    /// Whose socket it came to.
    pub client: Option<&'a ClientSlug>,
    /// The server that the connection is bound to.
    pub chain: &'a BindingChain,
    /// Whether a person has just said yes to it.
    pub is_confirmed: bool,
}

/// What comes of it.
pub enum SignOutcome<A> {
    /// The signature, as the protocol writes it.
    Signed(Vec<u8>),
    /// There is none.
    Refused,
    /// A person has to be asked.
    Ask(A),
}

/// A question that is asked, and for whom.
struct Pending<A> {
    connection: u64,
    /// The machine that it comes through.
    hop: Option<String>,
    question: Question,
    asked: A,
    until: Duration,
}

/// The SSH agent, listening.
pub struct SshAgentServer<K: SshKeys> {
    keys: K,
    sockets: SshSockets,
    signals: UnixStream,
    connections: Vec<SshConnection>,
    pending: Option<Pending<K::Asked>>,
    quiet: QuietHops,
    next_number: u64,
}

/// What there is to look at.
struct SshReady {
    signal: bool,
    question: bool,
    listeners: Vec<bool>,
    /// By their numbers.
    connections: BTreeSet<u64>,
}

impl<K: SshKeys> SshAgentServer<K> {
    /// An agent at `sockets`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it cannot be told by signals to end.
    pub fn new(sockets: SshSockets, keys: K) -> Result<Self> {
        let signals = signals();
        let signals = signals.map_err(|why| Error::failed(format!("cannot listen: {why}")))?;
        Ok(Self {
            keys,
            sockets,
            signals,
            connections: Vec::new(),
            pending: None,
            quiet: QuietHops::default(),
            next_number: 0,
        })
    }

    /// Serves until a signal ends it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it can no longer wait for anything.
    pub fn serve(mut self) -> Result<()> {
        loop {
            if let Some(clients) = self.keys.clients()
                && let Err(why) = self.sockets.serve(&clients)
            {
                self.keys.no_socket(&why);
            }
            let ready = self.wait()?;
            if ready.signal {
                return Ok(());
            }
            let now = clock::now();
            if ready.question {
                self.take_answer(now);
            }
            self.hear(&ready.connections, now);
            self.drop_question_of_nobody(now);
            self.ask_next(now);
            self.accept(&ready.listeners, now);
        }
    }

    fn wait(&self) -> Result<SshReady> {
        let mut polled = vec![PollFd::new(&self.signals, PollFlags::IN)];
        if let Some(pending) = &self.pending {
            polled.push(PollFd::from_borrowed_fd(
                pending.question.fd(),
                PollFlags::IN,
            ));
        }
        let listeners = self.sockets.all().iter();
        polled.extend(listeners.map(|it| PollFd::new(it.listener(), PollFlags::IN)));
        polled.extend(self.connections.iter().map(|it| {
            // Of one that waits only its end is looked at, which is told in any case.
            let wanted = match it.waits_for {
                None => PollFlags::IN,
                Some(_) => PollFlags::empty(),
            };
            PollFd::new(it.stream(), wanted)
        }));
        let tick = Timespec::try_from(TICK).ok();
        match poll(&mut polled, tick.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(why) => return Err(Error::failed(format!("cannot wait: {why}"))),
        }
        let mut ready = polled.iter().map(|fd| !fd.revents().is_empty());
        Ok(SshReady {
            signal: ready.next().unwrap_or_default(),
            question: self.pending.is_some() && ready.next().unwrap_or_default(),
            listeners: ready.by_ref().take(self.sockets.all().len()).collect(),
            connections: (self.connections.iter().zip(ready))
                .filter_map(|(it, is_ready)| is_ready.then_some(it.number))
                .collect(),
        })
    }

    /// Reads from those that are ready, and answers what is whole.
    fn hear(&mut self, ready: &BTreeSet<u64>, now: Duration) {
        let numbers: Vec<u64> = self.connections.iter().map(|it| it.number).collect();
        for number in numbers {
            let Some(mut connection) = self.take_connection(number) else {
                continue;
            };
            let is_ready = ready.contains(&number);
            // One that waited when it was looked at, and is ready, has gone.
            let has_gone = is_ready && connection.waits_for.is_some();
            let heard = if is_ready && !has_gone {
                connection.read(now)
            } else {
                Heard::Something
            };
            if has_gone || heard == Heard::Gone || connection.is_stuck(now) {
                continue;
            }
            if self.serve_messages(&mut connection, now) {
                self.connections.push(connection);
            }
        }
    }

    fn take_connection(&mut self, number: u64) -> Option<SshConnection> {
        let at = self.connections.iter().position(|it| it.number == number);
        at.map(|at| self.connections.swap_remove(at))
    }

    /// Answers the messages of a program until it has to wait; `false` where it takes no answer.
    fn serve_messages(&mut self, connection: &mut SshConnection, now: Duration) -> bool {
        while connection.waits_for.is_none()
            && let Some(message) = connection.next_message()
        {
            let client = connection.client.clone();
            let answer = match SshAsk::read(&message) {
                SshAsk::Identities => {
                    let mut offered = self.keys.offered(client.as_ref());
                    if connection.chain.is_forwarded() {
                        // What the clients are called is no other machine's business.
                        for it in &mut offered {
                            ELSEWHERE.clone_into(&mut it.comment);
                        }
                    }
                    SshAnswer::Identities(offered)
                }
                SshAsk::Query => SshAnswer::Extensions,
                SshAsk::Other => SshAnswer::Failure,
                SshAsk::Bind(binding) => {
                    let chain = &mut connection.chain;
                    let is_bound = match binding {
                        Some(binding) => chain.add(binding),
                        None => chain.fail(),
                    };
                    if is_bound {
                        SshAnswer::Success
                    } else {
                        SshAnswer::Failure
                    }
                }
                SshAsk::Sign(ask) => match self.sign(connection, ask, false, now) {
                    Some(answer) => answer,
                    None => return true,
                },
            };
            if !connection.answer(&answer) {
                return false;
            }
        }
        true
    }

    /// Signs for a program, or lets it wait for the person who is asked.
    fn sign(
        &mut self,
        connection: &mut SshConnection,
        ask: SignAsk,
        is_confirmed: bool,
        now: Duration,
    ) -> Option<SshAnswer> {
        let outcome = self.keys.sign(&SignRequested {
            ask: &ask,
            client: connection.client.as_ref(),
            chain: &connection.chain,
            is_confirmed,
        });
        let asked = match outcome {
            SignOutcome::Signed(signature) => return Some(SshAnswer::Signature(signature)),
            SignOutcome::Refused => return Some(SshAnswer::Failure),
            SignOutcome::Ask(asked) => asked,
        };
        let hop = connection.chain.hop();
        let is_quiet = hop.as_ref().is_some_and(|hop| self.quiet.has(hop, now));
        if connection.is_declined || is_quiet || !may_wait(connection, &self.connections) {
            self.keys.not_allowed(&asked, false);
            return Some(SshAnswer::Failure);
        }
        if hop.is_none() && (self.pending.as_ref()).is_some_and(|it| it.hop.is_some()) {
            // What comes from another machine waits for its turn again.
            self.pending = None;
        }
        // One at a time: who has two windows before them takes one for the other.
        if self.pending.is_none() {
            let Some(question) = self.keys.ask(&asked) else {
                self.keys.not_allowed(&asked, false);
                return Some(SshAnswer::Failure);
            };
            self.pending = Some(Pending {
                connection: connection.number,
                hop,
                question,
                asked,
                until: now.saturating_add(LONGEST),
            });
        }
        connection.waits_for = Some(ask);
        None
    }

    /// Goes on with the program whose question was answered.
    fn take_answer(&mut self, now: Duration) {
        let answer = self.pending.as_mut().and_then(|it| it.question.answer());
        let Some(is_allowed) = answer else { return };
        let Some(pending) = self.pending.take() else {
            return;
        };
        let number = pending.connection;
        if !is_allowed {
            self.keys.not_allowed(&pending.asked, true);
            self.be_quiet(pending, Unanswered::No, now);
        }
        self.resume(number, is_allowed, now);
    }

    /// Takes a question off, and asks nobody for its machine for a while.
    fn be_quiet(&mut self, pending: Pending<K::Asked>, why: Unanswered, now: Duration) {
        if let Some(hop) = pending.hop {
            self.quiet.note(hop, why, now);
        }
    }

    /// Answers a program that waited, and goes on with what it has said meanwhile.
    fn resume(&mut self, number: u64, is_allowed: bool, now: Duration) {
        let Some(mut connection) = self.take_connection(number) else {
            return;
        };
        connection.is_declined |= !is_allowed && connection.chain.is_forwarded();
        let ask = connection.go_on(now);
        let answer = match ask.filter(|_| is_allowed) {
            Some(ask) => self.sign(&mut connection, ask, true, now),
            None => Some(SshAnswer::Failure),
        };
        let is_there = answer.is_none_or(|answer| connection.answer(&answer));
        if is_there && self.serve_messages(&mut connection, now) {
            self.connections.push(connection);
        }
    }

    /// Takes a question back whose program has gone, or that nobody answers.
    fn drop_question_of_nobody(&mut self, now: Duration) {
        let Some(pending) = &self.pending else { return };
        let number = pending.connection;
        let is_late = pending.until <= now;
        let has_gone = !self.connections.iter().any(|it| it.number == number);
        if !(is_late || has_gone) {
            return;
        }
        if let Some(pending) = self.pending.take() {
            self.keys.not_allowed(&pending.asked, false);
            let why = if has_gone {
                Unanswered::Gone
            } else {
                Unanswered::No
            };
            self.be_quiet(pending, why, now);
            self.resume(number, false, now);
        }
    }

    /// Asks for the program that waits for longest: for those of this machine first.
    fn ask_next(&mut self, now: Duration) {
        while self.pending.is_none() {
            let waiting = self.connections.iter().filter(|it| it.waits_for.is_some());
            let Some(first) = waiting.min_by_key(|it| (it.rank(), it.last_heard)) else {
                return;
            };
            let number = first.number;
            let Some(mut connection) = self.take_connection(number) else {
                return;
            };
            let Some(ask) = connection.go_on(now) else {
                return;
            };
            let answer = self.sign(&mut connection, ask, false, now);
            let is_there = answer.is_none_or(|answer| connection.answer(&answer));
            if is_there && self.serve_messages(&mut connection, now) {
                self.connections.push(connection);
            }
        }
    }

    /// Takes one connection of each socket that has one.
    fn accept(&mut self, ready: &[bool], now: Duration) {
        for (socket, _) in self.sockets.all().iter().zip(ready).filter(|it| *it.1) {
            let Some(stream) = socket.accept() else {
                // It gave up, or there is no descriptor left: then one is free before long.
                std::thread::sleep(Duration::from_millis(1));
                continue;
            };
            if self.connections.len() >= SSH_CONNECTIONS {
                let silent = self.connections.iter().filter(|it| it.waits_for.is_none());
                let by_age = |it: &&SshConnection| (!it.chain.is_forwarded(), it.last_heard);
                let silent = silent.min_by_key(by_age).map(|it| it.number);
                // They never all wait for a person.
                let Some(silent) = silent else { continue };
                self.connections.retain(|it| it.number != silent);
            }
            self.next_number += 1;
            let client = socket.client.clone();
            let new = SshConnection::new(self.next_number, stream, client, now);
            self.connections.push(new);
        }
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
