//! A program that is connected to the SSH agent, and what it has said so far.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::io::Errno;

use super::wire::{LENGTH_BYTES, SignAsk, SshAnswer};
use crate::model::ssh::binding::BindingChain;
use crate::model::text::limits::SSH_MESSAGE_BYTES;
use crate::model::text::name::ClientSlug;

/// How long a message may take from its first byte to its last.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connected program.
pub struct SshConnection {
    /// Counts the connections, so that one is not taken for another.
    pub number: u64,
    /// The client whose socket it came to; none for the one of all keys.
    pub client: Option<ClientSlug>,
    /// The server that it has proved to be logging in to.
    pub chain: BindingChain,
    /// What it waits for, until a person has answered.
    pub waits_for: Option<SignAsk>,
    /// When it last said something.
    pub last_heard: Duration,
    /// Whether a person has said no, or nothing, to what came by it through another machine.
    pub is_declined: bool,
    /// When the message began that is not whole yet.
    began: Duration,
    stream: UnixStream,
    received: Vec<u8>,
}

/// What came of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is there still.
    Something,
    /// It has gone, or does not speak the protocol.
    Gone,
}

impl SshConnection {
    /// A program that has said nothing yet.
    pub fn new(number: u64, stream: UnixStream, client: Option<ClientSlug>, now: Duration) -> Self {
        Self {
            number,
            client,
            chain: BindingChain::default(),
            waits_for: None,
            last_heard: now,
            is_declined: false,
            began: now,
            stream,
            received: Vec::new(),
        }
    }

    /// Its end of the socket, to wait for.
    pub fn stream(&self) -> &UnixStream {
        &self.stream
    }

    /// Reads what there is, which is not waited for.
    pub fn read(&mut self, now: Duration) -> Heard {
        let mut bytes = [0; 16 << 10];
        match rustix::io::read(&self.stream, &mut bytes) {
            Err(Errno::AGAIN | Errno::INTR) => return Heard::Something,
            Err(_) | Ok(0) => return Heard::Gone,
            Ok(count) => {
                self.last_heard = now;
                if self.received.is_empty() {
                    self.began = now;
                }
                self.received.extend(bytes.iter().take(count));
            }
        }
        match self.length() {
            Some(0) => Heard::Gone,
            Some(length) if length > SSH_MESSAGE_BYTES => Heard::Gone,
            _ => Heard::Something,
        }
    }

    /// The next message that is whole, without its length.
    pub fn next_message(&mut self) -> Option<Vec<u8>> {
        let end = LENGTH_BYTES + self.length()?;
        if end > LENGTH_BYTES + SSH_MESSAGE_BYTES || self.received.len() < end {
            return None;
        }
        let message: Vec<u8> = self.received.drain(..end).skip(LENGTH_BYTES).collect();
        // What is left came with it, or after it.
        self.began = self.last_heard;
        Some(message)
    }

    /// Whether it has begun a message and does not come to its end.
    pub fn is_stuck(&self, now: Duration) -> bool {
        let is_within = !self.received.is_empty() && self.waits_for.is_none();
        is_within && now.saturating_sub(self.began) > PATIENCE
    }

    /// What it has waited for, which it waits for no longer.
    pub fn go_on(&mut self, now: Duration) -> Option<SignAsk> {
        // Nothing was read meanwhile.
        self.began = now;
        self.waits_for.take()
    }

    /// How soon a person is asked for it, the lowest first: a login that is proved to begin on this
    /// machine, anything else, what comes through another machine.
    pub fn rank(&self) -> u8 {
        match (self.chain.is_forwarded(), self.chain.is_proved()) {
            (true, _) => 2,
            (false, false) => 1,
            (false, true) => 0,
        }
    }

    /// Answers; `false` for a program that does not take it at once: an answer is short, and what
    /// came before it was read long ago.
    pub fn answer(&self, answer: &SshAnswer) -> bool {
        let message = answer.to_message();
        let sent = rustix::io::retry_on_intr(|| rustix::io::write(&self.stream, &message));
        sent == Ok(message.len())
    }

    fn length(&self) -> Option<usize> {
        let (length, _) = self.received.split_first_chunk::<LENGTH_BYTES>()?;
        usize::try_from(u32::from_be_bytes(*length)).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::{Heard, PATIENCE, SshConnection};

    #[test]
    fn a_message_is_waited_for_as_long_as_it_may_take_and_a_silence_for_ever() {
        let at = |seconds| Duration::from_secs(seconds);
        let (stream, mut program) = UnixStream::pair().unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut connection = SshConnection::new(1, stream, None, at(0));
        assert!(!connection.is_stuck(at(100_000)), "it has said nothing");
        program.write_all(&[0, 0]).unwrap();
        assert_eq!(connection.read(at(100)), Heard::Something);
        program.write_all(&[0]).unwrap();
        assert_eq!(connection.read(at(105)), Heard::Something);
        // From its first byte on, however slowly it goes on.
        assert!(!connection.is_stuck(at(100) + PATIENCE));
        assert!(connection.is_stuck(at(101) + PATIENCE));
        program.write_all(&[1, 11, 0]).unwrap();
        connection.read(at(106));
        assert_eq!(connection.next_message(), Some(vec![11]));
        // What came with it has begun another one.
        assert!(!connection.is_stuck(at(106) + PATIENCE));
        assert!(connection.is_stuck(at(107) + PATIENCE));
        assert_eq!(connection.go_on(at(200)), None);
        assert!(!connection.is_stuck(at(200) + PATIENCE));
        program.write_all(&[0, 0, 0]).unwrap();
        assert_eq!(
            connection.read(at(201)),
            Heard::Gone,
            "a message of nothing"
        );
    }
}
