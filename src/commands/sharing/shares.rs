//! `vault shares`: the ledger of who was given what, and what became of it.

use std::collections::HashMap;

use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::records::client::Assurance;
use crate::model::records::consent::Consent;
use crate::model::records::record_id::{RecordId, short};
use crate::model::records::share::SharedItem;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault shares                    all of them, the newest last
  vault shares show 3f2a          one of them, by the start of its id
  vault shares --json | jq -r '.[] | select(.state == \"sent\") | .id'

unsent: its file was not written. sent: it was. received: the recipient has signed for it.
expired: its time is over. withdrawn: the client took the consent back. revoked: you ended it.
deleted: the recipient has signed that it is deleted.";

const LIST_EXAMPLES: &str = "\
Examples:
  vault shares list
  vault shares list --json | jq -r '.[] | select(.receipt == null) | .contact'";

const SHOW_EXAMPLES: &str = "\
Examples:
  vault shares show 3f2a91bc      what went out, under which consent, and what became of it
  vault shares show 3f2a --json";

/// Options of `shares`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List all shares
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List,
    /// Show one share
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The share's id, or the start of it
        id: RecordId,
    },
}

/// Shows the ledger, or one share of it.
///
/// # Errors
/// When there is no such share.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match &args.action {
        None | Some(Action::List) => list(ctx)?,
        Some(Action::Show { id }) => show(ctx, id)?,
    }
    Ok(())
}

/// What records are called; one that is gone by the start of its id.
struct Names(HashMap<Uuid, String>);

impl Names {
    fn of(vault: &Vault) -> VaultResult<Self> {
        vault.names().map(Self)
    }

    fn get(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| short(id))
    }
}

/// A share as `shares` gives it to a script.
///
/// # Errors
/// Integrity for a malformed record.
pub fn as_json(vault: &Vault, standing: LedgerLine<'_>) -> VaultResult<Value> {
    Ok(to_json(&Names::of(vault)?, standing))
}

fn to_json(names: &Names, standing: LedgerLine<'_>) -> Value {
    let share = standing.share;
    let items = share.items.iter().map(|item| {
        json!({
            "entry": names.get(item.entry),
            "entry_id": item.entry,
            "fields": item.fields,
        })
    });
    json!({
        "id": share.id,
        "consent": share.consent.id,
        "contact": names.get(share.recipient.contact),
        "items": items.collect::<Vec<_>>(),
        "created": share.created,
        "expires": share.expires,
        "state": standing.state.as_str(),
        "receipt": share.receipt.value().map(|filed| filed.time),
        "attestation": share.attestation.value().map(|filed| filed.time),
    })
}

fn list(ctx: &Context) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let now = ctx.now();
    let (ledger, names) = (vault.ledger(now)?, Names::of(vault)?);
    if ctx.ui.is_json() {
        let list = ledger.iter().map(|standing| to_json(&names, *standing));
        return ctx.ui.json(&list.collect::<Vec<_>>());
    }
    let rows: Vec<Vec<String>> = ledger
        .iter()
        .map(|standing| {
            let share = standing.share;
            let entries = share.items.iter().map(|item| names.get(item.entry));
            vec![
                short(share.id),
                names.get(share.recipient.contact),
                standing.state.to_string(),
                local_time(share.expires),
                relative(share.expires, now),
                entries.collect::<Vec<_>>().join(", "),
            ]
        })
        .collect();
    ctx.ui
        .table(&["SHARE", "TO", "STATE", "UNTIL", "", "ENTRIES"], &rows)?;
    if ledger.is_empty() {
        ctx.ui.note("nothing was shared yet");
        ctx.ui.hint("vault help share explains how");
    }
    Ok(())
}

fn show(ctx: &Context, id: &RecordId) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let standing = vault.known_share(id, ctx.now())?;
    let names = Names::of(vault)?;
    let share = standing.share;
    if ctx.ui.is_json() {
        let mut shown = to_json(&names, standing);
        let more = json!({
            "key": share.recipient.key,
            "purpose": share.purpose,
            "obligations": share.obligations,
            "payload_sha256": share.payload_sha256,
            "sent": share.sent.value(),
            "revoked": share.ended.value().map(|ended| ended.time),
            "reason": share.ended.value().and_then(|ended| ended.reason.as_ref()),
            "allowed_by": standing.consent.and_then(giver),
        });
        if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
            shown.extend(more);
        }
        return ctx.ui.json(&shown);
    }
    show_text(ctx, &names, standing)
}

fn show_text(ctx: &Context, names: &Names, standing: LedgerLine<'_>) -> VaultResult<()> {
    let (ui, now, share) = (&ctx.ui, ctx.now(), standing.share);
    let at = |time| format!("{} ({})", local_time(time), relative(time, now));
    ui.heading(&format!("share {}", share.id))?;
    ui.field("to", &names.get(share.recipient.contact))?;
    ui.field("state", standing.state.as_str())?;
    for item in &share.items {
        ui.field("entry", &item_line(names, item))?;
    }
    ui.field("purpose", &share.purpose)?;
    ui.field("allowed by", &allowed_by(standing))?;
    ui.field("key", &share.recipient.key)?;
    ui.field("made", &at(share.created))?;
    ui.field("until", &at(share.expires))?;
    if let Some(time) = share.sent.value() {
        ui.field("written", &at(*time))?;
    }
    if let Some(receipt) = share.receipt.value() {
        ui.field("receipt", &at(receipt.time))?;
    }
    if let Some(end) = share.early_end(standing.consent) {
        ui.field("ended", &at(end.time))?;
    }
    if let Some(reason) = share.ended.value().and_then(|ended| ended.reason.as_ref()) {
        ui.field("reason", reason)?;
    }
    if let Some(statement) = share.attestation.value() {
        ui.field("deleted", &at(statement.time))?;
    }
    ui.field("sha256", &share.payload_sha256)
}

/// Who gave the consent, as far as it is on record.
fn giver(consent: &Consent) -> Option<&str> {
    Some(consent.granted_by.value()?.name.as_str())
}

fn allowed_by(standing: LedgerLine<'_>) -> String {
    let id = short(standing.share.consent.id);
    let Some(consent) = standing.consent else {
        return format!("consent {id}, which is not on record");
    };
    let who = giver(consent).unwrap_or("nobody named");
    let assurance = consent.assurance().map_or("unproved", Assurance::as_str);
    format!("{who}, consent {id} ({assurance})")
}

fn item_line(names: &Names, item: &SharedItem) -> String {
    format!("{}: {}", names.get(item.entry), item.fields.join(", "))
}
