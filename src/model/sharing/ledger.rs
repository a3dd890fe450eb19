//! The ledger of shares: who was given what, and what became of it since.

use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::consent::Consent;
use crate::model::records::contact::Contact;
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::{Revocation, Share, ShareEnd, ShareState, SharedItem};
use crate::model::records::stamping::Author;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// A share with what became of it.
#[derive(Clone, Copy, Debug)]
pub struct LedgerLine<'a> {
    /// The share.
    pub share: &'a Share,
    /// The consent that allowed it, if it is in the vault.
    pub consent: Option<&'a Consent>,
    /// Whom it is for, if that is in the vault.
    pub contact: Option<&'a Contact>,
    /// What became of it.
    pub state: ShareState,
    /// Its first end, if it is over.
    pub end: Option<ShareEnd>,
}

impl<'a> LedgerLine<'a> {
    fn new(
        share: &'a Share,
        consent: Option<&'a Consent>,
        contact: Option<&'a Contact>,
        now: Timestamp,
    ) -> Self {
        Self {
            share,
            consent,
            contact,
            state: share.state(consent, contact, now),
            end: share.end(consent, contact, now),
        }
    }

    /// The first end of one item: the share's own, or the consent's for that entry alone.
    #[must_use]
    pub fn end_of(&self, item: &SharedItem) -> Option<ShareEnd> {
        let consent = self.consent;
        let alone = consent.and_then(|consent| self.share.item_withdrawn(item, consent));
        let ends = self.end.into_iter().chain(alone);
        ends.min_by_key(|end| (end.time, end.state.is_orderly()))
    }

    /// Whether it holds what is a client's: by its consent, or by who owns an entry now.
    #[must_use]
    pub fn is_of(&self, client: Uuid, owners: &HashMap<Uuid, Uuid>) -> bool {
        let mut items = self.share.items.iter();
        self.consent.is_some_and(|consent| consent.client == client)
            || items.any(|item| owners.get(&item.entry) == Some(&client))
    }

    /// The items that the recipient may still use.
    pub fn live_items(&self) -> impl Iterator<Item = &'a SharedItem> {
        let items = self.share.items.iter();
        items.filter(|item| self.state.is_live() && self.end_of(item).is_none())
    }
}

impl Vault {
    /// All shares with what became of them by `now`, the newest last.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn ledger(&self, now: Timestamp) -> Result<Vec<LedgerLine<'_>>> {
        let consents: HashMap<Uuid, &Consent> = (self.all_consents()?.into_iter())
            .map(|consent| (consent.id, consent))
            .collect();
        let contacts: HashMap<Uuid, &Contact> = (self.contacts.all()?.into_iter())
            .map(|contact| (contact.id, contact))
            .collect();
        let mut ledger: Vec<LedgerLine<'_>> = (self.shares.all()?.into_iter())
            .map(|share| {
                let consent = consents.get(&share.consent.id).copied();
                let contact = contacts.get(&share.recipient.contact).copied();
                LedgerLine::new(share, consent, contact, now)
            })
            .collect();
        ledger.sort_by_key(|line| (line.share.created, line.share.id));
        Ok(ledger)
    }

    /// The shares of a kind that may still be used at `now`.
    pub(crate) fn live_shares(
        &self,
        now: Timestamp,
        kind: impl Fn(&Share) -> bool,
    ) -> Result<Vec<&Share>> {
        let mut ledger = self.ledger(now)?;
        ledger.retain(|line| line.state.is_live() && kind(line.share));
        Ok(ledger.into_iter().map(|line| line.share).collect())
    }

    /// The ids of shares that `later` has and this does not, whatever became of them.
    pub(crate) fn shares_missing_from(&self, later: &Self) -> Result<Vec<Uuid>> {
        let mine = self.shares.ids()?;
        let mut missing = later.shares.ids()?;
        missing.retain(|id| !mine.contains(id));
        Ok(missing)
    }

    /// The share of which the id starts so.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Usage`] when several do.
    pub fn known_share(&self, start: &RecordId, now: Timestamp) -> Result<LedgerLine<'_>> {
        self.line(self.shares.by_start(start)?, now)
    }

    /// The share of which the number starts so, or those that are live under the consent that has
    /// it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], also when nothing is live; [`crate::error::Kind::Usage`]
    /// when several start so.
    pub fn shares_numbered(&self, start: &RecordId, now: Timestamp) -> Result<Vec<LedgerLine<'_>>> {
        let ids = self.shares.ids()?.into_iter().chain(self.consents.ids()?);
        let id = start.find(ids, "share", "vault shares")?;
        if let Some(share) = self.shares.find(id)? {
            return Ok(vec![self.line(share, now)?]);
        }
        let mut live = self.ledger(now)?;
        live.retain(|line| line.share.consent.id == id && line.state.is_live());
        if live.is_empty() {
            let what = format!(
                "nothing that was shared under consent {} is live",
                number(id)
            );
            return Err(Error::not_found(what).hint("vault shares shows what became of it"));
        }
        Ok(live)
    }

    fn line<'a>(&'a self, share: &'a Share, now: Timestamp) -> Result<LedgerLine<'a>> {
        let consent = self.consents.find(share.consent.id)?;
        let contact = self.contacts.find(share.recipient.contact)?;
        Ok(LedgerLine::new(share, consent, contact, now))
    }

    /// Enters a share, before anything of it leaves the vault.
    pub fn record_share(&mut self, share: Share, author: &Author<'_>) {
        // The write shows in `seen`, so that a copy without it cannot pass for newer.
        self.change_surely(author, "share", |edit| {
            edit.event.subject = subject(&share);
            let event = edit.event.note("to", share.recipient.contact.to_string());
            event.note("consent", share.consent.id.to_string());
            edit.vault.shares.add(share);
        });
    }

    /// Notes that the file of a share was written.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn mark_sent(&mut self, id: Uuid, author: &Author<'_>) -> Result<()> {
        self.change(author, "share", |edit| {
            let share = edit.vault.shares.by_id_mut(edit.event.about(id))?;
            share.sent.set(edit.stamp, Some(author.now));
            edit.event.note("phase", "sent");
            Ok(())
        })
    }

    /// Ends a share before its time. What was in it is to be rotated from then on.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Refused`] for one that is over.
    pub fn revoke_share(
        &mut self,
        id: Uuid,
        reason: Option<String>,
        author: &Author<'_>,
    ) -> Result<()> {
        if let Some(reason) = &reason {
            check_text("reason", reason, FIELD_BYTES)?;
        }
        check_revocable(self.line(self.shares.by_id(id)?, author.now)?)?;
        self.change(author, "revoke", |edit| {
            let share = edit.vault.shares.by_id_mut(id)?;
            let mut ended = Revocation::with(author.now, "revoked".into());
            ended.reason = reason;
            share.ended.set(edit.stamp, Some(ended));
            edit.event.subject = subject(share);
            (edit.event).note("to", share.recipient.contact.to_string());
            Ok(())
        })
    }
}

/// Refuses to revoke what is over: it would promise that something ended only now.
///
/// # Errors
/// [`crate::error::Kind::Refused`].
pub fn check_revocable(line: LedgerLine<'_>) -> Result<()> {
    let share = line.share;
    let id = number(share.id);
    let over = match line.state {
        ShareState::Expired => format!("share {id} ended on {}", share.expires),
        ShareState::Deleted => format!("what came with share {id} was signed to be deleted"),
        ShareState::Unsent
        | ShareState::Sent
        | ShareState::Received
        | ShareState::Withdrawn
        | ShareState::Ended
        | ShareState::Revoked => return Ok(()),
    };
    Err(
        Error::refused(format!("{over}: there is nothing left to revoke"))
            .hint("what was in it may still be known to them; to be safe, rotate it"),
    )
}

/// What an event about a share is about: not the contact, who has to do with other clients too.
fn subject(share: &Share) -> Vec<Uuid> {
    let entries = share.items.iter().map(|item| item.entry);
    std::iter::once(share.id).chain(entries).collect()
}
