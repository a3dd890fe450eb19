//! Who knows what is in use of an entry because they were given it with another one: what somebody
//! knows are bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::Knower;
use crate::error::Result;
use crate::model::entry::field::ATTACHMENT;
use crate::model::records::entry::Entry;
use crate::model::records::share::ShareState;
use crate::model::rotation::in_use::is_in_use;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;

/// Somebody who was given with another entry what is in use of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnowerByOther {
    /// The contact.
    pub contact: Uuid,
    /// The share that brought it to them.
    pub share: Uuid,
    /// What of this entry has the same bytes: the names of secrets, and `attachment:NAME`.
    pub slots: BTreeSet<String>,
}

/// Of each entry, those who were given what is in use of it with another one.
pub(super) type KnowersByOther = HashMap<Uuid, Vec<KnowerByOther>>;

impl KnowerByOther {
    /// Whether a secret is the same, and whether a file is.
    #[must_use]
    pub fn kinds(&self) -> (bool, bool) {
        let is_file = |slot: &String| slot.starts_with(ATTACHMENT);
        (
            !self.slots.iter().all(is_file),
            self.slots.iter().any(is_file),
        )
    }

    /// What is the same, in words.
    #[must_use]
    pub fn same(&self) -> &'static str {
        match self.kinds() {
            (true, true) => "the same secret and file",
            (false, true) => "the same file",
            (_, false) => "the same secret",
        }
    }

    /// Takes out what they have of the entry itself as it is in use. Whether anything is left.
    pub(super) fn is_left_beside(&mut self, knowers: &[Knower<'_>], entry: &Entry) -> bool {
        let contact = self.contact;
        let has = |it: &Knower<'_>, slot: &str| {
            let version = it.item.versions.get(slot);
            it.line.share.recipient.contact == contact
                && it.state != ShareState::Unsent
                && it.versions.iter().any(|(known, _)| *known == slot)
                && version.is_some_and(|version| is_in_use(entry, slot, *version))
        };
        (self.slots).retain(|slot| !knowers.iter().any(|it| has(it, slot)));
        !self.slots.is_empty()
    }
}

impl Vault {
    /// Of all entries, who was given by these shares what is in use of one with another.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(super) fn knowers_by_other<'a>(
        &self,
        shares: impl Iterator<Item = &'a LedgerLine<'a>>,
    ) -> Result<KnowersByOther> {
        let mut known: HashMap<Uuid, Vec<(Uuid, Uuid)>> = HashMap::new();
        let never_came = [ShareState::Unsent, ShareState::Refused];
        for line in shares.filter(|line| !never_came.contains(&line.state)) {
            let knower = (line.share.recipient.contact, line.share.id);
            let versions = line.share.items.iter().flat_map(|it| it.versions.values());
            for version in versions {
                known.entry(*version).or_default().push(knower);
            }
        }
        let mut slots: HashMap<Uuid, BTreeMap<(Uuid, Uuid), BTreeSet<String>>> = HashMap::new();
        for it in self.known_elsewhere(&known)? {
            let knowers = slots.entry(it.entry.id).or_default();
            knowers.entry(it.known).or_default().insert(it.slot);
        }
        let knowers = slots.into_iter().map(|(entry, knowers)| {
            let knowers = knowers
                .into_iter()
                .map(|((contact, share), slots)| KnowerByOther {
                    contact,
                    share,
                    slots,
                });
            (entry, knowers.collect())
        });
        Ok(knowers.collect())
    }
}
