//! Several devices: copies that were changed apart, and what there is to choose then.

mod conflicts;
mod copies;
mod dead_ends;
mod driver;
mod ends;
mod given_up;
mod merge;
mod prompts;
mod set_apart;
mod settled;
#[expect(clippy::module_inception, reason = "it is named as its command")]
mod sync;
mod told;
mod ways_in;

use std::fs;

use crate::support::env::TestEnv;

/// A second device: another home that has the same vault.
pub(crate) fn second_device(first: &TestEnv) -> TestEnv {
    let second = TestEnv::new();
    fs::create_dir_all(second.data()).unwrap();
    fs::copy(first.vault_file(), second.vault_file()).unwrap();
    second.call(&["list"]).ok();
    second
}

/// Puts the vault of one device in place of the other's, as a folder service does it.
pub(crate) fn put_in_place(from: &TestEnv, to: &TestEnv) {
    let arriving = to.data().join("arriving");
    fs::copy(from.vault_file(), &arriving).unwrap();
    fs::rename(arriving, to.vault_file()).unwrap();
}

/// Two devices that have `acme/wp` and went apart.
fn apart() -> (TestEnv, TestEnv) {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let desktop = second_device(&laptop);
    (laptop, desktop)
}

/// A file with what another device has.
pub(crate) fn copy_of(env: &TestEnv, to: &TestEnv, name: &str) -> String {
    to.file(name, fs::read(env.vault_file()).unwrap())
}

/// One takes in what the other has, and the other goes on with the outcome.
fn meet(one: &TestEnv, other: &TestEnv) {
    let copy = copy_of(other, one, "met.age");
    one.call(&["merge", &copy]).ok();
    put_in_place(one, other);
    other.call(&["list"]).ok().silently();
}
