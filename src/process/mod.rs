//! Programs that are started from here, each with a clean table of descriptors and none of the
//! variables that tell the master password. Nothing else in this crate starts one.

pub mod child;
pub mod gpg;
pub mod helper;
pub mod inherited;
