//! A client as an export has it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Ids;
use crate::model::entry::attachments::check_attachment_size;
use crate::model::people::fields::ClientValues;
use crate::model::records::attachment::{Attachment, file_agreement};
use crate::model::records::cell::Stamp;
use crate::model::records::client::{Assurance, Client, ClientKey, ClientRole, Reach};
use crate::model::records::fields::FieldValues;
use crate::model::records::person::Person;
use crate::model::text::lang::Lang;
use crate::model::text::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, PAPER_BYTES};
use crate::model::text::name::{AttachmentName, ClientSlug};
use crate::model::text::text_rules::check_text;

/// A client: its field names are those of the vault's own record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PortableClient {
    /// The record's id.
    pub id: Uuid,
    /// The short name that paths start with.
    pub slug: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was removed.
    #[serde(default)]
    pub removed: Option<Timestamp>,
    /// How to reach them.
    #[serde(default)]
    pub contacts: Vec<Reach>,
    /// The keys that their signatures are checked against.
    #[serde(default)]
    pub keys: Vec<ClientKey>,
    /// The people who speak for them.
    #[serde(default)]
    pub persons: Vec<Person>,
    /// The agreement that counts.
    #[serde(default)]
    pub agreement: Option<Attachment>,
    /// The fields with one value.
    #[serde(flatten)]
    pub values: ClientValues,
    /// Members that this version does not know; their values are passed over.
    #[serde(flatten, skip_serializing)]
    pub unknown: BTreeMap<String, Option<IgnoredAny>>,
}

impl From<&Client> for PortableClient {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id,
            slug: client.slug().to_owned(),
            created: client.created,
            removed: client.removed.value().copied(),
            contacts: client.contacts.items().to_vec(),
            // Whether it came in by import is of this vault.
            keys: (client.keys().iter())
                .map(|key| key.clone().with_origin(false))
                .collect(),
            persons: client.persons().to_vec(),
            agreement: client.agreement().cloned(),
            values: ClientValues::of(client),
            unknown: BTreeMap::new(),
        }
    }
}

impl PortableClient {
    /// Holds it against the rules of names and the limits.
    pub fn check(&self) -> Result<(), String> {
        self.slug.parse::<ClientSlug>()?;
        let reaches = self.contacts.iter();
        let keys = self.keys.iter();
        for field in self.values.set_fields() {
            for text in self.values.texts(field) {
                check_text(field.row().option, &text, field.limit())
                    .map_err(|why| why.message().to_owned())?;
            }
        }
        for person in &self.persons {
            let again: Person = person.to_string().parse()?;
            if again.to_string() != person.to_string() || person.to_string().len() > PAPER_BYTES {
                return Err("one of its persons has no name".into());
            }
        }
        if let Some(file) = &self.agreement {
            let bytes = file.bytes().map_err(|why| why.message().to_owned())?;
            check_attachment_size(bytes.len()).map_err(|why| why.message().to_owned())?;
            file.name.parse::<AttachmentName>()?;
        }
        let texts = (reaches.clone())
            .filter_map(|r| Some(("email", r.email.as_ref()?)))
            .chain(reaches.filter_map(|r| Some(("phone", r.phone.as_ref()?))))
            .chain(keys.clone().map(|key| ("key", &key.kind)))
            .chain(keys.clone().map(|key| ("key", &key.public)))
            .chain(keys.filter_map(|key| Some(("key", key.verified_via.as_ref()?))));
        for (name, text) in texts {
            check_text(name, text, FIELD_BYTES).map_err(|why| why.message().to_owned())?;
        }
        let counts = [self.contacts.len(), self.keys.len(), self.persons.len()];
        if counts.into_iter().any(|count| count > FIELDS_PER_ENTRY) {
            return Err(format!(
                "it has more than {FIELDS_PER_ENTRY} addresses, keys or persons"
            ));
        }
        let ClientValues {
            min_assurance,
            role,
            lang,
            ..
        } = &self.values;
        (min_assurance.as_ref()).map_or(Ok(()), |it| it.parse::<Assurance>().map(drop))?;
        (role.as_ref()).map_or(Ok(()), |it| it.parse::<ClientRole>().map(drop))?;
        (lang.as_ref()).map_or(Ok(()), |it| it.parse::<Lang>().map(drop))
    }

    /// What is said of it where it is left out.
    pub(crate) fn left(&self, why: &str) -> String {
        format!("client {} of the file: {why}", self.slug)
    }

    /// The fields in which this differs from the client of its name, in words; `None` where it does
    /// not.
    pub(crate) fn difference(&self, known: &Client) -> Option<String> {
        let here = Self::from(known);
        let keys: Vec<_> = here.keys.iter().map(ClientKey::to_openssh).collect();
        let mut new_keys = self.keys.iter().map(ClientKey::to_openssh);
        let (other, _) = here.values.changes_to(&self.values);
        let mut parts: Vec<&str> = other.set_fields().map(|field| field.row().label).collect();
        let mut reaches = self.contacts.iter();
        if reaches.any(|reach| !here.contacts.contains(reach)) {
            parts.push("addresses");
        }
        if new_keys.any(|key| !keys.contains(&key)) {
            parts.push("keys");
        }
        if (self.persons.iter()).any(|person| !here.persons.contains(person)) {
            parts.push("persons");
        }
        let hash = |file: &Option<Attachment>| file.as_ref().map(|file| file.sha256.clone());
        if self.agreement.is_some() && hash(&self.agreement) != hash(&here.agreement) {
            parts.push("agreement");
        }
        (!parts.is_empty()).then(|| {
            self.left(&format!(
                "it is there already and stays as it is; the file has other {}",
                parts.join(", ")
            ))
        })
    }

    /// Builds the client record, all of it under one stamp; `None` if its short name is not valid.
    /// `room` is what attachments may still take, in bytes: without it, the agreement stays away.
    pub(crate) fn restore(
        &self,
        stamp: Stamp,
        ids: &mut Ids<'_>,
        room: &mut u64,
    ) -> Option<Client> {
        let slug = self.slug.parse().ok()?;
        let created = ids.past(self.created);
        let mut client = Client::new(ids.take(self.id), created, stamp, &slug);
        self.values.write_to(&mut client, stamp);
        client.removed.set_if_some(stamp, self.removed);
        client.contacts.set_if_any(stamp, self.contacts.clone());
        // Whatever the file says of them: it may be anybody's.
        let keys = self.keys.iter().map(|key| key.clone().with_origin(true));
        client.keys.set_if_any(stamp, keys.collect());
        client.persons.set_if_any(stamp, self.persons.clone());
        let rest = self
            .agreement
            .as_ref()
            .and_then(|file| room.checked_sub(file.size));
        if let (Some(file), Some(rest)) = (&self.agreement, rest) {
            *room = rest;
            let id = ids.take(file.id);
            let file = Attachment { id, ..file.clone() };
            file_agreement(&mut client.agreement, &mut client.agreements, file, stamp);
        }
        Some(client)
    }
}
