//! What a review asks: of each record for which there is a reason to look at it, whether it is still
//! needed. What was answered rests until its next day, and goes into the log.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use super::audit::last_uses;
use super::audit::parties::clients;
use super::audit::upkeep::unused;
use super::due::due;
use super::finding::{Finding, Level};
use super::review_answers::{ReviewAnswer, ReviewAnswers};
use super::review_due::{QUARTER, YEAR};
use super::review_item::{OUTSTANDING, RETENTION, ReviewItem, ReviewKind};
use super::unusual::unusual;
use crate::error::{Error, Result};
use crate::model::entry::record_names::RecordNames;
use crate::model::records::cell::DeviceId;
use crate::model::records::consent::ConsentState;
use crate::model::records::event::Event;
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::review::Reviewed;
use crate::model::records::stamping::Author;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// What the log is called.
const LOG: &str = "log";
/// The rules that are a reason to look at a record.
const REASONS: &[&str] = &[
    "share-review-due",
    "permission-review-due",
    "contact-review-due",
    "client-no-rules",
    "unused",
];

/// What records are called, and which of what is given, permitted and lent is over.
struct ReviewNames {
    names: RecordNames,
    over: HashSet<Uuid>,
}

impl ReviewNames {
    fn of(vault: &Vault, now: Timestamp) -> Result<Self> {
        let ledger = vault.ledger(now)?.into_iter();
        let shares = ledger.filter(|line| !line.state.is_live());
        let mut over: HashSet<Uuid> = shares.map(|line| line.share.id).collect();
        for consent in vault.all_consents()? {
            let state = vault.consent_state(consent, now)?;
            if !matches!(state, ConsentState::Given | ConsentState::Requested) {
                over.insert(consent.id);
            }
        }
        for received in vault.received.all()? {
            if !vault.received_state(received, now)?.is_live() {
                over.insert(received.id);
            }
        }
        Ok(Self {
            names: RecordNames::of(vault)?,
            over,
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
        examined.push(unused(self, &self.live()?, &last_uses(events), here)?);
        examined.extend(clients(self));
        let is_reason = |rule: &str| {
            REASONS.contains(&rule) || OUTSTANDING.contains(&rule) || rule == RETENTION
        };
        let found = examined.into_iter().filter(|it| is_reason(it.rule));
        let answers = self.review_answers()?;
        let known = ReviewNames::of(self, now)?;
        let mut items: HashMap<Uuid, ReviewItem> = HashMap::new();
        for found in found.flat_map(|it| it.findings) {
            let Some(id) = found.about.filter(|id| !answers.rests(*id, &found, now)) else {
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
        items.extend(self.log_to_review(events, &answers, here));
        items.sort_by(|a, b| (a.kind as u8, &a.name).cmp(&(b.kind as u8, &b.name)));
        Ok(items)
    }

    /// The log, where nobody has looked at it for three months.
    fn log_to_review(
        &self,
        events: &[(DeviceId, Event)],
        answers: &ReviewAnswers<'_>,
        here: &Zoned,
    ) -> Option<ReviewItem> {
        let (now, id) = (here.timestamp(), self.vault_id);
        let first = events.iter().map(|(_, event)| event.time).min();
        let since = answers.last_kept(id).or(first);
        let since = since.filter(|since| *since + QUARTER <= now)?;
        let found = Finding {
            rule: "log-review-due",
            level: Level::Low,
            subject: LOG.to_owned(),
            about: Some(id),
            since: None,
            message: unusual(events, since, here.time_zone()).join("; "),
            fix: Some("vault log".to_owned()),
        };
        (!answers.rests(id, &found, now)).then(|| ReviewItem {
            id,
            kind: ReviewKind::Log,
            name: LOG.to_owned(),
            about: None,
            is_over: false,
            why: vec![found],
        })
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
        // All that is a client's, as other commands write it.
        let slug = word.strip_suffix('/');
        let word = slug.filter(|it| self.client(it).is_some()).unwrap_or(word);
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
            is_over: known.over.contains(&id),
            why: Vec::new(),
        };
        if let Some(share) = self.shares.find(id)? {
            let paths: Vec<String> = share.items.iter().map(|it| names.shared(it)).collect();
            let contact = self.contact_name(share.recipient.contact)?;
            let about = format!("{} to {contact}", paths.join(", "));
            return Ok(Some(new(ReviewKind::Share, &number(id), Some(about))));
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
        let mut rules: Vec<String> = item.why.iter().map(|it| it.rule.to_owned()).collect();
        if rules.is_empty() {
            rules = self.review_answers()?.resting(item.id, author.now);
        }
        if let Some(note) = &note {
            check_text("--note", note, FIELD_BYTES)?;
        }
        let owner = self.owners()?.get(&item.id).copied();
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
            review.rules = rules;
            review.client = owner;
            review.note = note;
            edit.vault.reviews.add(review);
            Ok(FiledReview {
                id: item.id,
                next: (!ends).then_some(next),
            })
        })
    }
}

fn nothing_called(word: &str) -> Error {
    Error::not_found(format!("nothing to review is called '{word}'"))
        .hint("what is due, each with its name: vault review --list")
}

#[cfg(test)]
mod tests;
