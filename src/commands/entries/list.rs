//! `vault list`: what there is.

use std::borrow::Cow;

use anyhow::Result;
use jiff::Timestamp;

use crate::commands::args::entry::is_typed;
use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::entry::fields::EntryField;
use crate::model::records::entry::Entry;
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::rotation::exposure::Exposures;
use crate::model::text::name::{ClientSlug, Tag};
use crate::model::text::part::{folded, holding};
use crate::model::text::quote::as_word;
use crate::model::text::selector::{EntryFolder, ListedFolder};
use crate::model::text::tree;
use crate::model::vault::Vault;
use crate::ui::Shown;
use crate::ui::time::relative;

const EXAMPLES: &str = "\
Examples:
  vault list                   all paths, sorted
  vault list acme              a client's; a folder's: vault list acme/db/
  vault list --tree            as a tree
  vault list --due             what is to be rotated; --expired what has ended
  vault list acme --long       with usernames, versions, ages and ends
  vault list --tag cms --json | jq -r '.[].path'";

/// Options of `list`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this client's, or what is in a folder: CLIENT or CLIENT/FOLDER/
    #[arg(value_name = "CLIENT")]
    folder: Option<ListedFolder>,
    /// Only this client's
    #[arg(long, value_name = "CLIENT", conflicts_with = "folder")]
    client: Option<ClientSlug>,
    /// Only those with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<Tag>,
    #[command(flatten)]
    flagged: FlaggedOnly,
    /// With usernames, versions, ages and ends
    #[arg(short, long)]
    long: bool,
    /// As a tree of clients and folders
    #[arg(long, conflicts_with = "long")]
    tree: bool,
}

/// What calls for attention alone.
#[derive(clap::Args, Debug)]
struct FlaggedOnly {
    /// Only what is to be rotated, now or soon
    #[arg(long)]
    due: bool,
    /// Only what has ended
    #[arg(long)]
    expired: bool,
}

impl FlaggedOnly {
    /// The flags of which an entry has to have one; none where all are wanted.
    fn flags(&self) -> Vec<&'static str> {
        let due = ["rotate", "rotate-soon"].into_iter().filter(|_| self.due);
        due.chain(self.expired.then_some("expired")).collect()
    }
}

/// Lists paths, sorted.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let (vault, now) = (session.vault(), ctx.now());
    let wanted = args.flagged.flags();
    let is_told = args.long || ctx.ui.is_json();
    if !is_told && args.tag.is_none() && wanted.is_empty() {
        let mut paths: Vec<(String, ())> = vault.live_paths()?.map(|path| (path, ())).collect();
        narrow(args, ctx, vault, &mut paths)?;
        return show_paths(ctx, &paths, args.tree);
    }
    let mut entries = session.all_visible(now)?;
    narrow(args, ctx, vault, &mut entries)?;
    entries.retain(|(_, entry)| match &args.tag {
        Some(tag) => entry.tags().iter().any(|t| t == tag.as_str()),
        None => true,
    });
    let exposures = vault.exposures(now)?;
    if !wanted.is_empty() {
        entries.retain(|(_, entry)| {
            let flags = exposures.flags(entry, now);
            wanted.iter().any(|flag| flags.contains(flag))
        });
    }
    if args.tree && !ctx.ui.is_json() {
        return show_paths(ctx, &entries, true);
    }
    answer(ctx, vault, &exposures, &entries, args.long)
}

/// Keeps what is in the folder or of the client that was asked for.
fn narrow<T>(
    args: &Args,
    ctx: &Context,
    vault: &Vault,
    entries: &mut Vec<(String, T)>,
) -> VaultResult<()> {
    let of_client = args.client.clone().map(EntryFolder::of);
    let folder = args.folder.as_ref().map(ListedFolder::folder);
    let Some(folder) = folder.or(of_client.as_ref()) else {
        return Ok(());
    };
    match retain_in(vault, folder, entries) {
        Err(why) if why.kind() == Kind::NotFound && is_typed(ctx) => {
            retain_holding(ctx, folder, entries).ok_or(why)
        }
        Err(why) if why.kind() == Kind::NotFound => Err(with_find(why, folder, entries)),
        done => done,
    }
}

/// Keeps what is in a folder or a client.
fn retain_in<T>(
    vault: &Vault,
    folder: &EntryFolder,
    entries: &mut Vec<(String, T)>,
) -> VaultResult<()> {
    vault.known_client(folder.client())?;
    let is_in = |path: &String| folder.below(path).is_some() || folder.is_called(path);
    if !folder.is_whole_client() && !entries.iter().any(|(path, _)| is_in(path)) {
        let hint = format!("what there is: vault list {:#}", folder.client());
        return Err(Error::not_found(format!("there is no folder {folder}")).hint(hint));
    }
    entries.retain(|(path, _)| is_in(path));
    Ok(())
}

/// What is missing, with the command that finds what has it in its path, where something has.
fn with_find<T>(missing: Error, folder: &EntryFolder, entries: &[(String, T)]) -> Error {
    let typed = folder.to_string();
    let part = typed.trim_end_matches('/');
    let paths: Vec<String> = entries.iter().map(|(path, _)| path.clone()).collect();
    let is_near = missing.next_step().is_some_and(|it| it.ends_with('?'));
    if is_near || holding(part, &paths).is_empty() {
        return missing;
    }
    missing.hint(format!(
        "what has it in its name: vault find {}",
        as_word(part)
    ))
}

/// Keeps what has in its path what was typed as a folder, which is said; none where nothing has.
fn retain_holding<T>(
    ctx: &Context,
    folder: &EntryFolder,
    entries: &mut Vec<(String, T)>,
) -> Option<()> {
    let typed = folder.to_string();
    let paths: Vec<String> = entries.iter().map(|(path, _)| path.clone()).collect();
    let part = typed.trim_end_matches('/');
    let starts = |path: &String| folded(path).starts_with(&folded(&typed));
    if paths.iter().any(starts) {
        entries.retain(|(path, _)| starts(path));
    } else {
        let held = holding(part, &paths);
        let mut at = 0..;
        entries.retain(|_| at.next().is_some_and(|at| held.contains(&at)));
    }
    if entries.is_empty() {
        return None;
    }
    ctx.ui.note(&format!("what has {part} in its name:"));
    Some(())
}

/// Answers `list` and `find`: one shape for both.
pub fn answer(
    ctx: &Context,
    vault: &Vault,
    exposures: &Exposures,
    entries: &[(String, Cow<'_, Entry>)],
    long: bool,
) -> Result<()> {
    if !long && !ctx.ui.is_json() {
        return show_paths(ctx, entries, false);
    }
    let now = ctx.now();
    let shown = entries.iter().map(|(path, entry)| {
        let flags = exposures.flags(entry, now);
        let held = vault.held_under(entry)?;
        Ok(as_shown(path, entry, &flags, held, now))
    });
    let shown = shown.collect::<Result<Vec<Shown>>>()?;
    ctx.ui.list(&shown, "")?;
    if entries.is_empty() {
        ctx.ui.note("nothing here");
    }
    Ok(())
}

/// Prints paths, one a line or as a tree.
fn show_paths<T>(ctx: &Context, entries: &[(String, T)], as_tree: bool) -> Result<()> {
    if entries.is_empty() {
        ctx.ui.note("nothing here");
    } else if as_tree {
        let tree = tree::lines(entries.iter().map(|(path, _)| path.as_str()));
        tree.iter().try_for_each(|line| ctx.ui.row(line))?;
    } else {
        entries.iter().try_for_each(|(path, _)| ctx.ui.row(path))?;
    }
    Ok(())
}

/// A line of the list; `held` is the share that the entry came with.
fn as_shown(
    path: &str,
    entry: &Entry,
    flags: &[&str],
    held: Option<&Received>,
    now: Timestamp,
) -> Shown {
    let version = entry.current("secret").map(|version| version.number);
    let text = version.map_or_else(|| "-".into(), |number| number.to_string());
    let expires = entry.expires.value().copied();
    let told_end = expires.map_or_else(String::new, |end| {
        let verb = if end <= now { "ended" } else { "ends" };
        format!("{verb} {}", relative(end, now))
    });
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
        .json("updated", entry.updated())
        .time_text("UPDATED", relative(entry.updated(), now))
        .told("flags", "FLAGS", flags, told_flags(entry, flags, held, now))
        .json("received_share", held.map(|share| share.id))
        .json("expires", expires)
        .time_text("EXPIRES", told_end)
}

/// The flags, what was received with the number that `attest` and `shares show` take, and whether
/// that is over.
fn told_flags(entry: &Entry, flags: &[&str], held: Option<&Received>, now: Timestamp) -> String {
    let told = flags.iter().map(|flag| match held {
        Some(share) if *flag == "received" => {
            let over = if share.is_over_for(entry.id, now) {
                " (ended)"
            } else {
                ""
            };
            format!("received {}{over}", number(share.id))
        }
        _ => (*flag).to_owned(),
    });
    told.collect::<Vec<_>>().join(",")
}
