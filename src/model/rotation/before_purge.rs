//! What has to be known of a secret when its entry is purged, and cannot be seen afterwards: whether it
//! was in use, and what else has the same bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use crate::error::Result;
use crate::model::records::entry::Entry;
use crate::model::rotation::elsewhere::all_bytes;
use crate::model::rotation::in_use::is_in_use;
use crate::model::vault::Vault;

/// A version of a secret that somebody else knows, or that an incident reached.
struct KnownVersion<'a> {
    entry: Uuid,
    slot: &'a str,
    version: Uuid,
}

impl Vault {
    /// Records of entries that are about to be purged, by ids alone, which of what others know of them is
    /// in use no longer, and which versions that stay have the same bytes.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn record_before_purge(&mut self, gone: &HashSet<Uuid>) -> Result<()> {
        let entries = self.entries.all()?.into_iter();
        let (purged, others): (Vec<&Entry>, Vec<&Entry>) =
            entries.partition(|entry| gone.contains(&entry.id));
        let removed: BTreeSet<Uuid> = purged.iter().flat_map(|it| it.ids()).collect();
        let known = self.known_versions()?;
        let by_id: HashMap<Uuid, &Entry> = purged.iter().map(|it| (it.id, *it)).collect();
        let is_changed = |it: &&KnownVersion<'_>| {
            let entry = by_id.get(&it.entry);
            entry.is_some_and(|entry| !is_in_use(entry, it.slot, it.version))
        };
        let changed: Vec<Uuid> = known
            .iter()
            .filter(is_changed)
            .map(|it| it.version)
            .collect();
        let leaked = self.breaches.all()?.into_iter().flat_map(|it| &it.versions);
        let known = known.iter().map(|it| &it.version).chain(leaked);
        let known: BTreeSet<Uuid> = known.copied().collect();
        let mut by_bytes: HashMap<&str, BTreeSet<Uuid>> = HashMap::new();
        for (version, bytes) in purged.iter().flat_map(|entry| all_bytes(entry)) {
            // What was purged before this one has its bytes as well.
            let before = self.same_as_purged.get(&version);
            let with_it = before.into_iter().flatten().copied();
            let with_it = with_it.chain(known.contains(&version).then_some(version));
            let with_it: Vec<Uuid> = with_it.collect();
            if !with_it.is_empty() {
                by_bytes.entry(bytes).or_default().extend(with_it);
            }
        }
        let left = others.iter().flat_map(|entry| all_bytes(entry));
        let same = left.filter_map(|(version, bytes)| {
            let purged = by_bytes.get(bytes)?.clone();
            Some((version, purged))
        });
        let same: Vec<(Uuid, BTreeSet<Uuid>)> = same.collect();
        self.changed_before_purge.extend(changed);
        for (version, purged) in same {
            self.same_as_purged
                .entry(version)
                .or_default()
                .extend(purged);
        }
        self.same_as_purged
            .retain(|version, _| !removed.contains(version));
        Ok(())
    }

    /// Whether all of these versions of an entry that was purged were in use no longer by then; of none
    /// it is not known.
    pub(crate) fn were_changed_before_purge(&self, versions: &BTreeMap<String, Uuid>) -> bool {
        let mut all = versions.values();
        !versions.is_empty() && all.all(|it| self.changed_before_purge.contains(it))
    }

    /// All that went out, and all that incidents reached.
    fn known_versions(&self) -> Result<Vec<KnownVersion<'_>>> {
        let sent = self.shares.all()?.into_iter();
        let sent = sent.flat_map(|share| &share.items);
        let sent = sent.map(|item| (item.entry, &item.versions));
        let incidents = self.incidents.all()?.into_iter();
        let reached = incidents.flat_map(|incident| &incident.affected);
        let reached = reached.map(|item| (item.entry, &item.versions));
        let all = sent.chain(reached).flat_map(|(entry, versions)| {
            versions.iter().map(move |(slot, version)| KnownVersion {
                entry,
                slot,
                version: *version,
            })
        });
        Ok(all.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::model::consent::permit::world::World;
    use crate::model::entry::field::SECRET;
    use crate::model::testing::{author, path};

    /// acme/db and globex/mail have one secret.
    #[test]
    fn what_a_list_of_leaked_secrets_has_stays_known_where_another_entry_has_it() {
        let mut world = World::new();
        let db = world.vault.entry(&path("acme/db")).unwrap();
        let (id, version) = (db.id, db.current(SECRET).unwrap().id);
        let vault = &mut world.vault;
        vault
            .record_leaked("a list", &[version], &author(2))
            .unwrap();
        let is_known = |world: &World| {
            let mail = world.vault.entry(&path("globex/mail")).unwrap();
            let all = world.vault.compromises().unwrap();
            all.of_any(mail).is_some()
        };
        assert!(is_known(&world));
        let gone = HashSet::from([id]);
        world.vault.purge(&gone, None, &author(3)).unwrap();
        assert!(is_known(&world));
    }
}
