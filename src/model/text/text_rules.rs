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
        return Err(
            Error::usage(format!("{name} is empty")).hint("to empty a field, use edit --unset")
        );
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
