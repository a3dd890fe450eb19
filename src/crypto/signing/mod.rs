//! SSH signatures: keys, signed documents, and who may sign.

pub(crate) mod allowed_signers;
pub mod documents;
pub(crate) mod ed25519;
pub mod known_hosts;
pub(crate) mod ssh_public;
pub mod sshsig;
pub(crate) mod words;
