//! What `sync` does with a remote, whether there is a vault here or not.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::device::sync_record::SyncRecord;
use crate::store::reading::LockedVault;
use crate::sync::remote::RemoteUrl;
use crate::sync::repository::{Fetched, SyncRepository};
use crate::ui::Spinner;

/// Fetches what is at the remote, with a sign of life.
pub fn fetch(
    ctx: &Context,
    repository: &SyncRepository<'_>,
    remote: &RemoteUrl,
) -> Result<Option<Fetched>> {
    let _spinner = sign_of_life(ctx, remote, "Fetching from the remote");
    repository.fetch()
}

/// Where git may ask for a password, nothing is drawn over its question.
pub fn sign_of_life(ctx: &Context, remote: &RemoteUrl, message: &str) -> Option<Spinner> {
    (remote.is_local() || !ctx.ui.can_ask()).then(|| ctx.ui.spinner(message))
}

/// Remembers what is at the remote now.
pub fn remember(ctx: &Context, remote: &RemoteUrl, vault: &LockedVault) {
    let record = SyncRecord {
        remote: remote.as_str().to_owned(),
        generation: vault.facts().generation,
        hash: vault.hash(),
        seen: vault.seen(),
        at: ctx.now(),
    };
    if let Err(why) = vault.device_folder().remember_sync(&record) {
        ctx.warn(&format!(
            "it is synced, but this device cannot remember it: {why}"
        ));
    }
}

/// Names the remote in what is wrong with what is there.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub fn at_remote(why: Error) -> Error {
    Error::new(why.kind(), format!("the remote's vault.age: {why}"))
        .hint("that is not a vault, or a damaged one; the vault here is as it was")
}

/// Refuses what is signed by another key than the one that is expected.
pub fn another_signer(fingerprint: &str, known: &str) -> Error {
    Error::integrity(format!(
        "the vault at the remote is signed by {fingerprint}, not by {known}"
    ))
    .hint(
        "somebody else has put it there, or its keys are new: ask its owner; nothing was taken in",
    )
}
