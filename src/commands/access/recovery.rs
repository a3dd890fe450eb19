//! `vault recovery`: identities that open the vault when the password is lost.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use super::ways_in;
use crate::commands::args::document::named;
use crate::commands::args::dry_run::DryRunArg;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::records::record_id::short;
use crate::model::records::way_in::{Family, WayInKind};
use crate::model::text::name::WayInName;
use crate::model::text::secret::Secret;
use crate::report::recovery_sheet::{Ground, RecoveryIdentity, SheetFormat};
use crate::store::disk::file::{InPlace, Prepared, check_new_file};

const EXAMPLES: &str = "\
Examples:
  vault recovery add --sheet recovery.html        print it, put it away, delete the file
  vault recovery add --out /media/usb/recovery.key
  vault passwd --identity recovery.key            when the password is lost
  vault recovery list";

const ADD_EXAMPLES: &str = "\
Examples:
  vault recovery add                              shows it once, with a code to scan
  vault recovery add --sheet recovery.html        a page to print; .txt for plain text
  vault recovery add --out /media/usb/recovery.key
  vault recovery add | gpg -e -r me > recovery.gpg

Whoever has it can read the vault without the password. The vault does not keep it: it cannot be
shown again, but taken away and replaced. Stock age opens the vault with it too: age -d -i FILE";

const LIST_EXAMPLES: &str = "\
Examples:
  vault recovery list
  vault recovery list --json | jq -r '.[].id'

One that was cut off before its file was there is never written out: nobody has it, so take it away
and make another. In JSON its `written` is false.";

const RM_EXAMPLES: &str = "\
Examples:
  vault recovery rm 3f2a          asks first
  vault recovery rm 3f2a --yes

The vault is encrypted anew, without that identity. Old copies and backups still open with it: if
somebody else may have it, vault passwd --compromised makes new keys for the vault too.";

/// Options of `recovery`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do with recovery identities.
#[derive(Debug, Subcommand)]
enum Action {
    /// Make a recovery identity, and show it once
    #[command(after_help = ADD_EXAMPLES)]
    Add(NewRecoveryArgs),
    /// List the recovery identities
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List,
    /// Take a recovery identity away
    #[command(after_help = RM_EXAMPLES)]
    Rm {
        /// Its id, or the start of it; may be several
        #[arg(required = true, value_name = "ID")]
        ids: Vec<WayInName>,
        #[command(flatten)]
        dry_run: DryRunArg,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Options of `recovery add`.
#[derive(clap::Args, Debug)]
struct NewRecoveryArgs {
    /// Write it to this new file, which age reads too, and do not show it; - is stdout
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a page to print to this new file, .html or .txt
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

/// Makes, lists or takes away.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::Add(args) => add(ctx, args)?,
        Action::List => ways_in::list(ctx, Family::Recovery)?,
        Action::Rm { ids, dry_run, yes } => {
            dry_run.begin(ctx);
            ways_in::remove(ctx, Family::Recovery, ids, *yes)?;
        }
    }
    Ok(())
}

fn add(ctx: &Context, args: &NewRecoveryArgs) -> VaultResult<()> {
    let format = args.sheet.as_deref().map(sheet_format).transpose()?;
    let (out, sheet) = (named(args.out.as_deref()), args.sheet.as_deref());
    for path in [out, sheet].into_iter().flatten() {
        check_new_file(path)?;
    }
    if out.is_some() && out == sheet {
        return Err(Error::usage("--out and --sheet name the same file"));
    }
    let session = ctx.unlock_to_change()?;
    ctx.prove_for_way_in(&session, &[session.vault()])?;
    let vault = session.facts().vault_id;
    let identity = RecoveryIdentity::generate(ctx.now());
    // Written beside their places first, so that a folder that takes no file is noticed in time.
    let mut files = Vec::new();
    if let Some(path) = out {
        files.push((path, prepared(path, &identity.file())?));
    }
    if let (Some(path), Some(format)) = (sheet, format) {
        let page = identity.sheet(format, vault)?;
        files.push((path, prepared(path, &page)?));
    }
    let recipient = identity.recipient();
    let (id, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.add_way_in(WayInKind::Recovery, recipient, None, author)
    })?;
    let shown = files.is_empty() || (args.out.is_some() && out.is_none());
    let handed_over = publish(ctx, files).and_then(|()| {
        if shown {
            answer(ctx, &identity, id, shown)
        } else {
            Ok(())
        }
    });
    handed_over.map_err(|why| never_seen(&why, id))?;
    ways_in::mark_written(ctx, session, id);
    if !shown {
        answer(ctx, &identity, id, shown)?;
    }
    tell(ctx, (out, sheet), shown, id);
    Ok(())
}

fn sheet_format(path: &Path) -> VaultResult<SheetFormat> {
    let ending = path.extension().map(OsStr::to_ascii_lowercase);
    match ending.as_ref().and_then(|end| end.to_str()) {
        Some("html" | "htm") => Ok(SheetFormat::Html),
        Some("txt") => Ok(SheetFormat::Text),
        _ => Err(
            Error::usage(format!("what kind of page is {}?", path.display()))
                .hint("name it .html for a page with a code, or .txt for plain text"),
        ),
    }
}

fn prepared(path: &Path, text: &Secret) -> VaultResult<Prepared> {
    Prepared::write(path, text.expose().as_bytes())
}

fn publish(ctx: &Context, files: Vec<(&Path, Prepared)>) -> VaultResult<()> {
    for (path, file) in files {
        file.create().and_then(InPlace::sync)?;
        ctx.ui
            .note(&format!("wrote {}, readable by you only", path.display()));
    }
    Ok(())
}

/// Answers; with the identity itself where no file has it.
fn answer(ctx: &Context, identity: &RecoveryIdentity, id: Uuid, shown: bool) -> VaultResult<()> {
    if ctx.ui.is_json() {
        let secret = identity.secret();
        ctx.ui.json(&json!({
            "ok": true,
            "changed": [id],
            "warnings": ctx.warnings(),
            "recipient": identity.recipient(),
            "identity": shown.then(|| secret.expose()),
        }))?;
    } else if shown {
        // The key is what has to be on the screen at the end.
        if ctx.ui.stdout_is_terminal() {
            ctx.ui.picture(&identity.code(Ground::Dark)?)?;
        }
        ctx.ui.reveal(&identity.file(), false)?;
    }
    ctx.ui.flush()?;
    if shown && ctx.ui.reader_gone() {
        return Err(Error::failed(
            "stdout was closed before the key was written",
        ));
    }
    Ok(())
}

/// The vault is written, and nobody has the identity for sure.
fn never_seen(why: &Error, id: Uuid) -> Error {
    Error::new(
        why.kind(),
        format!("the identity opens the vault, but you may not have it: {why}"),
    )
    .hint(format!(
        "take it away and make another: vault recovery rm {}",
        short(id)
    ))
}

fn tell(ctx: &Context, files: (Option<&Path>, Option<&Path>), shown: bool, id: Uuid) {
    ctx.ui.note(&format!(
        "recovery identity {} now opens the vault; if the password is lost: vault passwd \
         --identity FILE",
        short(id)
    ));
    let (out, sheet) = files;
    if let Some(path) = out {
        let path = path.display();
        ctx.ui
            .note(&format!("Keep {path} offline, apart from the vault."));
    }
    if let Some(path) = sheet {
        let path = path.display();
        ctx.ui.note(&format!(
            "Print {path}, put the page away, and delete the file."
        ));
    }
    if shown {
        ctx.ui
            .note("It is not shown again: write it down, and keep it offline.");
    }
    ctx.ui
        .note("Whoever has it can read this vault without the password.");
}
