//! What people type by habit from other tools: their words are answered with ours, and a secret
//! on the command line is never repeated.

use crate::env::TestEnv;

#[test]
fn a_word_of_another_tool_is_answered_with_ours() {
    let env = TestEnv::new();
    for (word, ours) in [
        ("insert", "vault add"),
        ("set", "vault add"),
        ("create", "vault add"),
        ("new", "vault add"),
        ("delete", "vault rm"),
        ("remove", "vault rm"),
        ("del", "vault rm"),
        ("copy", "vault mv"),
        ("cat", "vault get"),
        ("read", "vault get"),
        ("pass", "vault get"),
        ("clip", "vault get --clip"),
        ("view", "vault show"),
        ("rename", "vault mv"),
        ("search", "vault find"),
        ("grep", "vault find"),
        ("lst", "vault list"),
        ("statsu", "vault status"),
    ] {
        let refused = env.call(&[word, "acme/wp"]).fails(2);
        refused
            .says(&format!("vault has no `{word}`"))
            .hints(&format!("did you mean `{ours}`?"));
    }
    env.call(&["client", "delete", "acme"])
        .fails(2)
        .says("vault client has no `delete`")
        .hints("vault client rm");
    env.call(&["help", "insert"]).fails(2).hints("vault add");
}

#[test]
fn a_path_alone_is_answered_with_get() {
    let env = TestEnv::new();
    env.call(&["acme/wp"]).fails(2).hints("vault get acme/wp");
}

#[test]
fn in_json_the_hint_is_there_too() {
    let error = TestEnv::new().call(&["insert", "--json"]).fails(2).json();
    assert_eq!(error["code"], "usage");
    assert_eq!(error["hint"], "did you mean `vault add`?");
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let env = TestEnv::new();
    let lines: [&[&str]; 16] = [
        &["add", "acme/wp", "-p", "hunter2"],
        &["add", "acme/wp", "-phunter2"],
        &["add", "acme/wp", "--password", "hunter2"],
        &["add", "acme/wp", "--password=hunter2"],
        &["add", "acme/wp", "--secret", "hunter2"],
        &["add", "acme/wp", "--secret=hunter2"],
        &["--password=hunter2", "list"],
        &["-p", "hunter2", "list"],
        &["init", "--master-password", "hunter2"],
        &["edit", "acme/wp", "--secret", "hunter2"],
        &["edit", "acme/wp", "--secret=hunter2"],
        &["edit", "acme/wp", "--totp=hunter2"],
        &["add", "acme/wp", "--totp", "hunter2"],
        &["add", "acme/wp", "--nosuch=hunter2"],
        &["add", "acme/wp", "--hunter2!"],
        &["get", "acme/wp", "hunter2"],
    ];
    for line in lines {
        let refused = env.call(line).fails(2);
        refused.hides("hunter2");
        if !line.concat().contains("nosuch") {
            refused.hints("a secret is never an argument");
        }
    }
}

#[test]
fn a_bad_value_beside_a_secret_option_is_not_repeated() {
    let env = TestEnv::new();
    for line in [
        ["add", "acme/wp", "--secret-field", "pin=hunter2"],
        ["add", "acme/wp", "--secret-field=pin:hunter2", "-q"],
        ["list", "--quiet", "--password-fd", "hunter2"],
    ] {
        env.call(&line).fails(2).hides("hunter2");
    }
}
