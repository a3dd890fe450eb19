//! `vault conflicts`: what devices have written apart, and what there is to choose.

use std::collections::HashSet;

use anyhow::Result;

use crate::context::Context;
use crate::ui::Shown;
use crate::ui::time::with_local_times;

const EXAMPLES: &str = "\
Examples:
  vault conflicts
  vault edit acme/wordpress -u admin            a visible field: what is written now counts
  vault resolve acme/wordpress --version 2~1f0a a secret: one of its versions counts
  vault resolve acme/wordpress --keep-deleted   what another device has changed stays deleted

The first value of each field is the one that counts until somebody chooses. Of a secret the versions
are named, never the secret: vault get ENTRY --at-version N gives one. Below the table stands a command
for each; what is written in capitals there is to be filled in.";

/// Options of `conflicts`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Shows them.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let conflicts = session.vault().conflicts()?;
    let shown = conflicts.iter().map(|conflict| {
        let versions = with_local_times(&conflict.versions.join(" | "));
        Shown::default()
            .field("record", "WHAT", conflict.record)
            .field("path", "NAME", &conflict.path)
            .field("field", "FIELD", &conflict.field)
            .told("versions", "VALUES", &conflict.versions, versions)
            .json("kind", conflict.kind)
            .json("commands", &conflict.commands)
    });
    ctx.ui.list(shown, "nothing was written apart")?;
    if ctx.ui.is_json() {
        return Ok(());
    }
    let mut told = HashSet::new();
    for command in conflicts.iter().flat_map(|it| &it.commands) {
        if told.insert(command) {
            ctx.ui.hint(command);
        }
    }
    Ok(())
}
