//! Wrapping file keys to keys that plugins hold.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::io;

use age::EncryptError;
use age_core::format::{FileKey, Stanza};
use age_core::secrecy::ExposeSecret;

use super::talk::{Message, Talk, confused};
use super::{Machine, PluginHost, PluginName};
use crate::crypto::encoding::SIGNATURE_TAG;
use crate::crypto::file_key::keeper;
use crate::error::{Error, Kind, Result};

/// A public key that a plugin knows how to encrypt to: `age1NAME1…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginRecipient {
    name: PluginName,
    text: String,
}

impl PluginRecipient {
    /// Reads one; its spelling is lower case from then on.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none, is damaged, or names its plugin in a way that
    /// is not allowed.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self {
            name: PluginName::of_recipient(text)?,
            text: text.to_ascii_lowercase(),
        })
    }

    /// Whether it is spelt as one: after `age1` comes a name and a second `1`.
    pub fn is_spelt_so(text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        text.strip_prefix("age1")
            .is_some_and(|rest| rest.contains('1'))
    }

    /// Its plugin.
    pub fn plugin(&self) -> &PluginName {
        &self.name
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// All keys of one plugin.
pub(crate) struct PluginRecipients<'a> {
    host: &'a dyn PluginHost,
    name: PluginName,
    keys: Vec<String>,
    /// What went wrong, which age's errors have no room for.
    failure: &'a OnceCell<Error>,
}

impl<'a> PluginRecipients<'a> {
    /// Puts the keys of each plugin together.
    pub(crate) fn group(
        recipients: Vec<PluginRecipient>,
        host: &'a dyn PluginHost,
        failure: &'a OnceCell<Error>,
    ) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for PluginRecipient { name, text } in recipients {
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.keys.push(text),
                None => groups.push(Self {
                    host,
                    name,
                    keys: vec![text],
                    failure,
                }),
            }
        }
        groups
    }

    fn wrap(&self, file_key: &FileKey) -> Result<Vec<Stanza>> {
        let mut talk = Talk::start(self.host, &self.name, Machine::Recipient)?;
        for key in &self.keys {
            talk.send("add-recipient", &[key], &[])?;
        }
        talk.send("extension-labels", &[], &[])?;
        talk.send("wrap-file-key", &[], file_key.expose_secret())?;
        let mut stanzas = Vec::new();
        talk.listen(|message| {
            match message.tag.as_str() {
                "recipient-stanza" => stanzas.push(self.stanza(message)?),
                "labels" if message.args.is_empty() => {}
                "labels" => return Err(self.stands_alone(&message.args)),
                _ => return Ok(false),
            }
            Ok(true)
        })
        .map_err(|why| match why.kind() {
            // What is wrong with a key for wrapping is no matter of unlocking.
            Kind::Locked => Error::failed(why.message()).hint(UNCHANGED),
            _ => why,
        })?;
        if stanzas.len() < self.keys.len() {
            return Err(confused(&self.name, "it left a key out"));
        }
        Ok(stanzas)
    }

    fn stanza(&self, message: &Message) -> Result<Stanza> {
        // One file key was given, number 0.
        let ["0", tag, args @ ..] = &*message.args.iter().map(String::as_str).collect::<Vec<_>>()
        else {
            return Err(confused(&self.name, "it wraps what it was not given"));
        };
        if [keeper::TAG, SIGNATURE_TAG, "scrypt"].contains(tag) {
            return Err(confused(
                &self.name,
                "it makes a stanza that is not its own",
            ));
        }
        Ok(Stanza {
            tag: (*tag).to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            body: message.body.to_vec(),
        })
    }

    /// A key that is not to be used beside others, as post-quantum ones are.
    fn stands_alone(&self, labels: &[String]) -> Error {
        Error::usage(format!(
            "a key of {} goes only with others of its kind ({}), and the password is none",
            self.name.program(),
            labels.join(", ")
        ))
        .hint(UNCHANGED)
    }
}

const UNCHANGED: &str = "nothing was changed; without that way in: vault recipient rm";

impl age::Recipient for PluginRecipients<'_> {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let stanzas = self.wrap(file_key).map_err(|why| {
            let shown = io::Error::other(why.to_string());
            self.failure.get_or_init(|| why);
            EncryptError::Io(shown)
        })?;
        Ok((stanzas, HashSet::new()))
    }
}
