//! `vault log`: what was done, when, on which device.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::records::cell::DeviceId;
use crate::model::records::log::Event;
use crate::model::records::me::Me;
use crate::model::text::name::ClientSlug;
use crate::model::text::when::When;
use crate::store::session::Session;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault log --client acme --since 30d
  vault log --json | jq -r '.[] | select(.action == \"reveal\") | .time'
  vault log --verify        checks every link of the chains";

/// Digits of an id that people are shown.
const SHOWN_DIGITS: usize = 8;

/// Options of `log`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only what was done to this client's entries
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// Only from then on: a date, a time, or a duration back from now
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Check that every event follows from the one before
    #[arg(long)]
    verify: bool,
    /// Do not show it a screen at a time through $PAGER
    #[arg(long)]
    no_pager: bool,
}

/// Shows what was done.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    if args.verify {
        vault.log.check().map_err(|what| {
            Error::integrity(format!("the log is broken: {what}"))
                .hint("compare with a backup or a copy of the log's head")
        })?;
    }
    let client = args.client.as_ref();
    let client = client.map(|slug| vault.known_client(slug)).transpose()?;
    let since = args
        .since
        .as_ref()
        .map(|when| when.in_past(&ctx.now_here()))
        .transpose()?;
    let mut events = session.all_events(|missing| ctx.warn(missing))?;
    events.sort_by_key(|(_, event)| event.time);
    if let Some(client) = client {
        vault.retain_events_of(client.id, &mut events)?;
    }
    events.retain(|(_, event)| since.is_none_or(|since| event.time >= since));
    let shown = as_shown(&session, &events, ctx.now())?;
    let print = || ctx.ui.list(&shown, "");
    if args.no_pager {
        print()?;
    } else {
        ctx.ui.paged(print)?;
    }
    if args.verify {
        ctx.ui.note("every event follows from the one before");
    }
    Ok(())
}

fn as_shown(
    session: &Session,
    events: &[(DeviceId, Event)],
    now: Timestamp,
) -> VaultResult<Vec<Shown>> {
    let names = session.vault().names()?;
    let here = session.device();
    let shown = events.iter().map(|(device, event)| {
        Shown::default()
            .json("n", event.n)
            .since("time", "TIME", event.time, now)
            .told(
                "device",
                "DEVICE",
                device,
                device_name(&session.vault().me, *device, here),
            )
            .field("action", "ACTION", &event.action)
            .told(
                "subject",
                "SUBJECT",
                &event.subject,
                subjects(&names, event),
            )
            .told("detail", "DETAIL", &event.detail, details(&names, event))
    });
    Ok(shown.collect())
}

fn device_name(me: &Me, device: DeviceId, here: Option<DeviceId>) -> String {
    if let Some(name) = me.device_name(device) {
        return name.to_owned();
    }
    if here == Some(device) {
        return "this device".to_owned();
    }
    device.to_string().chars().take(SHOWN_DIGITS).collect()
}

fn subjects(names: &HashMap<Uuid, String>, event: &Event) -> String {
    let names = event.subject.iter().map(|id| name_of(names, *id));
    names.collect::<Vec<_>>().join(", ")
}

/// What a record is called, or the start of its id once it is gone.
fn name_of(names: &HashMap<Uuid, String>, id: Uuid) -> String {
    let short = || id.to_string().chars().take(SHOWN_DIGITS).collect();
    names.get(&id).cloned().unwrap_or_else(short)
}

fn details(names: &HashMap<Uuid, String>, event: &Event) -> String {
    let pairs = event.detail.iter().map(|(key, value)| match value {
        Value::String(text) => match text.parse() {
            Ok(id) => format!("{key}={}", name_of(names, id)),
            Err(_) => format!("{key}={text}"),
        },
        value => format!("{key}={value}"),
    });
    pairs.collect::<Vec<_>>().join(" ")
}
