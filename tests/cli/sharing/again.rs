//! A share in the place of another: with the secret of today, or with more time.

use serde_json::{Value, json};

use super::share::{consented, share};
use crate::support::env::{TestEnv, number};

fn shown(env: &TestEnv, id: &str) -> Value {
    env.call(&["shares", "show", id, "--json"]).ok().json()
}

fn id(answer: &Value) -> String {
    answer["share"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn rotate_says_who_has_the_old_secret_and_an_update_sends_the_new_one() {
    let (env, _) = consented();
    let first = id(&share(
        &env,
        &["acme/wp", "--field", "secret", "--expires", "20d"],
    ));
    let command = format!("vault share --update {}", &number(&first));
    env.call(&["rotate", "acme/wp", "--generate"])
        .ok()
        .tells(&format!(
            "bob has the old one, by share {}",
            &number(&first)
        ))
        .tells(&command);
    let args = ["share", "--update", &number(&first), "--json"];
    let second = id(&env.call(&args).ok().json());
    assert_eq!(shown(&env, &first)["state"], "superseded");
    let new = shown(&env, &second);
    assert_eq!(new["supersedes"], json!(first));
    assert_eq!(new["items"][0]["fields"], json!(["secret"]));
    assert_eq!(new["expires"], shown(&env, &first)["expires"]);
    env.call(&["who", "acme/wp"])
        .ok()
        .hides("not the current one");
    env.call(&args).fails(6);
    env.call(&["revoke", &first])
        .fails(6)
        .says("in the place of share");
    env.call(&["rotate", "acme/wp", "--generate"])
        .ok()
        .tells(&format!("vault share --update {}", &number(&second)));
}

#[test]
fn a_renewal_gives_more_time_and_exposes_nothing() {
    let (env, _) = consented();
    let first = id(&share(&env, &["acme/wp", "acme/db", "--expires", "2d"]));
    let args = ["share", "--renew", &first, "--expires", "30d", "--json"];
    let second = id(&env.call(&args).ok().json());
    let new = shown(&env, &second);
    assert_eq!(new["items"].as_array().unwrap().len(), 2);
    assert!(new["expires"].as_str() > shown(&env, &first)["expires"].as_str());
    let wp = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!([]));
    env.call(&["revoke", &second]).ok();
    let wp = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!(["rotate"]));
    env.call(&["share", "--renew", &second])
        .fails(6)
        .says("is revoked");
}

#[test]
fn what_is_to_be_replaced_says_all_there_is_to_say() {
    let (env, _) = consented();
    let first = id(&share(&env, &["acme/wp"]));
    for more in [
        &["acme/wp"][..],
        &["--to", "bob"],
        &["--field", "secret"],
        &["--renew", &first],
    ] {
        let args = [&["share", "--update", &first], more].concat();
        env.call(&args).fails(2);
    }
    env.call(&["share", "--update", "ffffffff"]).fails(3);
    env.call(&["share", "acme/wp"]).fails(2).says("--to");
}

#[test]
fn a_share_by_a_passphrase_is_replaced_by_one() {
    let (env, _) = consented();
    env.call(&["contact", "add", "eve"]).ok();
    let consent = [
        "consent",
        "add",
        "acme",
        "--to",
        "eve",
        "--by",
        "Jo",
        "--note",
        "x",
        "--purpose",
        "x",
        "--scope",
        "acme/wp",
    ];
    env.call(&consent).ok();
    let args = ["share", "acme/wp", "--to", "eve", "--passphrase", "--json"];
    let first = id(&env.call(&args).ok().json());
    env.call(&["share", "--update", &first])
        .ok()
        .tells("passphrase: ");
}
