//! Commands for a vault that is changed on several devices.

pub(crate) mod conflicts;
pub(crate) mod diff_text;
mod in_git;
pub(crate) mod merge;
pub(crate) mod merge_driver;
mod new_machine;
mod outcome_password;
mod remote;
pub(crate) mod resolve;
mod setup;
#[expect(
    clippy::module_inception,
    reason = "the family is named as its chief command"
)]
pub(crate) mod sync;
mod taking_in;
