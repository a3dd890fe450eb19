//! `merge --all`: conflicted copies, by the names that services give them.

use std::fs;

use super::{apart, copy_of};

#[test]
fn conflicted_copies_are_found_by_what_they_are_whatever_the_service_calls_them() {
    for name in [
        "vault (Kim's conflicted copy 2026-11-28).age",
        "vault (In Konflikt stehende Kopie von Kim 2026-11-28).age",
        "vault.sync-conflict-20261128-101010-ABCDEF7.age",
        "vault (conflicted copy 2026-11-28 101010).age",
        "vault_conflict-20261128-101010.age",
        "vault 2.age",
        "vault-LAPTOP.age",
        "vault (1).age",
    ] {
        let (laptop, desktop) = apart();
        laptop.add("acme/laptop", "one");
        desktop.add("acme/desktop", "two");
        let beside = laptop.data().join(name);
        fs::copy(desktop.vault_file(), &beside).unwrap();
        let merged = laptop.call(&["merge", "--all"]).ok();
        merged.tells("1 copy went to its earlier generations");
        assert!(!beside.exists(), "{name}");
        assert_eq!(laptop.secret("acme/desktop"), "two", "{name}");
        laptop.call(&["backups"]).ok();
        laptop.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn what_is_no_copy_of_this_vault_is_left_alone() {
    let (laptop, desktop) = apart();
    let other = crate::support::env::TestEnv::with(&[("acme/wp", "x")]);
    fs::copy(other.vault_file(), laptop.data().join("vault-other.age")).unwrap();
    fs::write(laptop.data().join("vault (1).age"), "no vault").unwrap();
    fs::create_dir(laptop.data().join("vault 2.age")).unwrap();
    desktop.add("acme/desktop", "two");
    fs::copy(desktop.vault_file(), laptop.data().join("mine.age")).unwrap();
    let before = laptop.snapshot();
    laptop
        .call(&["merge", "--all"])
        .ok()
        .tells("nothing to take in");
    assert_eq!(laptop.snapshot(), before);
    // By its name it is taken in.
    let named = copy_of(&desktop, &laptop, "named.age");
    laptop.call(&["merge", &named]).ok();
    assert!(
        fs::metadata(named).is_ok(),
        "what was named stays where it is"
    );
}
