//! What the tests of the model start from.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::consent::terms::Terms;
use super::entry::changes::Changes;
use super::findings::check;
use super::records::access::Access;
use super::records::cell::DeviceId;
use super::records::identity::Identity;
use super::records::slot::Slot;
use super::records::stamping::Author;
use super::rotation::pending::{NewSecretTo, Replacement};
use super::sharing::asking::NewAsk;
use super::text::kdf::KdfParams;
use super::text::name::EntryPath;
use super::text::secret::Secret;
use super::vault::Vault;

/// An id that no other record has.
pub(crate) fn new_id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(1);
    // From the front, so that the starts differ too.
    Uuid::from_u64_pair(LAST.fetch_add(1, Ordering::Relaxed) << 32, 0)
}

pub(crate) fn path(text: &str) -> EntryPath {
    text.parse().unwrap()
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

/// Day `number`, from the first of January on.
pub(crate) fn day(number: i64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * number)
}

/// Somebody who writes on a day.
pub(crate) fn author(on: i64) -> Author<'static> {
    Author {
        device: DeviceId::from_random([1; 8]),
        now: day(on),
        new_id: &new_id,
    }
}

/// A vault without records, of day 0.
pub(crate) fn empty_vault() -> Vault {
    let access = Access {
        salt: [0; 16],
        kdf: KdfParams::default(),
        key_file: false,
    };
    let identity = Identity::new(secret("-"), secret("-"), secret("-"));
    Vault::new(new_id(), access, identity, &author(0))
}

/// The changes that set the secret.
pub(crate) fn with_secret(text: &str) -> Changes {
    Changes {
        secrets: vec![(Slot::Secret, secret(text))],
        ..Changes::default()
    }
}

/// A new secret without a reason.
pub(crate) fn replacement(text: &str) -> Replacement {
    Replacement {
        secret: secret(text),
        reason: None,
        again: false,
        to: NewSecretTo::Nobody,
    }
}

/// The vault after it was written and read, as it is between two changes.
pub(crate) fn read_again(vault: &Vault) -> Vault {
    Vault::decode(vault.encode(0).unwrap()).unwrap()
}

/// What is wrong first with a vault that is read again.
pub(crate) fn fault(vault: &Vault) -> Option<String> {
    let mut checks = check::all(&read_again(vault)).into_iter();
    checks.find_map(|check| check.fault().map(str::to_owned))
}

/// Asks acme whether bob may be given all of its entries, and gives the request's id.
pub(crate) fn requested(vault: &mut Vault, author: &Author<'_>) -> Uuid {
    let terms = Terms {
        client: "acme".parse().unwrap(),
        to: vec!["bob".parse().unwrap()],
        scope: vec!["acme/*".parse().unwrap()],
        fields: vec![],
        purpose: "relaunch".into(),
        expires: day(9_000),
    };
    let agreed = vault.agreed_terms(new_id(), &terms).unwrap();
    let asked = vault.request_consent(&terms, &agreed, "text", author);
    asked.unwrap();
    agreed.consent
}

/// The key of what is asked for by [`asked_for`].
pub(crate) const ASK_KEY: &str = "AGE-SECRET-KEY-1CANARY";

/// A request for credentials, until day 14.
pub(crate) fn asked_for(vault: &mut Vault, at: &str, author: &Author<'_>) -> Uuid {
    let new = NewAsk {
        id: new_id(),
        path: path(at),
        purpose: "the relaunch".into(),
        need: vec!["secret".into()],
        recipient: "age1".into(),
        key: secret(ASK_KEY),
        until: day(14),
        lang: None,
    };
    vault.open_ask(new, author).unwrap()
}

/// A vault with these entries at these addresses, each with its path as its secret.
pub(crate) fn with_logins(entries: &[(&str, &[&str])]) -> Vault {
    let mut vault = empty_vault();
    for (name, urls) in entries {
        let mut changes = with_secret(name);
        changes.values.username = Some("jo".into());
        changes.values.urls = urls.iter().map(|url| (*url).to_owned()).collect();
        vault.add(&path(name), changes, &author(0)).unwrap();
    }
    vault
}
