//! Adding, changing and removing entries.

use uuid::Uuid;

use super::changes::Changes;
use crate::error::{Error, Result};
use crate::model::records::cell::Stamp;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::records::lazy::Lazy;
use crate::model::records::slot::Slot;
use crate::model::records::stamping::{Author, write};
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
        if self.entries.len() >= ENTRIES {
            return Err(Error::usage(format!(
                "the vault has {} entries, the limit is {ENTRIES}",
                self.entries.len()
            )));
        }
        let stamp = self.seen.next(author.device);
        let (client, client_is_new) = self.client_for(path.client(), stamp, author);
        let mut entry = Entry::with((author.new_id)(), author.now);
        entry.client.set(stamp, client);
        entry.name.set(stamp, path.name().to_owned());
        entry.apply(changes, &write(stamp, author, "add"))?;
        let id = entry.id;
        self.entries.push(Lazy::new(entry));
        self.record(author, "add", vec![id], |event| event);
        Ok(Added {
            entry: id,
            client_is_new,
        })
    }

    /// The client of that name, made if there is none; and whether it was.
    pub(crate) fn client_for(
        &mut self,
        slug: &ClientSlug,
        stamp: Stamp,
        author: &Author<'_>,
    ) -> (Uuid, bool) {
        if let Some(client) = self.client(slug.as_str()) {
            return (client.id, false);
        }
        let id = (author.new_id)();
        self.clients.push(Client::new(id, author.now, stamp, slug));
        (id, true)
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
        let stamp = self.seen.next(author.device);
        let secrets = changes.secrets.len();
        let entry = self.entry_mut(path)?;
        if changes
            .secrets
            .iter()
            .any(|(slot, _)| *slot == Slot::Secret)
        {
            entry.check_settled(path)?;
        }
        for (slot, secret) in &changes.secrets {
            entry.check_unused(path, slot, secret)?;
        }
        entry.apply(changes, &write(stamp, author, "edit"))?;
        let id = entry.id;
        self.record(author, "edit", vec![id], |event| {
            event.with("new_secrets", secrets)
        });
        Ok(id)
    }

    /// Puts an entry in the trash.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn remove(&mut self, path: &EntryPath, author: &Author<'_>) -> Result<Uuid> {
        let stamp = self.seen.next(author.device);
        let entry = self.entry_mut(path)?;
        entry.removed.set(stamp, Some(author.now));
        entry.updated = Some(author.now);
        let id = entry.id;
        self.record(author, "remove", vec![id], |event| event);
        Ok(id)
    }
}
