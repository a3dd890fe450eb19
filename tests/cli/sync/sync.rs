//! `sync` where no git is needed: what is no address, and what there is to do first.

use std::fs;

use crate::support::env::TestEnv;

#[test]
fn what_git_would_run_or_send_in_the_clear_is_no_remote() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    for url in [
        "ext::sh -c 'touch pwned'",
        "fd::17",
        "http://one.example/x",
        "git://one.example/x",
        "ftp://one.example/x",
        "ssh://-oProxyCommand=x/y",
        "one.example:\u{1b}x",
        "",
    ] {
        env.call(&["sync", "--remote", url])
            .fails(2)
            .hints("name a repository");
    }
    let option = env.call(&["sync", "--remote=--upload-pack=touch pwned"]);
    option.fails(2);
    assert!(!env.work().join("pwned").exists());
}

#[test]
fn a_remote_is_named_once_before_anything_is_synced() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["sync"])
        .fails(2)
        .hints("vault sync --remote URL");
    let status = env.call(&["status", "--json"]).ok().json();
    assert!(status["sync"].is_null(), "{status}");
}

#[test]
fn without_a_vault_and_a_remote_there_is_nothing_to_sync() {
    TestEnv::new().call(&["sync"]).fails(3);
}

#[test]
fn a_new_machine_has_to_be_told_whose_vault_it_takes_over() {
    let env = TestEnv::new();
    let remote = env.path("remote.git");
    env.call(&["sync", "--remote", &remote])
        .fails(9)
        .hints("--signer KEY");
    assert!(!env.vault_file().exists());
}

#[test]
fn a_dry_run_is_of_the_set_up_alone() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    for more in [&["--remote", "/tmp/x.git"][..], &[]] {
        let args = [&["sync", "--dry-run"][..], more].concat();
        env.call(&args).fails(2);
    }
}

#[test]
fn a_machine_whose_vault_is_gone_is_told_first_how_it_comes_back() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    fs::remove_file(env.vault_file()).unwrap();
    env.call(&["sync"]).fails(3).hints("vault restore last.age");
    let remote = env.path("remote.git");
    let failed = env.call(&["sync", "--remote", &remote]).fails(9);
    failed.says("the remote may lack what was written last: ");
}
