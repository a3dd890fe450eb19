//! Finding consents, and what of their scope is in the vault.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::contact::Contact;
use crate::model::text::pattern::Pattern;
use crate::model::vault::Vault;

impl Vault {
    /// All consents, the newest last.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn all_consents(&self) -> Result<Vec<&Consent>> {
        let mut all = self.consents.all()?;
        all.sort_by_key(|consent| consent.created);
        Ok(all)
    }

    /// What a consent is at `now`: over too when nothing of it can ever be used again, since each
    /// contact was removed or taken out, or each entry that it names was purged or taken out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn consent_state(&self, consent: &Consent, now: Timestamp) -> Result<ConsentState> {
        let state = consent.state(now);
        let (scope, mut is_left) = (&consent.scope, state.is_end());
        for id in consent.contacts() {
            let contact = self.contacts.find(id)?;
            if consent.is_over_for(id) || contact.is_none_or(Contact::is_removed) {
                continue;
            }
            is_left |= !scope.patterns.is_empty();
            for entry in &scope.entries {
                let is_over = consent.ended_for(*entry, id).is_some();
                is_left |= !is_over && self.entries.find(*entry)?.is_some();
            }
        }
        Ok(if is_left { state } else { ConsentState::Ended })
    }

    /// Whether nothing of a permission that goes on can be used today: the entries that it names
    /// are in the trash or another client's, and may come back. `state` is what it is.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn is_suspended(&self, consent: &Consent, state: ConsentState) -> Result<bool> {
        if state != ConsentState::Given || !consent.scope.patterns.is_empty() {
            return Ok(false);
        }
        for id in &consent.scope.entries {
            let here = self.entries.find(*id)?.filter(|it| !it.is_removed());
            let is_theirs = here.is_some_and(|it| it.client.get() == Some(&consent.client));
            if is_theirs && !consent.is_over_for_entry(*id) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The names of those a consent is for, and of those for whom it ended while it went on for
    /// others; of one that is over, all are the former.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn consent_for(
        &self,
        consent: &Consent,
        state: ConsentState,
    ) -> Result<(Vec<String>, Vec<String>)> {
        let left = if state.is_end() {
            consent.contacts()
        } else {
            consent.contacts_left()
        };
        let mut gone = consent.contacts();
        gone.retain(|contact| !left.contains(contact));
        Ok((self.contact_names(&left)?, self.contact_names(&gone)?))
    }

    /// The live permissions for a contact that do not name every key that the contact has today.
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

    /// Whether an entry, of this path now, is within a consent's scope: it is named, or it is the
    /// client's and fits a pattern.
    pub fn is_in_scope(&self, consent: &Consent, entry: Uuid, path: &str) -> bool {
        let client = path.split_once('/').map(|(client, _)| client);
        let slugs = self.slugs();
        let is_theirs = slugs.get(&consent.client).copied() == client;
        consent.scope.entries.contains(&entry)
            || (is_theirs && consent.scope.has_entry(entry, path))
    }

    /// The paths of the entries that the patterns of a consent cover today, sorted.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn covered_today(&self, consent: &Consent) -> Result<Vec<String>> {
        let patterns: Vec<Pattern> = consent.scope.patterns().collect();
        let mut covered = self.covered(consent.client, &patterns)?;
        covered.retain(|it| !consent.is_over_for_entry(it.entry));
        Ok(covered.into_iter().map(|it| it.path).collect())
    }

    /// The paths of the entries that a consent names, sorted. One that is gone, that it was
    /// withdrawn for or that belongs to another client by now is left out: it is not covered.
    pub(crate) fn scope_paths(&self, consent: &Consent) -> Result<Vec<String>> {
        let (owners, names) = (self.owners()?, self.names()?);
        let theirs = |id: &&Uuid| owners.get(id) == Some(&consent.client);
        let ids = consent.scope.entries.iter().filter(theirs);
        let ids = ids.filter(|id| !consent.is_over_for_entry(**id));
        let mut paths: Vec<String> = ids.filter_map(|id| names.get(id).cloned()).collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}
