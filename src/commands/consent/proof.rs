//! What shows an answer, as a file; and the log of what was refused.

use std::path::Path;

use jiff::Timestamp;
use uuid::Uuid;

use crate::commands::args::contact_fields::fit_name;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::consent::changes::Proof;
use crate::model::records::event::EventDraft;
use crate::model::text::limits::ATTACHMENT_BYTES;
use crate::store::disk::file::read_named;
use crate::store::session::Session;

/// A document of a day that shows an answer.
pub(super) fn document(path: &Path, date: Option<Timestamp>) -> Result<Proof> {
    let bytes = read_named("the evidence", path, ATTACHMENT_BYTES)?;
    if bytes.is_empty() {
        return Err(Error::usage(format!("{} is empty", path.display())));
    }
    Ok(Proof::Document {
        name: fit_name(path, "evidence")?,
        media_type: media_type(&bytes),
        bytes: bytes.to_vec(),
        date,
    })
}

/// The kind of a file, by how it begins.
fn media_type(bytes: &[u8]) -> &'static str {
    let known: [(&[u8], &str); 4] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
    ];
    let found = known.iter().find(|(start, _)| bytes.starts_with(start));
    match found {
        Some((_, kind)) => kind,
        None if std::str::from_utf8(bytes).is_ok() => "text/plain",
        None => "application/octet-stream",
    }
}

/// A refusal is in the log too; one that cannot be recorded is still a refusal.
pub(super) fn log_refusal(ctx: &Context, session: &Session, client: Option<Uuid>, why: &Error) {
    if !matches!(why.kind(), Kind::Refused | Kind::Integrity) {
        return;
    }
    let draft = EventDraft::new(ctx.now(), "refuse", client.into_iter().collect())
        .with("what", "consent")
        .with("reason", "evidence");
    if let Err(why) = session.journal(draft) {
        ctx.warn(&format!("this refusal is not in the log: {why}"));
    }
}
