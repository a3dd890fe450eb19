//! The page of a review: what was looked at, what was answered, and what is still open, signed by the
//! vault's own key. There is no secret in it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::paper::dates::{day, minute};
use super::paper::{PaperPage, filled, sender, sentence};
use crate::crypto::SigningKey;
use crate::crypto::signing::documents::sign;
use crate::error::Result;
use crate::model::consent::asked::place;
use crate::model::findings::review_answers::ReviewAnswer;
use crate::model::findings::review_item::{ReviewItem, ReviewKind};
use crate::model::people::fields::MeValues;
use crate::model::records::record_id::number;
use crate::model::records::review::Reviewed;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// What the signature is good for.
const NAMESPACE: &str = "vault-review";

/// A page with its signature.
#[derive(Clone, Debug)]
pub struct SignedPage {
    /// The text, in lines of 64 columns.
    pub text: String,
    /// The armoured SSHSIG over its bytes, which `ssh-keygen -Y verify -n vault-review` checks.
    pub signature: String,
}

/// Writes down what was `answered` since a time, and what is `open` now; days are those of a zone.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn write(
    vault: &Vault,
    open: &[ReviewItem],
    answered: &[&Reviewed],
    (since, now, zone): (Timestamp, Timestamp, &TimeZone),
) -> Result<SignedPage> {
    let key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    let lang = Lang::En;
    let on = |time: Timestamp| day(lang, time.to_zoned(zone.clone()).date());
    let mut page = PaperPage::default();
    page.line("REVIEW OF ACCESS");
    page.gap();
    let me = sender(lang, &MeValues::of(&vault.me));
    let who = if me.is_empty() { "I" } else { &me };
    let at = minute(lang, now, zone, &one_line(&place(zone, now)));
    let known = [("who", who), ("since", &on(since)), ("at", &at)];
    page.paragraph(&filled(
        "{who} looked at who has access to what and whether it is still needed. This page has each \
         answer from {since} to {at}.",
        &known,
    ));
    page.gap();
    page.line("ANSWERED");
    for review in answered {
        let answered_on = review.created.to_zoned(zone.clone()).date().to_string();
        page.field(&answered_on, &told(review, &on(review.next)));
    }
    if answered.is_empty() {
        page.field("", "Nothing.");
    }
    page.gap();
    page.line("STILL OPEN");
    for item in open {
        let why: Vec<String> = item.why.iter().map(|it| sentence(&it.message)).collect();
        page.field("", &format!("{}: {}", item.called(), why.join(" ")));
    }
    if open.is_empty() {
        page.field("", "Nothing.");
    }
    page.gap();
    page.line(&format!("vault-review 1 {}", number(vault.vault_id)));
    page.line(&format!("since {since}"));
    page.line(&format!("made {now}"));
    page.line(&format!("key {}", key.signer()));
    let text = page.into_text();
    let signature = sign(&key, NAMESPACE, text.as_bytes())?;
    Ok(SignedPage { text, signature })
}

/// An answer in words.
fn told(review: &Reviewed, next: &str) -> String {
    let called = one_line(&review.called);
    let answer = match (review.answer.parse(), review.kind.parse::<ReviewKind>()) {
        (Ok(ReviewAnswer::Keep), Ok(kind)) => {
            format!("{called} {}. Next time: {next}.", kind.if_kept())
        }
        (Ok(ReviewAnswer::Asked), _) => format!("{called}: asked for. Next time: {next}."),
        (Ok(ReviewAnswer::End), _) => format!("{called} is not needed any more."),
        _ => format!("{called}: {}", sentence(&review.answer)),
    };
    let note = review.note.as_ref();
    let note = note.map(|note| format!(" \"{}\"", one_line(note)));
    answer + &note.unwrap_or_default()
}
