//! What a review asks: of each record for which there is a reason to look at it, whether it is still
//! needed. What was answered rests until its next day, and goes into the log.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp, Zoned};
use uuid::Uuid;

use super::audit::last_uses;
use super::audit::parties::clients;
use super::audit::upkeep::unused;
use super::due::due;
use super::finding::{Finding, Level};
use super::review_due::{QUARTER, ReviewAnswer, YEAR};
use super::unusual::unusual;
use crate::error::{Error, Result};
use crate::model::entry::record_names::RecordNames;
use crate::model::records::cell::DeviceId;
use crate::model::records::log::Event;
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::review::Reviewed;
use crate::model::records::stamping::Author;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::quote::as_word;
use crate::model::text::text_rules::check_text;
use crate::model::text::words::words;
use crate::model::vault::Vault;

/// Until what was asked for, or is to be ended by hand, is looked at again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24 * 14);
/// What data is kept for past its time cannot be decided here.
const RETENTION: &str = "retention-past";
/// What the log is called.
const LOG: &str = "log";
/// Rules about what others still have to send or to say.
const OUTSTANDING: &[&str] = &[
    "request-unanswered",
    "receipt-missing",
    "deletion-missing",
    "deletion-owed",
];
/// The rules that are a reason to look at a record.
const REASONS: &[&str] = &[
    "share-review-due",
    "permission-review-due",
    "contact-review-due",
    "client-no-rules",
    "unused",
];

words! {
    /// What is reviewed.
    pub enum ReviewKind {
        /// Somebody who may be given something.
        Contact = "contact",
        /// What somebody was given.
        Share = "share",
        /// What a client permits, or was asked to.
        Permission = "permission",
        /// What somebody has lent.
        Received = "received",
        /// Whose credentials are kept.
        Client = "client",
        /// A credential.
        Entry = "entry",
        /// What was done in three months.
        Log = "log",
    }
}

impl ReviewKind {
    /// What is said of one that is kept, behind its name.
    #[must_use]
    pub fn if_kept(self) -> &'static str {
        match self {
            Self::Contact | Self::Share | Self::Permission | Self::Entry => "is still needed",
            Self::Client | Self::Received => "stays as it is",
            Self::Log => "was looked at",
        }
    }
}

/// A record to look at.
#[derive(Clone, Debug)]
pub struct ReviewItem {
    /// The record.
    pub id: Uuid,
    /// What kind of record it is.
    pub kind: ReviewKind,
    /// As commands take it: a path, a name or a number.
    pub name: String,
    /// What it is, where the name does not say that.
    pub about: Option<String>,
    /// Whether it ends by a review: a share that is live.
    pub is_live_share: bool,
    /// Why it is looked at; empty where nothing is due.
    pub why: Vec<Finding>,
}

impl ReviewItem {
    /// As a review calls it.
    #[must_use]
    pub fn called(&self) -> String {
        let kind = match self.kind {
            ReviewKind::Log => return "the log".to_owned(),
            ReviewKind::Received => "received share",
            kind => kind.as_str(),
        };
        let about = self.about.as_ref().map(|about| format!(" ({about})"));
        format!("{kind} {}{}", self.name, about.unwrap_or_default())
    }

    fn has(&self, rule: &str) -> bool {
        self.why.iter().any(|it| it.rule == rule)
    }

    /// Whether an answer fits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub fn check_answer(&self, answer: ReviewAnswer) -> Result<()> {
        let (name, word) = (&self.name, as_word(&self.name));
        let (why, hint) = match (answer, self.kind) {
            (ReviewAnswer::Keep, _) if self.has(RETENTION) => (
                format!("what is {name}'s may not be kept any longer"),
                format!(
                    "give it back, or agree on more: vault client edit {word} --retain-until 1y"
                ),
            ),
            (ReviewAnswer::End, ReviewKind::Share) if !self.is_live_share => (
                format!("share {name} is over"),
                "ask for what is missing, then: --asked".to_owned(),
            ),
            (ReviewAnswer::End, ReviewKind::Log) => (
                "the log goes on".to_owned(),
                "look at it with vault log, then: --keep".to_owned(),
            ),
            _ => return Ok(()),
        };
        Err(Error::refused(why).hint(hint))
    }

    /// The answers that fit.
    #[must_use]
    pub fn answers(&self) -> Vec<ReviewAnswer> {
        let mut all = vec![ReviewAnswer::Keep, ReviewAnswer::End, ReviewAnswer::Asked];
        all.retain(|answer| self.check_answer(*answer).is_ok());
        all
    }

    /// The command that ends it, where a review does not.
    #[must_use]
    pub fn to_end(&self) -> Option<String> {
        let word = as_word(&self.name);
        Some(match self.kind {
            ReviewKind::Share | ReviewKind::Log => return None,
            ReviewKind::Contact => format!("vault contact leave {word}"),
            ReviewKind::Permission if self.has("request-unanswered") => {
                format!("vault consent cancel {word}")
            }
            ReviewKind::Permission => format!("vault consent withdraw {word}"),
            ReviewKind::Received => format!("vault attest {word}"),
            ReviewKind::Client => format!("vault rm {word}/"),
            ReviewKind::Entry => format!("vault rm {word}"),
        })
    }

    /// When it is asked again after an answer at `now`.
    fn next(&self, answer: ReviewAnswer, now: Timestamp) -> Timestamp {
        let is_outstanding = self.why.iter().any(|it| OUTSTANDING.contains(&it.rule));
        let after = match (answer, self.kind) {
            (ReviewAnswer::Asked | ReviewAnswer::End, _) => PATIENCE,
            (ReviewAnswer::Keep, _) if is_outstanding => PATIENCE,
            (ReviewAnswer::Keep, ReviewKind::Contact | ReviewKind::Entry) => YEAR,
            (ReviewAnswer::Keep, _) => QUARTER,
        };
        now + after
    }
}

/// What records are called, and which shares are live.
struct ReviewNames {
    names: RecordNames,
    live: HashSet<Uuid>,
}

impl ReviewNames {
    fn of(vault: &Vault, now: Timestamp) -> Result<Self> {
        let ledger = vault.ledger(now)?.into_iter();
        let live = ledger.filter(|line| line.state.is_live());
        Ok(Self {
            names: RecordNames::of(vault)?,
            live: live.map(|line| line.share.id).collect(),
        })
    }
}

/// An answer as it was filed.
#[derive(Clone, Debug)]
pub struct FiledReview {
    /// The record.
    pub id: Uuid,
    /// When it is asked again; none for a share that has ended by it.
    pub next: Option<Timestamp>,
}

impl Vault {
    /// All that is to be reviewed: people first, then what they have, then what is kept.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn review_items(
        &self,
        events: &[(DeviceId, Event)],
        here: &Zoned,
    ) -> Result<Vec<ReviewItem>> {
        let now = here.timestamp();
        let mut examined = due(self, here)?;
        examined.push(unused(self, &last_uses(events), here)?);
        examined.extend(clients(self));
        let is_reason = |rule: &str| {
            [REASONS, OUTSTANDING, &[RETENTION]]
                .concat()
                .contains(&rule)
        };
        let found = examined.into_iter().filter(|it| is_reason(it.rule));
        let last = self.last_reviews()?;
        let known = ReviewNames::of(self, now)?;
        let mut items: HashMap<Uuid, ReviewItem> = HashMap::new();
        for found in found.flat_map(|it| it.findings) {
            let Some(id) = found.about.filter(|id| !rests(last.get(id), &found, now)) else {
                continue;
            };
            if let Some(item) = items.get_mut(&id) {
                item.why.push(found);
            } else if let Some(mut item) = self.review_item(id, &known)? {
                item.why.push(found);
                items.insert(id, item);
            }
        }
        let mut items: Vec<ReviewItem> = items.into_values().collect();
        items.extend(self.log_to_review(events, &last, here)?);
        items.sort_by(|a, b| (a.kind as u8, &a.name).cmp(&(b.kind as u8, &b.name)));
        Ok(items)
    }

    /// The log, where nobody has looked at it for three months.
    fn log_to_review(
        &self,
        events: &[(DeviceId, Event)],
        last: &HashMap<Uuid, &Reviewed>,
        here: &Zoned,
    ) -> Result<Option<ReviewItem>> {
        let (now, id) = (here.timestamp(), self.vault_id);
        let first = events.iter().map(|(_, event)| event.time).min();
        let since = self.last_kept()?.get(&id).copied().or(first);
        let Some(since) = since.filter(|since| *since + QUARTER <= now) else {
            return Ok(None);
        };
        let found = Finding {
            rule: "log-review-due",
            level: Level::Low,
            subject: LOG.to_owned(),
            about: Some(id),
            since: None,
            message: unusual(events, since, here.time_zone()).join("; "),
            fix: Some("vault log".to_owned()),
        };
        Ok((!rests(last.get(&id), &found, now)).then(|| ReviewItem {
            id,
            kind: ReviewKind::Log,
            name: LOG.to_owned(),
            about: None,
            is_live_share: false,
            why: vec![found],
        }))
    }

    /// What is meant by a word: what is due and called so, or any entry, client, contact, share or
    /// permission, due or not.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] where there is none; [`crate::error::Kind::Usage`] where
    /// several are due that are called so.
    pub fn meant_to_review(
        &self,
        word: &str,
        due: &[ReviewItem],
        now: Timestamp,
    ) -> Result<ReviewItem> {
        let id = word.parse::<RecordId>().ok();
        let is_it = |item: &&ReviewItem| {
            item.name == word || id.as_ref().is_some_and(|it| it.is_start_of(item.id))
        };
        let called: Vec<&ReviewItem> = due.iter().filter(is_it).collect();
        match called.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let all = several.iter().map(|it| format!("{} {}", it.kind, it.id));
                let all = all.collect::<Vec<_>>().join(", ");
                return Err(Error::usage(format!("'{word}' stands for several: {all}"))
                    .hint("give the id of one of them"));
            }
        }
        let found = self.reviewable(word, id.as_ref())?;
        let item = self.review_item(found, &ReviewNames::of(self, now)?)?;
        item.ok_or_else(|| nothing_called(word))
    }

    /// The record that a word names, whatever is due.
    fn reviewable(&self, word: &str, id: Option<&RecordId>) -> Result<Uuid> {
        if word.contains('/') {
            let path = word.parse().map_err(|_| nothing_called(word))?;
            return Ok(self.entry(&path)?.id);
        }
        if let Some(client) = self.client(word) {
            return Ok(client.id);
        }
        if let Some(contact) = (self.live_contacts()?.iter()).find(|it| it.name() == word) {
            return Ok(contact.id);
        }
        let id = id.ok_or_else(|| nothing_called(word))?;
        let ids = [
            self.shares.ids()?,
            self.consents.ids()?,
            self.received.ids()?,
        ];
        let mut all = ids.iter().flatten().filter(|it| id.is_start_of(**it));
        match (all.next(), all.next()) {
            (Some(one), None) => Ok(*one),
            (Some(_), Some(_)) => Err(Error::usage(format!("'{word}' stands for several"))
                .hint("give more of the number")),
            (None, _) => Err(nothing_called(word)),
        }
    }

    /// A record as a review shows it, if it is one that is reviewed.
    fn review_item(&self, id: Uuid, known: &ReviewNames) -> Result<Option<ReviewItem>> {
        let names = &known.names;
        let new = |kind, name: &str, about: Option<String>| ReviewItem {
            id,
            kind,
            name: name.to_owned(),
            about,
            is_live_share: false,
            why: Vec::new(),
        };
        if let Some(share) = self.shares.find(id)? {
            let paths: Vec<String> = share.items.iter().map(|it| names.shared(it)).collect();
            let contact = self.contact_name(share.recipient.contact)?;
            let about = format!("{} to {contact}", paths.join(", "));
            let mut item = new(ReviewKind::Share, &number(id), Some(about));
            item.is_live_share = known.live.contains(&id);
            return Ok(Some(item));
        }
        if let Some(consent) = self.consents.find(id)? {
            let client = names.get(consent.client);
            let contacts = self.contact_names(&consent.contacts())?.join(", ");
            let about = format!("of {client}, for {contacts}");
            return Ok(Some(new(ReviewKind::Permission, &number(id), Some(about))));
        }
        if let Some(received) = self.received.find(id)? {
            let lender = received.contact.map(|it| self.contact_name(it));
            let about = lender.transpose()?.map(|it| format!("of {it}"));
            return Ok(Some(new(ReviewKind::Received, &number(id), about)));
        }
        if let Some(contact) = self.contacts.find(id)? {
            let about = contact.full_name.value().cloned();
            return Ok(Some(new(ReviewKind::Contact, contact.name(), about)));
        }
        if let Some(client) = self.live_clients().find(|it| it.id == id) {
            let about = Some(client.called().to_owned()).filter(|it| it != client.slug());
            return Ok(Some(new(ReviewKind::Client, client.slug(), about)));
        }
        let entry = self.entries.find(id)?.filter(|it| !it.is_removed());
        Ok(entry.map(|it| new(ReviewKind::Entry, &names.get(it.id), None)))
    }

    /// Files an answer. A share that is not needed any more ends by it; of all else it is noted.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] for an answer that does not fit.
    pub fn answer_review(
        &mut self,
        item: &ReviewItem,
        answer: ReviewAnswer,
        note: Option<String>,
        author: &Author<'_>,
    ) -> Result<FiledReview> {
        item.check_answer(answer)?;
        if let Some(note) = &note {
            check_text("--note", note, FIELD_BYTES)?;
        }
        let ends = answer == ReviewAnswer::End && item.kind == ReviewKind::Share;
        if ends {
            self.revoke_share(item.id, note.clone(), author)?;
        }
        self.change(author, "review", |edit| {
            if item.kind == ReviewKind::Log {
                edit.event.note("what", LOG);
            } else {
                edit.event.subject.push(item.id);
                edit.event.note("answer", answer.as_str());
            }
            let now = author.now;
            if answer == ReviewAnswer::Keep && item.kind == ReviewKind::Contact {
                let contact = edit.vault.contacts.by_id_mut(item.id)?;
                contact.review_by.set(edit.stamp, Some(now + YEAR));
            }
            let next = item.next(answer, now);
            let mut review = Reviewed::with(
                (author.new_id)(),
                now,
                item.id,
                item.kind.to_string(),
                item.called(),
                answer.to_string(),
                next,
            );
            review.rules = item.why.iter().map(|it| it.rule.to_owned()).collect();
            review.note = note;
            edit.vault.reviews.add(review);
            Ok(FiledReview {
                id: item.id,
                next: (!ends).then_some(next),
            })
        })
    }
}

/// Whether a finding was answered, and its next day has not come.
fn rests(last: Option<&&Reviewed>, found: &Finding, now: Timestamp) -> bool {
    last.is_some_and(|it| now < it.next && it.rules.iter().any(|rule| rule == found.rule))
}

fn nothing_called(word: &str) -> Error {
    Error::not_found(format!("nothing to review is called '{word}'"))
        .hint("what is due, each with its name: vault review --list")
}

#[cfg(test)]
mod tests;
