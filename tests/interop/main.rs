//! Other programs read what this one writes: stock age, OpenSSH, and a second reader of the format
//! that shares no code with it. And codes are what other programs make of the same seeds.
//! Other programs read what this one writes: stock age, OpenSSH, the clipboard's, tmux, and a
//! second reader of the format that shares no code with it.
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
mod clipboard;
mod clock;
mod completions;
mod consent;
#[path = "../cli/default_signals.rs"]
mod default_signals;
#[path = "../cli/env.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the command line, which use the rest"
)]
mod env;
mod export;
#[path = "../cli/fake_plugin.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the command line, which use the rest"
)]
mod fake_plugin;
mod import;
mod openssh;
mod oracle;
mod otp;
mod password_stores;
mod scratch;
#[path = "../cli/sender.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the command line, which use the rest"
)]
mod sender;
mod share;
mod sharing;
mod stock_age;
#[path = "../cli/terminal.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the command line, which use the rest"
)]
mod terminal;
mod ways_in;

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
