//! The process that `vault unlock` starts. Nobody types this command.

use anyhow::Result;

use crate::agent::start;

/// The command's name.
pub const NAME: &str = start::COMMAND;

/// Options of the agent: none. What it needs to know comes over stdin.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Is the agent, until it ends.
pub fn run(_: &Args) -> Result<()> {
    start::become_agent()?;
    Ok(())
}
