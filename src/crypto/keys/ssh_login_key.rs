//! SSH keys that the vault signs with for its user: OpenSSH's own format, Ed25519 and ECDSA.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, Verifier};
use ssh_key::private::KeypairData;
use ssh_key::{Algorithm, PrivateKey, Signature};
use zeroize::Zeroizing;

use crate::model::ssh::strings::next_string;
use crate::model::text::limits::SSH_LOGIN_KEY_BYTES;

const BEGIN: &str = "-----BEGIN ";
const OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
/// What a key begins with below its armour.
const MAGIC: &[u8] = b"openssh-key-v1\0";
/// What keys that have no passphrase are padded to, in bytes.
const BLOCK: usize = 8;

/// A private key that signs.
pub struct SshLoginKey(PrivateKey);

/// Why a private key is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshKeyProblem {
    /// It is encrypted.
    Passphrase,
    /// It is of a kind that is not used.
    Kind(String),
    /// It is in another program's format.
    Format,
    /// It is no key.
    Damaged,
}

impl SshLoginKey {
    /// Whether a text is a private key, of whatever kind.
    #[must_use]
    pub fn is_private_key(text: &str) -> bool {
        let first = text.trim_start().lines().next().unwrap_or_default();
        first.starts_with(BEGIN) && first.contains("PRIVATE KEY-----")
    }

    /// Reads a private key.
    ///
    /// # Errors
    /// [`SshKeyProblem`], never with bytes of it.
    pub fn parse(text: &str) -> Result<Self, SshKeyProblem> {
        if text.len() > SSH_LOGIN_KEY_BYTES {
            return Err(SshKeyProblem::Damaged);
        }
        let body = text.trim().strip_prefix(OPENSSH);
        let body = body.ok_or(SshKeyProblem::Format)?;
        let body = body.strip_suffix(END).ok_or(SshKeyProblem::Damaged)?;
        let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
        base64.extend(body.split_ascii_whitespace());
        let mut bytes = Zeroizing::new(Vec::with_capacity(base64::decoded_len_estimate(
            base64.len(),
        )));
        (STANDARD.decode_vec(base64.as_bytes(), &mut bytes)).map_err(|_| SshKeyProblem::Damaged)?;
        if has_passphrase(&bytes) {
            return Err(SshKeyProblem::Passphrase);
        }
        let whole = with_whole_scalar(&bytes);
        let read = PrivateKey::from_bytes(whole.as_deref().unwrap_or(&bytes));
        let key = read.map_err(|_| SshKeyProblem::Damaged)?;
        match key.key_data() {
            KeypairData::Ed25519(_) | KeypairData::Ecdsa(_) => Ok(Self(key)),
            _ => Err(SshKeyProblem::Kind(kind(&key.algorithm()))),
        }
    }

    /// The public key, as the protocol writes it.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        // What was read can be written.
        self.0.public_key().to_bytes().unwrap_or_default()
    }

    /// The public key, as OpenSSH writes it, without a comment.
    #[must_use]
    pub fn to_openssh(&self) -> String {
        let mut public = self.0.public_key().clone();
        public.set_comment("");
        public.to_string().trim_end().to_owned()
    }

    /// Its kind, as in `ssh-ed25519`.
    #[must_use]
    pub fn kind(&self) -> String {
        self.0.algorithm().to_string()
    }

    /// Signs, as the protocol writes signatures; none where the key's halves do not belong
    /// together.
    #[must_use]
    pub fn sign(&self, data: &[u8]) -> Option<Vec<u8>> {
        let signature: Signature = self.0.try_sign(data).ok()?;
        self.0
            .public_key()
            .key_data()
            .verify(data, &signature)
            .ok()?;
        signature.try_into().ok()
    }
}

impl fmt::Debug for SshLoginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SshLoginKey({})", self.kind())
    }
}

impl fmt::Display for SshKeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passphrase => f.write_str(
                "it has a passphrase, and the vault keeps it without: ssh-keygen -p -N '' -f FILE",
            ),
            Self::Kind(kind) => write!(f, "{kind} is not used; Ed25519 and ECDSA are"),
            Self::Format => {
                f.write_str("it is not in OpenSSH's format, as ssh-keygen -p -f FILE writes it")
            }
            Self::Damaged => f.write_str("it is damaged"),
        }
    }
}

fn kind(algorithm: &Algorithm) -> String {
    match algorithm {
        Algorithm::Dsa => "DSA".to_owned(),
        Algorithm::Rsa { .. } => "RSA".to_owned(),
        Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => "a security key's file".to_owned(),
        other => other.to_string(),
    }
}

fn has_passphrase(bytes: &[u8]) -> bool {
    let cipher = bytes
        .strip_prefix(MAGIC)
        .map(|rest| next_string(&mut &*rest));
    cipher.is_some_and(|cipher| cipher.is_some_and(|cipher| cipher != b"none"))
}

/// An ECDSA key whose private number has all the bytes of its curve, as the decoder wants it:
/// OpenSSH leaves zeros at its start out, which every second key of P-521 has.
fn with_whole_scalar(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let (_, _, _) = (
        next_string(&mut rest)?,
        next_string(&mut rest)?,
        next_string(&mut rest)?,
    );
    rest = rest.get(4..)?;
    next_string(&mut rest)?;
    let head = bytes.get(..bytes.len() - rest.len())?;
    let private = next_string(&mut rest)?;
    let mut rest = private.get(BLOCK..)?;
    next_string(&mut rest)?;
    let size = match next_string(&mut rest)? {
        b"nistp256" => 32,
        b"nistp384" => 48,
        b"nistp521" => 66,
        _ => return None,
    };
    next_string(&mut rest)?;
    let before = private.get(..private.len() - rest.len())?;
    let scalar = next_string(&mut rest)?;
    let comment = next_string(&mut rest)?;
    let zeros = scalar.iter().take_while(|byte| **byte == 0).count();
    let digits = scalar.get(zeros..).filter(|digits| digits.len() <= size)?;
    let length = |length: usize| u32::try_from(length).ok().map(u32::to_be_bytes);
    let mut whole = Zeroizing::new(Vec::with_capacity(bytes.len() + size + BLOCK));
    whole.extend_from_slice(head);
    let length_at = whole.len();
    whole.extend_from_slice(&[0; 4]);
    whole.extend_from_slice(before);
    whole.extend_from_slice(&length(size)?);
    whole.extend(std::iter::repeat_n(0, size - digits.len()));
    whole.extend_from_slice(digits);
    whole.extend_from_slice(&length(comment.len())?);
    whole.extend_from_slice(comment);
    let mut padding = 1;
    while !(whole.len() - length_at - 4).is_multiple_of(BLOCK) {
        whole.push(padding);
        padding += 1;
    }
    let private_length = length(whole.len() - length_at - 4)?;
    whole
        .get_mut(length_at..length_at + 4)?
        .copy_from_slice(&private_length);
    Some(whole)
}

#[cfg(test)]
mod tests;
