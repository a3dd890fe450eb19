//! What tells JSON exports apart.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::json::{each, malformed, object};
use super::refused::encrypted;
use crate::error::Result;

/// Members that an item has at least one of.
pub(crate) const KINDS: &[&str] = &["card", "identity", "login", "name", "secureNote", "sshKey"];

/// What tells JSON exports apart.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Marks<'a> {
    pub(crate) encrypted: Option<bool>,
    #[serde(borrow)]
    pub(crate) items: Option<&'a RawValue>,
    pub(crate) folders: Option<IgnoredAny>,
    pub(crate) collections: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(crate) accounts: Option<&'a RawValue>,
    pub(crate) vaults: Option<IgnoredAny>,
    pub(crate) ct: Option<IgnoredAny>,
    pub(crate) db: Option<IgnoredAny>,
    pub(crate) tokens: Option<IgnoredAny>,
    pub(crate) format: Option<std::borrow::Cow<'a, str>>,
}

impl<'a> Marks<'a> {
    pub(crate) fn of(text: &'a str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(marks) => Ok(marks),
            Err(why) if why.is_data() => Ok(Self::default()),
            Err(why) => Err(malformed("JSON", why.line(), why.column())),
        }
    }

    /// Bitwarden's own exports say whether they are encrypted; what other tools make of them does
    /// not, and is known by its items.
    pub(crate) fn is_bitwarden(&self) -> bool {
        let lists = self.folders.is_some() || self.collections.is_some();
        self.items.is_some_and(|items| {
            let is_empty = lists && items.get().trim_start_matches(['[', ' ', '\n']) == "]";
            self.encrypted.is_some() || is_empty || has_item(items.get(), KINDS)
        })
    }

    pub(crate) fn is_enpass(&self) -> bool {
        let own = &["category", "fields", "template_type"];
        self.items.is_some_and(|items| has_item(items.get(), own))
    }

    pub(crate) fn check_plain(&self) -> Result<()> {
        if self.encrypted == Some(true) {
            return Err(encrypted(
                "an encrypted export of Bitwarden or Proton Pass",
                "export again as .json and not as .json (Encrypted), or without a passphrase",
            ));
        }
        Ok(())
    }
}

/// Whether an item of a list has one of these members.
fn has_item(items: &str, members: &[&str]) -> bool {
    let mut found = false;
    let read = each(items, |item| {
        found = found || object(item).is_some_and(|item| item.has_any(members));
        Ok(())
    });
    read.is_ok() && found
}

/// Refuses an export of Bitwarden that is encrypted.
pub(crate) fn detect_encrypted(text: &str) -> Result<()> {
    Marks::of(text)?.check_plain()
}
