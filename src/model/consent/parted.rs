//! What ended with a contact who left or lost the keys, for the letters about it.

use jiff::Timestamp;
use uuid::Uuid;

use super::agreed_terms::{AgreedClient, AgreedEntry, AgreedRecipient};
use super::terms::agreed_entry;
use crate::model::people::fields::MeValues;
use crate::model::records::entry::Entry;
use crate::model::records::share::SharedItem;
use crate::model::sharing::who::KnownEntry;
use crate::model::text::domain::hosts;
use crate::model::text::lang::Lang;

/// Why somebody is parted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartingReason {
    /// They work for who keeps the vault no longer.
    Left,
    /// Their keys are lost since then.
    Lost(Timestamp),
}

/// What ended with a contact, for the letters about it.
#[derive(Clone, Debug)]
pub struct Parting {
    /// Why.
    pub reason: PartingReason,
    /// When it was noted.
    pub noted: Timestamp,
    /// Who tells it.
    pub me: MeValues,
    /// The contact, as papers name them.
    pub contact: AgreedRecipient,
    /// The language of papers for them.
    pub lang: Lang,
    /// The shares that ended, and those that were over before and are not confirmed to be deleted.
    pub shares: Vec<PartedShare>,
    /// The requests that were open.
    pub requests: Vec<LeftRequest>,
    /// The clients whom it concerns.
    pub clients: Vec<PartedClient>,
}

/// An open request or a consent that somebody was taken out of.
#[derive(Clone, Debug)]
pub struct LeftRequest {
    /// Its number.
    pub request: Uuid,
    /// For whom it goes on; with none, it is over.
    pub others: Vec<Uuid>,
}

/// An entry that went to a contact from whom one parts.
#[derive(Clone, Debug)]
pub struct PartedEntry {
    /// As it was on the day of the share.
    pub then: AgreedEntry,
    /// The same as far as it went: all that the contact may be told.
    pub told: AgreedEntry,
    /// As it is today, if that is something else and it is still here.
    pub now: Option<AgreedEntry>,
    /// Their own login there, where that was given in the place of a secret.
    pub login: Option<String>,
}

/// A share of a contact from whom one parts.
#[derive(Clone, Debug)]
pub struct PartedShare {
    /// Its id.
    pub share: Uuid,
    /// Whose it was, as people name them.
    pub client: String,
    /// What was in it, without what is deleted or went on by another share.
    pub entries: Vec<PartedEntry>,
    /// When it was over, where that was before.
    pub over_since: Option<Timestamp>,
}

/// A client whose credentials a contact could use or may know.
#[derive(Clone, Debug)]
pub struct PartedClient {
    /// The client.
    pub client: AgreedClient,
    /// The language of papers for them.
    pub lang: Lang,
    /// Whether anything of theirs was still in use.
    pub was_used: bool,
    /// The permissions that ended.
    pub consents: Vec<LeftRequest>,
    /// The requests that were for the contact alone and are void, unanswered.
    pub void: Vec<Uuid>,
    /// What the contact still knows: it is to be changed.
    pub known: Vec<PartedEntry>,
    /// Where the contact still has a login of their own: it is to be removed.
    pub logins: Vec<PartedEntry>,
    /// Whether whoever has a lost device may know some of that.
    pub with_device: bool,
}

impl Parting {
    /// Whether the contact still knows something of anybody.
    #[must_use]
    pub fn is_something_known(&self) -> bool {
        self.clients.iter().any(|told| !told.known.is_empty())
    }

    /// The shares that something was sent by, the last first: what a later one holds is deleted with
    /// that.
    pub fn with_secrets(&self) -> impl Iterator<Item = &PartedShare> {
        let shares = self.shares.iter().rev();
        shares.filter(|it| it.login().is_none())
    }

    /// Whether the contact still has a login of their own anywhere.
    #[must_use]
    pub fn is_some_login_left(&self) -> bool {
        self.clients.iter().any(|told| !told.logins.is_empty())
    }
}

impl PartedClient {
    /// Whether anything of theirs was ever given to the contact.
    #[must_use]
    pub fn has_had_anything(&self) -> bool {
        let is_known = !self.known.is_empty() || !self.logins.is_empty();
        self.was_used || self.with_device || is_known
    }

    /// Whether nothing concerns them but requests that are void.
    #[must_use]
    pub fn is_of_requests_only(&self) -> bool {
        let has_any = self.was_used || !self.consents.is_empty();
        !has_any && self.known.is_empty() && self.logins.is_empty() && !self.void.is_empty()
    }
}

impl PartedShare {
    /// Their own login, where that was given in the place of a secret.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        self.entries.iter().find_map(|it| it.login.as_deref())
    }
}

impl PartedEntry {
    /// What was shared, and what that entry is today.
    pub(super) fn of(
        item: &SharedItem,
        login: Option<&str>,
        today: Option<(&str, &Entry)>,
    ) -> Self {
        let then = AgreedEntry::shared(item);
        let today = today.map(|(path, entry)| AgreedEntry {
            urls: hosts(entry.urls()),
            // An own login is not the one that the entry has.
            username: entry.username.value().cloned().filter(|_| login.is_none()),
            ..agreed_entry(path, entry)
        });
        Self {
            now: today.filter(|today| *today != then),
            then,
            told: AgreedEntry::told(item),
            login: login.map(str::to_owned),
        }
    }

    /// What they know of an entry, as they last got it, unless that is an own login only.
    pub(super) fn known(known: &KnownEntry<'_>) -> Option<Self> {
        let mut knowers = known.knowers.iter().rev();
        let last = knowers.find(|it| it.line.share.login.is_none())?;
        Some(Self::of(last.item, None, known.today()))
    }

    /// The logins of their own that they still have for an entry.
    pub(super) fn logins(known: &KnownEntry<'_>) -> Vec<Self> {
        let knowers = known.knowers.iter();
        let left = knowers.filter_map(|it| Some((it.item, it.line.login_left()?)));
        left.map(|(item, login)| Self::of(item, Some(login), known.today()))
            .collect()
    }

    /// Its path today; of one that is gone, that of the day when it went.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.now.as_ref().unwrap_or(&self.then).path
    }
}
