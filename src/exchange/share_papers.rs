//! The papers of one share, and all that shows it to somebody without this program. What is made
//! here is made of a manifest and of papers: there is no secret in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::evidence_folder::{EvidenceFiles, EvidenceFolder, FileSigner, hash_check};
use super::reply::deletion::Deletion;
use super::reply::{Reply, ReplyContent, ShareRef};
use crate::crypto::signing::documents::{DELETION, NOTICE, RECEIPT, REFUSAL};
use crate::crypto::{Document, Signer};
use crate::error::{Error, Result};
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
    /// What it says; none of a notice, which may be about several shares.
    pub content: Option<ReplyContent>,
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

    /// A document that this vault signed itself.
    fn own(kind: &'static str, document: &str) -> Result<Self> {
        let time = Reply::parse(document)?.content().signed_at();
        let filed = FiledDocument::with(time, document.to_owned());
        Self::new(kind, time, &filed)
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
        let content = (kind != NOTICE)
            .then(|| Reply::parse(document))
            .transpose()?;
        Ok(Self {
            signer,
            namespace: kind.namespace(),
            body: parsed.body().to_owned(),
            signature: signature.to_owned(),
            content: content.map(Reply::into_content),
        })
    }

    /// The share that it says it is about.
    pub fn about(&self) -> Option<&ShareRef> {
        Some(self.content.as_ref()?.share())
    }

    /// The statement of deletion, if it is one.
    pub fn deletion(&self) -> Option<&Deletion> {
        match &self.content {
            Some(ReplyContent::Deletion(deletion)) => Some(deletion),
            _ => None,
        }
    }
}

const NOTICE_WORD: &str = "notice";

/// The key that signed a paper on file; none of a mail, or of one that is damaged.
#[must_use]
pub fn signer_of(filed: &FiledDocument) -> Option<String> {
    let is_signed = filed.mailed_from.is_none();
    let signed = is_signed.then(|| SignedPaper::of(&filed.document).ok());
    signed.flatten().map(|it| it.signer.to_openssh())
}

/// The papers of a share: the receipt, the refusal, the statement of deletion, the notice.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when one on file is damaged.
pub fn papers(found: FoundShare<'_>) -> Result<Vec<SharePaper>> {
    match found {
        FoundShare::Received(it) => {
            let deletions = it.deletions.iter().map(|part| part.statement.as_str());
            let own = (it.receipt.iter().map(|text| ("receipt", text.as_str()))).chain(
                deletions
                    .chain(it.attestation())
                    .map(|text| ("deletion", text)),
            );
            let own = own.map(|(kind, text)| SharePaper::own(kind, text));
            let notices = it.notices.iter();
            let notices = notices.map(|it| SharePaper::new(NOTICE_WORD, it.time, it));
            own.chain(notices).collect()
        }
        FoundShare::Lent(line) => {
            let sent = SentOut::Lent(line.share);
            let notice = line.share.notice.value().map(|it| (NOTICE_WORD, it));
            replies(sent)
                .chain(notice)
                .map(|(kind, filed)| SharePaper::new(kind, filed.time, filed))
                .collect()
        }
        FoundShare::HandedOver(it) => replies(SentOut::HandedOver(it))
            .map(|(kind, filed)| SharePaper::new(kind, filed.time, filed))
            .collect(),
    }
}

/// What was filed, each with its kind.
fn replies(sent: SentOut<'_>) -> impl Iterator<Item = (&'static str, &FiledDocument)> {
    let kinds = [ReplyKind::Receipt, ReplyKind::Refusal, ReplyKind::Deletion];
    let filed = kinds.map(|kind| Some((kind.as_str(), sent.filed(kind)?)));
    let parts = sent.partial_deletions().iter();
    let parts = parts.map(|it| (ReplyKind::Deletion.as_str(), &it.filed));
    filed.into_iter().flatten().chain(parts)
}

/// The files that show a share, each with its name: the manifest, the papers as they came, and what
/// `ssh-keygen` needs to check them.
///
/// # Errors
/// As [`papers`].
pub(crate) fn evidence(found: FoundShare<'_>) -> Result<EvidenceFiles> {
    let mut folder = EvidenceFolder::new(format!(
        "Share {}: what was in it, and what was said of it.\nThere is no secret in these files.\n",
        number(found.id())
    ));
    if let Some(manifest) = found.manifest() {
        let name = folder.put("manifest.json", manifest);
        let what = format!(
            "{name}: what was shared, as it was signed. Receipt and statement of deletion\nrepeat its \
             SHA-256, as manifest_sha256."
        );
        folder.tell(&what, Some(hash_check(&name, manifest.as_bytes())));
    }
    if let FoundShare::Received(it) = found
        && let Some(consent) = &it.consent
    {
        let name = folder.put("consent.json", consent.as_str());
        let what = format!(
            "{name}: the permission that it was lent under, as it came with the share. The\n\
             manifest has its SHA-256."
        );
        folder.tell(&what, None);
    }
    for paper in papers(found)? {
        put_paper(&mut folder, &paper);
    }
    Ok(folder.into_files(
        "the keys that signed. Whose they are, ask them: the fingerprints above\nare those that \
         `vault id` shows there.",
    ))
}

/// A paper as it came, and what of it `ssh-keygen` checks.
fn put_paper(folder: &mut EvidenceFolder, paper: &SharePaper) {
    let kind = paper.kind;
    let came = folder.put(&format!("{kind}.{}", paper.ending()), paper.came.as_slice());
    let how = format!("{came}: {}, {}.", paper.by(), paper.time);
    let Some(signed) = &paper.signed else {
        folder.tell(
            &format!("{how} It is as it came, and nobody signed it."),
            None,
        );
        return;
    };
    let body = folder.put(&format!("{kind}.txt"), signed.body.as_str());
    let by = FileSigner {
        principal: paper.principal(),
        namespace: signed.namespace,
        key: signed.signer.to_openssh(),
    };
    let check = folder.put_signature(&body, &signed.signature, &by);
    let key = signed.signer.fingerprint();
    let left = signed.deletion().map(|it| it.left(|time| time.to_string()));
    let left = left.map(|lines| format!(" It says:\n- {}.\n", lines.join(";\n- ")));
    let what = format!(
        "{how}{}{body} is what was signed, by the key\n{key}.",
        left.as_deref().unwrap_or(" ")
    );
    folder.tell(&what, Some(check));
}
