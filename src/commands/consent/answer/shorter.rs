//! An answer by which what was permitted before ends sooner.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::told::{given, hash_of};
use super::{AnswerArgs, Filing, client_of, paper, write_confirmation};
use crate::commands::args::paper_sender::ask_for_missing;
use crate::context::Context;
use crate::error::Result;
use crate::exchange::request::confirmation::{Yes, confirmation};
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::consent::granted::GrantedPart;
use crate::model::consent::requests::check_sooner;
use crate::model::records::consent::Consent;
use crate::model::records::record_id::number;
use crate::model::text::pattern::Pattern;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::time::local_time;

/// Files it, with a confirmation that names the new end.
pub(super) fn file(
    args: &AnswerArgs,
    ctx: &Context,
    session: Session,
    filing: Filing,
    until: Timestamp,
) -> Result<()> {
    let (consent, terms) = session.vault().recorded_terms(filing.id)?;
    check_sooner(consent, until, ctx.now())?;
    // A request was only written by somebody who is known.
    let session = match terms.asked {
        Some(_) => session,
        None => ask_for_missing(ctx, session)?,
    };
    let (vault, id) = (session.vault(), filing.id);
    let (consent, _) = vault.recorded_terms(id)?;
    let zone = TimeZone::system();
    let is_sooner = until < consent.end();
    let provisional = consent.provisional_until.value();
    let printed = printed(vault, consent, terms.clone(), until)?;
    let mut granted = vault.granted(consent, printed.clone())?;
    if granted.is_nothing() {
        // What it covers is in the trash, and may come back.
        granted = GrantedPart {
            terms: printed,
            left_out: Vec::new(),
        };
    }
    granted.terms.expires = until;
    let yes = Yes {
        by: &filing.grant.by.name,
        channel: filing.channel,
        on: filing.on,
        provisional_until: provisional.map(|end| until.min(*end)),
        is_shortening: true,
        replacing: None,
        sha256: hash_of(&filing.grant.proof),
    };
    let text = confirmation(&terms, &granted, &yes, &zone)?;
    let (paper, target) = paper(args, ctx, consent, text.clone())?;
    let (grant, number) = (filing.grant, number(id));
    let by = grant.by.name.clone();
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.shorten_consent(id, until, grant, paper, author)
    })?;
    let ends = local_time(session.vault().consents.by_id(id)?.end());
    let given = given(&granted, &ends);
    let what = if is_sooner {
        "ends sooner".to_owned()
    } else {
        // What was only said ends before that.
        format!("lasts until {} at most", local_time(until))
    };
    ctx.ui
        .note(&format!("consent {number} {what}, by {by}: {given}"));
    tell_outlasting(ctx, session.vault(), id)?;
    write_confirmation(ctx, &target, &text, &number)?;
    ctx.answer(&[id.to_string()]);
    Ok(())
}

/// The terms as a paper prints them: of what was not asked for by one, with what stands beside, and
/// what patterns cover today.
fn printed(
    vault: &Vault,
    consent: &Consent,
    terms: AgreedTerms,
    until: Timestamp,
) -> Result<AgreedTerms> {
    if terms.asked.is_some() {
        return Ok(terms);
    }
    let patterns: Vec<Pattern> = terms.scope().patterns().collect();
    let asked = vault.unasked(client_of(vault, consent)?, until, &TimeZone::system());
    Ok(AgreedTerms {
        covered: vault.covered(consent.client, &patterns)?,
        asked: Some(asked),
        ..terms
    })
}

/// Names the live shares that were made for longer than is permitted now, and what to do about each.
pub(super) fn tell_outlasting(ctx: &Context, vault: &Vault, consent: Uuid) -> Result<()> {
    for share in vault.outlasting(consent, ctx.now())? {
        let (id, contact) = (
            number(share.id),
            vault.contact_name(share.recipient.contact)?,
        );
        ctx.warn(&format!(
            "share {id} was made until {}: here it ends with the permission, and {contact} does not know",
            local_time(share.expires)
        ));
        ctx.ui.hint(&format!(
            "to send it anew with that end: vault share --renew {id}; to end it now: vault revoke {id}; \
             once it is over, to write them so: vault revoke {id} --ended --out FILE"
        ));
    }
    Ok(())
}
