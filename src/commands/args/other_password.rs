//! The password of another copy of the vault, where it is not today's.

use std::path::PathBuf;

use crate::context::Context;
use crate::context::globals::descriptor;
use crate::error::Result;
use crate::model::text::secret::Secret;

/// Options that say where the other copy's password comes from.
#[derive(clap::Args, Debug)]
pub struct OtherPassword {
    /// Read the copy's own password from this file descriptor
    #[arg(long, value_name = "N", value_parser = descriptor, conflicts_with = "other_password_file")]
    other_password_fd: Option<u32>,
    /// Read the copy's own password from this file's first line, if it was another then
    #[arg(long, value_name = "PATH")]
    other_password_file: Option<PathBuf>,
}

impl OtherPassword {
    /// The password, if one of the options names it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it cannot be read.
    pub fn given(&self, ctx: &Context) -> Result<Option<Secret>> {
        if let Some(fd) = self.other_password_fd {
            return ctx.ui.first_line_of_fd(fd).map(Some);
        }
        let file = self.other_password_file.as_ref();
        file.map(|path| ctx.ui.first_line_of_file(path)).transpose()
    }
}
