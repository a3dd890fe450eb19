//! Files: whole, durable and private, or not there.

pub(crate) mod file;
pub(crate) mod key_file;
pub(crate) mod lock;
pub(crate) mod new_file;
pub(crate) mod scratch;
pub(crate) mod vault_file;
pub(crate) mod waiting;
