//! What to set in a client and what to empty, and the changes that commands make to clients.

use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::fields::{ClientField, ClientValues, check_counts};
use crate::error::{Error, Result};
use crate::model::records::attachment::{Attachment, file_agreement};
use crate::model::records::cell::Stamp;
use crate::model::records::client::{Client, ClientKey};
use crate::model::records::fields::{FieldValues, ReplacedValue};
use crate::model::records::person::Person;
use crate::model::records::stamped::Stamped;
use crate::model::records::stamping::Author;
use crate::model::sharing::duties::check_duties;
use crate::model::text::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, PAPER_BYTES};
use crate::model::text::name::{AttachmentName, ClientSlug};
use crate::model::text::quote::as_word;
use crate::model::text::text_rules::{check_count, check_text, is_address};
use crate::model::text::words::one_of;
use crate::model::vault::Vault;

/// What can be taken away from a client. A list loses one of its items, or with none named all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientUnset {
    /// One of the fields with one value.
    Field(ClientField),
    /// Mail addresses.
    Emails(Option<String>),
    /// The telephone number.
    Phone,
    /// Keys, each as the line that OpenSSH reads: they count no more, and stay known.
    Keys(Option<String>),
    /// People, each by the name or the mail address.
    Persons(Option<String>),
    /// The agreement.
    Agreement,
}

impl FromStr for ClientUnset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match named_item(text) {
            ("email" | "emails", item) => Self::Emails(item),
            ("key" | "keys", item) => Self::Keys(item),
            ("person" | "persons", item) => Self::Persons(item),
            ("phone", None) => Self::Phone,
            ("agreement", None) => Self::Agreement,
            (name, None) if let Some(field) = ClientField::named(name) => Self::Field(field),
            _ => {
                let fields = ClientField::ALL.iter().map(|field| field.row().option);
                let lists = ["email", "phone", "key", "person", "agreement"];
                let all: Vec<&str> = fields.chain(lists).collect();
                return Err(format!(
                    "{}; one of several goes with key=KEY, email=ADDRESS or person=NAME",
                    one_of(&all)
                ));
            }
        })
    }
}

/// What to set in a client. Lists are added to; what is empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientChanges {
    /// The fields with one value.
    pub values: ClientValues,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// Keys that their signatures are checked against.
    pub keys: Vec<ClientKey>,
    /// The people who speak for them.
    pub persons: Vec<Person>,
    /// The agreement's name and bytes.
    pub agreement: Option<(AttachmentName, Vec<u8>)>,
    /// What to empty first.
    pub unset: Vec<ClientUnset>,
}

impl ClientChanges {
    /// Holds every text against its limit.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming the field.
    pub fn check(&self) -> Result<()> {
        let verified = self.keys.iter().filter_map(|key| key.verified_via.as_ref());
        for field in self.values.set_fields() {
            for text in self.values.texts(field) {
                check_text(field.row().option, &text, field.limit())?;
            }
        }
        let texts = (self.emails.iter().map(|text| ("email", text)))
            .chain(self.phone.iter().map(|text| ("phone", text)))
            .chain(verified.map(|text| ("key-verified", text)));
        for (name, text) in texts {
            check_text(name, text, FIELD_BYTES)?;
        }
        for person in &self.persons {
            check_text("person", &person.to_string(), PAPER_BYTES)?;
        }
        check_duties(self.values.duties.as_ref())?;
        check_count(self.persons.len(), "persons", FIELDS_PER_ENTRY)?;
        check_addresses(&self.emails)?;
        check_count(self.emails.len(), "addresses", FIELDS_PER_ENTRY)?;
        check_count(self.keys.len(), "keys", FIELDS_PER_ENTRY)
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Refuses what is no mail address.
pub(crate) fn check_addresses(emails: &[String]) -> Result<()> {
    match emails.iter().find(|email| !is_address(email)) {
        Some(bad) => Err(Error::usage(format!("{bad} is not a mail address"))),
        None => Ok(()),
    }
}

/// What `--unset` names: a field, and after `=` one item of a list.
pub(crate) fn named_item(text: &str) -> (&str, Option<String>) {
    match text.split_once('=') {
        Some((name, item)) => (name, Some(item.to_owned())),
        None => (text, None),
    }
}

/// Whether two persons are one, by the mail address or else by the name.
fn are_same(one: &Person, other: &Person) -> bool {
    match (&one.email, &other.email) {
        (Some(one), Some(other)) => one == other,
        _ => one.name == other.name,
    }
}

/// Takes over what another device has of the same person: who may give permissions there still may.
fn join_person(known: &mut Person, other: &Person) -> bool {
    let are_same = are_same(known, other);
    if are_same {
        known.may_permit |= other.may_permit;
        known.email = known.email.take().or_else(|| other.email.clone());
    }
    are_same
}

/// Takes over what another device has of the same key: that somebody made sure of it, and that it
/// was closed, since none opens again.
fn join_key(known: &mut ClientKey, other: &ClientKey) -> bool {
    let are_same = known.is_since_then(other);
    if are_same {
        let closed = known.to.into_iter().chain(other.to).min();
        let doubt = |key: &ClientKey| (key.imported, key.verified_via.is_none());
        if doubt(other) < doubt(known) {
            known.clone_from(other);
        }
        known.to = closed;
    }
    are_same
}

impl Client {
    /// What of its fields, its mail addresses and its telephone number is not there any more in
    /// `now`.
    pub fn replaced_by(&self, now: &Self) -> Vec<ReplacedValue> {
        let mut replaced = ClientValues::of(self).replaced_by(&ClientValues::of(now));
        let emails = |client: &Self| client.emails().map(ToOwned::to_owned).collect();
        let phone = |client: &Self| client.phone().map(ToOwned::to_owned).into_iter().collect();
        replaced.extend(ReplacedValue::of("email", true, emails(self), emails(now)));
        replaced.extend(ReplacedValue::of("phone", false, phone(self), phone(now)));
        replaced
    }

    fn apply(
        &mut self,
        mut changes: ClientChanges,
        stamp: Stamp,
        author: &Author<'_>,
    ) -> Result<()> {
        changes.check()?;
        for unset in &changes.unset {
            self.unset(unset, stamp, author.now)?;
        }
        changes.values.write_to(self, stamp);
        // Whoever changes anything keeps a client whom another device has removed.
        self.removed.empty(stamp);
        if !changes.emails.is_empty() {
            self.contacts.unite(stamp);
            let mut emails: Vec<String> = self.emails().map(ToOwned::to_owned).collect();
            changes.emails.retain(|new| !emails.contains(new));
            emails.extend(changes.emails);
            self.set_emails(stamp, &emails);
        }
        let is_new = |phone: &String| self.contacts.in_conflict() || self.phone() != Some(phone);
        if let Some(phone) = changes.phone.filter(is_new) {
            self.set_phone(stamp, Some(phone));
        }
        if !changes.keys.is_empty() {
            self.keys.unite_by(stamp, join_key);
            let keys = self.keys_with(changes.keys, author.now);
            self.keys.set(stamp, keys);
        }
        if !changes.persons.is_empty() {
            self.persons.unite_by(stamp, join_person);
            let persons = self.persons_with(changes.persons);
            self.persons.set(stamp, persons);
        }
        if let Some((name, bytes)) = changes.agreement {
            let file = Attachment::new((author.new_id)(), &name, &bytes, author.now);
            file_agreement(&mut self.agreement, &mut self.agreements, file, stamp);
        }
        check_counts(&[
            (self.emails().count(), "addresses"),
            (self.keys().len(), "keys"),
            (self.persons().len(), "persons"),
        ])
    }

    /// The persons, and those that are new among others. One of a known address or name takes that
    /// one's place; who may give permissions still may.
    fn persons_with(&self, new: Vec<Person>) -> Vec<Person> {
        let mut persons = self.persons().to_vec();
        for mut person in new {
            match persons.iter_mut().find(|old| are_same(old, &person)) {
                Some(old) => {
                    person.may_permit |= old.may_permit;
                    *old = person;
                }
                None => persons.push(person),
            }
        }
        persons
    }

    /// The keys, and those that are new among others, which count from now on. One that counts
    /// already is only made sure of, where it is said how.
    fn keys_with(&self, new: Vec<ClientKey>, now: Timestamp) -> Vec<ClientKey> {
        let mut keys = self.keys().to_vec();
        for mut key in new {
            let line = key.to_openssh();
            let same = |old: &&mut ClientKey| old.to.is_none() && old.to_openssh() == line;
            match keys.iter_mut().find(same) {
                Some(old) if key.verified_via.is_some() => {
                    key.from = old.from;
                    *old = key;
                }
                Some(_) => {}
                None => {
                    key.from = Some(now);
                    keys.push(key);
                }
            }
        }
        keys
    }

    fn unset(&mut self, what: &ClientUnset, stamp: Stamp, now: Timestamp) -> Result<()> {
        match what {
            ClientUnset::Emails(_) => self.contacts.unite(stamp),
            ClientUnset::Keys(_) => self.keys.unite_by(stamp, join_key),
            ClientUnset::Persons(_) => self.persons.unite_by(stamp, join_person),
            _ => {}
        }
        let emails: Vec<String> = self.emails().map(ToOwned::to_owned).collect();
        let (was_set, what, item) = match what {
            ClientUnset::Field(field) => (self.empty(*field, stamp), field.row().noun, None),
            ClientUnset::Emails(item) => {
                let rest = without(emails.clone(), item.as_ref(), String::clone);
                self.set_emails(stamp, &rest);
                (rest.len() < emails.len(), "address", item.as_ref())
            }
            ClientUnset::Phone => {
                let was_set = self.phone().is_some();
                self.set_phone(stamp, None);
                (was_set, "phone", None)
            }
            ClientUnset::Keys(item) => {
                // What was signed by it stays signed: it is kept, and counts no more.
                let mut keys = self.keys().to_vec();
                let mut was_set = false;
                for key in keys.iter_mut().filter(|key| key.to.is_none()) {
                    if item.as_ref().is_none_or(|item| key.to_openssh() == *item) {
                        key.to = Some(now);
                        was_set = true;
                    }
                }
                self.keys.set(stamp, keys);
                (was_set, "key", item.as_ref())
            }
            ClientUnset::Persons(item) => {
                let mut rest = self.persons().to_vec();
                rest.retain(|one| item.as_ref().is_some_and(|item| !one.is_called(item)));
                let was_set = rest.len() < self.persons().len();
                self.persons.set(stamp, rest);
                (was_set, "person", item.as_ref())
            }
            ClientUnset::Agreement => (self.agreement.empty(stamp), "agreement", None),
        };
        if was_set {
            return Ok(());
        }
        let (slug, item) = (self.slug(), item.map(|item| format!(" {item}")));
        Err(Error::not_found(format!(
            "{slug} has no {what}{} to take away",
            item.unwrap_or_default()
        ))
        .hint(format!(
            "see what it has: vault client show {}",
            as_word(slug)
        )))
    }
}

/// A list without one item, or without any.
fn without<T>(mut list: Vec<T>, item: Option<&String>, text: impl Fn(&T) -> String) -> Vec<T> {
    list.retain(|one| item.is_some_and(|item| text(one) != *item));
    list
}

impl Vault {
    /// Adds a client.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] if the name is taken or looks like one that is,
    /// [`crate::error::Kind::Usage`] past a limit.
    pub fn add_client(
        &mut self,
        slug: &ClientSlug,
        changes: ClientChanges,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        self.check_client_free(slug)?;
        self.check_room_for_agreement(changes.agreement.as_ref())?;
        self.change(author, "add", |edit| {
            let id = edit.event.about((author.new_id)());
            let mut client = Client::new(id, author.now, edit.stamp, slug);
            client.apply(changes, edit.stamp, author)?;
            edit.vault.clients.push(client);
            Ok(id)
        })
    }

    /// Changes a client.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Usage`] past a limit.
    pub fn edit_client(
        &mut self,
        slug: &ClientSlug,
        changes: ClientChanges,
        author: &Author<'_>,
    ) -> Result<()> {
        let id = self.known_client(slug)?.id;
        self.check_room_for_agreement(changes.agreement.as_ref())?;
        self.change(author, "edit", |edit| {
            edit.event.about(id);
            let client = edit.vault.client_mut(id);
            client.map_or(Ok(()), |client| client.apply(changes, edit.stamp, author))
        })
    }

    /// Whether a client is as `changes` want it: there is nothing to write then.
    ///
    /// # Errors
    /// As [`Self::edit_client`].
    pub fn edit_client_changes_nothing(
        &self,
        slug: &ClientSlug,
        changes: &ClientChanges,
    ) -> Result<bool> {
        self.stays(self.known_client(slug)?, |client, stamp| {
            let author = Author {
                device: stamp.device,
                now: client.created,
                new_id: &Uuid::nil,
            };
            client.apply(changes.clone(), stamp, &author)
        })
    }

    /// Refuses to remove a client that has entries, in the trash too, or of whom records stay.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Conflict`] with the next step.
    pub fn check_client_empty(&self, slug: &ClientSlug) -> Result<Uuid> {
        let client = self.known_client(slug)?;
        if let Some(until) = client.records_until() {
            return Err(Error::conflict(format!(
                "client {slug} is closed, and the records of what was permitted stay until {until}"
            ))
            .hint(format!(
                "after that: vault purge --records {slug:#}; to work for them again: vault client reopen \
                 {slug:#}"
            )));
        }
        let id = client.id;
        let count = self.count_entries()?.remove(&id).unwrap_or_default();
        let entries = |count| match count {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        let live = entries(count.live);
        let (what, hint) = match (count.live, count.removed) {
            (0, 0) => return self.check_not_concerned(id).map(|()| id),
            (0, removed) => (
                format!("{} in the trash", entries(removed)),
                format!("see them: vault trash list, then: vault trash empty --client {slug:#}"),
            ),
            (_, 0) => (
                live,
                format!(
                    "see them: vault list {slug:#}; move them: vault mv {0} CLIENT/, or put them in \
                     the trash: vault rm {0}",
                    as_word(format!("{slug}/"))
                ),
            ),
            (_, removed) => (
                format!("{live}, {removed} more in the trash"),
                format!("see them: vault list {slug:#}; those in the trash: vault trash list"),
            ),
        };
        Err(Error::conflict(format!("client {slug} has {what}")).hint(hint))
    }

    /// Removes a client that has no entries.
    ///
    /// # Errors
    /// As [`Self::check_client_empty`].
    pub fn remove_client(&mut self, slug: &ClientSlug, author: &Author<'_>) -> Result<()> {
        let id = self.check_client_empty(slug)?;
        self.change(author, "remove", |edit| {
            edit.event.about(id);
            if let Some(client) = edit.vault.client_mut(id) {
                client.removed.set(edit.stamp, Some(author.now));
            }
            Ok(())
        })
    }

    pub(crate) fn client_mut(&mut self, id: Uuid) -> Option<&mut Client> {
        self.clients.iter_mut().find(|client| client.id == id)
    }
}
