//! References to what can be handed over as a file: what any reference stands for, and besides
//! `vault://CLIENT/NAME?file=FILE`, a file that is attached.

use std::str::FromStr;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::reference::{FILE_MARK, Reading, Reference, decoded};
use crate::error::Result;
use crate::model::records::attachment::Attachment;
use crate::model::records::entry::Entry;
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::model::vault::Vault;

/// Where something stands in a vault that can be a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileReference {
    /// A secret or another field.
    Text(Reference),
    /// A file of an entry.
    Attached(EntryPath, AttachmentName),
}

impl FromStr for FileReference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((entry, name)) = text.split_once(FILE_MARK) else {
            return text.parse().map(Self::Text);
        };
        if entry.contains('#') || name.contains('#') {
            return Err("it names a field and a file: a file has no fields".into());
        }
        let entry: Reference = entry.parse()?;
        let name = decoded(name)?.parse()?;
        Ok(Self::Attached(entry.entry().clone(), name))
    }
}

/// What a reference stands for at one moment.
#[derive(Debug)]
pub enum FileReading<'a> {
    /// A text.
    Text(Reading<'a>),
    /// A file.
    Attached(AttachedReading<'a>),
}

/// A file of an entry, with its bytes.
pub struct AttachedReading<'a> {
    /// Where it was.
    pub path: &'a EntryPath,
    /// The entry that has it.
    pub entry: &'a Entry,
    /// The file.
    pub file: &'a Attachment,
    bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for AttachedReading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AttachedReading({}, {}, …)", self.path, self.file.name)
    }
}

impl<'a> FileReading<'a> {
    /// The entry's path.
    #[must_use]
    pub fn path(&self) -> &'a EntryPath {
        match self {
            Self::Text(reading) => reading.path,
            Self::Attached(file) => file.path,
        }
    }

    /// The bytes themselves.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(reading) => reading.expose().as_bytes(),
            Self::Attached(file) => &file.bytes,
        }
    }
}

impl Vault {
    /// What `reference` stands for at `now`.
    ///
    /// # Errors
    /// As [`Vault::read`]; [`crate::error::Kind::NotFound`] for a file that is not there,
    /// [`crate::error::Kind::Integrity`] for a damaged one.
    pub fn read_file<'a>(
        &'a self,
        reference: &'a FileReference,
        now: Timestamp,
    ) -> Result<FileReading<'a>> {
        let (path, name) = match reference {
            FileReference::Text(text) => return self.read(text, now).map(FileReading::Text),
            FileReference::Attached(path, name) => (path, name),
        };
        let file = self.attachment(path, name)?;
        Ok(FileReading::Attached(AttachedReading {
            path,
            entry: self.entry(path)?,
            file,
            bytes: file.bytes()?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::FileReference;

    #[test]
    fn a_file_is_named_behind_the_entry_and_a_field_is_none() {
        let read = |text: &str| text.parse::<FileReference>();
        let named = |path: &str, name: &str| {
            FileReference::Attached(path.parse().unwrap(), name.parse().unwrap())
        };
        for (text, expected) in [
            ("vault://acme/db?file=ca.pem", named("acme/db", "ca.pem")),
            ("vault://acme/a%20b?file=c%20d", named("acme/a b", "c d")),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
        let text = read("vault://acme/db#pin").unwrap();
        assert!(matches!(text, FileReference::Text(_)));
        for bad in [
            "vault://acme/db?file=",
            "vault://acme/db?file=..",
            "vault://acme/db?file=a/b",
            "vault://acme/db?file=%2e%2e%2fx",
            "vault://acme/db?file=a&file=b",
            "vault://acme/db?file=a?file=b",
            "vault://acme/db#pin?file=a",
            "vault://acme/db?file=a#pin",
            "vault://acme?file=a",
            "vault://acme/db?name=a",
            "acme/db?file=a",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
