//! How hard a password is to guess, by zxcvbn.

pub(crate) use zxcvbn::Score;
use zxcvbn::zxcvbn;

use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// What is looked at of a long password, in characters: the estimate's cost grows with the square.
const LOOKED_AT: usize = 100;

/// How hard a password is to guess for somebody who tries `words` first.
pub(crate) fn score(password: &str, words: &[&str]) -> Score {
    let end = password.char_indices().nth(LOOKED_AT);
    let looked_at = password.get(..end.map_or(password.len(), |(at, _)| at));
    zxcvbn(looked_at.unwrap_or(password), words).score()
}

/// Refuses a master password that can be guessed in fewer than 10⁸ tries (a score below 3 of 4),
/// with advice.
///
/// # Errors
/// [`crate::error::Kind::Refused`].
pub fn check(password: &Secret) -> Result<()> {
    let looked_at = Secret::new(password.expose().chars().take(LOOKED_AT).collect());
    let estimate = zxcvbn(looked_at.expose(), &["vault"]);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let advice = estimate.feedback().map(|feedback| {
        let warning = feedback.warning().map(|w| w.to_string());
        let suggestions = feedback.suggestions().iter().map(ToString::to_string);
        warning
            .into_iter()
            .chain(suggestions)
            .collect::<Vec<_>>()
            .join(" ")
    });
    Err(
        Error::refused("that master password is too easy to guess").hint(format!(
            "{} Five or six unrelated words are good; --allow-weak of init and of passwd takes it all the same",
            advice.unwrap_or_default()
        )),
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::error::Kind;
    use crate::model::text::secret::Secret;

    #[test]
    fn guessable_passwords_are_refused_with_advice() {
        for weak in ["hunter2", "password123", "vault", "aaaaaaaaaaaaaaaaaa"] {
            let error = check(&Secret::new(weak.into())).unwrap_err();
            assert_eq!(error.kind(), Kind::Refused, "{weak}");
            assert!(!error.next_step().unwrap().contains(weak), "{weak}");
        }
    }

    #[test]
    fn unrelated_words_are_accepted() {
        for strong in ["orbit canvas mellow trumpet dusk", "x8#Kq!vT2&mZ"] {
            assert!(check(&Secret::new(strong.into())).is_ok());
        }
    }
}
