//! Copies of the vault that were changed apart, taken into the one at its place.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::backups::generations;
use super::device::folder::Device;
use super::device::pin::Freshness;
use super::disk::file::{Lasting, Prepared, holds};
use super::disk::vault_file::scan;
use super::disk::waiting::folder;
use super::key::UnlockKey;
use super::reading::{LockedVault, Remembered, VaultPlace};
use super::replaced::Replaced;
use super::session::{Session, only_passwd, pin_of};
use super::taken::{CopyMark, OpenCopy, TakenIn};
use crate::crypto::{HeaderFacts, parents_text};
use crate::error::{Error, Kind, Result};
use crate::model::merge::vaults::{Revived, VaultCopy, merge};
use crate::model::records::cell::Seen;
use crate::model::text::limits::HEADER_BYTES;
use crate::model::vault::Vault;

impl VaultPlace {
    /// As [`Self::read`], where a file counts whatever its generation is: what is to be merged may be
    /// older than what this device has seen.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_to_merge(&self) -> Result<LockedVault> {
        let remembered = self.remembered_and_signed()?;
        let generation = remembered.sealed.facts().generation;
        self.accepting_generation(generation).judge(remembered)
    }
}

/// What the header of a vault has, and that of another age file has not.
const STANZAS: [&str; 2] = ["-> vault-argon2id ", "-> vault-signature "];
/// What lies beside the vault and is called as a copy of it.
#[derive(Debug, Default)]
pub struct CopiesBeside {
    /// Copies of it: what else is wrong with one is told by whoever opens it.
    pub copies: Vec<PathBuf>,
    /// What may be one and cannot be read, or is not whole, and why.
    pub unread: Vec<(PathBuf, Error)>,
}

/// How many files beside the vault may be called as a copy of it.
const COPIES: usize = 256;

impl VaultPlace {
    /// Copies of the vault in its own folder whose names have its name in them and end as it does,
    /// as services that sync folders and people name them.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when the folder cannot be looked through,
    /// [`crate::error::Kind::Usage`] when more files are called so than are looked at.
    pub fn copies_beside(&self, vault: Uuid) -> Result<CopiesBeside> {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let mut found = Vec::new();
        let entries = fs::read_dir(folder(&self.path))
            .map_err(|why| Error::failed(format!("cannot look beside the vault: {why}")))?;
        for entry in entries.filter_map(std::result::Result::ok) {
            let (path, name) = (entry.path(), entry.file_name());
            let is_alike = name.to_string_lossy().contains(&*stem);
            let is_alike = is_alike && path.extension() == self.path.extension();
            if is_alike && path != self.path && self.may_be_a_copy(&path) {
                found.push(path);
            }
            if found.len() > COPIES {
                return Err(Error::usage(format!(
                    "more than {COPIES} files beside the vault are called as copies of it"
                ))
                .hint("move away what is none, or name the copies: vault merge FILE"));
            }
        }
        found.sort_unstable();
        let mut beside = CopiesBeside::default();
        for path in found {
            match scan(&path) {
                Ok(copy) if copy.facts().vault_id == vault => beside.copies.push(path),
                Ok(_) => {}
                Err(why) => {
                    let unread = unread(&path, why).map(|why| (path, why));
                    beside.unread.extend(unread);
                }
            }
        }
        Ok(beside)
    }

    /// Whether something beside the vault is a file, or a link to one or to nothing.
    fn may_be_a_copy(&self, path: &Path) -> bool {
        let is_link = path.is_symlink();
        let is_vault = || {
            let own = self.path.canonicalize();
            own.is_ok_and(|own| path.canonicalize().is_ok_and(|it| it == own))
        };
        match fs::metadata(path) {
            Ok(meta) => meta.is_file() && !(is_link && is_vault()),
            Err(_) => is_link,
        }
    }

    /// The newest file that this device wrote and the earlier generations of the vault, newest
    /// first.
    ///
    /// # Errors
    /// As [`Self::backup_catalogue`].
    pub fn copies_kept(&self, vault: Uuid) -> Result<Vec<PathBuf>> {
        let last = Some(self.root.vault(vault).last()).filter(|last| last.is_file());
        let kept = self.backup_catalogue()?.files.into_iter();
        let kept = kept.filter(|file| file.problem.is_none() || file.is_former);
        Ok(last.into_iter().chain(kept.map(|file| file.path)).collect())
    }

    /// Moves a copy that lay beside the vault, and was taken in as it was `read`, to its earlier
    /// generations. One that was written since stays for the next time: `false`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`]: it stays where it is.
    pub fn move_aside(&self, path: &Path, read: CopyMark) -> Result<bool> {
        let CopyMark { generation, sha256 } = read;
        if !scan(path).is_ok_and(|now| now.sha256() == sha256) {
            return Ok(false);
        }
        let hash = parents_text(&[sha256]);
        generations::save_file(&self.path, path, generation, &hash)?;
        if scan(path).is_ok_and(|now| now.sha256() == sha256) {
            fs::remove_file(path).map_err(|why| {
                Error::failed(format!(
                    "{} is taken in, and cannot be removed: {why}",
                    path.display()
                ))
            })?;
        }
        Ok(true)
    }
}

/// Why something that is called as a copy is none that can be taken in; none where it is a file of
/// another kind, which is left alone.
fn unread(path: &Path, why: Error) -> Option<Error> {
    let start = match start_of(path) {
        Ok(start) => start,
        Err(_) if why.kind() == Kind::NotFound => {
            let is_link = path.is_symlink();
            return is_link.then(|| Error::failed("it is a link to a file that is not there"));
        }
        Err(why) => return Some(Error::failed(format!("it cannot be read: {why}"))),
    };
    if STANZAS.iter().any(|tag| contains(&start, tag)) {
        return Some(why.prefixed("it is damaged: "));
    }
    let is_age = contains(&start, "age-encryption.org/") || contains(&start, "BEGIN AGE ENCRYPTED");
    (!is_age && is_called_as_vaults_are(path)).then(|| {
        Error::integrity("it is no vault, or no longer: it may not have been copied to its end")
    })
}

/// The first bytes of a file, at most as many as the header of a vault has.
fn start_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    let file = File::open(path)?;
    file.take(HEADER_BYTES as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// Whether a file is called as only an encrypted one is, or as services that sync folders call what
/// they could not put together.
fn is_called_as_vaults_are(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_apart = name.contains(" (") || name.to_lowercase().contains("conflict");
    is_apart || path.extension().is_some_and(|end| end == "age")
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|it| it == part.as_bytes())
}

impl Session {
    /// Refuses what could not be written: a vault that was opened with an identity, or one that a
    /// newer version has reserved for itself.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`], [`crate::error::Kind::Failed`].
    pub fn check_can_take_in(&self) -> Result<()> {
        match self.key {
            UnlockKey::Identities(_) => Err(only_passwd()),
            _ => self.vault.check_writable(),
        }
    }

    /// Whether everything that this device has seen and written is in the file or in one of these
    /// copies.
    #[must_use]
    pub fn has_all_that_was_seen<'a>(&'a self, copies: impl Iterator<Item = &'a Vault>) -> bool {
        let all: Vec<&Vault> = std::iter::once(&self.vault).chain(copies).collect();
        let seen = all
            .iter()
            .fold(Seen::default(), |seen, vault| seen.merge(&vault.seen));
        let pin = self.file.pin.as_ref();
        let device = self.file.state.device();
        let counted = pin.map(|pin| {
            let seen = pin.seen.clone();
            let logs = all.iter().map(|vault| &vault.log);
            logs.fold(seen, |seen, log| log.told_by_counting(&seen))
        });
        let has_events = |device: &Device| {
            let mut logs = all.iter().map(|vault| &vault.log);
            logs.any(|log| log.has_events_of(device.id, &device.chain))
        };
        counted.is_none_or(|counted| seen.includes(&counted))
            && device.as_ref().is_none_or(has_events)
    }

    /// Whether a copy has all that is here, and its generation comes after what this device has
    /// seen: it can take the vault's place as it is.
    #[must_use]
    pub fn is_followed_by(&self, copy: &OpenCopy) -> bool {
        let seen = self.file.pin.as_ref().map_or(0, |pin| pin.generation);
        let generation = copy.file.facts().generation;
        generation >= seen
            && self.is_within(copy)
            && self.has_all_that_was_seen(std::iter::once(&copy.vault))
    }

    /// A copy that may be merged: it is of this vault, and signed by its key or, up to the generation
    /// in which it was replaced, by one before. Its signature was checked.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for another, and for one that asks for more than the
    /// ceiling of Argon2.
    pub fn as_mergeable(&self, copy: Remembered) -> Result<LockedVault> {
        self.check_same_vault(&copy)?;
        self.check_signer(copy.sealed.facts())?;
        self.locked_copy(copy)
    }

    fn check_signer(&self, facts: &HeaderFacts) -> Result<()> {
        let signer = facts.signer;
        if signer == self.facts().signer || self.file.store.accepted.signer(signer) {
            return Ok(());
        }
        let (text, fingerprint) = (signer.to_openssh(), signer.fingerprint());
        let mut retired = self.vault.identity.retired.iter();
        match retired.find(|keys| keys.signer == text) {
            // Whoever has the old key could have made a later one.
            Some(keys) if keys.generation.is_some_and(|last| facts.generation <= last) => Ok(()),
            Some(_) => Err(Error::integrity(format!(
                "the copy is signed by {fingerprint}, which was replaced before it was written"
            ))
            .hint(format!(
                "if you know that this is right: --accept-signer {fingerprint}"
            ))),
            None => Err(Error::integrity(format!(
                "the vault there is signed by {fingerprint}, not by this vault's key: somebody else \
                 has put it there, or its keys were made new on another machine"
            ))
            .hint(format!(
                "if vault id shows that fingerprint there: --accept-signer {fingerprint}"
            ))),
        }
    }

    /// Takes a copy in, that has something which is not here. The outcome of all that were taken in
    /// is in the session and not yet written; [`Self::to_settle`] belongs to the change that writes
    /// it.
    ///
    /// # Errors
    /// As [`merge`].
    pub fn take_in(&mut self, copy: &OpenCopy) -> Result<()> {
        let signer = self.facts().signer.to_openssh();
        let taken = (self.taken).get_or_insert_with(|| TakenIn::nothing(signer));
        let own = VaultCopy {
            vault: &self.vault,
            signer: &taken.signer,
        };
        let other = VaultCopy {
            vault: &copy.vault,
            signer: &copy.signer(),
        };
        let merged = merge(own, other)?;
        self.vault = merged.vault;
        taken.signer = merged.signer;
        taken.revived.extend(merged.revived)?;
        taken.files.insert(copy.mark());
        // Nothing that this device has seen is missing any more: it goes on as itself.
        if self.has_all_that_was_seen(std::iter::empty())
            && self.file.standing == Freshness::AcceptedOlder
        {
            self.file.standing = Freshness::Good;
        }
        Ok(())
    }

    /// Goes on although something that this device wrote is in no file: as from an older copy.
    pub fn accept_loss(&mut self) {
        let signer = self.facts().signer.to_openssh();
        (self.taken).get_or_insert_with(|| TakenIn::nothing(signer));
        self.file.standing = Freshness::AcceptedOlder;
    }

    /// What the change that writes the outcome of [`Self::take_in`] has to do: the SHA-256 of the
    /// copies, and the entries that are there although one device had removed them.
    #[must_use]
    pub fn to_settle(&self) -> (Revived, Vec<String>) {
        let Some(taken) = &self.taken else {
            return Default::default();
        };
        let files = taken.files.iter().rev();
        let files = files.map(|mark| parents_text(&[mark.sha256]));
        (taken.revived.clone(), files.collect())
    }

    /// Puts a copy that has all that is here, and more, in the vault's place as it is. No event is
    /// written: that would be news to the other device, which would take it in and write one too,
    /// and so on for ever. The copy's own log says who wrote what is in it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when the vault was written meanwhile,
    /// [`crate::error::Kind::Failed`].
    pub fn go_on_with(self, copy: &OpenCopy) -> Result<()> {
        let store = &self.file.store;
        let _lock = store.lock_place()?;
        self.check_taken_into_the_same()?;
        let bytes = copy.file.sealed.bytes();
        let prepared = Prepared::write(&store.path, bytes)?;
        prepared.check_holds(bytes)?;
        self.keep_what_is_newer()?;
        Replaced::Base(&self.file.sealed)
            .give_way(store, prepared)?
            .sync()?;
        // Where this device cannot remember it, the next reader that can will.
        let pin = pin_of(&copy.file.sealed, &copy.vault);
        let _ = (self.file.state.lock())
            .and_then(|state| state.raise_pin(&pin, self.file.pin.as_ref(), Lasting::Yes));
        Ok(())
    }

    pub(super) fn parents(&self) -> Vec<[u8; 32]> {
        let other = self.taken.iter().filter_map(|taken| taken.files.last());
        std::iter::once(self.file.sealed.sha256())
            .chain(other.map(|mark| mark.sha256))
            .collect()
    }

    /// Refuses to write what was merged into a file that is not there any more.
    pub(super) fn check_taken_into_the_same(&self) -> Result<()> {
        if holds(&self.file.store.path, self.file.sealed.bytes())? {
            return Ok(());
        }
        Err(
            Error::conflict("the vault was written by another process meanwhile")
                .hint("nothing was merged; try again"),
        )
    }
}
