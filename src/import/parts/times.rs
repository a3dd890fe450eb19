//! The ways in which other programs write a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// A Unix time in seconds.
pub(crate) fn seconds(text: &str) -> Option<Timestamp> {
    from_seconds(text.trim().parse().ok()?)
}

/// A Unix time in milliseconds.
pub(crate) fn milliseconds(text: &str) -> Option<Timestamp> {
    from_seconds(text.trim().parse::<i64>().ok()? / 1000)
}

/// A Unix time in seconds; 0 says that there is none.
pub(crate) fn from_seconds(seconds: i64) -> Option<Timestamp> {
    (seconds > 0).then(|| Timestamp::from_second(seconds).ok())?
}

/// RFC 3339, in whole seconds.
pub(crate) fn rfc3339(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.trim().parse().ok()?;
    from_seconds(time.as_second())
}

/// `KeePass`'s: RFC 3339, or the seconds since the year 1 as eight bytes in base64.
pub(crate) fn keepass(text: &str) -> Option<Timestamp> {
    /// From 0001-01-01 to 1970-01-01.
    const BEFORE_UNIX: i64 = 62_135_596_800;
    if let Some(time) = rfc3339(text) {
        return Some(time);
    }
    let bytes: [u8; 8] = STANDARD.decode(text.trim()).ok()?.try_into().ok()?;
    from_seconds(i64::from_le_bytes(bytes).checked_sub(BEFORE_UNIX)?)
}

#[cfg(test)]
mod tests {
    use super::{keepass, milliseconds, rfc3339, seconds};

    #[test]
    fn times_are_read_as_each_program_writes_them() {
        let time = "2023-11-14T22:13:20Z".parse().ok();
        assert_eq!(seconds("1700000000"), time);
        assert_eq!(milliseconds("1700000000999"), time);
        assert_eq!(rfc3339("2023-11-14T22:13:20.999Z"), time);
        assert_eq!(keepass("2023-11-14T22:13:20Z"), time);
        assert_eq!(keepass("AOjl3A4AAAA="), time);
        for none in ["", "0", "-5", "never", "99999999999999999999"] {
            assert_eq!(
                seconds(none).or(milliseconds(none)).or(keepass(none)),
                None,
                "{none}"
            );
        }
    }
}
