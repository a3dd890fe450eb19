//! The papers of one share, and all that shows it to somebody without this program. What is made
//! here is made of a manifest and of papers: there is no secret in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::reply::{Reply, ShareRef};
use crate::crypto::signing::documents::{DELETION, NOTICE, RECEIPT, REFUSAL};
use crate::crypto::{Document, Signer};
use crate::error::{Error, Result};
use crate::model::records::log::sha256_hex;
use crate::model::records::record_id::number;
use crate::model::records::share::FiledDocument;
use crate::model::sharing::found::FoundShare;
use crate::model::sharing::replies::{ReplyKind, SentOut};

/// A paper about a share.
#[derive(Debug)]
pub struct SharePaper {
    /// `receipt`, `deletion`, `refusal` or `notice`.
    pub kind: &'static str,
    /// When it was filed; one's own, when it was made.
    pub time: Timestamp,
    /// The address that it was mailed from; none where it is signed.
    pub mailed_from: Option<String>,
    /// The paper as it came.
    pub came: Vec<u8>,
    /// What was signed, and by whom; none of a mail.
    pub signed: Option<SignedPaper>,
}

/// What of a paper `ssh-keygen` checks.
#[derive(Debug)]
pub struct SignedPaper {
    /// The key.
    pub signer: Signer,
    /// What the signature is good for.
    pub namespace: &'static str,
    /// What was signed.
    pub body: String,
    /// The armoured signature.
    pub signature: String,
    /// What it says which share it is about; none of a notice, which may be about several.
    pub about: Option<ShareRef>,
}

impl SharePaper {
    fn new(kind: &'static str, time: Timestamp, filed: &FiledDocument) -> Result<Self> {
        let document = &filed.document;
        let signed = match filed.mailed_from {
            Some(_) => None,
            None => Some(SignedPaper::of(document)?),
        };
        let came = match (&filed.came_as, filed.encoding.as_deref()) {
            (Some(came), _) => came.clone().into_bytes(),
            (None, Some("base64")) => STANDARD
                .decode(document)
                .map_err(|_| Error::integrity(format!("the {kind} on file is damaged")))?,
            (None, _) if signed.is_some() => format!("{document}\n").into_bytes(),
            (None, _) => document.clone().into_bytes(),
        };
        Ok(Self {
            kind,
            time,
            mailed_from: filed.mailed_from.clone(),
            came,
            signed,
        })
    }

    fn filed(kind: &'static str, filed: Option<&FiledDocument>) -> Result<Option<Self>> {
        let paper = filed.map(|filed| Self::new(kind, filed.time, filed));
        paper.transpose()
    }

    /// A document that this vault signed itself.
    fn own(kind: &'static str, document: Option<&str>) -> Result<Option<Self>> {
        let Some(document) = document else {
            return Ok(None);
        };
        let time = Reply::parse(document)?.content().signed_at();
        let filed = FiledDocument::with(time, document.to_owned());
        Self::new(kind, time, &filed).map(Some)
    }

    /// How it came, for people.
    pub fn by(&self) -> String {
        match &self.mailed_from {
            Some(from) => format!("by mail from {from}"),
            None => "signed".to_owned(),
        }
    }

    /// The file's name without its ending, and the ending of the paper as it came.
    fn ending(&self) -> &'static str {
        if self.signed.is_some() { "json" } else { "eml" }
    }

    /// Who signs such a paper.
    fn principal(&self) -> &'static str {
        if self.kind == NOTICE_WORD {
            "sender"
        } else {
            "recipient"
        }
    }
}

impl SignedPaper {
    fn of(document: &str) -> Result<Self> {
        let kinds = [RECEIPT, DELETION, REFUSAL, NOTICE];
        let (parsed, kind) = Document::parse_any(&kinds, document)?;
        let (Some(signer), Some(signature)) = (parsed.signers().next(), parsed.armoured().next())
        else {
            return Err(Error::integrity("a document on file is not signed"));
        };
        let about = (kind != NOTICE)
            .then(|| Reply::parse(document))
            .transpose()?;
        Ok(Self {
            signer,
            namespace: kind.namespace(),
            body: parsed.body().to_owned(),
            signature: signature.to_owned(),
            about: about.map(|reply| reply.content().share().clone()),
        })
    }
}

const NOTICE_WORD: &str = "notice";

/// The papers of a share: the receipt, the refusal, the statement of deletion, the notice.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when one on file is damaged.
pub fn papers(found: FoundShare<'_>) -> Result<Vec<SharePaper>> {
    let papers = match found {
        FoundShare::Received(it) => [
            SharePaper::own("receipt", it.receipt.as_deref())?,
            None,
            SharePaper::own("deletion", it.attestation())?,
            SharePaper::filed(NOTICE_WORD, it.notice.value())?,
        ],
        FoundShare::Lent(line) => {
            let notice = SharePaper::filed(NOTICE_WORD, line.share.notice.value())?;
            replies(SentOut::Lent(line.share), notice)?
        }
        FoundShare::HandedOver(it) => replies(SentOut::HandedOver(it), None)?,
    };
    Ok(papers.into_iter().flatten().collect())
}

fn replies(sent: SentOut<'_>, notice: Option<SharePaper>) -> Result<[Option<SharePaper>; 4]> {
    let filed = |kind: ReplyKind| SharePaper::filed(kind.as_str(), sent.filed(kind));
    Ok([
        filed(ReplyKind::Receipt)?,
        filed(ReplyKind::Refusal)?,
        filed(ReplyKind::Deletion)?,
        notice,
    ])
}

/// The files that show a share, each with its name: the manifest, the papers as they came, and what
/// `ssh-keygen` needs to check them.
///
/// # Errors
/// As [`papers`].
pub fn evidence(found: FoundShare<'_>) -> Result<Vec<(String, Vec<u8>)>> {
    let papers = papers(found)?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, bytes: &[u8]| files.push((name.to_owned(), bytes.to_vec()));
    add("README.txt", readme(found, &papers).as_bytes());
    if let Some(manifest) = found.manifest() {
        add("manifest.json", manifest.as_bytes());
    }
    if let FoundShare::Received(it) = found
        && let Some(consent) = &it.consent
    {
        add("consent.json", consent.as_bytes());
    }
    let mut allowed = BTreeSet::new();
    for paper in &papers {
        let kind = paper.kind;
        add(&format!("{kind}.{}", paper.ending()), &paper.came);
        if let Some(signed) = &paper.signed {
            add(&format!("{kind}.txt"), signed.body.as_bytes());
            add(&format!("{kind}.txt.sig"), signed.signature.as_bytes());
            allowed.insert(format!(
                "{} namespaces=\"{}\" {}\n",
                paper.principal(),
                signed.namespace,
                signed.signer.to_openssh()
            ));
        }
    }
    if !allowed.is_empty() {
        let lines: String = allowed.into_iter().collect();
        add("allowed_signers", lines.as_bytes());
    }
    Ok(files)
}

/// What each file is, and how it is checked.
fn readme(found: FoundShare<'_>, papers: &[SharePaper]) -> String {
    let mut text = format!(
        "Share {}: what was in it, and what was said of it.\n",
        number(found.id())
    );
    text.push_str("There is no secret in these files.\n");
    if let Some(manifest) = found.manifest() {
        let hash = sha256_hex(manifest.as_bytes());
        let _ = write!(
            text,
            "\nmanifest.json: what was shared, as it was signed. Receipt and statement of deletion\n\
             repeat its SHA-256, as manifest_sha256. To check it:\n  \
             echo '{hash}  manifest.json' | sha256sum -c\n"
        );
    }
    if matches!(found, FoundShare::Received(it) if it.consent.is_some()) {
        text.push_str(
            "\nconsent.json: the permission that it was lent under, as it came with the share. The\n\
             manifest has its SHA-256.\n",
        );
    }
    for paper in papers {
        let (kind, ending) = (paper.kind, paper.ending());
        let _ = write!(text, "\n{kind}.{ending}: {}, {}.", paper.by(), paper.time);
        match &paper.signed {
            Some(signed) => {
                let _ = write!(
                    text,
                    " {kind}.txt is what was signed, by the key\n{}. To check it:\n  \
                     ssh-keygen -Y verify -f allowed_signers -I {} -n {} -s {kind}.txt.sig < {kind}.txt\n",
                    signed.signer.fingerprint(),
                    paper.principal(),
                    signed.namespace
                );
            }
            None => text.push_str(" It is as it came, and nobody signed it.\n"),
        }
    }
    if papers.iter().any(|paper| paper.signed.is_some()) {
        text.push_str(
            "\nallowed_signers: the keys that signed. Whose they are, ask them: the fingerprints above\n\
             are those that `vault id` shows there.\n",
        );
    }
    text
}
