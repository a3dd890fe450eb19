//! Ways into the vault that came with a file which another machine wrote, or whoever has put it in
//! place: what this device has not seen before is told, and nothing is written under what it doubts.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::device::pin::Pin;
use super::session::{Session, pin_of};
use crate::error::{Error, Result};
use crate::model::records::cell::DeviceId;
use crate::model::records::record_id::short;
use crate::model::records::way_in::WayIn;

/// A way in that this device has not seen before.
#[derive(Debug)]
pub struct NewWayIn<'a> {
    /// The way in.
    pub way: &'a WayIn,
    /// The device that has added it, where that was known here; any other is in doubt.
    pub added_by: Option<DeviceId>,
}

impl Session {
    /// The ways in that are open and that this device has not seen before. Where it remembers
    /// nothing, it has seen all.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed log.
    pub fn new_ways_in(&self) -> Result<Vec<NewWayIn<'_>>> {
        let Some((pin, seen)) = self.seen_ways() else {
            return Ok(Vec::new());
        };
        let mut new = Vec::new();
        for way in self.vault.open_ways() {
            if seen.contains(&way.recipient) || self.accepted_ways.contains(&way.id) {
                continue;
            }
            let log = &self.vault.log;
            let added_by = if pin.doubted.contains(&way.recipient) {
                None
            } else {
                log.way_in_added_by(way.id, &pin.seen)?
            };
            new.push(NewWayIn { way, added_by });
        }
        Ok(new)
    }

    fn seen_ways(&self) -> Option<(&Pin, &BTreeSet<String>)> {
        let pin = self.file.pin.as_ref()?;
        Some((pin, pin.ways.as_ref()?))
    }

    /// Takes a way in for one that this device knows.
    pub fn accept_way_in(&mut self, id: Uuid) {
        self.accepted_ways.insert(id);
    }

    /// Refuses to write under a way in that is in doubt.
    pub(super) fn check_ways_in(&self) -> Result<()> {
        let doubted = self.new_ways_in()?.into_iter();
        let doubted = doubted
            .filter(|new| new.added_by.is_none())
            .map(|new| new.way);
        let Some(way) = { doubted }.next() else {
            return Ok(());
        };
        let id = short(way.id);
        Err(Error::needs_input(format!(
            "a key that this device does not know opens the vault: {} ({}), id {id}",
            way.recipient, way.kind
        ))
        .hint(format!(
            "if you know that key: --accept-recipient {id}; if not: {}",
            way.removal()
        )))
    }

    /// What this device remembers once it has read the file: what it doubts stays in doubt.
    pub(super) fn pin_of_read(&self) -> Pin {
        let mut pin = pin_of(&self.file.sealed, &self.vault);
        let doubted = self.new_ways_in().unwrap_or_default().into_iter();
        let doubted = doubted.filter(|new| new.added_by.is_none());
        pin.doubted = doubted.map(|new| new.way.recipient.clone()).collect();
        pin.ways = Some(
            pin.ways
                .unwrap_or_default()
                .difference(&pin.doubted)
                .cloned()
                .collect(),
        );
        pin
    }
}
