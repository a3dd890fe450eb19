//! Findings as GitHub's workflow commands: an annotation each.
//!
//! GitHub shows ten of a kind in a step and drops the rest without a word, so the worst come first
//! and no more than those are written.

use std::fmt::Write;

/// Annotations of one kind that a step shows.
pub const SHOWN: usize = 10;

/// Kinds of annotations, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnnotationKind {
    /// `error`.
    Error,
    /// `warning`.
    Warning,
    /// `notice`.
    Notice,
}

impl AnnotationKind {
    fn command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// One annotation.
#[derive(Clone, Debug)]
pub struct Annotation {
    /// Its kind.
    pub kind: AnnotationKind,
    /// The rule.
    pub title: String,
    /// What was found.
    pub message: String,
}

/// The lines of all annotations that are shown, the gravest kind first; how many are left out.
#[must_use]
pub fn lines(annotations: &[Annotation]) -> (String, usize) {
    let mut text = String::new();
    let mut left_out = 0;
    for kind in [
        AnnotationKind::Error,
        AnnotationKind::Warning,
        AnnotationKind::Notice,
    ] {
        let of_kind = || annotations.iter().filter(|it| it.kind == kind);
        left_out += of_kind().count().saturating_sub(SHOWN);
        for it in of_kind().take(SHOWN) {
            let (title, message) = (in_property(&it.title), in_message(&it.message));
            // A text takes whatever is written to it.
            let _ = writeln!(text, "::{} title={title}::{message}", kind.command());
        }
    }
    (text, left_out)
}

fn in_message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn in_property(text: &str) -> String {
    in_message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{Annotation, AnnotationKind, SHOWN, lines};

    fn annotation(kind: AnnotationKind, message: &str) -> Annotation {
        Annotation {
            kind,
            title: "a:b".into(),
            message: message.into(),
        }
    }

    #[test]
    fn nothing_in_a_message_is_a_command_of_its_own() {
        let evil = annotation(AnnotationKind::Warning, "x\n::error::100%\r");
        let (text, left_out) = lines(&[evil]);
        assert_eq!(text, "::warning title=a%3Ab::x%0A::error::100%25%0D\n");
        assert_eq!(left_out, 0);
    }

    #[test]
    fn the_gravest_come_first_and_what_is_not_shown_is_counted() {
        let mut all = vec![annotation(AnnotationKind::Notice, "n"); 3];
        all.extend(vec![annotation(AnnotationKind::Error, "e"); SHOWN + 2]);
        let (text, left_out) = lines(&all);
        assert!(text.starts_with("::error "), "{text}");
        assert_eq!((text.lines().count(), left_out), (SHOWN + 3, 2));
    }
}
