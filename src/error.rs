//! What can go wrong, as a user or a script sees it: a kind that fixes the exit code, a message
//! that names the thing, and a hint that names the next step.
//!
//! Messages are lower case without a full stop and hold operands (names, numbers, paths), never
//! the bytes of an input that may be a secret.

use std::fmt;

/// Result of everything below `commands`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of a failure. Each has one exit code and one stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// I/O, a full disk, a missing helper program; nothing changed.
    Failed,
    /// Bad options or bad input.
    Usage,
    /// No such vault, entry, client, or other named thing.
    NotFound,
    /// Wrong password, key file or identity.
    Locked,
    /// Damaged, tampered with, unsigned, rolled back, or signed by another key.
    Integrity,
    /// Policy says no.
    Refused,
    /// It already exists, or the vault is busy.
    Conflict,
    /// A check found something.
    Findings,
    /// It would have to ask, and there is nobody to ask.
    NeedsInput,
    /// The program that `run` is to start cannot be executed.
    NotExecutable,
    /// The program that `run` is to start is not found.
    NoProgram,
}

impl Kind {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Locked => 4,
            Self::Integrity => 5,
            Self::Refused => 6,
            Self::Conflict => 7,
            Self::Findings => 8,
            Self::NeedsInput => 9,
            Self::NotExecutable => 126,
            Self::NoProgram => 127,
        }
    }

    /// The word that scripts read under `--json`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::Locked => "locked",
            Self::Integrity => "integrity",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::Findings => "findings",
            Self::NeedsInput => "needs_input",
            Self::NotExecutable => "not_executable",
            Self::NoProgram => "no_program",
        }
    }
}

/// A failure with its kind, its message and, where there are any, details and the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    details: Vec<String>,
    hint: Option<String>,
}

impl Error {
    /// A failure of `kind`; `message` names the thing and the reason.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// Adds what the message comes from, one line each.
    #[must_use]
    pub fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with its subject named in front of the message, as in `PATH: MESSAGE`, where the
    /// message does not name it itself.
    #[must_use]
    pub fn about(self, subject: impl fmt::Display) -> Self {
        let subject = subject.to_string();
        let ends = |c: Option<char>| c.is_none_or(|c| " :;,".contains(c));
        let named = self.message.split(&subject).collect::<Vec<_>>();
        let is_named = !subject.is_empty()
            && (named.windows(2)).any(|around| match around {
                [before, after] => ends(before.chars().last()) && ends(after.chars().next()),
                _ => false,
            });
        if is_named {
            return self;
        }
        self.prefixed(&format!("{subject}: "))
    }

    /// The same, with `before` in front of the message.
    #[must_use]
    pub fn prefixed(mut self, before: &str) -> Self {
        self.message.insert_str(0, before);
        self
    }

    /// The same fault of a file that the command line names as `what`: one that is missing or of no
    /// use is wrong use, one that cannot be read stays a failure.
    #[must_use]
    pub fn unusable(mut self, what: &str) -> Self {
        if matches!(self.kind, Kind::Failed | Kind::Usage) {
            return self;
        }
        self.kind = Kind::Usage;
        self.prefixed(&format!("cannot use {what}: "))
    }

    /// The same as wrong use: what was named in place of asking has to be readable.
    #[must_use]
    pub fn into_usage(mut self) -> Self {
        self.kind = Kind::Usage;
        self
    }

    /// The same, with this next step where it has none.
    #[must_use]
    pub fn or_hint(self, hint: &str) -> Self {
        if self.hint.is_some() {
            return self;
        }
        self.hint(hint)
    }

    /// The kind, and with it the exit code.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the message comes from, one line each.
    #[must_use]
    pub fn detail_lines(&self) -> &[String] {
        &self.details
    }

    /// The next step, if there is one.
    #[must_use]
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// One constructor a kind, named as the kind is.
macro_rules! constructors {
    ($($name:ident => $kind:ident),* $(,)?) => {
        impl Error {
            $(
                #[doc = concat!("A failure of kind [`Kind::", stringify!($kind), "`].")]
                #[must_use]
                pub fn $name(message: impl Into<String>) -> Self {
                    Self::new(Kind::$kind, message)
                }
            )*
        }
    };
}

constructors! {
    failed => Failed,
    usage => Usage,
    not_found => NotFound,
    locked => Locked,
    integrity => Integrity,
    refused => Refused,
    conflict => Conflict,
    needs_input => NeedsInput,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
