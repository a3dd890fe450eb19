//! `vault consent show`: one consent, and what shows that it was given.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::args::document::{Target, write_out};
use crate::context::Context;
use crate::crypto::SshPublicKey;
use crate::error::{Error, Result};
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::{Consent, Evidence};
use crate::model::records::log::EventDraft;
use crate::model::records::record_id::{RecordId, short};
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::time::{local_time, relative};

/// The client's short name.
pub fn slug<'a>(vault: &'a Vault, consent: &Consent) -> Option<&'a str> {
    let client = vault.clients.iter().find(|c| c.id == consent.client);
    client.map(Client::slug)
}

/// The entries and patterns that a consent covers.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
pub fn scope(vault: &Vault, consent: &Consent) -> Result<Vec<String>> {
    let mut scope = vault.scope_paths(consent)?;
    scope.extend(consent.scope.patterns.iter().cloned());
    Ok(scope)
}

/// A consent as `consent list --json` gives it.
///
/// # Errors
/// As [`scope`].
pub fn as_json(vault: &Vault, consent: &Consent, now: Timestamp) -> Result<Value> {
    Ok(json!({
        "id": consent.id,
        "client": slug(vault, consent),
        "to": vault.contact_names(&consent.contacts())?.join(", "),
        "scope": scope(vault, consent)?,
        "fields": consent.scope.fields,
        "purpose": consent.purpose(),
        "by": consent.granted_by.value().map(|who| &who.name),
        "assurance": consent.assurance().map(Assurance::as_str),
        "state": consent.state(now).as_str(),
        "not_before": consent.not_before.value(),
        "expires": consent.expires,
    }))
}

/// Shows a consent.
///
/// # Errors
/// When there is none of this id.
pub fn show(ctx: &Context, id: &RecordId) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let consent = vault.consents.by_start(id)?;
    if !ctx.ui.is_json() {
        return as_text(ctx, vault, consent);
    }
    let mut shown = as_json(vault, consent, ctx.now())?;
    if let Some(map) = shown.as_object_mut() {
        let evidence = consent.evidence.iter().map(evidence_as_json);
        map.insert("evidence".into(), evidence.collect());
        let events = consent.events.iter().map(|event| {
            json!({
                "time": event.time,
                "state": event.state,
                "by": event.by,
                "reason": event.reason,
            })
        });
        map.insert("events".into(), events.collect());
        map.insert("method".into(), json!(consent.collection_method.value()));
    }
    ctx.ui.json(&shown)
}

fn evidence_as_json(evidence: &Evidence) -> Value {
    json!({
        "kind": evidence.kind,
        "note": evidence.note,
        "sha256": evidence.sha256,
        "media_type": evidence.media_type,
        "key": evidence.key,
        "fingerprint": evidence.key.as_deref().map(fingerprint),
        "key_verified": evidence.verified_via,
    })
}

fn fingerprint(key: &str) -> String {
    match SshPublicKey::parse(key) {
        Ok(key) => key.fingerprint(),
        Err(why) => why.message().to_owned(),
    }
}

fn as_text(ctx: &Context, vault: &Vault, consent: &Consent) -> Result<()> {
    let (ui, now) = (&ctx.ui, ctx.now());
    let time = |time: Timestamp| format!("{} ({})", local_time(time), relative(time, now));
    ui.heading(&format!("consent {}", short(consent.id)))?;
    ui.field("id", &consent.id.to_string())?;
    ui.field("state", consent.state(now).as_str())?;
    ui.field("client", slug(vault, consent).unwrap_or("?"))?;
    let contacts = vault.contact_names(&consent.contacts())?;
    ui.field("for", &contacts.join(", "))?;
    for item in scope(vault, consent)? {
        ui.field("covers", &item)?;
    }
    ui.field("fields", &fields(consent))?;
    ui.field("purpose", &consent.purpose())?;
    if let Some(who) = consent.granted_by.value() {
        ui.field("given by", &who.name)?;
    }
    if let Some(assurance) = consent.assurance() {
        ui.field("assurance", assurance.as_str())?;
    }
    if let Some(method) = consent.collection_method.value() {
        ui.field("obtained by", method)?;
    }
    if let Some(begin) = consent.not_before.value() {
        ui.field("from", &time(*begin))?;
    }
    ui.field("until", &time(consent.expires))?;
    for evidence in &consent.evidence {
        ui.field("evidence", &described(consent, evidence))?;
    }
    for event in &consent.events {
        let reason = event.reason.as_ref();
        let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        ui.field(&event.state, &format!("{}{reason}", time(event.time)))?;
    }
    Ok(())
}

fn fields(consent: &Consent) -> String {
    if consent.scope.fields.is_empty() {
        return "secret, username, urls and all that are not hidden".to_owned();
    }
    consent.scope.fields.join(", ")
}

fn described(consent: &Consent, evidence: &Evidence) -> String {
    if let Some(note) = &evidence.note {
        return format!("note: {note}");
    }
    let sha256 = evidence.sha256.as_deref().unwrap_or("no hash");
    if let Some(key) = &evidence.key {
        let how = match &evidence.verified_via {
            Some(how) => format!("verified: {how}"),
            None => "not verified".to_owned(),
        };
        return format!("signature by {} ({how}), sha256 {sha256}", fingerprint(key));
    }
    let file = consent
        .files
        .iter()
        .find(|f| Some(f.id) == evidence.attachment);
    let name = file.map_or("file", |file| file.name.as_str());
    format!("{name}, sha256 {sha256}")
}

/// Writes out what shows a consent: a document, or a request with its signature beside it.
///
/// # Errors
/// When there is no such consent, it rests on a note only, or the file cannot be written.
pub fn write_evidence(ctx: &Context, id: &RecordId, out: &Path) -> Result<()> {
    let target = Target::new(ctx, out)?;
    let session = ctx.unlock()?;
    let consent = session.vault().consents.by_start(id)?;
    let signature = consent.evidence.iter().find_map(|e| e.signature.as_deref());
    if let (Some(text), Some(signature)) = (&consent.request, signature) {
        let beside = beside(&target)?;
        Target::new(ctx, &beside)?;
        record(ctx, &session, consent);
        write_out(ctx, &Target::File(beside), signature.as_bytes())?;
        write_out(ctx, &target, text.as_bytes())?;
    } else if let Some(text) = &consent.request {
        record(ctx, &session, consent);
        write_out(ctx, &target, text.as_bytes())?;
    } else {
        let file = consent.files.first().ok_or_else(|| {
            let start = short(consent.id);
            Error::not_found(format!("consent {start} rests on a note, there is no file"))
                .hint(format!("vault consent show {start} has the note"))
        })?;
        let bytes = file.bytes()?;
        record(ctx, &session, consent);
        write_out(ctx, &target, &bytes)?;
    }
    if matches!(target, Target::File(_)) {
        ctx.answer(&[]);
    }
    Ok(())
}

/// Where the signature goes.
fn beside(target: &Target) -> Result<PathBuf> {
    match target {
        Target::File(path) => {
            let mut name = path.clone().into_os_string();
            name.push(".sig");
            Ok(name.into())
        }
        Target::Answer => Err(Error::usage(
            "the evidence is two files, the request and its signature",
        )
        .hint("name a file: --evidence OUT writes OUT and OUT.sig")),
    }
}

/// As with a secret, what cannot be recorded is still shown.
fn record(ctx: &Context, session: &Session, consent: &Consent) {
    let draft = EventDraft::new(ctx.now(), "reveal", vec![consent.id]).with("what", "evidence");
    if let Err(why) = session.journal(draft) {
        ctx.warn(&format!("this reveal is not in the log: {why}"));
    }
}
