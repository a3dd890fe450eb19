//! Stories of a permission over its life: renewed, narrowed, held to hosts and keys; and of a
//! contractor who leaves, and one whose laptop is lost.

use serde_json::{Value, json};

use crate::cli::consent::consent_sign::{id_of, key, sign, signed, with_key};
use crate::cli::sharing::share::request;
use crate::support::env::TestEnv;

fn shown(env: &TestEnv, args: &[&str]) -> Value {
    env.call(&[args, &["--json"]].concat()).ok().json()
}

fn new_key() -> String {
    age::x25519::Identity::generate().to_public().to_string()
}

/// Jo of acme has signed that bob, who has a key, may have acme/wp and all below acme/shop/.
fn permitted() -> (TestEnv, String) {
    let env = with_key();
    env.call(&["contact", "edit", "bob", "--recipient", &new_key()])
        .ok();
    env.call(&[
        "edit",
        "acme/wp",
        "--url",
        "https://acme.example",
        "-u",
        "anna",
    ])
    .ok();
    let scope = ["--scope", "acme/wp", "--scope", "acme/shop/*"];
    let more = ["--purpose", "shop", "--expires", "30d"];
    let asked = request(&env, &[&scope[..], &more].concat()).ok();
    let text = asked.text().to_owned();
    let id = signed(&env, &text);
    (env, id)
}

fn share(env: &TestEnv, entry: &str, more: &[&str]) -> String {
    let base = ["share", entry, "--to", "bob"];
    let answer = shown(env, &[&base[..], more].concat());
    answer["changed"][0].as_str().unwrap().to_owned()
}

#[test]
fn a_permission_is_narrowed_renewed_and_held_to_hosts_and_keys() {
    let (env, old) = permitted();
    let wp = share(&env, "acme/wp", &[]);
    let db = share(&env, "acme/shop/db", &[]);
    // Narrowed: what goes on does so, and the rest is flagged.
    env.call(&["consent", "withdraw", &old, "--only", "acme/shop/db"])
        .ok();
    assert_eq!(shown(&env, &["shares", "show", &db])["state"], "withdrawn");
    assert_eq!(
        shown(&env, &["show", "acme/shop/db"])["flags"],
        json!(["rotate"])
    );
    // Renewed: under a number of its own, and nothing of what was withdrawn comes back.
    let text = env
        .call(&["consent", "renew", &old, "--expires", "90d"])
        .ok()
        .text()
        .to_owned();
    let new = signed(&env, &text);
    assert_eq!(new, id_of(&text));
    assert_eq!(shown(&env, &["shares", "show", &wp])["state"], "sent");
    let refused = ["share", "acme/shop/db", "--to", "bob", "--changed-ok"];
    env.call(&refused).fails(6);
    // The old paper is used up.
    let again = env.file("again.sig", sign(&key(1), "vault-consent", &text));
    env.call(&["consent", "answer", "--signature", &again])
        .fails(6);
    // Held to the host of that day.
    let moved = "edit acme/wp --unset url --url https://moved.example";
    env.call(&moved.split(' ').collect::<Vec<_>>()).ok();
    env.call(&["share", "acme/wp", "--to", "bob"])
        .fails(9)
        .says("acme/wp: hosts now moved.example; permitted were acme.example");
    env.call(&["share", "acme/wp", "--to", "bob", "--changed-ok"])
        .ok();
    // Held to the keys of that day.
    env.call(&["contact", "edit", "bob", "--recipient", &new_key()])
        .ok();
    env.call(&["share", "acme/wp", "--to", "bob", "--changed-ok"])
        .fails(6)
        .says("other keys of bob");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_contractor_leaves_and_nothing_of_theirs_is_forgotten() {
    let (env, consent) = permitted();
    let wp = share(&env, "acme/wp", &[]);
    env.call(&["contact", "leave", "bob", "--yes"]).ok();
    assert_eq!(
        shown(&env, &["consent", "show", &consent])["state"],
        "ended"
    );
    assert_eq!(shown(&env, &["shares", "show", &wp])["state"], "ended");
    env.call(&["who", "bob"])
        .ok()
        .shows("knows version 1 until you change it");
    let due = shown(&env, &["status"])["due"].clone();
    assert_eq!(due[0]["rule"], "share-ended-not-rotated");
    assert_eq!(due[0]["level"], "high");
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    env.call(&["who", "bob"]).ok().shows("can know nothing");
    // Somebody of the same name is somebody else.
    env.call(&["contact", "add", "bob", "--recipient", &new_key()])
        .ok();
    env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
    env.call(&["consent", "renew", &consent, "--expires", "90d"])
        .fails(6);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_laptop_is_lost_and_its_owner_goes_on_with_new_keys() {
    let (env, _) = permitted();
    let lost = shown(&env, &["contact", "show", "bob"])["recipients"][0].clone();
    let wp = share(&env, "acme/wp", &[]);
    env.call(&["contact", "lost", "bob", "--since", "1h", "--yes"])
        .ok();
    assert_eq!(shown(&env, &["shares", "show", &wp])["state"], "ended");
    let add = |key: &str, more: &[&str]| {
        let args = [&["contact", "edit", "bob", "--recipient", key], more].concat();
        env.call(&args).run().code
    };
    assert_eq!(add(lost.as_str().unwrap(), &[]), Some(6));
    assert_eq!(add(&new_key(), &[]), Some(0));
    env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
    let asked = request(&env, &["--scope", "acme/wp", "--purpose", "shop"]).ok();
    let text = asked.text().to_owned();
    signed(&env, &text);
    share(&env, "acme/wp", &[]);
    env.call(&["verify", "--full"]).ok();
}
