//! `grant`: an own login in the place of a shared secret, under the same permission, with an end.

use serde_json::json;

use super::share::{consented, share, with_bob};

const GRANT: [&str; 6] = ["grant", "acme/wp", "--to", "bob", "--as", "bob-m"];

#[test]
fn an_own_login_needs_the_permission_and_is_in_the_ledger_until_it_is_removed() {
    let (env, _) = consented();
    let granted = env.call(&[&GRANT[..], &["--json"]].concat()).ok().json();
    let id = granted["changed"][0].as_str().unwrap();
    let shown = env.call(&["shares", "show", id, "--json"]).ok().json();
    assert_eq!(
        (&shown["state"], &shown["login"]),
        (&json!("sent"), &json!("bob-m"))
    );
    assert_eq!(
        (&shown["payload_sha256"], &shown["manifest_sha256"]),
        (&json!(null), &json!(null)),
        "nothing was sent"
    );
    env.call(&["shares", "show", id])
        .ok()
        .hides("sha256")
        .hides("manifest");
    let evidence = ["shares", "show", id, "--evidence", "papers"];
    env.call(&evidence).ok();
    assert!(!env.work().join("papers/manifest.json").exists());
    env.call(&["who", "acme"])
        .ok()
        .shows("bob  has own login bob-m since ")
        .shows("no secret was shared");
    env.call(&["grant", "--removed", id])
        .fails(6)
        .says("is not over");
    env.call(&["shares"])
        .ok()
        .shows("acme/wp (own login bob-m)");
    env.call(&["revoke", id])
        .ok()
        .tells("bob has own login bob-m until you remove it at the site")
        .tells("remove the login bob-m at the site")
        .hides("may still know");
    let wp = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!([]), "bob knows no secret");
    env.call(&["who", "acme"])
        .ok()
        .shows("can log in as bob-m, an own login, until you remove that");
    env.call(&["status"])
        .ok()
        .shows("bob can still log in as bob-m");
    env.call(&["grant", "--removed", id]).ok();
    env.call(&["status"]).ok().shows("due: nothing");
    env.call(&["who", "acme"]).ok().hides("bob-m");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn without_a_permission_there_is_no_login() {
    let (env, _) = with_bob();
    env.call(&GRANT).fails(6).says("has given no consent");
    env.call(&GRANT[..4]).fails(2);
    env.call(&["grant", "--removed", "ffffffff"]).fails(3);
}

#[test]
fn share_hints_at_it_once() {
    let (env, _) = consented();
    let args = ["share", "acme/wp", "--to", "bob"];
    env.call(&args)
        .ok()
        .tells("vault grant acme/wp --to bob --as NAME");
    env.call(&args).ok().hides("vault grant");
    let answer = share(&env, &["acme/db"]);
    env.call(&[
        "grant",
        "--removed",
        answer["share"]["id"].as_str().unwrap(),
    ])
    .fails(6)
    .says("gave no login");
}

#[test]
fn a_login_that_ends_with_its_permission_is_to_be_removed_not_rotated() {
    let (env, _) = consented();
    env.call(&GRANT).ok();
    env.call(&["consent", "withdraw", "acme", "--yes"])
        .ok()
        .tells("bob has own login bob-m until you remove it")
        .hides("may still know");
    env.me();
    env.call(&GRANT).fails(6);
    env.call(&["contact", "leave", "bob", "--yes"]).ok();
}
