//! Documents that go to other people and come from them: where they are read and written.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::file::{InPlace, Prepared, read_bounded, refuse_existing};

/// Reads a file, or stdin for `-`, of at most `limit` bytes.
///
/// # Errors
/// Not found, or integrity past the limit.
pub(super) fn read_file(ctx: &Context, path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    if path.as_os_str() != "-" {
        let bytes = read_bounded(path, limit as u64)?;
        return Ok(Zeroizing::new(bytes.to_vec()));
    }
    let bytes = ctx.ui.stdin_bytes(limit)?;
    if bytes.len() > limit {
        return Err(Error::integrity(format!(
            "stdin has more than {limit} bytes, the limit"
        )));
    }
    Ok(bytes)
}

/// Where a document is written.
pub(super) enum Target {
    /// To stdout.
    Stdout,
    /// To a new file.
    File(PathBuf),
}

impl Target {
    /// The file that is named; `-` is stdout.
    pub(super) fn of(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdout
        } else {
            Self::File(path)
        }
    }

    /// Refuses, before anything is changed, what could not be written afterwards.
    ///
    /// # Errors
    /// Conflict when the file exists, usage when stdout is taken, failed when the folder takes no
    /// file.
    pub(super) fn check(&self, ctx: &Context) -> Result<()> {
        match self {
            Self::Stdout if ctx.ui.is_json() => {
                Err(Error::usage("--json and - both ask for stdout")
                    .hint("write the document elsewhere: name a file"))
            }
            Self::Stdout => Ok(()),
            Self::File(path) => {
                refuse_existing(path)?;
                Prepared::write(path, b"").map(drop)
            }
        }
    }

    /// Writes it, readable by its owner only.
    ///
    /// # Errors
    /// Conflict when the file exists by now, failed when it cannot be written.
    pub(super) fn write(&self, ctx: &Context, document: &str) -> Result<()> {
        match self {
            Self::Stdout => ctx.ui.line(document).and_then(|()| ctx.ui.flush()),
            Self::File(path) => Prepared::write(path, format!("{document}\n").as_bytes())?
                .create()
                .and_then(InPlace::sync),
        }
    }

    /// Says where it is and what comes next.
    pub(super) fn tell(&self, ctx: &Context, what: &str, whom: &str) {
        match self {
            Self::Stdout => ctx.ui.note(&format!(
                "Send the {what} to {whom}, who files it: vault ack FILE"
            )),
            Self::File(path) => {
                let file = path.display();
                ctx.ui.note(&format!("wrote the {what} to {file}"));
                ctx.ui.note(&format!(
                    "Send {file} to {whom}, who files it: vault ack {file}"
                ));
            }
        }
    }
}
