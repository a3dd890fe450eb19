//! Going back to an earlier state of the vault, as a change like any other: old values are written
//! as new ones, what came since goes to the trash, and what was purged stays gone.
//!
//! What was done, permitted, shared and trusted since is not undone: the log, consents, shares,
//! incidents, contacts, keys and ways in stay as they are now, and so do a client's keys and least
//! assurance, which decide about permission.

mod put_back;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use put_back::{EntryRestorer, back_client, restore_cell};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::change::Edit;
use crate::model::records::cell::DeviceId;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::records::lazy::Lazy;
use crate::model::records::stamping::Author;
use crate::model::text::limits::{ATTACHMENTS_BYTES, ENTRIES};
use crate::model::vault::Vault;

/// What going back does, by the names that people know: no secret and no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestorePlan {
    /// Entries that come back.
    pub back: Vec<String>,
    /// Entries in which something becomes again what it was.
    pub changed: Vec<Changed>,
    /// Entries that are newer, which go to the trash.
    pub trashed: Vec<String>,
    /// Entries that were purged since, which do not come back.
    pub purged: Vec<String>,
    /// Clients that come back.
    pub clients_back: Vec<String>,
    /// Clients in which something becomes again what it was.
    pub clients_changed: Vec<Changed>,
    /// Clients that are newer and have nothing left.
    pub clients_removed: Vec<String>,
}

/// What becomes again what it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// The entry's path or the client's short name, as it will be.
    pub name: String,
    /// The fields.
    pub fields: Vec<String>,
}

impl RestorePlan {
    /// Whether nothing would change. What stays purged is no change.
    pub fn is_empty(&self) -> bool {
        let purged = self.purged.clone();
        *self
            == Self {
                purged,
                ..Self::default()
            }
    }

    fn sort(&mut self) {
        for list in [
            &mut self.back,
            &mut self.trashed,
            &mut self.purged,
            &mut self.clients_back,
            &mut self.clients_removed,
        ] {
            list.sort();
        }
        self.changed.sort();
        self.clients_changed.sort();
    }
}

impl Vault {
    /// What [`Self::go_back_to`] would do.
    pub(crate) fn plan_to_go_back(&self, then: &Self, now: Timestamp) -> Result<RestorePlan> {
        let nobody = Author {
            device: DeviceId::from_random([0; 8]),
            now,
            new_id: &Uuid::nil,
        };
        self.clone().go_back_to(then, &nobody)
    }

    /// Records that this vault, put in the place of one that was damaged or lost, is its
    /// generation of today.
    pub fn record_put_in_place(&mut self, author: &Author<'_>) {
        let generation = self.generation;
        self.record(author, "restore", vec![], |event| {
            event.with("generation", generation).with("whole", true)
        });
    }

    /// Makes the live entries those of `then`, an earlier state of this vault, and records it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] past a limit, [`crate::error::Kind::Integrity`] for a
    /// malformed record.
    pub fn go_back_to(&mut self, then: &Self, author: &Author<'_>) -> Result<RestorePlan> {
        self.change(author, "restore", |edit| {
            let mut restoration = Restoration {
                names_now: edit.vault.names()?,
                names_then: then.names()?,
                clients: HashMap::new(),
                touched: Vec::new(),
                plan: RestorePlan::default(),
            };
            restoration.clients(edit, then);
            let then_live = live_by_id(then)?;
            restoration.trash_newer(edit, &then_live)?;
            restoration.entries(edit, then, &then_live)?;
            restoration.drop_newer_clients(edit)?;
            let mut plan = restoration.plan;
            let attached = edit.vault.attachments_size()?;
            let limit = ATTACHMENTS_BYTES.max(then.attachments_size()?);
            if attached > limit && !plan.back.is_empty() {
                return Err(Error::usage(format!(
                    "all attachments would have {attached} bytes, the limit is {ATTACHMENTS_BYTES}"
                ))
                .hint("purge what is no longer needed first"));
            }
            plan.sort();
            edit.event.subject = restoration.touched;
            let event = edit.event.note("generation", then.generation);
            event.note("back", plan.back.len());
            event.note("changed", plan.changed.len());
            event.note("trashed", plan.trashed.len());
            Ok(plan)
        })
    }
}

fn live_by_id(vault: &Vault) -> Result<HashMap<Uuid, &Lazy<Entry>>> {
    let mut live = HashMap::with_capacity(vault.entries.len());
    for lazy in vault.entries.iter() {
        let entry = lazy.get()?;
        if !entry.is_removed() {
            live.insert(entry.id, lazy);
        }
    }
    Ok(live)
}

/// A way back under way.
struct Restoration {
    /// What each record is called now.
    names_now: HashMap<Uuid, String>,
    /// What each record was called then.
    names_then: HashMap<Uuid, String>,
    /// Which client stands for one of then; none for one that was purged.
    clients: HashMap<Uuid, Uuid>,
    /// Ids of what has changed.
    touched: Vec<Uuid>,
    plan: RestorePlan,
}

impl Restoration {
    fn name_then(&self, id: Uuid) -> String {
        self.names_then.get(&id).cloned().unwrap_or_default()
    }

    /// Finds or brings back each client of then, with what was known of it.
    fn clients(&mut self, edit: &mut Edit<'_>, then: &Vault) {
        let (now, stamp) = (&mut *edit.vault, edit.stamp);
        for old in then.live_clients() {
            let slug = old.slug().to_owned();
            let by_slug = now.client(&slug).map(|client| client.id);
            let same = now.clients.iter().find(|client| client.id == old.id);
            let is_live = same.is_some_and(|client| !client.is_removed());
            let id = match (same.is_some(), by_slug) {
                (true, _) if is_live => old.id,
                (_, Some(other)) => other,
                (true, None) => old.id,
                (false, None) if now.tombstones.contains(&old.id) => continue,
                (false, None) => {
                    let id = (edit.author.new_id)();
                    let mut back = back_client(id, old, stamp);
                    back.close_keys(now.clients.iter().flat_map(Client::keys), stamp);
                    now.clients.push(back);
                    id
                }
            };
            self.clients.insert(old.id, id);
            let free = by_slug.is_none_or(|other| other == id);
            let Some(client) = now.client_mut(id) else {
                continue;
            };
            let fields = client.put_back(old, free, stamp);
            let came_back = restore_cell(&mut client.removed, &old.removed, stamp);
            if came_back || is_made_now(by_slug, is_live) {
                self.plan.clients_back.push(slug);
                self.touched.push(id);
            } else if !fields.is_empty() {
                self.plan
                    .clients_changed
                    .push(Changed { name: slug, fields });
                self.touched.push(id);
            }
        }
    }

    fn trash_newer(
        &mut self,
        edit: &mut Edit<'_>,
        then_live: &HashMap<Uuid, &Lazy<Entry>>,
    ) -> Result<()> {
        for lazy in edit.vault.entries.iter_mut() {
            let entry = lazy.get()?;
            if entry.is_removed() || then_live.contains_key(&entry.id) {
                continue;
            }
            let entry = lazy.get_mut()?;
            entry.removed.set(edit.stamp, Some(edit.author.now));
            entry.updated = Some(edit.author.now);
            let name = self.names_now.get(&entry.id).cloned();
            self.plan.trashed.push(name.unwrap_or_default());
            self.touched.push(entry.id);
        }
        Ok(())
    }

    fn entries(
        &mut self,
        edit: &mut Edit<'_>,
        then: &Vault,
        then_live: &HashMap<Uuid, &Lazy<Entry>>,
    ) -> Result<()> {
        let now = &mut *edit.vault;
        let mut met = HashSet::new();
        let tombstones = now.tombstones.clone();
        let back = EntryRestorer::new(edit.stamp, edit.author, &tombstones);
        for lazy in now.entries.iter_mut() {
            let id = lazy.get()?.id;
            let Some(old) = then_live.get(&id) else {
                continue;
            };
            met.insert(id);
            // The usual case: not a byte of it has changed, nor whose it is.
            let same_client = |of: &Uuid| self.clients.get(of) == Some(of);
            let is_same = lazy.json().is_some() && lazy.json() == old.json();
            let old = old.get()?;
            if is_same && old.client.get().is_some_and(same_client) {
                continue;
            }
            let client = old.client.get().and_then(|id| self.clients.get(id));
            self.put_back(lazy, old, client.copied(), &back)?;
        }
        for old in then.entries.all()? {
            if !then_live.contains_key(&old.id) || met.contains(&old.id) {
                continue;
            }
            let client = old.client.get().and_then(|id| self.clients.get(id));
            let name = self.name_then(old.id);
            let (Some(client), false) = (client, tombstones.contains(&old.id)) else {
                self.plan.purged.push(name);
                continue;
            };
            if now.entries.len() >= ENTRIES {
                return Err(Error::usage(format!(
                    "the vault would have more than {ENTRIES} entries, the limit"
                )));
            }
            let entry = back.entry(old, *client);
            self.touched.push(entry.id);
            now.entries.add(entry);
            self.plan.back.push(name);
        }
        Ok(())
    }

    fn put_back(
        &mut self,
        lazy: &mut Lazy<Entry>,
        old: &Entry,
        client: Option<Uuid>,
        back: &EntryRestorer<'_>,
    ) -> Result<()> {
        let mut entry = lazy.get()?.clone();
        let fields = back.put_back(&mut entry, old, client);
        let came_back = restore_cell(&mut entry.removed, &old.removed, back.stamp());
        if fields.is_empty() && !came_back {
            return Ok(());
        }
        entry.updated = Some(back.now());
        self.touched.push(entry.id);
        let name = self.name_then(old.id);
        *lazy = Lazy::new(entry);
        if came_back {
            self.plan.back.push(name);
        } else {
            self.plan.changed.push(Changed { name, fields });
        }
        Ok(())
    }

    /// A newer client goes where nothing is left of it: no entry, in the trash either, and no
    /// consent.
    fn drop_newer_clients(&mut self, edit: &mut Edit<'_>) -> Result<()> {
        let now = &mut *edit.vault;
        let mut kept: HashSet<Uuid> = self.clients.values().copied().collect();
        kept.extend(now.count_entries()?.into_keys());
        kept.extend(now.consents.all()?.iter().map(|consent| consent.client));
        for client in &mut now.clients {
            if !client.is_removed() && !kept.contains(&client.id) {
                client.removed.set(edit.stamp, Some(edit.author.now));
                self.plan.clients_removed.push(client.slug().to_owned());
                self.touched.push(client.id);
            }
        }
        Ok(())
    }
}

/// Whether a client that is found now was made just now.
fn is_made_now(by_slug: Option<Uuid>, was_live: bool) -> bool {
    by_slug.is_none() && !was_live
}

#[cfg(test)]
mod tests;
