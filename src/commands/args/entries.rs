//! The entries that a command is about: named one by one, by folder or client, or one that is chosen
//! on the terminal.

use super::entry::{EntryArg, check_typed, whole_name};
use crate::context::Context;
use crate::error::Result;
use crate::model::entry::sought::Sought;
use crate::model::text::name::EntryPath;
use crate::model::text::selector::Selector;
use crate::store::session::Session;

/// Names that are told where several things go; of the rest, how many there are.
const TOLD: usize = 10;

/// Entries that may be left out where there is a terminal to choose one on.
#[derive(clap::Args, Clone, Debug)]
pub struct EntriesArg {
    /// CLIENT/NAME, a folder CLIENT/FOLDER/ or all of CLIENT/; several of them; left out on a
    /// terminal, one is chosen from a list
    #[arg(value_name = "ENTRY")]
    entries: Vec<Sought<Selector>>,
}

impl EntriesArg {
    /// As [`EntryArg::check`].
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`], with how `command` is told.
    pub fn check(&self, ctx: &Context, command: &str) -> Result<()> {
        if self.entries.is_empty() {
            EntryArg::left_out().check(ctx, command)?;
        }
        let mut entries = self.entries.iter();
        entries.try_for_each(|sought| check_typed(ctx, sought, command))
    }

    /// The entries that were named, or the one that the user chooses; at least one.
    ///
    /// # Errors
    /// As [`EntryArg::or_pick`], and as [`crate::model::vault::Vault::selected`].
    pub fn or_pick(
        &self,
        ctx: &Context,
        session: &Session,
        command: &str,
    ) -> Result<Vec<EntryPath>> {
        if self.entries.is_empty() {
            return Ok(vec![EntryArg::left_out().or_pick(ctx, session, command)?]);
        }
        let vault = session.vault();
        let named = self.entries.iter();
        let named = named.map(|sought| whole_name(vault, sought, command).cloned());
        vault.selected(&named.collect::<Result<Vec<_>>>()?)
    }
}

/// What is about to go, as a question names it: the one, or how many, and the first of them.
#[must_use]
pub fn told<T: ToString>(all: &[T]) -> String {
    if let [only] = all {
        return only.to_string();
    }
    let mut named: Vec<String> = all.iter().take(TOLD).map(ToString::to_string).collect();
    if all.len() > TOLD {
        named.push(format!("and {} more", all.len() - TOLD));
    }
    format!("{} entries ({})", all.len(), named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn ten_are_named_and_the_rest_is_counted() {
        assert_eq!(told(&["a/b"]), "a/b");
        assert_eq!(told(&["a/b", "a/c"]), "2 entries (a/b, a/c)");
        let many: Vec<usize> = (1..=12).collect();
        let said = "12 entries (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, and 2 more)";
        assert_eq!(told(&many), said);
        assert!(!told(&many[..10]).contains("more"));
    }
}
