//! From a path to an open vault: the order in which a file is read, checked and unlocked.

use std::cell::Cell;
use std::collections::BTreeSet;

use uuid::Uuid;

use super::device::folder::{DEVICE, Device};
use super::device::pin::{Freshness, Pin};
use super::disk::file::Lasting;
use super::reading::LockedVault;
use super::taken::{OpenCopy, TakenIn};
use crate::crypto::{HeaderFacts, MasterKey, SealedFile, UnlockedWith, parents_text, random};
use crate::error::{Error, Result};
use crate::model::entry::use_only::PasswordProof;
use crate::model::records::access::Access;
use crate::model::records::cell::DeviceId;
use crate::model::vault::Vault;

pub use super::key::UnlockKey;

impl LockedVault {
    /// Opens the payload and checks that it agrees with the header. Pins nothing yet.
    ///
    /// # Errors
    /// The vault itself comes back with [`crate::error::Kind::Locked`] when the key does not fit,
    /// so that another can be tried; anything else is as [`super::reading::VaultPlace::read`] says.
    pub fn unlock(self, key: UnlockKey) -> Result<Session, (Box<Self>, Error)> {
        match self.open(&key) {
            Ok((vault, payload_bytes)) => Ok(self.into_session(key, vault, payload_bytes)),
            Err(why) => Err((Box::new(self), why)),
        }
    }

    /// Whether something that this device has seen or written is not in the file, although it is
    /// not older: writes that were seen, the other file of one generation, or events of its own.
    fn is_fork(&self, vault: &Vault) -> bool {
        let older = self.standing == Freshness::AcceptedOlder;
        let Some(pin) = self.pin.as_ref().filter(|_| !older) else {
            return false;
        };
        let same_generation = pin.generation == self.facts().generation;
        let other_file = same_generation
            && !pin.signature.is_empty()
            && pin.signature != self.sealed.signature();
        let is_lost = |device: &Device| !vault.log.has_events_of(device.id, &device.chain);
        let lost_events = self.device.as_ref().is_some_and(is_lost);
        let seen = vault.log.told_by_counting(&pin.seen);
        let apart = !vault.seen.includes(&seen) || other_file || lost_events;
        apart && !self.state.intends(&self.sealed.signature())
    }

    fn into_session(self, key: UnlockKey, vault: Vault, payload_bytes: usize) -> Session {
        Session {
            forked: self.is_fork(&vault),
            file: self,
            key,
            vault,
            payload_bytes,
            taken: None,
            accepted_ways: BTreeSet::new(),
            proven: Cell::default(),
        }
    }
}

/// An open vault.
#[derive(Debug)]
pub struct Session {
    /// The file it was read from, and what this device remembers of it.
    pub(super) file: LockedVault,
    pub(super) key: UnlockKey,
    pub(super) vault: Vault,
    /// How large the records are in the file.
    pub(super) payload_bytes: usize,
    pub(super) forked: bool,
    /// What was taken in beside the file, if other copies were merged into it.
    pub(super) taken: Option<TakenIn>,
    /// Ways in that somebody has taken for known, see [`Session::new_ways_in`].
    pub(super) accepted_ways: BTreeSet<Uuid>,
    /// Whether the password was given after the vault was opened without it.
    proven: Cell<bool>,
}

impl Session {
    /// The records.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// A copy of the vault that the password of its own has opened.
    #[must_use]
    pub fn into_copy(self) -> OpenCopy {
        OpenCopy {
            file: self.file,
            vault: self.vault,
            key: match self.key {
                UnlockKey::Master(key) => Some(key),
                UnlockKey::Kept(_) | UnlockKey::Identities(_) => None,
            },
        }
    }

    /// What the file says of itself.
    #[must_use]
    pub fn facts(&self) -> &HeaderFacts {
        self.file.sealed.facts()
    }

    /// Salt and cost of the password's way in, as the header says.
    #[must_use]
    pub fn access(&self) -> &Access {
        self.file.sealed.access()
    }

    /// Whether the password of this key is the one that the vault has now.
    #[must_use]
    pub fn opens_with(&self, key: &MasterKey) -> bool {
        self.file
            .sealed
            .check_way_in(UnlockedWith::Password(key))
            .is_ok()
    }

    /// Whether whoever is there has given the password, or another key of the vault's, to just this
    /// command; what an agent keeps is no proof.
    #[must_use]
    pub fn proof(&self) -> PasswordProof {
        match self.key {
            UnlockKey::Master(_) | UnlockKey::Identities(_) => PasswordProof::Given,
            UnlockKey::Kept(_) if self.proven.get() => PasswordProof::Given,
            UnlockKey::Kept(_) => PasswordProof::Missing,
        }
    }

    /// Takes the key of a password that was given now for a proof; whether it is one.
    #[must_use]
    pub fn prove(&self, key: &MasterKey) -> bool {
        let is_proof = self.opens_with(key);
        self.proven.set(self.proven.get() || is_proof);
        is_proof
    }

    /// The master key, if the vault was opened with the password itself.
    #[must_use]
    pub fn master_key(&self) -> Option<&MasterKey> {
        match &self.key {
            UnlockKey::Master(key) => Some(key),
            UnlockKey::Kept(_) | UnlockKey::Identities(_) => None,
        }
    }

    /// Whether this device and another wrote apart, and the other's file stands in this one's
    /// place. Reading works, changing does not.
    #[must_use]
    pub fn is_forked(&self) -> bool {
        self.forked
    }

    /// What to tell where this device knows no longer who it is in the vault: whether an own write
    /// is missing there cannot be told for certain until it is known anew.
    #[must_use]
    pub fn lost_itself(&self) -> Option<String> {
        let state = &self.file.state;
        (self.file.device.is_none() && state.has_written()).then(|| {
            format!(
                "{} is damaged or gone: this device goes on as a new one, which the log says, and \
                 cannot tell for certain whether all that it wrote is there; compare with vault \
                 backups and vault log",
                state.file(DEVICE).display()
            )
        })
    }

    /// Refuses what could not be written: a vault opened with an identity, a fork, or one that a
    /// newer version has reserved for itself.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`], [`crate::error::Kind::Conflict`] or
    /// [`crate::error::Kind::Failed`].
    pub fn check_changeable(&self) -> Result<()> {
        if matches!(self.key, UnlockKey::Identities(_)) {
            return Err(only_passwd());
        }
        self.check_written_together()
    }

    pub(super) fn check_written_together(&self) -> Result<()> {
        self.vault.check_writable()?;
        if self.forked && self.taken.is_none() {
            return Err(Error::conflict(
                "this device and another wrote this vault apart, and the other's file is here",
            )
            .hint("vault merge --all takes in what each of them wrote"));
        }
        Ok(())
    }

    /// Whether this is an older generation that the user accepted.
    #[must_use]
    pub fn is_accepted_older(&self) -> bool {
        self.file.standing == Freshness::AcceptedOlder
    }

    /// Goes on with a newer file that the same key has opened.
    pub(super) fn adopt(&mut self, newer: LockedVault, vault: Vault, payload_bytes: usize) {
        self.forked = newer.is_fork(&vault);
        self.file = newer;
        self.vault = vault;
        self.payload_bytes = payload_bytes;
    }

    /// Pins what was seen. On a device whose state folder cannot be written nothing is pinned:
    /// reading goes on, and a rollback goes unnoticed there as on a device that is new.
    pub fn pin_what_was_seen(&mut self) {
        let up_to_date = self.file.standing == Freshness::Good
            && (self.file.pin.as_ref())
                .is_some_and(|pin| pin.generation >= self.facts().generation && pin.ways.is_some());
        let hold = self.forked || self.file.standing == Freshness::AcceptedOlder;
        if !up_to_date && !hold {
            let pin = self.pin_of_read();
            if self
                .file
                .state
                .lock()
                .and_then(|state| state.raise_pin(&pin, self.file.pin.as_ref(), Lasting::Yes))
                .is_ok()
            {
                self.file.pin = Some(pin);
            }
        }
        let _ = self.file.store.remember_place(self.vault.vault_id);
    }
}

pub(super) fn only_passwd() -> Error {
    Error::locked("an identity opens the vault for reading and for passwd only")
        .hint("give the vault a new password first: vault passwd --identity FILE")
}

pub(super) fn pin_of(sealed: &SealedFile, vault: &Vault) -> Pin {
    Pin {
        signer: sealed.facts().signer.to_openssh(),
        generation: sealed.facts().generation,
        hash: parents_text(&[sealed.sha256()]),
        seen: vault.seen.clone(),
        signature: sealed.signature(),
        former: former_signers(vault),
        ways: Some(vault.recipients().into_iter().collect()),
        doubted: BTreeSet::new(),
    }
}

/// The signers that the vault had before.
pub(super) fn former_signers(vault: &Vault) -> Vec<String> {
    let retired = vault.identity.retired.iter();
    retired.map(|keys| keys.signer.clone()).collect()
}

/// Whether a device's chain in the vault is the one that the device remembers, or has grown from
/// it.
pub(super) fn continues(vault: &Vault, device: &Device) -> bool {
    match vault.log.chain(device.id) {
        Some(chain) => chain.grew_from(&device.chain),
        None => device.chain.count == 0,
    }
}

pub(super) fn new_device_id() -> DeviceId {
    DeviceId::from_random(random::bytes())
}
