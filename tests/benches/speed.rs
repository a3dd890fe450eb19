//! How long the binary takes, from its start to its end, and how much of that is Argon2's.
//!
//! `cargo bench` runs criterion's groups and then prints one table: calls and the derivation of
//! the key are timed by turns in the same run, so that the difference means something on a busy
//! machine too. The costs are the default ones, as a user has them.

#![allow(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench that fails panics, and prints what it found"
)]

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of the binary")]
mod support;

use std::alloc::System;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group};
use uuid::Uuid;
use vault::crypto::keys::age_keys::AgeIdentity;
use vault::crypto::random;
use vault::crypto::{Draft, JournalKey, NoPlugins, SigningKey, derive, seal};
use vault::model::entry::changes::Changes;
use vault::model::records::access::Access;
use vault::model::records::cell::DeviceId;
use vault::model::records::identity::Identity;
use vault::model::records::slot::Slot;
use vault::model::records::stamping::Author;
use vault::model::text::kdf::KdfParams;
use vault::model::text::secret::Secret;
use vault::model::vault::Vault;
use zeroizing_alloc::ZeroAlloc;

use support::env::{BINARY, PASSWORD, TestEnv};

/// The binary's own allocator, for the sake of what is measured in this process.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Entries of a client.
const PER_CLIENT: usize = 50;
/// Entries of the client who is told of all of them, and of the event of each.
const EVENTS: usize = 5_000;

fn access() -> Access {
    Access {
        salt: random::bytes(),
        kdf: KdfParams::default(),
        key_file: false,
    }
}

/// A home whose vault has so many entries, made through the library.
fn home_with(entries: usize) -> TestEnv {
    home_of(entries, PER_CLIENT)
}

/// As [`home_with`], with so many entries for each client, and an event for each entry.
fn home_of(entries: usize, per_client: usize) -> TestEnv {
    let env = TestEnv::new();
    let author = Author {
        device: DeviceId::from_random(random::bytes()),
        now: jiff::Timestamp::now(),
        new_id: &Uuid::new_v4,
    };
    let signing_key = SigningKey::generate();
    let identity = Identity::new(
        AgeIdentity::generate().secret(),
        signing_key.to_openssh_pem().unwrap(),
        JournalKey::generate().to_base64(),
    );
    let access = access();
    let mut vault = Vault::new(Uuid::new_v4(), access, identity, &author);
    for n in 0..entries {
        let path = format!("client{}/entry{n}", n / per_client);
        let secret = Secret::new(format!("{:032x}", Uuid::new_v4().as_u128()));
        let mut changes = Changes::default();
        changes.values.username = Some(format!("user{n}@example.com"));
        changes.values.urls = vec![format!("https://host{n}.example.com/login")];
        changes.secrets = vec![(Slot::Secret, secret)];
        vault.add(&path.parse().unwrap(), changes, &author).unwrap();
    }
    let draft = Draft {
        vault_id: vault.vault_id,
        generation: 1,
        parents: vec![],
    };
    let master_key = derive(&Secret::new(PASSWORD.into()), None, &access).unwrap();
    let payload = vault.encode(0).unwrap();
    let sealed = seal(&payload, &draft, &master_key, &[], &NoPlugins, &signing_key).unwrap();
    fs::create_dir_all(env.data()).unwrap();
    fs::write(env.vault_file(), sealed.bytes()).unwrap();
    run(&env, &["get", "client0/entry0"]);
    env
}

/// Runs the binary in this home; it has to succeed.
fn run(env: &TestEnv, args: &[&str]) {
    let mut command = Command::new(BINARY);
    env.hermetic(&mut command);
    command
        .env("VAULT_PASSWORD_FILE", env.password_file())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads no secret may be gone already.
    let _ = child.stdin.take().unwrap().write_all(b"secret");
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
}

fn get(env: &TestEnv) {
    run(env, &["get", "client0/entry0"]);
}

/// Two copies of one vault that went apart: a home, and the other's file.
fn apart(entries: usize) -> (TestEnv, String) {
    let (one, other) = (home_with(entries), TestEnv::new());
    fs::create_dir_all(other.data()).unwrap();
    fs::copy(one.vault_file(), other.vault_file()).unwrap();
    add(&one);
    add(&other);
    let copy = one.file("copy.age", fs::read(other.vault_file()).unwrap());
    (one, copy)
}

/// The same through the agent: no password is at hand.
fn get_unlocked(env: &TestEnv) {
    let mut command = Command::new(BINARY);
    env.hermetic(&mut command);
    command.args(["get", "client0/entry0"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn add(env: &TestEnv) {
    run(env, &["add", &format!("new/{}", Uuid::new_v4())]);
}

fn derive_once() {
    derive(&Secret::new(PASSWORD.into()), None, &access()).unwrap();
}

/// Debian's `argon2` with the same costs, if it is here.
fn reference_argon2() -> Option<Command> {
    let mut command = Command::new("argon2");
    command
        .args([
            "somesaltsomesalt",
            "-id",
            "-k",
            "65536",
            "-t",
            "3",
            "-p",
            "4",
            "-r",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let is_here = Command::new("argon2").arg("-h").output().is_ok();
    is_here.then_some(command)
}

fn run_reference(command: &mut Command) {
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(PASSWORD.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
}

fn run_bare(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success());
}

fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.bench_function("/bin/true", |b| b.iter(|| run_bare("/bin/true", &[])));
    group.bench_function("vault --version", |b| {
        b.iter(|| run_bare(BINARY, &["--version"]));
    });
    group.finish();
}

fn argon2(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("argon2id m=64MiB,t=3,p=4");
    group.sample_size(20);
    group.bench_function("here", |b| b.iter(derive_once));
    if let Some(mut command) = reference_argon2() {
        group.bench_function("Debian's argon2", |b| {
            b.iter(|| run_reference(&mut command));
        });
    } else {
        println!("no `argon2` on PATH to compare with");
    }
    group.finish();
}

fn calls(criterion: &mut Criterion) {
    for entries in [1, 1_000, 10_000] {
        let env = home_with(entries);
        let mut group = criterion.benchmark_group(format!("{entries} entries"));
        group.sample_size(10);
        group.bench_function("get", |b| b.iter(|| get(&env)));
        group.bench_function("list", |b| b.iter(|| run(&env, &["list"])));
        group.bench_function("verify", |b| b.iter(|| run(&env, &["verify"])));
        group.bench_function("add", |b| b.iter(|| add(&env)));
        group.finish();
    }
}

criterion_group!(benches, start, argon2, calls);

/// What the table compares: a name and how to run it once, which says how long it took.
type Timed = (String, Box<dyn FnMut() -> Duration>);

fn timed(name: impl Into<String>, mut work: impl FnMut() + 'static) -> Timed {
    (name.into(), Box::new(move || time(&mut work)))
}

/// A merge that is written; before each, the home is as it was.
fn timed_merge(entries: usize) -> Timed {
    let (one, copy) = apart(entries);
    let kept = one.work().join("kept");
    let copy_all = |from: &Path, to: &Path| {
        let [from, to] = [from, to].map(|path| path.to_str().unwrap());
        run_bare("cp", &["-a", from, to]);
    };
    copy_all(&one.home(), &kept);
    let work = move || {
        fs::remove_dir_all(one.home()).unwrap();
        copy_all(&kept, &one.home());
        time(&mut || run(&one, &["merge", &copy]))
    };
    (format!("merge of {entries}"), Box::new(work))
}

fn time(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The median of each, all timed by turns.
fn medians(timed: &mut [Timed], rounds: usize) -> Vec<Duration> {
    let mut all = vec![Vec::new(); timed.len()];
    for _ in 0..rounds {
        for (times, (_, work)) in all.iter_mut().zip(timed.iter_mut()) {
            times.push(work());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    all.iter_mut().map(median).collect()
}

/// Prints what a call takes over the derivation of its key.
fn table() {
    let mut all = vec![timed("Argon2id alone", derive_once)];
    if let Some(mut command) = reference_argon2() {
        all.push(timed("Debian's argon2", move || {
            run_reference(&mut command);
        }));
    }
    for entries in [1, 1_000, 10_000] {
        let (reader, writer) = (home_with(entries), home_with(entries));
        all.push(timed(format!("get of {entries}"), move || get(&reader)));
        all.push(timed(format!("add to {entries}"), move || add(&writer)));
        let unlocked = home_with(entries);
        run(&unlocked, &["unlock", "--for", "24h", "--idle", "24h"]);
        let name = format!("unlocked, {entries}");
        all.push(timed(name, move || get_unlocked(&unlocked)));
        all.push(timed_merge(entries));
    }
    let client = home_of(EVENTS, EVENTS);
    let report = ["report", "client0", "--format", "html"];
    all.push(timed(format!("report of {EVENTS}"), move || {
        run(&client, &report);
    }));
    all.push(timed("/bin/true", || run_bare("/bin/true", &[])));
    all.push(timed("vault --version", || {
        run_bare(BINARY, &["--version"]);
    }));

    let medians = medians(&mut all, 15);
    let alone = medians[0].as_secs_f64() * 1e3;
    println!(
        "\n{:<18} {:>9} {:>13} {:>7}",
        "median of 15", "ms", "over Argon2id", "ratio"
    );
    for ((name, _), median) in all.iter().zip(&medians) {
        let ms = median.as_secs_f64() * 1e3;
        println!(
            "{name:<18} {ms:>9.1} {:>13.1} {:>7.2}",
            ms - alone,
            ms / alone
        );
    }
}

/// The most memory that a call had, in KiB: the kernel's high-water mark, read until the end.
fn peak(env: &TestEnv, args: &[&str]) -> u64 {
    let mut command = Command::new(BINARY);
    env.hermetic(&mut command);
    let mut child = command
        .env("VAULT_PASSWORD_FILE", env.password_file())
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(kib.unwrap_or(0));
    }
    most
}

/// Prints the memory of a call beside Argon2id's own.
fn memory() {
    let own = access().kdf.m / 1024;
    println!("\npeak memory; Argon2id's own is {own} MiB");
    for entries in [1, 1_000, 10_000] {
        let env = home_with(entries);
        let kib = peak(&env, &["get", "client0/entry0"]);
        println!("get of {entries:<12} {:>6.1} MiB", kib as f64 / 1024.0);
    }
}

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    table();
    memory();
}
