//! `vault help`: the commands, or everything about one.

use anyhow::Result;

use crate::context::Context;
use crate::help::hints;
use crate::help::layout::laid_out;

const EXAMPLES: &str = "\
Examples:
  vault help
  vault help add
  vault help client edit
  vault help --all";

/// Options of `help`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The command that is to be explained
    #[arg(value_name = "COMMAND")]
    commands: Vec<String>,
    /// With the options of all commands
    #[arg(long)]
    all: bool,
}

/// Explains the program or a command.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let mut command = laid_out((ctx.tree)());
    for name in &args.commands {
        let Some(found) = command.find_subcommand(name).cloned() else {
            return Err(hints::unknown_command(&command, name, None).into());
        };
        command = found;
    }
    let help = if args.all || !args.commands.is_empty() {
        command.render_long_help()
    } else {
        command.render_help()
    };
    ctx.ui.help(&help)?;
    Ok(())
}
