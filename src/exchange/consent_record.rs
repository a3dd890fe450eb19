//! The record of a consent that travels with what is shared under it: who allowed what, to whom,
//! what for and until when. A consent that was signed carries its text and the signature, so that
//! whoever gets it can check it with `ssh-keygen -Y verify`.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::client::Assurance;
use crate::model::records::consent::{Consent, Evidence};

#[derive(Serialize)]
struct ConsentRecord<'a> {
    id: Uuid,
    granted_by: Option<&'a str>,
    /// The terms that were agreed to, the text that is hashed:
    /// [`crate::model::consent::agreed_terms::AgreedTerms`].
    terms: &'a str,
    not_before: Timestamp,
    basis: Option<&'a str>,
    assurance: Option<&'static str>,
    collection_method: Option<&'a str>,
    withdrawal_method: Option<&'a str>,
    evidence: Vec<EvidencePart<'a>>,
    /// The text that was signed, exactly.
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

/// The record as JSON, the same for the same consent.
pub fn to_json(consent: &Consent) -> Result<String> {
    let signed = consent.evidence.iter().find(|e| e.signature.is_some());
    let text = signed.and_then(|evidence| consent.signed_text(evidence));
    let record = ConsentRecord {
        id: consent.id,
        granted_by: consent.granted_by.value().map(|who| who.name.as_str()),
        terms: &consent.terms,
        not_before: consent.not_before(),
        basis: consent.basis.as_deref(),
        assurance: consent.assurance().map(Assurance::as_str),
        collection_method: consent.collection_method.value().map(String::as_str),
        withdrawal_method: consent.withdrawal_method.as_deref(),
        evidence: consent.evidence.iter().map(part).collect(),
        request: text.as_deref(),
    };
    serde_json::to_string(&record)
        .map_err(|why| Error::failed(format!("cannot write the consent's record: {why}")))
}

fn part(evidence: &Evidence) -> EvidencePart<'_> {
    EvidencePart {
        kind: &evidence.kind,
        sha256: evidence.sha256.as_deref(),
        signature: evidence.signature.as_deref(),
        key: evidence.key.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::to_json;
    use crate::error::Kind;
    use crate::model::consent::agreed_terms::{AgreedTerms, terms_hash};
    use crate::model::consent::changes::{Grant, Proof};
    use crate::model::consent::terms::Terms;
    use crate::model::entry::changes::Changes;
    use crate::model::people::client_changes::ClientChanges;
    use crate::model::people::contact_changes::ContactChanges;
    use crate::model::records::client::{Assurance, ClientKey};
    use crate::model::records::consent::GrantedBy;
    use crate::model::records::log::sha256_hex;
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
        Terms {
            client: "acme".parse().unwrap(),
            to: vec!["bob".parse().unwrap()],
            scope: ["acme/wp", "acme/db", "acme/x/*"]
                .map(|s| s.parse().unwrap())
                .into(),
            fields: vec!["username".parse().unwrap()],
            purpose: "shop".into(),
            expires: day(1),
        }
    }

    fn record(vault: &Vault, id: Uuid) -> Value {
        serde_json::from_str(&to_json(vault.consents.by_id(id).unwrap()).unwrap()).unwrap()
    }

    /// Asks for a consent, by a text of the least that one needs.
    fn request(vault: &mut Vault, id: Uuid) -> String {
        let agreed = vault.agreed_terms(id, &terms()).unwrap();
        let hash = terms_hash(&agreed.to_json().unwrap());
        let text = format!("Promise\nvault-request 1 {id}\nterms {hash}\n");
        vault
            .request_consent(&terms(), &agreed, &text, &author(0))
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
            method: None,
            proof,
        }
    }

    #[test]
    fn a_request_that_states_other_terms_is_not_taken() {
        let mut vault = office();
        let id = Uuid::from_u64_pair(9, 7);
        request(&mut vault, id);
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
            let record = record(&vault, id);
            assert_eq!(record["granted_by"], "Jo");
            let terms = AgreedTerms::from_json(record["terms"].as_str().unwrap()).unwrap();
            assert_eq!(
                (terms.client.slug, terms.client.name),
                ("acme".into(), "acme".into())
            );
            assert_eq!(terms.recipients[0].name, "bob");
            let paths: Vec<&str> = terms.entries.iter().map(|it| it.path.as_str()).collect();
            assert_eq!(paths, ["acme/db", "acme/wp"]);
            assert_eq!(terms.patterns, ["acme/x/*"]);
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
    fn only_a_signed_consent_carries_its_text() {
        let mut vault = office();
        let id = Uuid::from_u64_pair(9, 7);
        let text = request(&mut vault, id);
        assert_eq!(record(&vault, id)["request"], Value::Null);
        sign(&mut vault, id, &text);
        let record = record(&vault, id);
        assert_eq!(record["request"], text);
        assert_eq!(record["evidence"][0]["signature"], "armoured");
        assert_eq!(record["evidence"][0]["key"], "ssh-ed25519 AAAA");
        assert_eq!(record["assurance"], "signed");
        assert_eq!(fault(&vault), None);
    }

    #[test]
    fn check_finds_a_request_that_was_changed_after_it_was_signed() {
        let mut vault = office();
        let id = Uuid::from_u64_pair(9, 7);
        let text = request(&mut vault, id);
        sign(&mut vault, id, &text);
        let consent = vault.consents[0].get_mut().unwrap();
        consent.request = Some(text.replace("Promise", "Order"));
        assert!(fault(&vault).unwrap().contains("has not the evidence"));
    }
}
