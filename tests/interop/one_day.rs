//! One working day of one unlocked vault: git over HTTPS, a signed commit, docker, AWS and ssh get what
//! they need, another host does not, and the client's log has each use.

use std::os::unix::fs::symlink;

use serde_json::Value;

use super::git_remotes::over_https;
use super::helpers::python;
use super::ssh_agent::{KEYS, Servers};
use crate::support::env::BINARY;

#[test]
#[ignore = "needs git, openssl, ssh, sshd and Python's docker and botocore; .ci/run runs it"]
fn each_program_is_served_and_the_clients_log_has_each_use() {
    let servers = Servers::new();
    let env = &servers.env;
    let (_server, host) = over_https(env, &["jo:hunter2"]);
    let keep = |path: &str, user: &str, url: &str, secret: &str| {
        let add = ["add", path, "-u", user, "--url", url];
        env.call(&add).stdin(secret).ok();
    };
    keep("acme/git", "jo", &host, "hunter2");
    keep("acme/hub", "jo", "https://hub.docker.com", "d0cker");
    keep("acme/aws", "AKIAEXAMPLE", "https://aws.example", "s3cret");
    servers.agent(&["--confirm", "never"]);
    for program in [&["git"][..], &["aws", "acme/aws"]] {
        let setup = [&["helper", "--setup", "-y"], program].concat();
        env.call(&setup).ok();
    }
    // From here on nobody says the password.
    let public = KEYS[0].2.trim();
    let cloned = format!(
        "set -e; export GIT_TERMINAL_PROMPT=0; git config --global http.sslCAInfo $PWD/cert.pem
        git -C remote.git config http.receivepack true
        git clone -q {host}/remote.git shop 2>&1; cd shop; git checkout -q -b main
        git -c user.name=Jo -c user.email=jo@acme.example -c gpg.format=ssh \
            -c 'user.signingKey=key::{public}' commit -q -S --allow-empty -m one
        git push -q origin main; git cat-file -p HEAD"
    );
    let pushed = servers.script(&cloned).no_password().ok();
    pushed.shows("BEGIN SSH SIGNATURE");
    assert!(
        !env.shell("git -C remote.git log main")
            .ok()
            .text()
            .is_empty()
    );
    env.shell("mkdir bin").ok();
    symlink(BINARY, env.work().join("bin/docker-credential-vault")).unwrap();
    let script = "\
import docker.credentials, botocore.session
print(docker.credentials.Store('vault').get('https://index.docker.io/v1/')['Secret'])
keys = botocore.session.Session(profile='acme').get_credentials().get_frozen_credentials()
print(keys.access_key, keys.secret_key)
";
    let path = format!("{}:{}", env.path("bin"), std::env::var("PATH").unwrap());
    let asked = python(env, script).var("PATH", path).no_password().ok();
    asked.prints("d0cker\nAKIAEXAMPLE s3cret\n");
    assert_eq!(servers.logs_in("one", 0).code, Some(0));
    assert_eq!(servers.logs_in("two", 0).code, Some(255));
    let log = env.call(&["log", "--client", "acme", "--json"]).ok().json();
    let of_programs = log.as_array().unwrap().iter();
    let of_programs = of_programs.filter(|it| it["action"] == "use" || it["action"] == "refuse");
    let of_programs: Vec<_> = of_programs.map(|it| &it["detail"]).collect();
    let has = |key: &str, value: &str| {
        let with = |it: &&&Value| it[key] == value;
        of_programs.iter().filter(with).count()
    };
    assert!(has("program", "git") >= 2, "{of_programs:#?}");
    for (key, value) in [
        ("program", "docker"),
        ("program", "aws"),
        ("via", "sshsig:git"),
        ("via", "ssh"),
        ("reason", "other-host"),
    ] {
        assert!(has(key, value) >= 1, "{key} {value}: {of_programs:#?}");
    }
    let text = env.call(&["log", "--client", "acme"]).ok();
    let named = host.strip_prefix("https://").unwrap();
    text.shows(named).shows("docker").shows("aws").shows("ssh");
}
