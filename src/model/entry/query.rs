//! Searching entries by what is no secret.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::fields::{EntryValues, Use};
use crate::model::records::entry::Entry;

/// A text to look for, whatever the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    /// Whether the path, the username, a URL, the notes or a tag holds the text.
    pub fn matches(&self, path: &str, entry: &Entry) -> bool {
        let values = EntryValues::of(entry);
        let mut texts = (values.set_fields().filter(|field| field.serves(Use::Find)))
            .flat_map(|field| values.texts(field));
        self.is_in(path) || texts.any(|text| self.is_in(&text))
    }

    fn is_in(&self, text: &str) -> bool {
        fold(text).contains(&self.0)
    }
}

impl FromStr for Query {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let folded = fold(text.trim());
        if folded.is_empty() {
            return Err("there is nothing to look for; vault list shows everything".into());
        }
        Ok(Self(folded))
    }
}

/// Letter by letter, since the lower case of a whole word may depend on where it ends.
fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::{Query, fold};

    #[test]
    fn case_and_composition_make_no_difference() {
        assert_eq!(fold("CAFE\u{301}"), fold("caf\u{e9}"));
        assert_eq!(fold("ΟΔΟΣ"), fold("οδοσ"));
        assert_eq!(" Acme ".parse(), Ok(Query("acme".into())));
        assert!("  ".parse::<Query>().is_err());
    }
}
