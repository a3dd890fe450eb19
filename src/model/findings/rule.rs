//! The engine of findings: a rule is a pure function from the vault, or from facts about the
//! machine, to what it came to.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::finding::{Finding, FoundSubject, Level};

/// What a rule came to.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The rule's name, a stable word.
    pub rule: &'static str,
    /// What it found.
    pub findings: Vec<Finding>,
    /// What is as it should be, when it found nothing.
    pub good: String,
    /// Whether it could look.
    pub is_checked: bool,
}

impl Examined {
    /// A rule that found nothing.
    pub fn good(rule: &'static str, good: impl Into<String>) -> Self {
        Self {
            rule,
            findings: Vec::new(),
            good: good.into(),
            is_checked: true,
        }
    }

    /// What is wrong first, if anything is.
    pub fn fault(&self) -> Option<&str> {
        self.findings.first().map(|found| found.message.as_str())
    }
}

/// A rule under way.
pub(super) struct Rule(pub(super) Examined);

impl Rule {
    pub(super) fn new(rule: &'static str, good: impl Into<String>) -> Self {
        Self(Examined::good(rule, good))
    }

    pub(super) fn find(
        &mut self,
        level: Level,
        subject: impl Into<FoundSubject>,
        message: impl Into<String>,
        fix: &str,
    ) {
        let subject = subject.into();
        self.0.findings.push(Finding {
            rule: self.0.rule,
            level,
            subject: subject.name,
            about: subject.id,
            since: None,
            message: message.into(),
            fix: Some(fix.to_owned()).filter(|fix| !fix.is_empty()),
        });
    }

    /// As [`Self::find`], of something that began at a time: who accepted it before that has not
    /// accepted this.
    pub(super) fn find_since(
        &mut self,
        since: Timestamp,
        level: Level,
        subject: impl Into<FoundSubject>,
        (message, fix): (String, &str),
    ) {
        self.find(level, subject, message, fix);
        if let Some(found) = self.0.findings.last_mut() {
            found.since = Some(since);
        }
    }

    /// Looks at a fact; where it is not known, that is what is found.
    pub(super) fn over<T>(
        (rule, subject): (&'static str, &str),
        good: &str,
        fact: &Result<T, String>,
        look: impl FnOnce(&mut Self, &T),
    ) -> Examined {
        let mut examined = Self::new(rule, good);
        match fact {
            Ok(fact) => look(&mut examined, fact),
            Err(why) => return examined.not_checked(subject, why, ""),
        }
        examined.0
    }

    pub(super) fn not_checked(mut self, subject: &str, why: &str, fix: &str) -> Examined {
        self.find(Level::Low, subject, format!("not checked: {why}"), fix);
        self.0.is_checked = false;
        self.0
    }
}

/// The day in a zone, as in 2026-10-01.
pub(super) fn day(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).date().to_string()
}
