//! Keys that were lost: they come back by hand only, and nothing that they sign is taken.

use jiff::Timestamp;

use super::contact_changes::{ContactChanges, abbreviated};
use crate::error::{Error, Result};
use crate::model::records::cell::Stamp;
use crate::model::text::limits::PAPER_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

impl ContactChanges {
    fn keys(&self) -> impl Iterator<Item = &String> {
        (self.values.recipients.iter()).chain(&self.values.signers)
    }
}

impl Vault {
    /// Whose key counts as lost, and since when.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn lost_key(&self, key: &str) -> Result<Option<(String, Timestamp)>> {
        let all = self.contacts.all()?.into_iter();
        let mut lost = all.filter_map(|contact| {
            let lost = contact.lost_key(key)?;
            Some((contact.name().to_owned(), lost.since))
        });
        Ok(lost.next())
    }

    /// What is to be said of a paper that was filed, by a key that counts as lost by now; none by any
    /// other. Days are as `day` tells them.
    ///
    /// # Errors
    /// As [`Self::lost_key`].
    pub fn told_of_lost_key(
        &self,
        key: &str,
        filed: Timestamp,
        day: impl Fn(Timestamp) -> String,
    ) -> Result<Option<String>> {
        Ok(self.lost_key(key)?.map(|(_, since)| {
            let on = day(since);
            if filed <= since {
                format!("signed by a key that was lost later ({on})")
            } else {
                format!(
                    "signed by a key that counts as lost since {on}, before it was filed: somebody \
                     else may have signed it"
                )
            }
        }))
    }

    /// Refuses keys that count as lost, unless it was made sure whose they are.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub(super) fn check_not_lost(&self, changes: &ContactChanges) -> Result<()> {
        if let Some(how) = &changes.key_verified {
            return check_text("--key-verified", how, PAPER_BYTES);
        }
        for key in changes.keys() {
            if let Some((name, since)) = self.lost_key(key)? {
                return Err(Error::refused(format!(
                    "the key {} was lost by {name} on {since}: somebody else may have it",
                    abbreviated(key)
                ))
                .hint(
                    "ask by phone for a new one; if you are sure that it is theirs alone: \
                     --key-verified HOW",
                ));
            }
        }
        Ok(())
    }

    /// Keys that come back by hand count as lost no longer.
    pub(super) fn take_back_lost(&mut self, changes: &ContactChanges, stamp: Stamp) -> Result<()> {
        let Some(how) = &changes.key_verified else {
            return Ok(());
        };
        let keys: Vec<&String> = changes.keys().collect();
        for contact in self.contacts.iter_mut() {
            if !keys
                .iter()
                .any(|key| matches!(contact.get(), Ok(it) if it.lost_key(key).is_some()))
            {
                continue;
            }
            for lost in &mut contact.get_mut()?.lost {
                if keys.contains(&&lost.key) {
                    lost.verified.set(stamp, Some(how.clone()));
                }
            }
        }
        Ok(())
    }
}
