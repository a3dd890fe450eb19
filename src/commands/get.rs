//! `vault get`: prints a secret.

use anyhow::Result;
use serde_json::json;

use super::reveal::{Handed, Via, hand_out};
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::Entry;
use crate::model::field::{Found, SECRET};
use crate::model::name::EntryPath;
use crate::model::rotation::none_pending;
use crate::model::secret::Secret;

const EXAMPLES: &str = "\
Examples:
  vault get acme/wordpress                  the secret and a line end
  vault get acme/wordpress --field username
  vault get acme/deploy-key -n > key.pem    exactly the bytes that were stored
  vault get acme/db --at-version 1          what it was at first
  vault get acme/db --pending               what a rotation will make it";

/// Options of `get`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress
    entry: EntryPath,
    /// This field instead: username, url, urls, notes, tags, env, totp (the seed), or a custom one
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// This version instead of the current one
    #[arg(long, value_name = "N")]
    at_version: Option<u32>,
    /// The version that a rotation has begun with and not yet settled
    #[arg(long, conflicts_with_all = ["field", "at_version"])]
    pending: bool,
    /// No line end after the secret
    #[arg(short, long)]
    no_newline: bool,
}

/// Prints a secret, after recording that it was revealed.
///
/// # Errors
/// When there is no such entry, field or version.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let entry = session.vault().entry(&args.entry)?;
    let found = find(entry, args)?;
    let handed = Handed::field(&args.entry, entry, &found);
    hand_out(ctx, &session, &[handed], &Via::Asked)?;
    answer(ctx, entry, &found, args)?;
    Ok(())
}

fn find<'a>(entry: &'a Entry, args: &Args) -> VaultResult<Found<'a>> {
    if args.pending {
        let pending = entry.pending().map(Found::Secret);
        return pending.ok_or_else(|| none_pending(&args.entry));
    }
    let name = args.field.as_deref().unwrap_or(SECRET);
    match args.at_version {
        Some(number) => at_version(entry, name, number, args),
        None => entry.known_field(&args.entry, name),
    }
}

fn at_version<'a>(
    entry: &'a Entry,
    name: &str,
    number: u32,
    args: &Args,
) -> VaultResult<Found<'a>> {
    let mut versions = entry.version(name, number);
    match (versions.next(), versions.next()) {
        (Some(version), None) => Ok(Found::Secret(version)),
        (Some(_), Some(_)) => Err(Error::conflict(format!(
            "two devices each stored a version {number} of {}",
            args.entry
        ))
        .hint("settle which one counts first")),
        (None, _) => {
            let last = entry.history(name).map(|version| version.number).max();
            let error =
                Error::not_found(format!("{} has no version {number} of {name}", args.entry));
            Err(match last {
                Some(last) => error.hint(format!("its newest version is {last}")),
                None => entry.no_field(&args.entry, name),
            })
        }
    }
}

fn answer(ctx: &Context, entry: &Entry, found: &Found<'_>, args: &Args) -> VaultResult<()> {
    if ctx.ui.is_json() {
        return answer_json(ctx, entry, found, args);
    }
    match found {
        Found::Secret(version) => ctx.ui.reveal(version.secret(), !args.no_newline),
        Found::Visible(text) => {
            let text = Secret::new(text.clone().into_owned());
            ctx.ui.reveal(&text, !args.no_newline)
        }
    }
}

fn answer_json(ctx: &Context, entry: &Entry, found: &Found<'_>, args: &Args) -> VaultResult<()> {
    let (text, number) = (found.expose(), found.version());
    let path = args.entry.to_string();
    match args.field.as_deref() {
        None | Some(SECRET) => {
            let fields: serde_json::Map<String, serde_json::Value> = entry
                .visible_fields()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            ctx.ui.json(&json!({
                "path": path, "version": number, "secret": text, "fields": fields,
            }))
        }
        Some(name) => ctx.ui.json(&json!({
            "path": path, "version": number, "secret": null, "fields": {name: text},
        })),
    }
}
