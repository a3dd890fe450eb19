//! What goes out of the vault, and what does not.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use serde_json::Value;
use uuid::Uuid;

use super::{Lock, PASSPHRASE, SealedShare, make};
use crate::crypto::signing::documents::SHARE;
use crate::crypto::{AgeIdentity, Document, SealedTo, SigningKey};
use crate::error::Kind;
use crate::exchange::letter::document_in;
use crate::model::consent::permit::Ask;
use crate::model::consent::permit::world::World;
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryValues;
use crate::model::people::client_changes::ClientChanges;
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::number;
use crate::model::records::share::Share;
use crate::model::records::slot::Slot;
use crate::model::testing::{author, day, path, secret};

/// A world whose vault can sign and whose contacts can be encrypted to.
fn world() -> World {
    let mut world = World::new();
    let identity = &mut world.vault.identity;
    identity.age = AgeIdentity::generate().secret().into();
    identity.signing = SigningKey::generate().to_openssh_pem().unwrap().into();
    for name in ["bob", "eve"] {
        set_keys(&mut world, name, &[AgeIdentity::generate().recipient()]);
    }
    world
}

fn set_keys(world: &mut World, name: &str, keys: &[String]) {
    let stamp = world.vault.seen.next(author(0).device);
    let contacts = world
        .vault
        .contacts
        .iter_mut()
        .map(|it| it.get_mut().unwrap());
    for contact in contacts.filter(|contact| contact.name() == name) {
        contact.recipients.set(stamp, keys.to_vec());
    }
}

#[track_caller]
fn sealed(world: &mut World, ask: &Ask) -> SealedShare {
    make(&mut world.vault, ask, None, &TimeZone::UTC, &author(1)).unwrap()
}

/// The body of what was made.
fn body(made: &SealedShare) -> Value {
    let document = Document::parse(
        SHARE,
        document_in(made.plaintext.expose()).unwrap().expose(),
    )
    .unwrap();
    serde_json::from_str(document.body()).unwrap()
}

/// What it says of itself.
fn manifest(made: &SealedShare) -> Value {
    serde_json::from_str(body(made)["manifest"].as_str().unwrap()).unwrap()
}

fn recorded(world: &World, id: Uuid) -> &Share {
    let ledger = world.vault.ledger(day(1)).unwrap();
    ledger.iter().find(|it| it.share.id == id).unwrap().share
}

#[test]
fn the_body_says_who_gives_what_to_whom_what_for_and_until_when() {
    let mut world = world();
    let consent = world.consent("acme");
    let mut rules = ClientChanges::default();
    rules.values.rules = Some("VPN only".into());
    world
        .vault
        .edit_client(&"acme".parse().unwrap(), rules, &author(0))
        .unwrap();
    let ask = world.ask(&["acme/wp"], &[]);
    let made = sealed(&mut world, &ask);
    let (body, manifest) = (body(&made), manifest(&made));
    assert_eq!(manifest["share"], made.id.to_string());
    assert_eq!(manifest["number"], number(made.id));
    assert_eq!(manifest["created"], day(1).to_string());
    assert_eq!(manifest["expires"], day(15).to_string());
    assert_eq!(manifest["recipient"]["contact"], "bob");
    assert_eq!(manifest["client"]["slug"], "acme");
    assert_eq!(manifest["purpose"], "relaunch");
    assert_eq!(manifest["rules"], "VPN only");
    assert_eq!(manifest["obligations"].as_array().unwrap().len(), 8);
    let record = body["consent"].as_str().unwrap();
    assert_eq!(manifest["consent"]["sha256"], sha256_hex(record.as_bytes()));
    assert_eq!(manifest["consent"]["assurance"], "document");
    let record: Value = serde_json::from_str(record).unwrap();
    assert_eq!(record["id"], consent.to_string());
    let item = &manifest["items"][0];
    assert_eq!((&item["name"], &item["version"]), (&"wp".into(), &1.into()));
    assert_eq!(item["hosts"], serde_json::json!(["acme.example"]));
    assert_eq!(item["username"], "admin");
    assert_eq!(
        item["fields"],
        serde_json::json!(["secret", "urls", "username"])
    );
    let item = &body["items"][0];
    assert_eq!(item["fields"]["secret"], "one");
    assert_eq!(item["fields"]["urls"][0], "https://acme.example");
}

#[test]
fn the_ledger_has_what_went_and_binds_it_by_its_hash() {
    let mut world = world();
    world.consent_with("acme", |it| it.fields = &["secret", "pin"]);
    let ask = world.ask(&["acme/wp"], &[]);
    let made = sealed(&mut world, &ask);
    let document = Document::parse(
        SHARE,
        document_in(made.plaintext.expose()).unwrap().expose(),
    )
    .unwrap();
    let share = recorded(&world, made.id);
    assert_eq!(share.payload_sha256, document.body_sha256());
    let text = body(&made)["manifest"].clone();
    assert_eq!(
        share.manifest_sha256(),
        sha256_hex(text.as_str().unwrap().as_bytes())
    );
    assert_eq!(share.consent.sha256, manifest(&made)["consent"]["sha256"]);
    assert_eq!(share.recipient.key, manifest(&made)["recipient"]["key"]);
    assert_eq!(share.items[0].path, "acme/wp");
    assert_eq!(share.items[0].hosts, ["acme.example"]);
    assert_eq!(share.items[0].username.as_deref(), Some("admin"));
    assert_eq!(share.items[0].fields, ["secret", "pin"]);
    let slots: Vec<_> = share.items[0].versions.keys().collect();
    assert_eq!(slots, ["pin", "secret"]);
    assert!(share.sent.value().is_none(), "not before it is written");
}

/// Every name and value that a share of acme/wp must not hold unless it is named.
const CANARIES: [&str; 13] = [
    "c-old-secret",
    "c-notes",
    "c-tag",
    "c-totp",
    "c-pin",
    "c-file",
    "c-env",
    "c-other-entry",
    "c-other-client",
    "c-eve",
    "c-older-client-note",
    "c-visible",
    "c-username",
];

fn full_of_canaries() -> World {
    let mut world = world();
    let edit = |world: &mut World, entry: &str, changes| {
        world.vault.edit(&path(entry), changes, &author(0)).unwrap();
    };
    for value in ["c-old-secret", "the-secret"] {
        let changes = Changes {
            secrets: vec![(Slot::Secret, secret(value))],
            ..Changes::default()
        };
        edit(&mut world, "acme/wp", changes);
    }
    let changes = Changes {
        values: EntryValues {
            username: Some("c-username".into()),
            notes: Some("c-notes".into()),
            tags: vec!["c-tag".into()],
            env: Some("C_ENV".into()),
            ..EntryValues::default()
        },
        fields: vec![("site".parse().unwrap(), "c-visible".into())],
        secrets: vec![
            (Slot::Totp, secret("c-totp")),
            (Slot::Field("pin".parse().unwrap()), secret("c-pin")),
        ],
        ..Changes::default()
    };
    edit(&mut world, "acme/wp", changes);
    let name = "c-file".parse().unwrap();
    world
        .vault
        .attach(&path("acme/wp"), &name, b"c-file", false, &author(0))
        .unwrap();
    for (entry, note) in [
        ("acme/db", "c-other-entry"),
        ("globex/mail", "c-other-client"),
    ] {
        let mut changes = Changes::default();
        changes.values.notes = Some(note.into());
        changes.secrets = vec![(Slot::Secret, secret(note))];
        edit(&mut world, entry, changes);
    }
    let contacts = world
        .vault
        .contacts
        .iter_mut()
        .map(|it| it.get_mut().unwrap());
    let stamp = world.vault.seen.next(author(0).device);
    for contact in contacts.filter(|contact| contact.name() == "eve") {
        contact.name.set(stamp, "c-eve".into());
    }
    world
}

#[test]
fn nothing_goes_but_what_was_consented_to() {
    let fields = [
        ("secret", "the-secret"),
        ("username", "c-username"),
        ("totp", "c-totp"),
        ("notes", "c-notes"),
        ("pin", "c-pin"),
        ("site", "c-visible"),
    ];
    for (field, value) in fields {
        let mut world = full_of_canaries();
        let fields = [field];
        world.consent_with("acme", |it| it.fields = &fields);
        world.consent_with("acme", |it| it.for_eve = true);
        let ask = world.ask(&["acme/wp"], &[]);
        let made = sealed(&mut world, &ask);
        let text = made.plaintext.expose().to_lowercase();
        assert!(text.contains(value), "{field}");
        for canary in CANARIES.iter().filter(|canary| **canary != value) {
            assert!(!text.contains(canary), "{field} brought {canary}");
        }
        for name in ["globex", "/mail", "acme/db", "c_env"] {
            assert!(!text.contains(name), "{field} brought {name}");
        }
    }
}

#[test]
fn a_field_that_is_asked_for_is_all_that_goes() {
    let mut world = full_of_canaries();
    world.consent("acme");
    let ask = world.ask(&["acme/wp"], &["secret"]);
    let made = sealed(&mut world, &ask);
    let item = body(&made)["items"][0].clone();
    let names: BTreeSet<_> = item["fields"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(names, ["secret".to_owned()].into());
    assert_eq!(
        (&item["hidden"], &item["attachments"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );
}

#[test]
fn hidden_fields_are_marked_and_files_go_whole() {
    let mut world = world();
    let fields = ["pin", "attachment:key.pem"];
    world.consent_with("acme", |it| it.fields = &fields);
    let ask = world.ask(&["acme/wp"], &[]);
    let made = sealed(&mut world, &ask);
    let item = body(&made)["items"][0].clone();
    assert_eq!(item["hidden"], serde_json::json!(["pin"]));
    let version = &manifest(&made)["items"][0]["version"];
    assert_eq!(*version, Value::Null, "its secret did not go");
    let file = &item["attachments"][0];
    assert_eq!(
        (&file["name"], &file["content"]),
        (&"key.pem".into(), &"a2V5".into())
    );
    assert_eq!(file["sha256"], sha256_hex(b"key"));
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let mut world = world();
    world.consent_with("acme", |it| it.until = 1);
    let ask = world.ask(&["acme/wp"], &[]);
    let before = serde_json::to_string(&world.vault).unwrap();
    let refused = make(&mut world.vault, &ask, None, &TimeZone::UTC, &author(1)).unwrap_err();
    assert_eq!(refused.kind(), Kind::Refused);
    assert_eq!(serde_json::to_string(&world.vault).unwrap(), before);
}

#[test]
fn a_share_is_encrypted_to_every_usable_key_or_else_with_a_passphrase() {
    let mut world = world();
    let (one, two) = (AgeIdentity::generate(), SigningKey::generate());
    let keys = [
        one.recipient(),
        two.signer().to_openssh(),
        "ecdsa-sha2-nistp256 x".into(),
    ];
    set_keys(&mut world, "bob", &keys);
    let bob = |world: &World| world.vault.live_contacts().unwrap()[0].clone();
    let lock = Lock::of(&bob(&world), None).unwrap();
    assert_eq!(lock.spelling(), format!("{}, {}", keys[0], keys[1]));
    assert_eq!(lock.skipped.len(), 1);
    let both = Lock::of(&bob(&world), Some(secret("words"))).unwrap_err();
    assert_eq!(both.kind(), Kind::Usage);
    set_keys(&mut world, "bob", &keys[2..]);
    let none = Lock::of(&bob(&world), None).unwrap_err();
    assert_eq!(none.kind(), Kind::Usage);
    assert!(none.next_step().unwrap().contains("--passphrase"));
    let lock = Lock::of(&bob(&world), Some(secret("words"))).unwrap();
    assert_eq!(lock.spelling(), PASSPHRASE);
    assert!(matches!(lock.to, SealedTo::Passphrase(_)));
}

#[test]
fn the_words_of_a_passphrase_are_not_in_the_share() {
    let mut world = world();
    set_keys(&mut world, "bob", &[]);
    world.consent("acme");
    let ask = world.ask(&["acme/wp"], &[]);
    let words = Some(secret("canary-of-six"));
    let made = make(&mut world.vault, &ask, words, &TimeZone::UTC, &author(1)).unwrap();
    assert_eq!(manifest(&made)["recipient"]["key"], PASSPHRASE);
    assert!(!made.plaintext.expose().contains("canary-of-six"));
    assert!(
        !serde_json::to_string(&world.vault)
            .unwrap()
            .contains("canary-of-six")
    );
}

#[test]
fn what_is_too_large_for_one_share_is_refused_before_it_is_recorded() {
    let mut world = world();
    let names: Vec<String> = (0..3).map(|n| format!("attachment:big{n}")).collect();
    for name in &names {
        let name = name.strip_prefix("attachment:").unwrap().parse().unwrap();
        world
            .vault
            .attach(
                &path("acme/wp"),
                &name,
                &vec![7; 5 << 20],
                false,
                &author(0),
            )
            .unwrap();
    }
    let fields: Vec<&str> = names.iter().map(String::as_str).collect();
    world.consent_with("acme", |it| it.fields = &fields);
    let ask = world.ask(&["acme/wp"], &[]);
    let refused = make(&mut world.vault, &ask, None, &TimeZone::UTC, &author(1)).unwrap_err();
    assert_eq!(refused.kind(), Kind::Refused);
    assert!(world.vault.shares.is_empty());
}
