//! `vault attach`: keeps a file with a credential.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::attachments::check_attachment_size;
use crate::model::text::limits::ATTACHMENT_BYTES;
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::store::disk::file::read_named;
use crate::ui::size;

const EXAMPLES: &str = "\
Examples:
  vault attach acme/server ~/.ssh/acme_deploy        an SSH key, kept as acme_deploy
  vault attach acme/server .env --as env             under another name
  openssl pkcs12 … | vault attach acme/vpn - --as client.p12
  vault attach acme/vpn client.p12 --replace         the old one stays in the history

The file itself is left where it is; once it is attached, you may want to delete it there.";

/// Options of `attach`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/server
    entry: EntryPath,
    /// The file, 5 MiB at most; - is stdin
    file: PathBuf,
    /// What to call it [default: the file's name]
    #[arg(long = "as", value_name = "NAME")]
    name: Option<AttachmentName>,
    /// Put it in the place of the one that has this name
    #[arg(long)]
    replace: bool,
}

type FileBytes = Box<dyn AsRef<[u8]>>;

/// Keeps a file with a credential.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let path = &args.entry;
    let name = name(args)?;
    let piped = args.file.as_os_str() == "-";
    // Before anything is asked; stdin may still have the password in front of the file.
    let file = (!piped).then(|| read_file(&args.file)).transpose()?;
    let session = ctx.unlock_to_change()?;
    share_terms::check_usable(ctx, &session, session.vault().entry(path)?)?;
    session
        .vault()
        .check_attachable(path, &name, 0, args.replace)?;
    let bytes = match file {
        Some(bytes) => bytes,
        None => read_stdin(ctx)?,
    };
    let bytes = (*bytes).as_ref();
    let vault = session.vault();
    if vault
        .attachment(path, &name)
        .is_ok_and(|old| old.is_of(bytes))
    {
        let note = format!("{path} has exactly this file as {name} already");
        ctx.answer_change(&note, &[]);
        return Ok(());
    }
    vault.check_attachable(path, &name, bytes.len(), args.replace)?;
    ctx.change(session, |vault, author| {
        vault.attach(path, &name, bytes, args.replace, author)
    })?;
    let bytes = size(bytes.len() as u64);
    ctx.answer_change(
        &format!("attached {name} ({bytes}) to {path}"),
        &[path.to_string()],
    );
    Ok(())
}

fn name(args: &Args) -> VaultResult<AttachmentName> {
    if let Some(name) = &args.name {
        return Ok(name.clone());
    }
    if args.file.as_os_str() == "-" {
        return Err(Error::usage("a file on stdin has no name").hint("give it one with --as NAME"));
    }
    let Some(name) = args.file.file_name() else {
        return Err(Error::usage(format!(
            "{} names no file",
            args.file.display()
        )));
    };
    let unfit = |why: &str| {
        Error::usage(format!("the file's name cannot be kept: {why}"))
            .hint("give it another name with --as NAME")
    };
    let name = name.to_str().ok_or_else(|| unfit("it is not UTF-8"))?;
    name.parse().map_err(|why: String| unfit(&why))
}

fn read_file(path: &Path) -> VaultResult<FileBytes> {
    Ok(Box::new(read_named("the file", path, ATTACHMENT_BYTES)?))
}

fn read_stdin(ctx: &Context) -> VaultResult<FileBytes> {
    let bytes = ctx.ui.stdin_bytes(ATTACHMENT_BYTES)?;
    check_attachment_size(bytes.len())?;
    Ok(Box::new(bytes))
}
