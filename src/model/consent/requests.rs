//! The answer to a request for a consent: yes or no, once, with what shows it.

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use uuid::Uuid;

use super::agreed_terms::{AgreedTerms, terms_hash};
use super::changes::{Grant, Proof, check_grant, consent_event, note_consent, note_state};
use super::renewal::Shortening;
use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::model::records::client::Assurance;
use crate::model::records::consent::{Consent, ConsentState, SHORTENED};
use crate::model::records::record_id::number;
use crate::model::records::stamping::Author;
use crate::model::text::name::AttachmentName;
use crate::model::vault::Vault;

/// What stands before the id of a request, in the first of its lines for machines.
pub const FIRST_MACHINE_LINE: &str = "vault-request 1 ";
/// How long a permission holds that nothing written shows, in days.
pub const PROVISIONAL_DAYS: i64 = 7;

/// Why a permission has ended that gave nothing when it was given.
const NOTHING_LEFT: &str = "nothing that was asked for was left to be given";

/// What is written to the client to confirm a permission.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// What its file is called.
    pub name: AttachmentName,
    /// Its text.
    pub text: String,
}

impl Confirmation {
    fn into_file(self, author: &Author<'_>) -> Attachment {
        let id = (author.new_id)();
        Attachment::new(id, &self.name, self.text.as_bytes(), author.now)
    }
}

impl Vault {
    /// A request with its terms, which are those that its text states.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Refused`] for a permission that was
    /// not asked for by this program; [`crate::error::Kind::Integrity`] where its terms are not
    /// those of the text.
    pub fn asked_terms(&self, id: Uuid) -> Result<(&Consent, AgreedTerms)> {
        let consent = self.consents.by_id(id)?;
        if consent.request.is_some() {
            return self.recorded_terms(id);
        }
        let number = number(id);
        let hint = if consent.ended().is_some() {
            "ask for it: vault consent request".to_owned()
        } else {
            "to end what was given: --says no; where they mean a shorter time: --until DATE; for \
             more, ask for that: vault consent request"
                .to_owned()
        };
        let what = format!("{number} is not a request, it was filed as it was given");
        Err(Error::refused(what).hint(hint))
    }

    /// A consent with its terms: where it was asked for, those that the request states.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Integrity`] where its terms are not
    /// those of the record, or of the request.
    pub fn recorded_terms(&self, id: Uuid) -> Result<(&Consent, AgreedTerms)> {
        let consent = self.consents.by_id(id)?;
        let terms = AgreedTerms::from_json(&consent.terms)?;
        terms.check_are_of(consent)?;
        let stated = format!("terms {}", terms_hash(&consent.terms));
        let text = consent.request.as_ref();
        if text.is_some_and(|text| !text.lines().any(|line| line == stated)) {
            return Err(Error::integrity(format!(
                "request {} states other terms than the vault has for it",
                number(id)
            ))
            .hint("ask anew: vault consent request"));
        }
        Ok((consent, terms))
    }

    /// Refuses a yes, of this assurance, to a request that was answered or is over. A written one
    /// may follow one that was only said. Days are those where one is.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`]; as [`Self::asked_terms`].
    pub fn check_answerable(&self, id: Uuid, assurance: Assurance, here: &Zoned) -> Result<()> {
        let now = here.timestamp();
        let day = |time| day(time, here.time_zone());
        let (consent, _) = self.asked_terms(id)?;
        let given = consent.events.iter().find(|event| event.state == "given");
        let state = consent.state(now);
        let mut hint = Cow::Borrowed("ask anew: vault consent request");
        let sooner = self.end_of_yes(consent, None)?.filter(|end| *end <= now);
        let what = match (given, consent.ended()) {
            (_, Some(end)) => format!("was {state} on {}", day(end.time)),
            (_, None) if let Some(end) = sooner => {
                format!("ended on {}, as the client has said before", day(end))
            }
            (_, None) if consent.expires <= now => {
                format!("asked for a time that ended on {}", day(consent.expires))
            }
            (Some(given), None) if !consent.is_provisional() => {
                // What is signed is the request, which names no sooner end.
                let how = match assurance {
                    Assurance::Signed => {
                        format!(
                            "vault consent answer {} MAIL --says yes --until DATE",
                            number(id)
                        )
                    }
                    _ => "--until DATE".to_owned(),
                };
                hint = Cow::Owned(format!(
                    "where they mean a shorter time now: {how}; for anything else ask anew: vault \
                     consent request"
                ));
                format!("was given on {} already", day(given.time))
            }
            (Some(given), None) if assurance == Assurance::Attested => {
                hint = Cow::Borrowed("file what they write: vault consent answer MAIL");
                format!("was given by word on {} already", day(given.time))
            }
            _ => return Ok(()),
        };
        let number = number(id);
        Err(Error::refused(format!(
            "request {number} {what}, and a request is used once"
        ))
        .hint(hint))
    }

    /// When a yes ends that names an end or none: at the earliest of that, what the client has said of
    /// it before, and how they have shortened the consent that it takes the place of since it was
    /// asked for. None where that is the end that was asked for.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn end_of_yes(
        &self,
        consent: &Consent,
        until: Option<Timestamp>,
    ) -> Result<Option<Timestamp>> {
        let old = consent.supersedes;
        let old = old.map(|old| self.consents.by_id(old)).transpose()?;
        let since = old.and_then(|old| Shortening::reaching(old, consent));
        let ends = until.into_iter().chain(consent.earlier_end());
        let end = ends.chain(since.map(|it| it.end)).min();
        Ok(end.filter(|end| *end < consent.expires))
    }

    /// Files a yes to a request: the consent has the request's id and terms. One that was only said
    /// ends soon, unless a written one follows; none lasts longer than the client has said before.
    /// What is left out of it by now has ended, and so has
    /// all of it where nothing is left to be given; then it takes nobody's place.
    ///
    /// # Errors
    /// As [`Self::check_answerable`]; [`crate::error::Kind::Refused`] when the key that signed is
    /// not the client's by now; [`crate::error::Kind::Usage`] past a limit.
    pub fn answer_yes(
        &mut self,
        id: Uuid,
        grant: Grant,
        confirmation: Option<Confirmation>,
        zone: &TimeZone,
        author: &Author<'_>,
    ) -> Result<()> {
        let assurance = grant.proof.assurance();
        self.check_answerable(id, assurance, &author.now.to_zoned(zone.clone()))?;
        self.check_proof(id, &grant, author.now)?;
        let (consent, terms) = self.asked_terms(id)?;
        check_until(grant.until, consent.expires, author.now)?;
        let until = self.end_of_yes(consent, grant.until)?;
        let granted = self.granted(consent, terms)?;
        let (is_nothing, left_out) = (granted.is_nothing(), granted.ends(author));
        let paper = confirmation.map(|it| it.into_file(author));
        self.change(author, "consent", |edit| {
            let consent = edit.vault.consents.by_id_mut(id)?;
            let ends = provisional_end(author.now, until.unwrap_or(consent.expires));
            let is_said = assurance == Assurance::Attested && !is_nothing;
            let provisional = is_said.then_some(ends);
            consent.provisional_until.set(edit.stamp, provisional);
            consent.until.set(edit.stamp, until);
            let state = if is_nothing {
                ConsentState::Ended
            } else {
                ConsentState::Given
            };
            let mut event = consent_event(state.as_str(), author);
            event.by = Some(grant.by.name.clone());
            event.reason = is_nothing.then(|| NOTHING_LEFT.to_owned());
            // Once more does not change since when it holds.
            let from = if consent.was_given() {
                consent.not_before()
            } else {
                author.now
            };
            consent.give(edit.stamp, grant.by, from, assurance, grant.method);
            consent.file(grant.proof, author);
            consent.confirmations.extend(paper);
            consent.events.push(event);
            note_consent(&mut edit.event, state.as_str(), consent);
            if is_nothing {
                return Ok(());
            }
            consent.events.extend(left_out);
            edit.vault.supersede_for(id, assurance, author)
        })
    }

    /// Whether an answer of this assurance finds a yes that stands: it gives nothing then, and may
    /// only set an earlier end.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn is_permitted_already(
        &self,
        consent: &Consent,
        assurance: Assurance,
        now: Timestamp,
    ) -> Result<bool> {
        let is_given = self.consent_state(consent, now)? == ConsentState::Given;
        Ok(is_given && (!consent.is_provisional() || assurance == Assurance::Attested))
    }

    /// Lets what was permitted end sooner, by the client's later word. How sure the permission is,
    /// and who gave it, stays.
    ///
    /// # Errors
    /// As [`check_sooner`] and [`Self::recorded_terms`]; [`crate::error::Kind::Usage`] past a limit.
    pub fn shorten_consent(
        &mut self,
        id: Uuid,
        until: Timestamp,
        grant: Grant,
        confirmation: Confirmation,
        author: &Author<'_>,
    ) -> Result<()> {
        let (consent, _) = self.recorded_terms(id)?;
        check_sooner(consent, until, author.now)?;
        self.check_proof(id, &grant, author.now)?;
        self.change(author, "consent", |edit| {
            let consent = edit.vault.consents.by_id_mut(id)?;
            consent.until.set(edit.stamp, Some(until));
            let mut event = consent_event(SHORTENED, author);
            event.by = Some(grant.by.name);
            event.method = grant.method.map(ToOwned::to_owned);
            event.reason = Some(format!("until {until}"));
            consent.file(grant.proof, author);
            consent.confirmations.push(confirmation.into_file(author));
            consent.events.push(event);
            note_state(&mut edit.event, SHORTENED, consent);
            Ok(())
        })
    }

    /// Files a no: it refuses what was asked for, and withdraws what was given.
    ///
    /// # Errors
    /// As [`Self::recorded_terms`]; [`crate::error::Kind::Refused`] when it has ended before;
    /// [`crate::error::Kind::Usage`] past a limit.
    pub fn answer_no(
        &mut self,
        id: Uuid,
        grant: Grant,
        zone: &TimeZone,
        author: &Author<'_>,
    ) -> Result<()> {
        let (consent, _) = self.recorded_terms(id)?;
        if let Some(end) = consent.ended() {
            let (number, state) = (number(id), consent.state(author.now));
            return Err(Error::refused(format!(
                "request {number} was {state} on {} already",
                day(end.time, zone)
            )));
        }
        self.check_proof(id, &grant, author.now)?;
        let (state, action) = if consent.was_given() {
            (ConsentState::Withdrawn, "withdraw")
        } else {
            (ConsentState::Refused, "consent")
        };
        self.change(author, action, |edit| {
            let consent = edit.vault.consents.by_id_mut(id)?;
            let mut event = consent_event(state.as_str(), author);
            event.by = Some(grant.by.name);
            consent.file(grant.proof, author);
            consent.events.push(event);
            note_consent(&mut edit.event, state.as_str(), consent);
            Ok(())
        })
    }

    /// Holds what shows an answer against the limits, and a signature's key against the client's.
    fn check_proof(&self, id: Uuid, grant: &Grant, now: Timestamp) -> Result<()> {
        check_grant(grant)?;
        match &grant.proof {
            Proof::Note(_) => Ok(()),
            Proof::Document { bytes, .. } | Proof::Mail { bytes, .. } => {
                self.check_room_for_file(bytes.len())
            }
            Proof::Signature { key, .. } => {
                let client = self.consents.by_id(id)?.client;
                let client = self.clients.iter().find(|it| it.id == client);
                let known = client.and_then(|it| it.key_valid_at(key, now));
                match known.filter(|key| !key.imported) {
                    Some(_) => Ok(()),
                    None => Err(Error::refused(
                        "the key that signed is not recorded for the client, or not verified here",
                    )),
                }
            }
        }
    }
}

/// Refuses an end by the client's will that is past, or not before the end that was asked for.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_until(until: Option<Timestamp>, asked: Timestamp, now: Timestamp) -> Result<()> {
    match until {
        Some(until) if until <= now => Err(Error::usage("--until is in the past")),
        Some(until) if until > asked => Err(Error::usage(format!(
            "--until: {until} is after the end that was asked for, {asked}"
        ))
        .hint(
            "nobody can permit more than was asked for; for more time, ask anew: vault consent \
               renew NUMBER --expires DATE",
        )),
        _ => Ok(()),
    }
}

/// Refuses an end by the client's will that is past, not before the one that is permitted, or before
/// the permission begins.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_sooner(consent: &Consent, until: Timestamp, now: Timestamp) -> Result<()> {
    let (begins, ends) = (consent.not_before(), consent.permitted_until());
    let number = number(consent.id);
    if begins > now && until <= begins {
        let what = format!("--until: {until} is before it begins, on {begins}");
        return Err(Error::usage(what).hint(format!(
            "where they want none of it: vault consent withdraw {number}"
        )));
    }
    if until < ends {
        return check_until(Some(until), consent.expires, now);
    }
    Err(Error::usage(format!(
        "--until: {until} is not before the end that is permitted, {ends}"
    ))
    .hint(format!(
        "for more time, ask anew: vault consent renew {number} --expires DATE"
    )))
}

/// When a permission ends that was only said, and would end on `expires`.
#[must_use]
pub fn provisional_end(now: Timestamp, expires: Timestamp) -> Timestamp {
    let end = now.checked_add((24 * PROVISIONAL_DAYS).hours());
    end.map_or(expires, |end| end.min(expires))
}

fn day(time: Timestamp, zone: &TimeZone) -> Date {
    time.to_zoned(zone.clone()).date()
}
