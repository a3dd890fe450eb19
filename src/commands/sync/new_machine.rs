//! `vault sync --remote URL` on a machine that has no vault yet: it takes over the one that is
//! there, once it is sure whose it is.

use std::fs;

use serde_json::json;

use super::remote::{another_signer, at_remote, fetch, remember};
use crate::commands::args::signer::check_trusted;
use crate::context::Context;
use crate::crypto::AllowedSigner;
use crate::error::{Error, Kind, Result};
use crate::exchange::identity::PublicIdentity;
use crate::store::disk::file::make_private_folder;
use crate::store::reading::{LockedVault, VaultPlace};
use crate::store::session::Session;
use crate::sync::remote::RemoteUrl;
use crate::sync::repository::SyncRepository;
use crate::ui::Unasked;

/// What is said where nobody can be asked whose vault it is.
const UNASKED: Unasked<'_> = Unasked {
    needed: "the signer needs a confirmation",
    instead: "name the signer that vault id shows on the other machine: --signer KEY",
};

/// Takes over what is at the remote.
///
/// # Errors
/// [`Kind::NotFound`] when nothing is there, [`Kind::Integrity`] when it is not what it should be,
/// [`Kind::Refused`] when it is somebody else's.
pub fn run(
    ctx: &Context,
    store: &VaultPlace,
    remote: &RemoteUrl,
    trusted: Option<&[AllowedSigner]>,
) -> Result<()> {
    tell_what_was_here(ctx, store);
    if trusted.is_none() && !ctx.ui.can_ask() {
        ctx.ui.confirm("", UNASKED)?;
    }
    let folder = store.sync_repository_of_new();
    if let Some(above) = folder.parent() {
        make_private_folder(above)?;
    }
    let repository = SyncRepository::open(&folder, remote, ctx.ui.can_ask())?;
    let Some(fetched) = fetch(ctx, &repository, remote)? else {
        repository.remove()?;
        return Err(Error::new(
            Kind::NotFound,
            format!("there is no vault here, and none at {remote} yet"),
        )
        .hint("on the machine that has it: vault sync --remote URL; or make one: vault init"));
    };
    let arrived = store.arrived(fetched.bytes).map_err(at_remote)?;
    let facts = arrived.sealed.facts().clone();
    let fingerprint = facts.signer.fingerprint();
    if let Some(trusted) = trusted {
        check_trusted(facts.signer, trusted, ctx.now(), |known| {
            another_signer(&fingerprint, known)
        })?;
    }
    let mut session = open(ctx, store.judge(arrived)?)?;
    let id = PublicIdentity::of(session.vault())?;
    if id.signer != facts.signer.to_openssh() {
        return Err(another_signer(&fingerprint, &id.fingerprint));
    }
    if trusted.is_none() {
        let generation = facts.generation;
        ctx.ui.note(&format!(
            "The vault at the remote has generation {generation}. Its signer:"
        ));
        ctx.ui.note(&format!("  {}", id.fingerprint));
        ctx.ui.note(&format!("  words: {}", id.words));
        ctx.ui
            .note("Compare them with what vault id shows on the other machine.");
        if !ctx.ui.confirm("Are they the same?", UNASKED)? {
            repository.remove()?;
            return Err(Error::refused("the vault at the remote was not taken over")
                .hint("ask whoever keeps that repository who has put it there"));
        }
    }
    session.put_where_none_is()?;
    let own = session.file().device_folder().sync_repository();
    // What it holds is fetched again where it cannot be moved.
    if own.exists() || fs::rename(&folder, &own).is_err() {
        let _ = repository.remove();
    }
    remember(ctx, remote, session.file());
    if ctx.ui.is_json() {
        return ctx.ui.json(&json!({
            "ok": true,
            "remote": remote.to_string(),
            "generation": facts.generation,
            "vault_id": facts.vault_id,
            "signer": id.signer,
            "warnings": ctx.warnings(),
        }));
    }
    ctx.ui.note(&format!(
        "took over generation {} to {}",
        facts.generation,
        store.path().display()
    ));
    Ok(())
}

/// Opens what is at the remote, which says to a person whose password that takes.
fn open(ctx: &Context, arrived: LockedVault) -> Result<Session> {
    if ctx.ui.can_ask() {
        let text = "What is at the remote opens with the master password of the other machine.";
        ctx.ui.note(text);
    }
    ctx.unlock_file(arrived)
}

/// Says how the vault comes back that was here before.
fn tell_what_was_here(ctx: &Context, store: &VaultPlace) {
    if store.had_a_vault() {
        ctx.warn(&format!(
            "there was a vault at {}, and the remote may lack what was written last: {}",
            store.path().display(),
            store.way_back()
        ));
    }
}
