//! What is said of an answer that is filed.

use jiff::Timestamp;
use uuid::Uuid;

use super::client_of;
use crate::context::Context;
use crate::error::Result;
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::consent::changes::Proof;
use crate::model::consent::granted::GrantedPart;
use crate::model::consent::renewal::Replacing;
use crate::model::records::client::Assurance;
use crate::model::records::consent::Consent;
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::number;
use crate::model::vault::Vault;
use crate::ui::time::local_time;

/// Says where the last day for an answer is over.
pub(super) fn tell_late(ctx: &Context, terms: &AgreedTerms, on: Timestamp) {
    let asked = terms.asked.as_ref();
    if let Some(asked) = asked.filter(|asked| asked.is_late(on)) {
        ctx.warn(&format!(
            "the request names {} as the last day for an answer: make sure that they still mean it",
            asked.answer_by
        ));
    }
}

/// Who may be given what until when, in words.
pub(super) fn given(granted: &GrantedPart, until: &str) -> String {
    if granted.is_nothing() {
        return "nothing that was asked for is left to be given, and it is over".to_owned();
    }
    let names = granted.names();
    format!("{names} may be given what it covers until {until}")
}

/// Says what becomes of the consent that it takes the place of.
pub(super) fn tell_replaced(ctx: &Context, old: Uuid, how: Replacing) {
    let then = match how {
        Replacing::Ends => ", which ended with this",
        Replacing::WasOver => ", which was over before",
        Replacing::Waits => " once it is confirmed in writing; until then that one goes on",
    };
    ctx.ui
        .note(&format!("it takes the place of {}{then}", number(old)));
}

/// Says why nothing can be shared under it yet.
pub(super) fn tell_useless(
    ctx: &Context,
    vault: &Vault,
    consent: &Consent,
    assurance: Assurance,
) -> Result<()> {
    let client = client_of(vault, consent)?;
    let least = client.least_assurance();
    if least.is_none_or(|least| assurance < least) {
        let (slug, least) = (client.slug(), least.unwrap_or(Assurance::Signed));
        ctx.warn(&format!(
            "nothing is shared under it yet: it is {assurance}, and permissions of {slug} have to be at least {least}"
        ));
    }
    Ok(())
}

/// Says that a yes ends before the time that it is for, since the client has said so.
pub(super) fn tell_cut_end(ctx: &Context, number: &str, end: Timestamp) {
    ctx.warn(&format!(
        "it ends on {}, as they have said since it was asked for: a yes makes that no longer",
        local_time(end)
    ));
    ctx.ui.hint(&format!(
        "for more time, ask anew: vault consent renew {number} --expires DATE"
    ));
}

/// SHA-256 of what shows an answer, where there is something.
pub(super) fn hash_of(proof: &Proof) -> Option<String> {
    match proof {
        Proof::Note(_) => None,
        Proof::Document { bytes, .. } | Proof::Mail { bytes, .. } => Some(sha256_hex(bytes)),
        Proof::Signature { signature, .. } => Some(sha256_hex(signature.as_bytes())),
    }
}
