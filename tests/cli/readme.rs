//! What the README shows is what happens: each command in its consoles is run, in order and in one
//! home, and must print what stands there.

use std::fs;

use regex::Regex;

use crate::env::{PASSWORD, TestEnv};

/// One command and what the README says it prints.
struct Shown {
    command: String,
    output: String,
}

fn consoles(readme: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => {
                if let Some(command) = line.strip_prefix("$ ") {
                    shown.push(Shown {
                        command: command.to_owned(),
                        output: String::new(),
                    });
                } else {
                    let last = shown.last_mut().expect("output before any command");
                    last.output.push_str(line);
                    last.output.push('\n');
                }
            }
        }
    }
    shown
}

/// Takes out what differs from run to run: times, ids, fingerprints, sizes, and with them the
/// width of columns. What remains has to be the same.
fn stable(text: &str, home: &str) -> String {
    let mut text = text.replace(home, "/home/kim");
    for (pattern, stands_for) in [
        (r"\d{4}-\d\d-\d\d \d\d:\d\d [A-Z]+", "TIME"),
        (r"just now|\d+ seconds? ago", "AGE"),
        (r"SHA256:[A-Za-z0-9+/]{43}", "FINGERPRINT"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
        (r"\b[0-9a-f]{16}\b", "DEVICE"),
        (r"\b[0-9a-f]{8}\b", "ID"),
        (r"\bage1[0-9a-z]{58}\b", "RECIPIENT"),
        (r"\bssh-ed25519 [A-Za-z0-9+/]+", "KEY"),
        (r"words: [a-z -]+", "WORDS"),
        (r"\d+ bytes in all", "SIZE"),
        (r"[ \t]+", " "),
    ] {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, stands_for)
            .into_owned();
    }
    text
}

#[test]
fn every_console_of_the_readme_prints_what_it_shows() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let shown = consoles(&readme);
    assert!(shown.len() > 20, "the consoles were not found");
    let env = TestEnv::new();
    env.file(
        "deploy_key",
        "-----BEGIN KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END KEY-----\n",
    );
    fs::write(env.password_file(), format!("{PASSWORD}\n")).unwrap();
    let home = env.home().display().to_string();
    for Shown { command, output } in shown {
        let run = env.shell(&format!("exec 2>&1; {command}")).run();
        let printed = stable(&String::from_utf8_lossy(&run.stdout), &home);
        assert_eq!(printed, stable(&output, &home), "$ {command}");
    }
}
