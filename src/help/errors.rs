//! A command line that does not parse: what is wrong with it, in this program's words.

use std::ffi::{OsStr, OsString};

use clap::ValueEnum;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::candidates::visible_commands;
use super::hints;
use crate::error::Error;
use crate::model::text::quote::{LONGEST_WORD, clipped};
use crate::ui::Color;

/// The colour that was asked for on a command line that does not parse.
pub fn color(args: &[OsString]) -> Color {
    let after = |at: usize| args.get(at + 1).and_then(|value| value.to_str());
    let values = args.iter().enumerate().filter_map(|(at, arg)| {
        let arg = arg.to_str()?;
        if arg == "--color" {
            after(at)
        } else {
            arg.strip_prefix("--color=")
        }
    });
    let mut chosen = values.filter_map(|value| Color::from_str(value, true).ok());
    chosen.next_back().unwrap_or_default()
}

/// A command line that does not parse, in this program's form: what is wrong, then how it goes.
///
/// A value that is in the wrong place may be a secret that was meant for a prompt: none is
/// repeated.
pub fn usage_error(why: &clap::Error, tree: &clap::Command, args: &[OsString]) -> Error {
    let context = |kind| match why.get(kind) {
        Some(ContextValue::String(text)) => Some(clipped(text, LONGEST_WORD).into_owned()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    };
    let arg = &*place(&context(ContextKind::InvalidArg).unwrap_or_default());
    let usage = context(ContextKind::Usage).map(|usage| in_one_line(&usage));
    let command = command_of(
        tree,
        &context(ContextKind::Usage).unwrap_or_else(|| typed(args)),
    );
    match why.kind() {
        ErrorKind::InvalidSubcommand => return unknown_command(why, tree),
        ErrorKind::MissingSubcommand => {
            let names = visible_commands(&command).join(", ");
            let message = format!("a command is missing, one of: {names}");
            return Error::usage(message).hint(usage.unwrap_or_default());
        }
        ErrorKind::UnknownArgument => {
            let near = context(ContextKind::SuggestedArg);
            return unknown_argument(arg, near.as_deref(), &command);
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues => {
            return Error::usage(format!(
                "{arg} takes no value; what was given is not repeated here, in case it is a secret"
            ))
            .hint(hints::NEVER_AN_ARGUMENT);
        }
        ErrorKind::ValueValidation => {
            let reason = hints::reason(std::error::Error::source(why));
            let given = context(ContextKind::InvalidValue).filter(|_| hints::is_repeated(arg));
            let message = match given {
                Some(given) => format!("{arg} '{given}': {reason}"),
                None => format!("{arg}: {reason}"),
            };
            return Error::usage(message).hint(hints::what_it_takes(&command));
        }
        ErrorKind::InvalidValue => {
            let choices = context(ContextKind::ValidValue).unwrap_or_default();
            let message = if choices.is_empty() {
                format!("{arg} needs a value")
            } else {
                format!("{arg} is one of: {choices}")
            };
            return Error::usage(message).hint(hints::what_it_takes(&command));
        }
        ErrorKind::MissingRequiredArgument => {
            let hint = hints::instead_of_nothing(&command)
                .map(str::to_owned)
                .or(usage);
            let error = Error::usage(missing(why));
            return match hint {
                Some(hint) => error.hint(hint),
                None => error,
            };
        }
        _ => {}
    }
    let tip = context(ContextKind::SuggestedArg).map(|near| format!("did you mean {near}?"));
    Error::usage(first_paragraph(why)).hint(
        tip.or(usage)
            .unwrap_or_else(|| "vault help lists the commands".into()),
    )
}

/// An argument that `command` does not have; `near` is an option that is spelt like it.
fn unknown_argument(arg: &str, near: Option<&str>, command: &clap::Command) -> Error {
    let option = arg.split('=').next().unwrap_or_default();
    if hints::takes_a_secret(arg) {
        let instead = format!("{}; {}", hints::NEVER_AN_ARGUMENT, hints::MASTER_PASSWORD);
        return Error::usage(format!("there is no {option}")).hint(instead);
    }
    if is_option(arg) {
        let hint = hints::instead_of_an_option(command, option, near);
        return Error::usage(format!("there is no {option} here")).hint(hint);
    }
    match hints::instead_of_an_argument(command) {
        Some(hint) => Error::usage("there is one argument too many").hint(hint),
        None => Error::usage(
            "there is one argument too many; it is not repeated here, in case it is a secret",
        )
        .hint(hints::where_secrets_come_from(command)),
    }
}

/// What was not given that has to be: `ENTRY and --to CONTACT are missing`.
fn missing(why: &clap::Error) -> String {
    let names: Vec<String> = match why.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.iter().map(|name| plain(name)).collect(),
        _ => Vec::new(),
    };
    match names.as_slice() {
        [] => first_paragraph(why),
        [name] => format!("{name} is missing"),
        [first @ .., last] => format!("{} and {last} are missing", first.join(", ")),
    }
}

/// An argument as people write it: `--to CONTACT` for `--to <CONTACT>`, and `ENTRY or --all` for a
/// group of two.
fn plain(arg: &str) -> String {
    let plain = arg.replace(['<', '>', '[', ']'], "").replace('|', " or ");
    plain.trim_end_matches('.').to_owned()
}

/// What stands in a place without a name, as `CLIENT` for `<CLIENT>` and `[CLIENT]...`.
fn place(arg: &str) -> String {
    if arg.starts_with('-') {
        return arg.to_owned();
    }
    arg.trim_matches(['<', '>', '[', ']', '.']).to_owned()
}

/// The whole command line, to find the command in.
fn typed(args: &[OsString]) -> String {
    args.join(OsStr::new(" ")).to_string_lossy().into_owned()
}

/// How a command is used, in one line.
fn in_one_line(usage: &str) -> String {
    let lines: Vec<&str> = usage.trim().lines().map(str::trim).collect();
    lines.join("; or: ").replace("Usage: ", "usage: ")
}

/// What clap says, in one line, without its usage and tips.
fn first_paragraph(why: &clap::Error) -> String {
    let rendered = why.to_string();
    let mut paragraphs = rendered.split("\n\n");
    let first = paragraphs.next().unwrap_or_default();
    let message = first.trim_start_matches("error: ").replace('\n', " ");
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether it is spelt as options are.
fn is_option(arg: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    arg.starts_with('-') && (arg.chars().count() == 2 || arg.chars().all(plain))
}

fn unknown_command(why: &clap::Error, tree: &clap::Command) -> Error {
    let text = |kind| match why.get(kind) {
        Some(ContextValue::String(text)) => clipped(text, LONGEST_WORD).into_owned(),
        // The nearest one comes last.
        Some(ContextValue::Strings(texts)) => texts.last().cloned().unwrap_or_default(),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    };
    let near = text(ContextKind::SuggestedSubcommand);
    let near = Some(near.as_str()).filter(|near| !near.is_empty());
    let parent = command_of(tree, &text(ContextKind::Usage));
    hints::unknown_command(&parent, &text(ContextKind::InvalidSubcommand), near)
}

/// The command that a usage line is about.
fn command_of(tree: &clap::Command, usage: &str) -> clap::Command {
    let mut command = tree.clone();
    command.build();
    for word in usage.split_whitespace() {
        if let Some(found) = command.find_subcommand(word).cloned() {
            command = found;
        }
    }
    command
}
