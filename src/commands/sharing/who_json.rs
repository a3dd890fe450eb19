//! Who can know what, as a script gets it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::hand_overs;
use crate::commands::reveal::share_terms;
use crate::error::Result as VaultResult;
use crate::exchange::reply::deletion::{Deletion, Retained};
use crate::exchange::share_papers;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::Consent;
use crate::model::records::hand_over::HandOver;
use crate::model::records::received::Received;
use crate::model::records::share::{FiledDocument, SharedItem};
use crate::model::sharing::who::{Knower, Knowledge, KnownEntry};
use crate::model::vault::Vault;

/// Who gave a consent, if somebody is named.
pub(super) fn giver(consent: &Consent) -> Option<&str> {
    Some(consent.granted_by.value()?.name.as_str())
}

/// Everyone who can know something, for a script.
pub(super) fn as_json(
    vault: &Vault,
    knowledge: &Knowledge<'_>,
    handed_over: &[&HandOver],
) -> VaultResult<Vec<Value>> {
    let mut all = Vec::new();
    let names = RecordNames::of(vault)?;
    for it in handed_over {
        all.extend(
            it.items
                .iter()
                .map(|item| handed_over_as_json(vault, &names, it, item)),
        );
    }
    for known in &knowledge.entries {
        if let Some(lent) = known.lent {
            all.push(lender_as_json(vault, known, lent)?);
        }
        for knower in &known.knowers {
            all.push(knower_as_json(vault, known, knower)?);
        }
        for it in &known.by_other {
            let number = |slot: &str| known.entry?.current(slot).map(|version| version.number);
            let versions = it.slots.iter().map(|slot| (slot.as_str(), number(slot)));
            let versions: BTreeMap<&str, Option<u32>> = versions.collect();
            all.push(json!({
                "client": owner(vault, known),
                "entry": known.path,
                "contact": vault.contact_name(it.contact)?,
                "versions": versions,
                "share": it.share,
                "direction": "other-entry",
                "state": "same-secret",
            }));
        }
    }
    Ok(all)
}

fn handed_over_as_json(
    vault: &Vault,
    names: &RecordNames,
    it: &HandOver,
    item: &SharedItem,
) -> Value {
    json!({
        "client": names.get(it.client),
        "entry": names.get(item.entry),
        "person": hand_overs::recipient(vault, it),
        "share": it.id,
        "direction": "handed-over",
        "state": "handed-over",
        "since": it.created,
        "until": (),
        "fields": item.fields,
        "receipt": it.receipt.value().map(|filed| filed.time),
    })
}

fn lender_as_json(vault: &Vault, known: &KnownEntry<'_>, lent: &Received) -> VaultResult<Value> {
    let (contact, signer) = share_terms::sender(vault, lent)?;
    Ok(json!({
        "client": owner(vault, known),
        "entry": known.path,
        "contact": contact,
        "signer": signer,
        "share": lent.id,
        "direction": "received",
        "state": if lent.expires.is_some() { "lent" } else { "handed-over" },
        "since": lent.received,
        "until": lent.expires,
        "ended": known.entry.and_then(|entry| lent.ended_for(entry.id)),
        "purpose": lent.purpose,
    }))
}

/// Whose an entry is.
fn owner<'a>(vault: &'a Vault, known: &KnownEntry<'_>) -> Option<&'a str> {
    let owner = known.owner();
    let client = vault.clients.iter().find(|it| Some(it.id) == owner);
    client.map(Client::slug)
}

fn knower_as_json(
    vault: &Vault,
    known: &KnownEntry<'_>,
    knower: &Knower<'_>,
) -> VaultResult<Value> {
    let (share, consent) = (knower.line.share, knower.line.consent);
    let versions: BTreeMap<&str, Option<u32>> = knower.versions.iter().copied().collect();
    let name = |slot: &str| {
        let (entry, id) = (known.entry?, knower.item.versions.get(slot)?);
        let version = entry.history(slot).find(|it| it.id == *id)?;
        Some(entry.version_name(version))
    };
    let names = versions.keys().map(|slot| (*slot, name(slot)));
    let names: BTreeMap<&str, Option<String>> = names.collect();
    let deletion = share.deletion_of(knower.item.entry);
    let statements = share.deletions_of(knower.item.entry).map(Deletion::filed);
    let statements: Vec<Option<Deletion>> = statements.collect::<VaultResult<_>>()?;
    let statements: Vec<Deletion> = statements.into_iter().flatten().collect();
    let retained: Vec<&Retained> = statements.iter().flat_map(|it| &it.retained).collect();
    let outside = statements.iter().filter_map(|it| it.outside.as_deref());
    let outside: Vec<&str> = outside.collect();
    Ok(json!({
        "client": owner(vault, known),
        "entry": known.path,
        "contact": vault.contact_name(share.recipient.contact)?,
        "fields": knower.item.fields,
        "versions": versions,
        "version_names": names,
        "share": share.id,
        "state": knower.state.as_str(),
        "since": share.created,
        "until": knower.line.until(),
        "made_until": share.expires,
        "ended": knower.end.map(|end| end.time),
        "purpose": share.purpose,
        "login": share.login,
        "allowed_by": consent.and_then(giver),
        "consent": knower.line.under(),
        "assurance": consent.and_then(Consent::assurance).map(Assurance::as_str),
        "receipt": share.receipt.value().map(|filed| filed.time),
        "receipt_by": share.receipt.value().map(FiledDocument::came),
        "receipt_key_lost": key_lost(vault, share.receipt.value())?,
        "deletion": deletion.map(|filed| filed.time),
        "deletion_by": deletion.map(FiledDocument::came),
        "deletion_key_lost": key_lost(vault, deletion)?,
        "retained": (!statements.is_empty()).then_some(retained),
        "outside": (!outside.is_empty()).then(|| outside.join("; ")),
    }))
}

/// Since when the key counts as lost that signed a paper, if it does.
fn key_lost(vault: &Vault, filed: Option<&FiledDocument>) -> VaultResult<Option<Timestamp>> {
    let lost = match filed.and_then(share_papers::signer_of) {
        Some(key) => vault.lost_key(&key)?,
        None => None,
    };
    Ok(lost.map(|(_, since)| since))
}
