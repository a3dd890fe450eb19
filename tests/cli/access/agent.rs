//! `unlock`, `lock` and the agent between them: the password is given once.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::support::call::Call;
use crate::support::env::{CHEAP, PASSWORD, TestEnv, holds, mode, mode_of};
use crate::support::wait::wait_until;

const NEW: &str = "quartz-Lantern3-moose-drip";

/// A vault with a secret, unlocked.
fn unlocked(options: &[&str]) -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    unlock(&env, options);
    env
}

fn unlock(env: &TestEnv, options: &[&str]) {
    env.call(&[&["unlock"], options].concat()).ok().prints("");
}

/// A call that has no password and nobody to ask.
fn bare<'a>(env: &'a TestEnv, args: &[&str]) -> Call<'a> {
    env.call(args).no_password()
}

/// `get` is answered although no password is given.
#[track_caller]
fn opens(env: &TestEnv) {
    bare(env, &["get", "acme/wp"]).ok().prints("hunter2\n");
}

/// `get` would have to ask.
#[track_caller]
fn asks(env: &TestEnv) {
    bare(env, &["get", "acme/wp"]).fails(9).says("password");
}

/// The agent's process.
fn process(env: &TestEnv) -> Pid {
    let stream = UnixStream::connect(env.agent_socket()).unwrap();
    let number = vault::agent::place::process(&stream);
    Pid::from_raw(number.expect("the system does not say")).unwrap()
}

/// A process that has ended, and that nobody has asked after yet, is as good as gone.
fn has_ended(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    test_kill_process(process).is_err() || stat.is_ok_and(|stat| stat.contains(") Z "))
}

fn status(env: &TestEnv, options: &[&str]) -> serde_json::Value {
    let args = [&["status", "--json"], options].concat();
    bare(env, &args).ok().json()
}

#[test]
fn the_password_is_given_once_for_any_number_of_gets() {
    let env = unlocked(&[]);
    for _ in 0..10 {
        opens(&env);
    }
    bare(&env, &["lock"]).ok().prints("");
    asks(&env);
}

#[test]
fn with_the_agent_nothing_is_derived() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", "m=256MiB,t=1,p=1"]).ok();
    env.add("acme/wp", "hunter2");
    unlock(&env, &[]);
    let limited = "ulimit -v 204800; exec vault get acme/wp";
    // Deriving the key does not fit.
    env.shell(limited).fails(1).says("256MiB");
    let by_agent = env.shell(limited).no_password();
    by_agent.ok().prints("hunter2\n");
}

#[test]
fn every_change_goes_through_the_agent_too() {
    let env = unlocked(&[]);
    let changed = |args: &[&str], stdin: &str| {
        bare(&env, args).stdin(stdin).ok();
    };
    changed(&["add", "acme/db"], "one");
    changed(&["edit", "acme/db", "--notes", "n"], "");
    changed(&["rotate", "acme/db", "--stdin"], "two");
    changed(&["mv", "acme/db", "acme/sql"], "");
    changed(&["client", "edit", "acme", "--name", "Acme"], "");
    changed(
        &["attach", "acme/sql", "file"]
            .map(|word| if word == "file" { "/etc/hosts" } else { word }),
        "",
    );
    changed(&["rm", "acme/sql", "--yes"], "");
    changed(&["trash", "restore", "acme/sql"], "");
    changed(&["id", "rotate", "--yes"], "");
    bare(&env, &["get", "acme/sql"]).ok().prints("two\n");
    bare(&env, &["verify", "--full"]).ok();
    bare(&env, &["lock"]).ok();
    // What the agent wrote opens with the password.
    env.call(&["get", "acme/sql"]).ok().prints("two\n");
    env.call(&["verify", "--full"]).ok();
    let log = env.call(&["log"]).ok();
    log.shows("reveal").shows("rotate");
}

#[test]
fn unlock_says_until_when_and_what_it_changed() {
    let env = TestEnv::ready();
    let said = env.call(&["unlock", "--json"]).ok().json();
    assert_eq!(said["ok"], true);
    assert_eq!(said["changed"].as_array().unwrap().len(), 1);
    let call = env.call(&["unlock", "--for", "10m"]).run();
    assert!(call.stderr.contains("Unlocked until "), "{call:?}");
    assert!(call.stderr.contains("5m"), "{call:?}");
    let said = bare(&env, &["lock", "--json"]).ok().json();
    assert_eq!(said["ok"], true);
}

#[test]
fn lock_without_an_agent_is_no_failure() {
    let env = TestEnv::new();
    let lock = bare(&env, &["lock"]).run();
    assert_eq!(lock.code, Some(0), "{lock:?}");
    assert!(lock.stderr.contains("no agent"), "{lock:?}");
    assert!(!env.agent_folder().exists(), "looking makes nothing");
}

#[test]
fn lock_ends_the_process_and_leaves_no_socket() {
    let env = unlocked(&[]);
    let process = process(&env);
    bare(&env, &["lock"]).ok();
    wait_until("it ends", || has_ended(process));
    assert!(!env.agent_socket().exists());
}

/// So that all three wait at the same time.
#[test]
fn the_key_is_forgotten_when_its_time_is_over_or_it_is_not_used_and_no_sooner() {
    thread::scope(|scope| {
        scope.spawn(the_key_is_forgotten_when_the_time_is_over);
        scope.spawn(the_key_is_forgotten_when_it_is_not_used);
        scope.spawn(unlocking_again_counts_anew);
    });
}

fn the_key_is_forgotten_when_the_time_is_over() {
    let env = unlocked(&["--for", "3s"]);
    let process = process(&env);
    wait_until("it ends", || has_ended(process));
    assert!(!env.agent_socket().exists());
    asks(&env);
}

fn the_key_is_forgotten_when_it_is_not_used() {
    let env = unlocked(&["--for", "1h", "--idle", "3s"]);
    let process = process(&env);
    wait_until("it ends", || has_ended(process));
    asks(&env);
}

fn unlocking_again_counts_anew() {
    let env = unlocked(&["--for", "2s"]);
    unlock(&env, &["--for", "1h"]);
    thread::sleep(Duration::from_millis(2500));
    opens(&env);
}

#[test]
fn signals_end_it_cleanly() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let env = unlocked(&[]);
        let process = process(&env);
        kill_process(process, signal).unwrap();
        wait_until("it ends", || has_ended(process));
        assert!(!env.agent_socket().exists(), "{signal:?}");
    }
}

#[test]
fn status_says_how_the_agent_stands() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let before = status(&env, &[]);
    assert_eq!(before["unlocked"], false);
    assert_eq!(before["agent"]["running"], false);
    assert!(before["agent"]["until"].is_null());
    assert!(before["agent"]["idle_until"].is_null());
    unlock(&env, &[]);
    let after = status(&env, &[]);
    assert_eq!(after["unlocked"], true);
    assert_eq!(after["agent"]["running"], true);
    let time = |key: &str| {
        let text = after["agent"][key].as_str().unwrap();
        text.parse::<jiff::Timestamp>().unwrap()
    };
    assert!(time("idle_until") < time("until"), "{after}");
    bare(&env, &["status"]).ok().shows("unlocked: yes, until ");
    let path = env.path("other.age");
    let other = status(&env, &["--vault", &path]);
    assert_eq!(other["unlocked"], false);
    assert_eq!(other["agent"]["running"], true);
    assert!(other["agent"]["until"].is_null());
    assert_eq!(status(&env, &["--no-agent"])["unlocked"], false);
}

#[test]
fn without_the_agent_means_without_it() {
    let env = unlocked(&[]);
    bare(&env, &["--no-agent", "get", "acme/wp"]).fails(9);
    bare(&env, &["unlock", "--no-agent"]).fails(2);
    opens(&env);
}

#[test]
fn what_is_named_goes_before_the_agent() {
    let env = unlocked(&[]);
    let wrong = env.file("wrong", "wrong-Password-1234");
    bare(&env, &["get", "acme/wp"])
        .var("VAULT_PASSWORD_FILE", &wrong)
        .fails(4);
    bare(&env, &["get", "acme/wp"])
        .var("VAULT_PASSWORD_COMMAND", "echo wrong")
        .fails(4);
    bare(&env, &["--password-file", &wrong, "get", "acme/wp"]).fails(4);
    bare(&env, &["--password-file", "nosuch", "get", "acme/wp"]).fails(2);
    opens(&env);
}

#[test]
fn the_agent_goes_before_the_terminal() {
    let env = unlocked(&[]);
    let mut terminal = env.terminal("vault get acme/wp; vault lock; vault get acme/wp");
    terminal.sees("hunter2\n").sees("Locked").sees("password: ");
    terminal.types(PASSWORD).sees("hunter2\n").ends();
}

#[test]
fn unlock_asks_on_the_terminal_and_survives_it() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let mut terminal = env.terminal("vault unlock");
    terminal.sees("password: ").types("wrong-Password-1234");
    terminal.sees("password: ").types(PASSWORD);
    terminal.sees("Unlocked until").ends();
    drop(terminal);
    opens(&env);
}

#[test]
fn a_wrong_password_starts_no_agent() {
    let env = TestEnv::ready();
    env.call(&["unlock"])
        .password("wrong-Password-1234")
        .fails(4);
    bare(&env, &["unlock"]).fails(9);
    assert!(!env.agent_socket().exists());
    let new = TestEnv::new();
    new.call(&["unlock"]).fails(3).hints("vault init");
}

#[test]
fn times_that_are_none_are_refused() {
    let env = TestEnv::ready();
    for bad in ["0s", "-5m", "soon", "", "5", "25h", "2d", "999ms"] {
        for option in ["--for", "--idle"] {
            let arg = format!("{option}={bad}");
            env.call(&["unlock", &arg]).fails(2).says(option);
        }
    }
    assert!(!env.agent_folder().exists());
}

#[test]
fn an_identity_is_nothing_for_the_agent() {
    let env = TestEnv::new();
    let init = ["init", "--kdf", CHEAP, "--recovery", "recovery.key"];
    env.call(&init).ok();
    env.add("acme/wp", "hunter2");
    let options = ["unlock", "--identity", "recovery.key"];
    env.call(&options).fails(2).hints("--identity");
    unlock(&env, &[]);
    // And the other way round: who names an identity gets what it is good for.
    let change = ["--identity", "recovery.key", "rm", "acme/wp", "--yes"];
    bare(&env, &change).fails(4);
}

#[test]
fn an_agent_that_was_killed_is_as_good_as_none() {
    let env = unlocked(&[]);
    let process = process(&env);
    kill_process(process, Signal::KILL).unwrap();
    wait_until("it ends", || has_ended(process));
    assert!(env.agent_socket().exists(), "it could not clean up");
    let get = bare(&env, &["get", "acme/wp"]).fails(9);
    get.hides("warning");
    assert_eq!(status(&env, &[])["agent"]["running"], false);
    bare(&env, &["lock"]).ok();
    unlock(&env, &[]);
    opens(&env);
}

#[test]
fn a_change_that_outlives_the_agent_asks_for_the_password() {
    let env = unlocked(&[]);
    let mut terminal = env.terminal("vault add acme/db; vault get acme/db --no-agent");
    terminal.sees("acme/db").sees(": ");
    bare(&env, &["lock"]).ok();
    terminal.types("the-secret").sees("assword").sees(": ");
    terminal.types(PASSWORD).sees("added acme/db");
    terminal.sees("assword").sees(": ").types(PASSWORD);
    terminal.sees("the-secret\n").ends();
}

#[test]
fn passwd_wants_the_password_itself_and_the_agent_forgets() {
    let env = unlocked(&[]);
    env.file("new", NEW);
    let passwd = ["passwd", "--new-password-file", "new"];
    bare(&env, &passwd).fails(9);
    opens(&env);
    env.call(&passwd).ok();
    asks(&env);
    assert_eq!(status(&env, &[])["agent"]["running"], false);
    env.call(&["unlock"]).password(NEW).ok();
    opens(&env);
}

#[test]
fn a_passwd_that_the_agent_did_not_hear_of_is_noticed_all_the_same() {
    let env = unlocked(&[]);
    env.file("new", NEW);
    let passwd = ["passwd", "--no-agent", "--new-password-file", "new"];
    env.call(&passwd).ok();
    assert_eq!(status(&env, &[])["agent"]["running"], true);
    assert_eq!(status(&env, &[])["unlocked"], false);
    asks(&env);
    bare(&env, &["add", "acme/db"]).stdin("x").fails(9);
    // It keeps the new key as it kept the old one.
    env.call(&["unlock"]).password(NEW).ok();
    opens(&env);
}

#[test]
fn a_password_changed_under_a_waiting_command_is_asked_for() {
    let env = unlocked(&[]);
    env.file("new", NEW);
    let mut terminal = env.terminal("vault add acme/db");
    terminal.sees("acme/db").sees(": ");
    env.call(&["passwd", "--new-password-file", "new"]).ok();
    terminal.types("the-secret").sees("assword").sees(": ");
    terminal.types(NEW).sees("added acme/db").ends();
    env.call(&["get", "acme/db"])
        .password(NEW)
        .ok()
        .prints("the-secret\n");
}

#[test]
fn one_agent_serves_many_vaults() {
    let env = unlocked(&[]);
    let first = process(&env);
    let path = env.path("other.age");
    env.call(&["--vault", &path, "init", "--kdf", CHEAP]).ok();
    let add = ["--vault", &path, "add", "acme/wp"];
    env.call(&add).stdin("other").ok();
    let get = ["--vault", &path, "get", "acme/wp"];
    bare(&env, &get).fails(9);
    unlock(&env, &["--vault", &path]);
    assert_eq!(process(&env), first);
    bare(&env, &get).ok().prints("other\n");
    opens(&env);
    bare(&env, &["lock"]).ok();
    bare(&env, &get).fails(9);
    asks(&env);
}

#[test]
fn a_copy_of_a_vault_is_the_same_vault() {
    let env = unlocked(&[]);
    let copy = env.path("copy.age");
    fs::copy(env.vault_file(), &copy).unwrap();
    bare(&env, &["--vault", &copy, "get", "acme/wp"])
        .ok()
        .prints("hunter2\n");
}

#[test]
fn the_key_file_is_needed_once_too() {
    let env = TestEnv::new();
    let key = env.file("key", "one");
    env.call(&["init", "--kdf", CHEAP, "--key-file", &key]).ok();
    let add = ["add", "acme/wp", "--key-file", &key];
    env.call(&add).stdin("hunter2").ok();
    env.call(&["unlock"]).fails(4).hints("--key-file");
    unlock(&env, &["--key-file", &key]);
    fs::remove_file(&key).unwrap();
    opens(&env);
    bare(&env, &["get", "acme/wp"])
        .var("VAULT_KEY_FILE", &key)
        .ok()
        .prints("hunter2\n");
}

/// An agent of a later version: it understands nothing but `stop`.
fn other_version(env: &TestEnv) -> thread::JoinHandle<Vec<String>> {
    fs::create_dir(env.agent_folder()).unwrap();
    fs::set_permissions(env.agent_folder(), mode(0o700)).unwrap();
    let socket = env.agent_socket();
    let listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, mode(0o600)).unwrap();
    thread::spawn(move || {
        let mut heard = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let stop = line.contains("\"op\":\"stop\"");
            heard.push(line);
            if stop {
                fs::remove_file(&socket).unwrap();
                stream
                    .write_all(b"{\"v\":2,\"reply\":\"ended\"}\n")
                    .unwrap();
                break;
            }
            stream.write_all(b"{\"v\":2,\"reply\":\"what\"}\n").unwrap();
        }
        heard
    })
}

#[test]
fn an_agent_of_another_version_is_told_to_end_and_replaced() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let other = other_version(&env);
    assert_eq!(status(&env, &[])["unlocked"], false);
    let get = bare(&env, &["get", "acme/wp"]).fails(9);
    get.says("another version").says("vault unlock");
    assert_eq!(other.join().unwrap().len(), 3, "status, touch, stop");
    unlock(&env, &[]);
    opens(&env);
}

#[test]
fn unlock_replaces_an_agent_of_another_version_at_once() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let other = other_version(&env);
    unlock(&env, &[]);
    opens(&env);
    assert_eq!(other.join().unwrap().len(), 2, "keep, stop");
}

#[test]
fn parallel_unlocks_start_one_agent() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| unlock(&env, &[]));
        }
    });
    opens(&env);
    let process = process(&env);
    bare(&env, &["lock"]).ok();
    wait_until("it ends", || has_ended(process));
    asks(&env);
    let left = agents(&env);
    assert!(left.is_empty(), "{left:?}");
}

/// Agents whose binary is the one under test and which have this home's socket open.
fn agents(env: &TestEnv) -> Vec<String> {
    let socket = env.agent_socket();
    let unix = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let lines = unix
        .lines()
        .filter(|line| line.ends_with(socket.to_str().unwrap()));
    lines.map(ToOwned::to_owned).collect()
}

#[test]
fn folder_and_socket_are_for_their_owner_only() {
    let env = unlocked(&[]);
    assert_eq!(mode_of(&env.agent_folder()), 0o700);
    assert_eq!(mode_of(&env.agent_socket()), 0o600);
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_runtime_folder_the_socket_is_in_the_cache() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let nowhere = env.path("nosuch");
    for runtime in ["", nowhere.as_str()] {
        env.call(&["unlock"]).var("XDG_RUNTIME_DIR", runtime).ok();
        let folder = env.home().join(".cache/vault-agent");
        assert_eq!(mode_of(&folder), 0o700);
        let get = bare(&env, &["get", "acme/wp"]).var("XDG_RUNTIME_DIR", runtime);
        get.ok().prints("hunter2\n");
        bare(&env, &["lock"]).var("XDG_RUNTIME_DIR", runtime).ok();
        assert!(!Path::new(&nowhere).exists());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_does_not_do_is_named() {
    let env = TestEnv::ready();
    let deep = env.path(&"x".repeat(120));
    fs::create_dir(&deep).unwrap();
    let unlock = |runtime: &str| env.call(&["unlock"]).var("XDG_RUNTIME_DIR", runtime);
    unlock(&deep)
        .fails(1)
        .says("too long")
        .hints("XDG_RUNTIME_DIR");
    let open = env.path("open");
    fs::create_dir_all(format!("{open}/vault")).unwrap();
    fs::set_permissions(format!("{open}/vault"), mode(0o755)).unwrap();
    unlock(&open).fails(6).says("755").hints("ls -ld");
    let list = bare(&env, &["list"]).var("XDG_RUNTIME_DIR", &open);
    list.fails(9).says("was told nothing").says("755");
}

#[test]
#[cfg(target_os = "linux")]
fn the_agent_takes_nothing_along() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    // A script's lock, and a pipe that somebody reads to its end.
    let script = "exec 9>held; flock 9; vault unlock 8>&1; echo done";
    env.shell(script).ok().prints("done\n");
    env.shell("exec 9>held; flock --nonblock 9 && echo free")
        .ok()
        .prints("free\n");
    let proc = format!("/proc/{}", process(&env).as_raw_nonzero());
    let arguments = fs::read(format!("{proc}/cmdline")).unwrap();
    assert_eq!(
        arguments.split(|byte| *byte == 0).count(),
        3,
        "program, command, end"
    );
    let stat = fs::read_to_string(format!("{proc}/stat")).unwrap();
    let session = stat.rsplit(") ").next().unwrap().split(' ').nth(3).unwrap();
    assert_eq!(
        session,
        process(&env).as_raw_nonzero().to_string(),
        "a session of its own"
    );
}

#[test]
fn nobody_else_can_be_the_agent_by_hand() {
    let env = unlocked(&[]);
    let start = "{\"v\":1,\"folder\":\"/tmp\",\"keep\":{}}\n";
    bare(&env, &["__agent"])
        .stdin(start)
        .fails(2)
        .hints("vault unlock");
    env.shell("vault __agent </dev/null").fails(2);
    env.shell("vault __agent <&-").fails(2);
    let mut terminal = env.terminal("vault __agent; echo exit=$?");
    terminal.sees("exit=2").ends();
    opens(&env);
}

#[test]
fn the_process_behind_it_is_not_shown_anywhere() {
    let env = TestEnv::new();
    for args in [
        &["help"][..],
        &["--help"],
        &["help", "--all"],
        &["help", "unlock"],
    ] {
        let help = env.call(args).ok();
        assert!(!help.text().contains("__"), "{}", help.text());
    }
    env.call(&["agent"])
        .fails(2)
        .hints("vault unlock")
        .hides("__");
    env.call(&["_agent"]).fails(2).hides("__");
}

#[test]
fn nothing_of_the_agent_is_on_disk() {
    let env = unlocked(&[]);
    opens(&env);
    for entry in fs::read_dir(env.agent_folder()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            assert!(fs::read(entry.path()).unwrap().is_empty(), "{entry:?}");
        }
    }
    for (path, content) in env.everything() {
        assert!(!holds(&content, "hunter2"), "{}", path.display());
    }
}
