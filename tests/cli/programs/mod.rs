//! Programs that use what is in the vault, each in its own words.

mod helper_browserpass;
mod helper_clouds;
mod helper_docker;
mod helper_git;
mod helper_setup;
mod helper_setup_browser;
mod ssh_agent;
mod ssh_agent_asks;
mod ssh_agent_hostile;
