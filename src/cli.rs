//! The command line: the options of all commands, and what to do. The only source of help, manual
//! pages and completions.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::Command as CommandTree;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser};

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
    /// Reads the command line. Only the command that is named is built: clap gives each command a copy
    /// of the options of all, which takes longer than reading a small vault.
    ///
    /// # Errors
    /// As the whole tree says it, which is built then; also for help, which shows all of it.
    pub fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        let whole = Self::command();
        let named = args.iter().find_map(|arg| whole.find_subcommand(arg));
        let root = CommandTree::new("vault")
            .version(env!("CARGO_PKG_VERSION"))
            .propagate_version(true)
            .disable_help_subcommand(true);
        let read = Globals::augment_args(root)
            .subcommands(named.cloned())
            .try_get_matches_from(args)
            .and_then(|matches| Self::from_arg_matches(&matches));
        match read {
            // What was taken for its name may have been the value of an option.
            Err(why) if why.kind() != ErrorKind::DisplayVersion => Self::try_parse_from(args),
            read => read,
        }
    }

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
pub fn whole_tree() -> CommandTree {
    let named = Cli::command();
    let mut tree = named.clone();
    tree.build();
    // What a command is for was said where it is named; its options have a text of their own.
    tree.mut_subcommands(|command| {
        let about = named
            .find_subcommand(command.get_name())
            .and_then(CommandTree::get_about)
            .cloned();
        command.about(about.unwrap_or_default())
    })
}

/// The commands that can be typed.
#[must_use]
pub fn names_of_commands() -> Vec<String> {
    visible_commands(&Cli::command())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser;

    use super::Cli;

    /// What is read, or how it is refused.
    fn said(read: Result<Cli, clap::Error>) -> String {
        match read {
            Ok(cli) => format!("{cli:?}"),
            Err(why) => format!("{:?} {why}", why.kind()),
        }
    }

    #[test]
    fn a_line_is_read_as_the_whole_tree_reads_it() {
        for line in [
            "get acme/wp",
            "get acme/wp --json --vault list",
            "--vault list get acme/wp",
            "--vault get",
            "--vault=get list -q",
            "client add acme --name Acme",
            "receive share.age --identity key",
            "identity",
            "run -- list",
            "list get",
            "nosuch get",
            "get",
            "",
            "--json",
            "-- get acme/wp",
            "--version",
            "get --version",
            "--help",
            "get -h",
            "help get",
            "--nosuch get",
            "get --nosuch",
            "browserpass.json browserpass@maximbaz.com",
        ] {
            let args: Vec<OsString> = ["vault"]
                .into_iter()
                .chain(line.split_whitespace())
                .map(OsString::from)
                .collect();
            let whole = said(Cli::try_parse_from(&args));
            assert_eq!(said(Cli::read(&args)), whole, "{line}");
        }
    }
}
