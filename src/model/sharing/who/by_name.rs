//! Who can know something, by name.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Knowledge, Subject};
use crate::error::Result;
use crate::model::records::entry::Entry;
use crate::model::vault::Vault;

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
    ) -> Result<HashMap<Uuid, Vec<String>>> {
        let owners = entries.iter().filter_map(|entry| entry.client.get());
        let owners: BTreeSet<Uuid> = owners.copied().collect();
        let mut known = HashMap::new();
        for client in self.clients.iter().filter(|it| owners.contains(&it.id)) {
            for of in self.knowledge(&Subject::Client(client), now)?.entries {
                let knowers = of.knowers.iter().map(|it| it.line.share.recipient.contact);
                let by_other = of.by_other.iter().map(|it| it.contact);
                let lender = of.lent.and_then(|it| it.contact);
                let people: BTreeSet<Uuid> = knowers.chain(by_other).chain(lender).collect();
                let mut names = self.contact_names(&people.into_iter().collect::<Vec<_>>())?;
                names.sort();
                if let Some(entry) = of.entry.filter(|_| !names.is_empty()) {
                    known.insert(entry.id, names);
                }
            }
        }
        Ok(known)
    }
}
