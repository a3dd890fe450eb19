//! What is written after a merge, so that everything in the vault can be named and found: it is a
//! change of the device that merges.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::purged::id_left;
use super::vaults::Revived;
use crate::error::Result;
use crate::model::change::Edit;
use crate::model::findings::review_due::YEAR;
use crate::model::records::closing::ClosingDeed;
use crate::model::records::entry::FEWEST_MARK_DIGITS;
use crate::model::records::log_merging::FORKED;
use crate::model::records::record_id::RecordId;
use crate::model::records::stamped::Stamped;
use crate::model::records::stamping::Author;
use crate::model::text::limits::NAME_PART_CHARS;
use crate::model::vault::Vault;

impl Vault {
    /// After a merge: gives what was found under one name two names, takes entries out of the
    /// trash that were changed elsewhere meanwhile, marks those that a purge did not know, and notes
    /// the merge in the log, with the devices of which there are two. `files` are the SHA-256 of the
    /// copies that were taken in, lower-case hex.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn settle_merge(
        &mut self,
        revived: &Revived,
        files: &[String],
        author: &Author<'_>,
    ) -> Result<()> {
        self.change(author, "merge", |edit| {
            edit.event.note("files", files);
            if !edit.vault.log.untold_forks().is_empty() {
                let forks = edit.vault.log.forks().into_iter();
                let forks: Vec<String> = forks.map(|device| device.to_string()).collect();
                edit.event.note(FORKED, forks);
            }
            // What came with one copy may be purged in the next.
            let gone = edit.vault.tombstones.clone();
            let left = |id: &Uuid| id_left(*id, &gone);
            for id in revived.from_trash.iter().map(left) {
                let entry = edit.vault.entries.find_mut(id)?;
                if let Some(entry) = entry.filter(|entry| entry.is_removed()) {
                    entry.removed.set_beside(edit.stamp, None);
                    edit.event.about(id);
                }
            }
            for (id, had) in &revived.fields {
                let entry = edit.vault.entries.find_mut(left(id))?;
                if let Some(entry) = entry.filter(|entry| !entry.is_husk()) {
                    entry.fill_from(had, edit.stamp);
                }
            }
            for id in revived.from_purge.iter().map(left) {
                let entry = edit.vault.entries.find_mut(id)?;
                if let Some(entry) = entry.filter(|entry| !entry.is_removed()) {
                    entry.came_back.set(edit.stamp, Some(author.now));
                    entry.updated = Some(author.now);
                    edit.event.about(id);
                }
            }
            edit.take_the_later_review()?;
            edit.bring_clients_back()?;
            edit.open_clients_again()?;
            edit.tell_entries_apart()?;
            edit.tell_contacts_apart()
        })
    }
}

impl Edit<'_> {
    /// A client who was removed while another device gave them an entry is there again.
    fn bring_clients_back(&mut self) -> Result<()> {
        let heads = self.vault.entry_places()?;
        let in_use: BTreeSet<Uuid> = heads.into_iter().map(|(client, _, _)| client).collect();
        for client in &mut self.vault.clients {
            if client.is_removed() && in_use.contains(&client.id) {
                client.removed.set(self.stamp, None);
                self.event.about(client.id);
            }
        }
        Ok(())
    }

    /// A client who was closed while another device gave them an entry, shared something of theirs or
    /// noted a permission is open again.
    fn open_clients_again(&mut self) -> Result<()> {
        let vault = &*self.vault;
        let mut open = Vec::new();
        for client in vault.live_clients().filter(|it| it.closed().is_some()) {
            let left = vault.closing_left(client, self.author.now)?;
            if left.is_at_work() {
                open.push(client.id);
            }
        }
        for id in open {
            self.event.about(id);
            self.closing_step(id, ClosingDeed::Reopened, |_| {});
        }
        Ok(())
    }

    /// Of a contact whom devices have reviewed apart, the later review counts. A day that somebody has
    /// set is left to choose from.
    fn take_the_later_review(&mut self) -> Result<()> {
        let mut next: BTreeMap<Uuid, BTreeSet<Timestamp>> = BTreeMap::new();
        for review in self.vault.reviews.all()? {
            let of_one = next.entry(review.subject).or_default();
            of_one.insert(review.created + YEAR);
        }
        for (id, reviewed) in next {
            let Some(contact) = self.vault.contacts.find_mut(id)? else {
                continue;
            };
            let days = || contact.review_by.values().map(|(_, day)| *day);
            let by_reviews =
                |day: Option<Timestamp>| day.is_some_and(|day| reviewed.contains(&day));
            if contact.review_by.in_conflict() && days().all(by_reviews) {
                let later = days().max().flatten();
                contact.review_by.set(self.stamp, later);
                self.event.about(id);
            }
        }
        Ok(())
    }

    fn tell_entries_apart(&mut self) -> Result<()> {
        let mut clients: BTreeMap<Uuid, BTreeSet<(String, Uuid)>> = BTreeMap::new();
        for (client, name, id) in self.vault.entry_places()? {
            clients.entry(client).or_default().insert((name, id));
        }
        for (id, name) in clients.into_values().flat_map(apart) {
            self.vault.entries.by_id_mut(id)?.name.set(self.stamp, name);
            self.event.about(id);
        }
        Ok(())
    }

    fn tell_contacts_apart(&mut self) -> Result<()> {
        let live = self.vault.live_contacts()?.into_iter();
        let named = live.map(|contact| (contact.name().to_owned(), contact.id));
        for (id, name) in apart(named.collect()) {
            self.vault
                .contacts
                .by_id_mut(id)?
                .name
                .set(self.stamp, name);
            self.event.about(id);
        }
        Ok(())
    }
}

/// Another name for each but the first of those that are called the same: `NAME~abcd`, with digits
/// of the id, as many as it takes.
fn apart(named: BTreeSet<(String, Uuid)>) -> Vec<(Uuid, String)> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut renamed = Vec::new();
    let all: HashSet<String> = named.iter().map(|(name, _)| name.clone()).collect();
    for (name, id) in named {
        if taken.insert(name.clone()) {
            continue;
        }
        let free =
            (FEWEST_MARK_DIGITS..=RecordId::DIGITS).map(|digits| with_mark(&name, id, digits));
        let mut free = free.filter(|name| !all.contains(name) && !taken.contains(name));
        if let Some(free) = free.next() {
            taken.insert(free.clone());
            renamed.push((id, free));
        }
    }
    renamed
}

/// The name with a mark behind it, cut to what a part of a name may have.
fn with_mark(name: &str, id: Uuid, digits: usize) -> String {
    let id = id.as_simple().to_string();
    let mark: String = id.chars().take(digits).collect();
    let folder = name.rfind('/').map_or(0, |at| at + 1);
    let (folder, last) = name.split_at(folder);
    let room = NAME_PART_CHARS - digits - 1;
    let last: String = last.chars().take(room).collect();
    format!("{folder}{}~{mark}", last.trim_end())
}
