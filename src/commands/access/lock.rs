//! `vault lock`: ends the agent.

use anyhow::Result;

use crate::context::{Context, agent};

const EXAMPLES: &str = "\
Examples:
  vault lock          all vaults are locked again, at once";

/// Options of `lock`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Ends the agent, which wipes all keys that it has.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let note = if agent()?.stop()? {
        "Locked: the agent has ended."
    } else {
        "Nothing was unlocked: there is no agent."
    };
    ctx.answer_change(note, &[]);
    Ok(())
}
