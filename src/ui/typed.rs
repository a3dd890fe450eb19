//! Commands in hints, as they have to be typed to be about the same vault.
//!
//! Hints and fixes say `vault COMMAND`. What stands in single quotes is a name or a path, and what
//! stands in back-quotes is told for the vault of somebody else: both stay as they are.

use std::path::Path;

use crate::model::text::quote::as_word;

/// How a command line begins.
const PROGRAM: &str = "vault ";

/// How a command line begins that is about the vault at hand.
pub(super) struct CommandStart {
    /// `vault --vault PATH `.
    start: String,
    commands: fn() -> Vec<String>,
}

impl CommandStart {
    pub(super) fn of(vault: &Path, commands: fn() -> Vec<String>) -> Self {
        Self {
            start: format!("{PROGRAM}--vault {} ", as_word(vault.display())),
            commands,
        }
    }

    /// The text with the vault named in each command that it tells to type.
    pub(super) fn name_in(&self, text: &str) -> String {
        let commands = (self.commands)();
        let is_command = |rest: &str| {
            let word = rest
                .split(|c: char| !c.is_ascii_lowercase() && c != '-')
                .next();
            word.is_some_and(|word| commands.iter().any(|known| known == word))
        };
        let mut named = String::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let before = named.chars().next_back();
            let is_word = !before.is_some_and(|c| c.is_alphanumeric() || "/.-_`".contains(c));
            let told = rest
                .strip_prefix(PROGRAM)
                .filter(|after| is_word && is_command(after));
            if let Some(after) = told {
                named.push_str(&self.start);
                rest = after;
                continue;
            }
            let quoted = rest.strip_prefix('\'').filter(|_| is_word);
            let length = match quoted.and_then(|inner| inner.find('\'')) {
                Some(inner) => inner + 2,
                None if rest.starts_with("\\'") => 2,
                None => next.len_utf8(),
            };
            let (same, after) = rest.split_at(length);
            named.push_str(same);
            rest = after;
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::CommandStart;

    #[test]
    fn each_command_names_the_vault_and_nothing_else_does() {
        let commands = || ["add", "id", "restore"].map(str::to_owned).to_vec();
        let program = CommandStart::of(Path::new("my v.age"), commands);
        let named = |text| program.name_in(text);
        assert_eq!(
            named("it's vault add 'a vault add' (vault id --card)"),
            "it's vault --vault 'my v.age' add 'a vault add' (vault --vault 'my v.age' id --card)"
        );
        assert_eq!(
            named("vault add acme/wp, or: vault restore 5; the vault is kept"),
            "vault --vault 'my v.age' add acme/wp, or: vault --vault 'my v.age' restore 5; the vault \
             is kept"
        );
        for text in [
            "vault --vault x add y",
            "my-vault add",
            "/bin/vault add",
            "their side prints it: `vault id --card`",
            "vault",
            "move '/home/jo/my vault add x.age' away",
            r"see '/home/jo/it'\''s vault add/x' and the client's papers",
        ] {
            assert_eq!(named(text), text);
        }
    }
}
