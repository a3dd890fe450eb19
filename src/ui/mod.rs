//! The terminal, both ways: the only place that reads it (or stdin) and the only place that
//! prints.
//!
//! stdout is the answer and stderr is the conversation; prompts go to the controlling terminal.
//! Stored text is escaped on a terminal ([`sanitize`]) and exact everywhere else. Nothing here
//! goes through `std`'s static buffers for stdin and stdout, which are never wiped.

pub(crate) mod clipboard;
mod editor;
mod fit;
mod hidden;
mod input;
mod json;
mod messages;
mod output;
mod pager;
mod picker;
mod programs;
mod progress;
mod prompt;
pub(crate) mod sanitize;
mod shown;
mod size;
mod stdout;
mod style;
mod table;
pub(crate) mod time;
mod typed;

use std::cell::{Cell, OnceCell, RefCell};
use std::io::{self, IsTerminal};
use std::path::Path;

pub use editor::Closed;
pub(crate) use fit::NO_BREAK;
pub use output::Mark;
pub use picker::PickerRow;
pub use progress::{Counter, Spinner};
pub use prompt::{Unasked, UnshownKeys};
pub use shown::Shown;
pub use size::size;

use hidden::Defaults;
use stdout::Stdout;
use terminal_size::{Height, Width, terminal_size_of};
use typed::CommandStart;

use crate::process::inherited::Inherited;
use crate::process::own_program::PROGRAM_NAME;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether a stream is coloured, given whether it is a terminal.
    fn applies(self, terminal: bool) -> bool {
        let allowed = || {
            let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
            set("NO_COLOR").is_none() && set("TERM").is_some_and(|term| term != "dumb")
        };
        match self {
            Self::Auto => terminal && allowed(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The global options that concern the terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct UiOptions {
    /// `--json`: errors too are JSON.
    pub json: bool,
    /// `--quiet`: no notes, hints or progress; warnings and errors stay.
    pub quiet: bool,
    /// `--color`.
    pub color: Color,
    /// `--no-input`: never ask.
    pub no_input: bool,
}

/// One of the standard streams.
#[derive(Clone, Copy, Debug, Default)]
struct StandardStream {
    terminal: bool,
    color: bool,
    /// How wide the terminal is, where that is known.
    columns: Option<usize>,
    /// How many lines it has, where that is known.
    rows: Option<usize>,
}

/// How wide help is: as the terminal, or as `COLUMNS` says, and `widest` at most.
#[must_use]
pub fn help_columns(widest: usize) -> usize {
    let terminal = terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(said).unwrap_or(widest).min(widest)
}

/// The program's way to talk with its user and its caller.
pub struct Ui {
    options: UiOptions,
    stdin_is_terminal: bool,
    stdout: StandardStream,
    stderr: StandardStream,
    out: RefCell<Stdout>,
    signals: OnceCell<Defaults>,
    /// Whether something was asked for, hidden.
    asked: Cell<bool>,
    inherited: Inherited,
    /// The name that the program was called by.
    called: String,
    /// How a command is typed, where that is not as hints are written.
    program: Option<CommandStart>,
    /// The commands that can be typed.
    commands: Option<fn() -> Vec<String>>,
}

impl Ui {
    /// Looks at the standard streams once; nothing is read or written yet.
    #[must_use]
    pub fn new(options: UiOptions) -> Self {
        let stream = |terminal, size: Option<(Width, Height)>| StandardStream {
            terminal,
            color: options.color.applies(terminal),
            columns: size.map(|(width, _)| width.0.into()),
            rows: size.map(|(_, height)| height.0.into()),
        };
        let (stdout, stderr) = (io::stdout(), io::stderr());
        Self {
            options,
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout: stream(stdout.is_terminal(), terminal_size_of(&stdout)),
            stderr: stream(stderr.is_terminal(), terminal_size_of(&stderr)),
            out: RefCell::new(Stdout::raw()),
            signals: OnceCell::new(),
            asked: Cell::new(false),
            inherited: Inherited::default(),
            called: PROGRAM_NAME.to_owned(),
            program: None,
            commands: None,
        }
    }

    /// The same, with the descriptors that this process was started with.
    #[must_use]
    pub fn with_inherited(mut self, inherited: Inherited) -> Self {
        self.inherited = inherited;
        self
    }

    /// The same for a program that was `called` so, where an option may name the vault: messages
    /// and hints name both too. `commands` are those that can be typed.
    #[must_use]
    pub fn typed_as(
        mut self,
        called: &str,
        vault: Option<&Path>,
        commands: fn() -> Vec<String>,
    ) -> Self {
        called.clone_into(&mut self.called);
        self.program = CommandStart::of(called, vault, commands);
        self.commands = Some(commands);
        self
    }

    /// The name that the program was called by.
    #[must_use]
    pub fn called(&self) -> &str {
        &self.called
    }

    /// A text that tells commands, as they have to be typed to be about the same vault.
    #[must_use]
    pub fn as_typed(&self, hint: &str) -> String {
        match &self.program {
            Some(program) => program.name_in(hint),
            None => hint.to_owned(),
        }
    }

    /// A text of the help, with its examples for the program as it was called.
    #[must_use]
    pub fn as_called(&self, text: &str) -> String {
        let commands = self.commands;
        let program = commands.and_then(|known| CommandStart::of(&self.called, None, known));
        program.map_or_else(|| text.to_owned(), |it| it.name_in_examples(text))
    }

    /// Whether the answer is to be JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.options.json
    }

    /// Whether stdin is a terminal; if not, secrets may be read from it.
    #[must_use]
    pub fn stdin_is_terminal(&self) -> bool {
        self.stdin_is_terminal
    }

    /// Whether stdout is a terminal, and a person is likely to read the answer.
    #[must_use]
    pub fn stdout_is_terminal(&self) -> bool {
        self.stdout.terminal
    }

    /// Whether the terminal of stdout shows so many lines at once, above one for a pager's prompt.
    #[must_use]
    pub fn has_room_for(&self, lines: usize) -> bool {
        self.stdout.rows.is_some_and(|rows| lines < rows)
    }

    /// Whether stderr is a terminal.
    #[must_use]
    pub fn stderr_is_terminal(&self) -> bool {
        self.stderr.terminal
    }
}

#[cfg(test)]
mod tests {
    use super::Color;

    #[test]
    fn an_explicit_colour_choice_wins() {
        assert!(Color::Always.applies(false));
        assert!(!Color::Never.applies(true));
        assert!(!Color::Auto.applies(false));
    }
}
