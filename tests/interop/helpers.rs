//! git, docker's, AWS's and Kubernetes' own libraries and a browser's extension ask for logins, and are
//! answered.
//!
//! `VAULT_ORACLE_PYTHON` is a Python that has `docker`, `botocore` and `kubernetes`.

use serde_json::{Value, json};

use super::git_remotes::over_https;
use super::git_sync::git;
use crate::support::call::Call;
use crate::support::env::TestEnv;

/// A script of Python that asks.
pub(super) fn python<'a>(env: &'a TestEnv, script: &str) -> Call<'a> {
    let name = "VAULT_ORACLE_PYTHON";
    let python = std::env::var(name).unwrap_or_else(|_| panic!("{name} is unset"));
    let script = env.file("ask.py", script);
    env.shell(&format!("exec {python} {script}"))
}

fn uses(env: &TestEnv) -> Vec<Value> {
    let log = env.call(&["log", "--json"]).ok().json();
    let log = log.as_array().unwrap().iter();
    log.filter(|it| it["action"] == "use").cloned().collect()
}

#[test]
#[ignore = "needs git, openssl and python3; .ci/run runs it"]
fn git_clones_and_pushes_by_the_vault_and_a_password_that_is_refused_is_flagged() {
    let env = TestEnv::ready();
    let (_server, host) = over_https(&env, &["jo:hunter2 =x"]);
    let add = ["add", "acme/git", "-u", "jo", "--url", &host];
    env.call(&add).stdin("hunter2 =x").ok();
    git(
        &env,
        "git config --global http.sslCAInfo $PWD/cert.pem; git -C remote.git config http.receivepack true",
    );
    env.call(&["helper", "--setup", "git", "--yes"]).ok();
    git(
        &env,
        &format!(
            "export GIT_TERMINAL_PROMPT=0; git clone -q {host}/remote.git copy; cd copy; git checkout -q -b main; \
         echo x > file; git add file; git commit -q -m x; git push -q origin main"
        ),
    );
    let uses = uses(&env);
    assert!(uses.len() >= 2, "{uses:?}");
    let named = host.strip_prefix("https://").unwrap();
    assert!(
        uses.iter().all(|it| it["detail"]["host"] == named),
        "{uses:?}"
    );
    // Somebody has changed it on the host.
    env.call(&["rotate", "acme/git", "--stdin"])
        .stdin("other")
        .ok();
    let fetch = env.shell("GIT_TERMINAL_PROMPT=0 git -C copy fetch -q; echo $?");
    fetch
        .ok()
        .shows("128")
        .tells("refused the secret of acme/git");
    let list = env.call(&["list", "--json"]).ok().json();
    assert_eq!(list[0]["flags"], json!(["refused-by-host"]));
    assert_eq!(env.secret("acme/git"), "other");
    // It is not tried again, and what is typed in its place is stored only by a person's word.
    let again = env.shell("GIT_TERMINAL_PROMPT=0 git -C copy fetch -q; echo $?");
    again.ok().shows("128").tells("acme/git is not given");
    let typed = |password: &str| {
        let line = format!(
            "printf 'url={host}\\nusername=jo\\npassword={password}\\n\\n' | git credential approve"
        );
        env.shell(&line).ok()
    };
    env.call(&["helper", "--setup", "git", "--store", "acme", "-y"])
        .ok();
    typed("hunter2 =x").tells("vault edit acme/git --secret");
    assert_eq!(env.secret("acme/git"), "other");
    // Typed as it is stored, and taken: the host has it again.
    typed("other");
    let list = env.call(&["list", "--json"]).ok().json();
    assert_eq!(list[0]["flags"], json!([]));
    env.call(&["rotate", "acme/git", "--stdin", "--again"])
        .stdin("hunter2 =x")
        .ok();
    let fetch = env.shell("GIT_TERMINAL_PROMPT=0 git -C copy fetch -q; echo $?");
    fetch.ok().shows("0");
}

#[test]
#[ignore = "needs Python's docker; .ci/run runs it"]
fn dockers_library_logs_in_by_the_vault() {
    let env = TestEnv::ready();
    let add = [
        "add",
        "acme/hub",
        "-u",
        "jo",
        "--url",
        "https://hub.docker.com",
    ];
    env.call(&add).stdin("hunter2").ok();
    let script = "\
import docker.credentials, docker.auth, json
store = docker.credentials.Store('vault')
got = store.get('https://index.docker.io/v1/')
try:
    store.get('other.example')
    missing = None
except docker.credentials.errors.CredentialsNotFound:
    missing = True
config = docker.auth.load_config()
resolved = docker.auth.resolve_authconfig(config, None)
print(json.dumps([got, missing, store.list(), resolved, config.get_all_credentials()]))
";
    let bin = env.work().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(
        crate::support::env::BINARY,
        bin.join("docker-credential-vault"),
    )
    .unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    std::fs::create_dir(env.home().join(".docker")).unwrap();
    std::fs::write(
        env.home().join(".docker/config.json"),
        "{\"credsStore\": \"vault\"}",
    )
    .unwrap();
    let got = python(&env, script).var("PATH", path).ok().json();
    let hub = "https://index.docker.io/v1/";
    assert_eq!(
        got[0],
        json!({"ServerURL": hub, "Username": "jo", "Secret": "hunter2"})
    );
    assert_eq!((&got[1], &got[2]), (&json!(true), &json!({hub: "jo"})));
    assert_eq!(
        (&got[3]["Username"], &got[3]["Password"]),
        (&json!("jo"), &json!("hunter2"))
    );
    assert_eq!(got[4][hub]["Password"], "hunter2");
    let uses = uses(&env);
    assert!(!uses.is_empty());
    let is_dockers = |it: &Value| it["detail"]["program"] == "docker";
    assert!(uses.iter().all(is_dockers), "{uses:?}");
}

#[test]
#[ignore = "needs Python's botocore; .ci/run runs it"]
fn awss_library_takes_the_keys_of_a_profile_that_was_set_up() {
    let env = TestEnv::ready();
    env.call(&["add", "acme/aws", "-u", "AKIAEXAMPLE"])
        .stdin("s3cret/+=")
        .ok();
    let edit = [
        "edit",
        "acme/aws",
        "--secret-field",
        "session-token",
        "--expires",
        "2099-01-31",
    ];
    env.call(&edit).stdin("t0ken").ok();
    env.call(&["helper", "--setup", "aws", "acme/aws", "-y"])
        .ok();
    let script = "\
import botocore.session
found = botocore.session.Session(profile='acme').get_credentials().get_frozen_credentials()
print(found.access_key, found.secret_key, found.token)
";
    python(&env, script)
        .ok()
        .prints("AKIAEXAMPLE s3cret/+= t0ken\n");
    assert_eq!(uses(&env)[0]["detail"]["program"], "aws");
}

#[test]
#[ignore = "needs Python's kubernetes; .ci/run runs it"]
fn kubernetes_library_takes_the_token_of_the_user_that_was_printed() {
    let env = TestEnv::ready();
    env.add("acme/cluster", "t0ken");
    let user = env
        .call(&["helper", "--setup", "kube", "acme/cluster"])
        .ok()
        .text()
        .to_owned();
    let config = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: x\nclusters:\n- name: x\n  cluster: {{server: 'https://x.example'}}\n\
         contexts:\n- name: x\n  context: {{cluster: x, user: acme}}\n{user}"
    );
    let script = format!(
        "\
import kubernetes.config, kubernetes.client
kubernetes.config.load_kube_config('{}')
print(*kubernetes.client.Configuration.get_default_copy().api_key.values())
",
        env.file("kubeconfig", config)
    );
    python(&env, &script).ok().prints("Bearer t0ken\n");
    assert_eq!(uses(&env)[0]["detail"]["program"], "kube");
}

#[test]
#[ignore = "needs Firefox and Debian's webext-browserpass; .ci/run runs it"]
fn firefox_fills_a_login_form_by_the_vault_and_no_other_hosts() {
    let env = TestEnv::ready();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("http://127.0.0.1:{port}/start");
    // A name that is the other host's would mislead the extension.
    let add = ["add", "acme/localhost", "-u", "jo", "--url", &url];
    env.call(&add).stdin("hunter2 =x").ok();
    let add = [
        "add",
        "acme/bank",
        "-u",
        "al",
        "--url",
        "https://bank.example",
    ];
    env.call(&add).stdin("s3cret").ok();
    std::fs::create_dir(env.home().join(".mozilla")).unwrap();
    env.call(&["helper", "--setup", "browserpass", "-y"]).ok();
    env.call(&["unlock"]).ok();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/fill.py");
    let filled = env
        .shell(&format!("exec python3 {script} {port}"))
        .no_password();
    let got = filled.ok().json();
    let here = format!("127.0.0.1:{port}");
    let shown = format!("{here}/@acme/\n@localhost");
    assert!(got["here"].as_str().unwrap().ends_with(&shown), "{got}");
    assert!(!got["here"].as_str().unwrap().contains("@bank"), "{got}");
    assert_eq!(got["filled"], json!(["jo", "hunter2 =x"]));
    // There nothing is offered, and what is searched for is not filled in.
    let elsewhere = format!("localhost:{port}");
    assert_eq!(
        (&got["elsewhere"], &got["chosen"]),
        (&json!(elsewhere), &json!(false))
    );
    assert!(got["searched"].as_str().unwrap().contains(&shown), "{got}");
    let why = format!("acme/localhost is for http://{here}/start, not for http://{elsewhere}");
    assert!(got["refused"].as_str().unwrap().contains(&why), "{got}");
    assert_eq!(got["not_filled"], json!(["", ""]));
    let locked = "Error: the vault is locked (open it first: vault unlock)";
    assert_eq!(got["locked"], locked);
    let uses = uses(&env);
    assert_eq!(uses.len(), 1, "{uses:?}");
    let detail = &uses[0]["detail"];
    assert_eq!(
        (&detail["program"], &detail["host"]),
        (&json!("browserpass"), &json!(here))
    );
}
