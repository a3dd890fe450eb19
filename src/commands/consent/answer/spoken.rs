//! An answer by letter or by phone: what it says is told by whoever files it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{
    AnswerArgs, Filing, Says, addressed, answered_terms, by_is_missing, check_giver, client_of,
    file, given_number, only_one, until,
};
use crate::commands::consent::proof::document;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::request::confirmation::AnsweredBy;
use crate::model::consent::changes::{Grant, Proof};
use crate::model::records::client::Assurance;
use crate::model::records::consent::GrantedBy;

/// What was written on paper, or only said.
pub(super) fn run(args: &AnswerArgs, ctx: &Context) -> Result<()> {
    let number = given_number(args)?
        .ok_or_else(|| Error::usage("say which request: vault consent answer NUMBER …"))?;
    let day = args.on.map(noon).transpose()?;
    let scan = args.scan.as_deref();
    let scan = scan.map(|path| document(path, day)).transpose()?;
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    let id = addressed(args, ctx, vault, vault.consents.by_start(&number)?.id)?;
    let says_yes = args.says != Some(Says::No);
    let (consent, _) = answered_terms(args, vault, id, says_yes)?;
    let client = client_of(vault, consent)?;
    let by = args.by.as_deref().or_else(|| only_one(client));
    let by = by.ok_or_else(|| by_is_missing(client))?;
    let assurance = if scan.is_some() {
        Assurance::Document
    } else {
        Assurance::Attested
    };
    // What permits less may be of anybody who speaks for them, as a no may.
    let is_given = vault.is_permitted_already(consent, assurance, ctx.now())?;
    let is_less = is_given && args.until.is_some();
    check_giver(ctx, client, by, says_yes && !is_less)?;
    if day.is_some_and(|day| {
        day.saturating_add(SignedDuration::from_hours(24))
            .is_ok_and(|day| day < consent.created)
    }) {
        return Err(Error::usage(
            "--on is before the day of the request: it cannot have answered it",
        )
        .hint("give the day on which the letter was written, or ask anew"));
    }
    let (method, channel, proof) = match (scan, &args.phone) {
        (Some(proof), _) => ("letter", AnsweredBy::Letter, proof),
        (None, how) => {
            let how = how.clone().unwrap_or_default();
            ("phone", AnsweredBy::Phone, Proof::Note(how))
        }
    };
    let filing = Filing {
        id,
        says_yes,
        channel,
        on: day.unwrap_or(ctx.now()),
        grant: Grant {
            by: GrantedBy::with(by.to_owned()),
            from: None,
            until: until(args, ctx, consent, says_yes)?,
            method: Some(method),
            proof,
        },
    };
    file(args, ctx, session, filing)
}

/// The middle of a day here, which is that day in almost every place.
fn noon(day: Date) -> Result<Timestamp> {
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::system());
    let noon = noon.map_err(|_| Error::usage("--on is beyond the calendar"))?;
    Ok(noon.timestamp())
}
