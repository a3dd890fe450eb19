//! `helper aws` and `helper kube`: JSON on stdout for the one entry that is named.

use serde_json::{Value, json};

use crate::support::call::Call;
use crate::support::env::TestEnv;

fn env() -> TestEnv {
    TestEnv::copied("with keys for clouds", |env| {
        env.call(&["add", "acme/aws", "-u", "AKIAEXAMPLE"])
            .stdin("s3cret")
            .ok();
        env.add("acme/cluster", "t0ken");
        env.add("acme/lines", "one\ntwo");
    })
}

fn kube<'a>(env: &'a TestEnv, entry: &str, version: &str) -> Call<'a> {
    let info = json!({"apiVersion": version, "kind": "ExecCredential", "spec": {}});
    let call = env.call(&["helper", "kube", entry]);
    call.var("KUBERNETES_EXEC_INFO", info.to_string())
}

const V1: &str = "client.authentication.k8s.io/v1";

#[test]
fn aws_gets_the_key_with_its_id_its_token_and_its_end() {
    let env = env();
    let call = || env.call(&["helper", "aws", "acme/aws"]);
    let mut expected = json!({
        "Version": 1, "AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "s3cret"
    });
    assert_eq!(call().ok().json(), expected);
    call().ok().silently();
    let event = env.last_event();
    assert_eq!(
        (&event["action"], &event["detail"]["program"]),
        (&json!("use"), &json!("aws"))
    );
    let edit = [
        "edit",
        "acme/aws",
        "--secret-field",
        "session-token",
        "--expires",
    ];
    let edit = [&edit[..], &["2099-01-31T00:00:00Z"]].concat();
    env.call(&edit).stdin("the-token").ok();
    expected["SessionToken"] = json!("the-token");
    expected["Expiration"] = json!("2099-01-31T00:00:00Z");
    assert_eq!(call().ok().json(), expected);
    env.call(&["edit", "acme/aws", "--expires", "1s"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    call().fails(6).says("acme/aws expired on").hides("s3cret");
}

#[test]
fn what_a_host_refused_is_given_and_told() {
    let env = env();
    for (program, path, secret) in [
        ("aws", "acme/aws", "s3cret"),
        ("kube", "acme/cluster", "t0ken"),
    ] {
        let call = || env.call(&["helper", program, path]);
        call().ok().silently();
        let refused = env.call(&["rotate", path, "--verify-exec", "false"]).run();
        assert_eq!(refused.code, Some(7));
        let told = call().run();
        let said = format!("{path} was refused by its host on");
        assert!(
            told.code == Some(0) && told.stderr.contains(&said),
            "{}",
            told.stderr
        );
        assert!(!told.stderr.contains(secret), "{}", told.stderr);
        assert!(String::from_utf8(told.stdout).unwrap().contains(secret));
        env.call(&["rotate", path, "--verify-exec", "true"]).ok();
        call().ok().silently();
    }
}

#[test]
fn a_cloud_is_told_why_it_gets_nothing_and_no_secret() {
    let env = env();
    let call = |words: &[&str]| env.call(&[&["helper"], words].concat());
    call(&["aws", "acme/none"]).fails(3);
    call(&["aws", "acme"]).fails(2);
    call(&["aws", "acme/cluster"])
        .fails(6)
        .says("no user name")
        .hides("t0ken");
    call(&["kube", "acme/lines"])
        .fails(6)
        .says("line end")
        .hides("two");
    env.call(&["edit", "acme/lines", "-u", "x"]).ok();
    call(&["aws", "acme/lines"])
        .fails(6)
        .says("line end")
        .hides("two");
    for program in ["aws", "kube"] {
        let locked = call(&[program, "acme/aws"]).no_password();
        locked
            .fails(9)
            .says("the vault is locked")
            .hints("vault unlock");
    }
    call(&["aws", "acme/aws", "--yes"]).fails(2);
    call(&["aws", "acme/aws", "--profile", "x"]).fails(2);
    call(&["git"]).fails(2).hints("vault helper --setup git");
    call(&["docker"])
        .fails(2)
        .hints("vault helper --setup docker");
    for bad in ["", "{", "[]", "{\"apiVersion\": 1}"] {
        let call = call(&["kube", "acme/cluster"]).var("KUBERNETES_EXEC_INFO", bad);
        if bad.is_empty() {
            assert_eq!(call.ok().json()["apiVersion"], V1);
        } else {
            call.fails(2).says("KUBERNETES_EXEC_INFO");
        }
    }
    kube(
        &env,
        "acme/cluster",
        "client.authentication.k8s.io/v1alpha1",
    )
    .fails(2)
    .hints("v1beta1");
}

#[test]
fn kubectl_gets_a_token_or_a_certificate_in_the_version_that_it_asks_for() {
    let env = env();
    for version in [V1, "client.authentication.k8s.io/v1beta1"] {
        let got = kube(&env, "acme/cluster", version).ok().json();
        assert_eq!(
            got,
            json!({
                "apiVersion": version, "kind": "ExecCredential", "status": {"token": "t0ken"}
            })
        );
    }
    let expires = ["edit", "acme/cluster", "--expires", "2099-01-31T00:00:00Z"];
    env.call(&expires).ok();
    let attach = |name: &str, text: &str| {
        env.call(&["attach", "acme/cluster", &env.file(name, text)])
            .ok();
    };
    attach("client.crt", "CERT\n");
    kube(&env, "acme/cluster", V1)
        .fails(6)
        .says("no attachment client.key");
    attach("client.key", "KEY\n");
    let got = kube(&env, "acme/cluster", V1).ok().json();
    assert_eq!(
        got["status"],
        json!({
            "clientCertificateData": "CERT\n",
            "clientKeyData": "KEY\n",
            "expirationTimestamp": "2099-01-31T00:00:00Z",
        })
    );
    let uses = env.call(&["log", "--json"]).ok().json();
    let uses: Vec<&Value> = uses
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["action"] == "use")
        .collect();
    assert_eq!(uses.len(), 4, "{uses:?}");
}
