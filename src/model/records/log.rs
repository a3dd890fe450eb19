//! The log: one hash chain per device, of events that hold ids, codes and numbers, never a name
//! or a secret.
//!
//! An event is one JSON string; `prev` in it is the SHA-256 of the bytes of the event before, so
//! a copy of a chain's count and head in other hands proves that a later log only grew.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::cell::DeviceId;
use super::chain::Chain;
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

/// The chains of all devices. A device has one, unless two copies of it wrote apart: such a fork
/// is kept and reported.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Log(Vec<Chain>);

impl Stamped for LogHead {}
impl Stamped for Log {}

impl FromIterator<Chain> for Log {
    fn from_iter<I: IntoIterator<Item = Chain>>(chains: I) -> Self {
        Self(chains.into_iter().collect())
    }
}

impl Log {
    /// Appends an event to the chain of `device`, which is started if there is none.
    pub fn record(&mut self, device: DeviceId, draft: EventDraft) {
        self.change(device, |chain| chain.record(draft));
    }

    /// Takes an event from the journal of `device` into its chain; see [`Chain::fold`].
    pub fn fold(&mut self, device: DeviceId, text: String, event: Event) {
        self.change(device, |chain| chain.fold(text, event));
    }

    fn change(&mut self, device: DeviceId, change: impl FnOnce(&mut Chain)) {
        if let Some(chain) = self.0.iter_mut().find(|chain| chain.device == device) {
            change(chain);
        } else {
            let mut chain = Chain::start(device);
            change(&mut chain);
            self.0.push(chain);
        }
    }

    /// The chain of `device`, if it has written.
    #[must_use]
    pub fn chain(&self, device: DeviceId) -> Option<&Chain> {
        self.0.iter().find(|chain| chain.device == device)
    }

    /// All chains.
    #[must_use]
    pub fn chains(&self) -> &[Chain] {
        &self.0
    }

    /// Drops the events before `time`, but the last of each device and those that last. Returns how
    /// many.
    pub(crate) fn drop_before(&mut self, time: Timestamp) -> u64 {
        let before = self.dropped_events();
        for chain in &mut self.0 {
            chain.drop_while(|event| event.time < time);
        }
        self.dropped_events() - before
    }

    /// How many events retention has dropped.
    #[must_use]
    pub fn dropped_events(&self) -> u64 {
        self.0.iter().map(Chain::dropped_events).sum()
    }

    /// Checks every chain, and that no device has two but those that a merge has told of.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn check(&self) -> Result<(), String> {
        self.0.iter().try_for_each(Chain::check)?;
        match self.untold_forks().first() {
            Some(device) => Err(format!("device {device} has two chains, a fork")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Chain, EventDraft, Log, LogHead};
    use crate::model::records::cell::DeviceId;
    use crate::model::records::log_merging::FORKED;

    fn device() -> DeviceId {
        DeviceId::from_random([7; 8])
    }

    fn draft(action: &str) -> EventDraft {
        EventDraft::new(Timestamp::UNIX_EPOCH, action, vec![])
    }

    fn chain_of(actions: &[&str]) -> Chain {
        let mut chain = Chain::start(device());
        for action in actions {
            chain.record(draft(action));
        }
        chain
    }

    #[test]
    fn two_chains_of_one_device_are_a_fork() {
        let log = Log(vec![chain_of(&["init"]), chain_of(&["init", "add"])]);
        assert!(log.check().unwrap_err().contains("fork"));
        assert_eq!(LogHead::default().count, 0);
    }

    #[test]
    fn a_fork_that_a_merge_has_told_of_is_known_and_one_more_is_not() {
        let merge = |devices: &[DeviceId]| {
            let told: Vec<String> = devices.iter().map(ToString::to_string).collect();
            EventDraft::new(Timestamp::UNIX_EPOCH, "merge", vec![]).with(FORKED, told)
        };
        let mut log = Log(vec![chain_of(&["init"]), chain_of(&["init", "add"])]);
        log.record(device(), merge(&[DeviceId::from_random([8; 8])]));
        assert!(log.check().is_err());
        log.record(device(), merge(&[device()]));
        log.record(device(), merge(&[device()]));
        assert_eq!(log.check(), Ok(()));
        let mut third = log.clone();
        third.0.push(chain_of(&["init", "edit"]));
        assert!(third.check().unwrap_err().contains("fork"));
        third.record(device(), merge(&[device(), device()]));
        assert_eq!(third.check(), Ok(()));
    }
}
