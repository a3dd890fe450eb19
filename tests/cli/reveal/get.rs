//! `get`: the secret or one field, to whoever asked for it.

use serde_json::json;

use crate::support::env::TestEnv;

fn full() -> TestEnv {
    TestEnv::full("hunter2\n")
}

#[test]
fn the_secret_and_a_newline_are_all_there_is_on_stdout() {
    let env = full();
    env.call(&["get", "acme/wp"])
        .ok()
        .prints("hunter2\n")
        .silently();
    env.call(&["get", "acme/wp", "-n"]).ok().prints("hunter2");
    env.call(&["get", "acme/wp", "--no-newline"])
        .ok()
        .prints("hunter2");
}

#[test]
fn reveal_is_another_name_for_it() {
    full().call(&["reveal", "acme/wp"]).ok().prints("hunter2\n");
}

#[test]
fn json_has_all_to_log_in_with_and_the_visible_fields() {
    let env = full();
    let got = env.call(&["get", "acme/wp", "--json"]).ok().json();
    let expected = json!({
        "path": "acme/wp", "version": 1, "username": "admin",
        "urls": ["https://one.example", "https://two.example"],
        "secret": "hunter2", "fields": {"id": "42"},
    });
    assert_eq!(got, expected);
    let bare = TestEnv::with(&[("acme/wp", "hunter2")]);
    let got = bare.call(&["get", "acme/wp", "--json"]).ok().json();
    assert_eq!((&got["username"], &got["urls"]), (&json!(null), &json!([])));
}

#[test]
fn json_gives_line_ends_and_controls_back_exactly() {
    let secret = "one\r\ntwo\n\x1b[31m\u{202e}🔑";
    let env = TestEnv::with(&[("acme/key", secret)]);
    let got = env.call(&["get", "acme/key", "--json"]).ok();
    assert_eq!(got.json()["secret"], secret);
    assert!(got.text().ends_with("}\n") && !got.text().contains('\x1b'));
}

#[test]
fn a_field_is_given_alone() {
    let env = full();
    let fields = [
        ("username", "admin\n"),
        ("url", "https://one.example\n"),
        ("urls", "https://one.example\nhttps://two.example\n"),
        ("notes", "ask Jo\nand Al\n"),
        ("id", "42\n"),
    ];
    for (field, expected) in fields {
        let got = env.call(&["get", "acme/wp", "--field", field]).ok();
        got.prints(expected).hides("hunter2");
    }
    let bare = env.call(&["get", "acme/wp", "--field", "id", "-n"]).ok();
    bare.prints("42");
}

#[test]
fn a_field_in_json_leaves_the_secret_out() {
    let env = full();
    let args = ["get", "acme/wp", "--field", "username", "--json"];
    let got = env.call(&args).ok().json();
    assert_eq!(got["path"], "acme/wp");
    assert_eq!(got["secret"], json!(null));
    assert_eq!(got["fields"], json!({"username": "admin"}));
}

#[test]
fn a_hidden_field_is_given_only_when_named() {
    let env = full();
    let edit = ["edit", "acme/wp", "--secret-field", "pin"];
    env.call(&edit).stdin("9471\n").ok().hides("9471");
    env.call(&["get", "acme/wp"]).ok().prints("hunter2\n");
    let whole = env.call(&["get", "acme/wp", "--json"]).ok();
    assert_eq!(whole.json()["fields"], json!({"id": "42"}));
    env.call(&["get", "acme/wp", "--field", "pin"])
        .ok()
        .prints("9471\n");
    let args = ["get", "acme/wp", "--field", "pin", "--json"];
    let got = env.call(&args).ok().json();
    assert_eq!(got["fields"], json!({"pin": "9471"}));
}

#[test]
fn a_field_that_is_not_there_is_not_found() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    for field in ["username", "url", "urls", "notes", "totp", "id"] {
        let call = env.call(&["get", "acme/wp", "--field", field]);
        call.fails(3).says(field).says("acme/wp").hides("hunter2");
    }
}

#[test]
fn an_entry_without_a_secret_says_so() {
    let env = TestEnv::ready();
    let add = ["add", "acme/mfa", "--totp"];
    env.call(&add).stdin("JBSWY3DPEHPK3PXP").ok();
    env.call(&["get", "acme/mfa"]).fails(3).hints("totp");
}

#[test]
fn an_unknown_entry_is_not_found_with_the_nearest_name() {
    let env = TestEnv::with(&[("acme/wordpress", "x")]);
    let near = env.call(&["get", "acme/wordpres"]).fails(3);
    near.says("no entry acme/wordpres").hints("acme/wordpress");
    let far = env.call(&["get", "globex/mail"]).fails(3);
    far.says("no entry globex/mail").hints("vault");
}

#[test]
fn names_are_compared_exactly() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["get", "Acme/wp"]).fails(3).hints("acme/wp");
    env.call(&["get", "acme/WP"]).fails(3).hints("acme/wp");
}

#[test]
fn an_older_version_stays_within_reach() {
    let env = TestEnv::with(&[("acme/wp", "first")]);
    for secret in ["second", "third"] {
        env.call(&["edit", "acme/wp", "--secret"])
            .stdin(secret)
            .ok();
    }
    let at = |n: &str| env.call(&["get", "acme/wp", "--at-version", n]);
    at("1").ok().prints("first\n");
    at("2").ok().prints("second\n");
    at("3").ok().prints("third\n");
    env.call(&["get", "acme/wp"]).ok().prints("third\n");
    let json = ["get", "acme/wp", "--at-version", "2", "--json"];
    let got = env.call(&json).ok().json();
    assert_eq!(
        (&got["version"], &got["secret"]),
        (&json!(2), &json!("second"))
    );
    at("4").fails(3).says("4");
    at("0")
        .run()
        .code
        .map_or_else(|| panic!("killed"), |code| assert!(code == 2 || code == 3));
    at("x").fails(2);
}

#[test]
fn reading_does_not_touch_the_vault() {
    let env = full();
    let before = env.snapshot();
    env.call(&["get", "acme/wp"]).ok();
    env.call(&["get", "acme/wp", "--field", "notes"]).ok();
    assert_eq!(env.snapshot(), before);
}

#[test]
fn a_wrong_password_gives_nothing() {
    let env = full();
    let call = env.call(&["get", "acme/wp"]).password("not-The-password-9");
    let failure = call.fails(4);
    failure.says("password").hides("not-The-password-9");
}

#[test]
fn without_a_vault_there_is_nothing_to_get() {
    let env = TestEnv::new();
    env.call(&["get", "acme/wp"]).fails(3).hints("vault init");
}

#[test]
fn a_full_disk_behind_stdout_is_a_failure() {
    let env = full();
    if std::path::Path::new("/dev/full").exists() {
        let script = "vault get acme/wp > /dev/full";
        env.shell(script).fails(1).hides("hunter2");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let env = TestEnv::ready();
    env.add("acme/big", &"0123456789abcdef".repeat(1 << 15));
    let script = "vault get acme/big | head -c 4";
    env.shell(script).ok().prints("0123").silently();
}
