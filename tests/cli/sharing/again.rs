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
    env.call(&["rotate", "acme/wp", "--generate"])
        .ok()
        .tells(&format!("vault share --update {}", &number(&second)));
}

/// acme/wp and acme/db went to bob, and once more with more time; both ids.
fn renewed() -> (TestEnv, String, String) {
    let (env, _) = consented();
    let first = id(&share(&env, &["acme/wp", "acme/db", "--expires", "2d"]));
    let args = ["share", "--renew", &first, "--expires", "30d", "--json"];
    let second = id(&env.call(&args).ok().json());
    (env, first, second)
}

#[test]
fn the_number_of_a_replaced_share_leads_to_the_one_in_its_place() {
    let (env, first, second) = renewed();
    let place = format!(
        "share {} was sent in the place of share {}",
        number(&second),
        number(&first)
    );
    let args = ["share", "--update", &first, "--json"];
    let third = env.call(&args).ok();
    third.tells(&place);
    let third = id(&third.json());
    assert_eq!(shown(&env, &third)["supersedes"], json!(second));
    let place = place.replace(&number(&second), &number(&third));
    let renew = ["share", "--renew", &first, "--expires", "40d"];
    env.call(&renew).ok().tells(&place);
}

#[test]
fn revoking_ends_what_the_number_names_and_nothing_in_its_place() {
    let (env, first, second) = renewed();
    let (old, new) = (number(&first), number(&second));
    let place = format!("share {new} was sent in the place of share {old}");
    let next = format!("vault revoke {new}");
    let before = env.generation();
    env.call(&["revoke", &first])
        .fails(6)
        .says(&place)
        .hints(&next);
    assert_eq!(env.generation(), before);
    let notice = env.call(&["revoke", &first, "--out", "old.notice"]).ok();
    notice
        .tells(&format!("share {old} was superseded before"))
        .tells(&place)
        .tells(&next);
    assert_eq!(shown(&env, &second)["state"], "sent");
    env.call(&["revoke", &second]).ok().tells("revoked share");
    env.call(&["revoke", &first])
        .fails(6)
        .says(&place)
        .hides(&next);
    env.call(&["share", "--renew", &first])
        .fails(6)
        .says("is revoked");
    let live = env.call(&["shares", "--live", "--json"]).ok().json();
    assert_eq!(live, json!([]));
}

#[test]
fn a_withdrawal_by_the_number_of_a_replaced_share_ends_what_goes_on() {
    let (env, first, second) = renewed();
    let other = ["consent", "add", "acme", "--to", "bob", "--by", "Jo"];
    let terms = [
        "--note",
        "x",
        "--purpose",
        "y",
        "--scope",
        "acme/*",
        "--json",
    ];
    let added = env.call(&[&other[..], &terms].concat()).ok().json();
    let other = added["changed"][0].as_str().unwrap();
    let args = ["share", "--update", &second, "--consent", other, "--json"];
    let third = id(&env.call(&args).ok().json());
    env.call(&["consent", "withdraw", &first])
        .ok()
        .tells(&format!(
            "share {} was sent in the place of share {}",
            number(&third),
            number(&first)
        ))
        .tells(&format!("withdrew consent {}", number(other)));
    assert_eq!(shown(&env, &third)["state"], "withdrawn");
}

#[test]
fn what_went_on_is_known_and_to_be_deleted_once() {
    let once = |end: &[&str], state: &str| {
        let (env, first, second) = renewed();
        env.me();
        env.call(end).ok();
        assert_eq!(shown(&env, &first)["state"], "superseded", "{end:?}");
        assert_eq!(shown(&env, &second)["state"], state, "{end:?}");
        let known = env.call(&["who", "acme", "--json"]).ok().json();
        let known = known.as_array().unwrap();
        assert_eq!(known.len(), 2, "one for each entry: {known:?}");
        assert!(known.iter().all(|it| it["share"] == *second));
        env.call(&["who", "acme"])
            .ok()
            .shows("outstanding: 1 deletion (bob)");
        let due = env.call(&["status", "--json"]).ok().json();
        for finding in due["due"].as_array().unwrap() {
            let message = finding["message"].as_str().unwrap();
            assert!(!message.contains(&number(&first)), "{message}");
        }
    };
    once(&["contact", "leave", "bob", "--yes"], "ended");
    once(&["consent", "withdraw", "acme", "--yes"], "withdrawn");
}

#[test]
fn what_was_left_out_is_known_by_the_share_that_it_was_in() {
    let (env, first, second) = renewed();
    let update = |old: &str| {
        let args = ["share", "--update", old, "--json"];
        id(&env.call(&args).ok().json())
    };
    env.call(&["rm", "acme/db", "--yes"]).ok();
    let third = update(&second);
    env.call(&["trash", "restore", "acme/db"]).ok();
    let known = env.call(&["who", "acme/db", "--json"]).ok().json();
    assert_eq!(known.as_array().unwrap().len(), 1, "{known}");
    assert_eq!(
        (&known[0]["share"], &known[0]["state"]),
        (&json!(second), &json!("superseded"))
    );
    env.call(&["who", "acme/db"])
        .ok()
        .shows("outstanding: 1 deletion (bob)");
    env.call(&["who", "acme/wp"]).ok().hides("outstanding");
    let db = env.call(&["show", "acme/db", "--json"]).ok().json();
    assert_eq!(db["flags"], json!(["rotate-soon"]));
    let known_by = second.clone();
    for id in [first, second] {
        assert_eq!(shown(&env, &id)["state"], "superseded");
    }
    let before = format!(
        "what was sent before is known too: share {}",
        number(&known_by)
    );
    env.call(&["revoke", &third])
        .ok()
        .tells(&before)
        .tells("to be rotated: acme/db, acme/wp");
    env.call(&["who", "acme"])
        .ok()
        .shows("outstanding: 2 deletions (bob)");
}

#[test]
fn a_login_is_given_more_time_by_no_secret() {
    let (env, _) = consented();
    let grant = ["grant", "acme/wp", "--to", "bob", "--as", "bob-m", "--json"];
    let granted = env.call(&grant).ok().json();
    let id = granted["changed"][0].as_str().unwrap();
    env.call(&["share", "--renew", id])
        .fails(6)
        .says("gave no secret")
        .hints("vault grant");
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
