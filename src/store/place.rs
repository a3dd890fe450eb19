//! Where a vault stands, by each of its names, and which vault that was before.

use std::path::Path;

use uuid::Uuid;

use super::reading::Store;
use crate::error::Result;

impl Store {
    /// The vault's place by all its names.
    pub(super) fn places_named(&self) -> [&Path; 2] {
        [&self.named, &self.path]
    }

    /// The vaults that were last seen at this place, by each of its names: two where a link leads
    /// to another place than it did.
    pub(super) fn known(&self) -> Result<Vec<Uuid>> {
        let mut known = Vec::new();
        for path in self.places_named() {
            known.extend(self.root.known_at(path)?);
        }
        known.dedup();
        Ok(known)
    }

    /// Remembers which vault stands here, by each name of this place.
    pub(super) fn remember_place(&self, vault: Uuid) -> Result<()> {
        let remembered = self
            .places_named()
            .map(|path| self.root.remember_path(path, vault));
        remembered.into_iter().collect()
    }

    /// As it is, for the old generation that stands here: it is read as if that was accepted.
    #[must_use]
    pub fn accepting_generation(&self, generation: u64) -> Self {
        let mut store = self.clone();
        store.accepted.generation = Some(generation);
        store
    }
}
