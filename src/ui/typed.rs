//! Commands in hints, as they have to be typed to be about the same vault.

use std::path::Path;

use crate::model::text::quote::as_word;

/// A command that is told for the vault of somebody else: whose keys a share or a card has.
const OF_OTHERS: &str = "id";

/// How a command line begins that is about the vault at hand.
pub(super) struct Program {
    /// `vault --vault PATH`.
    start: String,
    commands: fn() -> Vec<String>,
}

impl Program {
    pub(super) fn of(vault: &Path, commands: fn() -> Vec<String>) -> Self {
        Self {
            start: format!("vault --vault {}", as_word(vault.display().to_string())),
            commands,
        }
    }

    /// The text with the vault named in each command that it tells to type.
    pub(super) fn name_in(&self, text: &str) -> String {
        let commands = (self.commands)();
        let mut named = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("vault ") {
            let (before, found) = rest.split_at(at);
            let (word, after) = found.split_at("vault ".len());
            named.push_str(before);
            let command = after
                .split(|c: char| !c.is_ascii_lowercase() && c != '-')
                .next();
            let is_command = command
                .filter(|it| *it != OF_OTHERS)
                .is_some_and(|it| commands.iter().any(|known| known == it));
            let is_word = !before.ends_with(|c: char| c.is_alphanumeric() || "/.-_".contains(c));
            if is_command && is_word {
                named.push_str(&self.start);
                named.push(' ');
            } else {
                named.push_str(word);
            }
            rest = after;
        }
        named + rest
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Program;

    #[test]
    fn each_command_names_the_vault_and_nothing_else_does() {
        let commands = || ["add", "id", "restore"].map(str::to_owned).to_vec();
        let program = Program::of(Path::new("my v.age"), commands);
        let named = |text| program.name_in(text);
        assert_eq!(
            named("vault add acme/wp, or: vault restore 5; the vault is kept"),
            "vault --vault 'my v.age' add acme/wp, or: vault --vault 'my v.age' restore 5; the vault \
             is kept"
        );
        for text in [
            "vault --vault x add y",
            "my-vault add",
            "/bin/vault add",
            "their side prints it: vault id --card",
            "vault",
        ] {
            assert_eq!(named(text), text);
        }
    }
}
