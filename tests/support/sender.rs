//! Somebody who shares with a vault, honestly or not: a share is built by hand, so that any part of
//! it can be forged.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;
use vault::crypto::signing::documents::{DocumentKind, SHARE};
use vault::crypto::{AgeIdentity, Document, SigningKey, fingerprint_words};
use vault::exchange::bundle::{
    Bundle, BundleItem, ConsentPart, KEY_SEPARATOR, Loan, PASSPHRASE, SharedContent, SharedFile,
    Value,
};
use vault::exchange::identity::PublicIdentity;
use vault::exchange::letter::block;
use vault::exchange::manifest::{ConsentRef, OfClient, Recipient, ShareSender};
use vault::model::consent::agreed_terms::terms_hash;
use vault::model::records::event::sha256_hex;
use vault::model::text::secret::Secret;
use zeroize::Zeroizing;

use super::env::TestEnv;

/// Keys, and what they are used for.
pub(crate) struct Sender {
    pub(crate) signing: SigningKey,
    pub(crate) identity: PublicIdentity,
}

impl Sender {
    pub(crate) fn new() -> Self {
        let (age, signing) = (AgeIdentity::generate(), SigningKey::generate());
        let signer = signing.signer();
        Self {
            identity: PublicIdentity {
                vault_id: Uuid::new_v4(),
                recipient: age.recipient(),
                signer: signer.to_openssh(),
                fingerprint: signer.fingerprint(),
                words: fingerprint_words(signer, &age.recipient()),
            },
            signing,
        }
    }

    /// Has `env` take a share in, whose sender it trusts from now on, as entries of the client `lender`.
    pub(crate) fn lends(&self, env: &TestEnv, share: &str) {
        let trust = self.fingerprint();
        env.call(&[
            "receive",
            "--accept-terms",
            share,
            "--into",
            "lender",
            "--trust",
            trust,
        ])
        .ok();
    }

    pub(crate) fn fingerprint(&self) -> &str {
        &self.identity.fingerprint
    }

    /// A share of `acme/wp` for `key`, good for two weeks.
    pub(crate) fn bundle(&self, key: &str) -> Bundle {
        let mut bundle = Bundle {
            share: Uuid::new_v4(),
            created: in_days(0),
            lang: "en".into(),
            sender: ShareSender {
                name: Some("Alice Doe".into()),
                identity: self.identity.clone(),
            },
            recipient: Recipient {
                contact: "bob".into(),
                name: None,
                key: key.into(),
            },
            client: OfClient {
                slug: "acme".into(),
                name: Some("Acme Ltd".into()),
            },
            purpose: "fix the shop".into(),
            loan: Some(Loan {
                expires: in_days(14),
                obligations: vec!["tell nobody".into()],
                rules: Some("log in from the VPN only".into()),
                consent: part(&json!({})),
            }),
            items: vec![item("wp", &[("secret", "hunter2"), ("username", "bob")])],
            supersedes: vec![],
        };
        let consent = part(&consent(&bundle));
        loan(&mut bundle).consent = consent;
        bundle
    }

    /// The same under a consent that was changed.
    pub(crate) fn share_under(&self, env: &TestEnv, change: impl FnOnce(&mut Json)) -> String {
        self.share_with(env, |bundle| {
            let mut consent = consent(bundle);
            change(&mut consent);
            loan(bundle).consent = part(&consent);
        })
    }

    /// As it is signed.
    pub(crate) fn sign(&self, bundle: &Bundle) -> String {
        self.sign_body(SHARE, bundle.to_json().unwrap().0)
    }

    pub(crate) fn sign_body(&self, kind: DocumentKind, body: String) -> String {
        let document = Document::sign(kind, body, &[&self.signing]).unwrap();
        document.to_json().unwrap()
    }

    /// A share for the vault in `env`, as a file there.
    pub(crate) fn share(&self, env: &TestEnv) -> String {
        self.share_with(env, |_| {})
    }

    /// The same, changed before it is signed; the consent is for what it then is, if that was not
    /// changed too.
    pub(crate) fn share_with(&self, env: &TestEnv, change: impl FnOnce(&mut Bundle)) -> String {
        let key = recipient_of(env);
        let mut bundle = self.bundle(&key);
        let before = loan(&mut bundle).consent.clone();
        change(&mut bundle);
        let consent = consent(&bundle);
        if let Some(loan) = &mut bundle.loan
            && loan.consent.text == before.text
        {
            let kept = loan.consent.named.sha256 == before.named.sha256;
            let forged = std::mem::replace(&mut loan.consent, part(&consent))
                .named
                .sha256;
            if !kept {
                loan.consent.named.sha256 = forged;
            }
        }
        env.file("share.age", seal(&self.sign(&bundle), &key))
    }
}

/// The terms of a bundle that is lent.
pub(crate) fn loan(bundle: &mut Bundle) -> &mut Loan {
    bundle.loan.as_mut().unwrap()
}

/// A consent's record as it travels: the terms are one text in it.
pub(crate) fn record(consent: &Json) -> String {
    let mut record = consent.clone();
    if record["terms"].is_object() {
        record["terms"] = json!(record["terms"].to_string());
    }
    if let (Some(terms), None) = (record["terms"].as_str(), record.get("whole_terms")) {
        record["whole_terms"] = json!(terms_hash(terms));
    }
    record.to_string()
}

/// A consent as a share carries it, with its own hash.
pub(crate) fn part(consent: &Json) -> ConsentPart {
    let text = record(consent);
    ConsentPart {
        named: ConsentRef {
            id: consent["id"]
                .as_str()
                .unwrap_or_default()
                .parse()
                .unwrap_or_default(),
            sha256: sha256_hex(text.as_bytes()),
            assurance: consent["assurance"].as_str().map(str::to_owned),
        },
        text,
    }
}

/// The record of a consent of acme's to what is in a bundle, stated by the sender.
pub(crate) fn consent(bundle: &Bundle) -> Json {
    let id = Uuid::new_v4();
    let name = bundle.client.name.as_ref().unwrap_or(&bundle.client.slug);
    let entries = bundle
        .items
        .iter()
        .map(|item| json!({"entry": item.entry, "path": format!("acme/{}", item.name)}));
    let keys: Vec<&str> = match bundle.recipient.key.as_str() {
        PASSPHRASE => vec![],
        keys => keys.split(KEY_SEPARATOR).collect(),
    };
    let fields = [
        "secret",
        "username",
        "urls",
        "totp",
        "notes",
        "plan",
        "api-key",
        "attachment:id.pem",
    ];
    json!({
        "id": id,
        "granted_by": "Ann",
        "terms": {
            "consent": id,
            "client": {"slug": "acme", "name": name},
            "recipients": [{"name": "bob", "described": ["developer"], "keys": keys}],
            "entries": entries.collect::<Vec<_>>(),
            "patterns": [],
            "fields": fields,
            "purposes": [bundle.purpose],
            "onward_sharing": false,
            "expires": in_days(90),
            "asked": {
                "lang": "en", "by": {"name": "Kim Example"}, "answer_by": "2026-12-05",
                "utc_offset": 60, "place": "Berlin", "sign": "ask.txt",
            },
        },
        "not_before": in_days(-1),
        "assurance": "attested",
        "evidence": [{"kind": "note"}],
        "request": null,
    })
}

/// A credential with these texts.
pub(crate) fn item(name: &str, fields: &[(&str, &str)]) -> BundleItem {
    let text = |value: &str| Value::Text(Secret::new(value.to_owned()).into());
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), text(value)));
    BundleItem {
        entry: Uuid::new_v4(),
        name: name.into(),
        hosts: vec![],
        username: None,
        version: Some(1),
        fields: fields.collect::<BTreeMap<_, _>>(),
        hidden: vec![],
        attachments: vec![],
    }
}

pub(crate) fn file(name: &str, bytes: &[u8]) -> SharedFile {
    SharedFile {
        name: name.into(),
        sha256: sha256_hex(bytes),
        content: SharedContent::new(Zeroizing::new(bytes.to_vec())),
    }
}

/// Whole seconds, as the program has them.
pub(crate) fn in_days(days: i32) -> Timestamp {
    in_seconds(i64::from(days) * 86_400)
}

pub(crate) fn in_seconds(seconds: i64) -> Timestamp {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = i64::try_from(now.unwrap_or(Duration::ZERO).as_secs()).unwrap();
    Timestamp::from_second(now + seconds).unwrap()
}

/// What was asked for once, by the home that it is of.
static RECIPIENTS: LazyLock<Mutex<HashMap<PathBuf, String>>> = LazyLock::new(Mutex::default);

/// The age recipient of the vault in `env`, as it was when it was first asked for.
pub(crate) fn recipient_of(env: &TestEnv) -> String {
    let known = RECIPIENTS.lock().unwrap().get(&env.home()).cloned();
    known.unwrap_or_else(|| {
        let id = env.call(&["id", "--json"]).ok().json();
        let recipient = id["recipient"].as_str().unwrap().to_owned();
        RECIPIENTS
            .lock()
            .unwrap()
            .insert(env.home(), recipient.clone());
        recipient
    })
}

/// A share's file for `age1…` or an SSH key: a letter of nothing but the document.
pub(crate) fn seal(document: &str, key: &str) -> Vec<u8> {
    seal_letter(&block(document), key)
}

/// An age file for `age1…` or an SSH key.
pub(crate) fn seal_letter(text: &str, key: &str) -> Vec<u8> {
    if key.starts_with("age1") {
        seal_to(text, &key.parse::<age::x25519::Recipient>().unwrap())
    } else {
        let key: age::ssh::Recipient = key.parse().map_err(|_| "no SSH key").unwrap();
        seal_to(text, &key)
    }
}

pub(crate) fn seal_with_passphrase(text: &str, passphrase: &str) -> Vec<u8> {
    let mut key = age::scrypt::Recipient::new(passphrase.to_owned().into());
    key.set_work_factor(10);
    seal_to(&block(text), &key)
}

fn seal_to(text: &str, to: &dyn age::Recipient) -> Vec<u8> {
    let mut file = Vec::new();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(to)).unwrap();
    let mut writer = encryptor.wrap_output(&mut file).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap();
    file
}
