//! What the lines of an answer say: a verb and a number. Only an answer that cannot be read in any
//! other way is clear; a person decides the rest.

use std::fmt;

use super::polite::{is_polite, words};
use crate::model::records::record_id::RecordId;
use crate::model::text::quote::clipped;
use crate::model::text::visible::one_line;

/// Hexadecimal digits of a number on a paper.
const DIGITS: usize = 8;
/// A longer line is no answer, in bytes.
const LINE_BYTES: usize = 512;
/// Different numbers of a mail that are looked at.
const NUMBERS: usize = 64;
/// What may stand in the line of an answer beside letters, digits and blanks, and what before it:
/// all else may mean that it is none, as in `[ ] YES`, `~~YES~~` or `| YES`.
const PLAIN: &str = ".,:;!*_()#&'\u{2019}-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}";
const BEFORE: &str = "*_";
/// Characters of a line that are repeated to a person.
const TOLD: usize = 100;
/// What mail programs and keyboards make of a hyphen.
const HYPHENS: [char; 6] = [
    '-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2212}',
];
/// What only stands for one where an answer has its number: elsewhere it is a dash between words.
const DASH: char = '\u{2014}';

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<V> {
    /// The verb; where it is doubtful, the one that a person would look for first.
    pub verb: Option<V>,
    /// The numbers that stand in lines of the sender's own.
    pub numbers: Vec<RecordId>,
    /// Why a person has to look at it, if one has to.
    pub doubt: Option<Doubt>,
    /// The first line of what is more than an answer and a name.
    pub more: Option<String>,
}

impl<V> Said<V> {
    /// Why a person has to look at it, in words.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        Some(match (self.doubt?, &self.more) {
            (Doubt::More, Some(more)) => {
                let more = one_line(more);
                format!("{}: \"{}\"", Doubt::More, clipped(&more, TOLD))
            }
            (doubt, _) => doubt.to_string(),
        })
    }
}

/// Why what a mail says is not clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A program sent it.
    Automatic,
    /// Its end is missing.
    Cut,
    /// It has no plain text.
    Page,
    /// It has characters that cannot be seen.
    Hidden,
    /// No line is a verb and a number.
    NoAnswer,
    /// There are several answers.
    Several,
    /// More stands in it than the answer and a name.
    More,
    /// Its plain text and its page do not say the same.
    Parts,
    /// The server that received it reports that the sender may be forged.
    Reported,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Automatic => "a program sent it, as out-of-office replies are",
            Self::Cut => "its end is missing",
            Self::Page => "it has no plain text, only a page for browsers",
            Self::Hidden => "there are characters in it that cannot be seen",
            Self::NoAnswer => "no line that is not quoted is the answer and the number",
            Self::Several => "it answers in more than one way",
            Self::More => "there is more in it than the answer and a name",
            Self::Parts => "its plain text and its page for browsers do not say the same",
            Self::Reported => "the server that received it reports that the sender may be forged",
        })
    }
}

/// A line that has a verb or a number.
enum AnswerLine<V> {
    /// It is a verb and a number, and nothing else but a name.
    Answer(V, RecordId),
    /// It begins with both, and has other words.
    More(Vec<V>, RecordId),
    /// It has both, or one of them, somewhere.
    Like(Vec<V>),
    /// It has neither.
    Other,
}

/// What lines say, see [`super::Mail::said`].
pub(super) fn said<V: Copy + PartialEq>(
    lines: &[String],
    verbs: &[(&str, V)],
    names: &[&str],
) -> Said<V> {
    let known: Vec<String> = names.iter().flat_map(|name| words(name)).collect();
    let read: Vec<AnswerLine<V>> = lines.iter().map(|line| read(line, verbs, &known)).collect();
    let mut all = read.iter().flat_map(|line| match line {
        AnswerLine::Answer(verb, _) => vec![*verb],
        AnswerLine::More(verbs, _) | AnswerLine::Like(verbs) => verbs.clone(),
        AnswerLine::Other => vec![],
    });
    let first = all.next();
    let verb = first.filter(|first| all.all(|verb| verb == *first));
    let mut answers = read.iter().filter_map(|line| match line {
        AnswerLine::Answer(verb, number) => Some((*verb, number)),
        _ => None,
    });
    let answer = answers.next();
    let several = answers.any(|other| Some(other) != answer);
    let more = lines.iter().zip(&read).find(|(line, read)| match read {
        AnswerLine::Answer(..) => false,
        AnswerLine::More(..) | AnswerLine::Like(_) => true,
        AnswerLine::Other => !is_polite(line, &known),
    });
    let is_begun = read.iter().any(|line| matches!(line, AnswerLine::More(..)));
    let doubt = match answer {
        None if first.is_some() && verb.is_none() => Some(Doubt::Several),
        None if is_begun => Some(Doubt::More),
        None => Some(Doubt::NoAnswer),
        Some(_) if several => Some(Doubt::Several),
        Some(_) if more.is_some() => Some(Doubt::More),
        Some(_) => None,
    };
    let mut found: Vec<RecordId> = Vec::new();
    let answered = read.iter().filter_map(|line| match line {
        AnswerLine::Answer(_, number) | AnswerLine::More(_, number) => Some(number.clone()),
        _ => None,
    });
    for number in answered.chain(lines.iter().flat_map(|line| numbers(line))) {
        if found.len() < NUMBERS && !found.contains(&number) {
            found.push(number);
        }
    }
    Said {
        verb,
        numbers: found,
        doubt,
        more: more.map(|(line, _)| line.clone()),
    }
}

fn read<V: Copy>(line: &str, verbs: &[(&str, V)], known: &[String]) -> AnswerLine<V> {
    if line.len() > LINE_BYTES {
        return AnswerLine::Other;
    }
    let words = words(line);
    let verb = |word: &String| {
        let found = verbs.iter().find(|(verb, _)| verb.to_lowercase() == *word);
        found.map(|(_, verb)| *verb)
    };
    let found: Vec<V> = words.iter().filter_map(verb).collect();
    if let Some((first, rest)) = words.split_first()
        && let (Some(verb), Some((number, behind))) = (verb(first), number_first(rest))
    {
        let is_all = behind.iter().all(|word| known.contains(word)) && is_plain(line);
        return if is_all {
            AnswerLine::Answer(verb, number)
        } else {
            AnswerLine::More(found, number)
        };
    }
    if found.is_empty() && numbers(line).is_empty() {
        AnswerLine::Other
    } else {
        AnswerLine::Like(found)
    }
}

/// Whether nothing in the line of an answer may take it back.
fn is_plain(line: &str) -> bool {
    let mut all = line.chars();
    let before = line
        .trim_start()
        .chars()
        .take_while(|c| !c.is_alphanumeric());
    all.all(|c| c.is_alphanumeric() || c.is_whitespace() || PLAIN.contains(c)) && { before }
        .all(|c| BEFORE.contains(c))
}

/// The numbers in a text.
pub(super) fn numbers(text: &str) -> Vec<RecordId> {
    let end = text.floor_char_boundary(LINE_BYTES);
    let text = text.get(..end).unwrap_or_default();
    let words = text.split(|c: char| !c.is_alphanumeric() && !HYPHENS.contains(&c));
    words.filter_map(number_of).collect()
}

/// The number that words begin with, in one piece or in two halves, and what comes behind it.
fn number_first(words: &[String]) -> Option<(RecordId, &[String])> {
    let (first, behind) = words.split_first()?;
    if let Some(number) = number_of(first) {
        return Some((number, behind));
    }
    let (second, behind) = behind.split_first()?;
    let halves = [first, second];
    let is_half = |half: &&String| half.len() == DIGITS / 2;
    let number = || number_of(format!("{first}{second}"));
    let number = halves.iter().all(is_half).then(number)??;
    Some((number, behind))
}

/// A word as a number: eight digits, or an id as a whole.
fn number_of(word: impl AsRef<str>) -> Option<RecordId> {
    let digits: String = word
        .as_ref()
        .chars()
        .filter(|c| !HYPHENS.contains(c) && *c != DASH)
        .collect();
    let number = || digits.parse().ok();
    matches!(digits.len(), DIGITS | RecordId::DIGITS).then(number)?
}

#[cfg(test)]
mod tests {
    use super::{Doubt, Said, numbers, said};

    const VERBS: [(&str, bool); 4] = [("YES", true), ("JA", true), ("NO", false), ("NEIN", false)];

    fn of(text: &str) -> Said<bool> {
        let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        said(&lines, &VERBS, &["Anna Baker", "Kim Example"])
    }

    #[test]
    fn an_answer_is_a_verb_and_a_number_and_a_name() {
        for (text, verb) in [
            ("YES 2F95-B33D", true),
            ("yes, 2f95b33d!\nAnna", true),
            (
                "Guten Tag Kim,\nJA 2F95\u{2011}B33D.\nMit freundlichen Grüßen\nAnna Baker",
                true,
            ),
            ("*NO 2F95-B33D*", false),
            (
                "Nein: 2F95-B33D – Anna Baker\nVon meinem iPhone gesendet",
                false,
            ),
            ("JA 2f95b33d-4aa8-45bb-a3ec-a32580342a2a", true),
            ("YES 2F95 B33D\nKind regards\nAnna", true),
            ("YES 2F95 - B33D Anna\nBest,\nAnna Baker", true),
            ("JA 2F95\u{2014}B33D\nViele Grüße", true),
            ("JA 2F95 \u{2013} B33D\nHerzlichen Dank", true),
            (
                "YES 2F95\u{2011}B33D\nWith kind regards,\nAll the best",
                true,
            ),
        ] {
            let said = of(text);
            assert_eq!((said.verb, said.doubt), (Some(verb), None), "{text}");
            assert_eq!(said.numbers.len(), 1, "{text}");
        }
    }

    #[test]
    fn whatever_else_is_said_is_for_a_person_to_judge() {
        for (text, verb, doubt) in [
            (
                "YES 2F95-B33D       or       NO 2F95-B33D",
                None,
                Doubt::Several,
            ),
            (
                "YES 2F95-B33D, but only until Friday",
                Some(true),
                Doubt::More,
            ),
            (
                "YES 2F95-B33D\nbut only until Friday",
                Some(true),
                Doubt::More,
            ),
            ("YES 2F95-B33D\nNur Freitag", Some(true), Doubt::More),
            ("YES 2F95-B33D\nam Morgen", Some(true), Doubt::More),
            ("YES 2F95-B33D?", Some(true), Doubt::More),
            ("YES 2F95-B33D\nNO 2F95-B33D", None, Doubt::Several),
            ("YES 2F95-B33D\nYES 1111-2222", Some(true), Doubt::Several),
            ("Yes", Some(true), Doubt::NoAnswer),
            ("NOT YES 2F95-B33D", Some(true), Doubt::NoAnswer),
            ("I am out of the office", None, Doubt::NoAnswer),
            ("2F95-B33D is fine", None, Doubt::NoAnswer),
            ("YES 2F95 B33D until 2026 1231", Some(true), Doubt::More),
            ("YES 2F9 5B33D", Some(true), Doubt::NoAnswer),
            ("YES 2F95 B33D\nYES 1111 2222", Some(true), Doubt::Several),
            ("YES 2F95-B33D\nkind of", Some(true), Doubt::More),
            ("Ja gerne 2F95-B33D", Some(true), Doubt::NoAnswer),
            ("Y\u{415}S 2F95-B33D", None, Doubt::NoAnswer),
            ("[ ] YES 2F95-B33D", Some(true), Doubt::More),
            ("~~YES 2F95-B33D~~", Some(true), Doubt::More),
            ("YES 2F95-B33D\u{338}", Some(true), Doubt::More),
            ("| YES 2F95-B33D", Some(true), Doubt::More),
            ("!YES 2F95-B33D", Some(true), Doubt::More),
            ("\"YES 2F95-B33D\"", Some(true), Doubt::More),
            ("YES != 2F95-B33D", Some(true), Doubt::More),
            ("", None, Doubt::NoAnswer),
        ] {
            let said = of(text);
            assert_eq!((said.verb, said.doubt), (verb, Some(doubt)), "{text}");
        }
        let long = format!("YES 2F95-B33D{}", " Anna".repeat(200));
        assert_eq!(of(&long).doubt, Some(Doubt::NoAnswer));
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for text in [
            "Re: permission 2F95-B33D",
            "(2f95b33d)",
            "no. 2F95\u{2013}B33D.",
        ] {
            assert_eq!(numbers(text).len(), 1, "{text}");
        }
        for text in ["2F95", "2F95-B33", "tel. 0171-12345678901", "G000-0000"] {
            assert!(numbers(text).is_empty(), "{text}");
        }
    }
}
