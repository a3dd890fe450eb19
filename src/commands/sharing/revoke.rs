//! `vault revoke`: ends shares before their time.

use std::path::PathBuf;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use uuid::Uuid;

use crate::commands::args::document::{Target, write_out};
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::reveal::exposure;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::notice;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::{FiledDocument, ShareState};
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::vault::Vault;
use crate::store::session::Session;

const EXAMPLES: &str = "\
Examples:
  vault revoke 3f2a --reason 'the job is done'    by the start of the share's number, or of the
                                                  consent's: all that was shared under it
  vault revoke --to bob                           all that bob has, of every client
  vault revoke --client acme --to bob -n          of one client; -n only says what would end
  vault revoke 3f2a --out bob.notice              a signed notice that closes it where it is received
  vault revoke 3f2a --ended --out bob.notice      the same of entries that ended alone; the others go on
  vault rotate --due                              then give what was in it new secrets

A share ends for whoever keeps to its terms. Who has opened it may know what was in it for ever, so
all of it is flagged, and the flag goes when it has a new secret.";

/// Options of `revoke`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = EXAMPLES,
    group(clap::ArgGroup::new("what").required(true).multiple(true).args(["id", "to", "client"]))
)]
pub struct Args {
    /// The number of a share, or of the consent that it was made under, or the start of it
    #[arg(conflicts_with_all = ["to", "client"])]
    id: Option<RecordId>,
    /// All that this contact has
    #[arg(long, value_name = "CONTACT")]
    to: Option<ContactName>,
    /// All that was shared of this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// Why, in your own words
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: Option<String>,
    /// Write a signed notice for the recipient to this new file; - is stdout. Received there, it
    /// closes at once what came with the share
    #[arg(short = 'o', long = "out", alias = "notice", value_name = "FILE")]
    notice: Option<PathBuf>,
    /// End nothing: only write the notice, of what of the share has ended before
    #[arg(long, requires = "notice", conflicts_with_all = ["to", "client", "reason"])]
    ended: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Ends shares.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let notice = args.notice.as_deref();
    let notice = notice.map(|out| Target::new(ctx, out)).transpose()?;
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let meant = match &args.id {
        Some(id) => vault.shares_numbered(id, ctx.now())?,
        None => live_shares(args, ctx, vault)?,
    };
    if args.ended {
        let ids: Vec<Uuid> = meant.iter().map(|line| line.share.id).collect();
        write_notice(ctx, notice.as_ref(), session, &ids)?;
        ctx.answer(&[]);
        return Ok(());
    }
    if let [one] = meant.as_slice() {
        let is_replaced = one.state == ShareState::Superseded && notice.is_some();
        if one.state.is_cut_short() || is_replaced {
            let note = format!("share {} was {} before", number(one.share.id), one.state);
            let later = vault.in_place_of(one.share, ctx.now())?;
            if later.state.is_live() {
                let (id, hint) = (number(later.share.id), later.told_place());
                ctx.ui.note(&hint.unwrap_or_default());
                ctx.ui
                    .hint(&format!("it goes on; to end that: vault revoke {id}"));
            }
            let id = one.share.id;
            write_notice(ctx, notice.as_ref(), session, &[id])?;
            ctx.answer_change(&note, &[]);
            return Ok(());
        }
        vault.check_revocable(*one, ctx.now())?;
    }
    let names = RecordNames::of(vault)?;
    let contact = |line: &LedgerLine<'_>| names.get(line.share.recipient.contact);
    if meant.len() > 1 {
        for line in &meant {
            let entries = line.live_items().map(|item| names.shared(item));
            let entries: Vec<String> = entries.collect();
            let (id, contact) = (number(line.share.id), contact(line));
            ctx.ui.note(&format!(
                "  {id}  {contact}  {}  {}",
                line.state,
                entries.join(", ")
            ));
        }
        let what = format!("revoking {} shares", meant.len());
        if !ctx.confirm_or_yes(args.yes, &what, "Revoke all of these?")? {
            ctx.answer_change("revoked none", &[]);
            return Ok(());
        }
    }
    let revoked: Vec<(Uuid, String)> = (meant.iter())
        .map(|line| (line.share.id, still(*line, &contact(line))))
        .collect();
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        let mut all = revoked.iter();
        all.try_for_each(|(id, _)| vault.revoke_share(*id, args.reason.clone(), author))
    })?;
    for (id, still) in &revoked {
        ctx.note_done(&format!("revoked share {}; {still}", number(*id)));
    }
    let ids: Vec<Uuid> = revoked.into_iter().map(|(id, _)| id).collect();
    exposure::tell_to_rotate(ctx, session.vault(), &ids)?;
    write_notice(ctx, notice.as_ref(), session, &ids)?;
    let ids = ids.iter().map(ToString::to_string);
    ctx.answer(&ids.collect::<Vec<_>>());
    Ok(())
}

/// What a contact has of a share even when it is over.
pub(crate) fn still(line: LedgerLine<'_>, contact: &str) -> String {
    match &line.share.login {
        Some(login) => format!("{contact} has own login {login} until you remove it at the site"),
        None => format!("{contact} may still know what was in it"),
    }
}

/// Writes the notice, where one is asked for, and keeps it with the shares; says how the recipients
/// learn of the end.
fn write_notice(
    ctx: &Context,
    target: Option<&Target>,
    session: Session,
    shares: &[Uuid],
) -> VaultResult<()> {
    let Some(target) = target else {
        return tell_recipients(ctx, session.vault(), shares, false);
    };
    let (text, session) = ctx.change_and_stay(session, None, |vault, author| {
        let text = notice::write(vault, shares, (author.new_id)(), author.now)?;
        let filed = FiledDocument::with(author.now, text.clone());
        vault.file_notice(shares, &filed, author)?;
        Ok(text)
    })?;
    write_out(ctx, target, format!("{text}\n").as_bytes())?;
    ctx.ui
        .note("Send it to them: it closes what they have, with vault receive FILE.");
    tell_recipients(ctx, session.vault(), shares, true)
}

/// Says how the recipients learn of the end; where there is a notice, only for those who have no
/// program that reads it.
pub(crate) fn tell_recipients(
    ctx: &Context,
    vault: &Vault,
    shares: &[Uuid],
    has_notice: bool,
) -> VaultResult<()> {
    for line in vault.ledger(ctx.now())? {
        let contact = vault.contacts.find(line.share.recipient.contact)?;
        let signs = contact.is_some_and(|it| !it.signers().is_empty());
        if shares.contains(&line.share.id) && !(signs && has_notice) {
            let ended = line.undeleted_items().map(|(item, _)| item.entry);
            let ended: Vec<Uuid> = ended.collect();
            exposure::tell_of_end(ctx, vault, line.share.id, (&ended, line.state.is_live()))?;
        }
    }
    Ok(())
}

/// The live shares of a contact, a client or both; at least one.
fn live_shares<'a>(
    args: &Args,
    ctx: &Context,
    vault: &'a Vault,
) -> VaultResult<Vec<LedgerLine<'a>>> {
    let to = args.to.as_ref().map(|name| vault.contacts_ever(name));
    let to = to.transpose()?;
    let client = args.client.as_ref().map(|slug| vault.known_client(slug));
    let client = client.transpose()?.map(|client| client.id);
    let owners = vault.owners()?;
    let mut live = vault.ledger(ctx.now())?;
    live.retain(|line| {
        line.state.is_live()
            && (to.as_ref())
                .is_none_or(|to| to.iter().any(|it| it.id == line.share.recipient.contact))
            && client.is_none_or(|client| line.is_of(client, &owners))
    });
    if live.is_empty() {
        return Err(
            Error::not_found("nothing that was shared is left to revoke")
                .hint("vault shares shows what became of it"),
        );
    }
    Ok(live)
}
