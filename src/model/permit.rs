//! The rule that nothing is shared without: which consent allows it, or why none does. Nothing
//! here asks, looks at a clock or remembers; the same question to the same vault has the same
//! answer.

use jiff::Timestamp;
use uuid::Uuid;

use super::client::{Assurance, Client};
use super::consent::{Consent, ConsentState};
use super::entry::Entry;
use super::name::EntryPath;
use super::record_id::short;
use super::scope::SharedField;
use super::vault::Vault;
use super::when::Duration;
use crate::error::{Error, Result};

/// How long a share lasts where nothing is said.
const DEFAULT_END: &str = "14d";

/// What somebody wants to share, with whom, until when.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The entries.
    pub entries: Vec<EntryPath>,
    /// Whom it is for.
    pub contact: Uuid,
    /// The fields; none means the secret and every field that the consent covers.
    pub fields: Vec<SharedField>,
    /// The consent that is to be used; with none, there has to be exactly one that fits.
    pub consent: Option<Uuid>,
    /// The end; with none, 14 days, or the consent's end if that is sooner.
    pub expires: Option<Timestamp>,
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may be shared, so far and no further.
    Allowed(Permit),
    /// It may not.
    Refused(Refusal),
    /// More than one consent allows it.
    Several(Vec<Choice>),
}

/// What may be shared, and under which consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// The consent.
    pub consent: Uuid,
    /// The client that gave it.
    pub client: Uuid,
    /// Whom it is for.
    pub contact: Uuid,
    /// The end of the share, not after the consent's.
    pub expires: Timestamp,
    /// Whether the consent ends before a share usually would.
    pub shortened: bool,
    /// The entries, each with the fields that may go; none is empty.
    pub items: Vec<PermittedItem>,
}

/// One entry, as far as it may be shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermittedItem {
    /// The entry's id.
    pub entry: Uuid,
    /// Its path.
    pub path: EntryPath,
    /// The fields that may go, all of which it has.
    pub fields: Vec<SharedField>,
}

/// Why something may not be shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable word for the log.
    pub code: &'static str,
    /// What it comes to, for people.
    pub message: String,
    /// One for each consent that was looked at.
    pub reasons: Vec<Reason>,
    /// The next step.
    pub hint: String,
}

/// Why one consent does not allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The consent.
    pub consent: Uuid,
    /// A stable word for the log.
    pub code: &'static str,
    /// The reason, for people; it names the consent.
    pub text: String,
}

/// One of several consents that allow the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The consent.
    pub consent: Uuid,
    /// What tells it from the others.
    pub text: String,
}

impl Answer {
    /// The permit, where it is one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] with the reasons; [`crate::error::Kind::Usage`] where one
    /// of several consents has to be chosen.
    pub fn permit(self) -> Result<Permit> {
        match self {
            Self::Allowed(permit) => Ok(permit),
            Self::Refused(refusal) => Err(refusal.into()),
            Self::Several(choices) => {
                let first = choices.first().map(|choice| short(choice.consent));
                let error = Error::usage(format!("{} consents allow this", choices.len()));
                let choices = choices.into_iter().map(|choice| choice.text);
                Err(error.details(choices.collect()).hint(format!(
                    "say which: --consent {}",
                    first.unwrap_or_default()
                )))
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let reasons = refusal.reasons.into_iter().map(|reason| reason.text);
        Self::refused(refusal.message)
            .details(reasons.collect())
            .hint(refusal.hint)
    }
}

/// The question with what it is about looked up.
struct Case<'a> {
    vault: &'a Vault,
    ask: &'a Ask,
    now: Timestamp,
    client: &'a Client,
    contact: &'a str,
    entries: Vec<(EntryPath, &'a Entry)>,
}

impl Vault {
    /// Answers whether something may be shared at `now`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an entry, a field of an entry, a contact or a consent
    /// that is not there; [`crate::error::Kind::Usage`] for an end in the past;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn permit(&self, ask: &Ask, now: Timestamp) -> Result<Answer> {
        let entries = self.asked_entries(ask)?;
        let contacts = self.live_contacts()?;
        let contact = (contacts
            .into_iter()
            .find(|contact| contact.id == ask.contact))
        .ok_or_else(|| Error::not_found("that contact was removed"))?;
        if ask.expires.is_some_and(|end| end <= now) {
            return Err(Error::usage("the end of the share is in the past"));
        }
        if let Some(refusal) = refused_at_once(&entries) {
            return Ok(Answer::Refused(refusal));
        }
        let owner = entries.first().and_then(|(_, entry)| entry.client.get());
        let client = (self.live_clients().find(|client| Some(&client.id) == owner))
            .ok_or_else(|| Error::integrity("the entry belongs to no client"))?;
        let case = Case {
            vault: self,
            ask,
            now,
            client,
            contact: contact.name(),
            entries,
        };
        case.decide()
    }

    /// The entries that are asked for, each once, and each with every field that is named.
    fn asked_entries(&self, ask: &Ask) -> Result<Vec<(EntryPath, &Entry)>> {
        let mut entries: Vec<(EntryPath, &Entry)> = Vec::new();
        for path in &ask.entries {
            let entry = self.entry(path)?;
            if entries.iter().any(|(_, other)| other.id == entry.id) {
                continue;
            }
            if let Some(field) = ask.fields.iter().find(|field| !entry.has_field(field)) {
                return Err(no_field(path, entry, field));
            }
            entries.push((path.clone(), entry));
        }
        if entries.is_empty() {
            return Err(Error::usage("nothing to share is named"));
        }
        Ok(entries)
    }
}

fn no_field(path: &EntryPath, entry: &Entry, field: &SharedField) -> Error {
    let has: Vec<String> = (entry.shareable())
        .map(|(field, _)| field.to_string())
        .collect();
    let what = match field {
        SharedField::Custom(name) => format!("field {name}"),
        built_in => built_in.to_string(),
    };
    let error = Error::not_found(format!("{path} has no {what}"));
    if has.is_empty() {
        return error.hint(format!("see what it has: vault show {path}"));
    }
    error.hint(format!("it has: {}", has.join(", ")))
}

/// What no consent could allow.
fn refused_at_once(entries: &[(EntryPath, &Entry)]) -> Option<Refusal> {
    let refusal = |code, message, hint: &str| Refusal {
        code,
        message,
        reasons: Vec::new(),
        hint: hint.to_owned(),
    };
    if let Some((path, _)) = entries.iter().find(|(_, entry)| entry.received.is_some()) {
        return Some(refusal(
            "received",
            format!("{path} was shared with you, and is not yours to pass on"),
            "whoever needs it can be given it by whoever shared it with you",
        ));
    }
    let mut owners = entries
        .iter()
        .map(|(path, entry)| (path, entry.client.get()));
    let (first, owner) = owners.next()?;
    let (other, _) = owners.find(|(_, other)| *other != owner)?;
    Some(refusal(
        "two-clients",
        format!("{first} and {other} belong to different clients, and a consent to one only"),
        "share the entries of each client on their own",
    ))
}

impl Case<'_> {
    fn decide(&self) -> Result<Answer> {
        let mut candidates = match self.ask.consent {
            Some(id) => vec![self.vault.consent(id)?],
            None => self.vault.all_consents()?,
        };
        if self.ask.consent.is_none() {
            candidates.retain(|consent| consent.client == self.client.id);
        }
        // The newest are the likeliest to be meant.
        candidates.reverse();
        let (mut fitting, mut reasons) = (Vec::new(), Vec::new());
        for consent in candidates {
            match self.judge(consent) {
                Ok(items) => fitting.push((consent, items)),
                Err((code, text)) => reasons.push(Reason {
                    consent: consent.id,
                    code,
                    text: format!("consent {} {text}", short(consent.id)),
                }),
            }
        }
        if fitting.len() > 1 {
            let choices = fitting.iter().map(|(consent, _)| choice(consent));
            return Ok(Answer::Several(choices.collect()));
        }
        Ok(match fitting.pop() {
            Some((consent, items)) => Answer::Allowed(self.permit(consent, items)?),
            None => Answer::Refused(self.refusal(reasons)),
        })
    }

    /// What of the entries may go under a consent, or the first reason why they may not.
    fn judge(&self, consent: &Consent) -> Result<Vec<PermittedItem>, (&'static str, String)> {
        self.check_parties(consent)?;
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
            let others = self.vault.contact_names(&consent.recipients);
            let others = others.unwrap_or_default().join(", ");
            return Err(("contact", format!("is for {others}, not {}", self.contact)));
        }
        Ok(())
    }

    fn check_entries(&self, consent: &Consent) -> Result<(), (&'static str, String)> {
        let covered =
            |(path, entry): &&(EntryPath, &Entry)| consent.covers(entry, &path.to_string());
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
        let ended = || consent.ended().map_or(consent.expires, |event| event.time);
        match consent.state(self.now) {
            ConsentState::Given if consent.is_live(self.now) => {}
            ConsentState::Given => {
                let start = day(consent.not_before());
                return Err(("not-yet", format!("starts on {start}")));
            }
            ConsentState::Requested => {
                return Err(("requested", "was asked for, and not given yet".into()));
            }
            ConsentState::Expired => {
                return Err(("expired", format!("ended on {}", day(consent.expires))));
            }
            ConsentState::Refused => {
                return Err(("refused", format!("was refused on {}", day(ended()))));
            }
            ConsentState::Withdrawn => {
                return Err(("withdrawn", format!("was withdrawn on {}", day(ended()))));
            }
            ConsentState::Revoked => {
                return Err(("revoked", format!("was revoked on {}", day(ended()))));
            }
            ConsentState::Invalidated => {
                return Err(("invalid", format!("is not valid since {}", day(ended()))));
            }
        }
        match self.ask.expires {
            Some(end) if end > consent.expires => Err((
                "expires",
                format!(
                    "ends on {}, before the end that is asked for",
                    day(consent.expires)
                ),
            )),
            _ => Ok(()),
        }
    }

    fn check_assurance(&self, consent: &Consent) -> Result<(), (&'static str, String)> {
        let Some(least) = self.client.min_assurance.value() else {
            return Ok(());
        };
        let is = consent.assurance();
        // A least that this version does not know cannot be held to be reached.
        let reached = |least: Assurance| is.is_some_and(|is| is >= least);
        if least.parse().is_ok_and(reached) {
            return Ok(());
        }
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
            .filter(|(field, hidden)| consent.scope.has_field(field, *hidden))
            .map(|(field, _)| field)
            .collect();
        if let Some(field) = (self.ask.fields.iter()).find(|field| !covered.contains(field)) {
            return Err(("field", format!("does not cover {field} of {path}")));
        }
        let wanted =
            |field: &SharedField| self.ask.fields.is_empty() || self.ask.fields.contains(field);
        let fields: Vec<SharedField> = covered.into_iter().filter(wanted).collect();
        if fields.is_empty() {
            return Err(("nothing", format!("covers no field that {path} has")));
        }
        Ok(fields)
    }

    fn permit(&self, consent: &Consent, items: Vec<PermittedItem>) -> Result<Permit> {
        let usual = (DEFAULT_END.parse::<Duration>().ok())
            .and_then(|length| length.after(self.now))
            .ok_or_else(|| Error::failed("the calendar ends before a share would"))?;
        let end = self.ask.expires.unwrap_or(usual);
        Ok(Permit {
            consent: consent.id,
            client: self.client.id,
            contact: self.ask.contact,
            expires: end.min(consent.expires),
            shortened: end > consent.expires,
            items,
        })
    }

    fn refusal(&self, reasons: Vec<Reason>) -> Refusal {
        let slug = self.client.slug();
        let scope = (self.entries.iter()).map(|(path, _)| format!("--scope {path} "));
        let fields = (self.ask.fields.iter()).map(|field| format!("--field {field} "));
        let end = (self.ask.expires.iter()).map(|end| format!("--expires {end} "));
        let request = format!(
            "vault consent request {slug} --to {} {}--purpose TEXT",
            self.contact,
            scope.chain(fields).chain(end).collect::<String>()
        );
        let (code, message) = match reasons.as_slice() {
            [] => ("no-consent", format!("{slug} has given no consent")),
            [only] => (only.code, format!("no consent of {slug} allows this")),
            _ => ("none-fits", format!("no consent of {slug} allows this")),
        };
        Refusal {
            code,
            message,
            reasons,
            hint: format!("ask for one: {request}"),
        }
    }
}

fn choice(consent: &Consent) -> Choice {
    let assurance = consent.assurance().map_or("", Assurance::as_str);
    Choice {
        consent: consent.id,
        text: format!(
            "consent {}, {assurance}, until {}: {}",
            short(consent.id),
            day(consent.expires),
            consent.purpose()
        ),
    }
}

/// The day in UTC, as in 2026-10-01.
fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

impl Entry {
    /// All that it has that can be shared at all, and whether it is hidden: a consent to all
    /// fields does not cover what is.
    pub fn shareable(&self) -> impl Iterator<Item = (SharedField, bool)> {
        let built_in = [
            (SharedField::Secret, self.current("secret").is_some()),
            (SharedField::Username, self.username.value().is_some()),
            (SharedField::Urls, !self.urls().is_empty()),
            (SharedField::Totp, self.current("totp").is_some()),
            (SharedField::Notes, self.notes.value().is_some()),
        ];
        let built_in = (built_in.into_iter()).filter_map(|(field, is_set)| is_set.then_some(field));
        let visible = (self.visible_fields())
            .filter_map(|(name, _)| Some((SharedField::Custom(name.parse().ok()?), false)));
        let hidden = (self.secrets())
            .filter_map(|(slot, _)| Some((SharedField::Custom(slot.parse().ok()?), true)));
        let files = (self.attached())
            .filter_map(|file| Some((SharedField::Attachment(file.name.parse().ok()?), false)));
        (built_in.map(|field| (field, false)))
            .chain(visible)
            .chain(hidden)
            .chain(files)
    }

    /// Whether it has a field that can be shared.
    #[must_use]
    pub fn has_field(&self, field: &SharedField) -> bool {
        self.shareable().any(|(other, _)| other == *field)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod world;
