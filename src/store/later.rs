//! What this device knows from other files of a vault when an older copy of it was accepted: its
//! newest one, the generations beside it, and its journal. What ended in any of them stays ended.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use super::backups::generations;
use super::device::journal::JournalContent;
use super::disk::vault_file::scan;
use super::session::Session;
use crate::crypto::parents_text;
use crate::error::{Error, Kind, Result};
use crate::model::history::endings::Endings;
use crate::model::records::stamping::Author;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// Another file of the vault.
enum Other {
    /// Its records, whether it has all that this device has seen, and where it is kept from the
    /// next write on: the newest file is written over then.
    Open(Box<Vault>, bool, PathBuf),
    /// It is later, and opens with another password or at another cost.
    Shut,
    /// It belongs to another vault, is damaged, or has nothing to tell.
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
        .hint(self.file.store.way_back()))
    }

    /// Carries over what ended in files that are later than the older copy which was accepted.
    /// Where none of them has all that this device has seen, an end may be missing: then every
    /// consent ends. Returns what there is to say of that.
    ///
    /// # Errors
    /// [`Kind::Refused`] when it is in a file that opens with another password.
    pub(super) fn carry_endings(
        &mut self,
        journal: &JournalContent,
        is_restored: bool,
        author: &Author<'_>,
    ) -> Result<Vec<String>> {
        let mut carried = Endings::default();
        let mut shut = None;
        let mut is_all_known = false;
        let mut known = self.vault.seen.clone();
        let mut shared_since = None;
        for path in self.other_files()? {
            match self.open_other(&path) {
                Other::Open(later, is_newest, kept) => {
                    carried.extend(self.vault.carry_endings_from(&later, author)?);
                    carried.extend(self.vault.carry_stricter_from(&later, &known, author)?);
                    // Whoever restores a copy wants its entries back.
                    if !is_restored {
                        let departed = self.vault.carry_departures_from(&later, &known, author)?;
                        carried.extend(departed);
                    }
                    let shared = self.vault.shares_missing_from(&later)?.len();
                    shared_since = shared_since.max(told_of(shared, &kept, later.generation));
                    known = known.merge(&later.seen);
                    is_all_known |= is_newest;
                }
                Other::Shut => shut = shut.or(Some(path)),
                Other::Odd => {}
            }
        }
        if let Some(shut) = shut.filter(|_| !is_all_known) {
            return Err(self.cannot_look_into(&shut));
        }
        let events = journal.events.iter().map(|(_, event)| event);
        carried.extend(self.vault.carry_refusals(events, author)?);
        let mut told = Vec::new();
        if !is_all_known {
            let ended = self.vault.end_every_consent(author)?;
            let withdrawn = match ended.consents.len() {
                0 => "no consent was open".to_owned(),
                count => format!(
                    "every consent that was open counts as withdrawn ({count}), and vault consent add \
                     gives it anew"
                ),
            };
            told.push(format!(
                "what ended after that copy was made is in no file here: {withdrawn}; look through \
                 vault contact list and vault shares before you share"
            ));
            carried.extend(ended);
        }
        told.extend(shared_since.map(|(_, told)| told));
        if !carried.is_empty() {
            self.vault.record_carried(&carried, author);
            told.push(format!(
                "what ended after that copy was made stays ended ({carried})"
            ));
        }
        Ok(told)
    }

    fn cannot_look_into(&self, shut: &Path) -> Error {
        let shut = as_word(shut.display());
        Error::refused(format!(
            "this is generation {}, an older copy, and what ended later cannot be looked at: {shut} \
             opens with another password",
            self.facts().generation
        ))
        .hint(format!(
            "{}; if that password is lost, move {shut} away: then every consent ends",
            self.file.store.way_back()
        ))
    }

    /// The newest file that this device wrote, and the generations beside the vault, newest first.
    fn other_files(&self) -> Result<Vec<PathBuf>> {
        let last = Some(self.file.state.last()).filter(|last| last.is_file());
        let mut beside = generations::list(&generations::folder(&self.file.store.path))?;
        beside.sort_by_key(|backup| Reverse(backup.generation));
        Ok((last.into_iter())
            .chain(beside.into_iter().map(|backup| backup.path))
            .collect())
    }

    fn open_other(&self, path: &Path) -> Other {
        let Ok(sealed) = scan(path) else {
            return Other::Odd;
        };
        let (facts, mine) = (sealed.facts(), self.facts());
        if facts.vault_id != mine.vault_id || sealed.verify_signature().is_err() {
            return Other::Odd;
        }
        let signer = facts.signer.to_openssh();
        let pin = self.file.pin.as_ref().filter(|pin| pin.signer == signer);
        let is_newest = pin.is_some_and(|pin| facts.generation >= pin.generation);
        let is_ours = pin.is_some() || facts.signer == mine.signer;
        let shut = if is_ours && facts.generation > mine.generation {
            Other::Shut
        } else {
            Other::Odd
        };
        // A password's key is derived with the salt and the cost of one file.
        if self.key.keeper().is_some() && sealed.access() != self.access() {
            return shut;
        }
        match sealed.open(self.key.way_in()) {
            Ok(payload) => match Vault::decode(payload) {
                Ok(vault) => {
                    let kept = if path == self.file.state.last() {
                        let hash = parents_text(&[sealed.sha256()]);
                        generations::place(&self.file.store.path, vault.generation, &hash)
                    } else {
                        path.to_owned()
                    };
                    Other::Open(Box::new(vault), is_newest, kept)
                }
                Err(_) => Other::Odd,
            },
            Err(why) if why.kind() == Kind::Locked => shut,
            Err(_) => Other::Odd,
        }
    }
}

/// How many shares a later file has that this copy does not, and where they can be looked at: who
/// has what is told by that file alone.
fn told_of(count: usize, kept: &Path, generation: u64) -> Option<(usize, String)> {
    let (shares, are) = match count {
        0 => return None,
        1 => ("a share was".to_owned(), "is"),
        _ => (format!("{count} shares were"), "are"),
    };
    Some((
        count,
        format!(
            "{shares} made after that copy and {are} not in it; who has what, and what is to be \
             rotated: vault --vault {} shares --accept-generation {generation}",
            as_word(kept.display())
        ),
    ))
}
