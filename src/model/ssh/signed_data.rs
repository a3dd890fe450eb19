//! What a request to sign is for, told by the bytes that would be signed: a login at a server, or
//! a signature of a file. Nothing else is signed, since nobody could say what it would be good for.

use super::strings::next_string;
use crate::model::text::limits::{SSH_NAME_BYTES, SSH_SESSION_BYTES};

/// The message of a login, of RFC 4252.
const USERAUTH_REQUEST: u8 = 50;
/// The one service that is logged in to.
const SERVICE: &[u8] = b"ssh-connection";
/// The method of a login by a key.
const PUBLIC_KEY: &[u8] = b"publickey";
/// The same, with the server's key in what is signed.
const HOST_BOUND: &[u8] = b"publickey-hostbound-v00@openssh.com";
/// What a file's signature begins with, of OpenSSH's PROTOCOL.sshsig.
const SSHSIG: &[u8] = b"SSHSIG";

/// What would be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedData<'a> {
    /// A login.
    Login(LoginRequest<'a>),
    /// A file, in a namespace such as `git`.
    File {
        /// What the signature is good for.
        namespace: &'a str,
    },
}

/// A login at a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRequest<'a> {
    /// The session that it is good for.
    pub session: &'a [u8],
    /// Whom it logs in as.
    pub user: &'a str,
    /// The server's key, where the signature is good for that server alone.
    pub host_key: Option<&'a [u8]>,
}

impl<'a> SignedData<'a> {
    /// Reads what is to be signed by the key `public`; none when it is anything else than a login
    /// by that key or a file's signature.
    #[must_use]
    pub fn parse(data: &'a [u8], public: &[u8]) -> Option<Self> {
        match data.strip_prefix(SSHSIG) {
            Some(rest) => file(rest),
            None => login(data, public),
        }
    }
}

fn file(mut rest: &[u8]) -> Option<SignedData<'_>> {
    let namespace = name(next_string(&mut rest)?)?;
    let _reserved = next_string(&mut rest)?;
    let _hash = next_string(&mut rest).filter(|hash| [&b"sha256"[..], b"sha512"].contains(hash))?;
    let _digest = next_string(&mut rest)?;
    rest.is_empty().then_some(SignedData::File { namespace })
}

fn login<'a>(mut rest: &'a [u8], public: &[u8]) -> Option<SignedData<'a>> {
    let session = next_string(&mut rest)?;
    let is_session = !session.is_empty() && session.len() <= SSH_SESSION_BYTES;
    let is_request = byte(&mut rest)? == USERAUTH_REQUEST;
    let user = name(next_string(&mut rest)?)?;
    let is_service = next_string(&mut rest)? == SERVICE;
    let method = next_string(&mut rest)?;
    let is_signed = byte(&mut rest)? == 1;
    let algorithm = next_string(&mut rest)?;
    let key = next_string(&mut rest)?;
    let is_ours = key == public && next_string(&mut &*public) == Some(algorithm);
    let host_key = match method {
        PUBLIC_KEY => None,
        HOST_BOUND => Some(next_string(&mut rest).filter(|key| !key.is_empty())?),
        _ => return None,
    };
    let is_login = is_session && is_request && is_service && is_signed && is_ours;
    (is_login && rest.is_empty()).then_some(SignedData::Login(LoginRequest {
        session,
        user,
        host_key,
    }))
}

/// A name that a log and a question can show: short, and in letters that look like no others.
fn name(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_shown = |c: char| c.is_ascii_graphic();
    let is_name = !text.is_empty() && text.len() <= SSH_NAME_BYTES && text.chars().all(is_shown);
    is_name.then_some(text)
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::{LoginRequest, SignedData};
    use crate::model::ssh::strings::ssh_string;

    fn public() -> Vec<u8> {
        [ssh_string(b"ssh-ed25519"), ssh_string(&[7; 32])].concat()
    }

    /// A login with these parts; the last may be empty.
    fn login(session: &[u8], user: &[u8], method: &[u8], host_key: &[u8]) -> Vec<u8> {
        let parts = [
            ssh_string(session),
            vec![50],
            ssh_string(user),
            ssh_string(b"ssh-connection"),
            ssh_string(method),
            vec![1],
            ssh_string(b"ssh-ed25519"),
            ssh_string(&public()),
            host_key.to_vec(),
        ];
        parts.concat()
    }

    fn sshsig(namespace: &[u8]) -> Vec<u8> {
        let parts = [
            b"SSHSIG".to_vec(),
            ssh_string(namespace),
            ssh_string(b""),
            ssh_string(b"sha512"),
            ssh_string(&[1; 64]),
        ];
        parts.concat()
    }

    #[test]
    fn logins_and_files_are_read() {
        let plain = login(b"session", b"root", b"publickey", b"");
        assert_eq!(
            SignedData::parse(&plain, &public()),
            Some(SignedData::Login(LoginRequest {
                session: b"session",
                user: "root",
                host_key: None,
            }))
        );
        let method = b"publickey-hostbound-v00@openssh.com";
        let bound = login(b"session", b"root", method, &ssh_string(b"host"));
        let Some(SignedData::Login(read)) = SignedData::parse(&bound, &public()) else {
            panic!("no login");
        };
        assert_eq!(read.host_key, Some(&b"host"[..]));
        let file = sshsig(b"git");
        let read = SignedData::parse(&file, &public());
        assert_eq!(read, Some(SignedData::File { namespace: "git" }));
    }

    #[test]
    fn everything_else_is_nothing() {
        let good = login(b"session", b"root", b"publickey", b"");
        let mut probe = good.clone();
        let flag = probe.iter().rposition(|byte| *byte == 1).unwrap();
        probe[flag] = 0;
        let hostless = login(
            b"session",
            b"root",
            b"publickey-hostbound-v00@openssh.com",
            b"",
        );
        for bad in [
            Vec::new(),
            b"any text".to_vec(),
            vec![0xff; 64],
            probe,
            hostless,
            [&good[..], b"x"].concat(),
            login(b"", b"root", b"publickey", b""),
            login(&[1; 129], b"root", b"publickey", b""),
            login(b"session", b"", b"publickey", b""),
            login(b"session", b"ro\not", b"publickey", b""),
            login(b"session", &[b'r'; 129], b"publickey", b""),
            login(b"session", b"root", b"password", b""),
            login(b"session", b"root", b"publickey", &ssh_string(b"host")),
            sshsig(b""),
            sshsig(b"two words"),
            sshsig("gіt".as_bytes()),
            login("session".as_bytes(), "rооt".as_bytes(), b"publickey", b""),
            [&sshsig(b"git")[..], b"x"].concat(),
        ] {
            assert_eq!(SignedData::parse(&bad, &public()), None, "{bad:?}");
        }
        for end in 0..good.len() {
            assert_eq!(SignedData::parse(&good[..end], &public()), None, "{end}");
        }
        let other = [ssh_string(b"ssh-ed25519"), ssh_string(&[8; 32])].concat();
        assert_eq!(SignedData::parse(&good, &other), None);
    }
}
