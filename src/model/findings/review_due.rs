//! What is to be looked at again, whether or not anything is wrong with it: shares and permissions
//! every three months, contacts every year.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::finding::Level;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::records::consent::ConsentState;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::rotation::exposure::Exposures;
use crate::model::text::quote::as_word;
use crate::model::text::words::words;
use crate::model::vault::Vault;

/// How long what is in use goes on until it is looked at again.
pub(crate) const QUARTER: SignedDuration = SignedDuration::from_hours(24 * 91);
/// How long people and what is kept go on until they are.
pub(crate) const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

words! {
    /// What is answered when it is asked whether something is still needed.
    pub enum ReviewAnswer {
        /// It is, as it is.
        Keep = "keep",
        /// It is not.
        End = "end",
        /// Somebody else was asked, or for what is missing.
        Asked = "asked",
    }
}

/// Looks at what was shared and goes on.
pub(super) fn shares(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("share-review-due", "each share was looked at in time");
    let answers = vault.review_answers()?;
    for line in vault.ledger(now)? {
        let share = line.share;
        let since = answers.last_kept(share.id).unwrap_or(share.created);
        if line.state.is_live() && answers.due(share.id, since, since + QUARTER) <= now {
            let id = number(share.id);
            let contact = vault.contact_name(share.recipient.contact)?;
            let message = format!(
                "whether {contact} still needs share {id} was last decided on {}",
                day(since, zone)
            );
            let about = (share.id, id.as_str());
            rule.find(Level::Medium, about, message, &review(&id));
        }
    }
    Ok(rule.0)
}

/// Looks at what is permitted and not used: what is shared under a permission is looked at itself.
pub(super) fn idle_permissions(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("permission-review-due", "no permission lies idle for long");
    let answers = vault.review_answers()?;
    let ledger = vault.ledger(now)?;
    for consent in vault.all_consents()? {
        let decided = consent.events.iter().map(|event| event.time);
        let decided = decided.chain(answers.last_kept(consent.id));
        let since = decided.max().unwrap_or(consent.created);
        let begun = since.max(consent.not_before());
        let is_old = answers.due(consent.id, begun, begun + QUARTER) <= now;
        let mut live = ledger.iter().filter(|line| line.state.is_live());
        if is_old
            && consent.is_live(now)
            && vault.consent_state(consent, now)? == ConsentState::Given
            && !live.any(|line| line.is_under(consent.id))
        {
            let id = number(consent.id);
            let since = day(since, zone);
            let message = format!(
                "permission {id} was last decided on {since}, and nothing is shared under it now"
            );
            let about = (consent.id, id.as_str());
            rule.find(Level::Low, about, message, &review(&id));
        }
    }
    Ok(rule.0)
}

/// Looks at contacts: by the day that was set, or where none was, a year after the last time for
/// those who may have something, or know what is still in use.
pub(super) fn contacts(
    vault: &Vault,
    (all, exposures): (&[(String, &Entry)], &Exposures),
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Examined> {
    let mut rule = Rule::new("contact-review-due", "every contact was looked at in time");
    let answers = vault.review_answers()?;
    let ledger = vault.ledger(now)?;
    let consents = vault.all_consents()?;
    let known = all.iter().flat_map(|(_, entry)| exposures.of(entry));
    let knowing: HashSet<Uuid> = known.map(|(_, how)| how.contact).collect();
    for contact in vault.live_contacts()? {
        let mut live = ledger.iter().filter(|line| line.state.is_live());
        let mut permitted = consents.iter().filter(|it| it.is_live(now));
        let has_something = live.any(|it| it.share.recipient.contact == contact.id)
            || permitted.any(|it| it.is_for(contact.id))
            || knowing.contains(&contact.id);
        let since = answers.last_kept(contact.id).unwrap_or(contact.created);
        let by_itself = has_something.then(|| since + YEAR);
        let at = contact.review_by.value().copied().or(by_itself);
        let due = at.map(|at| answers.due(contact.id, since, at));
        if let Some(due) = due.filter(|due| *due <= now) {
            let name = contact.name();
            let message = format!("the access review of {name} was due on {}", day(due, zone));
            rule.find(Level::Medium, (contact.id, name), message, &review(name));
        }
    }
    Ok(rule.0)
}

fn review(name: &str) -> String {
    format!("vault review {} --keep, or --end", as_word(name))
}

#[cfg(test)]
mod tests;
