//! What `vault client close` says of a client: what ends, what they should change, what they chose.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::model::consent::closing::ClosingLeft;
use crate::model::records::client::Client;
use crate::model::records::closing::{ClosingStep, ReturnChoice};
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::store::session::Session;

/// The shares that are live and what is permitted, a line each.
pub(super) fn told_work(vault: &Vault, left: &ClosingLeft<'_>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for line in &left.shares {
        let contact = vault.contact_name(line.share.recipient.contact)?;
        let id = number(line.share.id);
        lines.push(format!("share {id} for {contact}: {}", paths(*line)));
    }
    for consent in &left.permissions {
        let contacts = vault.contact_names(&consent.contacts())?.join(", ");
        let kind = if consent.was_given() {
            "consent"
        } else {
            "request"
        };
        lines.push(format!("{kind} {} for {contacts}", number(consent.id)));
    }
    for ask in &left.asks {
        let path = vault.path_of_ask(ask)?;
        let how = if ask.is_open() {
            "unanswered"
        } else {
            "which opens corrections"
        };
        lines.push(format!("request {} for {path}, {how}", number(ask.id)));
    }
    Ok(lines)
}

/// What was in a share, by the paths of that day.
pub(super) fn paths(line: LedgerLine<'_>) -> String {
    let paths: Vec<&str> = line.share.items.iter().map(|it| it.path.as_str()).collect();
    paths.join(", ")
}

/// Says what the client should change, and who else knew it.
pub(super) fn tell_what_to_change(
    ctx: &Context,
    session: &Session,
    slug: &ClientSlug,
) -> Result<()> {
    let vault = session.vault();
    let client = vault.known_client(slug)?;
    let left = vault.closing_left(client, ctx.now())?;
    if left.entries.is_empty() {
        return Ok(());
    }
    let entries: Vec<&Entry> = left.entries.iter().map(|(_, entry)| *entry).collect();
    let known = vault.known_of_each(&entries, ctx.now())?;
    ctx.ui.note(&format!(
        "what {slug} should change now, since you knew it:"
    ));
    // What is in the trash works at the site as before.
    for (path, entry) in &left.entries {
        let who = known.get(&entry.id).map(|names| names.all().join(", "));
        let who = who.map(|who| format!(", which {who} may know too"));
        ctx.ui.note(&format!("  {path}{}", who.unwrap_or_default()));
    }
    Ok(())
}

/// Warns of what is in the trash: it is not handed over, and goes with all else.
pub(super) fn warn_of_trash(ctx: &Context, vault: &Vault, client: &Client) -> Result<()> {
    let left = vault.closing_left(client, ctx.now())?;
    let removed = left.entries.iter().filter(|(_, it)| it.is_removed());
    let removed: Vec<&str> = removed.map(|(path, _)| path.as_str()).collect();
    if let Some(first) = removed.first() {
        ctx.warn(&format!(
            "in the trash, and not handed over: {}; to give it back too: vault trash restore {}",
            removed.join(", "),
            as_word(first)
        ));
    }
    Ok(())
}

/// Warns where the client has not said that what was handed over has arrived.
pub(super) fn warn_of_no_receipt(
    ctx: &Context,
    vault: &Vault,
    client: &Client,
    entries: &HashSet<Uuid>,
) -> Result<()> {
    let handed_back = vault.handed_back(entries)?;
    let unsigned = handed_back.iter().filter(|it| it.receipt.value().is_none());
    let unsigned: Vec<String> = unsigned.map(|it| number(it.id)).collect();
    if !unsigned.is_empty() {
        ctx.warn(&format!(
            "{} has not said that hand-over {} has arrived and opens; once it is removed here, it \
             cannot be made again",
            client.slug(),
            unsigned.join(", ")
        ));
    }
    Ok(())
}

/// A step as a script gets it.
pub(in crate::commands::people) fn step_as_json(vault: &Vault, step: &ClosingStep) -> Value {
    let contact = step.contact.and_then(|id| vault.contact_name(id).ok());
    json!({
        "deed": step.deed,
        "time": step.time,
        "handover": step.handover,
        "said": step.said,
        "contact": contact,
        "shares": step.shares,
        "records_for": step.records_for,
    })
}

/// What a client chose and what was not waited for, in words.
pub(in crate::commands::people) fn steps_told(
    vault: &Vault,
    client: &Client,
) -> Result<Vec<String>> {
    let mut told = Vec::new();
    if let Some((choice, said)) = client.return_chosen() {
        let what = match choice {
            ReturnChoice::Nothing => "not to get it back",
            ReturnChoice::Age | ReturnChoice::Page => "to get it back",
        };
        let said = said.map(|said| format!(": {said}"));
        told.push(format!("they chose {what}{}", said.unwrap_or_default()));
    }
    for step in client.closing_steps() {
        if let (Some(contact), Some(why)) = (step.contact, &step.said) {
            told.push(format!(
                "without the word of {}: {why}",
                vault.contact_name(contact)?
            ));
        }
    }
    Ok(told)
}
