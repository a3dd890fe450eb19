//! Where a vault stands, by each of its names, and which vault that was before.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::reading::VaultPlace;
use crate::error::Result;

impl VaultPlace {
    /// The vault's place by all its names, each once: as it was named, the same in the real folder
    /// (whatever leads there: a link to the folder, `..`), and where a link leads.
    pub(super) fn names(&self) -> Vec<&Path> {
        self.names.iter().map(PathBuf::as_path).collect()
    }

    /// The vaults that were last seen at this place, by each of its names, each once: several where
    /// a link leads to another place than it did.
    pub(super) fn known(&self) -> Result<Vec<Uuid>> {
        let mut known = Vec::new();
        for path in self.names() {
            known.extend((self.root.known_at(path)?).filter(|id| !known.contains(id)));
        }
        Ok(known)
    }

    /// Remembers which vault stands here, by each name of this place.
    pub(super) fn remember_place(&self, vault: Uuid) -> Result<()> {
        let mut names = self.names().into_iter();
        names.try_for_each(|path| self.root.remember_path(path, vault))
    }

    /// As it is, for the old generation that stands here: it is read as if that was accepted.
    #[must_use]
    pub fn accepting_generation(&self, generation: u64) -> Self {
        let mut store = self.clone();
        store.accepted.generation = Some(generation);
        store
    }
}
