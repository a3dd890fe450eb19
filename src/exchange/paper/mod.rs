//! Papers for people: plain text in lines that survive a mail and being quoted in its answer.

mod countries;
pub(crate) mod dates;
pub(crate) mod field_words;
pub mod signed;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use self::countries::in_language;
use crate::model::people::fields::MeValues;
use crate::model::text::country::country_name;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;

/// Where lines are broken, in columns: wide characters take two.
pub const WIDTH: usize = 64;
/// Where values stand, behind their labels.
const INDENT: usize = 14;
/// A blank at which no line is broken. Texts of people never have it: there it is a plain one.
pub const GLUE: char = '\u{a0}';

/// Ends of words that are short for something with a number.
const NUMBERED: [&str; 5] = ["str.", "nr.", "no.", "pl.", "tel."];

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
        let blanks = INDENT.saturating_sub(label.width());
        self.text.extend(std::iter::repeat_n(' ', blanks));
        self.text.push_str(text);
    }

    fn lines(&mut self, text: &str, indent: usize) {
        for line in text.lines() {
            let (lead, rest) = line.split_at(hanging(line));
            let wide = indent + lead.width();
            let broken = wrapped(rest, WIDTH.saturating_sub(wide).max(1));
            let mut lead = format!("{:indent$}{lead}", "");
            for piece in broken {
                self.line(&format!("{lead}{piece}"));
                lead = " ".repeat(wide);
            }
        }
    }
}

/// Marks of lines that are one item each.
const MARKS: [&str; 4] = ["- ", "+ ", "! ", "? "];

/// How much of a line its further lines are indented by: blanks, and a number or a mark.
fn hanging(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    let blanks = line.len() - text.len();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let mark = match text.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with(". ") => digits + 2,
        _ if MARKS.iter().any(|mark| text.starts_with(mark)) => 2,
        _ => 0,
    };
    blanks + mark
}

/// The words of a text in lines of `width` columns. A longer word is broken: left whole, it would
/// be broken where it is read, and a piece of it could pass for a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(text).iter().flat_map(|word| pieces(word, width)) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// The words of a text. A house's number belongs to the word before, and the groups of a telephone
/// number are one word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if takes_number(last, word) || is_in_phone(last, word) => {
                last.push(GLUE);
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Whether a word is short for something that has a number, as `Hauptstr.` has, and one follows.
fn takes_number(word: &str, next: &str) -> bool {
    let word = word.to_lowercase();
    next.starts_with(|c: char| c.is_ascii_digit())
        && NUMBERED.iter().any(|short| word.ends_with(short))
}

/// Whether the groups of a telephone number go on.
fn is_in_phone(before: &str, next: &str) -> bool {
    let is_group = |text: &str| {
        let digits = text.trim_matches(['(', ')', '/', '-']);
        !digits.is_empty()
            && digits
                .bytes()
                .all(|c| c.is_ascii_digit() || b"-/()".contains(&c))
    };
    let mut groups = before.split(GLUE);
    let first = groups.next().unwrap_or_default().trim_start_matches('(');
    let begins = first
        .strip_prefix(['+', '0'])
        .is_some_and(|rest| is_group(rest.trim_end_matches(')')));
    let next = next.trim_end_matches(['.', ',', ';', ')']);
    begins && groups.all(is_group) && is_group(next)
}

/// A word in pieces of `width` columns.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut left = width;
    for c in word.chars() {
        let c = if c == GLUE { ' ' } else { c };
        let wide = c.width().unwrap_or_default();
        if wide > left {
            pieces.push(String::new());
            left = width;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
        left = left.saturating_sub(wide);
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
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
pub fn sender(lang: Lang, me: &MeValues) -> String {
    let country = me.country.as_deref().map(country_name);
    let [firm, at, email, phone] =
        [&me.firm, &me.address, &me.email, &me.phone].map(Option::as_deref);
    let about = [firm, at, country, email, phone].into_iter().flatten();
    let about: Vec<String> = about.map(|it| address(lang, it)).collect();
    let name = one_line(me.name.as_deref().unwrap_or_default());
    if about.is_empty() || name.is_empty() {
        return name;
    }
    format!("{name} ({})", about.join(", "))
}

/// What is written in lines, as addresses are, in one; a country as the language calls it.
pub fn address(lang: Lang, text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.map(|line| in_language(lang, line.to_owned()));
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
    use super::{PaperPage, WIDTH, filled, sender, sentence, wrapped};
    use crate::model::people::fields::MeValues;
    use crate::model::text::lang::Lang;

    #[test]
    fn words_are_wrapped_and_none_is_lost() {
        let text = "a bb  ccc dddd";
        assert_eq!(wrapped(text, 6), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrapped(text, 2), ["a", "bb", "cc", "c", "dd", "dd"]);
        assert_eq!(wrapped("a 5\u{a0}May", 5), ["a", "5 May"]);
        assert!(wrapped("", 6).is_empty());
    }

    #[test]
    fn a_house_and_a_telephone_are_not_parted_from_their_numbers() {
        let at = |text: &str| wrapped(text, 14);
        assert_eq!(
            at("in der Hauptstr. 4, hier"),
            ["in der", "Hauptstr. 4,", "hier"]
        );
        assert_eq!(at("that is a No. 4 there"), ["that is a", "No. 4 there"]);
        assert_eq!(
            at("call +49 30 555 01, now"),
            ["call", "+49 30 555 01,", "now"]
        );
        assert_eq!(at("call me (030) 555-01"), ["call me", "(030) 555-01"]);
        assert_eq!(at("in 10969 2 houses of"), ["in 10969 2", "houses of"]);
        let long = format!("+{}", "1 ".repeat(40));
        assert!(at(&long).iter().all(|line| line.len() <= 14));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(wrapped("日本語 日本語", 12), ["日本語", "日本語"]);
        assert_eq!(wrapped("日本語", 4), ["日本", "語"]);
        assert_eq!(wrapped("a 🙂 b", 4), ["a 🙂", "b"]);
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
    fn a_country_typed_as_two_letters_is_called_by_its_name() {
        let mut me = MeValues {
            name: Some("Kim".into()),
            firm: Some("IT".into()),
            country: Some("de".into()),
            ..MeValues::default()
        };
        assert_eq!(sender(Lang::De, &me), "Kim (IT, Deutschland)");
        assert_eq!(sender(Lang::En, &me), "Kim (IT, Germany)");
        me.country = Some("Peru".into());
        assert_eq!(sender(Lang::De, &me), "Kim (IT, Peru)");
    }

    #[test]
    fn a_sentence_ends_once() {
        assert_eq!(sentence("fix it"), "fix it.");
        assert_eq!(sentence("fix it!\n"), "fix it!");
        assert_eq!(sentence("a\u{202e}"), "a\\u{202e}.");
    }
}
