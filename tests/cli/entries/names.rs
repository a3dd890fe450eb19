//! Which names there are, and that none can be taken for another.

use crate::support::env::TestEnv;

#[test]
fn a_bad_name_is_refused_before_any_file_is_opened() {
    let env = TestEnv::new();
    let long = format!("acme/{}", "x".repeat(65));
    let bad = [
        "acme",
        "/",
        "acme/",
        "/wp",
        "acme//wp",
        "../x",
        "acme/..",
        "acme/.hidden",
        ".acme/wp",
        "acme/-rf",
        "acme/a\nb",
        "acme/\u{1b}[31m",
        "acme/\u{202e}wp",
        "acme/w\u{200b}p",
        "acme/w*",
        "acme/a:b",
        "acme/a\\b",
        "acme/ wp",
        "acme/wp ",
        "acme/💥",
        "",
        " ",
        &long,
    ];
    for name in bad {
        for args in [
            &["add", name][..],
            &["get", name],
            &["show", name],
            &["rm", name, "--yes"],
        ] {
            // Of several a folder or a pattern may be named.
            if args[0] == "rm" && ["acme/", "acme/w*"].contains(&name) {
                continue;
            }
            // No vault is there: 3 would mean that it was looked for.
            env.call(args).stdin("x").fails(2);
        }
    }
}

#[test]
fn a_leading_dash_is_no_name_even_after_two_dashes() {
    let env = TestEnv::ready();
    env.call(&["add", "--", "-acme/wp"]).stdin("x").fails(2);
    env.call(&["add", "--", "acme/wp"]).stdin("x").ok();
}

#[test]
fn good_names_are_kept_as_they_are() {
    let env = TestEnv::ready();
    let longest = format!("acme/{}", "é".repeat(64));
    let mut good = vec![
        "acme/wp",
        "acme/a b._@+-c",
        "acme/prod/db/main",
        "Müller GmbH/wi-fi",
        "株式会社/サーバー",
        "acme/2fa",
        &longest,
    ];
    for name in &good {
        env.add(name, name);
    }
    for name in &good {
        assert_eq!(env.secret(name), **name);
    }
    good.sort_unstable();
    env.call(&["list"])
        .ok()
        .prints(&format!("{}\n", good.join("\n")));
}

#[test]
fn composed_and_decomposed_letters_are_one_name() {
    let env = TestEnv::with(&[("cafe\u{301}/wi-fi", "x")]);
    env.call(&["list"]).ok().prints("caf\u{e9}/wi-fi\n");
    assert_eq!(env.secret("caf\u{e9}/wi-fi"), "x");
    assert_eq!(env.secret("cafe\u{301}/wi-fi"), "x");
    env.call(&["add", "caf\u{e9}/wi-fi"]).stdin("y").fails(7);
}

#[test]
fn names_that_differ_only_in_case_are_refused_naming_the_other() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["add", "acme/WP"])
        .stdin("y")
        .fails(7)
        .says("acme/wp");
    env.call(&["add", "Acme/db"])
        .stdin("y")
        .fails(7)
        .says("acme");
    env.call(&["list"]).ok().prints("acme/wp\n");
}

#[test]
fn names_with_confusable_letters_are_refused_naming_the_other() {
    let env = TestEnv::with(&[("acme/paypal", "x")]);
    env.call(&["add", "acme/p\u{430}ypal"])
        .stdin("y")
        .fails(7)
        .says("acme/paypal");
    env.call(&["add", "\u{430}cme/db"])
        .stdin("y")
        .fails(7)
        .says("acme");
}

#[test]
fn look_alikes_under_different_clients_are_no_conflict() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.add("globex/WP", "y");
    env.call(&["list"]).ok().prints("acme/wp\nglobex/WP\n");
}

#[test]
fn what_is_in_the_trash_blocks_no_look_alike() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.add("acme/WP", "y");
    assert_eq!(env.secret("acme/WP"), "y");
}

#[test]
fn one_entry_may_lie_below_another() {
    let env = TestEnv::with(&[("acme/db", "x"), ("acme/db/main", "y")]);
    assert_eq!(env.secret("acme/db"), "x");
    assert_eq!(env.secret("acme/db/main"), "y");
}
