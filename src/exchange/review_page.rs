//! The page of a review: who can know what, what was answered, and what is still open, signed by the
//! vault's own key. There is no secret in it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::paper::dates::{day, minute};
use super::paper::signed::SignedPage;
use super::paper::{PaperPage, filled, sender, sentence};
use crate::error::Result;
use crate::model::consent::asked::place;
use crate::model::findings::review_answers::ReviewAnswer;
use crate::model::findings::review_item::{ReviewItem, ReviewKind};
use crate::model::people::fields::MeValues;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::records::review::Reviewed;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// What the signature is good for.
const NAMESPACE: &str = "vault-review";

/// What stands on a page.
#[derive(Debug)]
pub struct ReviewContent<'a> {
    /// The client of whom alone it is.
    pub client: Option<&'a Client>,
    /// Who can know what, client by client.
    pub access: Vec<ClientAccess>,
    /// What was answered.
    pub answered: Vec<Reviewed>,
    /// What is open.
    pub open: Vec<ReviewItem>,
}

/// Who can know what is a client's.
#[derive(Clone, Debug)]
pub struct ClientAccess {
    /// What the client is called here.
    pub client: String,
    /// What is known, by whom, since and until when, what for and by whose word, a line each.
    pub known: Vec<String>,
}

/// Writes down who can know what at `now`, what was answered since a time, and what is open; days
/// are those of a zone.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn write(
    vault: &Vault,
    content: &ReviewContent<'_>,
    (since, now, zone): (Timestamp, Timestamp, &TimeZone),
) -> Result<SignedPage> {
    let lang = Lang::En;
    let on = |time: Timestamp| day(lang, time.to_zoned(zone.clone()).date());
    let mut page = PaperPage::default();
    page.line("REVIEW OF ACCESS");
    page.gap();
    let me = sender(lang, &MeValues::of(&vault.me));
    let who = if me.is_empty() { "I" } else { &me };
    let of = content
        .client
        .map(|it| format!(" of {}", one_line(it.called())));
    let of = of.unwrap_or_default();
    let at = minute(lang, now, zone, &one_line(&place(zone, now)));
    let known = [
        ("who", who),
        ("of", &of),
        ("since", &on(since)),
        ("at", &at),
    ];
    page.paragraph(&filled(
        "{who} looked at who has access to what{of} and whether it is still needed. This page has \
         who can know what on {at}, each answer since {since}, and what is open.",
        &known,
    ));
    page.gap();
    page.line("WHO CAN KNOW WHAT");
    for access in &content.access {
        page.paragraph(&one_line(&access.client));
        for known in &access.known {
            page.field("", &sentence(&one_line(known)));
        }
        if access.known.is_empty() {
            page.field("", "Nobody else can know anything.");
        }
    }
    if content.access.is_empty() {
        page.field("", "Nothing is kept for anybody.");
    }
    page.gap();
    page.line("ANSWERED");
    for review in &content.answered {
        let answered_on = review.created.to_zoned(zone.clone()).date().to_string();
        let gone = if is_gone(vault, review)? {
            " Removed since."
        } else {
            ""
        };
        page.field(&answered_on, &(told(review, &on(review.next)) + gone));
    }
    if content.answered.is_empty() {
        page.field("", "Nothing.");
    }
    page.gap();
    page.line("STILL OPEN");
    for item in &content.open {
        let why: Vec<String> = item.why.iter().map(|it| sentence(&it.message)).collect();
        page.field("", &format!("{}: {}", item.called(), why.join(" ")));
    }
    if content.open.is_empty() {
        page.field("", "Nothing.");
    }
    page.gap();
    page.line(&format!("vault-review 1 {}", number(vault.vault_id)));
    if let Some(client) = content.client {
        page.line(&format!("client {}", client.slug()));
    }
    page.line(&format!("since {since}"));
    page.line(&format!("made {now}"));
    SignedPage::of(vault, NAMESPACE, page)
}

/// Whether the entry that an answer is about is in the trash by now, or was removed for good.
fn is_gone(vault: &Vault, review: &Reviewed) -> Result<bool> {
    let is_entry = review.kind == ReviewKind::Entry.as_str();
    let entry = vault.entries.find(review.subject)?;
    Ok(is_entry && entry.is_none_or(Entry::is_removed))
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
