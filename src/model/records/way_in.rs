//! Ways in other than the password: recovery identities, and keys that their owners hold
//! elsewhere.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::record::record;
use super::record_id::short;
use crate::model::text::words::words;

record! {
    /// A way in other than the password.
    pub struct WayIn by added {
        required {
            /// The record's id.
            id: Uuid,
            /// What it is, as [`WayInKind`] spells it.
            kind: String,
            /// The key that the vault is encrypted to: `age1…` or `ssh-…`.
            recipient: String,
            /// When it was added.
            added: Timestamp,
        }
        optional {
            /// What its owner calls it.
            name: Option<String>,
            /// When it was taken away.
            removed: Cell<Option<Timestamp>>,
            /// Whether its identity, which was made here, is still to be written out: until then
            /// nobody has it for sure.
            unwritten: Cell<bool>,
        }
    }
}

impl WayIn {
    /// Whether its identity was never written out, as far as is known.
    pub fn is_unwritten(&self) -> bool {
        self.unwritten.get().copied().unwrap_or_default()
    }
}

words! {
    /// The kind of a way in.
    pub enum WayInKind {
        /// An age identity that was made here, to be kept offline.
        Recovery = "recovery",
        /// An age key from elsewhere.
        Age = "age",
        /// An SSH key.
        Ssh = "ssh",
        /// A key that an age plugin holds, on a hardware key for example.
        Plugin = "plugin",
    }
}

/// The two lists in which ways in are kept apart, each with its own commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Identities that were made here.
    Recovery,
    /// Keys from elsewhere.
    Recipient,
}

impl Family {
    /// The one that a way in is in.
    pub fn of(way: &WayIn) -> Self {
        if Self::Recovery.has(way) {
            Self::Recovery
        } else {
            Self::Recipient
        }
    }

    /// Whether it is one of these.
    pub fn has(self, way: &WayIn) -> bool {
        (way.kind == WayInKind::Recovery.as_str()) == (self == Self::Recovery)
    }

    /// The command of this family.
    pub fn command(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::Recipient => "recipient",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Recovery => Self::Recipient,
            Self::Recipient => Self::Recovery,
        }
    }
}

impl WayIn {
    /// The command that takes it away.
    pub fn removal(&self) -> String {
        format!("vault {} rm {}", Family::of(self).command(), short(self.id))
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recovery => "recovery identity",
            Self::Recipient => "recipient",
        })
    }
}
