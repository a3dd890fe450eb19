//! The file of what goes out: where it is written, and what it is encrypted with.

use std::path::PathBuf;

use crate::context::Context;
use crate::crypto::{SealedTo, random};
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::generate::{Recipe, Separator};
use crate::model::text::secret::Secret;
use crate::store::disk::file::{InPlace, Prepared};

/// Words of a passphrase: 77 bits.
const PASSPHRASE_WORDS: u16 = 6;

/// Where the file goes.
pub(super) enum Out {
    /// The answer itself.
    Answer,
    /// A file.
    File(PathBuf),
    /// A file of the usual name.
    Here,
}

impl Out {
    /// The file, which is `here` where nothing was said; none for the answer.
    pub(super) fn path(self, here: PathBuf) -> Option<PathBuf> {
        match self {
            Self::Answer => None,
            Self::File(path) => Some(path),
            Self::Here => Some(here),
        }
    }
}

/// A passphrase to be told.
pub(crate) fn new_passphrase() -> VaultResult<Secret> {
    Ok(Recipe::words(PASSPHRASE_WORDS, Separator::default())?.draw(random::below))
}

/// Encrypts and writes the file, and gives its path.
pub(super) fn write(
    ctx: &Context,
    id: &str,
    (to, plaintext): (&SealedTo, &Secret),
    path: Option<PathBuf>,
) -> VaultResult<Option<PathBuf>> {
    let written = to
        .encrypt(plaintext.expose().as_bytes())
        .and_then(|file| match &path {
            Some(path) => Prepared::write(path, &file)?.create().map(Some),
            None => (ctx.ui.bytes(&file).and_then(|()| ctx.ui.flush())).map(|()| None),
        });
    match written {
        Ok(in_place) => {
            // It is out of this vault's hands, whether it lasts or not.
            if let Some(Err(why)) = in_place.map(InPlace::sync) {
                ctx.warn(why.message());
            }
            Ok(path)
        }
        Err(why) => Err(Error::failed(format!(
            "share {id} is in the ledger as unsent, but its file was not written: {why}"
        ))
        .hint("nobody was given anything; make room for the file, and share again")),
    }
}
