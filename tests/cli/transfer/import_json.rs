//! `vault import` of Bitwarden's JSON and 1Password's archives.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::import::{field, import, paths, show};
use crate::support::env::TestEnv;

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
    let detach = ["get", "Acme/server", "--file", "key.pem"];
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

#[test]
fn bitwardens_exports_are_known_without_their_mark() {
    let env = TestEnv::ready();
    let items = json!([{"object": "item", "type": 1, "name": "wp", "login": {"password": "p"}}]);
    let exports = [
        json!({"items": items}).to_string(),
        json!({"folders": [], "items": [{"name": "wp", "notes": "n"}]}).to_string(),
        items.to_string(),
    ];
    for export in exports {
        let answer = import(&TestEnv::ready(), &export);
        assert_eq!(answer["format"], "bitwarden-json", "{export}");
        assert_eq!(answer["added"], 1);
    }
    let other = env.file("other.json", json!({"items": [1, 2]}).to_string());
    env.call(&["import", &other]).fails(2).says("no kind");
}

#[test]
fn what_is_new_or_stands_twice_in_bitwardens_items_is_kept_hidden() {
    let env = TestEnv::ready();
    let pem =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n\nrest\n-----END OPENSSH PRIVATE KEY-----\n";
    let items = json!([
        {"type": 9, "name": "bank", "bankAccount": {"iban": "hunter2", "pin": "hunter3"}},
        {"type": 1, "name": "wp", "newThing": "hunter4", "login": {
            "password": "p", "totp": "steam://JBSWY3DPEHPK3PXP", "uris": [{"uri": "https://a.example", "match": 1}],
            "newLogin": ["hunter5"], "fido2Credentials": [{"keyValue": "hunter6"}]},
         "fields": [{"name": "key", "type": 0, "value": pem}, {"name": "n", "type": 7, "value": {"a": "hunter7"}}]}
    ]);
    let answer = import(&env, bitwarden(&items));
    let bank = show(&env, "imported/bank");
    assert!(!bank.to_string().contains("hunter"));
    assert_eq!(field(&env, "imported/bank", "iban"), "hunter2");
    assert_eq!(field(&env, "imported/bank", "pin"), "hunter3");
    let path = "a.example/wp";
    assert!(!show(&env, path).to_string().contains("hunter"));
    assert_eq!(field(&env, path, "newThing"), "hunter4");
    assert_eq!(field(&env, path, "newLogin"), "[\"hunter5\"]");
    assert_eq!(field(&env, path, "n"), "{\"a\":\"hunter7\"}");
    assert_eq!(field(&env, path, "key"), pem);
    assert_eq!(env.call(&["code", path]).ok().text().trim().len(), 5);
    assert!(answer["refused"].to_string().contains("passkey"));
    // The last of two of one name would be all that is seen of them.
    let twice = r#"{"encrypted":false,"items":[{"name":"two","login":{"password":"one","password":"other"}}]}"#;
    import(&env, twice);
    assert_eq!(env.secret("imported/two"), "one");
    assert_eq!(field(&env, "imported/two", "password"), "other");
}

#[test]
fn an_item_that_cannot_be_read_is_told_and_the_others_are_kept() {
    let env = TestEnv::ready();
    let items = json!([7, {"name": "wp", "login": {"password": "p"}}]);
    let answer = import(&env, bitwarden(&items));
    assert_eq!(answer["refused"][0]["row"], 1);
    assert_eq!(env.secret("imported/wp"), "p");
}

#[test]
fn folders_urls_and_fields_of_any_kind_come_along_from_proton_pass() {
    let env = TestEnv::ready();
    let login = |more: &Value| {
        let mut login = json!({"itemUsername": "kim", "password": "p", "urls": ["https://a.example"], "totpUri": "", "passkeys": []});
        login
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        login
    };
    let export = json!({"version": "1", "encrypted": false, "vaults": {"v": {
        "name": "Clients",
        "items": [
            {"folderId": "f2", "state": 1, "data": {"type": "login", "metadata": {"name": "host", "note": ""},
                "extraFields": [
                    {"fieldName": "when", "type": "timestamp", "data": {"timestamp": {"seconds": 1_700_000_000}}},
                    {"fieldName": "odd", "type": "new", "data": {"value": "hunter2", "more": ["hunter3"]}}
                ],
                "content": login(&json!({"urls": [], "newKey": "hunter4", "autofillUrls": [
                    {"url": "https://shop.acme.example", "mode": 1}, {"url": "https://b.example", "mode": 6, "extra": "hunter5"}]}))}},
            {"folderId": "loop", "state": 1, "data": {"type": "wifi", "metadata": {"name": "net"},
                "content": {"ssid": "home", "password": "hunter6", "sections": [
                    {"sectionName": "More", "sectionFields": [{"fieldName": "code", "type": "text", "data": {"content": "hunter7"}}]}]}}},
            {"state": 1, "data": {"type": "unheard", "metadata": {"name": "odd"}, "content": {"deep": {"a": "hunter8"}}}}
        ],
        "folders": [
            {"folderId": "f1", "parentFolderId": null, "name": "Acme"},
            {"folderId": "f2", "parentFolderId": "f1", "name": "Web"},
            {"folderId": "loop", "parentFolderId": "loop", "name": "L"}
        ]
    }}});
    import(&env, export.to_string());
    let path = "Clients/Acme/Web/host";
    let host = show(&env, path);
    assert_eq!(
        host["urls"],
        json!(["https://shop.acme.example", "https://b.example"])
    );
    assert_eq!(host["fields"], json!({"when": "2023-11-14T22:13:20Z"}));
    assert_eq!(field(&env, path, "odd-2"), "hunter2");
    assert_eq!(field(&env, path, "odd"), "[\"hunter3\"]");
    assert_eq!(field(&env, path, "newKey"), "hunter4");
    assert_eq!(field(&env, path, "extra"), "hunter5");
    let net = paths(&env)
        .into_iter()
        .find(|path| path.ends_with("/net"))
        .unwrap();
    assert_eq!(env.secret(&net), "hunter6");
    assert_eq!(field(&env, &net, "code"), "hunter7");
    assert!(field(&env, "Clients/odd", "deep").contains("hunter8"));
}

#[test]
fn fields_of_any_kind_and_a_second_one_of_each_come_along_from_one_password() {
    let env = TestEnv::ready();
    let items = json!([{
        "overview": {"title": "wp", "newKey": "hunter1"},
        "details": {
            "loginFields": [
                {"designation": "username", "name": "u", "value": "ann"},
                {"designation": "username", "name": "u2", "value": "ben"},
                {"designation": "password", "name": "p", "value": "one"},
                {"designation": "password", "name": "p2", "value": "two"}
            ],
            "password": "three",
            "sections": [
                {"title": "S", "fields": [
                    {"title": "code", "id": "a", "value": {"totp": "JBSWY3DPEHPK3PXP"}},
                    {"title": "code", "id": "b", "value": {"totp": "GEZDGNBVGY3TQOJQ"}},
                    {"title": "odd", "id": "c", "value": {"hologram": {"x": "hunter2"}}},
                    {"title": "plain", "id": "d", "value": "hunter3"}
                ]},
                {"title": "S", "fields": [{"title": "odd", "id": "e", "value": {"concealed": "hunter4"}}]}
            ]
        }
    }]);
    import(&env, one_pux(&items, "P"));
    let path = "imported/wp";
    let shown = show(&env, path);
    assert_eq!(shown["username"], "ann");
    assert_eq!(shown["fields"], json!({"u2": "ben"}));
    assert_eq!(env.secret(path), "one");
    let expected = [
        ("p2", "two"),
        ("password", "three"),
        ("totp", "JBSWY3DPEHPK3PXP"),
        ("S code", "GEZDGNBVGY3TQOJQ"),
        ("S odd", "{\"x\":\"hunter2\"}"),
        ("plain", "hunter3"),
        ("S odd-2", "hunter4"),
        ("newKey", "hunter1"),
    ];
    for (name, value) in expected {
        assert_eq!(field(&env, path, name), value, "{name}");
    }
}

#[test]
fn what_bitwarden_has_and_is_not_taken_is_told_once_for_the_file() {
    let env = TestEnv::ready();
    let item = |name: &str| {
        json!({
            "type": 1, "name": name, "reprompt": 1,
            "login": {"password": "x", "uris": [{"uri": "https://a.example", "match": 3}]},
        })
    };
    let plain = json!({
        "type": 1, "name": "plain", "reprompt": 0,
        "login": {"password": "x", "uris": [{"uri": "https://b.example", "match": null}]},
    });
    let mut export: Value =
        serde_json::from_str(&bitwarden(&json!([plain, item("a"), item("b")]))).unwrap();
    export["folders"] = json!([]);
    export["sends"] = json!([{"key": "hunter2"}]);
    let file = env.file("items.json", export.to_string());
    let import = ["import", &file, "--client", "acme", "--json"];
    let answer = env.call(&import).ok().json();
    assert_eq!(answer["added"], 3, "{answer}");
    let told = answer["refused"].as_array().unwrap();
    let says = |at: usize, what: &str| {
        let reason = told[at]["reason"].as_str().unwrap();
        assert!(told[at]["row"] == 0 && reason.contains(what), "{answer}");
    };
    says(0, "'sends'");
    says(1, "(reprompt)");
    says(2, "(match)");
    assert_eq!(told.len(), 3, "{answer}");
    assert!(!answer.to_string().contains("hunter2"), "{answer}");
    let plain = env.file("plain.json", bitwarden(&json!([plain])));
    let answer = env
        .call(&["import", &plain, "--client", "acme", "--json"])
        .ok()
        .json();
    assert_eq!(answer["refused"], json!([]), "{answer}");
}
