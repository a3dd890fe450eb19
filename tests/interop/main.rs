//! Other programs read what this one writes: stock age, OpenSSH, and a second reader of the format
//! that shares no code with it.
//!
//! They are ignored unless asked for, since not every machine has those programs; `.ci/run`
//! installs them and asks. A program that is missing then fails its tests.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

#[path = "../cli/call.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the command line, which use the rest"
)]
mod call;
#[path = "../cli/env.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the command line, which use the rest"
)]
mod env;
mod import;
mod openssh;
mod oracle;
mod password_stores;
mod stock_age;

use std::process::{Command, Output};

/// The output of a program that has to succeed.
#[track_caller]
fn run(command: &mut Command) -> Output {
    let output = command.output();
    let output = output.unwrap_or_else(|why| panic!("cannot run {command:?}: {why}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    output
}
