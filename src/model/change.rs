//! A change of the vault: its stamp is drawn before, its event is written after.

use super::records::cell::{DeviceId, Stamp};
use super::records::event::EventDraft;
use super::records::stamped::Stamped;
use super::records::stamping::Author;
use super::vault::Vault;
use crate::error::Error;
use std::convert::Infallible;

/// A change that is being made.
pub struct Edit<'a> {
    /// The records.
    pub vault: &'a mut Vault,
    /// The stamp of every cell that is set.
    pub stamp: Stamp,
    /// Who makes the change.
    pub author: &'a Author<'a>,
    /// The event that is written when the change is made.
    pub event: EventDraft,
}

impl Vault {
    /// Whether `change` would leave a record as it is: it is tried on a copy.
    pub(crate) fn stays<R: Clone + Stamped, T>(
        &self,
        record: &R,
        change: impl FnOnce(&mut R, Stamp) -> Result<T, Error>,
    ) -> Result<bool, Error> {
        let stamp = self.seen.clone().next(DeviceId::from_random([0; 8]));
        let mut copy = record.clone();
        change(&mut copy, stamp)?;
        let mut is_same = true;
        copy.each_cell(&mut |stamps| stamps.for_each(|found| is_same &= found != stamp));
        Ok(is_same)
    }

    /// Makes a change: draws its stamp, and writes its event if it succeeds.
    pub(crate) fn change<T, E>(
        &mut self,
        author: &Author<'_>,
        action: &str,
        change: impl FnOnce(&mut Edit<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let stamp = self.seen.next(author.device);
        let mut edit = Edit {
            stamp,
            event: EventDraft::new(author.now, action, vec![]),
            vault: self,
            author,
        };
        let done = change(&mut edit)?;
        let event = edit.event;
        self.log.record(author.device, event);
        self.drop_old_events(author.now);
        self.wipe_spent_keys(author.now, stamp);
        Ok(done)
    }

    /// As [`Self::change`], for what cannot fail.
    pub fn change_surely<T>(
        &mut self,
        author: &Author<'_>,
        action: &str,
        change: impl FnOnce(&mut Edit<'_>) -> T,
    ) -> T {
        let Ok(done) = self.change(author, action, |edit| Ok::<_, Infallible>(change(edit)));
        done
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::model::consent::ending::PermissionPart;
    use crate::model::consent::permit::world::World;
    use crate::model::records::way_in::WayInKind;
    use crate::model::testing::{author, path, requested};
    use crate::model::vault::Vault;

    /// Without that, a merge would take the copy that lacks the write for the newer one.
    #[test]
    fn every_write_of_a_record_shows_in_what_was_seen() {
        let mut world = World::new();
        let consent = world.consent("acme");
        let removed = world.vault.remove(&path("acme/wp"), &author(1)).unwrap();
        let writes: [&dyn Fn(&mut Vault); 5] = [
            &|vault| {
                requested(vault, &author(1));
            },
            &|vault| {
                drop(vault.withdraw_consent(consent, &PermissionPart::default(), None, &author(1)));
            },
            &|vault| drop(vault.add_way_in(WayInKind::Age, "a".into(), None, &author(1))),
            &|vault| drop(vault.empty_trash(&HashSet::from([removed]), &author(1))),
            &|vault| {
                let ended = vault.end_every_consent(&author(1)).unwrap();
                vault.record_carried(&ended, &author(1));
            },
        ];
        for (number, write) in writes.into_iter().enumerate() {
            let before = world.vault.seen.clone();
            let events = world.vault.log.chains()[0].count;
            write(&mut world.vault);
            assert!(!before.includes(&world.vault.seen), "write {number}");
            assert_eq!(world.vault.log.chains()[0].count, events + 1, "{number}");
        }
    }
}
