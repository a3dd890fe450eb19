//! Secrets that others may know for another reason than a share: they stand in a list of leaked ones,
//! or an incident reaches them.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::in_use::{is_in_use, slots_in_use};
use crate::error::Result;
use crate::model::entry::field::TOTP;
use crate::model::records::breach::Breach;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;

/// A secret that is in use or is about to be.
#[derive(Clone, Copy, Debug)]
pub struct UsedSecret<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Which of its secrets.
    pub slot: &'a str,
    /// The version.
    pub version: &'a Version,
}

/// Why a secret counts as known to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompromiseCause {
    /// It stands in a list of leaked secrets.
    Listed,
    /// An incident reaches it.
    Incident(Uuid),
}

/// That a secret counts as known to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compromise {
    /// Since when that is known here.
    pub since: Timestamp,
    /// Why.
    pub cause: CompromiseCause,
}

/// All of that, by version.
#[derive(Clone, Debug, Default)]
pub struct Compromises(HashMap<Uuid, Vec<Compromise>>);

impl Compromises {
    /// Why a secret or a file of an entry that is in use counts as known, the oldest first: it, or
    /// one with the same bytes, be it an earlier one or another entry's.
    #[must_use]
    pub fn of(&self, entry: &Entry, slot: &str) -> Vec<Compromise> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let versions = entry.history(slot).map(|it| it.id);
        let all = versions.chain(entry.attachments.iter().map(|it| it.id));
        let same = all.filter(|it| self.0.contains_key(it) && is_in_use(entry, slot, *it));
        let mut all: Vec<Compromise> = same
            .filter_map(|it| self.0.get(&it))
            .flatten()
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The names of the secrets and files of an entry that are in use and count as known.
    pub fn slots(&self, entry: &Entry) -> impl Iterator<Item = String> {
        slots_in_use(entry).filter(|slot| !self.of(entry, slot).is_empty())
    }

    /// Why any secret or file of an entry counts as known, the oldest first.
    #[must_use]
    pub fn of_any(&self, entry: &Entry) -> Option<Compromise> {
        let slots = self.slots(entry);
        let all = slots.flat_map(|slot| self.of(entry, &slot));
        all.min_by_key(|it| it.since)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn note(&mut self, version: Uuid, compromise: Compromise) {
        self.0.entry(version).or_default().push(compromise);
    }
}

impl Vault {
    /// Every secret that a site may take: the current and the pending ones of all entries, seeds of
    /// one-time codes left out, each with the entry's path, sorted by that. What is in the trash
    /// works at the site as before.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn used_secrets(&self) -> Result<Vec<(String, UsedSecret<'_>)>> {
        let mut all = Vec::new();
        for (path, entry) in self.entries_by_path(|_| true)? {
            let current = entry.secrets().filter(|(slot, _)| *slot != TOTP);
            let pending = entry.pending().map(|it| (it.slot(), it));
            for (slot, version) in current.chain(pending) {
                let used = UsedSecret {
                    entry,
                    slot,
                    version,
                };
                all.push((path.clone(), used));
            }
        }
        Ok(all)
    }

    /// All that counts as known to others, but for shares: what has the same bytes in another entry,
    /// too, whenever it came there.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn compromises(&self) -> Result<Compromises> {
        let mut all = Compromises::default();
        for breach in self.breaches.all()? {
            for version in &breach.versions {
                all.note(
                    *version,
                    Compromise {
                        since: breach.created,
                        cause: CompromiseCause::Listed,
                    },
                );
            }
        }
        for incident in self.incidents.all()? {
            // One that is closed has changed nothing at any site.
            for version in incident.affected.iter().flat_map(|it| it.versions.values()) {
                all.note(
                    *version,
                    Compromise {
                        since: incident.aware,
                        cause: CompromiseCause::Incident(incident.id),
                    },
                );
            }
        }
        for it in self.known_elsewhere(&all.0)? {
            all.note(it.version, it.known);
        }
        Ok(all)
    }

    /// Notes which versions stand in a list; those that are known to have leaked are left out. How
    /// many are new.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn record_leaked(
        &mut self,
        source: &str,
        versions: &[Uuid],
        author: &Author<'_>,
    ) -> Result<usize> {
        let breaches = self.breaches.all()?;
        let mut seen: HashSet<Uuid> = breaches
            .iter()
            .flat_map(|it| &it.versions)
            .copied()
            .collect();
        let new: Vec<Uuid> = versions
            .iter()
            .copied()
            .filter(|it| seen.insert(*it))
            .collect();
        if new.is_empty() {
            return Ok(0);
        }
        let is_hit = |entry: &Entry| entry.versions.iter().any(|it| new.contains(&it.id));
        let entries: Vec<Uuid> = self
            .entries
            .all()?
            .into_iter()
            .filter(|entry| is_hit(entry))
            .map(|entry| entry.id)
            .collect();
        let count = new.len();
        self.change_surely(author, "breach", |edit| {
            edit.event.subject = entries;
            edit.event.note("found", count);
            let (id, kind) = ((author.new_id)(), "pwned".to_owned());
            let breach = Breach::with(id, author.now, kind, source.to_owned(), new);
            edit.vault.breaches.add(breach);
        });
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::{Compromise, CompromiseCause};
    use crate::model::rotation::due::DueReason;
    use crate::model::testing::{author, day, empty_vault, path, replacement, with_secret};
    use crate::model::vault::Vault;

    fn vault() -> Vault {
        let mut vault = empty_vault();
        for (entry, secret) in [("acme/a", "one"), ("acme/b", "other")] {
            vault
                .add(&path(entry), with_secret(secret), &author(0))
                .unwrap();
        }
        vault
    }

    #[test]
    fn a_leaked_version_is_due_until_it_is_replaced() {
        let mut vault = vault();
        let a = vault
            .entry(&path("acme/a"))
            .unwrap()
            .current("secret")
            .unwrap()
            .id;
        assert_eq!(vault.record_leaked("list", &[a, a], &author(1)).unwrap(), 1);
        assert_eq!(vault.record_leaked("list", &[a], &author(2)).unwrap(), 0);
        assert_eq!(vault.breaches.all().unwrap().len(), 1);
        let due = vault.due(None, day(2)).unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(
            due[0].why,
            DueReason::Compromised(Compromise {
                since: day(1),
                cause: CompromiseCause::Listed
            })
        );
        let entry = vault.entry(&path("acme/a")).unwrap();
        let flags = vault.exposures(day(2)).unwrap().flags(entry, day(2));
        assert_eq!(flags, ["rotate"]);
        vault
            .rotate(&path("acme/a"), replacement("two"), &author(3))
            .unwrap();
        assert!(vault.due(None, day(3)).unwrap().is_empty());
        let mut back = replacement("one");
        back.again = true;
        vault.rotate(&path("acme/a"), back, &author(4)).unwrap();
        assert_eq!(
            vault.due(None, day(4)).unwrap().len(),
            1,
            "the bytes are known"
        );
    }

    #[test]
    fn what_leaked_is_known_in_another_entry_too() {
        let mut vault = vault();
        let a = path("acme/a");
        vault
            .add(&path("globex/same"), with_secret("one"), &author(0))
            .unwrap();
        let leaked = vault.entry(&a).unwrap().current("secret").unwrap().id;
        vault.record_leaked("list", &[leaked], &author(1)).unwrap();
        let due = |vault: &Vault| -> Vec<String> {
            let due = vault.due(None, day(9)).unwrap();
            due.into_iter().map(|it| it.path.to_string()).collect()
        };
        assert_eq!(
            due(&vault),
            ["acme/a", "globex/same"],
            "they have one secret"
        );
        for entry in ["acme/a", "globex/same"] {
            let new = replacement(&format!("new of {entry}"));
            vault.rotate(&path(entry), new, &author(2)).unwrap();
        }
        assert!(due(&vault).is_empty());
        vault
            .add(&path("globex/x"), with_secret("one"), &author(3))
            .unwrap();
        assert_eq!(due(&vault), ["globex/x"], "put there after it leaked");
        let x = vault.entry(&path("globex/x")).unwrap();
        let id = x.current("secret").unwrap().id;
        assert_eq!(
            vault.record_leaked("list", &[id], &author(4)).unwrap(),
            1,
            "it is found by itself as well"
        );
        let x = vault.entry(&path("globex/x")).unwrap();
        let causes = vault.compromises().unwrap().of(x, "secret");
        assert_eq!(causes.len(), 2, "each find once");
    }

    #[test]
    fn what_a_site_may_take_is_looked_up() {
        let mut vault = vault();
        vault.remove(&path("acme/a"), &author(0)).unwrap();
        vault
            .begin_rotation(&path("acme/b"), replacement("new"), &author(1))
            .unwrap();
        let used = vault.used_secrets().unwrap();
        let told: Vec<_> = used
            .iter()
            .map(|(path, it)| (path.as_str(), it.version.number))
            .collect();
        assert_eq!(told, [("acme/a", 1), ("acme/b", 1), ("acme/b", 2)]);
    }
}
