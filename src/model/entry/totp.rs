//! One-time codes (RFC 6238, and Steam's): their seeds, checked before they are stored, and the
//! code of a moment.
//!
//! A seed is base32, spaces and lower case allowed, or a URI as QR codes hold it:
//! `otpauth://totp/LABEL?secret=…&algorithm=…&digits=…&period=…`. Steam's codes are asked for by
//! `otpauth://steam/…`, `steam://SEED`, `encoder=steam`, or an issuer that is called Steam.

mod uri;

use form_urlencoded::parse;
use totp_rs::{Algorithm, Builder, Secret as Key, Totp};

use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

pub use uri::to_uri;

/// The fewest base32 digits that are taken for a seed.
const MIN_BASE32_DIGITS: usize = 8;
/// Seconds that a code is good for when the seed names no other period.
const DEFAULT_PERIOD: u32 = 30;
/// Digits of a code when the seed names no other number.
const DEFAULT_DIGITS: u8 = 6;
/// Characters of a code of Steam.
const STEAM_DIGITS: u8 = 5;

/// A code, and how long it is good for.
#[derive(Debug)]
pub struct Code {
    /// The code, leading zeros included.
    pub text: Secret,
    /// From 1 to the period.
    pub seconds_left: u64,
}

/// Checks that `seed` is one that codes can be made of. It is stored as it was given.
///
/// # Errors
/// As [`code`].
pub fn check(seed: &Secret) -> Result<()> {
    generator(seed).map(drop)
}

/// The code at `now`, in seconds since 1970.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for what is no seed or asks for codes that are not made here; the
/// seed is never repeated.
pub fn code(seed: &Secret, now: u64) -> Result<Code> {
    let generator = generator(seed)?;
    Ok(Code {
        text: Secret::new(generator.generate(now).to_string()),
        seconds_left: generator.step() - now % generator.step(),
    })
}

/// Whether two seeds give the same codes, however they are spelt.
#[must_use]
pub fn is_same(one: &Secret, other: &Secret) -> bool {
    // By chance, codes of six digits agree at four times once in 10^24.
    const TIMES: [u64; 4] = [59, 1_111_111_109, 1_234_567_890, 2_000_000_000];
    match (generator(one), generator(other)) {
        (Ok(one), Ok(other)) => {
            let codes = |it: &Totp| TIMES.map(|time| Secret::new(it.generate(time).to_string()));
            one.step() == other.step() && codes(&one) == codes(&other)
        }
        _ => false,
    }
}

fn generator(seed: &Secret) -> Result<Totp> {
    let text = seed.expose().trim();
    match scheme(text) {
        None => Wanted::default().build(text),
        Some(("steam", key)) => Wanted::steam().build(key),
        Some(("otpauth", rest)) => from_uri(rest),
        Some(_) => Err(no_seed()),
    }
}

/// What stands before `://`, in lower case, and what follows it.
fn scheme(text: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let known = ["otpauth", "steam"].into_iter();
    let mut known = known.filter(|known| scheme.eq_ignore_ascii_case(known));
    Some((known.next().unwrap_or_default(), rest))
}

fn from_uri(rest: &str) -> Result<Totp> {
    let (place, query) = rest.split_once('?').ok_or_else(no_seed)?;
    let kind = place.split('/').next().unwrap_or_default();
    if kind.eq_ignore_ascii_case("hotp") {
        return Err(Error::usage(
            "that seed is for codes that are counted (HOTP), not timed: each use would have to \
             be stored in step with the site",
        )
        .hint("ask the site for codes by time (TOTP)"));
    }
    let is_steam = kind.eq_ignore_ascii_case("steam");
    if !is_steam && !kind.eq_ignore_ascii_case("totp") {
        return Err(no_seed());
    }
    let query = query.split('#').next().unwrap_or_default();
    let named = |name: &str| {
        let mut pairs = parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let is = |name: &str, wanted: &str| named(name).is_some_and(|v| v.eq_ignore_ascii_case(wanted));
    let key = named("secret").ok_or_else(no_seed)?;
    let digits = number(named("digits").as_deref(), "digits")?;
    let calls_itself_steam = is("issuer", "steam") && digits.is_none_or(|n| n == STEAM_DIGITS);
    if is_steam || is("encoder", "steam") || calls_itself_steam {
        return Wanted::steam().build(&key);
    }
    let wanted = Wanted {
        algorithm: algorithm(named("algorithm").as_deref())?,
        digits: digits.unwrap_or(DEFAULT_DIGITS),
        period: number(named("period").as_deref(), "period")?.unwrap_or(DEFAULT_PERIOD),
    };
    wanted.build(&key)
}

/// What a seed asks for besides its key.
struct Wanted {
    algorithm: Algorithm,
    digits: u8,
    period: u32,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::SHA1,
            digits: DEFAULT_DIGITS,
            period: DEFAULT_PERIOD,
        }
    }
}

impl Wanted {
    fn steam() -> Self {
        Self {
            algorithm: Algorithm::Steam,
            digits: STEAM_DIGITS,
            ..Self::default()
        }
    }

    fn build(&self, key: &str) -> Result<Totp> {
        if self.algorithm != Algorithm::Steam && !(6..=8).contains(&self.digits) {
            return Err(Error::usage(format!(
                "that seed asks for codes of {} digits; 6, 7 and 8 are possible",
                self.digits
            )));
        }
        if self.period == 0 {
            return Err(Error::usage("that seed asks for a period of 0 seconds"));
        }
        // What the builder would refuse beyond that is a key under 128 bits, which sites hand out.
        let builder = Builder::new()
            .with_algorithm(self.algorithm)
            .with_digits(self.digits)
            .with_step_duration(self.period.into())
            .with_secret(decode(key)?);
        Ok(builder.build_noncompliant())
    }
}

fn algorithm(name: Option<&str>) -> Result<Algorithm> {
    let name = name.unwrap_or("SHA1").to_ascii_uppercase();
    match name
        .trim_start_matches("HMAC")
        .replace(['-', '_'], "")
        .as_str()
    {
        "SHA1" => Ok(Algorithm::SHA1),
        "SHA256" => Ok(Algorithm::SHA256),
        "SHA512" => Ok(Algorithm::SHA512),
        _ => Err(Error::usage(
            "that seed asks for an unknown algorithm; SHA1, SHA256 and SHA512 are possible",
        )),
    }
}

fn number<N: std::str::FromStr>(text: Option<&str>, name: &str) -> Result<Option<N>> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Error::usage(format!("{name}= in that seed is not a number in range")))
}

fn decode(base32: &str) -> Result<Key> {
    let plain = |c: &char| !matches!(c, ' ' | '-');
    let digits: Secret = Secret::new(base32.chars().filter(plain).collect());
    let digits = digits.expose().trim_end_matches('=');
    if digits.len() < MIN_BASE32_DIGITS {
        return Err(no_seed());
    }
    let upper = Secret::new(digits.to_ascii_uppercase());
    Key::try_from_base32(upper.expose()).map_err(|_| no_seed())
}

fn no_seed() -> Error {
    Error::usage("that is not a one-time-code seed")
        .hint("give base32 such as JBSW Y3DP EHPK 3PXP, or the otpauth://totp/… URI of the QR code")
}

#[cfg(test)]
mod tests;
