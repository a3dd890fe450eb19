//! `vault sync` with remotes that are reached over ssh and https, each served on this machine.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::git_sync::{git, same, signer, sync};
use crate::support::call::Call;
use crate::support::env::{TestEnv, mode};
use crate::support::wait::wait_until;

/// A server that ends with its test.
pub(super) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// One machine sends, another takes over and adds, and the first has it: `reach` lets a call of a
/// machine get at the remote.
fn story(laptop: &TestEnv, remote: &str, reach: impl for<'a> Fn(Call<'a>) -> Call<'a>) {
    let first = ["sync", "--remote", remote];
    reach(laptop.call(&first)).ok().tells("sent generation 2");
    let desktop = TestEnv::new();
    fs::write(
        desktop.home().join(".gitconfig"),
        fs::read(laptop.home().join(".gitconfig")).unwrap_or_default(),
    )
    .unwrap();
    let signer = signer(laptop);
    let over = ["sync", "--remote", remote, "--signer", &signer];
    reach(desktop.call(&over)).ok().tells("took over");
    desktop.add("acme/desktop", "two");
    reach(desktop.call(&["sync"]))
        .ok()
        .tells("sent generation 3");
    laptop.add("acme/laptop", "one");
    reach(laptop.call(&["sync"]))
        .ok()
        .tells("took in generation 3, sent 4");
    let taken = reach(desktop.call(&["sync", "--json"])).ok().json();
    assert_eq!(taken["taken"], json!(4));
    assert!(same(laptop, &desktop));
}

#[test]
#[ignore = "needs git and sshd; .ci/run runs it"]
fn over_ssh_nothing_is_asked_and_an_unknown_host_is_refused() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    git(
        &laptop,
        "git init -q --bare -b main remote.git; for key in host own; do \
         ssh-keygen -q -t ed25519 -N '' -f $key; done",
    );
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let at = |name: &str| laptop.path(name);
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n\
         PidFile none\nUsePAM no\nPermitRootLogin yes\n",
        at("host"),
        at("own.pub")
    );
    let config = laptop.file("sshd_config", config);
    // It does not start without, where it runs as root.
    let _ = fs::create_dir_all("/run/sshd");
    let mut sshd = Command::new("/usr/sbin/sshd");
    sshd.args(["-D", "-e", "-f", &config]).stderr(Stdio::null());
    let _server = Server(sshd.spawn().unwrap());
    wait_until("sshd", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let options = format!(
        "IdentityFile {}\nIdentitiesOnly yes\nUserKnownHostsFile {}\nStrictHostKeyChecking ask\n",
        at("own"),
        at("known")
    );
    let options = laptop.file("ssh_config", options);
    let bin = laptop.work().join("bin");
    fs::create_dir(&bin).unwrap();
    let ssh = format!("#!/bin/sh\nexec /usr/bin/ssh -F '{options}' \"$@\"\n");
    fs::write(bin.join("ssh"), ssh).unwrap();
    fs::set_permissions(bin.join("ssh"), mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let user = git(&laptop, "id -un");
    let remote = format!("ssh://{user}@127.0.0.1:{port}{}", at("remote.git"));
    let refused = laptop
        .call(&["sync", "--remote", &remote])
        .var("PATH", &path);
    refused.fails(1).says("Host key verification failed");
    let host = fs::read_to_string(at("host.pub")).unwrap();
    fs::write(at("known"), format!("[127.0.0.1]:{port} {host}")).unwrap();
    story(&laptop, &remote, |call| call.var("PATH", &path));
}

/// Serves `remote.git`, which is empty, over https on this machine: the server, and the start of
/// its addresses. With a login, only that may come in.
pub(super) fn over_https(env: &TestEnv, login: &[&str]) -> (Server, String) {
    git(
        env,
        "git init -q --bare -b main remote.git; openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
         -keyout key.pem -out cert.pem -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
         2>/dev/null",
    );
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/https_remote.py");
    let mut serving = Command::new("python3");
    let folder = env.work().display().to_string();
    serving.args([script, &folder, &env.path("cert.pem"), &env.path("key.pem")]);
    let mut serving = (serving.args(login).stdout(Stdio::piped()))
        .spawn()
        .unwrap();
    let mut port = String::new();
    let said = serving.stdout.take().unwrap();
    let server = Server(serving);
    BufReader::new(said).read_line(&mut port).unwrap();
    (server, format!("https://127.0.0.1:{}", port.trim()))
}

#[test]
#[ignore = "needs git, openssl and python3; .ci/run runs it"]
fn over_https_a_certificate_that_nobody_vouches_for_is_refused() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let (_server, host) = over_https(&laptop, &[]);
    let remote = format!("{host}/remote.git");
    let refused = laptop.call(&["sync", "--remote", &remote]).fails(1);
    refused.says("certificate").hints("http.sslCAInfo");
    git(&laptop, "git config --global http.sslCAInfo $PWD/cert.pem");
    story(&laptop, &remote, |call| call);
    assert_eq!(sync(&laptop)["taken"], json!(null));
}
