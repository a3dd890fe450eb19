//! Papers that the vault signs with its own key.

use super::PaperPage;
use crate::crypto::SigningKey;
use crate::crypto::signing::documents::sign;
use crate::error::Result;
use crate::model::vault::Vault;

/// A page with its signature.
#[derive(Clone, Debug)]
pub struct SignedPage {
    /// The text, in lines of 64 columns.
    pub text: String,
    /// The armoured SSHSIG over its bytes, which `ssh-keygen -Y verify` checks.
    pub signature: String,
}

impl SignedPage {
    /// Signs a page for what its namespace says. Its last lines say how far the log of each device had
    /// come, against which `vault log --head` holds a later log, and name the key.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed key.
    pub fn of(vault: &Vault, namespace: &str, mut page: PaperPage) -> Result<Self> {
        for chain in vault.log.chains() {
            page.line(&format!("log {} {}", chain.device, chain.count));
            let (start, end) = chain.head.split_at(chain.head.len() / 2);
            page.line(&format!("head {start}"));
            page.line(&format!("     {end}"));
        }
        let key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
        let mut text = page.into_text();
        let key_line = format!("key {}\n", key.signer());
        text.push_str(&key_line);
        let signature = sign(&key, namespace, text.as_bytes())?;
        Ok(Self { text, signature })
    }
}
