//! `scan --staged`: a hook of git that refuses a commit with a secret in it, by the README's line.

use std::fs;
use std::path::Path;

use crate::support::env::TestEnv;

/// The lines that make the hook.
fn readme_hook() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let blocks = readme.split("```sh\n").skip(1);
    let mut blocks = blocks.filter_map(|block| Some(block.split_once("```")?.0));
    let hook = blocks.find(|block| block.contains("scan --staged"));
    let hook = hook.expect("the README has the hook").trim_end();
    hook.to_owned()
}

/// A repository with the hook, with nothing committed yet.
fn repository() -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "hunter2/ x?")]);
    let hook = readme_hook();
    let config = "git config user.name Kim; git config user.email kim@kim.example";
    env.shell(&format!("git init -q .; {config}; {hook}")).ok();
    env
}

#[test]
fn a_commit_with_a_secret_is_refused_and_names_the_entry() {
    let env = repository();
    env.file("a.txt", "fine\n");
    env.shell("git add a.txt; git commit -qm one").ok();
    env.file("a.txt", "fine\nhunter2/ x?\n");
    fs::create_dir(env.work().join("sub")).unwrap();
    env.file("sub/b \u{e9}.txt", "hunter2%2F%20x%3F");
    let refused = env.shell("git add -A; cd sub; git commit -qm two").run();
    assert_eq!(refused.code, Some(1));
    let told = String::from_utf8(refused.stdout).unwrap() + &refused.stderr;
    assert!(told.contains("a.txt:2: acme/wp"), "{told}");
    assert!(told.contains("sub/b \u{e9}.txt:1: acme/wp"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    // What is in the index counts, not what is in the work tree.
    env.file("a.txt", "fine\n");
    assert_eq!(env.shell("git commit -qm two").run().code, Some(1));
    env.shell("git add a.txt; git rm -q --cached sub/*; echo hunter2/ x? > a.txt")
        .ok();
    env.shell("echo more > c.txt; git add c.txt; git commit -qm two")
        .ok();
}

#[test]
fn the_index_of_a_partial_commit_is_the_one_that_counts() {
    let env = repository();
    env.file("a.txt", "one\n");
    env.file("b.txt", "one\n");
    env.shell("git add -A; git commit -qm one").ok();
    env.file("a.txt", "hunter2/ x?\n");
    env.file("b.txt", "two\n");
    env.shell("git commit -qm two b.txt").ok();
    assert_eq!(env.shell("git commit -qm three a.txt").run().code, Some(1));
    assert_eq!(env.shell("git commit -qam three").run().code, Some(1));
}

#[test]
fn a_locked_vault_refuses_and_says_how_to_go_on() {
    let env = repository();
    env.file("a.txt", "fine\n");
    let refused = env
        .shell("git add a.txt; git commit -qm one")
        .no_password()
        .run();
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("vault unlock"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("git commit --no-verify"),
        "{}",
        refused.stderr
    );
    env.shell("git commit -qm one --no-verify")
        .no_password()
        .ok();
}

#[test]
fn outside_of_a_repository_it_is_wrong_use() {
    let env = TestEnv::ready();
    env.call(&["scan", "--staged"])
        .no_password()
        .fails(2)
        .hints("git repository");
}

#[test]
fn the_hook_works_in_a_worktree_and_leaves_one_that_is_there() {
    let env = repository();
    let hook = fs::read(env.path(".git/hooks/pre-commit")).unwrap();
    env.file("a.txt", "fine\n");
    env.shell("git add a.txt; git commit -qm one; git worktree add -q ../tree")
        .ok();
    let refused = env.shell("cd ../tree; echo 'hunter2/ x?' > b; git add b; git commit -qm two");
    assert_eq!(refused.run().code, Some(1));
    fs::write(env.path(".git/hooks/pre-commit"), "#!/bin/sh\nexit 3\n").unwrap();
    env.shell(&readme_hook()).ok();
    let kept = fs::read_to_string(env.path(".git/hooks/pre-commit")).unwrap();
    assert_eq!(kept, "#!/bin/sh\nexit 3\n");
    fs::remove_file(env.path(".git/hooks/pre-commit")).unwrap();
    env.shell(&format!("cd ../tree; {}", readme_hook())).ok();
    assert_eq!(fs::read(env.path(".git/hooks/pre-commit")).unwrap(), hook);
}

#[test]
fn a_merge_conflict_is_told() {
    let env = repository();
    let script = "git config merge.renames false; for side in one two; do git checkout -q --orphan $side; \
        echo $side > a.txt; git add a.txt; git commit -qm $side; done; \
        git merge -q --allow-unrelated-histories one; true";
    env.shell(script).ok();
    let failed = env.call(&["scan", "--staged"]).fails(1);
    failed.says("a.txt has a merge conflict").hints("git add");
}
