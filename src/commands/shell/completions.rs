//! `vault completions`: the script that makes a shell complete this program's commands, options and
//! names.
//!
//! The scripts are small and ask the program itself at each Tab ([`super::complete`]): what they
//! offer is always what the program understands, and names can come from a running agent.

use anyhow::Result;
use clap::ValueEnum;

use crate::context::Context;
use crate::process::own_program::PROGRAM_NAME;

const EXAMPLES: &str = "\
Where the line goes, once:
  bash         ~/.bashrc: eval \"$(vault completions bash)\"
  zsh          ~/.zshrc, after compinit: source <(vault completions zsh)
  fish         vault completions fish > ~/.config/fish/completions/vault.fish
  PowerShell   $PROFILE: vault completions powershell | Out-String | Invoke-Expression
  elvish       ~/.config/elvish/rc.elv: eval (vault completions elvish | slurp)

Names of entries and clients are offered while the agent runs (vault unlock); Tab never asks for the
password.";

/// A shell that can complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "one is called so")]
pub enum Shell {
    /// Bash 4 or later
    Bash,
    /// Z shell
    Zsh,
    /// The friendly interactive shell
    Fish,
    /// PowerShell 7, also on Linux and macOS
    #[value(name = "powershell")]
    PowerShell,
    /// Elvish
    Elvish,
}

/// Options of `completions`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The shell that is to complete
    #[arg(value_enum, ignore_case = true)]
    shell: Shell,
}

/// Prints the script.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let script = match args.shell {
        Shell::Bash => include_str!("completions/bash.sh"),
        Shell::Zsh => include_str!("completions/zsh.zsh"),
        Shell::Fish => include_str!("completions/fish.fish"),
        Shell::PowerShell => include_str!("completions/powershell.ps1"),
        Shell::Elvish => include_str!("completions/elvish.elv"),
    };
    let script = for_program(script, ctx.ui.called());
    ctx.ui.bytes(script.as_bytes())?;
    Ok(())
}

/// The script with the name that the program was called by wherever its own stands as a word.
fn for_program(script: &str, called: &str) -> String {
    let mut named = String::new();
    let mut rest = script;
    while let Some((before, after)) = rest.split_once(PROGRAM_NAME) {
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        let is_word = !before.ends_with(joins) && !after.starts_with(joins);
        named.push_str(before);
        named.push_str(if is_word { called } else { PROGRAM_NAME });
        rest = after;
    }
    named + rest
}
