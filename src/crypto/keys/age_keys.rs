//! age's own keys: what recovery files hold and what shares are encrypted to.

use std::fmt;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::x25519;
use age_core::primitives::bech32_decode;

use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// A native age key pair (X25519).
pub struct AgeIdentity(x25519::Identity);

impl AgeIdentity {
    /// A new key pair.
    #[must_use]
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Reads `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is anything else, since it comes from inside a
    /// vault.
    pub fn from_secret(text: &Secret) -> Result<Self> {
        x25519::Identity::from_str(text.expose())
            .map(Self)
            .map_err(|_| Error::integrity("the age key inside is damaged"))
    }

    /// `AGE-SECRET-KEY-1…`.
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::new(self.0.to_string().expose_secret().to_owned())
    }

    /// `age1…`.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }
}

impl fmt::Debug for AgeIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeIdentity({})", self.recipient())
    }
}

/// Reads a native recipient (`age1…`) and gives it back in its one spelling.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it is none that can be encrypted to. The text is not
/// repeated: it could be the secret key, pasted by mistake.
pub fn parse_recipient(text: &str) -> Result<String> {
    recipient(text).map(|recipient| recipient.to_string())
}

pub(crate) fn recipient(text: &str) -> Result<x25519::Recipient> {
    let unusable = |why: &str| {
        Error::usage(format!("not an age recipient: {why}")).hint("a recipient looks like: age1…")
    };
    let text = text.trim();
    if text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("age-"))
    {
        return Err(unusable("that is a secret key"));
    }
    let recipient = x25519::Recipient::from_str(text).map_err(unusable)?;
    if is_low_order(text) {
        return Err(unusable("nothing can be encrypted to this key"));
    }
    Ok(recipient)
}

/// Whether the point is one of the few with which every exchange comes to zero. The age crate
/// panics when it is to encrypt to one.
fn is_low_order(recipient: &str) -> bool {
    let point = bech32_decode(
        recipient,
        |_| (),
        |_| Ok(()),
        |_, bytes| <[u8; 32]>::try_from(bytes.collect::<Vec<_>>()).map_err(|_| ()),
    );
    point.is_ok_and(|point| x25519_dalek::x25519([1; 32], point) == [0; 32])
}

#[cfg(test)]
mod tests {
    use super::{AgeIdentity, Secret, parse_recipient};
    use crate::crypto::keys::private_keys::Identities;
    use crate::error::{Error, Kind};

    fn identities(text: String) -> Result<usize, Error> {
        Identities::parse(&Secret::new(text)).map(|identities| identities.iter().count())
    }

    #[test]
    fn an_identity_reads_back_from_its_text() {
        let identity = AgeIdentity::generate();
        assert!(identity.secret().expose().starts_with("AGE-SECRET-KEY-1"));
        let again = AgeIdentity::from_secret(&identity.secret()).unwrap();
        assert_eq!(again.recipient(), identity.recipient());
        assert!(!format!("{identity:?}").contains("SECRET"));
        let damaged = AgeIdentity::from_secret(&Secret::new("x".into())).unwrap_err();
        assert_eq!(damaged.kind(), Kind::Integrity);
    }

    #[test]
    fn recipients_have_one_spelling() {
        let recipient = AgeIdentity::generate().recipient();
        assert_eq!(parse_recipient(&recipient), Ok(recipient.clone()));
        assert_eq!(parse_recipient(&format!(" {recipient}\n")), Ok(recipient));
    }

    #[test]
    fn what_cannot_be_encrypted_to_is_refused_and_not_repeated() {
        let secret = AgeIdentity::generate().secret();
        for bad in ["", "age1", "ssh-ed25519 AAAA", secret.expose(), "é"] {
            let error = parse_recipient(bad).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(bad.is_empty() || bad == "age1" || !error.message().contains(bad));
        }
    }

    #[test]
    fn a_key_to_which_nothing_can_be_encrypted_is_called_that() {
        // The point zero.
        let zero = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";
        let error = parse_recipient(zero).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains("nothing can be encrypted"));
    }

    #[test]
    fn an_identity_file_may_hold_comments_and_several_keys() {
        let key = || AgeIdentity::generate().secret().expose().to_owned();
        let text = format!("# created\r\n\r\n{}\r\n# x\n{}", key(), key());
        assert_eq!(identities(text), Ok(2));
    }

    #[test]
    fn an_identity_file_of_another_kind_is_named_for_what_it_is() {
        for (text, says) in [
            ("", "holds no key"),
            ("# only this\n", "holds no key"),
            (
                "-----BEGIN AGE ENCRYPTED FILE-----\n",
                "line 1: an encrypted file",
            ),
            ("age-encryption.org/v1\n", "encrypted file"),
            (
                "\n-----BEGIN OPENSSH PRIVATE KEY-----\n",
                "line 2: keys in PEM",
            ),
            ("AGE-PLUGIN-YUBIKEY-1X\n", "plugins"),
            ("age1xyz\n", "public key"),
            ("hunter2\n", "not a key"),
        ] {
            let error = identities(text.to_owned()).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.message().contains(says), "{error}");
            assert!(!error.message().contains("hunter2"));
        }
    }
}
