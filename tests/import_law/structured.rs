//! Items of JSON and XML: what Bitwarden, Proton Pass, 1Password and `KeePass` export.

use std::fmt::Write;

use proptest::prelude::*;
use uuid::Uuid;
use vault::import::{ImportFormat, Intake, Source};
use vault::model::records::access::Access;
use vault::model::records::cell::DeviceId;
use vault::model::records::identity::Identity;
use vault::model::records::stamping::Author;
use vault::model::text::kdf::KdfParams;
use vault::model::text::secret::Secret;
use vault::model::transfer::import::Policy;
use vault::model::vault::Vault;

fn author() -> Author<'static> {
    Author {
        device: DeviceId::from_random([7; 8]),
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
        new_id: &Uuid::new_v4,
    }
}

/// What the vault holds once the file is imported, as text, and the rows that are reported.
fn imported(format: ImportFormat, file: &str) -> (String, Vec<u64>) {
    let mut intake = Intake::new(file.len(), Box::new(|_| {}));
    let source = Source::file(file.as_bytes());
    format.reader().read(&source, &mut intake).unwrap();
    let access = Access {
        salt: [1; 16],
        kdf: KdfParams::default(),
        key_file: false,
    };
    let key = || Secret::new("key".into());
    let identity = Identity::new(key(), key(), key());
    let mut vault = Vault::new(Uuid::new_v4(), access, identity, &author());
    let candidates = std::mem::take(&mut intake.candidates);
    let whole = intake.settle_extras(false);
    let policy = Policy::default();
    let plan = vault.import(candidates, whole, &policy, "test", &author());
    let left_out = plan.unwrap().left_out.into_iter().map(|(row, _)| row);
    let notes = intake.refused.iter().chain(&intake.skipped);
    let reported = notes.map(|note| note.row).chain(left_out).collect();
    let payload = vault.encode(0).unwrap();
    (String::from_utf8(payload.to_vec()).unwrap(), reported)
}

/// Holds the law for a file whose rows have these values.
fn holds(format: ImportFormat, file: &str, values: &[(u64, String)]) {
    let (vault, reported) = imported(format, file);
    for (row, value) in values {
        let is_told = reported.contains(row);
        assert!(
            vault.contains(value) || is_told,
            "{value} of row {row} is lost: {file}"
        );
    }
}

/// A piece of JSON whose texts are counted, so that each is found again.
#[derive(Clone, Debug)]
enum Node {
    Text,
    List(Vec<Node>),
    /// Members of any names: one that is known, or a new one; one name may stand twice.
    Object(Vec<(usize, Node)>),
}

fn nodes() -> impl Strategy<Value = Node> {
    let leaf = Just(Node::Text);
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            2 => Just(Node::Text),
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Node::List),
            4 => prop::collection::vec((any::<usize>(), inner), 0..6).prop_map(Node::Object),
        ]
    })
}

/// Writes JSON, and notes each value with its row.
struct Writer<'a> {
    names: &'a [&'a str],
    row: u64,
    values: Vec<(u64, String)>,
}

impl Writer<'_> {
    fn write(&mut self, node: &Node) -> String {
        match node {
            Node::Text => {
                let value = format!("v{}x", self.values.len() + 1_000);
                self.values.push((self.row, value.clone()));
                format!("\"{value}\"")
            }
            Node::List(list) => {
                let list: Vec<_> = list.iter().map(|node| self.write(node)).collect();
                format!("[{}]", list.join(","))
            }
            Node::Object(members) => {
                let mut text = Vec::new();
                for (name, node) in members {
                    let name = self.names[name % self.names.len()];
                    text.push(format!("\"{name}\":{}", self.write(node)));
                }
                format!("{{{}}}", text.join(","))
            }
        }
    }

    fn next(&mut self, node: &Node) -> String {
        self.row += 1;
        self.write(node)
    }
}

fn items() -> impl Strategy<Value = Vec<Node>> {
    let object = prop::collection::vec((any::<usize>(), nodes()), 0..8).prop_map(Node::Object);
    prop::collection::vec(object, 1..4)
}

const BITWARDEN: [&str; 22] = [
    "notes",
    "login",
    "card",
    "identity",
    "sshKey",
    "secureNote",
    "fields",
    "passwordHistory",
    "username",
    "password",
    "totp",
    "uris",
    "uri",
    "value",
    "privateKey",
    "publicKey",
    "fido2Credentials",
    "attachments",
    "cardholderName",
    "number",
    "new",
    "newer",
];
const PROTON: [&str; 22] = [
    "data",
    "metadata",
    "note",
    "content",
    "extraFields",
    "data",
    "timestamp",
    "totpUri",
    "itemEmail",
    "itemUsername",
    "password",
    "urls",
    "autofillUrls",
    "url",
    "passkeys",
    "privateKey",
    "sections",
    "sectionFields",
    "sectionName",
    "aliasEmail",
    "new",
    "files",
];
const ONE_PASSWORD: [&str; 22] = [
    "item",
    "overview",
    "details",
    "urls",
    "url",
    "tags",
    "notesPlain",
    "loginFields",
    "value",
    "password",
    "sections",
    "fields",
    "passwordHistory",
    "totp",
    "string",
    "concealed",
    "sshKey",
    "metadata",
    "privateKey",
    "email",
    "address",
    "new",
];

#[derive(Clone, Debug)]
struct KeePassEntry {
    strings: Vec<usize>,
    former: Vec<Vec<usize>>,
}

pub(crate) const KEEPASS: [&str; 14] = [
    "Title",
    "UserName",
    "Password",
    "URL",
    "Notes",
    "otp",
    "TOTP Seed",
    "TOTP Settings",
    "HmacOtp-Secret",
    "TimeOtp-Secret-Base32",
    "TimeOtp-Length",
    "KP2A_URL_1",
    "seen",
    "seen",
];

fn keepass() -> impl Strategy<Value = Vec<KeePassEntry>> {
    let strings = || prop::collection::vec(any::<usize>(), 0..10);
    let entry = (strings(), prop::collection::vec(strings(), 0..4));
    let entry = entry.prop_map(|(strings, former)| KeePassEntry { strings, former });
    prop::collection::vec(entry, 1..4)
}

fn strings(keys: &[usize], row: u64, values: &mut Vec<(u64, String)>) -> String {
    let mut text = String::new();
    for key in keys {
        let (key, value) = (
            KEEPASS[key % KEEPASS.len()],
            format!("v{}x", values.len() + 1_000),
        );
        write!(
            text,
            "<String><Key>{key}</Key><Value>{value}</Value></String>"
        )
        .unwrap();
        values.push((row, value));
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_value_of_bitwardens_json_is_lost_in_silence(items in items()) {
        let mut writer = Writer { names: &BITWARDEN, row: 0, values: Vec::new() };
        let items: Vec<_> = items.iter().map(|item| writer.next(item)).collect();
        let file = format!("{{\"encrypted\":false,\"items\":[{}]}}", items.join(","));
        holds(ImportFormat::BitwardenJson, &file, &writer.values);
    }

    #[test]
    fn no_value_of_proton_passs_json_is_lost_in_silence(items in items(), login: bool) {
        let mut writer = Writer { names: &PROTON, row: 0, values: Vec::new() };
        let kind = if login { "login" } else { "other" };
        let items = items.iter().map(|item| {
            let item = writer.next(item);
            format!("{{\"data\":{{\"type\":\"{kind}\",\"content\":{item}}}}}")
        });
        let file = format!(
            "{{\"encrypted\":false,\"vaults\":{{\"v\":{{\"name\":\"c\",\"items\":[{}]}}}}}}",
            items.collect::<Vec<_>>().join(",")
        );
        holds(ImportFormat::ProtonpassJson, &file, &writer.values);
    }

    #[test]
    fn no_value_around_proton_passs_data_is_lost_in_silence(items in items()) {
        let mut writer = Writer { names: &PROTON, row: 0, values: Vec::new() };
        let items: Vec<_> = items.iter().map(|item| writer.next(item)).collect();
        let file = format!(
            "{{\"encrypted\":false,\"vaults\":{{\"v\":{{\"name\":\"c\",\"items\":[{}]}}}}}}",
            items.join(",")
        );
        holds(ImportFormat::ProtonpassJson, &file, &writer.values);
    }

    #[test]
    fn no_value_of_1pux_is_lost_in_silence(items in items(), details: bool) {
        let mut writer = Writer { names: &ONE_PASSWORD, row: 0, values: Vec::new() };
        let items = items.iter().map(|item| {
            let item = writer.next(item);
            if details { format!("{{\"details\":{item}}}") } else { item }
        });
        let file = format!(
            "{{\"accounts\":[{{\"vaults\":[{{\"items\":[{}]}}]}}]}}",
            items.collect::<Vec<_>>().join(",")
        );
        holds(ImportFormat::OnePux, &file, &writer.values);
    }

    #[test]
    fn no_value_of_keepasss_xml_is_lost_in_silence(entries in keepass()) {
        let mut values = Vec::new();
        let mut text = String::new();
        for (row, entry) in (1..).zip(&entries) {
            write!(text, "<Entry>{}<History>", strings(&entry.strings, row, &mut values)).unwrap();
            for former in &entry.former {
                write!(text, "<Entry>{}</Entry>", strings(former, row, &mut values)).unwrap();
            }
            text.push_str("</History></Entry>");
        }
        let file = format!("<KeePassFile><Root><Group>{text}<Name>db</Name></Group></Root></KeePassFile>");
        holds(ImportFormat::KeepassXml, &file, &values);
    }
}
