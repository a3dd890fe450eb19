//! stdout: the answer.
//!
//! A reader that goes away (`vault list | head -1`) is no failure: what is left is dropped
//! quietly and the command does the rest of its work. Who must know asks [`Ui::reader_gone`].

use std::io;
use std::io::Write;

use clap::builder::StyledStr;
use clap::builder::styling::Style;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

use super::json::TerminalFormatter;
use super::style::{BOLD, DIM, ERROR, HINT, LIGHT_ON_DARK, WARNING};
use super::table::Column;
use super::{Ui, fit, sanitize, table};
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// Before what follows the first line of a value.
const FURTHER: &str = "    ";
/// What part of the terminal's width a name with a text beside it takes at most: half.
const NAME_PART: usize = 2;
/// What a text is broken to at least, however narrow the terminal is.
const NARROWEST_TEXT: usize = 24;

/// How bad it is what a line tells: its colour.
#[derive(Clone, Copy, Debug)]
pub enum Mark {
    /// To be put right today.
    Bad,
    /// To be put right.
    Warning,
    /// Worth knowing.
    Note,
}

impl Ui {
    /// One line of text, escaped, line breaks within it too: what is piped on may well end on a
    /// terminal. Exact bytes are for [`Ui::reveal`], [`Ui::file`], [`Ui::bytes`] and JSON.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when stdout cannot be written.
    pub fn line(&self, text: &str) -> Result<()> {
        self.put(&[sanitize::line(text).as_bytes(), b"\n"])
    }

    /// Text of several lines, ended by a line break; escaped but for those.
    pub(crate) fn block(&self, text: &str) -> Result<()> {
        self.put(&[sanitize::block(text).as_bytes(), b"\n"])
    }

    /// Help or a version, as clap renders it.
    pub(crate) fn help(&self, help: &StyledStr) -> Result<()> {
        let text = if self.stdout.color {
            help.ansi().to_string()
        } else {
            help.to_string()
        };
        self.put(&[text.as_bytes()])?;
        self.flush()
    }

    /// A heading, bold where there is colour.
    pub(crate) fn heading(&self, text: &str) -> Result<()> {
        let text = sanitize::line(text);
        self.put(&[self.stdout.paint(BOLD, &text).as_bytes(), b"\n"])
    }

    /// `label: value` on one line, the label dim where there is colour. Further lines of the value
    /// are indented, so that they cannot pass for labels.
    pub(crate) fn field(&self, label: &str, value: &str) -> Result<()> {
        self.labelled_value(DIM, label, value)
    }

    /// As [`Self::field`], with a label in the colour of how bad it is.
    pub(crate) fn marked(&self, mark: Mark, label: &str, value: &str) -> Result<()> {
        let style = match mark {
            Mark::Bad => ERROR,
            Mark::Warning => WARNING,
            Mark::Note => HINT,
        };
        self.labelled_value(style, label, value)
    }

    fn labelled_value(&self, style: Style, label: &str, value: &str) -> Result<()> {
        let label = format!("{}:", sanitize::line(label));
        let mut before = label.width() + 1;
        let mut lines = Vec::new();
        for line in sanitize::block(value).split('\n') {
            lines.push(self.broken(self.stdout.columns, line, before, FURTHER));
            before = FURTHER.len();
        }
        let (label, value) = (
            self.stdout.paint(style, &label),
            lines.join(&format!("\n{FURTHER}")),
        );
        let gap = fit::gap(&value);
        self.put(&[label.as_bytes(), gap.as_bytes(), value.as_bytes(), b"\n"])
    }

    /// Rows in aligned columns; the headers are for people and shown on a terminal only, where a
    /// column that nobody has is left out. A line break in a cell is escaped in any case: a row is a
    /// line.
    pub(crate) fn table(&self, headers: &[&str], rows: &[Vec<String>]) -> Result<()> {
        let column = |header: &&str| Column {
            header: (*header).to_owned(),
            is_time: false,
        };
        let head: Vec<Column> = headers.iter().map(column).collect();
        self.table_of(&head, rows)
    }

    /// As [`Self::table`], where some columns are times.
    pub(super) fn table_of(&self, head: &[Column], rows: &[Vec<String>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if !self.stdout.terminal {
            return self.columns(rows);
        }
        let cell = |cell: &String| sanitize::line(cell).into_owned();
        let body = rows.iter().map(|row| row.iter().map(cell).collect());
        let body: Vec<_> = body.collect();
        let columns = self.stdout.columns.unwrap_or(usize::MAX);
        let lines = table::align(&table::fit(head, &body, columns));
        let Some((head, body)) = lines.split_first() else {
            return Ok(());
        };
        self.heading(head)?;
        body.iter().try_for_each(|row| self.line(row))
    }

    /// A line of a list of paths: cut to the width of a terminal.
    pub(crate) fn row(&self, text: &str) -> Result<()> {
        let text = sanitize::line(text);
        match self.stdout.columns {
            Some(columns) => self.line(&fit::cut_path(&text, columns)),
            None => self.line(&text),
        }
    }

    /// Rows in aligned columns that have no headers.
    fn columns(&self, rows: &[Vec<String>]) -> Result<()> {
        let cell = |cell: &String| sanitize::line(cell).into_owned();
        let rows: Vec<_> = (rows.iter())
            .map(|row| row.iter().map(cell).collect())
            .collect();
        table::align(&rows)
            .iter()
            .try_for_each(|row| self.line(row))
    }

    /// Names, each with a text beside it that on a terminal is broken to the width that is left; a
    /// name that would take too much of it stands above its text.
    pub(crate) fn texts_beside(&self, rows: &[(String, String)]) -> Result<()> {
        let columns = self.stdout.columns;
        let widest = columns.map_or(usize::MAX, |columns| columns / NAME_PART);
        let names = rows.iter().map(|(name, _)| sanitize::line(name).width());
        let beside = names.filter(|width| *width <= widest).max();
        let before = beside.unwrap_or(fit::INDENT.len()) + table::GAP.len();
        let room = columns.map(|columns| columns.saturating_sub(before).max(NARROWEST_TEXT));
        for (name, text) in rows {
            let (name, text) = (sanitize::line(name), sanitize::line(text));
            let mut beside = name.as_ref();
            if name.width() > widest {
                self.row(&name)?;
                if text.is_empty() {
                    continue;
                }
                beside = "";
            }
            for line in self.broken(room, &text, 0, fit::INDENT).split('\n') {
                let gap = " ".repeat(before - beside.width());
                self.line(format!("{beside}{gap}{line}").trim_end())?;
                beside = "";
            }
        }
        Ok(())
    }

    /// One JSON value and a line break: on one line, and on a terminal laid out for reading, where
    /// unsafe characters in strings are written as `\uXXXX`. The same value.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<()> {
        let mut out = self.out.borrow_mut();
        let written = if self.stdout.terminal {
            let formatter = TerminalFormatter::default();
            value.serialize(&mut serde_json::Serializer::with_formatter(
                &mut *out, formatter,
            ))
        } else {
            serde_json::to_writer(&mut *out, value)
        };
        let written = written.map_err(io::Error::from);
        written
            .and_then(|()| out.write_all(b"\n"))
            .map_err(cannot_write)
    }

    /// A secret: the exact bytes to a pipe or file, escaped on a terminal but for the line breaks
    /// and tabs of its own; then a line break if `newline`.
    pub(crate) fn reveal(&self, secret: &Secret, newline: bool) -> Result<()> {
        let end: &[u8] = if newline { b"\n" } else { b"" };
        if !self.stdout.terminal {
            return self.put(&[secret.expose().as_bytes(), end]);
        }
        let shown = Zeroizing::new(sanitize::block(secret.expose()).into_owned());
        self.put(&[shown.as_bytes(), end])
    }

    /// A picture of block characters, drawn light on dark whatever the terminal's colours are.
    pub(crate) fn picture(&self, lines: &Secret) -> Result<()> {
        for line in lines.expose().lines() {
            let line = Zeroizing::new(self.stdout.paint(LIGHT_ON_DARK, line));
            self.put(&[line.as_bytes(), b"\n"])?;
        }
        Ok(())
    }

    /// Bytes as they are: an attachment, a share, a document. The caller decides whether they
    /// are fit for a terminal.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<()> {
        self.put(&[bytes])
    }

    /// Refuses bytes that are not fit for a terminal, if stdout is one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`].
    pub fn check_showable(&self, bytes: &[u8]) -> Result<()> {
        if !self.stdout.terminal || as_text(bytes).is_some() {
            return Ok(());
        }
        Err(
            Error::usage("the file is not text, and stdout is a terminal")
                .hint("send it elsewhere: --out FILE, or --out - | PROGRAM"),
        )
    }

    /// A file's bytes: exact to a pipe or file, escaped on a terminal as [`Ui::reveal`] does.
    pub(crate) fn file(&self, bytes: &[u8]) -> Result<()> {
        self.check_showable(bytes)?;
        match as_text(bytes) {
            Some(text) if self.stdout.terminal => {
                let shown = Zeroizing::new(sanitize::block(text).into_owned());
                self.put(&[shown.as_bytes()])
            }
            _ => self.put(&[bytes]),
        }
    }

    /// Writes what is buffered: at the end, and before a child process writes to the same stdout.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when stdout cannot be written.
    pub fn flush(&self) -> Result<()> {
        self.out.borrow_mut().flush().map_err(cannot_write)
    }

    /// Whether the reader of stdout went away before it had everything, as far as written; call
    /// [`Ui::flush`] first.
    pub fn reader_gone(&self) -> bool {
        self.out.borrow().reader_gone
    }

    fn put(&self, parts: &[&[u8]]) -> Result<()> {
        let mut out = self.out.borrow_mut();
        let mut parts = parts.iter();
        parts
            .try_for_each(|part| out.write_all(part))
            .map_err(cannot_write)
    }
}

fn as_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then_some(text)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn cannot_write(error: io::Error) -> Error {
    Error::failed(format!("cannot write to stdout: {error}"))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::{self, Write};
    use std::rc::Rc;

    use crate::error::Kind;
    use crate::model::text::secret::Secret;
    use crate::ui::stdout::{BUFFER_BYTES, Stdout};
    use crate::ui::{StandardStream, Ui, UiOptions};

    #[derive(Clone, Default)]
    struct Sink(Rc<RefCell<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn ui(sink: impl Write + 'static, terminal: bool) -> Ui {
        let mut ui = Ui::new(UiOptions::default());
        ui.stdout = StandardStream {
            terminal,
            color: false,
            columns: None,
            rows: None,
        };
        ui.out = RefCell::new(Stdout::new(Box::new(sink)));
        ui
    }

    /// What a terminal and a pipe get.
    fn written(print: impl Fn(&Ui)) -> (String, String) {
        let both = [true, false].map(|terminal| {
            let sink = Sink::default();
            let ui = ui(sink.clone(), terminal);
            print(&ui);
            ui.flush().unwrap();
            String::from_utf8(sink.0.take()).unwrap()
        });
        both.into()
    }

    #[test]
    fn stored_text_is_escaped_on_a_pipe_too_which_may_end_on_a_terminal() {
        let (terminal, pipe) = written(|ui| ui.line("a\x1b]0;x\x07\nb").unwrap());
        assert_eq!(terminal, "a\\x1b]0;x\\x07\\nb\n");
        assert_eq!(pipe, terminal);
    }

    #[test]
    fn a_revealed_secret_keeps_its_lines() {
        let secret = Secret::new("one\n\ttwo\x1b[2J\u{202e}\n".into());
        let (terminal, pipe) = written(|ui| ui.reveal(&secret, false).unwrap());
        assert_eq!(terminal, "one\n\ttwo\\x1b[2J\\u{202e}\n");
        assert_eq!(pipe, secret.expose());
        let (_, pipe) = written(|ui| ui.reveal(&secret, true).unwrap());
        assert_eq!(pipe, format!("{}\n", secret.expose()));
    }

    #[test]
    fn a_file_that_is_no_text_is_kept_from_a_terminal() {
        let (terminal, pipe) = written(|ui| ui.file(b"a\x1b[2J\n").unwrap());
        assert_eq!(terminal, "a\\x1b[2J\n");
        assert_eq!(pipe, "a\x1b[2J\n");
        for bytes in [&b"\xff"[..], b"a\0b"] {
            let sink = Sink::default();
            let refused = ui(sink.clone(), true).file(bytes).unwrap_err();
            assert_eq!(refused.kind(), Kind::Usage);
            assert!(sink.0.take().is_empty());
            let on_pipe = ui(sink.clone(), false);
            on_pipe.file(bytes).unwrap();
            on_pipe.flush().unwrap();
            assert_eq!(sink.0.take(), bytes);
        }
    }

    #[test]
    fn json_on_a_terminal_is_the_same_value_without_raw_controls() {
        let (terminal, pipe) = written(|ui| ui.json(&["a\u{9b}\u{202e}é"]).unwrap());
        assert_eq!(terminal, "[\n  \"a\\u009b\\u202eé\"\n]\n");
        assert_eq!(pipe, "[\"a\u{9b}\u{202e}é\"]\n");
    }

    #[test]
    fn a_table_has_its_header_on_a_terminal_only() {
        let rows = [vec!["a\x07".to_owned(), "b\nc".to_owned()]];
        let (terminal, pipe) = written(|ui| ui.table(&["path", "user"], &rows).unwrap());
        assert_eq!(terminal, "path   user\na\\x07  b\\nc\n");
        assert_eq!(pipe, "a\\x07  b\\nc\n");
    }

    #[test]
    fn a_field_cannot_forge_another() {
        let (terminal, pipe) = written(|ui| ui.field("notes", "x\nsecret: y").unwrap());
        assert_eq!(terminal, pipe);
        assert_eq!(terminal, "notes: x\n    secret: y\n");
    }

    #[test]
    fn a_large_secret_is_whole_and_in_order() {
        let large = "x".repeat(3 * BUFFER_BYTES);
        let (_, pipe) = written(|ui| {
            ui.line("before").unwrap();
            ui.line(&large).unwrap();
            ui.line("after").unwrap();
        });
        assert_eq!(pipe, format!("before\n{large}\nafter\n"));
    }

    #[test]
    fn a_reader_that_went_away_is_a_quiet_end() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let ui = ui(writer, false);
        ui.line("answer").unwrap();
        assert!(!ui.reader_gone());
        ui.flush().unwrap();
        assert!(ui.reader_gone());
        ui.line(&"more".repeat(BUFFER_BYTES)).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_a_failure() {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let ui = ui(full, false);
        ui.line("answer").unwrap();
        let error = ui.flush().unwrap_err();
        assert_eq!(error.kind(), Kind::Failed);
        assert!(error.message().starts_with("cannot write to stdout: "));
    }
}
