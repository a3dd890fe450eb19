//! What a new file takes the place of: the one way to a vault's place.

use super::backups::generations;
use super::broken::Broken;
use super::disk::file::{InPlace, Prepared, holds};
use super::reading::VaultPlace;
use crate::crypto::{SealedFile, parents_text};
use crate::error::{Error, Result};

/// What stands at the vault's place until then.
pub(super) enum Replaced<'a> {
    /// Nothing: the vault is made.
    Nothing,
    /// The file that was read and changed; it becomes one of the vault's earlier generations.
    Base(&'a SealedFile),
    /// What is no vault, or an old copy of it; it is kept.
    Broken(&'a Broken),
}

impl Replaced<'_> {
    /// Lets `prepared` take its place, if it still is what was looked at.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when it is not, [`crate::error::Kind::Failed`] when it
    /// cannot be kept or written over: then it stands there still.
    pub(super) fn give_way(&self, store: &VaultPlace, prepared: Prepared) -> Result<InPlace> {
        match self {
            Self::Nothing => prepared.create(),
            Self::Base(base) => {
                check_unchanged(store, base)?;
                let hash = parents_text(&[base.sha256()]);
                generations::save(&store.path, base.facts().generation, &hash)?;
                prepared.replace()
            }
            Self::Broken(broken) => broken.give_way(store, prepared),
        }
    }
}

/// Refuses to replace a file that is not the one that was read: someone who does not know the
/// lock, such as a folder service, has put another in its place.
fn check_unchanged(store: &VaultPlace, base: &SealedFile) -> Result<()> {
    if holds(&store.path, base.bytes())? {
        return Ok(());
    }
    Err(
        Error::conflict("the vault was replaced by another program while this change was made")
            .hint("nothing was written; try again"),
    )
}
