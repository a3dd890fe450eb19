//! Programs that are started from here, each with a clean table of descriptors and none of the
//! variables that tell the master password. Nothing else in this crate starts one.

pub(crate) mod askpass;
pub(crate) mod child;
pub(crate) mod file_vault;
pub(crate) mod git;
pub(crate) mod gpg;
pub(crate) mod helper;
pub(crate) mod inherited;
pub(crate) mod masked;
pub(crate) mod masked_hook;
mod masked_stream;
mod masked_terminal;
mod memory_file;
pub(crate) mod own_program;
