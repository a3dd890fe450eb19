//! Who can know what, and who allowed it: of a client, an entry, a contact or a host.

mod by_name;
mod by_other_entry;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

pub use self::by_name::KnowerNames;
pub use self::by_other_entry::KnowerByOther;
use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::contact::Contact;
use crate::model::records::entry::Entry;
use crate::model::records::received::Received;
use crate::model::records::share::{Share, ShareEnd, ShareState, SharedItem};
use crate::model::rotation::exposure::Exposure;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::domain::host;
use crate::model::text::name::EntryPath;
use crate::model::text::similar;
use crate::model::vault::Vault;

/// What is asked about.
#[derive(Clone, Debug)]
pub enum Subject<'a> {
    /// All that is a client's.
    Client(&'a Client),
    /// One entry.
    Entry(&'a Entry),
    /// All that can be known to whoever is or was called so: of several contacts of one name, those
    /// before the last were removed.
    Contact(Vec<&'a Contact>),
    /// All entries of a host, or of one below it.
    Host(String),
}

/// What there is to say about a subject.
#[derive(Debug)]
pub struct Knowledge<'a> {
    /// The entries, sorted by path.
    pub entries: Vec<KnownEntry<'a>>,
    /// The requests for a permission that were not answered.
    pub open_requests: Vec<&'a Consent>,
    /// The shares that are over, of which nobody has signed that they are deleted.
    pub undeleted: Vec<&'a Share>,
}

/// An entry with those who can know something of it.
#[derive(Debug)]
pub struct KnownEntry<'a> {
    /// Its path; of one that was removed for good, the start of its id.
    pub path: String,
    /// The entry, if it is in the vault.
    pub entry: Option<&'a Entry>,
    /// Who can know something of it, by share, the oldest first.
    pub knowers: Vec<Knower<'a>>,
    /// Who else was given what is in use of it, with another entry.
    pub by_other: Vec<KnowerByOther>,
    /// The share by which it was lent to this vault: whose it is knows it.
    pub lent: Option<&'a Received>,
}

/// Somebody who can know something of an entry, by one share.
#[derive(Clone, Debug)]
pub struct Knower<'a> {
    /// The share.
    pub line: LedgerLine<'a>,
    /// What went of the entry.
    pub item: &'a SharedItem,
    /// What became of that.
    pub state: ShareState,
    /// The first end of that, if it is over.
    pub end: Option<ShareEnd>,
    /// The secrets and files that they have or, after the end, that are still in use, each with
    /// the number of its version; a file has none.
    pub versions: Vec<(&'a str, Option<u32>)>,
}

impl Knowledge<'_> {
    /// The contacts who can know something, by what they were given or have lent.
    #[must_use]
    pub fn people(&self) -> BTreeSet<Uuid> {
        let knowers = self.entries.iter().flat_map(|entry| &entry.knowers);
        let knowers = knowers.map(|it| it.line.share.recipient.contact);
        let by_other = self.entries.iter().flat_map(|entry| &entry.by_other);
        knowers
            .chain(by_other.map(|it| it.contact))
            .chain(self.lent().filter_map(|it| it.contact))
            .collect()
    }

    /// How many people can know something: those, and others who have lent something.
    #[must_use]
    pub fn count_people(&self) -> usize {
        let strangers = self.lent().filter(|it| it.contact.is_none());
        let strangers: BTreeSet<&str> = strangers.map(|it| it.signer.as_str()).collect();
        self.people().len() + strangers.len()
    }

    fn lent(&self) -> impl Iterator<Item = &Received> {
        self.entries.iter().filter_map(|it| it.lent)
    }
}

impl KnownEntry<'_> {
    /// The client it belongs to; of one that was removed for good, whose permission it was shared by.
    #[must_use]
    pub fn owner(&self) -> Option<Uuid> {
        let by_permission = || Some(self.knowers.last()?.line.consent?.client);
        match self.entry {
            Some(entry) => entry.client.get().copied(),
            None => by_permission(),
        }
    }

    /// The same with what is known of it by a client's permission; where that is not on record, of
    /// what is theirs.
    #[must_use]
    pub fn permitted_by(&self, client: Uuid) -> Self {
        let owner = self.owner();
        let by = |it: &&Knower<'_>| it.line.consent.map(|it| it.client).or(owner) == Some(client);
        Self {
            path: self.path.clone(),
            knowers: self.knowers.iter().filter(by).cloned().collect(),
            by_other: self.by_other.clone(),
            ..*self
        }
    }

    /// As [`Self::permitted_by`], to be told to that client: what is another client's by now has the
    /// name that it was permitted under.
    #[must_use]
    pub fn told_to(&self, client: Uuid) -> Self {
        let mut known = self.permitted_by(client);
        if known.owner() != Some(client) {
            known.lent = None;
            let went_as = known.knowers.last().map(|it| it.item.path.clone());
            known.path = went_as.unwrap_or_default();
        }
        known
    }

    /// Its path and the entry, if it is in the vault.
    #[must_use]
    pub fn today(&self) -> Option<(&str, &Entry)> {
        Some((self.path.as_str(), self.entry?))
    }
}

impl Subject<'_> {
    /// Whether a share is asked about whatever it holds.
    fn has_share(&self, line: LedgerLine<'_>) -> bool {
        match self {
            Self::Client(client) => (line.consent).is_some_and(|it| it.client == client.id),
            Self::Contact(_) => self.admits(line.share),
            Self::Entry(_) | Self::Host(_) => false,
        }
    }

    /// Whether what somebody knows is asked about, whatever became of the entry: its share is, or
    /// it was for the host on the day when it went.
    fn has_knower(&self, knower: &Knower<'_>) -> bool {
        match self {
            Self::Host(wanted) => knower.host_then(wanted).is_some(),
            _ => self.has_share(knower.line),
        }
    }

    /// Whether a share is not another contact's.
    fn admits(&self, share: &Share) -> bool {
        !matches!(self, Self::Contact(called)
            if called.iter().all(|contact| contact.id != share.recipient.contact))
    }
}

impl Vault {
    /// What a word names: an entry by its path, else a client, else a contact, else a host.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with the nearest name as a hint;
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn named_subject(&self, word: &str, now: Timestamp) -> Result<Subject<'_>> {
        let mut missing = None;
        if let Ok(path) = word.parse::<EntryPath>() {
            match self.entry(&path) {
                Ok(entry) => return Ok(Subject::Entry(entry)),
                Err(why) => missing = Some(why),
            }
        }
        if let Some(client) = self.client(word) {
            return Ok(Subject::Client(client));
        }
        if let Ok(name) = word.parse()
            && let Ok(called) = self.contacts_ever(&name)
        {
            return Ok(Subject::Contact(called));
        }
        match (self.subject_host(word, now), missing) {
            (Ok(found), _) => Ok(found),
            (Err(_), Some(no_entry)) => Err(no_entry),
            (Err(_), None) => {
                let contacts = self.live_contacts()?;
                let names = (self.live_clients().map(Client::slug))
                    .chain(contacts.iter().map(|contact| contact.name()));
                let near = similar::did_you_mean(word, names);
                let hint = near.unwrap_or_else(|| {
                    "vault client list and vault contact list show who there is".into()
                });
                Err(
                    Error::not_found(format!("no client, contact or host is called {word}"))
                        .hint(hint),
                )
            }
        }
    }

    /// A host that entries are for.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn subject_host(&self, word: &str, now: Timestamp) -> Result<Subject<'_>> {
        let wanted = host(word).unwrap_or_else(|| word.to_lowercase());
        for entry in self.entries.all()? {
            if self.is_at(entry, &wanted, now)? {
                return Ok(Subject::Host(wanted));
            }
        }
        let subject = Subject::Host(wanted);
        if !self.knowledge(&subject, now)?.entries.is_empty() {
            return Ok(subject);
        }
        Err(Error::not_found(format!("no entry is for the host {word}"))
            .hint("vault list --long shows what there is"))
    }

    /// Whether one logs in with an entry at a host or at one below it.
    pub(crate) fn is_at(&self, entry: &Entry, wanted: &str, now: Timestamp) -> Result<bool> {
        let entry = self.as_visible(entry, now)?;
        Ok(entry.urls().iter().any(|url| is_url_at(url, wanted)))
    }

    /// Who can know what of a subject at `now`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn knowledge(&self, subject: &Subject<'_>, now: Timestamp) -> Result<Knowledge<'_>> {
        let exposures = self.exposures(now)?;
        let ledger = self.ledger(now)?;
        let shares = ledger.iter().filter(|line| subject.admits(line.share));
        let mut by_other = self.knowers_by_other(shares)?;
        let mut given: HashMap<Uuid, Vec<Knower<'_>>> = HashMap::new();
        for line in &ledger {
            let items = line.share.items.iter();
            for item in items.filter(|_| subject.admits(line.share)) {
                let knowers = given.entry(item.entry).or_default();
                knowers.push(Knower::of(*line, item));
            }
        }
        let mut entries = Vec::new();
        for (path, entry) in self.entries_by_path(|_| true)? {
            let exposed = exposures.of(entry);
            let mut knowers = given.remove(&entry.id).unwrap_or_default();
            knowers.retain_mut(|knower| knower.still_knows(Some(entry), &exposed));
            let mut by_other = by_other.remove(&entry.id).unwrap_or_default();
            by_other.retain_mut(|it| it.is_left_beside(&knowers, entry));
            let lent = self.held_under(entry)?.filter(|_| !entry.is_removed());
            let named = match subject {
                Subject::Client(client) => entry.client.get() == Some(&client.id),
                Subject::Entry(meant) => meant.id == entry.id,
                Subject::Contact(called) => {
                    let lender = lent.and_then(|it| it.contact);
                    called.iter().any(|contact| Some(contact.id) == lender) || !by_other.is_empty()
                }
                Subject::Host(wanted) => self.is_at(entry, wanted, now)?,
            };
            let matters = !entry.is_removed() || !knowers.is_empty() || !by_other.is_empty();
            if (named && matters) || knowers.iter().any(|it| subject.has_knower(it)) {
                let entry = Some(entry);
                entries.push(KnownEntry {
                    path,
                    entry,
                    knowers,
                    by_other,
                    lent,
                });
            }
        }
        // What is left belongs to entries that were removed for good.
        for (entry, mut knowers) in given {
            let exposed = exposures.of_removed(entry);
            knowers.retain_mut(|it| {
                subject.has_knower(it) && !it.is_deleted() && it.still_knows(None, &exposed)
            });
            if let Some(last) = knowers.last() {
                entries.push(KnownEntry {
                    path: last.item.path.clone(),
                    entry: None,
                    knowers,
                    by_other: Vec::new(),
                    lent: None,
                });
            }
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Knowledge {
            open_requests: self.open_requests(subject, &entries, now)?,
            undeleted: undeleted(subject, &entries, &ledger),
            entries,
        })
    }

    fn open_requests(
        &self,
        subject: &Subject<'_>,
        entries: &[KnownEntry<'_>],
        now: Timestamp,
    ) -> Result<Vec<&Consent>> {
        let covers = |consent: &Consent| {
            let mut live = entries.iter().filter_map(|it| Some((&it.path, it.entry?)));
            live.any(|(path, entry)| consent.covers(entry, path))
        };
        let mut open = Vec::new();
        for consent in self.all_consents()? {
            let meant = match subject {
                Subject::Client(client) => consent.client == client.id,
                Subject::Contact(called) => called.iter().any(|contact| consent.is_for(contact.id)),
                Subject::Entry(_) | Subject::Host(_) => covers(consent),
            };
            if meant && self.consent_state(consent, now)? == ConsentState::Requested {
                open.push(consent);
            }
        }
        Ok(open)
    }
}

impl<'a> Knower<'a> {
    fn of(line: LedgerLine<'a>, item: &'a SharedItem) -> Self {
        let versions = item.versions.keys().map(|slot| (slot.as_str(), None));
        let end = line.end_of(item);
        let alone = end.filter(|_| line.state.is_live());
        Self {
            line,
            item,
            state: alone.map_or(line.state, |end| end.state),
            end,
            versions: versions.collect(),
        }
    }

    /// The host that is `wanted`, or one below it, if it was for that on the day when it went.
    #[must_use]
    pub fn host_then(&self, wanted: &str) -> Option<&'a str> {
        let mut hosts = self.item.hosts.iter();
        hosts.find(|it| is_below(it, wanted)).map(String::as_str)
    }

    /// Whether it was signed that what they had is deleted, and it was not lost before.
    fn is_deleted(&self) -> bool {
        self.line.share.deletion_of(self.item.entry).is_some() && self.line.lost().is_none()
    }

    /// Keeps the versions that matter, with their numbers: after the end, those that are
    /// `exposed`. Whether anything is left.
    fn still_knows(&mut self, entry: Option<&Entry>, exposed: &[(&str, Exposure)]) -> bool {
        let (share, live) = (self.line.share.id, self.state.is_live());
        (self.versions).retain(|(slot, _)| {
            live || exposed
                .iter()
                .any(|(it, how)| it == slot && how.share == share)
        });
        for (slot, number) in &mut self.versions {
            let id = self.item.versions.get(*slot);
            let mut history = entry.into_iter().flat_map(|it| it.history(slot));
            let found = history.find(|it| Some(&it.id) == id);
            *number = found.map(|version| version.number);
        }
        live || !self.versions.is_empty() || self.line.login_left().is_some()
    }
}

/// Whether an address is of a host, or of one below it.
#[must_use]
pub fn is_url_at(url: &str, wanted: &str) -> bool {
    host(url).is_some_and(|host| is_below(&host, wanted))
}

fn is_below(host: &str, wanted: &str) -> bool {
    let above = host.strip_suffix(wanted);
    above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The shares that are over, for some entries at least, and went out, of which nobody has signed
/// that that is deleted.
fn undeleted<'a>(
    subject: &Subject<'_>,
    entries: &[KnownEntry<'_>],
    ledger: &[LedgerLine<'a>],
) -> Vec<&'a Share> {
    let ids: BTreeSet<Uuid> = (entries.iter())
        .filter_map(|it| Some(it.entry?.id))
        .collect();
    let meant = |line: &&LedgerLine<'_>| {
        let mut left = line.undeleted_items();
        let meant = |item: &SharedItem| ids.contains(&item.entry) || subject.has_share(**line);
        subject.admits(line.share) && left.any(|(item, _)| meant(item))
    };
    ledger.iter().filter(meant).map(|line| line.share).collect()
}

#[cfg(test)]
mod tests;
