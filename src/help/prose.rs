//! The parts of a help text as they are written in the sources: headings, paragraphs, and lines
//! that stay as they are.

/// A line of more words that ends with a colon is a sentence.
const HEADING_WORDS: usize = 5;
/// What stands before a line that stays as it is.
const INDENT: &str = "  ";

/// A part of a help text.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A few words above what follows, without their colon.
    Heading(&'a str),
    /// Sentences, in one line.
    Paragraph(String),
    /// Lines of an example, a table or an answer, without their indent.
    Literal(Vec<&'a str>),
}

/// The parts of a text, in order; empty lines only part them.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        match (parts.last_mut().filter(|_| is_open), literal(line)) {
            (Some(Part::Literal(lines)), Some(line)) => lines.push(line),
            (_, Some(line)) => parts.push(Part::Literal(vec![line])),
            (_, None) if line.is_empty() => {}
            (Some(Part::Paragraph(before)), None) => before.extend([" ", line]),
            (_, None) => parts.push(match heading(line) {
                Some(heading) => Part::Heading(heading),
                None => Part::Paragraph(line.to_owned()),
            }),
        }
        is_open = !line.is_empty();
    }
    parts
}

fn literal(line: &str) -> Option<&str> {
    line.strip_prefix(INDENT)
}

fn heading(line: &str) -> Option<&str> {
    let heading = line.strip_suffix(':')?;
    (heading.split(' ').count() <= HEADING_WORDS).then_some(heading)
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[test]
    fn a_text_is_its_headings_paragraphs_and_lines_as_they_stand() {
        let text = "\
What it is
and does.
Examples:
  vault list
    --long

  one more
A line of more words than that:
of the same paragraph.";
        let expected = [
            Part::Paragraph("What it is and does. Examples:".into()),
            Part::Literal(vec!["vault list", "  --long"]),
            Part::Literal(vec!["one more"]),
            Part::Paragraph("A line of more words than that: of the same paragraph.".into()),
        ];
        assert_eq!(parts(text), expected);
        let expected = [Part::Heading("Exit codes"), Part::Literal(vec!["0  done"])];
        assert_eq!(parts("Exit codes:\n  0  done"), expected);
    }
}
