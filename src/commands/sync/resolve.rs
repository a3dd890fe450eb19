//! `vault resolve`: which of what devices have written apart counts.

use anyhow::Result;

use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::entry::EntryArg;
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::Error;
use crate::model::records::entry::VersionName;
use crate::model::text::name::{AttachmentName, EntryPath};

const EXAMPLES: &str = "\
Examples:
  vault resolve acme/wordpress --version 2~1f0a     that version of its secret counts
  vault resolve acme/wordpress --version 3 --field pin
  vault resolve acme/server --version 3fa91bcd --file id_ed25519
  vault resolve acme/wordpress --keep-deleted       it goes to the trash after all; to keep it:
                                                    vault trash restore acme/wordpress
  vault resolve acme/wordpress~7c11 --rename acme/wordpress-old

vault conflicts shows what there is to choose; a visible field is settled by vault edit.";

/// Options of `resolve`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(disable_version_flag = true)]
#[command(group = clap::ArgGroup::new("choice").required(true))]
pub struct Args {
    #[command(flatten)]
    entry: EntryArg,
    /// The version that counts, as vault history names it; of a file the start of its hash
    #[arg(long, value_name = "N", group = "choice")]
    version: Option<String>,
    /// Of this hidden field, or of totp, instead of the secret
    #[arg(
        long,
        value_name = "NAME",
        default_value = "secret",
        hide_default_value = true,
        requires = "version"
    )]
    field: String,
    /// Of the files that were attached under this name, instead of the secret
    #[arg(
        long,
        value_name = "NAME",
        requires = "version",
        conflicts_with = "field"
    )]
    file: Option<AttachmentName>,
    /// Leave in the trash what another device has changed meanwhile
    #[arg(long, group = "choice")]
    keep_deleted: bool,
    /// Give the entry this path: two devices had each added one with the same
    #[arg(long, value_name = "ENTRY", group = "choice")]
    rename: Option<EntryPath>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Settles it.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    args.entry.check(ctx, "resolve")?;
    let session = ctx.unlock_to_change()?;
    let path = args.entry.or_pick(ctx, &session, "resolve")?;
    if let Some(version) = &args.version {
        let note = if let Some(name) = &args.file {
            let hash = version.to_ascii_lowercase();
            ctx.change(session, |vault, author| {
                vault.resolve_file(&path, name, &hash, author)
            })?;
            format!("took file {hash} as {name} of {path}")
        } else {
            let name: VersionName = version.parse().map_err(Error::usage)?;
            ctx.change(session, |vault, author| {
                vault.resolve_version(&path, &args.field, &name, author)
            })?;
            format!("took version {version} of {path}")
        };
        ctx.answer_change(&note, &[path.to_string()]);
    } else if let Some(to) = &args.rename {
        share_terms::check_usable(ctx, &session, session.vault().entry(&path)?)?;
        ctx.change(session, |vault, author| vault.rename(&path, to, author))?;
        ctx.answer_change(&format!("renamed {path} to {to}"), &[to.to_string()]);
    } else {
        ctx.change(session, |vault, author| {
            vault.resolve_deleted(&path, author)
        })?;
        ctx.answer_change(&format!("put {path} in the trash"), &[path.to_string()]);
    }
    Ok(())
}
