//! The letter to a client about what they have taken back.

use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::commands::args::document::{Target, write_out};
use crate::context::Context;
use crate::error::Result;
use crate::exchange::withdrawal_letter::withdrawal;
use crate::model::consent::ending::PermissionPart;
use crate::model::records::record_id::number;
use crate::model::vault::Vault;

/// Writes the letter about these parts, which have ended; where all of it was only asked for, there
/// is none, and that is said.
pub(super) fn write(
    ctx: &Context,
    vault: &Vault,
    target: &Target,
    parts: &[(Uuid, PermissionPart)],
) -> Result<()> {
    let text = withdrawal(vault, parts, &TimeZone::system(), ctx.now())?;
    let Some(text) = text else {
        ctx.ui
            .note("No letter is written: nothing was given, it was only asked for.");
        return Ok(());
    };
    let id = parts
        .first()
        .map_or_else(String::new, |(id, _)| number(*id));
    write_out(ctx, target, text.as_bytes()).map_err(|why| {
        why.prefixed("it has ended, but ").hint(format!(
            "write the letter once more: vault consent withdraw {id} --out FILE"
        ))
    })?;
    if let Target::File(path) = target {
        ctx.ui
            .note(&format!("Send {} to the client, to keep.", path.display()));
    }
    Ok(())
}
