//! What this program has exported itself: nothing of it is mended or left out. In a vault that has
//! nothing yet it becomes what it was, ids and times included.

use std::collections::HashMap;

use uuid::Uuid;

use super::fit::Candidate;
use super::{ImportPlan, ImportStep};
use crate::model::records::cell::Stamp;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::text::limits::ATTACHMENTS_BYTES;
use crate::model::text::name::{ClientSlug, EntryPath, look};
use crate::model::transfer::portable::{Ids, PortableClient, PortableEntry};
use crate::model::vault::Vault;

/// What an export of this program has besides the entries in use.
#[derive(Debug, Default)]
pub struct ExportExtras {
    /// The clients.
    pub clients: Vec<PortableClient>,
    /// What was in the trash, with its place in the source.
    pub trash: Vec<(u64, PortableEntry)>,
}

impl ExportExtras {
    /// Whether there is nothing of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.trash.is_empty()
    }
}

impl Candidate {
    /// One that is to become what it was.
    ///
    /// # Errors
    /// What is wrong with it, in words that hold nothing of its content.
    pub fn own(row: u64, entry: PortableEntry) -> Result<Self, String> {
        Ok(Self {
            row,
            left_out: Vec::new(),
            groups: Vec::new(),
            name: None,
            host: None,
            changes: Box::new(entry.check()?),
            history: Vec::new(),
            files: entry.attached(),
            created: None,
            updated: None,
            secret_since: None,
            own: Some(Box::new(entry)),
        })
    }

    /// Whether [`Self::own`] would take it.
    ///
    /// # Errors
    /// As there.
    pub fn check_own(entry: &PortableEntry) -> Result<(), String> {
        entry.check().map(drop)
    }

    /// Where it says that it belongs.
    pub(crate) fn own_path(&self) -> Option<EntryPath> {
        self.own.as_ref()?.place().ok()
    }

    /// The size of all files that it has and had.
    pub(crate) fn own_files_size(&self) -> Option<u64> {
        self.own.as_ref().map(|own| own.files_size())
    }
}

pub(crate) fn own_entry(
    mut own: PortableEntry,
    step: &ImportStep,
    client: Uuid,
    stamp: Stamp,
    ids: &mut Ids<'_>,
) -> Entry {
    if step.files == 0 {
        own.attachments.clear();
    }
    own.restore(client, step.path.name(), stamp, ids)
}

impl Vault {
    /// Adds the clients that are new; those that were removed only to a vault that has nothing yet.
    /// Returns the ids that they had and have.
    pub(crate) fn add_clients(
        &mut self,
        extras: &ExportExtras,
        plan: &ImportPlan,
        stamp: Stamp,
        ids: &mut Ids<'_>,
    ) -> HashMap<Uuid, Uuid> {
        let mut former = HashMap::new();
        let live = self.live_clients();
        let mut known: HashMap<String, Uuid> = live
            .map(|client| (look(client.slug()), client.id))
            .collect();
        let mut room = ATTACHMENTS_BYTES.saturating_sub(self.attachments_size().unwrap_or(0));
        for client in &extras.clients {
            let Ok(slug) = client.slug.parse::<ClientSlug>() else {
                continue;
            };
            let is_removed = client.removed.is_some();
            let there = known.get(&look(slug.as_str())).filter(|_| !is_removed);
            if let Some(there) = there {
                former.insert(client.id, *there);
                continue;
            }
            let is_wanted = !is_removed && plan.new_clients.contains(&slug);
            if !ids.are_kept() && !is_wanted {
                continue;
            }
            if let Some(mut restored) = client.restore(stamp, ids, &mut room) {
                restored.close_keys(self.clients.iter().flat_map(Client::keys), stamp);
                former.insert(client.id, restored.id);
                if !is_removed {
                    known.insert(look(slug.as_str()), restored.id);
                }
                self.clients.push(restored);
            }
        }
        former
    }

    /// Puts what was in the trash there again, if this vault had nothing before.
    pub(crate) fn add_trash(
        &mut self,
        extras: ExportExtras,
        clients: &HashMap<Uuid, Uuid>,
        stamp: Stamp,
        ids: &mut Ids<'_>,
    ) {
        if !ids.are_kept() {
            return;
        }
        // What the file has of attachments was counted without those in the trash.
        let mut room = ATTACHMENTS_BYTES.saturating_sub(self.attachments_size().unwrap_or(0));
        for (_, mut entry) in extras.trash {
            let (Ok(path), Some(had)) = (entry.place(), entry.client) else {
                continue;
            };
            let Some(client) = clients.get(&had) else {
                continue;
            };
            match room.checked_sub(entry.files_size()) {
                Some(rest) => room = rest,
                None => entry.attachments.clear(),
            }
            let restored = entry.restore(*client, path.name(), stamp, ids);
            self.entries.add(restored);
        }
    }
}
