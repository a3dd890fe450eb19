//! A vault file that came from a remote, not yet on the disk.

use std::path::PathBuf;

use super::device::folder::DeviceFolder;
use super::disk::file::{Prepared, exists};
use super::reading::{LockedVault, Remembered, VaultPlace};
use super::replaced::Replaced;
use super::session::Session;
use crate::crypto::{SealedFile, parents_text};
use crate::error::Result;
use crate::model::records::cell::Seen;

impl VaultPlace {
    /// Takes a file over that came from elsewhere, checks its signature, and recalls what this
    /// device knows of that vault and of this place. It is not yet held against that.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is no vault or damaged.
    pub fn arrived(&self, bytes: Vec<u8>) -> Result<Remembered> {
        let sealed = SealedFile::parse(bytes)?;
        sealed.verify_signature()?;
        self.recall(sealed)
    }

    /// What this device knows of a file's vault, and of this place.
    pub(super) fn recall(&self, sealed: SealedFile) -> Result<Remembered> {
        let state = self.root.vault(sealed.facts().vault_id);
        Ok(Remembered {
            pin: state.pin()?,
            device: state.device(),
            known: self.known()?,
            intended: state.intends(&sealed.signature()),
            sealed,
        })
    }

    /// Where the repository of a remote is until it is known whose vault is there.
    #[must_use]
    pub fn sync_repository_of_new(&self) -> PathBuf {
        self.root.path().join("sync-new.git")
    }
}

impl Session {
    /// Puts the file in the vault's place, where none stands yet, and pins it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when anything stands there,
    /// [`crate::error::Kind::Failed`] when it cannot be written: then there is none.
    pub fn put_where_none_is(&mut self) -> Result<()> {
        let store = &self.file.store;
        let _lock = store.lock_place()?;
        if store.exists() {
            return Err(exists(&store.path));
        }
        let bytes = self.file.sealed.bytes();
        let prepared = Prepared::write(&store.path, bytes)?;
        prepared.check_holds(bytes)?;
        Replaced::Nothing.give_way(store, prepared)?.sync()?;
        self.pin_what_was_seen();
        Ok(())
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &LockedVault {
        &self.file
    }
}

impl LockedVault {
    /// What this device remembers of the vault.
    #[must_use]
    pub fn device_folder(&self) -> &DeviceFolder {
        &self.state
    }

    /// The writes in it, where this device has had it open.
    #[must_use]
    pub fn seen(&self) -> Option<Seen> {
        let pin = self.pin.as_ref();
        let pin = pin.filter(|pin| pin.signature == self.sealed.signature());
        pin.map(|pin| pin.seen.clone())
    }

    /// SHA-256 of the file, lower-case hex.
    #[must_use]
    pub fn hash(&self) -> String {
        parents_text(&[self.sealed.sha256()])
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.sealed.bytes()
    }
}
