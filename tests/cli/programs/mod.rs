//! Other programs use what is in the vault.

mod ssh_agent;
mod ssh_agent_asks;
mod ssh_agent_hostile;
