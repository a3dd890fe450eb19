//! Age plugins: programs that hold keys for age, such as those of hardware keys
//! (<https://c2sp.org/age-plugin>).
//!
//! The age crate speaks with plugins too, but hands them the whole environment, in which the
//! master password may be found, prints file keys for who sets `AGEDEBUG`, and reads without
//! bounds. Here a host starts the program and talks with the user; what is said is bounded.

mod identity;
mod name;
mod recipient;
mod talk;

use std::fmt;
use std::io::{Read, Write};

use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

pub use identity::PluginIdentity;
pub use name::PluginName;
pub use recipient::PluginRecipient;

pub(crate) use recipient::PluginRecipients;

/// What a plugin is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Wrapping file keys.
    Recipient,
    /// Unwrapping file keys.
    Identity,
}

impl Machine {
    /// As the plugin is told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recipient => "recipient-v1",
            Self::Identity => "identity-v1",
        }
    }
}

/// A plugin that runs: its stdout and its stdin. It ends when this is dropped.
pub trait Channel: Read + Write {}

impl<T: Read + Write> Channel for T {}

/// Starts no plugins.
#[derive(Clone, Copy, Debug)]
pub struct NoPlugins;

impl PluginHost for NoPlugins {
    fn start(&self, plugin: &PluginName, _: Machine) -> Result<Box<dyn Channel>> {
        Err(Error::failed(format!(
            "{} cannot be run here",
            plugin.program()
        )))
    }

    fn tell(&self, _: &PluginName, _: &str) {}

    fn confirm(&self, _: &PluginName, _: &str, _: &str, _: Option<&str>) -> Result<bool> {
        Err(Error::needs_input("there is nobody to ask"))
    }

    fn ask(&self, _: &PluginName, _: &str, _: bool) -> Result<Secret> {
        Err(Error::needs_input("there is nobody to ask"))
    }
}

/// Starts plugins, and talks with the user for them.
pub trait PluginHost: fmt::Debug {
    /// Starts a plugin.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it is not there or cannot be run.
    fn start(&self, plugin: &PluginName, machine: Machine) -> Result<Box<dyn Channel>>;

    /// Shows what a plugin has to say, such as that a key is to be touched.
    fn tell(&self, plugin: &PluginName, message: &str);

    /// Asks for a decision; `yes` and `no` are the plugin's words for it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`] when there is nobody to ask.
    fn confirm(
        &self,
        plugin: &PluginName,
        message: &str,
        yes: &str,
        no: Option<&str>,
    ) -> Result<bool>;

    /// Asks for a line; `hidden` for what is not to be seen, such as a PIN.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`] when there is nobody to ask.
    fn ask(&self, plugin: &PluginName, message: &str, hidden: bool) -> Result<Secret>;
}
