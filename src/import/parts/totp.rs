//! Seeds of one-time codes in the spellings of other programs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::model::text::secret::Secret;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How codes are made of a seed, where a program keeps that apart.
#[derive(Default)]
pub(crate) struct TotpParts<'a> {
    /// Seconds between two codes.
    pub(crate) period: Option<&'a str>,
    /// Digits of a code.
    pub(crate) digits: Option<&'a str>,
    /// SHA1, SHA256 or SHA512, in any spelling.
    pub(crate) algorithm: Option<&'a str>,
}

impl TotpParts<'_> {
    /// The seed, as a URI if it is not used in the usual way.
    pub(crate) fn seed(&self, base32: &str) -> Secret {
        let period = self.period.map(str::trim).filter(|period| *period != "30");
        let digits = self.digits.map(str::trim).filter(|digits| *digits != "6");
        let algorithm = self
            .algorithm
            .map(plain_algorithm)
            .filter(|name| name != "SHA1");
        if period.is_none() && digits.is_none() && algorithm.is_none() {
            return Secret::new(base32.trim().to_owned());
        }
        let compact: Zeroizing<String> =
            Zeroizing::new(base32.chars().filter(|c| !matches!(c, ' ' | '-')).collect());
        let mut uri = Zeroizing::new(format!("otpauth://totp/imported?secret={}", *compact));
        let parameters = [
            ("period", period),
            ("digits", digits),
            ("algorithm", algorithm.as_deref()),
        ];
        for (name, value) in parameters {
            if let Some(value) = value {
                let value = value.chars().filter(char::is_ascii_alphanumeric);
                uri.push('&');
                uri.push_str(name);
                uri.push('=');
                uri.extend(value);
            }
        }
        Secret::new(uri.to_string())
    }
}

/// The name as URIs have it; one that is not known stays, so that it shows.
fn plain_algorithm(name: &str) -> String {
    let plain = name.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = plain.map(|c| c.to_ascii_uppercase()).take(64).collect();
    let mut known = ["SHA512", "SHA256", "SHA1"].into_iter();
    match known.find(|known| plain.ends_with(known)) {
        Some(known) => known.to_owned(),
        None if plain.is_empty() => "SHA1".to_owned(),
        None => plain,
    }
}

/// A seed of Steam's codes.
pub(crate) fn steam(base32: &str) -> Secret {
    Secret::new(format!("steam://{}", base32.trim()))
}

/// A seed in hexadecimal digits.
pub(crate) fn hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits: Option<Vec<u8>> = text
        .trim()
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = Zeroizing::new(digits?);
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| Zeroizing::new(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
}

/// A seed in base64.
pub(crate) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    STANDARD.decode(text.trim()).ok().map(Zeroizing::new)
}

/// Bytes in base32 without padding (RFC 4648).
pub(crate) fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 8 / 5 + 1));
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push_digit(&mut text, buffer >> bits);
        }
        buffer &= 0xff;
    }
    if bits > 0 {
        push_digit(&mut text, buffer << (5 - bits));
    }
    text
}

fn push_digit(text: &mut String, value: u32) {
    let digit = BASE32.get((value & 31) as usize).copied().unwrap_or(b'A');
    text.push(char::from(digit));
}

#[cfg(test)]
mod tests {
    use super::{TotpParts, base32};

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()).as_str(), text);
        }
        assert_eq!(
            base32(b"12345678901234567890").as_str(),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
    }

    #[test]
    fn a_seed_that_is_used_in_an_unusual_way_is_a_uri() {
        let recipe = |period, digits, algorithm| TotpParts {
            period: Some(period),
            digits: Some(digits),
            algorithm: Some(algorithm),
        };
        let usual = recipe("30", "6", "HMAC-SHA-1");
        assert_eq!(usual.seed("JBSWY3DP").expose(), "JBSWY3DP");
        let seed = recipe("60", "8", "Sha256").seed("JBSW Y3DP");
        let uri = "otpauth://totp/imported?secret=JBSWY3DP&period=60&digits=8&algorithm=SHA256";
        assert_eq!(seed.expose(), uri);
        // What is not known is not taken for the usual.
        let seed = recipe("30", "6", "SHA3-512").seed("JBSWY3DP");
        assert!(seed.expose().ends_with("&algorithm=SHA3512"));
    }
}
