//! What is to be read: bytes that were read within bounds, and what may be needed to open them.

use std::path::Path;

use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// A file's content, or a folder.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// What it holds; nothing for a folder.
    pub bytes: &'a [u8],
    /// The folder, if it is one.
    pub folder: Option<&'a Path>,
    /// The password that opens it, if it is encrypted.
    pub password: Option<&'a Secret>,
    /// The key file or the identity that opens it.
    pub key: Option<&'a [u8]>,
}

impl<'a> Source<'a> {
    /// A file's content.
    #[must_use]
    pub fn file(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            folder: None,
            password: None,
            key: None,
        }
    }

    /// A folder, and what opens it.
    #[must_use]
    pub fn folder(folder: &'a Path, key: Option<&'a [u8]>) -> Self {
        Self {
            bytes: &[],
            folder: Some(folder),
            password: None,
            key,
        }
    }

    /// Whether the bytes start so.
    #[must_use]
    pub fn starts_with(&self, start: &[u8]) -> bool {
        self.bytes.starts_with(start)
    }

    /// The content as text, without a byte order mark.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is not UTF-8.
    pub fn text(&self) -> Result<&'a str> {
        if self.starts_with(b"\xff\xfe") || self.starts_with(b"\xfe\xff") {
            return Err(Error::usage("the file is UTF-16 text, not UTF-8")
                .hint("export it again as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8"));
        }
        let bytes = self
            .bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(self.bytes);
        std::str::from_utf8(bytes).map_err(|why| {
            Error::usage(format!(
                "the file is not UTF-8 text at byte {}",
                why.valid_up_to()
            ))
            .hint("export it again as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8")
        })
    }
}
