//! A change of the vault: its stamp is drawn before, its event is written after.

use super::records::cell::{DeviceId, Stamp, Stamped};
use super::records::log::Happening;
use super::records::stamping::Author;
use super::vault::Vault;
use crate::error::Error;

/// A change that is being made.
pub struct Edit<'a> {
    /// The records.
    pub vault: &'a mut Vault,
    /// The stamp of every cell that is set.
    pub stamp: Stamp,
    /// Who makes the change.
    pub author: &'a Author<'a>,
    /// The event that is written when the change is made.
    pub event: Happening,
}

impl Vault {
    /// Whether `change` would leave a record as it is: it is tried on a copy.
    ///
    /// # Errors
    /// Those of `change`.
    pub(crate) fn stays<R: Clone + Stamped, T>(
        &self,
        record: &R,
        change: impl FnOnce(&mut R, Stamp) -> Result<T, Error>,
    ) -> Result<bool, Error> {
        let stamp = self.seen.clone().next(DeviceId::from_random([0; 8]));
        let mut copy = record.clone();
        change(&mut copy, stamp)?;
        let mut is_same = true;
        copy.each_stamp(&mut |found| is_same &= found != stamp);
        Ok(is_same)
    }

    /// Makes a change: draws its stamp, and writes its event if it succeeds.
    ///
    /// # Errors
    /// Those of `change`.
    pub fn change<T, E>(
        &mut self,
        author: &Author<'_>,
        action: &str,
        change: impl FnOnce(&mut Edit<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut edit = Edit {
            stamp: self.seen.next(author.device),
            event: Happening::new(author.now, action, vec![]),
            vault: self,
            author,
        };
        let done = change(&mut edit)?;
        let event = edit.event;
        self.log.record(author.device, event);
        Ok(done)
    }
}
