//! `rotate --verify-exec` alone: whether the site takes what is stored.

use serde_json::{Value, json};

use crate::support::env::{TestEnv, mode};

/// A program that takes what it gets and exits so.
fn program(env: &TestEnv, name: &str, code: i32) -> String {
    let path = env.file(name, format!("#!/bin/sh\ncat > {name}.in\nexit {code}\n"));
    std::fs::set_permissions(&path, mode(0o700)).unwrap();
    path
}

#[test]
fn a_stored_secret_that_the_site_refuses_is_flagged_until_it_works_or_is_replaced() {
    let env = TestEnv::with(&[("acme/db", "vN4q-Tz81-hLw0-Kc7e")]);
    let (good, bad) = (program(&env, "good", 0), program(&env, "bad", 1));
    let unsure = program(&env, "unsure", 75);
    let tried = |with: &str| env.call(&["rotate", "acme/db", "--verify-exec", with]);
    let flags = || env.call(&["list", "--json"]).ok().json()[0]["flags"].clone();
    tried(&good)
        .ok()
        .tells("the site takes the secret of acme/db");
    assert_eq!(flags(), json!([]));
    let got = std::fs::read_to_string(env.work().join("good.in")).unwrap();
    let got: Value = serde_json::from_str(&got).unwrap();
    assert_eq!(
        (&got["entry"], &got["old"]),
        (&json!("acme/db"), &got["new"])
    );

    let refused = || {
        let ended = tried(&bad).run();
        assert_eq!(ended.code, Some(7));
        ended.stderr
    };
    let told = refused();
    assert!(
        told.contains("the site does not take the secret of acme/db: "),
        "{told}"
    );
    assert!(told.contains("vault edit acme/db --secret"), "{told}");
    assert_eq!(flags(), json!(["refused-by-host"]));
    let found = env.call(&["audit", "--json"]).run().stdout;
    let found: Value = serde_json::from_slice(&found).unwrap();
    let found = found.as_array().unwrap().iter();
    let mut found = found.filter(|it| it["rule"] == "refused-by-host");
    let found = found.next().unwrap();
    assert_eq!(
        (&found["level"], &found["subject"]),
        (&json!("high"), &json!("acme/db"))
    );
    env.call(&["audit", "--explain", "refused-by-host"])
        .ok()
        .shows("Somebody has changed it there");

    tried(&unsure).fails(1).says("is not known");
    assert_eq!(flags(), json!(["refused-by-host"]));
    tried(&good).ok();
    assert_eq!(flags(), json!([]));
    refused();
    env.call(&["edit", "acme/db", "--secret"])
        .stdin("hQ7w-Mx20-dRk5-Ya3p")
        .ok();
    assert_eq!(flags(), json!([]));
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn it_makes_no_new_secret_and_takes_no_option_of_one() {
    let env = TestEnv::with(&[("acme/db", "s3cret-db")]);
    let bad = program(&env, "bad", 1);
    for more in [&["--generate"][..], &["--stdin"], &["--reason", "x"]] {
        let args = [&["rotate", "acme/db", "--verify-exec", &bad], more].concat();
        env.call(&args).fails(2).says("--verify-exec alone");
    }
    env.call(&["rotate", "--due", "--verify-exec", &bad])
        .fails(2)
        .says("needs --exec");
    let dry = ["rotate", "acme/db", "--dry-run", "--verify-exec", &bad];
    env.call(&dry).ok().tells("would run");
    let before = env.generation();
    env.call(&["rotate", "acme/db", "--verify-exec", "no-such-program"])
        .fails(1);
    assert_eq!(env.generation(), before);
}
