//! `vault consent show`: one consent, and what shows that it was given.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::args::evidence;
use crate::context::Context;
use crate::crypto::recipient_fingerprint;
use crate::error::{Error, Result};
use crate::exchange::consent_papers;
use crate::model::consent::agreed_terms::{AgreedEntry, AgreedTerms};
use crate::model::entry::record_names::RecordNames;
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::{Consent, ConsentState, Evidence};
use crate::model::records::record_id::{RecordId, number, short};
use crate::model::vault::Vault;
use crate::store::disk::file::check_new_file;
use crate::ui::Shown;
use crate::ui::time::{local_time, with_local_times};

/// Why nothing of a permission can be used today that goes on.
const SUSPENDED: &str =
    "no entry that it names is here; it goes on when one is restored or moved back";

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

/// A consent with what it is by now.
pub(super) struct ConsentNow<'a> {
    pub(super) consent: &'a Consent,
    pub(super) state: ConsentState,
    /// Whether nothing of it can be used today, though it goes on.
    pub(super) suspended: bool,
    /// Whom it is for, and whom no longer.
    pub(super) to: Vec<String>,
    no_longer_to: Vec<String>,
    /// The entries and patterns that it covers.
    pub(super) scope: Vec<String>,
}

impl<'a> ConsentNow<'a> {
    /// What a consent of this state is.
    ///
    /// # Errors
    /// As [`scope`].
    pub(super) fn of(vault: &Vault, consent: &'a Consent, state: ConsentState) -> Result<Self> {
        let (to, no_longer_to) = vault.consent_for(consent, state)?;
        Ok(Self {
            suspended: vault.is_suspended(consent, state)?,
            scope: scope(vault, consent)?,
            consent,
            state,
            to,
            no_longer_to,
        })
    }

    /// As `consent list --json` gives it.
    pub(super) fn as_json(&self, vault: &Vault) -> Shown {
        let consent = self.consent;
        Shown::titled(format!("consent {}", number(consent.id)))
            .json("id", consent.id)
            .json("client", slug(vault, consent))
            .json("to", &self.to)
            .json("no_longer_to", &self.no_longer_to)
            .json("scope", &self.scope)
            .json("fields", &consent.scope.fields)
            .json("purpose", consent.purpose())
            .json("by", consent.granted_by.value().map(|who| &who.name))
            .json("assurance", consent.assurance().map(Assurance::as_str))
            .json("state", self.state.as_str())
            .json("suspended", self.suspended)
            .json("supersedes", consent.supersedes)
            .json("not_before", consent.not_before.value())
            .json("provisional_until", consent.provisional_until.value())
            .json("until", consent.earlier_end())
            .json("expires", consent.end())
    }
}

/// Shows a consent.
pub fn show(ctx: &Context, id: &RecordId) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let consent = vault.consents.by_start(id)?;
    let now = ctx.now();
    let it = ConsentNow::of(vault, consent, vault.consent_state(consent, now)?)?;
    let evidence = consent.evidence.iter();
    let described = evidence
        .clone()
        .map(|evidence| described(vault, consent, evidence));
    let made_sure = evidence.clone().filter(|it| it.kind == "mail");
    let made_sure = made_sure.filter_map(|it| it.note.as_ref());
    let read_as = evidence.clone().filter_map(|it| it.read_as.as_ref());
    let names = RecordNames::of(vault)?;
    let terms = AgreedTerms::from_json(&consent.terms)?;
    let told: Vec<&AgreedEntry> = terms.entries.iter().chain(&terms.covered).collect();
    let called = |id: &Uuid| {
        let then = told.iter().find(|it| it.entry == *id);
        let then = then.map_or_else(|| short(*id), |it| it.path.clone());
        names.find(*id).map_or(then, str::to_owned)
    };
    let answer_by = terms
        .asked
        .as_ref()
        .map(|asked| asked.answer_by.to_string());
    let (at_first, first_end) = first_end(consent);
    let latest = Some(vault.renewed(consent)?).filter(|it| it.id != consent.id);
    let shown = it
        .as_json(vault)
        .json("superseded_by", latest.map(|it| it.id))
        .text("state", [it.state.as_str()])
        .text("suspended", it.suspended.then_some(SUSPENDED))
        .field("lapsed", "lapsed", lapsed(consent, now))
        .text("client", [slug(vault, consent).unwrap_or("?")])
        .text("for", [it.to.join(", ")])
        .text(
            "no longer for",
            Some(it.no_longer_to.join(", ")).filter(|names| !names.is_empty()),
        )
        .text("covers", &it.scope)
        .json("named", &told)
        .text("named", (told.iter()).map(|entry| was_named(entry, &names)))
        .field(
            "covers_today",
            "of that today",
            vault.covered_today(consent)?,
        )
        .text("fields", [fields(consent)])
        .field("answer_by", "answer by", answer_by)
        .text("replaces", consent.supersedes.map(number))
        .text("replaced by", latest.map(|it| number(it.id)))
        .text("purpose", [consent.purpose()])
        .text("number", [number(consent.id)])
        .text("given by", consent.granted_by.value().map(|who| &who.name))
        .text("assurance", consent.assurance().map(Assurance::as_str))
        .field("method", "obtained by", consent.collection_method.value())
        .at("from", consent.not_before.value().copied(), now)
        .at("until", consent.permitted_until(), now)
        .at(at_first, first_end, now)
        .at(
            "by word until",
            consent.provisional_until.value().copied(),
            now,
        )
        .json(
            "evidence",
            (evidence.map(|it| evidence_as_json(vault, consent, it))).collect::<Vec<_>>(),
        )
        .text("evidence", described)
        .text("made sure of", made_sure)
        .text("read as", read_as);
    ctx.ui
        .show(&with_events(shown, vault, consent, now, called))
}

/// The end that was asked for or given at first, where the client has set an earlier one, and what
/// that is called.
fn first_end(consent: &Consent) -> (&'static str, Option<Timestamp>) {
    let end = consent.expires;
    let end = (consent.permitted_until() < end).then_some(end);
    match consent.request {
        Some(_) => ("asked for until", end),
        None => ("at first until", end),
    }
}

/// That nothing written has come in time, and what revives it.
fn lapsed(consent: &Consent, now: Timestamp) -> Option<String> {
    let number = number(consent.id);
    (consent.is_out_unwritten(now)).then(|| {
        format!("it was only said; the written yes revives it: vault consent answer {number} MAIL")
    })
}

/// Adds what became of a consent, with what each event was limited to.
fn with_events(
    shown: Shown,
    vault: &Vault,
    consent: &Consent,
    now: Timestamp,
    called: impl Fn(&Uuid) -> String,
) -> Shown {
    let mut all = Vec::new();
    let mut shown = shown;
    for event in &consent.events {
        let entries: Vec<String> = event.entries.iter().map(&called).collect();
        let to = vault.contact_names(&event.contacts).unwrap_or_default();
        let mut told = Shown::time(event.time, now);
        if let Some(by) = event.shortened_by() {
            told = format!("{told}, {by}");
        }
        if !entries.is_empty() {
            told = format!("{told}, only {}", entries.join(", "));
        }
        if !to.is_empty() {
            told = format!("{told}, for {} alone", to.join(", "));
        }
        if let Some(reason) = &event.reason {
            told = format!("{told}: {}", with_local_times(reason));
        }
        shown = shown.text(&event.state, [told]);
        all.push(json!({
            "time": event.time,
            "state": event.state,
            "by": event.by,
            "method": event.method,
            "reason": event.reason,
            "entries": entries,
            "to": to,
        }));
    }
    shown.json("events", all)
}

/// What the client was told of an entry, and what that is called now, if it is not called so.
fn was_named(entry: &AgreedEntry, names: &RecordNames) -> String {
    let user = entry.username.iter().map(|user| format!("as {user}"));
    let place: Vec<String> = entry.urls.iter().cloned().chain(user).collect();
    let place = (!place.is_empty()).then(|| format!(", {}", place.join(" ")));
    let since = names.since(entry.entry, &entry.path);
    format!("{}{}{since}", entry.path, place.unwrap_or_default())
}

/// When the key of the client's that signed was taken away, if it was.
fn taken_away(vault: &Vault, consent: &Consent, evidence: &Evidence) -> Option<Timestamp> {
    let client = vault.clients.iter().find(|it| it.id == consent.client)?;
    let key = evidence.key.as_ref()?;
    let mut keys = client.keys().iter().filter(|it| it.to_openssh() == *key);
    let ends: Option<Vec<Timestamp>> = keys.by_ref().map(|it| it.to).collect();
    ends?.into_iter().max()
}

fn evidence_as_json(vault: &Vault, consent: &Consent, evidence: &Evidence) -> Value {
    json!({
        "kind": evidence.kind,
        "note": evidence.note,
        "read_as": evidence.read_as,
        "from": evidence.from,
        "date": evidence.date,
        "reported": evidence.reported,
        "sha256": evidence.sha256,
        "media_type": evidence.media_type,
        "key": evidence.key,
        "fingerprint": evidence.key.as_deref().map(recipient_fingerprint),
        "key_verified": evidence.verified_via,
        "key_until": taken_away(vault, consent, evidence),
    })
}

pub(super) fn fields(consent: &Consent) -> String {
    if consent.scope.fields.is_empty() {
        return "secret, username, urls".to_owned();
    }
    consent.scope.fields.join(", ")
}

fn described(vault: &Vault, consent: &Consent, evidence: &Evidence) -> String {
    if let Some(note) = evidence.note.as_ref().filter(|_| evidence.kind == "note") {
        return format!("note: {note}");
    }
    let sha256 = evidence.sha256.as_deref().unwrap_or("no hash");
    if let Some(key) = &evidence.key {
        let how = match &evidence.verified_via {
            Some(how) => format!("verified: {how}"),
            None => "not verified".to_owned(),
        };
        let until = taken_away(vault, consent, evidence);
        let until =
            until.map(|time| format!("; the key was taken away later ({})", local_time(time)));
        return format!(
            "signature by {} ({how}{}), sha256 {sha256}",
            recipient_fingerprint(key),
            until.unwrap_or_default()
        );
    }
    let file = consent
        .files
        .iter()
        .find(|f| Some(f.id) == evidence.attachment);
    let name = file.map_or("file", |file| file.name.as_str());
    let from = evidence.from.as_ref().map(|from| format!(" from {from}"));
    let date = evidence
        .date
        .map(|date| format!(" of {}", local_time(date)));
    let became = consent.event_shown_by(evidence);
    let became = became.map(|event| format!(", {}", event.state));
    let reported = evidence.reported.as_ref();
    let reported = reported.map(|text| format!(", reported: {text}"));
    let parts = [from, date, became].map(Option::unwrap_or_default);
    let reported = reported.unwrap_or_default();
    format!("{name}{}, sha256 {sha256}{reported}", parts.concat())
}

/// Writes out what shows a consent, to a new folder: the request, the answers and the confirmations
/// as they were.
pub fn write_evidence(ctx: &Context, id: &RecordId, out: &Path) -> Result<()> {
    check_new_file(out)?;
    let session = ctx.unlock()?;
    let consent = session.vault().consents.by_start(id)?;
    let (files, is_some) = consent_papers::evidence(consent)?;
    if !is_some {
        let number = number(consent.id);
        return Err(Error::not_found(format!(
            "consent {number} rests on a note, there is no file"
        ))
        .hint(format!("vault consent show {number} has the note")));
    }
    evidence::write_evidence(ctx, &session, consent.id, (out, &files.files))
}
