//! What is over by what a merge took in.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::records::consent::Consent;
use crate::model::records::share::ShareState;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;

/// A share of which something is over before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutShare {
    /// The share's id.
    pub id: Uuid,
    /// Whom it went to, by name.
    pub to: Option<String>,
    /// What is over of it: the paths that the entries had when it was made.
    pub items: Vec<String>,
    /// What became of it.
    pub state: ShareState,
}

impl Vault {
    /// The shares of which something was cut short since `before`, and those that came from
    /// another device and had no valid consent any more here.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(super) fn shares_ended_since(
        &self,
        before: &Self,
        now: Timestamp,
    ) -> Result<Vec<CutShare>> {
        let earlier = before.ledger(now)?;
        let earlier: HashMap<Uuid, &LedgerLine<'_>> =
            earlier.iter().map(|line| (line.share.id, line)).collect();
        let mut ended = Vec::new();
        for line in self.ledger(now)? {
            let known = earlier.get(&line.share.id);
            let is_over = |line: &LedgerLine<'_>, item| {
                let end = line.end_of(item).map(|end| end.state);
                end.filter(|state| state.is_cut_short())
            };
            if known.is_none() && !before.has_ended(line.under())? {
                continue;
            }
            let mut items = Vec::new();
            let mut became = None;
            for item in &line.share.items {
                let state = is_over(&line, item);
                if state.is_some() && known.is_none_or(|known| is_over(known, item).is_none()) {
                    items.push(item.path.clone());
                    became = became.or(state);
                }
            }
            let Some(state) = became else { continue };
            let contact = self.contacts.find(line.share.recipient.contact)?;
            ended.push(CutShare {
                id: line.share.id,
                to: contact.map(|contact| contact.name().to_owned()),
                items,
                state,
            });
        }
        Ok(ended)
    }

    fn has_ended(&self, consent: Uuid) -> Result<bool> {
        let consent = self.consents.find(consent)?;
        Ok(consent.and_then(Consent::ended_unrenewed).is_some())
    }
}
