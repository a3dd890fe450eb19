//! The vault's file as it lies on disk.

use crate::crypto::SealedFile;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::model::text::limits::HEADER_BYTES;
use crate::model::text::limits::VAULT_FILE_BYTES;
use crate::store::disk::file::read_bounded_if;
use std::path::Path;

/// Reads a vault file within its bound and scans its header.
///
/// # Errors
/// [`Kind::NotFound`] when there is none, [`Kind::Integrity`] when it is not one.
pub(crate) fn scan(path: &Path) -> Result<SealedFile> {
    // A little more than a header may have, so that one that is too long is seen to be.
    let start = 2 * HEADER_BYTES;
    let read = read_bounded_if(path, VAULT_FILE_BYTES, start, SealedFile::check_start);
    let bytes = read.map_err(|why| match why.kind() {
        Kind::NotFound => Error::not_found(format!("there is no vault at {}", path.display())),
        _ => why,
    })?;
    SealedFile::parse(bytes)
}
