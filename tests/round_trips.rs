//! What leaves comes back: whatever text an entry holds, each format is read as it was written, as
//! far as it has a place for it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;
use vault::export::ExportFormat as Out;
use vault::import::{ImportFormat as In, Intake, Source, detect};
use vault::model::entry::changes::Changes;
use vault::model::entry::fields::EntryValues;
use vault::model::entry::totp::code;
use vault::model::entry::use_only::PasswordProof;
use vault::model::findings::check;
use vault::model::records::access::Access;
use vault::model::records::cell::DeviceId;
use vault::model::records::entry::Entry;
use vault::model::records::identity::Identity;
use vault::model::records::slot::Slot;
use vault::model::records::stamping::Author;
use vault::model::rotation::pending::{NewSecretTo, Replacement};
use vault::model::text::kdf::KdfParams;
use vault::model::text::name::{AttachmentName, EntryPath};
use vault::model::text::secret::Secret;
use vault::model::transfer::import::Policy;
use vault::model::vault::Vault;

fn new_id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(0, LAST.fetch_add(1, Ordering::Relaxed))
}

fn author(now: i64) -> Author<'static> {
    Author {
        device: DeviceId::from_random([7; 8]),
        now: Timestamp::from_second(now).unwrap(),
        new_id: &new_id,
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn empty() -> Vault {
    let access = Access {
        salt: [1; 16],
        kdf: KdfParams::default(),
        key_file: false,
    };
    let identity = Identity::new(secret("-"), secret("-"), secret("-"));
    Vault::new(new_id(), access, identity, &author(1_600_000_000))
}

fn path() -> EntryPath {
    "acme/prod/db main".parse().unwrap()
}

/// What an entry of these tests holds.
#[derive(Clone, Debug)]
struct Held {
    secrets: Vec<String>,
    username: String,
    urls: Vec<String>,
    notes: String,
    visible: String,
    hidden: String,
    file: Vec<u8>,
}

const SEED: &str = "JBSWY3DPEHPK3PXP";

impl Held {
    fn vault(&self) -> Vault {
        let mut vault = empty();
        let changes = Changes {
            values: EntryValues {
                username: Some(self.username.clone()),
                urls: self.urls.clone(),
                notes: Some(self.notes.clone()),
                ..EntryValues::default()
            },
            fields: vec![("plan".parse().unwrap(), self.visible.clone())],
            secrets: vec![
                (Slot::Secret, secret(&self.secrets[0])),
                (Slot::Totp, secret(SEED)),
                (Slot::Field("pin".parse().unwrap()), secret(&self.hidden)),
            ],
            ..Changes::default()
        };
        vault.add(&path(), changes, &author(1_700_000_000)).unwrap();
        for (later, text) in (1..).zip(&self.secrets[1..]) {
            let new = Replacement {
                secret: secret(text),
                reason: None,
                again: false,
                to: NewSecretTo::Nobody,
            };
            // One that it has or had is no new secret.
            let _ = vault.rotate(&path(), new, &author(1_700_000_000 + later));
        }
        let name: AttachmentName = "key file".parse().unwrap();
        let later = author(1_700_000_100);
        vault
            .attach(&path(), &name, &self.file, false, &later)
            .unwrap();
        vault
    }
}

fn exported(vault: &Vault, format: Out) -> Vec<u8> {
    let mut bytes = Vec::new();
    let outgoing = vault
        .outgoing(None, true, |_| Ok(PasswordProof::Given))
        .unwrap();
    let writer = format.writer(false).unwrap();
    writer.write(&outgoing, &mut bytes).unwrap();
    bytes
}

/// The vault that an export makes of an empty one, recognised by what it holds.
fn imported(bytes: &[u8], format: In) -> Vault {
    let source = Source::file(bytes);
    assert_eq!(detect(&source).unwrap(), format);
    let mut intake = Intake::new(1 << 20, Box::new(|_| {}));
    format.reader().read(&source, &mut intake).unwrap();
    assert!(intake.refused.is_empty(), "{:?}", intake.refused);
    let whole = intake.settle_extras(true);
    let mut vault = empty();
    let policy = Policy::default();
    let candidates = std::mem::take(&mut intake.candidates);
    vault
        .import(candidates, whole, &policy, "test", &author(1_800_000_000))
        .unwrap();
    for check in check::all(&vault) {
        assert!(check.fault().is_none(), "{check:?}");
    }
    vault
}

/// All but the file's other records, which are for reading.
fn comparable(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    let (own, _) = text.split_once("\n\"records\":").unwrap();
    own.to_owned()
}

fn field(entry: &Entry, name: &str) -> String {
    let found = entry.field(name);
    found.map_or_else(String::new, |found| found.expose().to_owned())
}

fn codes(entry: &Entry) -> String {
    let seed = entry.current("totp").unwrap().secret();
    code(seed, 1_700_000_000).unwrap().text.expose().to_owned()
}

fn history(entry: &Entry) -> Vec<&str> {
    entry
        .history("secret")
        .map(|version| version.secret().expose())
        .collect()
}

/// Texts with everything that means something to a format.
fn texts() -> impl Strategy<Value = String> {
    let odd = prop_oneof![
        Just("\"".to_owned()),
        Just("','".to_owned()),
        Just("]]>".to_owned()),
        Just("&amp;<x/>".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\t".to_owned()),
        Just("=1+1".to_owned()),
        Just("\u{feff}\u{202e}é💥\u{301}".to_owned()),
        Just("\\n\\".to_owned()),
        Just(": ".to_owned()),
        "[ -~]{1,12}",
    ];
    // A blank text is none to other programs.
    prop::collection::vec(odd, 0..6).prop_map(|parts| format!("x{}x", parts.concat()))
}

fn lines() -> impl Strategy<Value = String> {
    texts().prop_map(|text| text.replace(['\r', '\n'], " "))
}

fn held() -> impl Strategy<Value = Held> {
    let urls = prop::collection::btree_set("https://[a-z]{1,8}\\.example/[a-z,;&?=%]{0,8}", 1..4);
    (
        prop::collection::vec(texts(), 1..4),
        texts(),
        urls,
        texts().prop_map(|text| text.replace('\r', "")),
        lines(),
        texts(),
        prop::collection::vec(any::<u8>(), 0..64),
    )
        .prop_map(
            |(secrets, username, urls, notes, visible, hidden, file)| Held {
                secrets,
                username,
                urls: urls.into_iter().collect(),
                notes,
                visible,
                hidden,
                file,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn own_json_comes_back_byte_for_byte(held in held()) {
        let bytes = exported(&held.vault(), Out::Json);
        let back = imported(&bytes, In::Json);
        let again = exported(&back, Out::Json);
        prop_assert_eq!(comparable(&again), comparable(&bytes));
    }

    #[test]
    fn bitwardens_json_comes_back_with_its_history(held in held()) {
        let vault = held.vault();
        let back = imported(&exported(&vault, Out::Bitwarden), In::BitwardenJson);
        let (before, after) = (vault.entry(&path()).unwrap(), back.entry(&path()).unwrap());
        for name in ["secret", "username", "urls", "notes", "plan", "pin", "totp"] {
            prop_assert_eq!(field(after, name), field(before, name), "{}", name);
        }
        prop_assert_eq!(history(after), history(before));
        let since = |entry: &Entry| -> Vec<Timestamp> {
            entry.history("secret").map(|version| version.created).collect()
        };
        prop_assert_eq!(since(after), since(before));
        prop_assert!(after.current("pin").is_some(), "it stays hidden");
    }

    #[test]
    fn keepass_xml_comes_back_with_history_and_files(held in held()) {
        let vault = held.vault();
        let back = imported(&exported(&vault, Out::KeepassXml), In::KeepassXml);
        let (before, after) = (vault.entry(&path()).unwrap(), back.entry(&path()).unwrap());
        for name in ["secret", "username", "urls", "notes", "plan", "pin"] {
            prop_assert_eq!(field(after, name), field(before, name), "{}", name);
        }
        prop_assert_eq!(codes(after), codes(before));
        prop_assert_eq!(history(after), history(before));
        let file = after.attachment("key file").unwrap();
        prop_assert_eq!(&*file.bytes().unwrap(), &held.file);
        prop_assert!(after.current("pin").is_some(), "it stays hidden");
    }

    #[test]
    fn bitwardens_table_comes_back_but_for_what_it_has_no_place_for(held in held()) {
        let held = Held { hidden: held.hidden.replace(['\r', '\n'], " "), ..held };
        let vault = held.vault();
        let back = imported(&exported(&vault, Out::Csv), In::BitwardenCsv);
        let (before, after) = (vault.entry(&path()).unwrap(), back.entry(&path()).unwrap());
        for name in ["secret", "username", "urls", "notes", "plan", "pin", "totp"] {
            prop_assert_eq!(field(after, name), field(before, name), "{}", name);
        }
    }

    #[test]
    fn chromes_table_comes_back_with_a_row_for_each_url(held in held()) {
        let vault = held.vault();
        let back = imported(&exported(&vault, Out::ChromeCsv), In::ChromeCsv);
        let rows = back.live().unwrap();
        let entry = vault.entry(&path()).unwrap();
        prop_assert_eq!(rows.len(), held.urls.len());
        for (_, row) in rows {
            for name in ["secret", "username", "notes"] {
                prop_assert_eq!(field(row, name), field(entry, name), "{}", name);
            }
            prop_assert!(held.urls.contains(&row.urls()[0]), "{:?}", row.urls());
        }
    }
}

#[test]
fn a_secret_of_the_largest_size_comes_back() {
    let held = Held {
        secrets: vec!["\"é,\n".repeat((1 << 20) / 5)],
        username: "ann".into(),
        urls: vec!["https://a.example".into()],
        notes: "n".into(),
        visible: "v".into(),
        hidden: "h".into(),
        file: vec![0; 1 << 20],
    };
    let vault = held.vault();
    for (out, format) in [
        (Out::Json, In::Json),
        (Out::Bitwarden, In::BitwardenJson),
        (Out::KeepassXml, In::KeepassXml),
        (Out::Csv, In::BitwardenCsv),
    ] {
        let back = imported(&exported(&vault, out), format);
        let after = back.entry(&path()).unwrap();
        assert!(field(after, "secret") == held.secrets[0], "{out:?}");
    }
}

#[test]
fn what_xml_cannot_hold_is_attached() {
    let held = Held {
        secrets: vec!["a\u{1}b".into()],
        username: "ann".into(),
        urls: vec!["https://a.example".into()],
        notes: "bell \u{7}".into(),
        visible: "v".into(),
        hidden: "h".into(),
        file: b"f".to_vec(),
    };
    let back = imported(&exported(&held.vault(), Out::KeepassXml), In::KeepassXml);
    let after = back.entry(&path()).unwrap();
    for (name, content) in [
        ("Password", &b"a\x01b"[..]),
        ("Notes", b"bell \x07"),
        ("key file", b"f"),
    ] {
        let file = after.attachment(name).unwrap();
        assert_eq!(&*file.bytes().unwrap(), content, "{name}");
    }
}
