//! Files: whole, durable and private, or not there.

pub mod file;
pub mod lock;
pub mod new_file;
pub mod scratch;
pub(crate) mod vault_file;
pub(crate) mod waiting;
