//! Takes what readers find, holds it against the limits, and keeps account of what is left out.

use crate::error::{Error, Result};
use crate::model::entry::attachments::check_attachment_size;
use crate::model::text::limits::{
    ATTACHMENTS_BYTES, ENTRIES, IMPORT_ATTACHMENTS, IMPORT_ENTRIES, IMPORT_ENTRY_BYTES,
    IMPORT_GROWTH, IMPORT_MEMORY,
};
use crate::model::transfer::import::{Candidate, ExportExtras, FieldNames, Imported};
use crate::model::transfer::portable::{PortableClient, PortableEntry};

/// A row of the source, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it stands in the source; 0 for what is said of the source as a whole.
    pub row: u64,
    /// What there is to say; nothing of its content.
    pub reason: String,
}

/// What was read so far.
#[derive(Default)]
pub struct Intake {
    /// What can be kept.
    pub candidates: Vec<Candidate>,
    /// What the source itself has thrown away.
    pub skipped: Vec<Note>,
    /// What cannot be kept, in whole or in part.
    pub refused: Vec<Note>,
    /// What an export of this program has besides.
    pub extras: ExportExtras,
    /// Entries that go back to the trash.
    pub trashed: usize,
    /// Records that are in an export of this program for reading only.
    pub for_reading: u64,
    /// Rows read, whatever came of them.
    pub read: u64,
    /// Entries that a source of its size may hold.
    most: u64,
    /// Memory that what is found may still take, in bytes.
    memory: u64,
    /// Bytes of attachments that may still be taken.
    room_for_files: u64,
    /// Attachments taken.
    files: usize,
    /// What the names of its fields become.
    field_names: FieldNames,
    /// Is told how many were read.
    progress: Option<Box<dyn Fn(u64)>>,
}

impl Intake {
    /// An empty one for a source of `size` bytes, that tells `progress` how many rows were read.
    #[must_use]
    pub fn new(size: usize, progress: Box<dyn Fn(u64)>) -> Self {
        Self {
            progress: Some(progress),
            most: IMPORT_ENTRIES + size as u64 / IMPORT_ENTRY_BYTES,
            memory: IMPORT_MEMORY + IMPORT_GROWTH * size as u64,
            room_for_files: ATTACHMENTS_BYTES,
            ..Self::default()
        }
    }

    /// Takes a credential, or notes why it cannot be kept. One with nothing in it is left out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] past the limit of entries, and where what was found takes more
    /// memory than is given to a source of its size.
    pub fn entry(&mut self, imported: Imported) -> Result<()> {
        if imported.is_blank() {
            return self.skip(imported.row, "it is empty");
        }
        self.count()?;
        let row = imported.row;
        match Candidate::fit(imported, &mut self.field_names) {
            Ok(mut candidate) => {
                for reason in std::mem::take(&mut candidate.left_out) {
                    self.refused.push(Note { row, reason });
                }
                self.weigh(candidate.weight())?;
                self.candidates.push(candidate);
            }
            Err(reason) => self.refused.push(Note { row, reason }),
        }
        Ok(())
    }

    /// Takes an entry of this program's own export, or notes why it cannot be kept.
    ///
    /// # Errors
    /// As [`Self::entry`].
    pub fn own(&mut self, row: u64, entry: PortableEntry) -> Result<()> {
        self.count()?;
        let in_trash = entry.removed.is_some();
        let taken = if in_trash {
            Candidate::check_own(&entry).map(|()| self.extras.trash.push((row, entry)))
        } else {
            Candidate::own(row, entry).map(|candidate| self.candidates.push(candidate))
        };
        if let Some(weight) = self.candidates.last().map(Candidate::weight) {
            // It is there as it is spelt, too.
            self.weigh(2 * weight)?;
        }
        if let Err(reason) = taken {
            self.refused.push(Note { row, reason });
        }
        Ok(())
    }

    /// Takes a client of this program's own export.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for one that cannot be kept: its entries could not be either.
    pub fn client(&mut self, client: PortableClient) -> Result<()> {
        client
            .check()
            .map_err(|why| Error::usage(format!("client {} cannot be kept: {why}", client.id)))?;
        self.extras.clients.push(client);
        Ok(())
    }

    /// Notes what the source itself has thrown away or does not use.
    ///
    /// # Errors
    /// As [`Self::entry`].
    pub fn skip(&mut self, row: u64, reason: &str) -> Result<()> {
        self.count()?;
        let reason = reason.to_owned();
        self.skipped.push(Note { row, reason });
        Ok(())
    }

    /// Notes a row that cannot be read.
    ///
    /// # Errors
    /// As [`Self::entry`].
    pub fn refuse(&mut self, row: u64, reason: impl Into<String>) -> Result<()> {
        self.count()?;
        let reason = reason.into();
        self.refused.push(Note { row, reason });
        Ok(())
    }

    /// Notes what a row that is kept loses.
    pub fn lose(&mut self, row: u64, reason: impl Into<String>) {
        let reason = reason.into();
        self.refused.push(Note { row, reason });
    }

    /// Notes what the source loses as a whole.
    pub fn lose_of_file(&mut self, what: impl Into<String>) {
        self.lose(0, what);
    }

    /// Whether the source has nothing that could be kept or told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read == 0 && self.for_reading == 0 && self.extras.is_empty()
    }

    /// Whether there is nothing to keep, though there were rows.
    #[must_use]
    pub fn keeps_none(&self) -> bool {
        let has_rows = !self.refused.is_empty() || !self.skipped.is_empty();
        self.candidates.is_empty() && self.extras.is_empty() && has_rows
    }

    /// Settles what becomes of what was in the trash: it goes there again, or is left out.
    #[must_use]
    pub fn settle_extras(&mut self, is_taken: bool) -> ExportExtras {
        let mut extras = std::mem::take(&mut self.extras);
        if is_taken {
            self.trashed = extras.trash.len();
        } else {
            let left = extras.trash.drain(..).map(|(row, _)| Note {
                row,
                reason: "it is in the trash there".to_owned(),
            });
            self.skipped.extend(left);
        }
        extras
    }

    /// Ends the telling of progress.
    pub fn done(&mut self) {
        self.progress = None;
    }

    /// Whether an attachment of `size` bytes is to be read; if not, why it is left out. A vault has
    /// no room for more of them.
    ///
    /// # Errors
    /// The reason.
    pub fn room_for_file(&mut self, size: usize) -> std::result::Result<(), String> {
        check_attachment_size(size).map_err(|why| format!("an attachment of it: {why}"))?;
        let left = self.room_for_files.checked_sub(size as u64);
        let left = left.filter(|_| self.files < IMPORT_ATTACHMENTS);
        self.room_for_files = left.ok_or_else(|| {
            format!(
                "an attachment of it: the file holds more than {ATTACHMENTS_BYTES} bytes of them, or more than {IMPORT_ATTACHMENTS}, the limits"
            )
        })?;
        self.files += 1;
        Ok(())
    }

    fn weigh(&mut self, bytes: u64) -> Result<()> {
        if (self.candidates.len() + self.extras.trash.len()) as u64 >= self.most {
            return Err(Error::usage(format!(
                "the file has more than {} entries, the limit for a file of its size",
                self.most
            ))
            .hint("import parts of it one after another"));
        }
        self.memory = self.memory.checked_sub(bytes).ok_or_else(|| {
            Error::usage(
                "what the file holds takes more memory than is given to a file of its size",
            )
            .hint("import parts of it one after another")
        })?;
        Ok(())
    }

    fn count(&mut self) -> Result<()> {
        if self.read >= ENTRIES as u64 {
            return Err(Error::usage(format!(
                "the file has more than {ENTRIES} entries, the limit of a vault"
            ))
            .hint("import the part that you need, or parts of it into several vaults"));
        }
        self.read += 1;
        if let Some(progress) = &self.progress {
            progress(self.read);
        }
        Ok(())
    }
}
