//! The one way to change a vault: under its lock, with the newest file, all or nothing.

use uuid::Uuid;

use super::Context;
use crate::crypto::MasterKey;
use crate::error::{Error, Kind, Result};
use crate::model::records::stamping::Author;
use crate::model::vault::{AccessReason, Vault};
use crate::store::broken::Broken;
use crate::store::session::Session;
use crate::store::transaction::Begun;

impl Context {
    /// Applies `action` to the newest vault and writes it, or writes nothing if that fails. What
    /// `action` needs from the user has been asked before: others wait meanwhile.
    pub fn change<T>(
        &self,
        session: Session,
        action: impl FnOnce(&mut Vault, &Author<'_>) -> Result<T>,
    ) -> Result<T> {
        self.change_under(session, None, action)
    }

    /// As [`Self::change`]; with `new_key` the vault is sealed under that from now on.
    pub fn change_under<T>(
        &self,
        session: Session,
        new_key: Option<&MasterKey>,
        action: impl FnOnce(&mut Vault, &Author<'_>) -> Result<T>,
    ) -> Result<T> {
        let (outcome, _) = self.change_and_stay(session, new_key, action)?;
        Ok(outcome)
    }

    /// As [`Self::change_under`], for a command that goes on with what was written.
    pub fn change_and_stay<T>(
        &self,
        mut session: Session,
        new_key: Option<&MasterKey>,
        action: impl FnOnce(&mut Vault, &Author<'_>) -> Result<T>,
    ) -> Result<(T, Session)> {
        let now = self.now();
        self.confirm_ways_in(&mut session)?;
        if self.rehearses() {
            return session.rehearse(now, action);
        }
        let again = match session.begin(None, now)? {
            Begun::Ready(transaction) => Ok(transaction),
            Begun::AccessChanged => Err(self.unlock_once_more()?),
            Begun::KeyGone => Err(self.unlock_to_change()?),
        };
        let transaction = match again {
            Ok(transaction) => transaction,
            Err(session) => match session.begin(None, now)? {
                Begun::Ready(transaction) => transaction,
                Begun::AccessChanged | Begun::KeyGone => return Err(password_changed()),
            },
        };
        let (outcome, written, session) = transaction.commit(now, new_key, action)?;
        for warning in &written.warnings {
            self.warn(warning);
        }
        Ok((outcome, session))
    }

    fn unlock_once_more(&self) -> Result<Session> {
        if self.globals.password_fd.is_some() {
            // It held the old password, and has been read.
            return Err(password_changed());
        }
        self.unlock().map_err(|why| match why.kind() {
            Kind::Locked => password_changed(),
            _ => why,
        })
    }

    /// Applies `action` to a copy and writes the outcome in the place of what is broken.
    pub fn change_instead_of<T>(
        &self,
        session: Session,
        broken: Broken,
        action: impl FnOnce(&mut Vault, &Author<'_>) -> Result<T>,
    ) -> Result<T> {
        let now = self.now();
        let Begun::Ready(transaction) = session.begin(Some(broken), now)? else {
            return Err(password_changed());
        };
        let (outcome, written, _) = transaction.commit(now, None, action)?;
        for warning in &written.warnings {
            self.warn(warning);
        }
        Ok(outcome)
    }

    /// Writes what other copies were taken into, see [`Session::take_in`]; with `new_key` it is
    /// sealed under that from now on, else it keeps the password of the vault at its place, and the
    /// ways in that are `rejected` do not open it. The session goes on with what was written.
    pub fn change_merged(
        &self,
        session: Session,
        new_key: Option<&MasterKey>,
        rejected: &[Uuid],
    ) -> Result<Session> {
        let now = self.now();
        let (revived, files) = session.to_settle();
        let own = *session.access();
        let Begun::Ready(transaction) = session.begin(None, now)? else {
            return Err(
                Error::locked("whoever kept the key of the vault has it no longer")
                    .hint("nothing was written; try again"),
            );
        };
        let settle = |vault: &mut Vault, author: &Author<'_>| {
            vault.settle_merge(&revived, &files, author)?;
            vault.remove_ways_in(rejected, author);
            // Nobody may have the password that came.
            if new_key.is_none() && *vault.access()? != own {
                vault.set_access(own, AccessReason::Kept, author);
            }
            Ok(())
        };
        let ((), written, session) = transaction.commit(now, new_key, settle)?;
        for warning in &written.warnings {
            self.warn(warning);
        }
        Ok(session)
    }
}

fn password_changed() -> Error {
    Error::conflict("the master password was changed by another process meanwhile")
        .hint("nothing was written; try again with the new password")
}
