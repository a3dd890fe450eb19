//! Who else can know what an incident reaches.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::affected::old_bytes;
use crate::error::Result;
use crate::model::records::entry::Entry;
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::records::share::ShareState;
use crate::model::vault::Vault;

impl Vault {
    /// The open incident that began with a contact, if there is one: nothing new is for them while it
    /// is open.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn open_incident_from(&self, contact: Uuid) -> Result<Option<&Incident>> {
        let named = self.contacts.find(contact)?;
        let named = named.map(|it| format!("contact {}", it.name()));
        let began = |it: &&Incident| {
            // Incidents from before their ids were noted have the names alone.
            let by_name = || named.as_ref().is_some_and(|name| it.causes.contains(name));
            it.contacts.contains(&contact) || (it.contacts.is_empty() && by_name())
        };
        let open = self.incidents.all()?.into_iter();
        Ok(open.filter(|it| !it.is_closed()).find(began))
    }

    /// The contacts who can know something of each affected entry, by name: what they were given of
    /// it, or of another one with the same bytes.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn known_of_affected(
        &self,
        affected: &[AffectedEntry],
        now: Timestamp,
    ) -> Result<HashMap<Uuid, BTreeSet<String>>> {
        let mut entries: Vec<(&Entry, HashSet<&str>)> = Vec::new();
        let mut removed: HashSet<Uuid> = HashSet::new();
        for item in affected {
            let Some(entry) = self.entries.find(item.entry)? else {
                removed.insert(item.entry);
                continue;
            };
            let versions: BTreeSet<Uuid> = item.versions.values().copied().collect();
            entries.push((entry, old_bytes(entry, &versions).collect()));
        }
        let all: Vec<&Entry> = entries.iter().map(|(entry, _)| *entry).collect();
        let known = self.known_of_each(&all, now)?;
        let mut with_same: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
        for (entry, bytes) in &entries {
            let same = entries.iter();
            let same = same.filter(|(it, other)| it.id == entry.id || !bytes.is_disjoint(other));
            let names: BTreeSet<String> = same
                .filter_map(|(it, _)| known.get(&it.id))
                .flatten()
                .cloned()
                .collect();
            if !names.is_empty() {
                with_same.insert(entry.id, names);
            }
        }
        // Of what was removed for good, the shares are on record.
        for line in self.ledger(now)? {
            let sent = line.state != ShareState::Unsent;
            for item in line.share.items.iter().filter(|_| sent) {
                if removed.contains(&item.entry) {
                    let name = self.contact_name(line.share.recipient.contact)?;
                    with_same.entry(item.entry).or_default().insert(name);
                }
            }
        }
        Ok(with_same)
    }
}
