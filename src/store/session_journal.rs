//! What this device did without writing the vault: a reveal goes to its journal, under the state
//! folder's own lock, before the secret is out.

use std::borrow::Cow;

use jiff::Timestamp;
use uuid::Uuid;

use super::device::folder::{Device, DeviceFolder, LockedDeviceFolder};
use super::device::journal;
use super::device::journal::Journal;
use super::disk::file::Lasting;
use super::session::{Session, new_device_id};
use crate::crypto::JournalKey;
use crate::error::Result;
use crate::model::history::clock::latest;
use crate::model::records::cell::DeviceId;
use crate::model::records::chain::Chain;
use crate::model::records::entry::Entry;
use crate::model::records::event::{Event, EventDraft, LogHead, sha256_hex};
use crate::model::vault::Vault;

/// What the journal holds beyond the vault's own log.
#[derive(Debug, Default)]
pub struct Journalled {
    /// The events, oldest first, each with this device.
    pub events: Vec<(DeviceId, Event)>,
    /// How far it had come after each of them.
    pub heads: Vec<LogHead>,
    /// The number of the first event that does not follow from the one before.
    pub unlinked: Option<u64>,
    /// Whether some of it cannot be read.
    pub is_damaged: bool,
}

impl Session {
    /// Records in this device's journal that something was revealed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] or [`crate::error::Kind::Conflict`] when the journal cannot
    /// be written; the caller warns and still answers.
    pub fn journal(&self, draft: EventDraft) -> Result<()> {
        self.journal_all(vec![draft])
    }

    /// As [`Self::journal`], several in one write; none is no write.
    pub(crate) fn journal_all(&self, drafts: Vec<EventDraft>) -> Result<()> {
        if drafts.is_empty() {
            return Ok(());
        }
        self.pen()?.append(drafts)
    }

    /// What writes to this device's journal when the session is gone, after a change that failed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when the journal's key is damaged.
    pub fn pen(&self) -> Result<Pen> {
        let device = self.file.state.device();
        let chain = device.and_then(|device| self.vault.log.chain(device.id));
        Ok(Pen {
            state: self.file.state.clone(),
            key: journal::key(&self.vault)?,
            vault: self.vault.vault_id,
            in_vault: chain.map(Chain::head),
            floor: self.clock_floor()?,
        })
    }

    /// What this device did since its last write.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] or [`crate::error::Kind::Conflict`] when its journal cannot
    /// be looked at.
    pub fn journalled(&self) -> Result<Journalled> {
        let Some(device) = self.file.state.device() else {
            return Ok(Journalled::default());
        };
        let state = self.file.state.lock()?;
        let key = journal::key(&self.vault)?;
        let content = Journal::new(&state, &key, self.vault.vault_id).read();
        let is_damaged = content.is_damaged();
        let chain = self.vault.log.chain(device.id);
        let written = chain.map_or(0, |chain| chain.count);
        let new = content.events.into_iter();
        let new: Vec<_> = new.filter(|(_, event)| event.n > written).collect();
        let mut at = vec![device.chain, chain.map(Chain::head).unwrap_or_default()];
        let (mut heads, mut unlinked) = (Vec::new(), None);
        for (text, event) in &new {
            let is_next = |it: &LogHead| it.count + 1 == event.n && it.head == event.prev;
            if !at.iter().any(is_next) {
                unlinked.get_or_insert(event.n);
            }
            let head = LogHead {
                count: event.n,
                head: sha256_hex(text.as_bytes()),
            };
            at = vec![head.clone()];
            heads.push(head);
        }
        let events = new.into_iter().map(|(_, event)| (device.id, event));
        Ok(Journalled {
            events: events.collect(),
            heads,
            unlinked,
            is_damaged,
        })
    }

    /// How far the log of each device has come, with what this one did since its last write.
    ///
    /// # Errors
    /// As [`Self::journalled`].
    pub fn heads(&self) -> Result<Vec<(DeviceId, LogHead)>> {
        let chains = self.vault.log.chains().iter();
        let mut heads: Vec<_> = chains.map(|chain| (chain.device, chain.head())).collect();
        let mut journalled = self.journalled()?;
        let device = journalled.events.first().map(|(device, _)| *device);
        if let Some((device, head)) = device.zip(journalled.heads.pop()) {
            heads.retain(|(other, before)| *other != device || head.count <= before.count);
            heads.push((device, head));
        }
        Ok(heads)
    }

    /// The later of `now` and what this device did last, so that what ended does not revive when
    /// the clock is turned back.
    pub(crate) fn no_earlier_than_log(&self, now: Timestamp) -> Result<Timestamp> {
        let device = self.file.state.device();
        let chain = device.and_then(|device| self.vault.log.chain(device.id));
        let mut events = (chain.into_iter().flat_map(Chain::read)).collect::<Result<Vec<_>>>()?;
        // Where the state folder cannot be written, nothing was journalled either.
        let journalled = self.journalled().unwrap_or_default().events;
        events.extend(journalled.into_iter().map(|(_, event)| event));
        let latest = latest(self.clock_floor()?, events.iter());
        Ok(latest.map_or(now, |latest| latest.max(now)))
    }

    /// The time that this device had surely come to when it began. One that is not known here,
    /// since its memory is lost or it is new, begins now, after all that the vault holds.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed event.
    pub fn clock_floor(&self) -> Result<Option<Timestamp>> {
        match self.file.state.device() {
            Some(device) => Ok(device.floor),
            None => latest_of_all(&self.vault),
        }
    }

    /// An entry as far as it may be told at `now`, see [`Vault::as_visible`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, and as [`Self::journalled`].
    pub fn as_visible<'a>(&'a self, entry: &'a Entry, now: Timestamp) -> Result<Cow<'a, Entry>> {
        match entry.received {
            None => Ok(Cow::Borrowed(entry)),
            Some(_) => self.vault.as_visible(entry, self.no_earlier_than_log(now)?),
        }
    }

    /// All entries that are not in the trash, as [`Self::as_visible`] gives each, sorted by path.
    pub(crate) fn all_visible(&self, now: Timestamp) -> Result<Vec<(String, Cow<'_, Entry>)>> {
        let live = self.vault.live()?;
        let any_received = live.iter().any(|(_, entry)| entry.received.is_some());
        let now = if any_received {
            self.no_earlier_than_log(now)?
        } else {
            now
        };
        let told = live
            .into_iter()
            .map(|(path, entry)| Ok((path, self.vault.as_visible(entry, now)?)));
        told.collect()
    }

    /// Every event that is known here: the log's, and what this device did since its last write.
    /// Where some of that cannot be read, `missing` is told why.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed event of the log.
    pub fn all_events(&self, missing: impl FnOnce(&str)) -> Result<Vec<(DeviceId, Event)>> {
        let mut events = Vec::new();
        for chain in self.vault.log.chains() {
            for event in chain.read() {
                events.push((chain.device, event?));
            }
        }
        match self.journalled() {
            Ok(journalled) => {
                events.extend(journalled.events);
                if journalled.is_damaged {
                    missing(
                        "a part of this device's journal cannot be read: reveals may be missing here",
                    );
                }
            }
            Err(why) => missing(&format!(
                "this device's reveals since its last change are missing here: {why}"
            )),
        }
        Ok(events)
    }
}

/// Writes to this device's journal of one vault.
#[derive(Debug)]
pub struct Pen {
    state: DeviceFolder,
    key: JournalKey,
    vault: Uuid,
    /// How far this device's chain in the vault had come.
    in_vault: Option<LogHead>,
    floor: Option<Timestamp>,
}

impl Pen {
    /// As [`Session::journal`].
    pub fn journal(&self, draft: EventDraft) -> Result<()> {
        self.append(vec![draft])
    }

    fn append(&self, mut drafts: Vec<EventDraft>) -> Result<()> {
        let state = self.state.lock()?;
        let known = self.state.device();
        if let Some(time) = drafts.first().map(|draft| draft.time)
            && known.is_none()
            && self.state.has_written()
        {
            drafts.insert(0, lost_itself(time));
        }
        let device = match known {
            Some(device) => device,
            None => self.new_device(&state)?,
        };
        let head = furthest(device.chain, self.in_vault.clone());
        Journal::new(&state, &self.key, self.vault).append(head, drafts)
    }

    /// This device under a new id, made known to itself.
    fn new_device(&self, state: &LockedDeviceFolder) -> Result<Device> {
        let device = Device {
            id: new_device_id(),
            chain: LogHead::default(),
            floor: self.floor,
        };
        state.remember_device(&device, Lasting::No)?;
        Ok(device)
    }
}

/// The first event of a device that knew no longer who it was.
pub(super) fn lost_itself(time: Timestamp) -> EventDraft {
    EventDraft::new(time, "journal-damaged", vec![]).with("device", true)
}

/// The latest time at which any device has done something.
pub(super) fn latest_of_all(vault: &Vault) -> Result<Option<Timestamp>> {
    let mut latest_of_all = None;
    for chain in vault.log.chains() {
        let events = chain.read().collect::<Result<Vec<_>>>()?;
        latest_of_all = latest_of_all.max(latest(None, events.iter()));
    }
    Ok(latest_of_all)
}

fn furthest(device: LogHead, in_vault: Option<LogHead>) -> LogHead {
    match in_vault {
        Some(head) if head.count > device.count => head,
        _ => device,
    }
}
