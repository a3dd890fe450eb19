//! The file of what goes out: where it is written, and what it is encrypted with.

use std::path::PathBuf;

use uuid::Uuid;

use crate::context::Context;
use crate::crypto::{SealedTo, random};
use crate::error::{Error, Result as VaultResult};
use crate::exchange::identity::PublicIdentity;
use crate::exchange::share_page::share_page;
use crate::model::entry::generate::{Recipe, Separator};
use crate::model::records::event::sha256_hex;
use crate::model::text::lang::Lang;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;
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

/// The language of the page, where it goes as one; none where it goes as a file of age.
pub(super) type PageLang = Option<Lang>;

/// What goes, encrypted: a file of age, or with `page` one that opens in a browser.
pub(super) fn sealed(
    vault: &Vault,
    id: Uuid,
    (to, letter): (&SealedTo, &Secret),
    page: PageLang,
) -> VaultResult<Vec<u8>> {
    match (page, to) {
        (Some(lang), SealedTo::Passphrase(words)) => {
            share_page(vault, id, (letter, words), lang).map(String::into_bytes)
        }
        _ => to.encrypt(letter.expose().as_bytes()),
    }
}

/// What its file is called where nothing is said.
pub(super) fn file_name(stem: &str, page: PageLang) -> PathBuf {
    let ending = if page.is_some() { "html" } else { "age" };
    PathBuf::from(format!("{stem}.{ending}"))
}

/// The six words that stand in a page, of the vault's keys; none where it is no page.
pub(super) fn page_words(vault: &Vault, page: PageLang) -> VaultResult<Option<String>> {
    let identity = page.map(|_| PublicIdentity::of(vault)).transpose()?;
    Ok(identity.map(|identity| identity.words))
}

/// Says of a page what tells it apart, and what may stop it.
pub(super) fn tell_page(ctx: &Context, words: &str, file: &[u8]) {
    ctx.ui.note(&format!("its SHA-256: {}", sha256_hex(file)));
    ctx.ui.note(
        "Tell them the passphrase by phone, and these six words; they stand in the page, which cannot \
         vouch for itself:",
    );
    ctx.ui.note(&format!("  {words}"));
    ctx.ui.note(
        "Mail systems may hold back or change files that end in .html. If it does not arrive: put it \
         on your own web space, on a shared folder or a USB stick. The page does not expire by itself.",
    );
    ctx.ui
        .note("When their mail is back that says RECEIVED or DELETED: vault ack --mail MAIL");
}

/// Writes the file, and gives its path.
pub(super) fn write(
    ctx: &Context,
    id: &str,
    file: VaultResult<&[u8]>,
    path: Option<PathBuf>,
) -> VaultResult<Option<PathBuf>> {
    let written = file.and_then(|file| match &path {
        Some(path) => Prepared::write(path, file)?.create().map(Some),
        None => (ctx.ui.bytes(file).and_then(|()| ctx.ui.flush())).map(|()| None),
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
