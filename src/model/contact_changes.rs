//! What to set in a contact and what to empty, and the changes that commands make to contacts.

use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::attachment::Attachment;
use super::cell::Stamp;
use super::changes::check_text;
use super::client_changes::{check_addresses, check_counts};
use super::contact::Contact;
use super::lazy::{Lazy, find_mut};
use super::limits::FIELD_BYTES;
use super::name::{AttachmentName, ContactName};
use super::vault::{Author, Vault};
use crate::error::{Error, Result};

/// A field of a contact that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactUnset {
    /// What they do.
    Role,
    /// All mail addresses.
    Emails,
    /// All keys that shares are encrypted to.
    Recipients,
    /// All keys that documents are signed with.
    Signers,
    /// The agreement.
    Agreement,
    /// The date of the review.
    ReviewBy,
}

impl FromStr for ContactUnset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "role" => Self::Role,
            "email" | "emails" => Self::Emails,
            "recipient" | "recipients" => Self::Recipients,
            "signer" | "signers" => Self::Signers,
            "agreement" => Self::Agreement,
            "review-by" | "review_by" => Self::ReviewBy,
            _ => {
                return Err("it is role, email, recipient, signer, agreement or review-by".into());
            }
        })
    }
}

/// What to set in a contact. Lists replace what was there; what is empty stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ContactChanges {
    /// What they do.
    pub role: Option<String>,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// The keys that shares for them are encrypted to, each in its one spelling.
    pub recipients: Vec<String>,
    /// The keys that their documents are signed with, in OpenSSH form.
    pub signers: Vec<String>,
    /// The agreement's name and bytes.
    pub agreement: Option<(AttachmentName, Vec<u8>)>,
    /// When it has to be looked at whether they still need access.
    pub review_by: Option<Timestamp>,
    /// What to empty, before anything is set.
    pub unset: Vec<ContactUnset>,
}

impl ContactChanges {
    /// Holds texts and lists against the limits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`].
    pub fn check(&self) -> Result<()> {
        if let Some(role) = &self.role {
            check_text("role", role, FIELD_BYTES)?;
        }
        check_addresses(&self.emails)?;
        check_counts(&[
            (self.emails.len(), "addresses"),
            (self.recipients.len(), "keys"),
            (self.signers.len(), "signing keys"),
        ])
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.role.is_none()
            && self.emails.is_empty()
            && self.recipients.is_empty()
            && self.signers.is_empty()
            && self.agreement.is_none()
            && self.review_by.is_none()
            && self.unset.is_empty()
    }
}

impl Contact {
    fn apply(&mut self, changes: ContactChanges, stamp: Stamp, author: &Author<'_>) -> Result<()> {
        changes.check()?;
        for unset in &changes.unset {
            self.unset(*unset, stamp);
        }
        if let Some(role) = changes.role {
            self.role.set(stamp, Some(role));
        }
        if !changes.emails.is_empty() {
            self.emails.set(stamp, changes.emails);
        }
        if !changes.recipients.is_empty() {
            self.recipients.set(stamp, changes.recipients);
        }
        if !changes.signers.is_empty() {
            self.signers.set(stamp, changes.signers);
        }
        if let Some((name, bytes)) = changes.agreement {
            let file = Attachment::new((author.new_id)(), &name, &bytes, author.now);
            self.agreement.set(stamp, Some(file.id));
            self.agreements.push(file);
        }
        if let Some(review) = changes.review_by {
            self.review_by.set(stamp, Some(review));
        }
        Ok(())
    }

    fn unset(&mut self, what: ContactUnset, stamp: Stamp) {
        match what {
            ContactUnset::Role => self.role.set(stamp, None),
            ContactUnset::Emails => self.emails.set(stamp, Vec::new()),
            ContactUnset::Recipients => self.recipients.set(stamp, Vec::new()),
            ContactUnset::Signers => self.signers.set(stamp, Vec::new()),
            ContactUnset::Agreement => self.agreement.set(stamp, None),
            ContactUnset::ReviewBy => self.review_by.set(stamp, None),
        }
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
                .hint(format!("to change it: vault contact edit {name}")));
        }
        match live.iter().find(|contact| name.looks_like(contact.name())) {
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
        self.check_room_for_agreement(&changes)?;
        let stamp = self.seen.next(author.device);
        let mut contact = Contact::with((author.new_id)(), author.now);
        contact.name.set(stamp, name.as_str().to_owned());
        contact.apply(changes, stamp, author)?;
        let id = contact.id;
        self.contacts.push(Lazy::new(contact));
        self.record(author, "add", vec![id], |event| event);
        Ok(id)
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
        self.check_room_for_agreement(&changes)?;
        let stamp = self.seen.next(author.device);
        self.contact_mut(id)?.apply(changes, stamp, author)?;
        self.record(author, "edit", vec![id], |event| event);
        Ok(())
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
            .hint("see them: vault shares; end them: vault revoke ID")),
        }
    }

    /// Removes a contact. Consents for them stay, and allow nothing any more: somebody of that
    /// name who is added later is another contact.
    ///
    /// # Errors
    /// As [`Self::check_contact_free_of_shares`].
    pub fn remove_contact(&mut self, name: &ContactName, author: &Author<'_>) -> Result<()> {
        let id = self.check_contact_free_of_shares(name, author.now)?;
        let stamp = self.seen.next(author.device);
        self.contact_mut(id)?.removed.set(stamp, Some(author.now));
        self.record(author, "remove", vec![id], |event| event);
        Ok(())
    }

    fn check_room_for_agreement(&self, changes: &ContactChanges) -> Result<()> {
        match &changes.agreement {
            Some((_, bytes)) => self.check_room_for_file(bytes.len()),
            None => Ok(()),
        }
    }

    fn contact_mut(&mut self, id: Uuid) -> Result<&mut Contact> {
        let is_it = |contact: &Lazy<Contact>| Ok(contact.get()?.id == id);
        let found = find_mut(&mut self.contacts, is_it)?;
        found.ok_or_else(|| Error::not_found(format!("no contact {id}")))
    }
}
