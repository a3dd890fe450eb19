//! The day it matters most: the vault is damaged or gone, and a copy of it takes its place.
//!
//! What is damaged is kept beside it. There is no moment without a file, and nothing between the
//! damaged file and the whole one.

use std::path::Path;

use super::broken::{Broken, OldCopy};
use super::device::pin::Freshness;
use super::disk::file::{Prepared, make_private_folder, read_bounded};
use super::disk::lock::FileLock;
use super::disk::vault_file::scan;
use super::disk::waiting::folder;
use super::reading::{LockedVault, Remembered, VaultPlace, lock_path};
use super::replaced::Replaced;
use super::session::Session;
use super::taken::OpenCopy;
use crate::error::{Error, Kind, Result};
use crate::model::text::limits::VAULT_FILE_BYTES;

impl VaultPlace {
    /// What is wrong with the file at the vault's place, if it is no vault: nothing is there, or
    /// its header or its signature is damaged.
    pub(crate) fn broken(&self) -> Result<Option<Broken>> {
        match scan(&self.path).and_then(|sealed| sealed.verify_signature()) {
            Ok(()) => Ok(None),
            Err(why) if matches!(why.kind(), Kind::NotFound | Kind::Integrity) => {
                self.broken_because(why).map(Some)
            }
            Err(why) => Err(why),
        }
    }

    /// The old copy of the vault that was put in its place, if one was: whole, signed by its key,
    /// and older than what this device has seen.
    pub(crate) fn old_copy(&self) -> Result<Option<OldCopy>> {
        let Remembered {
            sealed, pin, known, ..
        } = self.remembered()?;
        sealed.verify_signature()?;
        let facts = sealed.facts();
        let signer = facts.signer.to_openssh();
        let (Some(pin), generation) = (pin, facts.generation) else {
            return Ok(None);
        };
        let is_it = pin.signer == signer
            && generation < pin.generation
            && self.accepted.generation != Some(generation)
            && known.iter().all(|id| *id == facts.vault_id);
        if !is_it {
            return Ok(None);
        }
        let why = Error::integrity(format!(
            "it has generation {generation}, and this device has seen {}",
            pin.generation
        ));
        let bytes = read_bounded(&self.path, VAULT_FILE_BYTES)?;
        if *bytes != *sealed.bytes() {
            return Err(Error::conflict("the vault was written meanwhile").hint("try again"));
        }
        let old = Broken {
            why,
            bytes: Some(bytes),
            old: Some(generation),
        };
        Ok(Some(OldCopy {
            file: old,
            generation,
            seen: pin.generation,
        }))
    }

    /// What stands at the vault's place, which is broken for another reason than [`Self::broken`]
    /// finds.
    pub(crate) fn broken_because(&self, why: Error) -> Result<Broken> {
        let bytes = match read_bounded(&self.path, VAULT_FILE_BYTES) {
            Ok(bytes) => Some(bytes),
            Err(gone) if gone.kind() == Kind::NotFound => None,
            Err(unreadable) => return Err(unreadable),
        };
        Ok(Broken {
            why,
            bytes,
            old: None,
        })
    }

    /// Reads a copy of a vault, checks its signature, and recalls what this device knows of that
    /// vault and of this place. It is not yet held against that.
    ///
    /// # Errors
    /// [`Kind::NotFound`], or [`Kind::Integrity`] when it is no vault or damaged.
    pub fn read_copy(&self, path: &Path) -> Result<Remembered> {
        let named = |why: Error| {
            why.about(path.display())
                .hint("vault backups lists the copies there are, and which are whole")
        };
        let sealed = scan(path).map_err(|why| match why.kind() {
            Kind::NotFound => Error::not_found(format!("there is no backup {}", path.display()))
                .hint("vault backups lists those there are"),
            _ => named(why),
        })?;
        sealed.verify_signature().map_err(named)?;
        self.recall(sealed)
    }

    /// Puts a copy in the place of what is broken, byte for byte.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when it is broken no longer, [`Kind::Failed`] when the copy cannot be
    /// written: then what was there is there still.
    pub fn put_in_place(&self, copy: &LockedVault, broken: &Broken) -> Result<()> {
        let _lock = self.lock_place()?;
        let bytes = copy.sealed.bytes();
        let prepared = Prepared::write(&self.path, bytes)?;
        prepared.check_holds(bytes)?;
        Replaced::Broken(broken).give_way(self, prepared)?.sync()?;
        // Nothing is lost without it: the next read remembers.
        let id = copy.facts().vault_id;
        let _ = self.remember_place(id);
        Ok(())
    }

    pub(super) fn lock_place(&self) -> Result<FileLock> {
        make_private_folder(folder(&self.path))?;
        let lock = FileLock::acquire(&lock_path(self), self.wait)?;
        Ok(lock)
    }
}

impl LockedVault {
    /// The file's size in bytes.
    pub fn size(&self) -> u64 {
        self.sealed.bytes().len() as u64
    }

    /// Whether this is an older generation that the user accepted.
    pub fn is_accepted_older(&self) -> bool {
        self.standing == Freshness::AcceptedOlder
    }
}

impl Session {
    /// Takes a copy for an earlier state of this vault: it may be older than what this device has
    /// seen, but has to be of this vault and signed by its key.
    ///
    /// # Errors
    /// [`Kind::Integrity`] when it is not, or asks for too much.
    pub fn as_earlier(&self, copy: Remembered) -> Result<LockedVault> {
        self.check_same_vault(&copy)?;
        let (facts, mine) = (copy.sealed.facts(), self.facts());
        let fingerprint = facts.signer.fingerprint();
        let accepted = self.file.store.accepted.signer(facts.signer);
        let signer = facts.signer.to_openssh();
        let retired = (self.vault.identity.retired.iter()).any(|keys| keys.signer == signer);
        if facts.signer != mine.signer && !(retired && accepted) {
            let why = format!("the copy is signed by {fingerprint}, not by this vault's key");
            return Err(if retired {
                Error::integrity(format!("{why}: by one that was replaced since")).hint(format!(
                    "whoever had the old key could have made it; if you know that it is right: \
                     --accept-signer {fingerprint}"
                ))
            } else {
                Error::integrity(why).hint("somebody else has made it: do not use it")
            });
        }
        self.locked_copy(copy)
    }

    pub(super) fn check_same_vault(&self, copy: &Remembered) -> Result<()> {
        let vault_id = copy.sealed.facts().vault_id;
        if vault_id == self.facts().vault_id {
            return Ok(());
        }
        Err(
            Error::integrity(format!("that is a copy of another vault: {vault_id}"))
                .hint("vault backups lists the copies of this one"),
        )
    }

    /// A copy that was held against this vault, within the ceiling of Argon2.
    pub(super) fn locked_copy(&self, copy: Remembered) -> Result<LockedVault> {
        let store = &self.file.store;
        copy.sealed.access().kdf.check_ceiling(&store.limit)?;
        Ok(LockedVault {
            store: store.clone(),
            state: self.file.state.clone(),
            sealed: copy.sealed,
            pin: copy.pin,
            device: copy.device,
            standing: Freshness::Good,
        })
    }

    /// Opens a copy with the key of this vault.
    pub(crate) fn open_copy(&self, copy: LockedVault) -> Result<OpenCopy> {
        let (vault, _) = copy.open(&self.key)?;
        Ok(OpenCopy {
            file: copy,
            vault,
            key: None,
        })
    }
}
