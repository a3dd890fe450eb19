//! Events in words.

use jiff::Timestamp;

use super::RecordsByName;
use crate::model::records::event::{Event, EventDraft, LogHead};
use crate::model::testing::{author, empty_vault, path, with_secret};

fn event(draft: EventDraft) -> Event {
    let (text, _) = LogHead::default().extend(draft);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn details_are_told_in_words_and_records_by_name() {
    let mut vault = empty_vault();
    vault
        .add(&path("acme/wp"), with_secret("x"), &author(0))
        .unwrap();
    let id = vault.entry(&path("acme/wp")).unwrap().id;
    let client = vault.client("acme").unwrap().id;
    let names = RecordsByName::of(&vault).unwrap();
    let told = |details: &[(&str, serde_json::Value)]| {
        let draft = EventDraft::new(Timestamp::UNIX_EPOCH, "x", vec![id]);
        let draft = details
            .iter()
            .fold(draft, |draft, (key, value)| draft.with(key, value.clone()));
        names.details(&event(draft))
    };
    assert_eq!(told(&[("new_secrets", 0.into())]), "");
    assert_eq!(told(&[("new_secrets", 2.into())]), "2 new secrets");
    assert_eq!(told(&[("files", vec!["a1", "b2"].into())]), "2 files");
    assert_eq!(
        told(&[("version", 3.into()), ("phase", "confirm".into())]),
        "confirmed version 3"
    );
    assert_eq!(
        told(&[
            ("what", "share".into()),
            ("reason", "none-fits".into()),
            ("of", client.to_string().into()),
        ]),
        "share of client acme because no consent allows it"
    );
    assert_eq!(
        told(&[("format", "chrome-csv".into()), ("entries", 3.into())]),
        "3 entries as a Chrome export"
    );
    assert_eq!(
        told(&[("added", 0.into()), ("updated", 2.into())]),
        "2 updated"
    );
    assert_eq!(told(&[("key_file", false.into())]), "");
    assert_eq!(told(&[("client", id.to_string().into())]), "");
    assert_eq!(told(&[("not_known", 7.into())]), "not known 7");
}

#[test]
fn a_record_that_is_gone_is_told_by_the_start_of_its_id() {
    let vault = empty_vault();
    let id = uuid::Uuid::from_u128(0x2f95_b33d << 96);
    let draft = EventDraft::new(Timestamp::UNIX_EPOCH, "x", vec![id]);
    let subject = RecordsByName::of(&vault).unwrap().subjects(&event(draft));
    assert_eq!(subject[0].kind, None);
    assert_eq!(subject[0].told(), "2f95b33d");
}
