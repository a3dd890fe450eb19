//! From a path to a locked vault: the order in which a file is read and checked.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use uuid::Uuid;

use super::device::folder::{Device, DeviceFolder, DeviceFolders};
use super::device::pin;
use super::device::pin::{Accepted, Freshness, Memory, Pin};
use super::disk::file::{names_of, real_path};
use super::disk::vault_file::scan;
use super::key::UnlockKey;
use crate::crypto::{HeaderFacts, NoPlugins, PluginHost, SealedFile, parents_text};
use crate::error::{Error, Result};
use crate::model::records::access::Access;
use crate::model::text::kdf::KdfLimit;
use crate::model::vault::Vault;

/// How often another vault may take a vault's place while it is read.
const SWAPS: usize = 3;

/// Where a vault is and under which terms it is read.
#[derive(Clone, Debug)]
pub struct VaultPlace {
    pub(crate) path: PathBuf,
    /// Where it stands by each of its names, see [`Self::names`].
    pub(crate) names: Vec<PathBuf>,
    pub(crate) root: DeviceFolders,
    pub(crate) accepted: Accepted,
    pub(crate) limit: KdfLimit,
    pub(crate) wait: Duration,
    pub(crate) plugins: Rc<dyn PluginHost>,
}

impl VaultPlace {
    /// A store for the vault at `path`, links resolved.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a loop of links, [`crate::error::Kind::Usage`] for a
    /// path that names no file.
    pub fn new(
        path: &Path,
        root: DeviceFolders,
        accepted: Accepted,
        limit: KdfLimit,
        wait: Duration,
    ) -> Result<Self> {
        let real = real_path(path)?;
        Ok(Self {
            names: names_of(path, &real),
            path: real,
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
    /// [`crate::error::Kind::NotFound`] when there is no vault, [`crate::error::Kind::Integrity`]
    /// when it is not as it should be.
    pub fn read(&self) -> Result<LockedVault> {
        self.judge(self.remembered_and_signed()?)
    }

    /// As [`Self::remembered`], with the signature checked.
    pub(super) fn remembered_and_signed(&self) -> Result<Remembered> {
        let remembered = self.remembered()?;
        let signature = remembered.sealed.verify_signature();
        signature.map_err(|why| self.comes_back(why))?;
        Ok(remembered)
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
        let standing = pin::judge(sealed.facts(), &memory, &self.accepted, || {
            self.way_on_from_old(state.sync_record().is_ok_and(|known| known.is_some()))
        })?;
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
    /// Whether this device itself meant to put it there, see [`DeviceFolder::intends`].
    pub intended: bool,
}

/// A file that is what it should be, as far as can be told without a password.
#[derive(Debug)]
pub struct LockedVault {
    pub(crate) store: VaultPlace,
    pub(crate) state: DeviceFolder,
    pub(crate) sealed: SealedFile,
    pub(crate) pin: Option<Pin>,
    pub(crate) device: Option<Device>,
    pub(crate) standing: Freshness,
}

pub(crate) fn lock_path(store: &VaultPlace) -> PathBuf {
    let mut name = store.path.clone().into_os_string();
    name.push(".lock");
    name.into()
}

impl LockedVault {
    /// Salt and cost of the password's way in, within the ceiling.
    #[must_use]
    pub fn access(&self) -> &Access {
        self.sealed.access()
    }

    /// What the file says of itself.
    #[must_use]
    pub fn facts(&self) -> &HeaderFacts {
        self.sealed.facts()
    }

    pub(crate) fn open(&self, key: &UnlockKey) -> Result<(Vault, usize)> {
        let payload = (self.sealed.open(key.way_in())).map_err(|why| self.store.comes_back(why))?;
        let payload_bytes = payload.len();
        let vault = Vault::decode(payload)?;
        let facts = self.sealed.facts();
        let agree = vault.vault_id == facts.vault_id
            && vault.generation == facts.generation
            && vault.parents == parents_text(&facts.parents);
        if !agree {
            return Err(Error::integrity(
                "the vault's content and its header disagree on vault, generation or parents",
            ));
        }
        Ok((vault, payload_bytes))
    }

    /// Ways in other than the password, as far as the header says.
    #[must_use]
    pub fn other_ways_in(&self) -> usize {
        // What age adds so that readers get used to what they do not know.
        let is_way = |tag: &&String| !tag.ends_with("-grease");
        self.sealed.other_tags().iter().filter(is_way).count()
    }

    /// Whether it may be encrypted to this SSH public key, as far as its header says.
    #[must_use]
    pub fn names_ssh_key(&self, openssh: &str) -> bool {
        self.sealed.names_ssh_key(openssh)
    }
}
