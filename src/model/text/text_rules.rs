//! What texts may hold, and how long they may be.

use crate::error::{Error, Result};

/// Holds how many there are against the limit.
pub(crate) fn check_count(count: usize, what: &str, limit: usize) -> Result<()> {
    if count > limit {
        return Err(Error::usage(format!(
            "{count} {what}, the limit is {limit}"
        )));
    }
    Ok(())
}

pub(crate) fn check_text(name: &str, text: &str, limit: usize) -> Result<()> {
    if text.is_empty() {
        return Err(Error::usage(format!("{name} is empty")).hint("to take it away: --unset"));
    }
    if text.contains('\0') {
        return Err(Error::usage(format!("{name} holds a NUL byte")));
    }
    if text.len() > limit {
        return Err(Error::usage(format!(
            "{name} has {} bytes, the limit is {limit}",
            text.len()
        )));
    }
    Ok(())
}

/// Enough to notice a slip; only the post can tell whether an address exists.
pub(crate) fn is_address(text: &str) -> bool {
    let shaped = text
        .split_once('@')
        .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@'));
    shaped && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn a_mail_address_has_a_name_and_one_host() {
        for good in ["jo@acme.example", "jo+vault@localhost", "jö@müller.example"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "jo", "@acme", "jo@", "a@b@c", "jo @acme", "jo@acme\n"] {
            assert!(!is_address(bad), "{bad:?}");
        }
        assert!(!is_address("jo@acme\u{1b}[2J"));
    }
}
