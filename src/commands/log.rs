//! `vault log`: what was done, when, on which device.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::cell::DeviceId;
use crate::model::log::Event;
use crate::model::name::ClientSlug;
use crate::model::vault::Vault;
use crate::model::when::When;
use crate::store::session::Session;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault log --client acme --since 30d
  vault log --json | jq -r '.[] | select(.action == \"reveal\") | .time'
  vault log --verify        checks every link of the chains";

/// Options of `log`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only what was done to this client's entries
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// Only from then on: a date, a time, or a duration back from now
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Check that every event follows from the one before
    #[arg(long)]
    verify: bool,
}

/// Shows what was done.
///
/// # Errors
/// When there is no such client, or with `--verify` when a chain is broken.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    if args.verify {
        vault.log.check().map_err(|what| {
            Error::integrity(format!("the log is broken: {what}"))
                .hint("compare with a backup or a copy of the log's head")
        })?;
    }
    let wanted = match &args.client {
        Some(slug) => Some(ids_of(vault, slug)?),
        None => None,
    };
    let since = args
        .since
        .as_ref()
        .map(|when| when.in_past(ctx.now()))
        .transpose()?;
    let mut events = all_events(&session)?;
    events.retain(|(_, event)| {
        let of_client = |ids: &HashSet<Uuid>| event.subject.iter().any(|id| ids.contains(id));
        wanted.as_ref().is_none_or(of_client) && since.is_none_or(|since| event.time >= since)
    });
    events.sort_by_key(|(_, event)| event.time);
    answer(ctx, vault, &events)?;
    if args.verify {
        ctx.ui.note(&format!(
            "every event follows from the one before, in {} chains",
            vault.log.chains().len()
        ));
    }
    Ok(())
}

fn ids_of(vault: &Vault, slug: &ClientSlug) -> VaultResult<HashSet<Uuid>> {
    let client = vault.known_client(slug)?.id;
    let entries = vault.entries_of(client)?;
    Ok(entries.into_iter().chain([client]).collect())
}

/// The log, and what this device did since the last write.
fn all_events(session: &Session) -> VaultResult<Vec<(DeviceId, Event)>> {
    let mut events = Vec::new();
    for chain in session.vault().log.chains() {
        for event in chain.read() {
            events.push((chain.device, event?));
        }
    }
    events.extend(session.journalled());
    Ok(events)
}

fn answer(ctx: &Context, vault: &Vault, events: &[(DeviceId, Event)]) -> VaultResult<()> {
    if ctx.ui.is_json() {
        let list: Vec<Value> = events
            .iter()
            .map(|(device, event)| {
                json!({
                    "n": event.n,
                    "time": event.time,
                    "device": device,
                    "action": event.action,
                    "subject": event.subject,
                    "detail": event.detail,
                })
            })
            .collect();
        return ctx.ui.json(&list);
    }
    let now = ctx.now();
    let names = vault.names()?;
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|(device, event)| {
            vec![
                local_time(event.time),
                relative(event.time, now),
                device.to_string(),
                event.action.clone(),
                subjects(&names, event),
                details(event),
            ]
        })
        .collect();
    ctx.ui.table(
        &["TIME", "", "DEVICE", "ACTION", "SUBJECT", "DETAIL"],
        &rows,
    )
}

fn subjects(names: &HashMap<Uuid, String>, event: &Event) -> String {
    let names = event
        .subject
        .iter()
        .map(|id| names.get(id).cloned().unwrap_or_else(|| id.to_string()));
    names.collect::<Vec<_>>().join(", ")
}

fn details(event: &Event) -> String {
    let pairs = event.detail.iter().map(|(key, value)| match value {
        Value::String(text) => format!("{key}={text}"),
        value => format!("{key}={value}"),
    });
    pairs.collect::<Vec<_>>().join(" ")
}
