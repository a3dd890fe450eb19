//! Entries for use only: programs get what they hold while the vault is unlocked, and whatever else
//! would hand it out wants the master password again.

use std::fmt::Display;

use crate::error::{Error, Result};
use crate::model::records::entry::Entry;
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
        Err(Error::needs_input(wanted_for(path)).hint(INSTEAD))
    }
}

/// What is said where the password is wanted again.
#[must_use]
pub(crate) fn wanted_for(path: &impl Display) -> String {
    format!("{path} is for use only: the master password is wanted again")
}

/// What to do where nobody can be asked for it.
pub(crate) const INSTEAD: &str = "type it on a terminal, or name it with --password-file or \
     --password-fd; programs are given it without: vault run";

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
}
