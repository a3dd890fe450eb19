//! `vault detach`: writes out a file that is kept with a credential.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::hand_out::hand_out;
use crate::commands::args::entry::EntryArg;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::records::attachment::Attachment;
use crate::model::records::entry::Entry;
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::store::disk::file::Prepared;
use crate::store::gate::{RevealedItem, Via};
use crate::store::session::Session;
use crate::ui::{PickerRow, Unasked, size};

const EXAMPLES: &str = "\
Examples:
  vault detach acme/server acme_deploy               to ./acme_deploy, readable by you only
  vault detach acme/server acme_deploy --out ~/.ssh/acme_deploy
  vault detach acme/server acme_deploy --out - | ssh-add -
  vault detach acme/server acme_deploy --rm          and takes it from the entry";

/// What is said when there is nobody to choose.
const UNNAMED: Unasked<'_> = Unasked {
    needed: "an entry and the name of an attachment are needed",
    instead: "name both, as in: vault detach acme/server id_ed25519",
};

/// Options of `detach`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entry: EntryArg,
    /// The attachment; show ENTRY lists them, and left out on a terminal, it is chosen too
    name: Option<AttachmentName>,
    /// Where to write it; - is stdout [default: its name, in this folder]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Take it from the entry too; it stays in the history until it is purged
    #[arg(long)]
    rm: bool,
    /// Overwrite a file that exists
    #[arg(long)]
    force: bool,
}

/// Writes out a file that is kept with a credential, after recording that it was revealed.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    // Before anything is asked, where it is known by then.
    match &args.name {
        Some(name) => drop(target(ctx, args, name)?),
        None => ctx.ui.check_can_pick(UNNAMED)?,
    }
    args.entry.check(ctx, "detach")?;
    let session = if args.rm {
        ctx.unlock_to_change()?
    } else {
        ctx.unlock()?
    };
    let path = &args.entry.or_pick(ctx, &session, "detach")?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => pick_name(ctx, path, session.vault().entry(path)?)?,
    };
    let target = target(ctx, args, &name)?;
    let file = session.vault().attachment(path, &name)?;
    let id = file.id;
    write_out(ctx, &session, path, file, args, target.as_deref())?;
    let mut changed = vec![];
    if args.rm {
        ctx.change(session, |vault, author| {
            vault.detach(path, &name, id, author)
        })?;
        ctx.ui.note(&format!("took {name} from {path}"));
        changed.push(path.to_string());
    }
    if target.is_some() {
        ctx.answer(&changed);
    }
    Ok(())
}

/// The only attachment, or the one that the user chooses.
fn pick_name(ctx: &Context, path: &EntryPath, entry: &Entry) -> VaultResult<AttachmentName> {
    let names: Vec<&str> = entry.attached().map(|file| file.name.as_str()).collect();
    let chosen = match names.as_slice() {
        [] => return Err(Error::not_found(format!("{path} has no attachments"))),
        [only] => Some(*only),
        all => {
            let choice = |name: &&str| PickerRow {
                name: (*name).to_owned(),
                details: vec![],
            };
            let choices: Vec<PickerRow> = all.iter().map(choice).collect();
            let at = ctx.ui.pick("detach", &choices, UNNAMED)?;
            at.and_then(|at| all.get(at)).copied()
        }
    };
    let name = chosen.ok_or_else(|| Error::failed("no attachment was chosen"))?;
    name.parse()
        .map_err(|why: String| Error::integrity(format!("an attachment has no proper name: {why}")))
}

/// The file to write, which has to be free; none for stdout.
fn target(ctx: &Context, args: &Args, name: &AttachmentName) -> VaultResult<Option<PathBuf>> {
    let target = match &args.out {
        Some(out) if out.as_os_str() == "-" => {
            if ctx.ui.is_json() {
                return Err(Error::usage("--json and --out - both ask for stdout")
                    .hint("write the file elsewhere: --out FILE"));
            }
            return Ok(None);
        }
        Some(out) => out.clone(),
        None => name.as_str().into(),
    };
    refuse_taken(&target, args.force)?;
    Ok(Some(target))
}

fn refuse_taken(target: &Path, force: bool) -> VaultResult<()> {
    let shown = target.display();
    match target.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) if !force => Err(Error::conflict(format!("{shown} already exists"))
            .hint("--force overwrites it, --out FILE chooses another place")),
        Ok(there) if there.is_file() || there.is_symlink() => Ok(()),
        Ok(_) => Err(
            Error::conflict(format!("{shown} is not a file that could be overwritten"))
                .hint("--out FILE chooses another place"),
        ),
    }
}

fn write_out(
    ctx: &Context,
    session: &Session,
    path: &EntryPath,
    file: &Attachment,
    args: &Args,
    target: Option<&Path>,
) -> VaultResult<()> {
    let bytes = file.bytes()?;
    let Some(target) = target else {
        ctx.ui.check_showable(&bytes)?;
        record(ctx, session, path, file)?;
        ctx.ui.file(&bytes)?;
        ctx.ui.flush()?;
        if args.rm && ctx.ui.reader_gone() {
            return Err(
                Error::failed("stdout was closed before the whole file was written")
                    .hint("nothing was removed"),
            );
        }
        return Ok(());
    };
    record(ctx, session, path, file)?;
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

fn record(
    ctx: &Context,
    session: &Session,
    path: &EntryPath,
    file: &Attachment,
) -> VaultResult<()> {
    let entry = session.vault().entry(path)?;
    let handed = RevealedItem::attachment(path, entry, file.id);
    hand_out(ctx, session, &[handed], &Via::Asked)
}
