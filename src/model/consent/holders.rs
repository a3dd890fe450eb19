//! Who was given entries by a share, and whether they have said that it is deleted: also of entries
//! that are gone, by the names of the day when they were shared.

use std::collections::HashSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::agreed_terms::AgreedTerms;
use crate::error::Result;
use crate::model::records::hand_over::HandOver;
use crate::model::records::share::SharedItem;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// Somebody who was given some entries by one share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The share.
    pub share: Uuid,
    /// What they are called: by the permission, or else by their record.
    pub called: String,
    /// The entries, by their names below the client on that day.
    pub entries: Vec<String>,
    /// When it was made.
    pub since: Timestamp,
    /// When it ended for the last of them; none while it lives.
    pub ended: Option<Timestamp>,
    /// What they have said of it.
    pub word: HolderWord,
}

/// What a holder has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderWord {
    /// A signed statement that all of it is deleted was filed.
    Signed(Timestamp),
    /// A mail that says so was filed.
    Mailed(Timestamp),
    /// They did not take it.
    Refused,
    /// It was made, and as far as is known never sent.
    Unsent,
    /// It was a login of their own, which was removed at the site.
    LoginRemoved(Timestamp),
    /// It is a login of their own, and nobody has said that it was removed.
    LoginLeft,
    /// Nothing.
    Nothing,
}

impl Vault {
    /// Who was given any of these entries by a share, the first share first.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn holders(&self, entries: &HashSet<Uuid>, now: Timestamp) -> Result<Vec<Holder>> {
        let mut holders = Vec::new();
        for line in self.ledger(now)? {
            let share = line.share;
            let items = share.items.iter();
            let items: Vec<_> = items.filter(|it| entries.contains(&it.entry)).collect();
            if items.is_empty() {
                continue;
            }
            let ends = items.iter().map(|it| line.end_of(it).map(|end| end.time));
            let ends: Option<Vec<Timestamp>> = ends.collect();
            holders.push(Holder {
                share: share.id,
                called: self.holder_called(&line)?,
                entries: items.iter().map(|it| name_of_day(it)).collect(),
                since: share.created,
                ended: ends.and_then(|ends| ends.into_iter().max()),
                word: word(&line, &items),
            });
        }
        holders.sort_by_key(|it| (it.since, it.share));
        Ok(holders)
    }

    /// What of these entries was handed over to the client it belongs to, the first first.
    ///
    /// # Errors
    /// As [`Self::holders`].
    pub fn handed_back(&self, entries: &HashSet<Uuid>) -> Result<Vec<&HandOver>> {
        let mut all = self.handed_over.all()?;
        all.retain(|it| {
            let mut items = it.items.iter();
            it.sent.value().is_some() && items.any(|item| entries.contains(&item.entry))
        });
        all.sort_by_key(|it| (it.created, it.id));
        Ok(all)
    }

    /// How the paper of the permission calls them.
    fn holder_called(&self, line: &LedgerLine<'_>) -> Result<String> {
        let contact = line.share.recipient.contact;
        if let Some(consent) = line.consent {
            let terms = AgreedTerms::from_json(&consent.terms)?;
            let mut named = consent.recipients.iter().zip(&terms.recipients);
            if let Some((_, named)) = named.find(|(it, _)| it.contact == contact) {
                return Ok(one_line(&named.called()));
            }
        }
        Ok(one_line(&self.contact_name(contact)?))
    }
}

/// What an item was called below its client.
pub(crate) fn name_of_day(item: &SharedItem) -> String {
    let path = item.path.as_str();
    one_line(path.split_once('/').map_or(path, |(_, name)| name))
}

fn word(line: &LedgerLine<'_>, items: &[&SharedItem]) -> HolderWord {
    let share = line.share;
    if share.login.is_some() {
        return match share.login_removed.value() {
            Some(time) => HolderWord::LoginRemoved(*time),
            None => HolderWord::LoginLeft,
        };
    }
    // A device that was lost before may have kept it.
    let filed = items.iter().map(|it| share.deletion_of(it.entry));
    let filed: Option<Vec<_>> = filed.collect();
    if let Some(filed) = filed.filter(|_| line.lost().is_none()) {
        let time = filed.iter().map(|it| it.time).max();
        let is_mailed = filed.iter().any(|it| it.mailed_from.is_some());
        return match time {
            Some(time) if is_mailed => HolderWord::Mailed(time),
            Some(time) => HolderWord::Signed(time),
            None => HolderWord::Nothing,
        };
    }
    match (share.receipt.value(), share.refusal.value()) {
        (None, Some(_)) => HolderWord::Refused,
        (None, None) if share.sent.value().is_none() => HolderWord::Unsent,
        _ => HolderWord::Nothing,
    }
}
