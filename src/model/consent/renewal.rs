//! The renewal of a permission: asked for with the same terms and a later end. When it is given, the
//! old one is over, and what was shared goes on under the new one.

use jiff::Timestamp;
use uuid::Uuid;

use super::changes::consent_event;
use super::scope::ScopeItem;
use super::terms::Terms;
use crate::error::{Error, Result};
use crate::model::records::cell::Stamp;
use crate::model::records::client::Assurance;
use crate::model::records::consent::{Consent, ConsentEvent, ConsentState, SHORTENED};
use crate::model::records::record_id::{derived, number};
use crate::model::records::renewals::Renewals;
use crate::model::records::stamping::Author;
use crate::model::text::name::ClientSlug;
use crate::model::vault::Vault;

/// What becomes of a consent when a yes to its renewal is filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacing {
    /// It ends.
    Ends,
    /// It was over before.
    WasOver,
    /// It goes on until what was only said is confirmed in writing.
    Waits,
}

/// What a client has said of a consent after its renewal was asked for: it is to end sooner, and so
/// is what takes its place.
pub(crate) struct Shortening<'a> {
    /// The end.
    pub end: Timestamp,
    /// The stamp that it was written with.
    pub stamp: Stamp,
    /// The events by which they did.
    pub events: Vec<&'a ConsentEvent>,
}

impl<'a> Shortening<'a> {
    /// That of `old` which reaches its `renewal`, if there is one. Within one second the client
    /// counts as having said it after.
    pub(crate) fn reaching(old: &'a Consent, renewal: &Consent) -> Option<Self> {
        let is_since = |it: &&ConsentEvent| it.state == SHORTENED && it.time >= renewal.created;
        let events: Vec<&ConsentEvent> = old.events.iter().filter(is_since).collect();
        let ends = (old.until.values()).filter_map(|(stamp, end)| Some((end.as_ref()?, stamp)));
        let (end, stamp) = ends.min().filter(|_| !events.is_empty())?;
        Some(Self {
            end: *end,
            stamp,
            events,
        })
    }
}

/// Events of the consent that a renewal took the place of as the renewal's own, but for those that
/// it has.
pub(crate) fn carried_to<'a>(
    renewal: &Consent,
    events: impl Iterator<Item = &'a ConsentEvent>,
) -> Vec<ConsentEvent> {
    let events = events.map(|it| carried(it, renewal.id));
    let is_new = |event: &ConsentEvent| !renewal.events.iter().any(|it| it.id == event.id);
    events.filter(is_new).collect()
}

/// An event of a consent as one of its renewal: the same on each device.
fn carried(event: &ConsentEvent, renewal: Uuid) -> ConsentEvent {
    let name = [renewal.as_bytes().as_slice(), event.id.as_bytes()].concat();
    ConsentEvent {
        id: derived("vault/consent-event", &name),
        ..event.clone()
    }
}

impl Vault {
    /// The consent that a yes to a request takes the place of, and what becomes of that.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn replacing(
        &self,
        renewal: &Consent,
        assurance: Assurance,
        now: Timestamp,
    ) -> Result<Option<(Uuid, Replacing)>> {
        let Some(old) = renewal.supersedes else {
            return Ok(None);
        };
        let how = match self.consents.by_id(old)?.is_open(now) {
            false => Replacing::WasOver,
            true if assurance == Assurance::Attested => Replacing::Waits,
            true => Replacing::Ends,
        };
        Ok(Some((old, how)))
    }

    /// The consent that stands in the place of another now: itself, or its last renewal.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn renewed<'a>(&'a self, consent: &'a Consent) -> Result<&'a Consent> {
        Ok(Renewals::of(&self.consents.all()?).latest(consent))
    }

    /// The terms of a consent once more, with a later end: what was withdrawn of it, and whoever
    /// was removed, is left out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] for one that was not given, was taken back or covers
    /// nothing any more; [`crate::error::Kind::Usage`] for an end that is no later.
    pub fn terms_to_renew(
        &self,
        consent: &Consent,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<Terms> {
        let id = number(consent.id);
        let state = consent.state(now);
        if !matches!(state, ConsentState::Given | ConsentState::Expired) || !consent.was_given() {
            return Err(
                Error::refused(format!("consent {id} is {state}, and cannot be renewed"))
                    .hint("ask for a new one: vault consent request CLIENT"),
            );
        }
        if expires <= consent.end() {
            return Err(Error::usage(format!(
                "consent {id} lasts until {}, and its renewal would end before",
                consent.end()
            ))
            .hint(format!(
                "where the client has said that it is to end sooner: vault consent answer {id} --phone \
                 HOW --until DATE; to end it now: vault consent withdraw {id}"
            )));
        }
        let client = self.live_clients().find(|it| it.id == consent.client);
        let client = client.ok_or_else(|| Error::refused("that client was removed"))?;
        let contacts = self.live_contacts()?.into_iter();
        let left = consent.contacts_left();
        let contacts = contacts.filter(|it| left.contains(&it.id));
        let to: Vec<_> = contacts.filter_map(|it| it.name().parse().ok()).collect();
        let named = self.scope_paths(consent)?;
        let entries = named.iter().filter_map(|path| path.parse().ok());
        let entries = entries.map(ScopeItem::Entry);
        let slug: ClientSlug = client.slug().parse().map_err(Error::integrity)?;
        let patterns = consent.scope.patterns();
        let patterns = patterns.map(|it| ScopeItem::Pattern(it.of_client(slug.clone())));
        let scope: Vec<ScopeItem> = entries.chain(patterns).collect();
        if to.is_empty() || scope.is_empty() {
            return Err(Error::refused(format!(
                "nobody and nothing is left of what consent {id} permits"
            ))
            .hint("ask for a new one: vault consent request CLIENT"));
        }
        Ok(Terms {
            client: slug,
            to,
            scope,
            fields: consent.scope.fields().collect(),
            purpose: consent.purpose(),
            expires,
        })
    }

    /// Ends the consent that a consent, which was just given, was asked for in the place of, unless
    /// it was only said. What was withdrawn of the old one stays withdrawn, and who shortened it is noted.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub(super) fn supersede_for(
        &mut self,
        renewal: Uuid,
        assurance: Assurance,
        author: &Author<'_>,
    ) -> Result<()> {
        let Some(old) = self.consents.by_id(renewal)?.supersedes else {
            return Ok(());
        };
        let old = self.consents.by_id_mut(old)?;
        if old.ended().is_none() && assurance != Assurance::Attested {
            old.events.push(consent_event("superseded", author));
        }
        let old = old.id;
        let (old, new) = (self.consents.by_id(old)?, self.consents.by_id(renewal)?);
        let parts = old.ends().filter(|event| !event.is_whole());
        let sooner = Shortening::reaching(old, new).map(|it| it.events);
        let carried = parts.chain(sooner.into_iter().flatten());
        let carried = carried_to(new, carried);
        self.consents.by_id_mut(renewal)?.events.extend(carried);
        Ok(())
    }
}
