//! Reads a source into an empty vault, and looks for each of its values there or in the report.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;
use vault::error::Result;
use vault::export::ExportFormat as Out;
use vault::import::{ImportFormat, Intake, Source};
use vault::model::entry::use_only::PasswordProof;
use vault::model::records::access::Access;
use vault::model::records::cell::DeviceId;
use vault::model::records::identity::Identity;
use vault::model::records::stamping::Author;
use vault::model::text::kdf::KdfParams;
use vault::model::text::secret::Secret;
use vault::model::transfer::import::Policy;
use vault::model::vault::Vault;

fn new_id() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(0, LAST.fetch_add(1, Ordering::Relaxed))
}

fn author() -> Author<'static> {
    Author {
        device: DeviceId::from_random([7; 8]),
        now: Timestamp::from_second(1_700_000_000).unwrap(),
        new_id: &new_id,
    }
}

fn empty() -> Vault {
    let access = Access {
        salt: [1; 16],
        kdf: KdfParams::default(),
        key_file: false,
    };
    let key = || Secret::new("-".to_owned());
    Vault::new(
        new_id(),
        access,
        Identity::new(key(), key(), key()),
        &author(),
    )
}

/// What became of a source.
pub(crate) struct Outcome {
    /// The secrets of all entries.
    secrets: BTreeSet<String>,
    /// Rows that were reported.
    told: BTreeSet<u64>,
    /// All texts in the vault, letters and digits alone.
    kept: String,
}

/// Imports a source into an empty vault.
pub(crate) fn import(format: ImportFormat, source: &Source<'_>) -> Result<Outcome> {
    let mut intake = Intake::new(1 << 20, Box::new(|_| {}));
    format.reader().read(source, &mut intake)?;
    let mut vault = empty();
    let candidates = std::mem::take(&mut intake.candidates);
    let whole = intake.settle_extras(false);
    let plan = vault.import(candidates, whole, &Policy::default(), "test", &author())?;
    let notes = intake.skipped.iter().chain(&intake.refused);
    let told = notes.map(|note| note.row);
    let told = told.chain(plan.left_out.iter().map(|(row, _)| *row));
    let mut bytes = Vec::new();
    let outgoing = vault.outgoing(None, true, |_| Ok(PasswordProof::Given))?;
    Out::Json
        .writer(false)
        .unwrap()
        .write(&outgoing, &mut bytes)?;
    let secrets = outgoing.entries.iter().filter_map(|(_, entry)| {
        let current = entry.current("secret")?;
        Some(current.secret().expose().to_owned())
    });
    let secrets = secrets.collect();
    let mut texts = String::new();
    collect(&serde_json::from_slice(&bytes).unwrap(), &mut texts);
    Ok(Outcome {
        secrets,
        told: told.collect(),
        kept: plain(&texts),
    })
}

fn collect(value: &Value, texts: &mut String) {
    match value {
        Value::String(text) => texts.push_str(text),
        Value::Array(all) => all.iter().for_each(|value| collect(value, texts)),
        Value::Object(all) => all.iter().for_each(|(name, value)| {
            texts.push_str(name);
            collect(value, texts);
        }),
        _ => {}
    }
}

/// Letters and digits alone: names lose the rest where it is not allowed in them.
fn plain(text: &str) -> String {
    text.nfc().filter(|c| c.is_alphanumeric()).collect()
}

impl Outcome {
    /// Fails where a value of a row is neither in the vault nor reported.
    #[track_caller]
    pub(crate) fn keeps_or_tells(&self, row: u64, value: &str) {
        // URLs, labels and folders are lists, in which nothing stands twice.
        let has = |part: &str| self.kept.contains(&plain(part));
        let kept = has(value) || value.split([',', ';', '/', '\\']).all(has);
        assert!(
            kept || self.told.contains(&row),
            "row {row} lost {value:?}; told: {:?}",
            self.told
        );
    }

    /// Fails where a row is not reported and no entry has exactly this secret.
    #[track_caller]
    pub(crate) fn has_secret_or_tells(&self, row: u64, secret: &str) {
        let has = self.secrets.contains(secret);
        assert!(
            has || self.told.contains(&row),
            "row {row} has not the secret {secret:?}"
        );
    }
}

/// Text as people and hostile files have it, with a mark of its own in it.
pub(crate) fn text() -> impl Strategy<Value = (String, String)> {
    let part = || {
        prop_oneof![
            4 => Just(String::new()),
            4 => "[a-z0-9 ]{0,8}",
            2 => "[\"'`,;:\\\\|\n\r\t#=&/ .-]{0,6}",
            2 => "\\PC{0,12}",
            1 => Just("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP".to_owned()),
            1 => Just("https://a.example/,https://b.example".to_owned()),
            1 => Just("-----BEGIN RSA PRIVATE KEY-----\nx: y\n\nz==\n".to_owned()),
            1 => "[xy]{60,70}",
        ]
    };
    (part(), part())
}

/// A cell: blank, or one that no other is like.
pub(crate) fn cell(mark: &str, (before, after): &(String, String), is_blank: bool) -> String {
    if is_blank {
        return String::new();
    }
    format!("{before}{mark}{after}")
}
