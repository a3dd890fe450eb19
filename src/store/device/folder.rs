//! The folder where this device keeps what it knows of a vault, outside any folder that is synced:
//! the pin, the device's id, the journal, and the newest file it wrote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pin::Pin;
use crate::error::{Error, Kind, Result};
use crate::model::records::cell::DeviceId;
use crate::model::records::event::LogHead;
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::store::disk::file::{
    Lasting, make_private_folder, read_bounded, sync_folder, write_small,
};
use crate::store::disk::lock::FileLock;
use crate::store::disk::vault_file::scan;

/// The pin.
const PIN: &str = "pin.json";
/// Who this device is.
pub(crate) const DEVICE: &str = "device.json";
/// The newest file that this device wrote.
pub(crate) const LAST: &str = "last.age";
/// The signature of a file that this device puts in the place of a newer one knowingly.
const INTENDED: &str = "intended";
/// How long a reader waits for another process that is writing here.
const READER_WAIT: Duration = Duration::from_secs(5);

/// What `device.json` holds: who this device is in the vault, and how far its chain had come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The device's id.
    pub id: DeviceId,
    /// Its chain's count and head after its last write.
    #[serde(flatten)]
    pub chain: LogHead,
    /// The time that it had surely come to when it began: the latest event that the vault held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Timestamp>,
}

/// The state folder of all vaults.
#[derive(Clone, Debug)]
pub struct DeviceFolders(PathBuf);

impl DeviceFolders {
    /// The folder at `path`; it need not exist.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of one vault.
    #[must_use]
    pub fn vault(&self, id: Uuid) -> DeviceFolder {
        DeviceFolder(self.0.join(id.to_string()))
    }

    /// The vault that was last seen at `path`.
    ///
    /// # Errors
    /// [`Kind::Integrity`] when the list is damaged.
    pub fn known_at(&self, path: &Path) -> Result<Option<Uuid>> {
        let known: Option<KnownPaths> = read_json(&self.paths_file())?;
        Ok(known.and_then(|known| known.get(&key(path)).copied()))
    }

    /// Remembers which vault stands at `path`.
    ///
    /// # Errors
    /// [`Kind::Failed`] when the folder cannot be written.
    pub fn remember_path(&self, path: &Path, vault: Uuid) -> Result<()> {
        if self.known_at(path)? == Some(vault) {
            return Ok(());
        }
        make_private_folder(&self.0)?;
        let _lock = FileLock::acquire(&self.0.join("paths.lock"), READER_WAIT)?;
        let mut known: KnownPaths = read_json(&self.paths_file())?.unwrap_or_default();
        known.insert(key(path), vault);
        write_json(&self.paths_file(), &known, Lasting::Yes)
    }

    /// Whether a vault stands at another path than these, as it did when this device saw it there.
    ///
    /// # Errors
    /// As [`Self::known_at`].
    pub(crate) fn is_elsewhere(&self, vault: Uuid, not: &[&Path]) -> Result<bool> {
        let known: KnownPaths = read_json(&self.paths_file())?.unwrap_or_default();
        let not: Vec<String> = not.iter().map(|path| key(path)).collect();
        let others = known
            .iter()
            .filter(|(path, id)| **id == vault && !not.contains(path));
        let stands = |path: &String| {
            scan(Path::new(path)).is_ok_and(|sealed| sealed.facts().vault_id == vault)
        };
        Ok(others.map(|(path, _)| path).any(stands))
    }

    fn paths_file(&self) -> PathBuf {
        self.0.join("paths.json")
    }
}

type KnownPaths = BTreeMap<String, Uuid>;

/// A path as a key of JSON; one that is no text is told apart from all that are.
fn key(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => format!(
            "bytes:{}",
            path.as_os_str().as_encoded_bytes().escape_ascii()
        ),
    }
}

/// The state folder of one vault.
#[derive(Clone, Debug)]
pub struct DeviceFolder(PathBuf);

impl DeviceFolder {
    /// What this device knows of the vault, if it has seen it.
    ///
    /// # Errors
    /// [`Kind::Integrity`] when the pin is damaged: then nothing can be said of the file.
    pub fn pin(&self) -> Result<Option<Pin>> {
        read_json(&self.file(PIN))
    }

    /// Who this device is, if it has written. A damaged file counts as none: a new id is drawn, and
    /// what [`Self::has_written`] shows is told and logged.
    #[must_use]
    pub fn device(&self) -> Option<Device> {
        read_json(&self.file(DEVICE)).ok().flatten()
    }

    /// Whether this device has written the vault. If it has, and [`Self::device`] is none, the file
    /// that says who it is there is damaged or gone.
    pub(crate) fn has_written(&self) -> bool {
        let was_there = |name| self.file(name).symlink_metadata().is_ok();
        was_there(DEVICE) || was_there(LAST)
    }

    /// Whether this device itself meant to put the file with this signature in place, although it
    /// goes on from an older one. It may have been killed before it could pin that.
    #[must_use]
    pub fn intends(&self, signature: &str) -> bool {
        let intended = read_bounded(&self.file(INTENDED), TEXT_FILE_BYTES as u64);
        intended.is_ok_and(|intended| *intended == *signature.as_bytes())
    }

    /// Locks the folder against other processes of this device.
    ///
    /// # Errors
    /// [`Kind::Failed`] when it cannot be made, [`Kind::Conflict`] when it is busy.
    pub fn lock(&self) -> Result<LockedDeviceFolder> {
        self.lock_within(READER_WAIT)
    }

    /// As [`Self::lock`], waiting at most `wait`.
    ///
    /// # Errors
    /// As [`Self::lock`].
    pub fn lock_within(&self, wait: Duration) -> Result<LockedDeviceFolder> {
        make_private_folder(&self.0)?;
        let lock = FileLock::acquire(&self.file("state.lock"), wait)?;
        Ok(LockedDeviceFolder {
            state: self.clone(),
            _lock: lock,
        })
    }

    /// Whether this device remembers anything of the vault.
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_dir()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// The state folder of one vault while no other process changes it.
#[derive(Debug)]
pub struct LockedDeviceFolder {
    state: DeviceFolder,
    _lock: FileLock,
}

impl LockedDeviceFolder {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.state.file(name)
    }

    /// Remembers which file is about to be put in place, see [`DeviceFolder::intends`].
    ///
    /// # Errors
    /// [`Kind::Failed`] when it cannot be written.
    pub fn intend(&self, signature: &str) -> Result<()> {
        write_small(&self.file(INTENDED), signature.as_bytes(), Lasting::Yes)
    }

    /// Raises the pin. A pin of a higher generation stays. So does a pin of another signer, unless
    /// it is `known` to the caller: a reader that was overtaken by a change of the signer must not
    /// bring the old signer back.
    ///
    /// # Errors
    /// [`Kind::Failed`] when it cannot be written.
    pub fn raise_pin(&self, pin: &Pin, known: Option<&Pin>, lasting: Lasting) -> Result<()> {
        if let Some(old) = self.state.pin()? {
            let stays = if pin.signer == old.signer {
                pin.generation < old.generation
            } else {
                known.is_none_or(|known| known.signer != old.signer)
            };
            if stays || old == *pin {
                return Ok(());
            }
        }
        write_json(&self.file(PIN), pin, lasting)
    }

    /// Remembers who this device is and how far its chain has come.
    ///
    /// # Errors
    /// [`Kind::Failed`] when it cannot be written.
    pub fn remember_device(&self, device: &Device, lasting: Lasting) -> Result<()> {
        write_json(&self.file(DEVICE), device, lasting)
    }

    /// Keeps `vault`, the newest file that this device wrote, as `last.age`: a copy, so that a
    /// program that writes over the vault in place does not write over this one too.
    ///
    /// # Errors
    /// [`Kind::Failed`] when it cannot be written.
    pub fn keep_last(&self, vault: &[u8]) -> Result<()> {
        write_small(&self.file(LAST), vault, Lasting::NameLater)
    }

    /// Makes the names of what was written here durable.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub(crate) fn sync(&self) -> Result<()> {
        sync_folder(&self.file(""))
    }
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let bytes = match read_bounded(path, TEXT_FILE_BYTES as u64) {
        Err(why) if why.kind() == Kind::NotFound => return Ok(None),
        bytes => bytes?,
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| {
        Error::integrity(format!("{} is damaged", path.display())).hint(
            "if you know that the vault is right, move that file away; \
             what this device knew of the vault is then forgotten",
        )
    })
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize, lasting: Lasting) -> Result<()> {
    let bytes = serde_json::to_vec(value)
        .map_err(|_| Error::failed(format!("cannot encode {}", path.display())))?;
    write_small(path, &bytes, lasting)
}

#[cfg(test)]
mod tests {
    use super::{DeviceFolders, Lasting, Pin};

    fn pin(signer: &str, generation: u64) -> Pin {
        Pin {
            signer: signer.into(),
            generation,
            ..Pin::default()
        }
    }

    #[test]
    fn a_pin_of_another_signer_is_replaced_by_those_only_who_knew_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = DeviceFolders::new(folder.path().into()).vault(uuid::Uuid::nil());
        let locked = state.lock().unwrap();
        let raised = |new: &Pin, known: Option<&Pin>| {
            locked.raise_pin(new, known, Lasting::No).unwrap();
            state.pin().unwrap().unwrap()
        };
        let (old, new) = (pin("old", 5), pin("new", 6));
        assert_eq!(raised(&old, None), old);
        assert_eq!(raised(&pin("old", 4), Some(&old)), old);
        // A reader that knew nothing of the signer that came meanwhile.
        assert_eq!(raised(&new, None), old);
        assert_eq!(raised(&new, Some(&old)), new);
        // A reader that was overtaken by the change.
        assert_eq!(raised(&pin("old", 7), Some(&old)), new);
    }
}
