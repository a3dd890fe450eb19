//! Shares and the documents around them, held against OpenSSH and stock age; and the whole story of
//! a share, through the binary alone.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use vault::exchange::letter::{block, document_in};

use crate::interop::run;
use crate::support::env::{TestEnv, number};
use crate::support::sender::{Sender, recipient_of, seal};

/// An SSH key pair without or with a passphrase: the private key's path; the public one is beside.
fn ssh_key(env: &TestEnv, name: &str, kind: &[&str], passphrase: &str) -> String {
    let path = env.path(name);
    let mut keygen = Command::new("ssh-keygen");
    run(keygen
        .args(["-q", "-C", "somebody", "-N", passphrase, "-f", &path, "-t"])
        .args(kind));
    path
}

fn public(key: &str) -> String {
    fs::read_to_string(format!("{key}.pub")).unwrap()
}

/// `ssh-keygen -Y verify` takes the one signature of a document for good, and none for another
/// text or another namespace. Gives the body.
fn openssh_verifies(env: &TestEnv, text: &str, namespace: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap();
    let body = document["body"].as_str().unwrap();
    let signature = &document["signatures"][0];
    let key = signature["key"].as_str().unwrap();
    let allowed = env.file("allowed", format!("them {key}\n"));
    let armoured = env.file("document.sig", signature["signature"].as_str().unwrap());
    let verifies = |text: &str, namespace: &str| {
        let mut verify = Command::new("ssh-keygen");
        verify.args(["-Y", "verify", "-I", "them", "-n", namespace]);
        let mut child = verify
            .args(["-f", &allowed, "-s", &armoured])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        drop(stdin);
        child.wait().unwrap().success()
    };
    assert!(verifies(body, namespace), "{namespace}");
    assert!(!verifies(&format!("{body} "), namespace));
    assert!(!verifies(body, "vault-consent"));
    serde_json::from_str(body).unwrap()
}

/// Alice, who has credentials of acme and acme's key, and bob, whom she may share with.
struct Two {
    alice: TestEnv,
    bob: TestEnv,
    client_key: String,
}

impl Two {
    fn new() -> Self {
        let alice = TestEnv::with(&[("acme/wp", "hunter2"), ("acme/db", "canary-db")]);
        let bob = TestEnv::ready();
        let client_key = ssh_key(&alice, "acme-ceo", &["ed25519"], "");
        let public = format!("{client_key}.pub");
        alice.me();
        let call = alice.call(&["client", "edit", "acme", "--key", &public]);
        call.ok();
        Self {
            alice,
            bob,
            client_key,
        }
    }

    /// They know each other by their cards.
    fn acquainted() -> Self {
        let two = Self::new();
        let card = |env: &TestEnv| env.call(&["id", "--card"]).ok().text().to_owned();
        let (alices, bobs) = (card(&two.alice), card(&two.bob));
        openssh_verifies(&two.alice, &bobs, "vault-card");
        let card = two.alice.file("bob.card", bobs);
        two.alice
            .call(&["contact", "add", "bob", "--card", &card])
            .ok();
        let card = two.bob.file("alice.card", alices);
        two.bob
            .call(&["contact", "add", "alice", "--card", &card])
            .ok();
        two
    }

    /// Acme signs that bob may be given its credentials.
    fn consented(self) -> Self {
        let request = self.alice.path("request.txt");
        let terms = [
            "--to",
            "bob",
            "--scope",
            "acme/*",
            "--purpose",
            "fix the shop",
        ];
        let ask = ["consent", "request", "acme", "--out", &request];
        self.alice.call(&[&ask[..], &terms[..]].concat()).ok();
        run(Command::new("ssh-keygen")
            .args([
                "-q",
                "-Y",
                "sign",
                "-n",
                "vault-consent",
                "-f",
                &self.client_key,
            ])
            .arg(&request));
        let signature = format!("{request}.sig");
        self.alice
            .call(&["consent", "answer", "--signature", &signature])
            .ok();
        self
    }

    /// Alice shares with bob; gives the file's path in bob's folder and the share's id.
    fn share(&self, more: &[&str]) -> (String, String) {
        let made = self.alice.path("share.age");
        let share = ["share", "acme/wp", "acme/db", "--to", "bob", "--out", &made];
        self.alice.call(&[&share[..], more].concat()).ok();
        let file = self.bob.file("share.age", fs::read(&made).unwrap());
        (file, self.last_share()["id"].as_str().unwrap().to_owned())
    }

    fn last_share(&self) -> Value {
        let shares = self.alice.call(&["shares", "--json"]).ok().json();
        shares.as_array().unwrap().last().unwrap().clone()
    }

    /// What bob's vault wrote goes to alice, who files it.
    fn send_back(&self, name: &str) -> String {
        let text = fs::read_to_string(self.bob.path(name)).unwrap();
        let file = self.alice.file(name, &text);
        self.alice.call(&["ack", &file]).ok();
        text
    }

    /// From the receipt to the end.
    fn to_the_end(&self, id: &str) {
        let (receipt, deletion) = (
            format!("RECEIPT-{}.json", &number(id)),
            format!("DELETION-{}.json", &number(id)),
        );
        let text = self.send_back(&receipt);
        let body = openssh_verifies(&self.alice, &text, "vault-receipt");
        assert_eq!(body["share"]["id"], id);
        assert_eq!(self.last_share()["state"], "received");
        self.alice.call(&["revoke", id]).ok();
        assert_eq!(self.last_share()["state"], "revoked");
        let file = self.bob.path("share.age");
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        self.bob
            .call(&["attest", id, "--yes", "--outside", "none"])
            .ok();
        fs::write(&file, bytes).unwrap();
        self.bob.call(&["get", "acme/wp"]).fails(3);
        let text = self.send_back(&deletion);
        let body = openssh_verifies(&self.alice, &text, "vault-deletion");
        assert_eq!(body["share"]["id"], id);
        assert_eq!(self.last_share()["state"], "deleted");
        let flags = self.alice.call(&["show", "acme/wp", "--json"]).ok().json();
        assert_eq!(flags["flags"], serde_json::json!(["rotate"]));
        for env in [&self.alice, &self.bob] {
            env.call(&["verify", "--full"]).ok();
        }
    }
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn the_story_of_a_share_between_two_vaults() {
    let two = Two::acquainted().consented();
    let (file, id) = two.share(&[]);
    two.bob
        .call(&["receive", "--accept-terms", &file])
        .ok()
        .tells("from alice");
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    assert_eq!(two.bob.secret("acme/db"), "canary-db");
    two.bob
        .call(&["receive", "--accept-terms", &file, "--receipt", "r"])
        .fails(6);
    let reply = two
        .bob
        .call(&["share", "acme/wp", "--to", "alice"])
        .fails(6);
    reply.says("shared with you");
    two.to_the_end(&id);
    two.bob
        .call(&["receive", "--accept-terms", &file, "--receipt", "r"])
        .fails(6);
}

/// What the README of the evidence says to run, each as it stands there.
pub(crate) fn checks(folder: &std::path::Path) -> Vec<(String, bool)> {
    let readme = fs::read_to_string(folder.join("README.txt")).unwrap();
    let commands = readme.lines().filter_map(|line| line.strip_prefix("  "));
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        let shell = shell.arg("-c").arg(command).current_dir(folder);
        shell.stdout(Stdio::null()).stderr(Stdio::null());
        (command.to_owned(), shell.status().unwrap().success())
    };
    commands.map(run).collect()
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn the_evidence_of_a_share_checks_out_as_its_readme_says() {
    let two = Two::acquainted().consented();
    let (file, id) = two.share(&[]);
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    two.to_the_end(&id);
    let notice = ["revoke", &id, "--notice", "notice.json"];
    two.alice.call(&notice).fails(6);
    for (env, papers) in [(&two.alice, 2), (&two.bob, 2)] {
        env.call(&["shares", "show", &id, "--evidence", "papers"])
            .ok();
        let folder = env.work().join("papers");
        let good = checks(&folder);
        assert_eq!(good.len(), papers + 1, "{good:?}");
        assert!(good.iter().all(|(_, good)| *good), "{good:?}");
        for name in ["manifest.json", "receipt.txt", "deletion.txt"] {
            let path = folder.join(name);
            let mut bytes = fs::read(&path).unwrap();
            bytes.push(b' ');
            fs::write(&path, bytes).unwrap();
        }
        let bad = checks(&folder);
        assert!(bad.iter().all(|(_, good)| !good), "{bad:?}");
    }
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn the_story_with_a_contact_who_has_an_ssh_key() {
    for (kind, passphrase) in [
        (&["ed25519"][..], ""),
        (&["rsa", "-b", "2048"], ""),
        (&["ed25519"], "open sesame"),
        (&["rsa", "-b", "3072", "-Z", "aes256-ctr"], "open sesame"),
    ] {
        let two = Two::new();
        let key = ssh_key(&two.bob, "bobs-key", kind, passphrase);
        let signer = two.bob.call(&["id", "--json"]).ok().json()["signer"].clone();
        let add = ["contact", "add", "bob", "--recipient", &public(&key)];
        let signer = ["--signer", signer.as_str().unwrap()];
        two.alice.call(&[&add[..], &signer[..]].concat()).ok();
        let two = two.consented();
        let (file, id) = two.share(&[]);
        let alice = two.alice.call(&["id", "--json"]).ok().json();
        let trust = alice["fingerprint"].as_str().unwrap();
        two.bob
            .call(&["receive", "--accept-terms", &file, "--trust", trust])
            .fails(4)
            .hints("--identity");
        let receive =
            format!("vault receive {file} --accept-terms --trust {trust} --identity {key}");
        if !passphrase.is_empty() {
            two.bob.shell(&receive).fails(9).hints("--passphrase-fd");
            two.bob
                .shell(&format!("{receive} --passphrase-fd 3 3<<<wrong"))
                .fails(4)
                .says("passphrase");
        }
        two.bob
            .shell(&format!("{receive} --passphrase-fd 3 3<<<'{passphrase}'"))
            .ok();
        assert_eq!(two.bob.secret("acme/wp"), "hunter2");
        two.to_the_end(&id);
    }
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn the_story_with_a_passphrase() {
    let two = Two::new();
    let signer = two.bob.call(&["id", "--json"]).ok().json()["signer"].clone();
    let add = [
        "contact",
        "add",
        "bob",
        "--signer",
        signer.as_str().unwrap(),
    ];
    two.alice.call(&add).ok();
    let two = two.consented();
    let made = two.alice.path("share.age");
    let share = [
        "share",
        "acme/wp",
        "--to",
        "bob",
        "--passphrase",
        "--out",
        &made,
    ];
    let output = two.alice.call(&share).run();
    assert_eq!(output.code, Some(0), "{output:?}");
    let mut said = output.stderr.lines();
    let words = said.find_map(|line| line.strip_prefix("passphrase: "));
    let words = words.unwrap().to_owned();
    let file = two.bob.file("share.age", fs::read(&made).unwrap());
    let alice = two.alice.call(&["id", "--json"]).ok().json();
    let trust = alice["fingerprint"].as_str().unwrap();
    let receive = format!("vault receive {file} --accept-terms --trust {trust} --passphrase-fd 3");
    two.bob.shell(&format!("{receive} 3<<<wrong")).fails(4);
    two.bob.shell(&format!("{receive} 3<<<'{words}'")).ok();
    let id = two.last_share()["id"].as_str().unwrap().to_owned();
    two.to_the_end(&id);
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn stock_age_and_openssh_read_a_share() {
    let two = Two::new();
    let key = ssh_key(&two.bob, "bobs-key", &["ed25519"], "");
    let add = ["contact", "add", "bob", "--recipient", &public(&key)];
    two.alice.call(&add).ok();
    let two = two.consented();
    let (file, id) = two.share(&[]);
    let opened = run(Command::new("age").args(["-d", "-i", &key, &file])).stdout;
    let text = String::from_utf8(opened).unwrap();
    let text = document_in(&text).unwrap();
    let body = openssh_verifies(&two.bob, text.expose(), "vault-share");
    let manifest: Value = serde_json::from_str(body["manifest"].as_str().unwrap()).unwrap();
    assert_eq!(manifest["share"], id);
    assert_eq!(manifest["purpose"], "fix the shop");
    assert_eq!(body["items"][0]["fields"]["secret"], "hunter2");
    let me = two.alice.call(&["id", "--json"]).ok().json();
    assert_eq!(manifest["sender"]["signer"], me["signer"]);
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn what_stock_age_encrypts_is_received() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let key = recipient_of(&env);
    let text = env.file("share.txt", block(&sender.sign(&sender.bundle(&key))));
    for armour in [&["-a"][..], &[]] {
        let file = env.path("share.age");
        let mut age = Command::new("age");
        run(age.args(armour).args(["-r", &key, "-o", &file, &text]));
        let code = env.call(&[
            "receive",
            "--accept-terms",
            &file,
            "--trust",
            sender.fingerprint(),
            "--receipt",
            "-",
        ]);
        let code = code.run().code;
        assert_eq!(code, Some(if armour.is_empty() { 6 } else { 0 }));
    }
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn an_ssh_key_that_nothing_can_be_encrypted_to_is_named_for_what_it_is() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let key = recipient_of(&env);
    let share = env.file("share.age", seal(&sender.sign(&sender.bundle(&key)), &key));
    for (name, kind, says) in [
        ("weak", &["rsa", "-b", "1024"][..], "1024 bits"),
        ("ecdsa", &["ecdsa"], "no private key"),
        (
            "pem",
            &["rsa", "-b", "2048", "-m", "PEM"],
            "encrypted in a way",
        ),
    ] {
        let passphrase = if name == "pem" { "open sesame" } else { "" };
        let identity = ssh_key(&env, name, kind, passphrase);
        env.call(&["receive", "--accept-terms", &share, "--identity", &identity])
            .fails(2)
            .says(says);
        env.call(&[
            "receive",
            "--accept-terms",
            &share,
            "--identity",
            &format!("{identity}.pub"),
        ])
        .fails(2);
    }
    let other = ssh_key(&env, "other", &["ed25519"], "open sesame");
    env.call(&["receive", "--accept-terms", &share, "--identity", &other])
        .fails(4)
        .says("addressed to another key");
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn a_clock_that_is_turned_back_revives_nothing() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        sender.fingerprint(),
    ])
    .ok();
    let at =
        |days: &str, entry: &str| env.shell(&format!("faketime -f '{days}' vault get {entry}"));
    at("+13d", "acme/wp").ok();
    at("+15d", "acme/wp").fails(6).says("ended on");
    at("+0d", "acme/wp").fails(6).says("ended on");
    env.call(&["get", "acme/wp"]).fails(6);
    // Nor does what is done in between help.
    env.add("acme/other", "x");
    env.call(&["get", "acme/other"]).ok();
    env.call(&["get", "acme/wp"]).fails(6);
}

#[test]
#[ignore = "needs faketime; .ci/run runs it"]
fn a_clock_that_was_wrong_once_does_not_shut_a_recipient_out() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    env.add("acme/other", "x");
    env.shell("faketime -f '+900d' vault get acme/other").ok();
    let receive = [
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        sender.fingerprint(),
    ];
    env.call(&receive).fails(6).hints("--accept-clock");
    env.call(&[&receive[..], &["--accept-clock"]].concat())
        .ok()
        .tells("going by the clock");
    env.call(&["get", "acme/wp"]).ok();
    env.shell("faketime -f '+900d' vault get acme/other").ok();
    env.call(&["get", "acme/wp"])
        .fails(6)
        .hints("--accept-clock");
    env.call(&["get", "acme/wp", "--accept-clock"]).ok();
    env.call(&["get", "acme/wp"]).ok();
    let log = env.call(&["log", "--json"]).ok().json();
    let accepted = (log.as_array().unwrap().iter()).filter(|it| it["action"] == "accept-clock");
    assert_eq!(accepted.count(), 2);
    // It is no way past an end that the clock knows of.
    env.shell("faketime -f '+20d' vault get acme/wp --accept-clock")
        .fails(6)
        .says("ended on");
}
