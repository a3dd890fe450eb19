//! `vault history`: the versions of a secret, without the secrets.

use anyhow::Result;

use crate::commands::args::entry::SoughtEntryArg;
use crate::context::Context;
use crate::context::devices::device_name;
use crate::error::Error;
use crate::model::records::entry::{Entry, Version};
use crate::model::text::name::EntryPath;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault history acme/wordpress
  vault history acme/wordpress --field totp
  vault get acme/wordpress --at-version 1     gives one of them";

/// What a script is told of a version that was replaced.
const FORMER: &str = "former";

/// Options of `history`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entry: SoughtEntryArg,
    /// Of this hidden field, or of totp, instead of the secret
    #[arg(
        long,
        value_name = "NAME",
        default_value = "secret",
        hide_default_value = true
    )]
    field: String,
}

/// Shows when each version was stored, on which device, and why.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.entry.check(ctx, "history")?;
    let session = ctx.unlock()?;
    let path = &args.entry.or_pick(ctx, &session, "history")?;
    let entry = session.vault().entry(path)?;
    let mut versions: Vec<&Version> = entry.history(&args.field).collect();
    if versions.is_empty() {
        return Err(no_history(entry, path, &args.field).into());
    }
    versions.sort_by_key(|version| (version.number, version.created, version.id));
    let state = |version: &Version| state_of(entry, &args.field, version);
    let now = ctx.now();
    let stored_on = session.vault().stored_on(entry)?;
    let shown = versions.iter().map(|version| {
        let state = state(version);
        let (action, reason) = version.origin();
        let device = stored_on.get(&version.id).copied();
        let name = device.map(|device| device_name(&session, device));
        Shown::default()
            .told(
                "version",
                "VERSION",
                version.number,
                entry.version_name(version),
            )
            .since("created", "STORED", version.created, now)
            .told("device", "DEVICE", device, name.unwrap_or_default())
            .json("action", action)
            .json("reason", reason)
            .text("REASON", [version.reason.as_str()])
            .told(
                "state",
                "STATE",
                state.unwrap_or(FORMER),
                state.unwrap_or_default().to_owned(),
            )
    });
    ctx.ui.list(shown, "")?;
    if entry.current(&args.field).is_none() && !ctx.ui.is_json() {
        ctx.ui.note(&format!("{} is not set now", args.field));
    }
    Ok(())
}

/// Where a version stands: in use, waiting for the site, or given up; no word for one that was
/// replaced.
fn state_of(entry: &Entry, field: &str, version: &Version) -> Option<&'static str> {
    let is = |other: Option<&Version>| other.is_some_and(|other| other.id == version.id);
    if is(entry.current(field)) {
        Some("current")
    } else if is(entry.pending()) {
        Some("pending")
    } else {
        version.aborted.value().map(|_| "aborted")
    }
}

fn no_history(entry: &Entry, path: &EntryPath, field: &str) -> Error {
    let mut slots: Vec<&str> = entry.versions.iter().map(Version::slot).collect();
    slots.sort_unstable();
    slots.dedup();
    let error = Error::not_found(format!("{path} has no versions of {field}"));
    error.hint(format!(
        "versions are kept of secrets and hidden fields; it has: {}",
        slots.join(", ")
    ))
}
