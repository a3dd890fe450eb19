//! A share that went out, as several commands tell it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::args::entries::told;
use crate::context::Context;
use crate::error::Result;
use crate::model::consent::permit::{Ask, Permit, PermittedItem};
use crate::model::entry::record_names::RecordNames;
use crate::model::records::record_id::number;
use crate::model::records::share::FiledDocument;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::sharing::replies::{ReplyKind, SentOut};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::ui::Shown;
use crate::ui::time::local_time;

/// A share as `shares` gives it to a script.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn as_json(vault: &Vault, standing: LedgerLine<'_>) -> Result<Value> {
    Ok(as_json_of(&RecordNames::of(vault)?, standing).into_json())
}

pub(super) fn as_json_of(names: &RecordNames, standing: LedgerLine<'_>) -> Shown {
    let share = standing.share;
    let items = share.items.iter().map(|item| {
        json!({
            "entry": names.get(item.entry),
            "entry_then": item.path,
            "entry_id": item.entry,
            "fields": item.fields,
            "hosts": item.hosts,
            "user": item.username,
            "ended": standing.end_of(item).map(|end| end.time),
        })
    });
    let client = standing.consent.map(|consent| names.get(consent.client));
    let came = |filed: Option<&FiledDocument>| filed.map(FiledDocument::came);
    Shown::titled(format!("share {}", number(share.id)))
        .json("id", share.id)
        .json("client", client)
        .json("consent", share.consent.id)
        .json("goes_on_under", standing.under())
        .json("supersedes", share.supersedes)
        .json("login", &share.login)
        .json("login_removed", share.login_removed.value())
        .json("to", names.get(share.recipient.contact))
        .json("items", items.collect::<Vec<_>>())
        .json("created", share.created)
        .json("expires", standing.until())
        .json("state", standing.state.as_str())
        .json("receipt", share.receipt.value().map(|filed| filed.time))
        .json("receipt_by", came(share.receipt.value()))
        .json("deletion_by", came(share.attestation.value()))
        .json(
            "attestation",
            share.attestation.value().map(|filed| filed.time),
        )
}

/// Says what a share in the place of another brings no more: the recipient's vault closes it.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn tell_left_out(ctx: &Context, vault: &Vault, id: Uuid) -> Result<()> {
    let share = vault.shares.by_id(id)?;
    let Some(old) = share.supersedes.map(|old| vault.shares.by_id(old)) else {
        return Ok(());
    };
    let (names, old) = (RecordNames::of(vault)?, old?);
    let left_out = old.items.iter().filter(|item| !share.holds(item, None));
    let left_out: Vec<String> = left_out.map(|item| names.shared(item)).collect();
    if !left_out.is_empty() {
        ctx.ui.note(&format!(
            "left out, since it ended or is not here: {}; where {} receives this, it is closed",
            left_out.join(", "),
            vault.contact_name(share.recipient.contact)?
        ));
    }
    Ok(())
}

/// Says where what is received now was refused before.
pub(super) fn tell_refused(ctx: &Context, sent: SentOut<'_>, kind: ReplyKind) {
    let refusal = sent.filed(ReplyKind::Refusal);
    let first = sent.filed(ReplyKind::Receipt).is_none();
    if let Some(refusal) = refusal.filter(|_| first && kind == ReplyKind::Receipt) {
        ctx.warn(&format!(
            "a refusal of share {} was filed on {}; they have taken it after all, and both are kept",
            number(sent.id()),
            local_time(refusal.time)
        ));
    }
}

/// With the first share for a contact: an own login is better, where a site has them.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn login_of_their_own(vault: &Vault, ask: &Ask) -> Result<Option<String>> {
    let shares = vault.shares.all()?;
    let is_first = !(shares.iter()).any(|share| share.recipient.contact == ask.contact);
    let Some(path) = ask.entries.first().filter(|_| is_first) else {
        return Ok(None);
    };
    let contact = as_word(vault.contacts.by_id(ask.contact)?.name());
    Ok(Some(format!(
        "where the site lets you make logins, one of their own is better: vault grant {path:#} --to \
         {contact} --as NAME"
    )))
}

/// Says what goes of each entry.
pub(super) fn tell_items(ctx: &Context, items: &[PermittedItem]) {
    for item in items {
        ctx.ui.note(&format!("{}: {}", item.path, fields_of(item)));
    }
}

/// Answers what would be shared: nothing is, and nothing is recorded.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn tell_allowed(ctx: &Context, vault: &Vault, permit: &Permit) -> Result<()> {
    if ctx.ui.is_json() {
        let items = permit.items.iter();
        let items = items.map(|item| json!({"entry": item.path.to_string(), "fields": item.fields.iter().map(ToString::to_string).collect::<Vec<_>>()}));
        return ctx.ui.json(&json!({
            "ok": true,
            "dry_run": true,
            "consent": permit.consent,
            "to": vault.contact_name(permit.contact)?,
            "expires": permit.expires,
            "items": items.collect::<Vec<_>>(),
            "warnings": ctx.warnings(),
        }));
    }
    for item in &permit.items {
        ctx.ui
            .line(&format!("{}: {}", item.path, fields_of(item)))?;
    }
    ctx.ui.flush()?;
    let paths: Vec<_> = permit.items.iter().map(|item| &item.path).collect();
    ctx.note_done(&format!(
        "shared {} with {} until {}, under consent {}",
        told(&paths),
        vault.contact_name(permit.contact)?,
        local_time(permit.expires),
        number(permit.consent)
    ));
    Ok(())
}

fn fields_of(item: &PermittedItem) -> String {
    let fields: Vec<String> = item.fields.iter().map(ToString::to_string).collect();
    fields.join(", ")
}
