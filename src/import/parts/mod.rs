//! Formats and conventions that several readers meet.

pub(crate) mod archive;
pub(crate) mod history;
pub(crate) mod json;
pub(crate) mod json_marks;
pub(crate) mod labels;
pub(crate) mod lines;
pub(crate) mod refused;
pub(crate) mod times;
pub(crate) mod totp;
pub(crate) mod unknown;
pub(crate) mod xml;
