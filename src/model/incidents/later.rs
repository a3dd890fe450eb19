//! What got a secret that an incident reaches after it was entered: the register does not have it yet.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::entry::field::ATTACHMENT;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::rotation::compromised::CompromiseCause;
use crate::model::rotation::elsewhere::all_bytes;
use crate::model::rotation::in_use::{is_in_use, slots_in_use};
use crate::model::vault::Vault;

impl Vault {
    /// What has the bytes of something that an incident reaches and is not on its list, over all
    /// clients, sorted by path: in use, or changed since the incident was entered. Whose it is has to
    /// be told of either.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn reached_later(&self, incident: &Incident) -> Result<Vec<AffectedEntry>> {
        let compromises = self.compromises()?;
        let leaked = self.leaked_bytes(incident)?;
        let mut later = Vec::new();
        for (path, entry) in self.entries_by_path(|_| true)? {
            let Some(client) = entry.client.get().copied() else {
                continue;
            };
            let listed = incident.affected.iter().find(|it| it.entry == entry.id);
            let mut versions = BTreeMap::new();
            for slot in slots_in_use(entry) {
                let known = listed.and_then(|it| it.versions.get(&slot));
                let is_listed = known.is_some_and(|version| is_in_use(entry, &slot, *version));
                let cause = CompromiseCause::Incident(incident.id);
                let why = compromises.of(entry, &slot);
                if is_listed || !why.iter().any(|it| it.cause == cause) {
                    continue;
                }
                let version = match slot.strip_prefix(ATTACHMENT) {
                    Some(name) => entry.attachment(name).map(|it| it.id),
                    None => entry.current(&slot).map(|it| it.id),
                };
                versions.extend(version.map(|version| (slot, version)));
            }
            let changed = changed_since(entry, incident.created, &leaked);
            let changed = changed
                .filter(|(slot, _)| !listed.is_some_and(|it| it.versions.contains_key(*slot)));
            for (slot, version) in changed {
                versions.entry(slot.to_owned()).or_insert(version);
            }
            if versions.is_empty() {
                continue;
            }
            let mut item = AffectedEntry::with(entry.id, client, path, true);
            item.urls = entry.urls().to_vec();
            item.username = entry.username.value().cloned();
            item.versions = versions;
            later.push(item);
        }
        Ok(later)
    }

    /// The secrets that an incident reaches, but for those that many have by chance.
    fn leaked_bytes(&self, incident: &Incident) -> Result<HashSet<&str>> {
        let reached = incident.affected.iter().flat_map(|it| it.versions.values());
        let reached: HashSet<&Uuid> = reached.collect();
        let purged = self.bytes_of_purged()?;
        let mut leaked: HashSet<&str> = HashSet::new();
        leaked.extend(reached.iter().filter_map(|it| purged.get(*it)));
        for (version, bytes) in self.entries.all()?.into_iter().flat_map(all_bytes) {
            if reached.contains(&version) {
                leaked.insert(bytes);
            }
        }
        Ok(leaked)
    }
}

/// Whether it was not given up before it counted.
fn was_stored(version: &Version) -> bool {
    version.aborted.value().is_none()
}

/// Of the secrets that an entry had, those that are `leaked` and were replaced since.
fn changed_since<'a>(
    entry: &'a Entry,
    since: Timestamp,
    leaked: &HashSet<&str>,
) -> impl Iterator<Item = (&'a str, Uuid)> {
    let versions = entry.versions.iter().enumerate();
    let known = versions.filter(|(_, it)| was_stored(it) && leaked.contains(it.secret().expose()));
    let replaced = known.filter(move |(at, it)| {
        let mut after = entry
            .versions
            .iter()
            .skip(at + 1)
            .filter(|it| was_stored(it));
        let next = after.find(|next| next.slot() == it.slot());
        next.is_some_and(|next| next.created >= since)
    });
    replaced.map(|(_, it)| (it.slot(), it.id))
}

#[cfg(test)]
mod tests {
    use crate::model::incidents::affected::IncidentStart;
    use crate::model::incidents::changes::{ClientTold, IncidentNews};
    use crate::model::records::client::Client;
    use crate::model::testing::{author, day, empty_vault, path, replacement, with_secret};

    #[test]
    fn what_gets_a_secret_that_leaked_comes_to_the_incident() {
        let mut vault = empty_vault();
        let a = path("acme/a");
        vault.add(&a, with_secret("one"), &author(0)).unwrap();
        let starts = [IncidentStart::Entry(a.clone())];
        let reach = vault.affected(&starts, day(1), day(1)).unwrap();
        let id = vault
            .open_incident("lost".into(), &starts, reach, day(1), &author(1))
            .unwrap();
        vault.rotate(&a, replacement("two"), &author(2)).unwrap();
        let later = |vault: &crate::model::vault::Vault| -> Vec<String> {
            let incident = vault.incidents.by_id(id).unwrap();
            let later = vault.reached_later(incident).unwrap();
            later.into_iter().map(|it| it.path).collect()
        };
        assert!(later(&vault).is_empty());
        let acme = vault.client("acme").unwrap().id;
        let told = ClientTold {
            at: day(2),
            by: "phone".into(),
            replaces_first: false,
        };
        vault.tell_of_incident(id, acme, told, &author(2)).unwrap();
        vault
            .add(&path("globex/x"), with_secret("one"), &author(3))
            .unwrap();
        assert_eq!(later(&vault), ["globex/x"]);
        // Who has changed it meanwhile has to be told all the same.
        let changed = path("initech/y");
        vault.add(&changed, with_secret("one"), &author(3)).unwrap();
        (vault.rotate(&changed, replacement("own"), &author(4))).unwrap();
        assert_eq!(later(&vault), ["globex/x", "initech/y"]);
        let news = IncidentNews::default();
        let found = vault.update_incident(id, news, &author(4)).unwrap();
        assert_eq!(
            found.len(),
            2,
            "they are entered with whatever is noted next"
        );
        assert!(later(&vault).is_empty());
        let incident = vault.incidents.by_id(id).unwrap();
        let untold = vault.untold(incident).into_iter().map(Client::slug);
        assert_eq!(untold.collect::<Vec<_>>(), ["globex", "initech"]);
        vault
            .rotate(&path("globex/x"), replacement("three"), &author(5))
            .unwrap();
        let mut back = replacement("one");
        back.again = true;
        vault.rotate(&a, back, &author(6)).unwrap();
        assert!(later(&vault).is_empty(), "its own list has it");
    }
}
