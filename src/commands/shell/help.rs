//! `vault help`: the commands, everything about one, or a topic.

use anyhow::Result;
use clap::Command;

use crate::context::Context;
use crate::help::everything;
use crate::help::groups::in_groups;
use crate::help::hints;
use crate::help::layout::{command_lines, laid_out, literal_lines, paragraph};
use crate::help::prose::Part;
use crate::help::topics::{Topic, near, topic};

const EXAMPLES: &str = "\
Examples:
  vault help
  vault help add
  vault help client edit
  vault help permission       a topic: the last line of vault help names them all
  vault help --all";

/// Options of `help`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The command that is to be explained, or a topic
    #[arg(value_name = "COMMAND or TOPIC")]
    commands: Vec<String>,
    /// Every command with all of its options
    #[arg(long)]
    all: bool,
}

/// Explains the program or a command.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    if let [name] = &*args.commands
        && let Some(topic) = topic(name)
    {
        return Ok(ctx.ui.paged("", || explain(topic, ctx))?);
    }
    let mut command = laid_out((ctx.tree)(), &ctx.ui);
    for name in &args.commands {
        let Some(found) = command.find_subcommand(name).cloned() else {
            let near = near(name).map(|topic| format!("help {}", topic.name));
            return Err(hints::unknown_command(&command, name, near.as_deref()).into());
        };
        command = found;
    }
    if args.all {
        return Ok(ctx
            .ui
            .paged("", || explain_all(&command, args.commands.is_empty(), ctx))?);
    }
    let help = if args.commands.is_empty() {
        command.render_help()
    } else {
        command.render_long_help()
    };
    ctx.ui.help(&help)?;
    Ok(())
}

/// Shows each command with all of its options: those of a command, or of the whole program, which
/// has some for all of them.
fn explain_all(command: &Command, is_program: bool, ctx: &Context) -> crate::error::Result<()> {
    let ui = &ctx.ui;
    let explain = |command: &Command| {
        everything::with_options(command)
            .iter()
            .try_for_each(|help| {
                ui.help(help)?;
                ui.line("")
            })
    };
    if !is_program {
        return explain(command);
    }
    for (title, commands) in in_groups(command) {
        ui.heading(&format!("{title}:"))?;
        ui.line("")?;
        commands.into_iter().try_for_each(explain)?;
    }
    ui.heading("Options of all commands:")?;
    ui.line("")?;
    ui.help(&everything::options_of_all(command))
}

/// Shows a topic, broken at the width of the terminal.
fn explain(topic: &Topic, ctx: &Context) -> crate::error::Result<()> {
    let ui = &ctx.ui;
    for (at, part) in topic.parts().iter().enumerate() {
        if at > 0 {
            ui.line("")?;
        }
        match part {
            Part::Heading(heading) => ui.heading(heading)?,
            Part::Paragraph(text) => ui.block(&paragraph(&ui.as_called(text)))?,
            // A program is saved as it stands.
            Part::Literal(lines) if lines.first().is_some_and(|it| it.starts_with("#!")) => {
                (lines.iter())
                    .try_for_each(|line| ui.line(&format!("  {}", ui.as_called(line))))?;
            }
            Part::Literal(lines) => {
                for line in lines {
                    let line = &*ui.as_called(line);
                    if line.starts_with("$ ") {
                        ui.block(&command_lines("  ", line))?;
                    } else {
                        ui.block(&literal_lines("  ", line))?;
                    }
                }
            }
        }
    }
    Ok(())
}
