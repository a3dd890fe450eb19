//! Programs that ask for secrets in their own words.

mod helper_browserpass;
mod helper_clouds;
mod helper_docker;
mod helper_git;
mod helper_setup;
