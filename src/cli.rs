//! The command line: the options of all commands, and what to do. The only source of help, manual
//! pages and completions.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{CommandFactory, Parser};

use crate::commands::programs::helper::LINK_NAMES;
use crate::commands::{Command, UnlistedCommand};
use crate::context::globals::Globals;
use crate::help::candidates::visible_commands;

const MORE: &str = "\
vault help COMMAND has examples, vault help --all every option. New here? vault tour shows it all.";

/// Keeps clients' credentials in one encrypted file, and the record of who was allowed to see them.
#[derive(Debug, Parser)]
#[command(
    name = "vault",
    version,
    after_help = MORE,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Options of all commands.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Where a command gives an option of all commands another meaning, that one counts.
    #[must_use]
    pub fn settled(mut self) -> Self {
        match &self.command {
            // It names what the share is opened with; the vault takes its password.
            Command::Incoming(_) => self.globals.identity = None,
            // git names the vault, and waits. What is told is typed in any folder.
            Command::Unlisted(UnlistedCommand::MergeDriver(args)) => {
                let path = std::path::absolute(&args.path);
                self.globals.vault = Some(path.unwrap_or_else(|_| args.path.clone()));
                self.globals.no_input = true;
            }
            Command::Unlisted(UnlistedCommand::DiffText(args)) => {
                self.globals.vault = Some(args.file.clone());
                self.globals.no_input = true;
            }
            // The terminal is the other program's.
            Command::Helper(args) => {
                self.globals.no_input |= !args.may_ask();
                if let Some(patience) = args.patience() {
                    self.globals.wait = self.globals.wait.min(patience);
                }
            }
            _ => {}
        }
        self
    }
}

/// The command line that is meant where this program is called by the name of a credential helper.
#[must_use]
pub fn by_called_name(mut args: Vec<OsString>) -> Vec<OsString> {
    let called = args.first().map(Path::new).and_then(Path::file_name);
    let helper = LINK_NAMES
        .iter()
        .find(|(name, _)| called == Some(OsStr::new(name)));
    if let Some((_, program)) = helper {
        args.splice(..1, ["vault", "helper", program].map(OsString::from));
    }
    args
}

/// The tree with the options of every command, as help, the manual and completion show it.
#[must_use]
pub fn whole_tree() -> clap::Command {
    let named = Cli::command();
    let mut tree = named.clone();
    tree.build();
    // What a command is for was said where it is named; its options have a text of their own.
    tree.mut_subcommands(|command| {
        let about = named
            .find_subcommand(command.get_name())
            .and_then(clap::Command::get_about)
            .cloned();
        command.about(about.unwrap_or_default())
    })
}

/// The commands that can be typed.
#[must_use]
pub fn names_of_commands() -> Vec<String> {
    visible_commands(&Cli::command())
}
