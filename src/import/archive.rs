//! ZIP archives, read in memory: nothing is ever unpacked to disk, sizes are counted and not
//! believed, and an archive that names paths outside of itself is refused.

use std::io::{Cursor, Read};

use zeroize::Zeroizing;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};
use crate::model::limits::IMPORT_BYTES;

/// Files in one archive.
const MEMBERS: usize = 100_000;

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
            room: IMPORT_BYTES,
        })
    }

    /// The names of its files.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Unpacks a file; nothing where there is none of that name.
    pub(super) fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(malformed("a file in it")),
        };
        if file.encrypted() {
            return Err(Error::refused("the archive is encrypted")
                .hint("export again without a password, or unpack it first"));
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let limit = self.room + 1;
        let unpacked = file.take(limit).read_to_end(&mut bytes);
        unpacked.map_err(|_| malformed("a file in it"))?;
        let left = self.room.checked_sub(bytes.len() as u64).ok_or_else(|| {
            Error::usage(format!(
                "the archive unpacks to more than {IMPORT_BYTES} bytes, the limit"
            ))
        })?;
        self.room = left;
        Ok(Some(bytes))
    }
}

fn malformed(what: &str) -> Error {
    Error::usage(format!("the archive is malformed: {what} cannot be read"))
        .hint("export it again; nothing was changed")
}

fn leads_out(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}
