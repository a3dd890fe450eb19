//! A person who speaks for a client.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::text::text_rules::is_address;

/// Somebody who speaks for a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The full name.
    pub name: String,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they may give permissions for the client.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_permit: bool,
    /// Fields that this version does not know.
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

impl Person {
    /// Whether `text` names them: by the name or by the mail address.
    #[must_use]
    pub fn is_called(&self, text: &str) -> bool {
        self.name == text || self.email.as_deref() == Some(text) || self.to_string() == text
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.email {
            Some(email) => write!(f, "{} <{email}>", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FromStr for Person {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, email) = match text.trim().strip_suffix('>') {
            Some(rest) => rest
                .split_once('<')
                .map(|(name, email)| (name, Some(email))),
            None if text.contains(['<', '>', '@']) => None,
            None => Some((text, None)),
        }
        .filter(|(name, email)| !name.trim().is_empty() && email.is_none_or(is_address))
        .ok_or("a person is a name and a mail address, as in 'Anna Baker <anna@baker.example>'")?;
        Ok(Self {
            name: name.trim().to_owned(),
            email: email.map(ToOwned::to_owned),
            ..Self::default()
        })
    }
}
