//! An answer by mail: shown, and asked about unless it can only mean one thing.

use std::path::Path;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    AnswerArgs, Filing, Says, addressed, answered_terms, by_is_missing, check_giver, client_of,
    file, until,
};
use crate::commands::args::document_file::read_mail;
use crate::commands::consent::proof::log_refusal;
use crate::commands::consent::show;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::mail::{Doubt, Mail, Said, Undated};
use crate::exchange::request::confirmation::AnsweredBy;
use crate::model::consent::changes::{Grant, Proof};
use crate::model::consent::granted::GrantedPart;
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::{Consent, GrantedBy};
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::Share;
use crate::model::text::quote::{as_word, clipped};
use crate::model::vault::Vault;
use crate::ui::Unasked;
use crate::ui::time::local_time;

/// What a client answers.
const VERBS: [(&str, bool); 4] = [("YES", true), ("JA", true), ("NO", false), ("NEIN", false)];
/// What to do where it is not clear which request is answered.
const NAME_IT: &str = "name the request: vault consent answer NUMBER MAIL";
/// Lines of a mail that are shown.
const LINES: usize = 12;
/// Characters of each that are shown.
const LINE: usize = 200;

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
    let id = addressed(args, ctx, vault, id)?;
    let is_no = args.says == Some(Says::No) || (said.verb == Some(false) && args.says.is_none());
    let (consent, terms) = answered_terms(args, vault, id, !is_no)?;
    let client = client_of(vault, consent)?;
    let by = |is_no| {
        let by = sender(args, ctx, client, &mail, is_no);
        by.inspect_err(|why| log_refusal(ctx, &session, Some(client.id), why))
    };
    // What permits less may be of anybody who speaks for them, as a no may.
    let is_given = vault.is_permitted_already(consent, Assurance::Document, ctx.now())?;
    let is_less = is_given && args.until.is_some();
    let refuser = by(is_no || is_less)?;
    show_mail(ctx, &mail);
    let is_late = (mail.date().zip(terms.asked.as_ref())).is_some_and(|(on, it)| it.is_late(on));
    let late = (is_late && said.verb == Some(true))
        .then_some("it was sent after the last day for an answer");
    let mut granted = vault.granted(consent, terms)?;
    let until_then = until(args, ctx, consent, !is_no)?;
    granted.terms.expires = end_that_is_meant(vault, consent, is_no, until_then)?;
    show_terms(ctx, consent, &granted);
    let undated = undated(&mail, consent, ctx.now());
    let Some((says_yes, read_as)) = meant(args, ctx, &said, consent, undated.or(late))? else {
        ctx.answer_change("nothing was filed", &[]);
        return Ok(());
    };
    // Whoever has read it may say that it is a yes after all.
    let by = if is_no && says_yes && !is_less {
        by(false)?
    } else {
        refuser
    };
    let file_name = format!("answer-{}.eml", number(id));
    let filing = Filing {
        id,
        says_yes,
        channel: AnsweredBy::Mail,
        on: mail
            .date()
            .filter(|_| undated.is_none())
            .unwrap_or(ctx.now()),
        grant: Grant {
            by,
            from: None,
            until: until(args, ctx, consent, says_yes)?,
            method: Some("email"),
            proof: Proof::Mail {
                name: file_name.parse().map_err(Error::failed)?,
                bytes: bytes.to_vec(),
                from: mail.from().map(|from| from.address.clone()),
                date: mail.date(),
                reported: mail.reported(),
                made_sure: args.from_other.clone(),
                read_as,
            },
        },
    };
    file(args, ctx, session, filing)
}

/// Until when that is which it answers: a no is to what holds, a yes to what was asked for.
fn end_that_is_meant(
    vault: &Vault,
    consent: &Consent,
    is_no: bool,
    until: Option<Timestamp>,
) -> Result<Timestamp> {
    if is_no {
        return Ok(consent.permitted_until());
    }
    let end = vault.end_of_yes(consent, until)?;
    Ok(end.unwrap_or(consent.expires))
}

/// What somebody who has read it says that it is, and why it was not plain.
fn read_as(is_yes: bool, why: &str) -> String {
    let word = if is_yes { "yes" } else { "no" };
    format!("a {word}, although {why}")
}

/// Why its date does not fit the request, if it does not.
fn undated(mail: &Mail, consent: &Consent, now: Timestamp) -> Option<&'static str> {
    (mail.undated(consent.created, now)).map(|why| match why {
        Undated::Missing => "it does not say when it was sent",
        Undated::Unfit => "its date is not between the request and now",
    })
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
            Some(unknown) => match vault.shares.by_start(unknown) {
                Ok(share) => number_of_share(vault, share)?,
                Err(_) => {
                    Error::not_found(format!("nothing was asked for under {unknown}")).hint(NAME_IT)
                }
            },
            None => Error::usage("the mail itself names no number of a request").hint(NAME_IT),
        }),
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

/// The mail has the number of a share, of which a client is not asked anything.
fn number_of_share(vault: &Vault, share: &Share) -> Result<Error> {
    let (id, under) = (number(share.id), number(share.consent.id));
    let contact = vault.contact_name(share.recipient.contact)?;
    Ok(Error::not_found(format!(
        "{id} is the number of a share with {contact}, under consent {under}, and of no request"
    ))
    .hint(format!(
        "if they want it to end: vault consent withdraw {id}"
    )))
}

/// Who answered, by the address that the mail is from. A no may be anybody's who speaks for the
/// client.
fn sender(
    args: &AnswerArgs,
    ctx: &Context,
    client: &Client,
    mail: &Mail,
    is_no: bool,
) -> Result<GrantedBy> {
    let from = mail.from();
    let speaking = from.and_then(|from| client.speaking(&from.address));
    let permitting = from.and_then(|from| client.permitting(&from.address));
    let known = permitting.or(speaking.filter(|_| is_no));
    let mut by = match (known, &args.from_other) {
        // The client's own address says who writes only by the name beside it.
        (Some(name), _) if name == client.called() => {
            let named = from.and_then(|from| from.name.clone());
            GrantedBy::with(named.unwrap_or_else(|| name.to_owned()))
        }
        (Some(name), _) => GrantedBy::with(name.to_owned()),
        (None, Some(_)) => {
            let named = from.and_then(|from| from.name.as_deref());
            let is_known = |name: &&str| client.persons().iter().any(|one| one.is_called(name));
            let by = args.by.as_deref().or_else(|| named.filter(is_known));
            let by = by.ok_or_else(|| by_is_missing(client))?;
            check_giver(ctx, client, by, !is_no)?;
            GrantedBy::with(by.to_owned())
        }
        (None, None) => return Err(unknown_sender(client, mail, speaking.is_some())),
    };
    by.email = from.map(|from| from.address.clone());
    Ok(by)
}

/// The mail is from nobody whose word counts; somebody who speaks for them can only say no.
fn unknown_sender(client: &Client, mail: &Mail, is_theirs: bool) -> Error {
    let slug = client.slug();
    let what = match mail.from() {
        Some(from) => format!(
            "{} is not an address of somebody who may give permissions for {slug}",
            from.address
        ),
        None => "the mail does not name one sender".to_owned(),
    };
    let edit = as_word(slug);
    Error::refused(what).hint(if is_theirs {
        format!(
            "if they may: vault client edit {edit} --person 'NAME <ADDRESS>' --may-permit; if it is a \
             no, that is filed whoever of theirs says it: --says no"
        )
    } else {
        format!(
            "if it is theirs: vault client edit {edit} --person 'NAME <ADDRESS>' --may-permit; if you \
             made sure in another way who sent it: --from-other HOW --by NAME"
        )
    })
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
    note(format!("Subject  {}", clipped(&mail.subject(), LINE)));
    if let Some(reported) = mail.reported() {
        let reported = clipped(&reported, LINE);
        note(format!(
            "Reported {reported} (the mail says so; it was not checked)"
        ));
    }
    let lines = mail.lines();
    for line in lines.iter().take(LINES) {
        note(format!("  | {}", clipped(line, LINE)));
    }
    if lines.len() > LINES {
        note(format!("  | … and {} lines more", lines.len() - LINES));
    }
}

/// What a yes gives, which may be less than was asked for.
fn show_terms(ctx: &Context, consent: &Consent, granted: &GrantedPart) {
    let (number, until) = (number(consent.id), local_time(granted.terms.expires));
    if granted.is_nothing() {
        let what = format!("Request {number}: nothing that was asked for is left to be given");
        return ctx.ui.note(&what);
    }
    let (names, covered) = (granted.names(), granted.covers());
    let purpose = consent.purpose();
    let purpose = clipped(&purpose, LINE);
    ctx.ui.note(&format!(
        "Request {number}: {names}: {} of {covered}, for \"{purpose}\", until {until}",
        show::fields(consent)
    ));
}

/// Whether it is a yes or a no; none where a person says that it is neither. Only a clear answer is
/// taken unasked; all others are what somebody who has read them says that they are.
fn meant(
    args: &AnswerArgs,
    ctx: &Context,
    said: &Said<bool>,
    consent: &Consent,
    undated: Option<&str>,
) -> Result<Option<(bool, Option<String>)>> {
    let why = said.why().or(undated.map(ToOwned::to_owned));
    let states = args.says.map(|says| says == Says::Yes);
    let Some(why) = why else {
        return match (said.verb, states) {
            (Some(true), Some(false)) => Err(Error::usage("--says no: the mail says yes")
                .hint("to end what was given: vault consent withdraw NUMBER")),
            (Some(false), Some(true)) => Err(Error::usage("--says yes: the mail says no")
                .hint("to ask anew: vault consent request")),
            (verb, _) => Ok(verb.map(|verb| (verb, None))),
        };
    };
    if let Some(taken) = states.or(said.verb.filter(|_| args.yes)) {
        let word = if taken { "yes" } else { "no" };
        let note = format!("It is taken for a {word}, although {why}.");
        ctx.ui.note(&note);
        return Ok(Some((taken, Some(read_as(taken, &why)))));
    }
    ctx.ui.note(&format!("It is asked about because {why}."));
    if said.doubt == Some(Doubt::More) && said.verb == Some(true) {
        ctx.ui.hint(&format!(
            "if it allows only a part, first take out the rest: vault consent withdraw {} --only ENTRY; \
             if it is for a shorter time: --says yes --until DATE",
            number(consent.id)
        ));
    }
    let unasked = Unasked {
        needed: "somebody has to read the mail, and say whether it is a yes or a no",
        instead: match args.until {
            Some(_) => "when you have read it, and it is a yes until then: --says yes",
            None => "when you have read it: --says yes, or --says no",
        },
    };
    let (yes, no) = (
        (true, "Does it say yes, to all of it?"),
        (false, "Does it say no?"),
    );
    let guessed = if said.verb == Some(false) {
        [no, yes]
    } else {
        [yes, no]
    };
    for (says, question) in guessed {
        if ctx.ui.confirm(question, unasked)? {
            return Ok(Some((says, Some(read_as(says, &why)))));
        }
    }
    Ok(None)
}
