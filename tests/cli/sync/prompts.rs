//! What `merge` asks for on a terminal: whose password it is.

use std::fs;

use super::{apart, copy_of};
use crate::support::env::{CHEAP, PASSWORD, TestEnv};

/// The password of the desktop.
const OTHER: &str = "quartz-Lantern3-moose-drip";

/// A laptop and a desktop that went apart, and the desktop has another password.
fn with_another_password() -> (TestEnv, TestEnv) {
    let (laptop, desktop) = apart();
    desktop.add("acme/desktop", "two");
    laptop.add("acme/laptop", "one");
    let new = desktop.file("new", OTHER);
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.call(&passwd).ok();
    (laptop, desktop)
}

#[test]
fn this_vaults_password_is_asked_for_first_then_that_of_the_copy_by_its_name_and_generation() {
    let (laptop, desktop) = with_another_password();
    copy_of(&desktop, &laptop, "copy.age");
    let generation = desktop.generation();
    let asked = format!("Password of copy.age, generation {generation}: ");
    let mut terminal = laptop.terminal("vault merge copy.age");
    terminal.sees("Master password: ").types(PASSWORD);
    // The vault's own does not open the copy, and that is said.
    terminal.sees(&asked).types(PASSWORD);
    terminal.sees("That did not open copy.age. Try again.");
    terminal.sees(&asked).types(OTHER);
    terminal.sees("took in 1 copy");
    let screen = terminal.ends();
    assert!(
        !screen.contains(PASSWORD) && !screen.contains(OTHER),
        "{screen}"
    );
    let new = laptop.file("new", OTHER);
    let list = ["--password-file", &new, "list"];
    laptop.call(&list).ok().shows("acme/desktop");
}

#[test]
fn each_copy_beside_the_vault_is_asked_about_by_its_own_name() {
    let (laptop, desktop) = with_another_password();
    let beside = laptop.data().join("vault (1).age");
    fs::copy(desktop.vault_file(), &beside).unwrap();
    let before = laptop.snapshot();
    let mut terminal = laptop.terminal("vault merge --all");
    terminal.sees("Master password: ").types(PASSWORD);
    for _ in 0..3 {
        terminal.sees("vault (1).age, generation ").types("wrong");
    }
    terminal.sees("the copy: wrong password");
    terminal.ends();
    assert_eq!(laptop.snapshot(), before);
}
