//! Giving an entry another name, or another client.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::stamping::Author;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

/// What `mv` did.
#[derive(Debug, PartialEq, Eq)]
pub struct Moved {
    /// The entry's id.
    pub entry: Uuid,
    /// Whether its client is new.
    pub client_is_new: bool,
}

impl Vault {
    /// Refuses a move that cannot be made.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for `old`; [`crate::error::Kind::Conflict`] if `new` is
    /// taken or looks like a path of another entry.
    pub fn check_move(&self, old: &EntryPath, new: &EntryPath) -> Result<Uuid> {
        let id = self.entry(old)?.id;
        if old == new {
            return Err(Error::conflict(format!("{old} already has that name"))
                .hint("give it another name"));
        }
        self.check_free_but_for(new, Some(id))?;
        Ok(id)
    }

    /// Moves an entry to another path; its id and its history stay. A new client is made.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] or [`crate::error::Kind::Conflict`].
    pub fn rename(
        &mut self,
        old: &EntryPath,
        new: &EntryPath,
        author: &Author<'_>,
    ) -> Result<Moved> {
        let id = self.check_move(old, new)?;
        self.change(author, "move", |edit| {
            let (client, client_is_new) = edit.client_for(new.client());
            let entry = edit.vault.entry_mut(old)?;
            if let Some(from) = entry.client.get().filter(|from| **from != client) {
                let event = edit.event.note("from", from.to_string());
                event.note("to", client.to_string());
                entry.client.set(edit.stamp, client);
            }
            if entry.name() != new.name() {
                entry.name.set(edit.stamp, new.name().to_owned());
            }
            entry.updated = Some(author.now);
            Ok(Moved {
                entry: edit.event.about(id),
                client_is_new,
            })
        })
    }
}
