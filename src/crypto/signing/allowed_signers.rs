//! Files of allowed signers, as `ssh-keygen` reads them (ssh-keygen(1), ALLOWED SIGNERS): keys, and
//! for what and when each of them counts.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::ed25519::{KEY_TYPE, Signer};
use crate::error::{Error, Result};
use crate::model::text::limits::{SIGNER_PATTERN_BYTES, SIGNER_PATTERNS};

/// The namespace for which a key has to be allowed that signs a vault's file.
const VAULT_FILE: &str = "vault-file";

/// A key, and how far it is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedSigner {
    /// The key.
    pub signer: Signer,
    /// Patterns of namespaces; none means all.
    namespaces: Option<Vec<String>>,
    valid_after: Option<Timestamp>,
    valid_before: Option<Timestamp>,
}

impl AllowedSigner {
    /// Whether nothing narrows it.
    pub fn is_unlimited(&self) -> bool {
        let Self {
            namespaces,
            valid_after,
            valid_before,
            ..
        } = self;
        namespaces.is_none() && valid_after.is_none() && valid_before.is_none()
    }

    /// Why the key does not count for a vault's file at `now`; none when it does.
    pub fn why_not(&self, now: Timestamp) -> Option<String> {
        if let Some(list) = self
            .namespaces
            .as_ref()
            .filter(|list| !fits(list, VAULT_FILE))
        {
            let list = list.join(",");
            return Some(format!(
                "its key is allowed for the namespaces {list}, and not for {VAULT_FILE}"
            ));
        }
        if let Some(start) = self.valid_after.filter(|start| now < *start) {
            return Some(format!("its key is allowed only from {start} on"));
        }
        if let Some(end) = self.valid_before.filter(|end| now > *end) {
            return Some(format!("its key was allowed only until {end}"));
        }
        None
    }
}

/// Reads a public key, or a file of allowed signers: its Ed25519 keys, each with its options,
/// without the lines that name a certificate authority or allow nobody. Times without a `Z` are in
/// the zone `here`.
///
/// # Errors
/// [`crate::error::Kind::Usage`], with the line, when a key or an option is malformed or unknown;
/// [`crate::error::Kind::Usage`] when there is no key.
pub fn parse_signers(text: &str, here: &TimeZone) -> Result<Vec<AllowedSigner>> {
    let mut signers = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let named = |why: String| Error::usage(format!("signers, line {number}: {why}"));
        let words = split_quoted(line, |c| c.is_ascii_whitespace());
        if words.first().is_none_or(|word| word.starts_with('#')) {
            continue;
        }
        // Before the type stand the principals and, perhaps, the options.
        let Some(at) = words.iter().take(3).position(|word| *word == KEY_TYPE) else {
            continue;
        };
        let (before, key) = words.split_at(at);
        if let Some(list) = before.first() {
            let list = patterns(list.trim_matches('"')).map_err(named)?;
            if !allows_somebody(&list) {
                continue;
            }
        }
        let options = before.get(1).copied().unwrap_or_default();
        let options = split_quoted(options, |c| c == ',');
        let is_authority = |option: &&str| option.eq_ignore_ascii_case("cert-authority");
        if options.iter().any(is_authority) {
            continue;
        }
        let key: Vec<_> = key.iter().copied().take(2).collect();
        let signer = Signer::parse_openssh(&key.join(" ")).map_err(|why| named(why.to_string()))?;
        let allowed = with_options(signer, &options, here).map_err(named)?;
        if !signers.contains(&allowed) {
            signers.push(allowed);
        }
    }
    if signers.is_empty() {
        return Err(
            Error::usage(format!("no {KEY_TYPE} key in it that counts for anybody"))
                .hint("give an OpenSSH public key or an allowed_signers file"),
        );
    }
    Ok(signers)
}

fn with_options(
    signer: Signer,
    options: &[&str],
    here: &TimeZone,
) -> Result<AllowedSigner, String> {
    let mut allowed = AllowedSigner {
        signer,
        namespaces: None,
        valid_after: None,
        valid_before: None,
    };
    for option in options {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = (value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"')))
        .filter(|value| !value.contains(['"', '\\']))
        .ok_or_else(|| format!("{name} is no option with a quoted value"))?;
        let twice = match name.to_ascii_lowercase().as_str() {
            "namespaces" => allowed.namespaces.replace(patterns(value)?).is_some(),
            "valid-after" => allowed.valid_after.replace(time(value, here)?).is_some(),
            "valid-before" => allowed.valid_before.replace(time(value, here)?).is_some(),
            _ => return Err(format!("{name} is an option that is not known")),
        };
        if twice {
            return Err(format!("{name} stands there twice"));
        }
    }
    match (allowed.valid_after, allowed.valid_before) {
        (Some(after), Some(before)) if before <= after => {
            Err(format!("it ends on {before}, before it begins on {after}"))
        }
        _ => Ok(allowed),
    }
}

/// A time as OpenSSH writes them: `YYYYMMDD[HHMM[SS]][Z]`.
fn time(text: &str, here: &TimeZone) -> Result<Timestamp, String> {
    let bad = || format!("'{text}' is no time as in 20270131, 202701311200 or 20270131120000Z");
    let (digits, zone) = match text.strip_suffix(['Z', 'z']) {
        Some(digits) => (digits, TimeZone::UTC),
        None => (text, here.clone()),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    let whole = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        14 => digits.to_owned(),
        _ => return Err(bad()),
    };
    let civil = DateTime::strptime("%Y%m%d%H%M%S", whole).map_err(|_| bad())?;
    zone.to_timestamp(civil).map_err(|_| bad())
}

/// A list of patterns, within its bounds: each is held against each other.
fn patterns(list: &str) -> Result<Vec<String>, String> {
    let list: Vec<String> = list
        .split(',')
        .take(SIGNER_PATTERNS + 1)
        .map(ToOwned::to_owned)
        .collect();
    if list.len() > SIGNER_PATTERNS {
        return Err(format!(
            "it names more than {SIGNER_PATTERNS} principals or namespaces, the limit"
        ));
    }
    match list.iter().find(|it| it.len() > SIGNER_PATTERN_BYTES) {
        Some(long) => Err(format!(
            "it names a principal or namespace of {} bytes, the limit is {SIGNER_PATTERN_BYTES}",
            long.len()
        )),
        None => Ok(list),
    }
}

/// Whether a list of principals has one that none with a `!` excludes: a pattern stands for those
/// that it fits.
fn allows_somebody(list: &[String]) -> bool {
    list.iter().any(|principal| fits(list, principal))
}

/// Whether a list of patterns has `text`: one fits it, and none that begins with `!` does.
fn fits(patterns: &[String], text: &str) -> bool {
    let fits = |pattern: &str| matches(pattern.as_bytes(), text.as_bytes());
    let denied = (patterns.iter()).filter_map(|pattern| pattern.strip_prefix('!'));
    let allowed = patterns.iter().filter(|pattern| !pattern.starts_with('!'));
    !denied.into_iter().any(fits) && allowed.into_iter().any(|pattern| fits(pattern))
}

/// `*` stands for any text and `?` for any one byte, in time that the product of the lengths
/// bounds.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    // Which starts of the text the pattern so far fits.
    let mut starts = vec![false; text.len() + 1];
    if let Some(first) = starts.first_mut() {
        *first = true;
    }
    for byte in pattern {
        let mut before = false;
        let mut any = false;
        for (at, start) in starts.iter_mut().enumerate() {
            let was = *start;
            any |= was;
            let same = at
                .checked_sub(1)
                .and_then(|at| text.get(at))
                .is_some_and(|c| *byte == b'?' || byte == c);
            *start = if *byte == b'*' { any } else { before && same };
            before = was;
        }
    }
    starts.last().copied().unwrap_or(false)
}

/// Parts between separators; double quotes keep these inside a part.
fn split_quoted(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        !quoted && is_separator(c)
    })
    .filter(|part| !part.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::{AllowedSigner, Signer, matches, parse_signers};
    use crate::crypto::SigningKey;
    use crate::error::Kind;

    fn key() -> Signer {
        SigningKey::generate().signer()
    }

    fn parse(text: &str) -> Vec<AllowedSigner> {
        parse_signers(text, &TimeZone::UTC).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-28T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_allowed_signers_file_gives_its_ed25519_keys() {
        let (one, two) = (key(), key());
        let text = format!(
            "# people\n\n\
             me@example,you@example {one} comment\n\
             \"me and you\" namespaces=\"a b,git\",valid-after=\"20200101\" {two} x\n\
             ca@example cert-authority,namespaces=\"x y\" {} x\n\
             rsa@example ssh-rsa AAAA\n\
             again@example\t{one}\n",
            key().to_openssh(),
            one = one.to_openssh(),
            two = two.to_openssh(),
        );
        let signers: Vec<Signer> = parse(&text).iter().map(|it| it.signer).collect();
        assert_eq!(signers, [one, two]);
        let plain = parse(&one.to_openssh());
        assert!(plain[0].is_unlimited() && plain[0].why_not(now()).is_none());
    }

    #[test]
    fn a_line_whose_principals_are_all_excluded_allows_nobody() {
        for (principals, does) in [
            ("me", true),
            ("!me", false),
            ("me,!me", false),
            ("me,!you", true),
            ("*,!you", true),
            ("*,!*", false),
            ("me@example,!*@example", false),
            ("\"!me\"", false),
            ("\"me and,!you\"", true),
            ("!me,!you,us", true),
        ] {
            let text = format!("{principals} {}", key().to_openssh());
            let other = format!("{text}\nother {}", key().to_openssh());
            assert_eq!(parse(&other).len(), 1 + usize::from(does), "{principals}");
            assert_eq!(
                parse_signers(&text, &TimeZone::UTC).is_ok(),
                does,
                "{principals}"
            );
        }
    }

    #[test]
    fn options_say_for_what_and_when_a_key_counts() {
        let counts = |options: &str| {
            let text = format!("me {options} {}", key().to_openssh());
            parse(&text)[0].why_not(now()).is_none()
        };
        for (options, does) in [
            ("namespaces=\"vault-file\"", true),
            ("namespaces=\"git,vault-*\"", true),
            ("namespaces=\"git\"", false),
            ("namespaces=\"*,!vault-file\"", false),
            ("namespaces=\"\"", false),
            ("NAMESPACES=\"*\"", true),
            ("valid-before=\"20200101\"", false),
            ("valid-before=\"20261128\"", false),
            ("valid-before=\"20261129\"", true),
            ("valid-before=\"202611281200Z\"", true),
            ("valid-before=\"20261128115959Z\"", false),
            ("valid-after=\"20261128\"", true),
            ("valid-after=\"20261128120001\"", false),
            ("valid-after=\"20260101\",valid-before=\"20270101\"", true),
            ("valid-after=\"20260101\",namespaces=\"file\"", false),
        ] {
            assert_eq!(counts(options), does, "{options}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_local() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let text = format!("me valid-before=\"202611281300\" {}", key().to_openssh());
        let signers = parse_signers(&text, &zone).unwrap();
        assert!(signers[0].why_not(now()).is_some(), "it is 14:00 there");
    }

    #[test]
    fn what_is_malformed_or_unknown_is_refused_with_its_line() {
        let key = key().to_openssh();
        for options in [
            "namespaces=git",
            "namespaces=\"a\",namespaces=\"b\"",
            "valid-before=\"2020\"",
            "valid-before=\"20201332\"",
            "valid-before=\"2020010\u{661}\"",
            "valid-after=\"20270101\",valid-before=\"20260101\"",
            "no-touch-required",
            "expiry-time=\"20200101\"",
        ] {
            let text = format!("# x\nme {options} {key}");
            let why = parse_signers(&text, &TimeZone::UTC).unwrap_err();
            assert_eq!(why.kind(), Kind::Usage);
            assert!(why.message().contains("line 2"), "{options}: {why}");
        }
        for bad in ["", "# nobody\n", "me ssh-rsa AAAA\n", "me ssh-ed25519 AAAA"] {
            let why = parse_signers(bad, &TimeZone::UTC).unwrap_err();
            assert_eq!(why.kind(), Kind::Usage);
        }
    }

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        for (pattern, text, does) in [
            ("*", "", true),
            ("?", "", false),
            ("v*-f?le", "vault-file", true),
            ("*a*b", "xaxb", true),
            ("*a*b", "xaxbc", false),
            ("vault", "vault-file", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                does,
                "{pattern}"
            );
        }
        assert!(!matches(&b"*a".repeat(100_000), b"vault-file"));
    }
}
