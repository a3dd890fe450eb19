//! Who knows what is in use of an entry because they were given it with another one: what somebody
//! knows are bytes.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::error::Result;
use crate::model::records::share::ShareState;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;

/// Somebody who was given with another entry what is in use of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnowerByOther {
    /// The contact.
    pub contact: Uuid,
    /// The share that brought it to them.
    pub share: Uuid,
}

/// Of each entry, those who were given what is in use of it with another one.
pub(super) type KnowersByOther = HashMap<Uuid, BTreeSet<KnowerByOther>>;

impl Vault {
    /// Of all entries, who was given by these shares what is in use of one with another.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(super) fn knowers_by_other<'a>(
        &self,
        shares: impl Iterator<Item = &'a LedgerLine<'a>>,
    ) -> Result<KnowersByOther> {
        let mut known: HashMap<Uuid, Vec<KnowerByOther>> = HashMap::new();
        let never_came = [ShareState::Unsent, ShareState::Refused];
        for line in shares.filter(|line| !never_came.contains(&line.state)) {
            let knower = KnowerByOther {
                contact: line.share.recipient.contact,
                share: line.share.id,
            };
            let versions = line.share.items.iter().flat_map(|it| it.versions.values());
            for version in versions {
                known.entry(*version).or_default().push(knower);
            }
        }
        let mut knowers = KnowersByOther::new();
        for it in self.known_elsewhere(&known)? {
            knowers.entry(it.entry.id).or_default().insert(it.known);
        }
        Ok(knowers)
    }
}
