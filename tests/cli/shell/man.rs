//! `man` prints the manual or writes it: a page for each command that is shown.

use std::fs;
use std::path::PathBuf;

use crate::support::env::{TestEnv, mode_of};

fn pages(env: &TestEnv) -> PathBuf {
    let folder = env.path("man");
    let done = env.call(&["man", "--out", &folder]).no_password().ok();
    done.prints("").tells("pages");
    PathBuf::from(folder).join("man1")
}

#[test]
fn the_page_of_the_program_says_what_scripts_rely_on() {
    let env = TestEnv::new();
    let page = env.call(&["man"]).no_password().ok();
    page.silently();
    for text in [
        ".SH \"EXIT STATUS\"",
        ".SH ENVIRONMENT",
        ".SH FILES",
        "VAULT_PASSWORD_COMMAND",
        "agent.sock",
        "WAYLAND_DISPLAY",
        "vault\\-client(1)",
        "Never ask; exit 9 instead",
    ] {
        page.shows(text);
    }
    page.hides("cursor").hides("vault\\-help(");
    assert!(env.everything().is_empty(), "nothing is written");
}

#[test]
fn every_command_has_a_page_that_anybody_may_read() {
    let env = TestEnv::new();
    let folder = pages(&env);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in &names {
        assert_eq!(mode_of(&folder.join(name)), 0o644, "{name}");
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let mut headings = text.lines().filter(|line| line.starts_with(".SH"));
        assert!(headings.all(|line| line.len() < 40), "a sentence in {name}");
    }
    for name in [
        "vault.1",
        "vault-add.1",
        "vault-client-add.1",
        "vault-man.1",
    ] {
        assert!(
            names.iter().any(|one| one == name),
            "no {name} in {names:?}"
        );
    }
    for name in ["vault-help.1", "vault-complete.1"] {
        assert!(names.iter().all(|one| one != name), "{name} is hidden");
    }
}

#[test]
fn a_page_has_the_options_of_its_command_and_its_examples_line_by_line() {
    let env = TestEnv::new();
    let folder = pages(&env);
    let page = fs::read_to_string(folder.join("vault-generate.1")).unwrap();
    assert!(page.contains("\\-\\-words"), "{page}");
    assert!(!page.contains("password\\-fd"), "of all commands: {page}");
    let (_, examples) = page.split_once(".SH EXAMPLES\n.nf\n").unwrap();
    assert!(examples.starts_with("vault generate"), "{examples}");
    let deep = fs::read_to_string(folder.join("vault-client-add.1")).unwrap();
    assert!(deep.contains("vault client add [OPTIONS] <SLUG>"), "{deep}");
}

#[test]
fn pages_are_written_anew_but_nothing_else_is_overwritten() {
    let env = TestEnv::new();
    let folder = pages(&env);
    fs::write(folder.join("other.1"), "mine").unwrap();
    pages(&env);
    assert_eq!(fs::read(folder.join("other.1")).unwrap(), b"mine");
    fs::write(folder.join("vault-add.1"), "of another vault").unwrap();
    fs::remove_file(folder.join("vault.1")).unwrap();
    let refused = env.call(&["man", "--out", &env.path("man")]).fails(7);
    refused.says("vault-add.1 is not a page of this manual");
    let first = folder.join("vault.1");
    assert!(!first.exists(), "nothing was written before it was refused");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let env = TestEnv::new();
    let file = env.file("file", "x");
    env.call(&["man", "--out", &format!("{file}/man")])
        .fails(1)
        .says("file/man");
}

#[test]
fn the_answer_in_json_names_the_pages() {
    let env = TestEnv::new();
    let folder = env.path("man");
    let answer = env.call(&["man", "--out", &folder, "--json"]).ok().json();
    let changed = answer["changed"].as_array().unwrap();
    assert!(
        changed.contains(&format!("{folder}/man1/vault.1").into()),
        "{answer}"
    );
}

#[test]
fn every_topic_has_a_page_in_section_seven() {
    let env = TestEnv::new();
    let folder = pages(&env).with_file_name("man7");
    let listed = env.call(&["help"]).no_password().ok();
    let topics = listed.text().split("Topics:").nth(1).unwrap();
    let topics = topics.split("\n\n").next().unwrap();
    let topics: Vec<&str> = topics
        .split([',', ' ', '\n'])
        .filter(|it| !it.is_empty())
        .collect();
    assert!(topics.len() > 10, "{topics:?}");
    for topic in &topics {
        let page = fs::read_to_string(folder.join(format!("vault-{topic}.7"))).unwrap();
        assert!(page.contains(".SH DESCRIPTION"), "{topic}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), topics.len());
}

#[test]
fn a_backslash_has_its_name_on_every_page() {
    let env = TestEnv::new();
    let folder = pages(&env);
    let mut named = 0;
    for section in ["man1", "man7"] {
        for page in fs::read_dir(folder.with_file_name(section)).unwrap() {
            let page = page.unwrap().path();
            let text = fs::read_to_string(&page).unwrap();
            assert!(!text.contains(r"\\"), "{}", page.display());
            named += text.matches(r"\(rs").count();
        }
    }
    assert!(named > 0, "no page has one");
}
