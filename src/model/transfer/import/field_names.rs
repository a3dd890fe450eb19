//! What the names of fields become. The entries of one file have the same few names, so that each
//! name is looked at once.

use std::collections::HashMap;
use std::rc::Rc;

use super::names_secret;
use crate::model::text::name::{FieldName, mend, nfc};

/// The names that are remembered; one past them is looked at each time that it stands.
const REMEMBERED: usize = 1_000;

/// What a name of a field becomes.
pub(crate) struct FittedName {
    /// The name that is allowed and comes nearest to it.
    pub(crate) name: String,
    /// Whether it has letters or digits that the other one has not.
    pub(crate) loses_letters: bool,
    /// Whether what is called so is a secret.
    pub(crate) names_secret: bool,
}

impl FittedName {
    fn of(spelt: &str) -> Self {
        let mended = mend(spelt);
        let plain =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let loses_letters = plain(&nfc(spelt)) != plain(mended.as_deref().unwrap_or_default());
        let mut name = mended.unwrap_or_else(|| "field".into());
        if name.parse::<FieldName>().is_err() {
            // A built-in field has this name.
            name.push_str(" field");
        }
        Self {
            name,
            loses_letters,
            names_secret: names_secret(spelt),
        }
    }
}

/// What the names that one file has for its fields become.
#[derive(Default)]
pub struct FieldNames(HashMap<String, Rc<FittedName>>);

impl FieldNames {
    /// What this name becomes.
    pub(super) fn fit(&mut self, spelt: &str) -> Rc<FittedName> {
        if let Some(fitted) = self.0.get(spelt) {
            return Rc::clone(fitted);
        }
        let fitted = Rc::new(FittedName::of(spelt));
        if self.0.len() < REMEMBERED {
            self.0.insert(spelt.to_owned(), Rc::clone(&fitted));
        }
        fitted
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldNames, REMEMBERED};

    #[test]
    fn names_become_the_same_whether_they_are_remembered_or_not() {
        let mut names = FieldNames::default();
        let mut look = || {
            ["Größe (cm)", "card PIN", "notes", "'", "a\u{300}b"].map(|spelt| {
                let fitted = names.fit(spelt);
                (
                    fitted.name.clone(),
                    fitted.loses_letters,
                    fitted.names_secret,
                )
            })
        };
        let first = look();
        let shown = first.each_ref().map(|(name, ..)| name.as_str());
        assert_eq!(
            shown,
            ["Größe cm", "card PIN", "notes field", "field", "àb"]
        );
        assert!(first[1].2 && !first[0].2);
        assert_eq!(look(), first);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut names = FieldNames::default();
        for nth in 0..2 * REMEMBERED {
            assert_eq!(names.fit(&format!("f{nth}")).name, format!("f{nth}"));
        }
        assert_eq!(names.0.len(), REMEMBERED);
    }
}
