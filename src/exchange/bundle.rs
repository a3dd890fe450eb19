//! What is inside a share: the body of a `vault.share/1` document. The sender builds it, the
//! recipient reads it; what it means is not judged here. Keys that are not known are passed over.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::at_most;
use super::manifest::{ConsentRef, Manifest, ManifestItem, OfClient, Recipient, ShareSender};
use crate::error::{Error, Result};
use crate::model::entry::field::attachment_field;
use crate::model::json_depth;
use crate::model::records::record_id::number;
use crate::model::records::slot::StoredSecret;
use crate::model::text::limits::{FIELDS_PER_ENTRY, JSON_DEPTH, SHARE_FILE_BYTES, SHARE_ITEMS};
use crate::model::text::secret::Secret;

/// What stands for the key of a share that is encrypted with a passphrase.
pub const PASSPHRASE: &str = "passphrase";
/// What stands between the keys of a contact who has several.
pub const KEY_SEPARATOR: &str = ", ";

/// A share in one piece. In the file its description is a [`Manifest`] of its own.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The share's id.
    pub share: Uuid,
    /// When it was made.
    pub created: Timestamp,
    /// The language of what people read of it.
    pub lang: String,
    /// Who gives it.
    pub sender: ShareSender,
    /// Whom it is for.
    pub recipient: Recipient,
    /// Whose credentials these are.
    pub client: OfClient,
    /// What for.
    pub purpose: String,
    /// The terms that it is lent under; none where it is handed over to the client it belongs to.
    pub loan: Option<Loan>,
    /// The credentials.
    pub items: Vec<BundleItem>,
    /// The shares in whose place it stands, the last first.
    pub supersedes: Vec<Uuid>,
}

/// The terms that credentials are lent under.
#[derive(Clone, Debug)]
pub struct Loan {
    /// The end.
    pub expires: Timestamp,
    /// What the recipient is bound to.
    pub obligations: Vec<String>,
    /// The client's own rules of handling.
    pub rules: Option<String>,
    /// The consent that allows it.
    pub consent: ConsentPart,
}

/// The consent that allows a share, as it travels.
#[derive(Clone, Debug)]
pub struct ConsentPart {
    /// Its id, hash and assurance.
    pub named: ConsentRef,
    /// The consent itself: a record in JSON, as one text.
    pub text: String,
}

/// What is signed: the description, the consent and the contents.
#[derive(Serialize, Deserialize)]
struct ShareBody {
    manifest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consent: Option<String>,
    #[serde(deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>")]
    items: Vec<ItemContents>,
}

/// What is in one credential.
#[derive(Serialize, Deserialize)]
struct ItemContents {
    entry: Uuid,
    #[serde(deserialize_with = "at_most::map::<FIELDS_PER_ENTRY, _, _>")]
    fields: BTreeMap<String, Value>,
    #[serde(default, deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
    hidden: Vec<String>,
    #[serde(default, deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
    attachments: Vec<SharedFile>,
}

/// One credential, as far as it is shared.
#[derive(Clone, Debug)]
pub struct BundleItem {
    /// The entry's id in the sender's vault.
    pub entry: Uuid,
    /// Its name below the client.
    pub name: String,
    /// The hosts that it is for.
    pub hosts: Vec<String>,
    /// Whom one logs in as.
    pub username: Option<String>,
    /// Which version of its secret this is, if the secret is shared.
    pub version: Option<u32>,
    /// `secret`, `username`, `urls`, `totp` (the seed), `notes` and custom fields.
    pub fields: BTreeMap<String, Value>,
    /// Which of the custom fields are hidden ones.
    pub hidden: Vec<String>,
    /// Files.
    pub attachments: Vec<SharedFile>,
}

/// The value of a field.
#[derive(Clone, Debug)]
pub enum Value {
    /// One text: every field but `urls`.
    Text(StoredSecret),
    /// Several: `urls`.
    List(Vec<String>),
}

/// A file that is shared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SharedFile {
    /// What it is called.
    pub name: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// The file itself.
    pub content: SharedContent,
}

/// A file's bytes; base64 with padding in JSON, which `base64 -d` reads.
#[derive(Clone)]
pub struct SharedContent(Zeroizing<Vec<u8>>);

impl Bundle {
    /// As it is signed, with the manifest in it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] past the limit of a share's size.
    pub fn to_json(&self) -> Result<(String, String)> {
        let manifest = self.manifest().to_json()?;
        let items = self.items.iter().cloned().map(|item| ItemContents {
            entry: item.entry,
            fields: item.fields,
            hidden: item.hidden,
            attachments: item.attachments,
        });
        let body = ShareBody {
            manifest: manifest.clone(),
            consent: self.loan.as_ref().map(|loan| loan.consent.text.clone()),
            items: items.collect(),
        };
        let text = serde_json::to_string(&body)
            .map_err(|why| Error::failed(format!("cannot write the share: {why}")))?;
        if text.len() > SHARE_FILE_BYTES {
            return Err(Error::refused(format!(
                "the share would have {} bytes, the limit is {SHARE_FILE_BYTES}",
                text.len()
            ))
            .hint("share fewer entries or attachments at once"));
        }
        Ok((text, manifest))
    }

    /// Reads the body of a document whose signatures are good, and gives the manifest's text too.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is no share's body, or holds something else than
    /// its manifest says; never with bytes of it.
    pub fn from_json(text: &str) -> Result<(Self, String)> {
        if json_depth(text) > JSON_DEPTH {
            return Err(Error::integrity("the share is nested too deeply"));
        }
        let body: ShareBody = serde_json::from_str(text).map_err(|why| {
            let column = why.column();
            Error::integrity(format!(
                "the share's content is malformed at column {column}"
            ))
        })?;
        let manifest = Manifest::from_json(&body.manifest)?;
        let contents = body
            .items
            .iter()
            .map(|item| (item.entry, field_names(item)));
        let described = manifest.items.iter();
        let described = described.map(|item| (item.entry, item.fields.clone()));
        if !contents.eq(described) || manifest.number != number(manifest.share) {
            return Err(Error::integrity(
                "the share holds something else than its manifest says",
            ));
        }
        let loan = loan(&manifest, body.consent)?;
        let items = manifest.items.into_iter().zip(body.items);
        let items = items.map(|(item, contents)| BundleItem {
            entry: item.entry,
            name: item.name,
            hosts: item.hosts,
            username: item.username,
            version: item.version,
            fields: contents.fields,
            hidden: contents.hidden,
            attachments: contents.attachments,
        });
        let bundle = Self {
            share: manifest.share,
            created: manifest.created,
            lang: manifest.lang,
            sender: manifest.sender,
            recipient: manifest.recipient,
            client: manifest.client,
            purpose: manifest.purpose,
            loan,
            items: items.collect(),
            supersedes: manifest.supersedes,
        };
        Ok((bundle, body.manifest))
    }

    /// What is in it, for whom and why, without what is secret.
    fn manifest(&self) -> Manifest {
        let items = self.items.iter().map(|item| ManifestItem {
            entry: item.entry,
            name: item.name.clone(),
            hosts: item.hosts.clone(),
            username: item.username.clone(),
            fields: item.field_names(),
            version: item.version,
        });
        let loan = self.loan.as_ref();
        Manifest {
            share: self.share,
            number: number(self.share),
            created: self.created,
            expires: loan.map(|loan| loan.expires),
            lang: self.lang.clone(),
            sender: self.sender.clone(),
            recipient: self.recipient.clone(),
            client: self.client.clone(),
            items: items.collect(),
            supersedes: self.supersedes.clone(),
            purpose: self.purpose.clone(),
            obligations: loan.map_or_else(Vec::new, |loan| loan.obligations.clone()),
            rules: loan.and_then(|loan| loan.rules.clone()),
            consent: loan.map(|loan| loan.consent.named.clone()),
        }
    }

    /// The keys that it says it was encrypted to.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.recipient.key.split(KEY_SEPARATOR)
    }
}

/// The terms of a loan: an end and a consent. Without both, there is nothing to be bound to either.
fn loan(manifest: &Manifest, consent: Option<String>) -> Result<Option<Loan>> {
    let (duties, rules) = (&manifest.obligations, &manifest.rules);
    match (manifest.expires, &manifest.consent, consent) {
        (Some(expires), Some(named), Some(text)) => Ok(Some(Loan {
            expires,
            obligations: duties.clone(),
            rules: rules.clone(),
            consent: ConsentPart {
                named: named.clone(),
                text,
            },
        })),
        (None, None, None) if duties.is_empty() && rules.is_none() => Ok(None),
        _ => Err(Error::integrity(
            "the share is neither lent under whole terms nor handed over without any",
        )),
    }
}

fn field_names(contents: &ItemContents) -> Vec<String> {
    names(&contents.fields, &contents.attachments)
}

/// The names of all fields, files by theirs.
fn names(fields: &BTreeMap<String, Value>, files: &[SharedFile]) -> Vec<String> {
    let files = files.iter().map(|file| attachment_field(&file.name));
    fields.keys().cloned().chain(files).collect()
}

impl BundleItem {
    /// The names of all that is in it, files as `attachment:NAME`.
    #[must_use]
    pub fn field_names(&self) -> Vec<String> {
        names(&self.fields, &self.attachments)
    }
}

impl SharedContent {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives the bytes away.
    #[must_use]
    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl fmt::Debug for SharedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(…)")
    }
}

impl Serialize for SharedContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(&self.0)))
    }
}

impl<'de> Deserialize<'de> for SharedContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let room = base64::decoded_len_estimate(text.len());
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        (STANDARD.decode_vec(text.as_bytes(), &mut bytes))
            .map_err(|_| de::Error::custom("not canonical base64"))?;
        Ok(Self(bytes))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::List(texts) => texts.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }
            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(Secret::new(text.to_owned()).into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Value, A::Error> {
                at_most::read_list::<FIELDS_PER_ENTRY, _, _>(list).map(Value::List)
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bundle, Value};
    use crate::error::Kind;

    const BODY: &str = r#"{"manifest":"{\"share\":\"00000000-0000-0000-0000-000000000001\",\"number\":\"0000-0000\",\"created\":\"2026-01-01T00:00:00Z\",\"expires\":\"2026-01-15T00:00:00Z\",\"lang\":\"en\",\"sender\":{\"name\":null,\"vault_id\":\"00000000-0000-0000-0000-000000000002\",\"recipient\":\"age1x\",\"signer\":\"ssh-ed25519 x\",\"fingerprint\":\"SHA256:x\",\"words\":\"a b\"},\"recipient\":{\"contact\":\"bob\",\"name\":null,\"key\":\"age1a, age1b\"},\"client\":{\"slug\":\"acme\",\"name\":null},\"items\":[{\"entry\":\"00000000-0000-0000-0000-000000000003\",\"name\":\"wp\",\"hosts\":[\"a.example\"],\"username\":null,\"fields\":[\"api\",\"secret\",\"urls\",\"attachment:k\"],\"version\":1}],\"purpose\":\"p\",\"obligations\":[\"o\"],\"rules\":null,\"consent\":{\"id\":\"00000000-0000-0000-0000-000000000004\",\"sha256\":\"44\",\"assurance\":\"signed\"}}","consent":"{}","items":[{"entry":"00000000-0000-0000-0000-000000000003","fields":{"api":"canary2","secret":"canary1","urls":["https://a.example"]},"hidden":["api"],"attachments":[{"name":"k","sha256":"00","content":"Y2FuYXJ5Mw=="}]}]}"#;

    #[test]
    fn a_bundle_reads_back_as_it_was_written() {
        let (bundle, manifest) = Bundle::from_json(BODY).unwrap();
        assert_eq!(bundle.to_json().unwrap(), (BODY.into(), manifest.clone()));
        assert!(!manifest.contains("canary"), "it holds no secret");
        let keys: Vec<_> = bundle.keys().collect();
        assert_eq!(keys, ["age1a", "age1b"]);
        let item = &bundle.items[0];
        assert!(matches!(&item.fields["secret"], Value::Text(text) if text.expose() == "canary1"));
        assert_eq!(item.attachments[0].content.bytes(), b"canary3");
    }

    #[test]
    fn what_a_newer_version_added_is_passed_over() {
        let newer = BODY.replacen('{', r#"{"x":{"y":[1]},"#, 1);
        let newer = newer.replacen(r#"{\"share"#, r#"{\"x\":1,\"share"#, 1);
        let (bundle, _) = Bundle::from_json(&newer).unwrap();
        assert_eq!(bundle.to_json().unwrap().0, BODY);
    }

    #[test]
    fn what_is_in_it_is_what_the_manifest_says() {
        for (part, other) in [
            (r#"\"fields\":[\"api\","#, r#"\"fields\":["#),
            (r#"\"attachment:k\""#, r#"\"attachment:j\""#),
            (r#"\"number\":\"0000-0000"#, r#"\"number\":\"0000-0001"#),
            (
                r#"{"entry":"00000000-0000-0000-0000-000000000003""#,
                r#"{"entry":"00000000-0000-0000-0000-000000000005""#,
            ),
        ] {
            let bad = BODY.replacen(part, other, 1);
            assert_ne!(bad, BODY);
            let why = Bundle::from_json(&bad).unwrap_err();
            assert!(why.message().contains("something else"), "{why}");
        }
    }

    #[test]
    fn debug_and_errors_show_nothing_of_the_secrets() {
        let (bundle, _) = Bundle::from_json(BODY).unwrap();
        assert!(!format!("{bundle:?}").contains("canary"));
        for bad in [
            BODY.replace("\"canary1\"", "{\"canary1\":1}"),
            BODY.replace("Y2FuYXJ5Mw==", "canary-"),
            BODY.replace(r#"\"version\":1"#, r#"\"version\":\"canary\""#),
            format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
            format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        ] {
            let why = Bundle::from_json(&bad).unwrap_err();
            assert_eq!(why.kind(), Kind::Integrity);
            assert!(!why.message().contains("canary"), "{why}");
        }
    }
}
