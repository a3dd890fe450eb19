//! Papers for people: plain text in lines that survive a mail and being quoted in its answer.

pub(crate) mod dates;
pub(crate) mod field_words;

use crate::model::people::fields::MeValues;
use crate::model::text::visible::one_line;

/// Where lines are broken, in characters.
pub const WIDTH: usize = 64;
/// Where values stand, behind their labels.
const INDENT: usize = 14;
/// A blank at which no line is broken. Texts of people never have it: there it is a plain one.
pub const GLUE: char = '\u{a0}';

/// A text that is written from the top.
#[derive(Default)]
pub struct PaperPage {
    text: String,
}

impl PaperPage {
    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// A line as it is.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// A text to the last blank, as it is, and the end of a line.
    pub fn exact(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A text in lines; each of its own lines begins a new one.
    pub fn paragraph(&mut self, text: &str) {
        self.lines(text, 0);
    }

    /// A label, and what it is; further lines stand below the first. What a line begins with up to
    /// `1. ` or blanks is what its further lines are indented by.
    pub fn field(&mut self, label: &str, value: &str) {
        let at = self.text.len();
        self.lines(value, INDENT);
        let line = self.text.split_off(at);
        let text = line.get(INDENT..).unwrap_or("\n");
        self.text.push_str(label);
        let blanks = INDENT.saturating_sub(label.chars().count());
        self.text.extend(std::iter::repeat_n(' ', blanks));
        self.text.push_str(text);
    }

    fn lines(&mut self, text: &str, indent: usize) {
        for line in text.lines() {
            let (lead, rest) = line.split_at(hanging(line));
            let wide = indent + lead.chars().count();
            let broken = wrapped(rest, WIDTH.saturating_sub(wide).max(1));
            let mut lead = format!("{:indent$}{lead}", "");
            for piece in broken {
                self.line(&format!("{lead}{piece}"));
                lead = " ".repeat(wide);
            }
        }
    }
}

/// How much of a line its further lines are indented by: blanks, and a number or a dash.
fn hanging(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    let blanks = line.len() - text.len();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let mark = match text.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with(". ") => digits + 2,
        _ if text.starts_with("- ") => 2,
        _ => 0,
    };
    blanks + mark
}

/// The words of a text in lines of `width` characters. A longer word is broken: left whole, it would
/// be broken where it is read, and a piece of it could pass for a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let words = text.split(' ').filter(|word| !word.is_empty());
    for word in words.flat_map(|word| pieces(word, width)) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// A word in pieces of `width` characters.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = word
        .chars()
        .map(|c| if c == GLUE { ' ' } else { c })
        .collect();
    letters
        .chunks(width)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// A template with `{name}` filled in. The values are put in as they are, whatever they hold.
pub fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// Who sends a paper: the name, and in brackets how to reach them. Nothing where no name is noted.
pub fn sender(me: &MeValues) -> String {
    let about = [&me.firm, &me.address, &me.country, &me.email, &me.phone];
    let about: Vec<String> = about.into_iter().flatten().map(|it| address(it)).collect();
    let name = one_line(me.name.as_deref().unwrap_or_default());
    if about.is_empty() || name.is_empty() {
        return name;
    }
    format!("{name} ({})", about.join(", "))
}

/// What is written in lines, as addresses are, in one.
pub fn address(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    one_line(&lines.collect::<Vec<_>>().join(", "))
}

/// A text of somebody as a sentence, with its full stop.
pub fn sentence(text: &str) -> String {
    let mut line = one_line(text);
    if !line.ends_with(['.', '!', '?', '…']) {
        line.push('.');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{PaperPage, WIDTH, filled, sentence, wrapped};

    #[test]
    fn words_are_wrapped_and_none_is_lost() {
        let text = "a bb  ccc dddd";
        assert_eq!(wrapped(text, 6), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrapped(text, 2), ["a", "bb", "cc", "c", "dd", "dd"]);
        assert_eq!(wrapped("a 5\u{a0}May", 5), ["a", "5 May"]);
        assert!(wrapped("", 6).is_empty());
    }

    #[test]
    fn further_lines_of_a_value_stand_below_its_first_word() {
        let mut page = PaperPage::default();
        let words = "word ".repeat(20);
        page.field("WHAT", &format!("1. {words}\n   - {words}"));
        let text = page.into_text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("WHAT          1. word word"), "{text}");
        assert!(lines[1].starts_with("                 word"), "{text}");
        assert!(lines[3].starts_with("                 - word"), "{text}");
        assert!(lines[4].starts_with("                   word"), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn what_is_filled_in_is_no_template_itself() {
        let values = [("a", "{b}"), ("b", "no")];
        assert_eq!(filled("x {a} {b} {c}.", &values), "x {b} no .");
        assert_eq!(filled("x {a", &values), "x {b}");
    }

    #[test]
    fn a_sentence_ends_once() {
        assert_eq!(sentence("fix it"), "fix it.");
        assert_eq!(sentence("fix it!\n"), "fix it!");
        assert_eq!(sentence("a\u{202e}"), "a\\u{202e}.");
    }
}
