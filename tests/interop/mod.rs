//! Other programs read what this one writes: stock age, OpenSSH, the clipboard's, tmux, and a
//! second reader of the format that shares no code with it. And codes are what other programs make
//! of the same seeds.
//!
//! They are ignored unless asked for, since not every machine has those programs; `.ci/run`
//! installs them and asks. A program that is missing then fails its tests.

mod clipboard;
mod clock;
mod completions;
mod consent;
mod database;
mod export;
mod git_driver;
mod git_interrupted;
mod git_limits;
mod git_remotes;
mod git_sync;
mod helpers;
mod import;
mod one_day;
mod openssh;
mod oracle;
mod otp;
mod page;
mod pages;
mod password_stores;
mod recipes;
mod sarif;
mod scratch;
mod share;
mod sharing;
mod ssh_agent;
mod stock_age;
mod ways_in;
mod works_with;

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
