//! What a command gets: the terminal, the clock, and the one way to unlock and to change a vault.

mod agent;
mod answer;
pub(crate) mod assistant;
mod change;
mod copies;
pub(crate) mod devices;
pub(crate) mod globals;
mod identities;
mod proof;
mod rehearsal;
pub(crate) mod ways_in;

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use globals::Globals;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::crypto::{KeyFile, MasterKey, check_fingerprint, derive};
use crate::error::{Error, Kind, Result};
use crate::model::records::access::Access;
use crate::model::text::limits::KEY_FILE_BYTES;
use crate::model::text::secret::Secret;
use crate::process::inherited::Inherited;
use crate::store::clock::Now;
use crate::store::device::folder::DeviceFolders;
use crate::store::device::pin::Accepted;
use crate::store::disk::file::{Prepared, read_named};
use crate::store::disk::scratch;
use crate::store::reading::{LockedVault, VaultPlace};
use crate::store::session::{Session, UnlockKey};
use crate::ui::{Ui, Unasked};

pub use agent::{ProgramSession, agent, check_runtime_folder, runtime_folder, socket_folder};
use identities::check_plugins;
use ways_in::check_names_key;

/// How often a person may mistype the master password.
const ATTEMPTS: usize = 3;

/// What a command gets.
pub struct Context {
    /// The terminal.
    pub ui: Rc<Ui>,
    /// Options of all commands.
    pub globals: Globals,
    /// Makes the tree of commands, which help and completions are read from.
    pub tree: fn() -> clap::Command,
    warnings: RefCell<Vec<String>>,
    /// The keys that the options accept and that were found among none that open a vault.
    unfitting: RefCell<Vec<String>>,
    /// Whether this is a dry run.
    rehearses: Cell<bool>,
    /// The exit code where nothing failed: that of a program that was run, or the one that a protocol
    /// wants for an answer that is none.
    exit_code: Cell<u8>,
}

impl Context {
    /// A context for one command; where an option names no file, its variable does.
    pub fn new(ui: Ui, mut globals: Globals, tree: fn() -> clap::Command) -> Self {
        // An empty variable counts as none, which clap's `env` would refuse.
        let named = |name| variable(name).map(PathBuf::from);
        globals.vault = globals.vault.or_else(|| named("VAULT_FILE"));
        globals.key_file = globals.key_file.or_else(|| named("VAULT_KEY_FILE"));
        Self {
            unfitting: RefCell::new(globals.accept_recipient.clone()),
            ui: Rc::new(ui),
            globals,
            tree,
            warnings: RefCell::default(),
            rehearses: Cell::default(),
            exit_code: Cell::default(),
        }
    }

    /// From now on this is the exit code of a command that does not fail.
    pub fn end_with(&self, code: u8) {
        self.exit_code.set(code);
    }

    /// The exit code of a command that did not fail.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_code.get())
    }

    /// Now, in whole seconds, by the system's clock.
    #[expect(clippy::unused_self, reason = "who has no context has no clock")]
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// [`Self::now`], in the zone of this machine.
    pub fn now_here(&self) -> Zoned {
        self.now().to_zoned(TimeZone::system())
    }

    /// [`Self::now`], and whether it counts although the clock went backwards.
    pub fn clock(&self) -> Now {
        Now {
            at: self.now(),
            accepted: self.globals.accept_clock,
        }
    }

    /// The vault that the options name, or the default one.
    ///
    /// # Errors
    /// [`Kind::Failed`] when there is no data or state folder, [`Kind::Usage`] for an accepted
    /// signer that is no fingerprint, and as [`VaultPlace::new`].
    pub fn store(&self) -> Result<VaultPlace> {
        let path = match &self.globals.vault {
            Some(path) => path.clone(),
            None => default_vault()?,
        };
        let state = state_folder()?;
        if let Some(fingerprint) = &self.globals.accept_signer {
            check_fingerprint(fingerprint)?;
        }
        (self.globals.accept_recipient.iter())
            .try_for_each(|known| check_names_key("--accept-recipient", known))?;
        let accepted = Accepted {
            generation: self.globals.accept_generation,
            signer: self.globals.accept_signer.clone(),
        };
        let limit = self.globals.kdf_limit.unwrap_or_default();
        let wait = self.globals.wait;
        let store = VaultPlace::new(&path, DeviceFolders::new(state), accepted, limit, wait)?;
        Ok(store.with_plugins(self.plugins()))
    }

    /// As [`Self::unlock_to_change`], to give or to take a permission: never under an older copy.
    pub fn unlock_to_permit(&self) -> Result<Session> {
        let session = self.unlock_to_change()?;
        session.check_nothing_ended_since()?;
        Ok(session)
    }

    /// Unlocks the vault for a change, and refuses at once where that change could not be written.
    pub fn unlock_to_change(&self) -> Result<Session> {
        let mut session = self.unlock()?;
        session.check_changeable()?;
        self.confirm_ways_in(&mut session)?;
        check_plugins(&session)?;
        Ok(session)
    }

    /// Unlocks the vault for reading and, with the password, for changing.
    ///
    /// # Errors
    /// As [`VaultPlace::read`]; [`Kind::Locked`] when what was given does not fit,
    /// [`Kind::NeedsInput`] when nothing was given and nobody can be asked.
    pub fn unlock(&self) -> Result<Session> {
        self.read_and_unlock(!self.globals.no_agent)
    }

    /// As [`Self::unlock`], with the password itself although an agent may have the key.
    pub fn unlock_without_agent(&self) -> Result<Session> {
        self.read_and_unlock(false)
    }

    fn read_and_unlock(&self, ask_agent: bool) -> Result<Session> {
        scratch::remove_abandoned();
        let locked = self.store()?.read()?;
        let mut session = self.open(locked, ask_agent, self.globals.identity.as_deref())?;
        if self.globals.accept_generation.is_some() && !session.is_accepted_older() {
            self.ui
                .note("--accept-generation was not needed: this is no older copy.");
        }
        self.tell_new_ways_in(&session)?;
        session.pin_what_was_seen();
        Ok(session)
    }

    /// Unlocks a file that was read before; nothing is pinned.
    pub fn unlock_file(&self, locked: LockedVault) -> Result<Session> {
        self.open(
            locked,
            !self.globals.no_agent,
            self.globals.identity.as_deref(),
        )
    }

    /// As [`Self::unlock_file`], for a file that stands for no place on this device: how it stands
    /// to what was seen here is not told.
    pub fn unlock_elsewhere(&self, locked: LockedVault) -> Result<Session> {
        self.open_untold(
            locked,
            !self.globals.no_agent,
            self.globals.identity.as_deref(),
        )
    }

    fn open_untold(
        &self,
        locked: LockedVault,
        ask_agent: bool,
        identity: Option<&Path>,
    ) -> Result<Session> {
        match identity {
            Some(path) => {
                let keys = self.identities(path, &locked)?;
                let unlocked = locked.unlock(UnlockKey::Identities(keys));
                unlocked.map_err(|(_, why)| why_not(path, why))
            }
            None if ask_agent && !self.names_a_password() => match self.unlock_by_agent(locked)? {
                Ok(session) => Ok(session),
                Err(locked) => {
                    let session = self.unlock_by_password(*locked)?;
                    self.suggest_unlock();
                    Ok(session)
                }
            },
            None => self.unlock_by_password(locked),
        }
    }

    fn open(
        &self,
        locked: LockedVault,
        ask_agent: bool,
        identity: Option<&Path>,
    ) -> Result<Session> {
        let session = self.open_untold(locked, ask_agent, identity)?;
        if session.is_forked() {
            self.warn(
                "this device and another wrote this vault apart, and the other's file is here: \
                 what this device wrote last is missing",
            );
        }
        if let Some(lost) = session.lost_itself() {
            self.warn(&lost);
        }
        if session.is_accepted_older() {
            self.warn(&format!(
                "this is generation {}, older than what this device has seen",
                session.facts().generation
            ));
        }
        Ok(session)
    }

    fn unlock_by_password(&self, mut locked: LockedVault) -> Result<Session> {
        let key_file = self.key_file_for(locked.access())?;
        self.tell_unneeded_key_file(locked.access());
        let given = self.given_password()?;
        let prompt = self.password_prompt();
        for attempt in 1.. {
            let password = match &given {
                Some(password) => password.clone(),
                None => self.ui.prompt_secret(&prompt, TO_UNLOCK_UNASKED)?,
            };
            let key = self.derive(&password, key_file.as_ref(), locked.access())?;
            match locked.unlock(UnlockKey::Master(key)) {
                Ok(session) => return Ok(session),
                Err((same, why)) if why.kind() == Kind::Locked => {
                    if given.is_some() || attempt == ATTEMPTS {
                        return Err(
                            why.hint("nothing was changed; check the password and try again")
                        );
                    }
                    self.ui.note("That did not open the vault. Try again.");
                    locked = *same;
                }
                Err((_, why)) => return Err(why),
            }
        }
        Err(Error::locked("wrong password"))
    }

    /// What is asked for; of which vault, where it is not the one that is meant without a word.
    fn password_prompt(&self) -> String {
        let usual = default_vault().ok();
        match &self.globals.vault {
            Some(path) if Some(path) != usual.as_ref() => {
                format!("Master password of {}", path.display())
            }
            _ => "Master password".to_owned(),
        }
    }

    /// Derives the master key, with a sign of life when that takes a while.
    ///
    /// # Errors
    /// [`Kind::Failed`] when there is not enough memory.
    pub fn derive(
        &self,
        password: &Secret,
        key_file: Option<&KeyFile>,
        access: &Access,
    ) -> Result<MasterKey> {
        let _keys = self.ui.show_no_keys();
        let _spinner = self.ui.spinner("Deriving the master key");
        derive(password, key_file, access)
    }

    /// Whether a source other than the agent and the terminal is to give the password.
    pub fn names_a_password(&self) -> bool {
        let globals = &self.globals;
        globals.password_fd.is_some()
            || globals.password_file.is_some()
            || variable("VAULT_PASSWORD_COMMAND").is_some()
            || variable("VAULT_PASSWORD_FILE").is_some()
    }

    /// The master password, if a source other than the agent and the terminal has it.
    ///
    /// # Errors
    /// [`Kind::Usage`] when a source that was named cannot be read.
    pub fn given_password(&self) -> Result<Option<Secret>> {
        if let Some(fd) = self.globals.password_fd {
            return self.ui.first_line_of_fd(fd).map(Some);
        }
        if let Some(path) = &self.globals.password_file {
            return self.ui.first_line_of_file(path).map(Some);
        }
        if let Some(command) = variable("VAULT_PASSWORD_COMMAND") {
            return self.ui.first_line_of_command(&command).map(Some);
        }
        if let Some(path) = variable("VAULT_PASSWORD_FILE") {
            return self.ui.first_line_of_file(Path::new(&path)).map(Some);
        }
        Ok(None)
    }

    /// The key file that the options name.
    ///
    /// # Errors
    /// [`Kind::Usage`] when it cannot be read.
    pub fn key_file(&self) -> Result<Option<KeyFile>> {
        self.globals
            .key_file
            .as_deref()
            .map(read_key_file)
            .transpose()
    }

    /// Says that a key file that was named has nothing to do with it. One variable may serve several
    /// vaults.
    fn tell_unneeded_key_file(&self, access: &Access) {
        let is_named = self.globals.key_file.is_some() && variable("VAULT_KEY_FILE").is_none();
        if is_named && !access.key_file {
            self.ui
                .note("This vault needs no key file: --key-file is not used.");
        }
    }

    fn key_file_for(&self, access: &Access) -> Result<Option<KeyFile>> {
        match self.key_file()? {
            _ if !access.key_file => Ok(None),
            Some(key_file) => Ok(Some(key_file)),
            None => Err(Error::locked("this vault needs its key file")
                .hint("name it with --key-file PATH or VAULT_KEY_FILE")),
        }
    }
}

/// What is said when a vault is to be opened and nobody can be asked.
const TO_UNLOCK_UNASKED: Unasked<'_> = Unasked {
    instead: "use --password-file, --password-fd or VAULT_PASSWORD_COMMAND, or on a terminal \
              first: vault unlock",
    ..PASSWORD_UNASKED
};

/// What is said when a master password is needed and nobody can be asked.
pub const PASSWORD_UNASKED: Unasked<'_> = Unasked {
    needed: "the master password is needed",
    instead: "use --password-file, --password-fd or VAULT_PASSWORD_COMMAND",
};

/// Reads a key file.
///
/// # Errors
/// [`Kind::Usage`] when it cannot be read, is empty or is larger than 1 MiB.
pub fn read_key_file(path: &Path) -> Result<KeyFile> {
    let content = read_named("the key file", path, KEY_FILE_BYTES).map_err(Error::into_usage)?;
    Inherited::close_named(path);
    if content.is_empty() {
        return Err(Error::usage(format!(
            "the key file {} is empty",
            path.display()
        )));
    }
    Ok(KeyFile::of(&content))
}

/// Writes a new file that only its owner can read; never over an existing one.
///
/// # Errors
/// [`Kind::Conflict`] when it exists, [`Kind::Failed`] when it cannot be written.
pub fn write_private(path: &Path, text: &Secret) -> Result<()> {
    Prepared::write(path, text.expose().as_bytes())?
        .create()?
        .sync()
}

/// Names the identity file in what is wrong with it.
fn why_not(path: &Path, why: Error) -> Error {
    if !matches!(why.kind(), Kind::Locked | Kind::Usage) {
        return why;
    }
    why.about(path.display())
        .or_hint("name the identity that was written when the vault was made")
}

/// Where the vault is when nobody says so.
fn default_vault() -> Result<PathBuf> {
    Ok(folder(dirs::data_dir(), "data")?.join("vault/vault.age"))
}

/// Where this device keeps what it knows of vaults.
fn state_folder() -> Result<PathBuf> {
    match dirs::state_dir() {
        Some(state) => Ok(state.join("vault")),
        None => Ok(folder(dirs::data_local_dir(), "state")?.join("vault-state/vault")),
    }
}

fn folder(found: Option<PathBuf>, what: &str) -> Result<PathBuf> {
    found.ok_or_else(|| {
        Error::failed(format!("this system names no {what} folder"))
            .hint("set HOME, or name the vault with --vault PATH")
    })
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
