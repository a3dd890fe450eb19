//! `vault import` of Bitwarden's JSON and 1Password's archives.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::env::TestEnv;
use crate::import::{field, import, paths, show};

/// An archive of these files.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn bitwarden(items: &Value) -> String {
    let folders = json!([{"id": "f1", "name": "Acme/Web"}]);
    json!({"encrypted": false, "folders": folders, "items": items}).to_string()
}

#[test]
fn bitwardens_items_keep_fields_times_and_former_passwords() {
    let env = TestEnv::ready();
    import(
        &env,
        bitwarden(&json!([{
            "type": 1, "name": "wp", "notes": "n", "folderId": "f1",
            "creationDate": "2020-01-01T00:00:00.000Z", "revisionDate": "2024-01-01T00:00:00.000Z",
            "fields": [
                {"name": "plain", "value": "seen", "type": 0},
                {"name": "pin", "value": "1234", "type": 1},
                {"name": "on", "value": "true", "type": 2},
                {"name": "linked", "value": null, "type": 3, "linkedId": 100},
                {"name": "plain", "value": "twice", "type": 0}
            ],
            "login": {
                "uris": [{"uri": "https://a.example"}, {"uri": "https://b.example"}, {"uri": null}],
                "username": "ann", "password": "third", "totp": "JBSWY3DPEHPK3PXP",
                "fido2Credentials": [{"keyValue": "passkeybytes"}]
            },
            "passwordHistory": [
                {"lastUsedDate": "2023-01-01T00:00:00.000Z", "password": "second"},
                {"lastUsedDate": "2022-01-01T00:00:00.000Z", "password": "first"}
            ]
        }])),
    );
    assert_eq!(paths(&env), ["Acme/Web/wp"]);
    let wp = show(&env, "Acme/Web/wp");
    let fields = json!({"on": "true", "plain": "seen", "plain-2": "twice"});
    assert_eq!(wp["fields"], fields);
    assert_eq!(
        wp["urls"],
        json!(["https://a.example", "https://b.example"])
    );
    assert_eq!(field(&env, "Acme/Web/wp", "pin"), "1234");
    assert!(field(&env, "Acme/Web/wp", "passkey").contains("passkeybytes"));
    let history = env.call(&["history", "Acme/Web/wp", "--json"]).ok().json();
    let times: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["created"].as_str().unwrap())
        .collect();
    let expected = [
        "2020-01-01T00:00:00Z",
        "2022-01-01T00:00:00Z",
        "2023-01-01T00:00:00Z",
    ];
    assert_eq!(times, expected);
    for (number, secret) in [("1", "first"), ("2", "second"), ("3", "third")] {
        let get = ["get", "-n", "Acme/Web/wp", "--at-version", number];
        env.call(&get).ok().prints(secret);
    }
}

#[test]
fn cards_identities_notes_and_keys_become_fields() {
    let env = TestEnv::ready();
    import(
        &env,
        bitwarden(&json!([
            {"type": 3, "name": "card", "card": {"cardholderName": "Ann", "number": "4111", "code": "123", "expYear": "2030"}},
            {"type": 4, "name": "me", "identity": {"firstName": "Ann", "ssn": "078-05", "username": "ann", "phone": null}},
            {"type": 2, "name": "note", "notes": "text", "secureNote": {"type": 0}},
            {"type": 5, "name": "key", "sshKey": {"privateKey": "PRIVATE", "publicKey": "ssh-ed25519 A", "keyFingerprint": "SHA256:x"}}
        ])),
    );
    let card = show(&env, "imported/card");
    assert_eq!(
        card["fields"],
        json!({"cardholderName": "Ann", "expYear": "2030"})
    );
    assert_eq!(field(&env, "imported/card", "number"), "4111");
    assert_eq!(field(&env, "imported/me", "ssn"), "078-05");
    assert_eq!(show(&env, "imported/me")["fields"]["firstName"], "Ann");
    assert_eq!(show(&env, "imported/note")["notes"], "text");
    assert_eq!(env.secret("imported/key"), "PRIVATE");
}

#[test]
fn what_is_in_bitwardens_trash_is_left_out_and_counted() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        bitwarden(&json!([
            {"type": 2, "name": "gone", "deletedDate": "2024-01-01T00:00:00.000Z"},
            {"type": 2, "name": "here", "deletedDate": null}
        ])),
    );
    assert_eq!(
        (&answer["read"], &answer["skipped"], &answer["added"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(paths(&env), ["imported/here"]);
}

#[test]
fn an_organisation_has_collections() {
    let env = TestEnv::ready();
    let export = json!({
        "encrypted": false,
        "collections": [{"id": "c1", "name": "Acme"}, {"id": "c2", "name": "Shared"}],
        "items": [{"type": 2, "name": "x", "collectionIds": ["c1", "c2"]}]
    });
    import(&env, export.to_string());
    assert_eq!(paths(&env), ["Acme/x"]);
    assert_eq!(show(&env, "Acme/x")["tags"], json!(["Shared"]));
}

#[test]
fn encrypted_exports_are_refused_with_the_way_out() {
    let env = TestEnv::ready();
    for export in [
        json!({"encrypted": true, "passwordProtected": true, "salt": "x", "data": "2.x"}),
        json!({"encrypted": true, "items": []}),
    ] {
        let file = env.file("export.json", export.to_string());
        let refused = env.call(&["import", &file]).fails(6);
        refused.says("encrypted export").hints(".json");
        let named = env
            .call(&["import", &file, "--format", "bitwarden-json"])
            .fails(6);
        named.says("encrypted");
    }
}

fn one_pux(items: &Value, kind: &str) -> String {
    json!({"accounts": [{"vaults": [{"attrs": {"name": "Acme", "type": kind}, "items": items}]}]})
        .to_string()
}

#[test]
fn one_password_archives_keep_files_sections_and_former_passwords() {
    let env = TestEnv::ready();
    let items = json!([{
        "createdAt": 1_600_000_000, "updatedAt": 1_700_000_000, "state": "active",
        "overview": {"title": "server", "url": "https://a.example", "urls": [{"url": "https://a.example"}], "tags": ["web"]},
        "details": {
            "notesPlain": "n",
            "loginFields": [
                {"designation": "username", "value": "ann", "fieldType": "T"},
                {"designation": "password", "value": "now", "fieldType": "P"}
            ],
            "sections": [{"title": "More", "fields": [
                {"title": "pin", "id": "x", "value": {"concealed": "1234"}},
                {"title": "seen", "id": "y", "value": {"string": "text"}},
                {"title": "until", "id": "z", "value": {"monthYear": 203_012}},
                {"title": "mail", "id": "m", "value": {"email": {"email_address": "a@b.example", "provider": null}}},
                {"title": "code", "id": "TOTP_1", "value": {"totp": "JBSWY3DPEHPK3PXP"}},
                {"title": "file", "id": "f", "value": {"file": {"fileName": "key.pem", "documentId": "doc1"}}}
            ]}],
            "passwordHistory": [{"value": "before", "time": 1_650_000_000}]
        }
    }, {"state": "trashed", "overview": {"title": "gone"}}]);
    let data = one_pux(&items, "U");
    let files: [(&str, &[u8]); 3] = [
        ("export.attributes", b"{}"),
        ("export.data", data.as_bytes()),
        ("files/doc1__key.pem", b"PEM\n"),
    ];
    let answer = import(&env, archive(&files));
    assert_eq!(
        (&answer["added"], &answer["skipped"]),
        (&1.into(), &1.into())
    );
    assert_eq!(paths(&env), ["Acme/server"]);
    let server = show(&env, "Acme/server");
    let fields = json!({"More mail": "a@b.example", "More seen": "text", "More until": "2030-12"});
    assert_eq!(server["fields"], fields);
    assert_eq!(server["has"]["totp"], true);
    assert_eq!(field(&env, "Acme/server", "More pin"), "1234");
    let detach = ["detach", "Acme/server", "key.pem", "--out", "-"];
    env.call(&detach).ok().prints("PEM\n");
    let history = env.call(&["history", "Acme/server", "--json"]).ok().json();
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!(history[1]["created"], "2022-04-15T05:20:00Z");
    assert_eq!(env.secret("Acme/server"), "now");
}

#[test]
fn the_personal_vault_of_one_password_says_nothing_about_a_client() {
    let env = TestEnv::ready();
    import(
        &env,
        one_pux(
            &json!([{"overview": {"title": "x", "url": "https://a.example"}}]),
            "P",
        ),
    );
    assert_eq!(paths(&env), ["a.example/x"]);
}

fn proton(items: &Value) -> String {
    let vaults = json!({"id1": {"name": "Acme", "items": items}});
    json!({"version": "1", "userId": "u", "encrypted": false, "vaults": vaults}).to_string()
}

fn proton_items() -> Value {
    json!([
        {"state": 1, "createTime": 1_600_000_000, "modifyTime": 1_700_000_000, "data": {
            "type": "login", "metadata": {"name": "wp", "note": "n"},
            "extraFields": [
                {"fieldName": "seen", "type": "text", "data": {"content": "text"}},
                {"fieldName": "pin", "type": "hidden", "data": {"content": "1234"}}
            ],
            "content": {"itemEmail": "ann@a.example", "itemUsername": "ann", "password": "p",
                "urls": ["https://a.example", "https://b.example"], "totpUri": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"}
        }},
        {"state": 1, "data": {"type": "creditCard", "metadata": {"name": "card"},
            "content": {"number": "4111", "cardholderName": "Ann", "cardType": 1}}},
        {"state": 2, "data": {"type": "note", "metadata": {"name": "gone"}, "content": {}}}
    ])
}

#[test]
fn proton_pass_is_read_from_its_json_and_from_its_archive() {
    let export = proton(&proton_items());
    let packed = archive(&[("Proton Pass/data.json", export.as_bytes())]);
    for content in [export.into_bytes(), packed] {
        let env = TestEnv::ready();
        let answer = import(&env, content);
        assert_eq!(
            (&answer["added"], &answer["skipped"]),
            (&2.into(), &1.into())
        );
        assert_eq!(paths(&env), ["Acme/card", "Acme/wp"]);
        let wp = show(&env, "Acme/wp");
        assert_eq!(
            wp["fields"],
            json!({"email": "ann@a.example", "seen": "text"})
        );
        assert_eq!(
            (&wp["username"], &wp["has"]["totp"]),
            (&json!("ann"), &json!(true))
        );
        assert_eq!(wp["created"], "2020-09-13T12:26:40Z");
        assert_eq!(field(&env, "Acme/wp", "pin"), "1234");
        assert_eq!(field(&env, "Acme/card", "number"), "4111");
    }
}

#[test]
fn what_proton_pass_has_encrypted_is_refused() {
    let env = TestEnv::ready();
    let packed = env.file("export.zip", archive(&[("Proton Pass/data.pgp", b"x")]));
    env.call(&["import", &packed])
        .fails(6)
        .says("encrypted export of Proton Pass");
    let json = json!({"version": "1", "encrypted": true, "vaults": {}}).to_string();
    let file = env.file("data.json", json);
    env.call(&["import", &file]).fails(6).hints("passphrase");
}
