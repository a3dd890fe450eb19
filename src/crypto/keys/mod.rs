//! Keys of age and SSH: public ones to encrypt to, private ones to open with.

pub mod age_keys;
pub mod opening;
pub mod plugins;
pub mod private_keys;
pub mod recipients;
pub mod way_in_keys;
