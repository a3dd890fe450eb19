//! Asking somebody without software for credentials: a key for their answer, and what becomes of that.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::change::Edit;
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryField;
use crate::model::records::ask::{AskEnd, AskOutcome, OneTimeAsk};
use crate::model::records::cell::Stamp;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::record_id::number;
use crate::model::records::slot::Slot;
use crate::model::records::stamping::Author;
use crate::model::rotation::pending::{NewSecretTo, Replacement, VersionRef};
use crate::model::text::lang::Lang;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// What is asked for, and the key that was made for it.
#[derive(Clone, Debug)]
pub struct NewAsk {
    /// The id that its number is the start of.
    pub id: Uuid,
    /// Where the answer goes.
    pub path: EntryPath,
    /// What for.
    pub purpose: String,
    /// The parts that are asked for, by their names on the page.
    pub need: Vec<String>,
    /// The public half of the key, `age1…`.
    pub recipient: String,
    /// The key, `AGE-SECRET-KEY-1…`.
    pub key: Secret,
    /// Until when an answer is asked for.
    pub until: Timestamp,
    /// The language of the page; none where it was made as text.
    pub lang: Option<Lang>,
}

/// What an answer brought, and how it came.
#[derive(Clone, Debug, Default)]
pub struct GivenAnswer {
    /// What it holds for the entry.
    pub changes: Changes,
    /// Who the mail says that it is from.
    pub from: Option<String>,
}

/// How an answer was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKept {
    /// As a new entry.
    Added {
        /// Whether its client is new, too.
        client_is_new: bool,
    },
    /// Beside what an entry had.
    Beside,
    /// There was nothing to keep: the entry has it, or has something else in its place.
    Nothing,
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenAnswer {
    /// Where it went.
    pub path: EntryPath,
    /// How it was kept.
    pub kept: AnswerKept,
    /// The version that waits to be confirmed: the entry had another secret.
    pub pending: Option<VersionRef>,
    /// Whether the entry had just this secret already.
    pub had_secret: bool,
    /// What was given and is not taken, because the entry has something else: the field, the text.
    pub others: Vec<(String, String)>,
    /// Hidden fields that have another text, which stays, each with the field that the new one is in.
    pub beside: Vec<(String, String)>,
}

impl Vault {
    /// Keeps what somebody is asked for, and makes the client if that is new.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a purpose past its limit.
    pub fn open_ask(&mut self, new: NewAsk, author: &Author<'_>) -> Result<Uuid> {
        check_purpose(&new.purpose)?;
        let entry = self.entry(&new.path).ok().map(|entry| entry.id);
        self.change(author, "ask", |edit| {
            let (client, _) = edit.client_for(new.path.client());
            let mut ask = OneTimeAsk::with(
                edit.event.about(new.id),
                client,
                new.path.name().to_owned(),
                new.purpose,
                new.need,
                new.recipient,
                author.now,
                new.until,
            );
            ask.key.set(edit.stamp, Some(new.key.into()));
            ask.lang = new.lang.map(|lang| lang.as_str().to_owned());
            ask.entry = entry;
            edit.event.note("phase", "asked");
            edit.event.about(client);
            edit.vault.asks.add(ask);
            Ok(new.id)
        })
    }

    /// Those whose key opens an answer, or a correction of one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn asks_with_key(&self, now: Timestamp) -> Result<Vec<&OneTimeAsk>> {
        let mut with_key = self.asks.all()?;
        with_key.retain(|ask| ask.key_at(now).is_some());
        Ok(with_key)
    }

    /// Wipes the keys that open no answer any more: of requests that were answered, once the day is
    /// over until which they were waited for, or what came of them is gone for good. What is malformed
    /// is left as it is.
    pub(crate) fn wipe_spent_keys(&mut self, now: Timestamp, stamp: Stamp) {
        let asks = self.asks.all().unwrap_or_default().into_iter();
        let spent: Vec<Uuid> = asks
            .filter(|ask| {
                let is_gone =
                    |end: &AskEnd| end.entry.is_some_and(|id| self.tombstones.contains(&id));
                let is_spent = ask.key_at(now).is_none() || ask.ends.iter().any(is_gone);
                ask.key.value().is_some() && is_spent
            })
            .map(|ask| ask.id)
            .collect();
        for id in spent {
            if let Ok(ask) = self.asks.by_id_mut(id) {
                ask.key.set(stamp, None);
            }
        }
    }

    /// Where the answer to a request goes: the entry may have moved since.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] where its client is not there any more.
    pub fn path_of_ask(&self, ask: &OneTimeAsk) -> Result<EntryPath> {
        let named = match ask.its_entry() {
            Some(id) => self.entries_by_path(|entry| entry.id == id && !entry.is_removed())?,
            None => Vec::new(),
        };
        let path = if let Some((path, _)) = named.into_iter().next() {
            path
        } else {
            let clients = self.slugs();
            let slug = clients.get(&ask.client).copied().unwrap_or_default();
            format!("{slug}/{}", ask.name)
        };
        path.parse().map_err(|_| {
            Error::integrity(format!(
                "request {} is for no valid path: {path}",
                number(ask.id)
            ))
        })
    }

    /// Gives a request up: its key is wiped, and no answer to it and no correction of one opens any
    /// more. Returns whether it had a key.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn close_ask(&mut self, id: Uuid, author: &Author<'_>) -> Result<bool> {
        if self.asks.by_id(id)?.key_at(author.now).is_none() {
            return Ok(false);
        }
        self.change(author, "ask", |edit| {
            edit.end_ask(id, AskOutcome::Closed, |_| {})?;
            Ok(true)
        })
    }

    /// Refuses an answer to what is over.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], [`crate::error::Kind::Refused`].
    pub fn check_ask_opens(&self, id: Uuid, now: Timestamp) -> Result<&OneTimeAsk> {
        let ask = self.asks.by_id(id)?;
        if ask.key_at(now).is_some() {
            return Ok(ask);
        }
        let how = ask.end().map_or("closed", |end| &end.outcome);
        Err(Error::refused(format!(
            "request {} is {how}, and its key is gone",
            number(id)
        ))
        .hint("ask once more: vault ask CLIENT/NAME --for PURPOSE --out FILE"))
    }

    /// Takes an answer in, or a correction of one. An entry that is there keeps all that it has: a new
    /// secret waits beside its own to be confirmed.
    ///
    /// # Errors
    /// As [`Self::check_ask_opens`]; [`crate::error::Kind::Conflict`] while a rotation of the entry is
    /// pending; [`crate::error::Kind::Usage`] past a limit.
    pub fn take_answer(
        &mut self,
        id: Uuid,
        answer: GivenAnswer,
        author: &Author<'_>,
    ) -> Result<TakenAnswer> {
        let ask = self.check_ask_opens(id, author.now)?;
        let (path, was_open) = (self.path_of_ask(ask)?, ask.is_open());
        let taken = self.keep_given(path, answer.changes, author)?;
        if taken.kept == AnswerKept::Nothing && !was_open {
            return Ok(taken);
        }
        let entry = self.entry(&taken.path)?.id;
        self.change(author, "ask", |edit| {
            edit.end_ask(id, AskOutcome::Answered, |end| {
                end.entry = Some(entry);
                end.from = answer.from;
            })?;
            edit.event.about(entry);
            Ok(taken)
        })
    }

    /// Keeps what somebody has given: as a new entry, or beside what an entry has, which stays until the
    /// new secret is confirmed.
    ///
    /// # Errors
    /// As [`Self::take_answer`].
    pub fn keep_given(
        &mut self,
        path: EntryPath,
        changes: Changes,
        author: &Author<'_>,
    ) -> Result<TakenAnswer> {
        changes.check()?;
        if self.entry(&path).is_ok() {
            return self.answer_beside(path, changes, author);
        }
        let added = self.add(&path, changes, author)?;
        Ok(TakenAnswer {
            kept: AnswerKept::Added {
                client_is_new: added.client_is_new,
            },
            ..TakenAnswer::of(path)
        })
    }

    /// What an answer has comes to an entry that is there. What that has of its own stays: nobody knows
    /// whether the answer is from whom it says.
    fn answer_beside(
        &mut self,
        path: EntryPath,
        mut changes: Changes,
        author: &Author<'_>,
    ) -> Result<TakenAnswer> {
        let mut taken = TakenAnswer::of(path);
        let entry = self.entry(&taken.path)?;
        leave_texts(entry, &mut changes, &mut taken);
        let secrets = std::mem::take(&mut changes.secrets);
        let (own, more): (Vec<_>, Vec<_>) = secrets
            .into_iter()
            .partition(|(slot, _)| *slot == Slot::Secret);
        for (slot, new) in more {
            let named = free_slot(entry, &slot, &new)?;
            let Some(free) = named else { continue };
            if free != slot {
                let moved = (slot.as_str().to_owned(), free.as_str().to_owned());
                taken.beside.push(moved);
            }
            changes.secrets.push((free, new));
        }
        let has = entry.current(Slot::Secret.as_str()).map(Version::secret);
        let new = own.into_iter().map(|(_, new)| new).next();
        taken.had_secret = new
            .as_ref()
            .is_some_and(|new| has.is_some_and(|has| Slot::Secret.is_same(has, new)));
        let (new, first) = match new {
            Some(_) if taken.had_secret => (None, None),
            new if has.is_some() => (new, None),
            new => (None, new),
        };
        changes.secrets.extend(first.map(|new| (Slot::Secret, new)));
        if new.is_none() && self.edit_changes_nothing(&taken.path, &changes)? {
            taken.kept = AnswerKept::Nothing;
        }
        if !changes.is_empty() {
            self.edit(&taken.path, changes, author)?;
        }
        if let Some(secret) = new {
            let new = Replacement {
                secret,
                reason: None,
                again: true,
                to: NewSecretTo::Nobody,
            };
            taken.pending = Some(self.begin_rotation(&taken.path, new, author)?);
        }
        Ok(taken)
    }
}

/// Takes out of `changes` what the entry has, and what it has otherwise, which is told.
fn leave_texts(entry: &Entry, changes: &mut Changes, taken: &mut TakenAnswer) {
    let values = &mut changes.values;
    if let Some(has) = entry.username.value()
        && let Some(given) = values.username.take()
        && given != *has
    {
        taken
            .others
            .push((EntryField::Username.row().option.to_owned(), given));
    }
    if !entry.urls.items().is_empty() {
        let given = std::mem::take(&mut values.urls).into_iter();
        let others = given.filter(|url| !entry.urls.items().contains(url));
        taken
            .others
            .extend(others.map(|url| (EntryField::Urls.row().option.to_owned(), url)));
    }
    let fields = std::mem::take(&mut changes.fields);
    for (name, given) in fields {
        let mut had = entry
            .visible_fields()
            .filter(|(had, _)| *had == name.as_str());
        match had.next() {
            Some((_, text)) if text == given => {}
            Some(_) => taken.others.push((name.to_string(), given)),
            None => changes.fields.push((name, given)),
        }
    }
}

/// Where a hidden text goes: its own field where that is empty, else the first beside it that is; none
/// where one of them has just that text.
fn free_slot(entry: &Entry, slot: &Slot, new: &Secret) -> Result<Option<Slot>> {
    let mut number = 1;
    let mut free = slot.clone();
    while let Some(has) = entry.current(free.as_str()) {
        if slot.is_same(has.secret(), new) {
            return Ok(None);
        }
        number += 1;
        let name = format!("{}-{number}", slot.as_str());
        free = Slot::Field(name.parse().map_err(Error::usage)?);
    }
    Ok(Some(free))
}

impl TakenAnswer {
    /// Whether the entry had all of it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.kept == AnswerKept::Nothing && self.others.is_empty()
    }

    fn of(path: EntryPath) -> Self {
        Self {
            path,
            kept: AnswerKept::Beside,
            pending: None,
            had_secret: false,
            others: Vec::new(),
            beside: Vec::new(),
        }
    }
}

impl Edit<'_> {
    /// An end of a request; `detail` says more of it.
    fn end_ask(
        &mut self,
        id: Uuid,
        outcome: AskOutcome,
        detail: impl FnOnce(&mut AskEnd),
    ) -> Result<()> {
        let mut end = AskEnd::with(
            (self.author.new_id)(),
            self.author.now,
            outcome.as_str().to_owned(),
        );
        detail(&mut end);
        let ask = self.vault.asks.by_id_mut(self.event.about(id))?;
        ask.ends.push(end);
        self.event.note("phase", outcome.as_str());
        Ok(())
    }
}

/// Holds what a request is for against its limit.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_purpose(purpose: &str) -> Result<()> {
    check_text("--for", purpose, FIELD_BYTES)
}

#[cfg(test)]
mod tests;
