//! What a share is opened with: this vault's own keys, a key file, or a passphrase.

use std::path::Path;

use crate::context::Context;
use crate::crypto::{
    AgeIdentity, EncryptedFile, EncryptedSshKey, KeyFileContent, Opened, PrivateKey,
};
use crate::error::{Error, Kind, Result};
use crate::model::text::secret::Secret;
use crate::store::disk::key_file::read_private_keys;
use crate::store::session::Session;
use crate::ui::Unasked;

/// Opens a share. A passphrase, of the share or of the SSH key in `key`, comes from descriptor
/// `passphrase` or from the terminal.
///
/// # Errors
/// [`crate::error::Kind::Locked`] when it is addressed to another key or the passphrase is wrong;
/// [`crate::error::Kind::Integrity`] when the file was changed.
pub(crate) fn open(
    ctx: &Context,
    session: &Session,
    file: &EncryptedFile,
    key: Option<&Path>,
    passphrase: Option<u32>,
) -> Result<Opened> {
    if file.is_for_passphrase() {
        if key.is_some() {
            return Err(
                Error::usage("the share is encrypted with a passphrase, not to a key")
                    .hint("leave --identity out; the sender tells you the passphrase"),
            );
        }
        let given = ask(ctx, passphrase, "Passphrase of the share")?;
        return file
            .open_with_passphrase(&given)
            .map_err(|why| match why.kind() {
                Kind::Locked => why.hint("ask the sender to read it out once more, word by word"),
                _ => why,
            });
    }
    let keys = match key {
        Some(path) => from_file(ctx, file, path, passphrase)?,
        None => own(session)?,
    };
    file.open(&keys)?
        .ok_or_else(|| addressed_elsewhere(file, key))
}

/// The public halves of the vault's age key and of those that it had before.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when one is damaged.
pub(crate) fn own_recipients(session: &Session) -> Result<Vec<String>> {
    let identity = &session.vault().identity;
    let retired = identity.retired.iter().map(|keys| &keys.age);
    (std::iter::once(&identity.age).chain(retired))
        .map(|key| Ok(AgeIdentity::from_secret(key)?.recipient()))
        .collect()
}

/// The vault's age key and those that it had before; and the key that it signs with, since whoever
/// knows no other, as a sender does of a client, encrypts to that.
fn own(session: &Session) -> Result<Vec<PrivateKey>> {
    let identity = &session.vault().identity;
    let retired = identity.retired.iter().map(|keys| &keys.age);
    let mut own = (std::iter::once(&identity.age).chain(retired))
        .map(|key| PrivateKey::of_vault(key))
        .collect::<Result<Vec<_>>>()?;
    if let KeyFileContent::Ready(keys) = KeyFileContent::parse(&identity.signing)? {
        own.extend(keys);
    }
    Ok(own)
}

fn from_file(
    ctx: &Context,
    file: &EncryptedFile,
    path: &Path,
    passphrase: Option<u32>,
) -> Result<Vec<PrivateKey>> {
    let named = |why: Error| why.about(path.display());
    let text = read_private_keys(path, "the key")?;
    match KeyFileContent::parse(&text).map_err(named)? {
        KeyFileContent::Ready(keys) => Ok(keys),
        KeyFileContent::Encrypted(key) => {
            // Nobody is asked for the passphrase of a key that does not fit.
            if !file.names_ssh_key(key.recipient()) {
                return Err(addressed_elsewhere(file, Some(path)));
            }
            decrypt(ctx, &key, path, passphrase).map(|key| vec![key])
        }
    }
}

fn decrypt(
    ctx: &Context,
    key: &EncryptedSshKey,
    path: &Path,
    passphrase: Option<u32>,
) -> Result<PrivateKey> {
    let prompt = format!("Passphrase of {}", path.display());
    key.decrypt(&ask(ctx, passphrase, &prompt)?)
}

fn ask(ctx: &Context, passphrase: Option<u32>, prompt: &str) -> Result<Secret> {
    match passphrase {
        Some(number) => ctx.ui.first_line_of_fd(number),
        None => ctx.ui.prompt_secret(
            prompt,
            Unasked {
                needed: "a passphrase is needed",
                instead: "use --passphrase-fd N",
            },
        ),
    }
}

fn addressed_elsewhere(file: &EncryptedFile, key: Option<&Path>) -> Error {
    match key {
        Some(path) => Error::locked(format!(
            "the share is addressed to another key than {}",
            path.display()
        ))
        .hint("ask the sender which key it is for"),
        None if file.is_for_ssh_keys() => {
            Error::locked("the share is addressed to an SSH key, not to this vault")
                .hint("name that key: --identity ~/.ssh/id_ed25519")
        }
        None => Error::locked("the share is addressed to another vault")
            .hint("send your card to whoever shares with you: vault id --card"),
    }
}
