//! `vault client close`, `vault client reopen`: the end of the work for a client, step by step. What
//! is done is read from the vault, so that it goes on where it stopped.

mod told;

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use uuid::Uuid;

use self::told::{paths, tell_what_to_change, told_work, warn_of_no_receipt, warn_of_trash};
pub(super) use self::told::{step_as_json, steps_told};
use crate::commands::args::document::unused_name;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::paper_sender::ask_for_missing;
use crate::commands::entries::purge::{CertificatePlace, Removal};
use crate::commands::reveal::exposure;
use crate::commands::sharing::hand_over::hand_all_over;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::consent::closing::check_records_for;
use crate::model::records::client::Client;
use crate::model::records::closing::ReturnChoice;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::text::quote::as_word;
use crate::model::text::when::Duration;
use crate::store::session::Session;
use crate::ui::Unasked;
use crate::ui::time::day;

/// Options of `client close`.
#[derive(clap::Args, Debug)]
pub(super) struct ClosingArgs {
    /// The client's short name
    slug: ClientSlug,
    /// How they get their credentials back: page opens in a browser, with a passphrase that is shown
    /// once; age is a file for their key, or with a passphrase; none only removes them
    #[arg(long, value_name = "page|age|none")]
    handover: Option<ReturnChoice>,
    /// How they said so, in your own words
    #[arg(long, value_name = "HOW", requires = "handover", value_parser = NonEmptyStringValueParser::new())]
    said: Option<String>,
    /// Do not wait for this contact's word that what they had is deleted; the certificate says so
    #[arg(long, value_name = "CONTACT", requires = "reason")]
    without: Option<ContactName>,
    /// Why, in your own words
    #[arg(long, value_name = "TEXT", requires = "without", value_parser = NonEmptyStringValueParser::new())]
    reason: Option<String>,
    /// Remove the copies that hold it too, as vault purge --backups
    #[arg(long)]
    backups: bool,
    /// Write the signed certificate for the client to this new file, and FILE.sig beside it [default:
    /// CLIENT-certificate.txt]
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The language of the certificate: en or de [default: the client's]
    #[arg(long)]
    lang: Option<Lang>,
    /// How long permissions, shares and receipts stay [default: 3y]
    #[arg(long, value_name = "DURATION")]
    records_for: Option<Duration>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Closes a client, as far as it goes today.
pub(super) fn close(ctx: &Context, args: &ClosingArgs) -> Result<()> {
    args.dry_run.begin(ctx);
    let place = args.certificate.as_deref().map(CertificatePlace::new);
    let mut place = place.transpose()?;
    if let Some(stay) = &args.records_for {
        check_records_for(stay, ctx.now())?;
    }
    let session = ctx.unlock_to_permit()?;
    let slug = &args.slug;
    let client = session.vault().known_client(slug)?;
    if client.closed().is_some() {
        return tell_closed(ctx, client, place.is_some());
    }
    let left = session.vault().closing_left(client, ctx.now())?;
    if left.entries.is_empty() && place.is_some() {
        return Err(Error::usage(format!(
            "nothing of {slug} is here that a certificate could name"
        ))
        .hint(format!(
            "of what was removed before: vault purge --final {slug:#} --certificate FILE"
        )));
    }
    if !left.entries.is_empty() && place.is_none() {
        // Afterwards the names are gone that it tells.
        let file = unused_name(&format!("{slug}-certificate"), ".txt");
        place = Some(CertificatePlace::new(&file)?);
    }
    if let Some(name) = &args.without {
        session.vault().contacts_ever(name)?;
    }
    let is_chosen = args.handover.is_some() || client.return_chosen().is_some();
    if !left.entries.is_empty() && !is_chosen && !ctx.ui.can_ask() {
        // Before anything ends that would have to wait for the answer then.
        asked(ctx, slug)?;
    }
    let Some(session) = end_work(ctx, args, session)? else {
        ctx.answer_change("ended nothing", &[]);
        return Ok(());
    };
    let session = give_back(ctx, args, session)?;
    let session = waive(ctx, args, session)?;
    check_deleted(ctx, &session, slug)?;
    tell_what_to_change(ctx, &session, slug)?;
    let Some(session) = remove(ctx, args, session, place.as_ref())? else {
        ctx.ui
            .hint(&format!("to go on: vault client close {slug:#}"));
        ctx.answer_change("kept all of it", &[]);
        return Ok(());
    };
    let id = session.vault().known_client(slug)?.id;
    ctx.answer(&[id.to_string()]);
    Ok(())
}

fn tell_closed(ctx: &Context, client: &Client, wants_paper: bool) -> Result<()> {
    if wants_paper && let Err(why) = client.check_open() {
        return Err(why.hint(format!(
            "a certificate of what was removed: vault purge --final {} --certificate FILE",
            as_word(client.slug())
        )));
    }
    let told = |time: Option<Timestamp>| time.map(|time| day(time, ctx.now())).unwrap_or_default();
    let (closed, until) = (told(client.closed()), told(client.records_until()));
    let slug = client.slug();
    ctx.ui.note(&format!(
        "{slug} was closed on {closed}; its permissions, shares and receipts stay until {until}"
    ));
    ctx.answer(&[]);
    Ok(())
}

/// Ends what is shared and permitted; gives nothing where somebody said no.
fn end_work(ctx: &Context, args: &ClosingArgs, session: Session) -> Result<Option<Session>> {
    let (vault, slug) = (session.vault(), &args.slug);
    let client = vault.known_client(slug)?;
    let left = vault.closing_left(client, ctx.now())?;
    if left.is_ended() {
        return Ok(Some(session));
    }
    for line in told_work(vault, &left)? {
        ctx.ui.note(&format!("  {line}"));
    }
    let what = format!("ending what {slug} permits");
    if !ctx.confirm_or_yes(args.yes, &what, "End all of this?")? {
        return Ok(None);
    }
    let id = client.id;
    let (ended, session) =
        ctx.change_and_stay(session, None, |vault, author| vault.end_work(id, author))?;
    let vault = session.vault();
    for share in &ended.shares {
        ctx.note_done(&format!("ended share {}", number(*share)));
    }
    for id in &ended.permissions {
        let was_given = vault.consents.by_id(*id)?.was_given();
        let (done, kind) = if was_given {
            ("ended", "consent")
        } else {
            ("cancelled", "request")
        };
        ctx.note_done(&format!("{done} {kind} {}", number(*id)));
    }
    for id in &ended.asks {
        ctx.note_done(&format!("closed request {}", number(*id)));
    }
    for line in vault.ledger(ctx.now())? {
        if ended.shares.contains(&line.share.id) {
            let over: Vec<Uuid> = line.share.items.iter().map(|it| it.entry).collect();
            exposure::tell_of_end(ctx, vault, line.share.id, (&over, false))?;
        }
    }
    Ok(Some(session))
}

/// Gives back what is the client's, as they chose.
fn give_back(ctx: &Context, args: &ClosingArgs, session: Session) -> Result<Session> {
    let (vault, slug) = (session.vault(), &args.slug);
    let client = vault.known_client(slug)?;
    let has_any = !vault.closing_left(client, ctx.now())?.entries.is_empty();
    let known = client.return_chosen().map(|(choice, _)| choice);
    let choice = match args.handover.or(known) {
        Some(choice) => choice,
        None if has_any => asked(ctx, slug)?,
        None => return Ok(session),
    };
    let id = client.id;
    let said = args.said.as_deref().or_else(|| client.return_chosen()?.1);
    let said = said.map(ToOwned::to_owned);
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.choose_return(id, choice, said.as_deref(), author)
    })?;
    if choice == ReturnChoice::Nothing {
        return Ok(session);
    }
    let as_page = choice == ReturnChoice::Page;
    let session = if as_page {
        ask_for_missing(ctx, session)?
    } else {
        session
    };
    let client = session.vault().known_client(slug)?.clone();
    warn_of_trash(ctx, session.vault(), &client)?;
    let entries = session.vault().not_handed_over(&client)?;
    if entries.is_empty() {
        ctx.ui.note(&format!(
            "{slug} has all of it as it is now; once more: vault share {slug:#}/ --to-client"
        ));
        return Ok(session);
    }
    let (file, session) = hand_all_over(ctx, session, &client, (entries, as_page))?;
    if let Some(file) = file {
        ctx.ui.line(&file.display().to_string())?;
        ctx.ui.flush()?;
    }
    Ok(session)
}

fn asked(ctx: &Context, slug: &ClientSlug) -> Result<ReturnChoice> {
    let unasked = Unasked {
        needed: &format!("it is not known how {slug} wants its credentials back"),
        instead: "use --handover page, --handover age or --handover none",
    };
    let prompt = format!("How does {slug} want its credentials back, page, age (a file) or none");
    let answer = ctx.ui.ask_line(&prompt, unasked)?;
    match answer.trim().parse() {
        Ok(choice) => Ok(choice),
        Err(why) => Err(Error::usage(why)),
    }
}

/// Goes on without somebody's word.
fn waive(ctx: &Context, args: &ClosingArgs, session: Session) -> Result<Session> {
    let (Some(name), Some(reason)) = (&args.without, &args.reason) else {
        return Ok(session);
    };
    let vault = session.vault();
    let client = vault.known_client(&args.slug)?;
    let id = client.id;
    let owed = vault.closing_left(client, ctx.now())?.owed;
    let mut waived = Vec::new();
    for contact in vault.contacts_ever(name)? {
        let theirs = owed
            .iter()
            .filter(|it| it.share.recipient.contact == contact.id);
        let shares: Vec<Uuid> = theirs.map(|it| it.share.id).collect();
        if !shares.is_empty() {
            waived.push((contact.id, shares));
        }
    }
    if waived.is_empty() {
        ctx.ui.note(&format!("nothing is waited for from {name}"));
        return Ok(session);
    }
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        let mut all = waived.iter();
        all.try_for_each(|(contact, shares)| {
            vault.waive_deletion(id, (*contact, shares), reason, author)
        })
    })?;
    ctx.ui.note(&format!(
        "it goes on without {name}'s word; the certificate says so, and why"
    ));
    Ok(session)
}

/// Refuses to go on while somebody has not said that what they had is deleted.
fn check_deleted(ctx: &Context, session: &Session, slug: &ClientSlug) -> Result<()> {
    let vault = session.vault();
    let owed = vault
        .closing_left(vault.known_client(slug)?, ctx.now())?
        .owed;
    let (mut lines, mut names, mut steps) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for line in owed {
        let (id, paths) = (number(line.share.id), paths(line));
        let contact = vault.contact_name(line.share.recipient.contact)?;
        if let Some(login) = line.login_left() {
            lines.push(format!(
                "{contact}: own login {login} for {paths}, share {id}"
            ));
            steps.insert(format!(
                "once it is removed at the site: vault grant --removed {id}"
            ));
        } else {
            lines.push(format!("{contact}: {paths}, share {id}"));
            steps.insert(
                "their word is filed by vault ack FILE or vault ack --mail FILE".to_owned(),
            );
        }
        names.insert(contact);
    }
    let Some(first) = names.first() else {
        return Ok(());
    };
    let who: Vec<&str> = names.iter().map(String::as_str).collect();
    let steps: Vec<String> = steps.into_iter().collect();
    Err(Error::conflict(format!(
        "{slug} cannot be closed yet: it is not known that {} has deleted what they had",
        who.join(", ")
    ))
    .details(lines)
    .hint(format!(
        "{}; without it: vault client close {slug:#} --without {} --reason TEXT",
        steps.join("; "),
        as_word(first)
    )))
}

/// Removes all of it and closes the client; gives nothing where somebody said no.
fn remove(
    ctx: &Context,
    args: &ClosingArgs,
    session: Session,
    place: Option<&CertificatePlace>,
) -> Result<Option<Session>> {
    let (vault, slug) = (session.vault(), &args.slug);
    let client = vault.known_client(slug)?;
    let left = vault.closing_left(client, ctx.now())?;
    let (id, count) = (client.id, left.entries.len());
    let ids: HashSet<Uuid> = left.entries.iter().map(|(_, it)| it.id).collect();
    warn_of_no_receipt(ctx, vault, client, &ids)?;
    let what = format!("closing {slug}");
    let entries = match count {
        0 => String::new(),
        1 => "1 entry with all its versions for good".to_owned(),
        count => format!("{count} entries with all their versions for good"),
    };
    let is_meant = if count == 0 {
        ctx.confirm_or_yes(args.yes, &what, &format!("Close client {slug}?"))?
    } else {
        let asked = format!("To remove {entries}, and close the client");
        ctx.confirm_by_name(args.yes, &what, &asked, slug.as_str())?
    };
    if !is_meant {
        return Ok(None);
    }
    let removal = Removal {
        client: slug,
        place,
        backups: args.backups,
        lang: args.lang,
    };
    let stay = args.records_for.as_ref();
    let (_, session) = removal.remove(
        ctx,
        session,
        &ids,
        |vault, certificate, author| vault.close_client(id, (&ids, certificate), stay, author),
        |_| {
            if count > 0 {
                ctx.note_done(&format!("removed {entries}"));
            }
            ctx.note_done(&format!("closed client {slug}"));
        },
    )?;
    let until = session.vault().known_client(slug)?.records_until();
    if let Some(until) = until {
        ctx.ui.note(&format!(
            "its permissions, shares and receipts stay until {}, with the names of their day",
            day(until, ctx.now())
        ));
    }
    Ok(Some(session))
}

/// Takes up the work for a client again.
pub(super) fn reopen(ctx: &Context, slug: &ClientSlug) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    if session.vault().known_client(slug)?.closed().is_none() {
        ctx.answer_change(&format!("client {slug} is not closed"), &[]);
        return Ok(());
    }
    ctx.change(session, |vault, author| vault.reopen_client(slug, author))?;
    ctx.answer_change(&format!("opened client {slug} again"), &[slug.to_string()]);
    Ok(())
}
