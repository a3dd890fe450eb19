//! What a file says of a client's keys, rules and demands is told and logged, and no key counts
//! before somebody here has made sure of it.

use serde_json::{Value, json};
use vault::crypto::SigningKey;

use crate::support::env::TestEnv;

/// An export that somebody has made, with a client whose key is theirs.
fn planted(env: &TestEnv, key: &str) -> String {
    let (kind, public) = key.split_once(' ').unwrap();
    let id = "00000000-0000-4000-8000-000000000001";
    let export = json!({
        "format": "vault-export/1",
        "clients": [{
            "id": id, "slug": "initech", "created": "2026-01-01T00:00:00Z",
            "keys": [{"type": kind, "public": public, "verified_via": "phone", "imported": false}],
            "rules": "call +1 555 before use", "min_assurance": "attested",
        }],
        "entries": [{
            "id": "00000000-0000-4000-8000-000000000002", "client": id,
            "path": "initech/erp", "name": "erp", "created": "2026-01-01T00:00:00Z",
        }],
    });
    env.file("planted.json", export.to_string())
}

fn key_of(env: &TestEnv) -> Value {
    let shown = env.call(&["client", "show", "initech", "--json"]).ok();
    shown.json()["keys"][0].clone()
}

#[test]
fn a_key_that_came_in_by_import_counts_only_once_it_is_verified_here() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let theirs = SigningKey::generate();
    let key = theirs.signer().to_openssh();
    let fingerprint = theirs.signer().fingerprint();
    let file = planted(&env, &key);
    for dry in [&["--dry-run"][..], &[]] {
        let imported = env.call(&[&["import", &file][..], dry].concat()).ok();
        imported
            .tells(&fingerprint)
            .tells("call +1 555 before use")
            .tells("attested consents")
            .tells("vault client edit initech --key");
    }
    let log = env.call(&["log", "--json"]).ok().json();
    let import = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(import["detail"]["unverified_keys"], json!(1));
    assert_eq!(
        (&key_of(&env)["verified"], &key_of(&env)["imported"]),
        (&Value::Null, &json!(true))
    );
    env.call(&["client", "show", "initech"])
        .ok()
        .shows("not verified here");

    env.call(&["contact", "add", "bob"]).ok();
    env.me();
    let request = [
        "consent",
        "request",
        "initech",
        "--to",
        "bob",
        "--scope",
        "initech/*",
        "--purpose",
        "x",
        "--out",
        "ask.txt",
    ];
    env.call(&request).ok();
    let text = std::fs::read_to_string(env.path("ask.txt")).unwrap();
    env.file(
        "ask.txt.sig",
        crate::cli::sharing::receive::sshsig(&theirs, &text),
    );
    let sign = ["consent", "answer", "--signature", "ask.txt.sig"];
    env.call(&sign)
        .fails(6)
        .says("came in by import")
        .hints("vault client edit initech --key");
    // Naming it again without a word of how is no check.
    env.call(&["client", "edit", "initech", "--key", &key]).ok();
    env.call(&sign).fails(6);
    let verified = [
        "client",
        "edit",
        "initech",
        "--key",
        &key,
        "--key-verified",
        "met them",
    ];
    env.call(&verified).ok();
    assert_eq!(key_of(&env)["verified"], "met them");
    env.call(&sign).ok();
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn scripts_are_told_what_is_not_verified() {
    let env = TestEnv::ready();
    let theirs = SigningKey::generate();
    let file = planted(&env, &theirs.signer().to_openssh());
    let answer = env.call(&["import", &file, "--json"]).ok().json();
    assert_eq!(
        answer["unverified"],
        json!([{
            "client": "initech",
            "keys": [theirs.signer().fingerprint()],
            "phone": null,
            "rules": "call +1 555 before use",
            "min_assurance": "attested",
            "may_permit": [],
        }])
    );
}

/// An export whose entries and clients are these.
fn export_of(env: &TestEnv, clients: &Value, entries: &Value) -> String {
    let export = json!({"format": "vault-export/1", "clients": clients, "entries": entries});
    env.file("export.json", export.to_string())
}

fn client_of(id: u8, slug: &str, more: Value) -> Value {
    let mut client = json!({
        "id": format!("00000000-0000-4000-8000-0000000000{id:02}"),
        "slug": slug,
        "created": "2026-01-01T00:00:00Z",
    });
    let Value::Object(more) = more else {
        return client;
    };
    client.as_object_mut().unwrap().extend(more);
    client
}

#[test]
fn a_client_without_entries_comes_in_wherever_the_file_is_imported() {
    let initech = || {
        client_of(
            1,
            "initech",
            json!({
                "name": "Initech GmbH", "rules": "ask first",
                "retain_until": "2030-01-01T00:00:00Z",
                "keys": [{"type": "ssh-ed25519", "public": SigningKey::generate().signer()
                    .to_openssh().split_once(' ').unwrap().1}],
            }),
        )
    };
    for env in [TestEnv::ready(), TestEnv::with(&[("acme/wp", "x")])] {
        let file = export_of(&env, &json!([initech()]), &json!([]));
        env.call(&["import", &file, "--dry-run"])
            .ok()
            .tells("would make 1 new client: initech");
        env.call(&["import", &file])
            .ok()
            .tells("1 new client: initech")
            .tells("the file names a key of initech")
            .tells("ask first");
        let shown = env.call(&["client", "show", "initech", "--json"]).ok();
        let shown = shown.json();
        assert_eq!(shown["name"], "Initech GmbH");
        assert_eq!(shown["rules"], "ask first");
        assert!(
            shown["retain_until"].to_string().contains("2030-01-01"),
            "{shown}"
        );
    }
}

#[test]
fn what_a_file_says_otherwise_of_a_known_client_is_told_and_changes_nothing() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["client", "edit", "acme", "--name", "ACME"]).ok();
    let other = json!({
        "name": "Acme AG", "rules": "none", "min_assurance": "attested", "lang": "de",
        "persons": [{"name": "Eve", "email": "eve@acme.example", "may_permit": true}],
    });
    let clients = json!([
        client_of(1, "Acme", other),
        client_of(2, "gone", json!({"removed": "2026-02-01T00:00:00Z"})),
        client_of(3, "new", Value::Null),
        client_of(4, "new", json!({"name": "Further"})),
    ]);
    let file = export_of(&env, &clients, &json!([]));
    env.call(&["import", &file])
        .ok()
        .tells("client Acme of the file: it is there already and stays as it is; the file has other name, rules, least assurance, language, persons")
        .tells("client gone of the file: it was removed there")
        .tells("client new of the file: another client of the file has its name")
        .tells("1 new client: new");
    let shown = env.call(&["client", "show", "acme", "--json"]).ok().json();
    assert_eq!(
        (&shown["name"], &shown["rules"]),
        (&"ACME".into(), &Value::Null)
    );
    let again = env.call(&["import", &file, "--json"]).ok().json();
    assert_eq!(again["new_clients"], json!([]));
    assert_eq!(
        again["clients_left"].as_array().unwrap().len(),
        3,
        "{again}"
    );
    // With a client for everything, the file's own clients are told too.
    env.call(&["import", &file, "--client", "acme"])
        .ok()
        .tells("client new of the file: everything goes to the client that was named");
}

#[test]
fn who_may_permit_for_a_new_client_is_told() {
    let env = TestEnv::ready();
    let person = json!({"name": "Eve", "email": "eve@acme.example", "may_permit": true});
    let client = client_of(1, "initech", json!({"persons": [person]}));
    let file = export_of(&env, &json!([client]), &json!([]));
    env.call(&["import", &file])
        .ok()
        .tells("the file says that Eve <eve@acme.example> may give permissions for initech")
        .tells("vault client edit initech --unset person=eve@acme.example");
}

#[test]
fn what_cannot_be_kept_of_a_client_is_refused() {
    let env = TestEnv::ready();
    let damaged = json!({
        "id": "00000000-0000-4000-8000-000000000009", "name": "nda.pdf", "size": 3,
        "created": "2026-01-01T00:00:00Z", "sha256": "00", "content": "YWJj",
    });
    for more in [
        json!({"lang": "fr"}),
        json!({"role": "king"}),
        json!({"persons": [{"name": ""}]}),
        json!({"persons": [{"name": "Eve", "email": "eve"}]}),
        json!({"agreed_on": "soon"}),
        json!({"agreement": damaged}),
    ] {
        let client = client_of(1, "initech", more.clone());
        let file = export_of(&env, &json!([client]), &json!([]));
        env.call(&["import", &file]).fails(2);
    }
    env.call(&["client", "list", "--json"]).ok().prints("[]\n");
}

#[test]
fn a_client_that_says_the_same_is_not_told() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["client", "edit", "acme", "--name", "ACME"]).ok();
    let file = export_of(
        &env,
        &json!([client_of(1, "acme", json!({"name": "ACME"}))]),
        &json!([]),
    );
    env.call(&["import", &file]).ok().hides("client acme");
}
