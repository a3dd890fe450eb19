//! What the answers of reviews come to: which findings rest, and when something was last needed.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::finding::Finding;
use crate::error::Result;
use crate::model::records::review::Reviewed;
use crate::model::text::words::words;
use crate::model::vault::Vault;

words! {
    /// What is answered when it is asked whether something is still needed.
    pub enum ReviewAnswer {
        /// It is, as it is.
        Keep = "keep",
        /// It is not.
        End = "end",
        /// Somebody else was asked, or for what is missing.
        Asked = "asked",
    }
}

/// The rules that ask whether something is still needed, which an answer of any day answers.
const STILL_NEEDED: &[&str] = &[
    "share-review-due",
    "permission-review-due",
    "contact-review-due",
    "unused",
    "log-review-due",
];

/// All answers, the latest first, by what they are about.
pub(crate) struct ReviewAnswers<'a>(HashMap<Uuid, Vec<&'a Reviewed>>);

impl Vault {
    /// The answers about each record that was reviewed. Of devices that have answered apart, the
    /// later counts.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn review_answers(&self) -> Result<ReviewAnswers<'_>> {
        let mut all: HashMap<Uuid, Vec<&Reviewed>> = HashMap::new();
        for review in self.reviews.all()? {
            all.entry(review.subject).or_default().push(review);
        }
        for answers in all.values_mut() {
            answers.sort_by_key(|it| std::cmp::Reverse((it.created, it.id)));
        }
        Ok(ReviewAnswers(all))
    }
}

impl ReviewAnswers<'_> {
    fn about(&self, id: Uuid) -> &[&Reviewed] {
        self.0.get(&id).map_or(&[], Vec::as_slice)
    }

    /// When somebody last said of a record that it is still needed.
    pub(super) fn last_kept(&self, id: Uuid) -> Option<Timestamp> {
        let mut answers = self.about(id).iter();
        let kept = answers.find(|it| it.answer == ReviewAnswer::Keep.as_str());
        kept.map(|it| it.created)
    }

    /// When it is asked again whether a record is needed, of which that was last decided at `since`:
    /// on its `day`, or sooner where somebody was asked meanwhile and is to have answered.
    pub(super) fn due(&self, id: Uuid, since: Timestamp, day: Timestamp) -> Timestamp {
        let later = self.about(id).iter().filter(|it| it.created > since);
        let asked = later.filter(|it| it.rules.is_empty()).map(|it| it.next);
        asked.max().map_or(day, |asked| asked.min(day))
    }

    /// Whether a finding was answered, and its next day has not come.
    pub(super) fn rests(&self, id: Uuid, found: &Finding, now: Timestamp) -> bool {
        let mut answers = self.about(id).iter();
        let last = answers.find(|it| answers_rule(it, found.rule));
        last.is_some_and(|it| now < it.next)
    }

    /// The rules whose findings were answered, and whose next day has not come: what an answer is
    /// about while nothing is due.
    pub(super) fn resting(&self, id: Uuid, now: Timestamp) -> Vec<String> {
        let rest = self.about(id).iter().filter(|it| now < it.next);
        let rules = rest.flat_map(|it| it.rules.iter().cloned());
        rules.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Whether an answer is about what a rule finds; one of a day on which nothing was due is about
/// whether it is needed.
fn answers_rule(review: &Reviewed, rule: &str) -> bool {
    if review.rules.is_empty() {
        return STILL_NEEDED.contains(&rule);
    }
    review.rules.iter().any(|it| it == rule)
}
