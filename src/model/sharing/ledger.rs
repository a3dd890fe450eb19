//! The ledger of shares: who was given what, and what became of it since.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::entry::field::SECRET;
use crate::model::records::consent::Consent;
use crate::model::records::contact::Contact;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::renewals::Renewals;
use crate::model::records::share::{
    Circumstances, FiledDocument, Share, ShareEnd, ShareState, SharedItem,
};
use crate::model::records::table::Records;
use crate::model::rotation::in_use::is_in_use;
use crate::model::text::limits::SHARE_ITEMS;
use crate::model::vault::Vault;

/// A share with what became of it.
#[derive(Clone, Copy, Debug)]
pub struct LedgerLine<'a> {
    /// The share.
    pub share: &'a Share,
    /// The consent that it goes on under, if it is in the vault: the one that allowed it, or the
    /// last renewal of that.
    pub consent: Option<&'a Consent>,
    around: Circumstances<'a>,
    /// All shares of the vault.
    all: &'a Records<Share>,
    /// What became of it.
    pub state: ShareState,
    /// Its first end, if it is over.
    pub end: Option<ShareEnd>,
    /// The share that was named, where this one stands in its place.
    pub in_place_of: Option<Uuid>,
}

impl<'a> LedgerLine<'a> {
    fn new(vault: &'a Vault, share: &'a Share, around: Circumstances<'a>, now: Timestamp) -> Self {
        Self {
            all: &vault.shares,
            share,
            consent: around.consent,
            state: share.state(&around, now),
            end: share.end(&around, now),
            in_place_of: None,
            around,
        }
    }

    /// That another share was named, if one was.
    #[must_use]
    pub fn told_place(&self) -> Option<String> {
        let (old, new) = (number(self.in_place_of?), number(self.share.id));
        Some(format!("share {new} was sent in the place of share {old}"))
    }

    /// Whether it was allowed by this consent or goes on under it.
    #[must_use]
    pub fn is_under(&self, consent: Uuid) -> bool {
        self.share.consent.id == consent || self.consent.is_some_and(|it| it.id == consent)
    }

    /// When it ends by itself, which a client may have set sooner than the share says.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.share.own_end(&self.around)
    }

    /// The consent that it goes on under, by its id.
    #[must_use]
    pub fn under(&self) -> Uuid {
        self.consent.map_or(self.share.consent.id, |it| it.id)
    }

    /// The first end of one item: the share's own, or that of the item alone.
    #[must_use]
    pub fn end_of(&self, item: &SharedItem) -> Option<ShareEnd> {
        let alone = self.share.item_end(item, &self.around);
        let ends = self.end.into_iter().chain(alone);
        ends.min_by_key(|end| (end.time, end.state.is_orderly()))
    }

    /// Since when whoever has a device of the recipient's may know what was in it: it was lost before
    /// anybody signed that what was on it is deleted.
    #[must_use]
    pub fn lost(&self) -> Option<Timestamp> {
        self.lost_with(self.share)
    }

    fn lost_with(&self, share: &Share) -> Option<Timestamp> {
        let lost = self.around.contact?.lost_after(share.created)?;
        let deleted = share.attestation.value();
        deleted.is_none_or(|it| lost <= it.time).then_some(lost)
    }

    /// Whether it holds what is a client's: by its consent, or by who owns an entry now.
    #[must_use]
    pub fn is_of(&self, client: Uuid, owners: &HashMap<Uuid, Uuid>) -> bool {
        let mut items = self.share.items.iter();
        self.consent.is_some_and(|consent| consent.client == client)
            || items.any(|item| owners.get(&item.entry) == Some(&client))
    }

    /// When it was sent, while nobody has signed for it and it is not over.
    #[must_use]
    pub fn owes_receipt(&self) -> Option<Timestamp> {
        let sent = self.share.sent.value().copied();
        sent.filter(|_| self.state == ShareState::Sent && self.share.login.is_none())
    }

    /// The login at the site that is to be removed there, since it is over.
    #[must_use]
    pub fn login_left(&self) -> Option<&'a str> {
        let open = self.end.is_some() && self.share.login_removed.value().is_none();
        self.share.login.as_deref().filter(|_| open)
    }

    /// The items that are over and went out, each with its end, while nobody has signed that they
    /// are deleted. What went on under the share in its place, or has come to them once more since, is
    /// deleted with that one.
    pub fn undeleted_items(&self) -> impl Iterator<Item = (&'a SharedItem, ShareEnd)> {
        let share = self.share;
        let went = share.sent.value().is_some() || share.receipt.value().is_some();
        // Who refused it, and has not taken it since, has nothing of it.
        let is_refused = share.refusal.value().is_some() && share.receipt.value().is_none();
        let owes = went && !is_refused && share.login.is_none();
        let left = share.items.iter();
        let left = left.filter(move |item| owes && share.deletion_of(item.entry).is_none());
        let successor = self.around.successor;
        let left = left.filter(move |item| !successor.is_some_and(|it| it.holds(item, None)));
        let over = left.filter_map(|item| Some((item, self.end_of(item)?)));
        over.filter(|(item, end)| !self.came_again(item, *end))
    }

    /// Whether a later share has brought an entry of it to the same vault once more, where it is
    /// updated in its place: it is signed for, and was not deleted before this one ended. Of two that
    /// nobody can tell apart, what is said of one is said of both.
    fn came_again(&self, item: &SharedItem, end: ShareEnd) -> bool {
        let signed = |filed: &FiledDocument| filed.mailed_from.is_none();
        let later = |it: &Share| {
            let deleted = it.deletion_of(item.entry);
            let is_settled = || deleted.is_some() && order_of(it, self.share).is_none();
            (is_after(it, self.share) || is_settled())
                && it.recipient.contact == self.share.recipient.contact
                && it.holds(item, None)
                && it.receipt.value().is_some_and(signed)
                && deleted.is_none_or(|deleted| end.time <= deleted.time)
        };
        // They were read before: a malformed one is refused there.
        self.all.all().unwrap_or_default().into_iter().any(later)
    }

    /// When the first of its items was over, while nobody has signed that what went out is deleted.
    #[must_use]
    pub fn owes_deletion(&self) -> Option<Timestamp> {
        self.undeleted_items().map(|(_, end)| end.time).min()
    }

    /// Whether the share in its place tells what there is to say of a version in it.
    #[must_use]
    pub fn is_told_by_successor(&self, item: &SharedItem, version: &Uuid) -> bool {
        let successor = self
            .around
            .successor
            .filter(|it| it.holds(item, Some(version)));
        successor.is_some_and(|it| self.lost().is_none() || self.lost_with(it).is_some())
    }

    /// The items that the recipient may still use.
    pub fn live_items(&self) -> impl Iterator<Item = &'a SharedItem> {
        let items = self.share.items.iter();
        items.filter(|item| self.state.is_live() && self.end_of(item).is_none())
    }
}

/// Which of two shares was sent first. Of two of one second the device tells that has sent both; of
/// two devices nobody can tell.
fn order_of(share: &Share, other: &Share) -> Option<Ordering> {
    let sent = |share: &Share| share.sent.stamps().max();
    match share.created.cmp(&other.created) {
        Ordering::Equal => match (sent(share), sent(other)) {
            (Some(one), Some(two)) if one.device == two.device => {
                Some(one.counter.cmp(&two.counter))
            }
            _ => None,
        },
        order => Some(order),
    }
}

/// Whether a share counts as sent after another: where nobody can tell, by their ids.
fn is_after(share: &Share, other: &Share) -> bool {
    order_of(share, other).unwrap_or(share.id.cmp(&other.id)) == Ordering::Greater
}

/// What the ends of all shares follow from.
struct LedgerFacts<'a> {
    consents: HashMap<Uuid, &'a Consent>,
    renewals: Renewals<'a>,
    contacts: HashMap<Uuid, &'a Contact>,
    successors: HashMap<Uuid, &'a Share>,
}

impl<'a> LedgerFacts<'a> {
    fn of(vault: &'a Vault) -> Result<Self> {
        let (consents, contacts) = (vault.consents.all()?, vault.contacts.all()?);
        // A share whose file was never written took nobody's place.
        let shares = vault.shares.all()?.into_iter();
        let sent = |share: &Share| (share.sent.value().copied(), share.id);
        let mut successors: HashMap<Uuid, &Share> = HashMap::new();
        for share in shares.filter(|share| share.sent.value().is_some()) {
            let Some(old) = share.supersedes else {
                continue;
            };
            let first = successors.entry(old).or_insert(share);
            if sent(share) < sent(first) {
                *first = share;
            }
        }
        Ok(Self {
            renewals: Renewals::of(&consents),
            consents: consents.into_iter().map(|it| (it.id, it)).collect(),
            contacts: contacts.into_iter().map(|it| (it.id, it)).collect(),
            successors,
        })
    }

    /// A share with what became of it. One that was over when the consent was renewed does not go
    /// on under the renewal.
    fn line(&self, vault: &'a Vault, share: &'a Share, now: Timestamp) -> LedgerLine<'a> {
        let around = self.of_share(share);
        let allowed = around.allowed;
        let mut line = LedgerLine::new(vault, share, around, now);
        if let (Some(end), Some(allowed)) = (line.end, allowed) {
            line.consent = Some(self.renewals.latest_by(allowed, end.time));
        }
        line
    }

    fn of_share(&self, share: &Share) -> Circumstances<'a> {
        let allowed = self.consents.get(&share.consent.id).copied();
        Circumstances {
            allowed,
            consent: allowed.map(|consent| self.renewals.latest(consent)),
            contact: self.contacts.get(&share.recipient.contact).copied(),
            successor: self.successors.get(&share.id).copied(),
        }
    }

    /// The share that stands in the place of one now: itself, or the last that was sent for it.
    fn last(&self, share: &'a Share) -> &'a Share {
        let mut last = share;
        // A circle ends with the list.
        for _ in 0..self.successors.len() {
            match self.successors.get(&last.id) {
                Some(next) => last = next,
                None => break,
            }
        }
        last
    }
}

impl Vault {
    /// All shares with what became of them by `now`, the newest last.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn ledger(&self, now: Timestamp) -> Result<Vec<LedgerLine<'_>>> {
        let around = LedgerFacts::of(self)?;
        let mut ledger: Vec<LedgerLine<'_>> = (self.shares.all()?.into_iter())
            .map(|share| around.line(self, share, now))
            .collect();
        ledger.sort_by_key(|line| (line.share.created, line.share.id));
        Ok(ledger)
    }

    /// The shares by which somebody may use a secret of an entry that is not the current one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn outdated_shares(&self, entry: &Entry, now: Timestamp) -> Result<Vec<LedgerLine<'_>>> {
        let is_old = |item: &SharedItem| {
            let sent = item.versions.get(SECRET);
            item.entry == entry.id && sent.is_some_and(|sent| !is_in_use(entry, SECRET, *sent))
        };
        let mut ledger = self.ledger(now)?;
        ledger.retain(|line| line.live_items().any(is_old));
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
    /// the number.
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
        live.retain(|line| line.is_under(id) && line.state.is_live());
        if live.is_empty() {
            let what = format!(
                "nothing that was shared under consent {} is live",
                number(id)
            );
            return Err(Error::not_found(what).hint("vault shares shows what became of it"));
        }
        Ok(live)
    }

    /// The share that stands in the place of one by now: itself, or the last that was sent for it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn in_place_of<'a>(&'a self, share: &'a Share, now: Timestamp) -> Result<LedgerLine<'a>> {
        let around = LedgerFacts::of(self)?;
        let last = around.last(share);
        let line = around.line(self, last, now);
        let in_place_of = Some(share.id).filter(|id| *id != last.id);
        Ok(LedgerLine {
            in_place_of,
            ..line
        })
    }

    /// The shares in whose place one stands that is sent for `old`: that, and those before it, the
    /// last first; no more than are read at once.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub(crate) fn shares_replaced_by(&self, old: Option<Uuid>) -> Result<Vec<Uuid>> {
        let mut chain: Vec<Uuid> = old.into_iter().collect();
        chain.extend(self.shares_before(&chain)?);
        chain.truncate(SHARE_ITEMS);
        Ok(chain)
    }

    /// The shares in whose place these were sent, one after another.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn shares_before(&self, shares: &[Uuid]) -> Result<Vec<Uuid>> {
        let mut all = shares.to_vec();
        let mut at = 0;
        while let Some(id) = all.get(at) {
            let old = self.shares.find(*id)?.and_then(|share| share.supersedes);
            // A circle ends with what is known.
            all.extend(old.filter(|old| !all.contains(old)));
            at += 1;
        }
        Ok(all.split_off(shares.len()))
    }

    /// A share with what became of it by `now`.
    pub(super) fn line<'a>(&'a self, share: &'a Share, now: Timestamp) -> Result<LedgerLine<'a>> {
        Ok(LedgerFacts::of(self)?.line(self, share, now))
    }
}
