//! `vault conflicts`: what devices have written apart, and what there is to choose.

use anyhow::Result;

use crate::context::Context;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault conflicts
  vault edit acme/wordpress -u admin            a visible field: what is written now counts
  vault resolve acme/wordpress --version 2~1f0a a secret: one of its versions counts
  vault resolve acme/wordpress --keep-deleted   what another device has changed stays deleted

The first value of each field is the one that counts until somebody chooses. Of a secret the versions
are named, never the secret: vault get ENTRY --at-version N gives one.";

/// Options of `conflicts`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Shows them.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let conflicts = session.vault().conflicts()?;
    let shown = conflicts.iter().map(|conflict| {
        Shown::default()
            .field("kind", "WHAT", conflict.kind)
            .field("name", "NAME", &conflict.name)
            .field("field", "FIELD", &conflict.field)
            .told(
                "values",
                "VALUES",
                &conflict.values,
                conflict.values.join(" | "),
            )
    });
    ctx.ui.list(shown, "nothing was written apart")?;
    if !conflicts.is_empty() && !ctx.ui.is_json() {
        ctx.ui.note(
            "To choose: vault edit ENTRY for a visible field, vault resolve ENTRY for a secret.",
        );
    }
    Ok(())
}
