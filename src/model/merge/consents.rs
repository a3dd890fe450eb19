//! What became of consents by what a merge took in.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::records::client::Client;
use crate::model::records::consent::{Consent, ConsentEvent, ConsentState, SHORTENED};
use crate::model::vault::Vault;

/// A consent or a request for one that is new, or is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedConsent {
    /// Its id.
    pub id: Uuid,
    /// Whose it is: the client's short name.
    pub client: String,
    /// Whom it is for, by name.
    pub to: Vec<String>,
    /// What it was here before; none for a new one.
    pub was: Option<ConsentState>,
    /// What it is now.
    pub state: ConsentState,
    /// When it ends now, where that is sooner than it was here before.
    pub sooner: Option<Timestamp>,
    /// The live shares that were made for longer than it permits now, where it ends sooner.
    pub outlasting: Vec<Uuid>,
    /// Whether a yes came that counts for nothing, since it was ended on one of the devices.
    pub is_void_yes: bool,
    /// Whether it goes on, and ended for some entries or contacts.
    pub is_less: bool,
}

impl ChangedConsent {
    /// Whether something that was permitted here is permitted no longer, or a yes came too late.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        let was_given = self.was == Some(ConsentState::Given);
        let is_over = was_given && self.state.is_end() && self.state != ConsentState::Superseded;
        is_over || self.is_void_yes || self.is_less || self.sooner.is_some()
    }
}

impl Vault {
    /// The consents that are new since `before`, or are not what they were; what is over by the
    /// clock alone was told before.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(super) fn consents_changed_since(
        &self,
        before: &Self,
        now: Timestamp,
    ) -> Result<Vec<ChangedConsent>> {
        let mut changed = Vec::new();
        let names = self.names()?;
        for consent in self.all_consents()? {
            let known = before.consents.find(consent.id)?;
            let state = self.consent_state(consent, now)?;
            let was = known.map(|it| before.consent_state(it, now)).transpose()?;
            let parts_ended = |it: &Consent| self.parts_ended(it, &names);
            let is_less = |known: &Consent| parts_ended(consent) > parts_ended(known);
            let is_sooner = |known: &&Consent| {
                let is_shortened = shortenings(consent) > shortenings(known);
                let is_known = known.was_given() || is_shortened;
                is_known && !state.is_end() && consent.end() < known.end()
            };
            let is_yes_new = consent.was_given() && !known.is_some_and(Consent::was_given);
            let mut clients = self.clients.iter();
            let client = clients.find(|it| it.id == consent.client);
            let sooner = known.filter(is_sooner).map(|_| consent.end());
            let shares = match sooner {
                Some(_) => self.outlasting(consent.id, now)?,
                None => Vec::new(),
            };
            let it = ChangedConsent {
                id: consent.id,
                client: client.map_or("?", Client::slug).to_owned(),
                to: self.contact_names(&consent.contacts())?,
                was,
                state,
                sooner,
                outlasting: shares.iter().map(|share| share.id).collect(),
                is_void_yes: is_yes_new && known.is_some() && is_taken_back(consent),
                is_less: !state.is_end() && known.is_some_and(is_less),
            };
            if it.was != Some(state) || it.is_loss() {
                changed.push(it);
            }
        }
        Ok(changed)
    }

    /// How many parts of it have ended on their own. A renewal has the ends of what it took the
    /// place of too, which it may never have covered.
    fn parts_ended(&self, consent: &Consent, names: &HashMap<Uuid, String>) -> usize {
        let had_entry = |id: &Uuid| {
            let path = names.get(id).map_or("", String::as_str);
            self.is_in_scope(consent, *id, path)
        };
        let was_part = |event: &&ConsentEvent| {
            let (entries, contacts) = (&event.entries, &event.contacts);
            let mut to = contacts.iter();
            !event.is_whole()
                && (entries.is_empty() || entries.iter().any(had_entry))
                && (contacts.is_empty() || to.any(|it| consent.is_for(*it)))
        };
        consent.ends().filter(was_part).count()
    }
}

/// Whether somebody ended all of it before its time.
fn is_taken_back(consent: &Consent) -> bool {
    consent.ended_unrenewed().is_some()
}

/// How many times it was shortened.
fn shortenings(consent: &Consent) -> usize {
    let events = consent.events.iter();
    events.filter(|event| event.state == SHORTENED).count()
}
