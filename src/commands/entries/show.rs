//! `vault show`: everything but secrets.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::args::entry::SoughtEntryArg;
use crate::commands::reveal::{exposure, share_terms};
use crate::commands::sharing::hand_overs;
use crate::commands::sharing::known::known_by;
use crate::context::Context;
use crate::model::entry::fields::{BELOW_SECRETS, EntryField, EntryValues, ValueKind};
use crate::model::entry::record_names::RecordNames;
use crate::model::merge::ends::Conflict;
use crate::model::records::entry::{Entry, Version};
use crate::model::sharing::who::Subject;
use crate::model::text::name::EntryPath;
use crate::ui::Shown;
use crate::ui::size;
use crate::ui::time::{day, relative, with_local_times};

const EXAMPLES: &str = "\
Examples:
  vault show acme/wordpress
  vault show acme/wordpress --json | jq -r .username";

/// Options of `show`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entry: SoughtEntryArg,
}

/// Shows everything but secrets.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.entry.check(ctx, "show")?;
    let session = ctx.unlock()?;
    let path = &args.entry.or_pick_untold(ctx, &session, "show")?;
    let now = ctx.now();
    let entry = &*session.as_visible(session.vault().entry(path)?, now)?;
    let exposures = session.vault().exposures(now)?;
    let (exposed, flags) = (exposures.of(entry), exposures.flags(entry, now));
    let vault = session.vault();
    let client = vault.client(path.client().as_str());
    let reasons = |flag| {
        let flagged = (exposed.iter()).filter(move |(_, how)| how.flag() == flag);
        flagged.map(|(slot, how)| format!("{slot}: {}", exposure::reason(vault, *how, now)))
    };
    let subject = Subject::Entry(vault.entry(path)?);
    let knowledge = vault.knowledge(&subject, now)?;
    let known = known_by(vault, &knowledge, &|time| day(time, now))?;
    let handed_over = hand_overs::sent(vault, |it| {
        let mut items = it.items.iter();
        items.any(|item| item.entry == entry.id)
    })?;
    let names = RecordNames::of(vault)?;
    let rules = client.and_then(|it| it.rules.value());
    let apart = vault.conflicts_of(&path.to_string(), entry);
    let shown = as_shown(entry, path, now)
        .json("flags", &flags)
        .text(
            "flags",
            Some(flags.join(", ")).filter(|_| !flags.is_empty()),
        )
        .json("set_apart", fields_of(&apart))
        .text("set apart", apart.iter().map(told_apart))
        .json("exposed", exposure::as_json(vault, &exposed))
        .text("rotate", reasons("rotate"))
        .text("rotate soon", reasons("rotate-soon"))
        .json("known_to", vault.known_to(&knowledge)?)
        .text(
            "known to",
            known.iter().map(|it| format!("{}: {}", it.by, it.told)),
        )
        .text(
            "handed over",
            (handed_over.iter()).map(|it| hand_overs::told(vault, &names, it, now)),
        )
        .field("rules", "client's rules", rules)
        .json(
            "retain_until",
            client.and_then(|it| it.retain_until.value()),
        )
        .at(
            "may be kept until",
            client.and_then(|it| it.retention_ended(now)),
            now,
        )
        .part("received", share_terms::as_shown(vault, entry, rules, now)?);
    ctx.ui.show(&shown)?;
    Ok(())
}

fn as_shown(entry: &Entry, path: &EntryPath, now: Timestamp) -> Shown {
    let values = EntryValues::of(entry);
    let mut fields = EntryField::ALL.to_vec();
    fields.sort_by_key(|field| field.row().place);
    let below = fields.split_off(fields.partition_point(|field| field.row().place < BELOW_SECRETS));
    let add = |shown: Shown, field: &EntryField| {
        shown.text(field.row().label, told(*field, &values, now))
    };
    let visible: BTreeMap<&str, &str> = entry.visible_fields().collect();
    let mut has = BTreeMap::from([("secret", false), ("totp", false)]);
    has.extend(entry.secrets().map(|(slot, _)| (slot, true)));
    let version = |version: &Version| {
        format!(
            "version {}, set {}",
            entry.version_name(version),
            relative(version.created, now)
        )
    };
    let shown = fields.iter().fold(Shown::titled(path.to_string()), add);
    let shown = (visible.iter()).fold(shown, |shown, (name, value)| shown.text(name, [*value]));
    let shown = (entry.secrets()).fold(shown, |shown, (slot, secret)| {
        shown.text(slot, [format!("present, {}", version(secret))])
    });
    let absent = entry.current("secret").is_none().then_some("absent");
    let shown = shown
        .text("pending", entry.pending().map(version))
        .text("secret", absent)
        .json("attachments", attachments(entry))
        .text(
            "attachment",
            entry.attached().map(|file| {
                let (size, age) = (size(file.size), relative(file.created, now));
                format!("{}, {size}, attached {age}", file.name)
            }),
        );
    (below.iter().fold(shown, add))
        .members(&values)
        .json("path", path.to_string())
        .json("client", path.client().as_str())
        .json(
            "version",
            entry.current("secret").map(|version| version.number),
        )
        .json("pending", entry.pending().map(|version| version.number))
        .json("fields", visible)
        .json("has", has)
        .json("created", entry.created)
        .at("created", entry.created, now)
        .json("updated", entry.updated())
        .at("updated", entry.updated(), now)
}

/// The fields that somebody has to choose of.
fn fields_of(conflicts: &[Conflict]) -> Vec<&str> {
    let fields = conflicts.iter().map(|conflict| conflict.field.as_str());
    fields.collect()
}

/// A field that devices have set apart, with its values as a person reads them.
fn told_apart(conflict: &Conflict) -> String {
    let values = conflict.values.iter().map(|value| value.text.as_str());
    let values = with_local_times(&values.collect::<Vec<_>>().join(" | "));
    format!("{}: {values}; see vault conflicts", conflict.field)
}

/// The lines of a field, as people read them.
fn told(field: EntryField, values: &EntryValues, now: Timestamp) -> Vec<String> {
    let (kind, texts) = (field.row().kind, values.texts(field));
    match kind {
        ValueKind::Tags if !texts.is_empty() => vec![texts.join(", ")],
        ValueKind::Time => {
            let times = texts.iter().filter_map(|text| text.parse().ok());
            times.map(|time| Shown::time(time, now)).collect()
        }
        kind => texts.iter().map(|text| kind.written(text)).collect(),
    }
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
