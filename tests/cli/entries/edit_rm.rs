//! `edit` changes what is named and nothing else; `rm` asks first, and frees the name.

use serde_json::{Value, json};

use crate::support::env::TestEnv;

/// An entry with something of everything.
fn full() -> TestEnv {
    TestEnv::full("first")
}

fn show(env: &TestEnv) -> Value {
    env.call(&["show", "acme/wp", "--json"]).ok().json()
}

/// What `show` says, without what every edit changes.
fn but(mut shown: Value, keys: &[&str]) -> Value {
    let object = shown.as_object_mut().unwrap();
    object.remove("updated");
    object.retain(|key, _| !keys.contains(&key.as_str()));
    shown
}

#[test]
fn an_option_changes_its_field_and_no_other() {
    let changes: [(&[&str], &str, Value); 8] = [
        (&["-u", "root"], "username", json!("root")),
        (&["--username", "jo"], "username", json!("jo")),
        (
            &["--url", "https://new.example"],
            "urls",
            json!([
                "https://one.example",
                "https://two.example",
                "https://new.example"
            ]),
        ),
        (&["--notes", "ask Al"], "notes", json!("ask Al")),
        (&["--tag", "dev"], "tags", json!(["cms", "dev", "prod"])),
        (&["--env", "PW"], "env", json!("PW")),
        (
            &["--expires", "2098-01-01"],
            "expires",
            json!("2098-01-01T23:59:59Z"),
        ),
        (&["--rotate-every", "P1Y"], "rotate_every", json!("P1Y")),
    ];
    let env = full();
    for (options, key, value) in changes {
        let before = show(&env);
        let args = [&["edit", "acme/wp"], options].concat();
        env.call(&args).ok().prints("").tells("acme/wp");
        let after = show(&env);
        assert_eq!(after[key], value, "{options:?}");
        assert_eq!(but(after, &[key]), but(before, &[key]), "{options:?}");
    }
    assert_eq!(env.secret("acme/wp"), "first");
}

#[test]
fn a_field_is_added_beside_the_others() {
    let env = full();
    env.call(&["edit", "acme/wp", "--field", "region=eu"]).ok();
    assert_eq!(show(&env)["fields"], json!({"id": "42", "region": "eu"}));
    env.call(&["edit", "acme/wp", "--field", "id=43"]).ok();
    assert_eq!(show(&env)["fields"], json!({"id": "43", "region": "eu"}));
}

#[test]
fn unset_empties_what_it_names_and_nothing_else() {
    let unset = [
        ("username", "username", Value::Null),
        ("url", "urls", json!([])),
        ("notes", "notes", Value::Null),
        ("tag", "tags", json!([])),
        ("env", "env", Value::Null),
        ("expires", "expires", Value::Null),
        ("rotate-every", "rotate_every", Value::Null),
        ("id", "fields", json!({})),
    ];
    let env = full();
    for (name, key, value) in unset {
        let before = show(&env);
        env.call(&["edit", "acme/wp", "--unset", name]).ok();
        let after = show(&env);
        assert_eq!(after[key], value, "{name}");
        assert_eq!(but(after, &[key]), but(before, &[key]), "{name}");
    }
}

#[test]
fn several_things_can_be_unset_at_once() {
    let env = full();
    let args = [
        "edit", "acme/wp", "--unset", "username", "--unset", "id", "--notes", "new",
    ];
    env.call(&args).ok();
    let shown = show(&env);
    assert_eq!(shown["username"], Value::Null);
    assert_eq!(shown["fields"], json!({}));
    assert_eq!(shown["notes"], "new");
}

#[test]
fn hidden_fields_and_seeds_can_be_set_and_unset() {
    let env = full();
    let pin = ["edit", "acme/wp", "--secret-field", "pin"];
    env.call(&pin).stdin("9471").ok();
    env.call(&["edit", "acme/wp", "--totp"])
        .stdin("JBSWY3DPEHPK3PXP")
        .ok();
    let has = &show(&env)["has"];
    let all = [&has["secret"], &has["totp"], &has["pin"]];
    assert_eq!(all, [&json!(true); 3]);
    assert_eq!(env.secret("acme/wp"), "first");
    let args = ["edit", "acme/wp", "--unset", "totp", "--unset", "pin"];
    env.call(&args).ok();
    env.call(&["get", "acme/wp", "--field", "totp"]).fails(3);
    env.call(&["get", "acme/wp", "--field", "pin"]).fails(3);
}

#[test]
fn a_new_secret_is_a_new_version() {
    let env = full();
    let edit = env
        .call(&["edit", "acme/wp", "--secret"])
        .stdin("second\n")
        .ok();
    edit.prints("").hides("second");
    assert_eq!(env.secret("acme/wp"), "second");
    env.call(&["get", "acme/wp", "--at-version", "1"])
        .ok()
        .prints("first\n");
    let shown = show(&env);
    assert_eq!(shown["version"], 2);
    assert_eq!(shown["username"], "admin");
}

#[test]
fn stdin_is_not_read_unless_a_secret_is_to_change() {
    let env = full();
    env.call(&["edit", "acme/wp", "--notes", "new"])
        .stdin("stray")
        .ok();
    assert_eq!(env.secret("acme/wp"), "first");
}

#[test]
fn two_secrets_cannot_come_from_one_stdin() {
    let env = full();
    let args = ["edit", "acme/wp", "--secret", "--secret-field", "pin"];
    env.call(&args).stdin("second").fails(9).says("pin");
    assert_eq!(env.secret("acme/wp"), "first");
}

#[test]
fn bad_changes_are_refused() {
    let env = full();
    let bad: [&[&str]; 9] = [
        &[],
        &["--unset", "secret"],
        &["--unset", "path"],
        &["--unset", "a/b"],
        &["--field", "novalue"],
        &["--field", "secret=x"],
        &["--expires", "2020-01-01"],
        &["--notes", ""],
        &["--env", "A-B"],
    ];
    for options in bad {
        let args = [&["edit", "acme/wp"], options].concat();
        let output = env.call(&args).run();
        let code = output.code;
        // A field that could exist but does not is not found.
        let expected = if options == ["--unset", "path"] { 3 } else { 2 };
        assert_eq!(code, Some(expected), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
    env.call(&["edit", "acme/wp"]).fails(2);
    env.call(&["edit", "acme/wp", "--unset", "nosuch"])
        .fails(3)
        .says("nosuch");
    env.call(&["edit", "acme/wq", "--notes", "x"])
        .fails(3)
        .hints("acme/wp");
}

#[test]
fn edit_in_json_names_what_changed() {
    let env = full();
    let args = ["edit", "acme/wp", "--notes", "x", "--json"];
    let expected = json!({"ok": true, "changed": ["acme/wp"], "warnings": []});
    assert_eq!(env.call(&args).ok().json(), expected);
}

#[test]
fn rm_without_anybody_to_ask_names_the_option() {
    let env = full();
    env.call(&["rm", "acme/wp"]).fails(9).hints("--yes");
    assert_eq!(env.secret("acme/wp"), "first");
}

#[test]
fn rm_takes_it_out_of_sight() {
    let env = full();
    env.add("acme/db", "other");
    env.call(&["rm", "acme/wp", "--yes"])
        .ok()
        .prints("")
        .tells("acme/wp");
    env.call(&["list"]).ok().prints("acme/db\n");
    env.call(&["get", "acme/wp"])
        .fails(3)
        .says("no entry acme/wp");
    env.call(&["show", "acme/wp"]).fails(3);
    env.call(&["edit", "acme/wp", "--notes", "x"]).fails(3);
    env.call(&["rm", "acme/wp", "--yes"]).fails(3);
    assert_eq!(env.secret("acme/db"), "other");
}

#[test]
fn rm_in_json_names_what_changed() {
    let env = full();
    let expected = json!({"ok": true, "changed": ["acme/wp"], "warnings": []});
    assert_eq!(
        env.call(&["rm", "acme/wp", "--yes", "--json"]).ok().json(),
        expected
    );
}

#[test]
fn the_path_of_a_removed_entry_is_free_again() {
    let env = full();
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.add("acme/wp", "anew");
    assert_eq!(env.secret("acme/wp"), "anew");
    let shown = show(&env);
    assert_eq!(shown["version"], 1);
    assert_eq!(
        shown["username"],
        Value::Null,
        "nothing of the old one shines through"
    );
    env.call(&["list"]).ok().prints("acme/wp\n");
}

#[test]
fn an_unknown_entry_is_not_found_before_anybody_is_asked() {
    let env = full();
    env.call(&["rm", "acme/wq"]).fails(3).hints("acme/wp");
    env.call(&["rm", "acme/wq", "--yes"])
        .fails(3)
        .hints("acme/wp");
}

#[test]
fn what_is_set_cannot_be_emptied_at_once() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let both: [(&[&str], &str); 4] = [
        (&["-u", "a"], "username"),
        (&["--field", "account=1"], "account"),
        (&["--secret-field", "pin"], "pin"),
        (&["--totp"], "totp"),
    ];
    for (set, name) in both {
        let args = [&["edit", "acme/wp"], set, &["--unset", name]].concat();
        env.call(&args)
            .stdin("x")
            .fails(2)
            .says(name)
            .hints("--unset");
    }
    env.call(&["edit", "acme/wp", "--notes", "n"]).ok();
    env.call(&["edit", "acme/wp", "-u", "a", "--unset", "notes"])
        .ok();
}

#[test]
fn what_is_in_the_trash_is_named_as_that() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("acme/wq", "y"), ("acme/cl", "z")]);
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    for command in ["get", "show", "history"] {
        env.call(&[command, "acme/wp"])
            .fails(3)
            .hints("it is in the trash: vault trash restore acme/wp");
    }
    env.call(&["get", "acme/xx"])
        .fails(3)
        .hints("vault list shows");
}

#[test]
fn what_an_edit_has_replaced_is_told() {
    let env = TestEnv::ready();
    let add = [
        "add", "acme/wp", "-u", "jo", "--tag", "cms", "--tag", "shop",
    ];
    env.call(&add).stdin("s3cret").ok();
    let edit = ["edit", "acme/wp", "-u", "kim", "--tag", "one"];
    env.call(&[&edit[..], &["--notes", "new"]].concat())
        .ok()
        .tells("username: kim (was jo)\n")
        .tells("tag: cms, one, shop (added one)\n")
        .hides("notes")
        .hides("s3cret");
    let edit = ["edit", "acme/wp", "--unset", "tags", "--tag", "one"];
    let told = env
        .call(&[&edit[..], &["--field", "port=22"]].concat())
        .ok();
    told.tells("tag: one (were cms, one, shop)\n").hides("port");
    env.call(&["edit", "acme/wp", "--field", "port=23"])
        .ok()
        .tells("port: 23 (was 22)\n");
}

#[test]
fn lists_are_added_to_and_lose_what_is_named() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let edit = |args: &[&str]| env.call(&[&["edit", "acme/wp"], args].concat());
    let lists = || {
        let shown = env.call(&["show", "acme/wp", "--json"]).ok().json();
        (shown["tags"].clone(), shown["urls"].clone())
    };
    edit(&["--tag", "shop", "--url", "https://b.example"]).ok();
    edit(&["--tag", "cms", "--url", "https://a.example"]).ok();
    let urls = json!(["https://b.example", "https://a.example"]);
    assert_eq!(lists(), (json!(["cms", "shop"]), urls.clone()));
    // What is there already is no change.
    let again = ["--tag", "cms", "--url", "https://b.example"];
    edit(&again).ok().tells("nothing changed");
    assert_eq!(lists(), (json!(["cms", "shop"]), urls));
    edit(&["--unset", "tag=shop", "--unset", "url=https://b.example"])
        .ok()
        .tells("tag: cms (were cms, shop)\n");
    assert_eq!(lists(), (json!(["cms"]), json!(["https://a.example"])));
    edit(&["--unset", "tag=shop"]).fails(3).says("no tag shop");
    edit(&["--unset", "env=X"]).fails(2).says("tag=TAG");
    edit(&["--unset", "tags", "--tag", "new"]).ok();
    edit(&["--unset", "tags"]).ok();
    edit(&["--unset", "tags", "--tag", "new"]).ok();
    assert_eq!(lists().0, json!(["new"]));
    edit(&["--unset", "tags"]).ok();
    assert_eq!(lists().0, json!([]));
}

#[test]
fn what_is_added_to_a_list_is_told_as_added() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let edit = |more: &[&str]| env.call(&[&["edit", "acme/wp"], more].concat()).ok();
    edit(&["--tag", "cms"]).tells("tag: cms (added)\nchanged acme/wp\n");
    edit(&["--tag", "shop", "--tag", "cms"]).tells("tag: cms, shop (added shop)\n");
    edit(&["--url", "https://a.example", "-u", "kim"])
        .tells("url: https://a.example (added)\nchanged")
        .hides("username");
    edit(&["--unset", "tag=cms", "--tag", "one"]).tells("tag: one, shop (were cms, shop)\n");
}

/// A list that is replaced by itself is no change, and nothing is written.
#[test]
fn a_list_that_is_replaced_by_what_it_was_changes_nothing() {
    let env = TestEnv::full("s3cret");
    let urls = [
        "--url",
        "https://one.example",
        "--url",
        "https://two.example",
    ];
    let edit = |more: &[&str]| {
        env.call(&[&["edit", "acme/wp"], more, &urls[..]].concat())
            .ok()
    };
    let tags = ["--unset", "tag", "--tag", "prod", "--tag", "cms"];
    edit(&[&["--unset", "url"], &tags[..]].concat()).tells("nothing changed");
    let other = [
        "edit",
        "acme/wp",
        "--unset",
        "url",
        "--url",
        "https://two.example",
    ];
    env.call(&other).ok().tells("changed acme/wp");
    edit(&[]).tells("changed acme/wp");
    let show = env.call(&["show", "acme/wp", "--json"]).ok().json();
    let shown = &show["urls"];
    assert_eq!(shown[0], "https://two.example");
    assert_eq!(shown[1], "https://one.example");
}
