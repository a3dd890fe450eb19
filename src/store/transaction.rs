//! Writing the next generation: lock, read again, change, seal, write, check, keep the old one,
//! rename, pin. Whatever fails before the rename leaves everything as it was.

use jiff::Timestamp;
use uuid::Uuid;

use super::backups::generations;
use super::backups::generations::Ours;
use super::broken::Broken;
use super::device::folder::{Device, LockedDeviceFolder};
use super::device::journal;
use super::device::journal::{Journal, JournalContent};
use super::device::pin::{Freshness, Pin};
use super::disk::file::Lasting;
use super::disk::lock::FileLock;
use super::disk::vault_file::scan;
use super::reading::VaultPlace;
use super::replaced::Replaced;
use super::sealing::{prepare, seal_vault};
use super::session::{Session, continues, former_signers, new_device_id, only_passwd, pin_of};
use super::session_journal::{latest_of_all, lost_itself};
use super::taken::TakenIn;
use crate::crypto::{Draft, MasterKey, SealedFile, parents_text};
use crate::error::{Error, Kind, Result};
use crate::model::records::cell::DeviceId;
use crate::model::records::chain::Chain;
use crate::model::records::event::{EventDraft, LogHead};
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;

/// How a write went after the rename, from which on the change stands.
#[derive(Debug, Default)]
pub struct WriteOutcome {
    /// What did not work after the vault was safely written.
    pub warnings: Vec<String>,
    /// Why it may not survive a power cut, although it is written.
    pub unsafe_yet: Option<Error>,
}

/// How a change begins.
pub enum Begun {
    /// The vault is locked for other writers and as new as can be.
    Ready(Box<Transaction>),
    /// The password was changed since it was asked for: it has to be asked for again.
    AccessChanged,
    /// Whoever kept the master key has it no longer: the password has to be asked for.
    KeyGone,
}

/// A change under way: other writers wait.
pub struct Transaction {
    session: Session,
    _lock: FileLock,
    /// The state folder; without one nothing is remembered.
    state: Option<LockedDeviceFolder>,
    journal: JournalContent,
    device: DeviceId,
    /// See [`Device::floor`].
    floor: Option<Timestamp>,
    warnings: Vec<String>,
    /// The hashes of the files that the next one comes from.
    parents: Vec<[u8; 32]>,
    /// What stands at the vault's place, if it is not the file that is changed.
    replaces: Option<Broken>,
}

impl Session {
    /// Takes the lock. The file is read again if another process wrote it meanwhile; a copy that is
    /// to stand in the place of something broken is as it was read.
    ///
    /// # Errors
    /// [`Kind::Locked`] when the vault was opened with something that cannot write it,
    /// [`Kind::Conflict`] when it is busy, forked, or no longer broken, and as [`VaultPlace::read`].
    pub fn begin(mut self, replaces: Option<Broken>, now: Timestamp) -> Result<Begun> {
        let lock = self.file.store.lock_place()?;
        if (self.key.keeper()).is_some_and(|keeper| !keeper.is_ready()) {
            return Ok(Begun::KeyGone);
        }
        if let Some(broken) = &replaces {
            broken.check_unchanged(&self.file.store)?;
        } else if self.taken.is_some() {
            self.check_taken_into_the_same()?;
        } else if !self.refresh()? {
            return Ok(Begun::AccessChanged);
        }
        self.check_written_together()?;
        if self.taken.is_none() && replaces.is_none() {
            self.check_ways_in()?;
        }
        let mut warnings = Vec::new();
        let state = match self.file.state.lock_within(self.file.store.wait) {
            Ok(state) => Some(state),
            Err(why) if why.kind() == Kind::Conflict => return Err(why),
            Err(why) => {
                warnings.push(format!(
                    "this device cannot remember the vault, so it cannot notice an old copy: {why}"
                ));
                None
            }
        };
        let device = self.writing_device();
        let floor = self.floor_of(device)?;
        let journal = self.fold_journal(state.as_ref(), device, now)?;
        if journal.is_damaged() {
            warnings.push(
                "a part of this device's journal could not be read, and was set aside: reveals may \
                 be missing in the log, which says so"
                    .into(),
            );
        }
        if self.file.standing == Freshness::AcceptedOlder {
            let author = author(device, now);
            warnings.extend(self.carry_endings(&journal, replaces.is_some(), &author)?);
        }
        Ok(Begun::Ready(Box::new(Transaction {
            parents: self.parents(),
            session: self,
            _lock: lock,
            state,
            journal,
            device,
            floor,
            warnings,
            replaces,
        })))
    }

    /// Applies `action` to what was read and writes nothing: what a change would refuse is refused.
    /// The session goes on with what would have been written.
    ///
    /// # Errors
    /// Those of `action`, and [`Kind::Conflict`] as [`Self::begin`].
    pub fn rehearse<T>(
        mut self,
        now: Timestamp,
        action: impl FnOnce(&mut Vault, &Author<'_>) -> Result<T>,
    ) -> Result<(T, Self)> {
        self.check_written_together()?;
        self.check_ways_in()?;
        let author = author(self.writing_device(), now);
        let outcome = action(&mut self.vault, &author)?;
        Ok((outcome, self))
    }

    /// Reads the file again; `false` when it asks for another key than the one at hand.
    fn refresh(&mut self) -> Result<bool> {
        let remembered = self.file.store.remembered()?;
        if remembered.sealed.bytes() == self.file.sealed.bytes() {
            self.file = self.file.store.judge(remembered)?;
            return Ok(true);
        }
        remembered.sealed.verify_signature()?;
        let locked = self.file.store.judge(remembered)?;
        // With another way in, a person or a plugin may have to be asked once more.
        if locked.access() != self.file.sealed.access() || self.key.keeper().is_none() {
            return Ok(false);
        }
        let (vault, payload_bytes) = match locked.open(&self.key) {
            Err(why) if why.kind() == Kind::Locked => return Ok(false),
            opened => opened?,
        };
        self.adopt(locked, vault, payload_bytes);
        Ok(true)
    }

    /// This device's id, once it has written or revealed something.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        self.file.state.device().map(|device| device.id)
    }

    /// This device's id, or a new one where its chain is not what this device remembers.
    fn writing_device(&self) -> DeviceId {
        let Some(device) = self.file.state.device() else {
            return new_device_id();
        };
        if continues(&self.vault, &device) && self.file.standing != Freshness::AcceptedOlder {
            device.id
        } else {
            new_device_id()
        }
    }

    /// The time that the device which writes had surely come to when it began.
    fn floor_of(&self, device: DeviceId) -> Result<Option<Timestamp>> {
        match self.file.state.device() {
            Some(known) if known.id == device => Ok(known.floor),
            Some(former) => Ok(latest_of_all(&self.vault)?.max(former.floor)),
            None => latest_of_all(&self.vault),
        }
    }

    /// Takes the journal's events into the log.
    fn fold_journal(
        &mut self,
        state: Option<&LockedDeviceFolder>,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<JournalContent> {
        let Some(state) = state else {
            return Ok(JournalContent::default());
        };
        let key = journal::key(&self.vault)?;
        let content = Journal::new(state, &key, self.vault.vault_id).read();
        if self.file.state.device().is_none() && self.file.state.has_written() {
            self.vault.log.record(device, lost_itself(now));
        }
        for (text, event) in &content.events {
            self.vault.log.fold(device, text.clone(), event.clone());
        }
        if content.is_damaged() {
            let draft = EventDraft::new(now, "journal-damaged", vec![])
                .with("lines", content.damaged.len())
                .with("whole", content.unreadable);
            self.vault.log.record(device, draft);
        }
        Ok(content)
    }
}

pub(super) fn author(device: DeviceId, now: Timestamp) -> Author<'static> {
    Author {
        device,
        now,
        new_id: &Uuid::new_v4,
    }
}

impl Transaction {
    /// Applies `action` and writes the outcome, or writes nothing if it fails. With `new_key` the
    /// file is sealed under that from now on. The session goes on with what was written.
    ///
    /// # Errors
    /// Those of `action`; [`Kind::Failed`] and [`Kind::Conflict`] when it cannot be written: then
    /// the old file stands, or the error says that the new one is written.
    pub fn commit<T>(
        mut self,
        now: Timestamp,
        new_key: Option<&MasterKey>,
        action: impl FnOnce(&mut Vault, &Author<'_>) -> Result<T>,
    ) -> Result<(T, WriteOutcome, Session)> {
        let author = author(self.device, now);
        let session = &mut self.session;
        let outcome = action(&mut session.vault, &author)?;
        let draft = session.next_draft(self.device, std::mem::take(&mut self.parents))?;
        let key = match new_key {
            Some(key) => key,
            None => session.key.keeper().ok_or_else(only_passwd)?,
        };
        let store = &session.file.store;
        let sealed = seal_vault(store, &session.vault, session.payload_bytes, &draft, key)?;
        let prepared = prepare(&store.path, &sealed, key)?;
        let may_be_all = self.replaces.is_some() || session.taken.is_some();
        if may_be_all || session.file.standing == Freshness::AcceptedOlder {
            session.keep_what_is_newer()?;
        }
        session.intend(self.state.as_ref(), &sealed)?;
        let replaced = match &self.replaces {
            Some(broken) => Replaced::Broken(broken),
            None => Replaced::Base(&session.file.sealed),
        };
        // What a power cut may take back is not remembered: it would make what is there then look
        // like an old copy.
        replaced.give_way(store, prepared)?.sync()?;
        session.file.sealed = sealed;
        let written = self.remember(now);
        Ok((outcome, written, self.session))
    }

    /// After the rename the change is safe: what fails from here on is told, not undone.
    fn remember(&mut self, now: Timestamp) -> WriteOutcome {
        let mut warnings = std::mem::take(&mut self.warnings);
        let session = &mut self.session;
        let pruned = session.prune(self.state.as_ref(), now);
        warnings.extend(pruned.err().map(|why| {
            format!("the change is saved; earlier generations were not cleared away: {why}")
        }));
        if let Some(state) = &self.state {
            let journal_key = journal::key(&session.vault);
            let outcome = remember(
                state,
                &session.file.store,
                &session.file.sealed,
                &session.vault,
                (self.device, self.floor),
                session.file.pin.as_ref(),
            )
            .and_then(|()| {
                Journal::new(state, &journal_key?, session.vault.vault_id).clear(&self.journal)
            });
            // What the session writes next goes on from this.
            session.file.pin = Some(pin_of(&session.file.sealed, &session.vault));
            if let Err(why) = outcome {
                warnings.push(format!(
                    "the change is saved, but this device's memory of it is not: {why}"
                ));
            }
        }
        WriteOutcome {
            warnings,
            unsafe_yet: None,
        }
    }
}

impl Session {
    /// Stamps the vault as the next generation after both the file and what this device has seen.
    pub(super) fn next_draft(&mut self, device: DeviceId, parents: Vec<[u8; 32]>) -> Result<Draft> {
        let facts = self.file.sealed.facts();
        // After all that was seen, whoever signed it.
        let pinned = self.file.pin.as_ref().map_or(0, |pin| pin.generation);
        let generation = facts
            .generation
            .max(pinned)
            .max(self.taken.as_ref().map_or(0, TakenIn::generation))
            .checked_add(1)
            .ok_or_else(|| Error::failed("the vault has no generation left to count"))?;
        let draft = Draft {
            vault_id: facts.vault_id,
            generation,
            parents,
        };
        self.vault.generation = generation;
        self.vault.parents = parents_text(&draft.parents);
        self.vault.device = device;
        Ok(draft)
    }

    /// Remembers that `sealed` is put in place knowingly, where the pin alone would have it refused
    /// until it has followed: it goes on from an older file, or another key signs it.
    fn intend(&self, state: Option<&LockedDeviceFolder>, sealed: &SealedFile) -> Result<()> {
        let signer = sealed.facts().signer.to_openssh();
        let other_signer = self
            .file
            .pin
            .as_ref()
            .is_some_and(|pin| pin.signer != signer);
        match state {
            Some(state) if other_signer || self.file.standing == Freshness::AcceptedOlder => {
                state.intend(&sealed.signature())
            }
            None if other_signer => Err(Error::failed(
                "this device cannot remember the vault's new signer, and would refuse the vault",
            )
            .hint("make its state folder writable first: vault doctor shows where it is")),
            _ => Ok(()),
        }
    }

    /// Where an older file was accepted, or a vault is put in the place of another file, the newest
    /// that this device wrote may be all that there is of what came later: it goes to the backups
    /// before it is written over.
    pub(super) fn keep_what_is_newer(&self) -> Result<()> {
        let last = self.file.state.last();
        match scan(&last) {
            Ok(newer) if newer.verify_signature().is_ok() => {
                let hash = parents_text(&[newer.sha256()]);
                generations::save_file(
                    &self.file.store.path,
                    &last,
                    newer.facts().generation,
                    &hash,
                )
            }
            _ => Ok(()),
        }
    }

    /// Removes earlier generations that are past keeping.
    fn prune(&self, state: Option<&LockedDeviceFolder>, now: Timestamp) -> Result<()> {
        let mut signers = former_signers(&self.vault);
        signers.push(self.facts().signer.to_openssh());
        let ours = Ours {
            vault_id: self.vault.vault_id,
            signers,
        };
        generations::prune(&self.file.store.path, &ours, state, now.into())
    }
}

impl VaultPlace {
    /// Writes the first generation of `vault`. Never overwrites.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when anything stands there, [`Kind::Failed`] when it cannot be written:
    /// then there is none.
    pub fn create(&self, vault: &Vault, key: &MasterKey) -> Result<WriteOutcome> {
        let _lock = self.lock_place()?;
        if self.exists() {
            return Err(super::disk::file::exists(&self.path));
        }
        let draft = Draft {
            vault_id: vault.vault_id,
            generation: vault.generation,
            parents: vec![],
        };
        let sealed = seal_vault(self, vault, 0, &draft, key)?;
        let prepared = prepare(&self.path, &sealed, key)?;
        if let Err(why) = Replaced::Nothing.give_way(self, prepared)?.sync() {
            // What a power cut may take back is not held against what is there then.
            return Ok(WriteOutcome {
                warnings: vec![],
                unsafe_yet: Some(why),
            });
        }
        let state = self.root.vault(vault.vault_id).lock();
        let remembered = state
            .and_then(|state| remember(&state, self, &sealed, vault, (vault.device, None), None));
        let warnings = remembered
            .err()
            .map(|why| format!("the vault is made, but this device cannot remember it: {why}"));
        Ok(WriteOutcome {
            warnings: warnings.into_iter().collect(),
            unsafe_yet: None,
        })
    }
}

fn remember(
    state: &LockedDeviceFolder,
    store: &VaultPlace,
    sealed: &SealedFile,
    vault: &Vault,
    (device, floor): (DeviceId, Option<Timestamp>),
    known: Option<&Pin>,
) -> Result<()> {
    let chain = vault
        .log
        .chain(device)
        .map_or_else(LogHead::default, Chain::head);
    let device = Device {
        id: device,
        chain,
        floor,
    };
    // Each is worth having without the others. What can be gone back to comes before the pin, which
    // would have anything older refused.
    [
        state.keep_last(sealed.bytes()),
        store.remember_place(vault.vault_id),
        state.raise_pin(&pin_of(sealed, vault), known, Lasting::NameLater),
        state.remember_device(&device, Lasting::NameLater),
        state.sync(),
    ]
    .into_iter()
    .collect()
}
