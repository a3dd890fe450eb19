//! What is to be looked at again, whether or not anything is wrong with it: shares and permissions
//! every three months, contacts every year.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::finding::Level;
use super::review_answers::ReviewAnswers;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::records::consent::ConsentState;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::rotation::exposure::Exposures;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// How long what is in use goes on until it is looked at again.
pub(crate) const QUARTER: SignedDuration = SignedDuration::from_hours(24 * 91);
/// How long people and what is kept go on until they are.
pub(crate) const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Looks at what is shared, at permissions that lie idle, and at contacts.
pub(super) fn reviews(
    vault: &Vault,
    of_all: (&[(String, &Entry)], &Exposures),
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Examined>> {
    let mut live = vault.ledger(now)?;
    live.retain(|line| line.state.is_live());
    let reviews = Reviews {
        vault,
        live,
        answers: vault.review_answers()?,
        now,
        zone,
    };
    Ok(vec![
        reviews.of_shares()?,
        reviews.of_idle_permissions()?,
        reviews.of_contacts(of_all)?,
    ])
}

/// What is known for all of them.
struct Reviews<'a> {
    vault: &'a Vault,
    /// The shares that go on.
    live: Vec<LedgerLine<'a>>,
    answers: ReviewAnswers<'a>,
    now: Timestamp,
    zone: &'a TimeZone,
}

impl Reviews<'_> {
    /// Looks at what was shared and goes on.
    fn of_shares(&self) -> Result<Examined> {
        let mut rule = Rule::new("share-review-due", "each share was looked at in time");
        for share in self.live.iter().map(|line| line.share) {
            let since = self.answers.last_kept(share.id).unwrap_or(share.created);
            if self.answers.due(share.id, since, since + QUARTER) <= self.now {
                let id = number(share.id);
                let contact = self.vault.contact_name(share.recipient.contact)?;
                let message = format!(
                    "whether {contact} still needs share {id} was last decided on {}",
                    day(since, self.zone)
                );
                let about = (share.id, id.as_str());
                rule.find(Level::Medium, about, message, &review(&id));
            }
        }
        Ok(rule.0)
    }

    /// Looks at what is permitted and not used: what is shared under a permission is looked at
    /// itself.
    fn of_idle_permissions(&self) -> Result<Examined> {
        let mut rule = Rule::new("permission-review-due", "no permission lies idle for long");
        let (vault, now) = (self.vault, self.now);
        for consent in vault.all_consents()? {
            let decided = consent.events.iter().map(|event| event.time);
            let decided = decided.chain(self.answers.last_kept(consent.id));
            let since = decided.max().unwrap_or(consent.created);
            let begun = since.max(consent.not_before());
            let is_old = self.answers.due(consent.id, begun, begun + QUARTER) <= now;
            if is_old
                && consent.is_live(now)
                && vault.consent_state(consent, now)? == ConsentState::Given
                && !self.live.iter().any(|line| line.is_under(consent.id))
            {
                let id = number(consent.id);
                let since = day(since, self.zone);
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
    fn of_contacts(&self, (all, exposures): (&[(String, &Entry)], &Exposures)) -> Result<Examined> {
        let mut rule = Rule::new("contact-review-due", "every contact was looked at in time");
        let consents = self.vault.all_consents()?;
        let known = all.iter().flat_map(|(_, entry)| exposures.of(entry));
        let knowing: HashSet<Uuid> = known.map(|(_, how)| how.contact).collect();
        for contact in self.vault.live_contacts()? {
            let mut live = self.live.iter();
            let mut permitted = consents.iter().filter(|it| it.is_live(self.now));
            let has_something = live.any(|it| it.share.recipient.contact == contact.id)
                || permitted.any(|it| it.is_for(contact.id))
                || knowing.contains(&contact.id);
            let last = self.answers.last_kept(contact.id);
            let since = last.unwrap_or(contact.created);
            let by_itself = has_something.then(|| since + YEAR);
            let at = contact.review_by.value().copied().or(by_itself);
            let due = at.map(|at| self.answers.due(contact.id, since, at));
            if let Some(due) = due.filter(|due| *due <= self.now) {
                let name = contact.name();
                let on = day(due, self.zone);
                let message = format!("the access review of {name} was due on {on}");
                rule.find(Level::Medium, (contact.id, name), message, &review(name));
            }
        }
        Ok(rule.0)
    }
}

fn review(name: &str) -> String {
    format!("vault review {} --keep, or --end", as_word(name))
}

#[cfg(test)]
mod tests;
