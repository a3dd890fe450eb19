//! What the README and the topics of the help show is what happens: each command in their consoles is
//! run, in order and in one home for the README and one for the topics, and must print what stands
//! there.

use std::collections::HashMap;
use std::fs;

use regex::Regex;

use crate::support::env::{CHEAP, PASSWORD, TestEnv};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const TOPICS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/help/topics");

/// Topics with consoles, in an order in which each finds what it needs.
const WITH_CONSOLES: [&str; 10] = [
    "day",
    "permission",
    "documents",
    "programs",
    "moving",
    "machines",
    "loss",
    "scripts",
    "ci",
    "leaks",
];

/// What a vault costs there; here each one is as cheap as can be.
const DEFAULT: &str = "m=64MiB,t=3,p=4";

/// One command and what the README says it prints.
struct Shown {
    command: String,
    output: String,
}

/// The commands of a text with their answers: they stand between fences in the README, and are
/// indented in a topic.
fn consoles(text: &str, indent: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut inside = !indent.is_empty();
    let mut follows = false;
    let mut blanks = 0;
    for line in text.lines() {
        if indent.is_empty() && line.starts_with("```") {
            inside = line == "```console";
            continue;
        }
        if line.is_empty() && follows {
            // A part of the answer if that goes on below.
            blanks += 1;
            continue;
        }
        let line = line.strip_prefix(indent).filter(|_| inside);
        let command = line.and_then(|line| line.strip_prefix("$ "));
        match (line, command) {
            (_, Some(command)) => shown.push(Shown {
                command: command.to_owned(),
                output: String::new(),
            }),
            (Some(line), None) if follows => {
                let last = shown.last_mut().expect("output before any command");
                last.output.push_str(&"\n".repeat(blanks));
                last.output.push_str(line);
                last.output.push('\n');
            }
            _ => {}
        }
        blanks = 0;
        follows = command.is_some() || (follows && line.is_some());
    }
    shown
}

/// Takes out what differs from run to run: times, ids, fingerprints, sizes, and with them the
/// width of columns. What remains has to be the same.
fn stable(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, stands_for) in [
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "TIME"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d [A-Z]+", "TIME"),
        (r"\d{4}-\d\d-\d\d", "DATE"),
        (
            r"\b\d{1,2} (January|February|March|April|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{4})?\b",
            "DAY",
        ),
        (r"just now|\d+ seconds? ago|in \d+ days", "AGE"),
        (r"SHA256:[A-Za-z0-9+/]{43}", "FINGERPRINT"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
        (r"\b[0-9a-f]{64}\b", "HASH"),
        (r"\b[0-9A-F]{4}-[0-9A-F]{4}\b", "NUMBER"),
        (r"\b[0-9a-f]{16}\b", "DEVICE"),
        (r"\b[0-9a-f]{8}\b", "ID"),
        (
            r"\bage1[0-9a-z]{58}\b|\bage1[0-9a-z]+…[0-9a-z]+",
            "RECIPIENT",
        ),
        (r"\bssh-ed25519 [A-Za-z0-9+/]+", "KEY"),
        (r"words: [a-z -]+", "WORDS"),
        (r"\d+ bytes in all|\d+\.\d+ KiB|\d+ B\b", "SIZE"),
        (r"[ \t]+", " "),
    ] {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, stands_for)
            .into_owned();
    }
    text
}

/// The short ids and the numbers in a text, in order.
fn ids(text: &str) -> Vec<String> {
    // Whole ids first: parts of one that have no letters look like a number.
    let id = Regex::new(
        r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{8}\b|\b[0-9A-F]{4}-[0-9A-F]{4}\b",
    )
    .unwrap();
    id.find_iter(text)
        .map(|id| id.as_str().to_owned())
        .collect()
}

#[test]
fn every_console_of_the_readme_prints_what_it_shows() {
    let readme = fs::read_to_string(README).unwrap();
    run_in_one_home(consoles(&readme, ""), 20);
}

#[test]
fn every_console_of_the_topics_prints_what_it_shows() {
    let text = |name: &str| fs::read_to_string(format!("{TOPICS}/{name}.txt")).unwrap();
    for file in fs::read_dir(TOPICS).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".txt").unwrap();
        let has_consoles = !consoles(&text(name), "  ").is_empty();
        assert_eq!(has_consoles, WITH_CONSOLES.contains(&name), "{name}");
    }
    let shown = WITH_CONSOLES.iter();
    let shown = shown.flat_map(|name| consoles(&text(name), "  "));
    run_in_one_home(shown.collect(), 80);
}

/// Runs each command, of which there are at least so many.
fn run_in_one_home(shown: Vec<Shown>, least: usize) {
    assert!(shown.len() >= least, "{} were found", shown.len());
    let env = TestEnv::new();
    env.file(
        "deploy_key",
        "-----BEGIN KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END KEY-----\n",
    );
    fs::write(env.password_file(), format!("{PASSWORD}\n")).unwrap();
    let places = [(env.home(), "/home/kim"), (env.work(), "/work")];
    // What an id of the README is in this run.
    let mut meant: HashMap<String, String> = HashMap::new();
    let init = Regex::new(r"\binit\b").unwrap();
    for Shown { command, output } in shown {
        let mut typed = command.clone();
        for (id, here) in &meant {
            typed = typed.replace(id, here);
        }
        typed = init
            .replace(&typed, format!("init --kdf {CHEAP}"))
            .into_owned();
        let run = env.shell(&format!("exec 2>&1; {typed}")).run();
        let mut printed = String::from_utf8_lossy(&run.stdout).into_owned();
        printed = printed.replace(CHEAP, DEFAULT);
        for (place, stands_for) in &places {
            printed = printed.replace(&place.display().to_string(), stands_for);
        }
        meant.extend(ids(&output).into_iter().zip(ids(&printed)));
        assert_eq!(stable(&printed), stable(&output), "$ {command}");
    }
}

#[test]
fn the_first_screen_of_the_readme_is_from_the_tour() {
    let readme = fs::read_to_string(README).unwrap();
    let first_screen = readme.split("\n## ").next().unwrap();
    let tour = stable(crate::cli::shell::tour::told());
    let shown: Vec<&str> = first_screen
        .split("```")
        .skip(1)
        .step_by(2)
        .flat_map(|block| block.lines().skip(1))
        .collect();
    assert!(shown.len() > 5, "{shown:?}");
    for line in shown {
        assert!(tour.lines().any(|told| told == stable(line)), "{line}");
    }
}
