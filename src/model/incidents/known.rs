//! Who else can know what an incident reaches.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::affected::old_bytes;
use crate::error::Result;
use crate::model::records::entry::Entry;
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::records::share::{ShareState, SharedItem};
use crate::model::sharing::who::KnowerNames;
use crate::model::vault::Vault;

/// What somebody was given of an entry.
struct GivenBytes<'a> {
    contact: Uuid,
    item: &'a SharedItem,
    /// The secrets, and the hashes of the files.
    bytes: HashSet<&'a str>,
}

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
    /// it, or the same bytes by another one, changed since or not.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn known_of_affected(
        &self,
        affected: &[AffectedEntry],
        now: Timestamp,
    ) -> Result<HashMap<Uuid, KnowerNames>> {
        let (went, lent) = (self.went(now)?, self.lent_bytes()?);
        let entries = affected.iter().map(|item| self.entries.find(item.entry));
        let entries: Vec<Option<&Entry>> = entries.collect::<Result<_>>()?;
        let here: Vec<&Entry> = entries.iter().flatten().copied().collect();
        let today = self.known_of_each(&here, now)?;
        let mut known: HashMap<Uuid, KnowerNames> = HashMap::new();
        for (item, entry) in affected.iter().zip(entries) {
            let mut names = today.get(&item.entry).cloned().unwrap_or_default();
            let mut more = KnowerNames::default();
            let mut add = |contact: Uuid, is_given: bool| -> Result<()> {
                let names = if is_given {
                    &mut more.given
                } else {
                    &mut more.by_other
                };
                names.insert(self.contact_name(contact)?);
                Ok(())
            };
            let versions: BTreeSet<Uuid> = item.versions.values().copied().collect();
            let bytes = entry.map(|entry| old_bytes(entry, &versions).collect());
            let bytes: HashSet<&str> = bytes.unwrap_or_default();
            for given in &went {
                let mut of_it = given.item.versions.values();
                // Of what was removed for good, the shares are on record.
                let is_it = given.item.entry == item.entry
                    && (entry.is_none() || of_it.any(|it| versions.contains(it)));
                if is_it || !bytes.is_disjoint(&given.bytes) {
                    add(given.contact, given.item.entry == item.entry)?;
                }
            }
            for (contact, of, lent) in &lent {
                if !bytes.is_disjoint(lent) {
                    add(*contact, *of == item.entry)?;
                }
            }
            names.extend(&more);
            if !names.is_empty() {
                known.entry(item.entry).or_default().extend(&names);
            }
        }
        Ok(known)
    }

    /// All that went out, by share and entry.
    fn went(&self, now: Timestamp) -> Result<Vec<GivenBytes<'_>>> {
        let mut all = Vec::new();
        let purged = self.bytes_of_purged()?;
        let sent = self.ledger(now)?.into_iter();
        for line in sent.filter(|line| line.state != ShareState::Unsent) {
            for item in &line.share.items {
                let versions: BTreeSet<Uuid> = item.versions.values().copied().collect();
                let entry = self.entries.find(item.entry)?;
                let here = entry.into_iter().flat_map(|it| old_bytes(it, &versions));
                let gone = versions.iter().filter_map(|it| purged.get(it).copied());
                all.push(GivenBytes {
                    contact: line.share.recipient.contact,
                    item,
                    bytes: here.chain(gone).collect(),
                });
            }
        }
        Ok(all)
    }

    /// What was lent to this vault is known to whose it is: who that is, the entry and its bytes.
    fn lent_bytes(&self) -> Result<Vec<(Uuid, Uuid, HashSet<&str>)>> {
        let mut all = Vec::new();
        for entry in self.entries.all()? {
            if let Some(contact) = self.held_under(entry)?.and_then(|it| it.contact) {
                let versions = entry.versions.iter().map(|it| it.id);
                let versions: BTreeSet<Uuid> = versions.collect();
                let bytes = old_bytes(entry, &versions).collect();
                all.push((contact, entry.id, bytes));
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::consent::permit::world::World;
    use crate::model::incidents::affected::IncidentStart;
    use crate::model::testing::{author, day, path, replacement};

    /// Who knows each entry that an incident from acme/db reaches, on day 4.
    fn known(world: &World) -> Vec<(String, Vec<String>)> {
        let starts = [IncidentStart::Entry(path("acme/db"))];
        let affected = world.vault.affected(&starts, day(1), day(1)).unwrap();
        let affected = affected.affected;
        let known = world.vault.known_of_affected(&affected, day(4)).unwrap();
        let names = affected.into_iter().map(|it| {
            let names = known.get(&it.entry).cloned().unwrap_or_default();
            (it.path, names.all())
        });
        names.collect()
    }

    fn told(of_db: &[&str], of_mail: &[&str]) -> Vec<(String, Vec<String>)> {
        [("acme/db", of_db), ("globex/mail", of_mail)]
            .map(|(path, names)| {
                let names = names.iter().map(|name| (*name).to_owned());
                (path.to_owned(), names.collect())
            })
            .into()
    }

    #[test]
    fn who_had_the_same_secret_knows_both_after_both_were_changed_too() {
        let mut world = World::new();
        world.consent("acme");
        world.share(&world.ask(&["acme/db"], &["secret"]), 1);
        assert_eq!(known(&world), told(&["bob"], &["bob"]));
        let starts = [IncidentStart::Entry(path("acme/db"))];
        let affected = world.vault.affected(&starts, day(1), day(1)).unwrap();
        let of = world
            .vault
            .known_of_affected(&affected.affected, day(4))
            .unwrap();
        let is_given = |at: &str| {
            let entry = world.vault.entry(&path(at)).unwrap();
            let names = &of[&entry.id];
            (names.given.contains("bob"), names.by_other.contains("bob"))
        };
        assert_eq!(is_given("acme/db"), (true, false));
        assert_eq!(is_given("globex/mail"), (false, true));
        for entry in ["acme/db", "globex/mail"] {
            let new = replacement(entry);
            world.vault.rotate(&path(entry), new, &author(2)).unwrap();
        }
        assert_eq!(known(&world), told(&["bob"], &["bob"]));
    }

    #[test]
    fn who_was_given_the_new_secret_of_one_knows_nothing_of_another_that_had_its_old_one() {
        let mut world = World::new();
        world.consent("acme");
        let new = replacement("new");
        world
            .vault
            .rotate(&path("acme/db"), new, &author(2))
            .unwrap();
        world.share(&world.ask(&["acme/db"], &["secret"]), 3);
        assert_eq!(known(&world), told(&["bob"], &[]));
    }
}
