//! A share, or what is handed over, as a page that opens in a browser.

use uuid::Uuid;

use super::identity::PublicIdentity;
use super::paper::sender;
use crate::crypto::seal_for_browser;
use crate::error::Result;
use crate::model::people::fields::MeValues;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;
use crate::pages::SharePage;

/// The page with the letter in it, encrypted with a *generated* passphrase.
///
/// # Errors
/// As [`PublicIdentity::of`] and [`seal_for_browser`].
pub fn share_page(
    vault: &Vault,
    id: Uuid,
    (letter, passphrase): (&Secret, &Secret),
    lang: Lang,
) -> Result<String> {
    let identity = PublicIdentity::of(vault)?;
    let me = MeValues::of(&vault.me);
    let page = SharePage {
        number: number(id),
        sender: sender(lang, &me),
        name: me.name.clone().unwrap_or_default(),
        mail: me.email.clone(),
        fingerprint: identity.words,
        signer: identity.signer,
    };
    let file = seal_for_browser(passphrase, letter.expose().as_bytes())?;
    page.html(lang, &file)
}
