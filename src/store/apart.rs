//! Files of a vault that another program keeps apart and puts in place, as git does: two of them
//! become a third, and neither the vault at its place nor what this device remembers is touched.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use jiff::Timestamp;

use super::backups::generations;
use super::device::pin::Pin;
use super::disk::file::Prepared;
use super::disk::vault_file::scan;
use super::disk::waiting::{TEMPORARY, prefix};
use super::reading::{LockedVault, Remembered, VaultPlace, lock_path};
use super::sealing::{prepare, seal_vault};
use super::session::{Session, new_device_id, only_passwd};
use super::taken::OpenCopy;
use super::transaction::author;
use crate::crypto::{MasterKey, SealedFile, parents_text};
use crate::error::{Error, Result};

impl VaultPlace {
    /// Reads a file that is to be this vault in one of its states, checks its signature, and recalls
    /// what this device knows of that vault and of this place. It is not yet held against that.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], [`crate::error::Kind::Integrity`] when it is no regular
    /// file, no vault or damaged.
    pub fn read_state(&self, path: &Path) -> Result<Remembered> {
        if path.is_symlink() {
            return Err(Error::integrity("it is a symbolic link, not a vault file"));
        }
        let sealed = scan(path)?;
        sealed.verify_signature()?;
        self.recall(sealed)
    }
}

impl VaultPlace {
    /// What lies beside the vault and belongs to this machine: its lock and the folder of its earlier
    /// generations.
    #[must_use]
    pub fn names_beside(&self) -> Vec<OsString> {
        let all = [lock_path(self), generations::folder(&self.path)];
        let names = all.iter().filter_map(|path| path.file_name());
        names.map(OsStr::to_owned).collect()
    }

    /// How files are called that wait beside the vault: what `literal` makes of the start of their
    /// names, and any end.
    #[must_use]
    pub fn temporary_pattern(&self, literal: impl FnOnce(&OsStr) -> Vec<u8>) -> Vec<u8> {
        let start = literal(&prefix(&self.path));
        [&*start, b"*", TEMPORARY.as_bytes()].concat()
    }
}

impl Remembered {
    /// Whether this device knows its signer as that of the vault; also where it knows none.
    #[must_use]
    pub fn has_known_signer(&self) -> bool {
        let signer = self.sealed.facts().signer.to_openssh();
        (self.pin.as_ref()).is_none_or(|pin| pin.signer == signer)
    }

    /// Whether it is the newest file that this device has seen of the vault.
    #[must_use]
    pub fn is_newest_seen(&self) -> bool {
        is_newest_seen(&self.sealed, self.pin.as_ref())
    }
}

impl LockedVault {
    /// Whether it is the newest file that this device has seen of the vault.
    #[must_use]
    pub fn is_newest_seen(&self) -> bool {
        is_newest_seen(&self.sealed, self.pin.as_ref())
    }
}

fn is_newest_seen(file: &SealedFile, pin: Option<&Pin>) -> bool {
    pin.is_some_and(|pin| pin.hash == parents_text(&[file.sha256()]))
}

impl Session {
    /// Whether a copy has all that is here and comes after it, by the same signer: it can stand for
    /// both as it is.
    #[must_use]
    pub fn is_within(&self, copy: &OpenCopy) -> bool {
        let (own, other) = (self.facts(), copy.file.facts());
        own.signer == other.signer
            && other.generation > own.generation
            && copy.vault.has_all_of(&self.vault)
    }

    /// Seals what was taken in, see [`Self::take_in`], as a file at `target`, in place of whatever
    /// is there; with `new_key` under that. It comes after all that this device has seen.
    ///
    /// Its writer is a device of its own: whoever asked for the file may throw it away, ask again,
    /// or make another one of an earlier state, and two events of this device with one number would
    /// look like a copied machine.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`] when the vault was opened with something that cannot write it,
    /// [`crate::error::Kind::Failed`] when it cannot be written: then `target` is as it was.
    pub fn seal_to(
        mut self,
        target: &Path,
        now: Timestamp,
        new_key: Option<&MasterKey>,
    ) -> Result<()> {
        let device = new_device_id();
        let (revived, files) = self.to_settle();
        self.vault
            .settle_merge(&revived, &files, &author(device, now))?;
        let parents = self.parents();
        let draft = self.next_draft(device, parents)?;
        let key = match new_key {
            Some(key) => key,
            None => self.key.keeper().ok_or_else(only_passwd)?,
        };
        let store = &self.file.store;
        let sealed = seal_vault(store, &self.vault, self.payload_bytes, &draft, key)?;
        prepare(target, &sealed, key)?.replace()?.sync()
    }
}

impl OpenCopy {
    /// Writes the copy as it is to `target`, in place of whatever is there.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`]: then `target` is as it was.
    pub fn write_to(&self, target: &Path) -> Result<()> {
        let bytes = self.file.bytes();
        let prepared = Prepared::write(target, bytes)?;
        prepared.check_holds(bytes)?;
        prepared.replace()?.sync()
    }
}
