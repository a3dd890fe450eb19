//! `vault status`: where the vault is and how it stands, without unlocking it.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::agent::AgentStatus;
use crate::context::Context;
use crate::crypto::memory;
use crate::model::records::access::Access;
use crate::store::reading::LockedVault;
use crate::ui::Shown;
use crate::ui::time::local_time;

const EXAMPLES: &str = "\
Examples:
  vault status
  vault status --json | jq .generation";

/// Options of `status`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Shows where the vault is and how it stands.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let store = ctx.store()?;
    let path = store.path().display().to_string();
    let locked = store.exists().then(|| store.read()).transpose()?;
    let facts = locked.as_ref().map(LockedVault::facts);
    let agent = AgentRow::new(ctx.agent_status(locked.as_ref()), ctx.now());
    let memory_locked = memory::can_lock();
    let access = locked.as_ref().map(LockedVault::access);
    let key_file = |access: &Access| {
        if access.key_file { "needed" } else { "none" }
    };
    let memory = if memory_locked {
        "the master key is kept out of swap"
    } else {
        "keys may be swapped out: this system lets no memory be locked"
    };
    let shown = Shown::default()
        .field("vault", "vault", &path)
        .field(
            "generation",
            "generation",
            facts.map(|facts| facts.generation),
        )
        .json("signer", facts.map(|facts| facts.signer.to_openssh()))
        .text("signer", facts.map(|facts| facts.signer.fingerprint()))
        .text(
            "key derivation",
            access.map(|access| access.kdf.to_string()),
        )
        .text("key file", access.map(key_file))
        .json("unlocked", agent.until.is_some())
        .json("agent", agent.json())
        .text("unlocked", facts.and_then(|_| agent.text()))
        .json("exists", facts.is_some())
        .text("exists", facts.is_none().then_some("no"))
        .json("memory_locked", memory_locked)
        .text("memory", [memory]);
    ctx.ui.show(&shown)?;
    if facts.is_none() && !ctx.ui.is_json() {
        ctx.ui.hint(&store.way_to_a_vault());
    }
    Ok(())
}

/// The agent, and until when it keeps this vault's key.
struct AgentRow {
    running: bool,
    until: Option<Timestamp>,
    idle_until: Option<Timestamp>,
}

impl AgentRow {
    fn new(standing: Option<AgentStatus>, now: Timestamp) -> Self {
        let left = standing.and_then(|standing| standing.left);
        let whole = |left: Duration| i64::try_from(left.as_secs()).unwrap_or_default();
        let after = |left| now + SignedDuration::from_secs(whole(left));
        Self {
            running: standing.is_some(),
            until: left.map(|left| after(left.at_most)),
            idle_until: left.map(|left| after(left.idle)),
        }
    }

    fn json(&self) -> Value {
        json!({"running": self.running, "until": self.until, "idle_until": self.idle_until})
    }

    fn text(&self) -> Option<String> {
        match (self.until, self.idle_until) {
            (Some(until), Some(idle)) if idle < until => {
                let (until, idle) = (local_time(until), local_time(idle));
                Some(format!(
                    "yes, until {until}; if it is not used, until {idle}"
                ))
            }
            (Some(until), _) => Some(format!("yes, until {}", local_time(until))),
            _ => (self.running).then(|| "no; the agent has other vaults".to_owned()),
        }
    }
}
