//! What goes for good: entries with all their versions and files, in the trash or not. Only ids
//! remain of them, and what was permitted, shared and signed keeps the names of its day.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::trash::CERTIFICATE;
use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::record_id::number;
use crate::model::records::stamping::Author;
use crate::model::text::name::ClientSlug;
use crate::model::text::selector::{EntryFolder, Selector};
use crate::model::vault::Vault;

/// How what goes for good is named: an entry, a folder, all of a client, or a pattern. What is in
/// the trash counts by the path that it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgeName(Selector);

impl PurgeName {
    /// Whose it is.
    #[must_use]
    pub fn client(&self) -> &ClientSlug {
        self.0.client()
    }

    /// Whether it is all that a client has.
    #[must_use]
    pub fn is_whole_client(&self) -> bool {
        matches!(&self.0, Selector::Folder(folder) if folder.is_whole_client())
    }
}

impl FromStr for PurgeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(['/', '*']) {
            return text.parse().map(Self);
        }
        let client = text.parse()?;
        Ok(Self(Selector::Folder(EntryFolder::of(client))))
    }
}

impl fmt::Display for PurgeName {
    /// All of a client by its name alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole_client() {
            return self.client().fmt(f);
        }
        self.0.fmt(f)
    }
}

/// An entry that is to go for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purgeable {
    /// Its id.
    pub id: Uuid,
    /// Its path, or the one that it had.
    pub path: String,
    /// Whether it is in the trash.
    pub is_in_trash: bool,
    /// How many versions its secrets have.
    pub versions: usize,
    /// How many files it has, and had.
    pub files: usize,
}

/// One time that something of a client was removed for good, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPurge {
    /// When.
    pub time: Timestamp,
    /// What, by its ids.
    pub entries: Vec<Uuid>,
    /// The certificate that was written of it, if one was.
    pub certificate: Option<Uuid>,
}

impl Vault {
    /// What the names mean, each once, by path.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for a client that is not there, and for an entry, a folder or
    /// a pattern that means nothing; [`crate::error::Kind::Integrity`] for a malformed record, as
    /// with all that follow.
    pub fn purgeable(&self, names: &[PurgeName]) -> Result<Vec<Purgeable>> {
        let all = self.entries_by_path(|it| !it.is_husk())?;
        let mut meant = HashSet::new();
        for name in names {
            self.known_client(name.client())?;
            let found = all.iter().filter(|(path, _)| name.0.has(path));
            let found: Vec<Uuid> = found.map(|(_, entry)| entry.id).collect();
            if found.is_empty() && !name.is_whole_client() {
                return Err(self.nothing_to_purge(name));
            }
            meant.extend(found);
        }
        let all = all.into_iter().filter(|(_, it)| meant.contains(&it.id));
        Ok(all
            .map(|(path, entry)| Purgeable {
                id: entry.id,
                path,
                is_in_trash: entry.is_removed(),
                versions: entry.versions.len(),
                files: entry.attachments.len(),
            })
            .collect())
    }

    fn nothing_to_purge(&self, name: &PurgeName) -> Error {
        if let Selector::Entry(path) = &name.0
            && let Err(missing) = self.entry(path)
        {
            return missing.or_hint("vault trash list shows what else there is");
        }
        Error::not_found(format!("nothing is called {name}, in the trash or not")).hint(format!(
            "vault list {:#} and vault trash list show what there is",
            name.client()
        ))
    }

    /// Refuses to let entries go that somebody has by a share that is not over.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`].
    pub fn check_no_live_share(&self, entries: &HashSet<Uuid>, now: Timestamp) -> Result<()> {
        let (mut numbers, mut lines) = (BTreeSet::new(), Vec::new());
        for line in self.ledger(now)? {
            let contact = self.contact_name(line.share.recipient.contact)?;
            let number = number(line.share.id);
            for item in line.live_items().filter(|it| entries.contains(&it.entry)) {
                lines.push(format!("{}: {contact}, share {number}", item.path));
                numbers.insert(number.clone());
            }
        }
        lines.sort();
        if numbers.is_empty() {
            return Ok(());
        }
        let commands = numbers
            .iter()
            .map(|number| format!("vault revoke {number}"));
        let commands: Vec<String> = commands.collect();
        Err(
            Error::conflict("what is shared cannot be removed for good while the share lives")
                .details(lines)
                .hint(format!(
                    "end it, and change at the site what they know: {}",
                    commands.join(", ")
                )),
        )
    }

    /// Removes entries for good, in the trash or not; only their ids and those of their versions and
    /// files remain. `certificate` is the number of the paper about it. Returns the ids of those that
    /// were there.
    ///
    /// # Errors
    /// As [`Self::check_no_live_share`].
    pub fn purge(
        &mut self,
        entries: &HashSet<Uuid>,
        certificate: Option<Uuid>,
        author: &Author<'_>,
    ) -> Result<Vec<Uuid>> {
        self.check_no_live_share(entries, author.now)?;
        let mut of_client: BTreeMap<Option<Uuid>, Vec<Uuid>> = BTreeMap::new();
        for entry in self.entries.all()? {
            if entries.contains(&entry.id) {
                let client = entry.client.get().copied();
                of_client.entry(client).or_default().push(entry.id);
            }
        }
        self.purge_each(&of_client, certificate, author)?;
        Ok(of_client.into_values().flatten().collect())
    }

    /// Each time that something of a client was removed for good, the first first.
    #[must_use]
    pub fn past_purges(&self, client: &Client) -> Vec<PastPurge> {
        let chains = self.log.chains().iter();
        let events = chains.flat_map(|chain| chain.read().flatten());
        let id_in = |value: Option<&serde_json::Value>| value?.as_str()?.parse::<Uuid>().ok();
        let purges = events
            .filter(|event| event.action == "purge")
            .filter(|event| {
                let of = id_in(event.detail.get("client"));
                of.is_some_and(|of| of == client.id || client.also.contains(&of))
            });
        let mut purges: Vec<PastPurge> = purges
            .map(|event| PastPurge {
                time: event.time,
                certificate: id_in(event.detail.get(CERTIFICATE)),
                entries: event.subject,
            })
            .collect();
        purges.sort_by_key(|purge| purge.time);
        purges
    }
}

#[cfg(test)]
mod tests;
