//! What becomes of attached files, and of damaged ones.

use crate::error::Kind;
use crate::model::entry::changes::Changes;
use crate::model::records::attachment::{Attachment, FileContent};
use crate::model::testing::{author, empty_vault, fault, new_id, path, read_again};
use crate::model::text::limits::ATTACHMENT_BYTES;
use crate::model::text::name::AttachmentName;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

fn name() -> AttachmentName {
    "key".parse().unwrap()
}

/// A vault with one entry and the attachment `key`, as it is read from a file.
fn attached() -> Vault {
    let (mut vault, at) = (empty_vault(), path("acme/server"));
    vault.add(&at, Changes::default(), &author(0)).unwrap();
    let attached = vault.attach(&at, &name(), b"canary", false, &author(0));
    attached.unwrap();
    read_again(&vault)
}

fn damaged(damage: impl FnOnce(&mut Attachment)) -> Vault {
    let mut vault = attached();
    let entry = vault.entry_mut(&path("acme/server")).unwrap();
    damage(&mut entry.attachments[0]);
    read_again(&vault)
}

#[test]
fn a_file_survives_the_payload_and_shows_in_no_debug_output() {
    let vault = attached();
    assert_eq!(fault(&vault), None);
    let file = vault.attachment(&path("acme/server"), &name()).unwrap();
    assert_eq!(&**file.bytes().unwrap(), b"canary");
    assert!(file.is_of(b"canary") && !file.is_of(b"other!"));
    let shown = format!("{file:?}");
    assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5"));
}

#[test]
fn a_damaged_file_is_found_and_not_given_out() {
    let not_canonical = || FileContent(Secret::new("Y2FuYXJ5==".into()).into());
    let damages = [
        (damaged(|file| file.size += 1), "size"),
        (damaged(|file| file.sha256 = "00".repeat(32)), "SHA-256"),
        (
            damaged(|file| file.content = FileContent::new(b"canari")),
            "SHA-256",
        ),
        (damaged(|file| file.content = not_canonical()), "base64"),
    ];
    for (vault, says) in damages {
        assert!(fault(&vault).unwrap().contains(says));
        let file = vault.attachment(&path("acme/server"), &name()).unwrap();
        assert_eq!(file.bytes().unwrap_err().kind(), Kind::Integrity);
    }
}

#[test]
fn a_name_stands_for_a_file_that_is_there_and_is_called_so() {
    let gone = damaged(|file| file.id = new_id());
    let other = damaged(|file| file.name = "other".into());
    for vault in [gone, other] {
        assert!(fault(&vault).unwrap().contains("attachment"));
    }
    let hostile = damaged(|file| file.name = "../x".into());
    assert!(fault(&hostile).unwrap().contains("valid name"));
}

#[test]
fn an_id_stands_for_one_record_only() {
    let mut vault = attached();
    let entry = vault.entry_mut(&path("acme/server")).unwrap();
    let twin = entry.attachments[0].clone();
    entry.attachments.push(twin);
    assert!(fault(&vault).unwrap().contains("two records"));
}

#[test]
fn sizes_that_add_up_to_too_much_do_not_wrap_around() {
    let read = damaged(|file| file.size = u64::MAX);
    let mut changed = read.clone();
    changed.entry_mut(&path("acme/server")).unwrap();
    for vault in [read, changed] {
        let full = vault.check_attachable(&path("acme/server"), &"more".parse().unwrap(), 1, false);
        assert_eq!(full.unwrap_err().kind(), Kind::Usage);
    }
}

#[test]
fn a_file_past_the_limit_is_refused() {
    let mut vault = attached();
    let mut attach = |size| {
        let name = "large".parse().unwrap();
        vault.attach(
            &path("acme/server"),
            &name,
            &vec![0; size],
            true,
            &author(0),
        )
    };
    assert!(attach(ATTACHMENT_BYTES).is_ok());
    let larger = attach(ATTACHMENT_BYTES + 1).unwrap_err();
    assert_eq!(larger.kind(), Kind::Usage);
}

#[test]
fn only_the_file_that_was_meant_is_taken_away() {
    let mut vault = attached();
    let old = vault.attachment(&path("acme/server"), &name()).unwrap().id;
    let new = vault
        .attach(&path("acme/server"), &name(), b"new", true, &author(0))
        .unwrap();
    let overtaken = vault.detach(&path("acme/server"), &name(), old, &author(0));
    assert_eq!(overtaken.unwrap_err().kind(), Kind::Conflict);
    vault
        .detach(&path("acme/server"), &name(), new, &author(0))
        .unwrap();
    let gone = vault.attachment(&path("acme/server"), &name()).unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
    assert_eq!(
        vault.entry(&path("acme/server")).unwrap().attachments.len(),
        2
    );
    assert_eq!(fault(&vault), None);
}
