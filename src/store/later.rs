//! What this device knows from other files of a vault when an older copy of it was accepted: its
//! newest one, the generations beside it, and its journal. What ended in any of them stays ended.

use std::path::{Path, PathBuf};

use super::backup;
use super::journal::Content;
use super::session::{Session, scan};
use crate::error::{Error, Kind, Result};
use crate::model::endings::Carried;
use crate::model::vault::{Author, Vault};

/// Another file of the vault.
enum Other {
    /// Its records.
    Open(Box<Vault>),
    /// It opens with another password or at another cost.
    Shut,
    /// It is none of this vault, or not whole.
    Odd,
}

impl Session {
    /// Refuses to give or to take a permission under an older copy: what ended since may not be
    /// in it.
    ///
    /// # Errors
    /// [`Kind::Refused`].
    pub fn check_nothing_ended_since(&self) -> Result<()> {
        if !self.is_accepted_older() {
            return Ok(());
        }
        Err(Error::refused(format!(
            "this is generation {}, an older copy: nothing is shared, received or consented to under \
             it, since what ended later may not be in it",
            self.facts().generation
        ))
        .hint(self.store.way_back()))
    }

    /// Carries over what ended in files that are later than the older copy which was accepted.
    /// Returns what there is to say of that.
    pub(super) fn carry_endings(
        &mut self,
        journal: &Content,
        author: &Author<'_>,
    ) -> Result<Vec<String>> {
        let mut carried = Carried::default();
        let mut shut = Vec::new();
        for path in self.other_files()? {
            match self.open_other(&path) {
                Other::Open(later) => {
                    carried.extend(self.vault.carry_endings_from(&later, author)?);
                }
                Other::Shut => shut.push(path.display().to_string()),
                Other::Odd => {}
            }
        }
        let events = journal.events.iter().map(|(_, event)| event);
        carried.extend(self.vault.carry_refusals(events, author)?);
        let mut told = Vec::new();
        if !carried.is_empty() {
            self.vault.record_carried(&carried, author);
            told.push(format!(
                "what ended after that copy was made stays ended ({carried})"
            ));
        }
        if !shut.is_empty() {
            told.push(format!(
                "what ended after that copy was made could not be looked at in {}, which opens with \
                 another password: look through vault consent list before you share",
                shut.join(", ")
            ));
        }
        Ok(told)
    }

    /// The newest file that this device wrote, and the generations beside the vault.
    fn other_files(&self) -> Result<Vec<PathBuf>> {
        let last = Some(self.state.last()).filter(|last| last.is_file());
        let beside = backup::list(&backup::folder(&self.store.path))?;
        Ok((last.into_iter())
            .chain(beside.into_iter().map(|backup| backup.path))
            .collect())
    }

    fn open_other(&self, path: &Path) -> Other {
        let Ok(sealed) = scan(path) else {
            return Other::Odd;
        };
        if sealed.facts().vault_id != self.facts().vault_id || sealed.verify_signature().is_err() {
            return Other::Odd;
        }
        if sealed.access() != self.access() {
            return Other::Shut;
        }
        match sealed.open(self.key.way_in()) {
            Ok(payload) => match Vault::decode(&payload) {
                Ok(vault) => Other::Open(Box::new(vault)),
                Err(_) => Other::Odd,
            },
            Err(why) if why.kind() == Kind::Locked => Other::Shut,
            Err(_) => Other::Odd,
        }
    }
}
