//! `vault consent withdraw`: ends what a client has permitted, or takes a request for it back.

use jiff::Timestamp;
use uuid::Uuid;

use super::{covers, show};
use crate::commands::reveal::exposure;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::records::consent::Consent;
use crate::model::records::record_id::{RecordId, number, short};
use crate::model::records::share::ShareState;
use crate::model::text::name::{ContactName, EntryPath};
use crate::model::vault::Vault;

pub(crate) const EXAMPLES: &str = "\
Examples:
  vault consent withdraw 2F95-B33D              by the number of a request, a consent or a share
  vault consent withdraw acme --to bob         all that acme permits bob; asks if it is several
  vault consent withdraw 2F95-B33D --only acme/wordpress
  vault consent withdraw 2F95-B33D --reason 'mail of Jo Doe, 2026-11-22'

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
}

/// Ends consents, and what was shared under them.
pub fn run(args: &WithdrawArgs, ctx: &Context) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let (vault, now) = (session.vault(), ctx.now());
    let only = args.only.iter().map(|path| Ok(vault.entry(path)?.id));
    let only = only.collect::<Result<Vec<Uuid>>>()?;
    let meant = meant(args, vault, &only, now)?;
    let ids: Vec<Uuid> = meant.iter().map(|consent| consent.id).collect();
    if let [one] = meant.as_slice()
        && one.ended().is_some()
    {
        let state = one.state(now);
        ctx.ui
            .note(&format!("consent {} was {state} before", number(one.id)));
        tell_beside(ctx, vault, &ids, &only)?;
        ctx.answer(&[]);
        return Ok(());
    }
    if meant.len() > 1 {
        for consent in &meant {
            ctx.ui.note(&described(vault, consent, now)?);
        }
        let what = format!("ending {} permissions", meant.len());
        if !ctx
            .ui
            .confirm_or_yes(args.yes, &what, "End all of these?")?
        {
            ctx.ui
                .hint("one of them ends by its number: vault consent withdraw NUMBER");
            ctx.answer_change("ended none", &[]);
            return Ok(());
        }
    }
    let given: Vec<(Uuid, bool)> = meant.iter().map(|it| (it.id, it.was_given())).collect();
    let ended = ended_shares(vault, &ids, &only, now)?;
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        let mut all = ids.iter();
        all.try_for_each(|id| vault.withdraw_consent(*id, &only, args.reason.as_deref(), author))
    })?;
    let paths: Vec<String> = args.only.iter().map(ToString::to_string).collect();
    for (id, given) in given {
        let (id, paths) = (number(id), paths.join(", "));
        ctx.ui.note(&match given {
            _ if !only.is_empty() => format!("withdrew {paths} from consent {id}"),
            true => format!("withdrew consent {id}"),
            false => format!("cancelled request {id}"),
        });
    }
    let shares = tell_ended(ctx, session.vault(), ended)?;
    tell_beside(ctx, session.vault(), &ids, &only)?;
    let changed = ids.into_iter().chain(shares);
    ctx.answer(&changed.map(|id| id.to_string()).collect::<Vec<_>>());
    Ok(())
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
        let state = consent.state(ctx.now());
        ctx.answer_change(&format!("request {number} was {state} before"), &[]);
        return Ok(());
    }
    ctx.change(session, |vault, author| {
        vault.withdraw_consent(id, &[], reason, author)
    })?;
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
        ctx.ui.note(&match share.only.as_slice() {
            [] => format!("share {id} ended with it; {contact} may still know what was in it"),
            only => format!(
                "of share {id}, {} ended with it; {contact} may still know it",
                only.join(", ")
            ),
        });
    }
    let shares: Vec<Uuid> = ended.into_iter().map(|share| share.id).collect();
    exposure::tell_to_rotate(ctx, vault, &shares)?;
    Ok(shares)
}

/// The consents that are meant; at least one.
fn meant<'a>(
    args: &WithdrawArgs,
    vault: &'a Vault,
    only: &[Uuid],
    now: Timestamp,
) -> Result<Vec<&'a Consent>> {
    let to = args.to.as_ref().map(|name| vault.known_contact(name));
    let to = to.transpose()?.map(|contact| contact.id);
    let mut meant = vault.meant_consents(&args.what, now)?;
    let names = vault.names()?;
    // By a number, an entry that is not covered is told.
    let covers = |consent: &Consent| {
        meant.len() == 1
            || only.iter().all(|id| {
                let path = names.get(id).map_or("", String::as_str);
                consent.scope.has_entry(*id, path) && consent.ended_for(*id).is_none()
            })
    };
    let fits: Vec<bool> = (meant.iter())
        .map(|it| to.is_none_or(|to| it.is_for(to)) && covers(it))
        .collect();
    let mut fits = fits.into_iter();
    meant.retain(|_| fits.next().unwrap_or_default());
    if meant.is_empty() {
        let mut what = format!("{} permits nothing", args.what);
        if let Some(to) = &args.to {
            what = format!("{} permits {to} nothing", args.what);
        }
        return Err(Error::not_found(format!("{what} that could end"))
            .hint("vault consent list shows what there is"));
    }
    Ok(meant)
}

fn described(vault: &Vault, consent: &Consent, now: Timestamp) -> Result<String> {
    let contacts = vault.contact_names(&consent.contacts())?.join(", ");
    let covered = covers(&show::scope(vault, consent)?);
    let (id, state) = (number(consent.id), consent.state(now));
    Ok(format!("  {id}  {contacts}  {covered}  {state}"))
}

/// The live shares under these consents that are about to end, whole or for these entries.
pub(super) fn ended_shares(
    vault: &Vault,
    consents: &[Uuid],
    only: &[Uuid],
    now: Timestamp,
) -> Result<Vec<EndedShare>> {
    let names = vault.names()?;
    let mut ended = Vec::new();
    for line in vault.ledger(now)? {
        let live: Vec<Uuid> = line.live_items().map(|item| item.entry).collect();
        let end = |id: &&Uuid| only.is_empty() || only.contains(id);
        let ends: Vec<Uuid> = live.iter().filter(end).copied().collect();
        if ends.is_empty() || !consents.contains(&line.share.consent.id) {
            continue;
        }
        let path = |id: &Uuid| names.get(id).cloned().unwrap_or_else(|| short(*id));
        let whole = ends.len() == live.len();
        ended.push(EndedShare {
            id: line.share.id,
            contact: vault
                .contact_names(&[line.share.recipient.contact])?
                .concat(),
            only: ends.iter().filter(|_| !whole).map(path).collect(),
        });
    }
    Ok(ended)
}

/// Names the shares of the same client, contact and entries that go on: a withdrawal must not
/// look as if it had ended them.
pub(super) fn tell_beside(
    ctx: &Context,
    vault: &Vault,
    consents: &[Uuid],
    only: &[Uuid],
) -> Result<()> {
    let names = vault.names()?;
    for (line, entries) in vault.live_beside(consents, only, ctx.now())? {
        let share = line.share;
        let paths = entries
            .iter()
            .map(|id| names.get(id).cloned().unwrap_or_default());
        let paths: Vec<String> = paths.collect();
        let contact = vault.contact_names(&[share.recipient.contact])?.concat();
        let has = match line.state {
            ShareState::Unsent => "may still have",
            _ => "still has",
        };
        let (id, consent) = (number(share.id), number(share.consent.id));
        ctx.warn(&format!(
            "{contact} {has} {} by share {id}, under consent {consent}; to end that too: \
             vault consent withdraw {consent}",
            paths.join(", ")
        ));
    }
    Ok(())
}
