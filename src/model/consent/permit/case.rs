//! One question to the rule, held against each consent of the client.

use jiff::Timestamp;

use super::super::scope::SharedField;
use super::{Answer, Ask, FittingConsent, Permit, PermittedItem, Reason, Refusal};
use crate::error::{Error, Result};
use crate::model::people::contact_changes::abbreviated;
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::contact::Contact;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::records::stamped::Stamped;
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::text::when::Duration;
use crate::model::vault::Vault;

/// How long a share lasts where nothing is said.
const DEFAULT_END: &str = "14d";
/// For how long a consent is renewed where nothing is said.
const RENEWED: &str = "90d";

/// The question with what it is about looked up.
pub(crate) struct Case<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) ask: &'a Ask,
    pub(crate) now: Timestamp,
    pub(crate) client: &'a Client,
    pub(crate) contact: &'a Contact,
    pub(crate) entries: Vec<(EntryPath, &'a Entry)>,
}

impl Case<'_> {
    pub(crate) fn decide(&self) -> Result<Answer> {
        let mut candidates = match self.ask.consent {
            Some(id) => vec![self.vault.consents.by_id(id)?],
            None => self.vault.all_consents()?,
        };
        if self.ask.consent.is_none() {
            candidates.retain(|consent| consent.client == self.client.id);
        }
        // The newest are the likeliest to be meant.
        candidates.reverse();
        let (mut fitting, mut reasons) = (Vec::new(), Vec::new());
        let (mut awaited, mut renewal) = (None, None);
        for consent in candidates {
            match self.judge(consent) {
                Ok(items) => fitting.push((consent, items)),
                Err((code, text)) => {
                    awaited = awaited.or_else(|| self.awaited(consent, code));
                    if renewal.is_none() {
                        renewal = self.renewal(consent, code)?;
                    }
                    reasons.push(Reason {
                        consent: consent.id,
                        code,
                        text: format!("{} {} {text}", kind(consent), number(consent.id)),
                    });
                }
            }
        }
        if fitting.len() > 1 {
            let choices = fitting.iter().map(|(consent, _)| choice(consent));
            return Ok(Answer::Several(choices.collect()));
        }
        Ok(match fitting.pop() {
            Some((consent, items)) => self.permit(consent, items)?,
            None => Answer::Refused(self.refusal(reasons, awaited.or(renewal))?),
        })
    }

    /// What of the entries may go under a consent, or the first reason why they may not.
    fn judge(&self, consent: &Consent) -> Result<Vec<PermittedItem>, (&'static str, String)> {
        self.check_parties(consent)?;
        self.check_keys(consent)?;
        self.check_entries(consent)?;
        self.check_time(consent)?;
        self.check_assurance(consent)?;
        let items = self.entries.iter().map(|(path, entry)| {
            let fields = self.fields(consent, path, entry)?;
            Ok(PermittedItem {
                entry: entry.id,
                path: path.clone(),
                fields,
            })
        });
        items.collect()
    }

    fn check_parties(&self, consent: &Consent) -> Result<(), (&'static str, String)> {
        if consent.client != self.client.id {
            return Err(("client", format!("is not of {}", self.client.slug())));
        }
        if !consent.is_for(self.ask.contact) {
            let others = self.vault.contact_names(&consent.contacts());
            let others = others.unwrap_or_default();
            let (name, was_given) = (self.contact.name(), was_given(consent));
            if others.iter().any(|other| other == name) {
                let why = format!("{was_given} for an earlier contact {name}, since removed");
                return Err(("contact", why));
            }
            let others = others.join(", ");
            return Err(("contact", format!("is for {others}, not {name}")));
        }
        if consent.is_over_for(self.ask.contact) {
            let why = format!("is no longer for {}", self.contact.name());
            return Err(("contact", why));
        }
        Ok(())
    }

    /// A permission is for the keys of the day on which it was given, or for such as took their
    /// place by a card that they signed.
    fn check_keys(&self, consent: &Consent) -> Result<(), (&'static str, String)> {
        let bound = consent.recipient(self.contact.id);
        let bound = bound.map_or(&[][..], |one| one.keys.as_slice());
        let (name, now) = (self.contact.name(), self.contact.recipients());
        let was_given = was_given(consent);
        // One of them may have taken a key away.
        if self.contact.recipients.in_conflict() {
            return Err((
                "keys",
                format!("waits: two devices have changed the keys of {name}, see vault conflicts"),
            ));
        }
        if self.contact.is_bound_by(bound) {
            return Ok(());
        }
        match now.iter().find(|key| !self.contact.stands_for(bound, key)) {
            Some(key) if bound.is_empty() => Err((
                "keys",
                format!(
                    "{was_given} when {name} had no key, not for {}",
                    abbreviated(key)
                ),
            )),
            Some(key) => Err((
                "keys",
                format!(
                    "{was_given} for other keys of {name}, not for {}",
                    abbreviated(key)
                ),
            )),
            None => Err((
                "keys",
                format!("{was_given} for a key that {name} no longer has"),
            )),
        }
    }

    fn check_entries(&self, consent: &Consent) -> Result<(), (&'static str, String)> {
        let covered = |(path, entry): &&(EntryPath, &Entry)| {
            consent.covers(entry, &path.to_string())
                && consent.ended_for(entry.id, self.ask.contact).is_none()
        };
        let (inside, outside): (Vec<_>, Vec<_>) = self.entries.iter().partition(covered);
        let list = |entries: &[&(EntryPath, &Entry)]| {
            let paths = entries.iter().map(|(path, _)| path.to_string());
            paths.collect::<Vec<_>>().join(", ")
        };
        match (inside.as_slice(), outside.as_slice()) {
            (_, []) => Ok(()),
            ([], _) => Err(("scope", format!("does not cover {}", list(&outside)))),
            _ => Err((
                "scope",
                format!("covers {} but not {}", list(&inside), list(&outside)),
            )),
        }
    }

    fn check_time(&self, consent: &Consent) -> Result<(), (&'static str, String)> {
        let ended = || consent.ended().map_or(consent.end(), |event| event.time);
        match consent.state(self.now) {
            ConsentState::Given if consent.is_live(self.now) => {}
            ConsentState::Given => {
                let start = day(consent.not_before());
                return Err(("not-yet", format!("starts on {start}")));
            }
            ConsentState::Requested => {
                return Err(("requested", "is not answered yet".into()));
            }
            ConsentState::Lapsed => {
                let end = day(consent.expires);
                return Err(("lapsed", format!("asked for a time that ended on {end}")));
            }
            ConsentState::Expired => {
                return Err(("expired", format!("ended on {}", day(consent.end()))));
            }
            ConsentState::Refused => {
                return Err(("refused", format!("was refused on {}", day(ended()))));
            }
            ConsentState::Cancelled => {
                return Err(("cancelled", format!("was cancelled on {}", day(ended()))));
            }
            ConsentState::Withdrawn => {
                return Err(("withdrawn", format!("was withdrawn on {}", day(ended()))));
            }
            ConsentState::Revoked => {
                return Err(("revoked", format!("was revoked on {}", day(ended()))));
            }
            ConsentState::Superseded => {
                let why = format!("was replaced by another on {}", day(ended()));
                return Err(("superseded", why));
            }
            ConsentState::Ended => {
                return Err(("ended", format!("is over since {}", day(ended()))));
            }
            ConsentState::Invalidated => {
                return Err(("invalid", format!("is not valid since {}", day(ended()))));
            }
        }
        match self.ask.expires {
            Some(end) if end > consent.end() => Err((
                "expires",
                format!(
                    "ends on {}, before the end that is asked for",
                    day(consent.end())
                ),
            )),
            _ => Ok(()),
        }
    }

    fn check_assurance(&self, consent: &Consent) -> Result<(), (&'static str, String)> {
        let is = consent.assurance();
        let least = self.client.least_assurance();
        // A least that this version does not know cannot be held to be reached.
        if least.is_some_and(|least| is.is_some_and(|is| is >= least)) {
            return Ok(());
        }
        let least = self
            .client
            .min_assurance
            .value()
            .map_or("document", String::as_str);
        Err((
            "assurance",
            format!(
                "is {}, and {} asks for {least} ones",
                is.map_or("of no known assurance", Assurance::as_str),
                self.client.slug()
            ),
        ))
    }

    /// The fields of an entry that go: those that were named, or all that the consent covers.
    fn fields(
        &self,
        consent: &Consent,
        path: &EntryPath,
        entry: &Entry,
    ) -> Result<Vec<SharedField>, (&'static str, String)> {
        let covered: Vec<SharedField> = (entry.shareable())
            .filter(|field| consent.scope.has_field(field))
            .collect();
        let named = self.named(entry);
        let named = named.as_deref().unwrap_or(&self.ask.fields);
        if let Some(field) = named.iter().find(|field| !covered.contains(field)) {
            return Err(("field", format!("does not cover {field} of {path}")));
        }
        let wanted = |field: &SharedField| named.is_empty() || named.contains(field);
        let fields: Vec<SharedField> = covered.into_iter().filter(wanted).collect();
        if fields.is_empty() {
            return Err(("nothing", format!("covers no field that {path} has")));
        }
        Ok(fields)
    }

    /// What an entry had in the share that is replaced, and still has.
    fn named(&self, entry: &Entry) -> Option<Vec<SharedField>> {
        let old = self.vault.shares.find(self.ask.replaces?).ok()??;
        let item = old.items.iter().find(|item| item.entry == entry.id)?;
        let fields = item.fields.iter().filter_map(|text| text.parse().ok());
        Some(fields.filter(|field| entry.has_field(field)).collect())
    }

    fn permit(&self, consent: &Consent, items: Vec<PermittedItem>) -> Result<Answer> {
        let in_a_while = || DEFAULT_END.parse::<Duration>().ok()?.after(self.now);
        let usual = (self.ask.usual)
            .or_else(in_a_while)
            .ok_or_else(|| Error::failed("the calendar ends before a share would"))?;
        let held = match self.end(consent, usual) {
            Ok(held) => held,
            Err(refusal) => return Ok(Answer::Refused(refusal)),
        };
        let mut changes = Vec::new();
        for (path, entry) in &self.entries {
            changes.extend(consent.changes_of(entry, &path.to_string())?);
        }
        Ok(Answer::Allowed(Permit {
            consent: consent.id,
            client: self.client.id,
            contact: self.ask.contact,
            expires: held.end,
            cut_by: held.cut_by,
            changes,
            passes: held.passes,
            incident: None,
            items,
        }))
    }

    /// What the client has still to answer for a consent to allow this, if it is that alone.
    fn awaited(&self, consent: &Consent, code: &str) -> Option<String> {
        let answers = match code {
            "requested" => true,
            "assurance" | "expired" | "expires" => {
                let until = self.ask.expires.unwrap_or(self.now);
                consent.is_provisional() && consent.permitted_until() >= until
            }
            _ => false,
        };
        let signed =
            self.client.least_assurance().unwrap_or(Assurance::Signed) == Assurance::Signed;
        let fits = |(path, entry): &(EntryPath, &Entry)| self.fields(consent, path, entry).is_ok();
        if !answers || consent.expires <= self.now || !self.entries.iter().all(fits) {
            return None;
        }
        let number = number(consent.id);
        let what = if consent.was_given() {
            format!("{number} was given by word only, and the written answer is missing")
        } else {
            format!(
                "{number} was asked for on {}, and is not answered",
                day(consent.created)
            )
        };
        let file = if signed { "--signature SIG" } else { "MAIL" };
        Some(format!(
            "{what}; when it is there: vault consent answer {number} {file}"
        ))
    }

    /// Whether a consent has to do with what is asked for: with the contact, or with an entry that
    /// somebody else may have now.
    fn concerns(&self, consent: &Consent) -> Result<bool> {
        let name = self.contact.name();
        let names = self.vault.contact_names(&consent.contacts())?;
        let allows = consent.was_given() && consent.is_live(self.now);
        let mut entries = self.entries.iter().filter(|_| allows);
        Ok(self.ask.consent.is_some()
            || names.iter().any(|other| other == name)
            || entries.any(|(path, entry)| consent.scope.has_entry(entry.id, &path.to_string())))
    }

    /// What would renew a consent, if its end is all that is in the way: a renewal that waits for its
    /// answer, or a new one.
    fn renewal(&self, consent: &Consent, code: &str) -> Result<Option<String>> {
        let usual = || RENEWED.parse::<Duration>().ok()?.after(self.now);
        let Some(end) = self.ask.expires.or_else(usual) else {
            return Ok(None);
        };
        let fits = |(path, entry): &(EntryPath, &Entry)| self.fields(consent, path, entry).is_ok();
        let is_its_end = matches!(code, "expired" | "expires")
            && self.check_assurance(consent).is_ok()
            && self.entries.iter().all(fits);
        if !is_its_end {
            return Ok(None);
        }
        let mut renewals = self.vault.all_consents()?.into_iter().rev().filter(|it| {
            it.supersedes == Some(consent.id)
                && it.is_open(self.now)
                && (it.is_provisional() || !it.was_given())
                && self.ask.expires.is_none_or(|until| it.expires >= until)
        });
        if let Some(answer) = renewals.find_map(|it| self.awaited(it, "requested")) {
            return Ok(Some(answer));
        }
        let can = self.vault.terms_to_renew(consent, end, self.now).is_ok();
        Ok(can.then(|| {
            let expires = self
                .ask
                .expires
                .map_or(RENEWED.to_owned(), |end| end.to_string());
            let number = number(consent.id);
            format!("ask for more time: vault consent renew {number} --expires {expires}")
        }))
    }

    /// `better` is a step that asks for less than a new consent.
    fn refusal(&self, all: Vec<Reason>, better: Option<String>) -> Result<Refusal> {
        let has_some = !all.is_empty();
        let mut reasons = Vec::with_capacity(all.len());
        for reason in all {
            if self.concerns(self.vault.consents.by_id(reason.consent)?)? {
                reasons.push(reason);
            }
        }
        let slug = self.client.slug();
        let scope = (self.entries.iter()).map(|(path, _)| format!("--scope {path:#} "));
        let fields = (self.ask.fields.iter()).map(|field| format!("--field {} ", as_word(field)));
        let end = (self.ask.expires.iter()).map(|end| format!("--expires {end} "));
        let request = format!(
            "vault consent request {} --to {} {}--purpose TEXT",
            as_word(slug),
            as_word(self.contact.name()),
            scope.chain(fields).chain(end).collect::<String>()
        );
        let (code, message) = match reasons.as_slice() {
            [] if !has_some => ("no-consent", format!("{slug} has given no consent")),
            [] => ("no-consent", format!("no consent of {slug} allows this")),
            [only] => (only.code, format!("no consent of {slug} allows this")),
            _ => ("none-fits", format!("no consent of {slug} allows this")),
        };
        Ok(Refusal {
            code,
            message,
            reasons,
            hint: better.unwrap_or_else(|| format!("ask for one: {request}")),
        })
    }
}

/// What stands before a consent's number: many a one is only asked for.
fn kind(consent: &Consent) -> &'static str {
    if consent.was_given() {
        "consent"
    } else {
        "request"
    }
}

/// How it came to the people and keys that it names.
fn was_given(consent: &Consent) -> &'static str {
    if consent.was_given() {
        "was given"
    } else {
        "was written"
    }
}

fn choice(consent: &Consent) -> FittingConsent {
    let assurance = consent.assurance().map_or("", Assurance::as_str);
    FittingConsent {
        consent: consent.id,
        text: format!(
            "consent {}, {assurance}, until {}: {}",
            number(consent.id),
            day(consent.end()),
            consent.purpose()
        ),
    }
}

/// The day in UTC, as in 2026-10-01.
pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
