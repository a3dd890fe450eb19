//! Every command that a message, the help or the README tells people to type exists, with its
//! options: read from the sources as text, and held against the tree that parses.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use serde_json::Value;
use vault::cli::whole_tree;

use crate::support::env::{CHEAP, TestEnv};

/// Words that follow the program's name in a sentence: no command is meant.
const PROSE: [&str; 37] = [
    "a", "after", "and", "as", "asks", "at", "can", "cannot", "costs", "does", "file", "has",
    "holds", "in", "is", "it", "for", "too", "forbid", "leaves", "says", "had", "updated",
    "itself", "may", "needs", "or", "that", "to", "under", "was", "were", "will", "with", "would",
    "yet", "already",
];

#[test]
fn every_command_that_is_told_can_be_typed() {
    let tree = tree();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut faults = BTreeSet::new();
    let mut told = 0;
    for file in sources(&root.join("src")) {
        let code = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root).unwrap().display().to_string();
        // What tests type on purpose is no hint.
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for literal in literals(code) {
            for command in commands(&literal) {
                told += 1;
                let checked = check(&tree, &command).and_then(|()| is_quoted(&command));
                if let Err(why) = checked {
                    faults.insert(format!("{name}: vault {command}: {why}"));
                }
            }
        }
    }
    let topics = fs::read_dir(root.join("src/help/topics")).unwrap();
    let topics = topics.map(|file| file.unwrap().path());
    for file in topics.chain([root.join("README.md")]) {
        for command in commands(&fs::read_to_string(&file).unwrap()) {
            told += 1;
            if let Err(why) = check(&tree, &command) {
                faults.insert(format!("{}: vault {command}: {why}", file.display()));
            }
        }
    }
    assert!(told > 300, "only {told} were found: is the search broken?");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn what_does_not_exist_is_found() {
    let tree = tree();
    for (command, is_good) in [
        ("merge --all", true),
        ("merge --none", false),
        ("get acme/wp --field totp", true),
        ("get acme/wp --fild totp", false),
        ("contact edit bob --recipient KEY", true),
        ("contact change bob", false),
        ("list --accept-signer X", true),
        ("lock acme/wp", false),
        ("frob", false),
    ] {
        assert_eq!(check(&tree, command).is_ok(), is_good, "{command}");
    }
    let text = "see it: vault show {path}; or `vault ls`, then vault frob.";
    assert_eq!(commands(text), ["show {path}", "ls", "frob"]);
}

/// Names may have blanks: where one is put into a command, it is as one word.
fn is_quoted(line: &str) -> Result<(), String> {
    let mut holes = line
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next());
    let is_name =
        |hole: &str| ["path", "name", "slug", "client", "contact", "entry"].contains(&hole);
    match holes.find(|hole| is_name(hole)) {
        Some(hole) => Err(format!("{{{hole}}} is not quoted: {{{hole}:#}}")),
        None => Ok(()),
    }
}

#[test]
fn a_name_with_a_blank_is_quoted_in_what_can_be_pasted() {
    let env = TestEnv::with(&[("Acme Ltd/Word Press", "hunter2")]);
    env.call(&["get", "Acme Ltd/Word Press", "--field", "pin"])
        .fails(3)
        .hints("it has: secret");
    env.call(&["code", "Acme Ltd/Word Press"])
        .fails(3)
        .hints("vault edit 'Acme Ltd/Word Press' --totp");
    env.call(&["contact", "add", "Bob Builder"])
        .ok()
        .tells("vault contact edit 'Bob Builder' --recipient KEY");
    env.call(&[
        "share",
        "Acme Ltd/Word Press",
        "--to",
        "Bob Builder",
        "--passphrase",
    ])
    .fails(6)
    .hints("vault consent request 'Acme Ltd' --to 'Bob Builder' --scope 'Acme Ltd/Word Press'");
}

#[test]
fn what_can_be_pasted_is_about_the_vault_that_was_named() {
    let env = TestEnv::new();
    fs::create_dir(env.work().join("my vaults")).unwrap();
    let vault = ["--vault", "my vaults/v.age"];
    let at = |args: &[&str]| env.call(&[args, &vault[..]].concat());
    let named = "vault --vault 'my vaults/v.age' ";
    at(&["init", "--kdf", CHEAP]).ok().tells(&format!(
        "hint: add a first credential: {named}add acme/wordpress"
    ));
    at(&["add", "acme/wp"]).stdin("x").ok();
    at(&["code", "acme/wp"])
        .fails(3)
        .hints(&format!("{named}edit acme/wp --totp"));
    let failure = at(&["get", "acme/wq", "--json"]).fails(3).json();
    assert!(
        failure["hint"]
            .as_str()
            .unwrap()
            .starts_with("did you mean")
    );
    let found = at(&["doctor", "--json"]).run();
    let found: Vec<Value> = serde_json::from_slice(&found.stdout).unwrap();
    let fixes: Vec<&str> = (found.iter())
        .filter_map(|found| found["fix"].as_str())
        .collect();
    let tells_a_command = |fix: &&&str| fix.starts_with("vault ");
    assert!(fixes.iter().any(|fix| tells_a_command(&fix)), "{fixes:?}");
    for fix in fixes.iter().filter(tells_a_command) {
        assert!(fix.starts_with(named), "{fix}");
    }
}

fn tree() -> Command {
    let mut tree = whole_tree();
    tree.build();
    tree
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

/// The texts of a source: string literals, and the doc comments that become help.
fn literals(code: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (start, from) = rest.split_at(at);
        if let Some(comment) = from.strip_prefix("//") {
            let end = comment.find('\n').unwrap_or(comment.len());
            rest = &comment[end..];
        } else if from.starts_with("'\"'") || from.starts_with("'\\\"'") {
            rest = &from[3..];
        } else if from.starts_with('"') && start.ends_with(['r', '#']) {
            let hashes = start.len() - start.trim_end_matches('#').len();
            let end = format!("\"{}", "#".repeat(hashes));
            let body = &from[1..];
            let close = body.find(&end).unwrap_or(body.len());
            texts.push(body[..close].to_owned());
            rest = body.get(close + end.len()..).unwrap_or("");
        } else if let Some(body) = from.strip_prefix('"') {
            let (text, after) = quoted(body);
            texts.push(text);
            rest = after;
        } else {
            rest = &from[1..];
        }
    }
    texts
}

/// A literal's text without its escapes, and what follows it.
fn quoted(body: &str) -> (String, &str) {
    let mut text = String::new();
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (text, &body[at + 1..]),
            '\\' => match chars.next() {
                // The line goes on in the next.
                Some((_, '\n')) => {
                    while chars.peek().is_some_and(|(_, c)| c.is_whitespace()) {
                        chars.next();
                    }
                }
                Some((_, 'n')) => text.push('\n'),
                Some((_, c)) => text.push(c),
                None => {}
            },
            c => text.push(c),
        }
    }
    (text, "")
}

/// The command lines in a text, without the program's name.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("vault ") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "-_/.`'\"".contains(c) && c != '`') {
            continue;
        }
        let rest = &text[at + "vault ".len()..];
        let first: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let is_word = first
            .chars()
            .next()
            .is_some_and(|c| c.is_ascii_lowercase() || c == '-');
        if !is_word || PROSE.contains(&first.as_str()) || follows_an_article(&text[..at]) {
            continue;
        }
        found.push(until_its_end(rest));
    }
    found
}

/// Whether the vault is meant and not the program: "the vault file", "a new vault with".
fn follows_an_article(before: &str) -> bool {
    let word = before
        .trim_end()
        .rsplit(|c: char| !c.is_alphanumeric())
        .next();
    let word = word.unwrap_or("").to_ascii_lowercase();
    before.ends_with(' ')
        && [
            "the", "a", "this", "that", "your", "no", "every", "each", "empty", "of", "another",
            "new", "one", "open", "bob", "its", "s", "whole", "other", "same", "their", "which",
            "foreign", "present", "any",
        ]
        .contains(&word.as_str())
        && !before.trim_end().ends_with(':')
}

/// A command line ends where the sentence goes on.
fn until_its_end(rest: &str) -> String {
    let mut line = String::new();
    let mut quote = None;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '\n' | ';' | '`' | ')' | '|' | '#' | '<' | '>' | '…' | '$') => break,
            (None, ',' | '.' | ':' | '?')
                if chars.peek().is_none_or(|next| next.is_whitespace()) =>
            {
                break;
            }
            (None, ' ') if chars.peek() == Some(&' ') => break,
            _ => {}
        }
        line.push(c);
    }
    line.trim().to_owned()
}

/// Whether the tree has the command and its options, and no more values than it takes. Behind what
/// is complete, a sentence may go on in plain words.
fn check(tree: &Command, line: &str) -> Result<(), String> {
    let line = line.replace("{}--", "{} --").replace('\\', " ");
    let words = shlex::split(&line).unwrap_or_else(|| line.split(' ').map(Into::into).collect());
    let mut words = words.into_iter().peekable();
    let mut command = tree;
    let mut values = 0;
    while let Some(word) = words.next() {
        let name = word.split('{').next().unwrap_or_default();
        if let Some(sub) = command.find_subcommand(name).filter(|_| values == 0) {
            command = sub;
        } else if word == "--" {
            return Ok(());
        } else if let Some(option) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            let name = option.split('=').next().unwrap_or_default();
            let arg = option_of(tree, command, name).ok_or(format!("there is no {word}"))?;
            // All that follows is the programs'.
            if word == "--exec" {
                return Ok(());
            }
            let most = arg.get_num_args().map_or(0, |range| range.max_values());
            let mut taken = usize::from(option.contains('='));
            while taken < most
                && words
                    .peek()
                    .is_some_and(|next| next == "-" || !next.starts_with('-'))
            {
                words.next();
                taken += 1;
            }
        } else {
            values += 1;
            let is_prose = word
                .chars()
                .all(|c| c.is_ascii_lowercase() || "'{}".contains(c));
            // `id` and `shares` answer by themselves too.
            let is_group =
                command.has_subcommands() && !["id", "shares"].contains(&command.get_name());
            if values > most_values(command) && (!is_prose || is_group) {
                return Err(format!("it takes no {word}"));
            }
        }
    }
    Ok(())
}

fn most_values(command: &Command) -> usize {
    let most = |arg: &Arg| arg.get_num_args().map_or(1, |range| range.max_values());
    command
        .get_positionals()
        .map(most)
        .fold(0, usize::saturating_add)
}

fn option_of<'a>(tree: &'a Command, command: &'a Command, name: &str) -> Option<&'a Arg> {
    let all = command.get_arguments().chain(tree.get_arguments());
    let mut all = all.filter(|arg| !arg.is_positional());
    match name.strip_prefix('-') {
        Some(long) => all.find(|arg| {
            arg.get_long() == Some(long)
                || arg
                    .get_all_aliases()
                    .is_some_and(|names| names.contains(&long))
        }),
        None => all.find(|arg| arg.get_short().is_some_and(|short| name.starts_with(short))),
    }
}
