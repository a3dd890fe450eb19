//! The page that asks somebody without software, as a vault fills it in.

use jiff::civil::Date;

use super::paper::{dates, sender, sentence};
use crate::crypto::{SigningKey, fingerprint_words};
use crate::error::Result;
use crate::model::people::fields::MeValues;
use crate::model::records::record_id::number;
use crate::model::sharing::asking::NewAsk;
use crate::model::text::lang::Lang;
use crate::model::vault::Vault;
use crate::pages::{AskPage, AskedField};

/// The words to read out by phone: they name this vault's signer and the key of the request.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when the vault's key is damaged.
pub fn words_of(vault: &Vault, recipient: &str) -> Result<String> {
    let signing = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    Ok(fingerprint_words(signing.signer(), recipient))
}

/// The page, as HTML.
///
/// # Errors
/// As [`words_of`].
pub fn ask_page(
    vault: &Vault,
    ask: &NewAsk,
    (need, until): (&[AskedField], Date),
    lang: Lang,
) -> Result<String> {
    let me = MeValues::of(&vault.me);
    let page = AskPage {
        number: number(ask.id),
        sender: sender(lang, &me),
        name: me.name.clone().unwrap_or_default(),
        mail: me.email.clone(),
        purpose: sentence(&ask.purpose),
        until: Some(dates::day(lang, until)),
        fingerprint: Some(words_of(vault, &ask.recipient)?),
        recipient: ask.recipient.clone(),
        need: need.to_vec(),
    };
    page.html(lang)
}
