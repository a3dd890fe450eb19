//! stderr: the conversation. A message that cannot be written has nowhere to be reported, so
//! nothing here fails.

use std::borrow::Cow;
use std::io::Write;

use clap::builder::StyledStr;
use serde_json::json;

use super::style::{ERROR, HINT, WARNING};
use super::{Ui, sanitize};
use crate::error::Kind;

impl Ui {
    /// Something worth knowing, unless `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.options.quiet {
            self.say(&format!("{}\n", self.stderr_text(text)));
        }
    }

    /// `warning: TEXT`, in any case; under `--json` a line `{"warning":"TEXT"}`.
    pub fn warn(&self, text: &str) {
        if self.options.json {
            return self.say(&format!("{}\n", json!({"warning": self.stderr_text(text)})));
        }
        let label = self.stderr.paint(WARNING, "warning:");
        self.say(&format!("{label} {}\n", self.stderr_text(text)));
    }

    /// `hint: TEXT`, the next step, unless `--quiet`.
    pub fn hint(&self, text: &str) {
        if !self.options.quiet {
            self.say(&self.hint_line(text));
        }
    }

    /// What went wrong: `vault: MESSAGE` and `hint: HINT`, or one JSON value under `--json`.
    pub fn error(&self, kind: Kind, message: &str, hint: Option<&str>) {
        if self.options.json {
            return self.say(&self.json_error(kind, message, hint));
        }
        let label = self.stderr.paint(ERROR, "vault:");
        let mut text = format!("{label} {}\n", self.stderr_text(message));
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
        let label = self.stderr.paint(HINT, "hint:");
        format!("{label} {}\n", self.stderr_text(hint))
    }

    fn json_error(&self, kind: Kind, message: &str, hint: Option<&str>) -> String {
        let error = json!({"error": {
            "code": kind.code(),
            "exit": kind.exit_code(),
            "message": self.stderr_text(message),
            "hint": hint.map(|hint| self.stderr_text(hint)),
        }});
        format!("{error}\n")
    }

    fn stderr_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.stderr.terminal {
            sanitize::line(text)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// In one write, after the lines of the answer that a terminal would have shown before.
    fn say(&self, text: &str) {
        if self.stdout.terminal {
            let _ = self.flush();
        }
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Kind;
    use crate::ui::{Stream, Ui, UiOptions};

    fn ui(terminal: bool) -> Ui {
        let mut ui = Ui::new(UiOptions::default());
        ui.stderr = Stream {
            terminal,
            color: terminal,
        };
        ui
    }

    #[test]
    fn json_errors_have_the_promised_shape() {
        let text = ui(false).json_error(Kind::NotFound, "no entry acme/wq", None);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({"error":
            {"code": "not_found", "exit": 3, "message": "no entry acme/wq", "hint": null}});
        assert_eq!(value, expected);
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn hints_are_coloured_and_escaped_on_a_terminal() {
        assert_eq!(ui(true).hint_line("a\x1b"), "\x1b[36mhint:\x1b[0m a\\x1b\n");
        assert_eq!(ui(false).hint_line("a\x1b"), "hint: a\x1b\n");
    }
}
