//! What records are called, today and on the day of a paper.

use std::collections::HashMap;

use uuid::Uuid;

use crate::error::Result;
use crate::model::records::record_id::short;
use crate::model::records::share::SharedItem;
use crate::model::vault::Vault;

/// What records are called; one that is gone, by the start of its id.
pub struct RecordNames {
    names: HashMap<Uuid, String>,
    owners: HashMap<Uuid, Uuid>,
}

impl RecordNames {
    /// The names in a vault.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn of(vault: &Vault) -> Result<Self> {
        Ok(Self {
            names: vault.names()?,
            owners: vault.owners()?,
        })
    }

    /// What a record is called today.
    #[must_use]
    pub fn get(&self, id: Uuid) -> String {
        self.find(id).map_or_else(|| short(id), str::to_owned)
    }

    /// As [`Self::get`], if the record is here or was shared once.
    #[must_use]
    pub fn find(&self, id: Uuid) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    /// What became of an entry's name since it was `then`, to stand behind that: nothing while the
    /// entry is called so.
    #[must_use]
    pub fn since(&self, entry: Uuid, then: &str) -> String {
        match self.find(entry) {
            _ if !self.owners.contains_key(&entry) => " (removed for good)".to_owned(),
            Some(now) if now != then => format!(" (now {now})"),
            _ => String::new(),
        }
    }

    /// What was shared by its name of that day, and by today's where that is another.
    #[must_use]
    pub fn shared(&self, item: &SharedItem) -> String {
        item.path.clone() + &self.since(item.entry, &item.path)
    }
}
