//! The end of a share: not after the consent's, nor after the client's retention and the day on which
//! the contact is to be looked at again, unless that is passed on purpose; and nothing for whom an
//! open incident began with.

use jiff::Timestamp;

use super::case::{Case, day};
use super::{INCIDENT, Limit, Refusal};
use crate::model::records::consent::Consent;
use crate::model::records::incident::Incident;
use crate::model::records::record_id::number;
use crate::model::text::quote::as_word;

/// The end that a share is held to.
pub(super) struct HeldEnd {
    pub(super) end: Timestamp,
    /// What is before the `usual` end.
    pub(super) cut_by: Option<Limit>,
    /// What is passed on purpose.
    pub(super) passes: Vec<Limit>,
}

impl Case<'_> {
    /// The end of the share: what was asked for, or the `usual` one cut to the first limit.
    pub(super) fn end(&self, consent: &Consent, usual: Timestamp) -> Result<HeldEnd, Refusal> {
        let asked = self.ask.expires;
        let despite = &self.ask.despite;
        let retention = self.client.retain_until();
        let review = self.contact.review_by.value().copied();
        let limits = [
            (Limit::Consent, Some(consent.end()), false),
            (Limit::Retention, retention, despite.retention),
            (Limit::Review, review, despite.review),
        ];
        let limits = limits
            .iter()
            .filter_map(|(limit, at, passed)| Some((*limit, (*at)?, *passed)));
        let held = limits.clone().filter(|(_, _, passed)| !passed);
        let first = held.min_by_key(|(_, at, _)| *at);
        let wanted = asked.unwrap_or(usual);
        let (end, cut_by) = match first {
            Some((limit, at, _)) if at < wanted => (at, Some(limit)),
            _ => (wanted, None),
        };
        // The consent's own end is a reason of its own, and told with the others.
        if let Some(limit) = cut_by.filter(|_| asked.is_some() || end <= self.now) {
            return Err(self.past(limit, end));
        }
        let passes = limits.filter(|(_, at, passed)| *passed && *at < end);
        Ok(HeldEnd {
            end,
            cut_by,
            passes: passes.map(|(limit, ..)| limit).collect(),
        })
    }

    /// Why nothing is for the contact while an incident that began with them is open.
    pub(super) fn leaked_by(&self, incident: &Incident) -> Refusal {
        let (id, name) = (number(incident.id), self.contact.name());
        Refusal {
            code: INCIDENT,
            message: format!("incident {id} began with {name}, and is open"),
            reasons: Vec::new(),
            hint: format!(
                "to end all that they have: vault contact lost {}; once it is over: vault incident \
                 close {id}; to share all the same: --despite-incident",
                as_word(name)
            ),
        }
    }

    fn past(&self, limit: Limit, at: Timestamp) -> Refusal {
        let due = if at <= self.now { "was" } else { "is" };
        let (slug, name, at) = (self.client.slug(), self.contact.name(), day(at));
        let (message, hint) = match limit {
            Limit::Review => (
                format!("the access review of {name} {due} due on {at}"),
                format!(
                    "once reviewed: vault review {} --keep; to share past it all \
                     the same: --past-review",
                    as_word(name)
                ),
            ),
            Limit::Consent | Limit::Retention => (
                format!("what is {slug}'s may be kept until {at}"),
                "a share ends before that: --expires; to share past it all the same: \
                 --past-retention"
                    .to_owned(),
            ),
        };
        Refusal {
            code: limit.as_str(),
            message: format!("{message}, and the share would last longer"),
            reasons: Vec::new(),
            hint,
        }
    }
}
