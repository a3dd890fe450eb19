//! How a contact has done what they owe: receipts and deletions in time, late and outstanding, and what
//! they declined.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::ledger::LedgerLine;
use crate::error::Result;
use crate::model::vault::Vault;

/// How long what others owe may take before it is late.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24 * 3);

/// How the papers of one kind came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaperCounts {
    /// On file in time.
    pub in_time: usize,
    /// On file, later than that.
    pub late: usize,
    /// Not on file, and late.
    pub outstanding: usize,
    /// Not on file, and not late yet.
    pub awaited: usize,
}

/// How a contact has done what they owe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Performance {
    /// Shares that went to them.
    pub shares: usize,
    /// Their receipts.
    pub receipts: PaperCounts,
    /// What they signed of deletions, of what was over.
    pub deletions: PaperCounts,
    /// Shares that they declined.
    pub declined: usize,
}

impl PaperCounts {
    /// Counts one that was owed since then and is on file since `filed`.
    fn count(&mut self, owed: Timestamp, filed: Option<Timestamp>, now: Timestamp) {
        let end = owed + PATIENCE;
        let count = match filed {
            Some(filed) if filed <= end => &mut self.in_time,
            Some(_) => &mut self.late,
            None if now < end => &mut self.awaited,
            None => &mut self.outstanding,
        };
        *count += 1;
    }
}

impl LedgerLine<'_> {
    /// When the last statement was filed by which all that went with it is deleted.
    fn all_deleted(&self) -> Option<Timestamp> {
        let items = self.share.items.iter();
        let filed = items.map(|item| self.share.deletion_of(item.entry).map(|it| it.time));
        filed.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

impl Vault {
    /// How a contact has done by `now` what they owe for shares; a login of their own has no papers.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn performance(&self, contact: Uuid, now: Timestamp) -> Result<Performance> {
        let mut all = Performance::default();
        let theirs = self.ledger(now)?.into_iter();
        let theirs = theirs.filter(|it| it.share.recipient.contact == contact);
        for line in theirs.filter(|it| it.share.login.is_none()) {
            let share = line.share;
            let receipt = share.receipt.value().map(|it| it.time);
            let Some(sent) = share.sent.value().copied().or(receipt) else {
                continue;
            };
            all.shares += 1;
            let deleted = line.all_deleted();
            if share.refusal.value().is_some() && receipt.is_none() {
                all.declined += 1;
                continue;
            }
            // Who says that it is deleted says that it came.
            all.receipts.count(sent, receipt.or(deleted), now);
            match (deleted, line.owes_deletion(), line.end) {
                (_, Some(owed), _) => all.deletions.count(owed, None, now),
                (Some(deleted), None, end) => {
                    let owed = end.map_or(deleted, |end| end.time);
                    all.deletions.count(owed, Some(deleted), now);
                }
                (None, None, _) => {}
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::{PaperCounts, Performance};
    use crate::model::consent::permit::world::World;
    use crate::model::records::cell::{Cell, Stamp};
    use crate::model::records::share::{FiledDocument, Share};
    use crate::model::testing::{author, day};

    fn files(
        world: &mut World,
        share: Uuid,
        on: i64,
        cell: impl Fn(&mut Share) -> &mut Cell<Option<FiledDocument>>,
    ) {
        let stamp: Stamp = world.vault.seen.next(author(on).device);
        let filed = FiledDocument::with(day(on), "signed".into());
        let share = world.vault.shares.by_id_mut(share).unwrap();
        cell(share).set(stamp, Some(filed));
    }

    fn counts(in_time: usize, late: usize, outstanding: usize, awaited: usize) -> PaperCounts {
        PaperCounts {
            in_time,
            late,
            outstanding,
            awaited,
        }
    }

    fn of_bob(world: &World, on: Timestamp) -> Performance {
        world.vault.performance(world.bob, on).unwrap()
    }

    #[test]
    fn what_came_in_time_late_or_never_is_counted() {
        let mut world = World::new();
        world.consent("acme");
        let ask = world.ask(&["acme/wp"], &["secret"]);
        assert_eq!(of_bob(&world, day(1)), Performance::default());
        let [prompt, slow, declined, silent] = [1, 2, 3, 4].map(|on| world.share(&ask, on));
        files(&mut world, prompt, 2, |it| &mut it.receipt);
        files(&mut world, slow, 9, |it| &mut it.receipt);
        files(&mut world, declined, 4, |it| &mut it.refusal);
        let then = of_bob(&world, day(5));
        assert_eq!((then.shares, then.declined), (4, 1));
        assert_eq!(then.receipts, counts(1, 1, 0, 1));
        assert_eq!(then.deletions, PaperCounts::default());
        for share in [prompt, slow, silent] {
            world.vault.revoke_share(share, None, &author(10)).unwrap();
        }
        files(&mut world, prompt, 11, |it| &mut it.attestation);
        files(&mut world, slow, 30, |it| &mut it.attestation);
        let then = of_bob(&world, day(40));
        assert_eq!(then.receipts, counts(1, 1, 1, 0));
        assert_eq!(then.deletions, counts(1, 1, 1, 0));
        let eve = world.vault.performance(world.eve, day(40)).unwrap();
        assert_eq!(eve, Performance::default());
    }
}
