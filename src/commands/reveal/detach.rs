//! `vault detach`: takes a file from a credential.

use std::path::PathBuf;

use anyhow::Result;

use super::file_out::FileOut;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::entry::EntryArg;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::records::entry::Entry;
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::ui::{PickerRow, Unasked};

const EXAMPLES: &str = "\
Examples:
  vault detach acme/server acme_deploy --out ~/.ssh/acme_deploy     written there, then taken away
  vault detach acme/server acme_deploy               asks, where no other entry has the same file
  vault get acme/server --file acme_deploy           gives it and leaves it

The file stays in the history of the entry until that is purged.";

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
    /// The attachment; vault attachments ENTRY lists them, and left out on a terminal, it is chosen too
    name: Option<AttachmentName>,
    /// Write it there first, readable by you only; - is stdout
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Detaching takes it away by itself
    #[arg(long, hide = true)]
    rm: bool,
    /// Overwrite a file that exists
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask, even if there is no other copy
    #[arg(short, long)]
    yes: bool,
}

/// Takes a file from a credential, written out before if that is wanted.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    // Before anything is asked, where it is known by then.
    let out = (args.out.as_deref()).map(|out| FileOut::of(ctx, out, args.force));
    let out = out.transpose()?;
    if args.name.is_none() {
        ctx.ui.check_can_pick(UNNAMED)?;
    }
    args.entry.check(ctx, "detach")?;
    let session = ctx.unlock_to_change()?;
    let path = &args.entry.or_pick(ctx, &session, "detach")?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => pick_name(ctx, path, session.vault().entry(path)?)?,
    };
    let file = session.vault().attachment(path, &name)?;
    let id = file.id;
    if let Some(out) = &out {
        out.write(ctx, &session, path, file)?;
        if matches!(out, FileOut::Stdout) && ctx.ui.reader_gone() {
            return Err(Error::failed(
                "stdout was closed early, before the whole file was written",
            )
            .hint("nothing was removed")
            .into());
        }
    } else if !session.vault().has_other_copy(file)? {
        let what = format!("taking {name}, of which no other copy is here, from {path}");
        let question = format!("{path} has the only copy of {name} in the vault. Take it away?");
        if !ctx.confirm_or_yes(args.yes, &what, &question)? {
            ctx.answer_change("nothing changed", &[]);
            return Ok(());
        }
    }
    ctx.change(session, |vault, author| {
        vault.detach(path, &name, id, author)
    })?;
    ctx.note_done(&format!("took {name} from {path}"));
    if !matches!(out, Some(FileOut::Stdout)) {
        ctx.answer(&[path.to_string()]);
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
