//! `vault status`: where the vault is and how it stands; and what is due, where nobody has to be
//! asked to open it.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::due_now::{due_now, lines};
use crate::agent::AgentStatus;
use crate::context::Context;
use crate::crypto::memory;
use crate::model::records::access::Access;
use crate::store::merging::CopiesBeside;
use crate::store::reading::{LockedVault, VaultPlace};
use crate::sync::remote::RemoteUrl;
use crate::ui::Shown;
use crate::ui::time::local_time;

const EXAMPLES: &str = "\
Examples:
  vault status
  vault status --json | jq .generation
  vault status --json | jq -r '.due[]?.message'

Where the agent has the key or a password is given, what is due is listed, too: what is to be
changed, what others owe, what ends soon. Nobody is asked.";

/// What is due and told to people, the worst first; a script gets all of it.
const SHOWN_DUE: usize = 20;

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
    let can_open = agent.until.is_some() || ctx.names_a_key();
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
        .json("kdf", access.map(|access| access.kdf))
        .json("key_file", access.map(|access| access.key_file))
        .json("unlocked", agent.until.is_some())
        .json("agent", agent.json())
        .text("unlocked", facts.map(|_| agent.text()))
        .json("exists", facts.is_some())
        .text("exists", facts.is_none().then_some("no"))
        .json("memory_locked", memory_locked)
        .text("memory", [memory]);
    let shown = told_sync(ctx, shown, &store, locked.as_ref());
    let shown = told_due(ctx, shown, facts.is_some() && can_open);
    ctx.ui.show(&shown)?;
    if facts.is_none() && !ctx.ui.is_json() {
        ctx.ui.hint(&store.way_to_a_vault());
    }
    Ok(())
}

/// When it was last synced, and what lies beside it.
fn told_sync(
    ctx: &Context,
    shown: Shown,
    store: &VaultPlace,
    locked: Option<&LockedVault>,
) -> Shown {
    let Some(vault) = locked else {
        return shown.json("sync", ()).json("copies", [(); 0]);
    };
    let record = vault.device_folder().sync_record().unwrap_or_else(|why| {
        ctx.warn(&format!("when it was last synced is not known: {why}"));
        None
    });
    let record = record.and_then(|record| Some((RemoteUrl::parse(&record.remote).ok()?, record)));
    let synced = record.map(|(remote, record)| {
        let changed = record.hash != vault.hash();
        let since = if changed {
            ", changed since: vault sync"
        } else {
            ""
        };
        let text = format!("{} with {remote}{since}", local_time(record.at));
        let json = json!({
            "remote": remote.to_string(),
            "at": record.at,
            "generation": record.generation,
            "changed": changed,
        });
        (json, text)
    });
    let (sync, told) = synced.unzip();
    let copies = store
        .copies_beside(vault.facts().vault_id)
        .unwrap_or_else(|why| {
            ctx.warn(&why.to_string());
            CopiesBeside::default()
        });
    for (path, why) in &copies.unread {
        ctx.warn(&format!("{}: {why}", path.display()));
    }
    let paths: Vec<String> = (copies.copies)
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let beside = (!paths.is_empty()).then(|| {
        format!(
            "{} beside the vault, to take in: vault merge --all",
            paths.len()
        )
    });
    shown
        .json("sync", sync)
        .text("synced", told)
        .json("copies", &paths)
        .text("copies", beside)
}

/// What is due, where the vault can be opened without asking.
fn told_due(ctx: &Context, shown: Shown, can_open: bool) -> Shown {
    let opened = if can_open {
        ctx.unlock_unasked()
    } else {
        Ok(None)
    };
    let due = opened.and_then(|session| session.map(|it| due_now(ctx, &it)).transpose());
    let found = match due {
        Ok(found) => found,
        Err(why) => {
            ctx.warn(&format!("what is due is not known: {why}"));
            None
        }
    };
    let Some(findings) = found else {
        return shown.json("due", ());
    };
    let nothing = findings.is_empty().then(|| "nothing".to_owned());
    let lines = lines(&findings, SHOWN_DUE, "vault status --json");
    let lines: Vec<String> = lines.into_iter().chain(nothing).collect();
    shown.json("due", &findings).text("due", lines)
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

    fn text(&self) -> String {
        match (self.until, self.idle_until) {
            (Some(until), Some(idle)) if idle < until => {
                let (until, idle) = (local_time(until), local_time(idle));
                format!("yes, until {until}; if it is not used, until {idle}")
            }
            (Some(until), _) => format!("yes, until {}", local_time(until)),
            _ if self.running => "no; the agent has other vaults".to_owned(),
            _ => "no".to_owned(),
        }
    }
}
