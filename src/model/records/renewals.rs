//! Which consents took the place of which: a renewal is asked for by a paper that says so, and what
//! was shared goes on under it.

use std::collections::HashMap;

use uuid::Uuid;

use super::consent::Consent;

/// The renewals that were given, each by the consent that it took the place of.
#[derive(Debug, Default)]
pub struct Renewals<'a>(HashMap<Uuid, &'a Consent>);

impl<'a> Renewals<'a> {
    /// Those among `all`. Of several for one consent, the first that was made counts.
    #[must_use]
    pub fn of(all: &[&'a Consent]) -> Self {
        let mut renewals: HashMap<Uuid, &'a Consent> = HashMap::new();
        for consent in all.iter().filter(|consent| consent.was_given()) {
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

    /// The consent that stands in the place of `consent` now: itself, or the last renewal.
    #[must_use]
    pub fn latest(&self, consent: &'a Consent) -> &'a Consent {
        let mut latest = consent;
        // A circle ends with the list.
        for _ in 0..self.0.len() {
            match self.0.get(&latest.id) {
                Some(renewal) => latest = renewal,
                None => break,
            }
        }
        latest
    }
}
