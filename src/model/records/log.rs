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
use super::lazy::{Lazy, decode};
use super::record::record;
use super::stamped::Stamped;
use crate::error::Result;

/// What an event says was done.
pub type Action = String;

/// The `prev` of a chain's first event.
const NO_EVENT: &str = "";

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

record! {
    /// The chain of one device.
    pub struct Chain merged apart {
        required {
            /// Whose chain it is.
            device: DeviceId,
            /// Events so far, those that retention dropped included.
            count: u64,
            /// SHA-256 of the last event, lower-case hex.
            head: String,
        }
        optional {
            /// What retention dropped, if it did: the count and head up to there.
            checkpoint: Option<LogHead>,
            /// The events since the checkpoint, oldest first.
            events: Vec<Lazy<String>>,
        }
    }
}

impl Chain {
    fn start(device: DeviceId) -> Self {
        Self::with(device, 0, NO_EVENT.into())
    }

    /// Count and head.
    #[must_use]
    pub fn head(&self) -> LogHead {
        LogHead {
            count: self.count,
            head: self.head.clone(),
        }
    }

    /// Appends an event.
    pub fn record(&mut self, draft: EventDraft) {
        let (event, head) = self.head().extend(draft);
        self.events.push(Lazy::new(event));
        self.count = head.count;
        self.head = head.head;
    }

    /// Whether the chain once stood at `head`: it has only grown since.
    #[must_use]
    pub fn grew_from(&self, head: &LogHead) -> bool {
        let dropped = self.checkpoint.clone().unwrap_or_default();
        if *head == self.head() || *head == dropped || head.count == 0 {
            return true;
        }
        let place = head.count.checked_sub(dropped.count + 1);
        place
            .and_then(|at| self.events.get(usize::try_from(at).ok()?))
            .and_then(|event| event.get().ok())
            .is_some_and(|text| sha256_hex(text.as_bytes()) == head.head)
    }

    /// Takes in an event that this device wrote to its journal. One that is here already is
    /// skipped; one that no longer links, because the vault was put back meanwhile, is given a
    /// new place rather than lost.
    pub fn fold(&mut self, text: String, event: Event) {
        let known = LogHead {
            count: event.n,
            head: sha256_hex(text.as_bytes()),
        };
        if event.n <= self.count && self.grew_from(&known) {
            return;
        }
        if event.n == self.count + 1 && event.prev == self.head {
            self.events.push(Lazy::new(text));
            self.count = known.count;
            self.head = known.head;
        } else {
            self.record(EventDraft {
                time: event.time,
                action: event.action,
                subject: event.subject,
                detail: event.detail,
            });
        }
    }

    /// Reads the events, oldest first.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for what is no event.
    pub fn read(&self) -> impl Iterator<Item = Result<Event>> {
        self.events.iter().map(|text| decode(text.get()?))
    }

    /// Checks that every event links to the one before and that count and head are those of the
    /// last one.
    ///
    /// # Errors
    /// What is wrong first, with the event's number.
    pub fn check(&self) -> Result<(), String> {
        let mut at = self.checkpoint.clone().unwrap_or_default();
        for text in &self.events {
            let n = at.count + 1;
            let no_event = |_| format!("event {n} of device {} is not an event", self.device);
            let text = text.get().map_err(no_event)?;
            let event: Event = decode(text).map_err(no_event)?;
            if event.n != n || event.prev != at.head {
                return Err(format!(
                    "event {n} of device {} does not follow from the one before",
                    self.device
                ));
            }
            at = LogHead {
                count: n,
                head: sha256_hex(text.as_bytes()),
            };
        }
        if at == self.head() {
            Ok(())
        } else {
            Err(format!(
                "the chain of device {} ends at event {}, not at {} as it says",
                self.device, at.count, self.count
            ))
        }
    }
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

    use super::{Chain, Event, EventDraft, Lazy, Log, LogHead};
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
    fn a_chain_of_recorded_events_checks_out() {
        let chain = chain_of(&["init", "add", "reveal"]);
        assert_eq!(chain.check(), Ok(()));
        assert_eq!(chain.count, 3);
        assert_eq!(
            chain.read().map(|e| e.unwrap().n).collect::<Vec<_>>(),
            [1, 2, 3]
        );
    }

    #[test]
    fn a_changed_dropped_or_swapped_event_breaks_the_chain() {
        let good = chain_of(&["init", "add", "reveal"]);
        let mut changed = good.clone();
        let text = changed.events[1].get().unwrap().replace("add", "rem");
        changed.events[1] = Lazy::new(text);
        let mut dropped = good.clone();
        dropped.events.remove(1);
        let mut shortened = good.clone();
        shortened.events.pop();
        let mut swapped = good;
        swapped.events.swap(0, 1);
        for broken in [changed, dropped, shortened, swapped] {
            assert!(broken.check().is_err());
        }
    }

    #[test]
    fn a_chain_grew_from_each_of_its_own_heads_only() {
        let mut chain = Chain::start(device());
        let mut heads = vec![chain.head()];
        for action in ["init", "add", "reveal"] {
            chain.record(draft(action));
            heads.push(chain.head());
        }
        assert!(heads.iter().all(|head| chain.grew_from(head)));
        let other = chain_of(&["init", "edit"]);
        assert!(!chain.grew_from(&other.head()));
        assert!(
            !other.grew_from(&chain.head()),
            "a shorter chain did not grow"
        );
    }

    #[test]
    fn folding_takes_each_journalled_event_once() {
        let mut chain = chain_of(&["init"]);
        let (text, _) = chain.head().extend(draft("reveal"));
        let event: Event = serde_json::from_str(&text).unwrap();
        chain.fold(text.clone(), event.clone());
        chain.fold(text, event);
        assert_eq!(chain.count, 2);
        assert_eq!(chain.check(), Ok(()));
    }

    #[test]
    fn folding_relinks_an_event_whose_chain_went_elsewhere() {
        let (text, _) = chain_of(&["init", "gone"]).head().extend(draft("reveal"));
        let event: Event = serde_json::from_str(&text).unwrap();
        let mut chain = chain_of(&["init", "add", "edit", "edit"]);
        chain.fold(text, event);
        assert_eq!(chain.count, 5);
        assert_eq!(chain.check(), Ok(()));
        assert_eq!(chain.read().last().unwrap().unwrap().action, "reveal");
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
