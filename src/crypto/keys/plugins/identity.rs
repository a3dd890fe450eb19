//! Unwrapping file keys with what plugins hold.

use std::cell::RefCell;
use std::rc::Rc;

use age::DecryptError;
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};

use super::talk::{Talk, confused};
use super::{Machine, PluginHost, PluginName};
use crate::error::{Error, Result};

/// Identities of one plugin: `AGE-PLUGIN-NAME-1…`.
#[derive(Debug)]
pub struct PluginIdentity {
    host: Rc<dyn PluginHost>,
    name: PluginName,
    keys: Vec<String>,
    /// What went wrong, which age's errors have no room for.
    failure: RefCell<Option<Error>>,
}

impl PluginIdentity {
    /// Reads one; `host` starts its plugin once it is used.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none, is damaged, or names its plugin in a way that
    /// is not allowed.
    pub fn parse(text: &str, host: &Rc<dyn PluginHost>) -> Result<Self> {
        Ok(Self {
            host: Rc::clone(host),
            name: PluginName::of_identity(text)?,
            keys: vec![text.to_ascii_uppercase()],
            failure: RefCell::default(),
        })
    }

    /// Whether it is spelt as one.
    pub fn is_spelt_so(text: &str) -> bool {
        text.get(..11)
            .is_some_and(|start| start.eq_ignore_ascii_case("AGE-PLUGIN-"))
    }

    /// Takes the keys of `other` in if they are of the same plugin, and gives it back if not.
    pub(crate) fn join(&mut self, other: Self) -> Option<Self> {
        if self.name != other.name {
            return Some(other);
        }
        self.keys.extend(other.keys);
        None
    }

    /// What went wrong when it was last used.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.failure.take()
    }

    fn unwrap(&self, stanzas: &[Stanza]) -> Result<Option<FileKey>> {
        let mut talk = Talk::start(&*self.host, &self.name, Machine::Identity)?;
        for key in &self.keys {
            talk.send("add-identity", &[key], &[])?;
        }
        for stanza in stanzas {
            let mut args = vec!["0", &stanza.tag];
            args.extend(stanza.args.iter().map(String::as_str));
            talk.send("recipient-stanza", &args, &stanza.body)?;
        }
        let mut file_key = None;
        let heard = talk.listen(|message| {
            if message.tag != "file-key" {
                return Ok(false);
            }
            let key = <[u8; FILE_KEY_BYTES]>::try_from(&**message.body);
            match (message.args.as_slice(), key) {
                ([zero], Ok(key)) if zero == "0" && file_key.is_none() => {
                    file_key = Some(FileKey::new(Box::new(key)));
                    Ok(true)
                }
                _ => Err(confused(&self.name, "it gives what is not a file key")),
            }
        });
        match (file_key, heard) {
            // Of several identities one that works is enough.
            (Some(key), _) => Ok(Some(key)),
            (None, heard) => heard.map(|()| None),
        }
    }
}

impl age::Identity for PluginIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.unwrap_stanzas(std::slice::from_ref(stanza))
    }

    /// A failure is kept for who opens the file; other identities may still open it.
    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        match self.unwrap(stanzas) {
            Ok(key) => key.map(Ok),
            Err(why) => {
                self.failure.replace(Some(why));
                None
            }
        }
    }
}
