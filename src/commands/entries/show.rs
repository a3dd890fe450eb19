//! `vault show`: everything but secrets.

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::commands::args::entry::EntryArg;
use crate::commands::reveal::{exposure, share_terms};
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::entry::fields::{BELOW_SECRETS, EntryField, EntryValues, ValueKind};
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
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
    let values = EntryValues::of(entry);
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
    let mut shown = json!({
        "path": path.to_string(),
        "version": entry.current("secret").map(|version| version.number),
        "pending": entry.pending().map(|version| version.number),
        "fields": fields,
        "client": path.client().as_str(),
        "created": entry.created,
        "updated": entry.updated(),
        "flags": flags,
        "exposed": exposed,
        "received": terms,
        "attachments": attachments(entry),
        "has": has,
    });
    if let (Some(shown), Value::Object(values)) = (shown.as_object_mut(), json!(values)) {
        shown.extend(values);
    }
    shown
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
    let at = |time| format!("{} ({})", local_time(time), relative(time, now));
    let values = EntryValues::of(entry);
    let mut fields = EntryField::ALL.to_vec();
    fields.sort_by_key(|field| field.row().place);
    let (before, after) =
        fields.split_at(fields.partition_point(|field| field.row().place < BELOW_SECRETS));
    let show = |field: &EntryField| {
        let (row, texts) = (field.row(), values.texts(*field));
        match row.kind {
            ValueKind::Tags if !texts.is_empty() => ui.field(row.label, &texts.join(", ")),
            kind => texts.iter().try_for_each(|text| {
                let time = text.parse().ok().filter(|_| kind == ValueKind::Time);
                ui.field(row.label, &time.map_or_else(|| kind.written(text), at))
            }),
        }
    };
    ui.heading(&path.to_string())?;
    before.iter().try_for_each(show)?;
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
    after.iter().try_for_each(show)?;
    ui.field("created", &at(entry.created))?;
    ui.field("updated", &at(entry.updated()))
}
