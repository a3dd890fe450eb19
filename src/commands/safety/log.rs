//! `vault log`: what was done, when, on which device.

mod retain;
mod verify;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;

use self::retain::RetainArgs;
use crate::commands::args::entry::named_or_sought;
use crate::context::Context;
use crate::context::devices::{HERE, device_name};
use crate::error::{Error, Result as VaultResult};
use crate::model::history::in_words::{NamedRecord, RecordsByName, action_in_words};
use crate::model::records::cell::DeviceId;
use crate::model::records::event::{Event, LogHead};
use crate::model::text::name::ClientSlug;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault log -n 20                      the last 20 events
  vault log acme/wordpress             what was done to an entry; or to a client, with a contact
  vault log --client acme --since 30d
  vault log --by laptop                what was done on one device
  vault log --json | jq -r '.[] | select(.action == \"reveal\") | .time'
  vault log --verify                   checks every link of the chains
  vault log --head COUNT:SHA256        has it only grown since? papers have that line
  vault log --retain 3y                drops what is older, now and from then on; asks first

The newest is last; on a terminal a long log opens at its end.";

/// The fewest digits that name a device.
const FEWEST_DIGITS: usize = 4;
/// Lets less open a log at its end.
const AT_THE_END: &str = "+G";
/// Lines above the events.
const HEADER: usize = 1;

/// Options of `log`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only what concerns this: CLIENT/NAME, a client, a contact, or the number of a consent or a
    /// share
    #[arg(value_name = "ENTRY")]
    about: Option<String>,
    /// Only what was done to this client's entries
    #[arg(long, value_name = "CLIENT", conflicts_with = "about")]
    client: Option<ClientSlug>,
    /// Only from then on: a date, a time, or a duration back from now
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Only what this device did: its name, the start of its id, or "this device"
    #[arg(long, value_name = "DEVICE")]
    by: Option<String>,
    /// Only the last N events
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
    /// Check that every event follows from the one before
    #[arg(long)]
    verify: bool,
    /// As --verify, and that the log has only grown since it stood there, as a paper says: the lines
    /// and the seal of one device
    #[arg(long = "head", value_name = "COUNT:SHA256", value_parser = verify::head)]
    heads: Vec<LogHead>,
    #[command(flatten)]
    retaining: RetainArgs,
    /// Do not show it a screen at a time through $PAGER
    #[arg(long)]
    no_pager: bool,
}

/// Shows what was done.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    if let Some(keep) = args.retaining.wanted() {
        return Ok(retain::run(keep, &args.retaining, ctx)?);
    }
    let session = ctx.unlock()?;
    let vault = session.vault();
    if args.verify || !args.heads.is_empty() {
        verify::check(&session, &args.heads)?;
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
    if let Some(word) = &args.about {
        named_or_sought(ctx, vault, (word, &[]), |word| {
            vault.retain_events_about(word, &mut events)
        })?;
    }
    if let Some(device) = &args.by {
        retain_by(&session, device, &mut events)?;
    }
    let left_out = args
        .last
        .map_or(0, |last| events.len().saturating_sub(last));
    let shown = as_shown(&session, events.split_off(left_out).as_slice(), ctx.now())?;
    let print = || ctx.ui.list(&shown, "");
    // Where the end is on the screen at once, less would show nothing above it.
    let is_long = !ctx.ui.has_room_for(shown.len() + HEADER);
    let start = if is_long { AT_THE_END } else { "" };
    if args.no_pager {
        print()?;
    } else {
        ctx.ui.paged(start, print)?;
    }
    tell_dropped(ctx, vault)?;
    if args.verify || !args.heads.is_empty() {
        verify::tell(ctx, &session, &args.heads);
    }
    Ok(())
}

/// Says that events are gone, where they are, and why.
fn tell_dropped(ctx: &Context, vault: &Vault) -> VaultResult<()> {
    let dropped = vault.log.dropped_events();
    if dropped > 0 {
        let stay = vault.log_retention()?;
        ctx.ui.note(&format!(
            "{dropped} older events were dropped, as log --retain had it (now: {stay})"
        ));
    }
    Ok(())
}

/// Keeps what one device did.
fn retain_by(
    session: &Session,
    wanted: &str,
    events: &mut Vec<(DeviceId, Event)>,
) -> VaultResult<()> {
    let is_meant = |device: DeviceId| {
        let id = device.to_string();
        device_name(session, device).eq_ignore_ascii_case(wanted)
            || (wanted == HERE && session.device() == Some(device))
            || (wanted.len() >= FEWEST_DIGITS && id.starts_with(&wanted.to_ascii_lowercase()))
    };
    let mut devices: Vec<DeviceId> = events.iter().map(|(device, _)| *device).collect();
    let chains = session.vault().log.chains();
    devices.extend(chains.iter().map(|chain| chain.device));
    devices.sort_unstable();
    devices.dedup();
    if !devices.iter().any(|device| is_meant(*device)) {
        let names = devices.iter().map(|device| device_name(session, *device));
        let names: Vec<String> = names.collect();
        return Err(Error::not_found(format!("no device is called {wanted}"))
            .hint(format!("there is: {}", names.join(", "))));
    }
    events.retain(|(device, _)| is_meant(*device));
    Ok(())
}

fn as_shown(
    session: &Session,
    events: &[(DeviceId, Event)],
    now: Timestamp,
) -> VaultResult<Vec<Shown>> {
    let names = RecordsByName::of(session.vault())?;
    let shown = events.iter().map(|(device, event)| {
        let subjects = names.subjects(event);
        let told: Vec<String> = subjects.iter().map(NamedRecord::told).collect();
        let subjects = subjects
            .iter()
            .map(|it| json!({"id": it.id, "kind": it.kind, "name": it.kind.map(|_| &it.name)}));
        Shown::default()
            .json("n", event.n)
            .since("time", "TIME", event.time, now)
            .told("device", "DEVICE", device, device_name(session, *device))
            .told("action", "ACTION", &event.action, action_in_words(event))
            .told("subject", "SUBJECT", &event.subject, told.join(", "))
            .json("subjects", subjects.collect::<Vec<_>>())
            .told("detail", "DETAIL", &event.detail, names.details(event))
    });
    Ok(shown.collect())
}
