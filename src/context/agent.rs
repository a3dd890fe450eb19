//! When the agent is asked, and where it is.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use super::{Context, folder, state_folder};
use crate::agent::client::Presence;
use crate::agent::keyring::KeyId;
use crate::agent::place::{check_private, own};
use crate::agent::{Agent, AgentStatus, SocketFolder};
use crate::error::{Error, Kind, Result};
use crate::store::device::prompts::is_asked_often;
use crate::store::reading::LockedVault;
use crate::store::session::{Session, UnlockKey};

/// This user's agent, whether it runs or not.
///
/// # Errors
/// [`Kind::Failed`] when the system names no folder for its socket.
pub fn agent() -> Result<Agent> {
    socket_folder().map(Agent::new)
}

/// Where this user's agents have their sockets.
///
/// # Errors
/// [`Kind::Failed`] when the system names no folder for them.
pub fn socket_folder() -> Result<SocketFolder> {
    let place = match runtime_folder() {
        Some(runtime) => runtime.join("vault"),
        None => folder(dirs::cache_dir(), "cache")?.join("vault-agent"),
    };
    Ok(SocketFolder::new(place))
}

/// A vault that is open for a program.
pub struct ProgramSession {
    /// The vault.
    pub session: Session,
    /// When the agent will forget the key, by the agent's clock: as long as that stays, nobody has
    /// locked and unlocked in between.
    pub until: Duration,
    of: KeyId,
}

/// Refuses a folder for what runs that is not this user's alone. One that is not there is not used.
///
/// # Errors
/// [`Kind::Refused`].
pub fn check_runtime_folder() -> Result<()> {
    let Some(runtime) = dirs::runtime_dir().filter(|path| path.exists()) else {
        return Ok(());
    };
    check_private(&runtime).map_err(|why| {
        Error::refused(format!("XDG_RUNTIME_DIR: {}", why.message()))
            .hint("set it to a folder of yours that nobody else may enter (chmod 700)")
    })
}

impl Context {
    /// Opens a vault whose key the agent has, or gives it back.
    pub fn unlock_by_agent(
        &self,
        locked: LockedVault,
    ) -> Result<Result<Session, Box<LockedVault>>> {
        let of = id_of(&locked);
        let Ok(agent) = agent() else {
            return Ok(Err(Box::new(locked)));
        };
        match agent.ready(of) {
            Ok(Presence::Here) => {}
            Ok(Presence::Missing) => return Ok(Err(Box::new(locked))),
            Ok(Presence::Outdated) => {
                self.warn("the agent was of another version of vault, and has ended: vault unlock");
                return Ok(Err(Box::new(locked)));
            }
            Err(why) => {
                self.warn(&unused(&why));
                return Ok(Err(Box::new(locked)));
            }
        }
        match locked.unlock(UnlockKey::Kept(Box::new(agent.key(of)))) {
            Ok(session) => Ok(Ok(session)),
            Err((locked, why)) if why.kind() == Kind::Locked => Ok(Err(locked)),
            Err((_, why)) => Err(why),
        }
    }

    /// Tells who has typed the master password again and again what saves that; once, and not in
    /// what a script reads.
    pub(super) fn suggest_unlock(&self) {
        if self.globals.no_agent || self.ui.is_json() || !self.ui.stderr_is_terminal() {
            return;
        }
        let often = state_folder().and_then(|state| is_asked_often(&state, self.now()));
        // Where it cannot be noted, nothing is lost.
        if often.unwrap_or(false) {
            self.ui
                .hint("to type it once for a quarter of an hour: vault unlock");
        }
    }

    /// Opens the vault for reading, if the agent has its key: nothing is asked, derived, pinned or
    /// said, and the agent keeps the key no longer for it.
    pub fn unlock_without_asking(&self) -> Option<Session> {
        self.unlock_aside(self.store().ok()?.read().ok()?)
    }

    /// As [`Self::unlock_without_asking`], of a file that was read before.
    pub fn unlock_aside(&self, locked: LockedVault) -> Option<Session> {
        if self.globals.no_agent {
            return None;
        }
        let key = agent().ok()?.key_aside(id_of(&locked));
        locked.unlock(UnlockKey::Kept(Box::new(key))).ok()
    }

    /// Opens the vault for a program that wants to use what is in it, if the agent has its key:
    /// nobody is asked, and the agent keeps the key no longer for it until it [is used](Self::use_in).
    ///
    /// # Errors
    /// As [`Self::unlock`].
    pub fn unlock_for_program(&self) -> Result<Option<ProgramSession>> {
        let locked = self.store()?.read()?;
        let of = id_of(&locked);
        let status = self.agent_status(Some(&locked));
        let Some(left) = status.and_then(|status| status.left) else {
            return Ok(None);
        };
        let key = agent()?.key_aside(of);
        match locked.unlock(UnlockKey::Kept(Box::new(key))) {
            Ok(session) => Ok(Some(ProgramSession {
                session,
                until: left.until,
                of,
            })),
            Err((_, why)) if why.kind() == Kind::Locked => Ok(None),
            Err((_, why)) => Err(why),
        }
    }

    /// Counts a use of the vault, for which the agent keeps the key longer; `false` where it has
    /// none any more.
    ///
    /// # Errors
    /// As [`Self::unlock`].
    pub fn use_in(&self, opened: &mut ProgramSession) -> Result<bool> {
        if agent()?.ready(opened.of)? != Presence::Here {
            return Ok(false);
        }
        self.tell_new_ways_in(&opened.session)?;
        opened.session.pin_what_was_seen();
        Ok(true)
    }

    /// Opens the vault if a password or a key is at hand: nobody is asked.
    pub fn unlock_unasked(&self) -> Result<Option<Session>> {
        if self.names_a_key() {
            return self.unlock().map(Some);
        }
        Ok(self.unlock_without_asking())
    }

    /// Whether a password or an identity is at hand, beside the agent's key.
    pub fn names_a_key(&self) -> bool {
        self.globals.identity.is_some() || self.names_a_password()
    }

    /// How the agent stands, and how long it has the key of `locked`; `None` when there is none.
    pub fn agent_status(&self, locked: Option<&LockedVault>) -> Option<AgentStatus> {
        if self.globals.no_agent {
            return None;
        }
        let status = agent().and_then(|agent| agent.status(locked.map(id_of)));
        status.unwrap_or_else(|why| {
            self.warn(&unused(&why));
            None
        })
    }

    /// Lets the agent forget a vault whose key is another from now on.
    pub fn forget_in_agent(&self, vault: Uuid) {
        if self.globals.no_agent {
            return;
        }
        let forgotten = agent().and_then(|agent| agent.forget(vault));
        if let Err(why) = forgotten {
            self.warn(&unused(&why));
        }
    }
}

/// The key that a file needs.
fn id_of(locked: &LockedVault) -> KeyId {
    KeyId {
        vault: locked.facts().vault_id,
        access: *locked.access(),
    }
}

/// Why the agent is left alone, in one sentence.
fn unused(why: &Error) -> String {
    let untold = match why.kind() {
        Kind::Refused => ", and was told nothing",
        _ => "",
    };
    let hint = why.next_step().map(|step| format!("; {step}"));
    let hint = hint.unwrap_or_default();
    format!("the agent is not used{untold}: {why}{hint}")
}

/// The folder for what runs, if it is this user's: it may be another's, after `sudo` for example,
/// or not be there.
pub fn runtime_folder() -> Option<PathBuf> {
    let is_own = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == own())
    };
    dirs::runtime_dir().filter(is_own)
}
