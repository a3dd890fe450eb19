//! Adding, changing and removing entries.

use uuid::Uuid;

use super::changes::Changes;
use crate::error::{Error, Result};
use crate::model::change::Edit;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::records::event::EventDraft;
use crate::model::records::slot::Slot;
use crate::model::records::stamping::{Author, Write, write};
use crate::model::text::limits::ENTRIES;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::vault::Vault;

/// What `add` did.
#[derive(Debug, PartialEq, Eq)]
pub struct Added {
    /// The new entry's id.
    pub entry: Uuid,
    /// Whether the client is new too.
    pub client_is_new: bool,
}

impl Vault {
    /// Adds an entry, and its client if that is new.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] if the path is taken, [`crate::error::Kind::Usage`] past a
    /// limit.
    pub fn add(
        &mut self,
        path: &EntryPath,
        changes: Changes,
        author: &Author<'_>,
    ) -> Result<Added> {
        self.check_free(path)?;
        self.check_room_for_entries(1)?;
        self.change(author, "add", |edit| {
            let stamp = edit.stamp;
            let (client, client_is_new) = edit.client_for(path.client());
            let mut entry = Entry::with((author.new_id)(), author.now);
            entry.client.set(stamp, client);
            entry.name.set(stamp, path.name().to_owned());
            entry.apply(changes, &write(stamp, author, "add"))?;
            note_mark(&mut edit.event, false, &entry);
            let added = Added {
                entry: edit.event.about(entry.id),
                client_is_new,
            };
            edit.vault.entries.add(entry);
            Ok(added)
        })
    }

    pub(crate) fn check_room_for_entries(&self, new: usize) -> Result<()> {
        let count = self.entries.len();
        if count + new > ENTRIES {
            return Err(Error::usage(format!(
                "the vault has {count} entries, the limit is {ENTRIES}"
            )));
        }
        Ok(())
    }

    /// Changes an entry; new secrets become new versions, the old ones stay.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], [`crate::error::Kind::Usage`] past a limit, or
    /// [`crate::error::Kind::Conflict`] for a new secret while a rotation is pending.
    pub fn edit(
        &mut self,
        path: &EntryPath,
        changes: Changes,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        self.change(author, "edit", |edit| {
            let entry = edit.vault.entry_mut(path)?;
            let was_use_only = entry.is_use_only();
            let mut slots = changes.secrets.iter().map(|(slot, _)| slot);
            if slots.any(|slot| *slot == Slot::Secret) {
                entry.check_settled(path)?;
            }
            for (slot, secret) in &changes.secrets {
                entry.check_unused(path, slot, secret, false)?;
            }
            edit.event.note("new_secrets", changes.secrets.len());
            entry.apply(changes, &write(edit.stamp, author, "edit"))?;
            note_mark(&mut edit.event, was_use_only, entry);
            Ok(edit.event.about(entry.id))
        })
    }

    /// Whether an entry is as `changes` want it: there is nothing to write then.
    pub(crate) fn edit_changes_nothing(&self, path: &EntryPath, changes: &Changes) -> Result<bool> {
        let entry = self.entry(path)?;
        let stays = self.stays(entry, |entry, stamp| {
            let now = entry.created;
            let write = Write {
                stamp,
                now,
                reason: "edit",
                ids: &Uuid::nil,
            };
            entry.apply(changes.clone(), &write)
        })?;
        Ok(stays && changes.secrets.is_empty())
    }

    /// Puts an entry in the trash.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn remove(&mut self, path: &EntryPath, author: &Author<'_>) -> Result<Uuid> {
        let removed = self.remove_all(std::slice::from_ref(path), author)?;
        let missing = || Error::not_found(format!("no entry {path}"));
        removed.first().copied().ok_or_else(missing)
    }

    /// Puts entries in the trash, and gives their ids.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn remove_all(&mut self, paths: &[EntryPath], author: &Author<'_>) -> Result<Vec<Uuid>> {
        self.change(author, "remove", |edit| {
            for path in paths {
                let entry = edit.vault.entry_mut(path)?;
                entry.removed.set(edit.stamp, Some(author.now));
                entry.updated = Some(author.now);
                edit.event.about(entry.id);
            }
            Ok(edit.event.subject.clone())
        })
    }
}

/// Notes in the log that an entry is for use only from now on, or no longer.
fn note_mark(event: &mut EventDraft, was_use_only: bool, entry: &Entry) {
    match (was_use_only, entry.is_use_only()) {
        (false, true) => event.note("mark", "use-only"),
        (true, false) => event.note("mark", "no-use-only"),
        _ => event,
    };
}

impl Edit<'_> {
    /// The client of that name, which is made if it is missing; and whether it was made.
    pub(crate) fn client_for(&mut self, slug: &ClientSlug) -> (Uuid, bool) {
        if let Some(client) = self.vault.client(slug.as_str()) {
            return (client.id, false);
        }
        (self.new_client(slug), true)
    }

    /// A new client of that name, which no other has.
    pub(crate) fn new_client(&mut self, slug: &ClientSlug) -> Uuid {
        let id = (self.author.new_id)();
        let client = Client::new(id, self.author.now, self.stamp, slug);
        self.vault.clients.push(client);
        id
    }
}
