//! `vault import` of `KeePass`'s XML.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::env::TestEnv;
use crate::import::{field, import, paths, show};

fn string(key: &str, value: &str) -> String {
    format!("<String><Key>{key}</Key><Value>{value}</Value></String>")
}

fn hidden(key: &str, value: &str) -> String {
    format!("<String><Key>{key}</Key><Value ProtectInMemory=\"True\">{value}</Value></String>")
}

fn entry(content: &str) -> String {
    format!("<Entry>{content}</Entry>")
}

fn modified(time: &str) -> String {
    format!(
        "<Times><CreationTime>2020-01-01T00:00:00Z</CreationTime><LastModificationTime>{time}</LastModificationTime></Times>"
    )
}

/// A database whose outermost group holds this.
fn keepass(meta: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<KeePassFile><Meta>{meta}</Meta>\
        <Root><Group><UUID>cm9vdA==</UUID><Name>Database</Name>{content}</Group></Root></KeePassFile>"
    )
}

fn group(name: &str, id: &str, content: &str) -> String {
    format!("<Group><UUID>{id}</UUID><Name>{name}</Name>{content}</Group>")
}

#[test]
fn groups_fields_and_entities_are_read() {
    let env = TestEnv::ready();
    let entry = entry(
        &[
            string("Title", "w&amp;p &lt;1&gt; &#x41;"),
            string("UserName", "ann"),
            hidden("Password", "p&quot;&apos;&#10;<![CDATA[<&amp;]]>"),
            string("URL", "https://a.example"),
            string("seen", "text"),
            hidden("pin", "1234"),
        ]
        .concat(),
    );
    import(
        &env,
        keepass("", &group("Acme", "YQ==", &group("Web", "Yg==", &entry))),
    );
    assert_eq!(paths(&env), ["Acme/Web/w-p 1- A"]);
    assert_eq!(env.secret("Acme/Web/w-p 1- A"), "p\"'\n<&amp;");
    let shown = show(&env, "Acme/Web/w-p 1- A");
    assert_eq!(
        shown["fields"],
        json!({"seen": "text", "title": "w&p <1> A"})
    );
    assert_eq!(field(&env, "Acme/Web/w-p 1- A", "pin"), "1234");
}

#[test]
fn a_history_becomes_versions_that_differ() {
    let env = TestEnv::ready();
    let was = |password: &str, time: &str| entry(&(hidden("Password", password) + &modified(time)));
    let history = [
        was("first", "2021-01-01T00:00:00Z"),
        was("first", "2021-06-01T00:00:00Z"),
        was("second", "2022-01-01T00:00:00Z"),
        was("second", "2022-06-01T00:00:00Z"),
    ]
    .concat();
    let now = string("Title", "wp")
        + &hidden("Password", "third")
        + &modified("2023-01-01T00:00:00Z")
        + &format!("<History>{history}</History>");
    import(&env, keepass("", &entry(&now)));
    let versions = env.call(&["history", "imported/wp", "--json"]).ok().json();
    let times: Vec<_> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["created"].as_str().unwrap())
        .collect();
    assert_eq!(
        times,
        [
            "2021-01-01T00:00:00Z",
            "2022-01-01T00:00:00Z",
            "2023-01-01T00:00:00Z"
        ]
    );
    assert_eq!(env.secret("imported/wp"), "third");
    env.call(&["get", "-n", "imported/wp", "--at-version", "2"])
        .ok()
        .prints("second");
}

#[test]
fn a_password_that_outlived_other_changes_has_its_own_age() {
    let env = TestEnv::ready();
    let before = entry(&(hidden("Password", "same") + &modified("2021-01-01T00:00:00Z")));
    let now = string("Title", "wp")
        + &hidden("Password", "same")
        + &modified("2024-01-01T00:00:00Z")
        + &format!("<History>{before}</History>");
    import(&env, keepass("", &entry(&now)));
    let versions = env.call(&["history", "imported/wp", "--json"]).ok().json();
    assert_eq!(versions.as_array().unwrap().len(), 1);
    assert_eq!(versions[0]["created"], "2021-01-01T00:00:00Z");
}

#[test]
fn attachments_come_along_packed_or_not() {
    let env = TestEnv::ready();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(b"packed").unwrap();
    let packed = STANDARD.encode(gzip.finish().unwrap());
    let meta = format!(
        "<Binaries><Binary ID=\"0\" Compressed=\"True\">{packed}</Binary><Binary ID=\"1\">{}</Binary></Binaries>",
        STANDARD.encode("plain")
    );
    let file =
        |name: &str, id: &str| format!("<Binary><Key>{name}</Key><Value Ref=\"{id}\" /></Binary>");
    let content =
        string("Title", "wp") + &file("a.txt", "0") + &file("b.txt", "1") + &file("c.txt", "7");
    let answer = import(&env, keepass(&meta, &entry(&content)));
    assert_eq!(answer["refused"][0]["row"], 1);
    for (name, bytes) in [("a.txt", "packed"), ("b.txt", "plain")] {
        env.call(&["detach", "imported/wp", name, "--out", "-"])
            .ok()
            .prints(bytes);
    }
}

#[test]
fn what_is_in_the_recycle_bin_is_left_out_and_counted() {
    let env = TestEnv::ready();
    let meta =
        "<RecycleBinEnabled>True</RecycleBinEnabled><RecycleBinUUID>YmluCg==</RecycleBinUUID>";
    let inside = group("Old", "bw==", &entry(&string("Title", "older")));
    let bin = group(
        "Bin",
        "YmluCg==",
        &(entry(&string("Title", "gone")) + &inside),
    );
    let answer = import(
        &env,
        keepass(meta, &(bin + &entry(&string("Title", "here")))),
    );
    assert_eq!(
        (&answer["read"], &answer["skipped"]),
        (&3.into(), &2.into())
    );
    assert_eq!(paths(&env), ["imported/here"]);
}

#[test]
fn seeds_are_found_in_every_plugins_spelling() {
    let env = TestEnv::ready();
    let spellings = [
        (
            string(
                "otp",
                "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&amp;period=60",
            ),
            "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=60",
        ),
        (
            string("otp", "key=JBSWY3DPEHPK3PXP&amp;step=30&amp;size=6"),
            "JBSWY3DPEHPK3PXP",
        ),
        (
            string("TimeOtp-Secret-Base32", "JBSWY3DPEHPK3PXP") + &string("TimeOtp-Length", "8"),
            "otpauth://totp/imported?secret=JBSWY3DPEHPK3PXP&digits=8",
        ),
        (
            string("TimeOtp-Secret-Hex", "48656c6c6f21deadbeef"),
            "JBSWY3DPEHPK3PXP",
        ),
        (
            string("TimeOtp-Secret-Base64", "SGVsbG8h3q2+7w=="),
            "JBSWY3DPEHPK3PXP",
        ),
        (string("TimeOtp-Secret", "Hello!!!!!"), "JBSWY3DPEEQSCIJB"),
        (
            string("TOTP Seed", "JBSWY3DPEHPK3PXP") + &string("TOTP Settings", "30;6"),
            "JBSWY3DPEHPK3PXP",
        ),
    ];
    let entries: Vec<String> = spellings
        .iter()
        .enumerate()
        .map(|(n, (strings, _))| entry(&(string("Title", &format!("n{n}")) + strings)))
        .collect();
    import(&env, keepass("", &entries.concat()));
    for (n, (_, seed)) in spellings.iter().enumerate() {
        assert_eq!(field(&env, &format!("imported/n{n}"), "totp"), *seed);
    }
    let steam = entry(
        &(string("Title", "steam")
            + &string("TOTP Seed", "JBSWY3DPEHPK3PXP")
            + &string("TOTP Settings", "30;S")),
    );
    import(&env, keepass("", &steam));
    assert_eq!(
        field(&env, "imported/steam", "TOTP Seed"),
        "JBSWY3DPEHPK3PXP"
    );
}

#[test]
fn an_end_is_kept_where_there_is_one() {
    let env = TestEnv::ready();
    let times = |expires: &str| {
        format!(
            "<Times><Expires>{expires}</Expires><ExpiryTime>2040-01-01T00:00:00Z</ExpiryTime></Times>"
        )
    };
    let ends = entry(&(string("Title", "ends") + &times("True")));
    let lasts = entry(&(string("Title", "lasts") + &times("False")));
    import(&env, keepass("", &(ends + &lasts)));
    assert_eq!(
        show(&env, "imported/ends")["expires"],
        "2040-01-01T00:00:00Z"
    );
    assert!(show(&env, "imported/lasts")["expires"].is_null());
}

#[test]
fn keepassx_1_is_read_too() {
    let env = TestEnv::ready();
    import(
        &env,
        "<!DOCTYPE KEEPASSX_DATABASE>\n<database><group><title>Acme</title><entry><title>wp</title>\
        <username>ann</username><password>p</password><url></url><comment>n</comment>\
        <creation>2020-01-01T00:00:00</creation><lastmod>2021-01-01T00:00:00</lastmod><expire>Never</expire></entry></group></database>",
    );
    assert_eq!(env.secret("Acme/wp"), "p");
    assert_eq!(show(&env, "Acme/wp")["created"], "2020-01-01T00:00:00Z");
}
