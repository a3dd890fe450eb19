//! What is inside a share: the body of a `vault.share/1` document. The sender builds it, the
//! recipient reads it; what it means is not judged here.
//!
//! Whoever opens the file with stock `age` reads this as JSON. Keys that are not known are passed
//! over.

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
use super::identity::PublicIdentity;
use crate::error::{Error, Result};
use crate::model::json_depth;
use crate::model::records::slot::StoredSecret;
use crate::model::text::limits::{FIELDS_PER_ENTRY, JSON_DEPTH, SHARE_FILE_BYTES, SHARE_ITEMS};
use crate::model::text::secret::Secret;

/// What stands for the key of a share that is encrypted with a passphrase.
pub const PASSPHRASE: &str = "passphrase";
/// What stands between the keys of a contact who has several.
pub const KEY_SEPARATOR: &str = ", ";

/// The body of a share.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bundle {
    /// The share's id.
    pub share: Uuid,
    /// When it was made.
    pub created: Timestamp,
    /// Its end.
    pub expires: Timestamp,
    /// Who gives it.
    pub sender: PublicIdentity,
    /// Whom it is for.
    pub recipient: Recipient,
    /// Whose credentials these are.
    pub client: OfClient,
    /// What for.
    pub purpose: String,
    /// What the recipient is bound to.
    #[serde(default, deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
    pub obligations: Vec<String>,
    /// The client's own rules of handling.
    #[serde(default)]
    pub rules: Option<String>,
    /// The consent that allows it: a record in JSON, as one text.
    pub consent: String,
    /// SHA-256 of that text, lower-case hex.
    pub consent_sha256: String,
    /// The credentials.
    #[serde(deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>")]
    pub items: Vec<BundleItem>,
}

/// Whom a share is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// What the sender calls them.
    pub contact: String,
    /// The keys that it is encrypted to, with [`KEY_SEPARATOR`] between them, or [`PASSPHRASE`].
    pub key: String,
}

/// Whose credentials a share holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfClient {
    /// The client's name on the command line.
    pub slug: String,
    /// The name that people use.
    #[serde(default)]
    pub name: Option<String>,
}

/// One credential, as far as it is shared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BundleItem {
    /// The entry's id in the sender's vault.
    pub entry: Uuid,
    /// Its name below the client.
    pub name: String,
    /// Which version of its secret this is, if the secret is shared.
    #[serde(default)]
    pub version: Option<u32>,
    /// `secret`, `username`, `urls`, `totp` (the seed), `notes` and custom fields.
    #[serde(deserialize_with = "at_most::map::<FIELDS_PER_ENTRY, _, _>")]
    pub fields: BTreeMap<String, Value>,
    /// Which of the custom fields are hidden ones.
    #[serde(default, deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
    pub hidden: Vec<String>,
    /// Files.
    #[serde(default, deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
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
    /// As it is signed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] past the limit of a share's size.
    pub fn to_json(&self) -> Result<String> {
        let text = serde_json::to_string(self)
            .map_err(|why| Error::failed(format!("cannot write the share: {why}")))?;
        if text.len() > SHARE_FILE_BYTES {
            return Err(Error::refused(format!(
                "the share would have {} bytes, the limit is {SHARE_FILE_BYTES}",
                text.len()
            ))
            .hint("share fewer entries or attachments at once"));
        }
        Ok(text)
    }

    /// Reads the body of a document whose signatures are good.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is no share's body; never with bytes of it.
    pub fn from_json(body: &str) -> Result<Self> {
        if json_depth(body) > JSON_DEPTH {
            return Err(Error::integrity("the share is nested too deeply"));
        }
        serde_json::from_str(body).map_err(|why| {
            Error::integrity(format!(
                "the share's content is malformed at column {}",
                why.column()
            ))
        })
    }

    /// The keys that it says it was encrypted to.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.recipient.key.split(KEY_SEPARATOR)
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

    const BODY: &str = r#"{"share":"00000000-0000-0000-0000-000000000001","created":"2026-01-01T00:00:00Z","expires":"2026-01-15T00:00:00Z","sender":{"vault_id":"00000000-0000-0000-0000-000000000002","recipient":"age1x","signer":"ssh-ed25519 x","fingerprint":"SHA256:x","words":"a b"},"recipient":{"contact":"bob","key":"age1a, age1b"},"client":{"slug":"acme","name":null},"purpose":"p","obligations":["o"],"rules":null,"consent":"{}","consent_sha256":"44","items":[{"entry":"00000000-0000-0000-0000-000000000003","name":"wp","version":1,"fields":{"api":"canary2","secret":"canary1","urls":["https://a.example"]},"hidden":["api"],"attachments":[{"name":"k","sha256":"00","content":"Y2FuYXJ5Mw=="}]}]}"#;

    #[test]
    fn a_bundle_reads_back_as_it_was_written() {
        let bundle = Bundle::from_json(BODY).unwrap();
        assert_eq!(bundle.to_json().unwrap(), BODY);
        let keys: Vec<_> = bundle.keys().collect();
        assert_eq!(keys, ["age1a", "age1b"]);
        let item = &bundle.items[0];
        assert!(matches!(&item.fields["secret"], Value::Text(text) if text.expose() == "canary1"));
        assert_eq!(item.attachments[0].content.bytes(), b"canary3");
    }

    #[test]
    fn what_a_newer_version_added_is_passed_over() {
        let newer = BODY.replacen('{', r#"{"x":{"y":[1]},"#, 1);
        assert_eq!(Bundle::from_json(&newer).unwrap().to_json().unwrap(), BODY);
    }

    #[test]
    fn debug_and_errors_show_nothing_of_the_secrets() {
        let bundle = Bundle::from_json(BODY).unwrap();
        assert!(!format!("{bundle:?}").contains("canary"));
        for bad in [
            BODY.replace("\"canary1\"", "{\"canary1\":1}"),
            BODY.replace("Y2FuYXJ5Mw==", "canary-"),
            BODY.replace("\"version\":1", "\"version\":\"canary\""),
            format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
            format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        ] {
            let why = Bundle::from_json(&bad).unwrap_err();
            assert_eq!(why.kind(), Kind::Integrity);
            assert!(!why.message().contains("canary"), "{why}");
        }
    }
}
