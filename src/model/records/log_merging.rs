//! How the logs of two copies become one, and how far what a copy says it has seen is believed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::cell::{DeviceId, Seen};
use super::chain::Chain;
use super::event::LogHead;
use super::log::Log;
use super::merging::{Mergeable, SeenByBoth, written_once};
use crate::error::Result;

written_once!(LogHead);

/// The detail by which a merge's event names the devices that have several chains, each once for
/// every chain beyond its first.
pub(crate) const FORKED: &str = "forked";

/// Of each device the chains that no other has grown from. Two chains of one device that went
/// apart are both kept: such a fork is reported.
impl Mergeable for Log {
    fn merged(&self, other: &Self, _: &SeenByBoth) -> Result<Self> {
        let all: Vec<&Chain> = self.chains().iter().chain(other.chains()).collect();
        let mut longest: Vec<Chain> = Vec::new();
        for (at, chain) in all.iter().enumerate() {
            let is_in_another = all.iter().enumerate().any(|(other_at, other)| {
                let is_same = other.head() == chain.head();
                let has_it = other.device == chain.device && other.grew_from(&chain.head());
                other_at != at && has_it && (!is_same || other_at < at)
            });
            if !is_in_another {
                let mut chain = (*chain).clone();
                // What either has dropped is gone.
                let same = all.iter().filter(|it| it.device == chain.device);
                let grown_from = same.filter(|it| chain.grew_from(&it.head()));
                let most = grown_from.max_by_key(|it| it.checkpoint.as_ref().map(|it| it.count));
                if let Some(other) = most {
                    chain.without_dropped_by(other);
                }
                longest.push(chain);
            }
        }
        longest.sort_by(|a, b| (a.device, &a.head).cmp(&(b.device, &b.head)));
        Ok(longest.into_iter().collect())
    }
}

impl Log {
    /// The device that says that it added a way in, among those that have written what was `seen`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed event.
    pub(crate) fn way_in_added_by(&self, way: Uuid, seen: &Seen) -> Result<Option<DeviceId>> {
        let known: Vec<DeviceId> = seen.devices().collect();
        let chains = self.chains().iter();
        for chain in chains.filter(|chain| known.contains(&chain.device)) {
            for event in chain.read() {
                let event = event?;
                if event.action == "way-in" && event.subject.contains(&way) {
                    return Ok(Some(chain.device));
                }
            }
        }
        Ok(None)
    }

    fn chains_of(&self, device: DeviceId) -> impl Iterator<Item = &Chain> {
        self.chains()
            .iter()
            .filter(move |chain| chain.device == device)
    }

    /// Whether a device's events up to `head` are here, in whichever of its chains.
    #[must_use]
    pub(crate) fn has_events_of(&self, device: DeviceId, head: &LogHead) -> bool {
        head.count == 0 || self.chains_of(device).any(|chain| chain.grew_from(head))
    }

    /// The devices that have several chains, each once for every chain beyond its first: two
    /// machines have written as one, after a copied home or an image that was put back.
    #[must_use]
    pub fn forks(&self) -> Vec<DeviceId> {
        let mut known = BTreeSet::new();
        let devices = self.chains().iter().map(|chain| chain.device);
        devices.filter(|device| !known.insert(*device)).collect()
    }

    /// The forks that no merge has told of, see [`FORKED`].
    pub(crate) fn untold_forks(&self) -> Vec<DeviceId> {
        let mut untold = self.forks();
        if untold.is_empty() {
            return untold;
        }
        let mut told: BTreeMap<DeviceId, usize> = BTreeMap::new();
        // What is no event tells of nothing.
        for event in self.chains().iter().flat_map(Chain::read).flatten() {
            let devices = event.detail.get(FORKED).and_then(Value::as_array);
            let devices = devices.into_iter().flatten().filter_map(Value::as_str);
            let mut here: BTreeMap<DeviceId, usize> = BTreeMap::new();
            for device in devices.filter_map(|device| device.parse().ok()) {
                *here.entry(device).or_default() += 1;
            }
            for (device, count) in here {
                let most = told.entry(device).or_default();
                *most = count.max(*most);
            }
        }
        untold.retain(|device| match told.get_mut(device) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        });
        untold
    }

    /// `seen` without the devices that have several chains here: two machines have counted for
    /// each, so that a number says nothing of what is there. Their events do.
    #[must_use]
    pub(crate) fn told_by_counting(&self, seen: &Seen) -> Seen {
        let forked = |device: &DeviceId| self.chains_of(*device).nth(1).is_some();
        let forked: Vec<DeviceId> = seen.devices().filter(forked).collect();
        let all = forked.into_iter();
        all.fold(seen.clone(), |seen, device| seen.without(device))
    }

    /// Whether every event of `other` is here.
    #[must_use]
    pub fn has_all_of(&self, other: &Self) -> bool {
        let mut chains = other.chains().iter();
        chains.all(|chain| {
            let mut own = self.chains_of(chain.device);
            own.any(|it| it.grew_from(&chain.head()))
        })
    }

    /// What `seen`, said beside this log, is worth against a copy with another log: of a device
    /// whose chains went apart nothing is believed that the other's chains do not show, since two
    /// machines have counted for it.
    #[must_use]
    pub(crate) fn believed(&self, seen: &Seen, other: &Self) -> Seen {
        let mut believed = seen.clone();
        for device in seen.devices() {
            let own: Vec<&Chain> = self.chains_of(device).collect();
            let theirs: Vec<&Chain> = other.chains_of(device).collect();
            let has_all = |chain: &&Chain| own.iter().any(|it| it.grew_from(&chain.head()));
            let agree = match (own.as_slice(), theirs.as_slice()) {
                ([one], [other]) => one.grew_from(&other.head()) || other.grew_from(&one.head()),
                _ => theirs.iter().all(has_all),
            };
            if !agree {
                believed = believed.without(device);
            }
        }
        believed
    }
}
