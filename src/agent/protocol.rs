//! What is said on the agent's socket: one line of JSON each way, then the connection is closed.
//! `{"v":1,"op":…}` asks, `{"v":1,"reply":…}` answers. What came in is never repeated.
//!
//! `stop` is understood in every version, so that an agent of another one can be replaced.

use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::keyring::{KeepTerms, KeyId, KeyRefusal, Left};
use crate::crypto::{MasterKey, PlainFileKey, WrappedFileKey};
use crate::error::Result;
use crate::model::records::access::Access;
use crate::model::records::base64_bytes;
use crate::model::text::limits::AGENT_REQUEST_BYTES;
use crate::model::text::secret::Secret;

/// The version of what is said. It changes when an older agent would misunderstand.
pub const VERSION: u32 = 1;

/// What an agent is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Request {
    /// Keep a master key.
    Keep(Keep),
    /// Be ready to use a key.
    Touch {
        /// Which key.
        of: KeyId,
    },
    /// Wrap a file key.
    Wrap {
        /// Under which key.
        of: KeyId,
        /// The file key.
        file_key: SentFileKey,
    },
    /// Unwrap a file key.
    Unwrap {
        /// With which key.
        of: KeyId,
        /// The file key.
        wrapped: WrappedFileKey,
        /// That this is no use of the key: the idle deadline stays.
        #[serde(default)]
        aside: bool,
    },
    /// Say how long a key will be kept.
    Status {
        /// Which key, if there is a vault at all.
        of: Option<KeyId>,
    },
    /// Wipe the key of a vault.
    Forget {
        /// Which vault.
        vault: Uuid,
    },
    /// Wipe everything and end.
    Stop,
}

/// A key on its way to the agent; there is no way back.
#[derive(Serialize, Deserialize)]
pub struct Keep {
    vault: Uuid,
    access: Access,
    #[serde(with = "secret_text")]
    key: Secret,
    for_ms: u64,
    idle_ms: u64,
}

impl Keep {
    /// A key as it is sent.
    #[must_use]
    pub fn new(vault: Uuid, key: &MasterKey, terms: KeepTerms) -> Self {
        Self {
            vault,
            access: *key.access(),
            key: key.to_base64(),
            for_ms: milliseconds(terms.at_most),
            idle_ms: milliseconds(terms.idle),
        }
    }

    /// The vault that the key opens.
    #[must_use]
    pub fn vault(&self) -> Uuid {
        self.vault
    }

    /// The key.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none.
    pub fn key(&self) -> Result<MasterKey> {
        MasterKey::from_base64(self.access, &self.key)
    }

    /// How long to keep it.
    #[must_use]
    pub fn terms(&self) -> KeepTerms {
        KeepTerms {
            at_most: Duration::from_millis(self.for_ms),
            idle: Duration::from_millis(self.idle_ms),
        }
    }
}

impl fmt::Debug for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keep({})", self.vault)
    }
}

/// A file key between the agent and who writes or reads the file.
#[derive(Serialize, Deserialize)]
pub struct SentFileKey(
    #[serde(serialize_with = "write_key", deserialize_with = "read_key")] pub PlainFileKey,
);

impl fmt::Debug for SentFileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentFileKey(…)")
    }
}

fn write_key<S: Serializer>(key: &PlainFileKey, serializer: S) -> Result<S::Ok, S::Error> {
    base64_bytes::serialize(key, serializer)
}

fn read_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PlainFileKey, D::Error> {
    base64_bytes::deserialize(deserializer).map(Zeroizing::new)
}

mod secret_text {
    use super::{Deserialize, Deserializer, Secret, Serializer};

    pub(super) fn serialize<S: Serializer>(
        secret: &Secret,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

/// What a new agent is told by the process that started it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Start {
    /// The folder of its socket.
    pub folder: PathBuf,
    /// The first key.
    pub keep: Keep,
}

/// What an agent answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum AgentReply {
    /// It is done.
    Done,
    /// Here it is.
    Wrapped {
        /// The file key.
        wrapped: WrappedFileKey,
    },
    /// Here it is.
    Unwrapped {
        /// The file key.
        file_key: SentFileKey,
    },
    /// How the agent stands.
    Standing {
        /// Milliseconds that the key will be kept at most.
        for_ms: Option<u64>,
        /// Milliseconds that it will be kept without being used.
        idle_ms: Option<u64>,
        /// When it is forgotten at last, in nanoseconds of the agent's clock.
        #[serde(default)]
        until_ns: Option<u64>,
    },
    /// It has no such key.
    Unknown,
    /// The key does not fit.
    Wrong,
    /// It has no room for another key.
    Full,
    /// That was no request.
    Malformed,
    /// It is of another version.
    Version,
    /// It could not start.
    Failed {
        /// Why.
        why: String,
    },
}

impl AgentReply {
    /// How long a key is kept, or that it is not.
    #[must_use]
    pub fn standing(left: Option<Left>) -> Self {
        Self::Standing {
            for_ms: left.map(|left| milliseconds(left.at_most)),
            idle_ms: left.map(|left| milliseconds(left.idle)),
            until_ns: left.and_then(|left| u64::try_from(left.until.as_nanos()).ok()),
        }
    }
}

impl From<KeyRefusal> for AgentReply {
    fn from(refusal: KeyRefusal) -> Self {
        match refusal {
            KeyRefusal::Unknown => Self::Unknown,
            KeyRefusal::Wrong => Self::Wrong,
            KeyRefusal::Full => Self::Full,
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[derive(Serialize)]
struct MessageBody<'a, T> {
    v: u32,
    #[serde(flatten)]
    said: &'a T,
}

/// What every version says.
#[derive(Deserialize)]
struct MessageHead<'a> {
    v: u32,
    #[serde(borrow, default)]
    op: Option<&'a str>,
}

/// A line as it is sent, its end included.
///
/// # Errors
/// When it cannot be encoded: a path that is no text.
pub fn line(said: &impl Serialize) -> io::Result<Zeroizing<Vec<u8>>> {
    // Larger than anything that is said, so that it does not grow by copying.
    let mut line = Zeroizing::new(Vec::with_capacity(4096));
    serde_json::to_writer(&mut *line, &MessageBody { v: VERSION, said })?;
    line.push(b'\n');
    Ok(line)
}

/// What a line asks, or what to answer at once.
///
/// # Errors
/// [`AgentReply::Version`] or [`AgentReply::Malformed`].
pub fn request(line: &[u8]) -> Result<Request, AgentReply> {
    let head: MessageHead<'_> = serde_json::from_slice(line).map_err(|_| AgentReply::Malformed)?;
    if head.op == Some("stop") {
        return Ok(Request::Stop);
    }
    said(line, &head)
}

/// What a line answers.
#[must_use]
pub fn reply(line: &[u8]) -> AgentReply {
    let head = serde_json::from_slice(line).map_err(|_| AgentReply::Malformed);
    head.and_then(|head| said(line, &head))
        .unwrap_or_else(|instead| instead)
}

/// What a line says to a new agent.
#[must_use]
pub fn start(line: &[u8]) -> Option<Start> {
    said(line, &serde_json::from_slice(line).ok()?).ok()
}

fn said<T: DeserializeOwned>(line: &[u8], head: &MessageHead<'_>) -> Result<T, AgentReply> {
    if head.v != VERSION {
        return Err(AgentReply::Version);
    }
    serde_json::from_slice(line).map_err(|_| AgentReply::Malformed)
}

/// Reads a line from a peer that is given a time limit by its socket, without its end.
///
/// # Errors
/// [`ErrorKind::UnexpectedEof`] when the peer has gone, [`ErrorKind::InvalidData`] for more than
/// 64 KiB, and those of reading.
pub fn read_line(mut from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(vec![0; AGENT_REQUEST_BYTES]);
    let mut length = 0;
    loop {
        let room = line.get_mut(length..).unwrap_or_default();
        if room.is_empty() {
            return Err(ErrorKind::InvalidData.into());
        }
        let count = match from.read(room) {
            Err(why) if why.kind() == ErrorKind::Interrupted => continue,
            count => count?,
        };
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let end = room.iter().take(count).position(|byte| *byte == b'\n');
        if let Some(end) = end {
            line.truncate(length + end);
            return Ok(line);
        }
        length += count;
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use uuid::Uuid;
    use zeroize::Zeroizing;

    use super::{AgentReply, Keep, Request, SentFileKey, line, read_line, reply, request};
    use crate::agent::keyring::KeepTerms;
    use crate::crypto::MasterKey;
    use crate::model::records::access::Access;
    use crate::model::text::kdf::KdfParams;

    #[test]
    fn a_key_arrives_as_it_was_sent() {
        let access = Access {
            salt: [1; 16],
            kdf: KdfParams { m: 8, t: 1, p: 1 },
            key_file: true,
        };
        let key = MasterKey::init(access, |bytes| bytes.fill(9));
        let terms = KeepTerms {
            at_most: Duration::from_mins(15),
            idle: Duration::from_secs(2),
        };
        let sent = Request::Keep(Keep::new(Uuid::from_u128(5), &key, terms));
        assert_eq!(format!("{sent:?}").matches("CQ").count(), 0, "{sent:?}");
        let sent = line(&sent).unwrap();
        let Ok(Request::Keep(keep)) = request(&sent) else {
            panic!("no key");
        };
        assert_eq!(keep.vault(), Uuid::from_u128(5));
        assert_eq!(keep.terms(), terms);
        assert_eq!(keep.key().unwrap().expose(), &[9; 32]);
        assert_eq!(keep.key().unwrap().access(), &access);
    }

    #[test]
    fn a_file_key_arrives_as_it_was_sent() {
        let file_key = SentFileKey(Zeroizing::new([7; 16]));
        let sent = line(&AgentReply::Unwrapped { file_key }).unwrap();
        match reply(&sent) {
            AgentReply::Unwrapped { file_key } => assert_eq!(*file_key.0, [7; 16]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn another_version_is_told_apart_from_nonsense() {
        for nonsense in [
            "",
            "{",
            "[]",
            "null",
            "{\"op\":\"touch\"}",
            "{\"v\":1}",
            "{\"v\":-1}",
        ] {
            let answer = request(nonsense.as_bytes()).unwrap_err();
            assert!(matches!(answer, AgentReply::Malformed), "{nonsense}");
        }
        let newer = request(b"{\"v\":2,\"op\":\"dance\"}").unwrap_err();
        assert!(matches!(newer, AgentReply::Version));
        assert!(matches!(
            reply(b"{\"v\":2,\"reply\":\"x\"}"),
            AgentReply::Version
        ));
    }

    #[test]
    fn every_version_can_be_told_to_end() {
        for sent in [
            "{\"v\":1,\"op\":\"stop\"}",
            "{\"v\":99,\"op\":\"stop\",\"how\":[1]}",
        ] {
            assert!(matches!(request(sent.as_bytes()), Ok(Request::Stop)));
        }
    }

    #[test]
    fn a_line_has_an_end() {
        let read = |bytes: &[u8]| read_line(bytes).map(|line| line.to_vec());
        assert_eq!(read(b"one\ntwo\n").unwrap(), b"one");
        assert_eq!(read(b"one").unwrap_err().kind(), ErrorKind::UnexpectedEof);
        let long = vec![b'x'; 70 << 10];
        assert_eq!(read(&long).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
