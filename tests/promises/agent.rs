//! Promise 8: other users cannot use the agent, and nobody can hold it up, mislead it or outlast
//! its deadlines.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;
use uuid::Uuid;
use vault::agent::protocol::{self, AgentReply, Keep, Start};
use vault::agent::start::COMMAND;
use vault::agent::{KeepTerms, SocketFolder};
use vault::model::text::limits::{AGENT_CONNECTIONS, AGENT_REQUEST_BYTES};

use crate::promises::forge::Forge;
use crate::promises::{Running, wait_until};
use crate::support::call::Call;
use crate::support::env::{BINARY, CHEAP, PASSWORD, TIMEOUT, TestEnv};

/// A vault with a secret, unlocked.
fn unlocked(options: &[&str]) -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&[&["unlock"], options].concat()).ok();
    env
}

/// A `get` that has no password but by the agent.
fn get(env: &TestEnv) -> Call<'_> {
    env.call(&["get", "acme/wp"]).no_password()
}

#[track_caller]
fn still_serves(env: &TestEnv) {
    get(env).ok().prints("hunter2\n");
}

fn connect(env: &TestEnv) -> UnixStream {
    let stream = UnixStream::connect(env.agent_socket()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// What the agent answers to these bytes before it closes the connection.
fn answer(env: &TestEnv, bytes: &[u8]) -> String {
    let mut stream = connect(env);
    // It may have heard enough before the end.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn process(env: &TestEnv) -> Pid {
    let number = vault::agent::place::process(connect(env));
    Pid::from_raw(number.expect("the system does not say")).unwrap()
}

fn proc(process: Pid, name: &str) -> String {
    fs::read_to_string(format!("/proc/{}/{name}", process.as_raw_nonzero())).unwrap_or_default()
}

/// A line of `/proc/PID/status`, in KiB.
fn kib(process: Pid, key: &str) -> u64 {
    let status = proc(process, "status");
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn has_ended(process: Pid) -> bool {
    test_kill_process(process).is_err() || proc(process, "stat").contains(") Z ")
}

#[test]
fn what_is_no_request_is_answered_without_being_repeated() {
    let env = unlocked(&[]);
    let id = "5b1f3f3e-0000-4000-8000-000000000000";
    let bad = [
        "canary".to_owned(),
        "{\"v\":1,\"op\":\"canary\"}".to_owned(),
        "{\"v\":1,\"op\":\"unwrap\",\"canary\":1}".to_owned(),
        "{\"v\":1,\"op\":\"unwrap\",\"of\":\"canary\",\"wrapped\":\"canary\"}".to_owned(),
        format!("{{\"v\":1,\"op\":\"forget\",\"vault\":\"{id}canary\"}}"),
        "{\"v\":\"canary\",\"op\":\"stop\"}".to_owned(),
        "{\"v\":7,\"op\":\"canary\"}".to_owned(),
        "[".repeat(60_000) + "canary",
        "\u{0}canary".to_owned(),
        String::new(),
    ];
    for request in bad {
        let answer = answer(&env, format!("{request}\n").as_bytes());
        assert!(!answer.contains("canary"), "{answer}");
        assert!(
            answer.contains("\"reply\":\"malformed\"") || answer.contains("\"reply\":\"version\""),
            "{answer}"
        );
    }
    assert_eq!(
        answer(&env, b"\xff\xfe\x00\n"),
        "{\"v\":1,\"reply\":\"malformed\"}\n"
    );
    still_serves(&env);
}

#[test]
fn the_key_itself_is_never_an_answer() {
    let env = unlocked(&[]);
    let forge = Forge::of(&env);
    let key = forge.master_key.to_base64();
    for op in [
        "keep", "touch", "wrap", "unwrap", "status", "forget", "get", "export",
    ] {
        let request = format!("{{\"v\":1,\"op\":\"{op}\"}}\n");
        assert!(!answer(&env, request.as_bytes()).contains(key.expose()));
    }
    let status = answer(&env, b"{\"v\":1,\"op\":\"status\",\"of\":null}\n");
    assert!(status.contains("standing"), "{status}");
}

#[test]
fn half_a_request_is_cut_off() {
    let env = unlocked(&[]);
    let mut silent = connect(&env);
    let mut dripping = connect(&env);
    let cut = thread::spawn(move || {
        // Byte by byte it would take an hour.
        (0..36_000).any(|_| {
            thread::sleep(Duration::from_millis(100));
            dripping.write_all(b"x").is_err()
        })
    });
    let mut nothing = Vec::new();
    silent.read_to_end(&mut nothing).unwrap();
    assert!(nothing.is_empty());
    assert!(cut.join().unwrap(), "it listened to the end");
    still_serves(&env);
}

#[test]
fn more_connections_than_it_holds_do_not_keep_others_out() {
    let env = unlocked(&[]);
    let mut besiegers: Vec<UnixStream> =
        (0..AGENT_CONNECTIONS + 20).map(|_| connect(&env)).collect();
    for stream in &mut besiegers {
        stream.write_all(b"{").unwrap();
    }
    still_serves(&env);
    for mut stream in besiegers {
        let mut rest = Vec::new();
        // Cut off with or without its byte having been read.
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty());
    }
    still_serves(&env);
}

#[test]
fn a_line_without_end_is_not_kept() {
    const LENGTH: usize = 1 << 30;
    let env = unlocked(&[]);
    let mut stream = connect(&env);
    let chunk = vec![b'x'; 1 << 16];
    let mut sent = 0;
    while sent < LENGTH {
        match stream.write(&chunk) {
            Ok(count) => sent += count,
            Err(why) => {
                // Which of the two depends on whether anything that was sent is still unread.
                let is_hung_up = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
                assert!(is_hung_up.contains(&why.kind()), "{why}");
                break;
            }
        }
    }
    // What the system takes before the agent reads is not counted exactly.
    assert!(sent < AGENT_REQUEST_BYTES * 20, "it took {sent} bytes");
    still_serves(&env);
    assert!(kib(process(&env), "VmHWM") < 64 << 10, "more than 64 MiB");
}

#[test]
fn a_request_of_just_the_limit_is_read_and_one_byte_more_is_not() {
    let env = unlocked(&[]);
    let status = "{\"v\":1,\"op\":\"status\",\"of\":null}";
    let padded = |length: usize| format!("{status}{}\n", " ".repeat(length - status.len() - 1));
    let fits = answer(&env, padded(AGENT_REQUEST_BYTES).as_bytes());
    assert!(fits.contains("standing"), "{fits}");
    let long = answer(&env, padded(AGENT_REQUEST_BYTES + 1).as_bytes());
    assert!(!long.contains("standing"), "{long}");
    still_serves(&env);
}

#[test]
fn a_process_that_was_stopped_past_its_deadline_serves_nobody() {
    let env = unlocked(&["--for", "4s"]);
    let process = process(&env);
    kill_process(process, Signal::STOP).unwrap();
    thread::sleep(Duration::from_millis(4500));
    let waiting = connect(&env);
    (&waiting)
        .write_all(b"{\"v\":1,\"op\":\"status\",\"of\":null}\n")
        .unwrap();
    let script = format!(
        "(sleep 0.5; kill -CONT {}) & exec vault get acme/wp",
        process.as_raw_nonzero()
    );
    env.shell(&script).no_password().fails(9);
    let mut heard = String::new();
    let _ = (&waiting).read_to_string(&mut heard);
    assert_eq!(heard, "");
    wait_until("it ends", || has_ended(process));
}

#[test]
fn a_process_that_does_not_answer_is_named_and_the_password_asked_for() {
    let env = unlocked(&[]);
    let process = process(&env);
    kill_process(process, Signal::STOP).unwrap();
    let pid = process.as_raw_nonzero().to_string();
    // Each waits for an answer: they do so side by side.
    thread::scope(|scope| {
        scope.spawn(|| {
            get(&env).fails(9).says("does not answer").says(&pid);
        });
        scope.spawn(|| {
            env.call(&["get", "acme/wp"]).ok().prints("hunter2\n");
        });
        let lock = env.call(&["lock"]).fails(1);
        lock.hints(&format!("kill -9 {pid}"));
    });
    kill_process(process, Signal::KILL).unwrap();
    wait_until("it ends", || has_ended(process));
}

#[test]
#[cfg(target_os = "linux")]
fn its_memory_is_locked_and_never_dumped() {
    let env = unlocked(&[]);
    let process = process(&env);
    assert!(kib(process, "VmLck") > 0);
    let limits = proc(process, "limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4], "0", "the limit in force");
}

#[test]
#[ignore = "needs root, which alone may look into it; .ci/run runs it"]
fn it_takes_nothing_along() {
    let env = unlocked(&[]);
    let process = process(&env);
    assert_eq!(proc(process, "environ"), "");
    let folder = PathBuf::from(format!("/proc/{}", process.as_raw_nonzero()));
    let leads = |name: &str| fs::read_link(folder.join(name)).unwrap();
    assert_eq!(leads("cwd"), Path::new("/"));
    for number in 0..3 {
        assert_eq!(leads(&format!("fd/{number}")), Path::new("/dev/null"));
    }
}

/// `libfaketime`, wherever the system has it.
fn faketime() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap();
    let libraries = folders.map(|folder| folder.unwrap().path().join("faketime/libfaketime.so.1"));
    let mut found = libraries.filter(|library| library.exists());
    found.next().expect("no libfaketime")
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn a_clock_that_is_set_back_keeps_no_key_longer() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let forge = Forge::of(&env);
    let clock = env.file("clock", "+0\n");
    let faked = |program: &str| {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LD_PRELOAD", faketime())
            .env("FAKETIME_TIMESTAMP_FILE", &clock)
            .env("FAKETIME_NO_CACHE", "1");
        command
    };
    SocketFolder::new(env.agent_folder()).make().unwrap();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let mut agent = faked(BINARY);
    agent.arg(COMMAND).stdin(OwnedFd::from(theirs));
    let mut agent = Running::start(agent);
    let vault: Uuid = forge.payload["vault_id"].as_str().unwrap().parse().unwrap();
    let terms = KeepTerms {
        at_most: Duration::from_secs(6),
        idle: Duration::from_mins(1),
    };
    let start = Start {
        folder: env.agent_folder(),
        keep: Keep::new(vault, &forge.master_key, terms),
    };
    ours.write_all(&protocol::line(&start).unwrap()).unwrap();
    let reply = protocol::reply(&protocol::read_line(&ours).unwrap());
    assert!(matches!(reply, AgentReply::Done), "{reply:?}");
    still_serves(&env);
    fs::write(&clock, "-1d\n").unwrap();
    // What reads the clock of the day sees another day.
    let day = |mut command: Command| {
        command
            .arg("+%j")
            .stderr(Stdio::null())
            .output()
            .unwrap()
            .stdout
    };
    assert_ne!(day(faked("date")), day(Command::new("date")));
    wait_until("it ends", || agent.0.try_wait().unwrap().is_some());
    get(&env).fails(9);
}

/// Numbers of users that need not exist.
const ALICE: u32 = 54_001;
const EVE: u32 = 54_002;

/// Alice's home, and Eve who can write where Alice's runtime folder is.
struct TwoUsers {
    root: TempDir,
}

impl TwoUsers {
    /// # Panics
    /// When the test is not run by root.
    fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test is for root"
        );
        let users = Self {
            root: TempDir::new().unwrap(),
        };
        open(users.root.path(), 0o755);
        // The build's folder may be closed to others.
        fs::copy(BINARY, users.path("vault")).unwrap();
        for (folder, bits) in [("home", 0o700), ("run", 0o1777)] {
            fs::create_dir(users.path(folder)).unwrap();
            users.give(folder, ALICE, bits);
        }
        fs::write(users.path("home/password"), PASSWORD).unwrap();
        users.give("home/password", ALICE, 0o600);
        let init = users.alice(&["init", "--kdf", CHEAP]);
        assert!(init.status.success(), "{init:?}");
        users
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn give(&self, name: &str, user: u32, bits: u32) {
        chown(self.path(name), Some(user), Some(user)).unwrap();
        open(&self.path(name), bits);
    }

    /// Runs the binary as Alice, with her password at hand.
    fn alice(&self, args: &[&str]) -> Output {
        self.run(ALICE, args, true)
    }

    fn run(&self, user: u32, args: &[&str], password: bool) -> Output {
        let mut command = Command::new("setsid");
        command
            .args(["--wait", "setpriv", "--clear-groups"])
            .args(["--reuid", &user.to_string(), "--regid", &user.to_string()])
            .arg(self.path("vault"))
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .current_dir("/")
            .stdin(Stdio::null());
        if password {
            command.env("VAULT_PASSWORD_FILE", self.path("home/password"));
        }
        command.output().expect("setpriv does not run")
    }

    fn socket(&self) -> PathBuf {
        self.path("run/vault/agent.sock")
    }

    /// Listens at `path`, a socket of `user`, and keeps what is said there.
    fn spy(path: &Path, user: u32) -> Arc<Mutex<Vec<u8>>> {
        let _ = fs::remove_file(path);
        let listener = UnixListener::bind(path).unwrap();
        chown(path, Some(user), Some(user)).unwrap();
        open(path, 0o600);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut said = Vec::new();
                let _ = stream.read_to_end(&mut said);
                ear.lock().unwrap().extend(said);
            }
        });
        heard
    }

    /// Nothing of Alice's goes to what is there: she is told, and asked for her password.
    #[track_caller]
    fn is_told(&self, heard: &Mutex<Vec<u8>>, about: &str) {
        let get = self.run(ALICE, &["list"], false);
        let said = String::from_utf8_lossy(&get.stderr).into_owned();
        assert_eq!(get.status.code(), Some(9), "{get:?}");
        assert!(said.contains("warning: the agent is not used"), "{said}");
        assert!(
            said.contains("was told nothing") && said.contains(about),
            "{said}"
        );
        // Who names the password does not need the agent.
        let named = self.alice(&["list", "--quiet"]);
        assert!(
            named.status.success() && named.stderr.is_empty(),
            "{named:?}"
        );
        for command in ["unlock", "lock"] {
            let refused = self.alice(&[command]);
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(6), "{refused:?}");
            assert!(said.contains(about), "{said}");
        }
        let status = self.alice(&["status", "--json"]);
        assert!(status.status.success(), "{status:?}");
        assert!(heard.lock().unwrap().is_empty(), "something was said");
    }
}

impl Drop for TwoUsers {
    fn drop(&mut self) {
        let _ = self.alice(&["lock"]);
    }
}

fn open(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}

#[test]
#[ignore = "needs root; .ci/run runs it"]
fn another_user_is_not_heard() {
    let users = TwoUsers::new();
    let unlock = users.alice(&["unlock"]);
    assert!(unlock.status.success(), "{unlock:?}");
    let works = || users.run(ALICE, &["list"], false).status.success();
    assert!(works());
    // Root gets through the door, and is still not Alice.
    let mut stream = UnixStream::connect(users.socket()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let _ = stream.write_all(b"{\"v\":1,\"op\":\"status\",\"of\":null}\n");
    let mut heard = String::new();
    let _ = stream.read_to_string(&mut heard);
    assert_eq!(heard, "");
    let _ = UnixStream::connect(users.socket())
        .unwrap()
        .write_all(b"{\"v\":1,\"op\":\"stop\"}\n");
    assert!(works(), "nobody else ends it");
    // Eve does not even get to the door.
    let door = Command::new("setpriv")
        .args([
            "--clear-groups",
            "--reuid",
            &EVE.to_string(),
            "--regid",
            &EVE.to_string(),
        ])
        .args(["ls", users.path("run/vault").to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!door.status.success(), "{door:?}");
    open(&users.path("run/vault"), 0o711);
    let warned = users.run(ALICE, &["list"], false);
    assert_eq!(warned.status.code(), Some(9), "{warned:?}");
    open(&users.path("run/vault"), 0o700);
    assert!(works());
}

#[test]
#[ignore = "needs root; .ci/run runs it"]
fn a_folder_of_another_user_is_not_used() {
    let users = TwoUsers::new();
    fs::create_dir(users.path("run/vault")).unwrap();
    let heard = TwoUsers::spy(&users.socket(), EVE);
    users.give("run/vault", EVE, 0o777);
    users.is_told(&heard, &EVE.to_string());
}

#[test]
#[ignore = "needs root; .ci/run runs it"]
fn a_link_is_not_followed() {
    let users = TwoUsers::new();
    fs::create_dir(users.path("eve")).unwrap();
    users.give("eve", EVE, 0o755);
    let heard = TwoUsers::spy(&users.path("eve/agent.sock"), EVE);
    symlink(users.path("eve"), users.path("run/vault")).unwrap();
    users.is_told(&heard, "is a link");
    // Not even to a folder of Alice's own.
    users.give("eve", ALICE, 0o700);
    users.is_told(&heard, "is a link");
}

#[test]
#[ignore = "needs root; .ci/run runs it"]
fn a_socket_or_a_process_of_another_user_is_not_used() {
    let users = TwoUsers::new();
    fs::create_dir(users.path("run/vault")).unwrap();
    users.give("run/vault", ALICE, 0o700);
    let heard = TwoUsers::spy(&users.socket(), EVE);
    users.is_told(&heard, &EVE.to_string());
    // The file is Alice's, the process at its other end is root's.
    let heard = TwoUsers::spy(&users.socket(), ALICE);
    users.is_told(&heard, "user 0");
    fs::remove_file(users.socket()).unwrap();
    symlink(users.path("elsewhere.sock"), users.socket()).unwrap();
    let heard = TwoUsers::spy(&users.path("elsewhere.sock"), ALICE);
    users.is_told(&heard, "not a socket");
    fs::remove_file(users.socket()).unwrap();
    File::create(users.socket()).unwrap();
    users.give("run/vault/agent.sock", ALICE, 0o600);
    users.is_told(&heard, "not a socket");
}
