//! age files of other programs, opened with native keys.

use std::io::Read;

use zeroize::Zeroizing;

use super::keys::Identities;
use crate::error::{Error, Result};
use crate::model::limits::{HEADER_BYTES, HEADER_STANZAS};

/// Opens a small age file and reads it to its end, at most `limit` bytes.
///
/// # Errors
/// [`crate::error::Kind::Locked`] when none of the keys opens it,
/// [`crate::error::Kind::Integrity`] when it is damaged or past a limit.
pub fn open_age_file(
    sealed: &[u8],
    identities: &Identities,
    limit: u64,
) -> Result<Zeroizing<Vec<u8>>> {
    let damaged = || Error::integrity("the age file is damaged or is none");
    // The age crate parses headers in quadratic time.
    let start = sealed
        .get(..sealed.len().min(HEADER_BYTES))
        .unwrap_or_default();
    let header = start
        .windows(4)
        .position(|end| end == b"\n---")
        .ok_or_else(damaged)?;
    let stanzas = start.get(..header).unwrap_or_default().windows(3);
    if stanzas.filter(|start| start == b"\n->").count() > HEADER_STANZAS {
        return Err(damaged());
    }
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| damaged())?;
    let opened = decryptor
        .decrypt(identities.iter())
        .map_err(|why| match why {
            age::DecryptError::NoMatchingKeys => {
                Error::locked("none of the keys opens the age file")
            }
            _ => damaged(),
        })?;
    let mut bytes = Zeroizing::new(Vec::new());
    let read = opened.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    match read {
        Ok(_) if bytes.len() as u64 <= limit => Ok(bytes),
        _ => Err(damaged()),
    }
}
