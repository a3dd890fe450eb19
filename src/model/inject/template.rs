//! Text with `{{ vault://… }}` in it. Whatever else stands in braces is left alone, so that the
//! templates of other programs pass through; `{{ "{{" }}` gives a `{{`, as with other vaults'
//! tools.

use memchr::memmem;

use super::reference::Reference;
use crate::error::{Error, Result};
use crate::model::text::quote::Quote;

const OPEN: &[u8] = b"{{";
const CLOSE: &[u8] = b"}}";
/// What stands in braces for the braces themselves.
const ESCAPED: &[u8] = b"\"{{\"";
/// What is meant to be a reference, though it may not be one.
const MEANT: &[u8] = b"vault:";

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Text(&'a [u8]),
    /// To be replaced, quoted as the template says, if it does.
    Value(Reference, Option<Quote>),
}

/// Takes a template apart. It is bytes: only what is in braces has to be UTF-8.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with the number of the line, for what is meant to be a reference
/// and is none.
pub fn parse(text: &[u8]) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = memmem::find(rest, OPEN) {
        let (before, opened) = rest.split_at(at);
        let in_line = |what: String| {
            let line = 1 + count_lines(text) - count_lines(opened);
            Error::usage(format!("line {line}: {what}"))
        };
        if let Some((piece, next)) = braces(opened).map_err(in_line)? {
            pieces.extend([Piece::Text(before), piece]);
            rest = next;
        } else {
            // Only the first of them: of three braces, the last two may be meant.
            let (left_alone, next) = rest.split_at(at + 1);
            pieces.push(Piece::Text(left_alone));
            rest = next;
        }
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| !matches!(piece, Piece::Text([])));
    Ok(pieces)
}

/// What an opening stands for up to its close, and what follows; nothing if it is not meant for
/// this program.
fn braces(opened: &[u8]) -> Result<Option<(Piece<'_>, &[u8])>, String> {
    let inside = opened.strip_prefix(OPEN).unwrap_or(opened);
    let inside = inside.trim_ascii_start();
    if let Some(after) = inside.strip_prefix(ESCAPED) {
        let next = after.trim_ascii_start().strip_prefix(CLOSE);
        return Ok(next.map(|next| (Piece::Text(OPEN), next)));
    }
    if !inside.starts_with(MEANT) {
        // As other programs' templates have it; left alone, it would be taken for the secret.
        let adorned = inside.iter().position(|byte| !b"-\"'` ".contains(byte));
        let bare = inside
            .get(adorned.unwrap_or_default()..)
            .unwrap_or_default();
        if bare.starts_with(MEANT) {
            return Err("a reference stands alone in {{ }}, without quotes or dashes".to_owned());
        }
        return Ok(None);
    }
    let close = memmem::find(inside, CLOSE).ok_or("a {{ is not closed")?;
    let (content, next) = inside.split_at(close);
    let content = std::str::from_utf8(content).map_err(|_| "a reference is not UTF-8")?;
    let next = next.strip_prefix(CLOSE).unwrap_or(next);
    Ok(Some((value(content.trim())?, next)))
}

fn value<'a>(content: &str) -> Result<Piece<'a>, String> {
    let (reference, quote) = match content.split_once('|') {
        Some((reference, quote)) => (reference.trim_end(), Some(quote.trim().parse()?)),
        None => (content, None),
    };
    Ok(Piece::Value(reference.parse()?, quote))
}

fn count_lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Piece, parse};
    use crate::model::text::quote::Quote;

    /// The template with each reference as `<REFERENCE QUOTE>`.
    fn marked(text: &str) -> String {
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            Piece::Value(reference, None) => format!("<{reference}>"),
            Piece::Value(reference, Some(quote)) => format!("<{reference} {quote:?}>"),
        };
        parse(text.as_bytes()).unwrap().iter().map(piece).collect()
    }

    #[test]
    fn references_in_braces_are_found() {
        assert_eq!(
            marked("a {{ vault://acme/wp#username }} b"),
            "a <vault://acme/wp#username> b"
        );
        assert_eq!(
            marked("{{vault://a/b}}{{\n vault://a/c\t}}"),
            "<vault://a/b><vault://a/c>"
        );
        assert_eq!(marked("{{ vault://a/b|json }}"), "<vault://a/b Json>");
        assert_eq!(
            marked("{{{ vault://a/b | shell }}}"),
            "{<vault://a/b Shell>}"
        );
    }

    #[test]
    fn everything_else_in_braces_is_left_alone() {
        for text in [
            "",
            "{{",
            "}}",
            "{{ .Values.x }} {{ op://a/b/c }} {% x %} {{{y}}}",
            "vault://acme/wp and { vault://acme/wp }",
            "{{ x",
            "{{ \"a\" }}",
        ] {
            assert_eq!(marked(text), text);
        }
        assert_eq!(marked("{{ x {{ vault://a/b }} }}"), "{{ x <vault://a/b> }}");
    }

    #[test]
    fn braces_can_be_escaped() {
        assert_eq!(marked("{{ \"{{\" }} vault://a/b }}"), "{{ vault://a/b }}");
        assert_eq!(marked("{{\"{{\"}}"), "{{");
    }

    #[test]
    fn what_is_meant_to_be_a_reference_has_to_be_one() {
        for (text, line) in [
            ("{{ vault://acme }}", 1),
            ("\n\n{{ vault:acme/wp }}", 3),
            ("a\n{{ vault://a/b | yaml }}", 2),
            ("a\n{{ vault://a/b |}}\n", 2),
            ("a\n{{ vault://a/b\n", 2),
            ("{{ vault://a/b | json | shell }}", 1),
            ("{{- vault://a/b -}}", 1),
            ("\n{{ 'vault://a/b' }}", 2),
            ("{{\"vault://a/b\"}}", 1),
        ] {
            let why = parse(text.as_bytes()).unwrap_err();
            assert!(
                why.message().starts_with(&format!("line {line}: ")),
                "{text:?}: {why}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_pass_through() {
        let bytes = b"\xff{{ \xff }}{{ vault://a/b }}\0";
        let pieces = parse(bytes).unwrap();
        let value = Piece::Value("vault://a/b".parse().unwrap(), None::<Quote>);
        assert_eq!(pieces.iter().filter(|piece| **piece == value).count(), 1);
        let kept: Vec<u8> = pieces
            .iter()
            .flat_map(|piece| match piece {
                Piece::Text(text) => text.to_vec(),
                Piece::Value(..) => vec![],
            })
            .collect();
        assert_eq!(kept, b"\xff{{ \xff }}\0");
    }

    proptest! {
        #[test]
        fn without_references_nothing_changes(text in "[{} \"a\nv:/é]{0,40}") {
            prop_assume!(!text.contains("\"{{\""));
            prop_assert_eq!(marked(&text), text);
        }
    }
}
