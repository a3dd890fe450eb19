//! `vault attest`: deletes what came with a share, and says so in a signed statement.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Result;
use jiff::Timestamp;
use uuid::Uuid;

use super::came_file;
use crate::commands::args::document_file::{place, write_reply};
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::reply::deletion::{self, KeptBackup};
use crate::model::records::entry::Entry;
use crate::model::records::received::Received;
use crate::model::records::record_id::{RecordId, number};
use crate::model::sharing::came_files::check_no_copy;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::name::EntryPath;
use crate::model::text::text_rules::check_text;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;
use crate::store::backups::generations;
use crate::ui::Unasked;

const EXAMPLES: &str = "\
Examples:
  vault attest 2F95-B33D                    asks first; show ENTRY tells the share
  vault attest 3f2a --yes --outside none --out deleted.json
  vault attest 3f2a --outside 'a note on paper, shredded'
  vault attest 3f2a --only acme/db          this entry of it; the others go on
  vault attest 3f2a --out again.json        a second time: the same statement

The file that the share was read from is a copy, too: it is deleted first. --outside is for what may
still be elsewhere.";

/// What says that there are no copies elsewhere.
const NONE: [&str; 5] = ["none", "no", "n", "keine", "nein"];
/// What says that there are some, and not where.
const YES: [&str; 4] = ["yes", "y", "ja", "j"];

/// Options of `attest`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The share, by the start of its id
    share: RecordId,
    /// Where to write the statement; - is stdout [default: DELETION-ID.json, in this folder]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only this entry of it; may be given several times
    #[arg(long, value_name = "ENTRY")]
    only: Vec<EntryPath>,
    /// What is to be said of copies elsewhere, in a browser, a mail, on paper, on another device:
    /// none, or where
    #[arg(long, value_name = "none|TEXT")]
    outside: Option<String>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask before deleting
    #[arg(short, long)]
    yes: bool,
}

/// Deletes what came with a share for good, and writes the statement.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let received = in_place(ctx, vault, vault.received.by_start(&args.share)?)?;
    let share = received.id;
    let (contact, _) = share_terms::sender(vault, received)?;
    let whom = contact.unwrap_or_else(|| "the sender".into());
    let default = || format!("DELETION-{}.json", number(share)).into();
    let target = place(ctx, &args.out.clone().unwrap_or_else(default))?;
    let only = args.only.iter().map(|path| entry_of(vault, received, path));
    let only = only.collect::<VaultResult<Vec<_>>>()?;
    if let Some(statement) = made_before(vault, received, &only)? {
        write_reply(ctx, &target, statement, &whom)?;
        ctx.answer(&[]);
        return Ok(());
    }
    let part = vault.attestable(share, &only)?;
    let files = came_file::of_share(&session, share, &part)?;
    let paths: Vec<String> = part.entries.into_iter().map(|(path, _)| path).collect();
    check_no_copy(&files)?;
    if !confirmed(ctx, &paths, args.yes)? {
        ctx.answer_change("kept what came with the share", &[]);
        return Ok(());
    }
    let outside = outside(args, ctx)?;
    let file = ctx.store()?.path().to_owned();
    let statement = ctx.change(session, |vault, author| {
        // What is replaced now becomes a backup too.
        let kept = generations::kept_generations(&file, vault.generation)?;
        let gone_by = |time: SystemTime| Timestamp::try_from(time).ok();
        let backups = kept
            .iter()
            .map(|it| (it.generation, it.gone_by.and_then(gone_by)));
        let backups: Vec<KeptBackup> = backups.collect();
        let of = (share, only.as_slice());
        deletion::attest(vault, of, (&backups, &files), outside.clone(), author)
    })?;
    for path in &paths {
        ctx.note_done(&format!("removed {path} for good"));
    }
    ctx.warn(
        "backups and older copies of the vault file still hold what was removed; the statement \
         names those beside the vault. Copies in a browser, a mail, on paper or on another device \
         cannot be seen from here: of those it repeats what you said",
    );
    write_reply(ctx, &target, &statement, &whom).map_err(|why| {
        why.prefixed("it is deleted, but ").hint(format!(
            "write the statement once more: vault attest {} --out FILE",
            number(share)
        ))
    })?;
    ctx.answer(&paths);
    Ok(())
}

/// An entry that is named; what came with the share may be in the trash.
fn entry_of(vault: &Vault, received: &Received, path: &EntryPath) -> VaultResult<Uuid> {
    let missing = match vault.entry(path) {
        Ok(entry) => return Ok(entry.id),
        Err(why) => why,
    };
    let in_trash = |it: &Entry| it.is_removed() && received.entries.contains(&it.id);
    let mut in_trash = vault.entries_by_path(in_trash)?.into_iter();
    let found = in_trash.find(|(at, _)| *at == path.to_string());
    found.map(|(_, entry)| entry.id).ok_or(missing)
}

/// The statement that was made before, where there is nothing to add to it.
fn made_before<'a>(
    vault: &Vault,
    received: &'a Received,
    only: &[Uuid],
) -> VaultResult<Option<&'a str>> {
    let part = received.deletions.last().map(|it| it.statement.as_str());
    let is_left = !only.is_empty() || !vault.entries_of_share(received.id)?.is_empty();
    Ok(received.attestation().or(part.filter(|_| !is_left)))
}

/// The share that what came with one is held under by now, said where it is another. While that one
/// may be used, nothing is deleted by the number of an older one.
fn in_place<'a>(ctx: &Context, vault: &'a Vault, named: &'a Received) -> VaultResult<&'a Received> {
    if named.attestation().is_some() {
        return Ok(named);
    }
    let last = vault.received_in_place_of(named)?;
    if last.id == named.id || last.state(ctx.now()).is_live() {
        return Ok(named);
    }
    let (old, new) = (number(named.id), number(last.id));
    ctx.ui.note(&format!(
        "what came with share {old} is held under share {new} now: the statement is about that"
    ));
    Ok(last)
}

/// What the user says of copies elsewhere; nothing where there are none.
fn outside(args: &Args, ctx: &Context) -> VaultResult<Option<String>> {
    let unasked = Unasked {
        needed: "the statement says whether there are copies elsewhere",
        instead: "use --outside none, or --outside 'a mail of 3 May'",
    };
    let ask = |question| ctx.ui.ask_line(question, unasked);
    let text = match &args.outside {
        Some(text) => text.clone(),
        None if ctx.rehearses() => return Ok(None),
        None => match ask(
            "Copies elsewhere, in a browser, a mail, on paper, on another device (none, or where)",
        )? {
            yes if is_one_of(&YES, &yes) => ask("Where")?,
            text => text,
        },
    };
    check_text("outside", &text, FIELD_BYTES)?;
    match one_line(&text) {
        nothing if nothing.is_empty() => {
            Err(Error::usage("nothing was entered").hint("say none, or where: --outside none"))
        }
        yes if is_one_of(&YES, &yes) => Err(Error::usage("it is not said where the copies are")
            .hint("say where: --outside 'a mail of 3 May'")),
        none if is_none(&none) => Ok(None),
        somewhere => Ok(Some(somewhere)),
    }
}

/// Whether it says that there are none.
fn is_none(text: &str) -> bool {
    is_one_of(&NONE, text)
}

fn is_one_of(words: &[&str], text: &str) -> bool {
    words.contains(&one_line(text).to_lowercase().as_str())
}

fn confirmed(ctx: &Context, paths: &[String], yes: bool) -> VaultResult<bool> {
    if paths.is_empty() {
        return Ok(true);
    }
    let question = format!(
        "Delete {} and all versions for good, and sign that?",
        paths.join(", ")
    );
    ctx.confirm_or_yes(yes, "deleting for good", &question)
}
