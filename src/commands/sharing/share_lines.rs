//! A share that went out, as several commands tell it.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::Result;
use crate::model::records::record_id::short;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;
use crate::ui::Shown;

/// What records are called; one that is gone by the start of its id.
pub(super) struct RecordNames(pub(super) HashMap<Uuid, String>);

impl RecordNames {
    pub(super) fn of(vault: &Vault) -> Result<Self> {
        vault.names().map(Self)
    }

    pub(super) fn get(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| short(id))
    }
}

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
            "entry_id": item.entry,
            "fields": item.fields,
            "hosts": item.hosts,
            "user": item.username,
            "ended": standing.end_of(item).map(|end| end.time),
        })
    });
    let client = standing.consent.map(|consent| names.get(consent.client));
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
        .json(
            "attestation",
            share.attestation.value().map(|filed| filed.time),
        )
}
