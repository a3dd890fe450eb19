//! What is done on behalf of clients, and who does it with whoever keeps the vault: what a processor's
//! record (GDPR Art. 30(2)) and a list of sub-processors say.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::error::Result;
use crate::model::records::client::{Client, ClientRole};
use crate::model::records::contact::Contact;
use crate::model::sharing::who::Subject;
use crate::model::text::country::{Place, place_of};
use crate::model::vault::Vault;

/// What is done on behalf of a client.
#[derive(Clone, Debug)]
pub struct ClientProcessing<'a> {
    /// The client.
    pub client: &'a Client,
    /// How many credentials are kept, those in the trash too.
    pub entries: usize,
    /// Who may be given some of them, by name.
    pub approved: Vec<SubProcessor<'a>>,
    /// Who was given some, may not be any more, and can still know them, by name.
    pub former: Vec<SubProcessor<'a>>,
}

/// Somebody else who is given access on behalf of a client.
#[derive(Clone, Debug)]
pub struct SubProcessor<'a> {
    /// Who.
    pub contact: &'a Contact,
    /// Where that is.
    pub place: Place,
    /// What the client permits them; nothing for those who were before.
    pub permitted: Vec<PermittedUse>,
}

/// What a client permits somebody.
#[derive(Clone, Debug)]
pub struct PermittedUse {
    /// The permission.
    pub consent: Uuid,
    /// What for.
    pub purpose: String,
    /// Whose word it is, where that is on record.
    pub by: Option<String>,
    /// When it ends.
    pub until: Timestamp,
}

impl ClientProcessing<'_> {
    /// Whether the client decides about personal data or works for somebody who does: a private
    /// person is outside of the record.
    fn is_on_record(client: &Client) -> bool {
        let role = client.role.value().and_then(|role| role.parse().ok());
        role != Some(ClientRole::Private)
    }
}

impl<'a> SubProcessor<'a> {
    fn of(contact: &'a Contact, permitted: Vec<PermittedUse>) -> Self {
        Self {
            place: place_of(contact.country.value().map(String::as_str)),
            contact,
            permitted,
        }
    }

    /// The day of the agreement with them, where it is on record.
    #[must_use]
    pub fn agreed_on(&self) -> Option<Date> {
        self.contact.agreed_on.value().copied()
    }
}

impl Vault {
    /// What is done on behalf of each client who is no private person, or of one whoever that is,
    /// sorted by short name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn processing(
        &self,
        only: Option<&Client>,
        now: Timestamp,
    ) -> Result<Vec<ClientProcessing<'_>>> {
        let owners = self.owners()?;
        let is_meant = |client: &Client| match only {
            Some(only) => only.id == client.id,
            None => ClientProcessing::is_on_record(client),
        };
        let mut all = Vec::new();
        for client in self.live_clients().filter(|it| is_meant(it)) {
            let approved = self.approved_by(client, now)?;
            let known: BTreeSet<Uuid> = approved.iter().map(|it| it.contact.id).collect();
            let knowledge = self.knowledge(&Subject::Client(client), now)?;
            let by_them = knowledge
                .entries
                .iter()
                .map(|it| it.permitted_by(client.id));
            // Who has lent something knows it by right.
            let can_know = by_them.flat_map(|it| it.knowers);
            let can_know: BTreeSet<Uuid> =
                can_know.map(|it| it.line.share.recipient.contact).collect();
            let mut former = Vec::new();
            for id in can_know.difference(&known) {
                if let Some(contact) = self.contacts.find(*id)? {
                    former.push(SubProcessor::of(contact, Vec::new()));
                }
            }
            former.sort_by(|a, b| a.contact.name().cmp(b.contact.name()));
            all.push(ClientProcessing {
                client,
                entries: owners.values().filter(|it| **it == client.id).count(),
                approved,
                former,
            });
        }
        all.sort_by(|a, b| a.client.slug().cmp(b.client.slug()));
        Ok(all)
    }

    fn approved_by(&self, client: &Client, now: Timestamp) -> Result<Vec<SubProcessor<'_>>> {
        let mut approved: Vec<SubProcessor<'_>> = Vec::new();
        for consent in self.all_consents()? {
            let is_theirs = consent.client == client.id && consent.is_live(now);
            if !is_theirs || self.consent_state(consent, now)?.is_end() {
                continue;
            }
            for id in consent.contacts_left() {
                let contact = self.contacts.find(id)?.filter(|it| !it.is_removed());
                let Some(contact) = contact else {
                    continue;
                };
                let permitted = PermittedUse {
                    consent: consent.id,
                    purpose: consent.purpose(),
                    by: consent.granted_by.value().map(|it| it.name.clone()),
                    until: consent.permitted_until(),
                };
                match approved.iter_mut().find(|it| it.contact.id == id) {
                    Some(known) => known.permitted.push(permitted),
                    None => approved.push(SubProcessor::of(contact, vec![permitted])),
                }
            }
        }
        approved.sort_by(|a, b| a.contact.name().cmp(b.contact.name()));
        Ok(approved)
    }
}
