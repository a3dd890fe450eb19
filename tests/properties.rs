//! What holds of every input: parsers answer or refuse and never panic, and what this version does
//! not know is kept as it stood.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;

use proptest::prelude::*;
use uuid::Uuid;
use vault::crypto::signing::documents::SHARE;
use vault::crypto::{
    AgeIdentity, Channel, Document, EncryptedFile, Identities, KeyFileContent, Machine, NoPlugins,
    PluginHost, PluginName, PrivateKey, SealedFile, SigningKey, UnlockedWith, WayInKey,
};
use vault::error::Kind;
use vault::exchange::bundle::Bundle;
use vault::exchange::card::Card;
use vault::exchange::reply::Reply;
use vault::model::entry::changes::Changes;
use vault::model::entry::fields::EntryValues;
use vault::model::records::cell::DeviceId;
use vault::model::records::slot::Slot;
use vault::model::records::stamping::Author;
use vault::model::text::kdf::{KdfLimit, KdfParams};
use vault::model::text::name::{ClientSlug, EntryPath, EnvName, FieldName, Tag};
use vault::model::text::secret::Secret;
use vault::model::text::when::{Duration, When};
use vault::model::vault::Vault;

/// A vault of today's format, as the tests of the promises keep it.
static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/good.age");
    fs::read(path).unwrap()
});

/// A key that a plugin holds.
const PLUGIN_IDENTITY: &str =
    "AGE-PLUGIN-FAKE-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SV282N4";

/// Text that looks like what a parser wants, and text that does not.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[mtp=,0-9KMGTi]{0,24}",
        "[0-9PTYMWDHS.dhmswy: -]{0,24}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.Z+-]{0,12})?",
        "[a-zA-Z0-9 ._@+/-]{0,80}",
        "\\PC{0,40}/\\PC{0,40}",
    ]
}

/// Any JSON value that is no object's member yet.
fn values() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("-0.0e-7".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just("\"\\u0041\\/\\ud83d\\ude00\"".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        "[a-z ]{0,8}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let map = prop::collection::btree_map("[a-z]{1,6}", inner, 0..4);
        prop_oneof![
            list.prop_map(|items| format!("[ {} ]", items.join(" ,"))),
            map.prop_map(|items| {
                let items = items
                    .iter()
                    .map(|(key, value)| format!("\"{key}\" :{value}"));
                format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
            }),
        ]
    })
}

const ID: &str = "2b6cf3a5-6d0e-4ab0-9e77-0d3a4f5f3b11";
const TIME: &str = "2026-11-22T10:00:00Z";

/// A payload with one unknown member at each level that has records.
fn payload(unknown: &str) -> String {
    let id = |n: usize| format!("{}{n}", &ID[..ID.len() - 1]);
    let (one, two, three, four) = (id(1), id(2), id(3), id(4));
    let cell = |value: &str| format!("[[1,\"00000000000000aa\",{value}]]");
    let version = format!(
        r#"{{"id":"{one}","number":1,"created":"{TIME}","reason":"add","value":"s",{unknown}}}"#
    );
    let entry = format!(
        r#"{{"id":"{two}","created":"{TIME}","updated":"{TIME}","client":{},"name":{},"current":{{"secret":{}}},"versions":[{version}],{unknown}}}"#,
        cell(&format!("\"{three}\"")),
        cell("\"wp\""),
        cell(&format!("\"{one}\"")),
    );
    let client = format!(
        r#"{{"id":"{three}","created":"{TIME}","slug":{},{unknown}}}"#,
        cell("\"acme\"")
    );
    let way = format!(
        r#"{{"id":"{four}","kind":"recovery","recipient":"age1x","added":"{TIME}",{unknown}}}"#
    );
    let chain = format!(r#"{{"device":"00000000000000aa","count":0,"head":"",{unknown}}}"#);
    let access = cell(r#"{"salt":"AAAAAAAAAAAAAAAAAAAAAA","m":7168,"t":6,"p":1,"key_file":false}"#);
    format!(
        r#"{{"format":1,"min_writer":1,"vault_id":"{ID}","generation":1,"parents":"-","device":"00000000000000aa","seen":{{"00000000000000aa":1}},"access":{access},"identity":{{"age":"a","signing":"b","journal":"c"}},"settings":{{{unknown}}},"recipients":[{way}],"clients":[{client}],"contacts":[{{{unknown}}}],"entries":[{entry}],"consents":[{{{unknown}}}],"shares":[],"incidents":[],"log":[{chain}],{unknown}}}"#
    )
}

/// Places in [`payload`] that hold an unknown member.
const LEVELS: usize = 9;

/// Where a file is changed, and to what.
type Mutations = Vec<(prop::sample::Index, u8)>;

fn mutations() -> impl Strategy<Value = Mutations> {
    prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..12)
}

fn mutate(bytes: &mut [u8], mutations: &Mutations) {
    for (at, value) in mutations {
        let at = at.index(bytes.len());
        bytes[at] = *value;
    }
}

/// Reading it ends in an answer or in one of the errors that a bad file may have.
fn reads_or_refuses(file: Vec<u8>) {
    let checked = SealedFile::parse(file).and_then(|sealed| sealed.verify_signature());
    if let Err(why) = checked {
        assert!(
            matches!(why.kind(), Kind::Integrity | Kind::Failed),
            "{why:?}"
        );
    }
}

fn decodes_or_refuses(payload: &[u8]) {
    if let Err(why) = Vault::decode(payload.to_vec()) {
        assert!(
            matches!(why.kind(), Kind::Integrity | Kind::Failed),
            "{why:?}"
        );
    }
}

/// A header that looks like one of age's: whatever stands in it is looked at before its MAC can be
/// checked.
fn headers() -> impl Strategy<Value = String> {
    let tags = prop::sample::select(vec!["X25519", "ssh-ed25519", "ssh-rsa", "scrypt", "x"]);
    let text = || {
        prop_oneof![
            "[A-Za-z0-9+/]{0,6}",
            "[A-Za-z0-9+/]{43}",
            Just("A".repeat(43))
        ]
    };
    let args = prop::collection::vec(text(), 0..4);
    let body = prop_oneof![text(), "[A-Za-z0-9+/]{22}", "[A-Za-z0-9+/]{63}"];
    let stanza = (tags, args, body)
        .prop_map(|(tag, args, body)| format!("-> {tag} {}\n{body}\n", args.join(" ")));
    prop::collection::vec(stanza, 0..4).prop_map(|stanzas| {
        format!(
            "age-encryption.org/v1\n{}--- {}\n",
            stanzas.concat(),
            "A".repeat(43)
        )
    })
}

/// What was encrypted by somebody else is opened or refused.
fn opens_or_refuses(file: &[u8]) {
    let key = PrivateKey::of_vault(&AgeIdentity::generate().secret()).unwrap();
    let opened = EncryptedFile::parse(file).and_then(|file| file.open(&[key]));
    if let Err(why) = opened {
        assert!(
            matches!(why.kind(), Kind::Integrity | Kind::Usage),
            "{why:?}"
        );
    }
}

/// Texts of other people are read or refused, and their bytes not repeated.
fn documents_are_read_or_refused(text: &str) {
    let refusals = [
        Document::parse(SHARE, text).err(),
        Bundle::from_json(text).err(),
        Card::parse(text).err(),
        Reply::parse(text).err(),
        KeyFileContent::parse(&Secret::new(text.into())).err(),
    ];
    for why in refusals.into_iter().flatten() {
        assert!(
            matches!(why.kind(), Kind::Integrity | Kind::Usage),
            "{why:?}"
        );
    }
}

/// Starts plugins that say this, whatever they are told.
#[derive(Clone, Debug)]
struct Parrot(Vec<u8>);

impl PluginHost for Parrot {
    fn start(&self, _: &PluginName, _: Machine) -> vault::error::Result<Box<dyn Channel>> {
        Ok(Box::new(Says(Cursor::new(self.0.clone()))))
    }

    fn tell(&self, _: &PluginName, _: &str) {}

    fn confirm(
        &self,
        _: &PluginName,
        _: &str,
        _: &str,
        _: Option<&str>,
    ) -> vault::error::Result<bool> {
        Ok(true)
    }

    fn ask(&self, _: &PluginName, _: &str, _: bool) -> vault::error::Result<Secret> {
        Ok(Secret::new("1234".into()))
    }
}

struct Says(Cursor<Vec<u8>>);

impl Read for Says {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Write for Says {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What plugins say: well-formed, nearly so, and noise.
fn sayings() -> impl Strategy<Value = Vec<u8>> {
    let saying = prop_oneof![
        "-> (msg|confirm|request-public|request-secret|file-key|error|done|x)( [0-9A-Za-z/]{1,9}){0,3}\n[A-Za-z0-9+/]{0,70}\n",
        Just("-> file-key 0\nAAAAAAAAAAAAAAAAAAAAAA\n".to_owned()),
        Just("-> done\n\n".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(saying, 0..12).prop_map(|all| all.concat().into_bytes())
}

proptest! {
    #[test]
    fn whatever_a_plugin_says_no_vault_opens_with_a_wrong_key(said in sayings()) {
        let host: Rc<dyn PluginHost> = Rc::new(Parrot(said));
        let key = Secret::new(PLUGIN_IDENTITY.into());
        let keys = Identities::parse_with_plugins(&key, &host).unwrap();
        let file = SealedFile::parse(GOOD.clone()).unwrap();
        prop_assert!(file.open(UnlockedWith::Identities(&keys)).is_err());
    }

    #[test]
    fn any_text_is_a_way_in_or_is_refused(text in texts(), rest in "[a-z0-9/.-]{0,40}") {
        let _ = WayInKey::parse(&text);
        let _ = WayInKey::parse(&format!("age1{rest}1{rest}"));
        let host: Rc<dyn PluginHost> = Rc::new(NoPlugins);
        let key = Secret::new(format!("AGE-PLUGIN-{rest}-1{text}"));
        let _ = Identities::parse_with_plugins(&key, &host);
    }

    #[test]
    fn any_bytes_are_a_share_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2048), header in headers()) {
        opens_or_refuses(&bytes);
        opens_or_refuses(header.as_bytes());
        opens_or_refuses(&[header.as_bytes(), &bytes].concat());
        opens_or_refuses(&[&b"-----BEGIN AGE ENCRYPTED FILE-----\n"[..], &bytes].concat());
    }

    #[test]
    fn any_text_is_a_document_or_is_refused(text in texts(), value in values()) {
        documents_are_read_or_refused(&text);
        documents_are_read_or_refused(&value);
        documents_are_read_or_refused(&format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{text}"));
    }

    #[test]
    fn a_mutated_document_is_refused_or_says_the_same(changes in mutations()) {
        let good = Document::sign(SHARE, "{\"a\":\"b\"}".into(), &[&SigningKey::generate()]).unwrap();
        let mut text = good.to_json().unwrap().into_bytes();
        mutate(&mut text, &changes);
        if let Ok(document) = Document::parse(SHARE, &String::from_utf8_lossy(&text)) {
            assert_eq!(document.body(), good.body());
            assert!(document.signers().eq(good.signers()));
        }
    }

    #[test]
    fn parsers_of_arguments_never_panic(text in texts()) {
        let _ = text.parse::<KdfParams>();
        let _ = text.parse::<KdfLimit>();
        let _ = text.parse::<When>();
        let _ = text.parse::<Duration>();
        let _ = text.parse::<EntryPath>();
        let _ = text.parse::<ClientSlug>();
        let _ = text.parse::<FieldName>();
        let _ = text.parse::<Tag>();
        let _ = text.parse::<EnvName>();
    }

    #[test]
    fn costs_read_back_as_they_print(m in 1_u32.., t in 1_u32.., p in 1_u32..) {
        let costs = KdfParams { m, t, p };
        prop_assert_eq!(costs.to_string().parse(), Ok(costs));
    }

    #[test]
    fn whatever_costs_a_file_asks_for_are_judged_without_overflow(m: u32, t: u32, p: u32) {
        let costs = KdfParams { m, t, p };
        let fits = costs.check_ceiling(&KdfLimit::default()).is_ok();
        prop_assert_eq!(
            fits,
            p > 0 && p <= 16 && t > 0 && t <= 64 && m >= 8 * p && m <= 2 << 20
                && u64::from(m) * u64::from(t) <= 16 << 20
        );
    }

    #[test]
    fn a_path_reads_back_as_it_prints_and_escapes_nothing(text in texts()) {
        if let Ok(path) = text.parse::<EntryPath>() {
            let shown = path.to_string();
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert!(!shown.split('/').any(|part| part.is_empty() || part.starts_with(['.', '-'])));
            prop_assert_eq!(shown.parse::<EntryPath>(), Ok(path));
        }
    }

    #[test]
    fn times_on_the_edge_of_the_calendar_do_not_panic(text in texts(), seconds in -377_705_023_201_i64..=253_402_207_200) {
        let now = jiff::Timestamp::from_second(seconds).unwrap();
        let now = now.to_zoned(jiff::tz::TimeZone::UTC);
        if let Ok(when) = text.parse::<When>() {
            let _ = when.in_future(&now);
            let _ = when.in_past(&now);
        }
    }

    #[test]
    fn any_bytes_are_a_vault_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        reads_or_refuses(bytes.clone());
        reads_or_refuses([&b"age-encryption.org/v1\n"[..], &bytes].concat());
        reads_or_refuses([&b"age-encryption.org/v1\n-> vault-signature 1 "[..], &bytes].concat());
    }

    #[test]
    fn a_mutated_vault_is_refused(changes in mutations(), cut: prop::sample::Index) {
        let mut file = GOOD.clone();
        mutate(&mut file, &changes);
        reads_or_refuses(file.clone());
        file.truncate(cut.index(file.len()));
        reads_or_refuses(file);
    }

    #[test]
    fn any_json_is_a_payload_or_is_refused(value in values(), bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        decodes_or_refuses(value.as_bytes());
        decodes_or_refuses(&bytes);
    }

    #[test]
    fn a_mutated_payload_is_read_or_refused(changes in mutations(), value in values()) {
        let mut bytes = payload(&format!("\"x-later\":{value}")).into_bytes();
        mutate(&mut bytes, &changes);
        decodes_or_refuses(&bytes);
    }

    #[test]
    fn what_a_newer_version_wrote_is_kept_byte_for_byte(value in values(), key in "x-[a-z]{1,8}") {
        let unknown = format!("\"{key}\":{value}");
        let before = payload(&unknown);
        prop_assert_eq!(before.matches(&unknown).count(), LEVELS);
        let vault = Vault::decode(before.clone()).unwrap();
        let after = vault.encode(before.len()).unwrap();
        let after = std::str::from_utf8(&after).unwrap();
        prop_assert_eq!(after.matches(&unknown).count(), LEVELS, "of {}", after);
        let again = Vault::decode(after.to_owned()).unwrap().encode(0).unwrap();
        prop_assert_eq!(after.as_bytes(), again.as_slice(), "encoding settles at once");
    }

    #[test]
    fn it_is_kept_in_a_record_that_is_changed_here(value in values(), key in "x-[a-z]{1,8}") {
        let unknown = format!("\"{key}\":{value}");
        let mut vault = Vault::decode(payload(&unknown)).unwrap();
        let author = Author {
            device: DeviceId::from_random([0, 0, 0, 0, 0, 0, 0, 0xaa]),
            now: TIME.parse().unwrap(),
            new_id: &Uuid::new_v4,
        };
        let changes = || Changes {
            values: EntryValues { notes: Some("changed".into()), ..EntryValues::default() },
            secrets: vec![(Slot::Secret, Secret::new("another".into()))],
            ..Changes::default()
        };
        vault.edit(&"acme/wp".parse().unwrap(), changes(), &author).unwrap();
        vault.add(&"acme/new".parse().unwrap(), changes(), &author).unwrap();
        let after = vault.encode(0).unwrap();
        let after = std::str::from_utf8(&after).unwrap();
        prop_assert!(after.contains("changed") && after.contains("another"));
        prop_assert_eq!(after.matches(&unknown).count(), LEVELS, "of {}", after);
    }
}
