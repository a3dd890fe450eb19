//! Who can know something, by name.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Knowledge, Subject};
use crate::error::Result;
use crate::model::records::entry::Entry;
use crate::model::vault::Vault;

/// The names of those who can know something of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnowerNames {
    /// Whom it was shared with, or who lent it.
    pub given: BTreeSet<String>,
    /// The others, who were given the same with another entry.
    pub by_other: BTreeSet<String>,
}

impl KnowerNames {
    /// All of them, each once, sorted.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.given.union(&self.by_other).cloned().collect()
    }

    /// Whether it is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && self.by_other.is_empty()
    }

    /// Adds the names of another; who was given it counts as that alone.
    pub fn extend(&mut self, more: &Self) {
        self.given.extend(more.given.iter().cloned());
        self.by_other.extend(more.by_other.iter().cloned());
        self.by_other.retain(|name| !self.given.contains(name));
    }
}

impl Vault {
    /// The names of the contacts who can know something.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn known_to(&self, knowledge: &Knowledge<'_>) -> Result<Vec<String>> {
        let people = knowledge.people();
        let mut names = self.contact_names(&people.into_iter().collect::<Vec<_>>())?;
        names.sort();
        Ok(names)
    }

    /// Who can know something of each of these entries, by name; those of whom nobody does are left
    /// out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn known_of_each(
        &self,
        entries: &[&Entry],
        now: Timestamp,
    ) -> Result<HashMap<Uuid, KnowerNames>> {
        let owners = entries.iter().filter_map(|entry| entry.client.get());
        let owners: BTreeSet<Uuid> = owners.copied().collect();
        let called = |people: Vec<Uuid>| -> Result<BTreeSet<String>> {
            Ok(self.contact_names(&people)?.into_iter().collect())
        };
        let mut known = HashMap::new();
        for client in self.clients.iter().filter(|it| owners.contains(&it.id)) {
            for of in self.knowledge(&Subject::Client(client), now)?.entries {
                let knowers = of.knowers.iter().map(|it| it.line.share.recipient.contact);
                let lender = of.lent.and_then(|it| it.contact);
                let by_other = of.by_other.iter().map(|it| it.contact);
                let mut names = KnowerNames::default();
                names.extend(&KnowerNames {
                    given: called(knowers.chain(lender).collect())?,
                    by_other: called(by_other.collect())?,
                });
                if let Some(entry) = of.entry.filter(|_| !names.is_empty()) {
                    known.insert(entry.id, names);
                }
            }
        }
        Ok(known)
    }
}
