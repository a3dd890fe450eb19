//! Clauses that the practices ask for in agreements, to be put into one's own text. Each says its
//! version.

use crate::model::text::lang::Lang;
use crate::model::text::words::words;

words! {
    /// Whom an agreement is with.
    pub enum ClauseKind {
        /// A subcontractor who is given access.
        Sub = "sub",
        /// A client.
        Client = "client",
    }
}

/// The clauses for an agreement.
#[must_use]
pub fn clauses(kind: ClauseKind, lang: Lang) -> &'static str {
    match (kind, lang) {
        (ClauseKind::Sub, Lang::En) => include_str!("clauses/sub.en.txt"),
        (ClauseKind::Sub, Lang::De) => include_str!("clauses/sub.de.txt"),
        (ClauseKind::Client, Lang::En) => include_str!("clauses/client.en.txt"),
        (ClauseKind::Client, Lang::De) => include_str!("clauses/client.de.txt"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ClauseKind, clauses};
    use crate::exchange::paper::WIDTH;
    use crate::model::text::lang::Lang;

    #[test]
    fn each_text_says_its_version_fits_a_mail_and_has_the_same_clauses_in_each_language() {
        for kind in [ClauseKind::Sub, ClauseKind::Client] {
            let numbered = |lang: Lang| {
                let text = clauses(kind, lang);
                let second = text.lines().nth(1).unwrap();
                assert!(matches!(second, "version 1" | "Fassung 1"), "{second}");
                let wide = text
                    .lines()
                    .skip(1)
                    .find(|it| it.chars().count() > WIDTH + 4);
                assert_eq!(wide, None);
                let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
                text.lines().filter(starts).count()
            };
            assert_eq!(numbered(Lang::En), numbered(Lang::De));
        }
    }
}
