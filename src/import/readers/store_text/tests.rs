use std::path::Path;

use super::imported;
use crate::model::text::secret::Secret;
use crate::model::transfer::import::Imported;

const PEM: &str = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nab==\n-----END RSA PRIVATE KEY-----";

fn read(text: &str) -> Imported {
    imported(1, Path::new("acme/wp"), text)
}

fn secret(imported: &Imported) -> Option<&str> {
    imported.secret.as_ref().map(Secret::expose)
}

fn field<'a>(imported: &'a Imported, name: &str) -> Option<&'a str> {
    let found = imported.fields.iter().find(|field| field.name == name);
    found.map(|field| field.value.expose())
}

#[test]
fn keys_below_the_password_are_fields() {
    let read = read(
        "pw\r\nlogin: ann\r\nurl: https://a.example\r\n\r\npin: 1234\r\nurl: https://b.example\r\nuser: ben\r\n",
    );
    assert_eq!(secret(&read), Some("pw"));
    assert_eq!(read.username.as_deref(), Some("ann"));
    assert_eq!(read.urls, ["https://a.example", "https://b.example"]);
    assert_eq!(
        (field(&read, "pin"), field(&read, "user")),
        (Some("1234"), Some("ben"))
    );
    assert_eq!(read.notes, None);
}

#[test]
fn a_note_keeps_its_blank_lines_and_what_looks_like_a_key() {
    let note = "Recovery codes:\n\n1111\n\n3333\nNote: call Jo";
    assert_eq!(read(&format!("pw\n{note}\n")).notes.as_deref(), Some(note));
    let note = "notes: first\n\nsecond: line";
    let read = read(&format!("pw\nlogin: ann\n{note}"));
    assert_eq!(read.notes.as_deref(), Some(note));
    assert_eq!(read.username.as_deref(), Some("ann"));
    let marked = imported(1, Path::new("a"), "pw\nlogin: ann\ncomments: one\n\ntwo: 2");
    assert_eq!(marked.notes.as_deref(), Some("one\n\ntwo: 2"));
}

#[test]
fn a_key_in_pem_stays_whole_wherever_it_stands() {
    assert_eq!(secret(&read(&format!("{PEM}\nlogin: ann"))), Some(PEM));
    assert_eq!(read(&format!("pw\n{PEM}\n")).notes.as_deref(), Some(PEM));
    let named = read(&format!("pw\nkey: {PEM}\nlogin: ann"));
    assert_eq!(field(&named, "key"), Some(PEM));
    assert_eq!(named.username.as_deref(), Some("ann"));
    let open = "key: -----BEGIN X-----\nlogin: ann";
    assert_eq!(read(&format!("pw\n{open}")).notes.as_deref(), Some(open));
}

#[test]
fn seeds_are_found_above_and_below_text() {
    let seed = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP";
    let read = read(&format!(
        "pw\ntext\n{seed}\nmore\notpauth://totp/y?secret=JBSWY3DPEHPK3PXQ\n"
    ));
    assert_eq!(read.totp.as_ref().map(Secret::expose), Some(seed));
    assert_eq!(read.notes.as_deref(), Some("text\nmore"));
    assert!(field(&read, "otpauth").is_some());
}

#[test]
fn text_that_names_a_secret_is_hidden() {
    let read = read("pw\nMy bank\nPIN: 4711\n");
    assert_eq!(read.notes, None);
    assert!(read.fields.iter().all(|field| field.hidden));
    assert_eq!(field(&read, "private note"), Some("My bank\nPIN: 4711"));
}

#[test]
fn gopass_1_10_has_a_head_and_a_body() {
    let read = read(
        "GOPASS-SECRET-1.0\nUrl: https://a.example\nPassword: hunter22\nUser: kim\nPin: 1\n\nbody text\n\nlast: line\n",
    );
    assert_eq!(secret(&read), Some("hunter22"));
    assert_eq!(read.username.as_deref(), Some("kim"));
    assert_eq!(read.urls, ["https://a.example"]);
    assert_eq!(field(&read, "Pin"), Some("1"));
    assert_eq!(read.notes.as_deref(), Some("body text\n\nlast: line"));
}

#[test]
fn gopass_has_yaml_where_it_is_plain_and_keeps_the_rest_whole() {
    let plain = read("pw\nsome text\n---\nlogin: ann\nquoted: \"x y\"\nnumber: '0815'\n");
    assert_eq!(plain.username.as_deref(), Some("ann"));
    assert_eq!(field(&plain, "quoted"), Some("x y"));
    assert_eq!(field(&plain, "number"), Some("0815"));
    assert_eq!(plain.notes.as_deref(), Some("some text"));
    let nested = "---\nlogin: ann\nlist:\n  - a: 1\n  - b: 2";
    assert_eq!(
        read(&format!("pw\n{nested}\n")).notes.as_deref(),
        Some(nested)
    );
    for other in [
        "---\na: 1\n  b: 2",
        "---\na:b",
        "---\nempty:",
        "---\na: 1 # x",
    ] {
        assert_eq!(
            read(&format!("pw\n{other}\n")).notes.as_deref(),
            Some(other)
        );
    }
    let block = "text: |\n  one\n  two: three";
    assert_eq!(
        read(&format!("pw\n{block}\n")).notes.as_deref(),
        Some(block)
    );
}

#[test]
fn a_file_without_a_password_has_its_first_field_there() {
    let read = read("login: ann\nurl: https://a.example\n");
    assert_eq!(
        (secret(&read), read.username.as_deref()),
        (None, Some("ann"))
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_password_and_lines_end_in_any_way() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "\u{feff}pw",
            "login: ann",
            "otp: x",
            "",
            "a note",
            "goes on",
            "",
        ]
        .join(end);
        let read = read(&text);
        assert_eq!(secret(&read), Some("pw"), "{end:?}");
        assert_eq!(read.username.as_deref(), Some("ann"));
        assert_eq!(read.notes.as_deref(), Some("a note\ngoes on"));
    }
}
