//! What a check has found: which rule, how bad, about what, and what helps.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::model::text::words::words;

words! {
    /// How bad it is.
    #[derive(PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Level {
        /// Worth knowing.
        Low = "low",
        /// To be put right.
        Medium = "medium",
        /// To be put right today.
        High = "high",
    }
}

/// One thing that a rule has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's name, a stable word.
    pub rule: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What it is about: a path, an id, a part of the machine.
    pub subject: String,
    /// The record that this is, where it is one.
    #[serde(skip)]
    pub about: Option<Uuid>,
    /// When what is wrong began, where a later one of its kind is another matter.
    #[serde(skip)]
    pub since: Option<Timestamp>,
    /// What is wrong.
    pub message: String,
    /// What helps, if anything here does.
    pub fix: Option<String>,
}

/// What a finding is about.
pub(super) struct FoundSubject {
    /// As people call it.
    pub(super) name: String,
    /// The record, where it is one.
    pub(super) id: Option<Uuid>,
}

impl<T: AsRef<str> + ?Sized> From<&T> for FoundSubject {
    fn from(name: &T) -> Self {
        Self {
            name: name.as_ref().to_owned(),
            id: None,
        }
    }
}

impl From<(Uuid, &str)> for FoundSubject {
    fn from((id, name): (Uuid, &str)) -> Self {
        Self {
            name: name.to_owned(),
            id: Some(id),
        }
    }
}
