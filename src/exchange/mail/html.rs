//! A page for browsers as plain text, as far as a person needs it to see what was answered. What
//! the page quotes gets the mark that quotes have in plain text.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Elements that begin a line.
const LINES: [&str; 12] = [
    "blockquote",
    "br",
    "div",
    "h1",
    "h2",
    "h3",
    "hr",
    "li",
    "p",
    "table",
    "td",
    "tr",
];
/// Elements of which nothing is shown.
const SILENT: [&str; 4] = ["head", "script", "style", "title"];
/// Names of characters, besides those of XML.
const CHARACTERS: [(&str, &str); 13] = [
    ("amp", "&"),
    ("apos", "'"),
    ("gt", ">"),
    ("lt", "<"),
    ("nbsp", " "),
    ("quot", "\""),
    ("Auml", "Ä"),
    ("Ouml", "Ö"),
    ("Uuml", "Ü"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("szlig", "ß"),
    ("uuml", "ü"),
];

/// A text that is written from the top.
#[derive(Default)]
struct PageText {
    text: String,
    quotes: usize,
    silent: usize,
}

/// The text of a page, up to where it cannot be read any more.
pub(super) fn as_text(page: &str) -> String {
    // What only some browsers look at is an element of no name that is known.
    let page = page.replace("<![", "<x-");
    let mut reader = Reader::from_str(&page);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut lines = PageText::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => lines.start(tag.name().0),
            Ok(Event::Empty(tag)) => lines.break_at(tag.name().0),
            Ok(Event::End(tag)) => lines.end(tag.name().0),
            Ok(Event::Text(text)) => lines.words(&text.html_content()),
            Ok(Event::GeneralRef(name)) => {
                let named = name.html_content();
                let known = CHARACTERS.iter().find(|(known, _)| *known == named);
                match (name.resolve_char_ref(), known) {
                    (Ok(Some(character)), _) => lines.words(&character.to_string()),
                    (_, Some((_, character))) => lines.words(character),
                    _ => lines.words(&format!("&{named};")),
                }
            }
            Ok(Event::Eof) | Err(_) => return lines.text,
            Ok(_) => {}
        }
    }
}

impl PageText {
    fn start(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        if name == "blockquote" {
            self.quotes += 1;
        }
        if SILENT.contains(&name.as_str()) {
            self.silent += 1;
        }
        self.break_at(&name);
    }

    fn end(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        if SILENT.contains(&name.as_str()) {
            self.silent = self.silent.saturating_sub(1);
        }
        if name == "blockquote" {
            self.quotes = self.quotes.saturating_sub(1);
        }
        if name != "br" {
            self.break_at(&name);
        }
    }

    fn break_at(&mut self, name: &str) {
        if LINES.contains(&name.to_ascii_lowercase().as_str()) {
            self.text.push('\n');
        }
    }

    /// Words, with the blanks between them as one.
    fn words(&mut self, text: &str) {
        if self.silent > 0 {
            return;
        }
        for piece in text.split_inclusive(char::is_whitespace) {
            let word = piece.trim();
            if self.text.is_empty() || self.text.ends_with('\n') {
                if word.is_empty() {
                    continue;
                }
                if self.quotes > 0 {
                    self.text.push_str("> ");
                }
            }
            self.text.push_str(word);
            if piece.ends_with(char::is_whitespace) && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::as_text;

    fn lines(page: &str) -> Vec<String> {
        let text = as_text(page);
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn a_page_is_what_is_seen_of_it_with_quotes_marked() {
        let page = "<!DOCTYPE html><html><head><title>x</title><style>p{}</style></head><body>\
            <P>YES&nbsp;2F95-B33D<br>Anna&#32;B&auml;cker &amp; S&ouml;hne &euro;</P>\
            <![if !mso]><div>On 1 May Kim wrote:</div>\
            <blockquote type=cite><div>YES 2F95-B33D or NO 2F95-B33D<p>more</div></blockquote>\
            <p>bye";
        let seen = [
            "YES 2F95-B33D",
            "Anna Bäcker & Söhne &euro;",
            "On 1 May Kim wrote:",
            "> YES 2F95-B33D or NO 2F95-B33D",
            "> more",
            "bye",
        ];
        assert_eq!(lines(page), seen);
    }

    #[test]
    fn a_page_that_cannot_be_read_is_read_up_to_there() {
        for page in ["", "<", "<p", "a & b <", "</p></p>", "<script>if (a<b) {"] {
            as_text(page);
        }
        assert_eq!(lines("fine <p"), ["fine"]);
    }
}
