//! What is encrypted in what came, and what to say where it is none of what it is taken for.

use std::path::Path;

use jiff::Timestamp;

use crate::crypto::EncryptedFile;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::exchange::mail::{ARMOUR_BEGIN, Mail, age_files, check_kind};
use crate::model::records::record_id::number;
use crate::model::text::quote::as_word;
use crate::store::session::Session;

/// What stands in a page that asks, and in no answer.
const ASKS: &str = "function answerBytes(";

/// The encrypted files in what came.
pub(super) fn encrypted(bytes: &[u8]) -> VaultResult<Vec<EncryptedFile>> {
    let found = age_files(bytes)?;
    if found.is_empty() {
        check_block(bytes)?;
        // It says what the file is instead.
        return EncryptedFile::parse(bytes).map(|file| vec![file]);
    }
    found
        .iter()
        .map(|file| EncryptedFile::parse(file))
        .collect()
}

/// Says why nothing encrypted is in what came, where that was to have something.
fn check_block(bytes: &[u8]) -> VaultResult<()> {
    check_kind(bytes)?;
    let text = String::from_utf8_lossy(bytes);
    if text.contains(ASKS) {
        return Err(
            Error::usage("that is the page that asks, not what it makes").hint(
                "whoever has the password opens it in a browser, and sends the block that it makes",
            ),
        );
    }
    if text.contains(ARMOUR_BEGIN) {
        return Err(
            Error::integrity("the encrypted block in it is cut off or changed")
                .hint("let them send it once more, saved as a file and attached"),
        );
    }
    if Mail::parse(bytes).is_ok() {
        return Err(Error::usage("nothing encrypted is in that mail").hint(
            "let them send the block once more, attached as a file; a password that stands in \
                 a mail as it is was never safe: let them change it first",
        ));
    }
    Ok(())
}

/// The one file, where there is one.
pub(super) fn the_only(files: &[EncryptedFile]) -> VaultResult<&EncryptedFile> {
    match files {
        [one] => Ok(one),
        _ => Err(
            Error::usage(format!("it holds {} encrypted files", files.len()))
                .hint("save the one that is meant as a file of its own"),
        ),
    }
}

/// What is no share may be a text that somebody has encrypted for this vault.
pub(super) fn maybe_given(path: &Path, why: Error) -> Error {
    if why.kind() != Kind::Usage {
        return why;
    }
    why.hint(format!(
        "to keep what is in it as an entry: vault receive {} --as CLIENT/NAME",
        as_word(path.display())
    ))
}

/// What no key opens may answer a request that is over, whose key is gone.
pub(super) fn maybe_over(session: &Session, now: Timestamp, why: Error) -> Error {
    let over = session.vault().asks.all().map(|asks| {
        let mut over = asks;
        over.retain(|ask| ask.key_at(now).is_none());
        over.last().map(|ask| number(ask.id))
    });
    match over {
        Ok(Some(last)) if why.kind() == Kind::Locked => why.hint(format!(
            "if it answers a request that is over, as {last} is: its key is wiped, and for a \
             correction you ask once more, see vault ask list"
        )),
        _ => why,
    }
}
