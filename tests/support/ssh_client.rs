//! A program that speaks with the SSH agent, byte by byte: what OpenSSH never sends too.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use ed25519_dalek::{Signer, Verifier};
use ssh_key::{HashAlg, PrivateKey, PublicKey, Signature};

/// Longer than an answer takes that waits for nobody.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection.
pub(crate) struct SshClient {
    pub(crate) stream: UnixStream,
}

/// A server that a client can prove to be connected to.
pub(crate) struct SshHost(PrivateKey);

/// The message that is no.
pub(crate) const NO: [u8; 1] = [5];
/// The message that is yes.
pub(crate) const YES: [u8; 1] = [6];

impl SshClient {
    pub(crate) fn at(socket: &Path) -> Self {
        Self::try_at(socket).expect("nobody listens")
    }

    /// A connection, if somebody listens.
    pub(crate) fn try_at(socket: &Path) -> Option<Self> {
        let stream = UnixStream::connect(socket).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Some(Self { stream })
    }

    pub(crate) fn send(&mut self, message: &[u8]) {
        self.stream.write_all(&string(message)).unwrap();
    }

    /// The next answer; none when the connection is closed.
    pub(crate) fn answer(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 4];
        match self.stream.read_exact(&mut length) {
            Ok(()) => {}
            Err(why) if why.kind() == ErrorKind::WouldBlock => panic!("it does not answer"),
            Err(_) => return None,
        }
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut body).unwrap();
        Some(body)
    }

    pub(crate) fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        self.send(message);
        self.answer().expect("the connection is closed")
    }

    /// The keys that are offered: each with its comment.
    pub(crate) fn keys(&mut self) -> Vec<(Vec<u8>, String)> {
        let answer = self.ask(&[11]);
        let mut rest = &answer[5..];
        assert_eq!(answer[0], 12);
        let mut keys = Vec::new();
        while !rest.is_empty() {
            let key = take(&mut rest).to_vec();
            let comment = String::from_utf8(take(&mut rest).to_vec()).unwrap();
            keys.push((key, comment));
        }
        assert_eq!(
            answer[1..5],
            u32::try_from(keys.len()).unwrap().to_be_bytes()
        );
        keys
    }

    /// What the keys are called.
    pub(crate) fn names(&mut self) -> Vec<String> {
        self.keys().into_iter().map(|(_, name)| name).collect()
    }

    /// Binds the connection to a session with a host.
    pub(crate) fn bind(&mut self, host: &SshHost, session: &[u8], is_forwarding: bool) -> Vec<u8> {
        self.ask(&host.binding(session, is_forwarding))
    }

    pub(crate) fn send_sign(&mut self, public: &str, data: &[u8]) {
        let message = [&[13][..], &string(&blob(public)), &string(data), &[0; 4]];
        self.send(&message.concat());
    }

    /// Whether it is signed; a signature has to be good.
    #[track_caller]
    pub(crate) fn signs(&mut self, public: &str, data: &[u8]) -> bool {
        self.send_sign(public, data);
        self.was_signed(public, data)
    }

    /// As [`Self::signs`], of what was asked for before.
    #[track_caller]
    pub(crate) fn was_signed(&mut self, public: &str, data: &[u8]) -> bool {
        let answer = self.answer().expect("the connection is closed");
        if answer == NO {
            return false;
        }
        assert_eq!(answer[0], 14, "{answer:?}");
        let mut rest = &answer[1..];
        let signature = Signature::try_from(take(&mut rest)).unwrap();
        let key = PublicKey::from_openssh(public).unwrap();
        key.key_data().verify(data, &signature).unwrap();
        true
    }
}

impl SshHost {
    pub(crate) fn new(seed: u8) -> Self {
        let pair = ssh_key::private::Ed25519Keypair::from_seed(&[seed; 32]);
        Self(PrivateKey::from(pair))
    }

    pub(crate) fn key(&self) -> Vec<u8> {
        self.0.public_key().to_bytes().unwrap()
    }

    pub(crate) fn public(&self) -> String {
        self.0.public_key().to_openssh().unwrap()
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.0.public_key().fingerprint(HashAlg::Sha256).to_string()
    }

    pub(crate) fn binding(&self, session: &[u8], is_forwarding: bool) -> Vec<u8> {
        let signature: Signature = self.0.key_data().sign(session);
        let signature: Vec<u8> = signature.try_into().unwrap();
        let parts = [
            &[27][..],
            &string(b"session-bind@openssh.com"),
            &string(&self.key()),
            &string(session),
            &string(&signature),
            &[u8::from(is_forwarding)],
        ];
        parts.concat()
    }
}

/// What a login of `user` by a key has signed; `host` where it is good for that one alone.
pub(crate) fn login(public: &str, session: &[u8], user: &str, host: Option<&SshHost>) -> Vec<u8> {
    let kind = public.split(' ').next().unwrap();
    let method = match host {
        Some(_) => "publickey-hostbound-v00@openssh.com",
        None => "publickey",
    };
    let parts = [
        string(session),
        vec![50],
        string(user.as_bytes()),
        string(b"ssh-connection"),
        string(method.as_bytes()),
        vec![1],
        string(kind.as_bytes()),
        string(&blob(public)),
        host.map(|host| string(&host.key())).unwrap_or_default(),
    ];
    parts.concat()
}

/// What a signature of a file has signed.
pub(crate) fn file(namespace: &str) -> Vec<u8> {
    let parts = [
        b"SSHSIG".to_vec(),
        string(namespace.as_bytes()),
        string(b""),
        string(b"sha512"),
        string(&[9; 64]),
    ];
    parts.concat()
}

/// The key of a line as the protocol writes it.
pub(crate) fn blob(public: &str) -> Vec<u8> {
    PublicKey::from_openssh(public).unwrap().to_bytes().unwrap()
}

/// A string of the protocol.
pub(crate) fn string(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    [&length.to_be_bytes()[..], text].concat()
}

fn take<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let (length, after) = rest.split_first_chunk::<4>().unwrap();
    let (text, after) = after.split_at(u32::from_be_bytes(*length) as usize);
    *rest = after;
    text
}
