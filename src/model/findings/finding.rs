//! What a check has found: which rule, how bad, about what, and what helps.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Low,
    /// To be put right.
    Medium,
    /// To be put right today.
    High,
}

impl Level {
    /// Its name on the command line and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Low, Self::Medium, Self::High]
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| "it is low, medium or high".into())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
