//! `log`: what was done, when and on which device, and no secret in it.

use serde_json::Value;

use crate::cli::sharing::share::consented;
use crate::support::env::{PASSWORD, TestEnv, has_keys};

fn events(env: &TestEnv, options: &[&str]) -> Vec<Value> {
    let args = [&["log", "--json"], options].concat();
    let log = env.call(&args).ok().json();
    log.as_array().unwrap().clone()
}

fn actions(env: &TestEnv, options: &[&str]) -> Vec<String> {
    let action = |event: Value| event["action"].as_str().unwrap().to_owned();
    events(env, options).into_iter().map(action).collect()
}

/// A vault with a share to bob.
fn given() -> (TestEnv, Value) {
    let (env, _) = consented();
    env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    let share = env.call(&["shares", "--json"]).ok().json()[0].clone();
    (env, share)
}

fn busy() -> TestEnv {
    TestEnv::copied("a log", |env| {
        env.add("acme/wp", "hunter2");
        env.add("globex/mail", "hunter3");
        env.call(&["get", "acme/wp"]).ok();
        env.call(&["edit", "acme/wp", "--secret"])
            .stdin("hunter4")
            .ok();
        env.call(&["get", "acme/wp", "--field", "username"])
            .fails(3);
        env.call(&["rm", "globex/mail", "--yes"]).ok();
    })
}

#[test]
fn everything_that_was_done_is_there_in_order() {
    let env = busy();
    assert_eq!(
        actions(&env, &[]),
        ["init", "add", "add", "reveal", "edit", "remove"]
    );
    let text = env.call(&["log"]).ok();
    for word in [
        "init",
        "add",
        "reveal",
        "edit",
        "remove",
        "acme/wp",
        "globex/mail",
    ] {
        text.shows(word);
    }
    text.hides("hunter");
}

#[test]
fn json_has_stable_keys_and_times_in_utc() {
    let env = busy();
    let events = events(&env, &[]);
    for (at, event) in events.iter().enumerate() {
        has_keys(
            event,
            &[
                "n", "time", "device", "action", "subject", "subjects", "detail",
            ],
        );
        assert_eq!(event["n"], at as u64 + 1);
        let time = event["time"].as_str().unwrap();
        assert!(
            time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(),
            "{time}"
        );
        assert_eq!(event["device"].as_str().unwrap().len(), 16);
    }
    assert!(!serde_json::to_string(&events).unwrap().contains("hunter"));
}

#[test]
fn a_reveal_is_there_at_once_and_once_only() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["get", "acme/wp"]).ok();
    assert_eq!(actions(&env, &[]), ["init", "add", "reveal"]);
    env.add("acme/db", "x");
    assert_eq!(actions(&env, &[]), ["init", "add", "reveal", "add"]);
    env.call(&["get", "acme/db"]).ok();
    env.call(&["reveal", "acme/wp"]).ok();
    let expected = ["init", "add", "reveal", "add", "reveal", "reveal"];
    assert_eq!(actions(&env, &[]), expected);
}

#[test]
fn looking_at_what_is_no_secret_is_no_reveal() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["show", "acme/wp"]).ok();
    env.call(&["list"]).ok();
    env.call(&["verify"]).ok();
    env.call(&["log"]).ok();
    assert_eq!(actions(&env, &[]), ["init", "add"]);
}

#[test]
fn what_did_not_happen_is_not_there() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["add", "acme/wp"]).stdin("x").fails(7);
    env.call(&["get", "acme/nosuch"]).fails(3);
    env.call(&["get", "acme/wp"])
        .password("wrong-Password-1234")
        .fails(4);
    assert_eq!(actions(&env, &[]), ["init", "add"]);
}

#[test]
fn a_change_of_password_is_there() {
    let env = TestEnv::ready();
    env.file("new", "quartz-Lantern3-moose-drip");
    env.call(&["passwd", "--new-password-file", "new"]).ok();
    let log = env
        .call(&["log", "--json"])
        .password("quartz-Lantern3-moose-drip");
    let log = log.ok();
    assert_eq!(log.json()[1]["action"], "passwd");
    log.hides("quartz");
}

#[test]
fn one_client_can_be_picked_out() {
    let env = busy();
    assert_eq!(
        actions(&env, &["--client", "acme"]),
        ["add", "reveal", "edit"]
    );
    assert_eq!(actions(&env, &["--client", "globex"]), ["add", "remove"]);
    env.call(&["log", "--client", "acne"])
        .fails(3)
        .hints("acme");
    env.call(&["log", "--client", "a/b"]).fails(2);
}

#[test]
fn one_stretch_of_time_can_be_picked_out() {
    let env = busy();
    assert_eq!(actions(&env, &["--since", "1h"]).len(), 6);
    assert_eq!(actions(&env, &["--since", "2020-01-01"]).len(), 6);
    assert_eq!(actions(&env, &["--since", "2999-01-01"]).len(), 0);
    env.call(&["log", "--since", "2999-01-01"]).ok().prints("");
    env.call(&["log", "--since", "2999-01-01", "--json"])
        .ok()
        .prints("[]\n");
    env.call(&["log", "--since", "soon"]).fails(2);
}

#[test]
fn the_chain_checks_out() {
    let env = busy();
    env.call(&["log", "--verify"]).ok();
    env.call(&["log", "--verify", "--json"]).ok();
}

#[test]
fn a_journal_that_was_tampered_with_blocks_nothing() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["get", "acme/wp"]).ok();
    let journal = env
        .everything()
        .into_keys()
        .find(|path| path.ends_with("journal"));
    let journal = journal.expect("a reveal is in the journal");
    let mut text = std::fs::read(&journal).unwrap();
    text.extend_from_slice(b"torn line without an en");
    std::fs::write(&journal, text).unwrap();
    assert_eq!(env.secret("acme/wp"), "hunter2");
    env.add("acme/db", "x");
    let actions = actions(&env, &[]);
    assert_eq!(
        actions.iter().filter(|a| *a == "reveal").count(),
        2,
        "{actions:?}"
    );
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_journal_that_cannot_be_written_is_a_warning() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["get", "acme/wp"]).ok();
    let journal = env
        .everything()
        .into_keys()
        .find(|path| path.ends_with("journal"));
    let journal = journal.unwrap();
    std::fs::remove_file(&journal).unwrap();
    std::fs::create_dir(&journal).unwrap();
    let got = env.call(&["get", "acme/wp"]).ok();
    got.prints("hunter2\n").tells("warning: ");
}

#[test]
fn this_device_is_called_so() {
    let env = busy();
    let text = env.call(&["log"]).ok();
    text.shows("this device");
    let id = events(&env, &[])[0]["device"].as_str().unwrap().to_owned();
    text.hides(&id[..8]);
}

#[test]
fn another_device_is_called_by_the_start_of_its_id() {
    let env = busy();
    let id = events(&env, &[])[0]["device"].as_str().unwrap().to_owned();
    std::fs::remove_dir_all(env.state()).unwrap();
    let text = env.call(&["log"]).ok();
    text.shows(&id[..8]).hides(&id).hides("this device");
}

#[test]
fn an_entry_a_client_a_contact_and_a_number_can_be_picked_out() {
    let (env, share) = given();
    let of = |word: &str| actions(&env, &[word]);
    assert_eq!(of("acme/wp"), ["add", "edit", "share"]);
    assert!(of("bob").contains(&"share".to_owned()));
    assert_eq!(of(&share["id"].as_str().unwrap()[..8]), ["share", "share"]);
    assert_eq!(of("acme"), actions(&env, &["--client", "acme"]));
    env.call(&["rm", "acme/db", "--yes"]).ok();
    assert!(of("acme/db").contains(&"remove".to_owned()), "in the trash");
    env.call(&["log", "acme/wq"]).fails(3).hints("acme/wp");
    env.call(&["log", "bop"]).fails(3).hints("bob");
    env.call(&["log", "acme", "--client", "acme"]).fails(2);
}

#[test]
fn the_last_ones_and_those_of_one_device_can_be_picked_out() {
    let env = busy();
    assert_eq!(actions(&env, &["-n", "2"]), ["edit", "remove"]);
    assert_eq!(actions(&env, &["--last", "100"]).len(), 6);
    assert_eq!(actions(&env, &["-n", "0"]).len(), 0);
    let id = events(&env, &[])[0]["device"].as_str().unwrap().to_owned();
    for device in [&id, &id[..8], "this device"] {
        assert_eq!(actions(&env, &["--by", device]).len(), 6, "{device}");
    }
    env.call(&["log", "--by", "laptop"])
        .fails(3)
        .hints("this device");
    env.call(&["me", "--device", "laptop"]).ok();
    assert_eq!(actions(&env, &["--by", "laptop"]).len(), 7);
}

#[test]
fn subjects_have_their_names_and_details_are_told_in_words() {
    let (env, share) = given();
    env.call(&["share", "acme/wp", "--to", "eve"]).fails(3);
    let events = events(&env, &[]);
    let shared = events.iter().find(|it| it["action"] == "share").unwrap();
    let subjects = shared["subjects"].as_array().unwrap();
    let named = |kind: &str| {
        let mut subjects = subjects.iter();
        let found = subjects.find(|it| it["kind"] == kind).unwrap();
        has_keys(found, &["id", "kind", "name"]);
        found["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(named("entry"), "acme/wp");
    let number = named("share");
    assert_eq!(subjects[0]["id"], share["id"]);
    let text = env.call(&["log"]).ok();
    text.shows(&format!("share {number}, acme/wp"));
    text.shows("to contact bob under consent ")
        .shows("client acme");
    env.call(&["recovery", "add", "--out", "r.key"]).ok();
    let log = env.call(&["log", "-n", "2"]).ok();
    log.shows("add  recovery identity ").hides("way-in");
    for code in ["phase", "new_secrets", "assurance=", "of=", "="] {
        text.hides(code);
    }
}

#[test]
fn why_a_share_was_refused_is_told_in_words() {
    let (env, _) = given();
    env.call(&["edit", "acme/wp", "--notes", "port 22"]).ok();
    let notes = ["share", "acme/wp", "--to", "bob", "--field", "notes"];
    let refused = env.call(&notes).run();
    assert_eq!(refused.code, Some(6), "{refused:?}");
    env.call(&["log", "-n", "1"])
        .ok()
        .shows("because the consent leaves a field out");
}

#[test]
fn a_client_is_known_by_what_it_owned_when_it_happened() {
    let env = busy();
    env.call(&["mv", "acme/wp", "acme/wordpress"]).ok();
    env.call(&["mv", "acme/wordpress", "initech/wp"]).ok();
    env.call(&["get", "initech/wp"]).ok();
    assert_eq!(
        actions(&env, &["--client", "acme"]),
        ["add", "reveal", "edit", "move", "move"]
    );
    assert_eq!(actions(&env, &["--client", "initech"]), ["move", "reveal"]);
    env.call(&["trash", "empty", "--yes"]).ok();
    assert_eq!(
        actions(&env, &["--client", "globex"]),
        ["add", "remove", "purge"]
    );
}

#[test]
fn ctrl_z_in_the_pager_stops_the_whole_job() {
    let env = busy();
    let mut terminal = env.job_control();
    // A prompt before the pager must not change what the key does.
    // It reads only once the job goes on: a process that is about to stop still takes what is typed.
    let pager = "cat > /dev/null; echo rea\"\"dy; until [ -e resumed ]; do sleep 0.1; done; \
                 read line < /dev/tty; echo got-$line";
    terminal
        .types(&format!("export PAGER='{pager}'"))
        .sees("$>");
    terminal
        .types("vault log")
        .sees("assword")
        .sees(": ")
        .types(PASSWORD);
    terminal.sees("ready").presses('z');
    terminal.sees("Stopped").sees("$>").types("fg");
    terminal.sees("vault log");
    env.file("resumed", "");
    terminal.types("hello").sees("got-hello").sees("$>");
    terminal.types("exit");
}

#[test]
fn less_opens_a_long_log_at_its_end_and_writes_no_file() {
    let env = busy();
    let file = env.password_file().display().to_string();
    let script = format!(
        "unset PAGER LESS; export VAULT_PASSWORD_FILE='{file}'; stty rows 4 cols 100; vault log"
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("globex/mail").sees("END");
    terminal.session.send("s").unwrap();
    terminal.session.flush().unwrap();
    terminal.sees("log file: ").types("written");
    terminal.sees("not available").types("");
    assert!(!env.work().join("written").exists());
    terminal.session.send("q").unwrap();
    terminal.session.flush().unwrap();
    let screen = terminal.ends();
    assert!(!screen.contains("init"), "{screen}");
}

#[test]
fn a_log_that_fits_is_shown_as_it_is() {
    let env = busy();
    let file = env.password_file().display().to_string();
    for rows in [10, 20] {
        let script = format!(
            "unset PAGER LESS; export VAULT_PASSWORD_FILE='{file}'; stty rows {rows} cols 100; \
             vault log -n 2"
        );
        let screen = env.terminal(&script).ends().to_owned();
        assert!(screen.contains("globex/mail"), "{screen}");
        assert!(!screen.contains('~'), "{screen}");
    }
}

#[test]
fn a_long_log_goes_through_the_pager_on_a_terminal_only() {
    let env = busy();
    let pager = "sed s/^/PAGED:/; echo pw=$VAULT_PASSWORD_FILE.";
    let piped = env.call(&["log"]).var("PAGER", pager).ok();
    piped.hides("PAGED");
    let file = env.password_file().display().to_string();
    let run = |pager: &str, args: &str| {
        let script = format!(
            "export VAULT_PASSWORD_FILE='{file}' PAGER='{pager}'; vault log {args}; echo \"exit=$?\""
        );
        env.terminal(&script).sees("exit=0").ends().to_owned()
    };
    let screen = run(pager, "");
    assert!(
        screen.contains("PAGED:") && screen.contains("pw=."),
        "{screen}"
    );
    for (pager, args) in [
        ("", ""),
        ("cat", ""),
        (pager, "--no-pager"),
        (pager, "--json"),
    ] {
        let screen = run(pager, args);
        assert!(
            screen.contains("reveal") && !screen.contains("PAGED"),
            "{screen}"
        );
    }
    let screen = run("/nosuch/pager", "");
    assert!(screen.contains("acme/wp"), "{screen}");
    assert!(!screen.contains(PASSWORD), "{screen}");
}

#[test]
fn how_long_events_stay_is_set_and_a_year_at_least() {
    let env = busy();
    let before = events(&env, &[]).len();
    for (short, says) in [("364d", "less than a year"), ("soon", "a duration is")] {
        env.call(&["log", "--retain", short]).fails(2).says(says);
    }
    for both in ["--verify", "--last=2", "--since=2d"] {
        env.call(&["log", "--retain", "2y", both]).fails(2);
    }
    env.call(&["log", "--yes"]).fails(2);
    let vault = env.everything();
    let dry = ["log", "--retain", "3y", "--dry-run"];
    env.call(&dry)
        .ok()
        .tells("would set how long events stay: 3y")
        .tells("dry run: nothing was changed");
    assert_eq!(env.everything(), vault);
    // Nothing is old enough, and so nothing is asked.
    env.call(&["log", "--retain", "3y"])
        .ok()
        .tells("set how long events stay: 3y")
        .hides("dropped")
        .hides("SHA-256");
    let after = events(&env, &[]);
    assert_eq!(after.len(), before + 1);
    let last = after.last().unwrap();
    assert_eq!(last["action"], "retain");
    assert_eq!(last["detail"]["events_stay"], "P3Y");
    env.call(&["log"])
        .ok()
        .shows("events stay for P3Y")
        .hides("older events");
    env.call(&["log", "--retain", "forever"])
        .ok()
        .tells("stay: forever");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_log_is_held_against_what_a_paper_says_of_it() {
    let env = busy();
    let heads = || -> Vec<String> {
        let report = ["report", "acme", "--format", "json"];
        let told = env.call(&report).ok().json();
        let all = told["heads"].as_array().unwrap().iter();
        let line = |it: &Value| format!("{}:{}", it["count"], it["head"].as_str().unwrap());
        all.map(line).collect()
    };
    let before = heads();
    // What was only looked at since the last change counts as well.
    env.call(&["get", "acme/wp"]).ok();
    let journalled = heads();
    assert_ne!(before, journalled);
    let check = |head: &str| env.call(&["log", "--head", head]);
    for folded in [false, true] {
        if folded {
            env.call(&["edit", "acme/wp", "--notes", "later"]).ok();
        }
        for head in before.iter().chain(&journalled) {
            check(head)
                .ok()
                .tells("the log has only grown since it had ");
        }
        let (count, hash) = before[0].split_once(':').unwrap();
        let other = format!("{count}:{}", "0".repeat(hash.len()));
        let elsewhere = format!("{}:{hash}", count.parse::<u64>().unwrap() + 1);
        for wrong in [other, elsewhere] {
            check(&wrong)
                .fails(5)
                .says("no device's log has ever stood at ");
        }
    }
    for malformed in ["", "7", "7:abc", "x:00", "0:00"] {
        check(malformed).fails(2).says("COUNT:SHA256");
    }
}

#[test]
fn a_line_that_was_taken_out_of_the_journal_is_noticed() {
    let env = busy();
    for _ in 0..3 {
        env.call(&["get", "acme/wp"]).ok();
    }
    env.call(&["log", "--verify"]).ok();
    let journal = env.vault_state().join("journal");
    let text = std::fs::read_to_string(&journal).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.remove(1);
    std::fs::write(&journal, lines.join("\n") + "\n").unwrap();
    env.call(&["log", "--verify"])
        .fails(5)
        .says("does not follow from the one before");
    env.call(&["log"]).ok();
}
