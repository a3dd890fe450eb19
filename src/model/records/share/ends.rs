//! What a share's ends follow from: its own, those of its consents, its recipient's.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Circumstances, Revocation, Share, ShareEnd, ShareState, SharedItem};
use crate::model::records::consent::Consent;

impl Circumstances<'_> {
    /// Its consents, each with the event that ended it for good. A renewal ends nothing.
    fn consents(&self) -> impl Iterator<Item = (&Consent, Option<Timestamp>)> {
        let renewed = (self.allowed.into_iter())
            .filter(|it| self.consent.is_none_or(|other| other.id != it.id))
            .map(|it| (it, it.ended_unrenewed()));
        let last = self.consent.into_iter().map(|it| (it, it.ended()));
        (renewed.chain(last)).map(|(consent, end)| (consent, end.map(|event| event.time)))
    }

    /// When another share was sent in its place.
    fn superseded(&self) -> Option<Timestamp> {
        self.successor.and_then(|it| it.sent.value().copied())
    }

    /// When a consent ended for good.
    fn withdrawn(&self) -> Option<Timestamp> {
        self.consents().filter_map(|(_, end)| end).min()
    }

    /// When a consent ended for one entry and one contact alone.
    fn ended_for(&self, entry: Uuid, contact: Uuid) -> Option<Timestamp> {
        let ends = (self.consents()).map(|(consent, _)| consent.ended_for(entry, contact));
        ends.flatten().min()
    }
}

impl Share {
    /// When it ends by itself: as was agreed, or when what was permitted ends, if the client has set
    /// that sooner since.
    #[must_use]
    pub fn own_end(&self, around: &Circumstances<'_>) -> Timestamp {
        let permitted = around.consent.map(Consent::permitted_until);
        let permitted = permitted.map(|end| end.max(self.created));
        permitted.map_or(self.expires, |end| end.min(self.expires))
    }

    /// What became of it by `now`.
    #[must_use]
    pub fn state(&self, around: &Circumstances<'_>, now: Timestamp) -> ShareState {
        if let Some(end) = self.early_ends(around).next() {
            end.state
        } else if self.own_end(around) <= now {
            ShareState::Expired
        } else if self.receipt.value().is_some() {
            ShareState::Received
        } else if self.sent.value().is_some() {
            ShareState::Sent
        } else {
            ShareState::Unsent
        }
    }

    /// The first of its ends, if it is over by `now`. What was noted counts even where another
    /// device's clock is ahead.
    #[must_use]
    pub fn end(&self, around: &Circumstances<'_>, now: Timestamp) -> Option<ShareEnd> {
        let time = self.own_end(around);
        let state = ShareState::Expired;
        let expired = (time <= now).then_some(ShareEnd { time, state });
        let ends = self.early_ends(around).chain(expired);
        // Within one second, the unfriendly end came first: what is deleted is not revoked.
        ends.min_by_key(|end| (end.time, end.state.is_orderly()))
    }

    /// The first end of one item alone: the consent ended for it while the share was live, or it is
    /// signed to be deleted.
    #[must_use]
    pub fn item_end(&self, item: &SharedItem, around: &Circumstances<'_>) -> Option<ShareEnd> {
        let contact = self.recipient.contact;
        let goes_on = around.successor.is_some_and(|it| it.holds(item, None));
        let withdrawn = around.ended_for(item.entry, contact);
        let withdrawn = withdrawn.or_else(|| around.withdrawn().filter(|_| !goes_on));
        let withdrawn = self.while_live(withdrawn, around, goes_on);
        let deleted = self.deletions.iter();
        let deleted = deleted.filter(|it| it.entries.contains(&item.entry));
        let ends = deleted.map(|it| (it.filed.time, ShareState::Deleted));
        let ends = ends.chain(withdrawn.map(|time| (time, ShareState::Withdrawn)));
        let ends = ends.map(|(time, state)| ShareEnd { time, state });
        ends.min_by_key(|end| (end.time, end.state.is_orderly()))
    }

    /// When something ended that happened elsewhere: what happened before it was made overtook it at
    /// once, and after its end, or when another was sent in its place, nothing was left to end. Of
    /// both within a second, the other was sent first where what ended `goes_on` in it.
    fn while_live(
        &self,
        time: Option<Timestamp>,
        around: &Circumstances<'_>,
        goes_on: bool,
    ) -> Option<Timestamp> {
        let time = time?.max(self.created);
        let is_replaced = |replaced| time > replaced || (goes_on && time == replaced);
        let is_over = time >= self.own_end(around) || around.superseded().is_some_and(is_replaced);
        (!is_over).then_some(time)
    }

    /// The end of the last item, where each has one of its own.
    fn last_item_end(&self, around: &Circumstances<'_>) -> Option<ShareEnd> {
        let ends = self.items.iter().map(|item| self.item_end(item, around));
        let ends: Option<Vec<ShareEnd>> = ends.collect();
        ends?.into_iter().max_by_key(|end| end.time)
    }

    /// Its ends but for that which was agreed, in the order in which one hides the others.
    fn early_ends(&self, around: &Circumstances<'_>) -> impl Iterator<Item = ShareEnd> {
        let while_live = |time: Option<Timestamp>| self.while_live(time, around, true);
        let superseded = around.superseded().map(|time| time.max(self.created));
        let superseded = superseded.filter(|time| *time < self.own_end(around));
        let parted = |it: &Revocation| matches!(it.cause.as_str(), "left" | "lost");
        let revoked = match self.ended.value() {
            Some(ended) if parted(ended) => ShareState::Ended,
            _ => ShareState::Revoked,
        };
        let removed = around
            .contact
            .and_then(|contact| contact.removed.value().copied());
        // Who has it has taken it: a refusal is made only before that.
        let refusal = self.refusal.value();
        let refusal = refusal.filter(|_| self.receipt.value().is_none());
        let parts = self.last_item_end(around);
        let ends = [
            (
                self.attestation.value().map(|it| it.time),
                ShareState::Deleted,
            ),
            (refusal.map(|it| it.time), ShareState::Refused),
            (self.ended.value().map(|it| it.time), revoked),
            (while_live(around.withdrawn()), ShareState::Withdrawn),
            (
                parts.map(|it| it.time),
                parts.map_or(ShareState::Withdrawn, |it| it.state),
            ),
            (while_live(removed), ShareState::Ended),
            (superseded, ShareState::Superseded),
        ];
        let ends = ends.into_iter();
        ends.filter_map(|(time, state)| Some(ShareEnd { time: time?, state }))
    }
}
