//! `vault import` of `KeePass`'s XML.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::import::{field, import, paths, show};
use crate::support::env::TestEnv;

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
        env.call(&["get", "imported/wp", "--file", name])
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
}

#[test]
fn groups_may_be_named_after_their_entries_and_so_may_the_recycle_bin() {
    let env = TestEnv::ready();
    let inner = entry(&string("Title", "wp"));
    let gone = entry(&string("Title", "gone"));
    let late = |name: &str, id: &str, content: &str| {
        format!("<Group>{content}<Name>{name}</Name><UUID>{id}</UUID></Group>")
    };
    let groups =
        late("Acme", "YQ==", &late("Web", "Yg==", &inner)) + &late("Bin", "YmluCg==", &gone);
    let meta =
        "<RecycleBinEnabled>True</RecycleBinEnabled><RecycleBinUUID>YmluCg==</RecycleBinUUID>";
    let xml = format!(
        "<KeePassFile><Root><Group>{groups}<Name>Database</Name></Group></Root><Meta>{meta}</Meta></KeePassFile>"
    );
    let answer = import(&env, xml);
    assert_eq!(answer["skipped"], 1);
    assert_eq!(paths(&env), ["Acme/Web/wp"]);
}

#[test]
fn a_reference_is_what_it_stands_for_or_is_told() {
    let env = TestEnv::ready();
    let id = "<UUID>AAECAwQFBgcICQoLDA0ODw==</UUID>";
    let main = entry(
        &(id.to_owned()
            + &string("Title", "main")
            + &string("UserName", "ann")
            + &hidden("Password", "s3cret")),
    );
    let by_id = "{REF:P@I:000102030405060708090A0B0C0D0E0F}";
    let texts = [
        (
            "r1",
            hidden("Password", by_id) + &string("UserName", "{ref:u@t:MAIN}"),
        ),
        ("r2", hidden("Password", "{REF:P@T:r1}-2")),
        ("r3", hidden("Password", "{REF:P@T:nowhere}")),
        ("r4", hidden("Password", "{REF:P@T:r4}")),
        ("r5", string("Notes", by_id) + &string("seen", by_id)),
        (
            "r6",
            string("URL", "cmd://ssh {USERNAME}@h") + &hidden("Password", "{REF:x"),
        ),
    ];
    let entries = texts.map(|(title, rest)| entry(&(string("Title", title) + &rest)));
    let answer = import(&env, keepass("", &(entries.concat() + &main)));
    assert_eq!(env.secret("imported/r1"), "s3cret");
    assert_eq!(show(&env, "imported/r1")["username"], "ann");
    assert_eq!(env.secret("imported/r2"), "s3cret-2");
    assert_eq!(env.secret("imported/r3"), "{REF:P@T:nowhere}");
    assert_eq!(env.secret("imported/r4"), "{REF:P@T:r4}");
    assert_eq!(show(&env, "imported/r5")["notes"], by_id);
    assert!(show(&env, "imported/r5")["fields"].get("seen").is_none());
    assert_eq!(field(&env, "imported/r5", "seen"), "s3cret");
    assert_eq!(env.secret("h/r6"), "{REF:x");
    let told: Vec<_> = answer["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["row"].as_u64().unwrap())
        .collect();
    assert_eq!(told, [3, 4, 5]);
}

#[test]
fn steams_seeds_give_codes_and_counted_ones_are_hidden_and_told() {
    let env = TestEnv::ready();
    let key = "JBSWY3DPEHPK3PXP";
    let steam = [
        string("TOTP Seed", key) + &string("TOTP Settings", "30;S"),
        string(
            "otp",
            &format!("otpauth://totp/x?secret={key}&amp;encoder=steam"),
        ),
        string("otp", &format!("key={key}&amp;type=Steam")),
        string("otp", &format!("steam://{key}")),
    ];
    let entries = (1..).zip(&steam);
    let entries: String = entries
        .map(|(n, seed)| entry(&(string("Title", &format!("s{n}")) + seed)))
        .collect();
    let counted = [
        string("HmacOtp-Secret-Base32", key) + &string("HmacOtp-Counter", "5"),
        string(
            "otp",
            &format!("key={key}%3D%3D%3D&amp;type=hotp&amp;counter=3"),
        ),
        string(
            "otp",
            &format!("otpauth://hotp/x?secret={key}&amp;counter=1"),
        ),
    ];
    let hotp = (1..).zip(&counted);
    let hotp: String = hotp
        .map(|(n, seed)| entry(&(string("Title", &format!("h{n}")) + seed)))
        .collect();
    let answer = import(&env, keepass("", &(entries + &hotp)));
    for n in 1..=4 {
        let path = format!("imported/s{n}");
        let code = env.call(&["code", &path]).ok();
        assert_eq!(code.text().trim().len(), 5, "{path}");
        assert_eq!(show(&env, &path)["fields"], json!({}), "{path}");
    }
    for n in 1..=3 {
        let path = format!("imported/h{n}");
        assert_eq!(show(&env, &path)["fields"], json!({}), "{path}");
        env.call(&["code", &path]).fails(3);
        assert_eq!(answer["refused"][n - 1]["row"], 4 + n);
    }
    assert_eq!(field(&env, "imported/h1", "HmacOtp-Secret-Base32"), key);
}

#[test]
fn seeds_keep_their_periods_digits_and_algorithms() {
    let env = TestEnv::ready();
    let key = "JBSWY3DPEHPK3PXP";
    let uri = |rest: &str| format!("otpauth://totp/imported?secret={key}&{rest}");
    let seeds = [
        (
            string("TOTP Seed", "jbsw y3dp ehpk 3pxp") + &string("TOTP Settings", "60;8;SHA512"),
            "otpauth://totp/imported?secret=jbswy3dpehpk3pxp&period=60&digits=8&algorithm=SHA512"
                .to_owned(),
        ),
        (string("TOTP Seed", key), key.to_owned()),
        (
            string(
                "otp",
                &format!("key={key}&amp;step=60&amp;size=8&amp;otpHashMode=sha256"),
            ),
            uri("period=60&digits=8&algorithm=SHA256"),
        ),
        (
            string("TimeOtp-Secret-Base32", key)
                + &string("TimeOtp-Period", "60")
                + &string("TimeOtp-Algorithm", "HMAC-SHA-256"),
            uri("period=60&algorithm=SHA256"),
        ),
    ];
    let entries = (1..).zip(&seeds);
    let entries: String = entries
        .map(|(n, (seed, _))| entry(&(string("Title", &format!("s{n}")) + seed)))
        .collect();
    import(&env, keepass("", &entries));
    for (n, (_, seed)) in (1..).zip(&seeds) {
        assert_eq!(field(&env, &format!("imported/s{n}"), "totp"), *seed);
        assert_eq!(show(&env, &format!("imported/s{n}"))["fields"], json!({}));
    }
}

#[test]
fn a_second_string_of_a_name_and_a_second_seed_are_kept() {
    let env = TestEnv::ready();
    let both = string("Title", "wp")
        + &hidden("Password", "first")
        + &hidden("Password", "second")
        + &string("UserName", "ann")
        + &string("UserName", "ben")
        + &string("otp", "JBSWY3DPEHPK3PXP")
        + &string("TOTP Seed", "GEZDGNBVGY3TQOJQ");
    import(&env, keepass("", &entry(&both)));
    assert_eq!(env.secret("imported/wp"), "first");
    assert_eq!(field(&env, "imported/wp", "Password"), "second");
    assert_eq!(show(&env, "imported/wp")["fields"]["UserName field"], "ben");
    assert_eq!(field(&env, "imported/wp", "totp"), "JBSWY3DPEHPK3PXP");
    assert_eq!(field(&env, "imported/wp", "TOTP Seed"), "GEZDGNBVGY3TQOJQ");
}

#[test]
fn what_programs_keep_beside_the_strings_is_kept_hidden() {
    let env = TestEnv::ready();
    let more = string("Title", "wp")
        + "<OverrideURL>cmd://ssh</OverrideURL>\
           <AutoType><Enabled>True</Enabled><DefaultSequence>{USERNAME}hunter2</DefaultSequence></AutoType>\
           <CustomData><Item><Key>plugin</Key><Value>hunter3</Value></Item>\
           <Item><Key>_LAST_MODIFIED</Key><Value>today</Value></Item></CustomData>";
    import(&env, keepass("", &entry(&more)));
    let shown = show(&env, "imported/wp");
    assert_eq!(shown["fields"]["override URL"], "cmd://ssh");
    assert!(!shown.to_string().contains("hunter"));
    assert_eq!(field(&env, "imported/wp", "auto-type"), "{USERNAME}hunter2");
    assert_eq!(field(&env, "imported/wp", "custom data plugin"), "hunter3");
}

#[test]
fn former_values_that_are_not_kept_are_told() {
    let env = TestEnv::ready();
    let was =
        entry(&(string("Title", "wp") + &string("UserName", "old") + &hidden("Password", "p")));
    let same = entry(&(string("Title", "wp") + &hidden("Password", "p")));
    let with = |name: &str, history: &str| {
        entry(
            &(string("Title", name)
                + &string("Title", "wp")
                + &hidden("Password", "p")
                + &format!("<History>{history}</History>")),
        )
    };
    let answer = import(&env, keepass("", &(with("a", &was) + &with("b", &same))));
    assert_eq!(answer["refused"].as_array().unwrap().len(), 1);
    assert_eq!(answer["refused"][0]["row"], 1);
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

#[test]
fn keepassx_1_may_name_a_group_after_its_entries_and_keeps_the_lines_of_a_comment() {
    let env = TestEnv::ready();
    import(
        &env,
        "<database><group><entry><comment>one<br/>two</comment><title>wp</title></entry><title>Acme</title></group></database>",
    );
    assert_eq!(show(&env, "Acme/wp")["notes"], "one\ntwo");
}
