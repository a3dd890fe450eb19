//! Patterns of paths.

use std::fmt;
use std::str::FromStr;

use super::name::{ClientSlug, PatternPart};

/// A pattern of paths within one client: `*` is any part or any piece of one, `**` any number of
/// parts; at the end, that is everything below. The first part is the client's name itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    client: ClientSlug,
    name: String,
}

impl Pattern {
    /// The client's part.
    pub fn client(&self) -> &ClientSlug {
        &self.client
    }

    /// Whether it says nothing of names.
    pub fn is_any(&self) -> bool {
        matches!(self.name.as_str(), "*" | "**")
    }

    /// Whether an entry of this path is one of those that are meant.
    pub fn matches(&self, path: &str) -> bool {
        let client = path.split_once('/').map(|(client, _)| client);
        client == Some(self.client.as_str()) && self.matches_whatever_client(path)
    }

    /// As [`Self::matches`], for a client who may be called otherwise by now.
    pub(crate) fn matches_whatever_client(&self, path: &str) -> bool {
        let name = path.split_once('/').map(|(_, name)| name);
        name.is_some_and(|name| fast_glob::glob_match(&self.name, name))
    }

    /// The same below a client's name of today.
    pub(crate) fn of_client(&self, client: ClientSlug) -> Self {
        let name = self.name.clone();
        Self { client, name }
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((client, name)) = text.split_once('/') else {
            return Err("a pattern is CLIENT/PATTERN, as in acme/*".into());
        };
        if client.contains('*') {
            return Err(
                "a pattern stays within one client: it starts with the client's name, \
                        as in acme/*"
                    .into(),
            );
        }
        let parts: Result<Vec<PatternPart>, String> = name.split('/').map(str::parse).collect();
        let parts = parts?;
        let parts: Vec<&str> = parts.iter().map(PatternPart::as_str).collect();
        Ok(Self {
            client: client.parse()?,
            name: parts.join("/"),
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.client, self.name)
    }
}
