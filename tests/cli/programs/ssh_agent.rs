//! The SSH agent: which keys it offers, for which servers and namespaces it signs, and what the log
//! says of it.

use std::fs;

use serde_json::Value;

use crate::support::env::{TestEnv, mode_of};
use crate::support::ssh_client::{SshClient, SshHost, YES, file, login};
use crate::support::wait::wait_until;

pub(super) const KEY: &str = include_str!("../../vectors/ssh_keys/ed25519");
pub(super) const PUBLIC: &str = include_str!("../../vectors/ssh_keys/ed25519.pub");
pub(super) const P256: &str = include_str!("../../vectors/ssh_keys/p256");
const P256_PUBLIC: &str = include_str!("../../vectors/ssh_keys/p256.pub");
const P521: &str = include_str!("../../vectors/ssh_keys/p521-short");
const P521_PUBLIC: &str = include_str!("../../vectors/ssh_keys/p521-short.pub");
const RSA: &str = include_str!("../../vectors/ssh_keys/rsa");
const PASSPHRASE: &str = include_str!("../../vectors/ssh_keys/passphrase");
pub(super) const SESSION: &[u8] = b"a session";

/// An unlocked vault with a key for `root` at web1 (acme), a free one (globex), and an agent that
/// does not ask.
fn running() -> TestEnv {
    let env = with_keys();
    env.call(&["unlock"]).ok();
    start(&env, &["--confirm", "never"]);
    env
}

pub(super) fn with_keys() -> TestEnv {
    let env = TestEnv::copied("with SSH keys", |env| {
        let url = "ssh://root@web1.acme.example";
        let add = ["add", "acme/deploy", "--url", url];
        env.call(&add).stdin(KEY).ok();
        env.add("globex/git", P256);
        env.add("acme/wp", "hunter2");
    });
    knows(&env, "web1.acme.example", &SshHost::new(1));
    env
}

/// Lets the user know a host.
pub(super) fn knows(env: &TestEnv, name: &str, host: &SshHost) {
    let ssh = env.home().join(".ssh");
    fs::create_dir_all(&ssh).unwrap();
    let file = ssh.join("known_hosts");
    let before = fs::read_to_string(&file).unwrap_or_default();
    fs::write(file, format!("{before}{name} {}\n", host.public())).unwrap();
}

/// Starts the agent in the background.
pub(super) fn start(env: &TestEnv, options: &[&str]) {
    let args = [&["ssh-agent"], options].concat();
    let started = env.call(&args).var("SHELL", "/bin/bash").ok();
    let socket = env.ssh_socket();
    let said = format!(
        "SSH_AUTH_SOCK={}; export SSH_AUTH_SOCK;\n",
        socket.display()
    );
    assert!(started.text().starts_with(&said), "{}", started.text());
}

pub(super) fn client(env: &TestEnv) -> SshClient {
    SshClient::at(&env.ssh_socket())
}

/// A connection that is bound to a session with a host.
pub(super) fn bound(env: &TestEnv, host: u8) -> SshClient {
    let mut client = client(env);
    assert_eq!(client.bind(&SshHost::new(host), SESSION, false), YES);
    client
}

/// The events of the log that are uses and refusals.
pub(super) fn uses(env: &TestEnv) -> Vec<Value> {
    let log = env.call(&["log", "--json"]).ok().json();
    let events = log.as_array().unwrap().iter();
    let meant = events.filter(|it| it["action"] == "use" || it["action"] == "refuse");
    meant.cloned().collect()
}

#[test]
fn keys_are_offered_while_the_vault_is_unlocked_and_no_longer() {
    let env = running();
    assert_eq!(client(&env).names(), ["acme/deploy", "globex/git"]);
    let data = login(P256_PUBLIC, SESSION, "jo", None);
    assert!(client(&env).signs(P256_PUBLIC, &data));
    env.call(&["lock"]).no_password().ok();
    let mut same = client(&env);
    assert!(same.names().is_empty());
    assert!(!same.signs(P256_PUBLIC, &data));
    env.call(&["unlock"]).ok();
    assert_eq!(same.names().len(), 2, "the agent goes on");
}

#[test]
fn a_key_logs_in_where_its_url_says_and_nowhere_else() {
    let env = running();
    let data = login(PUBLIC, SESSION, "root", Some(&SshHost::new(1)));
    assert!(bound(&env, 1).signs(PUBLIC, &data));
    let plain = login(PUBLIC, SESSION, "root", None);
    assert!(bound(&env, 1).signs(PUBLIC, &plain));
    for (host, data) in [
        (2, plain.clone()),
        (2, data.clone()),
        (1, login(PUBLIC, SESSION, "kim", None)),
        (1, login(PUBLIC, b"another session", "root", None)),
        (1, login(PUBLIC, SESSION, "root", Some(&SshHost::new(2)))),
        (1, login(P256_PUBLIC, SESSION, "root", None)),
        (1, b"any text".to_vec()),
        (1, file("git")),
    ] {
        assert!(!bound(&env, host).signs(PUBLIC, &data), "{host} {data:?}");
    }
    let free = login(P256_PUBLIC, SESSION, "kim", None);
    assert!(bound(&env, 2).signs(P256_PUBLIC, &free), "one without URLs");
}

#[test]
fn the_log_has_each_use_and_each_refusal() {
    let env = running();
    let (root, kim) = (
        login(PUBLIC, SESSION, "root", None),
        login(P256_PUBLIC, SESSION, "kim", None),
    );
    assert!(bound(&env, 1).signs(PUBLIC, &root));
    assert!(!bound(&env, 2).signs(PUBLIC, &root));
    assert!(!bound(&env, 2).signs(PUBLIC, &root), "logged once");
    assert!(bound(&env, 2).signs(P256_PUBLIC, &kim));
    assert!(client(&env).signs(P256_PUBLIC, &file("git")));
    let events = uses(&env);
    let details: Vec<&Value> = events.iter().map(|event| &event["detail"]).collect();
    assert_eq!(details.len(), 4, "{events:#?}");
    assert_eq!(details[0]["via"], "ssh");
    assert_eq!(details[0]["user"], "root");
    assert_eq!(details[0]["host"], "web1.acme.example");
    assert_eq!(details[0]["host_key"], SshHost::new(1).fingerprint());
    let listed = env.call(&["ssh-agent", "--list", "--json"]).ok().json();
    assert_eq!(details[0]["ssh_key"], listed[0]["fingerprint"]);
    assert_eq!(events[0]["subjects"][0]["name"], "acme/deploy");
    assert_eq!(events[1]["action"], "refuse");
    assert_eq!(details[1]["reason"], "other-host");
    assert_eq!(details[1]["host"], SshHost::new(2).fingerprint());
    assert_eq!(details[2]["host"], SshHost::new(2).fingerprint());
    assert_eq!(details[3]["via"], "sshsig:git");
    let log = env.call(&["log", "--client", "acme"]).ok();
    log.shows("as root at web1.acme.example");
    log.shows("because the key is for other servers, as root at");
}

#[test]
fn a_field_names_the_servers_keys_instead_of_known_hosts() {
    let env = with_keys();
    let one = SshHost::new(1);
    let named = format!("host-key={}", SshHost::new(3).fingerprint());
    env.call(&["edit", "acme/deploy", "--field", &named]).ok();
    let whole = format!("host-key={}", one.public());
    env.call(&["edit", "globex/git", "--field", &whole]).ok();
    env.call(&["unlock"]).ok();
    start(&env, &["--confirm", "never"]);
    let data = login(PUBLIC, SESSION, "root", None);
    assert!(bound(&env, 3).signs(PUBLIC, &data));
    assert!(!bound(&env, 1).signs(PUBLIC, &data));
    let data = login(P256_PUBLIC, SESSION, "anybody", None);
    assert!(
        bound(&env, 1).signs(P256_PUBLIC, &data),
        "no URL, and bound"
    );
    assert!(!bound(&env, 3).signs(P256_PUBLIC, &data));
    let broken = "host-key=MD5:aa";
    env.call(&["edit", "globex/git", "--field", broken]).ok();
    assert!(
        !bound(&env, 1).signs(P256_PUBLIC, &data),
        "closed, not open"
    );
}

#[test]
fn each_of_several_servers_has_the_keys_that_name_it() {
    let env = with_keys();
    let second = "ssh://deploy@web2.acme.example";
    env.call(&["edit", "acme/deploy", "--url", second]).ok();
    let [one, two] = [4, 5].map(|seed| SshHost::new(seed).fingerprint());
    let host_keys = |text: &str| {
        let field = format!("host-key={text}");
        env.call(&["edit", "acme/deploy", "--field", &field]).ok();
    };
    host_keys(&format!("{one} {two}"));
    env.call(&["unlock"]).ok();
    start(&env, &["--confirm", "never"]);
    let at = |host: u8, user: &str| {
        let data = login(PUBLIC, SESSION, user, None);
        bound(&env, host).signs(PUBLIC, &data)
    };
    assert!(!at(4, "root") && !at(5, "deploy"), "whose key is which?");
    let listed = env.call(&["ssh-agent", "--list"]).ok();
    listed.shows("host-key does not say of which server");
    host_keys(&format!(
        "web1.acme.example={one}, web2.acme.example:22={two}"
    ));
    assert!(at(4, "root") && at(5, "deploy"));
    let last = uses(&env).pop().unwrap();
    assert_eq!(last["detail"]["host"], "web2.acme.example");
    assert!(!at(5, "root"), "root's server is another");
    assert!(!at(4, "deploy"), "deploy's server is another");
    let last = uses(&env).pop().unwrap();
    assert_eq!(last["detail"]["host"], "web2.acme.example");
    assert_eq!(last["detail"]["reason"], "other-user");
}

#[test]
fn files_are_signed_in_the_namespaces_that_are_named() {
    let env = with_keys();
    let named = ["--field", "ssh-sign=git, file"];
    env.call(&[&["edit", "acme/deploy"], &named[..]].concat())
        .ok();
    env.call(&["unlock"]).ok();
    start(&env, &["--confirm", "never"]);
    for (namespace, is_signed) in [("git", true), ("file", true), ("vault-consent", false)] {
        let signed = client(&env).signs(PUBLIC, &file(namespace));
        assert_eq!(signed, is_signed, "{namespace}");
    }
    assert!(client(&env).signs(P256_PUBLIC, &file("vault-consent")));
}

#[test]
fn each_client_has_a_socket_for_its_own_keys() {
    let env = running();
    let of = |client: &str| env.agent_folder().join(format!("ssh/{client}.sock"));
    wait_until("the clients' sockets", || of("globex").exists());
    assert_eq!(SshClient::at(&of("acme")).names(), ["acme/deploy"]);
    let mut globex = SshClient::at(&of("globex"));
    assert_eq!(globex.names(), ["globex/git"]);
    let data = login(PUBLIC, SESSION, "root", None);
    assert_eq!(globex.bind(&SshHost::new(1), SESSION, false), YES);
    assert!(!globex.signs(PUBLIC, &data), "another client's");
    env.add("third/key", P521);
    wait_until("a new client's socket", || of("third").exists());
    let mut third = SshClient::at(&of("third"));
    let data = login(P521_PUBLIC, SESSION, "jo", None);
    assert!(third.signs(P521_PUBLIC, &data));
    env.call(&["mv", "globex/git", "initech/git"]).ok();
    wait_until("the socket under the new name", || of("initech").exists());
    wait_until("the old one goes", || !of("globex").exists());
    for (path, bits) in [
        (env.agent_folder(), 0o700),
        (env.agent_folder().join("ssh"), 0o700),
        (env.ssh_socket(), 0o600),
        (of("acme"), 0o600),
    ] {
        assert_eq!(mode_of(&path), bits, "{}", path.display());
    }
}

#[test]
fn one_client_can_be_served_alone() {
    let env = with_keys();
    env.call(&["unlock"]).ok();
    env.call(&["ssh-agent", "--client", "acne"])
        .fails(3)
        .hints("acme");
    start(&env, &["--confirm", "never", "--client", "acme"]);
    assert_eq!(client(&env).names(), ["acme/deploy"]);
    let data = login(P256_PUBLIC, SESSION, "jo", None);
    assert!(!client(&env).signs(P256_PUBLIC, &data));
    let of = |client: &str| env.agent_folder().join(format!("ssh/{client}.sock"));
    wait_until("its socket", || of("acme").exists());
    assert!(!of("globex").exists());
}

#[test]
fn attached_keys_are_offered_and_what_is_not_says_why() {
    let env = with_keys();
    let attach = |name: &str, key: &str| {
        let file = env.file(name, key);
        env.call(&["attach", "acme/wp", &file]).ok();
    };
    attach("id_ecdsa", P521);
    attach("id_rsa", RSA);
    env.add("acme/locked", PASSPHRASE);
    let listed = env.call(&["ssh-agent", "--list", "--json"]).ok().json();
    let of = |name: &str| {
        let mut all = listed.as_array().unwrap().iter();
        all.find(|it| it["key"] == name).unwrap().clone()
    };
    assert_eq!(of("acme/wp#id_ecdsa")["type"], "ecdsa-sha2-nistp521");
    assert_eq!(of("acme/wp#id_rsa")["offered"], false);
    assert!(
        of("acme/wp#id_rsa")["problem"]
            .as_str()
            .unwrap()
            .contains("RSA")
    );
    let locked = of("acme/locked")["problem"].as_str().unwrap().to_owned();
    assert!(locked.contains("passphrase"), "{locked}");
    let listed = env.call(&["ssh-agent", "--list"]).ok();
    listed.shows("root@web1.acme.example").shows("anywhere");
    let clients = env.agent_folder().join("ssh");
    let acme = clients.join("acme.sock").display().to_string();
    assert_eq!(of("acme/wp#id_ecdsa")["socket"], acme);
    let (all, each) = (env.ssh_socket(), clients.join("CLIENT.sock"));
    listed.tells(&format!(
        "{}, and for one client's keys {}",
        all.display(),
        each.display()
    ));
    env.call(&["unlock"]).ok();
    env.call(&["ssh-agent", "--confirm", "never"])
        .ok()
        .tells("acme/locked is not offered: it has a passphrase");
    let names = client(&env).names();
    assert_eq!(names, ["acme/deploy", "acme/wp#id_ecdsa", "globex/git"]);
    let data = login(P521_PUBLIC, SESSION, "jo", None);
    assert!(client(&env).signs(P521_PUBLIC, &data));
    assert_eq!(uses(&env)[0]["detail"]["what"], "attachment");
    env.call(&["rm", "globex/git", "--yes"]).ok();
    assert_eq!(client(&env).names().len(), 2, "the trash is not offered");
}

#[test]
fn it_starts_locked_and_finds_the_keys_once_unlocked() {
    let env = with_keys();
    let started = env
        .call(&["ssh-agent", "--confirm", "never"])
        .no_password()
        .ok();
    started.tells("vault unlock");
    assert!(client(&env).names().is_empty());
    env.call(&["unlock"]).ok();
    assert_eq!(client(&env).names().len(), 2);
    let socket = env.agent_folder().join("ssh/acme.sock");
    wait_until("the clients' sockets", || socket.exists());
}

#[test]
fn there_is_one_and_it_is_ended_with_its_sockets() {
    let env = running();
    start(&env, &[]);
    let foreground = env.call(&["ssh-agent", "--foreground"]);
    foreground.fails(7).hints("vault ssh-agent --stop");
    let process = vault::agent::place::process(&client(&env).stream).unwrap();
    let again = env.call(&["ssh-agent"]).ok();
    assert!(again.text().contains(&format!("SSH_AGENT_PID={process};")));
    let other = env.path("other.age");
    fs::copy(env.vault_file(), &other).unwrap();
    for args in [&["ssh-agent"][..], &["ssh-agent", "--stop"]] {
        let call = env.call(&[&["--vault", &other], args].concat());
        call.fails(7)
            .says("another vault")
            .hints("ssh-agent --stop");
    }
    assert_eq!(client(&env).names().len(), 2, "it was left alone");
    let acme = env.agent_folder().join("ssh/acme.sock");
    wait_until("the clients' sockets", || acme.exists());
    let stopped = env
        .call(&["ssh-agent", "--stop"])
        .var("SHELL", "/bin/sh")
        .ok();
    assert_eq!(
        stopped.text(),
        "unset SSH_AUTH_SOCK;\nunset SSH_AGENT_PID;\n"
    );
    assert!(!env.ssh_socket().exists() && !acme.exists());
    env.call(&["ssh-agent", "-k"])
        .ok()
        .tells("There is no SSH agent");
}

#[test]
fn what_a_process_left_that_was_killed_is_replaced() {
    let env = running();
    let process = vault::agent::place::process(&client(&env).stream).unwrap();
    let acme = env.agent_folder().join("ssh/acme.sock");
    wait_until("the clients' sockets", || acme.exists());
    env.shell(&format!("kill -9 {process}")).ok();
    let stopped = || env.call(&["ssh-agent", "--stop"]).run();
    wait_until("it is gone", || stopped().stderr.contains("There is no"));
    assert!(env.ssh_socket().exists() && acme.exists(), "left behind");
    start(&env, &["--confirm", "never"]);
    assert_eq!(client(&env).names().len(), 2);
    wait_until("a new socket", || {
        std::os::unix::net::UnixStream::connect(&acme).is_ok()
    });
}

#[test]
fn what_the_shell_takes_over_is_in_its_language() {
    let env = with_keys();
    let csh = env.call(&["ssh-agent"]).var("SHELL", "/bin/tcsh").ok();
    let said = format!("setenv SSH_AUTH_SOCK {};\n", env.ssh_socket().display());
    assert!(csh.text().starts_with(&said), "{}", csh.text());
    let ended = env.call(&["ssh-agent", "-k"]).var("SHELL", "/bin/csh").ok();
    ended.prints("unsetenv SSH_AUTH_SOCK;\nunsetenv SSH_AGENT_PID;\n");
    let script =
        "eval \"$(vault ssh-agent 2>/dev/null)\"; kill -0 $SSH_AGENT_PID && test -S $SSH_AUTH_SOCK";
    env.shell(script).ok();
    env.call(&["ssh-agent", "-k"]).ok();
    let json = env.call(&["ssh-agent", "--json"]).ok().json();
    assert_eq!(json["socket"], env.ssh_socket().to_str().unwrap());
}

#[test]
fn options_that_name_another_key_are_refused() {
    let env = with_keys();
    let file = env.password_file();
    let file = file.to_str().unwrap();
    for option in [
        &["--no-agent"][..],
        &["--password-file", file],
        &["--identity", file],
    ] {
        let args = [&["ssh-agent"], option].concat();
        env.call(&args).fails(2).says(option[0]);
    }
    env.call(&["ssh-agent", "--confirm", "sometimes"]).fails(2);
    env.call(&["__ssh-agent"]).fails(2).hints("vault ssh-agent");
    let nowhere = ["ssh-agent", "--vault", "nowhere.age"];
    env.call(&nowhere).fails(3);
    assert!(!env.ssh_socket().exists());
}
