//! Which server a connection to the SSH agent is for, as its client has proved it: the chain of
//! bindings of OpenSSH's PROTOCOL.agent, one for each machine that the agent is forwarded through.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};

use super::signed_data::LoginRequest;
use crate::model::text::limits::SSH_BINDINGS;

/// A session with a server, proved by the server's own signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBinding {
    /// The server's key, as the protocol writes it.
    pub host_key: Vec<u8>,
    /// The session.
    pub session: Vec<u8>,
    /// Whether the agent is forwarded to that server, and not used to log in to it.
    pub is_forwarding: bool,
}

/// What a connection is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BindingChain {
    bindings: Vec<SessionBinding>,
    has_failed: bool,
}

/// A server as far as it is known, for a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshServer {
    /// The fingerprint of its key; none where nobody has named it.
    pub fingerprint: Option<String>,
    /// Whether it has proved that the session is with it.
    pub is_proved: bool,
    /// Whether the request came through another machine.
    pub is_forwarded: bool,
    /// Whether a proof was tried that is none.
    pub is_doubtful: bool,
}

/// A request that does not belong to the session that its connection is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherSession;

impl BindingChain {
    /// Adds a binding whose signature was checked. Whether it fits to those before.
    #[must_use]
    pub fn add(&mut self, new: SessionBinding) -> bool {
        let known = |it: &&SessionBinding| it.session == new.session;
        let is_closed = self.bindings.iter().any(|it| !it.is_forwarding);
        let fits = match self.bindings.iter().find(known) {
            _ if is_closed => false,
            // Said twice.
            Some(same) => return same.host_key == new.host_key || self.fail(),
            None => self.bindings.len() < SSH_BINDINGS,
        };
        if !fits {
            return self.fail();
        }
        self.bindings.push(new);
        true
    }

    /// Notes that a binding was tried and is no good; the answer for it.
    pub fn fail(&mut self) -> bool {
        self.has_failed = true;
        false
    }

    /// Whether the connection comes through another machine.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        self.bindings.iter().any(|it| it.is_forwarding)
    }

    /// Whether it is bound to a server, and nothing was amiss with that.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        let is_bound = self.bindings.last().is_some_and(|it| !it.is_forwarding);
        is_bound && !self.has_failed
    }

    /// The machine that the connection comes through: the first of several, which alone cannot be
    /// made up by the others.
    #[must_use]
    pub fn hop(&self) -> Option<String> {
        let first = self.bindings.iter().find(|it| it.is_forwarding)?;
        Some(fingerprint(&first.host_key))
    }

    /// The server that a login is for.
    ///
    /// # Errors
    /// [`OtherSession`].
    pub fn server(&self, login: &LoginRequest<'_>) -> Result<SshServer, OtherSession> {
        let claimed = login.host_key.map(fingerprint);
        let is_forwarded = self.is_forwarded();
        let last = self.bindings.last().filter(|last| !last.is_forwarding);
        let Some(last) = last.filter(|_| !self.has_failed) else {
            // Nothing is proved: an older client, or one on the machine that it is forwarded to.
            return Ok(SshServer {
                fingerprint: claimed,
                is_proved: false,
                is_forwarded,
                is_doubtful: self.has_failed,
            });
        };
        let fits =
            last.session == login.session && login.host_key.is_none_or(|key| key == last.host_key);
        if !fits {
            return Err(OtherSession);
        }
        Ok(SshServer {
            fingerprint: Some(fingerprint(&last.host_key)),
            is_proved: true,
            is_forwarded,
            is_doubtful: false,
        })
    }
}

/// `SHA256:…` of a public key as the protocol writes it, as `ssh-keygen -l` prints it.
#[must_use]
pub fn fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key)))
}

#[cfg(test)]
mod tests {
    use super::{BindingChain, OtherSession, SessionBinding, fingerprint};
    use crate::model::ssh::signed_data::LoginRequest;
    use crate::model::text::limits::SSH_BINDINGS;

    fn binding(host: &str, session: &str, is_forwarding: bool) -> SessionBinding {
        SessionBinding {
            host_key: host.into(),
            session: session.into(),
            is_forwarding,
        }
    }

    fn login<'a>(session: &'a str, host_key: Option<&'a str>) -> LoginRequest<'a> {
        LoginRequest {
            session: session.as_bytes(),
            user: "root",
            host_key: host_key.map(str::as_bytes),
        }
    }

    #[test]
    fn a_login_is_for_the_server_of_its_session() {
        let mut chain = BindingChain::default();
        assert!(chain.add(binding("a", "1", false)));
        for host in [None, Some("a")] {
            let server = chain.server(&login("1", host)).unwrap();
            assert_eq!(server.fingerprint, Some(fingerprint(b"a")));
            assert!(server.is_proved && !server.is_forwarded);
        }
        assert_eq!(chain.server(&login("2", None)), Err(OtherSession));
        assert_eq!(chain.server(&login("1", Some("b"))), Err(OtherSession));
    }

    #[test]
    fn a_bound_connection_is_not_bound_to_another_server() {
        let mut chain = BindingChain::default();
        assert!(chain.add(binding("a", "1", false)));
        assert!(!chain.add(binding("b", "2", false)));
        let server = chain.server(&login("1", Some("a"))).unwrap();
        assert!(!server.is_proved, "nothing counts after that");
        assert!(server.is_doubtful);
    }

    #[test]
    fn a_forwarded_login_is_for_the_last_server_and_known_as_forwarded() {
        let mut chain = BindingChain::default();
        assert!(chain.add(binding("hop", "1", true)));
        assert!(chain.add(binding("hop", "1", true)), "said twice");
        let unproved = chain.server(&login("9", None)).unwrap();
        assert!(!unproved.is_proved && unproved.is_forwarded);
        assert_eq!(unproved.fingerprint, None);
        assert!(chain.add(binding("a", "2", false)));
        let server = chain.server(&login("2", None)).unwrap();
        assert!(server.is_proved && server.is_forwarded && !server.is_doubtful);
        assert_eq!(chain.hop(), Some(fingerprint(b"hop")));
        assert_eq!(server.fingerprint, Some(fingerprint(b"a")));
    }

    #[test]
    fn a_session_has_one_server_and_a_chain_an_end() {
        let mut chain = BindingChain::default();
        assert!(chain.add(binding("a", "1", true)));
        assert!(!chain.add(binding("b", "1", true)));
        let mut long = BindingChain::default();
        for n in 0..SSH_BINDINGS {
            assert!(long.add(binding("a", &n.to_string(), true)));
        }
        assert!(!long.add(binding("a", "more", true)));
    }

    #[test]
    fn what_was_never_bound_names_at_most_the_server_that_it_is_good_for() {
        let chain = BindingChain::default();
        let server = chain.server(&login("1", Some("a"))).unwrap();
        assert_eq!(server.fingerprint, Some(fingerprint(b"a")));
        assert!(!server.is_proved && !server.is_forwarded && !server.is_doubtful);
        assert_eq!(chain.hop(), None);
        assert_eq!(chain.server(&login("1", None)).unwrap().fingerprint, None);
    }
}
