//! Writing a page that the vault signs, and its signature beside it.

use std::path::{Path, PathBuf};

use super::document::{Target, signature_beside, write_out};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::paper::signed::SignedPage;
use crate::model::text::lang::Lang;
use crate::store::disk::file::check_new_file;

/// Options of a command that writes a signed page.
#[derive(clap::Args, Debug)]
pub(crate) struct PageArgs {
    /// Write it to this new file, and its signature beside it, as FILE.sig
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The language of the text: en or de
    #[arg(long, value_name = "LANG")]
    pub(crate) lang: Option<Lang>,
}

impl PageArgs {
    /// Refuses, before anything is asked, a file that the page cannot go to.
    ///
    /// # Errors
    /// As [`check_page`].
    pub(crate) fn check(&self) -> Result<()> {
        self.out.as_deref().map_or(Ok(()), check_page)
    }

    /// Whether it goes to a file.
    pub(crate) fn has_file(&self) -> bool {
        self.out.is_some()
    }

    /// Prints the page, or writes it to the file that was named.
    ///
    /// # Errors
    /// As [`write_page`].
    pub(crate) fn write(&self, ctx: &Context, page: &SignedPage) -> Result<()> {
        let Some(out) = &self.out else {
            ctx.ui.file(page.text.as_bytes())?;
            return ctx.ui.flush();
        };
        write_page(ctx, out, page)?;
        ctx.answer(&[]);
        Ok(())
    }
}

/// Refuses a name that a page and its signature cannot have.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for stdout, [`crate::error::Kind::Conflict`] for a file that is
/// there.
pub(crate) fn check_page(out: &Path) -> Result<()> {
    if out.as_os_str() == "-" {
        return Err(Error::usage("a page and its signature are two files")
            .hint("with --out page.txt they are page.txt and page.txt.sig"));
    }
    check_new_file(out)?;
    check_new_file(&signature_beside(out))
}

/// Writes the page to a new file, and the signature beside it.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] for a file that is there by now,
/// [`crate::error::Kind::Failed`] when it cannot be written.
pub(crate) fn write_page(ctx: &Context, out: &Path, page: &SignedPage) -> Result<()> {
    let signature = Target::File(signature_beside(out));
    write_out(ctx, &signature, page.signature.as_bytes())?;
    write_out(ctx, &Target::File(out.to_path_buf()), page.text.as_bytes())
}
