//! `vault import` of files that were made to do harm: refused, in no time and in little memory.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::import::{import, paths};
use super::import_json::archive;
use crate::support::env::TestEnv;

fn refused(env: &TestEnv, content: impl AsRef<[u8]>, code: i32, says: &str) {
    let file = env.file("hostile", content);
    env.call(&["import", &file])
        .fails(code)
        .says(says)
        .hides("hunter2");
}

#[test]
fn an_archive_that_unpacks_past_the_limit_is_refused() {
    let env = TestEnv::ready();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("export.data", SimpleFileOptions::default())
        .unwrap();
    let zeroes = vec![b' '; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&zeroes).unwrap();
    }
    refused(&env, zip.finish().unwrap().into_inner(), 2, "the limit");
}

#[test]
fn an_archive_that_lies_about_sizes_is_refused_or_read_for_what_it_is() {
    let env = TestEnv::ready();
    let good = archive(&[("export.data", b"{\"accounts\":[]}")]);
    // The size in the list of files, 24 bytes behind its mark.
    let at = good
        .windows(4)
        .position(|mark| mark == b"PK\x01\x02")
        .unwrap();
    let mut lies = good.clone();
    lies[at + 24..at + 28].copy_from_slice(&u32::MAX.to_le_bytes()[..4]);
    lies[at + 27] = 0x7f;
    let file = env.file("lies", lies);
    let output = env.call(&["import", &file]).run();
    assert!(matches!(output.code, Some(0 | 2)), "{output:?}");
    refused(&env, &good[..good.len() - 10], 2, "malformed");
}

#[test]
fn an_archive_with_paths_outside_of_itself_is_refused() {
    let env = TestEnv::ready();
    for name in ["../export.data", "/etc/passwd", "a/../../b", "..\\x"] {
        let files: [(&str, &[u8]); 2] = [("export.data", b"{\"accounts\":[]}"), (name, b"hunter2")];
        refused(&env, archive(&files), 6, "outside of itself");
    }
}

#[test]
fn an_archive_of_something_else_is_refused() {
    let env = TestEnv::ready();
    refused(
        &env,
        archive(&[("readme.txt", b"hunter2")]),
        2,
        "archive of no kind",
    );
}

#[test]
fn entities_are_not_expanded_and_nothing_is_fetched() {
    let env = TestEnv::ready();
    let body = "<KeePassFile><Root><Group><Name>&e;</Name></Group></Root></KeePassFile>";
    for doctype in [
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY e \"&b;&b;&b;\">]>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE x SYSTEM \"http://127.0.0.1:9/x.dtd\">",
    ] {
        refused(&env, format!("{doctype}{body}"), 6, "declares entities");
    }
    refused(&env, body, 2, "unknown entity");
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let env = TestEnv::ready();
    let deep = 100_000;
    refused(&env, "[".repeat(deep), 2, "JSON");
    let object = "{\"items\":".repeat(deep);
    refused(&env, object, 2, "malformed JSON");
    let value = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let card = format!("{{\"encrypted\":false,\"items\":[{{\"card\":{{\"x\":{value}}}}}]}}");
    refused(&env, card, 2, "malformed JSON");
    let groups = "<Group>".repeat(deep);
    refused(&env, format!("<KeePassFile><Root>{groups}"), 2, "nested");
    let strange = "<x>".repeat(deep) + &"</x>".repeat(deep);
    let with_group = format!("<KeePassFile>{strange}<Root><Group/></Root></KeePassFile>");
    refused(&env, with_group, 2, "nested");
}

#[test]
fn xml_that_ends_too_early_or_is_crossed_is_refused() {
    let env = TestEnv::ready();
    for xml in [
        "<KeePassFile><Root><Group><Entry><String><Key>Password</Key><Value>hunter2",
        "<KeePassFile><Root></Group></Root></KeePassFile>",
        "<KeePassFile><Root><Group><Name>hunter2</Root></Group></KeePassFile>",
    ] {
        refused(&env, xml, 2, "malformed XML at line 1");
    }
}

#[test]
fn more_rows_than_a_vault_may_hold_are_refused() {
    let env = TestEnv::ready();
    let table = "name,url,username,password\n".to_owned() + &",,,\n".repeat(200_001);
    refused(&env, table, 2, "more than 200000 entries");
    let items = vec!["{}"; 200_001].join(",");
    let json = format!("{{\"encrypted\":false,\"items\":[{items}]}}");
    refused(&env, json, 2, "more than 200000 entries");
}

#[test]
fn an_entry_with_more_fields_than_fit_loses_none() {
    let env = TestEnv::ready();
    let fields: Vec<String> = (0..100)
        .map(|n| format!("{{\"name\":\"f{n:03}\",\"value\":\"v{n}\",\"type\":0}}"))
        .collect();
    let json = format!(
        "{{\"encrypted\":false,\"items\":[{{\"name\":\"x\",\"type\":2,\"fields\":[{}]}}]}}",
        fields.join(",")
    );
    import(&env, json);
    assert_eq!(paths(&env), ["imported/x"]);
    let rest = crate::cli::transfer::import::field(&env, "imported/x", "more fields");
    assert!(
        rest.contains("f099: v99\n") && rest.contains("f063: v63\n"),
        "{rest}"
    );
}

#[test]
fn fields_of_one_name_get_numbers_and_what_there_is_no_room_for_is_told() {
    let env = TestEnv::ready();
    let fields = vec!["{\"name\":\"f\",\"value\":\"v\"}"; 9_000].join(",");
    let item = |fields: &str| {
        format!("{{\"encrypted\":false,\"items\":[{{\"name\":\"x\",\"fields\":[{fields}]}}]}}")
    };
    import(&env, item(&fields));
    assert_eq!(
        crate::cli::transfer::import::field(&env, "imported/x", "f-63"),
        "v"
    );
    let rest = crate::cli::transfer::import::field(&env, "imported/x", "more fields");
    assert_eq!(rest.lines().count(), 9_000 - 63);
    let long = format!("{{\"name\":\"f\",\"value\":\"{}\"}}", "v".repeat(46_000));
    let answer = import(&env, item(&vec![long; 90].join(",")));
    let told = answer["refused"][0]["reason"].as_str().unwrap();
    assert!(told.contains("of its fields"), "{told}");
    // So many fields are not even looked at.
    let file = env.file("export", item(&vec!["{}"; 10_001].join(",")));
    let refused = env.call(&["import", &file, "--json"]).run();
    assert_eq!(refused.code, Some(2));
    let answer: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(answer["added"], 0);
    let told = answer["refused"][0]["reason"].as_str().unwrap();
    assert!(told.contains("more than 10000"), "{told}");
}

#[test]
fn a_text_that_is_too_long_is_told_and_the_rest_of_its_entry_is_kept() {
    let env = TestEnv::ready();
    let note = "x".repeat((1 << 20) + 1);
    let string =
        |key: &str, value: &str| format!("<String><Key>{key}</Key><Value>{value}</Value></String>");
    let entry = string("Title", "wp") + &string("Notes", &note) + &string("Password", "p");
    let xml =
        format!("<KeePassFile><Root><Group><Entry>{entry}</Entry></Group></Root></KeePassFile>");
    let answer = import(&env, xml);
    assert_eq!(answer["refused"][0]["row"], 1);
    assert_eq!(env.secret("imported/wp"), "p");
}

#[test]
fn one_attachment_that_many_entries_name_is_kept_while_there_is_room() {
    let env = TestEnv::ready();
    let data = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        vec![7_u8; 4 << 20],
    );
    let entry = |name: &str| {
        let refer = "<Binary><Key>f</Key><Value Ref=\"0\"/></Binary>".repeat(2);
        format!("<Entry><String><Key>Title</Key><Value>{name}</Value></String>{refer}</Entry>")
    };
    let entries: String = ["a", "b", "c"].map(entry).concat();
    let xml = format!(
        "<KeePassFile><Meta><Binaries><Binary ID=\"0\">{data}</Binary></Binaries></Meta>\
        <Root><Group>{entries}</Group></Root></KeePassFile>"
    );
    let answer = import(&env, xml);
    assert_eq!(answer["added"], 3);
    let told = answer["refused"].as_array().unwrap().iter();
    let told: Vec<_> = told.map(|note| note["row"].as_u64().unwrap()).collect();
    assert_eq!(told, [3, 3]);
    let names = crate::cli::transfer::import::show(&env, "imported/a")["attachments"].to_string();
    assert!(
        names.contains("\"f\"") && names.contains("\"f-2\""),
        "{names}"
    );
}

#[test]
fn attachments_past_their_limits_are_left_out_and_told() {
    let env = TestEnv::ready();
    let data = |id: usize| {
        format!(
            "{{\"overview\":{{\"title\":\"n{id}\"}},\"details\":{{\"documentAttributes\":\
            {{\"fileName\":\"f\",\"documentId\":\"d{id}\",\"decryptedSize\":1}}}}}}"
        )
    };
    let items: Vec<String> = (0..5).map(data).collect();
    let export = format!(
        "{{\"accounts\":[{{\"vaults\":[{{\"items\":[{}]}}]}}]}}",
        items.join(",")
    );
    let four = vec![0_u8; 4 << 20];
    let six = vec![0_u8; 6 << 20];
    let files: [(&str, &[u8]); 6] = [
        ("export.data", export.as_bytes()),
        ("files/d0__f", &six),
        ("files/d1__f", &four),
        ("files/d2__f", &four),
        ("files/d3__f", &four),
        ("files/d4__f", &four),
    ];
    let answer = import(&env, archive(&files));
    assert_eq!(answer["added"], 5);
    assert_eq!(answer["refused"].as_array().unwrap().len(), 1);
    assert_eq!(answer["refused"][0]["row"], 1);
    // 16 MiB are full: another one finds no room.
    let one = format!(
        "{{\"accounts\":[{{\"vaults\":[{{\"items\":[{}]}}]}}]}}",
        data(9)
    );
    let files: [(&str, &[u8]); 2] = [("export.data", one.as_bytes()), ("files/d9__f", b"x")];
    let answer = import(&env, archive(&files));
    assert_eq!(answer["added"], 1);
    assert!(
        answer["refused"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("limit")
    );
}
