//! What is said of a vault that is gone, damaged or old: the command that brings it back, and where
//! the newest file lies.

use super::backups::generations;
use super::device::folder::DeviceFolder;
use super::disk::vault_file::scan;
use super::reading::VaultPlace;
use crate::error::{Error, Kind, Result};
use crate::model::text::quote::as_word;

impl VaultPlace {
    /// How the newest state that this device knows comes back.
    pub fn way_back(&self) -> String {
        match self.last_file() {
            Some(last) => format!(
                "vault restore last.age puts back the newest file that this device wrote, {}; vault \
                 backups lists what else is kept",
                as_word(last.display())
            ),
            None => {
                "vault backups lists what is kept of it, and vault restore N brings it back".into()
            }
        }
    }

    /// How what this device has seen comes back where an older file stands in its place: that may
    /// have what nothing else has.
    pub(super) fn way_on_from_old(&self, synced: bool) -> String {
        let back = self.way_back();
        match (self.last_file(), synced) {
            (Some(_), true) => format!(
                "vault merge --all makes one of it and of what this device wrote last, vault sync of \
                 it and of what the remote has; {back}"
            ),
            (Some(_), false) => {
                format!(
                    "vault merge --all makes one of it and of what this device wrote last; {back}"
                )
            }
            (None, true) => {
                format!("vault sync makes one of it and of what the remote has; {back}")
            }
            (None, false) if self.has_backups() => {
                format!(
                    "vault merge --all makes one of it and of what is kept of it, and says what is \
                     lost; {back}"
                )
            }
            (None, false) => {
                "nothing later is kept here; where no other copy has it, this goes on \
                              from the older file: vault merge --all --accept-loss"
                    .to_owned()
            }
        }
    }

    /// Whether earlier generations lie beside the vault, as far as that can be told.
    fn has_backups(&self) -> bool {
        generations::list(&generations::folder(&self.path)).map_or(true, |kept| !kept.is_empty())
    }

    /// The newest file that this device wrote of the vault that was last seen here.
    fn last_file(&self) -> Option<std::path::PathBuf> {
        let states = self.known().ok()?.into_iter().map(|id| self.root.vault(id));
        let mut last = states.map(|state| DeviceFolder::last(&state));
        last.find(|last| last.is_file())
    }

    /// Adds to what is wrong with a vault how it comes back.
    pub(super) fn comes_back(&self, why: Error) -> Error {
        match why.kind() {
            Kind::Integrity if why.next_step().is_none() => why.hint(self.way_back()),
            _ => why,
        }
    }

    /// Says of a vault that is not there whether there was one, and what to do.
    pub(super) fn lost(&self, why: Error) -> Error {
        if why.kind() != Kind::NotFound {
            return why;
        }
        let error = if self.had_a_vault() {
            let path = self.path.display();
            Error::not_found(format!("there is no vault at {path}, where there was one"))
        } else {
            why
        };
        error.hint(self.way_to_a_vault())
    }

    /// What to do where no vault is: bring the one back that was, or make one.
    pub fn way_to_a_vault(&self) -> String {
        if self.had_a_vault() {
            self.way_back()
        } else {
            "make one: vault init; or bring one here: vault sync --remote URL, or vault restore FILE \
             from a copy, with --identity FILE where its password is lost"
                .into()
        }
    }

    /// Whether there was a vault that may come back, as far as this device or the folder beside it
    /// knows.
    pub fn had_a_vault(&self) -> bool {
        self.check_nothing_was_here().is_err()
    }

    /// Refuses a place for a new vault where another was that is not there now, or whose earlier
    /// generations lie beside it.
    ///
    /// # Errors
    /// [`Kind::Conflict`], naming the way back; [`Kind::Integrity`] and [`Kind::Failed`] for what
    /// this device remembers, or the folder of the backups, when it cannot be looked at.
    pub fn check_nothing_was_here(&self) -> Result<()> {
        let path = self.path.display();
        for id in self.known()? {
            let state = self.root.vault(id);
            if state.is_there() && !self.root.is_elsewhere(id, &self.names())? {
                let folder = state.file("");
                return Err(Error::conflict(format!(
                    "there was a vault at {path}, {id}, and it may come back"
                ))
                .hint(format!(
                    "{}; to make another one here all the same, first move away {} and {}",
                    self.way_back(),
                    as_word(folder.display()),
                    as_word(generations::folder(&self.path).display()),
                )));
            }
        }
        let folder = generations::folder(&self.path);
        let kept = generations::list(&folder)?;
        if kept.iter().any(|kept| scan(&kept.path).is_ok()) {
            return Err(Error::conflict(format!(
                "{} holds earlier generations of a vault that is not there now",
                folder.display()
            ))
            .hint(format!(
                "{}; to make another one here all the same, first move that folder away",
                self.way_back()
            )));
        }
        Ok(())
    }
}
