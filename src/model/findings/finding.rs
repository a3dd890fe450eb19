//! What a check has found: which rule, how bad, about what, and what helps.

use serde::Serialize;

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
    /// What is wrong.
    pub message: String,
    /// What helps, if anything here does.
    pub fix: Option<String>,
}
