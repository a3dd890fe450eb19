//! Reading the card of another vault: who it says it is, and whose keys its own have replaced.

use jiff::Timestamp;
use serde::Deserialize;

use super::identity::PublicIdentity;
use crate::crypto::signing::documents::CARD;
use crate::crypto::{Document, Signer, fingerprint_words, parse_recipient};
use crate::error::{Error, Result};
use crate::model::json_depth;
use crate::model::text::limits::JSON_DEPTH;

/// A card whose signatures are good and whose parts agree. That says that whoever made it holds
/// the keys that it names, not who that is: the words tell, over the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Who it is.
    pub identity: PublicIdentity,
    /// When it was made.
    pub created: Timestamp,
    /// The keys that these have taken the place of; they have signed the card too.
    pub previous: Option<PublicIdentity>,
    /// The card itself.
    pub text: String,
}

#[derive(Deserialize)]
struct Body {
    #[serde(flatten)]
    identity: PublicIdentity,
    created: Timestamp,
    #[serde(default)]
    previous: Option<PublicIdentity>,
}

impl Card {
    /// Reads a card.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none; [`crate::error::Kind::Integrity`] when a
    /// signature is not good, one is missing, or what the card says of its keys is not so.
    pub fn parse(text: &str) -> Result<Self> {
        let document = Document::parse(CARD, text)?;
        let malformed = || Error::integrity("the card's content is malformed");
        if json_depth(document.body()) > JSON_DEPTH {
            return Err(malformed());
        }
        let body: Body = serde_json::from_str(document.body()).map_err(|_| malformed())?;
        let identities = std::iter::once(&body.identity).chain(&body.previous);
        for identity in identities.clone() {
            identity.check()?;
        }
        let mut named: Vec<String> = identities.map(|one| one.signer.clone()).collect();
        let mut signed_by: Vec<String> = document.signers().map(Signer::to_openssh).collect();
        named.sort();
        signed_by.sort();
        if named != signed_by {
            return Err(Error::integrity(
                "the card is not signed by exactly the keys that it names",
            ));
        }
        Ok(Self {
            identity: body.identity,
            created: body.created,
            previous: body.previous,
            text: text.to_owned(),
        })
    }
}

impl PublicIdentity {
    /// Holds what somebody else says of their keys against the keys: each in its one spelling,
    /// with the fingerprint and the words that it has.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when something does not agree.
    pub fn check(&self) -> Result<()> {
        let disagree =
            || Error::integrity("what it says of its keys does not agree with the keys themselves");
        let signer = Signer::parse_openssh(&self.signer).map_err(|_| disagree())?;
        let agree = signer.to_openssh() == self.signer
            && signer.fingerprint() == self.fingerprint
            && parse_recipient(&self.recipient).is_ok_and(|one| one == self.recipient)
            && fingerprint_words(signer, &self.recipient) == self.words;
        if agree { Ok(()) } else { Err(disagree()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Card;
    use crate::crypto::signing::documents::{CARD, RECEIPT};
    use crate::crypto::{AgeIdentity, Document, SigningKey, fingerprint_words};
    use crate::error::Kind;

    /// A key pair and what its card says.
    fn somebody() -> (SigningKey, Value) {
        let (age, signing) = (AgeIdentity::generate(), SigningKey::generate());
        let signer = signing.signer();
        let body = json!({
            "vault_id": "00000000-0000-0000-0000-000000000001",
            "recipient": age.recipient(),
            "signer": signer.to_openssh(),
            "fingerprint": signer.fingerprint(),
            "words": fingerprint_words(signer, &age.recipient()),
            "created": "2026-01-01T00:00:00Z",
            "previous": null,
        });
        (signing, body)
    }

    fn card(body: &Value, keys: &[&SigningKey]) -> Result<Card, Kind> {
        let document = Document::sign(CARD, body.to_string(), keys).unwrap();
        Card::parse(&document.to_json().unwrap()).map_err(|why| why.kind())
    }

    #[test]
    fn a_card_says_who_it_is() {
        let (key, body) = somebody();
        let card = card(&body, &[&key]).unwrap();
        assert_eq!(card.identity.signer, key.signer().to_openssh());
        assert_eq!(card.previous, None);
    }

    #[test]
    fn a_card_of_new_keys_is_signed_by_the_old_ones_too() {
        let ((old, before), (new, mut body)) = (somebody(), somebody());
        body["previous"] = before;
        let read = card(&body, &[&old, &new]).unwrap();
        let previous = read.previous.unwrap();
        assert_eq!(previous.signer, old.signer().to_openssh());
        assert_eq!(card(&body, &[&new]), Err(Kind::Integrity));
        assert_eq!(card(&body, &[&old]), Err(Kind::Integrity));
        assert_eq!(card(&body, &[&new, &new]), Err(Kind::Integrity));
    }

    #[test]
    fn a_card_signed_by_others_is_no_good() {
        let ((key, body), (other, _)) = (somebody(), somebody());
        assert_eq!(card(&body, &[&other]), Err(Kind::Integrity));
        assert_eq!(card(&body, &[&key, &other]), Err(Kind::Integrity));
        let receipt = Document::sign(RECEIPT, body.to_string(), &[&key]).unwrap();
        let why = Card::parse(&receipt.to_json().unwrap()).unwrap_err();
        assert_eq!(why.kind(), Kind::Usage);
    }

    #[test]
    fn what_a_card_says_of_its_keys_has_to_be_so() {
        let (_, other) = somebody();
        for field in ["recipient", "signer", "fingerprint", "words"] {
            let (key, mut body) = somebody();
            body[field] = other[field].clone();
            assert_eq!(card(&body, &[&key]), Err(Kind::Integrity), "{field}");
            body[field] = json!(1);
            assert_eq!(card(&body, &[&key]), Err(Kind::Integrity), "{field}");
        }
    }
}
