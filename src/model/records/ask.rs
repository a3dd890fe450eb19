//! What somebody without software was asked for: a page or a key made for the answer.

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::record::record;
use super::slot::StoredSecret;
use crate::model::text::secret::Secret;
use crate::model::text::words::words;

words! {
    /// How a request for credentials came to its end.
    pub enum AskOutcome {
        /// What came back was taken in.
        Answered = "answered",
        /// It was given up.
        Closed = "closed",
    }
}

record! {
    /// A request for credentials. Its key opens the answer and, up to the day until which it was
    /// waited for, corrections of that. It is wiped then or when the request is closed, and never comes
    /// back to life, whatever copy of the vault comes by.
    pub struct OneTimeAsk as "request for credentials" of "vault ask list" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// Whose credentials they are.
            client: Uuid,
            /// What the entry is to be called, below its client.
            name: String,
            /// What for.
            purpose: String,
            /// The parts that are asked for, by their names on the page.
            need: Vec<String>,
            /// The public half of its key, `age1…`.
            recipient: String,
            /// When it was made.
            created: Timestamp,
            /// Until when an answer is asked for.
            until: Timestamp,
        }
        optional {
            /// The key, `AGE-SECRET-KEY-1…`; none once it is wiped.
            key: Cell<Option<StoredSecret>>,
            /// The entry, where there was one when it was made.
            entry: Option<Uuid>,
            /// The language of the page; none where it was made as text.
            lang: Option<String>,
            /// How it ended: each answer that was taken in, and that it was closed.
            ends: Vec<AskEnd>,
        }
    }
}

record! {
    /// An end of a request for credentials.
    pub struct AskEnd by time {
        required {
            /// The record's id.
            id: Uuid,
            /// When.
            time: Timestamp,
            /// How, see [`AskOutcome`].
            outcome: String,
        }
        optional {
            /// The entry that the answer went to.
            entry: Option<Uuid>,
            /// Who the mail with the answer said that it was from.
            from: Option<String>,
        }
    }
}

impl OneTimeAsk {
    /// Its first end.
    #[must_use]
    pub fn end(&self) -> Option<&AskEnd> {
        self.ends.first()
    }

    /// Its key, while that opens an answer or a correction of one.
    #[must_use]
    pub fn key_at(&self, now: Timestamp) -> Option<&Secret> {
        let is_of_use = self.is_open() || self.takes_correction(now);
        let key = self.key.value().filter(|_| is_of_use);
        key.map(|key| &**key)
    }

    /// Whether it waits for its answer.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ends.is_empty() && self.key.value().is_some()
    }

    /// Whether it was answered, and its key opens a correction.
    #[must_use]
    pub fn takes_correction(&self, now: Timestamp) -> bool {
        let is_answered =
            !self.ends.is_empty() && (self.ends.iter()).all(|end| end.is(AskOutcome::Answered));
        is_answered && self.key.value().is_some() && now < self.until
    }

    /// The entry that it is for: where its answer went, else the one that was there.
    #[must_use]
    pub fn its_entry(&self) -> Option<Uuid> {
        let answered = self.ends.iter().find_map(|end| end.entry);
        answered.or(self.entry)
    }
}

impl AskEnd {
    /// Whether it was that.
    #[must_use]
    pub fn is(&self, outcome: AskOutcome) -> bool {
        self.outcome == outcome.as_str()
    }
}
