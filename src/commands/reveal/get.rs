//! `vault get`: prints a secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::clip::{Clip, ClipArgs};
use super::file_out::FileOut;
use super::hand_out::hand_out;
use crate::commands::args::entry::SoughtEntryArg;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::entry::field::{Found, SECRET};
use crate::model::entry::fields::EntryField;
use crate::model::records::entry::{Entry, VersionName};
use crate::model::rotation::pending::none_pending;
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::store::gate::{RevealedItem, Via};

const EXAMPLES: &str = "\
Examples:
  vault get acme/wordpress                  the secret and a line end
  vault get acme/wordpress --field username
  vault get acme/wordpress --clip           to the clipboard, which is cleared after 45 s
  vault get acme/deploy-key -n > key.pem    exactly the bytes that were stored
  vault get acme/server --file id_ed25519 -o ~/.ssh/acme    a file that is attached
  vault get acme/server --file id_ed25519 | ssh-add -       - and no --out are stdout
  vault get acme/db --at-version 1          what it was at first
  vault get acme/db --pending               what a rotation will make it";

/// Options of `get`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entry: SoughtEntryArg,
    /// This field instead: username, url, urls, notes, tags, env, totp (the seed), or a custom one
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// This version instead of the current one
    #[arg(long, value_name = "N")]
    at_version: Option<VersionName>,
    /// The version that a rotation has begun with and not yet settled
    #[arg(long, conflicts_with_all = ["field", "at_version"])]
    pending: bool,
    /// No line end after the secret
    #[arg(short, long, conflicts_with_all = ["clip", "clear_after"])]
    no_newline: bool,
    /// A file that is attached, instead of the secret; vault attachments ENTRY lists them
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with_all = ["field", "at_version", "pending", "no_newline", "clip", "clear_after"]
    )]
    file: Option<AttachmentName>,
    /// Where to write the file, readable by you only [default: -, which is stdout]
    #[arg(short, long, value_name = "FILE", requires = "file")]
    out: Option<PathBuf>,
    /// Overwrite a file that exists
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    clip: ClipArgs,
}

/// Prints or copies a secret, after recording that it was revealed.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.entry.check(ctx, "get")?;
    if let Some(name) = &args.file {
        return give_file(args, name, ctx);
    }
    let clip = args.clip.find(ctx)?;
    let session = ctx.unlock()?;
    let path = &args.entry.or_pick(ctx, &session, "get")?;
    let entry = session.vault().entry(path)?;
    let found = find(entry, path, args)?;
    if let Some(clip) = &clip {
        clip.check_fits(&found.to_secret())?;
    }
    let handed = RevealedItem::field(path, entry, &found);
    hand_out(ctx, &session, &[handed], &Via::Asked)?;
    if let Some(clip) = &clip {
        copy(ctx, path, entry, &found, clip)?;
    } else {
        answer(ctx, path, entry, &found, args)?;
    }
    Ok(())
}

/// Writes out a file that is attached.
fn give_file(args: &Args, name: &AttachmentName, ctx: &Context) -> Result<()> {
    let out = args.out.as_deref().unwrap_or(Path::new("-"));
    let out = FileOut::of(ctx, out, args.force)?;
    let session = ctx.unlock()?;
    let path = &args.entry.or_pick(ctx, &session, "get")?;
    let file = session.vault().attachment(path, name)?;
    out.write(ctx, &session, path, file)?;
    if !matches!(out, FileOut::Stdout) {
        ctx.answer(&[]);
    }
    Ok(())
}

fn find<'a>(entry: &'a Entry, path: &EntryPath, args: &Args) -> VaultResult<Found<'a>> {
    if args.pending {
        let pending = entry.pending().map(Found::Secret);
        return pending.ok_or_else(|| none_pending(path));
    }
    let name = args.field.as_deref().unwrap_or(SECRET);
    match &args.at_version {
        Some(number) => entry.known_version(path, name, number).map(Found::Secret),
        None => entry.known_field(path, name),
    }
}

/// Puts it on the clipboard; what a script gets holds no secret.
fn copy(
    ctx: &Context,
    path: &EntryPath,
    entry: &Entry,
    found: &Found<'_>,
    clip: &Clip,
) -> VaultResult<()> {
    let copied = clip.copy(ctx, &found.to_secret())?;
    if !ctx.ui.is_json() {
        return Ok(());
    }
    let mut given = given(path, entry, found, None, &BTreeMap::new());
    if let Some(members) = given.as_object_mut() {
        members.insert("clip".into(), json!(copied));
    }
    ctx.ui.json(&given)
}

fn answer(
    ctx: &Context,
    path: &EntryPath,
    entry: &Entry,
    found: &Found<'_>,
    args: &Args,
) -> VaultResult<()> {
    if !ctx.ui.is_json() {
        return ctx.ui.reveal(&found.to_secret(), !args.no_newline);
    }
    let text = found.expose();
    let (secret, fields) = match args.field.as_deref() {
        None | Some(SECRET) => (Some(text), entry.visible_fields().collect()),
        Some(name) => (None, BTreeMap::from([(name, text)])),
    };
    ctx.ui.json(&given(path, entry, found, secret, &fields))
}

/// What a script is given: who logs in where stands beside the secret, so that one call is enough.
fn given(
    path: &EntryPath,
    entry: &Entry,
    found: &Found<'_>,
    secret: Option<&str>,
    fields: &BTreeMap<&str, &str>,
) -> Value {
    json!({
        "path": path.to_string(),
        "version": found.version(),
        EntryField::Username.key(): entry.username.value(),
        EntryField::Urls.key(): entry.urls(),
        "secret": secret,
        "fields": fields,
    })
}
