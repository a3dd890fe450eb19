//! From records to a file that waits beside its target, whole and checked.

use std::path::Path;
use std::thread;

use super::disk::file::{Prepared, holds};
use super::disk::waiting::folder;
use super::reading::VaultPlace;
use crate::crypto::{
    Content, Draft, KeyKeeper, SealedFile, SigningKey, UnlockedWith, seal_content,
};
use crate::error::{Error, Result};
use crate::model::text::limits::VAULT_FILE_BYTES;
use crate::model::vault::Vault;

pub(super) fn seal_vault(
    store: &VaultPlace,
    vault: &Vault,
    size_hint: usize,
    draft: &Draft,
    key: &dyn KeyKeeper,
) -> Result<SealedFile> {
    let content = Content {
        // Room for what a change usually adds, so that the buffer does not grow by copying.
        expected: size_hint + size_hint / 8 + 4096,
        write: &|file| vault.encode_to(file),
    };
    let signing_key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    let (recipients, plugins) = (vault.recipients(), &*store.plugins);
    let sealed = seal_content(&content, draft, key, &recipients, plugins, &signing_key)?;
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
    thread::scope(|scope| {
        // Its hash is wanted next; while the disk is waited for, it costs no time.
        let _ = thread::Builder::new().spawn_scoped(scope, || sealed.sha256());
        write_checked(target, sealed, key)
    })
}

fn write_checked(target: &Path, sealed: &SealedFile, key: &dyn KeyKeeper) -> Result<Prepared> {
    let prepared = Prepared::write(target, sealed.bytes())?;
    let same = holds(&prepared.path(), sealed.bytes())
        .map_err(|why| Error::failed(format!("cannot read back what was written: {why}")))?;
    if !same {
        return Err(Error::failed(format!(
            "{} did not keep what was written to it",
            folder(target).display()
        ))
        .hint("the vault is as it was; check the disk"));
    }
    // It opens as what is in memory does. Whoever keeps the key may have lost it in between.
    sealed.check_way_in(UnlockedWith::Password(key))?;
    Ok(prepared)
}
