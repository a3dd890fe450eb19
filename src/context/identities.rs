//! Unlocking without the password: what `--identity` names, and age plugins.

use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::{Context, why_not};
use crate::crypto::{
    Channel, Identities, KeyFileContent, Machine, PluginHost, PluginName, plugins_of,
};
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;
use crate::process::helper::{find_helper, start_helper};
use crate::store::disk::key_file::read_private_keys;
use crate::store::reading::LockedVault;
use crate::store::session::Session;
use crate::ui::{Ui, Unasked};

/// How long a plugin may be silent while a vault is written and others wait.
const WHILE_WRITING: Duration = Duration::from_secs(20);
/// And while a person looks for the key that is to be touched.
const WHILE_UNLOCKING: Duration = Duration::from_mins(2);

/// Refuses a change of a vault that could not be encrypted to all of its ways in, before
/// anything is asked.
///
/// # Errors
/// [`crate::error::Kind::Failed`], naming the plugin that is not there.
pub(super) fn check_plugins(session: &Session) -> Result<()> {
    for plugin in plugins_of(&session.vault().recipients())? {
        find_helper(&plugin.program()).map_err(|why| {
            Error::failed(format!(
                "{why}: a way into this vault needs it for each change"
            ))
            .hint("install it, or take that way in away: vault recipient list, then rm ID")
        })?;
    }
    Ok(())
}

impl Context {
    /// What starts age plugins and asks for them.
    pub fn plugins(&self) -> Rc<dyn PluginHost> {
        Rc::new(Plugins(Rc::clone(&self.ui)))
    }

    /// What is in an identity file; the passphrase of an SSH key is asked for.
    pub(super) fn identities(&self, path: &Path, locked: &LockedVault) -> Result<Identities> {
        let text = read_private_keys(path, "the identity")?;
        let named = |why| why_not(path, why);
        if !KeyFileContent::is_ssh(&text) {
            return Identities::parse_with_plugins(&text, &self.plugins()).map_err(named);
        }
        match KeyFileContent::parse(&text).map_err(named)? {
            KeyFileContent::Ready(keys) => Ok(Identities::of_keys(keys)),
            KeyFileContent::Encrypted(key) => {
                // Nobody is asked for the passphrase of a key that does not fit.
                if !locked.names_ssh_key(key.recipient()) {
                    return Err(named(Error::locked(
                        "this SSH key is no way into the vault",
                    )));
                }
                let unasked = unasked("the passphrase of the SSH key is needed");
                let prompt = format!("Passphrase of {}", path.display());
                let passphrase = self.ui.prompt_secret(&prompt, unasked)?;
                let key = key.decrypt(&passphrase).map_err(named)?;
                Ok(Identities::of_keys(vec![key]))
            }
        }
    }
}

/// Plugins as programs in `PATH`, which talk with the user on the terminal.
struct Plugins(Rc<Ui>);

impl PluginHost for Plugins {
    fn start(&self, plugin: &PluginName, machine: Machine) -> Result<Box<dyn Channel>> {
        let patience = match machine {
            Machine::Recipient => WHILE_WRITING,
            Machine::Identity => WHILE_UNLOCKING,
        };
        let arg = format!("--age-plugin={}", machine.as_str());
        let helper = start_helper(&plugin.program(), &arg, patience)?;
        Ok(Box::new(helper))
    }

    fn tell(&self, plugin: &PluginName, message: &str) {
        self.0.note(&format!("{}: {message}", plugin.program()));
    }

    fn confirm(
        &self,
        plugin: &PluginName,
        message: &str,
        yes: &str,
        no: Option<&str>,
    ) -> Result<bool> {
        let no = no.map(|no| format!(", n: {no}")).unwrap_or_default();
        let question = format!("{}: {message} (y: {yes}{no})", plugin.program());
        self.0.confirm(&question, unasked(&needed(plugin)))
    }

    fn ask(&self, plugin: &PluginName, message: &str, hidden: bool) -> Result<Secret> {
        let prompt = format!("{}: {message}", plugin.program());
        let needed = needed(plugin);
        if hidden {
            return self.0.prompt_secret(&prompt, unasked(&needed));
        }
        self.0.ask_line(&prompt, unasked(&needed)).map(Secret::new)
    }
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plugins")
    }
}

/// What is said when a plugin asks and there is nobody.
fn unasked(needed: &str) -> Unasked<'_> {
    Unasked {
        needed,
        instead: "run it on a terminal, or use the master password",
    }
}

fn needed(plugin: &PluginName) -> String {
    format!("an answer to {} is needed", plugin.program())
}
