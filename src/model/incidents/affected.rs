//! What an incident reaches: the entries of a host, a client or a contact, and all that have the
//! same secret, over all clients.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Kind, Result};
use crate::model::entry::field::TOTP;
use crate::model::records::entry::Entry;
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::records::record_id::RecordId;
use crate::model::rotation::exposure::is_in_use;
use crate::model::sharing::who::Subject;
use crate::model::text::name::{ClientSlug, ContactName, EntryPath};
use crate::model::vault::Vault;

/// What an incident began with.
#[derive(Clone, Debug)]
pub enum IncidentStart {
    /// Somebody broke into a host, or into one below it.
    Host(String),
    /// A credential became known.
    Entry(EntryPath),
    /// A contact or a device of theirs cannot be trusted any more.
    Contact(ContactName),
    /// A mailbox or an account under this address was in a breach.
    Email(String),
    /// All that is a client's.
    Client(ClientSlug),
}

impl IncidentStart {
    /// As it is kept: `host acme.example`.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Host(host) => format!("host {host}"),
            Self::Entry(path) => format!("entry {path}"),
            Self::Contact(name) => format!("contact {name}"),
            Self::Email(address) => format!("address {address}"),
            Self::Client(slug) => format!("client {slug}"),
        }
    }
}

impl Vault {
    /// The entries that an incident reaches, those in the trash too, sorted by path. Those that
    /// have the same secret as one of them come in beside.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an entry, a client or a contact that is not there;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn affected(&self, starts: &[IncidentStart], now: Timestamp) -> Result<Vec<AffectedEntry>> {
        let mut reached: HashSet<Uuid> = HashSet::new();
        for start in starts {
            reached.extend(self.reached_by(start, now)?);
        }
        let all = self.entries_by_path(|_| true)?;
        let known: HashSet<&str> = all
            .iter()
            .filter(|(_, entry)| reached.contains(&entry.id))
            .flat_map(|(_, entry)| secrets(entry))
            .map(|(_, secret, _)| secret)
            .collect();
        let mut affected = Vec::new();
        for (path, entry) in &all {
            let is_reached = reached.contains(&entry.id);
            let versions: BTreeMap<String, Uuid> = secrets(entry)
                .filter(|(_, secret, _)| is_reached || known.contains(secret))
                .map(|(slot, _, version)| (slot.to_owned(), version))
                .collect();
            let Some(client) = entry.client.get().copied() else {
                continue;
            };
            if !is_reached && versions.is_empty() {
                continue;
            }
            let mut item = AffectedEntry::with(entry.id, client, path.clone(), !is_reached);
            item.urls = entry.urls().to_vec();
            item.username = entry.username.value().cloned();
            item.versions = versions;
            affected.push(item);
        }
        Ok(affected)
    }

    fn reached_by(&self, start: &IncidentStart, now: Timestamp) -> Result<BTreeSet<Uuid>> {
        let subject = match start {
            IncidentStart::Entry(path) => Subject::Entry(self.entry(path)?),
            IncidentStart::Client(slug) => Subject::Client(self.known_client(slug)?),
            IncidentStart::Contact(name) => Subject::Contact(self.contacts_ever(name)?),
            IncidentStart::Host(host) => match self.subject_host(host, now) {
                Ok(subject) => subject,
                Err(why) if why.kind() == Kind::NotFound => {
                    return Ok(BTreeSet::new());
                }
                Err(why) => return Err(why),
            },
            IncidentStart::Email(address) => return self.with_address(address),
        };
        let knowledge = self.knowledge(&subject, now)?;
        let entries = knowledge.entries.iter().filter_map(|it| it.entry);
        Ok(entries.map(|entry| entry.id).collect())
    }

    /// The entries that one logs in to with a mail address.
    fn with_address(&self, address: &str) -> Result<BTreeSet<Uuid>> {
        let is_it = |name: &String| name.eq_ignore_ascii_case(address);
        let all = self.entries.all()?.into_iter();
        let of_it = all.filter(|entry| entry.username.value().is_some_and(is_it));
        Ok(of_it.map(|entry| entry.id).collect())
    }

    /// An incident by the start of its number.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Usage`] when several start so.
    pub fn incident(&self, start: &RecordId) -> Result<&Incident> {
        let id = start.find(self.incidents.ids()?, "incident", "vault incident list")?;
        self.incidents.by_id(id)
    }

    /// The entries that an incident reaches whose secret was not changed since, by path.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn unchanged_since(&self, incident: &Incident) -> Result<Vec<(String, &Entry)>> {
        let affected = incident.affected.iter();
        let affected: HashMap<Uuid, &AffectedEntry> = affected.map(|it| (it.entry, it)).collect();
        let mut all = self.entries_by_path(|entry| affected.contains_key(&entry.id))?;
        all.retain(|(_, entry)| {
            let reached = affected.get(&entry.id).into_iter();
            let mut versions = reached.flat_map(|it| &it.versions);
            versions.any(|(slot, version)| is_in_use(entry, slot, *version))
        });
        Ok(all)
    }
}

/// The secrets of an entry that are in use, with their names and versions; seeds are no password
/// that two sites could have in common, and are changed with the second factor.
fn secrets(entry: &Entry) -> impl Iterator<Item = (&str, &str, Uuid)> {
    let all = entry.secrets().filter(|(slot, _)| *slot != TOTP);
    let all = all.map(|(slot, version)| (slot, version.secret().expose(), version.id));
    all.filter(|(_, secret, _)| !secret.is_empty())
}

/// Refuses to begin with nothing.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_any(starts: &[IncidentStart]) -> Result<()> {
    if starts.is_empty() {
        return Err(Error::usage(
            "an incident begins with a host, an entry, a contact, an address or a client",
        )
        .hint("vault incident open TEXT --host HOST, --entry, --contact, --email or --client"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::IncidentStart;
    use crate::error::Kind;
    use crate::model::consent::permit::world::World;
    use crate::model::testing::{day, path};

    fn paths(world: &World, starts: &[IncidentStart]) -> Vec<(String, bool)> {
        let all = world.vault.affected(starts, day(2)).unwrap();
        all.into_iter()
            .map(|it| (it.path, it.by_same_secret))
            .collect()
    }

    #[test]
    fn a_host_reaches_its_entries_and_a_secret_all_that_have_it() {
        let world = World::new();
        let host = IncidentStart::Host("acme.example".into());
        assert_eq!(paths(&world, &[host]), [("acme/wp".to_owned(), false)]);
        let db = IncidentStart::Entry(path("acme/db"));
        let both = [
            ("acme/db".to_owned(), false),
            ("globex/mail".to_owned(), true),
        ];
        assert_eq!(paths(&world, &[db]), both);
        let nobody = IncidentStart::Host("nobody.example".into());
        assert!(paths(&world, &[nobody]).is_empty());
        let nobody = IncidentStart::Client("nobody".parse().unwrap());
        let refused = world.vault.affected(&[nobody], day(2)).unwrap_err();
        assert_eq!(refused.kind(), Kind::NotFound);
    }

    #[test]
    fn a_contact_reaches_what_they_can_know() {
        let mut world = World::new();
        let bob = || [IncidentStart::Contact("bob".parse().unwrap())];
        assert!(paths(&world, &bob()).is_empty());
        world.consent("acme");
        world.share(&world.ask(&["acme/wp"], &[]), 1);
        assert_eq!(paths(&world, &bob()), [("acme/wp".to_owned(), false)]);
    }

    #[test]
    fn an_address_reaches_what_one_logs_in_to_with_it() {
        let world = World::new();
        let admin = IncidentStart::Email("ADMIN".into());
        assert_eq!(paths(&world, &[admin]), [("acme/wp".to_owned(), false)]);
    }
}
