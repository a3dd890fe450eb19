//! What this device remembers of a vault's remote: where it is, and what was last seen there.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::folder::{DeviceFolder, read_json, write_json};
use crate::error::Result;
use crate::model::records::cell::Seen;
use crate::store::disk::file::{Lasting, make_private_folder};
use crate::store::disk::lock::FileLock;

/// Its name.
const FILE: &str = "sync.json";

/// What `sync.json` holds. The address may hold a password: the file is private.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRecord {
    /// The remote's address.
    pub remote: String,
    /// The vault's generation there.
    pub generation: u64,
    /// SHA-256 of the vault file there, lower-case hex.
    pub hash: String,
    /// The writes that were seen in it, where it was open on this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// When that was.
    pub at: Timestamp,
}

impl DeviceFolder {
    /// What is remembered of the remote.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is damaged.
    pub fn sync_record(&self) -> Result<Option<SyncRecord>> {
        read_json(&self.file(FILE))
    }

    /// Remembers what was seen at the remote.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it cannot be written.
    pub fn remember_sync(&self, record: &SyncRecord) -> Result<()> {
        let locked = self.lock()?;
        write_json(&locked.file(FILE), record, Lasting::Yes)
    }

    /// The bare repository between the vault and its remote; it need not be there.
    #[must_use]
    pub fn sync_repository(&self) -> PathBuf {
        self.file("sync.git")
    }

    /// Keeps other processes of this device from that repository.
    ///
    /// # Errors
    /// As [`Self::lock`].
    pub fn lock_sync(&self, wait: Duration) -> Result<FileLock> {
        make_private_folder(&self.file(""))?;
        FileLock::acquire(&self.file("sync.lock"), wait)
    }
}
