//! `vault list`: what there is.

use std::borrow::Cow;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::context::Context;
use crate::model::records::entry::Entry;
use crate::model::text::name::{ClientSlug, Tag};
use crate::model::vault::Vault;
use crate::ui::time::relative;

const EXAMPLES: &str = "\
Examples:
  vault list                   all paths, sorted
  vault list acme --long       with usernames, versions and ages
  vault list --tag cms --json | jq -r '.[].path'";

/// Options of `list`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this client's
    client: Option<ClientSlug>,
    /// Only those with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<Tag>,
    /// With usernames, versions and ages
    #[arg(short, long)]
    long: bool,
}

/// Lists paths, sorted.
///
/// # Errors
/// When there is no such client.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let client = match &args.client {
        Some(slug) => Some(vault.known_client(slug)?.id),
        None => None,
    };
    let mut entries = session.all_visible(ctx.now())?;
    entries.retain(|(_, entry)| client.is_none() || entry.client.get() == client.as_ref());
    entries.retain(|(_, entry)| match &args.tag {
        Some(tag) => entry.tags().iter().any(|t| t == tag.as_str()),
        None => true,
    });
    answer(ctx, vault, &entries, args.long)
}

/// Answers `list` and `find`: one shape for both.
///
/// # Errors
/// When stdout cannot be written, or a record is malformed.
pub fn answer(
    ctx: &Context,
    vault: &Vault,
    entries: &[(String, Cow<'_, Entry>)],
    long: bool,
) -> Result<()> {
    let now = ctx.now();
    let exposures = vault.exposures()?;
    if ctx.ui.is_json() {
        let list: Vec<Value> = entries
            .iter()
            .map(|(path, e)| as_json(path, e, &exposures.flags(e, now)))
            .collect();
        ctx.ui.json(&list)?;
    } else if long {
        let rows: Vec<Vec<String>> = entries
            .iter()
            .map(|(path, e)| row(path, e, &exposures.flags(e, now), now))
            .collect();
        ctx.ui
            .table(&["ENTRY", "USERNAME", "VERSION", "UPDATED", "FLAGS"], &rows)?;
    } else {
        for (path, _) in entries {
            ctx.ui.line(path)?;
        }
    }
    if entries.is_empty() {
        ctx.ui.note("nothing here");
    }
    Ok(())
}

fn as_json(path: &str, entry: &Entry, flags: &[&str]) -> Value {
    let client = path.split('/').next();
    json!({
        "path": path,
        "client": client,
        "name": entry.name(),
        "username": entry.username.value(),
        "urls": entry.urls(),
        "tags": entry.tags(),
        "version": entry.current("secret").map(|version| version.number),
        "updated": entry.updated(),
        "flags": flags,
    })
}

fn row(path: &str, entry: &Entry, flags: &[&str], now: Timestamp) -> Vec<String> {
    let version = entry
        .current("secret")
        .map(|version| version.number.to_string());
    vec![
        path.to_owned(),
        entry.username.value().cloned().unwrap_or_default(),
        version.unwrap_or_else(|| "-".into()),
        relative(entry.updated(), now),
        flags.join(","),
    ]
}
