//! `clauses`: text for agreements.

use crate::support::env::TestEnv;

#[test]
fn clauses_are_printed_in_each_language_without_a_vault() {
    let env = TestEnv::new();
    for (args, told) in [
        (vec!["clauses", "client"], "7. What leaks."),
        (vec!["clauses", "sub"], "6. Copies."),
        (vec!["clauses", "client", "--lang", "de"], "7. Vorfälle."),
        (vec!["clauses", "sub", "--lang", "de"], "9. Nachweis."),
    ] {
        env.call(&args).ok().shows(told);
    }
    let shown = env.call(&["clauses", "sub", "--json"]).ok().json();
    assert!(shown["text"].as_str().unwrap().contains("version 1"));
    env.call(&["clauses", "nobody"]).fails(2);
}
