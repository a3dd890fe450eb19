//! One record as a review shows it: what it is, the answers that fit, and what each comes to.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::finding::Finding;
use super::review_answers::ReviewAnswer;
use super::review_due::{QUARTER, YEAR};
use crate::error::{Error, Result};
use crate::model::text::quote::as_word;
use crate::model::text::words::words;

/// Until what was asked for, or is to be ended by hand, is looked at again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24 * 14);
/// What data is kept for past its time cannot be decided here.
pub(super) const RETENTION: &str = "retention-past";
/// Rules about what others still have to send or to say.
pub(super) const OUTSTANDING: &[&str] = &[
    "request-unanswered",
    "receipt-missing",
    "deletion-missing",
    "deletion-owed",
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
    /// Whether it is a share, a permission or a loan that has ended: nobody can need it any more.
    pub is_over: bool,
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
            (ReviewAnswer::Keep, ReviewKind::Received) if self.is_over => (
                format!("received share {name} is over"),
                format!("delete what came with it: vault attest {word}"),
            ),
            (
                ReviewAnswer::Keep | ReviewAnswer::End,
                kind @ (ReviewKind::Share | ReviewKind::Permission),
            ) if self.is_over => (format!("{kind} {name} is over"), self.left_to_do()),
            (ReviewAnswer::End, ReviewKind::Log) => (
                "the log goes on".to_owned(),
                "look at it with vault log, then: --keep".to_owned(),
            ),
            _ => return Ok(()),
        };
        Err(Error::refused(why).hint(hint))
    }

    /// What is left to do of what is over.
    fn left_to_do(&self) -> String {
        if self.kind == ReviewKind::Permission {
            return "to ask for it anew: vault consent request CLIENT".to_owned();
        }
        let id = as_word(&self.name);
        format!(
            "what is left of it: vault shares show {id}; once you have asked for what is missing: \
             vault review {id} --asked"
        )
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
            ReviewKind::Client => {
                format!("vault share {word}/ --to-client, then: vault rm {word}/")
            }
            ReviewKind::Entry => format!("vault rm {word}"),
        })
    }

    /// When it is asked again after an answer at `now`.
    pub(super) fn next(&self, answer: ReviewAnswer, now: Timestamp) -> Timestamp {
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
