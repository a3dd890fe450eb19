//! Agreements with clients and contacts: shown, and written out.

use serde_json::{Value, json};

use crate::commands::args::document::{Target, write_out};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::ui::time::local_time;

/// An agreement as a script gets it.
pub(super) fn agreement_as_json(file: &Attachment) -> Value {
    json!({
        "name": file.name,
        "sha256": file.sha256,
        "size": file.size,
        "added": file.created,
    })
}

/// An agreement as a card tells it.
pub(super) fn agreement_as_text(file: &Attachment) -> String {
    format!("{}, filed on {}", file.name, local_time(file.created))
}

/// Writes out an agreement.
pub(super) fn write_file(
    ctx: &Context,
    target: &Target,
    file: Option<&Attachment>,
    missing: impl FnOnce() -> Error,
) -> Result<()> {
    let file = file.ok_or_else(missing)?;
    write_out(ctx, target, &file.bytes()?)?;
    if matches!(target, Target::File(_)) {
        ctx.answer(&[]);
    }
    Ok(())
}
