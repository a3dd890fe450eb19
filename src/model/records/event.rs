//! Events of the log: ids, codes and numbers, never a name or a secret.
//!
//! An event is one JSON string; `prev` in it is the SHA-256 of the bytes of the event before, so
//! a copy of a chain's count and head in other hands proves that a later log only grew.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::stamped::Stamped;

/// What an event says was done.
pub type Action = String;

/// The `prev` of a chain's first event.
pub(super) const NO_EVENT: &str = "";

/// One event, as it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Position in its chain, from 1.
    pub n: u64,
    /// When, by the device's clock.
    pub time: Timestamp,
    /// What was done, a word such as `add` or `reveal`.
    pub action: Action,
    /// Ids of what it was done to.
    pub subject: Vec<Uuid>,
    /// Codes, numbers and ids that say more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: BTreeMap<String, Value>,
    /// SHA-256 of the event before, lower-case hex; empty for the first.
    pub prev: String,
}

/// What later commands look at, however old it is: who may open the vault, what was made one of two
/// copies, what is gone for good, and what was dropped.
const LASTING: [&str; 9] = [
    "init",
    "passwd",
    "way-in",
    "way-in-removed",
    "rotate-id",
    "merge",
    "carry",
    "purge",
    "retain",
];

impl Event {
    /// Whether retention leaves it.
    #[must_use]
    pub fn lasts(&self) -> bool {
        LASTING.contains(&self.action.as_str())
    }
}

/// What is to be recorded, before it has a place in a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDraft {
    /// When.
    pub time: Timestamp,
    /// What was done.
    pub action: Action,
    /// Ids of what it was done to.
    pub subject: Vec<Uuid>,
    /// Codes, numbers and ids that say more.
    pub detail: BTreeMap<String, Value>,
}

impl EventDraft {
    /// An `action` on `subject` at `time`, with nothing more to say.
    #[must_use]
    pub fn new(time: Timestamp, action: &str, subject: Vec<Uuid>) -> Self {
        Self {
            time,
            action: action.into(),
            subject,
            detail: BTreeMap::new(),
        }
    }

    /// Adds a code, a number or an id.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.note(key, value);
        self
    }

    /// Adds a code, a number or an id, as [`Self::with`] does.
    pub fn note(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.detail.insert(key.into(), value.into());
        self
    }

    /// Adds the id of what it was done to, and gives it back.
    pub fn about(&mut self, id: Uuid) -> Uuid {
        self.subject.push(id);
        id
    }
}

/// How far a chain has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// Events so far.
    pub count: u64,
    /// SHA-256 of the last one, lower-case hex; empty when there is none.
    pub head: String,
}

impl Default for LogHead {
    fn default() -> Self {
        Self {
            count: 0,
            head: NO_EVENT.into(),
        }
    }
}

impl LogHead {
    /// The next event's bytes, and the head after it.
    #[must_use]
    pub fn extend(&self, draft: EventDraft) -> (String, Self) {
        let event = Event {
            n: self.count + 1,
            time: draft.time,
            action: draft.action,
            subject: draft.subject,
            detail: draft.detail,
            prev: self.head.clone(),
        };
        // Strings, numbers and ids: there is nothing in an event that JSON cannot hold.
        let text = serde_json::to_string(&event).unwrap_or_default();
        let head = Self {
            count: event.n,
            head: sha256_hex(text.as_bytes()),
        };
        (text, head)
    }
}

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

impl Stamped for LogHead {}
