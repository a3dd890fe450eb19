//! `vault list`: what there is.

use std::borrow::Cow;

use anyhow::Result;
use jiff::Timestamp;

use crate::context::Context;
use crate::model::entry::fields::EntryField;
use crate::model::records::entry::Entry;
use crate::model::text::name::{ClientSlug, Tag};
use crate::model::vault::Vault;
use crate::ui::Shown;
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
pub fn answer(
    ctx: &Context,
    vault: &Vault,
    entries: &[(String, Cow<'_, Entry>)],
    long: bool,
) -> Result<()> {
    let now = ctx.now();
    let exposures = vault.exposures(now)?;
    if long || ctx.ui.is_json() {
        let shown = entries.iter().map(|(path, entry)| {
            let flags = exposures.flags(entry, now);
            as_shown(path, entry, &flags, now)
        });
        ctx.ui.list(shown, "")?;
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

fn as_shown(path: &str, entry: &Entry, flags: &[&str], now: Timestamp) -> Shown {
    let version = entry.current("secret").map(|version| version.number);
    let text = version.map_or_else(|| "-".into(), |number| number.to_string());
    Shown::default()
        .field("path", "ENTRY", path)
        .json("client", path.split('/').next())
        .json("name", entry.name())
        .field(
            EntryField::Username.key(),
            "USERNAME",
            entry.username.value(),
        )
        .json(EntryField::Urls.key(), entry.urls())
        .json(EntryField::Tags.key(), entry.tags())
        .told("version", "VERSION", version, text)
        .told(
            "updated",
            "UPDATED",
            entry.updated(),
            relative(entry.updated(), now),
        )
        .told("flags", "FLAGS", flags, flags.join(","))
}
