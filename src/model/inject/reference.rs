//! References to what a vault holds, as they stand in command lines, env files and templates:
//! `vault://CLIENT/NAME` for the secret, `vault://CLIENT/NAME#FIELD` for a field, each part
//! percent-encoded. `#totp` is the code of the moment, not its seed.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::model::entry::field::{Found, SECRET, TOTP};
use crate::model::entry::totp;
use crate::model::records::entry::Entry;
use crate::model::text::name::{EntryPath, FieldName};
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// What every reference starts with.
pub const SCHEME: &str = "vault://";
/// What is before the name of a file that is attached, see [`super::file_reference`].
pub(super) const FILE_MARK: &str = "?file=";
/// What has to be encoded: everything but what RFC 3986 allows in any part, and `@`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');
/// Built-in fields that can be referred to.
const BUILT_IN: [&str; 8] = [
    SECRET, TOTP, "username", "url", "urls", "notes", "tags", "env",
];

/// Where something stands in a vault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    entry: EntryPath,
    field: String,
}

impl Reference {
    /// The secret of an entry.
    pub fn to_secret(entry: EntryPath) -> Self {
        let field = SECRET.to_owned();
        Self { entry, field }
    }

    /// The entry.
    pub fn entry(&self) -> &EntryPath {
        &self.entry
    }
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text
            .strip_prefix(SCHEME)
            .ok_or("a reference is vault://CLIENT/NAME or vault://CLIENT/NAME#FIELD")?;
        if rest.contains(FILE_MARK) {
            return Err(
                "a file that is attached is handed over by vault run, with --file or --stdin"
                    .into(),
            );
        }
        let (path, field) = match rest.split_once('#') {
            Some((path, field)) => (path, decoded(field)?),
            None => (rest, SECRET.to_owned()),
        };
        let parts: Result<Vec<String>, String> = path.split('/').map(decoded).collect();
        let parts = parts?;
        if parts.iter().any(|part| part.contains('/')) {
            return Err("'/' is not allowed in a part of a name".into());
        }
        Ok(Self {
            entry: parts.join("/").parse()?,
            field: known_field(&field)?,
        })
    }
}

/// A part without its percent signs; one that is no escape is refused like any other.
pub(super) fn decoded(part: &str) -> Result<String, String> {
    let decoded = percent_decode_str(part).decode_utf8();
    let decoded = decoded.map_err(|_| "what is percent-encoded is not UTF-8")?;
    if decoded.is_empty() {
        return Err("a part of the reference is empty".into());
    }
    Ok(decoded.into_owned())
}

fn known_field(name: &str) -> Result<String, String> {
    if BUILT_IN.contains(&name) {
        return Ok(name.to_owned());
    }
    match name.parse::<FieldName>() {
        Ok(custom) => Ok(custom.as_str().to_owned()),
        Err(_) if BUILT_IN.contains(&name.to_lowercase().as_str()) => {
            Err(format!("the field is called {}", name.to_lowercase()))
        }
        Err(why) => Err(why),
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = |part| utf8_percent_encode(part, ENCODED);
        write!(f, "{SCHEME}{}", encoded(self.entry.client().as_str()))?;
        for part in self.entry.name().split('/') {
            write!(f, "/{}", encoded(part))?;
        }
        if self.field == SECRET {
            return Ok(());
        }
        write!(f, "#{}", encoded(&self.field))
    }
}

/// What a reference stands for at one moment.
#[derive(Debug)]
pub struct Reading<'a> {
    /// Where it was.
    pub path: &'a EntryPath,
    /// The entry that has it.
    pub entry: &'a Entry,
    /// The field: for a code, its seed.
    pub found: Found<'a>,
    /// The code, if it is one, and how many seconds it is good for.
    pub code: Option<totp::Code>,
}

impl Reading<'_> {
    /// The text itself.
    pub fn expose(&self) -> &str {
        match &self.code {
            Some(code) => code.text.expose(),
            None => self.found.expose(),
        }
    }

    /// The text itself, as a secret.
    pub fn secret(&self) -> Secret {
        Secret::new(self.expose().to_owned())
    }
}

impl Vault {
    /// What `reference` stands for at `now`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when there is no such entry or field,
    /// [`crate::error::Kind::Refused`] for a seed that no code can be made of.
    pub fn read<'a>(&'a self, reference: &'a Reference, now: Timestamp) -> Result<Reading<'a>> {
        let path = reference.entry();
        let entry = self.entry(path)?;
        if reference.field == TOTP {
            return entry.code(path, now);
        }
        let found = entry.known_field(path, &reference.field)?;
        Ok(Reading {
            path,
            entry,
            found,
            code: None,
        })
    }
}

impl Entry {
    /// The one-time code of `now`, of the entry at `path`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when it has no seed, [`crate::error::Kind::Refused`] for
    /// one that no code can be made of.
    pub fn code<'a>(&'a self, path: &'a EntryPath, now: Timestamp) -> Result<Reading<'a>> {
        let next = format!("give it one: vault edit {path:#} --totp");
        let seed = self.current(TOTP).ok_or_else(|| {
            Error::not_found(format!("{path} has no one-time-code seed")).hint(&next)
        })?;
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let code = totp::code(seed.secret(), seconds).map_err(|why| {
            let hint = why
                .next_step()
                .unwrap_or("give it another: vault edit ENTRY --totp");
            Error::refused(format!("{path} gives no code: {why}")).hint(hint)
        })?;
        Ok(Reading {
            path,
            entry: self,
            found: Found::Secret(seed),
            code: Some(code),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Reference;

    fn reference(text: &str) -> Result<Reference, String> {
        text.parse()
    }

    #[test]
    fn a_reference_is_an_entry_and_perhaps_a_field() {
        let plain = reference("vault://acme/wp").unwrap();
        assert_eq!(plain.entry().to_string(), "acme/wp");
        assert_eq!(plain, reference("vault://acme/wp#secret").unwrap());
        assert_eq!(plain.to_string(), "vault://acme/wp");
        let deep = reference("vault://acme/prod/db%20main#account%20id").unwrap();
        assert_eq!(deep.entry().name(), "prod/db main");
        assert_eq!(deep.field, "account id");
        assert_eq!(deep.to_string(), "vault://acme/prod/db%20main#account%20id");
    }

    #[test]
    fn letters_may_stand_as_they_are_and_are_composed() {
        let encoded = reference("vault://caf%C3%A9/wi-fi").unwrap();
        assert_eq!(reference("vault://cafe\u{301}/wi-fi").unwrap(), encoded);
        assert_eq!(
            reference("vault://a b/c d#e f").unwrap().to_string(),
            "vault://a%20b/c%20d#e%20f"
        );
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for bad in [
            "",
            "acme/wp",
            "op://acme/wp",
            "VAULT://acme/wp",
            "vault:/acme/wp",
            "vault://",
            "vault://acme",
            "vault://acme/",
            "vault:///wp",
            "vault://acme//wp",
            "vault://acme/wp/",
            "vault://acme/wp#",
            "vault://acme/wp#a#b",
            "vault://acme/wp?x=1",
            "vault://acme/%",
            "vault://acme/%zz",
            "vault://acme/%ff",
            "vault://acme/a%2Fb",
            "vault://acme/..",
            "vault://acme/%2e%2e",
            "vault://acme/w%00p",
            "vault://acme/w%0Ap",
            "vault://acme/wp#Secret",
            "vault://acme/wp#attachment",
            "vault://acme/wp#expires",
            " vault://acme/wp",
        ] {
            assert!(reference(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_field_in_the_wrong_case_is_told_the_right_one() {
        let why = reference("vault://acme/wp#TOTP").unwrap_err();
        assert_eq!(why, "the field is called totp");
    }

    proptest! {
        #[test]
        fn any_name_survives_the_way_there_and_back(
            path in "[a-zé0-9_@+][a-zé0-9 ._@+-]{0,9}[a-z](/[A-ZЖ][a-z .]{0,5}[a-z]){1,3}",
            field in "secret|totp|urls|[a-zß_][a-z @+._-]{0,9}[x-z]",
        ) {
            let made = Reference { entry: path.parse().unwrap(), field };
            let spelt = made.to_string();
            prop_assert!(spelt.is_ascii() && !spelt.contains(' '));
            prop_assert_eq!(reference(&spelt).unwrap(), made);
        }

        #[test]
        fn what_parses_is_spelt_in_one_way(text in "vault://[a-z%0-9/#. é]{0,20}") {
            if let Ok(parsed) = reference(&text) {
                prop_assert_eq!(reference(&parsed.to_string()).unwrap(), parsed);
            }
        }
    }
}
