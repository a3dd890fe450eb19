//! `vault sync` that is killed or interrupted, alone, with git, or git alone, at any moment: the
//! vault is whole, no lock is left, and the next one does what was to be done.

use std::fs;
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::git_sync::{another_machine, first_machine, git, same, sync, two_machines};
use crate::support::env::{TestEnv, mode};
use crate::support::wait::wait_for;

/// How often a machine is killed.
const KILLS: u32 = 200;

/// What is killed.
#[derive(Clone, Copy, PartialEq)]
enum Killed {
    Vault,
    Git,
    Both,
}

impl Killed {
    /// Kills it, where `leader` is the vault's process and leads a group of its own.
    fn kill(self, leader: u32) {
        for process in group_of(leader) {
            let is_meant = match self {
                Self::Vault => process == leader,
                Self::Git => process != leader,
                Self::Both => true,
            };
            if is_meant {
                let process = i32::try_from(process).unwrap();
                // It may have ended.
                let _ = kill_process(Pid::from_raw(process).unwrap(), Signal::KILL);
            }
        }
    }
}

/// The processes of a group.
fn group_of(leader: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_in_group = |process: &u32| {
        let facts = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let after_name = facts.rsplit(") ").next().unwrap_or_default();
        after_name.split(' ').nth(2) == Some(&leader.to_string())
    };
    all.filter(is_in_group).collect()
}

#[test]
#[ignore = "needs git and a minute; .ci/run runs it"]
fn a_machine_that_is_killed_while_it_syncs_is_whole_and_syncs_again() {
    let (laptop, desktop, _) = two_machines();
    laptop.add("acme/first", "x");
    desktop.add("acme/other", "x");
    sync(&desktop);
    let start = Instant::now();
    sync(&laptop);
    let usual = start.elapsed().mul_f32(1.1);
    let mut failed = 0;
    for kill in 0..KILLS {
        laptop.add(&format!("acme/laptop-{kill}"), "x");
        if kill % 4 == 0 {
            desktop.add(&format!("acme/desktop-{kill}"), "x");
            sync(&desktop);
        }
        let mut child = laptop.call(&["sync"]).spawn();
        drop(child.stdin.take());
        thread::sleep(usual * kill / KILLS);
        let killed = [Killed::Vault, Killed::Git, Killed::Both][kill as usize % 3];
        killed.kill(child.id());
        failed += u32::from(!child.wait().unwrap().success());
        sync(&laptop);
        if kill % 4 == 0 {
            laptop.call(&["verify", "-q"]).ok();
            sync(&desktop);
            sync(&laptop);
            assert!(same(&laptop, &desktop), "{kill}");
        }
    }
    assert!(failed > KILLS / 3, "only {failed} were hit");
    let list = laptop.call(&["list"]).ok();
    let wanted = 3 + KILLS + KILLS / 4;
    assert_eq!(list.text().lines().count(), wanted as usize);
    laptop.call(&["log", "--verify"]).ok();
}

/// A folder with a git that stops at this command of it, once it has made the file `started`.
fn slow_git(env: &TestEnv, command: &str) -> String {
    let bin = env.work().join(format!("bin-{command}"));
    fs::create_dir(&bin).unwrap();
    let real = git(env, "command -v git");
    let started = env.path("started");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' {command} '*) : > '{started}'; exec sleep 60;; esac\n\
         exec {real} \"$@\"\n"
    );
    fs::write(bin.join("git"), script).unwrap();
    fs::set_permissions(bin.join("git"), mode(0o755)).unwrap();
    bin.display().to_string()
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn ctrl_c_while_git_fetches_or_sends_leaves_all_as_it_was() {
    let (laptop, remote) = first_machine();
    laptop.call(&["sync", "--remote", &remote]).ok();
    let desktop = another_machine(&laptop, &remote);
    for command in ["ls-remote", "fetch", "push"] {
        desktop.add(&format!("acme/desktop-{command}"), "x");
        sync(&desktop);
        laptop.add(&format!("acme/laptop-{command}"), "x");
        let bin = slow_git(&laptop, command);
        let password = laptop.password_file().display().to_string();
        let mut terminal = laptop.terminal(&format!(
            "trap : INT; PATH='{bin}':$PATH vault --password-file '{password}' sync; \
             echo exit=$?"
        ));
        let started = laptop.work().join("started");
        wait_for(&started);
        terminal.presses('c').sees("exit=130").ends();
        fs::remove_file(started).unwrap();
        laptop.call(&["verify", "-q"]).ok();
        sync(&laptop);
        sync(&desktop);
        assert!(same(&laptop, &desktop), "{command}");
    }
}
