//! Which consents took the place of which: a renewal is asked for by a paper that says so, and what
//! was shared goes on under it. One that was only said takes nobody's place until it is confirmed in
//! writing: what stands on the one before goes on under that.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::consent::Consent;

/// The renewals that were given in writing, each by the consent that it took the place of.
#[derive(Debug, Default)]
pub struct Renewals<'a>(HashMap<Uuid, &'a Consent>);

impl<'a> Renewals<'a> {
    /// Those among `all`. Of several for one consent, the first that was made counts.
    #[must_use]
    pub fn of(all: &[&'a Consent]) -> Self {
        let mut renewals: HashMap<Uuid, &'a Consent> = HashMap::new();
        let given = all.iter().filter(|consent| consent.was_given());
        for consent in given.filter(|consent| !consent.is_provisional()) {
            let Some(old) = consent.supersedes else {
                continue;
            };
            let first = renewals.entry(old).or_insert(consent);
            if (consent.created, consent.id) < (first.created, first.id) {
                *first = consent;
            }
        }
        Self(renewals)
    }

    /// The consent that stands in the place of `consent` now: itself, or the last renewal by which
    /// it ended.
    #[must_use]
    pub fn latest(&self, consent: &'a Consent) -> &'a Consent {
        self.latest_by(consent, Timestamp::MAX)
    }

    /// The consent that stood in the place of `consent` at a time.
    #[must_use]
    pub fn latest_by(&self, consent: &'a Consent, time: Timestamp) -> &'a Consent {
        let mut latest = consent;
        // A circle ends with the list.
        for _ in 0..self.0.len() {
            let is_renewed = latest.renewed().is_some_and(|at| at <= time);
            match self.0.get(&latest.id).filter(|_| is_renewed) {
                Some(renewal) => latest = renewal,
                None => break,
            }
        }
        latest
    }
}
