//! The signed page of what was answered.

use std::path::{Path, PathBuf};

use super::items;
use crate::commands::args::document::{Target, write_out};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::review_page;
use crate::model::findings::review_due::QUARTER;
use crate::model::records::review::Reviewed;
use crate::model::text::when::When;
use crate::store::disk::file::check_new_file;
use crate::store::session::Session;

pub(super) fn run(ctx: &Context, out: &Path, since: Option<&When>) -> Result<()> {
    if out.as_os_str() == "-" {
        return Err(Error::usage("a page and its signature are two files")
            .hint("vault review --out review.txt writes review.txt and review.txt.sig"));
    }
    check_new_file(out)?;
    check_new_file(&beside(out))?;
    let session = ctx.unlock()?;
    write(ctx, &session, out, since)?;
    ctx.answer(&[]);
    Ok(())
}

/// Writes the page to a new file, and the signature beside it.
pub(super) fn write(
    ctx: &Context,
    session: &Session,
    out: &Path,
    since: Option<&When>,
) -> Result<()> {
    let here = ctx.now_here();
    let now = ctx.now();
    let since = since.map(|since| since.in_past(&here)).transpose()?;
    let since = since.unwrap_or(now - QUARTER);
    if since > now {
        return Err(Error::usage("--since is in the future"));
    }
    let vault = session.vault();
    let mut answered: Vec<&Reviewed> = vault.reviews.all()?;
    answered.retain(|it| since <= it.created);
    let open = items(ctx, session)?;
    let times = (since, now, here.time_zone());
    let page = review_page::write(vault, &open, &answered, times)?;
    write_out(ctx, &Target::File(beside(out)), page.signature.as_bytes())?;
    write_out(ctx, &Target::File(out.to_path_buf()), page.text.as_bytes())
}

/// Where the signature goes.
fn beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}
