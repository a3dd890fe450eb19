//! `vault conflicts`: what devices have written apart, and what there is to choose.

use std::collections::HashSet;

use anyhow::Result;
use serde_json::json;

use crate::context::Context;
use crate::context::devices::device_name;
use crate::model::merge::ends::{ApartValue, Conflict};
use crate::store::session::Session;
use crate::ui::Shown;
use crate::ui::time::{local_time, with_local_times};

const EXAMPLES: &str = "\
Examples:
  vault conflicts
  vault edit acme/wordpress -u admin                a visible field: what is written now counts
  vault resolve acme/wordpress --version 2~1f0a     a secret: one of its versions counts
  vault resolve acme/wordpress --keep-deleted       what another device has changed stays deleted

The first value of each field is the one that counts until somebody chooses; beside each stands the
device that has set it (vault me --device NAME names one) and, where that is known, when. Of a secret
the versions are named, never the secret: vault get ENTRY --at-version N gives one. Below the table
stands a command for each; what is written in capitals there is to be filled in.";

/// Options of `conflicts`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Shows them.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let conflicts = session.vault().conflicts()?;
    if ctx.ui.is_json() {
        let shown = conflicts
            .iter()
            .map(|conflict| for_scripts(&session, conflict));
        return Ok(ctx.ui.list(shown, "")?);
    }
    let rows = conflicts.iter().flat_map(|conflict| {
        let row = |value| for_people(&session, conflict, value);
        conflict.values.iter().map(row)
    });
    ctx.ui.list(rows, "nothing was written apart")?;
    let mut told = HashSet::new();
    for command in conflicts.iter().flat_map(|it| &it.commands) {
        if told.insert(command) {
            ctx.ui.hint(command);
        }
    }
    Ok(())
}

fn for_scripts(session: &Session, conflict: &Conflict) -> Shown {
    let texts = conflict.values.iter().map(|value| &value.text);
    let written = conflict.values.iter().map(|value| {
        let name = value.device.map(|device| device_name(session, device));
        json!({"value": value.text, "device": value.device, "name": name, "time": value.time})
    });
    Shown::default()
        .json("record", conflict.record)
        .json("path", &conflict.path)
        .json("field", &conflict.field)
        .json("versions", texts.collect::<Vec<_>>())
        .json("written", written.collect::<Vec<_>>())
        .json("kind", conflict.kind)
        .json("commands", &conflict.commands)
}

fn for_people(session: &Session, conflict: &Conflict, value: &ApartValue) -> Shown {
    let device = value.device.map(|device| device_name(session, device));
    Shown::default()
        .text("WHAT", [conflict.record])
        .text("NAME", [&conflict.path])
        .text("FIELD", [&conflict.field])
        .text("VALUE", [with_local_times(&value.text)])
        .text("SET ON", device)
        .time_text("TIME", value.time.map(local_time).unwrap_or_default())
}
