//! `vault import`: the names of folders, vaults and labels that had to be changed are kept as they
//! were, and what hangs on no entry is told.

use serde_json::{Value, json};

use super::import::{import, paths, show};
use super::import_json::archive;
use crate::support::env::TestEnv;

fn told(answer: &Value) -> String {
    answer["refused"].to_string()
}

#[test]
fn a_folder_of_a_table_that_is_no_name_is_kept_as_it_was() {
    for (folder, client) in [
        ("Müller & Söhne", "Müller Söhne"),
        ("K\\B", "K-B"),
        ("..", "imported"),
        ("O'Neil", "ONeil"),
        ("Größe: \"A\"", "Größe- A"),
    ] {
        let env = TestEnv::ready();
        let cell = folder.replace('"', "\"\"");
        import(&env, format!("name,password,folder\nn1,p1,\"{cell}\"\n"));
        let path = paths(&env).remove(0);
        assert!(path.ends_with("/n1"), "{path}");
        let fields = show(&env, &path)["fields"].clone();
        assert_eq!(fields, json!({"folder": folder}), "{path} of {client}");
    }
}

#[test]
fn a_name_that_fits_is_not_kept_twice() {
    let env = TestEnv::ready();
    import(
        &env,
        "name,password,folder\nn1,p1,Acme\nn2,p2,Mu\u{308}ller\n",
    );
    for path in paths(&env) {
        assert_eq!(show(&env, &path)["fields"], json!({}), "{path}");
    }
}

#[test]
fn folders_and_vaults_of_other_programs_are_kept_as_they_were() {
    let bitwarden = json!({
        "encrypted": false,
        "folders": [{"id": "1", "name": "Größe & Co: GmbH"}],
        "items": [{"type": 1, "name": "n1", "folderId": "1", "login": {"password": "p1"}}],
    });
    let vault = json!({"attrs": {"name": "Vlt: & x", "type": "U"}, "items": [
        {"overview": {"title": "n1", "tags": ["tg/x", "plain"]}, "details": {"password": "p1"}},
    ]});
    let one_password = json!({"accounts": [{"vaults": [vault]}]});
    let item = json!({"state": 1, "data": {"type": "login", "metadata": {"name": "n1"},
        "content": {"password": "p1"}}});
    let proton = json!({"version": "1", "encrypted": false,
        "vaults": {"v": {"name": "Vault: A", "items": [item]}}});
    for (export, folder, tag) in [
        (bitwarden, "Größe & Co: GmbH", Value::Null),
        (one_password, "Vlt: & x", json!("tg/x")),
        (proton, "Vault: A", Value::Null),
    ] {
        let env = TestEnv::ready();
        import(&env, export.to_string());
        let shown = show(&env, &paths(&env)[0]);
        assert_eq!(shown["fields"]["folder"], folder, "{shown}");
        assert_eq!(shown["fields"]["tag"], tag, "{shown}");
    }
}

#[test]
fn what_belongs_to_no_item_of_one_password_is_told() {
    let env = TestEnv::ready();
    let vault = json!({
        "attrs": {"name": "Acme", "type": "U", "desc": "hunter2"},
        "items": [{"overview": {"title": "n1"}, "details": {"documentAttributes":
            {"fileName": "key.pem", "documentId": "doc1"}}}],
    });
    let data = json!({"accounts": [{"vaults": [vault]}]}).to_string();
    let known: [(&str, &[u8]); 3] = [
        ("export.attributes", b"{}"),
        ("export.data", data.as_bytes()),
        ("files/doc1__key.pem", b"PEM\n"),
    ];
    let first = told(&import(&env, archive(&known)));
    assert!(first.contains("the description of its vault"), "{first}");
    assert!(!first.contains("belong to no item"), "{first}");
    assert!(!first.contains("hunter2"), "{first}");
    let orphan: (&str, &[u8]) = ("files/LOST1__orphan.txt", b"x");
    let env = TestEnv::ready();
    let second = told(&import(&env, archive(&[&known[..], &[orphan]].concat())));
    let says = "files of the archive that belong to no item that is taken: 1";
    assert!(second.contains(says), "{second}");
}

#[test]
fn a_file_of_variables_with_an_odd_line_is_told_how_it_can_be_read() {
    let env = TestEnv::ready();
    for odd in ["G", "two words"] {
        let file = env.file(".env", format!("A=1\nB=2\n{odd}\n"));
        let failure = env.call(&["import", &file]).fails(2);
        failure.hints("--format dotenv");
        env.call(&["import", &file, "--format", "dotenv", "--dry-run"])
            .ok();
    }
    let prose = env.file("note", "one line\nA=1\nand another\n");
    env.call(&["import", &prose])
        .fails(2)
        .hints("vault import --help");
}

#[test]
fn a_small_file_with_very_many_entries_is_refused_before_anything_is_written() {
    let env = TestEnv::ready();
    let before = env.snapshot();
    let rows: Vec<String> = (0..90_000).map(|row| format!("{row},x\n")).collect();
    let file = env.file("export", format!("name,password\n{}", rows.concat()));
    let failure = env.call(&["import", &file]).fails(2);
    failure
        .says("the limit for a file of its size")
        .hints("parts of it");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(env.snapshot(), before);
}
