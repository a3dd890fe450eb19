//! `vault detach`: writes out a file that is kept with a credential.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::terms;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::attachment::Attachment;
use crate::model::log::Happening;
use crate::model::name::{AttachmentName, EntryPath};
use crate::store::file::Prepared;
use crate::store::session::Session;
use crate::ui::size;

const EXAMPLES: &str = "\
Examples:
  vault detach acme/server acme_deploy               to ./acme_deploy, readable by you only
  vault detach acme/server acme_deploy --out ~/.ssh/acme_deploy
  vault detach acme/server acme_deploy --out - | ssh-add -
  vault detach acme/server acme_deploy --rm          and takes it from the entry";

/// Options of `detach`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/server
    entry: EntryPath,
    /// The attachment; show ENTRY lists them
    name: AttachmentName,
    /// Where to write it; - is stdout [default: its name, in this folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Take it from the entry too; it stays in the history until it is purged
    #[arg(long)]
    rm: bool,
    /// Overwrite a file that exists
    #[arg(long)]
    force: bool,
}

/// Writes out a file that is kept with a credential, after recording that it was revealed.
///
/// # Errors
/// When there is no such entry or attachment, or the file cannot be written.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let path = &args.entry;
    let target = target(args);
    match &target {
        Some(target) => refuse_taken(target, args.force)?,
        None if ctx.ui.is_json() => {
            return Err(Error::usage("--json and --out - both ask for stdout")
                .hint("write the file elsewhere: --out FILE")
                .into());
        }
        None => {}
    }
    let session = if args.rm {
        ctx.unlock_to_change()?
    } else {
        ctx.unlock()?
    };
    let file = session.vault().attachment(path, &args.name)?;
    terms::check_usable(ctx, &session, session.vault().entry(path)?)?;
    let id = file.id;
    write_out(ctx, &session, file, args, target.as_deref())?;
    let mut changed = vec![];
    if args.rm {
        ctx.change(session, |vault, author| {
            vault.detach(path, &args.name, id, author)
        })?;
        ctx.ui.note(&format!("took {} from {path}", args.name));
        changed.push(path.to_string());
    }
    if target.is_some() {
        ctx.answer(&changed);
    }
    Ok(())
}

/// The file to write; none for stdout.
fn target(args: &Args) -> Option<PathBuf> {
    match &args.out {
        Some(out) if out.as_os_str() == "-" => None,
        Some(out) => Some(out.clone()),
        None => Some(args.name.as_str().into()),
    }
}

fn refuse_taken(target: &Path, force: bool) -> VaultResult<()> {
    let shown = target.display();
    match target.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) if !force => Err(Error::conflict(format!("{shown} already exists"))
            .hint("--force overwrites it, --out FILE chooses another place")),
        Ok(there) if there.is_file() || there.is_symlink() => Ok(()),
        Ok(_) => Err(
            Error::conflict(format!("{shown} is no file that could be overwritten"))
                .hint("--out FILE chooses another place"),
        ),
    }
}

fn write_out(
    ctx: &Context,
    session: &Session,
    file: &Attachment,
    args: &Args,
    target: Option<&Path>,
) -> VaultResult<()> {
    let bytes = file.bytes()?;
    let Some(target) = target else {
        ctx.ui.check_showable(&bytes)?;
        record(ctx, session, file, args)?;
        ctx.ui.file(&bytes)?;
        ctx.ui.flush()?;
        if args.rm && ctx.ui.reader_gone() {
            return Err(Error::failed(
                "whoever reads stdout went away before the whole file was written",
            )
            .hint("nothing was removed"));
        }
        return Ok(());
    };
    record(ctx, session, file, args)?;
    let prepared = Prepared::write(target, &bytes)?;
    if args.force {
        prepared.replace()?.sync()?;
    } else {
        prepared.create()?.sync()?;
    }
    let bytes = size(file.size);
    ctx.ui.note(&format!(
        "wrote {} ({bytes}), readable by you only",
        target.display()
    ));
    Ok(())
}

/// As with `get`, a reveal that cannot be recorded is still answered.
fn record(ctx: &Context, session: &Session, file: &Attachment, args: &Args) -> VaultResult<()> {
    let entry = session.vault().entry(&args.entry)?.id;
    let happening = Happening::new(ctx.now(), "reveal", vec![entry])
        .with("what", "attachment")
        .with("attachment", file.id.to_string());
    if let Err(why) = session.journal(happening) {
        ctx.warn(&format!("this reveal is not in the log: {why}"));
    }
    Ok(())
}
