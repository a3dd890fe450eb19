//! The record of a consent that travels with what is shared under it: who allowed what, to whom,
//! what for and until when, as far as that share goes and no further. A consent that was signed
//! carries its text and the signature where both name nothing else, so that whoever gets it can
//! check it with `ssh-keygen -Y verify`; else they stay with the sender.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::bundle::BundleItem;
use crate::error::{Error, Result};
use crate::model::consent::agreed_terms::{AgreedEntry, AgreedRecipient, AgreedTerms, terms_hash};
use crate::model::consent::scope::SharedField;
use crate::model::entry::fields::EntryField;
use crate::model::records::client::Assurance;
use crate::model::records::consent::{Consent, Evidence};

#[derive(Serialize)]
struct ConsentRecord<'a> {
    id: Uuid,
    granted_by: Option<&'a str>,
    /// The terms that were agreed to, as far as they are about the share: [`AgreedTerms`].
    terms: &'a str,
    /// The hash of all that was agreed to, which the request states: who is shown both can compare.
    whole_terms: String,
    not_before: Timestamp,
    /// The end that the client has set, where that is before the one of the terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    basis: Option<&'a str>,
    assurance: Option<&'static str>,
    collection_method: Option<&'a str>,
    withdrawal_method: Option<&'a str>,
    evidence: Vec<EvidencePart<'a>>,
    /// The text that was signed, exactly; none where it names more than the share.
    request: Option<&'a str>,
}

/// Evidence without what is not the recipient's business: notes and files stay in the vault.
#[derive(Serialize)]
struct EvidencePart<'a> {
    kind: &'a str,
    sha256: Option<&'a str>,
    signature: Option<&'a str>,
    key: Option<&'a str>,
}

/// The record as JSON, the same for the same consent and the same share: these items, to one
/// recipient of those that were agreed to.
pub(super) fn to_json(
    consent: &Consent,
    agreed: &AgreedTerms,
    to: &AgreedRecipient,
    items: &[BundleItem],
) -> Result<String> {
    let told = narrowed(agreed, to, items);
    let is_whole = told == *agreed;
    let terms = if is_whole {
        consent.terms.clone()
    } else {
        told.to_json()?
    };
    let signed = consent.evidence.iter().find(|e| e.signature.is_some());
    let text = signed.and_then(|evidence| consent.signed_text(evidence));
    let record = ConsentRecord {
        id: consent.id,
        granted_by: consent.granted_by.value().map(|who| who.name.as_str()),
        terms: &terms,
        whole_terms: terms_hash(&consent.terms),
        not_before: consent.not_before(),
        until: Some(consent.permitted_until()).filter(|end| *end < consent.expires),
        basis: consent.basis.as_deref(),
        assurance: consent.assurance().map(Assurance::as_str),
        collection_method: consent.collection_method.value().map(String::as_str),
        withdrawal_method: consent.withdrawal_method.as_deref(),
        evidence: (consent.evidence.iter().map(|it| part(it, is_whole))).collect(),
        request: text.as_deref().filter(|_| is_whole),
    };
    serde_json::to_string(&record)
        .map_err(|why| Error::failed(format!("cannot write the consent's record: {why}")))
}

/// The terms as far as one share tells them: whom it is for and what is in it, by name, with where
/// it is used and as whom only if that is in it too. What is the same for all entries stays.
fn narrowed(agreed: &AgreedTerms, to: &AgreedRecipient, items: &[BundleItem]) -> AgreedTerms {
    let mut entries: Vec<AgreedEntry> = items.iter().map(|item| told_of(agreed, item)).collect();
    let place = |it: &AgreedEntry| agreed.entries.iter().position(|of| of.entry == it.entry);
    entries.sort_by_key(|it| place(it).unwrap_or(usize::MAX));
    let gone: HashSet<String> = items.iter().flat_map(BundleItem::field_names).collect();
    let is_told = |name: &String| {
        let own = |field| matches!(field, SharedField::Custom(_) | SharedField::Attachment(_));
        gone.contains(name) || !name.parse().is_ok_and(own)
    };
    let mut told = AgreedTerms {
        recipients: vec![to.clone()],
        entries,
        patterns: Vec::new(),
        covered: Vec::new(),
        except: Vec::new(),
        fields: agreed
            .fields
            .iter()
            .filter(|it| is_told(it))
            .cloned()
            .collect(),
        ..agreed.clone()
    };
    if told != *agreed {
        // It is of the paper, which stays.
        told.asked = None;
    }
    told
}

fn told_of(agreed: &AgreedTerms, item: &BundleItem) -> AgreedEntry {
    let mut known = agreed.entries.iter().chain(&agreed.covered);
    let known = known.find(|it| it.entry == item.entry);
    let has = |field: EntryField| item.fields.contains_key(field.key());
    AgreedEntry {
        entry: item.entry,
        path: format!("{}/{}", agreed.client.slug, item.name),
        urls: (known.filter(|_| has(EntryField::Urls))).map_or_else(Vec::new, |it| it.urls.clone()),
        username: known
            .filter(|_| has(EntryField::Username))
            .and_then(|it| it.username.clone()),
    }
}

fn part(evidence: &Evidence, is_whole: bool) -> EvidencePart<'_> {
    let signature = evidence.signature.as_deref().filter(|_| is_whole);
    EvidencePart {
        kind: &evidence.kind,
        sha256: evidence.sha256.as_deref(),
        signature,
        key: evidence.key.as_deref().filter(|_| is_whole),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::to_json;
    use crate::error::Kind;
    use crate::exchange::bundle::{BundleItem, Value as BundleValue};
    use crate::model::consent::agreed_terms::{AgreedTerms, terms_hash};
    use crate::model::consent::changes::{Grant, Proof};
    use crate::model::consent::terms::Terms;
    use crate::model::entry::changes::Changes;
    use crate::model::people::client_changes::ClientChanges;
    use crate::model::people::contact_changes::ContactChanges;
    use crate::model::records::client::{Assurance, ClientKey};
    use crate::model::records::consent::GrantedBy;
    use crate::model::records::event::sha256_hex;
    use crate::model::testing::{author, day, empty_vault, fault};
    use crate::model::vault::Vault;

    /// A client with two entries and a key, and the contact bob.
    fn office() -> Vault {
        let (mut vault, author) = (empty_vault(), author(0));
        for path in ["acme/wp", "acme/db"] {
            let path = path.parse().unwrap();
            vault.add(&path, Changes::default(), &author).unwrap();
        }
        let mut changes = ClientChanges {
            keys: vec![ClientKey::new("ssh-ed25519".into(), "AAAA".into())],
            ..ClientChanges::default()
        };
        changes.values.min_assurance = Some("attested".into());
        let slug = "acme".parse().unwrap();
        vault.edit_client(&slug, changes, &author).unwrap();
        let bob = "bob".parse().unwrap();
        let changes = ContactChanges::default();
        vault.add_contact(&bob, changes, &author).unwrap();
        vault
    }

    fn terms() -> Terms {
        terms_of(&["acme/wp", "acme/db", "acme/x/*"])
    }

    fn terms_of(scope: &[&str]) -> Terms {
        Terms {
            client: "acme".parse().unwrap(),
            to: vec!["bob".parse().unwrap()],
            scope: scope.iter().map(|s| s.parse().unwrap()).collect(),
            fields: vec!["username".parse().unwrap()],
            purpose: "shop".into(),
            expires: day(1),
        }
    }

    /// The record as it goes to bob with these entries of acme's, each with its user name.
    fn record(vault: &Vault, id: Uuid, names: &[&str]) -> Value {
        let consent = vault.consents.by_id(id).unwrap();
        let agreed = AgreedTerms::from_json(&consent.terms).unwrap();
        let items = names.iter().map(|name| BundleItem {
            entry: vault
                .entry(&format!("acme/{name}").parse().unwrap())
                .unwrap()
                .id,
            name: (*name).to_owned(),
            hosts: vec![],
            username: None,
            version: None,
            fields: [("username".to_owned(), BundleValue::List(vec![]))].into(),
            hidden: vec![],
            attachments: vec![],
        });
        let items: Vec<BundleItem> = items.collect();
        let text = to_json(consent, &agreed, &agreed.recipients[0], &items).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn told(record: &Value) -> AgreedTerms {
        AgreedTerms::from_json(record["terms"].as_str().unwrap()).unwrap()
    }

    /// Asks for a consent, by a text of the least that one needs.
    fn request(vault: &mut Vault, id: Uuid, terms: &Terms) -> String {
        let agreed = vault.agreed_terms(id, terms).unwrap();
        let hash = terms_hash(&agreed.to_json().unwrap());
        let text = format!("Promise\nvault-request 1 {id}\nterms {hash}\n");
        vault
            .request_consent(terms, &agreed, &text, &author(0))
            .unwrap();
        text
    }

    fn sign(vault: &mut Vault, id: Uuid, text: &str) {
        let grant = by_jo(Proof::Signature {
            signature: "armoured".into(),
            key: "ssh-ed25519 AAAA".into(),
            verified_via: None,
            sha256: sha256_hex(text.as_bytes()),
        });
        vault
            .answer_yes(id, grant, None, &jiff::tz::TimeZone::UTC, &author(0))
            .unwrap();
    }

    fn by_jo(proof: Proof) -> Grant {
        Grant {
            by: GrantedBy::with("Jo".into()),
            from: None,
            until: None,
            method: None,
            proof,
        }
    }

    #[test]
    fn an_end_before_the_one_that_was_asked_for_goes_with_it() {
        let mut vault = office();
        let id = Uuid::from_u64_pair(9, 7);
        request(&mut vault, id, &terms());
        let grant = Grant {
            until: Some("2026-01-01T12:00:00Z".parse().unwrap()),
            ..by_jo(Proof::Note("only till noon".into()))
        };
        let utc = jiff::tz::TimeZone::UTC;
        vault.answer_yes(id, grant, None, &utc, &author(0)).unwrap();
        let record = record(&vault, id, &["wp"]);
        assert_eq!(record["until"], "2026-01-01T12:00:00Z");
        assert_eq!(told(&record).expires, day(1));
    }

    #[test]
    fn a_request_that_states_other_terms_is_not_taken() {
        let mut vault = office();
        let id = Uuid::from_u64_pair(9, 7);
        request(&mut vault, id, &terms());
        let check = |vault: &Vault| {
            vault.check_answerable(
                id,
                Assurance::Signed,
                &author(0).now.to_zoned(jiff::tz::TimeZone::UTC),
            )
        };
        check(&vault).unwrap();
        let consent = vault.consents[0].get_mut().unwrap();
        consent.purposes = vec!["sell it".into()];
        assert_eq!(check(&vault).unwrap_err().kind(), Kind::Integrity);
        let consent = vault.consents[0].get_mut().unwrap();
        consent.terms = consent.terms.replace("shop", "sell it");
        assert_eq!(check(&vault).unwrap_err().kind(), Kind::Integrity);
    }

    #[test]
    fn notes_and_files_stay_at_home() {
        let mut vault = office();
        let proofs = [
            Proof::Note("a note".into()),
            Proof::Document {
                name: "name.pdf".parse().unwrap(),
                media_type: "text/plain",
                bytes: b"canary".to_vec(),
                date: None,
            },
        ];
        for proof in proofs {
            let grant = by_jo(proof);
            let id = vault.add_consent(&terms(), grant, &author(0)).unwrap();
            let record = record(&vault, id, &["wp", "db"]);
            assert_eq!(record["granted_by"], "Jo");
            let terms = told(&record);
            assert_eq!(
                (terms.client.slug, terms.client.name),
                ("acme".into(), "acme".into())
            );
            assert_eq!(terms.recipients[0].name, "bob");
            let paths: Vec<&str> = terms.entries.iter().map(|it| it.path.as_str()).collect();
            assert_eq!(paths, ["acme/db", "acme/wp"]);
            assert!(terms.patterns.is_empty());
            assert_eq!(terms.expires.to_string(), "2026-01-02T00:00:00Z");
            let text = record.to_string();
            for private in ["a note", "name.pdf", "canary", "Y2FuYXJ5"] {
                assert!(!text.contains(private), "{text}");
            }
        }
        assert_eq!(fault(&vault), None);
    }

    #[test]
    fn an_entry_of_another_client_is_not_covered() {
        let mut vault = office();
        let grant = by_jo(Proof::Note("x".into()));
        let id = vault.add_consent(&terms(), grant, &author(0)).unwrap();
        let (old, new) = ("acme/wp".parse().unwrap(), "globex/wp".parse().unwrap());
        vault.rename(&old, &new, &author(0)).unwrap();
        let consent = vault.consents.by_id(id).unwrap();
        let moved = vault.entry(&new).unwrap();
        assert!(!consent.covers(moved, "globex/wp"));
        assert!(!consent.covers(moved, "acme/x/wp"), "whatever its path");
        let stayed = vault.entry(&"acme/db".parse().unwrap()).unwrap();
        assert!(consent.covers(stayed, "acme/db"));
        assert!(consent.covers(stayed, "acme/renamed"), "it is held by id");
    }

    #[test]
    fn only_a_signed_consent_carries_its_text_and_only_where_that_says_nothing_else() {
        for (scope, goes) in [
            (&["acme/wp"][..], true),
            (&["acme/wp", "acme/db"], false),
            (&["acme/wp", "acme/x/*"], false),
        ] {
            let mut vault = office();
            let id = Uuid::from_u64_pair(9, 7);
            let text = request(&mut vault, id, &terms_of(scope));
            assert_eq!(record(&vault, id, &["wp"])["request"], Value::Null);
            sign(&mut vault, id, &text);
            let record = record(&vault, id, &["wp"]);
            let whole = &vault.consents.by_id(id).unwrap().terms;
            assert_eq!(record["whole_terms"], terms_hash(whole));
            assert_eq!(record["terms"] == *whole, goes);
            assert_eq!(record["assurance"], "signed");
            let evidence = &record["evidence"][0];
            assert_eq!(evidence["sha256"], sha256_hex(text.as_bytes()));
            if goes {
                assert_eq!(record["request"], text);
                assert_eq!(evidence["signature"], "armoured");
                assert_eq!(evidence["key"], "ssh-ed25519 AAAA");
            } else {
                let stays = [&record["request"], &evidence["signature"], &evidence["key"]];
                assert_eq!(stays, [&Value::Null; 3]);
            }
            assert_eq!(fault(&vault), None);
        }
    }

    #[test]
    fn check_finds_a_request_that_was_changed_after_it_was_signed() {
        let mut vault = office();
        let id = Uuid::from_u64_pair(9, 7);
        let text = request(&mut vault, id, &terms());
        sign(&mut vault, id, &text);
        let consent = vault.consents[0].get_mut().unwrap();
        consent.request = Some(text.replace("Promise", "Order"));
        assert!(fault(&vault).unwrap().contains("has not the evidence"));
    }
}
