//! The renewal of a permission: a request that says what it takes the place of, under which what was
//! shared goes on.

use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use super::consent_sign::{answer, check_page, id_of, key, request, sign, signed, with_key};
use super::records::show;
use crate::cli::sharing::share::{consent, with_bob};
use crate::support::env::{TestEnv, number};

/// acme's Jo has signed that bob may have acme/wp and more; gives the number.
fn permitted(more: &[&str]) -> (TestEnv, String) {
    let env = with_key();
    let asked = request(&env, more);
    let id = signed(&env, &asked);
    (env, id)
}

fn renew(env: &TestEnv, id: &str, more: &[&str]) -> String {
    let args = [&["consent", "renew", id, "--expires", "200d"], more].concat();
    env.call(&args).ok().text().to_owned()
}

/// Shares acme/wp with bob, by a passphrase; gives the share's number.
fn share(env: &TestEnv) -> String {
    let args = ["share", "acme/wp", "--to", "bob", "--passphrase", "--json"];
    let answer = env.call(&args).ok().json();
    answer["changed"][0].as_str().unwrap().to_owned()
}

fn share_state(env: &TestEnv, id: &str) -> Value {
    env.call(&["shares", "show", id, "--json"]).ok().json()["state"].clone()
}

#[test]
fn the_paper_says_what_it_replaces_in_both_languages() {
    let (env, id) = permitted(&[]);
    let number = format!("{}-{}", &id[..4], &id[4..8]).to_uppercase();
    let text = renew(&env, &id, &[]);
    check_page(&text);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains(&format!("This replaces number {number} of ")),
        "{text}"
    );
    assert!(
        flat.contains("If you say no, that one stays as it is until "),
        "{text}"
    );
    let german = renew(&env, &id, &["--lang", "de"]);
    check_page(&german);
    let flat = german.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = format!("Diese Erlaubnis tritt an die Stelle der Nummer {number} vom ");
    assert!(flat.contains(&words), "{german}");
    assert!(
        flat.contains("Sagen Sie Nein, gilt jene unverändert bis zum "),
        "{german}"
    );
}

#[test]
fn what_was_shared_goes_on_under_the_new_one_and_exposes_nothing() {
    let (env, old) = permitted(&[]);
    let shared = share(&env);
    let asked = renew(&env, &old, &[]);
    assert_eq!(show(&env, &old)["state"], "given", "nobody has said yes");
    let new = signed(&env, &asked);
    assert_eq!(new, id_of(&asked));
    assert_eq!(show(&env, &old)["state"], "superseded");
    assert_eq!(show(&env, &old)["superseded_by"], json!(new));
    assert_eq!(show(&env, &new)["supersedes"], json!(old));
    assert_eq!(share_state(&env, &shared), "sent");
    let wp = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!([]));
    let who = env.call(&["who", "acme", "--json"]).ok().json();
    assert_eq!(who[0]["consent"], json!(new));
    share(&env);
    // By the old number too: it is the one that the client may have at hand.
    env.call(&["consent", "withdraw", &old, "--yes"])
        .ok()
        .tells(&format!("withdrew consent {}", &number(&new)));
    assert_eq!(share_state(&env, &shared), "withdrawn");
    let wp = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!(["rotate"]));
}

#[test]
fn what_was_over_when_it_was_renewed_stays_under_the_one_that_allowed_it() {
    let (env, old) = permitted(&[]);
    let shared = share(&env);
    env.call(&["revoke", &shared, "--yes"]).ok();
    // A later second: within one, nobody can tell which came first.
    thread::sleep(Duration::from_millis(1100));
    let new = signed(&env, &renew(&env, &old, &[]));
    let who = env.call(&["who", "acme", "--json"]).ok().json();
    assert_eq!(who[0]["consent"], json!(old));
    let shown = env.call(&["shares", "show", &shared, "--json"]).ok().json();
    assert_eq!(shown["consent"], json!(old));
    assert_ne!(shown["goes_on_under"], json!(new));
    let text = env.call(&["shares", "show", &shared]).ok();
    text.hides(&number(&new));
}

#[test]
fn a_no_by_the_number_of_before_ends_what_stands_in_its_place() {
    let (env, old) = permitted(&[]);
    let shared = share(&env);
    let new = signed(&env, &renew(&env, &old, &[]));
    let no = [
        "consent", "answer", &old, "--phone", "stop it", "--says", "no",
    ];
    let no = [&no[..], &["--by", "Jo Doe"]].concat();
    env.call(&no)
        .ok()
        .tells(&format!("goes on as {}, which this ends", number(&new)))
        .tells(&format!("withdrew consent {}", number(&new)));
    assert_eq!(share_state(&env, &shared), "withdrawn");
    assert_eq!(show(&env, &new)["state"], "withdrawn");
    // What goes on under another is named, and not passed over.
    let other = signed(&env, &request(&env, &[]));
    share(&env);
    env.call(&no).ok().tells("still has").tells(&number(&other));
}

#[test]
fn what_was_withdrawn_is_not_asked_for_again() {
    let (env, old) = permitted(&["--scope", "acme/shop/*"]);
    env.call(&["consent", "withdraw", &old, "--only", "acme/shop/db"])
        .ok();
    let asked = renew(&env, &old, &[]);
    let exception = "Not \"shop/db\", which you took out.";
    let renewal = [
        "consent",
        "renew",
        &old,
        "--expires",
        "100d",
        "--out",
        "2.txt",
    ];
    let told = env.call(&renewal).ok();
    told.tells("acme/shop/* covers no entry now");
    assert!(asked.contains(exception), "{asked}");
    assert_eq!(asked.matches("\"shop/db\"").count(), 1, "{asked}");
    let new = signed(&env, &asked);
    let confirmation = format!("confirmation-{}.txt", number(&new));
    let confirmation = fs::read_to_string(env.work().join(confirmation)).unwrap();
    assert!(confirmation.contains(exception), "{confirmation}");
    assert!(!confirmation.contains("NOT GIVEN"), "{confirmation}");
    let share = ["share", "acme/shop/db", "--to", "bob", "--passphrase"];
    env.call(&share).fails(6);
    assert_eq!(show(&env, &new)["scope"], json!(["acme/wp", "acme/shop/*"]));
}

#[test]
fn only_what_was_given_is_renewed_and_for_longer() {
    let (env, id) = permitted(&[]);
    let renew = |id: &str, expires: &str| {
        let args = ["consent", "renew", id, "--expires", expires];
        env.call(&args.map(ToOwned::to_owned).each_ref().map(String::as_str))
            .run()
    };
    assert_eq!(renew(&id, "2d").code, Some(2));
    let open = request(&env, &[]);
    let output = renew(id_of(&open), "200d");
    assert_eq!(output.code, Some(6), "{output:?}");
    env.call(&["consent", "withdraw", &id]).ok();
    let output = renew(&id, "200d");
    assert_eq!(output.code, Some(6), "{output:?}");
    assert!(
        output
            .stderr
            .contains("is withdrawn, and cannot be renewed")
    );
    assert_eq!(renew("ffffffff", "200d").code, Some(3));
}

/// Answers by phone; what was only said counts for seven days.
fn said(env: &TestEnv, text: &str) -> String {
    let no = id_of(text).to_owned();
    let args = [
        "consent",
        "answer",
        &no,
        "--phone",
        "she called",
        "--by",
        "Jo Doe",
    ];
    env.call(&args).ok();
    no
}

#[test]
fn a_renewal_that_was_only_said_ends_with_what_stands_on_it_alone() {
    let (env, old) = permitted(&[]);
    env.call(&["client", "edit", "acme", "--min-assurance", "attested"])
        .ok();
    let before = share(&env);
    let new = said(&env, &renew(&env, &old, &[]));
    assert_eq!(show(&env, &old)["superseded_by"], Value::Null);
    let args = ["share", "acme/wp", "--to", "bob", "--passphrase", "--json"];
    let args = [&args[..], &["--consent", &new]].concat();
    let under = env.call(&args).ok().json()["changed"][0].clone();
    let under = under.as_str().unwrap().to_owned();
    env.call(&["consent", "withdraw", &new])
        .ok()
        .tells(&format!("share {} ended with it", number(&under)))
        .tells(&format!(
            "by share {}, under consent {}",
            number(&before),
            number(&old)
        ));
    assert_eq!(share_state(&env, &under), "withdrawn");
    assert_eq!(share_state(&env, &before), "sent");
    assert_eq!(show(&env, &old)["state"], "given");
}

#[test]
fn the_number_of_before_ends_a_renewal_that_was_only_said_too() {
    let (env, old) = permitted(&[]);
    env.call(&["client", "edit", "acme", "--min-assurance", "attested"])
        .ok();
    let before = share(&env);
    let new = said(&env, &renew(&env, &old, &[]));
    env.call(&["consent", "withdraw", &old, "--yes"])
        .ok()
        .tells(&format!("withdrew consent {}", number(&old)))
        .tells(&format!("withdrew consent {}", number(&new)));
    assert_eq!(share_state(&env, &before), "withdrawn");
    assert_eq!(show(&env, &new)["state"], "withdrawn");
}

#[test]
fn a_share_is_renewed_under_the_permission_that_lasts_longest() {
    let (env, old) = permitted(&["--expires", "60d"]);
    env.call(&["client", "edit", "acme", "--min-assurance", "attested"])
        .ok();
    let shared = share(&env);
    let renewal = renew(&env, &old, &[]);
    let new = said(&env, &renewal);
    let again = |old: &str, more: &[&str]| {
        let args = [&["share", "--renew", old, "--json"], more].concat();
        let answer = env.call(&args).ok().json();
        answer["changed"][0].as_str().unwrap().to_owned()
    };
    // The renewal is there for seven days, the old one for sixty.
    let second = again(&shared, &["--expires", "30d"]);
    let shown = |id: &str| env.call(&["shares", "show", id, "--json"]).ok().json();
    assert_eq!(shown(&second)["consent"], json!(old));
    let third = again(&second, &[]);
    let lasts = |id: &str| shown(id)["expires"].as_str().unwrap().to_owned();
    assert!(lasts(&third) >= lasts(&shared), "it is not shortened");
    assert_eq!(shown(&third)["consent"], json!(old));
    // Once it is there in writing, it is the one.
    signed(&env, &renewal);
    let fourth = again(&third, &["--expires", "100d"]);
    assert_eq!(shown(&fourth)["consent"], json!(new));
    env.call(&["share", "--update", &fourth])
        .ok()
        .tells(&format!("under consent {}", number(&new)));
}

#[test]
fn what_is_over_does_not_go_on_until_its_renewal_is_given() {
    let (env, _) = with_bob();
    env.me();
    let going_on = consent(&env, &["--scope", "acme/wp"]);
    let renewal = |id: &str, out: &str| {
        let args = ["consent", "renew", id, "--expires", "200d", "--out", out];
        env.call(&args).ok()
    };
    renewal(&going_on, "1.txt").tells("stays as it is");
    let over = consent(&env, &["--scope", "acme/wp", "--expires", "1s"]);
    thread::sleep(Duration::from_millis(2100));
    let id = number(&over);
    renewal(&over, "2.txt").tells(&format!(
        "Consent {id} is over: nothing can be shared again"
    ));
}

#[test]
fn a_renewal_that_was_narrowed_before_its_yes_tells_what_ends_of_a_live_share() {
    let (env, old) = permitted(&["--scope", "acme/shop/db"]);
    let both = "share acme/wp acme/shop/db --to bob --passphrase --json";
    let both: Vec<&str> = both.split(' ').collect();
    let shared = env.call(&both).ok().json()["changed"][0].clone();
    let asked = renew(&env, &old, &[]);
    let new = id_of(&asked);
    let narrowed = ["consent", "withdraw", new, "--only", "acme/shop/db"];
    env.call(&narrowed).ok().hides("may still know");
    let told = answer(&env, &sign(&key(1), "vault-consent", &asked), &[]).ok();
    let share = number(shared.as_str().unwrap());
    told.tells(&format!(
        "it takes the place of {}, which ended",
        number(&old)
    ))
    .tells(&format!(
        "of share {share}, acme/shop/db ended with it; bob may still know it"
    ))
    .tells("to be rotated: acme/shop/db")
    .tells("vault rotate --due");
}
