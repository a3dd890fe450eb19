//! `ack`: what the recipient of a share sends back is held against what was shared.

use std::time::Duration;

use serde_json::{Value as Json, json};
use uuid::Uuid;
use vault::crypto::derive;
use vault::crypto::signing::documents::{DELETION, DocumentKind, RECEIPT, SHARE};
use vault::model::records::event::sha256_hex;
use vault::model::records::share::{AllowedBy, Share, SharedItem, SharedWith};
use vault::model::records::stamping::Author;
use vault::model::text::secret::Secret;
use vault::model::vault::Vault;
use vault::store::device::folder::DeviceFolders;
use vault::store::device::pin::Accepted;
use vault::store::reading::VaultPlace;
use vault::store::session::UnlockKey;
use vault::store::transaction::Begun;

use crate::cli::transfer::text_files::windows;
use crate::support::env::{PASSWORD, TestEnv, number};
use crate::support::sender::{Sender, in_days, in_seconds};

/// Changes a vault as no command does.
fn change<T>(env: &TestEnv, action: impl FnOnce(&mut Vault, &Author<'_>) -> T) -> T {
    let accepted = Accepted {
        generation: None,
        signer: None,
    };
    let root = DeviceFolders::new(env.state());
    let wait = Duration::from_secs(10);
    let store = VaultPlace::new(
        &env.vault_file(),
        root,
        accepted,
        vault::model::text::kdf::KdfLimit::default(),
        wait,
    );
    let locked = store.unwrap().read().unwrap();
    let key = derive(&Secret::new(PASSWORD.into()), None, locked.access()).unwrap();
    let session = locked
        .unlock(UnlockKey::Master(key))
        .map_err(|(_, why)| why);
    let Begun::Ready(transaction) = session.unwrap().begin(None, in_seconds(0)).unwrap() else {
        panic!("the password is the same");
    };
    let done = transaction.commit(in_seconds(0), None, |vault, author| {
        Ok(action(vault, author))
    });
    done.unwrap().0
}

const MANIFEST: &str = "{\"number\":\"1\"}";
const PAYLOAD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A vault that has shared an entry with bob.
struct Shared {
    env: TestEnv,
    bob: Sender,
    share: Uuid,
    entry: Uuid,
}

impl Shared {
    fn new() -> Self {
        let shared = Self::with_bob(|env, bob| {
            let signer = &bob.identity.signer;
            env.call(&["contact", "add", "bob", "--signer", signer])
                .ok();
        });
        let eve = Sender::new();
        let signer = &eve.identity.signer;
        shared
            .env
            .call(&["contact", "add", "eve", "--signer", signer])
            .ok();
        shared
    }

    fn with_bob(add: impl FnOnce(&TestEnv, &Sender)) -> Self {
        let (env, bob) = (TestEnv::with(&[("acme/wp", "hunter2")]), Sender::new());
        add(&env, &bob);
        let (share, entry) = record_share(&env);
        Self {
            env,
            bob,
            share,
            entry,
        }
    }

    fn receipt(&self) -> Json {
        json!({
            "id": Uuid::new_v4(),
            "share": {"id": self.share, "payload_sha256": PAYLOAD, "manifest_sha256": sha256_hex(MANIFEST.as_bytes())},
            "recipient": self.bob.identity,
            "received": in_days(0),
            "statement": "I, Bob, have received these access data and keep to these duties.",
            "duties": ["Do not pass it on."],
            "rules": null,
            "accepted": [self.entry],
            "log": [{"device": "00000000000000aa", "count": 7, "head": PAYLOAD}],
        })
    }

    fn deletion(&self) -> Json {
        json!({
            "id": Uuid::new_v4(),
            "share": {"id": self.share, "payload_sha256": PAYLOAD, "manifest_sha256": sha256_hex(MANIFEST.as_bytes())},
            "recipient": self.bob.identity,
            "deleted_at": in_days(0),
            "locations": [{"where": "vault x", "method": "removed"}],
            "retained": [{"what": "encrypted backups: generation 3", "reason": "kept", "gone_by": null}],
            "statement": "I, Bob, have deleted what came with this share.",
            "outside": null,
            "remark": "",
            "log": [{"device": "00000000000000aa", "count": 9, "head": PAYLOAD}],
        })
    }

    /// A document that `by` has signed, as a file.
    fn signed(&self, by: &Sender, kind: DocumentKind, body: &Json) -> String {
        let text = by.sign_body(kind, body.to_string());
        self.env.file("reply.json", text + "\n")
    }

    fn refuses(&self, file: &str, code: i32, says: &str) {
        self.env.call(&["ack", file]).fails(code).says(says);
    }
}

fn record_share(env: &TestEnv) -> (Uuid, Uuid) {
    change(env, |vault, author| {
        let contact = vault.live_contacts().unwrap()[0].id;
        let entry = vault.live().unwrap()[0].1.id;
        let mut share = Share::with(
            Uuid::new_v4(),
            AllowedBy::with(Uuid::new_v4(), PAYLOAD.into()),
            vec![SharedItem::with(
                entry,
                vec!["secret".into()],
                "acme/wp".into(),
            )],
            SharedWith::with(contact, "age1".into()),
            "fix the shop".into(),
            author.now,
            in_days(14),
            PAYLOAD.into(),
            MANIFEST.into(),
        );
        let id = share.id;
        share.obligations = vec!["Do not pass it on.".into()];
        vault.record_share(share, author);
        (id, entry)
    })
}

#[test]
fn a_receipt_is_filed_once() {
    let shared = Shared::new();
    let file = shared.signed(&shared.bob, RECEIPT, &shared.receipt());
    let id = shared.share.to_string();
    let answer = shared.env.call(&["ack", &file]).ok();
    answer
        .tells(&format!("filed the receipt of share {}", &number(&id)))
        .tells("bob received 1 credential on ");
    let filed = change(&shared.env, |vault, _| {
        let share = vault.shares.by_id(shared.share).unwrap();
        share.receipt.value().unwrap().document.clone()
    });
    assert_eq!(
        format!("{filed}\n"),
        std::fs::read_to_string(&file).unwrap()
    );
    let generation = shared.env.generation();
    let saved = windows(&std::fs::read_to_string(&file).unwrap());
    let saved = shared.env.file("saved.json", saved);
    shared
        .env
        .call(&["ack", &saved])
        .ok()
        .tells("filed already");
    let answer = shared.env.call(&["ack", &file, "--json"]).ok();
    assert_eq!(answer.json()["changed"], json!([]));
    assert_eq!(shared.env.generation(), generation);
    shared.env.call(&["ack", &file]).ok().tells("filed already");
    // Another one for the same share, although it is as good.
    let other = shared.signed(&shared.bob, RECEIPT, &shared.receipt());
    shared.refuses(&other, 7, "another receipt");
}

#[test]
fn a_statement_of_deletion_is_filed_beside_the_receipt() {
    let shared = Shared::new();
    let receipt = shared.signed(&shared.bob, RECEIPT, &shared.receipt());
    shared.env.call(&["ack", &receipt]).ok();
    let deletion = shared.signed(&shared.bob, DELETION, &shared.deletion());
    shared
        .env
        .call(&["ack", "-", "--json"])
        .stdin(std::fs::read(&deletion).unwrap())
        .ok();
    shared
        .env
        .call(&["ack", &deletion])
        .ok()
        .tells("filed already");
    let id = shared.share.to_string();
    shared
        .env
        .call(&["shares", "show", &id[..6]])
        .ok()
        .shows("deleted");
    let log = shared.env.call(&["log", "--json"]).ok().json();
    let acks = log.as_array().unwrap().iter();
    assert_eq!(acks.filter(|event| event["action"] == "ack").count(), 2);
}

#[test]
fn what_may_be_left_is_told() {
    let shared = Shared::new();
    let deletion = shared.signed(&shared.bob, DELETION, &shared.deletion());
    shared
        .env
        .call(&["ack", &deletion])
        .ok()
        .tells("bob deleted it on ")
        .tells("it may still be in \"encrypted backups: generation 3\": \"kept\"")
        .tells("no copies elsewhere, they say");
}

#[test]
fn a_log_that_became_shorter_is_pointed_out() {
    let shared = Shared::new();
    let receipt = shared.signed(&shared.bob, RECEIPT, &shared.receipt());
    shared.env.call(&["ack", &receipt]).ok();
    let mut body = shared.deletion();
    body["log"][0]["count"] = 6.into();
    let deletion = shared.signed(&shared.bob, DELETION, &body);
    shared
        .env
        .call(&["ack", &deletion])
        .ok()
        .tells("the log of bob is shorter in the later one of two documents");
}

#[test]
fn papers_that_come_in_another_order_raise_no_suspicion() {
    let shared = Shared::new();
    let receipt = shared.receipt();
    let deletion = shared.signed(&shared.bob, DELETION, &shared.deletion());
    shared.env.call(&["ack", &deletion]).ok();
    let receipt = shared.signed(&shared.bob, RECEIPT, &receipt);
    let filed = shared.env.call(&["ack", &receipt]).ok();
    filed.hides("the log of bob");
}

#[test]
fn a_receipt_for_another_share_or_another_content_is_refused() {
    let shared = Shared::new();
    let (other, _) = record_share(&shared.env);
    let forged = |change: &dyn Fn(&mut Json)| {
        let mut body = shared.receipt();
        change(&mut body);
        shared.signed(&shared.bob, RECEIPT, &body)
    };
    let file = forged(&|body| body["share"]["id"] = json!(Uuid::new_v4()));
    shared.refuses(&file, 3, "was not made by this vault");
    let file = forged(&|body| body["share"]["manifest_sha256"] = json!("b".repeat(64)));
    shared.refuses(&file, 5, "another content");
    let file = forged(&|body| body["share"]["payload_sha256"] = json!("b".repeat(64)));
    shared.refuses(&file, 5, "another content");
    let file = forged(&|body| {
        body["share"] =
            json!({"id": other, "payload_sha256": "c".repeat(64), "manifest_sha256": ""});
    });
    shared.refuses(&file, 5, "another content");
    let file = forged(&|body| body["accepted"] = json!([Uuid::new_v4()]));
    shared.refuses(&file, 5, "did not have");
    let file = forged(&|body| body["share"] = json!(null));
    shared.refuses(&file, 5, "malformed");
}

#[test]
fn only_the_shares_own_contact_can_answer() {
    let shared = Shared::new();
    let eve = Sender::new();
    shared
        .env
        .call(&["contact", "edit", "eve", "--signer", &eve.identity.signer])
        .ok();
    let mut body = shared.receipt();
    // Under the name of its signer, and under bob's.
    let file = shared.signed(&eve, RECEIPT, &body);
    shared.refuses(&file, 5, "not signed by the recipient");
    body["recipient"] = json!(eve.identity);
    let file = shared.signed(&eve, RECEIPT, &body);
    shared.refuses(&file, 5, eve.fingerprint());
    shared
        .env
        .call(&["ack", &file])
        .fails(5)
        .hints("vault contact edit bob --signer");
}

#[test]
fn a_contact_with_no_signing_key_is_pointed_at() {
    let shared = Shared::with_bob(|env, _| {
        env.call(&["contact", "add", "bob"]).ok();
    });
    let file = shared.signed(&shared.bob, RECEIPT, &shared.receipt());
    shared.refuses(&file, 6, shared.bob.fingerprint());
    let signer = &shared.bob.identity.signer;
    shared
        .env
        .call(&["ack", &file])
        .fails(6)
        .hints(&format!("vault contact edit bob --signer '{signer}'"));
    shared
        .env
        .call(&["contact", "edit", "bob", "--signer", signer])
        .ok();
    shared.env.call(&["ack", &file]).ok();
}

#[test]
fn a_forged_signature_is_found() {
    let shared = Shared::new();
    let body = shared.receipt();
    let good: Json =
        serde_json::from_str(&shared.bob.sign_body(RECEIPT, body.to_string())).unwrap();
    let forged = |change: &dyn Fn(&mut Json)| {
        let mut document = good.clone();
        change(&mut document);
        shared.env.file("reply.json", document.to_string())
    };
    let file = forged(&|d| d["signatures"] = json!([]));
    shared.refuses(&file, 5, "not signed");
    let file = forged(&|d| d["body"] = json!(d["body"].as_str().unwrap().replace('2', "3")));
    shared.refuses(&file, 5, "signature");
    // A good signature for another kind of document.
    let file = forged(&|d| d["type"] = "vault.deletion/1".into());
    shared.refuses(&file, 5, "signature");
    let file = shared.signed(&shared.bob, SHARE, &body);
    shared.refuses(&file, 2, "neither a receipt");
    // A receipt's body that is signed as a statement of deletion.
    let file = shared.signed(&shared.bob, DELETION, &body);
    shared.refuses(&file, 5, "malformed");
}

#[test]
fn what_is_no_reply_is_called_that() {
    let shared = Shared::new();
    for (text, code) in [
        (&b""[..], 2),
        (b"hunter2", 2),
        (b"{}", 2),
        (b"\xff", 2),
        (&vec![b'x'; (1 << 20) + 1], 5),
    ] {
        let file = shared.env.file("reply.json", text);
        shared
            .env
            .call(&["ack", &file])
            .fails(code)
            .hides("hunter2");
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let file = shared
        .env
        .file("reply.json", shared.bob.sign_body(RECEIPT, deep.clone()));
    shared.refuses(&file, 5, "malformed");
    let file = shared.env.file("reply.json", deep);
    shared.refuses(&file, 2, "neither");
    shared.env.call(&["ack", "missing"]).fails(2);
}
