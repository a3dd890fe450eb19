//! From a path to an open vault: the order in which a file is read, checked and unlocked.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use uuid::Uuid;

use super::device::folder::{Device, State, StateRoot};
use super::device::pin;
use super::device::pin::{Accepted, Memory, Pin, Standing};
use super::disk::file::{Lasting, read_bounded_if, real_path};
pub use super::key::Key;
use crate::crypto::{Facts, MasterKey, NoPlugins, PluginHost, SealedFile, parents_text, random};
use crate::error::{Error, Kind, Result};
use crate::model::records::access::Access;
use crate::model::records::cell::DeviceId;
use crate::model::text::kdf::KdfLimit;
use crate::model::text::limits::{HEADER_BYTES, VAULT_FILE_BYTES};
use crate::model::vault::Vault;

/// How often another vault may take a vault's place while it is read.
const SWAPS: usize = 3;

/// Where a vault is and under which terms it is read.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) path: PathBuf,
    /// The path as it was named, where that is another: a link, or below one.
    pub(super) named: PathBuf,
    /// What a command about this vault begins with.
    pub(super) program: String,
    pub(super) root: StateRoot,
    pub(super) accepted: Accepted,
    pub(super) limit: KdfLimit,
    pub(super) wait: Duration,
    pub(super) plugins: Rc<dyn PluginHost>,
}

impl Store {
    /// A store for the vault at `path`, links resolved.
    ///
    /// # Errors
    /// [`Kind::Integrity`] for a loop of links, [`Kind::Usage`] for a path that names no file.
    pub fn new(
        path: &Path,
        root: StateRoot,
        accepted: Accepted,
        limit: KdfLimit,
        wait: Duration,
    ) -> Result<Self> {
        Ok(Self {
            path: real_path(path)?,
            named: std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()),
            program: "vault".to_owned(),
            root,
            accepted,
            limit,
            wait,
            plugins: Rc::new(NoPlugins),
        })
    }

    /// With age plugins, for the ways in that need them.
    #[must_use]
    pub fn with_plugins(self, plugins: Rc<dyn PluginHost>) -> Self {
        Self { plugins, ..self }
    }

    /// The vault's real place.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether anything stands at the vault's place.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// Reads the file and checks all that can be checked without a password: its size, its header
    /// within limits, its signature, and that signer, vault and generation are what this device
    /// knows. Nothing is asked or derived before that.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is no vault, [`Kind::Integrity`] when it is not as it should
    /// be.
    pub fn read(&self) -> Result<LockedVault> {
        let remembered = self.remembered()?;
        let signature = remembered.sealed.verify_signature();
        signature.map_err(|why| self.comes_back(why))?;
        self.judge(remembered)
    }

    /// Holds a file whose signature was checked against what this device remembers.
    ///
    /// # Errors
    /// As [`Self::read`], but for what the signature says.
    pub fn judge(&self, remembered: Remembered) -> Result<LockedVault> {
        let Remembered {
            sealed,
            pin,
            device,
            known,
            intended,
        } = remembered;
        let state = self.root.vault(sealed.facts().vault_id);
        let memory = Memory {
            pin: pin.as_ref(),
            known: &known,
            intended,
        };
        let standing = pin::judge(sealed.facts(), &memory, &self.accepted, || self.way_back())?;
        sealed.access().kdf.check_ceiling(&self.limit)?;
        Ok(LockedVault {
            store: self.clone(),
            state,
            sealed,
            pin,
            device,
            standing,
        })
    }

    /// Reads what this device remembers and then the file, and scans its header, nothing more.
    ///
    /// # Errors
    /// As [`Self::read`], but for what the signature and the pin say.
    pub fn remembered(&self) -> Result<Remembered> {
        // The pin before the file: a writer in between raises the file first, so that a reader
        // cannot take it for a rollback.
        let known = self.known()?;
        let memory = |id: Uuid| -> Result<(Option<Pin>, Option<Device>)> {
            let state = self.root.vault(id);
            Ok((state.pin()?, state.device()))
        };
        let mut looked_up = known.first().copied();
        let mut remembered = looked_up.map(memory).transpose()?;
        let mut sealed = scan(&self.path).map_err(|why| self.lost(why))?;
        for _ in 0..SWAPS {
            let id = sealed.facts().vault_id;
            if looked_up == Some(id) {
                break;
            }
            drop(sealed);
            looked_up = Some(id);
            remembered = Some(memory(id)?);
            sealed = scan(&self.path)?;
        }
        if looked_up != Some(sealed.facts().vault_id) {
            return Err(Error::conflict(format!(
                "one vault after another is put at {}",
                self.path.display()
            ))
            .hint("try again when nothing else writes there"));
        }
        let (pin, device) = remembered.unwrap_or_default();
        let state = self.root.vault(sealed.facts().vault_id);
        Ok(Remembered {
            intended: state.intends(&sealed.signature()),
            sealed,
            pin,
            device,
            known,
        })
    }
}

/// A file whose header is well formed, and what this device remembers of it.
pub struct Remembered {
    /// The file.
    pub sealed: SealedFile,
    /// What was seen of the vault that it says it is.
    pub pin: Option<Pin>,
    /// Who this device is in that vault.
    pub device: Option<Device>,
    /// The vaults that were last seen at this place, by each of its names.
    pub known: Vec<Uuid>,
    /// Whether this device itself meant to put it there, see [`State::intends`].
    pub intended: bool,
}

/// Reads a vault file within its bound and scans its header.
///
/// # Errors
/// [`Kind::NotFound`] when there is none, [`Kind::Integrity`] when it is not one.
pub fn scan(path: &Path) -> Result<SealedFile> {
    // A little more than a header may have, so that one that is too long is seen to be.
    let start = 2 * HEADER_BYTES;
    let read = read_bounded_if(path, VAULT_FILE_BYTES, start, SealedFile::check_start);
    let bytes = read.map_err(|why| match why.kind() {
        Kind::NotFound => Error::not_found(format!("there is no vault at {}", path.display())),
        _ => why,
    })?;
    SealedFile::parse(bytes)
}

/// A file that is what it should be, as far as can be told without a password.
#[derive(Debug)]
pub struct LockedVault {
    pub(super) store: Store,
    pub(super) state: State,
    pub(super) sealed: SealedFile,
    pub(super) pin: Option<Pin>,
    pub(super) device: Option<Device>,
    pub(super) standing: Standing,
}

impl LockedVault {
    /// Salt and cost of the password's way in, within the ceiling.
    #[must_use]
    pub fn access(&self) -> &Access {
        self.sealed.access()
    }

    /// What the file says of itself.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        self.sealed.facts()
    }

    /// Opens the payload and checks that it agrees with the header. Pins nothing yet.
    ///
    /// # Errors
    /// The vault itself comes back with [`Kind::Locked`] when the key does not fit, so that
    /// another can be tried; anything else is as [`Store::read`] says.
    pub fn unlock(self, key: Key) -> Result<Session, (Box<Self>, Error)> {
        match self.open(&key) {
            Ok((vault, payload_bytes)) => Ok(self.into_session(key, vault, payload_bytes)),
            Err(why) => Err((Box::new(self), why)),
        }
    }

    pub(super) fn open(&self, key: &Key) -> Result<(Vault, usize)> {
        let payload = (self.sealed.open(key.way_in())).map_err(|why| self.store.comes_back(why))?;
        let vault = Vault::decode(&payload)?;
        let facts = self.sealed.facts();
        let agree = vault.vault_id == facts.vault_id
            && vault.generation == facts.generation
            && vault.parents == parents_text(&facts.parents);
        if !agree {
            return Err(Error::integrity(
                "the vault's content and its header disagree on vault, generation or parents",
            ));
        }
        Ok((vault, payload.len()))
    }

    /// Whether something that this device has seen or written is not in the file, although it is
    /// not older: writes that were seen, the other file of one generation, or events of its own.
    fn is_fork(&self, vault: &Vault) -> bool {
        let older = self.standing == Standing::AcceptedOlder;
        let Some(pin) = self.pin.as_ref().filter(|_| !older) else {
            return false;
        };
        let same_generation = pin.generation == self.facts().generation;
        let other_file = same_generation
            && !pin.signature.is_empty()
            && pin.signature != self.sealed.signature();
        let lost_events = (self.device.as_ref()).is_some_and(|device| !continues(vault, device));
        let apart = !vault.seen.includes(&pin.seen) || other_file || lost_events;
        apart && !self.state.intends(&self.sealed.signature())
    }

    fn into_session(self, key: Key, vault: Vault, payload_bytes: usize) -> Session {
        let forked = self.is_fork(&vault);
        Session {
            store: self.store,
            state: self.state,
            sealed: self.sealed,
            pin: self.pin,
            standing: self.standing,
            key,
            vault,
            payload_bytes,
            forked,
        }
    }
}

/// An open vault.
#[derive(Debug)]
pub struct Session {
    pub(super) store: Store,
    pub(super) state: State,
    pub(super) sealed: SealedFile,
    pub(super) pin: Option<Pin>,
    pub(super) standing: Standing,
    pub(super) key: Key,
    pub(super) vault: Vault,
    pub(super) payload_bytes: usize,
    pub(super) forked: bool,
}

impl Session {
    /// The records.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The records, and nothing else any more.
    #[must_use]
    pub fn into_vault(self) -> Vault {
        self.vault
    }

    /// What the file says of itself.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        self.sealed.facts()
    }

    /// Salt and cost of the password's way in, as the header says.
    #[must_use]
    pub fn access(&self) -> &Access {
        self.sealed.access()
    }

    /// The master key, if the vault was opened with the password itself.
    #[must_use]
    pub fn master_key(&self) -> Option<&MasterKey> {
        match &self.key {
            Key::Master(key) => Some(key),
            Key::Kept(_) | Key::Identities(_) => None,
        }
    }

    /// Whether this device and another wrote apart, and the other's file stands in this one's
    /// place. Reading works, changing does not.
    #[must_use]
    pub fn is_forked(&self) -> bool {
        self.forked
    }

    /// Refuses what could not be written: a vault opened with an identity, a fork, or one that a
    /// newer version has reserved for itself.
    ///
    /// # Errors
    /// [`Kind::Locked`], [`Kind::Conflict`] or [`Kind::Failed`].
    pub fn check_changeable(&self) -> Result<()> {
        if matches!(self.key, Key::Identities(_)) {
            return Err(only_passwd());
        }
        self.check_written_together()
    }

    pub(super) fn check_written_together(&self) -> Result<()> {
        self.vault.check_writable()?;
        if self.forked {
            return Err(Error::conflict(
                "this device and another wrote this vault apart, and the other's file is here",
            )
            .hint(format!(
                "they cannot be merged yet: to go on with what this device wrote, move {} away, then \
                 {}; what the other wrote is in the file that was moved",
                self.store.path.display(),
                self.store.command("restore last.age")
            )));
        }
        Ok(())
    }

    /// Whether this is an older generation that the user accepted.
    #[must_use]
    pub fn is_accepted_older(&self) -> bool {
        self.standing == Standing::AcceptedOlder
    }

    /// Goes on with the same file, as what this device remembers says of it now.
    pub(super) fn keep(&mut self, same: LockedVault) {
        self.pin = same.pin;
        self.standing = same.standing;
    }

    /// Goes on with a newer file that the same key has opened.
    pub(super) fn adopt(&mut self, newer: LockedVault, vault: Vault, payload_bytes: usize) {
        self.forked = newer.is_fork(&vault);
        self.sealed = newer.sealed;
        self.pin = newer.pin;
        self.standing = newer.standing;
        self.vault = vault;
        self.payload_bytes = payload_bytes;
    }

    /// Pins what was seen. On a device whose state folder cannot be written nothing is pinned:
    /// reading goes on, and a rollback goes unnoticed there as on a device that is new.
    pub fn pin_what_was_seen(&mut self) {
        let up_to_date = self.standing == Standing::Good
            && (self.pin.as_ref()).is_some_and(|pin| pin.generation >= self.facts().generation);
        let hold = self.forked || self.standing == Standing::AcceptedOlder;
        if !up_to_date && !hold {
            let pin = pin_of(&self.sealed, &self.vault);
            if self
                .state
                .lock()
                .and_then(|state| state.raise_pin(&pin, self.pin.as_ref(), Lasting::Yes))
                .is_ok()
            {
                self.pin = Some(pin);
            }
        }
        let _ = self.store.remember_place(self.vault.vault_id);
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
    }
}

/// The signers that the vault had before.
pub(super) fn former_signers(vault: &Vault) -> Vec<String> {
    let retired = vault.identity.retired.iter();
    retired.map(|keys| keys.signer.clone()).collect()
}

/// Whether a device's chain in the vault is the one that the device remembers, or has grown from it.
pub(super) fn continues(vault: &Vault, device: &Device) -> bool {
    match vault.log.chain(device.id) {
        Some(chain) => chain.grew_from(&device.chain),
        None => device.chain.count == 0,
    }
}

pub(super) fn new_device_id() -> DeviceId {
    DeviceId::from_random(random::bytes())
}
