//! `vault consent answer`: files what a client answered to a request, under its own number.

mod mailed;
mod shorter;
mod signed;
mod spoken;
mod told;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use self::told::{given, hash_of, tell_cut_end, tell_late, tell_replaced, tell_useless};
use super::proof::log_refusal;
use super::withdraw::{Ending, ended_shares, ended_since, live_entries, tell_beside, tell_ended};
use super::withdrawal_paper;
use crate::commands::args::document::{Target, unused_name, write_out};
use crate::commands::args::document_file::place;
use crate::commands::args::paper_sender::ask_for_missing;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::exchange::request::confirmation::{AnsweredBy, Yes, confirmation, confirmation_name};
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::consent::changes::Grant;
use crate::model::consent::ending::PermissionPart;
use crate::model::consent::requests::{Confirmation, check_sooner, check_until, provisional_end};
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::Consent;
use crate::model::records::person::Person;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::quote::as_word;
use crate::model::text::when::{When, check_has_come, parse_day};
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::time::local_time;

/// Examples in the help of `consent answer`.
pub const EXAMPLES: &str = "\
Examples:
  vault consent answer mail.eml                       the mail as your mail program saves it
  vault consent answer 2F95-B33D mail.eml             where the number is not in it
  vault consent answer 2F95-B33D --scan letter.pdf --by 'Jo Doe' --on 2026-11-20
  vault consent answer --signature ask.txt.sig        of the paper, as ssh-keygen -Y sign wrote it
  vault consent answer 2F95-B33D --phone 'called me at 14:10' --by 'Jo Doe'

A line YES 2F95-B33D that is not quoted, with nothing behind it but a name, is a yes; JA is too, and
NO or NEIN refuses, or withdraws what was given before. Whatever else the mail says is shown and
asked about; --says yes and --says no are the answer of somebody who has read it, --until 2026-12-04
where it is for a shorter time, which they may say after a plain yes too. A yes has to be of one of those who may give permissions for the client
(vault client edit CLIENT --person 'Jo Doe <jo@acme.example>' --may-permit), or be from one of the
client's addresses; a no may be of anybody who speaks for them.
What was only said holds for 7 days at most, unless a written answer follows.";

/// How the command is called.
pub const USAGE: &str = "\
vault consent answer [NUMBER] <MAIL> [OPTIONS]
       vault consent answer <NUMBER> --scan <FILE> --by <NAME> [OPTIONS]
       vault consent answer [NUMBER] --signature <SIG> [OPTIONS]
       vault consent answer <NUMBER> --phone <HOW> [OPTIONS]";

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Says {
    Yes,
    No,
}

/// Options of `consent answer`.
#[derive(clap::Args, Debug)]
pub struct AnswerArgs {
    /// The request's number, and the mail as a file; - is stdin
    #[arg(value_names = ["NUMBER", "MAIL"], num_args = 0..=2)]
    words: Vec<String>,
    /// A letter that was signed by hand, or a picture of it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["signature", "phone"], requires = "by")]
    scan: Option<PathBuf>,
    /// A signature over the request, as ssh-keygen -Y sign wrote it
    #[arg(long, value_name = "SIG", conflicts_with_all = ["phone", "says", "on"])]
    signature: Option<PathBuf>,
    /// Only a signature by this key, one of the client's; a key or a file
    #[arg(long, value_name = "KEY", requires = "signature")]
    signer: Option<String>,
    /// How it was said, where nothing written shows it
    #[arg(long, value_name = "HOW")]
    phone: Option<String>,
    /// The person who answered
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The day of the letter or the call [default: today]
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    on: Option<Date>,
    /// What it says: of a mail that does not say so plainly, as somebody has read it; of a letter or
    /// a call [default: yes]
    #[arg(long, value_name = "yes|no", hide_possible_values = true)]
    says: Option<Says>,
    /// They said yes until then only, which is before the end that was asked for, or want what they
    /// have permitted to end then
    #[arg(long, value_name = "DATE")]
    until: Option<When>,
    /// How you made sure who sent the mail, where it is from none of the client's addresses
    #[arg(long, value_name = "HOW", conflicts_with_all = ["scan", "signature", "phone"])]
    from_other: Option<String>,
    /// Write the confirmation for the client to this new file; - is stdout
    /// [default: confirmation-NUMBER.txt; of what is taken back withdrawal-NUMBER.txt]
    #[arg(short = 'o', long = "out", alias = "confirmation", value_name = "FILE")]
    confirmation: Option<PathBuf>,
    /// Do not ask; file the answer as understood
    #[arg(short, long)]
    yes: bool,
}

/// An answer that is to be filed.
struct Filing {
    id: Uuid,
    says_yes: bool,
    channel: AnsweredBy,
    on: Timestamp,
    grant: Grant,
}

/// Files an answer.
pub fn run(args: &AnswerArgs, ctx: &Context) -> Result<()> {
    check_has_come("--on", args.on, ctx.now())?;
    if let Some(signature) = &args.signature {
        signed::check_says_no_end(args)?;
        return signed::run(args, ctx, signature);
    }
    if args.scan.is_some() || args.phone.is_some() {
        return spoken::run(args, ctx);
    }
    let (number, mail) = match args.words.as_slice() {
        [mail] => (None, mail),
        [number, mail] => (Some(number_in(number)?), mail),
        _ => {
            return Err(Error::usage("the answer is missing")
                .hint("name the mail's file, as in: vault consent answer mail.eml"));
        }
    };
    mailed::run(args, ctx, number.as_ref(), Path::new(mail))
}

/// The number that is given beside what is named by an option.
fn given_number(args: &AnswerArgs) -> Result<Option<RecordId>> {
    match args.words.as_slice() {
        [] => Ok(None),
        [number] => number_in(number).map(Some),
        _ => Err(Error::usage(
            "a mail and another kind of answer are two answers: file one after the other",
        )),
    }
}

fn number_in(text: &str) -> Result<RecordId> {
    text.parse().map_err(|why| {
        Error::usage(format!("{text} is not a number of a request: {why}"))
            .hint("vault consent list shows the numbers")
    })
}

/// Refuses the yes of somebody who may not give permissions, where it is known who may, and warns of
/// somebody who is not known. A no may come from anybody.
pub(super) fn check_giver(ctx: &Context, client: &Client, by: &str, says_yes: bool) -> Result<()> {
    let is_by =
        |person: &&Person| person.is_called(by) || person.name.split(' ').any(|word| word == by);
    let slug = client.slug();
    let persons = client.persons();
    let may = persons.iter().filter(|person| person.may_permit);
    let known: Vec<&str> = may.clone().map(|person| person.name.as_str()).collect();
    let any_may = known.is_empty() || !says_yes;
    if any_may && !persons.is_empty() && !persons.iter().any(|one| is_by(&one)) {
        ctx.warn(&format!("{by} is not among the people noted for {slug}"));
    }
    if any_may || may.clone().any(|one| is_by(&one)) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "--by: {by} is not among those who may give permissions for {slug}: {}",
        known.join(", ")
    ))
    .hint(format!(
        "if they may: vault client edit {} --person NAME --may-permit",
        as_word(slug)
    )))
}

fn client_of<'a>(vault: &'a Vault, consent: &Consent) -> Result<&'a Client> {
    let mut clients = vault.live_clients();
    clients
        .find(|client| client.id == consent.client)
        .ok_or_else(|| Error::not_found("the client of that request was removed"))
}

/// Who must have answered where it is not said: the one who may.
fn only_one(client: &Client) -> Option<&str> {
    match client.who_may_permit().as_slice() {
        [one] => Some(&one.name),
        _ => None,
    }
}

/// It is not said who answered, and it may be one or another.
fn by_is_missing(client: &Client) -> Error {
    let names = client.who_may_permit().into_iter();
    let names: Vec<&str> = names.map(|one| one.name.as_str()).collect();
    let example = names.first().copied().unwrap_or("Jo Doe");
    let what = match names.as_slice() {
        [] => "--by is missing".to_owned(),
        _ => format!("--by is missing: it may be {}", names.join(" or ")),
    };
    Error::usage(what).hint(format!(
        "say who answered, as in: --by {}",
        as_word(example)
    ))
}

/// The consent that an answer to a request is about: what is said of a shorter time by the number of
/// before is said of what stands in its place.
fn addressed(args: &AnswerArgs, ctx: &Context, vault: &Vault, asked: Uuid) -> Result<Uuid> {
    let latest = vault.renewed(vault.consents.by_id(asked)?)?.id;
    if args.until.is_none() || latest == asked {
        return Ok(asked);
    }
    let (before, now) = (number(asked), number(latest));
    ctx.ui
        .note(&format!("{before} goes on as {now}, which this is about"));
    Ok(latest)
}

/// A consent that is answered, with its terms: one that was not asked for can only end by it, at once
/// or sooner.
fn answered_terms<'a>(
    args: &AnswerArgs,
    vault: &'a Vault,
    id: Uuid,
    says_yes: bool,
) -> Result<(&'a Consent, AgreedTerms)> {
    if says_yes && args.until.is_none() {
        vault.asked_terms(id)
    } else {
        vault.recorded_terms(id)
    }
}

/// The end by the client's will, where it is said and before the end that was asked for.
fn until(
    args: &AnswerArgs,
    ctx: &Context,
    consent: &Consent,
    says_yes: bool,
) -> Result<Option<Timestamp>> {
    let until = args.until.as_ref();
    let until = until
        .map(|until| until.as_end(&ctx.now_here()))
        .transpose()?;
    if until.is_some() && !says_yes {
        let what = "--until is for a yes: a no ends it at once";
        return Err(Error::usage(what).hint(without_no(args, consent)));
    }
    match until {
        Some(until) if consent.request.is_none() => check_sooner(consent, until, ctx.now())?,
        _ => check_until(until, consent.expires, ctx.now())?,
    }
    Ok(until)
}

/// What to do about a no that is given with an end.
fn without_no(args: &AnswerArgs, consent: &Consent) -> String {
    let number = number(consent.id);
    let no = "to file the no, leave out --until";
    if !consent.was_given() {
        return no.to_owned();
    }
    let then = if args.scan.is_some() || args.phone.is_some() {
        "leave out --says no".to_owned()
    } else {
        format!("vault consent answer {number} --phone HOW --until DATE")
    };
    format!("{no}; where they have said that it is to end then: {then}")
}

/// Files it: a yes with its confirmation, or a no.
fn file(args: &AnswerArgs, ctx: &Context, session: Session, filing: Filing) -> Result<()> {
    if !filing.says_yes {
        return file_no(args, ctx, session, filing);
    }
    let (vault, id) = (session.vault(), filing.id);
    let assurance = filing.grant.proof.assurance();
    let (consent, terms) = answered_terms(args, vault, id, true)?;
    if let Some(until) = filing.grant.until
        && vault.is_permitted_already(consent, assurance, ctx.now())?
    {
        return shorter::file(args, ctx, session, filing, until);
    }
    let client = consent.client;
    vault
        .check_answerable(id, assurance, &ctx.now_here())
        .inspect_err(|why| log_refusal(ctx, &session, Some(client), why))?;
    let mut granted = vault.granted(consent, terms.clone())?;
    let ends_sooner = vault.end_of_yes(consent, filing.grant.until)?;
    let expires = ends_sooner.unwrap_or(consent.expires);
    let is_cut = expires < filing.grant.until.unwrap_or(consent.expires);
    granted.terms.expires = expires;
    if !granted.is_nothing() {
        tell_useless(ctx, vault, consent, assurance)?;
    }
    tell_late(ctx, &terms, filing.on);
    let ends = provisional_end(ctx.now(), expires);
    let is_given = !granted.is_nothing();
    let provisional = (assurance == Assurance::Attested && is_given).then_some(ends);
    let replacing = vault.replacing(consent, assurance, ctx.now())?;
    let replacing = replacing.filter(|_| is_given);
    let yes = Yes {
        by: &filing.grant.by.name,
        channel: filing.channel,
        on: filing.on,
        provisional_until: provisional,
        is_shortening: false,
        replacing: replacing.map(|(_, how)| how),
        sha256: hash_of(&filing.grant.proof),
    };
    let text = confirmation(&terms, &granted, &yes, &TimeZone::system())?;
    let (paper, target) = paper(args, ctx, consent, text.clone())?;
    let until = local_time(provisional.unwrap_or(expires));
    let (grant, number) = (filing.grant, number(id));
    let by = grant.by.name.clone();
    let live = live_entries(vault, ctx.now())?;
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.answer_yes(id, grant, Some(paper), &TimeZone::system(), author)
    })?;
    let given = given(&granted, &until);
    ctx.ui
        .note(&format!("consent {number} ({assurance}, by {by}): {given}"));
    if is_cut {
        tell_cut_end(ctx, &number, expires);
    }
    for part in &granted.left_out {
        ctx.warn(&format!("no part of it: {part}"));
    }
    if let Some((old, how)) = replacing {
        tell_replaced(ctx, old, how);
    }
    let ended = ended_since(session.vault(), &live, ctx.now())?;
    let shares = tell_ended(ctx, session.vault(), ended)?;
    if ends_sooner.is_some() {
        shorter::tell_outlasting(ctx, session.vault(), id)?;
    }
    if provisional.is_some() {
        ctx.ui
            .hint("what they write is filed under the same number: vault consent answer MAIL");
    }
    write_confirmation(ctx, &target, &text, &number)?;
    let changed = std::iter::once(id).chain(shares);
    ctx.answer(&changed.map(|id| id.to_string()).collect::<Vec<_>>());
    Ok(())
}

/// A confirmation to be kept with a consent, and where it goes.
fn paper(
    args: &AnswerArgs,
    ctx: &Context,
    consent: &Consent,
    text: String,
) -> Result<(Confirmation, Target)> {
    let default = confirmation_name(consent.id, consent.confirmations.len() + 1);
    let out = args.confirmation.as_deref().unwrap_or(Path::new(&default));
    let target = place(ctx, out).map_err(|why| match why.kind() {
        Kind::Conflict => why.hint("write the confirmation elsewhere: --out FILE"),
        _ => why,
    })?;
    let name = default.parse().map_err(Error::failed)?;
    Ok((Confirmation { name, text }, target))
}

/// Writes the confirmation of an answer that is filed.
fn write_confirmation(ctx: &Context, target: &Target, text: &str, number: &str) -> Result<()> {
    write_out(ctx, target, text.as_bytes()).map_err(|why| {
        why.prefixed("the answer is filed, but ").hint(format!(
            "write the confirmation elsewhere: vault consent show {number} --out FOLDER"
        ))
    })?;
    if let Target::File(path) = target {
        ctx.ui
            .note(&format!("Send {} to the client, to keep.", path.display()));
    }
    Ok(())
}

fn file_no(args: &AnswerArgs, ctx: &Context, session: Session, filing: Filing) -> Result<()> {
    // A request was only written by somebody who is known.
    let session = match session.vault().recorded_terms(filing.id)?.1.asked {
        Some(_) => session,
        None => ask_for_missing(ctx, session)?,
    };
    let (vault, now) = (session.vault(), ctx.now());
    let (asked, _) = vault.recorded_terms(filing.id)?;
    // A no by the number of before is one to what stands in its place.
    let consent = vault.renewed(asked)?;
    let (id, given) = (consent.id, consent.was_given());
    if id != asked.id {
        let (before, now) = (number(asked.id), number(id));
        ctx.ui
            .note(&format!("{before} goes on as {now}, which this ends"));
    }
    let number = number(id);
    let all = PermissionPart::default();
    if consent.ended().is_some() {
        let state = consent.state(now);
        let kind = consent.request.as_ref().map_or("consent", |_| "request");
        ctx.ui.note(&format!("{kind} {number} was {state} before"));
        tell_beside(ctx, vault, &[id], &all)?;
        ctx.answer(&[]);
        return Ok(());
    }
    let default = || unused_name(&format!("withdrawal-{number}"), ".txt");
    let out = args.confirmation.clone().unwrap_or_else(default);
    let target = given.then(|| place(ctx, &out)).transpose()?;
    let ending = Ending {
        consent,
        part: all.clone(),
    };
    let ended = ended_shares(vault, &[ending], now)?;
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.answer_no(id, filing.grant, &TimeZone::system(), author)
    })?;
    ctx.ui.note(&if given {
        format!("withdrew consent {number}")
    } else {
        format!("filed the no to request {number}")
    });
    let shares = tell_ended(ctx, session.vault(), ended)?;
    tell_beside(ctx, session.vault(), &[id], &all)?;
    if let Some(target) = &target {
        withdrawal_paper::write(ctx, session.vault(), target, &[(id, all)])?;
    }
    let changed = std::iter::once(id).chain(shares);
    ctx.answer(&changed.map(|id| id.to_string()).collect::<Vec<_>>());
    Ok(())
}
