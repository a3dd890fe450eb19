//! Findings that somebody accepted for a while: they are told apart, and fail nothing.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::findings::finding::Finding;
use crate::model::findings::rule::Examined;
use crate::model::records::acceptance::Acceptance;
use crate::model::records::record_id::short;
use crate::model::records::stamping::Author;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// How long a finding can be accepted at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);
/// The fewest digits of an id that name the subject of a finding.
const FEWEST_DIGITS: usize = 4;

/// The finding of a rule that is about `subject`: a path, a name or number, or the start of an id.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] if there is none.
pub fn find<'a>(findings: &'a [Finding], rule: &str, subject: &str) -> Result<&'a Finding> {
    let digits = subject.replace('-', "").to_ascii_lowercase();
    let is_it = |found: &&Finding| {
        let id = found.about.map(|id| id.as_simple().to_string());
        let has_start = id.is_some_and(|id| id.starts_with(&digits));
        found.rule == rule
            && (found.subject == subject || digits.len() >= FEWEST_DIGITS && has_start)
    };
    if let Some(found) = findings.iter().find(is_it) {
        return Ok(found);
    }
    // The line that is shown may name a path where the subject is a share's number.
    let is_told = |found: &&Finding| {
        let mut words = found.message.split([' ', ',', ':']);
        found.rule == rule && words.any(|word| word == subject)
    };
    let told: Vec<&Finding> = findings.iter().filter(is_told).collect();
    if let [one, other, ..] = told.as_slice() {
        return Err(Error::usage(format!(
            "{rule} is found for '{subject}' more than once: {} and {}",
            one.subject, other.subject
        ))
        .hint(format!(
            "name one: vault audit accept {rule} {}",
            as_word(&one.subject)
        )));
    }
    told.first().copied().ok_or_else(|| {
        Error::not_found(format!("audit finds no {rule} for '{subject}'"))
            .hint("for what it finds, each with its rule and its subject: vault audit")
    })
}

impl Vault {
    /// Whether a finding is accepted at `now`; by which acceptance.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn acceptance(&self, found: &Finding, now: Timestamp) -> Result<Option<&Acceptance>> {
        let Some(about) = found.about else {
            return Ok(None);
        };
        let mut all = self.accepted.all()?.into_iter().rev();
        let knew = |it: &Acceptance| found.since.is_none_or(|since| since <= it.created);
        let is_it = |it: &Acceptance| it.rule == found.rule && it.subject == about && knew(it);
        Ok(all.find(|it| is_it(it) && it.is_live(now)))
    }

    /// Takes what is accepted out of what rules have found, each with what accepts it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn take_accepted(
        &self,
        examined: &mut [Examined],
        now: Timestamp,
    ) -> Result<Vec<(Finding, &Acceptance)>> {
        let mut accepted = Vec::new();
        for rule in examined {
            for found in std::mem::take(&mut rule.findings) {
                match self.acceptance(&found, now)? {
                    Some(by) => accepted.push((found, by)),
                    None => rule.findings.push(found),
                }
            }
        }
        Ok(accepted)
    }

    /// Accepts a finding until a time.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a time that is past or more than a year away, or for a
    /// finding about no record.
    pub fn accept(
        &mut self,
        found: &Finding,
        until: Timestamp,
        reason: String,
        author: &Author<'_>,
    ) -> Result<()> {
        let now = author.now;
        if until <= now || until > now + LONGEST {
            return Err(Error::usage("a finding is accepted for a year at most")
                .hint("--until is a date within a year, or a duration such as 90d"));
        }
        let about = found
            .about
            .ok_or_else(|| Error::usage(format!("{} is not accepted here", found.rule)))?;
        self.change_surely(author, "accept", |edit| {
            edit.event.note("rule", found.rule);
            edit.event.about(about);
            let id = (author.new_id)();
            let rule = found.rule.to_owned();
            edit.vault
                .accepted
                .add(Acceptance::with(id, now, rule, about, until, reason));
        });
        Ok(())
    }

    /// Takes back whatever accepts the findings of a rule about a subject.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] if nothing does.
    pub fn end_acceptance(&mut self, rule: &str, about: Uuid, author: &Author<'_>) -> Result<()> {
        self.change(author, "accept", |edit| {
            let mut any = false;
            for it in edit.vault.accepted.iter_mut() {
                let it = it.get_mut()?;
                if it.rule == rule && it.subject == about && it.is_live(author.now) {
                    it.ended.set(edit.stamp, Some(author.now));
                    any = true;
                }
            }
            edit.event.about(about);
            edit.event.note("rule", rule).note("phase", "ended");
            if any {
                return Ok(());
            }
            Err(
                Error::not_found(format!("no {rule} of {} is accepted", short(about)))
                    .hint("for what is accepted: vault audit --accepted"),
            )
        })
    }
}
