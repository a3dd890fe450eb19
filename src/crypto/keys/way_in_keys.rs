//! Keys that a vault is encrypted to besides its password.

use std::cell::OnceCell;
use std::str::FromStr;

use age::tag;

use super::plugins::{PluginHost, PluginName, PluginRecipient, PluginRecipients};
use super::recipients::RecipientKey;
use crate::error::{Error, Result};
use crate::model::records::way_in::WayInKind;
use crate::model::text::limits::WAYS_IN;

/// A key that a vault can be encrypted to: of age, of SSH, or one that an age plugin holds.
#[derive(Clone, Debug)]
pub struct WayInKey {
    spelling: String,
    key: ParsedKey,
}

#[derive(Clone, Debug)]
enum ParsedKey {
    Usual(RecipientKey),
    /// Of hardware keys that age itself can encrypt to: `age1tag1…`.
    Tag(tag::Recipient),
    Plugin(PluginRecipient),
}

impl WayInKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none that can be encrypted to; never with the text,
    /// which could be a private key.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if PluginRecipient::is_spelt_so(text) {
            return Self::of_hardware(text);
        }
        let key = RecipientKey::parse(text).map_err(|why| match text.split_once(' ') {
            Some(_) => why,
            None => {
                why.hint("a key is age1…, ssh-ed25519 AAAA… or ssh-rsa AAAA…; or name its file")
            }
        })?;
        Ok(Self {
            spelling: key.as_str().to_owned(),
            key: ParsedKey::Usual(key),
        })
    }

    fn of_hardware(text: &str) -> Result<Self> {
        let plugin = PluginRecipient::parse(text)?;
        let spelling = plugin.as_str().to_owned();
        let key = match plugin.plugin().as_str() {
            "tag" => ParsedKey::Tag(tag::Recipient::from_str(&spelling).map_err(|why| {
                Error::usage(format!("not a key that can be encrypted to: {why}"))
            })?),
            "pq" | "tagpq" => {
                return Err(Error::usage(
                    "a post-quantum key goes only with others of its kind, and the password is none",
                )
                .hint("use the key's usual form, as in age1… or age1tag1…"));
            }
            _ => ParsedKey::Plugin(plugin),
        };
        Ok(Self { spelling, key })
    }

    /// The key as it stands in the vault: `age1…`, or the type and the key in base64 as OpenSSH
    /// writes them.
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// What it is.
    pub fn kind(&self) -> WayInKind {
        match &self.key {
            ParsedKey::Usual(_) if self.spelling.starts_with("ssh-") => WayInKind::Ssh,
            ParsedKey::Usual(_) | ParsedKey::Tag(_) => WayInKind::Age,
            ParsedKey::Plugin(_) => WayInKind::Plugin,
        }
    }

    /// The plugin that each write of the vault needs.
    pub fn plugin(&self) -> Option<&PluginName> {
        match &self.key {
            ParsedKey::Plugin(key) => Some(key.plugin()),
            ParsedKey::Usual(_) | ParsedKey::Tag(_) => None,
        }
    }
}

/// The plugins that a vault with these ways in needs for each write.
pub(crate) fn plugins_of(recipients: &[String]) -> Result<Vec<PluginName>> {
    let mut names = Vec::new();
    for text in recipients {
        names.extend(WayInKey::parse(text)?.plugin().cloned());
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// What wraps a file key for these ways in; one that is named twice counts once.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when one cannot be used, or for too many.
pub(crate) fn wrappers<'a>(
    recipients: &[String],
    host: &'a dyn PluginHost,
    failure: &'a OnceCell<Error>,
) -> Result<Vec<Box<dyn age::Recipient + 'a>>> {
    let mut distinct: Vec<WayInKey> = Vec::new();
    for text in recipients {
        let key = WayInKey::parse(text)?;
        if !distinct.iter().any(|same| same.spelling == key.spelling) {
            distinct.push(key);
        }
    }
    if distinct.len() > WAYS_IN {
        return Err(Error::usage(format!(
            "{} recipients; a vault can have {WAYS_IN}",
            distinct.len()
        )));
    }
    let mut wrappers: Vec<Box<dyn age::Recipient>> = Vec::new();
    let mut plugins = Vec::new();
    for one in distinct {
        match one.key {
            ParsedKey::Usual(key) => wrappers.push(key.into_age()),
            ParsedKey::Tag(key) => wrappers.push(Box::new(key)),
            ParsedKey::Plugin(key) => plugins.push(key),
        }
    }
    for group in PluginRecipients::group(plugins, host, failure) {
        wrappers.push(Box::new(group));
    }
    Ok(wrappers)
}
