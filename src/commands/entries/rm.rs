//! `vault rm`: puts credentials in the trash.

use anyhow::Result;

use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::entries::{EntriesArg, told};
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

const EXAMPLES: &str = "\
Examples:
  vault rm acme/wordpress          asks first
  vault rm acme/wordpress acme/db --yes
  vault rm acme/old/               what is in the folder
  vault rm acme/                   all of the client; the client itself: vault client rm acme";

/// Options of `rm`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    entries: EntriesArg,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Puts credentials in the trash; their secrets stay in the vault until they are purged.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    args.entries.check(ctx, "rm")?;
    let session = ctx.unlock_to_change()?;
    let paths = args.entries.or_pick(ctx, &session, "rm")?;
    let mut entries = Vec::new();
    for path in &paths {
        entries.push((path.clone(), session.vault().entry(path)?));
    }
    warn_known(ctx, session.vault(), &entries, |_| String::new())?;
    let named = told(&paths);
    let (what, question) = (
        format!("removing {named}"),
        format!("Put {named} in the trash?"),
    );
    if !ctx.confirm_or_yes(args.yes, &what, &question)? {
        ctx.answer_change(&format!("kept {named}"), &[]);
        return Ok(());
    }
    ctx.change(session, |vault, author| vault.remove_all(&paths, author))?;
    let changed: Vec<String> = paths.iter().map(ToString::to_string).collect();
    ctx.list_rehearsed(&changed)?;
    ctx.answer_change(&format!("put {named} in the trash"), &changed);
    Ok(())
}

/// Warns of those who can know something of entries that are about to go: once they are gone, their
/// secrets are not changed any more. `first` is what has to be done before one can be rotated. What
/// is lent is not one's own to change, and its lender is owed a statement of its deletion.
pub(super) fn warn_known(
    ctx: &Context,
    vault: &Vault,
    entries: &[(EntryPath, &Entry)],
    first: impl Fn(&EntryPath) -> String,
) -> VaultResult<()> {
    let all: Vec<&Entry> = entries.iter().map(|(_, entry)| *entry).collect();
    let known = vault.known_of_each(&all, ctx.now())?;
    for (path, entry) in entries {
        if let Some(lent) = vault.held_under(entry)?.filter(|it| it.is_lent()) {
            let (contact, signer) = share_terms::sender(vault, lent)?;
            let lender = contact.unwrap_or(signer);
            ctx.warn(&format!(
                "{path} is lent to you by {lender}, who is told nothing by this; to delete it and \
                 sign that: {}",
                lent.told_to_attest(&path.to_string(), ctx.now())
            ));
        } else if let Some(known) = known.get(&entry.id) {
            ctx.warn(&format!(
                "{} can know something of {path}, which works at the site until it is changed \
                 there; change it first: {}vault rotate {path:#}",
                known.all().join(", "),
                first(path)
            ));
        }
    }
    Ok(())
}
