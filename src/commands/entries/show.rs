//! `vault show`: everything but secrets.

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::commands::args::entry::EntryArg;
use crate::commands::reveal::{exposure, share_terms};
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::text::when::Duration;
use crate::ui::size;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault show acme/wordpress
  vault show acme/wordpress --json | jq -r .username";

/// Options of `show`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entry: EntryArg,
}

/// Shows everything but secrets.
///
/// # Errors
/// When there is no such entry.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.entry.check(ctx, "show")?;
    let session = ctx.unlock()?;
    let path = &args.entry.or_pick(ctx, &session, "show")?;
    let now = ctx.now();
    let entry = &*session.as_visible(session.vault().entry(path)?, now)?;
    let exposures = session.vault().exposures()?;
    let (exposed, flags) = (exposures.of(entry), exposures.flags(entry, now));
    if ctx.ui.is_json() {
        let exposed = exposure::as_json(session.vault(), &exposed);
        let terms = share_terms::as_json(session.vault(), entry)?;
        ctx.ui
            .json(&as_json(entry, path, &flags, &exposed, &terms))?;
        return Ok(());
    }
    as_text(ctx, entry, path, now)?;
    if !flags.is_empty() {
        ctx.ui.field("flags", &flags.join(", "))?;
    }
    for (slot, how) in exposed {
        let reason = exposure::reason(session.vault(), how, now);
        ctx.ui.field("rotate", &format!("{slot}: {reason}"))?;
    }
    share_terms::as_text(ctx, session.vault(), entry, now)?;
    Ok(())
}

fn as_json(
    entry: &Entry,
    path: &EntryPath,
    flags: &[&str],
    exposed: &[Value],
    terms: &Value,
) -> Value {
    let fields: Map<String, Value> = entry
        .visible_fields()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let mut has = Map::from_iter([
        ("secret".to_owned(), Value::Bool(false)),
        ("totp".to_owned(), Value::Bool(false)),
    ]);
    for (slot, _) in entry.secrets() {
        has.insert(slot.to_owned(), Value::Bool(true));
    }
    json!({
        "path": path.to_string(),
        "version": entry.current("secret").map(|version| version.number),
        "pending": entry.pending().map(|version| version.number),
        "fields": fields,
        "client": path.client().as_str(),
        "username": entry.username.value(),
        "urls": entry.urls(),
        "notes": entry.notes.value(),
        "tags": entry.tags(),
        "env": entry.env.value(),
        "expires": entry.expires.value(),
        "rotate_every": entry.rotate_every.value(),
        "created": entry.created,
        "updated": entry.updated(),
        "flags": flags,
        "exposed": exposed,
        "received": terms,
        "attachments": attachments(entry),
        "has": has,
    })
}

fn attachments(entry: &Entry) -> Vec<Value> {
    let attached = entry.attached().map(|file| {
        json!({
            "name": file.name,
            "size": file.size,
            "sha256": file.sha256,
            "created": file.created,
        })
    });
    attached.collect()
}

fn as_text(ctx: &Context, entry: &Entry, path: &EntryPath, now: Timestamp) -> VaultResult<()> {
    let ui = &ctx.ui;
    let at = |time: &Timestamp| format!("{} ({})", local_time(*time), relative(*time, now));
    let show = |label: &str, value: Option<String>| match value {
        Some(value) => ui.field(label, &value),
        None => Ok(()),
    };
    ui.heading(&path.to_string())?;
    show("username", entry.username.value().cloned())?;
    for url in entry.urls() {
        ui.field("url", url)?;
    }
    for (name, value) in entry.visible_fields() {
        ui.field(name, value)?;
    }
    for (slot, version) in entry.secrets() {
        let age = relative(version.created, now);
        ui.field(
            slot,
            &format!("present, version {}, set {age}", version.number),
        )?;
    }
    if let Some(version) = entry.pending() {
        let age = relative(version.created, now);
        ui.field("pending", &format!("version {}, set {age}", version.number))?;
    }
    if entry.current("secret").is_none() {
        ui.field("secret", "absent")?;
    }
    for file in entry.attached() {
        let (size, age) = (size(file.size), relative(file.created, now));
        ui.field(
            "attachment",
            &format!("{}, {size}, attached {age}", file.name),
        )?;
    }
    show("env", entry.env.value().cloned())?;
    show(
        "tags",
        Some(entry.tags().join(", ")).filter(|tags| !tags.is_empty()),
    )?;
    show("notes", entry.notes.value().cloned())?;
    show("expires", entry.expires.value().map(at))?;
    let every = entry
        .rotate_every
        .value()
        .and_then(|every| every.parse::<Duration>().ok());
    show("rotate every", every.map(|every| format!("{every:#}")))?;
    show("created", Some(at(&entry.created)))?;
    show("updated", Some(at(&entry.updated())))
}
