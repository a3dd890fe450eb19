//! What is permitted, and what is asked for.

use super::Gathering;
use super::people::permission;
use crate::error::Result;
use crate::exchange::client_report::summary::{LivePermission, OpenRequest, ReportedPerson};
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::record_id::number;

impl Gathering<'_> {
    fn consents(&self, wanted: ConsentState) -> Result<Vec<&Consent>> {
        let mut all = self.vault.all_consents()?;
        all.retain(|it| it.client == self.scope.client.id);
        let mut found = Vec::new();
        for consent in all {
            if self.vault.consent_state(consent, self.now)? == wanted {
                found.push(consent);
            }
        }
        Ok(found)
    }

    fn people(&self, consent: &Consent) -> Vec<ReportedPerson> {
        let left = consent.contacts_left();
        left.into_iter().map(|it| self.person(it)).collect()
    }

    /// The permissions that hold.
    pub(super) fn permissions(&self) -> Result<Vec<LivePermission>> {
        let mut all = Vec::new();
        for consent in self.consents(ConsentState::Given)? {
            let mut paths = self.vault.scope_paths(consent)?;
            paths.extend(self.vault.covered_today(consent)?);
            paths.sort();
            paths.dedup();
            let name = |path: &String| {
                let id = path
                    .parse()
                    .ok()
                    .and_then(|it| Some(self.vault.entry(&it).ok()?.id));
                self.entry_name(id.unwrap_or_default(), path)
            };
            let purpose = consent.purpose();
            let what = || format!("the purpose of consent {}", number(consent.id));
            all.push(LivePermission {
                number: number(consent.id),
                to: self.people(consent),
                entries: paths.iter().map(name).collect(),
                covers_later: !consent.scope.patterns.is_empty(),
                purpose: self.told(what, &purpose),
                until: consent.end(),
                allowed: permission(consent),
            });
        }
        Ok(all)
    }

    /// The requests that nobody has answered.
    pub(super) fn requests(&self) -> Result<Vec<OpenRequest>> {
        let open = self.consents(ConsentState::Requested)?.into_iter();
        let told = open.map(|consent| OpenRequest {
            number: number(consent.id),
            to: self.people(consent),
            on: consent.created,
        });
        Ok(told.collect())
    }
}
