//! A copy of the vault that is named on the command line.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::store::reading::VaultPlace;

/// The copy that is named: a path, or a generation or a name of a backup.
///
/// # Errors
/// [`Kind::NotFound`] for a generation that is not there, [`Kind::Usage`] for a file.
pub fn named_copy(store: &VaultPlace, file: &Path) -> Result<PathBuf> {
    let is_generation = file
        .to_str()
        .is_some_and(|name| name.parse::<u64>().is_ok());
    store.named_copy(file).map_err(|why| match why.kind() {
        Kind::NotFound if !is_generation => {
            let missing = format!(
                "there is no file {}, and no backup of that name",
                file.display()
            );
            Error::usage(missing).hint("vault backups lists those there are")
        }
        _ => why,
    })
}
