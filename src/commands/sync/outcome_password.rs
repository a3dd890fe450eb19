//! The password that the outcome of a merge opens with.

use crate::crypto::MasterKey;
use crate::error::{Error, Result};
use crate::model::merge::given_up::GivenUpAccess;
use crate::model::records::access::Access;
use crate::model::records::way_in::WayIn;
use crate::store::session::Session;
use crate::store::taken::OpenCopy;

/// Which password may be that of the outcome.
#[derive(Debug, Default)]
pub struct OutcomePassword {
    /// Whether that of the vault at its place stays, whatever came.
    pub keep_own: bool,
    /// Those that may not be, since others may know them.
    pub given_up: GivenUpAccess,
}

impl OutcomePassword {
    /// The later one, or with `keep_own` that of the vault at its place.
    #[must_use]
    pub fn new(keep_own: bool) -> Self {
        Self {
            keep_own,
            ..Self::default()
        }
    }

    /// The key that the outcome is sealed under, where it is not that of the vault at its place: one
    /// of those that opened copies.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] where others may know the password that it would be,
    /// [`crate::error::Kind::Locked`] where that is of a copy which was opened otherwise.
    pub fn key_of_outcome<'a>(
        &self,
        session: &Session,
        keys: impl IntoIterator<Item = &'a MasterKey>,
    ) -> Result<Option<&'a MasterKey>> {
        let own = session.access();
        let access = if self.keep_own {
            own
        } else {
            session.vault().access()?
        };
        if self.given_up.contains(access) {
            return Err(self.known_to_others(access == own));
        }
        if access == own {
            return Ok(None);
        }
        let key = keys.into_iter().find(|key| key.access() == access);
        key.map_or_else(|| Err(self.not_given(own)), |key| Ok(Some(key)))
    }

    /// Whether a copy takes the vault's place as it is: it has all that is here, none of its keys was
    /// `rejected`, and its password may be the vault's from then on.
    ///
    /// # Errors
    /// As [`Self::key_of_outcome`] where it was opened otherwise than by that password.
    pub fn takes_the_place(
        &self,
        session: &Session,
        copy: &OpenCopy,
        rejected: &[WayIn],
    ) -> Result<bool> {
        let is_other = copy.file.access() != session.access();
        let keeps_own = self.keep_own && is_other;
        if keeps_own || !rejected.is_empty() || !session.is_followed_by(copy) {
            return Ok(false);
        }
        if is_other && copy.key.is_none() {
            return Err(self.not_given(session.access()));
        }
        Ok(true)
    }

    fn known_to_others(&self, is_own: bool) -> Error {
        if !is_own {
            return Error::refused(
                "the later password of the copy was given up here, since others may know it: new keys \
                 were made",
            )
            .hint("the vault's own goes on: --keep-password");
        }
        let what = "the password here was given up on another device, since others may know it: new \
                    keys were made there";
        let choose = "choose a new one here first: vault passwd";
        Error::refused(what).hint(if self.keep_own {
            format!(
                "take the other one, without --keep-password: --other-password-file, or \
                 --other-password-fd; where nobody has it, {choose}"
            )
        } else {
            choose.to_owned()
        })
    }

    /// What opens the outcome was not given; `own` opens the vault at its place.
    fn not_given(&self, own: &Access) -> Error {
        let otherwise = if self.given_up.contains(own) {
            "others may know that of the vault here, so choose a new one first: vault passwd"
        } else {
            "the vault's own goes on: --keep-password"
        };
        Error::locked("the outcome opens with the password of a copy that was opened otherwise").hint(
            format!(
                "give that password: --other-password-file, or --other-password-fd; where nobody has \
                 it, {otherwise}"
            ),
        )
    }
}
