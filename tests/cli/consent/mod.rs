//! Consents: asked for, given, signed, withdrawn.

pub(crate) mod answer;
pub(crate) mod confirmation;
pub(crate) mod consent_keys;
pub(crate) mod consent_sign;
pub(crate) mod ending;
pub(crate) mod granted;
pub(crate) mod records;
pub(crate) mod renew;
pub(crate) mod request;
mod shorter;
mod shorter_filed;
mod shorter_told;
pub(crate) mod withdrawal_letter;
