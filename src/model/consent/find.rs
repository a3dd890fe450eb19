//! Finding consents, and what of their scope is in the vault.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::consent::Consent;
use crate::model::records::contact::Contact;
use crate::model::records::lazy::{Lazy, find_mut};
use crate::model::records::record_id::{RecordId, short};
use crate::model::vault::Vault;

impl Vault {
    /// All consents, the newest last.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn all_consents(&self) -> Result<Vec<&Consent>> {
        let mut all: Vec<&Consent> = self.consents.iter().map(Lazy::get).collect::<Result<_>>()?;
        all.sort_by_key(|consent| consent.created);
        Ok(all)
    }

    /// The consent with this id.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn consent(&self, id: Uuid) -> Result<&Consent> {
        let mut all = self.all_consents()?.into_iter();
        all.find(|consent| consent.id == id)
            .ok_or_else(|| no_consent(id))
    }

    /// The consent of which the id starts so.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Usage`] when several do.
    pub fn known_consent(&self, start: &RecordId) -> Result<&Consent> {
        let ids: Vec<Uuid> = self.all_consents()?.iter().map(|c| c.id).collect();
        self.consent(start.find(ids, "consent", "vault consent list")?)
    }

    /// The permissions for a contact that are live at `now`, and hold for none of their keys of
    /// today or not for all.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn permissions_for_other_keys(
        &self,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<Vec<Uuid>> {
        let mut consents = self.all_consents()?;
        consents.retain(|consent| {
            let bound = consent.recipient(contact.id);
            consent.is_live(now) && bound.is_some_and(|one| !contact.is_bound_by(&one.keys))
        });
        Ok(consents.into_iter().map(|consent| consent.id).collect())
    }

    pub(crate) fn consent_mut(&mut self, id: Uuid) -> Result<&mut Consent> {
        let is_it = |consent: &Lazy<Consent>| Ok(consent.get()?.id == id);
        find_mut(&mut self.consents, is_it)?.ok_or_else(|| no_consent(id))
    }

    /// The paths of the entries that a consent names, sorted. One that is gone or belongs to
    /// another client by now is left out: the consent does not cover it.
    ///
    /// # Errors
    /// As [`Self::all_consents`].
    pub fn scope_paths(&self, consent: &Consent) -> Result<Vec<String>> {
        let (owners, names) = (self.owners()?, self.names()?);
        let theirs = |id: &&Uuid| owners.get(id) == Some(&consent.client);
        let ids = consent.scope.entries.iter().filter(theirs);
        let mut paths: Vec<String> = ids.filter_map(|id| names.get(id).cloned()).collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}

fn no_consent(id: Uuid) -> Error {
    Error::not_found(format!("no consent {}", short(id)))
        .hint("vault consent list shows what there is")
}
