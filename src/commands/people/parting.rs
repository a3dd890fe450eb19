//! `vault contact leave`, `vault contact lost`: ends all that a contact has, and writes the letters.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::commands::args::document::unused_name;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::paper_sender::{ask_for_missing, told_to_note};
use crate::commands::reveal::exposure;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::parting_letter::{to_client, to_contact};
use crate::model::consent::parted::{LeftRequest, PartedEntry, Parting, PartingReason};
use crate::model::records::record_id::number;
use crate::model::text::name::ContactName;
use crate::model::text::quote::as_word;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::store::disk::file::{InPlace, Prepared, check_new_file};
use crate::store::session::Session;

/// Options of both.
#[derive(clap::Args, Debug)]
pub(super) struct PartingArgs {
    /// The contact's name
    name: ContactName,
    /// The folder for the letters; made if it is not there [default: letters-CONTACT here]
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Ends all that a contact has who has left.
pub(super) fn leave(ctx: &Context, args: &PartingArgs) -> Result<()> {
    part(ctx, args, PartingReason::Left)
}

/// Ends all that a contact has whose keys are lost.
pub(super) fn lost(ctx: &Context, args: &PartingArgs, since: Option<&When>) -> Result<()> {
    let now = ctx.now_here();
    let since = since.map(|since| since.passed(&now, "--since"));
    let since = since.transpose()?.unwrap_or(now.timestamp());
    part(ctx, args, PartingReason::Lost(since))
}

fn part(ctx: &Context, args: &PartingArgs, reason: PartingReason) -> Result<()> {
    args.dry_run.begin(ctx);
    let name = &args.name;
    let folder = (args.out.clone()).unwrap_or_else(|| unused_name(&format!("letters-{name}"), ""));
    check_new_file(&folder)
        .map_err(|why| why.hint("it is never overwritten; name another place: --out DIR"))?;
    let session = ctx.unlock_to_change()?;
    let signs = !session.vault().known_contact(name)?.signers().is_empty();
    let session = match reason {
        // Keys that are lost wait for nothing.
        PartingReason::Lost(_) if !ctx.ui.can_ask() => session,
        _ => ask_for_missing(ctx, session)?,
    };
    let (what, question) = match reason {
        PartingReason::Left => (
            format!("parting with {name}"),
            format!("End all that {name} has and may be given, and remove them?"),
        ),
        PartingReason::Lost(_) => (
            format!("ending what {name} has"),
            format!("End all that {name} has, and count all their keys as lost?"),
        ),
    };
    if !ctx.confirm_or_yes(args.yes, &what, &question)? {
        ctx.answer_change("ended nothing", &[]);
        return Ok(());
    }
    let (parting, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.part_with(name, reason, author)
    })?;
    tell(ctx, &session, &parting, signs)?;
    if !session.vault().missing_of_me().is_empty() {
        ctx.warn("the letters do not say in full who sends them: write it in");
        ctx.ui.hint(&told_to_note(session.vault()));
    }
    let letters = letters(&parting);
    write(ctx, &folder, &letters).map_err(|why| {
        why.prefixed("all of it is ended, but ")
            .hint("vault who CONTACT and vault consent list tell what it was")
    })?;
    let files = letters.iter().map(|(file, _)| folder.join(file));
    ctx.answer(
        &files
            .map(|file| file.display().to_string())
            .collect::<Vec<_>>(),
    );
    Ok(())
}

/// Says what ended; `signs` is whether they receive with vault.
fn tell(ctx: &Context, session: &Session, parting: &Parting, signs: bool) -> Result<()> {
    let name = &parting.contact.name;
    for share in &parting.shares {
        let paths: Vec<&str> = share.entries.iter().map(PartedEntry::path).collect();
        let (id, ends_now) = (number(share.share), share.over_since.is_none());
        if ends_now {
            ctx.note_done(&format!("ended share {id}: {}", paths.join(", ")));
        }
        match share.login() {
            Some(login) => exposure::tell_to_remove(ctx, share.share, login),
            None if signs && ends_now => {
                exposure::tell_to_close(ctx, share.share, name, false);
            }
            None => {}
        }
    }
    for left in parting.clients.iter().flat_map(|it| &it.consents) {
        let (number, others) = (
            number(left.request),
            session.vault().contact_names(&left.others)?,
        );
        ctx.note_done(&match others.as_slice() {
            [] => format!("ended consent {number}"),
            others => format!(
                "ended consent {number} for {name}; it goes on for {}",
                others.join(", ")
            ),
        });
    }
    tell_requests(ctx, session.vault(), &parting.requests)?;
    let known = parting.clients.iter().flat_map(|it| &it.known);
    let known = known.map(|it| (it.then.entry, it.path()));
    let vault = session.vault();
    exposure::tell_known(ctx, vault, &format!("{name} knows"), known)?;
    let contacts = session.vault().live_contacts()?;
    if contacts.iter().any(|contact| contact.name() == name) {
        ctx.ui.note(&format!(
            "their keys count as lost; when they have new ones: vault contact edit {} --card FILE",
            as_word(name)
        ));
    } else {
        ctx.note_done(&format!("removed contact {name}"));
    }
    Ok(())
}

/// Says what becomes of the requests that somebody was taken out of.
pub(super) fn tell_requests(ctx: &Context, vault: &Vault, requests: &[LeftRequest]) -> Result<()> {
    for left in requests {
        let (number, others) = (number(left.request), vault.contact_names(&left.others)?);
        ctx.note_done(&match others.as_slice() {
            [] => format!("cancelled request {number}: it is for nobody any more"),
            others => format!("request {number} goes on for {} alone", others.join(", ")),
        });
    }
    Ok(())
}

/// The letters, each with its file's name.
fn letters(parting: &Parting) -> Vec<(String, String)> {
    let zone = TimeZone::system();
    let name = |to: &str| format!("to-{to}.txt");
    let contact = (name(&parting.contact.name), to_contact(parting, &zone));
    let clients = parting.clients.iter().map(|told| {
        let file = format!("to-client-{}.txt", told.client.slug);
        (file, to_client(parting, told, &zone))
    });
    std::iter::once(contact).chain(clients).collect()
}

fn write(ctx: &Context, folder: &Path, letters: &[(String, String)]) -> Result<()> {
    if ctx.rehearses() {
        for (file, _) in letters {
            ctx.note_done(&format!("wrote {}", folder.join(file).display()));
        }
        return Ok(());
    }
    let failed = |why: std::io::Error| Error::failed(format!("{}: {why}", folder.display()));
    fs::create_dir(folder).map_err(failed)?;
    for (file, text) in letters {
        let path = folder.join(file);
        Prepared::write(&path, text.as_bytes())?
            .create()
            .and_then(InPlace::sync)?;
        ctx.note_done(&format!("wrote {}", path.display()));
    }
    Ok(())
}
