//! stderr: the conversation. A message that cannot be written has nowhere to be reported, so
//! nothing here fails.

use std::io::Write;

use clap::builder::StyledStr;
use clap::builder::styling::Style;
use serde::Serialize;
use serde_json::{Serializer, Value, json};
use unicode_width::UnicodeWidthStr;

use super::json::TerminalFormatter;
use super::style::{ERROR, HINT, WARNING};
use super::time::with_local_times;
use super::{Ui, fit, sanitize, typed};
use crate::error::Error;
use crate::model::text::quote::{LONGEST_WORD, clipped};
use crate::model::text::secret::Secret;

impl Ui {
    /// Something worth knowing, unless `--quiet`; under `--json` a line `{"note":"TEXT"}`.
    pub fn note(&self, text: &str) {
        if self.options.quiet {
            return;
        }
        if self.options.json {
            self.say(&self.json_line(&json!({"note": text})));
        } else {
            self.say(&format!("{}\n", self.fitted(text, 0)));
        }
    }

    /// `warning: TEXT`, in any case; under `--json` a line `{"warning":"TEXT"}`.
    pub fn warn(&self, text: &str) {
        if self.options.json {
            return self.say(&self.json_line(&json!({"warning": text})));
        }
        self.say(&self.labelled(WARNING, "warning:", &with_local_times(text)));
    }

    /// `hint: TEXT`, the next step, unless `--quiet`; under `--json` a line `{"hint":"TEXT"}`.
    pub fn hint(&self, text: &str) {
        if self.options.quiet {
            return;
        }
        if self.options.json {
            self.say(&self.json_line(&json!({"hint": self.as_typed(text)})));
        } else {
            self.say(&self.hint_line(text));
        }
    }

    /// A passphrase that somebody has to be told, in any case and nowhere else; under `--json` a
    /// line `{"passphrase":"WORDS"}`.
    pub fn passphrase(&self, words: &Secret) {
        let words = words.expose();
        if self.options.json {
            return self.say(&format!("{}\n", json!({"passphrase": words})));
        }
        self.say(&format!("passphrase: {words}\n"));
    }

    /// What went wrong: `vault: MESSAGE` with the name that the program was called by, a line for each detail and `hint: HINT`, or one JSON
    /// value under `--json`.
    pub fn error(&self, error: &Error) {
        if self.options.json {
            return self.say(&self.json_error(error));
        }
        let (message, hint) = (repeatable(error.message()), error.next_step());
        let mut text = self.labelled(
            ERROR,
            &format!("{}:", self.called),
            &with_local_times(&message),
        );
        for detail in error.detail_lines() {
            text.extend(["  ", &self.fitted(&with_local_times(detail), 2), "\n"]);
        }
        if let Some(hint) = hint {
            text.push_str(&self.hint_line(hint));
        }
        self.say(&text);
    }

    /// How the program is used, as clap renders it, for a command line that asks for nothing.
    pub fn usage(&self, help: &StyledStr) {
        self.say(&if self.stderr.color {
            help.ansi().to_string()
        } else {
            help.to_string()
        });
    }

    fn hint_line(&self, hint: &str) -> String {
        self.labelled(HINT, "hint:", &self.as_typed(hint))
    }

    fn labelled(&self, style: Style, label: &str, text: &str) -> String {
        let text = self.fitted(text, label.len() + 1);
        let label = self.stderr.paint(style, label);
        format!("{label}{}{text}\n", fit::gap(&text))
    }

    /// A text as stderr shows it behind so many columns: on a terminal broken between words, and
    /// not within a command.
    fn fitted(&self, text: &str, before: usize) -> String {
        self.fitted_to(self.stderr.columns, text, before)
    }

    /// As [`Self::fitted`], for a terminal of so many columns.
    pub(super) fn fitted_to(&self, columns: Option<usize>, text: &str, before: usize) -> String {
        self.broken(columns, &sanitize::line(text), before, fit::INDENT)
    }

    /// A message that a command printed, as a terminal of so many columns shows it.
    #[must_use]
    pub fn message_lines(&self, columns: usize, text: &str) -> String {
        self.fitted_to(Some(columns), text, 0)
    }

    /// A line in as many as it needs, those that follow behind `indent`; no command is broken.
    pub(super) fn broken(
        &self,
        columns: Option<usize>,
        line: &str,
        before: usize,
        indent: &str,
    ) -> String {
        if columns.is_none_or(|columns| before + line.width() <= columns) {
            return line.to_owned();
        }
        let commands = self.commands.map(|commands| commands());
        let text = typed::tied(line, &self.called, &commands.unwrap_or_default());
        fit::wrapped(&text, before, indent, columns).into_owned()
    }

    fn json_error(&self, error: &Error) -> String {
        let mut value = json!({
            "code": error.kind().code(),
            "exit": error.kind().exit_code(),
            "message": repeatable(error.message()),
            "hint": error.next_step().map(|hint| self.as_typed(hint)),
        });
        let details = error.detail_lines();
        if let Some(object) = value.as_object_mut().filter(|_| !details.is_empty()) {
            object.insert("details".into(), json!(details));
        }
        self.json_line(&json!({"error": value}))
    }

    /// The exact value; what a terminal could obey is written as `\uXXXX` there.
    fn json_line(&self, value: &Value) -> String {
        let mut line = Vec::new();
        if self.stderr.terminal {
            let mut out = Serializer::with_formatter(&mut line, TerminalFormatter::default());
            // Writing to memory cannot fail.
            let _ = value.serialize(&mut out);
        } else {
            let _ = serde_json::to_writer(&mut line, value);
        }
        line.push(b'\n');
        String::from_utf8_lossy(&line).into_owned()
    }

    /// In one write, after the lines of the answer that a terminal would have shown before.
    fn say(&self, text: &str) {
        if self.stdout.terminal {
            let _ = self.flush();
        }
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// The characters of a message. More has one in which a word with blanks was given.
const LONGEST_MESSAGE: usize = 1000;

/// A message, without the middle of words that are too long: they come from the command line.
fn repeatable(message: &str) -> String {
    let words = message.split(' ').map(|word| clipped(word, LONGEST_WORD));
    let words: Vec<_> = words.collect();
    clipped(&words.join(" "), LONGEST_MESSAGE).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::error::Error;
    use crate::ui::{StandardStream, Ui, UiOptions};

    fn ui(terminal: bool) -> Ui {
        let mut ui = Ui::new(UiOptions::default());
        ui.stderr = StandardStream {
            terminal,
            color: terminal,
            columns: None,
            rows: None,
        };
        ui
    }

    #[test]
    fn json_errors_have_the_promised_shape() {
        let text = ui(false).json_error(&Error::not_found("no entry acme/wq"));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({"error":
            {"code": "not_found", "exit": 3, "message": "no entry acme/wq", "hint": null}});
        assert_eq!(value, expected);
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn details_are_a_list_where_there_are_any() {
        let error = Error::refused("no").details(vec!["one".into(), "two".into()]);
        let value: serde_json::Value = serde_json::from_str(&ui(false).json_error(&error)).unwrap();
        assert_eq!(value["error"]["details"], serde_json::json!(["one", "two"]));
    }

    #[test]
    fn hints_are_escaped_and_on_a_terminal_coloured() {
        assert_eq!(ui(true).hint_line("a\x1b"), "\x1b[36mhint:\x1b[0m a\\x1b\n");
        assert_eq!(ui(false).hint_line("a\x1b"), "hint: a\\x1b\n");
    }
}
