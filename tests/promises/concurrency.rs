//! Promise 4: N parallel writers give N results, or an explicit conflict, and no reader ever meets
//! anything between.

use std::fs::{self, File};
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::promises::forge::Forge;
use crate::promises::{Running, answers, command, exits, wait_until};
use crate::support::env::{CHEAP, TestEnv};

fn lock_file(env: &TestEnv) -> File {
    File::open(env.data().join("vault.age.lock")).unwrap()
}

#[test]
fn sixty_four_parallel_adds_are_sixty_four_entries() {
    let env = TestEnv::ready();
    thread::scope(|scope| {
        for n in 0..64 {
            let env = &env;
            scope.spawn(move || {
                let path = format!("acme/{n}");
                let add = env.call(&["--wait", "5m", "add", &path]).stdin(&path);
                exits(add, 0);
            });
        }
    });
    assert_eq!(env.generation(), 65);
    let list = env.call(&["list", "--json"]).ok().json();
    assert_eq!(list.as_array().unwrap().len(), 64);
    env.call(&["verify", "--full"]).ok();
    for n in (0..64).step_by(7) {
        let path = format!("acme/{n}");
        assert_eq!(env.secret(&path), path);
    }
}

#[test]
fn of_many_parallel_adds_of_one_path_one_wins_and_the_others_say_so() {
    let env = TestEnv::ready();
    let codes: Vec<_> = thread::scope(|scope| {
        let add = |n: usize| {
            env.call(&["--wait", "5m", "add", "acme/wp"])
                .stdin(n.to_string())
        };
        let calls: Vec<_> = (0..12)
            .map(|n| scope.spawn(move || add(n).run().code))
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1);
    assert_eq!(codes.iter().filter(|code| **code == Some(7)).count(), 11);
    assert_eq!(env.generation(), 2);
}

fn readers_meet_writers(writes: u64) {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for reader in 0..16 {
            let (env, done) = (&env, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let output = match reader {
                        0 => answers(env.call(&["list"]), 0),
                        1..12 => answers(env.call(&["verify"]), 0),
                        _ => answers(env.call(&["get", "acme/wp"]), 0),
                    };
                    assert!(output.stderr.is_empty(), "{output:?}");
                    let right = reader < 12 || output.stdout == b"one\n";
                    assert!(right, "{output:?}");
                }
            });
        }
        for n in 0..writes {
            exits(
                env.call(&["--wait", "5m", "add", &format!("acme/{n}")])
                    .stdin("x"),
                0,
            );
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(env.generation(), 2 + writes);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn readers_never_see_an_error_while_the_vault_is_written() {
    readers_meet_writers(6);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn readers_never_see_an_error_while_the_vault_is_written_30_times() {
    readers_meet_writers(30);
}

fn writers_overtake_readers(mebibytes: usize, writes: u32) {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    // So large that reading it takes a while.
    let padding = "x".repeat(mebibytes << 20);
    let large = Forge::of(&env).with(|payload| payload["padding"] = padding.into());
    fs::write(env.vault_file(), large).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for reader in [&["verify"][..], &["verify"], &["list"], &["get", "acme/wp"]] {
            let (env, done) = (&env, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let output = answers(env.call(reader), 0);
                    assert!(output.stderr.is_empty(), "{output:?}");
                }
            });
        }
        let written = thread::Builder::new().spawn_scoped(scope, || {
            for n in 0..writes {
                let path = format!("acme/{n}");
                exits(env.call(&["--wait", "5m", "add", &path]).stdin("x"), 0);
            }
        });
        let written = written.unwrap().join();
        done.store(true, Ordering::Relaxed);
        written.unwrap();
    });
}

#[test]
fn a_writer_that_is_faster_than_a_reader_is_not_taken_for_a_rollback() {
    writers_overtake_readers(8, 4);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_writer_of_a_vault_of_24_mebibytes_is_not_taken_for_a_rollback() {
    writers_overtake_readers(24, 8);
}

#[test]
fn every_reveal_by_parallel_readers_is_in_the_log() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| exits(env.call(&["get", "acme/wp"]), 0));
        }
    });
    env.add("acme/db", "two");
    let log = env.call(&["log", "--json"]).ok().json();
    let reveals = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["action"] == "reveal");
    assert_eq!(reveals.count(), 16);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_held_lock_makes_writers_give_up_in_time_and_readers_not_wait() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let lock = lock_file(&env);
    lock.lock().unwrap();
    env.call(&["--wait", "1s", "add", "acme/db"])
        .stdin("two")
        .fails(7)
        .says("busy");
    env.call(&["get", "-n", "acme/wp"]).ok().prints("one");
    env.call(&["list"]).ok().prints("acme/wp\n");
    env.call(&["verify"]).ok();
    lock.unlock().unwrap();
    env.add("acme/db", "two");
}

#[test]
fn a_writer_waits_for_the_lock_as_long_as_it_was_told_to() {
    let env = TestEnv::ready();
    let lock = lock_file(&env);
    lock.lock().unwrap();
    thread::scope(|scope| {
        let add = scope.spawn(|| {
            env.call(&["--wait", "1m", "add", "acme/db"])
                .stdin("two")
                .run()
        });
        thread::sleep(std::time::Duration::from_millis(500));
        assert!(!add.is_finished(), "it did not wait");
        lock.unlock().unwrap();
        assert_eq!(add.join().unwrap().code, Some(0));
    });
    assert_eq!(env.secret("acme/db"), "two");
}

#[test]
fn a_password_that_changes_while_a_writer_waits_is_noticed() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let elsewhere = TestEnv::new();
    fs::create_dir_all(elsewhere.data()).unwrap();
    fs::copy(env.vault_file(), elsewhere.vault_file()).unwrap();
    let new = elsewhere.file("new", "heron-Quartz4-maple-dusk");
    let change = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    elsewhere.call(&change).ok();

    let lock = lock_file(&env);
    lock.lock().unwrap();
    thread::scope(|scope| {
        let add = || {
            env.call(&["--wait", "1m", "add", "acme/db"])
                .stdin("two")
                .run()
        };
        let add = scope.spawn(add);
        // It has the key of the old file when the new one comes in its place.
        thread::sleep(std::time::Duration::from_secs(1));
        let arriving = env.data().join("arriving");
        fs::copy(elsewhere.vault_file(), &arriving).unwrap();
        fs::rename(arriving, env.vault_file()).unwrap();
        lock.unlock().unwrap();
        let code = add.join().unwrap().code;
        assert!(matches!(code, Some(4 | 7)), "exit {code:?}");
    });
    let both = [env.vault_file(), elsewhere.vault_file()];
    let [here, there] = both.map(|file| fs::read(file).unwrap());
    assert!(here == there, "it wrote with a password that is no more");
}

#[test]
fn a_writer_that_is_stopped_while_it_holds_the_lock_blocks_writers_and_no_reader() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    // A vault that takes a while to write, so that the moment can be met.
    env.add("acme/long", &"x".repeat(1 << 20));
    let holder = stopped_holder(&env);
    env.call(&["--wait", "1s", "add", "acme/db"])
        .stdin("two")
        .fails(7)
        .says("busy");
    env.call(&["get", "-n", "acme/wp"]).ok().prints("one");
    env.call(&["verify"]).ok();
    // Killed, it leaves a vault that the next one can write.
    drop(holder);
    env.add("acme/db", "two");
    env.call(&["verify", "--full"]).ok();
}

/// An `add` that was sent SIGSTOP while it held the lock.
fn stopped_holder(env: &TestEnv) -> Running {
    let lock = lock_file(env);
    let is_held = || match lock.try_lock() {
        Ok(()) => lock.unlock().map(|()| false).unwrap(),
        Err(_) => true,
    };
    for n in 0..50 {
        let mut add = command(env, &["add", &format!("acme/stopped-{n}")]);
        let mut holder = Running(add.stdin(Stdio::piped()).spawn().unwrap());
        let mut stdin = holder.0.stdin.take().unwrap();
        stdin.write_all(b"x").unwrap();
        drop(stdin);
        while holder.0.try_wait().unwrap().is_none() {
            if is_held() {
                let pid = Pid::from_child(&holder.0);
                kill_process(pid, Signal::STOP).unwrap();
                wait_until("the writer stops or ends", || {
                    let stat = fs::read_to_string(holder.proc("stat")).unwrap();
                    stat.contains(") T ") || stat.contains(") Z ")
                });
                if is_held() {
                    return holder;
                }
                kill_process(pid, Signal::CONT).unwrap();
            }
        }
    }
    panic!("no writer was met while it held the lock");
}
