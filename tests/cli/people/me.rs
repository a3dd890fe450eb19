//! `me`: who the papers for clients and contacts are from.

use serde_json::{Value, json};
use vault::model::people::fields::MeField;

use crate::support::env::{PASSWORD, TestEnv};

fn show(env: &TestEnv) -> Value {
    env.call(&["me", "--json"]).ok().json()
}

#[test]
fn nothing_is_noted_of_who_keeps_a_new_vault() {
    let env = TestEnv::ready();
    env.call(&["me"]).ok().prints("").tells("vault me --name");
    let none = json!({
        "name": null, "firm": null, "address": null, "country": null, "email": null, "phone": null,
        "duties": null, "device": null,
    });
    assert_eq!(show(&env), none);
}

#[test]
fn each_field_is_set_shown_and_emptied_by_its_name_and_no_other_changes() {
    let env = TestEnv::ready();
    for field in MeField::ALL {
        let (option, key) = (field.row().option, field.key());
        let value = format!("{key}@kim.example");
        env.call(&["me", &format!("--{option}"), &value]).ok();
        assert_eq!(show(&env)[key], value);
    }
    for field in MeField::ALL {
        let (option, key) = (field.row().option, field.key());
        let before = show(&env);
        env.call(&["me", "--unset", option]).ok();
        let mut after = show(&env);
        assert_eq!(after[key], Value::Null);
        after[key] = before[key].clone();
        assert_eq!(after, before);
        env.call(&["me", "--unset", option]).fails(3).says(option);
    }
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn what_is_noted_is_shown_to_a_person_and_cannot_drive_the_terminal() {
    let env = TestEnv::ready();
    env.call(&[
        "me",
        "--name",
        "Kim Example",
        "--firm",
        "\u{1b}]0;owned\u{7}",
    ])
    .ok()
    .tells("noted who you are");
    env.call(&["me"]).ok().shows("name: Kim Example");
    env.call(&["me", "--name", "Kim Example"])
        .ok()
        .tells("nothing changed");
    let mut terminal = env.terminal("vault me; echo \"exit=$?\"");
    terminal.sees("assword: ").types(PASSWORD).sees("exit=0");
    let screen = terminal.ends();
    assert!(!screen.contains("\u{1b}]0"), "{screen}");
}

#[test]
fn what_no_paper_could_hold_is_refused() {
    let env = TestEnv::ready();
    let long = "x".repeat(513);
    for options in [
        ["--email", "nobody"],
        ["--name", ""],
        ["--firm", &long],
        ["--unset", "secret"],
    ] {
        env.call(&["me", options[0], options[1]]).fails(2);
    }
}

#[test]
fn a_name_that_nobody_could_read_is_refused() {
    let env = TestEnv::ready();
    env.call(&["me", "--name", " "])
        .fails(2)
        .says("--name is blank")
        .hints("vault me --unset name");
}

#[test]
fn what_was_replaced_is_told() {
    let env = TestEnv::ready();
    env.call(&["me", "--name", "Kim", "--phone", "1"])
        .ok()
        .hides("(was");
    env.call(&["me", "--name", "Kim Example"])
        .ok()
        .tells("name: Kim Example (was Kim)\n")
        .hides("phone");
}
