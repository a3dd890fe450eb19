//! How this machine and this vault's settings stand: one rule for each thing to look at, over facts
//! that were gathered elsewhere. What could not be looked at is a finding too, never passed over.

mod machine;
mod program;
mod settings;

use jiff::Timestamp;
use jiff::civil::Date;
use machine::{agent, clipboard, clock, disk, dumps, edits, hibernation, memory, swap};
pub use program::Namesake;
use program::{age, exports, shadowed};
use settings::{backups, git, kdf, limits, permissions, recovery, synced, unknown_keys, vault};

use super::rule::Examined;
use crate::error::Result;
use crate::model::text::kdf::KdfParams;
use crate::model::vault::Vault;

/// A fact, or why it is not known.
pub type Fact<T> = Result<T, String>;

pub use program::{RELEASE, looks_exported};

/// How what is written to a file lies on its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtRest {
    /// Encrypted, by the file system or below it.
    Encrypted,
    /// It is never written to a disk.
    InMemory,
    /// Nothing shows that this disk is encrypted.
    Clear(String),
}

/// A file or a folder that belongs to the vault.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Where it is.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether others have no business even reading it.
    pub is_private: bool,
    /// Its permission bits.
    pub mode: u32,
    /// Whether it is the user's own.
    pub is_own: bool,
}

/// Where memory may be written out to.
#[derive(Clone, Debug)]
pub struct Swap {
    /// The file or device.
    pub device: String,
    /// Whether what is written there is encrypted or stays in memory.
    pub is_safe: bool,
}

/// What surrounds a place.
#[derive(Clone, Debug)]
pub struct Around {
    /// The place.
    pub path: String,
    /// Whether it is where this device keeps what it knows, which no other device should get.
    pub is_state: bool,
    /// The git work tree that it is in.
    pub work_tree: Option<String>,
    /// Whether that is set up to merge the vault.
    pub is_set_up: bool,
    /// The folder service whose folder it is in.
    pub synced_by: Option<String>,
}

/// A copy of the vault in another place.
#[derive(Clone, Debug)]
pub struct CopyFact {
    /// Where it is.
    pub path: String,
    /// The vault's generation in it.
    pub generation: u64,
    /// When it was made.
    pub time: Timestamp,
    /// Whether it is there now, and whole.
    pub is_checked: bool,
    /// The device that its folder is on, where that is known.
    pub device: Option<u64>,
}

/// What there is to go back to.
#[derive(Clone, Debug, Default)]
pub struct Backups {
    /// Copies in other places, the latest first.
    pub copies: Vec<CopyFact>,
    /// Files that are kept and cannot be relied on.
    pub bad: Vec<String>,
    /// Files beside the vault that are whole.
    pub good_beside: usize,
    /// Why a folder could not be looked through.
    pub unread: Vec<String>,
}

/// How much a vault holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Entries, those in the trash included.
    pub entries: usize,
    /// Bytes of all attachments.
    pub attachments: u64,
}

/// What the vault file says of itself.
#[derive(Clone, Debug)]
pub struct VaultFacts {
    /// Its generation.
    pub generation: u64,
    /// Its size in bytes.
    pub size: u64,
    /// What a guess at its password costs.
    pub kdf: KdfParams,
    /// Ways in other than the password.
    pub ways_in: usize,
}

/// Everything that the rules look at.
#[derive(Clone, Debug)]
pub struct MachineFacts {
    /// Now.
    pub now: Timestamp,
    /// The vault's path.
    pub path: String,
    /// The vault, or what is wrong with it.
    pub vault: Result<VaultFacts>,
    /// The device that it is on, where that is known.
    pub device: Option<u64>,
    /// Whether there was one, as far as this device or what lies beside it knows.
    pub had_vault: bool,
    /// Files and folders of the vault and of what this device knows.
    pub places: Vec<FileFacts>,
    /// What surrounds them.
    pub around: Vec<Around>,
    /// The ids of recovery identities that were never written out, where the vault is open.
    pub unwritten: Vec<String>,
    /// Keys that open the vault and that this device does not know, where it is open: what each is,
    /// and the command that takes it away.
    pub unknown_keys: Vec<(String, String)>,
    /// Swap that is in use.
    pub swap: Fact<Vec<Swap>>,
    /// Where memory is written to when the machine hibernates.
    pub hibernation: Fact<Vec<Swap>>,
    /// How the vault file lies on its disk.
    pub disk: Fact<AtRest>,
    /// The day on which this version of the program came out.
    pub released: Date,
    /// Other programs in `PATH` with this one's name.
    pub namesakes: Fact<Vec<Namesake>>,
    /// Parts of `PATH` that are not named from the root, as they stand there.
    pub open_path_parts: Vec<String>,
    /// Files of passwords that other programs have exported.
    pub exports: Fact<Vec<String>>,
    /// Folders with the text of an edit, which was killed before it could wipe them.
    pub left_edits: Vec<String>,
    /// Whether keys can be locked into memory.
    pub memory_locked: bool,
    /// Whether this process leaves no core dump.
    pub no_dumps: bool,
    /// Why there is no clipboard to copy to.
    pub clipboard: Fact<()>,
    /// Why the agent's place is not to be trusted.
    pub agent: Fact<()>,
    /// The last time that this device is known to have written or revealed something.
    pub last_seen: Fact<Timestamp>,
    /// What there is to go back to.
    pub backups: Fact<Backups>,
    /// How much the vault holds.
    pub counts: Fact<Counts>,
}

/// Looks at everything.
pub fn examine(facts: &MachineFacts) -> Vec<Examined> {
    vec![
        vault(facts),
        permissions(facts),
        kdf(facts),
        backups(facts),
        recovery(facts),
        unknown_keys(facts),
        limits(facts),
        git(facts),
        synced(facts),
        clock(facts),
        disk(facts),
        swap(facts),
        hibernation(facts),
        memory(facts),
        dumps(facts),
        edits(facts),
        exports(facts),
        age(facts),
        shadowed(facts),
        agent(facts),
        clipboard(facts),
    ]
}

impl Vault {
    /// How much it holds.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn counts(&self) -> Result<Counts> {
        Ok(Counts {
            entries: self.entries.len(),
            attachments: self.attachments_size()?,
        })
    }
}

#[cfg(test)]
mod tests;
