//! Documents that come from other people and go back to them.

use std::path::Path;

use zeroize::Zeroizing;

use super::document::{Target, write_out};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::text::limits::MAIL_BYTES;
use crate::model::text::quote::as_word;
use crate::model::text::text_file::without_mark;
use crate::store::disk::file::{Prepared, read_document};

/// Reads a file, or stdin for `-`, of at most `limit` bytes, without a byte order mark.
///
/// # Errors
/// As [`read_document`]; [`crate::error::Kind::Integrity`] past the limit.
pub(crate) fn read_file(ctx: &Context, path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    if path.as_os_str() != "-" {
        let bytes = read_document("the file", path, limit)?;
        return Ok(Zeroizing::new(without_mark(&bytes).to_vec()));
    }
    let bytes = ctx.ui.stdin_bytes(limit)?;
    if bytes.len() > limit {
        return Err(Error::integrity(format!(
            "stdin has more than {limit} bytes, the limit"
        )));
    }
    Ok(Zeroizing::new(without_mark(&bytes).to_vec()))
}

/// Reads a mail, as [`read_file`] does.
///
/// # Errors
/// As [`read_file`]; [`crate::error::Kind::Usage`] for what is no file or past the limit.
pub(crate) fn read_mail(ctx: &Context, path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let is_file = path.as_os_str() == "-" || path.is_file();
    read_file(ctx, path, MAIL_BYTES).map_err(|why| match why.kind() {
        Kind::Integrity => why.unusable("the mail"),
        _ if !is_file => why.unusable("the mail"),
        _ => why,
    })
}

/// A place for a document that is written after a change: what can be refused is refused before.
///
/// # Errors
/// As [`Target::new`]; [`crate::error::Kind::Failed`] when the folder takes no file.
pub(crate) fn place(ctx: &Context, out: &Path) -> Result<Target> {
    let target = Target::new(ctx, out).map_err(|why| match why.kind() {
        Kind::Conflict => why.hint("it is never overwritten; name another place: --out FILE"),
        _ => why,
    })?;
    if let Target::File(path) = &target {
        Prepared::write(path, b"").map(drop)?;
    }
    Ok(target)
}

/// Writes a signed document, and says to whom it goes and what they do with it.
pub(crate) fn write_reply(
    ctx: &Context,
    target: &Target,
    document: &str,
    whom: &str,
) -> Result<()> {
    write_out(ctx, target, format!("{document}\n").as_bytes())?;
    ctx.ui.flush()?;
    let file = match target {
        Target::File(path) => as_word(path.display()),
        Target::Answer => "FILE".to_owned(),
    };
    ctx.ui.note(&format!(
        "Send it to {whom}, who files it: vault ack {file}"
    ));
    Ok(())
}
