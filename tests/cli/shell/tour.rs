//! `tour`: the whole story, really run, and nothing left of it.

use std::fs;
use std::sync::LazyLock;

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::support::env::TestEnv;

/// What a tour tells people, and what became of the home that it was taken in: it takes seconds,
/// so it is run once for all who look at it.
static TOLD: LazyLock<Told> = LazyLock::new(|| {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let before = env.everything();
    let path = env.vault_file();
    let tour = env.call(&["tour"]).var("VAULT_FILE", &path).ok();
    tour.hides("hunter2");
    Told {
        text: tour.text().to_owned(),
        changes_nothing: env.everything() == before,
        left: fs::read_dir(env.tmp()).unwrap().count(),
    }
});

struct Told {
    text: String,
    changes_nothing: bool,
    left: usize,
}

/// What is printed by `vault tour`.
pub(crate) fn told() -> &'static str {
    &TOLD.text
}

#[test]
fn each_command_is_shown_with_its_real_output() {
    for step in [
        "vault init",
        "vault add ",
        "vault get ",
        "vault list",
        "vault verify",
        "vault client add",
        "vault attach",
        "vault find",
        "vault rotate",
        "vault history",
        "vault mv",
        "vault trash restore",
        "vault id",
        "vault consent request",
        "vault consent answer mail.eml",
        "| YES ",
        "vault share acme/wordpress --to bob",
        "vault --vault bob.age receive",
        "vault revoke",
        "vault who acme",
        "allowed by: Jo, consent ",
        "key derivation: m=64MiB,t=3,p=4",
    ] {
        assert!(told().contains(step), "no {step:?}\n{}", told());
    }
    assert!(told().lines().count() > 20, "{}", told());
}

#[test]
fn it_touches_nothing_and_leaves_nothing_behind() {
    assert!(TOLD.changes_nothing);
    assert_eq!(TOLD.left, 0);
}

#[test]
fn what_it_made_can_be_kept_and_in_json_it_is_one_value_with_every_step() {
    let env = TestEnv::new();
    let tour = env.call(&["tour", "--keep", "kept", "--json"]);
    every_step_is_in(&tour.no_password().ok().json());
    let kept = env.everything();
    assert!(
        kept.keys().any(|path| path.ends_with("vault.age")),
        "{kept:?}"
    );
    let outside = kept.keys().find(|path| !path.starts_with(env.work()));
    assert_eq!(outside, None);
}

#[test]
fn a_folder_that_exists_is_not_written_into() {
    let env = TestEnv::new();
    fs::create_dir(env.path("full")).unwrap();
    env.file("full/thesis.txt", "years of work");
    env.call(&["tour", "--keep", "full"]).fails(7).says("full");
    assert_eq!(fs::read_dir(env.path("full")).unwrap().count(), 1);
}

#[test]
fn it_fails_where_it_cannot_work() {
    let env = TestEnv::new();
    env.file("plain", "");
    env.call(&["tour"])
        .var("TMPDIR", env.path("plain"))
        .fails(1);
}

#[test]
fn on_a_terminal_it_waits_after_each_chapter_and_a_secret_is_typed() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("vault tour; echo \"exit=$?\"");
    terminal.sees("story of Kim").sees("1 of ");
    let screen = terminal.sees("Enter goes on").screen.clone();
    let first = screen.split("1 of ").nth(1).unwrap();
    assert!(first.lines().count() <= 24, "{first}");
    terminal
        .types("")
        .sees("Secret of acme/wordpress")
        .types("typed-by-me");
    terminal.sees("Enter goes on").types("");
    terminal.sees("3 of ").sees("typed-by-me");
    terminal.sees("Enter goes on").types("q");
    let screen = terminal.sees("What now").sees("exit=0").ends();
    assert!(!screen.contains("4 of "), "{screen}");
    assert_eq!(fs::read_dir(env.tmp()).unwrap().count(), 0);
}

#[test]
fn who_types_no_secret_is_told_the_story_all_the_same() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("vault tour; echo \"exit=$?\"");
    terminal.sees("Enter goes on").types("");
    terminal.sees("Secret of acme/wordpress").types("");
    terminal.sees("Nothing was typed, so the story's own it is.");
    terminal.sees("added acme/wordpress");
    terminal.sees("Enter goes on").types("");
    terminal.sees("tr0ub4dor&3");
    terminal.sees("Enter goes on").types("q");
    let screen = terminal.sees("exit=0").ends();
    assert!(!screen.contains("nothing was entered"), "{screen}");
}

#[test]
fn each_screen_of_it_fits_the_terminal() {
    for (rows, columns) in [(24, 80), (16, 60)] {
        let env = TestEnv::new();
        let mut terminal = env.terminal(&format!(
            "stty rows {rows} cols {columns}; export NO_COLOR=1; vault tour; echo \"exit=$?\""
        ));
        let mut screen = String::new();
        let mut chapters = 0;
        loop {
            let until = "q ends it: |Secret of acme/wordpress: |exit=[0-9]";
            let (shown, met) = terminal.session.exp_regex(until).unwrap();
            screen.push_str(&(shown + &met));
            if met.starts_with("Secret") {
                terminal.types("typed-by-me");
                screen.push('\n');
                continue;
            }
            let plain = screen.replace('\r', "");
            let plain = plain.trim_start_matches('\n');
            let height: usize = plain
                .lines()
                .map(|line| line.width().div_ceil(columns).max(1))
                .sum();
            assert!(
                height <= rows,
                "{height} lines of {columns} columns:\n{plain}"
            );
            chapters += plain
                .lines()
                .filter(|line| line.contains(" of 20: "))
                .count();
            screen.clear();
            if met == "exit=0" {
                break;
            }
            terminal.types("");
        }
        assert_eq!(chapters, 20);
    }
}

fn every_step_is_in(tour: &Value) {
    let steps = tour["steps"].as_array().unwrap();
    assert!(steps.len() > 10, "{tour}");
    let get = steps
        .iter()
        .find(|step| step["command"] == "vault get acme/wordpress")
        .unwrap();
    assert_eq!(get["exit"], 0);
    assert!(get["says"].is_string(), "{get}");
    let output = get["output"].as_str().unwrap();
    assert!(output.starts_with("tr0ub4dor&3\n"), "{get}");
}
