//! An answer by a signature over the request as it was sent, by a key that was known before.

use std::path::Path;

use super::{
    AnswerArgs, Filing, by_is_missing, check_giver, client_of, file, given_number, only_one,
};
use crate::commands::args::keys::ssh_key_of;
use crate::commands::consent::proof::log_refusal;
use crate::context::Context;
use crate::crypto::SshPublicKey;
use crate::crypto::signing::sshsig;
use crate::crypto::signing::sshsig::Verified;
use crate::error::{Error, Result};
use crate::exchange::request::NAMESPACE;
use crate::exchange::request::confirmation::AnsweredBy;
use crate::model::consent::changes::{Grant, Proof};
use crate::model::records::client::{Client, ClientKey};
use crate::model::records::consent::{Consent, GrantedBy};
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::RecordId;
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::model::text::quote::as_word;
use crate::model::text::text_file::forms_in_mail;
use crate::model::vault::Vault;
use crate::store::disk::file::read_document;

/// A signature that is good, and what it was made over.
struct SignedRequest<'a> {
    consent: &'a Consent,
    verified: Verified,
    sha256: String,
}

/// Refuses an end that is given beside a signature: what was signed is the request with its own end,
/// and nobody could show later that the client has signed another.
pub(super) fn check_says_no_end(args: &AnswerArgs) -> Result<()> {
    if args.until.is_none() {
        return Ok(());
    }
    let number = args.words.first().map_or("NUMBER", String::as_str);
    Err(Error::usage(
        "--until: a signature is over the request as it is, with the end that stands in it",
    )
    .hint(format!(
        "file the signature alone, and then what says the sooner end: vault consent answer {} MAIL \
         --says yes --until DATE; instead of MAIL: --scan FILE --by NAME, or --phone HOW",
        as_word(number)
    )))
}

/// Files a signature.
pub(super) fn run(args: &AnswerArgs, ctx: &Context, signature: &Path) -> Result<()> {
    let asked_for = given_number(args)?;
    // A signature that cannot be read counts as missing.
    let bytes = read_document("the signature", signature, TEXT_FILE_BYTES)?;
    let signature = String::from_utf8_lossy(&bytes);
    let signer = args.signer.as_deref().map(ssh_key_of).transpose()?;
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    let refused = |why: &Error| log_refusal(ctx, &session, None, why);
    let found = signed_request(vault, &signature, asked_for.as_ref()).inspect_err(refused)?;
    let client = client_of(vault, found.consent)?;
    let key = known_key(client, &found.verified.key, signer.as_ref(), ctx)
        .inspect_err(|why| log_refusal(ctx, &session, Some(client.id), why))?;
    let by = signer_of(args, ctx, client)
        .inspect_err(|why| log_refusal(ctx, &session, Some(client.id), why))?;
    let filing = Filing {
        id: found.consent.id,
        says_yes: true,
        channel: AnsweredBy::Signature,
        on: ctx.now(),
        grant: Grant {
            by: GrantedBy::with(by.to_owned()),
            from: None,
            until: None,
            method: Some("signature"),
            proof: Proof::Signature {
                signature: found.verified.signature,
                key: key.to_openssh(),
                verified_via: key.verified_via.clone(),
                sha256: found.sha256,
            },
        },
    };
    file(args, ctx, session, filing)
}

/// Who signed: a key says only that it is the client's.
fn signer_of<'a>(args: &'a AnswerArgs, ctx: &Context, client: &'a Client) -> Result<&'a str> {
    match (&args.by, only_one(client)) {
        (Some(by), _) => {
            check_giver(ctx, client, by, true)?;
            Ok(by)
        }
        (None, Some(one)) => Ok(one),
        (None, None) if client.persons().is_empty() => Ok(client.called()),
        (None, None) => Err(by_is_missing(client)),
    }
}

/// The request that a signature is good for: the one of the number, or the first that fits. What a
/// mail may have done to the text before it was signed is no other text.
fn signed_request<'a>(
    vault: &'a Vault,
    signature: &str,
    asked_for: Option<&RecordId>,
) -> Result<SignedRequest<'a>> {
    let mut candidates = match asked_for {
        Some(number) => vec![vault.consents.by_start(number)?],
        None => vault.all_consents()?,
    };
    candidates.retain(|consent| consent.request.is_some());
    candidates.reverse();
    let mut why = None;
    for consent in candidates {
        for text in forms_in_mail(consent.request.as_deref().unwrap_or_default()) {
            match sshsig::verify(signature, NAMESPACE, text.as_bytes()) {
                Ok(verified) => {
                    let sha256 = sha256_hex(text.as_bytes());
                    return Ok(SignedRequest {
                        consent,
                        verified,
                        sha256,
                    });
                }
                Err(other) => why = Some(other),
            }
        }
    }
    let why = why.unwrap_or_else(|| Error::not_found("nothing was asked for"));
    Err(match asked_for {
        Some(_) => why,
        None => {
            why.or_hint("it may be of another request: vault consent answer NUMBER --signature SIG")
        }
    })
}

/// The key that signed, as it was recorded for the client before.
fn known_key<'a>(
    client: &'a Client,
    key: &SshPublicKey,
    signer: Option<&SshPublicKey>,
    ctx: &Context,
) -> Result<&'a ClientKey> {
    if let Some(signer) = signer.filter(|signer| *signer != key) {
        return Err(Error::integrity(format!(
            "the signature is by {}, not by {}",
            key.fingerprint(),
            signer.fingerprint()
        )));
    }
    let line = key.to_openssh();
    let mut keys = client.keys().iter();
    let (slug, fingerprint) = (client.slug(), key.fingerprint());
    let recorded = client.key_valid_at(&line, ctx.now());
    let closed = keys.rfind(|known| known.to_openssh() == line);
    Err(match (recorded, closed.and_then(|key| key.to)) {
        (Some(recorded), _) if !recorded.imported => return Ok(recorded),
        (Some(_), _) => Error::refused(format!(
            "the key {fingerprint} came in by import, and nobody has made sure here that it is {slug}'s"
        )),
        (None, Some(to)) => Error::refused(format!(
            "the key {fingerprint} of {slug} no longer counts since {}",
            to.strftime("%Y-%m-%d")
        )),
        (None, None) => Error::refused(format!(
            "the key {fingerprint} is not recorded for {slug}"
        )),
    }
    .hint(format!(
        "make sure by phone that it is theirs, then: vault client edit {} --key FILE --key-verified HOW",
        as_word(slug)
    )))
}
