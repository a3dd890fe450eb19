//! From records to a file that waits beside its target, whole and checked.

use std::path::Path;

use zeroize::Zeroizing;

use super::disk::file::{Prepared, read_bounded};
use super::disk::waiting::folder;
use super::reading::VaultPlace;
use crate::crypto::{Draft, KeyKeeper, SealedFile, SigningKey, UnlockedWith, seal};
use crate::error::{Error, Kind, Result};
use crate::model::text::limits::VAULT_FILE_BYTES;
use crate::model::vault::Vault;

pub(super) fn seal_vault(
    store: &VaultPlace,
    vault: &Vault,
    size_hint: usize,
    draft: &Draft,
    key: &dyn KeyKeeper,
) -> Result<SealedFile> {
    // Room for what a change usually adds, so that the buffer does not grow by copying.
    let payload: Zeroizing<Vec<u8>> = vault.encode(size_hint + size_hint / 8 + 4096)?;
    let signing_key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    let (recipients, plugins) = (vault.recipients(), &*store.plugins);
    let sealed = seal(&payload, draft, key, &recipients, plugins, &signing_key)?;
    let size = sealed.bytes().len() as u64;
    if size > VAULT_FILE_BYTES {
        return Err(Error::usage(format!(
            "the vault would have {size} bytes, the limit is {VAULT_FILE_BYTES}"
        )));
    }
    Ok(sealed)
}

/// Writes the file beside its target, reads it back, and checks that it is whole and opens.
pub(super) fn prepare(target: &Path, sealed: &SealedFile, key: &dyn KeyKeeper) -> Result<Prepared> {
    let prepared = Prepared::write(target, sealed.bytes())?;
    let bytes = read_bounded(&prepared.path(), VAULT_FILE_BYTES)
        .map_err(|why| Error::failed(format!("cannot read back what was written: {why}")))?;
    let same = *bytes == *sealed.bytes();
    let opens =
        SealedFile::parse(bytes).and_then(|file| file.check_way_in(UnlockedWith::Password(key)));
    match opens {
        Ok(()) if same => return Ok(prepared),
        // Whoever kept the key lost it in between; the disk is not to blame.
        Err(why) if same && why.kind() == Kind::Locked => return Err(why),
        _ => {}
    }
    Err(Error::failed(format!(
        "{} did not keep what was written to it",
        folder(target).display()
    ))
    .hint("the vault is as it was; check the disk"))
}
