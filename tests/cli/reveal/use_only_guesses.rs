//! What is looked up by value tells whether a guess is right: what is for use only and could be
//! guessed is left out without the password, and that is said.

use crate::cli::safety::breach::{digits, ranges_of};
use crate::support::env::TestEnv;

const WEAK: &str = "dragon1990";
const STRONG: &str = "vN4q-Tz81-hLw0-Kc7e";

/// An unlocked vault with a weak and a strong secret for use only.
fn env() -> TestEnv {
    let env = TestEnv::with(&[("acme/pin", WEAK), ("acme/db", STRONG)]);
    env.call(&["edit", "acme/pin", "--use-only"]).ok();
    env.call(&["edit", "acme/db", "--use-only"]).ok();
    env.call(&["unlock"]).ok();
    env
}

#[test]
fn a_scan_tells_no_guess_but_finds_what_nobody_guesses() {
    let env = env();
    env.file("guesses.txt", format!("qwerty123\n{WEAK}\n{STRONG}\n"));
    let scan = ["scan", "guesses.txt"];
    let out = env.call(&scan).no_password().run();
    assert_eq!(out.code, Some(8));
    let found = String::from_utf8(out.stdout).unwrap();
    assert_eq!(found, "guesses.txt:3: acme/db\n");
    let told = out.stderr;
    assert!(
        told.contains("not looked for: a secret, acme/pin"),
        "{told}"
    );
    assert!(told.contains("--password-file"), "{told}");
    let redact = env.call(&["redact"]).no_password();
    let redacted = redact.stdin(format!("{WEAK} {STRONG}")).ok();
    redacted.prints(&format!("{WEAK} [vault: acme/db]"));
    let out = env.call(&scan).run();
    assert!(String::from_utf8_lossy(&out.stdout).contains("guesses.txt:2: acme/pin"));
}

#[test]
fn a_list_of_guesses_is_no_list_of_leaks() {
    let env = env();
    ranges_of(&env, &[(WEAK, 7), (STRONG, 0)]);
    let prefix = &digits(WEAK)[..5];
    let check = ["breach", "check", "--pwned", "ranges", "-n"];
    let unsure = env.call(&check).no_password().fails(1);
    unsure.says("acme/pin is not checked: what is for use only");
    unsure.says("looked up 1 of 2").hints("--password-file");
    let ranges = env.call(&["breach", "ranges"]).no_password().ok();
    ranges.tells("not asked for: a secret, acme/pin");
    assert!(!ranges.text().contains(prefix), "{}", ranges.text());
    let out = env.call(&check).run();
    assert_eq!(out.code, Some(8));
    env.call(&["breach", "ranges"]).ok().shows(prefix);
}

#[test]
fn an_audit_compares_no_guess_with_it() {
    let env = env();
    env.add("globex/guess", WEAK);
    let audit = ["audit", "--rule", "secret-reused"];
    let told = env.call(&audit).no_password().ok();
    told.tells("not compared: a secret, acme/pin")
        .hides("reused");
    let out = env.call(&audit).run();
    let found = String::from_utf8(out.stdout).unwrap();
    assert!(found.contains("acme/pin has the secret of"), "{found}");
}
