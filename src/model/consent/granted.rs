//! What a yes to a request gives: what was asked for, without what is not there to be given any more.

use std::fmt;

use uuid::Uuid;

use super::agreed_terms::{AgreedEntry, AgreedRecipient, AgreedTerms};
use super::changes::consent_event;
use crate::error::Result;
use crate::model::records::consent::{Consent, ConsentEvent, ConsentState, PermittedRecipient};
use crate::model::records::contact::Contact;
use crate::model::records::entry::Entry;
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;

/// What a yes gives.
#[derive(Clone, Debug)]
pub struct GrantedPart {
    /// The terms as they were printed, without what is left out.
    pub terms: AgreedTerms,
    /// What of the request is no part of the permission.
    pub left_out: Vec<LeftOut>,
}

/// An entry, somebody, or an entry for somebody that a request asked for in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The entry; with none, all of it.
    pub entry: Option<AgreedEntry>,
    /// Whom it is not for; with none, it is for nobody.
    pub recipient: Option<AgreedRecipient>,
    /// The same by the contact's id.
    pub contact: Option<Uuid>,
    /// Why.
    pub why: NotGiven,
}

/// Why something that was asked for is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGiven {
    /// It was taken out of the request.
    TakenOut,
    /// The entry was removed.
    Removed,
    /// The entry is another client's.
    Moved,
    /// The entry is called otherwise, and no pattern covers it.
    Renamed,
    /// Who it is for is no contact any more.
    Parted,
    /// Their keys are lost.
    KeysLost,
    /// They have other keys than those of the request.
    OtherKeys,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = self.entry.as_ref().map(|entry| entry.path.as_str());
        match (entry, &self.recipient) {
            (Some(entry), Some(one)) => write!(f, "{entry} for {}", one.name)?,
            (entry, one) => {
                let name = one.as_ref().map(|one| one.name.as_str());
                f.write_str(entry.or(name).unwrap_or_default())?;
            }
        }
        f.write_str(match self.why {
            NotGiven::TakenOut => " was taken out of it",
            NotGiven::Removed => " was removed",
            NotGiven::Moved => " belongs to another client now",
            NotGiven::Renamed => " has another name now",
            NotGiven::Parted => " is no longer a contact",
            NotGiven::KeysLost => " has lost the keys that it was for",
            NotGiven::OtherKeys => " has other keys now",
        })
    }
}

impl GrantedPart {
    /// The names of the contacts to whom something is given.
    #[must_use]
    pub fn names(&self) -> String {
        let names = self.terms.recipients.iter().map(|one| one.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// What is given: entries and patterns.
    #[must_use]
    pub fn covers(&self) -> String {
        let entries = self.terms.entries.iter().map(|entry| &entry.path);
        let all = entries.chain(&self.terms.patterns).cloned();
        all.collect::<Vec<_>>().join(", ")
    }

    /// Whether it gives nothing to anybody.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let terms = &self.terms;
        terms.recipients.is_empty() || (terms.entries.is_empty() && terms.patterns.is_empty())
    }
}

impl GrantedPart {
    /// The ends of what is left out: the client is told that it is no part of the permission, so it
    /// does not become one when what was in the way is gone.
    pub(super) fn ends(&self, author: &Author<'_>) -> Vec<ConsentEvent> {
        let left_out = self.left_out.iter().map(|part| {
            let mut end = consent_event(ConsentState::Ended.as_str(), author);
            end.reason = Some(format!("{part}"));
            end.entries.extend(part.entry.as_ref().map(|it| it.entry));
            end.contacts.extend(part.contact);
            end
        });
        left_out.filter(|end| !end.is_whole()).collect()
    }
}

impl Vault {
    /// What a yes to a request gives today; `terms` are those of the consent.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] where what it is to replace is not there;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn granted(&self, consent: &Consent, mut terms: AgreedTerms) -> Result<GrantedPart> {
        let old = consent.supersedes.map(|id| self.consents.by_id(id));
        let ends = std::iter::once(consent).chain(old.transpose()?);
        let ends: Vec<&Consent> = ends.collect();
        let contacts = self.live_contacts()?;
        let (mut left_out, mut to) = (Vec::new(), Vec::new());
        let mut asked = consent.recipients.iter();
        terms.recipients.retain(|agreed| {
            let Some(permitted) = asked.next() else {
                return false;
            };
            let contact = contacts.iter().find(|it| it.id == permitted.contact);
            let why = not_given_to(&ends, permitted, contact.copied());
            left_out.extend(why.map(|why| LeftOut {
                entry: None,
                recipient: Some(agreed.clone()),
                contact: Some(permitted.contact),
                why,
            }));
            to.extend(why.is_none().then_some(permitted.contact));
            why.is_none()
        });
        let live = self.live()?;
        let (recipients, except) = (terms.recipients.clone(), terms.except.clone());
        let asked_without = |asked: &AgreedEntry, one: &AgreedRecipient| {
            let mut out = except.iter().filter(|out| out.entry.entry == asked.entry);
            out.any(|out| out.recipients.contains(&one.called()))
        };
        let mut is_given = |asked: &AgreedEntry| {
            let part = |to: Option<(Uuid, AgreedRecipient)>, why| LeftOut {
                entry: Some(asked.clone()),
                contact: to.as_ref().map(|(contact, _)| *contact),
                recipient: to.map(|(_, recipient)| recipient),
                why,
            };
            let ended = |contact: &Uuid| {
                let mut ends = ends.iter();
                ends.any(|it| it.ended_for(asked.entry, *contact).is_some())
            };
            let why = match live.iter().find(|(_, entry)| entry.id == asked.entry) {
                None => Some(NotGiven::Removed),
                Some((path, entry)) => not_covered(consent, path, entry),
            };
            let of_all = !to.is_empty() && to.iter().all(ended);
            let why = why.or(of_all.then_some(NotGiven::TakenOut));
            let parts: Vec<LeftOut> = match why {
                Some(why) => vec![part(None, why)],
                None => (to.iter().zip(&recipients))
                    .filter(|(contact, one)| ended(contact) && !asked_without(asked, one))
                    .map(|(id, one)| part(Some((*id, one.clone())), NotGiven::TakenOut))
                    .collect(),
            };
            // One that is named may be covered by a pattern too.
            for part in parts {
                if !left_out.contains(&part) {
                    left_out.push(part);
                }
            }
            why.is_none()
        };
        terms.entries.retain(&mut is_given);
        terms.covered.retain(&mut is_given);
        Ok(GrantedPart { terms, left_out })
    }
}

/// Why somebody is given nothing, if they are not.
fn not_given_to(
    ends: &[&Consent],
    permitted: &PermittedRecipient,
    contact: Option<&Contact>,
) -> Option<NotGiven> {
    let Some(contact) = contact else {
        return Some(NotGiven::Parted);
    };
    let mut bound = permitted.keys.iter();
    if bound.any(|key| contact.lost_key(key).is_some()) {
        return Some(NotGiven::KeysLost);
    }
    if ends.iter().any(|it| it.is_over_for(contact.id)) {
        return Some(NotGiven::TakenOut);
    }
    let other = !contact.is_bound_by(&permitted.keys);
    other.then_some(NotGiven::OtherKeys)
}

/// Why an entry that is there is not covered, if it is not.
fn not_covered(consent: &Consent, path: &str, entry: &Entry) -> Option<NotGiven> {
    if entry.client.get() != Some(&consent.client) {
        return Some(NotGiven::Moved);
    }
    let covers = consent.scope.has_entry(entry.id, path);
    (!covers).then_some(NotGiven::Renamed)
}
