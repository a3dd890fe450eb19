//! Commands that hand a secret out, and the steps that each of them takes.

pub(crate) mod clear_clipboard;
pub(crate) mod clip;
pub(crate) mod clock_check;
pub(crate) mod code;
pub(crate) mod detach;
pub(crate) mod exposure;
pub(crate) mod file_out;
pub(crate) mod get;
pub(crate) mod hand_out;
pub(crate) mod inject;
pub(crate) mod known_secret;
pub(crate) mod masking;
pub(crate) mod run;
pub(crate) mod share_terms;
pub(crate) mod void_request;
