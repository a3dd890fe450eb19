//! Writing out what shows something, to a new folder.

use std::path::Path;

use uuid::Uuid;

use super::document::write_folder;
use crate::context::Context;
use crate::error::Result;
use crate::exchange::evidence_folder::EvidenceFile;
use crate::model::records::event::EventDraft;
use crate::store::session::Session;

/// Writes files about a record. As with a secret, what cannot be recorded is still shown.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] when the folder is there, [`crate::error::Kind::Failed`] when
/// it cannot be written.
pub(crate) fn write_evidence(
    ctx: &Context,
    session: &Session,
    about: Uuid,
    (out, files): (&Path, &[EvidenceFile]),
) -> Result<()> {
    record(ctx, session, about);
    write_folder(ctx, out, files)
}

/// Logs that what shows something was written out.
pub(crate) fn record(ctx: &Context, session: &Session, about: Uuid) {
    let draft = EventDraft::new(ctx.now(), "reveal", vec![about]).with("what", "evidence");
    if let Err(why) = session.journal(draft) {
        ctx.warn(&format!("this reveal is not in the log: {why}"));
    }
}
