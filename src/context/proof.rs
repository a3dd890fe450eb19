//! The master password once more, for what is for use only.

use std::fmt::Display;

use super::{ATTEMPTS, Context};
use crate::error::{Error, Kind, Result};
use crate::model::entry::use_only::{INSTEAD, PasswordProof, wanted_for};
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Unasked;

impl Context {
    /// Asks for the master password where one of `entries` is for use only and just this command was
    /// not given it. A refusal is logged.
    ///
    /// # Errors
    /// [`Kind::NeedsInput`] where nobody can be asked, [`Kind::Locked`] for a wrong password.
    pub fn prove<'a, P: Display>(
        &self,
        session: &Session,
        entries: impl IntoIterator<Item = (P, &'a Entry)>,
    ) -> Result<PasswordProof> {
        let proof = session.proof();
        let held = entries.into_iter().filter(|(_, entry)| entry.is_use_only());
        let held: Vec<_> = held.collect();
        let Some((path, _)) = held.first().filter(|_| proof == PasswordProof::Missing) else {
            return Ok(proof);
        };
        self.ask_for_proof(session, &wanted_for(path))
            .inspect_err(|why| {
                if matches!(why.kind(), Kind::NeedsInput | Kind::Locked) && !self.rehearses() {
                    let ids = held.iter().map(|(_, entry)| entry.id).collect();
                    session.log_unproven(ids, self.now(), &|text| self.warn(text));
                }
            })
    }

    /// As [`Self::prove`], of the entries of these names.
    ///
    /// # Errors
    /// As [`Self::prove`]; [`Kind::NotFound`] for an entry that is not there.
    pub fn prove_all(&self, session: &Session, paths: &[EntryPath]) -> Result<PasswordProof> {
        let entries = paths.iter();
        let entries = entries.map(|path| Ok((path, session.vault().entry(path)?)));
        self.prove(session, entries.collect::<Result<Vec<_>>>()?)
    }

    /// As [`Self::prove`], for a new way into `vaults`, of which one has anything for use only: whoever
    /// opens it that way later gives a proof.
    ///
    /// # Errors
    /// As [`Self::prove`]; [`Kind::Integrity`] for a malformed record.
    pub fn prove_for_way_in(&self, session: &Session, vaults: &[&Vault]) -> Result<PasswordProof> {
        let proof = session.proof();
        let mut has_any = false;
        for vault in vaults {
            has_any |= vault.has_use_only()?;
        }
        if proof == PasswordProof::Given || !has_any {
            return Ok(proof);
        }
        let why = "a new key would open what is for use only: the master password is wanted again";
        self.ask_for_proof(session, why)
    }

    fn ask_for_proof(&self, session: &Session, why: &str) -> Result<PasswordProof> {
        let key_file = self.key_file_for(session.access())?;
        let given = self.given_password()?;
        let unasked = Unasked {
            needed: why,
            instead: INSTEAD,
        };
        if given.is_none() && self.ui.can_ask() {
            self.ui.note(&format!("{why}."));
        }
        for attempt in 1..=ATTEMPTS {
            let password = match &given {
                Some(password) => password.clone(),
                None => self.ui.prompt_secret(&self.password_prompt(), unasked)?,
            };
            let key = self.derive(&password, key_file.as_ref(), session.access())?;
            if session.prove(&key) {
                return Ok(session.proof());
            }
            if given.is_some() || attempt == ATTEMPTS {
                break;
            }
            self.ui.note("That is not the vault's password. Try again.");
        }
        Err(Error::locked("wrong password")
            .hint("nothing was handed out; check the password and try again"))
    }
}
