//! `vault export`: writes entries as other programs read them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::commands::args::document::named;
use crate::commands::args::dry_run::DryRunArg;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::export::{ExportFormat, PasswordStore, left_out, remark};
use crate::model::records::entry::Entry;
use crate::model::records::event::EventDraft;
use crate::model::text::name::ClientSlug;
use crate::model::transfer::portable::Outgoing;
use crate::store::disk::file::check_new_file;
use crate::store::disk::new_file::{FreshFolder, write_new};
use crate::store::session::Session;

/// Entries that a message names one by one, at the most.
const NAMED: usize = 5;

const EXAMPLES: &str = "\
Examples:
  vault export --plaintext --out all.json        everything; vault import reads it back
  vault export --plaintext --client acme --format csv --out acme.csv     all of one client's
  vault export --plaintext --format bitwarden --out bitwarden.json
  vault export --plaintext --format keepass-xml | keepassxc-cli import -p /dev/stdin new.kdbx
  vault export --format pass --gpg-recipient me@example.org --out ~/.password-store
  vault export --plaintext --format csv --for-spreadsheet --out list.csv

With --client, nothing of other clients, no contact, consent or share and no log goes along. What was
shared with you is never exported: its terms forbid that. What the format cannot hold is
listed.";

/// Options of `export`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to write
    #[arg(long, value_name = "NAME", default_value = "json", value_enum)]
    format: ExportFormat,
    /// Only what is this client's
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// Confirm that every secret is written in plain text
    #[arg(long)]
    plaintext: bool,
    /// A new file, readable by you only; a folder for pass [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Keep a spreadsheet from running cells as formulas; such a table cannot be imported exactly
    #[arg(long)]
    for_spreadsheet: bool,
    /// The key that opens the files for pass, as gpg names it; may be repeated
    #[arg(long, value_name = "KEY")]
    gpg_recipient: Vec<String>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Writes what is to leave, after recording that it left.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let out = named(args.out.as_deref());
    args.check(ctx, out)?;
    let session = ctx.unlock()?;
    let prove = |all: &[(&str, &Entry)]| ctx.prove(&session, all.iter().copied());
    let has_trash = args.format.has_trash();
    let outgoing = (session.vault()).outgoing(args.client.as_ref(), has_trash, prove)?;
    let store = (args.format == ExportFormat::Pass)
        .then(|| PasswordStore::new(args.gpg_recipient.clone()))
        .transpose()?;
    if ctx.rehearses() {
        return Ok(tell(ctx, &outgoing, args, None)?);
    }
    if let Some(store) = &store {
        record(ctx, &session, &outgoing, args);
        write_folder(ctx, store, &outgoing, out.unwrap_or(Path::new(".")))?;
    } else {
        record(ctx, &session, &outgoing, args);
        write(ctx, &outgoing, args, out)?;
    }
    tell(ctx, &outgoing, args, out)?;
    Ok(())
}

impl Args {
    /// Refuses what cannot or must not be, before the vault is opened.
    fn check(&self, ctx: &Context, out: Option<&Path>) -> VaultResult<()> {
        let is_pass = self.format == ExportFormat::Pass;
        if !is_pass && !self.plaintext {
            return Err(Error::refused(
                "an export is plain text: whoever reads it has every secret that is in it",
            )
            .hint("if that is what you want: vault export --plaintext --out FILE"));
        }
        if is_pass && self.gpg_recipient.is_empty() {
            return Err(Error::usage("for pass, say whose key opens the files")
                .hint("--gpg-recipient KEY, as gpg --list-keys has it"));
        }
        if !is_pass && !self.gpg_recipient.is_empty() {
            return Err(Error::usage("--gpg-recipient goes with --format pass only"));
        }
        if self.for_spreadsheet && !self.format.is_table() {
            return Err(Error::usage(
                "--for-spreadsheet goes with --format csv and chrome-csv only",
            ));
        }
        match out {
            Some(out) => check_new_file(out),
            None if is_pass => {
                Err(Error::usage("a store of pass is a folder")
                    .hint("name a new one: --out FOLDER"))
            }
            None if ctx.ui.is_json() => {
                Err(Error::usage("--json and the export both ask for stdout")
                    .hint("write it to a file: --out FILE"))
            }
            None if ctx.ui.stdout_is_terminal() => Err(Error::refused(
                "stdout is a terminal, which may keep what it shows",
            )
            .hint("write a file: --out FILE; or send it on: vault export … | PROGRAM")),
            None => Ok(()),
        }
    }
}

/// As with a reveal, an export that cannot be recorded is still made: the user may be leaving for
/// just that reason.
fn record(ctx: &Context, session: &Session, outgoing: &Outgoing<'_>, args: &Args) {
    let format = args.format;
    let owners = outgoing.owners(format.has_trash());
    let client = outgoing.clients.first().filter(|_| args.client.is_some());
    let draft = EventDraft::new(ctx.now(), "export", owners)
        .with("format", format.name())
        .with("entries", count(outgoing, format));
    let draft = match client {
        Some(client) => draft.with("client", client.id.to_string()),
        None => draft,
    };
    if let Err(why) = session.journal(draft) {
        ctx.warn(&format!("this export is not in the log: {why}"));
    }
}

fn count(outgoing: &Outgoing<'_>, format: ExportFormat) -> usize {
    let trash = if format.has_trash() {
        outgoing.trash.len()
    } else {
        0
    };
    outgoing.entries.len() + trash
}

fn write(
    ctx: &Context,
    outgoing: &Outgoing<'_>,
    args: &Args,
    out: Option<&Path>,
) -> VaultResult<()> {
    let Some(writer) = args.format.writer(args.for_spreadsheet) else {
        return Ok(());
    };
    if let Some(out) = out {
        let _spinner = ctx.ui.spinner("Writing the export");
        return write_new(out, |file| writer.write(outgoing, file));
    }
    // All of it or nothing: it is made before the first byte goes out.
    let mut whole = Zeroizing::new(Vec::new());
    writer.write(outgoing, &mut *whole)?;
    ctx.ui.bytes(&whole)?;
    ctx.ui.flush()?;
    if ctx.ui.reader_gone() {
        return Err(Error::failed(
            "stdout was closed early: not everything was written",
        ));
    }
    Ok(())
}

fn write_folder(
    ctx: &Context,
    store: &PasswordStore,
    outgoing: &Outgoing<'_>,
    out: &Path,
) -> VaultResult<()> {
    let folder = FreshFolder::beside(out)?;
    let counter = ctx.ui.counter("Encrypting entries");
    store.write(outgoing, folder.path(), |done| counter.set(done))?;
    drop(counter);
    folder.create()
}

fn tell(
    ctx: &Context,
    outgoing: &Outgoing<'_>,
    args: &Args,
    out: Option<&Path>,
) -> VaultResult<()> {
    let format = args.format;
    let lost = left_out(format, outgoing);
    tell_people(ctx, outgoing, args, out);
    if !lost.is_empty() {
        let lost: Vec<String> = lost.iter().map(|(n, what)| counted(*n, what)).collect();
        ctx.warn(&format!(
            "{} has no place for {}; --format json has everything",
            format.name(),
            lost.join(", ")
        ));
    }
    if let Some((count, remark)) = remark(format, outgoing) {
        ctx.warn(&format!("{} {remark}", counted(count, "entry")));
    }
    if args.for_spreadsheet {
        ctx.ui
            .note("cells that start like formulas have a ' before them; import another export");
    }
    let conflicts = conflicts(outgoing, format);
    if !conflicts.is_empty() {
        ctx.warn(&format!(
            "{}: only what counts now was written",
            set_apart(&conflicts)
        ));
        ctx.ui
            .hint("vault conflicts shows what else there is, and the commands that settle it");
    }
    match out {
        Some(out) if format != ExportFormat::Pass => ctx.warn(&format!(
            "{} holds every secret in plain text: delete it once it is imported elsewhere",
            out.display()
        )),
        _ => {}
    }
    if !ctx.ui.is_json() {
        return Ok(());
    }
    let lost: serde_json::Map<String, Value> = lost
        .iter()
        .map(|(count, what)| (what.replace(' ', "_"), (*count).into()))
        .collect();
    ctx.ui.json(&json!({
        "ok": true,
        "dry_run": ctx.rehearses(),
        "format": format.name(),
        "file": out.map(|out| out.display().to_string()),
        "entries": outgoing.entries.len(),
        "trash": if format.has_trash() { outgoing.trash.len() } else { 0 },
        "received": outgoing.received,
        "left_out": lost,
        "warnings": ctx.warnings(),
    }))
}

fn tell_people(ctx: &Context, outgoing: &Outgoing<'_>, args: &Args, out: Option<&Path>) {
    let mut line = format!("exported {}", counted(outgoing.entries.len(), "entry"));
    if args.format.has_trash() && !outgoing.trash.is_empty() {
        line = format!("{line} and {} in the trash", outgoing.trash.len());
    }
    if let Some(client) = &args.client {
        line = format!("{line} of {client}");
    }
    line = format!("{line} as {}", args.format.name());
    if let Some(out) = out {
        line = format!("{line} to {}, readable by you only", out.display());
    }
    ctx.note_done(&line);
    if outgoing.received > 0 {
        let left = counted(outgoing.received, "entry");
        ctx.ui.note(&format!(
            "left out: {left} that others shared with you: their terms forbid an export"
        ));
    }
}

/// The paths of what leaves and was set apart on several devices.
fn conflicts<'a>(outgoing: &'a Outgoing<'_>, format: ExportFormat) -> Vec<&'a str> {
    let trash = outgoing.trash.iter().filter(|_| format.has_trash());
    let all = outgoing.entries.iter().chain(trash);
    let apart = all.filter(|(_, entry)| entry.is_unsettled());
    apart.map(|(path, _)| path.as_str()).collect()
}

/// That entries were set apart: by their names, where those are few.
fn set_apart(paths: &[&str]) -> String {
    match paths {
        [path] => format!("{path} was set apart on two devices"),
        [first, .., last] if paths.len() > NAMED => format!(
            "{} were set apart on two devices, from {first} to {last}",
            counted(paths.len(), "entry")
        ),
        paths => format!("{} were set apart on two devices", paths.join(", ")),
    }
}

fn counted(count: usize, what: &str) -> String {
    match (count, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {what}s"),
    }
}
