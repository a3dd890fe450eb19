//! Ed25519 (RFC 8032) keys in their OpenSSH forms.

use std::fmt;

use age_core::primitives::hkdf;
use ed25519_dalek::ed25519::signature::Signer as _;
use ed25519_dalek::{Signature, VerifyingKey};
use ssh_key::private::Ed25519Keypair;
use ssh_key::public::{Ed25519PublicKey, KeyData};
use ssh_key::{Fingerprint, HashAlg, LineEnding, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::crypto::encoding::{base64, unbase64};
use crate::crypto::memory::LockedKey;
use crate::crypto::random;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// The key type, as OpenSSH spells it.
pub(crate) const KEY_TYPE: &str = "ssh-ed25519";

/// A public key that signatures are checked against: a point on the curve, and none of the few
/// weak ones under which a signature would say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signer(VerifyingKey);

impl Signer {
    fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }

    fn to_ssh(self) -> PublicKey {
        PublicKey::from(Ed25519PublicKey(self.0.to_bytes()))
    }

    pub(crate) fn to_key_data(self) -> KeyData {
        KeyData::Ed25519(Ed25519PublicKey(self.0.to_bytes()))
    }

    /// `ssh-ed25519 AAAA…`, without a comment.
    pub fn to_openssh(self) -> String {
        self.to_ssh().to_string()
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(self) -> String {
        self.to_ssh().fingerprint(HashAlg::Sha256).to_string()
    }

    /// The 32 raw bytes as base64 without padding.
    pub fn to_base64(self) -> String {
        base64(self.0.as_bytes())
    }

    /// Reads what [`Self::to_base64`] writes, in that one spelling.
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_bytes(&unbase64(text)?)
    }

    /// Reads `ssh-ed25519 AAAA… [comment]`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is malformed or of another type.
    pub fn parse_openssh(text: &str) -> Result<Self> {
        let key = PublicKey::from_openssh(text.trim()).map_err(|_| {
            Error::usage("not an OpenSSH public key").hint("it looks like: ssh-ed25519 AAAA…")
        })?;
        let Some(raw) = key.key_data().ed25519() else {
            return Err(Error::usage(format!(
                "a key of type {}; it has to be {KEY_TYPE}",
                key.algorithm()
            )));
        };
        Self::from_bytes(&raw.0).ok_or_else(|| Error::usage("not a usable Ed25519 key"))
    }

    /// Whether `signature` is this key's over `message`, by the strict rules (no malleable
    /// signatures, no weak points).
    pub fn verify(self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0
            .verify_strict(message, &Signature::from_bytes(signature))
            .is_ok()
    }
}

/// The key that signs: its seed, in locked memory.
#[derive(Debug)]
pub struct SigningKey {
    seed: LockedKey,
    signer: Signer,
}

/// A secret that a [`SigningKey`] gives for one purpose.
pub struct DerivedSecret(Zeroizing<[u8; 32]>);

impl SigningKey {
    /// A new key.
    pub fn generate() -> Self {
        Self::from_seed(LockedKey::init(|seed| random::fill(seed)))
    }

    fn from_seed(seed: LockedKey) -> Self {
        // The library wipes its own copy.
        let key = ed25519_dalek::SigningKey::from_bytes(seed.expose());
        let signer = Signer(key.verifying_key());
        Self { seed, signer }
    }

    /// Reads an unencrypted OpenSSH private key in PEM.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is anything else, since it comes from inside a
    /// vault.
    pub fn from_openssh_pem(pem: &Secret) -> Result<Self> {
        let damaged = || Error::integrity("the signing key inside is damaged");
        let key = PrivateKey::from_openssh(pem.expose()).map_err(|_| damaged())?;
        let pair = key.key_data().ed25519().ok_or_else(damaged)?;
        Ok(Self::from_seed(LockedKey::init(|seed| {
            seed.copy_from_slice(pair.private.as_ref());
        })))
    }

    /// The key as an unencrypted OpenSSH private key in PEM.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when the encoder fails; no key is known for which it does.
    pub fn to_openssh_pem(&self) -> Result<Secret> {
        let pair = Ed25519Keypair::from_seed(self.seed.expose());
        let mut pem: Zeroizing<String> = PrivateKey::from(pair)
            .to_openssh(LineEnding::LF)
            .map_err(|why| Error::failed(format!("cannot write the signing key: {why}")))?;
        Ok(Secret::new(std::mem::take(&mut *pem)))
    }

    /// A secret for one purpose that goes with this key, and from which nothing of it can be told.
    pub fn derived(&self, purpose: &str) -> DerivedSecret {
        DerivedSecret(Zeroizing::new(hkdf(
            &[],
            purpose.as_bytes(),
            self.seed.expose(),
        )))
    }

    /// The public key.
    pub fn signer(&self) -> Signer {
        self.signer
    }

    /// Signs a message (pure Ed25519).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        ed25519_dalek::SigningKey::from_bytes(self.seed.expose())
            .sign(message)
            .to_bytes()
    }
}

impl DerivedSecret {
    /// What looks drawn at random to whoever does not have the secret, and is the same for the same
    /// `what` and `round`.
    #[must_use]
    pub fn draw(&self, what: &str, round: u64) -> [u8; 32] {
        hkdf(&round.to_be_bytes(), what.as_bytes(), &self.0[..])
    }
}

impl fmt::Display for Signer {
    /// The fingerprint, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

/// Refuses what is no fingerprint of a signer, as OpenSSH writes them.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_fingerprint(text: &str) -> Result<()> {
    match text.parse::<Fingerprint>() {
        Ok(fingerprint) if fingerprint.is_sha256() => Ok(()),
        _ => Err(Error::usage(format!("'{text}' is no fingerprint"))
            .hint("a fingerprint is SHA256: and 43 letters and digits, as vault id shows it")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, Signer, SigningKey};
    use crate::error::Kind;

    /// Made by `ssh-keygen -t ed25519`; the fingerprint is what `ssh-keygen -l` says of it.
    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINLBMxfguM1otRpTyAUDtnJEFD7ZPNKVomwunz2s6R+6";
    const FINGERPRINT: &str = "SHA256:im2Ax9lDCLdCsxID4aJp6akD8JHblj0BFdOHJBHmSlo";

    fn key() -> Signer {
        Signer::parse_openssh(KEY).unwrap()
    }

    #[test]
    fn public_keys_are_spelled_as_openssh_spells_them() {
        assert_eq!(key().to_openssh(), KEY);
        assert_eq!(key().fingerprint(), FINGERPRINT);
        assert_eq!(key().to_string(), FINGERPRINT);
        let with_comment = format!("{KEY} me@example with spaces\n");
        assert_eq!(Signer::parse_openssh(&with_comment), Ok(key()));
        assert_eq!(Signer::from_base64(&key().to_base64()), Some(key()));
    }

    #[test]
    fn what_is_no_ed25519_key_is_refused() {
        let weak = format!("AAAAC3NzaC1lZDI1NTE5AAAAI{}", "A".repeat(43));
        for bad in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            &KEY[..60],
            &KEY.replace("ssh-ed25519", "ssh-rsa"),
            &format!("ssh-ed25519 {weak}"),
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=",
        ] {
            let error = Signer::parse_openssh(bad).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{bad}");
        }
        assert_eq!(Signer::from_base64(&"A".repeat(43)), None);
    }

    #[test]
    fn a_signature_is_good_for_one_message_and_one_key() {
        let signing_key = SigningKey::generate();
        let signature = signing_key.sign(b"message");
        assert!(signing_key.signer().verify(b"message", &signature));
        assert!(!signing_key.signer().verify(b"massage", &signature));
        assert!(!key().verify(b"message", &signature));
    }

    #[test]
    fn a_signing_key_reads_back_from_its_pem() {
        let signing_key = SigningKey::generate();
        let pem = signing_key.to_openssh_pem().unwrap();
        let start = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
        assert!(pem.expose().starts_with(start));
        let again = SigningKey::from_openssh_pem(&pem).unwrap();
        assert_eq!(again.signer(), signing_key.signer());
        assert_eq!(again.sign(b"m"), signing_key.sign(b"m"));
        let damaged = Secret::new(pem.expose()[..100].to_owned());
        let error = SigningKey::from_openssh_pem(&damaged).unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity);
    }
}
