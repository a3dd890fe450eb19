//! What this device did without writing the vault: one sealed line for each reveal, until the next
//! write takes them into the log.
//!
//! The lines are events of this device's chain, sealed under a key from the vault, so that the
//! file tells nobody what was looked at. They are written without a sync: a reveal that a power
//! cut erased is not worth a wait at each `get`.

use std::fs;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use uuid::Uuid;

use super::folder::LockedDeviceFolder;
use crate::crypto::JournalKey;
use crate::error::{Error, Kind, Result};
use crate::model::records::event::{Event, EventDraft, LogHead, sha256_hex};
use crate::store::disk::file::{failed, read_bounded};

/// The journal's file.
const FILE: &str = "journal";
/// Lines that could not be read are moved here.
const DAMAGED_FILE: &str = "journal.damaged";
/// The most that is read of a journal, in bytes (64 MiB, some 100,000 reveals since a write).
const LIMIT: u64 = 64 << 20;
/// What is read to find the last line, in bytes; a line has well under a tenth of it.
const TAIL: u64 = 16 << 10;

/// The journal of one vault on this device.
pub struct Journal<'a> {
    state: &'a LockedDeviceFolder,
    key: &'a JournalKey,
    vault: Uuid,
}

/// What a journal holds.
#[derive(Debug, Default)]
pub struct JournalContent {
    /// Events with their exact text, oldest first.
    pub events: Vec<(String, Event)>,
    /// Lines that are torn or sealed under another key.
    pub damaged: Vec<Vec<u8>>,
    /// Whether the file as a whole cannot be read: it is too large, or no file.
    pub unreadable: bool,
}

impl JournalContent {
    /// Whether anything in it is lost.
    pub fn is_damaged(&self) -> bool {
        self.unreadable || !self.damaged.is_empty()
    }
}

impl<'a> Journal<'a> {
    /// The journal in a state folder that no other process changes meanwhile.
    pub fn new(state: &'a LockedDeviceFolder, key: &'a JournalKey, vault: Uuid) -> Self {
        Self { state, key, vault }
    }

    /// Appends events after `head`, or after the journal's last line if that is further, in one
    /// write.
    ///
    /// # Errors
    /// [`Kind::Failed`] when the file cannot be written.
    pub fn append(&self, head: LogHead, drafts: Vec<EventDraft>) -> Result<()> {
        let path = self.state.file(FILE);
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new()
                .read(true)
                .append(true)
                .create(true)
                .mode(0o600)
                .open(&path)?;
            if file.metadata()?.len() > LIMIT {
                return Err(std::io::Error::other("it is full; any change empties it"));
            }
            let tail = tail(&mut file)?;
            let last = self.last(&tail).filter(|last| last.count > head.count);
            let mut head = last.unwrap_or(head);
            let mut lines = String::new();
            // A line that a crash cut off must not take this one with it.
            if !(tail.is_empty() || tail.ends_with(b"\n")) {
                lines.push('\n');
            }
            for draft in drafts {
                let (event, next) = head.extend(draft);
                lines.push_str(&self.seal(&event).map_err(std::io::Error::other)?);
                lines.push('\n');
                head = next;
            }
            file.write_all(lines.as_bytes())
        };
        write().map_err(|why| failed("write the journal", &path, &why))
    }

    /// Reads all lines. What cannot be read is lost and blocks nothing.
    pub fn read(&self) -> JournalContent {
        let bytes = match read_bounded(&self.state.file(FILE), LIMIT) {
            Err(why) if why.kind() == Kind::NotFound => return JournalContent::default(),
            Err(_) => {
                return JournalContent {
                    unreadable: true,
                    ..JournalContent::default()
                };
            }
            Ok(bytes) => bytes,
        };
        let mut content = JournalContent::default();
        for line in bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            match self.open(line) {
                Some(event) => content.events.push(event),
                None => content.damaged.push(line.to_vec()),
            }
        }
        content
    }

    /// Empties the journal after a write has taken `content` in; what was damaged is set aside.
    ///
    /// # Errors
    /// [`Kind::Failed`]; then the next write finds the events again and skips them.
    pub fn clear(&self, content: &JournalContent) -> Result<()> {
        let path = self.state.file(FILE);
        if content.unreadable {
            return self.set_aside(&path);
        }
        if !content.damaged.is_empty() {
            let aside = self.state.file(DAMAGED_FILE);
            OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(&aside)
                .and_then(|mut file| {
                    let lines = [content.damaged.join(&b'\n').as_slice(), b"\n"].concat();
                    file.write_all(&lines)
                })
                .map_err(|why| failed("write", &aside, &why))?;
        }
        if content.events.is_empty() && content.damaged.is_empty() {
            return Ok(());
        }
        OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_len(0))
            .map_err(|why| failed("empty", &path, &why))
    }

    /// Moves a journal that cannot be read out of the way.
    fn set_aside(&self, path: &Path) -> Result<()> {
        // Where so many were moved away before, the last one gives way.
        let number = (1..100)
            .find(|number| self.aside(*number).symlink_metadata().is_err())
            .unwrap_or(100);
        fs::rename(path, self.aside(number)).map_err(|why| failed("move away", path, &why))
    }

    fn aside(&self, number: u32) -> PathBuf {
        self.state.file(&format!("{DAMAGED_FILE}-{number}"))
    }

    fn seal(&self, event: &str) -> Result<String> {
        let sealed = self.key.seal(event.as_bytes(), self.vault.as_bytes())?;
        Ok(STANDARD_NO_PAD.encode(sealed))
    }

    fn open(&self, line: &[u8]) -> Option<(String, Event)> {
        let sealed = STANDARD_NO_PAD.decode(line).ok()?;
        let opened = self.key.open(&sealed, self.vault.as_bytes())?;
        let text = std::str::from_utf8(&opened).ok()?.to_owned();
        let event = serde_json::from_str(&text).ok()?;
        Some((text, event))
    }

    fn last(&self, tail: &[u8]) -> Option<LogHead> {
        let mut lines = tail.split(|&b| b == b'\n').rev();
        let (text, event) = lines.find_map(|line| self.open(line))?;
        Some(LogHead {
            count: event.n,
            head: sha256_hex(text.as_bytes()),
        })
    }
}

fn tail(file: &mut (impl Read + Seek)) -> std::io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::with_capacity(usize::try_from(length.min(TAIL)).unwrap_or_default() + 1);
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(tail)
}

/// The journal's key as the vault holds it.
///
/// # Errors
/// [`Kind::Integrity`] when it is none.
pub(crate) fn key(vault: &crate::model::vault::Vault) -> Result<JournalKey> {
    JournalKey::from_base64(&vault.identity.journal)
        .map_err(|_| Error::integrity("the vault's journal key is malformed"))
}
