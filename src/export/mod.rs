//! What other programs read: one file for each format.
//!
//! A [`Writer`] writes what leaves ([`Outgoing`]) as one stream; [`PasswordStore`] makes a folder
//! of encrypted files. What a format has no place for is counted in [`left_out()`], so that nobody
//! believes to have everything who has not. Where the bytes go is for others to say.

mod bitwarden;
mod csv;
mod format;
mod json;
mod keepass_xml;
mod left_out;
mod parts;
mod password_store;

use std::io;
use std::io::Write;

use crate::error::{Error, Result};
use crate::model::transfer::portable::Outgoing;

pub use format::ExportFormat;
pub use left_out::{left_out, remark};
pub use password_store::PasswordStore;

/// Writes one format.
pub trait Writer {
    /// Writes everything that leaves, as far as the format has a place for it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a damaged attachment, [`crate::error::Kind::Failed`]
    /// when `out` takes no more.
    fn write(&self, outgoing: &Outgoing<'_>, out: &mut dyn Write) -> Result<()>;
}

/// What failed when `out` took no more.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unwritten(why: io::Error) -> Error {
    Error::failed(format!("cannot write the export: {why}"))
}
