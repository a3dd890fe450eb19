//! The terms that a client agrees to, as they were printed: one JSON text that is hashed in the
//! last lines of the request and so is signed with it. What of it is about a share travels with
//! that, and its recipient holds the share against it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::asked::{AgreementDay, Asked};
use crate::error::{Error, Result};
use crate::model::entry::fields::EntryField;
use crate::model::records::consent::{Consent, PermittedRecipient, Scope};
use crate::model::records::record::depth;
use crate::model::records::record_id::number;
use crate::model::records::share::SharedItem;
use crate::model::text::limits::{
    FIELDS_PER_ENTRY, JSON_DEPTH, LISTED_ENTRIES, SCOPE_ITEMS, SHARE_ITEMS,
};

/// The terms of one consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreedTerms {
    /// The consent's id, which is the number of the request.
    pub consent: Uuid,
    /// Whose permission it is.
    pub client: AgreedClient,
    /// Who may be given what it covers.
    pub recipients: Vec<AgreedRecipient>,
    /// The entries that are named.
    pub entries: Vec<AgreedEntry>,
    /// Patterns of paths, such as `acme/*`.
    pub patterns: Vec<String>,
    /// The entries that the patterns cover on that day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covered: Vec<AgreedEntry>,
    /// What of it was taken out of the permission that it is to take the place of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<AgreedException>,
    /// The fields it is limited to; none means those that need not be named.
    pub fields: Vec<String>,
    /// What for.
    pub purposes: Vec<String>,
    /// Whether a recipient may pass it on.
    pub onward_sharing: bool,
    /// The end.
    pub expires: Timestamp,
    /// What the request says beside the terms, where they were asked for by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

/// A client, as the request names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreedClient {
    /// The short name that paths start with.
    pub slug: String,
    /// The name that people use.
    pub name: String,
}

/// Somebody who may be given it, as they were known on that day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreedRecipient {
    /// The contact's name.
    pub name: String,
    /// The full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Further parts of how a paper describes them: role, firm, addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub described: Vec<String>,
    /// The agreement that binds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementDay>,
    /// The keys that shares may be encrypted to; with none, only a passphrase told to them.
    pub keys: Vec<String>,
}

/// An entry, as it was known on that day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreedEntry {
    /// The entry's id in the vault that asks.
    pub entry: Uuid,
    /// Its path.
    pub path: String,
    /// Where one logs in, without what could be secret in an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Whom one logs in as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// An entry that is not permitted although its name or a pattern says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreedException {
    /// The entry.
    pub entry: AgreedEntry,
    /// For whom it is not, as papers call them; none means all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
}

impl AgreedEntry {
    /// What was shared, as it was on the day of the share: with its hosts in the place of addresses.
    #[must_use]
    pub fn shared(item: &SharedItem) -> Self {
        Self {
            entry: item.entry,
            path: item.path.clone(),
            urls: item.hosts.clone(),
            username: item.username.clone(),
        }
    }

    /// As [`Self::shared`], with what of it went alone: where it is used and as whom is known to the
    /// recipient only by that. An own login is used somewhere.
    #[must_use]
    pub fn told(item: &SharedItem) -> Self {
        let has = |field: EntryField| item.fields.iter().any(|it| it == field.key());
        let mut told = Self::shared(item);
        if !has(EntryField::Urls) && !item.is_login() {
            told.urls.clear();
        }
        told.username = told.username.filter(|_| has(EntryField::Username));
        told
    }
}

impl AgreedRecipient {
    /// As a paper calls them: by the full name, with the contact's own name where that is no word
    /// of it, so that no name stands for somebody else.
    #[must_use]
    pub fn called(&self) -> String {
        let Some(full_name) = &self.full_name else {
            return self.name.clone();
        };
        let name = self.name.to_lowercase();
        let full = full_name.to_lowercase();
        let mut words = full.split(|c: char| !c.is_alphanumeric());
        if full == name || words.any(|word| word == name) {
            return full_name.clone();
        }
        format!("{full_name} (\"{}\")", self.name)
    }
}

impl AgreedTerms {
    /// The text that is hashed.
    ///
    /// # Errors
    /// None that is known: every value has a form in JSON.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|why| Error::failed(format!("cannot write the terms: {why}")))
    }

    /// Reads the text, within the limits of a consent.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for what is malformed or past a limit.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(text, SCOPE_ITEMS)
    }

    /// Reads the text of terms that were narrowed to a share, which may name more entries than one
    /// can ask for by name.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn narrowed_from_json(text: &str) -> Result<Self> {
        Self::read(text, SHARE_ITEMS)
    }

    fn read(text: &str, scope_items: usize) -> Result<Self> {
        let malformed = || Error::integrity("the terms of the consent are malformed");
        if depth(text) > JSON_DEPTH {
            return Err(malformed());
        }
        let terms: Self = serde_json::from_str(text).map_err(|_| malformed())?;
        let keys = terms.recipients.iter().map(|one| one.keys.len());
        let keys = keys.chain(terms.except.iter().map(|it| it.recipients.len()));
        let within = terms.entries.len() + terms.patterns.len() <= scope_items
            && terms.covered.len() <= LISTED_ENTRIES
            && terms.except.len() <= LISTED_ENTRIES + SCOPE_ITEMS
            && [terms.fields.len(), terms.recipients.len()]
                .into_iter()
                .chain(keys)
                .all(|count| count <= FIELDS_PER_ENTRY);
        if within { Ok(terms) } else { Err(malformed()) }
    }

    /// What is covered, entries by the ids of the vault that asked.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::with(
            self.entries.iter().map(|it| it.entry).collect(),
            self.patterns.clone(),
            self.fields.clone(),
            self.onward_sharing,
        )
    }

    /// What for, in one text.
    #[must_use]
    pub fn purpose(&self) -> String {
        self.purposes.join("; ")
    }

    /// Refuses terms that are not those of `consent`, which is what shares are decided by.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`].
    pub fn check_are_of(&self, consent: &Consent) -> Result<()> {
        let keys = |one: &PermittedRecipient| one.keys.clone();
        let mut entries: Vec<Uuid> = self.entries.iter().map(|it| it.entry).collect();
        entries.sort_unstable();
        let mut named = consent.scope.entries.clone();
        named.sort_unstable();
        let agree = self.consent == consent.id
            && entries == named
            && self.patterns == consent.scope.patterns
            && self.fields == consent.scope.fields
            && self.onward_sharing == consent.scope.onward_sharing
            && self.purposes == consent.purposes
            && self.expires == consent.expires
            && (self.recipients.iter().map(|one| one.keys.clone()))
                .eq(consent.recipients.iter().map(keys));
        if agree {
            return Ok(());
        }
        Err(Error::integrity(format!(
            "consent {} has other terms than those that were agreed to",
            number(consent.id)
        )))
    }
}

/// The hash of the text of terms, as a request states it: `SHA256:` and base64, like OpenSSH.
#[must_use]
pub fn terms_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::{AgreedClient, AgreedEntry, AgreedRecipient, AgreedTerms, terms_hash};
    use crate::error::Kind;
    use crate::model::records::consent::{Consent, PermittedRecipient};

    fn terms() -> AgreedTerms {
        AgreedTerms {
            consent: Uuid::from_u128(1),
            client: AgreedClient {
                slug: "acme".into(),
                name: "Acme Ltd".into(),
            },
            recipients: vec![AgreedRecipient {
                name: "bob".into(),
                keys: vec!["age1x".into()],
                ..AgreedRecipient::default()
            }],
            entries: vec![AgreedEntry {
                entry: Uuid::from_u128(2),
                path: "acme/wp".into(),
                ..AgreedEntry::default()
            }],
            patterns: vec!["acme/shop/*".into()],
            covered: vec![],
            except: vec![],
            fields: vec!["secret".into()],
            purposes: vec!["fix the shop".into()],
            onward_sharing: false,
            expires: Timestamp::UNIX_EPOCH,
            asked: None,
        }
    }

    fn consent(terms: &AgreedTerms) -> Consent {
        let contact = Uuid::from_u128(3);
        let recipients = terms.recipients.iter();
        let recipients = recipients.map(|one| PermittedRecipient::with(contact, one.keys.clone()));
        Consent::with(
            terms.consent,
            Uuid::from_u128(4),
            Timestamp::UNIX_EPOCH,
            terms.scope(),
            recipients.collect(),
            terms.purposes.clone(),
            terms.expires,
            terms.to_json().unwrap(),
        )
    }

    #[test]
    fn what_is_written_is_read_and_hashed_by_its_bytes() {
        let text = terms().to_json().unwrap();
        assert_eq!(AgreedTerms::from_json(&text).unwrap(), terms());
        assert_ne!(terms_hash(&text), terms_hash(&format!("{text} ")));
        assert_eq!(terms_hash("").len(), "SHA256:".len() + 43);
    }

    #[test]
    fn no_other_terms_are_those_of_a_consent() {
        terms().check_are_of(&consent(&terms())).unwrap();
        let changes: [fn(&mut AgreedTerms); 8] = [
            |terms| terms.consent = Uuid::from_u128(9),
            |terms| terms.entries.clear(),
            |terms| terms.patterns.push("acme/**".into()),
            |terms| terms.fields.push("totp".into()),
            |terms| terms.purposes = vec!["sell it".into()],
            |terms| terms.onward_sharing = true,
            |terms| terms.expires = Timestamp::MAX,
            |terms| terms.recipients[0].keys = vec!["age1y".into()],
        ];
        for change in changes {
            let mut other = terms();
            change(&mut other);
            let why = other.check_are_of(&consent(&terms())).unwrap_err();
            assert_eq!(why.kind(), Kind::Integrity);
        }
    }

    #[test]
    fn what_is_past_a_limit_is_not_taken() {
        let changes: [fn(&mut AgreedTerms); 4] = [
            |terms| terms.patterns = vec!["acme/*".into(); 64],
            |terms| terms.fields = vec!["secret".into(); 65],
            |terms| terms.recipients = vec![terms.recipients[0].clone(); 65],
            |terms| terms.recipients[0].keys = vec!["age1x".into(); 65],
        ];
        for change in changes {
            let mut large = terms();
            change(&mut large);
            let why = AgreedTerms::from_json(&large.to_json().unwrap()).unwrap_err();
            assert_eq!(why.kind(), Kind::Integrity);
        }
        for bad in ["", "{}", "[1]", &"[".repeat(100)] {
            assert!(AgreedTerms::from_json(bad).is_err(), "{bad}");
        }
    }
}
