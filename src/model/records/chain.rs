//! The chain of one device: its events, each with the SHA-256 of the one before.
//!
//! What retention drops leaves its SHA-256, so that it still shows whether another copy of the chain
//! is the same one, and the links on both sides can be checked. What later commands look at is
//! never dropped, see [`Event::lasts`].

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::digest::Output;
use sha2::{Digest, Sha256};

use super::absent::Absent;
use super::cell::DeviceId;
use super::event::{Event, EventDraft, LogHead, NO_EVENT, sha256_hex};
use super::in_place::decoded_at_once;
use super::lazy::{Lazy, decode};
use super::record::record;
use super::stamped::Stamped;
use crate::error::Result;

/// Bytes of a SHA-256.
const HASH_BYTES: usize = 32;

/// SHA-256 of events, in their order: in the file one text of unpadded base64.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EventHashes(Vec<[u8; HASH_BYTES]>);

impl fmt::Debug for EventHashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventHashes({})", self.0.len())
    }
}

impl EventHashes {
    /// That of the event with this number, lower-case hex.
    fn of(&self, n: u64) -> Option<String> {
        let at = usize::try_from(n.checked_sub(1)?).ok()?;
        self.0.get(at).map(hex)
    }
}

fn hex(hash: &[u8; HASH_BYTES]) -> String {
    format!("{:x}", Output::<Sha256>::from(*hash))
}

impl Absent for EventHashes {
    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

impl Stamped for EventHashes {}

impl Serialize for EventHashes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(self.0.as_flattened()))
    }
}

impl<'de> Deserialize<'de> for EventHashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text);
        let bytes = bytes.map_err(|_| de::Error::custom("not canonical base64"))?;
        let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
        if rest.is_empty() {
            Ok(Self(hashes.to_vec()))
        } else {
            Err(de::Error::invalid_length(bytes.len(), &"whole hashes"))
        }
    }
}

decoded_at_once!(EventHashes, Option<LogHead>);

record! {
    /// The chain of one device.
    pub struct Chain merged apart in place {
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
            /// SHA-256 of every event up to the checkpoint.
            hashes: EventHashes,
            /// Those events up to the checkpoint that last, and all since, oldest first.
            events: Vec<Lazy<String>>,
        }
    }
}

impl Chain {
    pub(super) fn start(device: DeviceId) -> Self {
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
        let has = |hash: String| hash == head.head;
        *head == self.head() || head.count == 0 || self.hash_of(head.count).is_some_and(has)
    }

    /// Count and head of what retention dropped.
    fn dropped(&self) -> LogHead {
        self.checkpoint.clone().unwrap_or_default()
    }

    /// How many events before the checkpoint are here all the same.
    fn lasting(&self) -> usize {
        let since = self.count.saturating_sub(self.dropped().count);
        let since = usize::try_from(since).unwrap_or(usize::MAX);
        self.events.len().saturating_sub(since)
    }

    /// How many events retention has dropped.
    #[must_use]
    pub fn dropped_events(&self) -> u64 {
        let lasting = u64::try_from(self.lasting()).unwrap_or(u64::MAX);
        self.dropped().count.saturating_sub(lasting)
    }

    /// SHA-256 of the event with this number, lower-case hex.
    fn hash_of(&self, n: u64) -> Option<String> {
        let dropped = self.dropped();
        if n <= dropped.count {
            let is_last = n == dropped.count;
            return self.hashes.of(n).or(is_last.then_some(dropped.head));
        }
        let back = usize::try_from(self.count.checked_sub(n)?).ok()?;
        let at = self.events.len().checked_sub(back)?.checked_sub(1)?;
        let text = self.events.get(at)?.get().ok()?;
        Some(sha256_hex(text.as_bytes()))
    }

    /// Drops events from the oldest on, up to the first that is not `old`: but never the last one of
    /// all, nor those that last. Their SHA-256 stay.
    pub(super) fn drop_while(&mut self, old: impl Fn(&Event) -> bool) {
        let lasting = self.lasting();
        let mut last = self.dropped();
        let mut gone = Vec::new();
        for text in self.events.iter().skip(lasting) {
            let Some(text) = text.get().ok().filter(|_| last.count + 1 < self.count) else {
                break;
            };
            let Ok(event) = decode::<Event>(text.as_bytes()) else {
                break;
            };
            if !old(&event) {
                break;
            }
            last = LogHead {
                count: event.n,
                head: sha256_hex(text.as_bytes()),
            };
            self.hashes.0.push(Sha256::digest(text.as_bytes()).into());
            gone.push(!event.lasts());
        }
        if gone.is_empty() {
            return;
        }
        self.checkpoint = Some(last);
        let mut is_gone = std::iter::repeat_n(false, lasting).chain(gone);
        self.events.retain(|_| !is_gone.next().unwrap_or_default());
    }

    /// As a chain of the same device that this one has grown from: without what that one dropped.
    pub(super) fn without_dropped_by(&mut self, other: &Self) {
        let dropped = other.dropped().count;
        self.drop_while(|event| event.n <= dropped);
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
        self.events
            .iter()
            .map(|text| decode(text.get()?.as_bytes()))
    }

    /// Checks that every event links to the one before, or is the one that its number stands for
    /// where that was dropped, and that count and head are those of the last one.
    ///
    /// # Errors
    /// What is wrong first, with the event's number.
    pub fn check(&self) -> Result<(), String> {
        let mut at = self.dropped();
        let is_short = self.hashes.0.len() as u64 != at.count;
        if !self.hashes.0.is_empty()
            && (is_short || self.hashes.of(at.count) != Some(at.head.clone()))
        {
            return Err(format!(
                "the chain of device {} has not the links of all events up to {}",
                self.device, at.count
            ));
        }
        let (lasting, since) = self.events.split_at(self.lasting());
        let mut before = 0;
        for text in lasting {
            let (event, hash) = self.read_event(text, before + 1)?;
            let is_linked = self.hashes.of(event.n) == Some(hash);
            if event.n <= before || !is_linked {
                return Err(self.unlinked(event.n));
            }
            before = event.n;
        }
        for text in since {
            let n = at.count + 1;
            let (event, head) = self.read_event(text, n)?;
            if event.n != n || event.prev != at.head {
                return Err(self.unlinked(n));
            }
            at = LogHead { count: n, head };
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

    /// An event and its SHA-256; `n` is the number that it should have.
    fn read_event(&self, text: &Lazy<String>, n: u64) -> Result<(Event, String), String> {
        let no_event = |_| format!("event {n} of device {} is not an event", self.device);
        let text = text.get().map_err(no_event)?;
        let event = decode(text.as_bytes()).map_err(no_event)?;
        Ok((event, sha256_hex(text.as_bytes())))
    }

    fn unlinked(&self, n: u64) -> String {
        format!(
            "event {n} of device {} does not follow from the one before",
            self.device
        )
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;

    use super::Chain;
    use crate::model::records::cell::DeviceId;
    use crate::model::records::event::{Event, EventDraft};
    use crate::model::records::lazy::Lazy;

    pub(in crate::model::records) fn device() -> DeviceId {
        DeviceId::from_random([7; 8])
    }

    pub(in crate::model::records) fn draft(action: &str) -> EventDraft {
        EventDraft::new(Timestamp::UNIX_EPOCH, action, vec![])
    }

    pub(in crate::model::records) fn chain_of(actions: &[&str]) -> Chain {
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
}
