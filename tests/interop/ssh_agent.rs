//! OpenSSH and git use the keys of the vault by its SSH agent: on two servers of this machine, over
//! a hop, and for signatures.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::call::{Call, Output};
use crate::support::env::{TestEnv, mode};
use crate::support::wait::wait_until;

pub(super) const KEYS: [(&str, &str, &str); 4] = [
    (
        "acme/deploy",
        include_str!("../vectors/ssh_keys/ed25519"),
        include_str!("../vectors/ssh_keys/ed25519.pub"),
    ),
    (
        "globex/p256",
        include_str!("../vectors/ssh_keys/p256"),
        include_str!("../vectors/ssh_keys/p256.pub"),
    ),
    (
        "initech/p384",
        include_str!("../vectors/ssh_keys/p384"),
        include_str!("../vectors/ssh_keys/p384.pub"),
    ),
    (
        "umbrella/p521",
        include_str!("../vectors/ssh_keys/p521-short"),
        include_str!("../vectors/ssh_keys/p521-short.pub"),
    ),
];

/// Two servers that let all of the keys in, and a home that knows both.
pub(super) struct Servers {
    pub(super) env: TestEnv,
    running: Vec<Child>,
    ports: Vec<u16>,
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &mut self.running {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }
}

impl Servers {
    pub(super) fn new() -> Self {
        let env = TestEnv::ready();
        let mut servers = Self {
            running: Vec::new(),
            ports: Vec::new(),
            env,
        };
        let all: String = KEYS.iter().map(|(_, _, public)| *public).collect();
        let authorized = servers.env.file("authorized", all);
        fs::create_dir(servers.env.home().join(".ssh")).unwrap();
        // sshd does not start without, where it runs as root.
        let _ = fs::create_dir_all("/run/sshd");
        for name in ["one", "two"] {
            servers.start(name, &authorized);
        }
        let [one, two] = [servers.ports[0], servers.ports[1]];
        let known = servers.env.home().join(".ssh/known_hosts");
        let hosts = format!(
            "Host one\n  HostName 127.0.0.1\n  Port {one}\n\
             Host two\n  HostName 127.0.0.1\n  Port {two}\n"
        );
        let any = format!(
            "Host *\n  User {}\n  IdentityFile none\n  UserKnownHostsFile {}\n  \
             StrictHostKeyChecking yes\n  BatchMode yes\n  ConnectTimeout 20\n",
            servers.user(),
            known.display()
        );
        servers.env.file("hop_config", format!("{hosts}{any}"));
        let socket = servers.env.ssh_socket().display().to_string();
        let config = format!("{hosts}{any}  IdentityAgent {socket}\n");
        servers.env.file("ssh_config", config);
        servers.add_keys(one);
        servers
    }

    fn user(&self) -> String {
        let user = self.env.shell("id -un").ok();
        user.text().trim().to_owned()
    }

    fn start(&mut self, name: &str, authorized: &str) {
        let env = &self.env;
        env.shell(&format!("ssh-keygen -q -t ed25519 -N '' -f host_{name}"))
            .ok();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {authorized}\n\
             StrictModes no\nPidFile none\nUsePAM no\nPermitRootLogin yes\nMaxAuthTries 10\n",
            env.path(&format!("host_{name}"))
        );
        let config = env.file(&format!("sshd_{name}"), config);
        let mut sshd = Command::new("/usr/sbin/sshd");
        sshd.args(["-D", "-e", "-f", &config]).stderr(Stdio::null());
        self.running.push(sshd.spawn().unwrap());
        wait_until("sshd", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        let key = fs::read_to_string(env.path(&format!("host_{name}.pub"))).unwrap();
        let known = env.home().join(".ssh/known_hosts");
        let before = fs::read_to_string(&known).unwrap_or_default();
        fs::write(&known, format!("{before}[127.0.0.1]:{port} {key}")).unwrap();
        self.ports.push(port);
    }

    /// Hashes the known hosts, and keeps the keys: the first for server one alone.
    fn add_keys(&self, port: u16) {
        self.env
            .shell("ssh-keygen -q -H -f ~/.ssh/known_hosts")
            .ok();
        for (entry, key, _) in KEYS {
            self.env.add(entry, key);
        }
        let url = format!("ssh://{}@127.0.0.1:{port}", self.user());
        let edit = ["edit", "acme/deploy", "--url", &url];
        self.env.call(&edit).ok();
        let sign = ["edit", "acme/deploy", "--field", "ssh-sign=git"];
        self.env.call(&sign).ok();
        self.env
            .call(&["unlock", "--for", "1h", "--idle", "1h"])
            .ok();
    }

    pub(super) fn agent(&self, options: &[&str]) {
        let program = self
            .env
            .file("askpass", "#!/bin/sh\necho \"$1\" >> \"${0%/*}/asked\"\n");
        fs::set_permissions(&program, mode(0o700)).unwrap();
        let args = [&["ssh-agent"], options].concat();
        self.env.call(&args).var("SSH_ASKPASS", program).ok();
    }

    /// A script that finds the agent.
    pub(super) fn script(&self, script: &str) -> Call<'_> {
        let call = self.env.shell(script);
        call.var("SSH_AUTH_SOCK", self.env.ssh_socket())
    }

    /// Whether `ssh` logs in with one key alone.
    pub(super) fn logs_in(&self, host: &str, key: usize) -> Output {
        let public = self.env.file("only.pub", KEYS[key].2);
        self.script(&format!(
            "ssh -F ssh_config -o IdentitiesOnly=yes -i {public} {host} echo here"
        ))
        .run()
    }

    fn uses(&self) -> Vec<Value> {
        let log = self.env.call(&["log", "--json"]).ok().json();
        let events = log.as_array().unwrap().iter();
        let meant = events.filter(|it| it["action"] == "use" || it["action"] == "refuse");
        meant.map(|it| it["detail"].clone()).collect()
    }
}

#[test]
#[ignore = "needs ssh and sshd; .ci/run runs it"]
fn ssh_logs_in_where_the_key_may_and_is_refused_elsewhere() {
    let servers = Servers::new();
    servers.agent(&["--confirm", "never"]);
    let listed = servers.script("ssh-add -l").ok();
    for (entry, _, _) in KEYS {
        assert!(listed.text().contains(entry), "{}", listed.text());
    }
    for key in 0..KEYS.len() {
        let one = servers.logs_in("one", key);
        assert_eq!(one.code, Some(0), "{one:?}");
        assert_eq!(one.stdout, b"here\n");
    }
    assert_eq!(servers.logs_in("two", 1).code, Some(0), "a free key");
    let two = servers.logs_in("two", 0);
    assert_eq!(two.code, Some(255), "{two:?}");
    assert!(two.stderr.contains("agent refused operation"), "{two:?}");
    let uses = servers.uses();
    assert_eq!(uses.len(), KEYS.len() + 2);
    assert_eq!(uses[0]["via"], "ssh");
    assert_eq!(uses[0]["user"], servers.user());
    assert_eq!(uses[0]["host"], format!("[127.0.0.1]:{}", servers.ports[0]));
    assert_eq!(uses[5]["reason"], "other-host");
    servers.env.call(&["lock"]).no_password().ok();
    assert!(
        servers
            .script("ssh-add -l")
            .run()
            .stdout
            .starts_with(b"The agent has no")
    );
    assert_eq!(servers.logs_in("one", 0).code, Some(255));
    // It takes no keys in, and lets nobody lock it.
    servers.script("ssh-add host_one").fails(1);
    servers.script("ssh-add -D").fails(1);
}

#[test]
#[ignore = "needs ssh and sshd; .ci/run runs it"]
fn over_a_hop_each_login_is_asked_and_bound_to_its_last_server() {
    let servers = Servers::new();
    servers.agent(&["--confirm", "never"]);
    let hop = servers.env.path("hop_config");
    let over = |from: &str, to: &str| {
        let login = format!("ssh -F {hop} {to} echo there");
        servers
            .script(&format!("ssh -A -F ssh_config {from} '{login}'"))
            .run()
    };
    let asked = || {
        let text = fs::read_to_string(servers.env.path("asked")).unwrap_or_default();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // Its own key is offered first, for both.
    let there = over("one", "one");
    assert_eq!(there.stdout, b"there\n", "{there:?}");
    assert!(
        asked()[0].contains("through the agent forwarded to") && asked()[0].contains("acme/deploy")
    );
    let uses = servers.uses();
    assert_eq!(uses[0]["via"], "ssh");
    assert_eq!(uses[1]["via"], "ssh-forwarded");
    let there = over("one", "two");
    assert_eq!(there.stdout, b"there\n", "{there:?}");
    let uses = servers.uses();
    assert_eq!(uses[3]["reason"], "other-host", "of the key for one alone");
    assert_eq!(uses[4]["via"], "ssh-forwarded");
    assert_eq!(asked().len(), 2);
}

#[test]
#[ignore = "needs git and ssh-keygen; .ci/run runs it"]
fn git_and_ssh_keygen_sign_in_the_namespaces_that_a_key_has() {
    let servers = Servers::new();
    servers.agent(&[]);
    let sign = |key: usize| {
        let public = KEYS[key].2.trim();
        format!(
            "git init -q -b main repo 2>/dev/null; cd repo; echo 'jo@acme.example {public}' > signers; \
             git -c user.name=Jo -c user.email=jo@acme.example -c gpg.format=ssh \
             -c 'user.signingKey=key::{public}' commit -q -S --allow-empty -m one && \
             git -c gpg.ssh.allowedSignersFile=signers verify-commit HEAD"
        )
    };
    for key in 0..KEYS.len() {
        let signed = servers.script(&sign(key)).run();
        assert_eq!(signed.code, Some(0), "{signed:?}");
        assert!(
            signed.stderr.contains("Good \"git\" signature"),
            "{signed:?}"
        );
    }
    let file = |key: usize| {
        servers.env.file("key.pub", KEYS[key].2);
        servers.env.file("text", "a text");
        let script = "rm -f text.sig; ssh-keygen -q -Y sign -n file -U -f key.pub text && \
                      ssh-keygen -Y check-novalidate -n file -s text.sig < text";
        servers.script(script).run()
    };
    assert_eq!(file(1).code, Some(0));
    assert_ne!(file(0).code, Some(0), "it has git alone");
    let uses = servers.uses();
    assert_eq!(uses[0]["via"], "sshsig:git");
    assert_eq!(uses.last().unwrap()["reason"], "namespace");
}

#[test]
#[ignore = "needs ssh and sshd; .ci/run runs it"]
fn a_clients_socket_offers_its_keys_alone() {
    let servers = Servers::new();
    servers.agent(&["--confirm", "never"]);
    let of = |client: &str| {
        servers
            .env
            .agent_folder()
            .join(format!("ssh/{client}.sock"))
    };
    wait_until("the clients' sockets", || of("umbrella").exists());
    let login = |client: &str| {
        let socket = of(client).display().to_string();
        servers
            .script(&format!(
                "ssh -F ssh_config -o IdentityAgent={socket} two echo here"
            ))
            .run()
    };
    assert_eq!(login("globex").stdout, b"here\n");
    assert_eq!(
        login("acme").code,
        Some(255),
        "its one key is for server one"
    );
    let uses = servers.uses();
    assert_eq!(uses.len(), 2);
    assert_eq!(uses[1]["reason"], "other-host");
}
