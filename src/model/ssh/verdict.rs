//! Whether an SSH key signs: by the bounds of its entry, what is known of the server, and how often
//! its user wants to be asked.

use super::binding::SshServer;
use super::key_terms::KeyBounds;
use crate::model::text::words::words;

words! {
    /// How often the user is asked before a key is used.
    pub enum ConfirmMode {
        /// Each time.
        Always = "always",
        /// Once for each key, server and user, or namespace, while the vault is unlocked.
        Once = "once",
        /// Only where it has to be.
        Never = "never",
    }
}

/// What a key is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshUse {
    /// A login.
    Login {
        /// Whom it logs in as.
        user: String,
        /// Where.
        server: SshServer,
    },
    /// A file's signature.
    File {
        /// What it is good for.
        namespace: String,
        /// Whether the request came through another machine.
        is_forwarded: bool,
    },
}

impl SshUse {
    /// Whether the request came through another machine.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        match self {
            Self::Login { server, .. } => server.is_forwarded,
            Self::File { is_forwarded, .. } => *is_forwarded,
        }
    }

    /// Whether it is known where it leads.
    fn is_told(&self) -> bool {
        !matches!(self, Self::Login { server, .. } if server.fingerprint.is_none())
    }

    /// The means, as the log has it.
    #[must_use]
    pub fn via(&self) -> String {
        match self {
            Self::Login { server, .. } if server.is_forwarded => "ssh-forwarded".to_owned(),
            Self::Login { .. } => "ssh".to_owned(),
            Self::File {
                namespace,
                is_forwarded: true,
            } => format!("sshsig-forwarded:{namespace}"),
            Self::File { namespace, .. } => format!("sshsig:{namespace}"),
        }
    }

    /// What a yes is remembered for.
    #[must_use]
    pub fn remembered_as(&self) -> String {
        match self {
            Self::Login { user, server } => {
                let host = server.fingerprint.as_deref().unwrap_or_default();
                format!("{host} {user}")
            }
            Self::File { .. } => self.via(),
        }
    }
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshVerdict {
    /// It is signed.
    Allowed,
    /// It is signed if the user says yes; whether that counts for the next time too.
    Ask {
        /// Whether a yes is remembered.
        is_remembered: bool,
    },
    /// It is not signed.
    Refused(SshRefusal),
}

words! {
    /// Why a key does not sign, as the log has it.
    pub enum SshRefusal {
        /// The server is none of the key's.
        OtherHost = "other-host",
        /// The server is one of the key's, and the user is not.
        OtherUser = "other-user",
        /// Nobody here knows the key of any of the key's servers.
        UnknownHost = "unknown-host",
        /// The key does not sign files in this namespace.
        Namespace = "namespace",
        /// The request is not of the session that its connection is bound to.
        OtherSession = "other-session",
        /// What was to prove the server does not.
        Unproved = "unproved",
        /// It is no login and no file that would be signed.
        Unsafe = "unsafe",
        /// The user said no.
        Declined = "declined",
        /// Nobody could be asked, or nobody answered.
        Unasked = "unasked",
    }
}

impl SshRefusal {
    /// As a person is told it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::OtherHost => "the key is for other servers",
            Self::OtherUser => "the key is for another user there",
            Self::UnknownHost => "the key of its server is not known here",
            Self::Namespace => "the key does not sign files of this kind",
            Self::OtherSession => "the session is another one than was proved",
            Self::Unproved => "what was to prove its server does not",
            Self::Unsafe => "it is no login and no signature of a file",
            Self::Declined => "you said no",
            Self::Unasked => "nobody could be asked, or nobody answered",
        }
    }

    /// The words of a code of the log.
    pub(crate) fn told(code: &str) -> Option<&'static str> {
        code.parse().ok().map(Self::in_words)
    }
}

/// Whether `bounds` let a key be used, where `is_remembered` says that the user has said yes to the
/// same before.
#[must_use]
pub fn judge(
    bounds: &KeyBounds,
    wanted: &SshUse,
    mode: ConfirmMode,
    is_remembered: bool,
) -> SshVerdict {
    let refused = match wanted {
        SshUse::Login { user, server } => refuse_login(bounds, user, server),
        SshUse::File { namespace, .. } => refuse_file(bounds, namespace),
    };
    if let Some(why) = refused {
        return SshVerdict::Refused(why);
    }
    let is_unproved = |server: &SshServer| bounds.is_bound && !server.is_proved;
    let has_to_be_asked = wanted.is_forwarded()
        || matches!(wanted, SshUse::Login { server, .. } if is_unproved(server));
    match mode {
        _ if has_to_be_asked => SshVerdict::Ask {
            is_remembered: false,
        },
        ConfirmMode::Never => SshVerdict::Allowed,
        ConfirmMode::Once if is_remembered => SshVerdict::Allowed,
        ConfirmMode::Once => SshVerdict::Ask {
            is_remembered: wanted.is_told(),
        },
        ConfirmMode::Always => SshVerdict::Ask {
            is_remembered: false,
        },
    }
}

fn refuse_login(bounds: &KeyBounds, user: &str, server: &SshServer) -> Option<SshRefusal> {
    if !bounds.is_bound {
        return None;
    }
    if server.is_doubtful {
        return Some(SshRefusal::Unproved);
    }
    let Some(fingerprint) = &server.fingerprint else {
        // An old client: where it goes is not known, and is asked. Through another machine it is
        // that machine's word alone.
        let is_told = !server.is_forwarded && bounds.places.iter().any(|it| it.is_for(user));
        return (!is_told).then_some(SshRefusal::OtherHost);
    };
    let (mut is_known, mut is_here) = (false, false);
    for place in &bounds.places {
        is_known |= !place.host_keys.is_empty();
        if place.host_keys.contains(fingerprint) {
            is_here = true;
            if place.is_for(user) {
                return None;
            }
        }
    }
    Some(match (is_here, is_known) {
        (true, _) => SshRefusal::OtherUser,
        (false, true) => SshRefusal::OtherHost,
        (false, false) => SshRefusal::UnknownHost,
    })
}

fn refuse_file(bounds: &KeyBounds, namespace: &str) -> Option<SshRefusal> {
    let is_allowed = match &bounds.namespaces {
        Some(named) => named.iter().any(|it| it == namespace),
        None => !bounds.is_bound,
    };
    (!is_allowed).then_some(SshRefusal::Namespace)
}

#[cfg(test)]
mod tests;
