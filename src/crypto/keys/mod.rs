//! Keys of age and SSH: public ones to encrypt to, private ones to open with.

pub mod age_keys;
pub(crate) mod opening;
pub(crate) mod plugins;
pub(crate) mod private_keys;
pub(crate) mod recipients;
pub mod ssh_login_key;
pub(crate) mod way_in_keys;
