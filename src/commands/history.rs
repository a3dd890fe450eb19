//! `vault history`: the versions of a secret, without the secrets.

use anyhow::Result;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;
use crate::model::entry::{Entry, Version};
use crate::model::name::EntryPath;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault history acme/wordpress
  vault history acme/wordpress --field totp
  vault get acme/wordpress --at-version 1     gives one of them";

/// Options of `history`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress
    entry: EntryPath,
    /// Of this hidden field, or of totp, instead of the secret
    #[arg(
        long,
        value_name = "NAME",
        default_value = "secret",
        hide_default_value = true
    )]
    field: String,
}

/// Shows when each version was stored, and why.
///
/// # Errors
/// When there is no such entry, or it never had that secret.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let entry = session.vault().entry(&args.entry)?;
    let current = entry.current(&args.field).map(|version| version.id);
    let mut versions: Vec<&Version> = entry.history(&args.field).collect();
    if versions.is_empty() {
        return Err(no_history(entry, args).into());
    }
    versions.sort_by_key(|version| (version.number, version.created, version.id));
    let is_current = |version: &Version| Some(version.id) == current;
    if ctx.ui.is_json() {
        let list: Vec<Value> = versions
            .iter()
            .map(|version| {
                json!({
                    "version": version.number,
                    "created": version.created,
                    "reason": version.reason,
                    "current": is_current(version),
                })
            })
            .collect();
        ctx.ui.json(&list)?;
        return Ok(());
    }
    let now = ctx.now();
    let row = |version: &&Version| {
        let mark = if is_current(version) { "current" } else { "" };
        vec![
            version.number.to_string(),
            local_time(version.created),
            relative(version.created, now),
            version.reason.clone(),
            mark.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = versions.iter().map(row).collect();
    ctx.ui
        .table(&["VERSION", "STORED", "", "REASON", ""], &rows)?;
    if current.is_none() {
        ctx.ui.note(&format!("{} is not set now", args.field));
    }
    Ok(())
}

fn no_history(entry: &Entry, args: &Args) -> Error {
    let mut slots: Vec<&str> = entry.versions.iter().map(Version::slot).collect();
    slots.sort_unstable();
    slots.dedup();
    let error = Error::not_found(format!("{} has no versions of {}", args.entry, args.field));
    error.hint(format!(
        "versions are kept of secrets and hidden fields; it has: {}",
        slots.join(", ")
    ))
}
