//! Several entries, a folder or a client at once: to the trash, back, and away for good.

use serde_json::{Value, json};

use crate::cli::sharing::share::{consented, share};
use crate::support::env::TestEnv;

fn office() -> TestEnv {
    TestEnv::copied("several to remove", |env| {
        for path in ["acme/wp", "acme/db/live", "acme/db/old", "globex/mail"] {
            env.add(path, path);
        }
    })
}

fn removed() -> TestEnv {
    TestEnv::copied("several in the trash", |env| {
        for path in ["acme/wp", "acme/db/live", "acme/db/old", "globex/mail"] {
            env.add(path, path);
        }
        env.call(&["rm", "acme/", "globex/", "--yes"]).ok();
    })
}

fn paths(env: &TestEnv, list: &[&str]) -> Vec<String> {
    let list = env.call(&[list, &["--json"]].concat()).ok().json();
    let paths = list.as_array().unwrap().iter();
    let paths = paths.map(|it| it["path"].as_str().unwrap().to_owned());
    paths.collect()
}

fn trash(env: &TestEnv) -> Vec<String> {
    paths(env, &["trash", "list"])
}

#[test]
fn several_entries_a_folder_and_a_client_go_to_the_trash_by_one_change() {
    for (named, gone) in [
        (
            &["acme/wp", "globex/mail"][..],
            &["acme/wp", "globex/mail"][..],
        ),
        (&["acme/db/"], &["acme/db/live", "acme/db/old"]),
        (&["acme/*"], &["acme/wp"]),
        (
            &["acme/", "acme/wp"],
            &["acme/db/live", "acme/db/old", "acme/wp"],
        ),
    ] {
        let env = office();
        let generation = env.generation();
        let args = [&["rm", "--yes", "--json"], named].concat();
        assert_eq!(env.call(&args).ok().json()["changed"], json!(gone));
        assert_eq!(env.generation(), generation + 1, "{named:?}");
        assert_eq!(trash(&env), gone, "{named:?}");
        let subjects = env.last_event()["subject"].as_array().unwrap().len();
        assert_eq!(subjects, gone.len());
    }
}

#[test]
fn what_goes_is_named_before_anybody_is_asked_and_one_that_is_missing_stops_all() {
    let env = office();
    env.call(&["rm", "acme/db/"])
        .fails(9)
        .says("2 entries (acme/db/live, acme/db/old)")
        .hints("--yes");
    let before = env.snapshot();
    env.call(&["rm", "acme/wp", "acme/nosuch", "--yes"])
        .fails(3);
    env.call(&["rm", "acme/nosuch/", "--yes"])
        .fails(3)
        .says("acme/nosuch/")
        .hints("vault list acme");
    env.call(&["rm", "acne/", "--yes"]).fails(3).hints("acme");
    env.call(&["rm", "acme", "--yes"]).fails(2).says("CLIENT/");
    assert_eq!(env.snapshot(), before);
}

#[test]
fn of_many_the_first_ten_are_named() {
    let env = TestEnv::copied("twelve", |env| {
        for at in 10..22 {
            env.add(&format!("acme/n{at}"), "x");
        }
    });
    env.call(&["rm", "acme/"])
        .fails(9)
        .says("12 entries (acme/n10, acme/n11")
        .says("acme/n19, and 2 more)")
        .hides("acme/n20");
    env.call(&["rm", "acme/", "--yes"]).ok();
    let file = env.password_file();
    let script = format!(
        "vault --password-file '{}' trash empty; echo \"exit=$?\"",
        file.display()
    );
    let mut asked = env.terminal(&script);
    asked
        .sees("12 entries (acme/n10")
        .sees("acme/n19")
        .types("n");
    let screen = asked.sees("exit=0").ends();
    assert!(!screen.contains("acme/n20"), "{screen}");
    assert_eq!(trash(&env).len(), 12);
}

#[test]
fn who_knows_something_of_what_goes_is_named_for_each() {
    let (env, _) = consented();
    share(&env, &["acme/wp", "acme/db"]);
    env.call(&["rm", "acme/", "--yes"])
        .ok()
        .tells("bob can know something of acme/db")
        .tells("bob can know something of acme/wp");
}

#[test]
fn several_come_back_or_all_that_a_client_had() {
    for (named, back) in [
        (
            &["acme/wp", "globex/mail"][..],
            &["acme/wp", "globex/mail"][..],
        ),
        (&["acme/db/"], &["acme/db/live", "acme/db/old"]),
        (&["acme/"], &["acme/db/live", "acme/db/old", "acme/wp"]),
    ] {
        let env = removed();
        let generation = env.generation();
        let args = [&["trash", "restore", "--json"], named].concat();
        let changed = env.call(&args).ok().json()["changed"].clone();
        let mut changed: Vec<String> = serde_json::from_value(changed).unwrap();
        changed.sort();
        assert_eq!(changed, back);
        assert_eq!(env.generation(), generation + 1);
        assert_eq!(paths(&env, &["list"]), back);
    }
}

#[test]
fn of_several_with_one_path_one_comes_back_and_nothing_does_where_one_is_taken() {
    let env = removed();
    env.add("acme/wp", "newer");
    let before = env.snapshot();
    env.call(&["trash", "restore", "acme/"])
        .fails(7)
        .says("acme/wp");
    assert_eq!(env.snapshot(), before);
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["trash", "restore", "acme/"]).ok();
    assert_eq!(env.secret("acme/wp"), "newer");
    assert_eq!(trash(&env), ["acme/wp", "globex/mail"]);
}

#[test]
fn only_what_is_named_goes_for_good() {
    for (named, left) in [
        (&["--client", "acme"][..], &["globex/mail"][..]),
        (&["acme/"], &["globex/mail"]),
        (&["acme/db/", "globex/mail"], &["acme/wp"]),
        (&[], &[]),
    ] {
        let env = removed();
        let args = [&["trash", "empty", "--yes"], named].concat();
        env.call(&args).ok().tells("for good");
        assert_eq!(trash(&env), left, "{named:?}");
        env.call(&["verify", "--full"]).ok();
    }
    let env = removed();
    env.call(&["trash", "empty", "--client", "nosuch", "--yes"])
        .fails(3);
    env.call(&["trash", "empty", "acme/nosuch", "--yes"])
        .fails(3);
    env.call(&["trash", "empty", "acme/", "--client", "acme", "--yes"])
        .fails(2);
    env.call(&["trash", "empty", "--client", "acme", "--yes"])
        .ok();
    let again = env.call(&["trash", "empty", "--client", "acme"]).ok();
    again.tells("nothing of acme is in the trash");
    let none: Value = env
        .call(&["trash", "empty", "--client", "acme", "--json"])
        .ok()
        .json();
    assert_eq!(none["changed"], json!([]));
}

#[test]
fn a_client_whose_entries_are_in_the_trash_says_how_they_go() {
    let env = removed();
    env.call(&["client", "rm", "acme", "--yes"])
        .fails(7)
        .hints("vault trash empty --client acme");
    env.call(&["trash", "restore", "acme/"]).ok();
    env.call(&["client", "rm", "acme", "--yes"])
        .fails(7)
        .hints("vault rm acme/");
}

#[test]
fn a_dry_run_names_what_would_go_and_changes_nothing() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("acme/db", "y"), ("bolt/db", "z")]);
    let before = env.snapshot();
    let rm = env.call(&["rm", "acme/", "-n"]).ok();
    rm.prints("acme/db\nacme/wp\n").tells("nothing was changed");
    let mv = env.call(&["mv", "bolt/db", "acme/bolt", "-n"]).ok();
    mv.prints("bolt/db -> acme/bolt\n")
        .tells("nothing was changed");
    let rm = env.call(&["rm", "acme/wp", "-n", "--json"]).ok().json();
    assert_eq!(rm["changed"], json!(["acme/wp"]));
    let mv = env.call(&["mv", "bolt/db", "acme/x", "-n", "--json"]).ok();
    let moves = json!([{"from": "bolt/db", "to": "acme/x"}]);
    assert_eq!(mv.json()["moves"], moves);
    let mv = env.call(&["mv", "bolt/", "nut/", "--dry-run"]).ok();
    mv.prints("bolt/ -> nut/\n");
    env.call(&["mv", "bolt/db", "acme/db", "-n"]).fails(7);
    let export = ["export", "-n", "--format", "csv", "--client", "acme"];
    env.call(&export).fails(6).says("plain text");
    let plain = ["--plaintext", "--out", "acme.csv"];
    env.call(&[&export[..], &["--plaintext", "--out", "none/acme.csv"]].concat())
        .fails(2);
    env.call(&[&export[..], &plain].concat())
        .ok()
        .prints("")
        .tells("would export 2 entries of acme as csv");
    assert_eq!(env.snapshot(), before);
}
