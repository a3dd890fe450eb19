//! What may stand at the cursor of a half-typed command line: from the clap tree, which also says
//! where an entry, a client or a file is meant. The candidates are those of clap's own engine; its
//! scripts are not used, since bash would get names with blanks unquoted, and since they leave
//! neither a path nor what follows `run --` to the shell.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};

use crate::model::entry::sought::SoughtEntry;
use crate::model::text::name::{ClientSlug, EntryPath};

/// The names in a vault.
#[derive(Clone, Debug, Default)]
pub struct VaultNames {
    /// Paths of entries.
    pub entries: Vec<String>,
    /// Short names of clients.
    pub clients: Vec<String>,
}

/// What may stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Offer {
    /// A path, which the shell completes better.
    Files,
    /// A program and its arguments, which the shell knows too.
    Command,
    /// One of these.
    Words(Vec<Word>),
}

/// A word that may stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct Word {
    /// The whole word, unquoted.
    pub value: String,
    /// What it is, on one line.
    pub about: Option<String>,
}

/// What is meant by the value of an argument.
#[derive(Clone, Copy)]
enum Meant {
    Entry,
    NewEntry,
    Client,
    Command,
    File,
}

impl Meant {
    fn by(command: &str, arg: &Arg) -> Option<Self> {
        let parsed = arg.get_value_parser().type_id();
        let name = arg.get_id().as_str();
        match (command, name) {
            ("add", "entry") | ("mv", "new") => Some(Self::NewEntry),
            ("help", "commands") => Some(Self::Command),
            _ if parsed == TypeId::of::<EntryPath>() || parsed == TypeId::of::<SoughtEntry>() => {
                Some(Self::Entry)
            }
            _ if parsed == TypeId::of::<ClientSlug>() => Some(Self::Client),
            _ if parsed == TypeId::of::<PathBuf>() => Some(Self::File),
            _ => None,
        }
    }
}

/// Where values come from.
struct CandidateSources<F> {
    names: LazyLock<VaultNames, F>,
    files: AtomicBool,
    commands: Vec<String>,
}

impl<F: FnOnce() -> VaultNames> CandidateSources<F> {
    fn values(&self, meant: Meant) -> Vec<String> {
        match meant {
            Meant::Entry => self.names.entries.clone(),
            Meant::Client => self.names.clients.clone(),
            Meant::NewEntry => (self.names.clients.iter())
                .map(|client| format!("{client}/"))
                .collect(),
            Meant::Command => self.commands.clone(),
            Meant::File => {
                self.files.store(true, Ordering::Relaxed);
                Vec::new()
            }
        }
    }
}

/// The commands that people type, without those for other programs.
pub(crate) fn visible_commands(tree: &Command) -> Vec<String> {
    let visible = tree.get_subcommands().filter(|one| !one.is_hide_set());
    visible.map(|one| one.get_name().to_owned()).collect()
}

/// What may stand in place of the last of `words`; the first is the program. `names` is asked when
/// a name is meant.
pub fn offer<F>(tree: &Command, words: Vec<OsString>, names: F) -> Offer
where
    F: FnOnce() -> VaultNames + Send + 'static,
{
    if is_after_run(tree, &words) {
        return Offer::Command;
    }
    let sources = Arc::new(CandidateSources {
        names: LazyLock::new(names),
        files: AtomicBool::new(false),
        commands: visible_commands(tree),
    });
    let mut command = with_sources(tree.clone(), &sources);
    let last = words.len().saturating_sub(1);
    let wants_option = (words.last()).is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    let found = complete(&mut command, words, last, None).unwrap_or_default();
    if sources.files.load(Ordering::Relaxed) {
        return Offer::Files;
    }
    let is_option = |one: &CompletionCandidate| value(one).starts_with('-');
    let fits = |one: &&CompletionCandidate| !one.is_hide_set() && wants_option >= is_option(one);
    Offer::Words(found.iter().filter(fits).map(word).collect())
}

/// Whether the last of `words` belongs to the program that `run --` starts.
fn is_after_run(tree: &Command, words: &[OsString]) -> bool {
    let dashes = words.iter().position(|word| word == "--");
    let before = dashes.and_then(|at| (at + 1 < words.len()).then(|| words.get(..at)).flatten());
    let command = tree.clone().ignore_errors(true);
    let parsed = before.and_then(|before| command.try_get_matches_from(before).ok());
    parsed.is_some_and(|parsed| parsed.subcommand_name() == Some("run"))
}

fn value(candidate: &CompletionCandidate) -> String {
    candidate.get_value().to_string_lossy().into_owned()
}

fn word(candidate: &CompletionCandidate) -> Word {
    let help = candidate.get_help().map(ToString::to_string);
    Word {
        value: value(candidate),
        about: help.and_then(|help| help.lines().next().map(ToOwned::to_owned)),
    }
}

fn with_sources<F>(command: Command, sources: &Arc<CandidateSources<F>>) -> Command
where
    F: FnOnce() -> VaultNames + Send + 'static,
{
    let name = command.get_name().to_owned();
    command
        .mut_args(|arg| match Meant::by(&name, &arg) {
            Some(meant) => {
                let sources = Arc::clone(sources);
                arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
                    let typed = typed.to_string_lossy();
                    let values = sources.values(meant).into_iter();
                    (values.filter(|value| value.starts_with(&*typed)))
                        .map(CompletionCandidate::new)
                        .collect()
                }))
            }
            None => arg,
        })
        .mut_subcommands(|below| with_sources(below, sources))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::CommandFactory;

    use super::{Offer, VaultNames, offer};
    use crate::cli::Cli;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    /// The words that are offered for a line.
    fn offered(line: &str) -> Vec<String> {
        let names = || VaultNames {
            entries: vec!["acme/db".into(), "acme/my site".into(), "bolt/db".into()],
            clients: vec!["acme".into(), "bolt".into()],
        };
        match offer(&Cli::command(), words(line), names) {
            Offer::Words(words) => words.into_iter().map(|word| word.value).collect(),
            Offer::Files => vec![":files".into()],
            Offer::Command => vec![":command".into()],
        }
    }

    #[test]
    fn names_stand_where_a_name_is_meant() {
        assert_eq!(offered("vault get acme/"), ["acme/db", "acme/my site"]);
        assert_eq!(offered("vault get -n b"), ["bolt/db"]);
        assert_eq!(offered("vault client show "), ["acme", "bolt"]);
        assert_eq!(offered("vault add a"), ["acme/"]);
        assert_eq!(offered("vault mv acme/db b"), ["bolt/"]);
        assert!(offered("vault generate ").is_empty());
    }

    #[test]
    fn values_of_options_stand_after_them_and_options_after_a_dash() {
        assert_eq!(offered("vault --color a"), ["auto", "always"]);
        assert_eq!(offered("vault --color=n"), ["--color=never"]);
        assert_eq!(offered("vault get --at"), ["--at-version"]);
        assert_eq!(offered("vault --vault x"), [":files"]);
        assert_eq!(offered("vault attach acme/db "), [":files"]);
        assert_eq!(offered("vault help det"), ["detach"]);
        assert!(
            !offered("vault get ")
                .iter()
                .any(|word| word.starts_with('-'))
        );
    }

    #[test]
    fn the_program_of_run_is_left_to_the_shell() {
        for line in [
            "vault run --client acme -- np",
            "vault --vault x run -- npm ru",
            "vault run -- ",
        ] {
            assert_eq!(offered(line), [":command"], "{line}");
        }
        assert_eq!(offered("vault run --client a"), ["acme"]);
        assert_eq!(offered("vault get -- a"), ["acme/db", "acme/my site"]);
    }

    #[test]
    fn what_is_hidden_is_not_offered() {
        assert_eq!(offered("vault comp"), ["completions"]);
        assert!(offered("vault hel").is_empty());
    }

    #[test]
    fn nothing_is_looked_up_where_no_name_is_meant() {
        let never = || panic!("looked up");
        assert!(matches!(
            offer(&Cli::command(), words("vault ge"), never),
            Offer::Words(_)
        ));
    }
}
