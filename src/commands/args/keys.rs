//! Public keys on the command line: literal, or a file that holds them.

use std::path::Path;

use crate::crypto::SshPublicKey;
use crate::error::{Error, Result};
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::model::text::text_file::without_mark;
use crate::store::disk::file::read_named;

/// Where a key's text came from.
#[derive(Clone, Debug)]
pub struct KeySource(Option<String>);

impl KeySource {
    /// A message about it, with the file's name in front.
    pub fn of(&self, message: &str) -> String {
        match &self.0 {
            Some(file) => format!("{file}: {message}"),
            None => message.to_owned(),
        }
    }

    /// An error about it.
    pub fn in_error(&self, why: Error) -> Error {
        match &self.0 {
            Some(file) => why.about(file),
            None => why,
        }
    }
}

/// The text of what was given: what a file of that name holds, or else itself.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it names a file that cannot be read, or is a word that no key
/// is spelt like: it is not repeated, it may be a secret.
pub fn text_of(given: &str) -> Result<(String, KeySource)> {
    let path = Path::new(given);
    if !path.exists() {
        if is_path(given) {
            return Err(Error::usage(format!("there is no file {given}"))
                .hint("name a file of keys, or give the key itself in quotes"));
        }
        if is_other_word(given) {
            return Err(
                Error::usage("that is no key, and there is no file of that name")
                    .hint("name a file of keys, or give the key itself in quotes"),
            );
        }
        return Ok((given.to_owned(), KeySource(None)));
    }
    let bytes = read_named("the key", path, TEXT_FILE_BYTES)?;
    let text = String::from_utf8_lossy(without_mark(&bytes)).into_owned();
    Ok((text, KeySource(Some(given.to_owned()))))
}

/// An SSH public key, or the one that a file holds.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for what is neither.
pub fn ssh_key_of(given: &str) -> Result<SshPublicKey> {
    let (text, source) = text_of(given)?;
    SshPublicKey::parse(&text).map_err(|why| source.in_error(why))
}

/// Whether it can only be meant as a file: no key is spelt so.
fn is_path(given: &str) -> bool {
    let path = given.starts_with(['/', '.', '~']) || given.contains('\\');
    let ending = [".pub", ".keys", ".txt"]
        .iter()
        .any(|end| given.ends_with(end));
    !given.contains(char::is_whitespace) && (path || ending)
}

/// Whether it is one word that does not start as keys do, public or private.
fn is_other_word(given: &str) -> bool {
    let lower = given.to_ascii_lowercase();
    let starts = ["age", "ssh-", "ecdsa-", "sk-", "-----"];
    let is_key = starts.iter().any(|start| lower.starts_with(start));
    !given.is_empty() && !given.contains(char::is_whitespace) && !is_key
}
