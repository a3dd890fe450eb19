//! `vault purge`: removes credentials for good, and certifies what went and what did not.

mod left;
mod paper;
mod records;

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Result;
use uuid::Uuid;

use self::left::{CopiesLeft, tell_left};
pub(crate) use self::paper::CertificatePlace;
use self::paper::Certified;
use super::rm::warn_known;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::entries::told;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::certificate::{Gone, GoneEntry};
use crate::model::entry::purge::{PurgeName, Purgeable};
use crate::model::records::entry::Entry;
use crate::model::records::stamping::Author;
use crate::model::text::lang::Lang;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::vault::Vault;
use crate::store::session::Session;

const EXAMPLES: &str = "\
Examples:
  vault purge acme/wordpress           its versions and files too; the name is to be typed
  vault purge acme/old/ acme/ftp -n    a folder and an entry; only says what would go
  vault purge acme --backups --certificate acme.txt
  vault purge --final acme --certificate acme-2.txt    once no copy has it any more
  vault purge --records acme           what vault client close has left, three years later

What is in the trash counts by the path that it had. Only ids are left in the vault and its log;
permissions, shares and incidents keep the names of their day, and so does the client's record.
--certificate writes a text and FILE.sig, which ssh-keygen -Y verify -n vault-certificate checks.";

/// Options of `purge`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, a folder CLIENT/FOLDER/ or all of CLIENT; several of them
    #[arg(value_name = "ENTRY|CLIENT", required_unless_present = "records")]
    names: Vec<PurgeName>,
    /// Remove the copies that hold it too: backups beside the vault, those of backup --to that can be
    /// reached; a new one of the vault as it is then is made first
    #[arg(long)]
    backups: bool,
    /// Write a signed certificate for the client to this new file, and FILE.sig beside it
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The language of the certificate: en or de [default: the client's]
    #[arg(long, requires = "certificate")]
    lang: Option<Lang>,
    /// Purge nothing more: certify that no copy holds what was purged of this client
    #[arg(long = "final")]
    is_final: bool,
    /// With --final, a folder or remote that is gone, by your word: the certificate says so
    #[arg(long, value_name = "PLACE", requires = "is_final")]
    gone: Vec<String>,
    /// Of a closed client, all that still names them: permissions, shares, receipts; once they need not
    /// stay any more
    #[arg(
        long,
        value_name = "CLIENT",
        conflicts_with_all = ["names", "backups", "certificate", "is_final"]
    )]
    records: Option<ClientSlug>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Removes for good, or looks whether all copies of what was removed are gone.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    if let Some(slug) = &args.records {
        return Ok(records::purge_records(ctx, slug, args.yes)?);
    }
    let place = args.certificate.as_deref().map(CertificatePlace::new);
    let place = place.transpose()?;
    if place.is_some() || args.is_final {
        check_one_client(args)?;
    }
    if args.is_final {
        return finish(args, ctx, place.as_ref());
    }
    let session = ctx.unlock_to_change()?;
    let asked = session.vault().purgeable(&args.names)?;
    if asked.is_empty() {
        let names = args.names.iter().map(ToString::to_string);
        let names = names.collect::<Vec<_>>().join(", ");
        ctx.answer_change(&format!("nothing of {names} is there"), &[]);
        return Ok(());
    }
    let ids: HashSet<Uuid> = asked.iter().map(|it| it.id).collect();
    session.vault().check_no_live_share(&ids, ctx.now())?;
    warn_of_knowers(ctx, session.vault(), &asked)?;
    if !confirmed(args, ctx, &asked)? {
        ctx.answer_change("kept all of it", &[]);
        return Ok(());
    }
    let removal = Removal {
        client: client(args)?,
        place: place.as_ref(),
        backups: args.backups,
        lang: args.lang,
    };
    // Others may have added more meanwhile: only what was asked about goes.
    let (gone, _) = removal.remove(
        ctx,
        session,
        &ids,
        |vault, number, author| vault.purge(&ids, number, author),
        |gone| {
            let paths = asked.iter().filter(|it| gone.contains(&it.id));
            let paths: Vec<&str> = paths.map(|it| it.path.as_str()).collect();
            ctx.note_done(&format!("removed {} for good", told(&paths)));
            tell_kept(args, ctx);
        },
    )?;
    ctx.answer(&gone.iter().map(ToString::to_string).collect::<Vec<_>>());
    Ok(())
}

/// What goes for good, of which client, and what is to be done beside.
pub(crate) struct Removal<'a> {
    /// Whose it is; of several clients, the first.
    pub(crate) client: &'a ClientSlug,
    /// Where the certificate goes, if there is one.
    pub(crate) place: Option<&'a CertificatePlace>,
    /// Whether copies are removed with it.
    pub(crate) backups: bool,
    /// The language of the certificate; the client's, if none is said.
    pub(crate) lang: Option<Lang>,
}

impl Removal<'_> {
    /// Removes entries by a change that gives their ids, then the copies, and writes the certificate.
    /// `tell` says what is gone, once it is.
    pub(crate) fn remove(
        &self,
        ctx: &Context,
        session: Session,
        ids: &HashSet<Uuid>,
        change: impl FnOnce(&mut Vault, Option<Uuid>, &Author<'_>) -> VaultResult<Vec<Uuid>>,
        tell: impl FnOnce(&[Uuid]),
    ) -> VaultResult<(Vec<Uuid>, Session)> {
        let number = self.place.map(|_| Uuid::new_v4());
        let ((changed, entries), session) =
            ctx.change_and_stay(session, None, |vault, author| {
                let entries = gone_entries(vault, ids)?;
                Ok((change(vault, number, author)?, entries))
            })?;
        tell(&changed);
        if changed.is_empty() {
            return Ok((changed, session));
        }
        let gone: HashSet<Uuid> = changed.iter().copied().collect();
        let copies = CopiesLeft::of(ctx, &session, &gone, ctx.now()).map_err(after_it)?;
        let copies = copies.foreseen(ctx, &session);
        let cleared = copies.cleared(ctx, &session, self.backups);
        tell_left(ctx, &cleared.left, self.backups);
        if let (Some(place), Some(id)) = (self.place, number) {
            let about = Certified {
                id,
                client: self.client,
                gone: Gone::Now(&entries),
                entries: &gone,
                cleared: &cleared,
                said_gone: &[],
                lang: self.lang,
            };
            place.write(ctx, &session, &about).map_err(after_it)?;
        }
        Ok((changed, session))
    }
}

/// What failed once it was removed.
fn after_it(why: Error) -> Error {
    why.prefixed("it is removed for good, but ").or_hint(
        "what is left to do, and a later certificate: vault purge --final CLIENT --certificate FILE",
    )
}

/// Whether no copy holds any longer what was purged of a client, and the second certificate of that.
fn finish(args: &Args, ctx: &Context, place: Option<&CertificatePlace>) -> Result<()> {
    let session = ctx.unlock()?;
    let slug = client(args)?;
    let purges = session
        .vault()
        .past_purges(session.vault().known_client(slug)?);
    let Some(last) = purges.last().map(|it| it.time) else {
        return Err(
            Error::not_found(format!("nothing of {slug} was removed for good"))
                .hint(format!("to remove all of it: vault purge {slug:#}"))
                .into(),
        );
    };
    let gone: HashSet<Uuid> = purges.iter().flat_map(|it| it.entries.clone()).collect();
    let copies = CopiesLeft::of(ctx, &session, &gone, last)?;
    let mut cleared = copies.cleared(ctx, &session, args.backups);
    let is_said = |shown: &str| args.gone.iter().any(|said| said == shown);
    for said in &args.gone {
        if !cleared.left.iter().any(|it| it.shown == *said) {
            return Err(Error::usage(format!("no copy is known at {said}"))
                .hint(format!(
                    "without --gone it is told where: vault purge --final {slug:#}"
                ))
                .into());
        }
    }
    cleared.left.retain(|it| !is_said(&it.shown));
    if !cleared.left.is_empty() {
        return Err(left::still_there(slug, &cleared.left).into());
    }
    ctx.ui.note(&format!(
        "no copy that this device knows holds what was removed of {slug}, as far as it can see"
    ));
    if let Some(place) = place {
        let about = Certified {
            id: Uuid::new_v4(),
            client: slug,
            gone: Gone::Before(&purges),
            entries: &gone,
            cleared: &cleared,
            said_gone: &args.gone,
            lang: args.lang,
        };
        place.write(ctx, &session, &about)?;
    }
    ctx.answer(&[]);
    Ok(())
}

/// The client of the first that is named.
fn client(args: &Args) -> VaultResult<&ClientSlug> {
    let first = args.names.first().map(PurgeName::client);
    first.ok_or_else(|| Error::usage("no client is named"))
}

fn check_one_client(args: &Args) -> VaultResult<()> {
    let client = client(args)?;
    if args.names.iter().any(|it| it.client() != client) {
        let what = if args.is_final {
            "--final"
        } else {
            "a certificate"
        };
        return Err(Error::usage(format!("{what} is about one client"))
            .hint("call it once for each client"));
    }
    if args.is_final && !args.names.iter().all(PurgeName::is_whole_client) {
        return Err(
            Error::usage("--final is about all that was removed of a client").hint(format!(
                "name the client alone: vault purge --final {client:#}"
            )),
        );
    }
    Ok(())
}

/// Warns of those who can know something of it, as `rm` does.
fn warn_of_knowers(ctx: &Context, vault: &Vault, asked: &[Purgeable]) -> VaultResult<()> {
    for in_trash in [false, true] {
        let mut entries: Vec<(EntryPath, &Entry)> = Vec::new();
        for it in asked.iter().filter(|it| it.is_in_trash == in_trash) {
            if let (Ok(path), Some(entry)) = (it.path.parse(), vault.entries.find(it.id)?) {
                entries.push((path, entry));
            }
        }
        warn_known(ctx, vault, &entries, |path| {
            if in_trash {
                format!("vault trash restore {path:#}, then ")
            } else {
                String::new()
            }
        })?;
    }
    Ok(())
}

/// Lists what goes, and asks for its name.
fn confirmed(args: &Args, ctx: &Context, asked: &[Purgeable]) -> VaultResult<bool> {
    let rows: Vec<String> = asked.iter().map(row).collect();
    if !args.yes {
        for row in &rows {
            ctx.ui.note(row);
        }
    }
    let name = match (args.names.as_slice(), asked.len()) {
        ([only], _) => only.to_string(),
        (_, count) => count.to_string(),
    };
    let paths: Vec<&str> = asked.iter().map(|it| it.path.as_str()).collect();
    let what = format!("removing {} for good", told(&paths));
    let asked = match asked.len() {
        1 => "To remove it with all its versions for good".to_owned(),
        count => format!("To remove these {count} entries with all their versions for good"),
    };
    ctx.confirm_by_name(args.yes, &what, &asked, &name)
}

fn row(it: &Purgeable) -> String {
    let count = |number: usize, one: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {one}s")),
    };
    let parts = [
        count(it.versions, "version"),
        count(it.files, "file"),
        it.is_in_trash.then(|| "in the trash".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return it.path.clone();
    }
    format!("{}: {}", it.path, parts.join(", "))
}

/// What is about to go, as the certificate names it.
fn gone_entries(vault: &Vault, ids: &HashSet<Uuid>) -> VaultResult<Vec<GoneEntry>> {
    let all = vault
        .entries_by_path(|it| ids.contains(&it.id))?
        .into_iter();
    Ok(all
        .map(|(path, entry)| GoneEntry::of(&path, entry))
        .collect())
}

/// Says what stays of a client of whom all goes.
fn tell_kept(args: &Args, ctx: &Context) {
    let clients = args.names.iter().filter(|it| it.is_whole_client());
    for slug in clients.map(PurgeName::client) {
        ctx.ui.note(&format!(
            "client {slug} stays, with its permissions and shares and the names of their day"
        ));
    }
}
