//! What is said of a file that is not read.

use crate::error::Error;

pub(crate) fn unknown(looks_like: &str, hint: &str) -> Error {
    Error::usage(format!("the file {looks_like}")).hint(hint)
}

pub(crate) fn encrypted(what: &str, hint: &str) -> Error {
    Error::refused(format!(
        "the file is {what}; it cannot be read without its key"
    ))
    .hint(hint)
}
