//! The files that shares were read from: copies of what came with them, outside the vault.

use std::path::Path;

use uuid::Uuid;

use super::received::AttestedPart;
use crate::error::{Error, Result};
use crate::model::records::received::{FileRead, Received};
use crate::model::text::quote::as_word;
use crate::model::text::words::words;
use crate::model::vault::Vault;

words! {
    /// What became of a file that a share was read from.
    pub enum FileState {
        /// It lies where it was read.
        There = "there",
        /// It lies there no more, or another does.
        Gone = "gone",
        /// It was read on another device, which cannot be seen from this one.
        Elsewhere = "elsewhere",
    }
}

/// A file that a share was read from, as it was found.
#[derive(Clone, Debug)]
pub struct CameFile {
    /// Where it was read.
    pub path: String,
    /// What became of it.
    pub state: FileState,
}

impl CameFile {
    /// What it is called. Where it lies is nobody else's business.
    pub fn name(&self) -> &str {
        let name = Path::new(&self.path).file_name();
        name.and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Where it was read and what became of it, for its owner.
    pub fn told(&self) -> String {
        let state = match self.state {
            FileState::There => "still there",
            FileState::Gone => "no longer there",
            FileState::Elsewhere => "on another device",
        };
        format!("{} ({state})", self.path)
    }
}

/// Refuses to say that it is deleted while a file lies there that holds it. What is said of copies
/// elsewhere does not excuse that one.
///
/// # Errors
/// [`crate::error::Kind::Refused`].
pub fn check_no_copy(files: &[CameFile]) -> Result<()> {
    let there = files.iter().filter(|file| file.state == FileState::There);
    let there: Vec<&str> = there.map(|file| file.path.as_str()).collect();
    let (is, holds, it, one) = match there.as_slice() {
        [] => return Ok(()),
        [_] => ("is", "it holds", "it", "it"),
        _ => ("are", "they hold", "them", "one"),
    };
    let words: Vec<String> = there.iter().map(as_word).collect();
    Err(Error::refused(format!(
        "{} {is} still there, and {holds} what came with the share",
        there.join(", ")
    ))
    .hint(format!(
        "delete {it}, then confirm again: rm {}; if {one} has to be kept, move it to where that is \
         done, and name that: --outside TEXT",
        words.join(" ")
    )))
}

impl Vault {
    /// The files that hold what is deleted of a share: its own, and those of earlier shares of the
    /// same entries.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn files_of_received(&self, share: Uuid, part: &AttestedPart) -> Result<Vec<&FileRead>> {
        let last = self.received.by_id(share)?;
        let mut entries = part.ids();
        if part.is_whole {
            entries.extend(&last.entries);
        }
        let chain = self.chain_of(last, &entries)?;
        let is_of = |it: &Received| {
            chain.iter().any(|of| of.id == it.id)
                || it.is_lent() && it.entries.iter().any(|id| entries.contains(id))
        };
        let all = self.received.all()?.into_iter();
        let files = all.filter(|it| is_of(it)).filter_map(|it| it.file.as_ref());
        Ok(files.collect())
    }
}
