//! `vault complete`: what may stand at the cursor, for the scripts of [`super::completions`]. One
//! line each, a tab before its description; `:files` leaves it to the shell to complete a path, and
//! `:command` what follows the first `--`.
//!
//! A shell waits for it with a half-typed line: it never asks, never logs, gives up on a vault that
//! is slow to answer, and where something is wrong it offers less and says nothing.

use std::ffi::OsString;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use clap::FromArgMatches;

use super::complete_names::read_names;
use super::completions::Shell;
use crate::context::Context;
use crate::context::globals::Globals;
use crate::help::candidates::{Offer, offer};
use crate::help::meant::{KnownName, NameSource};
use crate::help::typed::Typed;
use crate::ui::{Ui, UiOptions};

/// How long a person may wait for names.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Options of `complete`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shell that asks
    #[arg(long, value_enum)]
    shell: Shell,
    /// The characters at which bash begins a new word
    #[arg(long, default_value = "", hide_default_value = true)]
    breaks: String,
    /// The last word is empty
    #[arg(long)]
    empty: bool,
    /// The words up to the cursor; for bash the whole line as one
    #[arg(last = true)]
    words: Vec<OsString>,
}

/// Prints what may stand at the cursor.
pub fn run(args: Args, ctx: &Context) -> Result<()> {
    let shell = args.shell;
    let (words, typed) = words(args);
    let tree = ctx.tree;
    let mut asked = globals(tree(), &words).unwrap_or_else(|| ctx.globals.clone());
    asked.no_input = true;
    match offer(&tree(), words, move |source| {
        names(asked.clone(), tree, source)
    }) {
        Offer::Files => ctx.ui.line(":files")?,
        // The others' scripts have no way to hand that on.
        Offer::Command if matches!(shell, Shell::Bash | Shell::Zsh | Shell::Fish) => {
            ctx.ui.line(":command")?;
        }
        Offer::Command => {}
        Offer::Words(words) => {
            for word in words {
                let about = word.about.filter(|_| shell != Shell::Bash);
                let about = about.map(|about| format!("\t{about}"));
                let value = match &typed {
                    Some(typed) => typed.insert(&word.value),
                    None => word.value,
                };
                // For the shell, which splits it at the tab. Names have no control characters.
                let line = value + &about.unwrap_or_default() + "\n";
                ctx.ui.bytes(line.as_bytes())?;
            }
        }
    }
    Ok(())
}

/// The words with quotes taken off; what was typed, if the shell leaves it to us to quote.
fn words(args: Args) -> (Vec<OsString>, Option<Typed>) {
    let mut words = args.words;
    match args.shell {
        Shell::Bash => {
            let line = words.pop().unwrap_or_default();
            let typed = Typed::split(&line.to_string_lossy(), &args.breaks);
            let words = typed.words().iter().map(OsString::from).collect();
            return (words, Some(typed));
        }
        Shell::Fish => {
            // The word at the cursor comes as it was typed.
            let typed = words.pop().unwrap_or_default();
            let typed = Typed::split(&typed.to_string_lossy(), "");
            let last = typed.words().last().cloned().unwrap_or_default();
            words.push(last.into());
        }
        Shell::Zsh | Shell::PowerShell | Shell::Elvish => {}
    }
    if args.empty {
        words.push(OsString::new());
    }
    (words, None)
}

/// The names in the vault, if it opens without asking and soon. A vault on a network that is gone
/// would be waited for without end: that thread ends with the process.
fn names(globals: Globals, tree: fn() -> clap::Command, source: NameSource) -> Vec<KnownName> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let quiet = UiOptions {
            quiet: true,
            no_input: true,
            ..UiOptions::default()
        };
        let ctx = Context::new(Ui::new(quiet), globals, tree);
        // Nobody listens any more when it took too long.
        let _ = send.send(read_names(&ctx, source).unwrap_or_default());
    });
    receive.recv_timeout(PATIENCE).unwrap_or_default()
}

/// The options of all commands on a half-typed line, as far as it can be read.
fn globals(tree: clap::Command, words: &[OsString]) -> Option<Globals> {
    let (_, before) = words.split_last()?;
    let command = tree.ignore_errors(true);
    let matches = command.try_get_matches_from(before).ok()?;
    let mut deepest = &matches;
    while let Some((_, below)) = deepest.subcommand() {
        deepest = below;
    }
    Globals::from_arg_matches(deepest).ok()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use clap::CommandFactory;

    use super::globals;
    use crate::cli::Cli;

    #[test]
    fn the_options_of_a_half_typed_line_are_read() {
        for line in [
            "vault --vault x get ",
            "vault get --vault x ",
            "vault client show --vault=x a",
        ] {
            let found = globals(Cli::command(), &words(line)).and_then(|found| found.vault);
            assert_eq!(found.as_deref(), Some(Path::new("x")), "{line}");
        }
        assert_eq!(
            globals(Cli::command(), &words("vault --nosuch get --vault")).and_then(|g| g.vault),
            None
        );
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }
}
