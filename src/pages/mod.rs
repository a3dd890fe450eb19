//! The pages for people who have nothing but a browser: one that asks for credentials, and one that
//! opens what was encrypted with a passphrase.
//!
//! A page is one file that loads nothing and may send nothing: its policy names the style and each
//! script by its hash. The scripts are the files of `script/`, to the byte, each with one job and the
//! standard that it follows; the words are those of `words/`, one file for each language. What a page
//! is made for stands in one block of data, and enters the document as text only.
//!
//! The page itself cannot be vouched for by the page: whoever replaces it replaces all that it says.
//! So the words of the fingerprint, which are read out by phone, stand at its top.

mod template;

use serde::{Serialize, Serializer};

use self::template::Template;
use crate::error::{Error, Result};
use crate::model::text::lang::Lang;
use crate::model::text::words::words;

words! {
    /// A field that a page asks for.
    pub enum AskedField {
        /// Where to log in.
        Url = "url",
        /// As whom.
        Username = "username",
        /// The password.
        Secret = "secret",
        /// What else is needed, of several lines.
        Note = "note",
        /// The client's own rules for the access.
        Rules = "rules",
    }
}

impl Serialize for AskedField {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The page that asks a person for credentials. What is typed there is encrypted to one key, and
/// comes as JSON: `type` is `vault.answer/1`, beside it are `number` and a text for each field that
/// was filled in.
#[derive(Clone, Debug, Serialize)]
pub struct AskPage {
    /// The number of the request, as `2F95-B33D`.
    pub number: String,
    /// Who asks, with firm and address.
    pub sender: String,
    /// Who asks, in short.
    pub name: String,
    /// Where the answer is mailed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// What for, as a sentence.
    pub purpose: String,
    /// Until when to answer, in the page's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The words to read out by phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The key of this request, `age1…`.
    pub recipient: String,
    /// What is asked for.
    pub need: Vec<AskedField>,
}

/// The page that opens one share, which stands in it.
#[derive(Clone, Debug, Serialize)]
pub struct SharePage {
    /// The number of the share.
    pub number: String,
    /// Who shares, with firm and address.
    pub sender: String,
    /// Who shares, in short.
    pub name: String,
    /// Where the answers are mailed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// The words to read out by phone.
    pub fingerprint: String,
    /// The key that has to have signed it, in OpenSSH form.
    pub signer: String,
}

impl AskPage {
    /// The page.
    ///
    /// # Errors
    /// None that are known; those of the encoder.
    pub fn html(&self, lang: Lang) -> Result<String> {
        Template::ASK.fill(lang, self, "")
    }
}

impl SharePage {
    /// The page with `file` in it: an age file in armour, which `sed` takes out again as it is.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when the file is not in armour.
    pub fn html(&self, lang: Lang, file: &str) -> Result<String> {
        let is_armour = |c: char| c.is_ascii_alphanumeric() || "+/=- \n".contains(c);
        if !file.starts_with("-----BEGIN AGE")
            || !file.ends_with("-----\n")
            || !file.chars().all(is_armour)
        {
            return Err(Error::failed("the file in a page has to be in armour"));
        }
        Template::OPEN.fill(lang, self, file)
    }
}

/// The page that opens any file with a passphrase. It is the same for everybody.
///
/// # Errors
/// None that are known; those of the encoder.
pub fn opener(lang: Lang) -> Result<String> {
    #[derive(Serialize)]
    struct NoValues {}
    Template::OPEN.fill(lang, &NoValues {}, "")
}

#[cfg(test)]
mod tests;
