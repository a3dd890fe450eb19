//! What other programs keep, as they export it: one file for each format or family of formats.
//!
//! A [`Reader`] recognises its format by content and gives what it finds, one after another, to an
//! [`Intake`], which holds each against the limits. Nothing here touches a vault, and no error
//! repeats what stands in a file. Where each entry goes is decided in
//! [`crate::model::transfer::import`].

mod detect;
mod format;
mod intake;
pub(crate) mod parts;
pub(crate) mod readers;
mod source;

pub use detect::detect;
pub use format::ImportFormat;
pub use intake::{Intake, Note};
pub use source::Source;

use crate::error::Result;

/// Reads one format.
pub trait Reader {
    /// Gives everything in the source to the intake.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the source is not of this format or is malformed,
    /// [`crate::error::Kind::Refused`] when it is encrypted, and those of the intake. A fault of
    /// one row is given to the intake instead.
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()>;
}
