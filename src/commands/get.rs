//! `vault get`: prints a secret.

use anyhow::Result;
use serde_json::json;

use super::{client, terms};
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::{Entry, Version};
use crate::model::log::Happening;
use crate::model::name::EntryPath;
use crate::model::rotation::none_pending;
use crate::model::secret::Secret;
use crate::store::session::Session;

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

/// What was asked for.
enum Found<'a> {
    Secret(&'a Version),
    Visible(String),
}

/// Prints a secret, after recording that it was revealed.
///
/// # Errors
/// When there is no such entry, field or version.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let entry = session.vault().entry(&args.entry)?;
    terms::check_usable(ctx, &session, entry)?;
    let found = find(entry, args)?;
    if let Found::Secret(version) = &found {
        record(ctx, &session, entry, version, args);
        client::remind_of_rules(ctx, session.vault(), &args.entry);
    }
    answer(ctx, entry, &found, args)?;
    Ok(())
}

fn find<'a>(entry: &'a Entry, args: &Args) -> VaultResult<Found<'a>> {
    if args.pending {
        let pending = entry.pending().map(Found::Secret);
        return pending.ok_or_else(|| none_pending(&args.entry));
    }
    let name = args.field.as_deref().unwrap_or("secret");
    if let Some(number) = args.at_version {
        return at_version(entry, name, number, args);
    }
    if let Some(version) = entry.current(name) {
        return Ok(Found::Secret(version));
    }
    let visible = match name {
        "username" => entry.username.value().cloned(),
        "url" => entry.urls().first().cloned(),
        "urls" => Some(entry.urls().join("\n")).filter(|urls| !urls.is_empty()),
        "notes" => entry.notes.value().cloned(),
        "env" => entry.env.value().cloned(),
        "tags" => Some(entry.tags().join("\n")).filter(|tags| !tags.is_empty()),
        custom => entry
            .visible_fields()
            .find(|(field, _)| *field == custom)
            .map(|(_, value)| value.to_owned()),
    };
    visible
        .map(Found::Visible)
        .ok_or_else(|| no_field(entry, name, args))
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
                None => no_field(entry, name, args),
            })
        }
    }
}

fn no_field(entry: &Entry, name: &str, args: &Args) -> Error {
    let visible = entry.visible_fields().map(|(field, _)| field);
    let set: Vec<&str> = visible
        .chain(entry.secrets().map(|(slot, _)| slot))
        .collect();
    let what = if name == "secret" {
        "secret".to_owned()
    } else {
        format!("field {name}")
    };
    let error = Error::not_found(format!("{} has no {what}", args.entry));
    if set.is_empty() {
        error.hint(format!("see what it has: vault show {}", args.entry))
    } else {
        error.hint(format!("it has: {}", set.join(", ")))
    }
}

/// A reveal that cannot be recorded is still answered: the user may need it now.
fn record(ctx: &Context, session: &Session, entry: &Entry, version: &Version, args: &Args) {
    let what = match args.field.as_deref() {
        None | Some("secret") => "secret",
        Some("totp") => "totp",
        Some(_) => "hidden-field",
    };
    let happening = Happening::new(ctx.now(), "reveal", vec![entry.id])
        .with("what", what)
        .with("version", version.number);
    if let Err(why) = session.journal(happening) {
        ctx.warn(&format!("this reveal is not in the log: {why}"));
    }
}

fn answer(ctx: &Context, entry: &Entry, found: &Found<'_>, args: &Args) -> VaultResult<()> {
    if ctx.ui.is_json() {
        return answer_json(ctx, entry, found, args);
    }
    match found {
        Found::Secret(version) => ctx.ui.reveal(version.secret(), !args.no_newline),
        Found::Visible(text) => ctx.ui.reveal(&Secret::new(text.clone()), !args.no_newline),
    }
}

fn answer_json(ctx: &Context, entry: &Entry, found: &Found<'_>, args: &Args) -> VaultResult<()> {
    let text = match found {
        Found::Secret(version) => version.secret().expose(),
        Found::Visible(text) => text,
    };
    let number = match found {
        Found::Secret(version) => Some(version.number),
        Found::Visible(_) => None,
    };
    let path = args.entry.to_string();
    match args.field.as_deref() {
        None | Some("secret") => {
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
