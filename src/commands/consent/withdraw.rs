//! `vault consent withdraw`: ends what a client has permitted, or takes a request for it back.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::Timestamp;
use uuid::Uuid;

use super::{covers, show, withdrawal_paper};
use crate::commands::args::document::Target;
use crate::commands::args::document_file::place;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::paper_sender::ask_for_missing;
use crate::commands::reveal::exposure;
use crate::commands::reveal::void_request::tell_void;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::consent::ending::PermissionPart;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::{Share, ShareState};
use crate::model::text::name::{ContactName, EntryPath};
use crate::model::vault::Vault;

pub(crate) const EXAMPLES: &str = "\
Examples:
  vault consent withdraw 2F95-B33D              by the number of a request, a consent or a share
  vault consent withdraw acme --to bob         all that acme permits bob; asks if it is several
  vault consent withdraw 2F95-B33D --only acme/wordpress
  vault consent withdraw 2F95-B33D --reason 'mail of Jo Doe, 2026-11-22' --out ended.txt

What was shared under it ends with it. A request that was not answered is cancelled.";

/// Options of `consent withdraw`.
#[derive(clap::Args, Debug)]
pub struct WithdrawArgs {
    /// A client, or the number of a request, a consent or a share, or the start of one
    #[arg(value_name = "CLIENT_OR_NUMBER")]
    what: String,
    /// Only what this contact may be given
    #[arg(long, value_name = "CONTACT")]
    to: Option<ContactName>,
    /// Only for this entry; may be given several times
    #[arg(long, value_name = "ENTRY")]
    only: Vec<EntryPath>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Write a letter about it for the client to this new file, to keep; - is stdout
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// A share that ends with a consent.
pub(super) struct EndedShare {
    id: Uuid,
    contact: String,
    /// The entries, where it goes on without them.
    only: Vec<String>,
    /// The entries that end.
    entries: Vec<Uuid>,
    /// Their own login, where that was given in the place of a secret.
    login: Option<String>,
}

/// A consent or request with what of it ends.
pub(super) struct Ending<'a> {
    pub(super) consent: &'a Consent,
    pub(super) part: PermissionPart,
}

/// Ends consents, and what was shared under them.
pub fn run(args: &WithdrawArgs, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let out = args.out.as_deref().filter(|_| !ctx.rehearses());
    let target = out.map(|out| place(ctx, out)).transpose()?;
    let mut session = ctx.unlock_to_change()?;
    if target.is_some() {
        session = ask_for_missing(ctx, session)?;
    }
    let (vault, now) = (session.vault(), ctx.now());
    let said = PermissionPart {
        entries: entries(args, vault)?,
        contacts: contacts(args, vault)?,
    };
    let meant = meant(args, ctx, vault, &said)?;
    let ids: Vec<Uuid> = meant.iter().map(|it| it.consent.id).collect();
    let said = match meant.as_slice() {
        [one] => one.part.clone(),
        _ => said,
    };
    if let [one] = meant.as_slice()
        && one.part.is_over(one.consent)
    {
        tell_over(ctx, vault, one, target.as_ref())?;
        tell_beside(ctx, vault, &ids, &said)?;
        ctx.answer(&[]);
        return Ok(());
    }
    let ended = ended_shares(vault, &meant, now)?;
    let names = RecordNames::of(vault)?;
    if meant.len() > 1 {
        for ending in &meant {
            ctx.ui.note(&described(vault, &names, ending, now)?);
        }
        let what = format!("ending {} permissions", meant.len());
        tell_about_to_end(ctx, &ended);
        if !ctx.confirm_or_yes(args.yes, &what, "End all of these?")? {
            ctx.ui
                .hint("one of them ends by its number: vault consent withdraw NUMBER");
            ctx.answer_change("ended none", &[]);
            return Ok(());
        }
    }
    let told = meant.iter().map(|ending| told(vault, &names, ending));
    let told = told.collect::<Result<Vec<_>>>()?;
    let parts: Vec<(Uuid, PermissionPart)> = meant
        .into_iter()
        .map(|it| (it.consent.id, it.part))
        .collect();
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        let mut all = parts.iter();
        all.try_for_each(|(id, part)| {
            vault.withdraw_consent(*id, part, args.reason.as_deref(), author)
        })
    })?;
    for line in told {
        ctx.note_done(&line);
    }
    tell_void(ctx, session.vault(), &ids)?;
    let shares = tell_ended(ctx, session.vault(), ended)?;
    tell_beside(ctx, session.vault(), &ids, &said)?;
    if let Some(target) = &target {
        withdrawal_paper::write(ctx, session.vault(), target, &parts)?;
    }
    let changed = ids.into_iter().chain(shares);
    ctx.answer(&changed.map(|id| id.to_string()).collect::<Vec<_>>());
    Ok(())
}

/// Says that it had ended before; what the client has taken back is told them in writing once more.
fn tell_over(
    ctx: &Context,
    vault: &Vault,
    one: &Ending<'_>,
    target: Option<&Target>,
) -> Result<()> {
    let id = number(one.consent.id);
    let state = vault.consent_state(one.consent, ctx.now())?;
    ctx.ui.note(&if one.consent.ended().is_some() {
        format!("consent {id} was {state} before")
    } else {
        format!("that part of consent {id} had ended before")
    });
    let Some(target) = target else {
        return Ok(());
    };
    if one.consent.ended().is_some() && state != ConsentState::Withdrawn {
        ctx.warn("no letter is written: it was not the client who ended it");
        return Ok(());
    }
    let parts = [(one.consent.id, one.part.clone())];
    withdrawal_paper::write(ctx, vault, target, &parts)
}

/// Says what is shared under consents that are about to end.
fn tell_about_to_end(ctx: &Context, ended: &[EndedShare]) {
    let whole = ended.iter().filter(|share| share.only.is_empty()).count();
    match whole {
        0 if ended.is_empty() => ctx.ui.note("nothing is shared under them"),
        0 => {}
        1 => ctx.ui.note("1 share ends with them"),
        shares => ctx.ui.note(&format!("{shares} shares end with them")),
    }
    for share in ended.iter().filter(|share| !share.only.is_empty()) {
        let (id, only) = (number(share.id), share.only.join(", "));
        ctx.ui
            .note(&format!("of share {id}, only this ends with them: {only}"));
    }
}

/// Takes back a request that nobody has answered.
pub(super) fn cancel(ctx: &Context, id: &RecordId, reason: Option<&str>) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let consent = session.vault().consents.by_start(id)?;
    let (id, number) = (consent.id, number(consent.id));
    if consent.was_given() {
        return Err(
            Error::refused(format!("{number} was given, not only asked for"))
                .hint(format!("to end it: vault consent withdraw {number}")),
        );
    }
    if consent.ended().is_some() {
        let state = session.vault().consent_state(consent, ctx.now())?;
        ctx.answer_change(&format!("request {number} was {state} before"), &[]);
        return Ok(());
    }
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.withdraw_consent(id, &PermissionPart::default(), reason, author)
    })?;
    tell_void(ctx, session.vault(), &[id])?;
    ctx.answer_change(&format!("cancelled request {number}"), &[id.to_string()]);
    Ok(())
}

/// Says which shares ended, and what is to be rotated for it. Gives their ids.
pub(super) fn tell_ended(
    ctx: &Context,
    vault: &Vault,
    ended: Vec<EndedShare>,
) -> Result<Vec<Uuid>> {
    for share in &ended {
        let (id, contact) = (number(share.id), &share.contact);
        let ended = ctx.as_done("ended");
        ctx.ui.note(&match (share.only.as_slice(), &share.login) {
            (_, Some(login)) => {
                format!(
                    "share {id} {ended} with it; {contact} has own login {login} until you remove it"
                )
            }
            ([], None) => {
                format!("share {id} {ended} with it; {contact} may still know what was in it")
            }
            (only, None) => format!(
                "of share {id}, {} {ended} with it; {contact} may still know it",
                only.join(", ")
            ),
        });
        let ended = (share.entries.as_slice(), !share.only.is_empty());
        exposure::tell_of_end(ctx, vault, share.id, ended)?;
    }
    let shares: Vec<Uuid> = ended.into_iter().map(|share| share.id).collect();
    exposure::tell_to_rotate(ctx, vault, &shares)?;
    Ok(shares)
}

/// The entries that `--only` names.
fn entries(args: &WithdrawArgs, vault: &Vault) -> Result<Vec<Uuid>> {
    let only = args.only.iter().map(|path| Ok(vault.entry(path)?.id));
    only.collect()
}

/// The contacts that `--to` names: one who was removed, too.
fn contacts(args: &WithdrawArgs, vault: &Vault) -> Result<Vec<Uuid>> {
    let Some(name) = &args.to else {
        return Ok(Vec::new());
    };
    let called = vault.contacts_ever(name)?.into_iter();
    Ok(called.map(|contact| contact.id).collect())
}

/// The consents that are meant, each with what of it ends; at least one.
fn meant<'a>(
    args: &WithdrawArgs,
    ctx: &Context,
    vault: &'a Vault,
    said: &PermissionPart,
) -> Result<Vec<Ending<'a>>> {
    let (only, to) = (&said.entries, &said.contacts);
    let found = vault.meant_consents(&args.what, ctx.now())?;
    // By a number, an entry that is not covered is told.
    let by_number = vault.client(&args.what).is_none();
    let names = RecordNames::of(vault)?;
    let covers = |consent: &Consent, id: &Uuid| {
        let path = names.find(*id).unwrap_or_default();
        by_number || vault.is_in_scope(consent, *id, path)
    };
    let mut meant = Vec::new();
    for (consent, of_share) in found {
        if let Some(place) = of_share.and_then(|line| line.told_place()) {
            ctx.ui.note(&place);
        }
        let mut contacts = consent.contacts();
        contacts.retain(|id| {
            (to.is_empty() || to.contains(id))
                && of_share.is_none_or(|line| line.share.recipient.contact == *id)
        });
        let mut entries = only.clone();
        entries.retain(|id| covers(consent, id));
        let nothing = contacts.is_empty() || (entries.is_empty() && !only.is_empty());
        if contacts.len() == consent.contacts().len() {
            contacts.clear();
        }
        let part = PermissionPart { entries, contacts };
        if !nothing && (by_number || !part.is_over(consent)) {
            meant.push(Ending { consent, part });
        }
    }
    let left_out = only.iter().position(|id| {
        let mut parts = meant.iter().map(|it| &it.part.entries);
        !parts.any(|entries| entries.contains(id))
    });
    let path = left_out.and_then(|at| args.only.get(at));
    if meant.is_empty() || path.is_some() {
        let mut what = format!("{} permits nothing", args.what);
        if let Some(to) = &args.to {
            what = format!("{} permits {to} nothing", args.what);
        }
        if let Some(path) = path {
            what = format!("{what} of {path}");
        }
        return Err(Error::not_found(format!("{what} that could end"))
            .hint("vault consent list shows what there is"));
    }
    Ok(meant)
}

/// What ends, in words.
fn told(vault: &Vault, names: &RecordNames, ending: &Ending<'_>) -> Result<String> {
    let (id, part) = (number(ending.consent.id), &ending.part);
    let paths = part.entries.iter().filter_map(|id| names.find(*id));
    let paths: Vec<&str> = paths.collect();
    let contacts = vault.contact_names(&part.contacts)?.join(", ");
    let of = match (ending.consent.was_given(), paths.is_empty()) {
        (true, true) => format!("withdrew consent {id}"),
        (true, false) => format!("withdrew {} from consent {id}", paths.join(", ")),
        (false, true) => format!("cancelled request {id}"),
        (false, false) => format!("took {} out of request {id}", paths.join(", ")),
    };
    Ok(if contacts.is_empty() {
        of
    } else {
        format!("{of} for {contacts} alone")
    })
}

fn described(
    vault: &Vault,
    names: &RecordNames,
    ending: &Ending<'_>,
    now: Timestamp,
) -> Result<String> {
    let consent = ending.consent;
    let contacts = vault.contact_names(&consent.contacts())?.join(", ");
    let only = ending.part.entries.iter().filter_map(|id| names.find(*id));
    let only: Vec<&str> = only.collect();
    let covered = match only.as_slice() {
        [] => covers(&show::scope(vault, consent)?),
        only => format!("only {}", only.join(", ")),
    };
    let (id, state) = (number(consent.id), vault.consent_state(consent, now)?);
    Ok(format!("  {id}  {contacts}  {covered}  {state}"))
}

/// The live shares under these consents that are about to end, whole or for some entries.
pub(super) fn ended_shares(
    vault: &Vault,
    meant: &[Ending<'_>],
    now: Timestamp,
) -> Result<Vec<EndedShare>> {
    let mut ended = Vec::new();
    for line in vault.ledger(now)? {
        let contact = line.share.recipient.contact;
        let Some(ending) = meant.iter().find(|it| line.is_under(it.consent.id)) else {
            continue;
        };
        let live: Vec<Uuid> = line.live_items().map(|item| item.entry).collect();
        let ends = live.iter().filter(|id| ending.part.has(**id, contact));
        let ends: Vec<Uuid> = ends.copied().collect();
        ended.extend(ended_share(vault, line.share, &live, &ends)?);
    }
    Ok(ended)
}

/// The entries that are live in each share.
pub(super) fn live_entries(vault: &Vault, now: Timestamp) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let ledger = vault.ledger(now)?.into_iter();
    let live = ledger.map(|line| {
        let entries = line.live_items().map(|item| item.entry);
        (line.share.id, entries.collect())
    });
    Ok(live.collect())
}

/// The shares of which something has ended that was live `before`, whole or for some entries.
pub(super) fn ended_since(
    vault: &Vault,
    before: &HashMap<Uuid, Vec<Uuid>>,
    now: Timestamp,
) -> Result<Vec<EndedShare>> {
    let mut ended = Vec::new();
    for line in vault.ledger(now)? {
        let was_live = before.get(&line.share.id).map_or(&[][..], Vec::as_slice);
        let goes_on = |id: &&Uuid| line.live_items().any(|item| item.entry == **id);
        let ends = was_live.iter().filter(|id| !goes_on(id));
        let ends: Vec<Uuid> = ends.copied().collect();
        ended.extend(ended_share(vault, line.share, was_live, &ends)?);
    }
    Ok(ended)
}

/// A share of which these entries end, of those that are live; none where nothing does.
fn ended_share(
    vault: &Vault,
    share: &Share,
    live: &[Uuid],
    ends: &[Uuid],
) -> Result<Option<EndedShare>> {
    if ends.is_empty() {
        return Ok(None);
    }
    let names = RecordNames::of(vault)?;
    let path = |id: &Uuid| names.get(*id);
    let whole = ends.len() == live.len();
    Ok(Some(EndedShare {
        id: share.id,
        contact: vault.contact_name(share.recipient.contact)?,
        entries: ends.to_vec(),
        login: share.login.clone(),
        only: ends.iter().filter(|_| !whole).map(path).collect(),
    }))
}

/// Names the shares of the same client, contact and entries that go on: a withdrawal must not
/// look as if it had ended them.
pub(super) fn tell_beside(
    ctx: &Context,
    vault: &Vault,
    consents: &[Uuid],
    part: &PermissionPart,
) -> Result<()> {
    let names = RecordNames::of(vault)?;
    for (line, entries) in vault.live_beside(consents, part, ctx.now())? {
        let share = line.share;
        let paths: Vec<String> = entries.iter().map(|id| names.get(*id)).collect();
        let contact = vault.contact_name(share.recipient.contact)?;
        let has = match (&share.login, line.state) {
            (Some(login), _) => format!("still has own login {login} for"),
            (None, ShareState::Unsent) => "may still have".to_owned(),
            (None, _) => "still has".to_owned(),
        };
        let (id, consent) = (number(share.id), number(line.under()));
        ctx.warn(&format!(
            "{contact} {has} {} by share {id}, under consent {consent}",
            paths.join(", ")
        ));
        ctx.ui.hint(&format!(
            "to end that too: vault consent withdraw {consent}"
        ));
    }
    Ok(())
}
