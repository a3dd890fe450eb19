//! For people who come from other tools: what their words are here. And for what they may have
//! typed by habit and must not be repeated: a secret as an argument.

use std::num::ParseIntError;

use clap::Command;

use super::habits::{ADVICE, ARGUMENTS, MISSING, OPTIONS};
use crate::error::Error;
use crate::model::text::name::EntryPath;
use crate::model::text::similar::is_close;

/// Words of other tools, and the commands that do it here, the best first. A command that this
/// program does not have is passed over.
const WORDS: &[(&[&str], &[&str])] = &[
    (
        &[
            "insert", "set", "create", "new", "put", "save", "store", "append",
        ],
        &["add"],
    ),
    (
        &["cat", "read", "print", "secret", "pass", "fetch", "value"],
        &["get"],
    ),
    (
        &["clip", "copy", "copy-password", "xclip", "pbcopy"],
        &["get --clip"],
    ),
    (
        &["view", "info", "inspect", "details", "describe", "display"],
        &["show"],
    ),
    (
        &["search", "grep", "query", "filter", "lookup", "locate"],
        &["find"],
    ),
    (&["version"], &["--version"]),
    (&["tree", "dir", "ll", "all"], &["list"]),
    (
        &["update", "change", "modify", "alter", "replace"],
        &["edit"],
    ),
    (&["rename", "move", "ren"], &["mv"]),
    (&["undo", "rollback", "revert"], &["history", "restore"]),
    (
        &["delete", "remove", "del", "erase", "unlink", "discard"],
        &["rm"],
    ),
    (
        &["shred", "destroy", "wipe", "empty"],
        &["purge", "trash empty"],
    ),
    (
        &["undelete", "recover", "unrm", "bin", "recycle"],
        &["trash restore"],
    ),
    (
        &[
            "clients",
            "customer",
            "customers",
            "org",
            "folder",
            "folders",
            "vault",
            "vaults",
            "collection",
        ],
        &["client"],
    ),
    (&["versions", "revisions", "diff"], &["history"]),
    (&["journal", "events", "activity", "audit-log"], &["log"]),
    (&["check", "validate", "fsck", "test"], &["verify"]),
    (
        &[
            "setup",
            "initialize",
            "initialise",
            "start",
            "quickstart",
            "db-create",
        ],
        &["init"],
    ),
    (
        &[
            "chpass",
            "change-password",
            "rekey",
            "master-password",
            "db-edit",
        ],
        &["passwd"],
    ),
    (
        &["config", "settings", "where", "which", "db-info"],
        &["status"],
    ),
    (
        &["demo", "tutorial", "example", "examples", "learn"],
        &["tour"],
    ),
    (&["login", "signin", "open", "auth"], &["unlock", "get"]),
    (&["agent", "daemon", "session", "serve"], &["unlock"]),
    (&["logout", "signout", "quit", "exit"], &["lock"]),
    (&["close"], &["lock", "client close"]),
    (&["offboard", "offboarding", "finish"], &["client close"]),
    (
        &["ssh", "exec", "env", "with", "use", "plugin"],
        &["run", "get"],
    ),
    (&["dump", "export-csv", "leave"], &["export"]),
    (
        &["import-csv", "load", "migrate", "convert"],
        &["import", "add"],
    ),
    (
        &["gen", "pwgen", "genpass", "random", "make"],
        &["generate"],
    ),
    (&["otp", "totp", "2fa", "mfa"], &["code"]),
    (
        &[
            "template",
            "templates",
            "process",
            "render",
            "fill",
            "subst",
        ],
        &["inject"],
    ),
    (
        &[
            "upload",
            "file",
            "document",
            "fscopy",
            "fsmove",
            "attachment-import",
        ],
        &["attach"],
    ),
    (&["download", "attachment-export"], &["get"]),
    (&["whoami", "identity", "fingerprint", "account"], &["id"]),
    (&["send", "give", "lend", "invite"], &["share"]),
    (
        &["unshare", "unsend", "ungrant", "uninvite", "recall"],
        &["revoke"],
    ),
    (
        &[
            "consents",
            "permit",
            "permission",
            "permissions",
            "allow",
            "approve",
            "authorize",
            "authorise",
        ],
        &["consent"],
    ),
    (&["withdraw", "unconsent"], &["consent withdraw"]),
    (
        &[
            "contacts", "people", "user", "users", "team", "members", "group",
        ],
        &["contact"],
    ),
    (&["recipients"], &["recipient", "contact"]),
    (&["accept", "take"], &["receive"]),
    (
        &["collect", "intake", "request"],
        &["ask", "consent request"],
    ),
    (
        &["opener", "html", "webpage", "browser"],
        &["page", "share"],
    ),
    (&["receipt", "acknowledge"], &["ack"]),
    (&["attestation"], &["attest"]),
    (&["ledger", "shared"], &["shares"]),
    (
        &["forgot", "lost", "emergency", "escrow", "reset-password"],
        &["recovery"],
    ),
    (
        &["yubikey", "hardware", "ssh-key", "add-key"],
        &["recipient"],
    ),
];

/// Why a secret is not taken from the command line.
pub const NEVER_AN_ARGUMENT: &str =
    "a secret is never an argument: it is asked for, or piped in on stdin";
/// Where the master password comes from.
pub const MASTER_PASSWORD: &str =
    "the master password comes from --password-file, --password-fd or VAULT_PASSWORD_COMMAND";

/// Options by which other tools take a secret as an argument.
const SECRET_OPTIONS: &[&str] = &[
    "-p",
    "-P",
    "--pass",
    "--passwd",
    "--password",
    "--passphrase",
    "--pw",
    "--pwd",
    "--pin",
    "--secret",
    "--token",
    "--api-key",
    "--otp",
    "--seed",
    "--value",
    "--master-password",
];

/// Options of which what was given is repeated: nobody puts a secret there.
const REPEATED: &[&str] = &[
    "--accept-generation",
    "--accept-signer",
    "--clear-after",
    "--consent",
    "--expires",
    "--for",
    "--from",
    "--idle",
    "--kdf",
    "--kdf-limit",
    "--kdf-target",
    "--lang",
    "--length",
    "--method",
    "--min-generation",
    "--retain-until",
    "--review-by",
    "--rotate-every",
    "--scope",
    "--second-factor",
    "--since",
    "--tag",
    "--to",
    "--wait",
    "--words",
];

/// Commands that read a secret from stdin: an argument too many may be one.
const TAKE_A_SECRET: &[&str] = &["add", "edit", "rotate"];
/// Commands that take the master password, of which an argument too many may be one.
const TAKE_THE_PASSWORD: &[&str] = &["init", "passwd", "unlock"];

/// Words that mean another command below one of the commands than at the top.
const BELOW: &[(&str, &[&str], &str)] = &[
    (
        "vault consent",
        &["revoke", "end", "stop", "rm"],
        "withdraw",
    ),
    ("vault client", &["mv", "move"], "rename"),
];

/// How a command is typed, and the same without the program.
fn names(command: &Command) -> (&str, &str) {
    let path = command.get_bin_name().unwrap_or(command.get_name());
    (path, path.trim_start_matches("vault "))
}

/// Where it stands what a command takes.
pub fn what_it_takes(command: &Command) -> String {
    format!("{} --help shows what it takes", names(command).0)
}

/// What is to be done instead of one argument more; none where that may be a secret.
pub fn instead_of_an_argument(command: &Command) -> Option<String> {
    let (_, name) = names(command);
    if TAKE_A_SECRET.contains(&name) || TAKE_THE_PASSWORD.contains(&name) {
        return None;
    }
    let mut known = ARGUMENTS.iter();
    Some(match known.find(|(names, _)| names.contains(&name)) {
        Some((_, hint)) => (*hint).to_owned(),
        None => what_it_takes(command),
    })
}

/// Why an argument too many is not taken for a secret.
pub fn where_secrets_come_from(command: &Command) -> &'static str {
    if TAKE_THE_PASSWORD.contains(&command.get_name()) {
        MASTER_PASSWORD
    } else {
        NEVER_AN_ARGUMENT
    }
}

/// What is to be done instead of an option that `command` does not have: `near` is one that is
/// spelt like it, which is only meant where it is really close.
pub fn instead_of_an_option(command: &Command, option: &str, near: Option<&str>) -> String {
    let (path, name) = names(command);
    let close = |near: &&str| {
        let is_cut = near.len() > 4 && option.starts_with(near);
        is_cut || strsim::damerau_levenshtein(near, option) <= 2
    };
    let mut habits = OPTIONS.iter();
    let habit =
        habits.find(|(commands, options, _)| commands.contains(&name) && options.contains(&option));
    if let Some((_, _, instead)) = habit {
        return (*instead).to_owned();
    }
    if let Some(near) = near.filter(close) {
        return format!("did you mean {near}?");
    }
    let meant = option.trim_start_matches('-');
    let mut places = command.get_positionals();
    let place = places.find(|arg| {
        let name = arg.get_id().as_str();
        name == meant || (meant == "client" && name == "slug")
    });
    let Some(place) = place else {
        return what_it_takes(command);
    };
    let value = place.get_value_names().and_then(|names| names.first());
    let value = value.map_or_else(|| meant.to_uppercase(), ToString::to_string);
    format!("name it without an option: {path} {value}")
}

/// What is to be named where `command` lacks an argument, if there is more to say than its usage.
pub fn instead_of_nothing(command: &Command) -> Option<&'static str> {
    let (_, name) = names(command);
    let found = MISSING.iter().find(|(of, _)| *of == name);
    found.map(|(_, hint)| *hint)
}

/// `word` is no command of `parent`; `near` is one that is spelt almost so.
pub fn unknown_command(parent: &Command, word: &str, near: Option<&str>) -> Error {
    let program = parent.get_bin_name().unwrap_or(parent.get_name());
    let error = Error::usage(format!("{program} has no `{word}`"));
    let known = |target: &&&str| {
        let first = target.split(' ').next().unwrap_or_default();
        parent.find_subcommand(first).is_some() || first == "--version"
    };
    let lower = word.to_lowercase();
    let mut advice = ADVICE.iter().filter(|_| program == "vault");
    if let Some((_, instead)) = advice.find(|(words, _)| words.contains(&lower.as_str())) {
        return error.hint(*instead);
    }
    if program == "vault" && word.parse::<EntryPath>().is_ok() {
        return error.hint(format!("did you mean: vault get {word}"));
    }
    let mut below = BELOW.iter();
    let below = below.find(|(of, words, _)| *of == program && words.contains(&&*lower));
    if let Some((_, _, meant)) = below {
        return error.hint(format!("did you mean: {program} {meant}"));
    }
    let meant = WORDS
        .iter()
        .find(|(words, _)| words.contains(&lower.as_str()))
        .and_then(|(_, targets)| targets.iter().find(known));
    // Of the commands that help does not list, only help is for people.
    let is_for_people = |near: &&str| {
        let found = parent.find_subcommand(near);
        let is_shown = found.is_none_or(|found| !found.is_hide_set() || *near == "help");
        is_shown && near.split(' ').any(|near| is_close(word, near))
    };
    if let Some(meant) = meant.copied().or(near.filter(is_for_people)) {
        return error.hint(format!("did you mean: {program} {meant}"));
    }
    let topic = program.trim_start_matches("vault");
    if parent.has_subcommands() {
        return error.hint(format!("vault help{topic} lists the commands"));
    }
    error.hint(format!("vault help{topic} shows what it takes"))
}

/// Whether an option that no command has is one that takes a secret elsewhere.
pub fn takes_a_secret(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    SECRET_OPTIONS.contains(&name)
}

/// Whether what was given to `arg`, as clap names it (`--tag <TAG>`), cannot be a secret.
pub fn is_repeated(arg: &str) -> bool {
    arg.split([' ', '='])
        .next()
        .is_some_and(|name| REPEATED.contains(&name))
}

/// Why a value is not taken, in words for people.
pub fn reason(source: Option<&(dyn std::error::Error + 'static)>) -> String {
    match source {
        Some(why) if why.is::<ParseIntError>() => "a whole number is needed".into(),
        Some(why) => why.to_string(),
        None => "that is no value for it".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ADVICE, WORDS, unknown_command};
    use crate::cli::whole_tree;

    #[test]
    fn no_word_stands_for_two_things_or_is_a_command_itself() {
        let cli = whole_tree();
        let mut seen = HashSet::new();
        let words = WORDS.iter().flat_map(|(words, _)| *words);
        for word in words.chain(ADVICE.iter().flat_map(|(words, _)| *words)) {
            assert!(seen.insert(word), "{word} stands twice");
            assert!(cli.find_subcommand(word).is_none(), "{word} is a command");
        }
    }

    #[test]
    fn a_hint_names_what_the_parent_has() {
        let mut cli = whole_tree();
        cli.build();
        let hint = |parent, word| {
            let error = unknown_command(parent, word, None);
            error.next_step().unwrap().to_owned()
        };
        assert_eq!(hint(&cli, "insert"), "did you mean: vault add");
        assert_eq!(hint(&cli, "DELETE"), "did you mean: vault rm");
        assert_eq!(hint(&cli, "allow"), "did you mean: vault consent");
        assert_eq!(hint(&cli, "recall"), "did you mean: vault revoke");
        assert_eq!(hint(&cli, "acme/wp"), "did you mean: vault get acme/wp");
        assert_eq!(hint(&cli, "xyzzy"), "vault help lists the commands");
        let consent = cli.find_subcommand("consent").unwrap();
        assert_eq!(
            hint(consent, "revoke"),
            "did you mean: vault consent withdraw"
        );
        let client = cli.find_subcommand("client").unwrap();
        assert_eq!(hint(client, "delete"), "did you mean: vault client rm");
        assert_eq!(
            hint(client, "search"),
            "vault help client lists the commands"
        );
    }
}
