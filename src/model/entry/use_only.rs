//! Entries for use only: programs get what they hold while the vault is unlocked, and whatever else
//! would hand it out wants the master password again.

use std::fmt::Display;

use crate::error::{Error, Result};
use crate::model::entry::strength::{Score, score};
use crate::model::records::entry::Entry;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// Whether the master password was given for just this command. Whoever says nothing of it has
/// given none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordProof {
    /// It was not: the vault was unlocked before.
    #[default]
    Missing,
    /// It was.
    Given,
}

impl PasswordProof {
    /// Refuses to hand out what an entry holds that is for use only, unless the password was given.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`], naming the entry.
    pub(crate) fn check(self, path: &impl Display, entry: &Entry) -> Result<()> {
        if self == Self::Given || !entry.is_use_only() {
            return Ok(());
        }
        Err(Error::needs_input(wanted_for(&why_held(path))).hint(INSTEAD))
    }

    /// Whether nothing may be told that depends on what stands in this secret of an entry: it is for
    /// use only, the password was not given, and somebody who tries one guess after the other would
    /// come to the right one.
    #[must_use]
    pub(crate) fn hides(self, entry: &Entry, secret: &Secret) -> bool {
        self == Self::Missing
            && entry.is_use_only()
            && !secret.is_empty()
            && score(secret.expose(), &[]) < Score::Four
    }
}

/// Why the password is wanted again: `acme/db is for use only`.
#[must_use]
pub(crate) fn why_held(path: &impl Display) -> String {
    format!("{path} is for use only")
}

/// What is said where the password is wanted again, and why.
#[must_use]
pub(crate) fn wanted_for(why: &str) -> String {
    format!("{why}: the master password is wanted again")
}

/// What to do where nobody can be asked for it.
pub(crate) const INSTEAD: &str = "type it on a terminal of yours, or name it with --password-file or \
     --password-fd; what the mark is for: vault help programs";

impl Entry {
    /// Whether it is for use only. Where devices have set that apart, it is until somebody chooses.
    #[must_use]
    pub fn is_use_only(&self) -> bool {
        self.use_only.values().any(|(_, mark)| *mark == Some(true))
    }
}

impl Vault {
    /// Whether any entry is for use only, those in the trash too.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn has_use_only(&self) -> Result<bool> {
        Ok(self.entries.all()?.iter().any(|it| it.is_use_only()))
    }

    /// The paths of entries with a secret in use that nothing is told about by its value.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn hidden_by(&self, proof: PasswordProof) -> Result<Vec<String>> {
        let entries = self
            .entries_by_path(|entry| !entry.is_removed())?
            .into_iter();
        let is_hidden = |entry: &Entry| {
            (entry.secrets()).any(|(_, version)| proof.hides(entry, version.secret()))
        };
        let hidden = entries.filter(|(_, entry)| is_hidden(entry));
        Ok(hidden.map(|(path, _)| path).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::PasswordProof;
    use crate::error::Kind;
    use crate::model::entry::changes::{Changes, Unset};
    use crate::model::entry::fields::{EntryField, EntryValues};
    use crate::model::records::cell::Stamp;
    use crate::model::testing::{author, day, empty_vault, path, with_secret};
    use crate::model::vault::Vault;

    fn marked() -> Vault {
        let mut vault = empty_vault();
        let mut changes = with_secret("hunter2");
        changes.values.use_only = Some(true);
        vault.add(&path("acme/wp"), changes, &author(1)).unwrap();
        vault
    }

    fn unmark(vault: &mut Vault, proof: PasswordProof) -> crate::error::Result<()> {
        let changes = Changes {
            unset: vec![Unset::Field(EntryField::UseOnly)],
            proof,
            ..Changes::default()
        };
        let done = vault.edit(&path("acme/wp"), changes, &author(2));
        done.map(|_| ())
    }

    #[test]
    fn only_a_proof_hands_it_out_and_takes_the_mark_away() {
        let mut vault = marked();
        let entry = vault.entry(&path("acme/wp")).unwrap();
        let refused = PasswordProof::default().check(&"acme/wp", entry);
        assert_eq!(refused.unwrap_err().kind(), Kind::NeedsInput);
        PasswordProof::Given.check(&"acme/wp", entry).unwrap();
        let refused = unmark(&mut vault, PasswordProof::Missing);
        assert_eq!(refused.unwrap_err().kind(), Kind::NeedsInput);
        assert!(vault.has_use_only().unwrap());
        unmark(&mut vault, PasswordProof::Given).unwrap();
        assert!(!vault.has_use_only().unwrap());
        let entry = vault.entry(&path("acme/wp")).unwrap();
        PasswordProof::Missing.check(&"acme/wp", entry).unwrap();
    }

    #[test]
    fn it_stays_for_use_only_while_devices_have_set_that_apart() {
        let mut vault = marked();
        let entry = vault.entry_mut(&path("acme/wp")).unwrap();
        let (stamp, _) = entry.use_only.values().next().unwrap();
        let later = Stamp {
            counter: stamp.counter + 1,
            ..stamp
        };
        entry.use_only.set_beside(later, None);
        assert_eq!(entry.use_only.value(), None);
        assert!(entry.is_use_only());
        assert!(entry.flags(day(3)).contains(&"use-only"));
    }

    #[test]
    fn an_export_asks_for_what_is_in_it_and_believes_no_one_else() {
        let vault = marked();
        let refused = vault.outgoing(None, true, |_| Ok(PasswordProof::Missing));
        assert_eq!(refused.err().unwrap().kind(), Kind::NeedsInput);
        let outgoing = vault.outgoing(None, true, |all| {
            assert_eq!(all.len(), 1);
            Ok(PasswordProof::Given)
        });
        assert!(outgoing.is_ok());
    }

    #[test]
    fn the_mark_is_yes_or_nothing() {
        let mut values = EntryValues::default();
        for wrong in ["no", "false", "", "1", "YES"] {
            assert!(values.add(EntryField::UseOnly, wrong).is_err(), "{wrong}");
        }
        values.add(EntryField::UseOnly, "yes").unwrap();
        assert_eq!(values.use_only, Some(true));
        assert_eq!(values.stored(), values);
    }
}
