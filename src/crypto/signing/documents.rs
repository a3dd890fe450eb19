//! Signed documents: a text with SSH signatures over its exact bytes, which `ssh-keygen -Y verify`
//! checks too (PROTOCOL.sshsig of OpenSSH).

use std::fmt;

use serde::{Deserialize, Serialize};
use ssh_key::{Algorithm, HashAlg, LineEnding, Signature, SshSig};

use super::ed25519::{Signer, SigningKey};
use super::sshsig;
use crate::error::{Error, Result};
use crate::model::records::event::sha256_hex;

/// The most signatures of a document: each is a pass over the whole of it, and none has more than
/// those of an old and a new key.
const SIGNATURES: usize = 4;

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentKind {
    /// What stands under `type`.
    name: &'static str,
    /// What its signatures are good for, and nothing else.
    namespace: &'static str,
}

impl DocumentKind {
    /// What its signatures are good for, and nothing else.
    pub fn namespace(self) -> &'static str {
        self.namespace
    }
}

/// A vault's public identity.
pub const CARD: DocumentKind = DocumentKind {
    name: "vault.card/1",
    namespace: "vault-card",
};

/// What one person gives another, see [`crate::exchange::bundle`].
pub const SHARE: DocumentKind = DocumentKind {
    name: "vault.share/1",
    namespace: "vault-share",
};

/// That a share has arrived.
pub const RECEIPT: DocumentKind = DocumentKind {
    name: "vault.receipt/1",
    namespace: "vault-receipt",
};

/// That what came with a share was deleted.
pub const DELETION: DocumentKind = DocumentKind {
    name: "vault.deletion/1",
    namespace: "vault-deletion",
};

/// That a share has ended.
pub const NOTICE: DocumentKind = DocumentKind {
    name: "vault.notice/1",
    namespace: "vault-notice",
};

/// That a share is not taken.
pub const REFUSAL: DocumentKind = DocumentKind {
    name: "vault.refusal/1",
    namespace: "vault-refusal",
};

/// A document with its signatures.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    #[serde(rename = "type")]
    kind: String,
    /// The document itself, JSON in one string, so that nobody has to bring it into a canonical
    /// form.
    body: String,
    signatures: Vec<DocumentSignature>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct DocumentSignature {
    key: String,
    namespace: String,
    signature: String,
}

impl fmt::Debug for Document {
    /// Nothing of the body: a share's holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// A document that each of `keys` signs.
    ///
    /// # Errors
    /// None that are known; those of the encoder.
    pub fn sign(kind: DocumentKind, body: String, keys: &[&SigningKey]) -> Result<Self> {
        let signatures = keys.iter().map(|key| {
            Ok(DocumentSignature {
                key: key.signer().to_openssh(),
                namespace: kind.namespace.into(),
                signature: sign(key, kind.namespace, body.as_bytes())?,
            })
        });
        Ok(Self {
            kind: kind.name.into(),
            signatures: signatures.collect::<Result<_>>()?,
            body,
        })
    }

    /// Reads a document of one kind and checks every signature that it has.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is no such document; [`crate::error::Kind::Integrity`]
    /// when it is not signed or a signature is not good.
    pub fn parse(kind: DocumentKind, text: &str) -> Result<Self> {
        Self::parse_any(&[kind], text).map(|(document, _)| document)
    }

    /// As [`Self::parse`], for a document of one of several kinds: which one is given back too.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_any(kinds: &[DocumentKind], text: &str) -> Result<(Self, DocumentKind)> {
        let not_one = || {
            let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
            Error::usage(format!("not a document of type {}", names.join(" or ")))
        };
        let document: Self = serde_json::from_str(text).map_err(|_| not_one())?;
        let kind = kinds.iter().find(|kind| kind.name == document.kind);
        let kind = *kind.ok_or_else(not_one)?;
        if document.signatures.is_empty() {
            return Err(Error::integrity("the document is not signed"));
        }
        if document.signatures.len() > SIGNATURES {
            return Err(Error::integrity("the document has too many signatures"));
        }
        for signature in &document.signatures {
            signature.check(kind, document.body.as_bytes())?;
        }
        Ok((document, kind))
    }

    /// As it is written to a file.
    ///
    /// # Errors
    /// None that are known; those of the encoder.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|why| Error::failed(format!("cannot write the document: {why}")))
    }

    /// What was signed.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// SHA-256 of what was signed, lower-case hex.
    #[must_use]
    pub fn body_sha256(&self) -> String {
        sha256_hex(self.body.as_bytes())
    }

    /// Who signed it. What [`Self::parse`] has read has no other names here than those whose
    /// signatures are good.
    pub fn signers(&self) -> impl Iterator<Item = Signer> {
        let keys = self.signatures.iter().map(|signature| &signature.key);
        keys.filter_map(|key| Signer::parse_openssh(key).ok())
    }
}

impl Document {
    /// The armoured signatures, in the order of [`Self::signers`].
    pub fn armoured(&self) -> impl Iterator<Item = &str> {
        (self.signatures.iter()).map(|signature| signature.signature.as_str())
    }
}

impl DocumentSignature {
    fn check(&self, kind: DocumentKind, message: &[u8]) -> Result<()> {
        let bad = || Error::integrity("a signature of the document is not good");
        let signer = Signer::parse_openssh(&self.key).map_err(|_| bad())?;
        let (signature, _) = sshsig::parse(&self.signature).ok_or_else(bad)?;
        let bytes = <[u8; 64]>::try_from(signature.signature_bytes()).map_err(|_| bad())?;
        let message =
            SshSig::signed_data(kind.namespace, HashAlg::Sha512, message).map_err(|_| bad())?;
        let good = self.namespace == kind.namespace
            && signature.namespace() == kind.namespace
            && signature.hash_alg() == HashAlg::Sha512
            && signature.algorithm() == Algorithm::Ed25519
            && *signature.public_key() == signer.to_key_data()
            && signer.verify(&message, &bytes);
        if good { Ok(()) } else { Err(bad()) }
    }
}

/// An armoured SSHSIG over `message`, good for `namespace` and nothing else.
///
/// # Errors
/// None that are known; those of the encoder.
pub fn sign(key: &SigningKey, namespace: &str, message: &[u8]) -> Result<String> {
    let armoured = || -> ssh_key::Result<String> {
        let data = SshSig::signed_data(namespace, HashAlg::Sha512, message)?;
        let signature = Signature::new(Algorithm::Ed25519, key.sign(&data))?;
        let public = key.signer().to_key_data();
        SshSig::new(public, namespace, HashAlg::Sha512, signature)?.to_pem(LineEnding::LF)
    };
    armoured().map_err(|why| Error::failed(format!("cannot sign the document: {why}")))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use ssh_key::{PublicKey, SshSig};

    use super::{CARD, Document, DocumentKind, SigningKey};
    use crate::error;

    const OTHER: DocumentKind = DocumentKind {
        name: "vault.other/1",
        namespace: "vault-other",
    };

    #[test]
    fn every_signature_is_one_that_openssh_would_take() {
        let (one, two) = (SigningKey::generate(), SigningKey::generate());
        let text = Document::sign(CARD, "{\"a\":1}".into(), &[&one, &two])
            .unwrap()
            .to_json()
            .unwrap();
        let document = Document::parse(CARD, &text).unwrap();
        assert_eq!(document.body(), "{\"a\":1}");
        let signers: Vec<_> = document.signers().collect();
        assert_eq!(signers, [one.signer(), two.signer()]);
        for signature in &document.signatures {
            let key = PublicKey::from_openssh(&signature.key).unwrap();
            let parsed = SshSig::from_pem(&signature.signature).unwrap();
            key.verify("vault-card", b"{\"a\":1}", &parsed).unwrap();
            key.verify("vault-share", b"{\"a\":1}", &parsed)
                .unwrap_err();
        }
    }

    fn signed() -> Document {
        Document::sign(CARD, "body".into(), &[&SigningKey::generate()]).unwrap()
    }

    #[track_caller]
    fn is_bad(document: &Document) {
        let why = Document::parse(CARD, &document.to_json().unwrap()).unwrap_err();
        assert_eq!(why.kind(), error::Kind::Integrity, "{why}");
    }

    #[test]
    fn a_changed_document_is_not_good() {
        let mut document = signed();
        document.body.push(' ');
        is_bad(&document);
        let mut document = signed();
        document.signatures[0].key = SigningKey::generate().signer().to_openssh();
        is_bad(&document);
        let mut document = signed();
        document.signatures[0].namespace = "vault-share".into();
        is_bad(&document);
        let mut document = signed();
        document.signatures[0].signature = String::new();
        is_bad(&document);
        let mut document = signed();
        document.signatures.clear();
        is_bad(&document);
    }

    #[test]
    fn a_signature_that_ssh_keygen_would_not_read_is_not_good() {
        let good = signed();
        let armoured = &good.signatures[0].signature;
        let blob: String = armoured.lines().filter(|l| !l.starts_with('-')).collect();
        let blob = STANDARD.decode(blob).unwrap();
        let version_at = 9;
        for at in 0..blob.len() {
            let mut blob = blob.clone();
            blob[at] ^= 1;
            let text = STANDARD.encode(blob);
            let lines: Vec<&str> = (text.as_bytes().chunks(70))
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            let text = format!(
                "-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n",
                lines.join("\n")
            );
            if at == version_at {
                assert!(
                    SshSig::from_pem(&text).is_ok(),
                    "the decoder takes version 0"
                );
            }
            let mut document = good.clone();
            document.signatures[0].signature = text;
            is_bad(&document);
        }
    }

    #[test]
    fn one_bad_signature_beside_a_good_one_is_not_let_pass() {
        let mut document = signed();
        let other = Document::sign(CARD, "other".into(), &[&SigningKey::generate()]).unwrap();
        document.signatures.extend(other.signatures);
        is_bad(&document);
    }

    #[test]
    fn more_signatures_than_any_document_has_are_not_looked_at() {
        let key = SigningKey::generate();
        let signed = |count| Document::sign(CARD, "body".into(), &vec![&key; count]).unwrap();
        assert!(Document::parse(CARD, &signed(4).to_json().unwrap()).is_ok());
        is_bad(&signed(5));
    }

    #[test]
    fn a_signature_is_good_for_one_kind_of_document_only() {
        let mut document =
            Document::sign(OTHER, "body".into(), &[&SigningKey::generate()]).unwrap();
        let text = document.to_json().unwrap();
        assert_eq!(
            Document::parse(CARD, &text).unwrap_err().kind(),
            error::Kind::Usage
        );
        document.kind = CARD.name.into();
        is_bad(&document);
        document.signatures[0].namespace = CARD.namespace.into();
        is_bad(&document);
    }

    #[test]
    fn what_is_no_document_is_called_that() {
        for text in ["", "{}", "[]", "hunter2"] {
            let why = Document::parse(CARD, text).unwrap_err();
            assert_eq!(why.kind(), error::Kind::Usage);
            assert!(!why.message().contains("hunter2"));
        }
    }
}
