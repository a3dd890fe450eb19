//! The log: one hash chain per device.

use jiff::Timestamp;
use serde::{Deserializer, Serialize};

use super::cell::DeviceId;
use super::chain::Chain;
use super::event::{Event, EventDraft};
use super::in_place::{PayloadJson, ReadInPlace};
use super::stamped::Stamped;

/// The chains of all devices. A device has one, unless two copies of it wrote apart: such a fork
/// is kept and reported.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Log(Vec<Chain>);

impl ReadInPlace for Log {
    fn read_in_place<'de, D: Deserializer<'de>>(
        deserializer: D,
        payload: &PayloadJson,
    ) -> Result<Self, D::Error> {
        Vec::read_in_place(deserializer, payload).map(Self)
    }
}

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

    use super::{EventDraft, Log};
    use crate::model::records::cell::DeviceId;
    use crate::model::records::chain::tests::{chain_of, device};
    use crate::model::records::event::LogHead;
    use crate::model::records::log_merging::FORKED;

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
