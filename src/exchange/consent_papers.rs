//! What shows a permission to somebody without this program: the request, what the client answered
//! and how that was confirmed, each as it was.

use super::evidence_folder::{EvidenceFiles, EvidenceFolder, FileSigner, hash_check};
use super::request::NAMESPACE;
use super::request::confirmation::HASH_OF_ANSWER;
use crate::crypto::recipient_fingerprint;
use crate::error::Result;
use crate::model::records::consent::{Consent, Evidence};
use crate::model::records::record_id::number;
use crate::model::text::visible::one_line;

const REQUEST: &str = "request.txt";

/// The files, each with its name, and whether there is more than a README, as there is where all
/// rests on a note.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a damaged record.
pub(crate) fn evidence(consent: &Consent) -> Result<(EvidenceFiles, bool)> {
    let mut folder = EvidenceFolder::new(format!(
        "Permission {}: what was asked for, what was answered, and how it was confirmed.\n\
         Each file is as it was sent or came.\n",
        number(consent.id)
    ));
    let mut any = put_request(&mut folder, consent);
    for evidence in &consent.evidence {
        any |= put_answer(&mut folder, consent, evidence)?;
    }
    for event in &consent.events {
        if let Some(by) = event.shortened_by() {
            let reason = event.reason.as_deref().unwrap_or("at once");
            let told = format!("Shortened at {}, {by}: {}.", event.time, one_line(reason));
            folder.tell(&told, None);
        }
    }
    for paper in &consent.confirmations {
        let bytes = paper.bytes()?;
        let name = folder.put("confirmation.txt", bytes.as_slice());
        // What was only said has none.
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let hash = if lines.any(|line| line == HASH_OF_ANSWER.as_bytes()) {
            ", which has the hash of the answer"
        } else {
            ""
        };
        let what = format!("{name}: what the client was sent to keep{hash}.");
        folder.tell(&what, Some(hash_check(&name, &bytes)));
        any = true;
    }
    let files = folder.into_files(
        "the key that signed. Whose it is, ask them: ssh-keygen -l shows its\nfingerprint, which is \
         the one above.",
    );
    Ok((files, any))
}

/// The request, as it was signed where it was.
fn put_request(folder: &mut EvidenceFolder, consent: &Consent) -> bool {
    let signed = consent.evidence.iter().find(|it| it.signature.is_some());
    let text = signed.and_then(|evidence| consent.signed_text(evidence));
    let Some(text) = text.or_else(|| consent.request.clone()) else {
        return false;
    };
    let name = folder.put(REQUEST, text.as_bytes());
    let what = format!("{name}: what was asked for, as it was sent.");
    folder.tell(&what, Some(hash_check(&name, text.as_bytes())));
    let signature = signed.and_then(|it| Some((it.signature.as_deref()?, it.key.as_deref()?)));
    if let Some((signature, key)) = signature {
        let by = FileSigner {
            principal: "client",
            namespace: NAMESPACE,
            key: key.to_owned(),
        };
        let check = folder.put_signature(&name, signature, &by);
        let how = signed.and_then(|it| it.verified_via.as_deref());
        let how = how.map_or(
            "nobody has noted how it was made sure whose it is".into(),
            |how| format!("made sure of: {}", one_line(how)),
        );
        let key = recipient_fingerprint(key);
        let what = format!("{name}.sig: the client's yes to it, signed by the key\n{key}, {how}.");
        folder.tell(&what, Some(check));
    }
    true
}

/// What came of the client, if it is a file.
fn put_answer(folder: &mut EvidenceFolder, consent: &Consent, evidence: &Evidence) -> Result<bool> {
    let mut files = consent.files.iter();
    let Some(file) = files.find(|file| Some(file.id) == evidence.attachment) else {
        if let Some(note) = evidence.note.as_ref().filter(|_| evidence.kind == "note") {
            folder.tell(&format!("Noted, with no file: {}", one_line(note)), None);
        }
        return Ok(false);
    };
    let bytes = file.bytes()?;
    let (name, what) = if evidence.kind == "mail" {
        let from = evidence.from.iter().map(|from| format!(", from {from}"));
        let date = evidence.date.iter().map(|date| format!(", of {date}"));
        let became = consent.event_shown_by(evidence).into_iter();
        let became = became.map(|event| format!(", by which it was {}", event.state));
        let told: String = from.chain(date).chain(became).collect();
        let made_sure = evidence.note.iter().map(|how| ("Made sure of", how));
        let read_as = evidence.read_as.iter().map(|how| ("Read as", how));
        let noted = made_sure.chain(read_as);
        let noted = noted.map(|(what, how)| format!("\n  {what}: {}", one_line(how)));
        (
            "answer.eml",
            format!(
                "the client's mail{told}. Nobody signed it.{}",
                noted.collect::<String>()
            ),
        )
    } else {
        let date = evidence.date.iter().map(|date| format!(", of {date}"));
        let told: String = date.collect();
        (
            file.name.as_str(),
            format!("what was filed as the client's answer{told}."),
        )
    };
    let name = folder.put(name, bytes.as_slice());
    folder.tell(&format!("{name}: {what}"), Some(hash_check(&name, &bytes)));
    Ok(true)
}
