//! `.env` files: a variable a line, `NAME=value`, as `dotenv` reads them. Nothing is expanded: what
//! refers to another variable stays as it is written.

use super::{Intake, Reader, Source};
use crate::error::{Error, Result};
use crate::model::import::Imported;
use crate::model::name::EnvName;
use crate::model::secret::Secret;

/// Reads `.env` files.
pub(super) struct Dotenv;

impl Reader for Dotenv {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let mut lines = Lines::of(source.text()?);
        while let Some((row, line)) = lines.next() {
            let Some((name, value)) = variable(line) else {
                intake.refuse(row, "it is no NAME=value")?;
                continue;
            };
            match unquoted(value, &mut lines) {
                Some(value) if value.is_empty() => intake.skip(row, "its value is empty")?,
                Some(value) => {
                    let mut imported = Imported::at(row);
                    name.clone_into(&mut imported.title);
                    imported.env = Some(name.to_owned());
                    imported.secret = Some(value);
                    intake.entry(imported)?;
                }
                None => {
                    return Err(Error::usage(format!(
                        "the quotation mark in row {row} is never closed"
                    )));
                }
            }
        }
        Ok(())
    }
}

/// Whether every line that says something is a variable, and there is one.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = Lines::of(text);
    let mut any = false;
    while let Some((_, line)) = lines.next() {
        let Some((_, value)) = variable(line) else {
            return false;
        };
        if unquoted(value, &mut lines).is_none() {
            return false;
        }
        any = true;
    }
    any
}

/// Lines that are neither blank nor comments, with their numbers.
struct Lines<'a> {
    rest: &'a str,
    row: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text, row: 0 }
    }

    fn next(&mut self) -> Option<(u64, &'a str)> {
        loop {
            let line = self.line()?;
            let trimmed = line.trim();
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                return Some((self.row, line));
            }
        }
    }

    fn line(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.row += 1;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

/// The name and what follows `=`, or `: ` as YAML has it.
fn variable(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let end = line.find(['=', ':'])?;
    let (name, rest) = line.split_at(end);
    let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": "))?;
    let name = name.trim();
    name.parse::<EnvName>().ok().map(|_| (name, value))
}

/// The value without its quotation marks, which may reach over lines; none if they never close. In
/// double ones a backslash escapes, in single ones nothing does.
fn unquoted(value: &str, lines: &mut Lines<'_>) -> Option<Secret> {
    let value = value.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else {
        let end = value.find(" #").unwrap_or(value.len());
        let plain = value.get(..end).unwrap_or(value).trim_end();
        return Some(Secret::new(plain.to_owned()));
    };
    let mut text = String::new();
    let mut rest = value.get(1..).unwrap_or_default();
    loop {
        let mut escaped = false;
        for c in rest.chars() {
            match c {
                _ if escaped => {
                    text.push_str(&unescaped(c));
                    escaped = false;
                }
                '\\' if quote == '"' => escaped = true,
                _ if c == quote => return Some(Secret::new(text)),
                _ => text.push(c),
            }
        }
        text.push('\n');
        rest = lines.line()?;
    }
}

fn unescaped(c: char) -> String {
    match c {
        'n' => "\n".into(),
        'r' => "\r".into(),
        't' => "\t".into(),
        '"' | '\\' | '$' => c.into(),
        other => format!("\\{other}"),
    }
}
