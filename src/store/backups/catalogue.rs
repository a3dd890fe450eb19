//! What there is to go back to: the generations beside the vault, copies in other places, and the
//! newest file that this device wrote. Each is read and its signature checked; no password is
//! needed for that.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use uuid::Uuid;

use super::copies::{CopyRecord, copies_in};
use super::generations;
use super::generations::{NAME_DIGITS, parse_name};
use crate::error::{Error, Kind, Result};
use crate::model::records::event::sha256_hex;
use crate::store::device::folder::DeviceFolder;
use crate::store::device::pin::Pin;
use crate::store::disk::vault_file::scan;
use crate::store::reading::{Remembered, VaultPlace};

/// Why a file is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackupReason {
    /// Each change keeps the generation before it.
    Automatic,
    /// `backup --to` made it.
    Copy,
    /// It is the newest that this device wrote.
    Last,
}

impl BackupReason {
    /// Its name in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Copy => "copy",
            Self::Last => "last",
        }
    }
}

/// One file to go back to.
#[derive(Clone, Debug)]
pub struct BackupFile {
    /// Where it is.
    pub path: PathBuf,
    /// Why it is there.
    pub origin: BackupReason,
    /// The generation, by its header or else by its name.
    pub generation: Option<u64>,
    /// When it was written.
    pub written: Option<Timestamp>,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, if it is a vault.
    pub hash: Option<String>,
    /// Of which vault it is, and whose signature fits, in OpenSSH form.
    pub signed: Option<(Uuid, String)>,
    /// Whether it is whole, of this vault, and signed by a key that was replaced since.
    pub is_former: bool,
    /// Whether it is whole, and of another vault.
    pub is_foreign: bool,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl BackupFile {
    /// Whether it is whole, of this vault, and signed by its key.
    pub fn is_good(&self) -> bool {
        self.problem.is_none()
    }
}

/// All there is to go back to.
#[derive(Debug, Default)]
pub struct BackupCatalogue {
    /// The files, newest generation first.
    pub files: Vec<BackupFile>,
    /// Where copies went, the latest first, those that cannot be reached included.
    pub copies: Vec<CopyRecord>,
    /// Why a folder could not be looked through.
    pub unread: Vec<Error>,
}

impl BackupCatalogue {
    /// Refuses to say what there is when not all could be looked at.
    pub fn check_complete(&self) -> Result<()> {
        self.unread.first().map_or(Ok(()), |why| Err(why.clone()))
    }

    /// What a look through a folder found; why it failed is kept.
    fn found<T>(&mut self, list: Result<Vec<T>>) -> Vec<T> {
        list.unwrap_or_else(|why| {
            self.unread.push(why);
            Vec::new()
        })
    }
}

/// Which vault the files have to be of, as far as that is known.
#[derive(Debug, Default)]
struct Expected {
    vault_id: Option<Uuid>,
    /// In OpenSSH form.
    signer: Option<String>,
    /// Those that were replaced by it.
    former: Vec<String>,
}

impl VaultPlace {
    /// Looks at every file that is kept of this vault, which itself may be damaged or gone.
    ///
    /// # Errors
    /// [`Kind::Integrity`] when what this device remembers is damaged. A folder that cannot be
    /// looked through is told in the answer.
    pub fn backup_catalogue(&self) -> Result<BackupCatalogue> {
        let expected = self.expected()?;
        let mut kept = BackupCatalogue::default();
        let state = expected.vault_id.map(|id| self.root.vault(id));
        let copies = match &state {
            Some(state) => state.copies()?,
            None => Vec::new(),
        };
        let beside = kept.found(generations::list(&generations::folder(&self.path)));
        let mut paths: Vec<(BackupReason, PathBuf)> = (beside.into_iter())
            .map(|backup| (BackupReason::Automatic, backup.path))
            .collect();
        for copy in &copies {
            let found = kept.found(copies_in(copy.folder(), &self.stem()));
            paths.extend(
                found
                    .into_iter()
                    .map(|(_, path)| (BackupReason::Copy, path)),
            );
        }
        let last = state
            .as_ref()
            .map(DeviceFolder::last)
            .filter(|last| last.exists());
        paths.extend(last.map(|last| (BackupReason::Last, last)));
        let mut files: Vec<BackupFile> = paths
            .into_iter()
            .filter_map(|(origin, path)| look_at(origin, path, &expected))
            .collect();
        files.sort_by(|a, b| {
            (b.generation, a.origin, &a.path).cmp(&(a.generation, b.origin, &b.path))
        });
        Ok(BackupCatalogue {
            files,
            copies,
            ..kept
        })
    }

    /// Recalls the newest file of a copy's vault that is kept, where this device remembers nothing
    /// later of it: with the state folder lost, that is what there is to hold the copy against.
    pub(crate) fn recall_kept(&self, mut copy: Remembered) -> Result<Remembered> {
        let facts = copy.sealed.facts();
        let its = Some((facts.vault_id, facts.signer.to_openssh()));
        let kept = self.backup_catalogue()?.files;
        let newest = kept.into_iter().find(|file| file.signed == its);
        let newest = newest.and_then(|file| Some((file.generation?, file.hash?)));
        let seen = copy.pin.as_ref().map(|pin| pin.generation);
        if let Some((generation, hash)) = newest.filter(|(newest, _)| Some(*newest) > seen)
            && generation > facts.generation
        {
            let known = copy.pin.take().unwrap_or_default();
            copy.pin = Some(Pin {
                signer: facts.signer.to_openssh(),
                generation,
                hash,
                signature: String::new(),
                ..known
            });
        }
        Ok(copy)
    }

    /// The vault that was last seen here, or else the one that stands here.
    fn expected(&self) -> Result<Expected> {
        let here = scan(&self.path).ok();
        let here = here.filter(|sealed| sealed.verify_signature().is_ok());
        let known = self.known()?.first().copied();
        let id = known.or(here.as_ref().map(|sealed| sealed.facts().vault_id));
        let here = here.filter(|sealed| Some(sealed.facts().vault_id) == id);
        let pin = id
            .map(|id| self.root.vault(id).pin())
            .transpose()?
            .flatten();
        let by_file = here.map(|sealed| sealed.facts().signer.to_openssh());
        let former = pin.as_ref().map(|pin: &Pin| pin.former.clone());
        Ok(Expected {
            vault_id: id,
            signer: pin.map(|pin| pin.signer).or(by_file),
            former: former.unwrap_or_default(),
        })
    }

    /// The file that a person names: a path, a generation, or a name as `backups` shows it.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none, [`Kind::Usage`] for a path where none is, and when
    /// several files of that generation differ, [`Kind::Failed`] when it may be in a folder that
    /// cannot be looked through, and as [`Self::backup_catalogue`].
    pub fn named_copy(&self, name: &Path) -> Result<PathBuf> {
        let generation = name.to_str().and_then(|text| text.parse::<u64>().ok());
        if generation.is_none() && name.exists() {
            return Ok(name.to_path_buf());
        }
        let list = "vault backups lists those there are";
        if generation.is_none() && name.components().count() > 1 {
            return Err(Error::usage(format!("there is no file {}", name.display())).hint(list));
        }
        let kept = self.backup_catalogue()?;
        let is_meant = |file: &&BackupFile| match generation {
            Some(_) => file.generation == generation,
            None => file.path.file_name() == Some(name.as_os_str()),
        };
        let (good, bad): (Vec<&BackupFile>, Vec<&BackupFile>) =
            (kept.files.iter().filter(is_meant)).partition(|file| file.is_good());
        let meant = if good.is_empty() { bad } else { good };
        // Files of which each byte is the same are one.
        let same = |a: &BackupFile, b: &BackupFile| a.hash.is_some() && a.hash == b.hash;
        match meant.as_slice() {
            [first, others @ ..] if others.iter().all(|file| same(file, first)) => {
                Ok(first.path.clone())
            }
            [] => {
                kept.check_complete()?;
                let missing = format!("there is no backup {}", name.display());
                Err(Error::not_found(missing).hint(list))
            }
            _ => Err(
                Error::usage(format!("several files are {}", name.display()))
                    .hint("vault backups lists them; name one by its path"),
            ),
        }
    }
}

impl DeviceFolder {
    /// The newest file that this device wrote.
    pub fn last(&self) -> PathBuf {
        self.file(crate::store::device::folder::LAST)
    }
}

/// Reads one file. A copy of another vault is marked as foreign.
fn look_at(origin: BackupReason, path: PathBuf, expected: &Expected) -> Option<BackupFile> {
    let name = path.file_name()?.to_str()?;
    let by_name = name.rsplit_once('-').and_then(|(start, hash)| {
        let generation = start.rsplit('-').next()?;
        let short = format!("{generation}-{hash}");
        parse_name(&short).map(|(generation, hash)| (generation, hash.to_owned()))
    });
    let metadata = path.metadata().ok()?;
    let mut file = BackupFile {
        origin,
        generation: by_name.as_ref().map(|(generation, _)| *generation),
        written: (metadata.modified().ok()).and_then(whole_seconds),
        size: metadata.len(),
        hash: None,
        signed: None,
        is_former: false,
        is_foreign: false,
        problem: None,
        path,
    };
    let sealed = match scan(&file.path) {
        Ok(sealed) => sealed,
        Err(why) if why.kind() == Kind::NotFound => return None,
        Err(why) => {
            file.problem = Some(why.to_string());
            return Some(file);
        }
    };
    let facts = sealed.facts();
    let other_vault = (expected.vault_id).is_some_and(|id| id != facts.vault_id);
    if other_vault && origin == BackupReason::Copy {
        return None;
    }
    let hash = sha256_hex(sealed.bytes());
    let start = hash.get(..NAME_DIGITS).unwrap_or_default().to_owned();
    let signer = facts.signer.to_openssh();
    let fits = sealed.verify_signature();
    file.signed = (fits.is_ok()).then(|| (facts.vault_id, signer.clone()));
    file.problem = if let Err(why) = fits {
        Some(why.to_string())
    } else if other_vault {
        file.is_foreign = true;
        Some(format!("it is another vault: {}", facts.vault_id))
    } else if by_name.is_some_and(|named| named != (facts.generation, start)) {
        Some("it is whole, but not the file that its name says".into())
    } else if expected.former.contains(&signer) {
        file.is_former = true;
        Some(format!(
            "it is signed by {}: from before the vault's keys were rotated",
            facts.signer.fingerprint()
        ))
    } else if (expected.signer.as_ref()).is_some_and(|known| *known != signer) {
        Some(format!(
            "it is signed by {}, which is not known as a key of this vault",
            facts.signer.fingerprint()
        ))
    } else {
        None
    };
    file.generation = Some(facts.generation);
    file.hash = Some(hash);
    Some(file)
}
/// A file's time as all others are told.
fn whole_seconds(time: SystemTime) -> Option<Timestamp> {
    let time = Timestamp::try_from(time).ok()?;
    Timestamp::from_second(time.as_second()).ok()
}
