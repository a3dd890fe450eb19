//! The seeds of one-time codes in the strings by which `KeePass` and its plugins keep them.

use form_urlencoded::parse;

use super::keepass::KeePassEntry;
use crate::import::parts::totp;
use crate::import::parts::totp::TotpParts;
use crate::model::text::secret::Secret;
use crate::model::transfer::import::Imported;

/// How `KeePass` itself spells a seed, and what makes base32 of it.
const SPELLINGS: [(&str, Spelling); 4] = [
    ("TimeOtp-Secret-Base32", |text| Some(text.to_owned())),
    ("TimeOtp-Secret", |text| {
        Some(totp::base32(text.as_bytes()).to_string())
    }),
    ("TimeOtp-Secret-Hex", |text| {
        Some(totp::base32(&totp::hex(text)?).to_string())
    }),
    ("TimeOtp-Secret-Base64", |text| {
        Some(totp::base32(&totp::base64(text)?).to_string())
    }),
];

type Spelling = fn(&str) -> Option<String>;

/// Takes every seed out of the entry: the first one becomes the seed, what differs from it and what
/// no codes are made of stay hidden fields.
pub(crate) fn add(entry: &mut KeePassEntry, imported: &mut Imported, lost: &mut Vec<String>) {
    while let Some(otp) = entry.take("otp") {
        if let Some(seed) = of_otp(otp.value.expose()) {
            imported.add_totp("otp", seed.expose());
        } else {
            lost.push(counted("otp"));
            imported.field("otp", otp.value.expose(), true);
        }
    }
    add_keepass(entry, imported);
    add_tray(entry, imported);
    if entry
        .fields
        .iter()
        .any(|field| field.key.starts_with("HmacOtp-Secret"))
    {
        lost.push(counted("HmacOtp"));
    }
}

fn counted(name: &str) -> String {
    format!(
        "the codes of its seed {name}, a hidden field now: those that are counted (HOTP) are not made here"
    )
}

/// A URI, or `KeeOtp`'s `key=SEED&size=6&step=30`; nothing where its codes are counted.
fn of_otp(text: &str) -> Option<Secret> {
    if !text.trim_start().to_ascii_lowercase().starts_with("key=") {
        return Some(Secret::new(text.to_owned()));
    }
    let value = |name: &str| {
        let mut pairs = parse(text.trim().as_bytes());
        let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.into_owned())
    };
    let kind = value("type")
        .or_else(|| value("encoder"))
        .unwrap_or_default();
    if kind.eq_ignore_ascii_case("hotp") {
        return None;
    }
    let key = value("key")?;
    if kind.eq_ignore_ascii_case("steam") {
        return Some(totp::steam(&key));
    }
    let (period, digits, algorithm) = (value("step"), value("size"), value("otpHashMode"));
    let recipe = TotpParts {
        period: period.as_deref(),
        digits: digits.as_deref(),
        algorithm: algorithm.as_deref(),
    };
    Some(recipe.seed(&key))
}

/// `KeePass` itself, since 2.47.
fn add_keepass(entry: &mut KeePassEntry, imported: &mut Imported) {
    let is_seed = |key: &str, value: &str| {
        let spelling = SPELLINGS.iter().find(|(name, _)| *name == key);
        spelling.and_then(|(_, base32)| base32(value))
    };
    let mut seeds = Vec::new();
    entry
        .fields
        .retain(|field| match is_seed(&field.key, field.value.expose()) {
            Some(seed) if !field.value.is_empty() => {
                seeds.push((field.key.clone(), seed));
                false
            }
            _ => true,
        });
    if seeds.is_empty() {
        return;
    }
    let [period, digits, algorithm] =
        ["TimeOtp-Period", "TimeOtp-Length", "TimeOtp-Algorithm"].map(|key| entry.take(key));
    let text = |field: &Option<super::keepass::TextField>| {
        field.as_ref().map(|field| field.value.expose().to_owned())
    };
    let (period, digits, algorithm) = (text(&period), text(&digits), text(&algorithm));
    let recipe = TotpParts {
        period: period.as_deref(),
        digits: digits.as_deref(),
        algorithm: algorithm.as_deref(),
    };
    for (key, seed) in seeds {
        imported.add_totp(&key, recipe.seed(&seed).expose());
    }
}

/// Tray TOTP, and `KeePassXC` before 2.2: the period, the digits or `S` for Steam, and perhaps an
/// algorithm or the address of a clock.
fn add_tray(entry: &mut KeePassEntry, imported: &mut Imported) {
    let Some(seed) = entry.take("TOTP Seed") else {
        return;
    };
    let seed = seed.value.expose();
    let settings = entry
        .get("TOTP Settings")
        .map(|text| text.expose().to_owned());
    let settings = settings.as_deref().unwrap_or("30;6");
    let mut parts = settings.split(';').map(str::trim);
    let (period, digits) = (parts.next(), parts.next());
    let more = parts.next().filter(|more| !more.is_empty());
    let algorithm = more.filter(|more| more.to_ascii_uppercase().contains("SHA"));
    let made = if digits.is_some_and(|digits| digits.eq_ignore_ascii_case("s")) {
        totp::steam(seed)
    } else {
        let recipe = TotpParts {
            period,
            digits,
            algorithm,
        };
        recipe.seed(seed)
    };
    imported.add_totp("TOTP Seed", made.expose());
    if more.is_none() || algorithm.is_some() {
        entry.take("TOTP Settings");
    }
}
