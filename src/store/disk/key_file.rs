//! Files of private keys that a person names.

use std::path::Path;

use super::file::read_named;
use crate::error::{Error, Result};
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::model::text::secret::Secret;
use crate::model::text::text_file::{unix_lines, without_mark};
use crate::process::inherited::Inherited;

/// Reads `what`, a file of private keys, as an editor may have left it: a byte order mark and
/// Windows line ends go. A descriptor that the path names is closed.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for a file that cannot be read or is not UTF-8.
pub fn read_private_keys(path: &Path, what: &str) -> Result<Secret> {
    let bytes = read_named(what, path, TEXT_FILE_BYTES).map_err(Error::into_usage)?;
    Inherited::close_named(path);
    let text = std::str::from_utf8(without_mark(&bytes))
        .map_err(|_| Error::usage(format!("{} is not a file of keys", path.display())))?;
    Ok(Secret::new(unix_lines(text).into_owned()))
}
