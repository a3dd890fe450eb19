//! `receive`: what others share with this vault, honest and forged.

use std::fs;

use serde_json::{Value as Json, json};
use vault::crypto::signing::documents::{CARD, RECEIPT};
use vault::crypto::{Document, Signer, SigningKey};
use vault::exchange::bundle::{Bundle, Value};
use vault::model::records::event::sha256_hex;

use crate::cli::transfer::text_files::windows;
use crate::support::env::{TestEnv, has_keys, mode_of, number};
use crate::support::sender::{
    Sender, file, in_days, in_seconds, item, recipient_of, seal, seal_with_passphrase,
};

/// The receipt in the working folder, and its body.
pub(crate) fn receipt(env: &TestEnv) -> (String, Json) {
    let found = fs::read_dir(env.work()).unwrap().flatten().find(|file| {
        file.file_name()
            .to_str()
            .is_some_and(|name| name.starts_with("RECEIPT-"))
    });
    let text = fs::read_to_string(found.unwrap().path()).unwrap();
    let document: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(document["type"], "vault.receipt/1");
    let body = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
    (text, body)
}

fn trusting<'a>(sender: &'a Sender, share: &'a str) -> [&'a str; 5] {
    [
        "receive",
        "--accept-terms",
        share,
        "--trust",
        sender.fingerprint(),
    ]
}

#[test]
fn a_share_is_stored_with_everything_in_it() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share_with(&env, |bundle| {
        let mut wp = item(
            "wp",
            &[
                ("secret", "hunter2"),
                ("username", "bob"),
                ("totp", "JBSWY3DPEHPK3PXP"),
                ("notes", "be quick"),
                ("plan", "gold"),
                ("api-key", "canary-api"),
            ],
        );
        let urls = Value::List(vec!["https://a.example".into(), "https://b.example".into()]);
        wp.fields.insert("urls".into(), urls);
        wp.hidden = vec!["api-key".into()];
        wp.attachments = vec![file("id.pem", b"\0key")];
        bundle.items = vec![wp, item("deep/db", &[("secret", "two\nlines")])];
    });
    env.call(&trusting(&sender, &share)).ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
    assert_eq!(env.secret("acme/deep/db"), "two\nlines");
    let field = |name| env.call(&["get", "-n", "acme/wp", "--field", name]).ok();
    field("totp").prints("JBSWY3DPEHPK3PXP");
    field("api-key").prints("canary-api");
    let shown = env.call(&["show", "acme/wp", "--json"]).ok();
    shown.hides("canary-api").hides("hunter2");
    let shown = shown.json();
    assert_eq!(shown["username"], "bob");
    assert_eq!(shown["notes"], "be quick");
    assert_eq!(shown["fields"], json!({"plan": "gold"}));
    assert_eq!(
        shown["urls"],
        json!(["https://a.example", "https://b.example"])
    );
    assert_eq!(shown["has"]["api-key"], true);
    let file = env.call(&["get", "acme/wp", "--file", "id.pem"]).ok();
    assert_eq!(file.bytes(), b"\0key");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn its_terms_are_told() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    env.call(&trusting(&sender, &share))
        .ok()
        .tells("received acme/wp from SHA256:")
        .tells("for: fix the shop")
        .tells("until: ")
        .tells("made client acme")
        .tells("wrote RECEIPT-")
        .tells("Send it to the sender, who files it: ")
        .tells("vault ack RECEIPT-")
        .tells("vault contact add NAME --signer 'ssh-ed25519 ")
        .hides("hunter2");
    env.call(&["show", "acme/wp"])
        .ok()
        .shows(&format!("shared by: {}, share ", sender.fingerprint()))
        .shows("shared for: fix the shop\n")
        .shows("shared until: ")
        .shows("obligation: tell nobody\n")
        .shows("client's rules: log in from the VPN only\n")
        .hides("rules sent with it");
    let terms = env.call(&["show", "acme/wp", "--json"]).ok().json()["received"].clone();
    let id = terms["share"].as_str().unwrap();
    let told = format!("received {}", number(id));
    env.call(&["list", "--long"]).ok().shows(&told);
    let list = env.call(&["list", "--json"]).ok().json();
    assert_eq!(list[0]["received_share"], id);
    has_keys(&terms, &["share", "contact", "received", "expires"]);
    assert_eq!(terms["signer"], sender.fingerprint());
    assert_eq!(terms["purpose"], "fix the shop");
    assert_eq!(terms["obligations"], json!(["tell nobody"]));
    env.add("acme/own", "x");
    let own = env.call(&["show", "acme/own", "--json"]).ok().json();
    assert!(own["received"].is_null());
    let client = env.call(&["client", "show", "acme", "--json"]).ok().json();
    assert_eq!(client["name"], "Acme Ltd");
}

#[test]
fn a_text_of_several_lines_forges_none_of_what_is_told() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share_with(&env, |bundle| {
        bundle.purpose = "x\n  until: never".into();
        bundle.client.name = Some("Acme\nwarning: call 555".into());
    });
    env.call(&trusting(&sender, &share))
        .ok()
        .tells(", for: x   until: never\n");
    let client = env.call(&["client", "show", "acme", "--json"]).ok().json();
    assert_eq!(client["name"], "Acme warning: call 555");
}

#[test]
fn the_receipt_is_signed_by_this_vault_and_names_the_share() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let key = recipient_of(&env);
    let bundle = sender.bundle(&key);
    let text = sender.sign(&bundle);
    let share = env.file("share.age", seal(&text, &key));
    env.call(&trusting(&sender, &share)).ok();
    let (text, body) = receipt(&env);
    let document = Document::parse(RECEIPT, &text).unwrap();
    let id = env.call(&["id", "--json"]).ok().json();
    let signers: Vec<String> = document.signers().map(Signer::to_openssh).collect();
    assert_eq!(signers, [id["signer"].as_str().unwrap()]);
    assert_eq!(body["recipient"], id);
    assert_eq!(body["share"]["id"], bundle.share.to_string());
    let sha256 = sha256_hex(bundle.to_json().unwrap().0.as_bytes());
    assert_eq!(body["share"]["payload_sha256"], sha256);
    let sha256 = sha256_hex(bundle.to_json().unwrap().1.as_bytes());
    assert_eq!(body["share"]["manifest_sha256"], sha256);
    assert_eq!(body["accepted"], json!([bundle.items[0].entry]));
    assert_eq!(body["log"][0]["head"].as_str().unwrap().len(), 64);
    let name = format!(
        "RECEIPT-{}.json",
        number(&bundle.share.simple().to_string())
    );
    assert_eq!(mode_of(&env.work().join(name)), 0o600);
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["action"], "receive");
    assert_eq!(body["log"][0]["count"], last["n"]);
}

#[test]
fn the_receipt_goes_where_it_is_asked_for_and_can_be_had_again() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    let fingerprint = sender.fingerprint();
    let taken = env.file("taken.json", "x");
    let to = |out: &str| {
        env.call(&[
            "receive",
            "--accept-terms",
            &share,
            "--trust",
            fingerprint,
            "--receipt",
            out,
        ])
    };
    to(&taken).fails(7).says("already exists");
    to("no/such/folder.json").fails(2);
    let first = to("-").ok();
    let id = env.call(&["show", "acme/wp", "--json"]).ok().json()["received"]["share"].clone();
    let again = &id.as_str().unwrap()[..6];
    env.call(&["receive", "--again", again, "--receipt", "-"])
        .ok()
        .prints(first.text());
    env.call(&["receive", "--again", again])
        .ok()
        .tells("RECEIPT-");
    assert_eq!(receipt(&env).0, first.text());
    env.call(&["receive", "--again", "0000"]).fails(3);
    env.call(&["receive", "--again", again, &share]).fails(2);
    env.call(&["receive"]).fails(2);
}

#[test]
fn a_share_comes_in_on_stdin_and_armoured() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = fs::read(sender.share(&env)).unwrap();
    let mut armour = Vec::new();
    let format = age::armor::Format::AsciiArmor;
    let mut writer = age::armor::ArmoredWriter::wrap_output(&mut armour, format).unwrap();
    std::io::Write::write_all(&mut writer, &share).unwrap();
    writer.finish().unwrap();
    env.call(&trusting(&sender, "-")).stdin(&armour).ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
    let saved = windows(std::str::from_utf8(&armour).unwrap());
    let saved = env.file("saved.age", saved);
    env.call(&trusting(&sender, &saved))
        .fails(6)
        .says("already");
}

#[test]
fn a_script_is_answered_with_the_paths() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    let fingerprint = sender.fingerprint();
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        fingerprint,
        "--receipt",
        "-",
        "--json",
    ])
    .fails(2);
    let answer = env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        fingerprint,
        "--json",
    ]);
    let answer = answer.ok().json();
    assert_eq!(answer["changed"], json!(["acme/wp"]));
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let (env, sender) = (TestEnv::with(&[("acme/wp", "mine")]), Sender::new());
    let share = sender.share_with(&env, |bundle| {
        bundle.items.push(item("WP", &[("secret", "upper")]));
    });
    env.call(&trusting(&sender, &share))
        .ok()
        .tells("acme/wp-2, acme/WP-3");
    assert_eq!(env.secret("acme/wp"), "mine");
    assert_eq!(env.secret("acme/wp-2"), "hunter2");
    assert_eq!(env.secret("acme/WP-3"), "upper");
    let client = env.call(&["client", "show", "acme", "--json"]).ok().json();
    assert!(
        client["name"].is_null(),
        "a client that is there stays as it is"
    );
}

#[test]
fn it_is_kept_under_the_client_that_is_asked_for() {
    let (env, sender) = (TestEnv::with(&[("ACME/own", "x")]), Sender::new());
    let share = sender.share(&env);
    env.call(&trusting(&sender, &share))
        .fails(7)
        .hints("--into CLIENT");
    let fingerprint = sender.fingerprint();
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        fingerprint,
        "--into",
        "shop",
    ])
    .ok();
    assert_eq!(env.secret("shop/wp"), "hunter2");
}

/// What came first, and a newer share of the same entry.
fn twice(env: &TestEnv, sender: &Sender) -> String {
    let mut entry = None;
    let first = sender.share_with(env, |bundle| {
        bundle.created = in_seconds(-60);
        entry = Some(bundle.items[0].entry);
    });
    env.call(&trusting(sender, &first)).ok();
    sender.share_with(env, |bundle| {
        bundle.items = vec![item("wp", &[("secret", "newer")])];
        bundle.items[0].entry = entry.unwrap();
    })
}

#[test]
fn what_is_here_already_is_not_kept_under_another_client_nor_a_client_made_for_it() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let newer = twice(&env, &sender);
    let into = |client: &str, receipt: &str| {
        let args = trusting(&sender, &newer);
        env.call(&[&args[..], &["--into", client, "--receipt", receipt]].concat())
    };
    let before = env.generation();
    into("shop", "r.json")
        .fails(7)
        .says("acme/wp is here from an earlier share")
        .hints("vault mv acme/wp shop/");
    assert_eq!(env.generation(), before);
    assert_eq!(env.secret("acme/wp"), "hunter2");
    let clients = env.call(&["client", "list", "--json"]).ok().json();
    assert_eq!(clients.as_array().unwrap().len(), 1, "{clients}");
    into("acme", "r.json").ok().tells("is updated");
    assert_eq!(env.secret("acme/wp"), "newer");
}

#[test]
fn an_update_of_what_was_moved_makes_no_empty_client() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let newer = twice(&env, &sender);
    env.call(&["mv", "acme/wp", "shop/wp"]).ok();
    env.call(&["client", "rm", "acme", "--yes"]).ok();
    let args = trusting(&sender, &newer);
    env.call(&[&args[..], &["--receipt", "r.json"]].concat())
        .ok()
        .tells("shop/wp was here from an earlier share");
    assert_eq!(env.secret("shop/wp"), "newer");
    let clients = env.call(&["client", "list", "--json"]).ok().json();
    assert_eq!(clients[0]["client"], "shop");
    assert_eq!(clients.as_array().unwrap().len(), 1, "{clients}");
}

#[test]
fn it_opens_with_a_key_that_was_replaced_meanwhile() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    env.call(&["id", "rotate", "--yes"]).ok();
    env.call(&trusting(&sender, &share)).ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn a_passphrase_opens_what_was_encrypted_with_one() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let text = sender.sign(&sender.bundle("passphrase"));
    env.file("share.age", seal_with_passphrase(&text, "correct horse"));
    let fingerprint = sender.fingerprint();
    let with = |passphrase: &str| {
        env.shell(&format!(
            "vault receive share.age --accept-terms --trust {fingerprint} --passphrase-fd 3 3<<<'{passphrase}'"
        ))
    };
    env.call(&trusting(&sender, "share.age"))
        .fails(9)
        .hints("--passphrase-fd");
    with("wrong").fails(4).says("passphrase");
    with("correct horse").ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn a_passphrase_share_for_a_key_and_the_other_way_round_are_refused() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let key = recipient_of(&env);
    let for_key = sender.sign(&sender.bundle(&key));
    env.file("share.age", seal_with_passphrase(&for_key, "x"));
    env.shell(&format!(
        "vault receive share.age --accept-terms --trust {} --passphrase-fd 3 3<<<x",
        sender.fingerprint()
    ))
    .fails(4)
    .says("made for another key");
    let for_passphrase = sender.sign(&sender.bundle("passphrase"));
    let share = env.file("share.age", seal(&for_passphrase, &key));
    env.call(&trusting(&sender, &share))
        .fails(4)
        .says("made for another key");
}

#[test]
fn an_age_identity_file_opens_what_is_addressed_to_it() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let key = vault::crypto::AgeIdentity::generate();
    let recipient = key.recipient();
    let identity = env.file("key.txt", key.secret().expose());
    let share = env.file(
        "share.age",
        seal(&sender.sign(&sender.bundle(&recipient)), &recipient),
    );
    env.call(&trusting(&sender, &share))
        .fails(4)
        .says("another vault")
        .hints("id --card");
    let fingerprint = sender.fingerprint();
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        fingerprint,
        "--identity",
        &identity,
    ])
    .ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn a_key_among_several_is_enough() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let key = recipient_of(&env);
    let other = vault::crypto::AgeIdentity::generate().recipient();
    let bundle = sender.bundle(&format!("{other}, {key}"));
    let share = env.file("share.age", seal(&sender.sign(&bundle), &key));
    env.call(&trusting(&sender, &share)).ok();
}

#[test]
fn an_unknown_sender_has_to_be_confirmed() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    env.call(&["receive", "--accept-terms", &share])
        .fails(9)
        .says(sender.fingerprint())
        .hints("--trust");
    let other = Sender::new();
    env.call(&trusting(&other, &share))
        .fails(6)
        .says(sender.fingerprint())
        .says(other.fingerprint());
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        "SHA256:nonsense",
    ])
    .fails(2);
    let mut terminal = env.terminal(&format!("vault receive {share}; echo = $?"));
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal
        .sees(sender.fingerprint())
        .sees(&sender.identity.words);
    terminal.sees("Is that the sender? [y/N] ").types("n");
    terminal
        .sees("the sender is not trusted")
        .sees("= 6")
        .ends();
    let mut terminal = env.terminal(&format!("vault receive {share}; echo = $?"));
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal
        .sees("[y/N] ")
        .types("y")
        .sees("Do you accept? [y/N] ")
        .types("y")
        .sees("received acme/wp")
        .sees("= 0")
        .ends();
}

#[test]
fn a_share_is_taken_only_once_whatever_became_of_it() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    let replay = || {
        env.call(&[
            "receive",
            "--accept-terms",
            &share,
            "--trust",
            sender.fingerprint(),
            "--receipt",
            "r",
        ])
    };
    env.call(&trusting(&sender, &share)).ok();
    replay().fails(6).says("received on").hints("--again");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    replay().fails(6);
    env.call(&["trash", "empty", "--yes"]).ok();
    replay().fails(6);
    let id = receipt(&env).1["share"]["id"].as_str().unwrap().to_owned();
    let bytes = fs::read(&share).unwrap();
    fs::remove_file(&share).unwrap();
    env.call(&["attest", &id, "--yes", "--outside", "none"])
        .ok();
    fs::write(&share, bytes).unwrap();
    replay().fails(6).says("deleted");
    let log = env.call(&["log", "--json"]).ok().json();
    let refusals = log.as_array().unwrap().iter();
    assert_eq!(refusals.filter(|e| e["action"] == "refuse").count(), 4);
}

#[test]
fn the_same_id_with_another_content_is_a_replay_too() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let mut id = None;
    let share = sender.share_with(&env, |bundle| id = Some(bundle.share));
    env.call(&trusting(&sender, &share)).ok();
    let share = sender.share_with(&env, |bundle| {
        bundle.share = id.unwrap();
        bundle.purpose = "another".into();
    });
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        sender.fingerprint(),
        "--receipt",
        "r",
    ])
    .fails(6);
}

#[test]
fn a_share_that_ended_is_refused() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share_with(&env, |bundle| {
        crate::support::sender::loan(bundle).expires = in_seconds(-1);
    });
    env.call(&trusting(&sender, &share))
        .fails(6)
        .says("the share ended on");
}

#[test]
fn a_sender_whose_clock_is_ahead_is_pointed_out() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share_with(&env, |bundle| bundle.created = in_days(1));
    env.call(&trusting(&sender, &share))
        .ok()
        .tells("one of the two clocks");
}

/// So that both wait for the end of a share at the same time.
#[test]
fn what_is_past_the_end_of_its_share_is_not_handed_out_by_any_command() {
    std::thread::scope(|scope| {
        scope.spawn(get_and_detach_refuse_what_is_past_its_end);
        scope.spawn(no_other_command_hands_out_what_is_past_its_end);
    });
}

fn wait_until_past(end: jiff::Timestamp) {
    while in_seconds(0) < end {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn get_and_detach_refuse_what_is_past_its_end() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let end = in_seconds(6);
    let share = sender.share_with(&env, |bundle| {
        crate::support::sender::loan(bundle).expires = end;
        bundle.items[0].attachments = vec![file("id.pem", b"key")];
    });
    env.call(&trusting(&sender, &share)).ok();
    env.call(&["mv", "acme/wp", "other/name"]).ok();
    env.call(&["edit", "other/name", "--secret", "--yes"])
        .stdin("changed")
        .ok();
    wait_until_past(end);
    let id = number(receipt(&env).1["share"]["id"].as_str().unwrap());
    env.call(&["get", "other/name"])
        .fails(6)
        .says("which ended on")
        .hints(&format!("vault attest {id}"));
    env.call(&["get", "other/name", "--at-version", "1"])
        .fails(6);
    env.call(&["get", "other/name", "--field", "username"])
        .fails(6);
    env.call(&["get", "other/name", "--file", "id.pem"])
        .fails(6);
    let generation = env.generation();
    env.call(&["rotate", "other/name", "--begin", "--generate"])
        .fails(6)
        .says("which ended on");
    env.call(&["rotate", "other/name", "--generate"]).fails(6);
    let key = env.file("key", "x");
    for change in [
        &["edit", "other/name", "-u", "me"][..],
        &["edit", "other/name", "--unset", "username"],
        &["mv", "other/name", "mine/name"],
        &["attach", "other/name", &key],
    ] {
        env.call(change).fails(6).says("which ended on");
    }
    assert_eq!(env.generation(), generation);
    env.call(&["show", "other/name"])
        .ok()
        .shows("shared until: ");
    env.call(&["log"]).ok().shows("refuse");
}

/// What is no share for this vault, each with the exit code.
fn refused(env: &TestEnv, sender: &Sender, text: &str, code: i32, says: &str) {
    let share = env.file("share.age", seal(text, &recipient_of(env)));
    env.call(&trusting(sender, &share)).fails(code).says(says);
    assert!(!env.work().join("RECEIPT").exists());
}

#[test]
fn a_forged_signature_is_found() {
    let (env, sender, other) = (TestEnv::ready(), Sender::new(), Sender::new());
    let key = recipient_of(&env);
    let bundle = sender.bundle(&key);
    let good: Json = serde_json::from_str(&sender.sign(&bundle)).unwrap();
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut document = good.clone();
        change(&mut document);
        document.to_string()
    };
    let is = |text: String, code, says| refused(&env, &sender, &text, code, says);
    is(changed(&|d| d["signatures"] = json!([])), 5, "not signed");
    is(
        changed(&|d| {
            let body = d["body"].as_str().unwrap().replace("hunter2", "hunter3");
            d["body"] = body.into();
        }),
        5,
        "signature",
    );
    is(
        changed(&|d| {
            let body = d["body"].as_str().unwrap().replace("attested", "document");
            assert_ne!(d["body"], body);
            d["body"] = body.into();
        }),
        5,
        "signature",
    );
    is(
        changed(&|d| d["type"] = "vault.card/1".into()),
        2,
        "vault.share/1",
    );
    // Good signatures, but for another kind of document.
    for kind in [CARD, RECEIPT] {
        let text = sender.sign_body(kind, bundle.to_json().unwrap().0);
        let mut document: Json = serde_json::from_str(&text).unwrap();
        document["type"] = "vault.share/1".into();
        is(document.to_string(), 5, "signature");
        document["signatures"][0]["namespace"] = "vault-share".into();
        is(document.to_string(), 5, "signature");
    }
    // Somebody else's signature under the sender's name, alone and beside the sender's own.
    is(other.sign(&bundle), 5, "the sender that it names");
    let (body, _) = bundle.to_json().unwrap();
    let both = Document::sign(
        vault::crypto::signing::documents::SHARE,
        body,
        &[&sender.signing, &other.signing],
    );
    is(
        both.unwrap().to_json().unwrap(),
        5,
        "the sender that it names",
    );
    assert_eq!(env.call(&["list"]).ok().text(), "");
}

#[test]
fn a_sender_is_who_the_keys_say() {
    let (env, sender, other) = (TestEnv::ready(), Sender::new(), Sender::new());
    let key = recipient_of(&env);
    let mut bundle = sender.bundle(&key);
    bundle.sender.identity.words = other.identity.words.clone();
    refused(&env, &sender, &sender.sign(&bundle), 5, "does not agree");
    let mut bundle = sender.bundle(&key);
    bundle.sender.identity.fingerprint = other.identity.fingerprint;
    refused(&env, &sender, &sender.sign(&bundle), 5, "does not agree");
}

#[test]
fn a_share_for_somebody_else_is_not_taken_when_it_is_passed_on() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let other = vault::crypto::AgeIdentity::generate().recipient();
    let text = sender.sign(&sender.bundle(&other));
    refused(&env, &sender, &text, 4, "made for another key");
}

#[test]
fn what_hashes_speak_of_is_held_against_them() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share_with(&env, |bundle| {
        crate::support::sender::loan(bundle).consent.text = "{\"id\":\"d\"}".into();
    });
    env.call(&trusting(&sender, &share))
        .fails(5)
        .says("consent");
    let share = sender.share_with(&env, |bundle| {
        let mut forged = file("id.pem", b"key");
        forged.sha256 = sha256_hex(b"other");
        bundle.items[0].attachments = vec![forged];
    });
    env.call(&trusting(&sender, &share)).fails(5).says("id.pem");
}

#[test]
fn a_share_that_its_consent_does_not_allow_is_refused() {
    type Change = fn(&mut Json);
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let cases: [(Change, i32, &str); 23] = [
        (
            |c| c["terms"]["expires"] = json!(in_days(13)),
            6,
            "its consent ends on",
        ),
        (
            |c| c["until"] = json!(in_days(13)),
            6,
            "its consent ends on",
        ),
        (
            |c| c["not_before"] = json!(in_days(1)),
            6,
            "its consent begins on",
        ),
        (
            |c| c["terms"]["client"]["slug"] = json!("globex"),
            6,
            "another client",
        ),
        (
            |c| c["terms"]["client"]["name"] = json!("Globex"),
            6,
            "another client",
        ),
        (
            |c| {
                let somebody = &mut c["terms"]["recipients"][0];
                somebody["name"] = json!("carol");
            },
            6,
            "somebody else",
        ),
        (
            |c| c["terms"]["recipients"][0]["keys"] = json!(["age1other"]),
            6,
            "other keys than yours",
        ),
        (
            |c| c["terms"]["recipients"][0]["keys"] = json!([]),
            6,
            "other keys than yours",
        ),
        (
            |c| c["terms"]["purposes"] = json!(["sell it on the market"]),
            6,
            "another purpose",
        ),
        (
            |c| c["terms"]["consent"] = json!(uuid::Uuid::new_v4()),
            5,
            "the terms of another one",
        ),
        (
            |c| c["terms"]["patterns"] = json!(vec!["acme/**"; 1001]),
            5,
            "malformed",
        ),
        (
            |c| c["terms"]["entries"][0]["path"] = json!("acme/db"),
            6,
            "does not cover acme/wp",
        ),
        (
            |c| c["terms"]["entries"][0]["entry"] = json!(uuid::Uuid::new_v4()),
            6,
            "does not cover acme/wp",
        ),
        (
            |c| {
                c["terms"]["entries"] = json!([]);
                c["terms"]["patterns"] = json!(["acme/**"]);
            },
            6,
            "does not cover acme/wp",
        ),
        (
            |c| c["terms"]["patterns"] = json!(["acme/**"]),
            5,
            "names more than the share",
        ),
        (
            |c| c["terms"]["covered"] = json!([{"entry": c["id"], "path": "acme/x"}]),
            5,
            "names more than the share",
        ),
        (
            |c| {
                let more = json!({"entry": c["id"], "path": "acme/db"});
                c["terms"]["entries"].as_array_mut().unwrap().push(more);
            },
            5,
            "names more than the share",
        ),
        (
            |c| {
                let carol = json!({"name": "carol", "keys": []});
                c["terms"]["recipients"].as_array_mut().unwrap().push(carol);
            },
            5,
            "names more than the share",
        ),
        (
            |c| c["terms"]["fields"] = json!(["secret"]),
            6,
            "more of acme/wp than its consent covers",
        ),
        (
            |c| c["assurance"] = json!("signed"),
            5,
            "holds no signature",
        ),
        (
            |c| c["evidence"][0]["signature"] = json!("hunter2"),
            5,
            "the text that was signed",
        ),
        (|c| c["terms"]["expires"] = json!("soon"), 5, "malformed"),
        (|c| *c = json!([]), 5, "malformed"),
    ];
    for (change, code, says) in cases {
        let share = sender.share_under(&env, change);
        env.call(&trusting(&sender, &share))
            .fails(code)
            .says(says)
            .hides("hunter2");
    }
    assert_eq!(env.call(&["list"]).ok().text(), "");
    let share = sender.share_under(&env, |c| c["terms"]["fields"] = json!([]));
    env.call(&trusting(&sender, &share))
        .ok()
        .tells("is the sender's claim");
}

#[test]
fn a_field_of_the_entrys_own_comes_only_under_a_consent_that_names_it() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = |fields: Json| {
        sender.share_with(&env, |bundle| {
            bundle.items = vec![item("wp", &[("secret", "hunter2"), ("plan", "gold")])];
            let mut consent = crate::support::sender::consent(bundle);
            consent["terms"]["fields"] = fields.clone();
            crate::support::sender::loan(bundle).consent = crate::support::sender::part(&consent);
        })
    };
    env.call(&trusting(&sender, &share(json!([]))))
        .fails(6)
        .says("more of acme/wp");
    let named = share(json!(["secret", "plan"]));
    env.call(&trusting(&sender, &named)).ok();
}

/// A request for the consent of [`crate::support::sender::consent`], signed as `ssh-keygen -Y sign` would,
/// and the consent's record with it.
fn signed_consent(bundle: &Bundle, key: &SigningKey) -> Json {
    let record = crate::support::sender::consent(bundle);
    let terms = terms_text(&record["terms"]);
    signed(record, &terms, &request_text(&terms), key)
}

fn signed(mut record: Json, terms: &str, text: &str, key: &SigningKey) -> Json {
    record["terms"] = json!(terms);
    record["assurance"] = json!("signed");
    record["evidence"] = json!([{
        "kind": "signature",
        "sha256": sha256_hex(text.as_bytes()),
        "signature": sshsig(key, text),
        "key": key.signer().to_openssh(),
    }]);
    record["request"] = json!(text);
    record
}

/// Terms in the one spelling that a vault has for them.
fn terms_text(terms: &Json) -> String {
    let terms = serde_json::from_value(terms.clone());
    let terms: vault::model::consent::agreed_terms::AgreedTerms = terms.unwrap();
    terms.to_json().unwrap()
}

/// The text that asks for these terms.
fn request_text(terms: &str) -> String {
    let terms: vault::model::consent::agreed_terms::AgreedTerms =
        serde_json::from_str(terms).unwrap();
    vault::exchange::request::text(&terms).unwrap()
}

pub(crate) fn sshsig(key: &SigningKey, text: &str) -> String {
    use ssh_key::{Algorithm, HashAlg, LineEnding, PublicKey, Signature, SshSig};
    let data = SshSig::signed_data("vault-consent", HashAlg::Sha512, text.as_bytes()).unwrap();
    let signature = Signature::new(Algorithm::Ed25519, key.sign(&data)).unwrap();
    let public = PublicKey::from_openssh(&key.signer().to_openssh()).unwrap();
    let public = public.key_data().clone();
    let signature = SshSig::new(public, "vault-consent", HashAlg::Sha512, signature);
    signature.unwrap().to_pem(LineEnding::LF).unwrap()
}

#[test]
fn the_clients_signature_is_checked_by_who_receives_it_too() {
    let (client, other) = (SigningKey::generate(), SigningKey::generate());
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let made = sender.bundle(&recipient_of(&env));
    let good = signed_consent(&made, &client);
    let receive = |record: &Json| {
        let share = sender.share_with(&env, |bundle| {
            bundle.items.clone_from(&made.items);
            crate::support::sender::loan(bundle).consent = crate::support::sender::part(record);
        });
        env.call(&trusting(&sender, &share))
    };
    let forged = |change: &dyn Fn(&mut Json), says: &str| {
        let mut record = good.clone();
        change(&mut record);
        receive(&record).fails(5).says(says);
    };
    let text = good["request"].as_str().unwrap();
    let longer = text.replace("WHAT FOR      fix", "WHAT FOR      sell");
    assert_ne!(text, longer);
    let changed = |consent: &mut Json| {
        consent["request"] = json!(longer);
        consent["evidence"][0]["sha256"] = json!(sha256_hex(longer.as_bytes()));
    };
    forged(&changed, "another text");
    forged(&|c| c["request"] = json!(longer), "its hash");
    forged(&|c| c["request"] = Json::Null, "the text that was signed");
    forged(
        &|c| c["evidence"][0]["signature"] = json!(sshsig(&other, text)),
        "another key",
    );
    forged(
        &|c| c["evidence"][0]["signature"] = json!("none"),
        "no SSH signature",
    );
    // The record beside the text may say nothing else than the text.
    let terms: Json = serde_json::from_str(good["terms"].as_str().unwrap()).unwrap();
    let others: [fn(&mut Json); 8] = [
        |terms| terms["expires"] = json!(in_days(900)),
        |terms| terms["patterns"] = json!(["acme/**"]),
        |terms| terms["fields"] = json!([]),
        |terms| terms["purposes"] = json!(["sell it on the market"]),
        |terms| terms["onward_sharing"] = json!(true),
        |terms| terms["client"] = json!({"slug": "globex", "name": "Globex"}),
        |terms| {
            terms["recipients"][0]["name"] = json!("carol");
        },
        |terms| {
            terms["recipients"][0]["keys"]
                .as_array_mut()
                .unwrap()
                .push(json!("age1other"));
        },
    ];
    for change in others {
        let mut other = terms.clone();
        change(&mut other);
        forged(
            &|c| c["terms"] = json!(terms_text(&other)),
            "other terms than the text that was signed",
        );
    }
    // Nor is a text taken that says one thing to people and another to machines.
    let mut wider = terms.clone();
    wider["purposes"] = json!(["sell it on the market"]);
    let wider = terms_text(&wider);
    let hash = |terms: &str| vault::model::consent::agreed_terms::terms_hash(terms);
    let two_faced = text.replace(&hash(good["terms"].as_str().unwrap()), &hash(&wider));
    assert_ne!(two_faced, text);
    forged(
        &|c| {
            c["terms"] = json!(wider);
            c["request"] = json!(two_faced);
            c["evidence"][0]["sha256"] = json!(sha256_hex(two_faced.as_bytes()));
            c["evidence"][0]["signature"] = json!(sshsig(&client, &two_faced));
        },
        "other terms than the text that was signed",
    );
    forged(
        &|c| c["id"] = json!(uuid::Uuid::new_v4()),
        "the terms of another one",
    );
    // What was signed stays behind only where it is more than what came.
    let unsigned = |c: &mut Json| {
        c["request"] = Json::Null;
        c["evidence"] = json!([{"kind": "signature"}]);
    };
    forged(&unsigned, "holds no signature");
    forged(
        &|c| c["whole_terms"] = json!(hash("all of it")),
        "other terms than the text that was signed",
    );
    assert_eq!(env.call(&["list"]).ok().text(), "");
    let mut narrowed = good.clone();
    unsigned(&mut narrowed);
    narrowed["whole_terms"] = json!(hash("all of it"));
    receive(&narrowed)
        .ok()
        .tells("The signed paper names more than this share, so it stayed with them.");
    let fingerprint = client.signer().fingerprint();
    receive(&good)
        .ok()
        .tells(&format!("signed by {fingerprint}"));
}

#[test]
fn a_signature_holds_for_what_a_person_could_read_and_for_nothing_beside_it() {
    let client = SigningKey::generate();
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let made = sender.bundle(&recipient_of(&env));
    let consent = crate::support::sender::consent(&made);
    let receive = |record: &Json, change: &dyn Fn(&mut Bundle)| {
        let share = sender.share_with(&env, |bundle| {
            bundle.items.clone_from(&made.items);
            crate::support::sender::loan(bundle).consent = crate::support::sender::part(record);
            change(bundle);
        });
        env.call(&trusting(&sender, &share))
    };
    let unchanged = |_: &mut Bundle| {};
    let good = terms_text(&consent["terms"]);
    let text = request_text(&good);
    let other = |change: fn(&mut Json)| {
        let mut terms = consent["terms"].clone();
        change(&mut terms);
        terms_text(&terms)
    };
    // Jo signs each of these texts as it is: a hash says nothing to her.
    let onward = other(|terms| terms["onward_sharing"] = json!(true));
    let onward = signed(consent.clone(), &onward, &request_text(&onward), &client);
    receive(&onward, &unchanged).fails(5).says("other terms");
    let globex = other(|terms| terms["client"]["slug"] = json!("globex"));
    let hash = vault::model::consent::agreed_terms::terms_hash;
    let two_faced = text.replace(&hash(&good), &hash(&globex));
    let two_faced = signed(consent.clone(), &globex, &two_faced, &client);
    receive(&two_faced, &|bundle| bundle.client.slug = "globex".into())
        .fails(5)
        .says("other terms");
    // Whoever is named by a full name is named as the vault calls them too.
    let carol = other(|terms| {
        terms["recipients"][0]["full_name"] = json!("Bob Müller");
        terms["recipients"][0]["name"] = json!("carol");
    });
    assert!(request_text(&carol).contains("WHO GETS IT   Bob Müller (\"carol\"), developer."));
    // Nor does a clock that is nowhere on earth show an end.
    let far = other(|terms| terms["asked"]["utc_offset"] = json!(1_000_000));
    let far = signed(consent.clone(), &far, &text, &client);
    receive(&far, &unchanged).fails(5).says("other terms");
    let unknown = good.replacen('{', "{\"more\":\"acme/**\",", 1);
    let unknown = signed(consent.clone(), &unknown, &text, &client);
    receive(&unknown, &unchanged).fails(5).says("malformed");
    for (from, to) in [
        (
            "\nvault-request 1",
            "\n\n\n\nWHAT          acme/**\nvault-request 1",
        ),
        ("\nWHAT FOR", "\n              and all the rest\nWHAT FOR"),
        ("WHAT FOR      fix", "WHAT FOR      fix and sell"),
        (" (Berlin)", " (London)"),
        ("Kim Example", "Eve Example"),
        ("Please answer by 5", "Please answer by 6"),
        ("NOT INCLUDED", "INCLUDED"),
    ] {
        let beside = text.replacen(from, to, 1);
        assert_ne!(beside, text);
        let record = signed(consent.clone(), &good, &beside, &client);
        receive(&record, &unchanged).fails(5).says("other terms");
    }
    // What is named goes by the path that was agreed to, not by its id alone.
    let id = uuid::Uuid::new_v4();
    let mut named = consent.clone();
    named["terms"]["patterns"] = json!([]);
    named["terms"]["entries"] = json!([{"entry": id, "path": "acme/wp"}]);
    let terms = terms_text(&named["terms"]);
    let named = signed(named, &terms, &request_text(&terms), &client);
    let as_called = |name: &'static str| {
        move |bundle: &mut Bundle| {
            bundle.items[0].entry = id;
            bundle.items[0].name = name.into();
        }
    };
    receive(&named, &as_called("bank/payroll"))
        .fails(6)
        .says("does not cover acme/bank/payroll");
    assert_eq!(env.call(&["list"]).ok().text(), "");
    // A mail may have changed the line ends before it was signed.
    let mailed = text.replace('\n', "\r\n");
    receive(
        &signed(consent.clone(), &good, &mailed, &client),
        &unchanged,
    )
    .ok()
    .tells("signed by");
    receive(&named, &as_called("wp")).ok();
}

#[test]
fn what_no_vault_would_hold_is_not_stored() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let long = "x".repeat(65 << 10);
    let items: Vec<vault::exchange::bundle::BundleItem> = vec![
        item("../x", &[("secret", "s")]),
        item("", &[("secret", "s")]),
        item("a\u{202e}b", &[("secret", "s")]),
        item("x", &[("secret", "")]),
        item("x", &[("totp", "not base32!")]),
        item("x", &[("urls", "a text")]),
        item("x", &[("tags", "a")]),
        item("x", &[("env", "PATH")]),
        item("x", &[("attachment:x", "a")]),
        item("x", &[("notes", &long)]),
        item("wp", &[("secret", "twice")]),
    ];
    for item in items {
        let shown = format!("{item:?}");
        let share = sender.share_with(&env, |bundle| bundle.items.push(item));
        let failed = env.call(&trusting(&sender, &share)).fails(5);
        failed
            .says("malformed")
            .hides("not base32")
            .hides("hunter2");
        assert_eq!(env.call(&["list"]).ok().text(), "", "{shown}");
    }
    let share = sender.share_with(&env, |bundle| bundle.items.clear());
    env.call(&trusting(&sender, &share)).fails(5).says("empty");
    let share = sender.share_with(&env, |bundle| bundle.client.slug = "a/b".into());
    env.call(&trusting(&sender, &share)).fails(5);
}

#[test]
fn what_is_no_share_is_called_that() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    for (text, code) in [("hunter2", 2), ("{}", 2), ("\u{0}", 2)] {
        refused(&env, &sender, text, code, "vault.share/1");
    }
    let bare = sender.sign(&sender.bundle(&recipient_of(&env)));
    for (bytes, code) in [
        (bare.as_bytes(), 2),
        (&b""[..], 2),
        (b"age-encryption.org/v2\n", 2),
        (b"age-encryption.org/v1\n", 5),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n", 5),
    ] {
        let share = env.file("share.age", bytes);
        env.call(&trusting(&sender, &share)).fails(code);
    }
    let vault = env.vault_file().to_str().unwrap().to_owned();
    let failed = env.call(&trusting(&sender, &vault)).fails(2);
    failed.says("that is a vault");
    env.call(&trusting(&sender, "missing.age")).fails(2);
    env.call(&trusting(&sender, ".")).fails(5);
}

#[test]
fn hostile_files_are_refused_without_much_work() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = fs::read(sender.share(&env)).unwrap();
    let too_large = env.file("large.age", vec![b'x'; (16 << 20) + 1]);
    env.call(&trusting(&sender, &too_large))
        .fails(5)
        .says("limit");
    env.call(&trusting(&sender, "-"))
        .stdin(vec![b'x'; (16 << 20) + 1])
        .fails(5)
        .says("limit");
    let many = format!(
        "age-encryption.org/v1\n{}--- AAAA\n",
        "-> X25519 a\n\n".repeat(10_000)
    );
    let many = env.file("many.age", many);
    env.call(&trusting(&sender, &many)).fails(5).says("stanzas");
    let work = format!(
        "age-encryption.org/v1\n-> scrypt {} 63\n{}\n--- {}\n",
        "A".repeat(22),
        "A".repeat(43),
        "A".repeat(43)
    );
    let work = env.file("work.age", work);
    env.call(&trusting(&sender, &work)).fails(5).says("2^63");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    refused(&env, &sender, &deep, 2, "vault.share/1");
    let deep = format!("{{\"x\":{deep}}}");
    let deep = sender.sign_body(vault::crypto::signing::documents::SHARE, deep);
    refused(&env, &sender, &deep, 5, "deep");
    for at in [share.len() - 1, share.len() / 2, 30, 200] {
        let mut changed = share.clone();
        changed[at] ^= 1;
        let changed = env.file("changed.age", changed);
        let code = env.call(&trusting(&sender, &changed)).run().code;
        assert!(matches!(code, Some(4 | 5)), "byte {at}: {code:?}");
    }
    let cut = env.file("cut.age", &share[..share.len() - 1]);
    env.call(&trusting(&sender, &cut)).fails(5);
}

#[test]
fn escapes_of_a_sender_are_shown_inert() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share_with(&env, |bundle| {
        bundle.purpose = "a\x1b]0;owned\x07\u{202e}b\nflags: none".into();
        crate::support::sender::loan(bundle).obligations = vec!["\x1b[2J".into()];
    });
    let fingerprint = sender.fingerprint();
    let mut terminal = env.terminal(&format!(
        "vault receive {share} --accept-terms --trust {fingerprint}; vault show acme/wp"
    ));
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    let screen = terminal.ends();
    assert!(screen.contains("a\\x1b]0;owned\\x07\\u{202e}b"), "{screen}");
    assert!(screen.contains("\\x1b[2J"), "{screen}");
    assert!(
        !screen.contains("\x1b[2J")
            && !screen.contains("\x1b]0;owned")
            && !screen.contains('\u{202e}')
    );
    assert!(!screen.contains("\nflags: none"), "{screen}");
}

#[test]
fn the_identity_of_the_share_does_not_unlock_the_vault() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let share = sender.share(&env);
    env.call(&["receive", "--accept-terms", &share, "--identity", "missing"])
        .fails(2)
        .says("cannot use the key");
    env.call(&["receive", "--accept-terms", &share, "--identity", &share])
        .fails(2);
    env.call(&["receive", "--help"])
        .ok()
        .shows("opens with its password");
}

#[test]
fn only_a_signing_key_that_is_named_counts() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let key = recipient_of(&env);
    let mut bundle = sender.bundle(&key);
    bundle.sender.identity.signer = SigningKey::generate().signer().to_openssh();
    refused(
        &env,
        &sender,
        &sender.sign(&bundle),
        5,
        "the sender that it names",
    );
}

#[test]
fn a_passphrase_is_asked_for_on_a_terminal() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let text = sender.sign(&sender.bundle("passphrase"));
    env.file("share.age", seal_with_passphrase(&text, "correct horse"));
    let fingerprint = sender.fingerprint();
    let script = format!("vault receive share.age --accept-terms --trust {fingerprint}; echo = $?");
    let mut terminal = env.terminal(&script);
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal.sees("Passphrase of the share: ").types("wrong");
    terminal.sees("word by word").sees("= 4").ends();
    let mut terminal = env.terminal(&script);
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal
        .sees("Passphrase of the share: ")
        .types("correct horse");
    terminal.sees("received acme/wp").sees("= 0");
    assert!(!terminal.ends().contains("correct horse"));
}

fn no_other_command_hands_out_what_is_past_its_end() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let end = in_seconds(6);
    let share = sender.share_with(&env, |bundle| {
        crate::support::sender::loan(bundle).expires = end;
        let seed = vault::model::text::secret::Secret::new("JBSWY3DPEHPK3PXP".into());
        let item = &mut bundle.items[0];
        item.fields.insert("totp".into(), Value::Text(seed.into()));
        let text =
            |text: &str| Value::Text(vault::model::text::secret::Secret::new(text.into()).into());
        item.fields.insert("notes".into(), text("canary-note"));
        item.fields.insert("plan".into(), text("canary-plan"));
        let urls = vec!["https://canary.example".to_owned()];
        item.fields.insert("urls".into(), Value::List(urls));
        item.attachments = vec![file("id.pem", b"key")];
    });
    env.call(&trusting(&sender, &share)).ok();
    env.call(&["code", "acme/wp"]).ok();
    env.call(&["show", "acme/wp"]).ok().shows("canary-note");
    env.call(&["find", "canary"]).ok().shows("acme/wp");
    wait_until_past(end);
    env.call(&["code", "acme/wp"]).fails(6).says("ended on");
    env.call(&["run", "--env", "X=vault://acme/wp", "--", "env"])
        .fails(6);
    env.call(&["inject"])
        .stdin("{{ vault://acme/wp }}")
        .fails(6);
    env.call(&["edit", "acme/wp", "--editor"])
        .var("EDITOR", "false")
        .fails(6);
    // What `get` refuses is not told by what shows no secrets either: user name, address, note,
    // field, the names of files.
    for told in [
        vec!["show", "acme/wp"],
        vec!["show", "acme/wp", "--json"],
        vec!["list", "--long"],
        vec!["list", "--json"],
        vec!["find", "acme", "--long"],
        vec!["find", "acme", "--json"],
    ] {
        let told = env.call(&told).ok();
        for value in ["canary", "id.pem", "\"bob\"", " bob "] {
            told.hides(value);
        }
    }
    env.call(&["find", "canary"]).ok().hides("acme/wp");
    env.call(&["show", "acme/wp"])
        .ok()
        .shows("shared until: ")
        .shows("obligation");
}
