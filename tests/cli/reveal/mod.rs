//! Commands that hand a secret out.

pub(crate) mod clip;
pub(crate) mod code;
pub(crate) mod get;
pub(crate) mod inject;
pub(crate) mod run;
pub(crate) mod tty_run;
