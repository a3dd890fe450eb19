//! What to set in a contact and what to empty, and the changes that commands make to contacts.

use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::client_changes::{check_addresses, named_item};
use super::fields::{ContactField, ContactValues};
use crate::error::{Error, Result};
use crate::model::records::attachment::{Attachment, file_agreement};
use crate::model::records::cell::Stamp;
use crate::model::records::contact::{Contact, KeySuccession};
use crate::model::records::fields::FieldValues;
use crate::model::records::stamping::Author;
use crate::model::sharing::duties::check_duties;
use crate::model::text::name::{AttachmentName, ContactName, are_look_alikes};
use crate::model::text::quote::as_word;
use crate::model::text::text_rules::check_text;
use crate::model::text::words::one_of;
use crate::model::vault::Vault;

/// What can be taken away from a contact. A list loses one of its items, or with none named all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactUnset {
    /// A field, or one item of its list.
    Field(ContactField, Option<String>),
    /// The agreement.
    Agreement,
}

impl FromStr for ContactUnset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, item) = named_item(text);
        match ContactField::named(name) {
            Some(field) if item.is_none() || field.row().items.is_some() => {
                Ok(Self::Field(field, item))
            }
            None if text == "agreement" => Ok(Self::Agreement),
            _ => {
                let fields = ContactField::ALL.iter().map(|field| field.row().option);
                let all: Vec<&str> = fields.chain(["agreement"]).collect();
                Err(format!(
                    "{}; one of several goes with recipient=KEY, signer=KEY or email=ADDRESS",
                    one_of(&all)
                ))
            }
        }
    }
}

/// Keys that took the place of others, as a card says that both have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successor {
    /// The key that shares were encrypted to.
    pub from: String,
    /// The key that they are encrypted to from now on.
    pub to: String,
    /// The key that documents were signed with.
    pub from_signer: String,
    /// The card itself.
    pub card: String,
}

/// What to set in a contact. Lists are added to; what is empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContactChanges {
    /// The fields; lists are added to.
    pub values: ContactValues,
    /// The agreement's name and bytes.
    pub agreement: Option<(AttachmentName, Vec<u8>)>,
    /// Whose place the keys take, if a card says so. It counts only where those were known.
    pub successor: Option<Successor>,
    /// How it was made sure that a key which counts as lost is theirs all the same.
    pub key_verified: Option<String>,
    /// What to take away, before anything is set.
    pub unset: Vec<ContactUnset>,
}

impl ContactChanges {
    /// Holds texts and lists against the limits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`].
    pub fn check(&self) -> Result<()> {
        for field in self.values.set_fields() {
            for text in self.values.texts(field) {
                check_text(field.row().option, &text, field.limit())?;
            }
        }
        check_duties(self.values.duties.as_ref())?;
        check_addresses(&self.values.emails)?;
        self.values.check_counts()
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let successor = self.successor.clone();
        *self
            == Self {
                successor,
                ..Self::default()
            }
    }
}

impl Contact {
    fn apply(&mut self, changes: ContactChanges, stamp: Stamp, author: &Author<'_>) -> Result<()> {
        changes.check()?;
        for unset in &changes.unset {
            self.unset(unset, stamp)?;
        }
        let added = (changes.values.recipients.iter()).chain(&changes.values.signers);
        if let Some((key, when)) = { added }.find_map(|key| Some((key, self.replaced(key)?))) {
            return Err(Error::refused(format!(
                "{} has replaced the key {} by another, noted on {when}",
                self.name(),
                abbreviated(key)
            ))
            .hint("ask for the card of today, on their side: `vault id --card`"));
        }
        let successor = changes.successor.filter(|new| self.vouches_for(new));
        let set = changes.values.set_fields();
        set.for_each(|field| ContactValues::unite(field, self, stamp));
        self.succeed(successor, stamp, author);
        let mut values = ContactValues::of(self);
        values.add(&changes.values);
        values.check_counts()?;
        for field in changes.values.set_fields() {
            values.put(field, self, stamp);
        }
        if let Some((name, bytes)) = changes.agreement {
            let file = Attachment::new((author.new_id)(), &name, &bytes, author.now);
            file_agreement(&mut self.agreement, &mut self.agreements, file, stamp);
        }
        Ok(())
    }

    /// Takes the old keys away: their owner has put others in their place.
    fn succeed(&mut self, successor: Option<Successor>, stamp: Stamp, author: &Author<'_>) {
        let Some(new) = successor else {
            return;
        };
        let without = |keys: &[String], old: &str| {
            let rest = keys.iter().filter(|key| *key != old);
            rest.cloned().collect::<Vec<_>>()
        };
        let recipients = without(self.recipients(), &new.from);
        self.recipients.set(stamp, recipients);
        let signers = without(self.signers(), &new.from_signer);
        self.signers.set(stamp, signers);
        self.successions.push(KeySuccession::with(
            (author.new_id)(),
            author.now,
            new.from,
            new.to,
            new.from_signer,
            new.card,
        ));
    }

    /// Whether the keys that are known of this contact vouch for others: both of those that have
    /// been replaced are theirs.
    #[must_use]
    pub fn vouches_for(&self, new: &Successor) -> bool {
        self.recipients().contains(&new.from) && self.signers().contains(&new.from_signer)
    }

    fn unset(&mut self, what: &ContactUnset, stamp: Stamp) -> Result<()> {
        let (was_set, what, item) = match what {
            ContactUnset::Agreement => (self.agreement.empty(stamp), "agreement", None),
            ContactUnset::Field(field, None) => (self.empty(*field, stamp), field.row().noun, None),
            ContactUnset::Field(field, Some(item)) => {
                ContactValues::unite(*field, self, stamp);
                let mut values = ContactValues::of(self);
                let was_there = values.take(*field, item);
                if was_there {
                    values.put(*field, self, stamp);
                }
                (was_there, field.row().noun, Some(item))
            }
        };
        if was_set {
            return Ok(());
        }
        let item = item.map(|item| format!(" {item}"));
        Err(Error::not_found(format!(
            "there is no {what}{} to take away",
            item.unwrap_or_default()
        ))
        .hint(format!(
            "see what there is: vault contact show {}",
            as_word(self.name())
        )))
    }
}

/// A key as far as people tell it from others.
#[must_use]
pub fn abbreviated(key: &str) -> String {
    match key.split_once(' ') {
        Some((kind, base64)) => {
            let at = base64.len().saturating_sub(10);
            format!("{kind} …{}", base64.get(at..).unwrap_or_default())
        }
        None => format!("{}…", key.get(..12).unwrap_or(key)),
    }
}

impl Vault {
    /// Refuses a contact's name that exists or that a person could take for one that does.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`], naming the other.
    pub fn check_contact_free(&self, name: &ContactName) -> Result<()> {
        let live = self.live_contacts()?;
        if live.iter().any(|contact| contact.name() == name.as_str()) {
            return Err(Error::conflict(format!("contact {name} already exists"))
                .hint(format!("to change it: vault contact edit {name:#}")));
        }
        match (live.iter()).find(|contact| are_look_alikes(name.as_str(), contact.name())) {
            Some(other) => Err(Error::conflict(format!(
                "{name} looks like {}, who is a contact; a person would take one for the other",
                other.name()
            ))
            .hint("choose a name that differs in more than case or look-alike letters")),
            None => Ok(()),
        }
    }

    /// Adds a contact.
    ///
    /// # Errors
    /// As [`Self::check_contact_free`], and [`crate::error::Kind::Usage`] past a limit.
    pub fn add_contact(
        &mut self,
        name: &ContactName,
        changes: ContactChanges,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        self.check_contact_free(name)?;
        self.check_room_for_agreement(changes.agreement.as_ref())?;
        self.check_not_lost(&changes)?;
        self.change(author, "add", |edit| {
            edit.vault.take_back_lost(&changes, edit.stamp)?;
            let id = edit.event.about((author.new_id)());
            let mut contact = Contact::with(id, author.now);
            contact.name.set(edit.stamp, name.as_str().to_owned());
            contact.apply(changes, edit.stamp, author)?;
            edit.vault.contacts.add(contact);
            Ok(id)
        })
    }

    /// Changes a contact.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Usage`] past a limit.
    pub fn edit_contact(
        &mut self,
        name: &ContactName,
        changes: ContactChanges,
        author: &Author<'_>,
    ) -> Result<()> {
        let id = self.known_contact(name)?.id;
        self.check_room_for_agreement(changes.agreement.as_ref())?;
        self.check_not_lost(&changes)?;
        self.change(author, "edit", |edit| {
            edit.vault.take_back_lost(&changes, edit.stamp)?;
            let contact = edit.vault.contacts.by_id_mut(edit.event.about(id))?;
            contact.apply(changes, edit.stamp, author)
        })
    }

    /// Whether a contact is as `changes` want it: there is nothing to write then.
    ///
    /// # Errors
    /// As [`Self::edit_contact`].
    pub fn edit_contact_changes_nothing(
        &self,
        name: &ContactName,
        changes: &ContactChanges,
    ) -> Result<bool> {
        self.stays(self.known_contact(name)?, |contact, stamp| {
            let author = Author {
                device: stamp.device,
                now: contact.created,
                new_id: &Uuid::nil,
            };
            contact.apply(changes.clone(), stamp, &author)
        })
    }

    /// Refuses to remove a contact who still has something that was shared.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Conflict`] with the next step.
    pub fn check_contact_free_of_shares(&self, name: &ContactName, now: Timestamp) -> Result<Uuid> {
        let id = self.known_contact(name)?.id;
        let live = self.live_shares(now, |share| share.recipient.contact == id)?;
        match live.len() {
            0 => Ok(id),
            count => Err(Error::conflict(format!(
                "contact {name} has {count} {} that did not end",
                if count == 1 { "share" } else { "shares" }
            ))
            .hint(format!(
                "see them: vault shares; end them: vault revoke --to {name:#}"
            ))),
        }
    }

    pub(crate) fn check_room_for_agreement(
        &self,
        agreement: Option<&(AttachmentName, Vec<u8>)>,
    ) -> Result<()> {
        match agreement {
            Some((_, bytes)) => self.check_room_for_file(bytes.len()),
            None => Ok(()),
        }
    }
}
