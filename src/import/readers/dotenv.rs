//! `.env` files, as [`crate::model::inject::dotenv`] reads them.

use std::collections::HashMap;

use crate::error::Result;
use crate::import::{Intake, Reader, Source};
use crate::model::inject::dotenv::lines;
use crate::model::text::name::EnvName;
use crate::model::text::secret::Secret;
use crate::model::transfer::import::Imported;

/// Reads `.env` files.
pub(crate) struct Dotenv;

impl Reader for Dotenv {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let text = source.text()?;
        let set = lines(text).filter_map(std::result::Result::ok);
        let last: HashMap<String, usize> = set
            .map(|set| (set.name.as_str().to_owned(), set.line))
            .collect();
        for line in lines(text) {
            match line {
                Err(fault) if fault.is_open => return Err(fault.into()),
                Err(fault) => intake.refuse(fault.line as u64, fault.reason)?,
                Ok(set) => {
                    let row = set.line as u64;
                    let name = set.name.as_str();
                    if last.get(name).is_some_and(|line| *line > set.line) {
                        intake.skip(row, "a later line sets the variable again")?;
                    } else if set.value.is_empty() {
                        intake.skip(row, "its value is empty")?;
                    } else {
                        let mut imported = Imported::at(row);
                        name.clone_into(&mut imported.title);
                        imported.env = Some(name.to_owned());
                        imported.secret = Some(Secret::new(set.value));
                        intake.entry(imported)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether every line that says something is a variable, and there is one. An open quote is told by
/// the reader, with its line.
pub(crate) fn is_one(text: &str) -> bool {
    let mut lines = lines(text).peekable();
    lines.peek().is_some() && lines.all(|line| line.map_or_else(|fault| fault.is_open, |_| true))
}

/// Whether most lines that say something set a variable with `=`; YAML's `name: value` may be
/// anything.
pub(crate) fn is_mostly(text: &str) -> bool {
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let sets = |line: &&str| {
        let name = line.split_once('=').map(|(name, _)| name.trim());
        let name = name.map(|name| name.strip_prefix("export ").unwrap_or(name).trim());
        name.is_some_and(|name| name.parse::<EnvName>().is_ok())
    };
    let all = text.lines().filter(says).count();
    2 * text.lines().filter(says).filter(sets).count() > all
}
