//! Finding contacts.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::contact::Contact;
use crate::model::records::record_id::short;
use crate::model::text::name::ContactName;
use crate::model::text::similar;
use crate::model::vault::Vault;

impl Vault {
    /// The contacts that were not removed, by name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn live_contacts(&self) -> Result<Vec<&Contact>> {
        let mut live = self.contacts.all()?;
        live.retain(|contact| !contact.is_removed());
        live.sort_by_key(|contact| contact.name());
        Ok(live)
    }

    /// The contact of this name.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with the nearest name as a hint.
    pub fn known_contact(&self, name: &ContactName) -> Result<&Contact> {
        let live = self.live_contacts()?;
        if let Some(contact) = live.iter().find(|c| c.name() == name.as_str()) {
            return Ok(contact);
        }
        let near = similar::did_you_mean(name.as_str(), live.iter().map(|c| c.name()));
        let hint = near.unwrap_or_else(|| format!("note who that is: vault contact add {name:#}"));
        Err(Error::not_found(format!("no contact {name}")).hint(hint))
    }

    /// All who are or were called so: one who was removed still knows what they have seen.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with the nearest name as a hint.
    pub fn contacts_ever(&self, name: &ContactName) -> Result<Vec<&Contact>> {
        let all = self.contacts.all()?;
        let near = similar::did_you_mean(name.as_str(), all.iter().map(|it| it.name()));
        let hint = near.unwrap_or_else(|| "vault contact list shows who there is".to_owned());
        let called = all.into_iter().filter(|it| it.name() == name.as_str());
        let called: Vec<&Contact> = called.collect();
        if called.is_empty() {
            return Err(Error::not_found(format!("no contact {name}")).hint(hint));
        }
        Ok(called)
    }

    /// What a contact is called, as in [`Self::contact_names`].
    pub(crate) fn contact_name(&self, id: Uuid) -> Result<String> {
        Ok(self.contact_names(&[id])?.concat())
    }

    /// What contacts are called, those that were removed too; a missing one by the start of its
    /// id.
    pub(crate) fn contact_names(&self, ids: &[Uuid]) -> Result<Vec<String>> {
        let contacts = self.contacts.all()?;
        let name = |id: &Uuid| match contacts.iter().find(|c| c.id == *id) {
            Some(contact) => contact.name().to_owned(),
            None => short(*id),
        };
        Ok(ids.iter().map(name).collect())
    }
}
