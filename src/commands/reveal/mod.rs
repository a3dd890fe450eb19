//! Commands that hand a secret out, and the steps that each of them takes.

pub mod clear_clipboard;
pub mod clip;
pub mod clock_check;
pub mod code;
pub mod detach;
pub mod exposure;
pub mod get;
pub(crate) mod hand_out;
pub mod inject;
pub mod run;
pub(crate) mod share_terms;
