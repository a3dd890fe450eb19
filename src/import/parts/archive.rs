//! ZIP archives, read in memory: nothing is ever unpacked to disk, sizes are counted and not
//! believed, and an archive that names paths outside of itself is refused.

use std::io::{Cursor, Read};

use zeroize::Zeroizing;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};
use crate::import::Intake;
use crate::model::text::limits::IMPORT_UNPACKED_BYTES;

/// Files in one archive.
const MEMBERS: usize = 100_000;

/// A file of an archive, or why it is left out.
pub(crate) type Attached = std::result::Result<Zeroizing<Vec<u8>>, String>;

/// An archive.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
}

impl<'a> Archive<'a> {
    /// Whether the bytes are an archive.
    pub(crate) fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
    }

    /// Reads the list of what is in it.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self> {
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
        Ok(Self { zip, names })
    }

    /// The names of its files.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Unpacks a file; nothing where there is none of that name.
    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let limit = IMPORT_UNPACKED_BYTES;
        let all = usize::try_from(limit).unwrap_or(usize::MAX);
        let unpacked = self.unpack(name, |_| Ok(all))?;
        match unpacked {
            Some(Ok(bytes)) if bytes.len() as u64 > limit => Err(Error::usage(format!(
                "the archive unpacks to more than {limit} bytes, the limit"
            ))),
            Some(unpacked) => Ok(unpacked.ok()),
            None => Ok(None),
        }
    }

    /// Unpacks a file that is to be attached to an entry, if the intake has room for the size that
    /// it says; if not, that is the reason why it is left out.
    pub(crate) fn read_attachment(
        &mut self,
        name: &str,
        intake: &mut Intake,
    ) -> Result<Option<Attached>> {
        let mut said = 0;
        let unpacked = self.unpack(name, |size| {
            said = usize::try_from(size).unwrap_or(usize::MAX);
            intake.room_for_file(said).map(|()| said)
        })?;
        Ok(unpacked.map(|unpacked| {
            let is_longer = |bytes: &Zeroizing<Vec<u8>>| bytes.len() > said;
            match unpacked {
                Ok(bytes) if is_longer(&bytes) => Err("an attachment of it is damaged".into()),
                unpacked => unpacked,
            }
        }))
    }

    /// Unpacks a file up to the limit that `limit` gives for the size that it says, and a byte.
    /// That size is believed as far as the limit goes.
    fn unpack(
        &mut self,
        name: &str,
        limit: impl FnOnce(u64) -> std::result::Result<usize, String>,
    ) -> Result<Option<Attached>> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(malformed("a file in it")),
        };
        if file.encrypted() {
            return Err(Error::refused("the archive is encrypted")
                .hint("export again without a password, or unpack it first"));
        }
        let said = usize::try_from(file.size()).unwrap_or(usize::MAX);
        let limit = match limit(file.size()) {
            Ok(limit) => limit,
            Err(why) => return Ok(Some(Err(why))),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(said.min(limit) + 1));
        let unpacked = file.take(limit as u64 + 1).read_to_end(&mut bytes);
        unpacked.map_err(|_| malformed("a file in it"))?;
        Ok(Some(Ok(bytes)))
    }
}

fn malformed(what: &str) -> Error {
    Error::usage(format!("the archive is malformed: {what} cannot be read"))
        .hint("export it again; nothing was changed")
}

fn leads_out(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}
