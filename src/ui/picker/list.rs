//! What is left of a list by what was typed, the best match first, and where the user is in it.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32String};

use super::PickerRow;

/// What is longer is not looked through: nobody types the rest of it.
const SEARCHED_CHARS: usize = 512;

pub(super) struct List {
    texts: Vec<Utf32String>,
    matcher: Matcher,
    query: String,
    matching: Vec<usize>,
    cursor: usize,
    top: usize,
}

impl List {
    pub(super) fn new(choices: &[PickerRow]) -> Self {
        let text = |choice: &PickerRow| {
            let all = std::iter::once(&choice.name).chain(&choice.details);
            let joined = all.map(String::as_str).collect::<Vec<_>>().join(" ");
            let searched: String = joined.chars().take(SEARCHED_CHARS).collect();
            Utf32String::from(searched)
        };
        Self {
            texts: choices.iter().map(text).collect(),
            matcher: Matcher::new(Config::DEFAULT),
            query: String::new(),
            matching: (0..choices.len()).collect(),
            cursor: 0,
            top: 0,
        }
    }

    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// How many match.
    pub(super) fn count(&self) -> usize {
        self.matching.len()
    }

    /// The place among all choices of the one that the user is on.
    pub(super) fn chosen(&self) -> Option<usize> {
        self.matching.get(self.cursor).copied()
    }

    /// The places of those that are seen when there is room for `room`, the chosen one among
    /// them.
    pub(super) fn seen(&mut self, room: usize) -> &[usize] {
        let last_top = self.matching.len().saturating_sub(room);
        self.top = self.top.min(last_top).min(self.cursor);
        if self.cursor >= self.top + room {
            self.top = (self.cursor + 1).saturating_sub(room);
        }
        let end = (self.top + room).min(self.matching.len());
        self.matching.get(self.top..end).unwrap_or_default()
    }

    pub(super) fn up(&mut self, by: usize) {
        self.cursor = self.cursor.saturating_sub(by);
    }

    pub(super) fn down(&mut self, by: usize) {
        let last = self.matching.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add(by).min(last);
    }

    pub(super) fn type_letter(&mut self, letter: char) {
        self.query.push(letter);
        self.filter();
    }

    pub(super) fn erase_letter(&mut self) {
        self.query.pop();
        self.filter();
    }

    pub(super) fn erase_word(&mut self) {
        let rest = self.query.trim_end();
        let end = rest.rfind(' ').map_or(0, |at| at + 1);
        self.query.truncate(end);
        self.filter();
    }

    pub(super) fn erase_all(&mut self) {
        self.query.clear();
        self.filter();
    }

    /// All words have to match, in any order; of equal matches the first in the list is first.
    fn filter(&mut self) {
        let pattern = Pattern::new(
            &self.query,
            CaseMatching::Smart,
            Normalization::Smart,
            AtomKind::Fuzzy,
        );
        let scored = self.texts.iter().enumerate().filter_map(|(at, text)| {
            let score = pattern.score(text.slice(..), &mut self.matcher)?;
            Some((score, at))
        });
        let mut scored: Vec<(u32, usize)> = scored.collect();
        scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
        self.matching = scored.into_iter().map(|(_, at)| at).collect();
        self.cursor = 0;
        self.top = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::List;
    use crate::ui::PickerRow;

    fn list(names: &[(&str, &str)]) -> List {
        let choice = |(name, detail): &(&str, &str)| PickerRow {
            name: (*name).to_owned(),
            details: vec![(*detail).to_owned()],
        };
        List::new(&names.iter().map(choice).collect::<Vec<_>>())
    }

    fn typed(list: &mut List, text: &str) -> Vec<usize> {
        list.erase_all();
        text.chars().for_each(|letter| list.type_letter(letter));
        list.seen(100).to_vec()
    }

    #[test]
    fn what_is_typed_is_found_in_names_and_details_the_best_first() {
        let mut list = list(&[
            ("acme/webpage", "admin"),
            ("acme/wp", "jo@acme.example"),
            ("globex/mail", "https://mail.example/wp"),
            ("globex/ftp", "bob"),
        ]);
        assert_eq!(typed(&mut list, ""), [0, 1, 2, 3]);
        assert_eq!(typed(&mut list, "acme wp")[0], 1);
        assert_eq!(typed(&mut list, "wp acme")[0], 1);
        assert_eq!(typed(&mut list, "bob"), [3]);
        assert_eq!(typed(&mut list, "mail.ex"), [2]);
        assert!(typed(&mut list, "xyz").is_empty());
        assert_eq!(list.chosen(), None);
        list.erase_word();
        assert_eq!(list.count(), 4);
    }

    #[test]
    fn accents_and_case_may_be_left_out() {
        let mut list = list(&[("büro/Öffnung", ""), ("日本/サイト", "")]);
        assert_eq!(typed(&mut list, "offnung"), [0]);
        assert_eq!(typed(&mut list, "サイト"), [1]);
    }

    #[test]
    fn the_chosen_one_is_always_seen() {
        let mut list = list(&[("a", ""); 50]);
        assert_eq!(list.seen(3), [0, 1, 2]);
        list.down(3);
        assert_eq!(list.seen(3), [1, 2, 3]);
        list.down(1000);
        assert_eq!(list.seen(3), [47, 48, 49]);
        list.up(1);
        assert_eq!(list.seen(3), [47, 48, 49]);
        list.up(1000);
        assert_eq!(list.seen(3), [0, 1, 2]);
        assert!(list.seen(0).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_can_be_searched_for_any_other(
            names in proptest::collection::vec("\\PC{0,20}", 1..20),
            query in "\\PC{0,8}",
            room in 0_usize..30,
        ) {
            let names: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
            let mut list = list(&names);
            typed(&mut list, &query);
            list.down(5);
            let chosen = list.chosen();
            let seen = list.seen(room).to_vec();
            prop_assert!(seen.len() <= room);
            prop_assert!(room == 0 || chosen.is_none_or(|chosen| seen.contains(&chosen)));
        }
    }
}
