//! An answer by mail: shown, and asked about unless it can only mean one thing.

use std::path::Path;

use jiff::SignedDuration;
use uuid::Uuid;

use super::{AnswerArgs, Filing, client_of, file};
use crate::commands::args::document_file::read_mail;
use crate::commands::consent::proof::log_refusal;
use crate::commands::consent::show;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::mail::{Mail, Said};
use crate::exchange::request::confirmation::AnsweredBy;
use crate::model::consent::changes::{Grant, Proof};
use crate::model::consent::granted::GrantedPart;
use crate::model::records::client::Client;
use crate::model::records::consent::{Consent, GrantedBy};
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::ui::time::local_time;

/// What a client answers.
const VERBS: [(&str, bool); 4] = [("YES", true), ("JA", true), ("NO", false), ("NEIN", false)];
/// Lines of a mail that are shown, and characters of each.
const SHOWN: (usize, usize) = (12, 200);
/// How far the clocks of a mail's way may be off.
const CLOCKS: SignedDuration = SignedDuration::from_hours(24);

/// Files a mail.
pub(super) fn run(
    args: &AnswerArgs,
    ctx: &Context,
    asked_for: Option<&RecordId>,
    path: &Path,
) -> Result<()> {
    check_options(args)?;
    let bytes = read_mail(ctx, path)?;
    let mail = Mail::parse(&bytes)?;
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    let said = mail.said(&VERBS, &known_names(vault, &mail));
    let id = answered(vault, &mail, &said, asked_for)?;
    let (consent, terms) = vault.asked_terms(id)?;
    let client = client_of(vault, consent)?;
    let by = sender(args, client, &mail)
        .inspect_err(|why| log_refusal(ctx, &session, Some(client.id), why))?;
    show_mail(ctx, &mail);
    show_terms(ctx, consent, &vault.granted(consent, terms)?);
    let in_time = mail.date().is_none_or(|date| {
        let after = consent.created.saturating_sub(CLOCKS);
        let before = ctx.now().saturating_add(CLOCKS);
        after.is_ok_and(|after| after <= date) && before.is_ok_and(|before| date <= before)
    });
    let Some(says_yes) = meant(args, ctx, &said, consent, in_time)? else {
        ctx.answer_change("nothing was filed", &[]);
        return Ok(());
    };
    let file_name = format!("answer-{}.eml", number(id));
    let filing = Filing {
        id,
        says_yes,
        channel: AnsweredBy::Mail,
        on: mail.date().filter(|_| in_time).unwrap_or(ctx.now()),
        grant: Grant {
            by,
            from: None,
            method: Some("email"),
            proof: Proof::Mail {
                name: file_name.parse().map_err(Error::failed)?,
                bytes: bytes.to_vec(),
                from: mail.from().map(|from| from.address.clone()),
                date: mail.date(),
                reported: mail.reported(),
                made_sure: args.from_other.clone(),
            },
        },
    };
    file(args, ctx, session, filing)
}

/// Refuses what is said of a letter or a call: a mail says it itself.
fn check_options(args: &AnswerArgs) -> Result<()> {
    let named = args.by.is_some() && args.from_other.is_none();
    let said = [(named, "--by"), (args.on.is_some(), "--on")];
    match said.iter().find(|(is_said, _)| *is_said) {
        Some((_, option)) => Err(Error::usage(format!(
            "{option} is of no use here: the mail says it itself"
        ))),
        None => Ok(()),
    }
}

/// Names that may stand in an answer: the clients', those of the people who speak for them, one's
/// own, and the name that the mail is from.
fn known_names<'a>(vault: &'a Vault, mail: &'a Mail) -> Vec<&'a str> {
    let clients = vault.live_clients().flat_map(|client| {
        let persons = client.persons().iter().map(|person| person.name.as_str());
        persons.chain([client.called()])
    });
    let sender = mail.from().and_then(|from| from.name.as_deref());
    clients
        .chain(vault.me.name.value().map(String::as_str))
        .chain(sender)
        .collect()
}

/// The request that a mail answers.
fn answered(
    vault: &Vault,
    mail: &Mail,
    said: &Said<bool>,
    asked_for: Option<&RecordId>,
) -> Result<Uuid> {
    let ids = vault.consents.ids()?;
    let meant = |numbers: &[RecordId]| {
        let is_meant = |id: &&Uuid| numbers.iter().any(|number| number.is_start_of(**id));
        ids.iter().filter(is_meant).copied().collect::<Vec<Uuid>>()
    };
    let own = meant(&said.numbers);
    if let Some(asked_for) = asked_for {
        let id = vault.consents.by_start(asked_for)?.id;
        return match said.numbers.first() {
            Some(other) if !own.contains(&id) => Err(Error::refused(format!(
                "the mail answers request {other}, not {}",
                number(id)
            ))),
            _ => Ok(id),
        };
    }
    let found = if said.numbers.is_empty() {
        meant(&mail.numbers_around())
    } else {
        own
    };
    match found.as_slice() {
        [id] => Ok(*id),
        [] => Err(match said.numbers.first() {
            Some(unknown) => Error::not_found(format!("nothing was asked for under {unknown}")),
            None => Error::usage("the mail itself names no number of a request"),
        }
        .hint("name the request: vault consent answer NUMBER MAIL")),
        several => {
            let numbers: Vec<String> = several.iter().map(|id| number(*id)).collect();
            Err(Error::usage(format!(
                "the mail names several requests: {}",
                numbers.join(", ")
            ))
            .hint("file it once for each: vault consent answer NUMBER MAIL"))
        }
    }
}

/// Who answered, by the address that the mail is from.
fn sender(args: &AnswerArgs, client: &Client, mail: &Mail) -> Result<GrantedBy> {
    let from = mail.from();
    let known = from.and_then(|from| client.permitting(&from.address));
    let mut by = match (known, &args.from_other) {
        // The client's own address says who writes only by the name beside it.
        (Some(name), _) if name == client.called() => {
            let named = from.and_then(|from| from.name.clone());
            GrantedBy::with(named.unwrap_or_else(|| name.to_owned()))
        }
        (Some(name), _) => GrantedBy::with(name.to_owned()),
        (None, Some(_)) => {
            let named = args.by.clone();
            let named = named.or_else(|| from.and_then(|from| from.name.clone()));
            let or_address = named.or_else(|| from.map(|from| from.address.clone()));
            GrantedBy::with(or_address.unwrap_or_else(|| client.called().to_owned()))
        }
        (None, None) => {
            let slug = client.slug();
            let what = match from {
                Some(from) => format!(
                    "{} is no address of somebody who may give permissions for {slug}",
                    from.address
                ),
                None => "the mail does not name one sender".to_owned(),
            };
            return Err(Error::refused(what).hint(format!(
                "if it is theirs: vault client edit {} --person 'NAME <ADDRESS>' --may-permit; if you \
                 made sure in another way who sent it: --from-other HOW",
                as_word(slug)
            )));
        }
    };
    by.email = from.map(|from| from.address.clone());
    Ok(by)
}

fn show_mail(ctx: &Context, mail: &Mail) {
    let note = |text: String| ctx.ui.note(&text);
    let from = mail.from().map(|from| match &from.name {
        Some(name) => format!("{name} <{}>", from.address),
        None => from.address.clone(),
    });
    note(format!(
        "From     {}",
        from.unwrap_or_else(|| "?".to_owned())
    ));
    if let Some(date) = mail.date() {
        note(format!("Date     {}", local_time(date)));
    }
    note(format!("Subject  {}", shortened(&mail.subject())));
    if let Some(reported) = mail.reported() {
        let reported = shortened(&reported);
        note(format!(
            "Reported {reported} (the mail says so; it was not checked)"
        ));
    }
    let (most, _) = SHOWN;
    let lines = mail.lines();
    for line in lines.iter().take(most) {
        note(format!("  | {}", shortened(line)));
    }
    if lines.len() > most {
        note(format!("  | … and {} lines more", lines.len() - most));
    }
}

fn shortened(line: &str) -> String {
    let (_, most) = SHOWN;
    let mut short: String = line.chars().take(most).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// What a yes gives, which may be less than was asked for.
fn show_terms(ctx: &Context, consent: &Consent, granted: &GrantedPart) {
    let (number, until) = (number(consent.id), local_time(consent.expires));
    if granted.is_nothing() {
        let what = format!("Request {number}: nothing that was asked for is left to be given");
        return ctx.ui.note(&what);
    }
    let (names, covered) = (granted.names(), granted.covers());
    let purpose = shortened(&consent.purpose());
    ctx.ui.note(&format!(
        "Request {number}: {names}: {} of {covered}, for \"{purpose}\", until {until}",
        show::fields(consent)
    ));
}

/// Whether it is a yes or a no; none where a person says that it is neither. Only a clear answer is
/// taken unasked, and one that has neither word is only what a person says that it is.
fn meant(
    args: &AnswerArgs,
    ctx: &Context,
    said: &Said<bool>,
    consent: &Consent,
    in_time: bool,
) -> Result<Option<bool>> {
    const YES: &str = "Is this a yes, to all of it?";
    const NO: &str = "Is this a no?";
    let why = match said.doubt {
        Some(doubt) => Some(doubt.to_string()),
        None if !in_time => Some("its date is not between the request and now".to_owned()),
        None => None,
    };
    let asked_about = |why: &str| ctx.ui.note(&format!("It is asked about because {why}."));
    match (said.verb, why) {
        (Some(true), _) if args.no => Err(Error::usage("--no: the mail says yes")
            .hint("to end what was given: vault consent withdraw NUMBER")),
        (None, _) if args.no => Ok(Some(false)),
        (Some(verb), None) => Ok(Some(verb)),
        (Some(verb), Some(why)) => {
            let (word, question) = if verb { ("yes", YES) } else { ("no", NO) };
            if args.yes {
                let taken = format!("It is taken for a {word}, although {why}.");
                ctx.ui.note(&taken);
            } else {
                asked_about(&why);
            }
            let what = format!("taking this mail for a {word}");
            let is_so = ctx.ui.confirm_or_yes(args.yes, &what, question)?;
            Ok(is_so.then_some(verb))
        }
        (None, why) if !args.yes && ctx.ui.can_ask() => {
            asked_about(&why.unwrap_or_default());
            let ask = |question| ctx.ui.confirm_or_yes(false, "the answer", question);
            if ask(YES)? {
                return Ok(Some(true));
            }
            Ok(ask(NO)?.then_some(false))
        }
        (None, why) => {
            asked_about(&why.unwrap_or_default());
            let number = number(consent.id);
            let needed = Error::needs_input("the mail does not say yes or no clearly");
            Err(needed.hint(if consent.was_given() {
                format!(
                    "a no, which ends the permission: --no; or: vault consent withdraw {number}"
                )
            } else {
                format!(
                    "a no: --no; a yes in other words: vault consent answer {number} --scan MAIL \
                     --by NAME"
                )
            }))
        }
    }
}
