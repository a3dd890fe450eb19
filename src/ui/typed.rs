//! Commands in hints, as they have to be typed to be about the same vault.
//!
//! Hints and fixes say `vault COMMAND`, and are shown with the name that the program was called by.
//! What stands in single quotes is a name or a path, and what stands in back-quotes is told for the
//! vault of somebody else: both stay as they are.

use std::path::Path;

use super::fit::NO_BREAK;
use crate::model::text::quote::as_word;

/// How a command line begins as hints are written.
const PROGRAM: &str = "vault ";
/// And one of git's, behind a colon.
const GIT: &str = "git";

/// How a command line begins that is about the vault at hand.
pub(super) struct CommandStart {
    /// `vault --vault PATH `.
    start: String,
    commands: fn() -> Vec<String>,
}

impl CommandStart {
    /// None where commands are typed as they are written: the program has its own name, and no
    /// option names the vault.
    pub(super) fn of(
        called: &str,
        vault: Option<&Path>,
        commands: fn() -> Vec<String>,
    ) -> Option<Self> {
        let start = match vault {
            Some(vault) => format!("{called} --vault {} ", as_word(vault.display())),
            None => format!("{called} "),
        };
        (start != PROGRAM).then_some(Self { start, commands })
    }

    /// The text with the program called as it was, and the vault named, in each command that it
    /// tells to type.
    pub(super) fn name_in(&self, text: &str) -> String {
        self.named_in(text, true)
    }

    /// The same in examples: a command in quotes is one that another program is to run, and it may
    /// begin with an option.
    pub(super) fn name_in_examples(&self, text: &str) -> String {
        self.named_in(text, false)
    }

    fn named_in(&self, text: &str, is_hint: bool) -> String {
        let commands = (self.commands)();
        let is_command = |rest: &str| {
            begins_with_one_of(rest, &commands)
                || (!is_hint && rest.starts_with('-'))
                || (!is_hint && rest.starts_with("help"))
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
            let quoted = rest.strip_prefix('\'').filter(|_| is_word && is_hint);
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

fn begins_with_one_of(text: &str, commands: &[String]) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_lowercase() && c != '-');
    (words.next()).is_some_and(|word| commands.iter().any(|known| known == word))
}

/// The text with the words of each command of the program, by the name it was `called`, tied
/// together, so that it can be copied from one line. Where the command ends and the sentence goes on
/// is seen by the words: it may be one too late.
pub(super) fn tied(text: &str, called: &str, commands: &[String]) -> String {
    let mut words = text.split(' ').peekable();
    let mut shown = String::new();
    while let Some(word) = words.next() {
        let is_told = shown.trim_end().ends_with(':');
        shown.push_str(word);
        let Some(next) = words.peek() else { break };
        let is_own = word.trim_start_matches(['(', '`']) == called
            && (next.starts_with("--") || begins_with_one_of(next, commands));
        let is_start = is_own || word == GIT && is_told;
        if !is_start {
            shown.push(' ');
            continue;
        }
        let rest: Vec<&str> = words.clone().collect();
        for word in words.by_ref().take(length_of_command(&rest)) {
            shown.push(NO_BREAK);
            shown.push_str(word);
        }
        if words.peek().is_some() {
            shown.push(' ');
        }
    }
    shown
}

/// How many of the words behind the program's name belong to the command.
fn length_of_command(words: &[&str]) -> usize {
    let is_typed = |word: &str| {
        let other =
            |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "-/='@:&>".contains(c);
        word.starts_with(other) || word.contains(['/', '=', '@'])
    };
    let is_last = |word: &str| word.ends_with([',', ';', ':', ')', '`', '.']);
    let (mut length, mut in_quotes) = (0, false);
    for (at, word) in words.iter().enumerate() {
        // A word or two may be the names of a command below and of somebody.
        let mut next = words.iter().skip(at + 1).take(2);
        let leads_on = at + 1 == words.len() || is_last(word) || next.any(|word| is_typed(word));
        let begins_next = at > 0 && words.get(at - 1) == Some(&"&&");
        if at > 0 && !in_quotes && !is_typed(word) && !leads_on && !begins_next {
            break;
        }
        length = at + 1;
        in_quotes ^= word.matches('\'').count() % 2 == 1;
        if is_last(word) && !in_quotes {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{CommandStart, tied};

    #[test]
    fn a_command_is_one_word_and_the_sentence_is_not() {
        let commands = ["rotate", "backups", "contact", "restore"].map(str::to_owned);
        for (text, shown) in [
            (
                "now: vault rotate acme/wp --confirm; or not",
                "now: vault_rotate_acme/wp_--confirm; or not",
            ),
            (
                "vault backups lists more of it",
                "vault_backups lists more of it",
            ),
            (
                "(vault restore last.age) and so on",
                "(vault_restore_last.age) and so on",
            ),
            (
                "vault contact edit bob --card FILE",
                "vault_contact_edit_bob_--card_FILE",
            ),
            (
                "vault rotate 'a b c/d e' --abort gives up",
                "vault_rotate_'a_b_c/d_e'_--abort gives up",
            ),
            (
                "vault --vault v.age rotate --due",
                "vault_--vault_v.age_rotate_--due",
            ),
            (
                "the vault is kept, my vault too",
                "the vault is kept, my vault too",
            ),
            (
                "let git merge it: git cat-file blob :3:v.age > t && vault restore t && git add 'a b'",
                "let git merge it: git_cat-file_blob_:3:v.age_>_t_&&_vault_restore_t_&&_git_add_'a_b'",
            ),
        ] {
            assert_eq!(tied(text, "vault", &commands).replace('\u{a0}', "_"), shown);
        }
    }

    #[test]
    fn each_command_names_the_vault_and_nothing_else_does() {
        let commands = || ["add", "id", "restore"].map(str::to_owned).to_vec();
        let program = CommandStart::of("vault", Some(Path::new("my v.age")), commands).unwrap();
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
    #[test]
    fn the_program_is_called_as_it_was() {
        let commands = || vec!["add".to_owned()];
        assert!(CommandStart::of("vault", None, commands).is_none());
        let named = |vault| {
            let start = CommandStart::of("fv", vault, commands).unwrap();
            start.name_in("type vault add acme/wp (`vault add`): the vault is kept")
        };
        assert_eq!(
            named(None),
            "type fv add acme/wp (`vault add`): the vault is kept"
        );
        assert_eq!(
            named(Some(Path::new("v.age"))),
            "type fv --vault v.age add acme/wp (`vault add`): the vault is kept"
        );
        let examples = CommandStart::of("fv", None, commands).unwrap();
        assert_eq!(
            examples
                .name_in_examples("X='vault add a' with \"$(vault -q add b)\"; the vault is kept"),
            "X='fv add a' with \"$(fv -q add b)\"; the vault is kept"
        );
        let tied = tied("now: fv add acme/wp --url U; vault add", "fv", &commands());
        assert_eq!(
            tied.replace('\u{a0}', "_"),
            "now: fv_add_acme/wp_--url_U; vault add"
        );
    }
}
