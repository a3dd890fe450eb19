//! What an incident reaches: the entries of a host, a client or a contact, and all that have the
//! same secret, over all clients.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::entry::field::{TOTP, attachment_field};
use crate::model::records::client::Client;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::ShareState;
use crate::model::rotation::in_use::{is_in_use, slots_in_use};
use crate::model::text::domain::host;
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

/// What of an entry may be known.
enum KnownPart {
    /// All that was in use.
    All,
    /// These versions and files, where they were in use.
    Only(BTreeSet<Uuid>),
}

/// What became of what an incident reaches of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AffectedState<'a> {
    /// These of its secrets and files are in use as they were.
    InUse(Vec<&'a str>),
    /// All of it was changed.
    Changed,
    /// The entry was removed for good. Nobody can tell any more whether it was changed before.
    Removed,
    /// It had no secret.
    NoSecret,
}

/// What an incident reaches, by its id: entries, and clients whatever is reached of theirs.
#[derive(Default)]
struct Reached {
    entries: HashMap<Uuid, KnownPart>,
    clients: BTreeSet<Uuid>,
    contacts: BTreeSet<Uuid>,
}

impl Reached {
    fn all_of(&mut self, entry: &Entry) {
        self.entries.insert(entry.id, KnownPart::All);
    }

    fn versions_of(&mut self, entry: Uuid, versions: impl Iterator<Item = Uuid>) {
        let part = self.entries.entry(entry);
        if let KnownPart::Only(known) = part.or_insert(KnownPart::Only(BTreeSet::new())) {
            known.extend(versions);
        }
    }
}

/// What an incident concerns, as it was found.
#[derive(Clone, Debug, Default)]
pub struct IncidentReach {
    /// The entries, those in the trash too, sorted by path.
    pub affected: Vec<AffectedEntry>,
    /// Clients whom it concerns whatever is reached of theirs.
    pub concerned: BTreeSet<Uuid>,
    /// The contacts with whom it began: of several of one name, those before the last were removed.
    pub contacts: BTreeSet<Uuid>,
}

impl Vault {
    /// What an incident reaches that is known since `aware`: what was in use then, changed since or
    /// not. What has the same bytes as something that became known comes in beside, over all clients.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an entry, a client or a contact that is not there;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn affected(
        &self,
        starts: &[IncidentStart],
        aware: Timestamp,
        now: Timestamp,
    ) -> Result<IncidentReach> {
        let all = self.entries_by_path(|_| true)?;
        let mut reached = Reached::default();
        for start in starts {
            self.reach(start, &all, &mut reached, now)?;
        }
        let mut known: HashSet<&str> = HashSet::new();
        let purged = self.bytes_of_purged()?;
        for part in reached.entries.values() {
            if let KnownPart::Only(versions) = part {
                known.extend(versions.iter().filter_map(|it| purged.get(it)));
            }
        }
        for (_, entry) in &all {
            match reached.entries.get(&entry.id) {
                Some(KnownPart::All) => {
                    known.extend(bytes(entry, aware).map(|(_, bytes, _)| bytes));
                }
                // An old version may be in use elsewhere.
                Some(KnownPart::Only(versions)) => known.extend(old_bytes(entry, versions)),
                None => {}
            }
        }
        let mut affected = Vec::new();
        for (path, entry) in &all {
            let part = reached.entries.get(&entry.id);
            let own = part.map(|part| part.used(entry, aware)).unwrap_or_default();
            let is_all = matches!(part, Some(KnownPart::All));
            let is_reached = is_all || !own.is_empty();
            let same = bytes(entry, aware).chain(bytes(entry, now));
            let same = same.filter(|(_, bytes, _)| known.contains(bytes));
            let same = same.map(|(slot, _, version)| (slot, version));
            let versions: BTreeMap<String, Uuid> = same.chain(own).collect();
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
        Ok(IncidentReach {
            affected,
            concerned: reached.clients,
            contacts: reached.contacts,
        })
    }

    fn reach(
        &self,
        start: &IncidentStart,
        all: &[(String, &Entry)],
        reached: &mut Reached,
        now: Timestamp,
    ) -> Result<()> {
        match start {
            IncidentStart::Entry(path) => {
                let called = path.to_string();
                // One in the trash works at the site as before.
                match all.iter().find(|(path, _)| *path == called) {
                    Some((_, entry)) => reached.all_of(entry),
                    None => reached.all_of(self.entry(path)?),
                }
            }
            IncidentStart::Client(slug) => {
                let client = self.known_client(slug)?.id;
                reached.clients.insert(client);
                let theirs = all
                    .iter()
                    .filter(|(_, it)| it.client.get() == Some(&client));
                theirs.for_each(|(_, entry)| reached.all_of(entry));
            }
            IncidentStart::Contact(name) => {
                let called: Vec<Uuid> = self.contacts_ever(name)?.iter().map(|it| it.id).collect();
                self.reach_of_contact(&called, all, reached, now)?;
                reached.contacts.extend(called);
            }
            IncidentStart::Host(word) => {
                let wanted = host(word).unwrap_or_else(|| word.to_lowercase());
                for (_, entry) in all {
                    if self.is_at(entry, &wanted, now)? {
                        reached.all_of(entry);
                    }
                }
            }
            IncidentStart::Email(address) => {
                let is_it = |name: &String| name.eq_ignore_ascii_case(address);
                let of_it = |entry: &Entry| entry.username.value().is_some_and(is_it);
                let entries = all.iter().filter(|(_, entry)| of_it(entry));
                entries.for_each(|(_, entry)| reached.all_of(entry));
                let clients = self.live_clients().filter(|it| it.has_address(address));
                reached.clients.extend(clients.map(|client| client.id));
            }
        }
        Ok(())
    }

    /// What a contact was given, however that ended, and what they have lent.
    fn reach_of_contact(
        &self,
        called: &[Uuid],
        all: &[(String, &Entry)],
        reached: &mut Reached,
        now: Timestamp,
    ) -> Result<()> {
        let ledger = self.ledger(now)?.into_iter();
        let sent = ledger.filter(|line| line.state != ShareState::Unsent);
        for line in sent.filter(|line| called.contains(&line.share.recipient.contact)) {
            for item in &line.share.items {
                reached.versions_of(item.entry, item.versions.values().copied());
            }
        }
        for (_, entry) in all {
            let lender = self.held_under(entry)?.and_then(|it| it.contact);
            if lender.is_some_and(|it| called.contains(&it)) {
                reached.all_of(entry);
            }
        }
        Ok(())
    }

    /// An incident by the start of its number.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Usage`] when several start so.
    pub fn incident(&self, start: &RecordId) -> Result<&Incident> {
        let id = start.find(self.incidents.ids()?, "incident", "vault incident list")?;
        self.incidents.by_id(id)
    }

    /// What became of what an incident reaches of an entry.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn affected_state<'a>(&'a self, item: &'a AffectedEntry) -> Result<AffectedState<'a>> {
        let Some(entry) = self.entries.find(item.entry)? else {
            return Ok(if self.were_changed_before_purge(&item.versions) {
                AffectedState::Changed
            } else {
                AffectedState::Removed
            });
        };
        if item.versions.is_empty() {
            return Ok(AffectedState::NoSecret);
        }
        let versions = item.versions.iter();
        let in_use = versions.filter(|(slot, version)| is_in_use(entry, slot, **version));
        let in_use: Vec<&str> = in_use.map(|(slot, _)| slot.as_str()).collect();
        Ok(if in_use.is_empty() {
            AffectedState::Changed
        } else {
            AffectedState::InUse(in_use)
        })
    }

    /// Refuses a client whom an open incident concerns: they are to be told.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`]; [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn check_not_concerned(&self, id: Uuid) -> Result<()> {
        for incident in self.incidents.all()? {
            if !incident.is_closed() && incident.clients().contains(&id) {
                let number = number(incident.id);
                return Err(Error::refused(format!(
                    "incident {number} concerns the client and is open"
                ))
                .hint(format!("what is left to do: vault incident show {number}")));
            }
        }
        Ok(())
    }

    /// The clients whom an incident concerns and whom nobody told of it, or not of what was found of
    /// theirs last; who is no client any more cannot be told.
    #[must_use]
    pub fn untold(&self, incident: &Incident) -> Vec<&Client> {
        let concerned = incident.clients();
        let clients = self.live_clients().filter(|it| concerned.contains(&it.id));
        let is_untold =
            |id| incident.first_told(id).is_none() || incident.untold_find(id).is_some();
        clients.filter(|it| is_untold(it.id)).collect()
    }
}

impl KnownPart {
    /// What of it was in use at a time: the names of secrets and files, with their versions.
    fn used(&self, entry: &Entry, at: Timestamp) -> Vec<(String, Uuid)> {
        let seed = used_at(entry, TOTP, at).map(|it| (TOTP.to_owned(), it.id));
        let then = bytes(entry, at).map(|(slot, _, version)| (slot, version));
        let then = then.chain(seed);
        match self {
            Self::All => then.collect(),
            Self::Only(known) => {
                let was = then.filter(|(_, version)| known.contains(version));
                // Bytes that came back are known as before.
                let is = slots_in_use(entry).filter_map(|slot| {
                    let mut known = known.iter();
                    let version = known.find(|it| is_in_use(entry, &slot, **it))?;
                    Some((slot, *version))
                });
                was.chain(is).collect()
            }
        }
    }
}

/// The version of a secret that was in use at a time; where there was none yet, the one that is.
fn used_at<'a>(entry: &'a Entry, slot: &str, at: Timestamp) -> Option<&'a Version> {
    let current = entry.current(slot)?;
    let pending = entry.pending().map(|it| it.id);
    let was_used = |it: &&Version| {
        let is_settled = it.aborted.value().is_none() && Some(it.id) != pending;
        is_settled && it.in_use_since() <= at
    };
    let used = entry.history(slot).filter(was_used);
    used.max_by_key(|it| it.in_use_since()).or(Some(current))
}

/// What of an entry was in use at a time and could be in use elsewhere too: secrets by their bytes,
/// files by their hash, each with its name and version. A seed belongs to one account.
fn bytes(entry: &Entry, at: Timestamp) -> impl Iterator<Item = (String, &str, Uuid)> {
    let slots = entry.secrets().map(|(slot, _)| slot);
    let secrets = slots.filter(|slot| *slot != TOTP).filter_map(move |slot| {
        let used = used_at(entry, slot, at)?;
        Some((slot.to_owned(), used.secret().expose(), used.id))
    });
    let files = entry.attached();
    let files = files.map(|file| (attachment_field(&file.name), file.sha256.as_str(), file.id));
    secrets
        .filter(|(_, secret, _)| !secret.is_empty())
        .chain(files)
}

/// The same of versions and files that are known, in use or not.
pub(super) fn old_bytes<'a>(
    entry: &'a Entry,
    known: &BTreeSet<Uuid>,
) -> impl Iterator<Item = &'a str> {
    let versions = entry.versions.iter().filter(|it| it.slot() != TOTP);
    let versions = versions.map(|it| (it.id, it.secret().expose()));
    let files = entry.attachments.iter();
    let files = files.map(|it| (it.id, it.sha256.as_str()));
    let all = versions.chain(files).filter(|(_, bytes)| !bytes.is_empty());
    all.filter(|(id, _)| known.contains(id))
        .map(|(_, bytes)| bytes)
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
mod tests;
