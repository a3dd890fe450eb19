//! The master password once more, for what is for use only.

use std::fmt::Display;

use super::assistant::assistant;
use super::{ATTEMPTS, Context};
use crate::error::{Error, Kind, Result};
use crate::model::entry::use_only::{INSTEAD, PasswordProof, wanted_for, why_held};
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
        let marked = entries.into_iter().filter(|(_, entry)| entry.is_use_only());
        let marked: Vec<_> = marked.collect();
        let proof = session.proof();
        let is_proven = proof == PasswordProof::Given && self.typed_for().is_none();
        let Some((path, _)) = marked.first().filter(|_| !is_proven) else {
            return Ok(proof);
        };
        self.ask_for_proof(session, &held_back(path, marked.len()))
            .inspect_err(|why| {
                if matches!(why.kind(), Kind::NeedsInput | Kind::Locked) && !self.rehearses() {
                    let ids = marked.iter().map(|(_, entry)| entry.id).collect();
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
        let is_proven = proof == PasswordProof::Given && self.typed_for().is_none();
        if is_proven || !has_any {
            return Ok(proof);
        }
        self.ask_for_proof(session, "a new key would open what is for use only")
    }

    /// The assistant that would be asked in the place of a person, where no password is named.
    fn typed_for(&self) -> Option<&'static str> {
        let is_named = self.names_a_password() || self.globals.identity.is_some();
        assistant().filter(|_| !is_named)
    }

    fn ask_for_proof(&self, session: &Session, why: &str) -> Result<PasswordProof> {
        if let Some(variable) = self.typed_for() {
            return Err(Error::needs_input(format!(
                "{}, and {variable} says that an assistant runs this",
                wanted_for(why)
            ))
            .hint(INSTEAD));
        }
        let key_file = self.key_file_for(session.access());
        let key_file =
            key_file.map_err(|error| error.prefixed(&format!("{}: ", wanted_for(why))))?;
        let given = self.given_password()?;
        let unasked = Unasked {
            needed: &wanted_for(why),
            instead: INSTEAD,
        };
        let prompt = format!("{why}. {}", self.password_prompt());
        for attempt in 1..=ATTEMPTS {
            let password = match &given {
                Some(password) => password.clone(),
                None => self.ui.prompt_secret(&prompt, unasked)?,
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

/// The first of what is held back, and how many others.
fn held_back(path: &impl Display, count: usize) -> String {
    match count.saturating_sub(1) {
        0 => why_held(path),
        1 => format!("{}, as is 1 other", why_held(path)),
        others => format!("{}, as are {others} others", why_held(path)),
    }
}
