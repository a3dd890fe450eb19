//! A share that went out, as several commands tell it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::record_id::number;
use crate::model::records::share::FiledDocument;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::sharing::replies::{ReplyKind, SentOut};
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
    Shown::titled(format!("share {}", share.id))
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
        .json("expires", share.expires)
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
