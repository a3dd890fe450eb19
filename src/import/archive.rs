//! ZIP archives, read in memory: nothing is ever unpacked to disk, sizes are counted and not
//! believed, and an archive that names paths outside of itself is refused.

use std::io::{Cursor, Read};

use zeroize::Zeroizing;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};
use crate::model::limits::{ATTACHMENT_BYTES, IMPORT_UNPACKED_BYTES};

/// Files in one archive.
const MEMBERS: usize = 100_000;

/// A file of an archive.
pub(super) enum Unpacked {
    /// All of it.
    Whole(Zeroizing<Vec<u8>>),
    /// It is longer than was asked for: it has at least so many bytes.
    Long(usize),
}

/// An archive.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    /// Bytes that may still be unpacked.
    room: u64,
}

impl<'a> Archive<'a> {
    /// Whether the bytes are an archive.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
    }

    /// Reads the list of what is in it.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let zip =
            ZipArchive::new(Cursor::new(bytes)).map_err(|_| malformed("its list of files"))?;
        if zip.len() > MEMBERS {
            let message = format!(
                "the archive has {} files, the limit is {MEMBERS}",
                zip.len()
            );
            return Err(Error::usage(message));
        }
        let names = zip
            .file_names()
            .map(|name| name.map(std::borrow::Cow::into_owned));
        let names: Vec<String> = names
            .collect::<Result<_, _>>()
            .map_err(|_| malformed("its list of files"))?;
        if names.iter().any(|name| leads_out(name)) {
            return Err(Error::refused("the archive names files outside of itself")
                .hint("no export does that: do not trust where it came from"));
        }
        Ok(Self {
            zip,
            names,
            room: IMPORT_UNPACKED_BYTES,
        })
    }

    /// The names of its files.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Unpacks a file; nothing where there is none of that name.
    pub(super) fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let room = usize::try_from(self.room).unwrap_or(usize::MAX);
        match self.unpack(name, room)? {
            Some(Unpacked::Whole(bytes)) => Ok(Some(bytes)),
            Some(Unpacked::Long(_)) => Err(Error::usage(format!(
                "the archive unpacks to more than {IMPORT_UNPACKED_BYTES} bytes, the limit"
            ))),
            None => Ok(None),
        }
    }

    /// Unpacks a file that is to be attached to an entry, unless it is larger than that may be.
    pub(super) fn read_attachment(&mut self, name: &str) -> Result<Option<Unpacked>> {
        self.unpack(name, ATTACHMENT_BYTES)
    }

    fn unpack(&mut self, name: &str, limit: usize) -> Result<Option<Unpacked>> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(malformed("a file in it")),
        };
        if file.encrypted() {
            return Err(Error::refused("the archive is encrypted")
                .hint("export again without a password, or unpack it first"));
        }
        // The size that it says is believed up to the limit.
        let said = usize::try_from(file.size()).unwrap_or(limit).min(limit);
        let mut bytes = Zeroizing::new(Vec::with_capacity(said + 1));
        let unpacked = file.take(limit as u64 + 1).read_to_end(&mut bytes);
        unpacked.map_err(|_| malformed("a file in it"))?;
        if bytes.len() > limit {
            return Ok(Some(Unpacked::Long(bytes.len())));
        }
        self.room = self.room.saturating_sub(bytes.len() as u64);
        Ok(Some(Unpacked::Whole(bytes)))
    }
}

fn malformed(what: &str) -> Error {
    Error::usage(format!("the archive is malformed: {what} cannot be read"))
        .hint("export it again; nothing was changed")
}

fn leads_out(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}
