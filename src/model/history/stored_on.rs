//! On which device each version of a secret was stored.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::records::cell::DeviceId;
use crate::model::records::entry::{Entry, Version};
use crate::model::vault::Vault;

impl Vault {
    /// The devices that stored the versions of an entry's secrets, by the ids of these: the one that
    /// alone has written in the log that it did something to the entry at that time, else the one
    /// that has set apart what counts. Versions of which neither is known, such as those that were
    /// imported with the dates of before, are left out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed log.
    pub fn stored_on(&self, entry: &Entry) -> Result<HashMap<Uuid, DeviceId>> {
        let mut logged: HashMap<Timestamp, BTreeSet<DeviceId>> = HashMap::new();
        for chain in self.log.chains() {
            for event in chain.read() {
                let event = event?;
                if event.subject.contains(&entry.id) {
                    let devices = logged.entry(event.time).or_default();
                    devices.insert(chain.device);
                }
            }
        }
        let device_of = |version: &Version| {
            let logged = logged.get(&version.created);
            match logged.filter(|devices| devices.len() == 1) {
                Some(devices) => devices.first().copied(),
                None => set_apart_on(entry, version),
            }
        };
        let versions = entry.versions.iter();
        let devices = versions.map(|version| Some((version.id, device_of(version)?)));
        Ok(devices.flatten().collect())
    }
}

/// The device that has set a version which nobody has chosen yet.
fn set_apart_on(entry: &Entry, version: &Version) -> Option<DeviceId> {
    let slot = version.slot();
    let cell = entry
        .current
        .get(slot)
        .filter(|_| entry.is_set_apart(slot))?;
    let mut set = cell.values().filter(|(_, id)| **id == Some(version.id));
    set.next().map(|(stamp, _)| stamp.device)
}
