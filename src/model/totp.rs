//! Seeds of one-time codes (RFC 6238), checked before they are stored.

use super::secret::Secret;
use crate::error::{Error, Result};

/// Checks that `seed` is base32, spaces and lower case allowed, or an `otpauth://totp/` URI that
/// holds one. It is stored as it was given.
///
/// # Errors
/// [`crate::error::Kind::Usage`], which never repeats the seed.
pub fn check(seed: &Secret) -> Result<()> {
    let text = seed.expose().trim();
    let key = match text.split_once("://") {
        None => Some(text),
        Some(("otpauth", rest)) => rest.strip_prefix("totp/").and_then(secret_parameter),
        Some(_) => None,
    };
    if key.is_some_and(is_base32) {
        return Ok(());
    }
    Err(Error::usage("that is no seed of one-time codes").hint(
        "give base32 such as JBSW Y3DP EHPK 3PXP, or the otpauth://totp/… URI of the QR code",
    ))
}

fn secret_parameter(rest: &str) -> Option<&str> {
    let (_, query) = rest.split_once('?')?;
    query
        .split('&')
        .find_map(|parameter| parameter.strip_prefix("secret="))
}

fn is_base32(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let count = digits.chars().filter(|c| !matches!(c, ' ' | '-')).count();
    count >= 8
        && digits
            .chars()
            .all(|c| c.is_ascii_alphabetic() || matches!(c, '2'..='7' | ' ' | '-'))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::model::secret::Secret;

    #[test]
    fn base32_and_uris_are_seeds() {
        for seed in [
            "JBSWY3DPEHPK3PXP",
            "jbsw y3dp ehpk 3pxp",
            "JBSWY3DPEHPK3PXP====",
            "otpauth://totp/Acme:bob?secret=JBSWY3DPEHPK3PXP&issuer=Acme&digits=8",
        ] {
            assert!(check(&Secret::new(seed.into())).is_ok(), "{seed}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for seed in [
            "",
            "12345678",
            "JBSW",
            "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1",
            "otpauth://totp/Acme:bob?issuer=Acme",
            "https://example.com/?secret=JBSWY3DPEHPK3PXP",
        ] {
            assert!(check(&Secret::new(seed.into())).is_err(), "{seed}");
        }
    }
}
