//! What may stand at the cursor of a half-typed command line: from the clap tree, which also says
//! where an entry, a client or a file is meant. The candidates are those of clap's own engine; its
//! scripts are not used, since bash would get names with blanks unquoted, and since they leave
//! neither a path nor what follows `run --` to the shell.

use std::ffi::{OsStr, OsString};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use clap::Command;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};

use super::meant::{KnownName, Meant, NameKind, NameSource};
use super::topics::TOPICS;

/// What the engine's ids of commands begin with.
const COMMAND_ID: &str = "command::";

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The whole word, unquoted.
    pub value: String,
    /// What it is, on one line.
    pub about: Option<String>,
}

/// Where values come from, each asked once.
struct CandidateSources<F> {
    read: F,
    vault: OnceLock<Vec<KnownName>>,
    backups: OnceLock<Vec<KnownName>>,
    words: Vec<String>,
    files: AtomicBool,
    /// What help explains: commands and topics.
    commands: Vec<KnownName>,
}

impl<F: Fn(NameSource) -> Vec<KnownName>> CandidateSources<F> {
    /// What may be meant by what was typed.
    fn values(&self, meant: Meant, typed: &str) -> Vec<KnownName> {
        let mut values = self.all(meant);
        values.retain(|value| value.fits(typed));
        let is_file = matches!(meant, Meant::File | Meant::OrFile(..)) && values.is_empty();
        self.files.fetch_or(is_file, Ordering::Relaxed);
        values
    }

    fn all(&self, meant: Meant) -> Vec<KnownName> {
        match meant {
            Meant::Names(kinds) => self.names(NameSource::Vault, kinds),
            Meant::NewEntry => {
                let clients = self.names(NameSource::Vault, &[NameKind::Client]);
                let folder = |it: KnownName| it.called(|name| format!("{name}/"));
                clients.into_iter().map(folder).collect()
            }
            Meant::Entries => {
                let entries = self.names(NameSource::Vault, &[NameKind::Entry]);
                [self.all(Meant::NewEntry), entries].concat()
            }
            Meant::Field(kinds) => self.fields(self.names(NameSource::Vault, kinds)),
            Meant::Command => self.commands.clone(),
            Meant::OrFile(source, kinds) => self.names(source, kinds),
            Meant::File => Vec::new(),
        }
    }

    /// The names of some kinds, which are read once.
    fn names(&self, source: NameSource, kinds: &[NameKind]) -> Vec<KnownName> {
        let lock = match source {
            NameSource::Vault => &self.vault,
            NameSource::Backups => &self.backups,
        };
        let names = lock.get_or_init(|| (self.read)(source));
        let wanted = names.iter().filter(|it| kinds.contains(&it.kind));
        wanted.cloned().collect()
    }

    /// Those of the entries on the line, or of all where it has none; each once.
    fn fields(&self, mut all: Vec<KnownName>) -> Vec<KnownName> {
        let is_named = |it: &KnownName| self.words.iter().any(|word| Some(word) == it.of.as_ref());
        if all.iter().any(is_named) {
            all.retain(is_named);
        }
        all.sort_by(|a, b| a.word.cmp(&b.word));
        all.dedup_by(|a, b| a.word == b.word);
        all
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
    F: Fn(NameSource) -> Vec<KnownName> + Send + Sync + 'static,
{
    if is_after_run(tree, &words) {
        return Offer::Command;
    }
    let commands = visible_commands(tree).into_iter();
    let commands = commands.map(|name| KnownName::new(NameKind::Command, name));
    let topics = TOPICS.iter();
    let topics = topics.map(|topic| {
        KnownName::new(NameKind::Command, topic.name.into()).about(topic.about.into())
    });
    let sources = Arc::new(CandidateSources {
        read: names,
        vault: OnceLock::new(),
        backups: OnceLock::new(),
        words: (words.iter())
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        files: AtomicBool::new(false),
        commands: commands.chain(topics).collect(),
    });
    let mut command = with_sources(tree.clone(), "", &sources);
    let last = words.len().saturating_sub(1);
    let wants_option = (words.last()).is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    let everywhere = options_of_all(tree);
    let found = complete(&mut command, words, last, None).unwrap_or_default();
    if sources.files.load(Ordering::Relaxed) {
        return Offer::Files;
    }
    let is_option = |one: &CompletionCandidate| value(one).starts_with('-');
    let fits = |one: &&CompletionCandidate| {
        !one.is_hide_set() && !is_alias(one) && wants_option >= is_option(one)
    };
    let (global, own): (Vec<_>, Vec<_>) = (found.iter().filter(fits))
        .map(word)
        .partition(|word| everywhere.contains(&word.value));
    Offer::Words([own, global].concat())
}

/// The options that each command has, as they are typed.
fn options_of_all(tree: &Command) -> Vec<String> {
    let global = tree.get_arguments().filter(|arg| arg.is_global_set());
    let typed = global.flat_map(|arg| {
        let long = arg.get_long().map(|long| format!("--{long}"));
        long.into_iter()
            .chain(arg.get_short().map(|short| format!("-{short}")))
    });
    let of_clap = ["--help", "-h", "--version", "-V"].map(str::to_owned);
    typed.chain(of_clap).collect()
}

/// Whether the last of `words` belongs to the program that `run --` starts.
fn is_after_run(tree: &Command, words: &[OsString]) -> bool {
    let dashes = words.iter().position(|word| word == "--");
    let before = dashes.and_then(|at| (at + 1 < words.len()).then(|| words.get(..at)).flatten());
    let command = tree.clone().ignore_errors(true);
    let parsed = before.and_then(|before| command.try_get_matches_from(before).ok());
    parsed.is_some_and(|parsed| parsed.subcommand_name() == Some("run"))
}

/// Whether it is another name of a command, which is understood and not offered.
fn is_alias(candidate: &CompletionCandidate) -> bool {
    let command = candidate
        .get_id()
        .and_then(|id| id.strip_prefix(COMMAND_ID));
    command.is_some_and(|name| name != value(candidate))
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

/// `path` are the words that name the command, none for the program itself.
fn with_sources<F>(command: Command, path: &str, sources: &Arc<CandidateSources<F>>) -> Command
where
    F: Fn(NameSource) -> Vec<KnownName> + Send + Sync + 'static,
{
    command
        .mut_args(|arg| match Meant::by(path, &arg) {
            Some(meant) => {
                let sources = Arc::clone(sources);
                arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
                    let found = sources.values(meant, &typed.to_string_lossy()).into_iter();
                    found.map(candidate).collect()
                }))
            }
            None => arg,
        })
        .mut_subcommands(|below| {
            let path = format!("{path} {}", below.get_name());
            with_sources(below, path.trim_start(), sources)
        })
}

fn candidate(name: KnownName) -> CompletionCandidate {
    CompletionCandidate::new(name.word).help(name.about.map(Into::into))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Offer, offer};
    use crate::cli::whole_tree;
    use crate::help::meant::{KnownName, NameKind, NameSource};

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    /// The words that are offered for a line.
    fn offered(line: &str) -> Vec<String> {
        let all_of = |kind, words: &[&str]| {
            let words = words.iter().map(|word| (*word).to_owned());
            words
                .map(|word| KnownName::new(kind, word))
                .collect::<Vec<_>>()
        };
        let names = move |source| match source {
            NameSource::Backups => all_of(NameKind::Backup, &["12"]),
            NameSource::Vault => [
                all_of(NameKind::Entry, &["acme/db", "acme/my site", "bolt/db"]),
                all_of(NameKind::Client, &["acme", "bolt"]),
                all_of(NameKind::Contact, &["bob", "eve"]),
                all_of(NameKind::Consent, &["2F95-B33D"]),
                all_of(NameKind::Share, &["81C4-0A5E"]),
                all_of(NameKind::Incident, &["BD82-67B6"]),
                all_of(NameKind::Tag, &["cms"]),
                vec![
                    KnownName::new(NameKind::Field, "pin".into()).of("acme/db"),
                    KnownName::new(NameKind::Field, "pin".into()).of("bolt/db"),
                    KnownName::new(NameKind::Field, "port".into()).of("bolt/db"),
                    KnownName::new(NameKind::CommonField, "env".into()).of("acme/db"),
                    KnownName::new(NameKind::Emptied, "totp".into()).of("acme/db"),
                    KnownName::new(NameKind::Attachment, "id_rsa".into()).of("acme/db"),
                    KnownName::new(NameKind::Device, "laptop".into()),
                ],
            ]
            .concat(),
        };
        match offer(&whole_tree(), words(line), names) {
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
        assert_eq!(offered("vault rm b"), ["bolt/", "bolt/db"]);
        assert_eq!(offered("vault list b"), ["bolt"]);
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
    fn people_numbers_fields_tags_and_backups_stand_where_they_are_meant() {
        assert_eq!(offered("vault share acme/db --to b"), ["bob"]);
        assert_eq!(offered("vault contact show "), ["bob", "eve"]);
        assert_eq!(offered("vault consent show 2f95b"), ["2F95-B33D"]);
        assert_eq!(offered("vault consent withdraw 2F"), ["2F95-B33D"]);
        assert_eq!(offered("vault consent withdraw a"), ["acme"]);
        assert_eq!(offered("vault share acme/db --consent "), ["2F95-B33D"]);
        assert_eq!(offered("vault shares show "), ["81C4-0A5E"]);
        assert_eq!(offered("vault revoke 81c4-"), ["81C4-0A5E"]);
        assert_eq!(offered("vault incident show "), ["BD82-67B6"]);
        assert_eq!(offered("vault incident told bd"), ["BD82-67B6"]);
        assert_eq!(offered("vault rotate --due --incident "), ["BD82-67B6"]);
        assert_eq!(offered("vault log b"), ["bolt/db", "bolt", "bob"]);
        assert_eq!(offered("vault list --tag "), ["cms"]);
        assert_eq!(offered("vault get acme/db --field "), ["env", "pin"]);
        assert_eq!(offered("vault history acme/db --field "), ["pin"]);
        assert_eq!(offered("vault get --field p"), ["pin", "port"]);
        assert_eq!(offered("vault edit acme/db --unset "), ["pin", "totp"]);
        assert_eq!(offered("vault detach acme/db "), ["id_rsa"]);
        assert_eq!(offered("vault get acme/db --file "), ["id_rsa"]);
        assert_eq!(offered("vault log --by l"), ["laptop"]);
        assert_eq!(offered("vault restore "), ["12"]);
        assert_eq!(offered("vault restore ./x"), [":files"]);
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
        assert_eq!(offered("vault hel"), ["helper"]);
    }

    #[test]
    fn nothing_is_looked_up_where_no_name_is_meant() {
        let never = |_| panic!("looked up");
        assert!(matches!(
            offer(&whole_tree(), words("vault ge"), never),
            Offer::Words(_)
        ));
    }
}
