//! `vault status`: where the vault is and how it stands, without unlocking it.

use anyhow::Result;
use serde_json::json;

use crate::context::Context;
use crate::crypto::memory;
use crate::store::session::LockedVault;

const EXAMPLES: &str = "\
Examples:
  vault status
  vault status --json | jq .generation";

/// Options of `status`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Shows where the vault is and how it stands.
///
/// # Errors
/// When there is a file that is no vault.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let store = ctx.store()?;
    let path = store.path().display().to_string();
    let locked = store.exists().then(|| store.read()).transpose()?;
    let facts = locked.as_ref().map(LockedVault::facts);
    let memory_locked = memory::can_lock();
    if ctx.ui.is_json() {
        ctx.ui.json(&json!({
            "vault": path,
            "exists": facts.is_some(),
            "generation": facts.map(|facts| facts.generation),
            "signer": facts.map(|facts| facts.signer.to_openssh()),
            "unlocked": false,
            "agent": {"running": false},
            "memory_locked": memory_locked,
        }))?;
        return Ok(());
    }
    ctx.ui.field("vault", &path)?;
    if let Some(locked) = &locked {
        let (facts, access) = (locked.facts(), locked.access());
        ctx.ui.field("generation", &facts.generation.to_string())?;
        ctx.ui.field("signer", &facts.signer.fingerprint())?;
        ctx.ui.field("key derivation", &access.kdf.to_string())?;
        let key_file = if access.key_file { "needed" } else { "none" };
        ctx.ui.field("key file", key_file)?;
    } else {
        ctx.ui.field("exists", "no")?;
        ctx.ui.hint("make one: vault init");
    }
    let memory = if memory_locked {
        "keys are kept out of swap"
    } else {
        "keys may be swapped out: this system lets no memory be locked"
    };
    ctx.ui.field("memory", memory)?;
    Ok(())
}
