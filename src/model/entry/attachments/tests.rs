//! What becomes of attached files, and of damaged ones.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Kind;
use crate::model::entry::changes::Changes;
use crate::model::findings::check;
use crate::model::records::access::Access;
use crate::model::records::attachment::{Attachment, Content};
use crate::model::records::cell::DeviceId;
use crate::model::records::identity::Identity;
use crate::model::records::stamping::Author;
use crate::model::text::kdf::KdfParams;
use crate::model::text::limits::ATTACHMENT_BYTES;
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// An id that no other test has.
fn next_id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    Uuid::from_u64_pair(0, 1 + LAST.fetch_add(1, Ordering::Relaxed))
}

fn author() -> Author<'static> {
    Author {
        device: DeviceId::from_random([7; 8]),
        now: Timestamp::UNIX_EPOCH,
        new_id: &next_id,
    }
}

fn path() -> EntryPath {
    "acme/server".parse().unwrap()
}

fn name() -> AttachmentName {
    "key".parse().unwrap()
}

/// A vault with one entry and the attachment `key`, as it is read from a file.
fn attached() -> Vault {
    let access = Access {
        salt: [1; 16],
        kdf: KdfParams::default(),
        key_file: false,
    };
    let key = || Secret::new("key".into());
    let identity = Identity::new(key(), key(), key());
    let mut vault = Vault::new(next_id(), access, identity, &author());
    vault.add(&path(), Changes::default(), &author()).unwrap();
    vault
        .attach(&path(), &name(), b"canary", false, &author())
        .unwrap();
    reread(&vault)
}

fn reread(vault: &Vault) -> Vault {
    Vault::decode(&vault.encode(0).unwrap()).unwrap()
}

/// What `check` says is wrong first.
fn fault(vault: &Vault) -> Option<String> {
    let mut faults = check::all(vault).into_iter();
    faults.find_map(|check| check.outcome.err())
}

fn damaged(damage: impl FnOnce(&mut Attachment)) -> Vault {
    let mut vault = attached();
    let entry = vault.entry_mut(&path()).unwrap();
    damage(&mut entry.attachments[0]);
    reread(&vault)
}

#[test]
fn a_file_survives_the_payload_and_shows_in_no_debug_output() {
    let vault = attached();
    assert_eq!(fault(&vault), None);
    let file = vault.attachment(&path(), &name()).unwrap();
    assert_eq!(&**file.bytes().unwrap(), b"canary");
    assert!(file.is_of(b"canary") && !file.is_of(b"other!"));
    let shown = format!("{file:?}");
    assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5"));
}

#[test]
fn a_damaged_file_is_found_and_not_given_out() {
    let not_canonical = || Content(Secret::new("Y2FuYXJ5==".into()));
    let damages = [
        (damaged(|file| file.size += 1), "size"),
        (damaged(|file| file.sha256 = "00".repeat(32)), "SHA-256"),
        (
            damaged(|file| file.content = Content::new(b"canari")),
            "SHA-256",
        ),
        (damaged(|file| file.content = not_canonical()), "base64"),
    ];
    for (vault, says) in damages {
        assert!(fault(&vault).unwrap().contains(says));
        let file = vault.attachment(&path(), &name()).unwrap();
        assert_eq!(file.bytes().unwrap_err().kind(), Kind::Integrity);
    }
}

#[test]
fn a_name_stands_for_a_file_that_is_there_and_is_called_so() {
    let gone = damaged(|file| file.id = next_id());
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
    let entry = vault.entry_mut(&path()).unwrap();
    let twin = entry.attachments[0].clone();
    entry.attachments.push(twin);
    assert!(fault(&vault).unwrap().contains("two records"));
}

#[test]
fn sizes_that_add_up_to_too_much_do_not_wrap_around() {
    let read = damaged(|file| file.size = u64::MAX);
    let mut changed = read.clone();
    changed.entry_mut(&path()).unwrap();
    for vault in [read, changed] {
        let full = vault.check_attachable(&path(), &"more".parse().unwrap(), 1, false);
        assert_eq!(full.unwrap_err().kind(), Kind::Usage);
    }
}

#[test]
fn a_file_past_the_limit_is_refused() {
    let mut vault = attached();
    let mut attach = |size| {
        let name = "large".parse().unwrap();
        vault.attach(&path(), &name, &vec![0; size], true, &author())
    };
    assert!(attach(ATTACHMENT_BYTES).is_ok());
    let larger = attach(ATTACHMENT_BYTES + 1).unwrap_err();
    assert_eq!(larger.kind(), Kind::Usage);
}

#[test]
fn only_the_file_that_was_meant_is_taken_away() {
    let mut vault = attached();
    let old = vault.attachment(&path(), &name()).unwrap().id;
    let new = vault
        .attach(&path(), &name(), b"new", true, &author())
        .unwrap();
    let overtaken = vault.detach(&path(), &name(), old, &author());
    assert_eq!(overtaken.unwrap_err().kind(), Kind::Conflict);
    vault.detach(&path(), &name(), new, &author()).unwrap();
    let gone = vault.attachment(&path(), &name()).unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
    assert_eq!(vault.entry(&path()).unwrap().attachments.len(), 2);
    assert_eq!(fault(&reread(&vault)), None);
}
