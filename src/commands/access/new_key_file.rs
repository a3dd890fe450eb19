//! `--new-key-file`, where a vault gets a key file.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::context::{Context, read_key_file};
use crate::crypto::{KeyFile, random};
use crate::error::Result;
use crate::store::disk::file::{Prepared, check_new_file};

/// A key file that is not written yet.
pub(crate) struct NewKeyFile {
    path: PathBuf,
    content: Zeroizing<[u8; 32]>,
}

impl NewKeyFile {
    /// 32 random bytes for a file that is not there.
    ///
    /// # Errors
    /// As [`check_new_file`].
    pub(crate) fn at(path: &Path) -> Result<Self> {
        check_new_file(path)?;
        Ok(Self {
            path: path.to_owned(),
            content: Zeroizing::new(random::bytes()),
        })
    }

    /// The key file at `path`, made up where it is not there; then it has to be written too.
    ///
    /// # Errors
    /// As [`check_new_file`] and [`read_key_file`].
    pub(crate) fn or_read(path: &Path) -> Result<(KeyFile, Option<Self>)> {
        if path.symlink_metadata().is_ok() || path.as_os_str() == "-" {
            return Ok((read_key_file(path)?, None));
        }
        let new = Self::at(path)?;
        Ok((new.key(), Some(new)))
    }

    /// What it adds to the password.
    pub(crate) fn key(&self) -> KeyFile {
        KeyFile::of(&*self.content)
    }

    /// Writes it, before anything depends on it: for its owner only, never over another.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] or [`crate::error::Kind::Failed`].
    pub(crate) fn write(&self) -> Result<()> {
        Prepared::write(&self.path, &*self.content)?
            .create()?
            .sync()
    }

    /// Says that it is there, where it belongs and how it is named from now on.
    pub(crate) fn tell(&self, ctx: &Context) {
        let path = self.path.display();
        ctx.ui.note(&format!(
            "Made the key file {path}. Keep it away from the vault, and a copy of it offline: without \
             it nothing opens, but for a recovery identity."
        ));
        ctx.ui.hint("name it with --key-file, or in VAULT_KEY_FILE");
    }
}
