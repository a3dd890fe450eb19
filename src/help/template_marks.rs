//! What stands in `{{ … }}` is code: it is not broken where a text is.

use crate::ui::NO_BREAK;

const OPENS: &str = "{{";
const CLOSES: &str = "}}";

/// A text in which each `{{ … }}` is one word, tied by [`NO_BREAK`]; the last opening before an end is
/// the one that belongs to it.
pub(super) fn with_marks_tied(text: &str) -> String {
    let mut tied = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((inside, after)) = rest.split_once(CLOSES) {
        // An opening in quotes is a text of the code.
        let opens = inside.rfind("{{ ").or_else(|| inside.rfind(OPENS));
        let (before, code) = inside.split_at(opens.unwrap_or(inside.len()));
        tied.push_str(before);
        tied.extend(code.chars().map(|c| if c == ' ' { NO_BREAK } else { c }));
        tied.push_str(CLOSES);
        rest = after;
    }
    tied + rest
}

#[cfg(test)]
mod tests {
    use super::with_marks_tied;

    #[test]
    fn what_is_in_braces_is_one_word() {
        for (text, expected) in [
            ("no braces", "no braces"),
            ("a {{ b | c }} d {{ e }}", "a {{~b~|~c~}} d {{~e~}}"),
            ("write {{ as {{ \"{{\" }} x", "write {{ as {{~\"{{\"~}} x"),
            (
                "an end }} alone, a start {{ alone",
                "an end }} alone, a start {{ alone",
            ),
        ] {
            assert_eq!(with_marks_tied(text).replace('\u{a0}', "~"), expected);
        }
    }
}
