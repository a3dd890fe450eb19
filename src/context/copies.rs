//! Opening copies of a vault.

use super::{ATTEMPTS, Context, why_not};
use crate::error::{Error, Kind, Result};
use crate::model::text::secret::Secret;
use crate::store::reading::LockedVault;
use crate::store::session::{Session, UnlockKey};
use crate::store::taken::OpenCopy;
use crate::ui::Unasked;

/// What is said when a copy has another password and nobody can be asked.
const OTHER_PASSWORD_UNASKED: Unasked<'_> = Unasked {
    needed: "the copy has another password or cost than the vault has now, and its password is needed",
    instead: "use --other-password-file, --other-password-fd or --identity",
};

impl Context {
    /// As [`Self::unlock_file`], for a vault that copies are to be taken into: what `--identity`
    /// names is for them.
    ///
    /// # Errors
    /// As [`Self::unlock`].
    pub fn unlock_to_merge(&self, locked: LockedVault) -> Result<Session> {
        let session = self.open(locked, !self.globals.no_agent, None)?;
        self.look_for_accepted(session.vault());
        Ok(session)
    }

    /// The records of a copy of the vault that `session` has open. The vault's own key opens it
    /// where that has not changed since; else `other` is its password, or `--identity` names a key
    /// of it, or the password is asked for; `of` says to people which copy it is.
    ///
    /// # Errors
    /// [`Kind::Locked`] when the password does not fit, [`Kind::NeedsInput`] when nobody can be
    /// asked, [`Kind::Integrity`] when the copy is damaged.
    pub fn open_copy(
        &self,
        session: &Session,
        mut copy: LockedVault,
        of: &str,
        other: Option<&Secret>,
    ) -> Result<OpenCopy> {
        if copy.access() == session.access() {
            return session.open_copy(copy);
        }
        if let (None, Some(path)) = (other, &self.globals.identity) {
            let keys = self.identities(path, &copy)?;
            let opened = copy.unlock(UnlockKey::Identities(keys));
            return opened
                .map(Session::into_copy)
                .map_err(|(_, why)| why_not(path, why));
        }
        let key_file = self.key_file_for(copy.access())?;
        let prompt = format!("Password of {of}, generation {}", copy.facts().generation);
        for attempt in 1.. {
            let password = match other {
                Some(password) => password.clone(),
                None => self.ui.prompt_secret(&prompt, OTHER_PASSWORD_UNASKED)?,
            };
            let key = self.derive(&password, key_file.as_ref(), copy.access())?;
            match copy.unlock(UnlockKey::Master(key)) {
                Ok(opened) => return Ok(opened.into_copy()),
                Err((same, why)) if why.kind() == Kind::Locked => {
                    if other.is_some() || attempt == ATTEMPTS {
                        return Err(Error::locked(format!("the copy: {why}"))
                            .hint("it opens with the password that the vault had then"));
                    }
                    self.ui.note(&format!("That did not open {of}. Try again."));
                    copy = *same;
                }
                Err((_, why)) => return Err(why),
            }
        }
        Err(Error::locked("wrong password"))
    }
}
