//! A clock that was turned back does not revive what ended.

use serde_json::Value;

use crate::support::call::Call;
use crate::support::env::TestEnv;

/// A call under another time, by libfaketime.
fn at<'a>(env: &'a TestEnv, time: &str, args: &str) -> Call<'a> {
    env.shell(&format!("faketime -f '{time}' vault {args}"))
}

/// acme/wp, shared with bob under a consent of 60 days, and the file gone.
fn consented() -> TestEnv {
    let env = TestEnv::ready();
    env.add("acme/wp", "the-secret");
    let bob = TestEnv::ready();
    let key = bob.call(&["id", "--json"]).ok().json()["recipient"].clone();
    env.call(&[
        "contact",
        "add",
        "bob",
        "--recipient",
        key.as_str().unwrap(),
    ])
    .ok();
    let consent = "consent add acme --to bob --scope 'acme/*' --purpose relaunch --by Jo \
                   --note 'on the phone' --expires 60d";
    env.takes_notes_of("acme");
    env.shell(&format!("vault {consent}")).ok();
    env
}

fn actions(env: &TestEnv) -> Vec<String> {
    let log = env.call(&["log", "--json"]).ok().json();
    let events = log.as_array().unwrap().iter();
    let action = |event: &Value| event["action"].as_str().unwrap().to_owned();
    events.map(action).collect()
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn a_consent_that_ended_does_not_revive_when_the_clock_is_turned_back() {
    let env = consented();
    let share = "share acme/wp --to bob";
    at(&env, "+61d", share).fails(6).says("ended on");
    // That refusal is the last that this device has done; now is before it.
    let back = env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
    back.says("the clock went backwards")
        .hints("--accept-clock");
    // A reveal in between changes nothing.
    env.call(&["get", "acme/wp"]).ok();
    env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
    let log = env.call(&["log", "--json"]).ok().json();
    let refusals = log.as_array().unwrap().iter();
    let by_clock = |event: &&Value| event["detail"]["reason"] == "clock";
    assert_eq!(refusals.filter(by_clock).count(), 2);
    assert_eq!(
        env.call(&["shares", "--json"]).ok().json(),
        Value::Array(vec![])
    );
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn accepting_the_clock_is_logged_and_lasts() {
    let env = consented();
    at(&env, "+61d", "get acme/wp").ok();
    let share = ["share", "acme/wp", "--to", "bob"];
    env.call(&share).fails(6);
    let accept = [&share[..], &["--accept-clock"]].concat();
    env.call(&accept).ok().tells("going by the clock");
    let log = actions(&env);
    let accepted = log.iter().position(|action| action == "accept-clock");
    let made = log.iter().position(|action| action == "share");
    assert!(accepted.unwrap() < made.unwrap(), "{log:?}");
    env.call(&share).ok().hides("clock");
    env.call(&accept)
        .ok()
        .tells("--accept-clock was not needed");
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn a_few_minutes_back_are_no_matter() {
    let env = consented();
    at(&env, "+4m", "get acme/wp").ok();
    env.call(&["share", "acme/wp", "--to", "bob"])
        .ok()
        .hides("clock");
    at(&env, "+7m", "get acme/wp").ok();
    env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn another_devices_clock_is_only_warned_of() {
    let env = consented();
    let state = env.home().join(".local/state");
    let (first, second) = (env.home().join("first"), env.home().join("second"));
    // A second device looks at the vault, before the first goes on with a clock that is ahead.
    std::fs::rename(&state, &first).unwrap();
    env.call(&["get", "acme/wp"]).ok();
    std::fs::rename(&state, &second).unwrap();
    std::fs::rename(&first, &state).unwrap();
    at(&env, "+30d", "edit acme/wp --notes admin").ok();
    std::fs::remove_dir_all(&state).unwrap();
    std::fs::rename(&second, &state).unwrap();
    let shared = env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    shared
        .tells("warning: the clock says")
        .tells("another device");
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn a_share_ends_by_the_clock_and_its_entry_is_to_be_changed_soon() {
    let env = consented();
    env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    let shares = at(&env, "+15d", "shares --json").ok().json();
    assert_eq!(shares[0]["state"], "expired");
    let id = shares[0]["id"].as_str().unwrap().to_owned();
    at(&env, "+15d", &format!("revoke {id}"))
        .fails(6)
        .says("nothing left to revoke");
    let shown = at(&env, "+15d", "show acme/wp --json").ok().json();
    assert_eq!(shown["flags"], serde_json::json!(["rotate-soon"]));
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn a_device_that_lost_its_memory_goes_by_what_the_vault_knows() {
    let env = consented();
    at(&env, "+40d", "edit acme/wp --notes admin").ok();
    let state = env.home().join(".local/state");
    let forget = || std::fs::remove_dir_all(&state).unwrap();
    forget();
    let share = ["share", "acme/wp", "--to", "bob"];
    env.call(&share).fails(6).says("the clock went backwards");
    let dry = [&share[..], &["-n"]].concat();
    env.call(&dry).fails(6).says("the clock went backwards");
    // What it does meanwhile does not make the clock right.
    env.call(&["edit", "acme/wp", "--notes", "jo"]).ok();
    env.call(&share).fails(6).says("the clock went backwards");
    forget();
    env.call(&["get", "acme/wp"]).ok();
    env.call(&share).fails(6).says("the clock went backwards");
    let accept = [&share[..], &["--accept-clock"]].concat();
    env.call(&accept).ok();
    env.call(&share).ok();
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn what_the_log_has_to_keep_no_longer_is_dropped_and_its_links_can_still_be_checked() {
    let env = consented();
    env.call(&["get", "acme/wp"]).ok();
    let retain = "log --retain 1y";
    at(&env, "+400d", retain).fails(9).hints("--yes");
    let before = actions(&env).len();
    let done = at(&env, "+400d", &format!("{retain} --yes")).ok();
    done.tells(" events go for good: ")
        .tells("dropped ")
        .tells("set how long events stay: 1y")
        .tells("Each change drops what has become older");
    let left = actions(&env);
    assert!(left.len() < before && left.contains(&"init".to_owned()));
    assert!(!left.contains(&"reveal".to_owned()), "{left:?}");
    let shown = at(&env, "+400d", "log --verify").ok();
    shown
        .tells("older events were dropped, as log --retain had it (now: 1y)")
        .tells("every event follows from the one before");
    // From then on it goes by itself.
    at(&env, "+400d", "get acme/wp").ok();
    at(&env, "+401d", "edit acme/wp --tag old").ok();
    at(&env, "+800d", "edit acme/wp --tag older").ok();
    let last = actions(&env).split_off(1);
    assert!(!last.contains(&"reveal".to_owned()), "{last:?}");
    at(&env, "+800d", "verify --full").ok();
    at(&env, "+800d", "log --retain forever")
        .ok()
        .tells("stay: forever");
}
