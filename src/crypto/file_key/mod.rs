//! The ways in by a password: Argon2id, and the header's stanza that holds the file key.

pub(crate) mod argon2id;
pub(crate) mod keeper;
pub(crate) mod stanzas;
