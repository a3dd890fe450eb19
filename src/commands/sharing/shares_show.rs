//! `vault shares show`: one share whole, on whichever side of it this vault is, and what shows it.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::share_lines::as_json_of;
use super::{came_file, hand_overs};
use crate::commands::args::evidence;
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::Result;
use crate::exchange::manifest::{Manifest, ManifestItem};
use crate::exchange::share_papers::{self, SharePaper, SignedPaper};
use crate::model::entry::field::SECRET;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::client::Assurance;
use crate::model::records::consent::Consent;
use crate::model::records::event::sha256_hex;
use crate::model::records::hand_over::HandOver;
use crate::model::records::received::Received;
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::SharedItem;
use crate::model::sharing::found::FoundShare;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;
use crate::store::disk::file::check_new_file;
use crate::ui::Shown;
use crate::ui::time::local_time;

/// Shows a share.
pub(super) fn show(ctx: &Context, id: &RecordId) -> Result<()> {
    let session = ctx.unlock()?;
    let (vault, now) = (session.vault(), ctx.now());
    let found = vault.found_share(id, now)?;
    let shown = match found {
        FoundShare::Lent(line) => lent(vault, line, now)?,
        FoundShare::HandedOver(it) => handed_over(vault, it, now)?,
        FoundShare::Received(it) => {
            let shown = received(vault, it, now)?;
            came_file::with_file(shown, "file", &session, it)
        }
    };
    let papers = share_papers::papers(found)?;
    let payload = found.payload_sha256();
    let hash = found.manifest().map(|it| sha256_hex(it.as_bytes()));
    let shown = with_papers(vault, shown, &papers, now)?
        .field("payload_sha256", "sha256", payload)
        .field("manifest_sha256", "manifest", hash);
    ctx.ui.show(&shown)
}

/// Writes out what shows a share, to a new folder.
pub(super) fn write_evidence(ctx: &Context, id: &RecordId, out: &Path) -> Result<()> {
    check_new_file(out)?;
    let session = ctx.unlock()?;
    let found = session.vault().found_share(id, ctx.now())?;
    let files = share_papers::evidence(found)?.files;
    evidence::write_evidence(ctx, &session, found.id(), (out, &files))
}

fn with_papers(
    vault: &Vault,
    shown: Shown,
    papers: &[SharePaper],
    now: Timestamp,
) -> Result<Shown> {
    let (mut all, mut shown) = (Vec::new(), shown);
    for paper in papers {
        let signed = paper.signed.as_ref();
        let about = signed.and_then(SignedPaper::about);
        let deletion = signed.and_then(SignedPaper::deletion);
        let key = signed.map(|signed| signed.signer.to_openssh());
        let key = key.unwrap_or_default();
        all.push(json!({
            "kind": paper.kind,
            "by": paper.by(),
            "time": paper.time,
            "signer": signed.map(|signed| signed.signer.fingerprint()),
            "key_lost": vault.lost_key(&key)?.map(|(_, since)| since),
            "sha256": sha256_hex(&paper.came),
            "manifest_sha256": about.map(|about| &about.manifest_sha256),
            "retained": deletion.map(|it| &it.retained),
            "outside": deletion.map(|it| &it.outside),
        }));
        let by_key = signed.map(|signed| format!(" by {}", signed.signer.fingerprint()));
        let (by, time) = (paper.by(), Shown::time(paper.time, now));
        let said = format!("{by}{}, {time}", by_key.unwrap_or_default());
        let lost = vault.told_of_lost_key(&key, paper.time, local_time)?;
        let left = deletion.map(|it| it.left(local_time));
        let lines = std::iter::once(said).chain(lost);
        shown = shown.text(paper.kind, lines.chain(left.into_iter().flatten()));
    }
    Ok(shown.json("papers", all))
}

fn lent(vault: &Vault, standing: LedgerLine<'_>, now: Timestamp) -> Result<Shown> {
    let names = RecordNames::of(vault)?;
    let (share, ended) = (standing.share, standing.share.ended.value());
    let told_later = share.expires > standing.until();
    let early_end = standing.end.filter(|end| !end.state.is_orderly());
    let versions = versions(vault, Some(&share.manifest), &share.items)?;
    let items = share.items.iter().map(|item| {
        let alone = standing.end_of(item).filter(|_| standing.end.is_none());
        let deleted = share.deletion_of(item.entry).filter(|_| alone.is_some());
        let ended = alone.map(|end| format!(" (ended {})", local_time(end.time)));
        let deleted = deleted.map(|it| format!(" (deleted {})", local_time(it.time)));
        let ended = deleted.or(ended);
        let (entry, told) = (names.shared(item), item_told(item, &versions));
        format!("{entry}: {told}{}", ended.unwrap_or_default())
    });
    let as_json = share.items.iter().map(|item| {
        let ended = standing.end_of(item).map(|end| end.time);
        item_as_json(&names.get(item.entry), item, &versions, ended)
    });
    Ok(as_json_of(&names, standing)
        .json("direction", "lent")
        .json("items", as_json.collect::<Vec<_>>())
        .text("to", [names.get(share.recipient.contact)])
        .text("state", [standing.state.as_str()])
        .text("entry", items)
        .field("purpose", "purpose", &share.purpose)
        .json("allowed_by", standing.consent.and_then(giver))
        .text("allowed by", [allowed_by(standing)])
        .field("key", "key", &share.recipient.key)
        .text("login", share.login.as_deref())
        .at("login removed", share.login_removed.value().copied(), now)
        .json("obligations", &share.obligations)
        .at("made", share.created, now)
        .at("until", standing.until(), now)
        .json("made_until", share.expires)
        .at("made until", told_later.then_some(share.expires), now)
        .json("sent", share.sent.value())
        .at("written", share.sent.value().copied(), now)
        .at("ended", early_end.map(|end| end.time), now)
        .json("revoked", ended.map(|ended| ended.time))
        .field(
            "reason",
            "reason",
            ended.and_then(|ended| ended.reason.as_ref()),
        ))
}

fn handed_over(vault: &Vault, it: &HandOver, now: Timestamp) -> Result<Shown> {
    let names = RecordNames::of(vault)?;
    let versions = versions(vault, it.manifest.as_deref(), &it.items)?;
    let items = it.items.iter();
    let told = items.clone().map(|item| {
        let entry = names.shared(item);
        format!("{entry}: {}", item_told(item, &versions))
    });
    let as_json = items.map(|item| item_as_json(&names.get(item.entry), item, &versions, None));
    Ok(hand_overs::as_json(&names, it)
        .json("direction", "handed-over")
        .json("items", as_json.collect::<Vec<_>>())
        .text("to", [names.get(it.client)])
        .text("person", it.person.as_deref())
        .text("entry", told)
        .field("key", "key", &it.key)
        .at("made", it.created, now)
        .json("sent", it.sent.value())
        .at("written", it.sent.value().copied(), now)
        .text("until", ["no end: it is theirs"]))
}

fn received(vault: &Vault, it: &Received, now: Timestamp) -> Result<Shown> {
    let manifest = Manifest::from_json(&it.manifest)?;
    let names = RecordNames::of(vault)?;
    let (contact, signer) = share_terms::sender(vault, it)?;
    let consent = manifest.consent.as_ref().map(|consent| consent.id);
    let ended = it.ended.value().copied();
    let ended_entries = it.ended_entries.iter().map(|part| {
        json!({
            "entry": names.get(part.entry),
            "time": part.time,
            "left_out_of": part.left_out_of,
        })
    });
    let ended_entries: Vec<Value> = ended_entries.collect();
    let here = it.entries.iter().map(|id| names.get(*id));
    let here: Vec<String> = here.collect();
    let over = |origin: Uuid| {
        let entry = it.entry_for(origin)?;
        let deleted = it.deletion_of(entry).map(|_| " (deleted)".to_owned());
        let ended = it.ended_for(entry).filter(|_| ended.is_none());
        deleted.or(ended.map(|time| format!(" (ended {})", local_time(time))))
    };
    let told = manifest.items.iter().map(|item| {
        let (told, over) = (
            manifest_item_told(item),
            over(item.entry).unwrap_or_default(),
        );
        format!("{}/{}: {told}{over}", manifest.client.slug, item.name)
    });
    Ok(Shown::titled(format!("share {}", number(it.id)))
        .json("id", it.id)
        .json("direction", "received")
        .json("from", &contact)
        .json("signer", &signer)
        .text("from", [contact.as_ref().unwrap_or(&signer)])
        .field("client", "client", &manifest.client.slug)
        .field("state", "state", vault.received_state(it, now)?.as_str())
        .json("items", &manifest.items)
        .text("entry", told)
        .field("entries", "here as", here)
        .field("purpose", "purpose", &it.purpose)
        .json("consent", consent)
        .text(
            "allowed by",
            consent.map(|id| format!("consent {}", number(id))),
        )
        .field("obligations", "obligation", &it.obligations)
        .field("rules", "client's rules", &it.rules)
        .json("created", it.made)
        .at("made", it.made, now)
        .json("received", it.received)
        .at("received", it.received, now)
        .json("expires", it.expires)
        .at("until", it.expires, now)
        .json("ended", ended)
        .json("ended_entries", ended_entries)
        .at("ended by the sender", ended, now))
}

/// The number and the name of the version of the secret that went of each entry: the number as the
/// manifest has it, the name as the vault's history has it now.
fn versions(
    vault: &Vault,
    manifest: Option<&str>,
    items: &[SharedItem],
) -> Result<HashMap<Uuid, (u32, String)>> {
    let manifest = manifest.and_then(|text| Manifest::from_json(text).ok());
    let numbered = manifest.into_iter().flat_map(|manifest| manifest.items);
    let mut versions: HashMap<Uuid, (u32, String)> = numbered
        .filter_map(|item| Some((item.entry, (item.version?, item.version?.to_string()))))
        .collect();
    for item in items {
        let (Some(id), Some(entry)) = (item.versions.get(SECRET), vault.entries.find(item.entry)?)
        else {
            continue;
        };
        let version = entry.history(SECRET).find(|it| it.id == *id);
        if let (Some(version), Some((_, name))) = (version, versions.get_mut(&item.entry)) {
            *name = entry.version_name(version);
        }
    }
    Ok(versions)
}

/// What went, where it is used and as whom, and which version it was.
fn told(fields: &[String], hosts: &[String], user: Option<&str>, version: Option<&str>) -> String {
    let user = user.map(|user| format!("as {user}"));
    let version = version.map(|version| format!("version {version}"));
    let parts = fields.iter().chain(hosts).cloned();
    parts
        .chain(user)
        .chain(version)
        .collect::<Vec<_>>()
        .join(", ")
}

fn item_told(item: &SharedItem, versions: &HashMap<Uuid, (u32, String)>) -> String {
    let version = versions.get(&item.entry).map(|(_, name)| name.as_str());
    told(&item.fields, &item.hosts, item.username.as_deref(), version)
}

fn manifest_item_told(item: &ManifestItem) -> String {
    let version = item.version.map(|number| number.to_string());
    told(
        &item.fields,
        &item.hosts,
        item.username.as_deref(),
        version.as_deref(),
    )
}

fn item_as_json(
    entry: &str,
    item: &SharedItem,
    versions: &HashMap<Uuid, (u32, String)>,
    ended: Option<Timestamp>,
) -> Value {
    json!({
        "entry": entry,
        "entry_then": item.path,
        "entry_id": item.entry,
        "fields": item.fields,
        "hosts": item.hosts,
        "user": item.username,
        "version": versions.get(&item.entry).map(|(number, _)| number),
        "version_name": versions.get(&item.entry).map(|(_, name)| name),
        "ended": ended,
    })
}

/// Who gave the consent, as far as it is on record.
fn giver(consent: &Consent) -> Option<&str> {
    Some(consent.granted_by.value()?.name.as_str())
}

fn allowed_by(standing: LedgerLine<'_>) -> String {
    let id = number(standing.under());
    let Some(consent) = standing.consent else {
        return format!("consent {id}, which is not on record");
    };
    let who = giver(consent).unwrap_or("nobody named");
    let assurance = consent.assurance().map_or("unproved", Assurance::as_str);
    format!("{who}, consent {id} ({assurance})")
}
