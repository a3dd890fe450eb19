//! The promises that the README prints, a file for each: a test here fails when one is broken.
//!
//! They run the real binary, and where millions of cases are wanted, the library. [`forge`] makes
//! files that the binary would never write. Tests that need root, a debugger, a disk of their own
//! or minutes are ignored unless asked for; `.ci/run` asks for them. What takes minutes has its
//! sample, spread evenly and the same each time, in a plain run.

mod agent;
mod clipboard;
mod concurrency;
mod consent;
mod crash;
mod crash_export;
mod crash_import;
pub(crate) mod forge;
mod leaks;
mod limits;
mod memory;
mod permission;
mod purge_crash;
mod recovery_crash;
mod restore;
mod rotate_crash;
mod share_crash;
mod side_by_side;
mod syncs;
mod tamper;
mod terminal;
mod vectors;
mod versions;

use std::process::{Child, Command, Stdio};

use crate::support::call::{Call, Output};
use crate::support::env::{BINARY, TestEnv};
pub(crate) use crate::support::wait::wait_until;

/// What to put before a program so that file permissions bind it even when root runs the tests.
fn without_privileges() -> &'static str {
    if rustix::process::geteuid().is_root() {
        "setpriv --bounding-set -all --inh-caps -all "
    } else {
        ""
    }
}

/// The binary in this home with the password in a file, for a test that needs the process itself.
fn command(env: &TestEnv, args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    env.hermetic(&mut command);
    command
        .env("VAULT_PASSWORD_FILE", env.password_file())
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Runs it; this exit code is expected, whatever it prints: `verify` may report what it found.
#[track_caller]
fn answers(call: Call<'_>, code: i32) -> Output {
    let output = call.run();
    assert!(
        output.code == Some(code),
        "expected exit {code}\n{output:?}"
    );
    output
}

/// [`answers`], where the exit code is all that matters.
#[track_caller]
fn exits(call: Call<'_>, code: i32) {
    let _ = answers(call, code);
}

/// A child that does not outlive its test.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        Self(command.spawn().unwrap())
    }

    fn proc(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.0.id())
    }

    /// One line of `/proc/PID/status`, `VmLck` for example.
    fn status(&self, key: &str) -> String {
        let status = std::fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap().trim_start_matches(':').trim().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
