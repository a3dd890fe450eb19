//! What stands where the vault should be, and gives way to a copy of it.

use crate::crypto::memory::Pages;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::model::records::event::sha256_hex;
use crate::model::text::limits::VAULT_FILE_BYTES;
use crate::store::backups::generations;
use crate::store::disk::file::InPlace;
use crate::store::disk::file::Prepared;
use crate::store::disk::file::read_bounded;
use crate::store::disk::file::sync_folder;
use crate::store::disk::waiting::folder;
use crate::store::reading::VaultPlace;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

/// A file in the vault's place that is not a vault, or an old copy of it.
#[derive(Debug)]
pub struct Broken {
    /// What is wrong with it.
    pub(super) why: Error,
    /// Its bytes; none when nothing is there.
    pub(super) bytes: Option<Pages>,
    /// Its generation, where it is an old copy, and whole.
    pub(super) old: Option<u64>,
}

/// An old copy that was put in the place of the vault.
#[derive(Debug)]
pub struct OldCopy {
    /// The file.
    pub file: Broken,
    /// Its generation.
    pub generation: u64,
    /// The generation that this device has seen.
    pub seen: u64,
}

impl Broken {
    /// What is wrong with it.
    pub fn why(&self) -> &Error {
        &self.why
    }

    /// Whether it is an old copy of the vault, and whole.
    pub fn is_old_copy(&self) -> bool {
        self.old.is_some()
    }

    /// Where it is kept once a copy has taken its place; nowhere when nothing was there. An old
    /// copy is one of the vault's generations.
    pub fn aside(&self, store: &VaultPlace) -> Option<PathBuf> {
        let hash = sha256_hex(self.bytes.as_ref()?);
        if let Some(generation) = self.old {
            return Some(generations::place(&store.path, generation, &hash));
        }
        let mut name = OsString::from(&store.path);
        name.push(".damaged-");
        name.push(hash.get(..8).unwrap_or_default());
        Some(name.into())
    }

    /// Lets `prepared` take its place, if it still is what was looked at.
    pub(super) fn give_way(&self, store: &VaultPlace, prepared: Prepared) -> Result<InPlace> {
        self.check_unchanged(store)?;
        let Some(aside) = self.aside(store) else {
            return prepared.create();
        };
        if let (Some(generation), Some(bytes)) = (self.old, &self.bytes) {
            generations::save(&store.path, generation, &sha256_hex(bytes))?;
            return prepared.replace();
        }
        let linked = aside.exists() || fs::hard_link(&store.path, &aside).is_ok();
        if linked {
            sync_folder(folder(&aside))?;
        } else {
            let bytes = self.bytes.as_deref().unwrap_or_default();
            Prepared::write(&aside, bytes)?.create()?.sync()?;
        }
        prepared.replace()
    }

    pub(super) fn check_unchanged(&self, store: &VaultPlace) -> Result<()> {
        let same = match (&self.bytes, read_bounded(&store.path, VAULT_FILE_BYTES)) {
            (Some(bytes), Ok(now)) => **bytes == *now,
            (None, Err(why)) => why.kind() == Kind::NotFound,
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(Error::conflict(format!(
            "another program has written {} meanwhile",
            store.path.display()
        ))
        .hint("nothing was written; look at what is there now: vault status"))
    }
}
