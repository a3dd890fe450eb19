//! Commands that bring entries in from other programs and out for them.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod import_claims;
pub(crate) mod import_report;
