//! Names of plugins, as they stand in keys.

use std::fmt;

use age_core::primitives::bech32_decode;

use crate::error::{Error, Result};

/// What all public keys of age begin with.
const RECIPIENT: &str = "age1";
/// What keys begin with that plugins unlock with.
const IDENTITY: &str = "age-plugin-";
/// The longest name, in characters.
const CHARS: usize = 32;

/// The name of a plugin: `yubikey` for the program `age-plugin-yubikey`. It has lower-case
/// letters, digits and `-` only, so that a key cannot name a program elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginName(String);

impl PluginName {
    fn new(text: &str) -> Result<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = text.len() <= CHARS && text.starts_with(|c| plain(c) && c != '-');
        if fits && text.chars().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(
            Error::usage("the key names a plugin in a way that is not allowed").hint(format!(
                "a plugin's name has lower-case letters, digits and '-', {CHARS} at most"
            )),
        )
    }

    /// The plugin of a public key, `age1NAME1…`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none, or damaged.
    pub(crate) fn of_recipient(text: &str) -> Result<Self> {
        Self::of(text, |prefix| prefix.strip_prefix(RECIPIENT))
    }

    /// The plugin of an identity, `AGE-PLUGIN-NAME-1…`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none, or damaged.
    pub(crate) fn of_identity(text: &str) -> Result<Self> {
        Self::of(text, |prefix| {
            prefix.strip_prefix(IDENTITY)?.strip_suffix('-')
        })
    }

    fn of(text: &str, name: impl Fn(&str) -> Option<&str>) -> Result<Self> {
        let found = bech32_decode(
            text,
            |_| (),
            |_| Ok(()),
            |prefix, _| {
                let prefix = prefix.as_str().to_ascii_lowercase();
                name(&prefix).map(ToOwned::to_owned).ok_or(())
            },
        );
        let found = found.map_err(|()| {
            Error::usage("the key of an age plugin is damaged")
                .hint("copy it once more, the whole of it")
        })?;
        Self::new(&found)
    }

    /// The name alone, as in `yubikey`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The program, as in `age-plugin-yubikey`.
    pub fn program(&self) -> String {
        format!("age-plugin-{}", self.0)
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PluginName;

    /// From the specification's examples and made by plugins.
    const RECIPIENT: &str =
        "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t";

    #[test]
    fn a_key_names_its_plugin() {
        let name = PluginName::of_recipient(RECIPIENT).unwrap();
        assert_eq!(name.as_str(), "yubikey");
        assert_eq!(name.program(), "age-plugin-yubikey");
    }

    #[test]
    fn a_damaged_key_is_refused() {
        let damaged = RECIPIENT.replace("1qwt", "1qwq");
        for bad in [&damaged, "age1yubikey1", "", "age1", &RECIPIENT[..40]] {
            PluginName::of_recipient(bad).unwrap_err();
            PluginName::of_identity(bad).unwrap_err();
        }
    }

    #[test]
    fn a_name_that_could_lead_elsewhere_is_refused() {
        for bad in [
            "", "-", "-x", "a/b", "../x", "a b", "A", "a.b", "a_b", "é", "a\0",
        ] {
            assert!(PluginName::new(bad).is_err(), "{bad:?}");
        }
        assert!(PluginName::new(&"x".repeat(33)).is_err());
        assert!(PluginName::new("fido2-hmac").is_ok());
    }
}
