//! The rule that nothing is shared without: which consent allows it, or why none does. Nothing
//! here asks, looks at a clock or remembers; the same question to the same vault has the same
//! answer.

pub(crate) mod again;
mod case;
mod limits;

use jiff::Timestamp;
use uuid::Uuid;

use self::case::Case;
use super::changed::ChangedEntry;
use super::scope::SharedField;
use super::terms::SETTLE_IT;
use crate::error::{Error, Result};
use crate::model::entry::field::{SECRET, TOTP};
use crate::model::entry::fields::{EntryValues, Use};
use crate::model::entry::use_only::PasswordProof;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::text::name::EntryPath;
use crate::model::text::words::words;
use crate::model::vault::Vault;

/// An open incident that began with the contact, as the log names it.
const INCIDENT: &str = "incident";

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
    /// The end; with none, the usual one, or the first limit if that is sooner.
    pub expires: Option<Timestamp>,
    /// The usual end; with none, in 14 days.
    pub usual: Option<Timestamp>,
    /// The share that it takes the place of, whose fields go once more.
    pub replaces: Option<Uuid>,
    /// What is passed over on purpose.
    pub despite: Despite,
    /// Whether what is for use only may go.
    pub proof: PasswordProof,
}

/// What somebody passes over on purpose.
#[derive(Clone, Debug, Default)]
pub struct Despite {
    /// The end of the client's retention.
    pub retention: bool,
    /// The day on which the contact is to be looked at again.
    pub review: bool,
    /// The open incident that began with the contact.
    pub incident: bool,
    /// These differences from what was permitted.
    pub changes: Vec<ChangedEntry>,
}

impl Ask {
    /// All that a consent covers of these entries, by the one consent that fits.
    #[must_use]
    pub fn of(entries: Vec<EntryPath>, contact: Uuid) -> Self {
        Self {
            entries,
            contact,
            fields: vec![],
            consent: None,
            expires: None,
            usual: None,
            replaces: None,
            despite: Despite::default(),
            proof: PasswordProof::default(),
        }
    }
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may be shared, so far and no further.
    Allowed(Permit),
    /// It may not.
    Refused(Refusal),
    /// More than one consent allows it.
    Several(Vec<FittingConsent>),
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
    /// What ends before a share usually would, and the share with it.
    pub cut_by: Option<Limit>,
    /// How the entries differ from what was permitted.
    pub changes: Vec<ChangedEntry>,
    /// The limits that the share passes on purpose.
    pub passes: Vec<Limit>,
    /// The open incident that began with the contact, which is passed over on purpose.
    pub incident: Option<Uuid>,
    /// The entries, each with the fields that may go; none is empty.
    pub items: Vec<PermittedItem>,
}

words! {
    /// What a share's end is held to, as the log names it.
    pub enum Limit {
        /// The end of the consent.
        Consent = "consent",
        /// The client's retention.
        Retention = "retention",
        /// The contact's review.
        Review = "review",
    }
}

impl Permit {
    /// Refuses what differs from what was permitted, unless just that was confirmed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`]: it has changed since it was confirmed.
    pub fn check_confirmed(&self, ask: &Ask) -> Result<()> {
        let confirmed = &ask.despite.changes;
        match self.changes.iter().find(|it| !confirmed.contains(it)) {
            None => Ok(()),
            Some(changed) => Err(Error::conflict(format!(
                "{changed}, and nobody has confirmed that"
            ))
            .hint("nothing was shared; look at it, and share again")),
        }
    }

    /// What was passed over on purpose, as stable words.
    #[must_use]
    pub fn confirmed(&self) -> Vec<String> {
        let changes = self.changes.iter().map(|it| it.change.code());
        let passed = self.passes.iter().map(|limit| limit.as_str());
        let incident = self.incident.map(|_| INCIDENT);
        let all = changes.chain(passed).chain(incident);
        let mut all: Vec<String> = all.map(str::to_owned).collect();
        all.sort();
        all.dedup();
        all
    }
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
pub struct FittingConsent {
    /// The consent.
    pub consent: Uuid,
    /// What tells it from the others.
    pub text: String,
}

impl Refusal {
    /// The consents that had ended for good before their time.
    #[must_use]
    pub fn ended(&self) -> Vec<Uuid> {
        let ends = ["cancelled", "withdrawn", "revoked", "refused", "invalid"];
        let ended = (self.reasons.iter()).filter(|reason| ends.contains(&reason.code));
        ended.map(|reason| reason.consent).collect()
    }
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
                let first = choices.first().map(|choice| number(choice.consent));
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

impl Vault {
    /// Answers whether something may be shared at `now`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an entry, a field of an entry, a contact or a consent
    /// that is not there; [`crate::error::Kind::Usage`] for an end in the past;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn permit(&self, ask: &Ask, now: Timestamp) -> Result<Answer> {
        let entries = self.named_entries(&ask.entries, &ask.fields)?;
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
            contact,
            entries,
        };
        let incident = self.open_incident_from(ask.contact)?;
        if let Some(incident) = incident.filter(|_| !ask.despite.incident) {
            return Ok(Answer::Refused(case.leaked_by(incident)));
        }
        match case.decide()? {
            Answer::Allowed(mut permit) => {
                permit.incident = incident.map(|it| it.id);
                Ok(match self.set_apart(&permit.items)? {
                    Some(refusal) => Answer::Refused(refusal),
                    None => Answer::Allowed(permit),
                })
            }
            answer => Ok(answer),
        }
    }

    /// Refuses what two devices have set apart: nobody could say later which of two was given.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn set_apart(&self, items: &[PermittedItem]) -> Result<Option<Refusal>> {
        for item in items {
            let entry = self.entries.by_id(item.entry)?;
            let is_apart = |field: &&SharedField| match field {
                SharedField::Secret => entry.is_set_apart(SECRET),
                SharedField::Totp => entry.is_set_apart(TOTP),
                SharedField::Custom(name) => {
                    let name = name.as_str();
                    entry.is_set_apart(name) || entry.visible_set_apart(name).is_some()
                }
                SharedField::Attachment(name) => entry.is_attached_apart(name.as_str()),
                SharedField::Field(field) => entry.visible_set_apart(field.key()).is_some(),
            };
            if let Some(field) = item.fields.iter().find(is_apart) {
                let path = &item.path;
                return Ok(Some(Refusal {
                    code: "set-apart",
                    message: format!(
                        "{field} of {path} was set apart on two devices, and nobody has chosen yet"
                    ),
                    reasons: Vec::new(),
                    hint: SETTLE_IT.to_owned(),
                }));
            }
        }
        Ok(None)
    }

    /// The entries that are asked for, each once, and each with every field that is named.
    pub(crate) fn named_entries(
        &self,
        paths: &[EntryPath],
        fields: &[SharedField],
    ) -> Result<Vec<(EntryPath, &Entry)>> {
        let mut entries: Vec<(EntryPath, &Entry)> = Vec::new();
        for path in paths {
            let entry = self.entry(path)?;
            if entries.iter().any(|(_, other)| other.id == entry.id) {
                continue;
            }
            if let Some(field) = fields.iter().find(|field| !entry.has_field(field)) {
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
    let has: Vec<String> = (entry.shareable()).map(|field| field.to_string()).collect();
    let what = match field {
        SharedField::Custom(name) => format!("field {name}"),
        built_in => built_in.to_string(),
    };
    let error = Error::not_found(format!("{path} has no {what}"));
    if has.is_empty() {
        return error.hint(format!("see what it has: vault show {path:#}"));
    }
    error.hint(format!("it has: {}", has.join(", ")))
}

/// What no consent could allow.
pub(crate) fn refused_at_once(entries: &[(EntryPath, &Entry)]) -> Option<Refusal> {
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

impl Entry {
    /// All that it has that can be shared at all.
    pub fn shareable(&self) -> impl Iterator<Item = SharedField> {
        let values = EntryValues::of(self);
        let slot = |field, slot| self.current(slot).is_some().then_some(field);
        let serving = |what| {
            let fields = values.set_fields().filter(|field| field.serves(what));
            fields.map(SharedField::Field).collect::<Vec<_>>()
        };
        let built_in = (slot(SharedField::Secret, SECRET).into_iter())
            .chain(serving(Use::Share))
            .chain(slot(SharedField::Totp, TOTP))
            .chain(serving(Use::ShareNamed));
        let custom = (self.visible_fields().map(|(name, _)| name))
            .chain(self.secrets().map(|(slot, _)| slot))
            .filter_map(|name| Some(SharedField::Custom(name.parse().ok()?)));
        let files = (self.attached())
            .filter_map(|file| Some(SharedField::Attachment(file.name.parse().ok()?)));
        built_in.chain(custom).chain(files)
    }

    /// Whether it has a field that can be shared.
    #[must_use]
    pub fn has_field(&self, field: &SharedField) -> bool {
        self.shareable().any(|other| other == *field)
    }
}

#[cfg(test)]
mod key_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
#[cfg(test)]
pub(crate) mod world;
