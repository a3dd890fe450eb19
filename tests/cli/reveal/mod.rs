//! Commands that hand a secret out.

pub(crate) mod clip;
pub(crate) mod code;
pub(crate) mod get;
pub(crate) mod inject;
pub(crate) mod run;
pub(crate) mod run_files;
pub(crate) mod run_masked;
pub(crate) mod tty_run;
pub(crate) mod tty_run_masked;
pub(crate) mod use_only;
pub(crate) mod use_only_guesses;
pub(crate) mod use_only_said;
