//! A picture of the list: the question and the count on top, then what matches.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::PickerRow;
use super::list::List;
use crate::ui::fit::{cut, cut_path};
use crate::ui::style::{BOLD, DIM};
use crate::ui::{StandardStream, sanitize, table};

const HELP: &str = "type to filter, arrows to move, Enter to choose, Esc to leave";
/// With fewer lines than that there is no room for [`HELP`].
const LINES_WITH_HELP: usize = 6;
/// In front of each row.
const MARK: &str = "> ";

pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) choices: &'a [PickerRow],
    pub(super) lines: usize,
    pub(super) columns: usize,
    pub(super) color: bool,
}

impl Frame<'_> {
    /// What redraws the whole screen.
    pub(super) fn draw(&self, list: &mut List) -> String {
        let has_help = self.lines >= LINES_WITH_HELP;
        let room = self.lines.saturating_sub(1 + usize::from(has_help));
        let chosen = list.chosen();
        let seen = list.seen(room).to_vec();
        let cells: Vec<Vec<String>> = seen.iter().map(|at| self.cells(*at)).collect();
        let question = self.question(list);
        let mut all = vec![question.clone()];
        for (at, text) in seen.iter().zip(table::align(&cells)) {
            all.push(self.row(&text, Some(*at) == chosen));
        }
        if seen.is_empty() && room > 0 {
            all.push(self.paint_dim(&cut("  nothing matches", self.columns)));
        }
        if has_help {
            all.resize(self.lines - 1, String::new());
            all.push(self.paint_dim(&cut(HELP, self.columns)));
        }
        all.resize(self.lines.max(1), String::new());
        let column = question.width() + 1;
        // Hidden meanwhile, the cursor does not run over the screen. Each line is cleared before it
        // is written: at the edge, clearing the rest of it would take its last letter.
        let lines = all.join("\r\n\x1b[K");
        format!("\x1b[?25l\x1b[H\x1b[K{lines}\x1b[1;{column}H\x1b[?25h")
    }

    /// With the end of what was typed, where all of it is too long.
    fn question(&self, list: &List) -> String {
        let mut start = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            start,
            "{}/{} {}: ",
            list.count(),
            self.choices.len(),
            self.title
        );
        let mut typed = list.query();
        while start.width() + typed.width() >= self.columns && !typed.is_empty() {
            let mut rest = typed.chars();
            rest.next();
            typed = rest.as_str();
        }
        cut(&(start + typed), self.columns.saturating_sub(1)).into_owned()
    }

    fn cells(&self, at: usize) -> Vec<String> {
        let Some(choice) = self.choices.get(at) else {
            return Vec::new();
        };
        let room = self.columns.saturating_sub(MARK.len());
        let mut cells = vec![cut_path(&sanitize::line(&choice.name), room).into_owned()];
        let detail = |detail: &String| cut(&sanitize::line(detail), room / 2).into_owned();
        cells.extend(choice.details.iter().map(detail));
        cells
    }

    fn row(&self, text: &str, is_chosen: bool) -> String {
        let text = cut(text, self.columns.saturating_sub(MARK.len()));
        if is_chosen {
            self.stream().paint(BOLD, &format!("{MARK}{text}"))
        } else {
            format!("  {text}")
        }
    }

    fn paint_dim(&self, text: &str) -> String {
        self.stream().paint(DIM, text)
    }

    fn stream(&self) -> StandardStream {
        StandardStream {
            terminal: true,
            color: self.color,
            columns: Some(self.columns),
            rows: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::Frame;
    use crate::ui::PickerRow;
    use crate::ui::picker::list::List;

    fn choice(name: &str, detail: &str) -> PickerRow {
        PickerRow {
            name: name.to_owned(),
            details: vec![detail.to_owned()],
        }
    }

    /// The lines of the screen, without what moves the cursor.
    fn lines(choices: &[PickerRow], lines: usize, columns: usize, typed: &str) -> Vec<String> {
        let mut list = List::new(choices);
        typed.chars().for_each(|letter| list.type_letter(letter));
        let frame = Frame {
            title: "get",
            choices,
            lines,
            columns,
            color: false,
        };
        let drawn = frame.draw(&mut list);
        let start = drawn.strip_prefix("\x1b[?25l\x1b[H\x1b[K").unwrap();
        let (body, _) = start.rsplit_once("\x1b[1;").unwrap();
        body.split("\r\n\x1b[K").map(str::to_owned).collect()
    }

    #[test]
    fn the_columns_line_up_whatever_the_script() {
        let choices = [choice("日本/サイト", "ada"), choice("acme/wp", "bob")];
        let shown = lines(&choices, 5, 60, "");
        assert_eq!(shown[0], "2/2 get: ");
        assert_eq!(shown[1], "> 日本/サイト  ada");
        assert_eq!(shown[2], "  acme/wp      bob");
        assert_eq!(shown.len(), 5);
    }

    #[test]
    fn stored_text_is_shown_escaped() {
        let choices = [choice("acme/wp", "a\x1b]0;owned\x07\nb\u{202e}")];
        let shown = lines(&choices, 3, 80, "");
        assert_eq!(shown[1], "> acme/wp  a\\x1b]0;owned\\x07\\nb\\u{202e}");
    }

    #[test]
    fn nothing_that_matches_is_said() {
        let shown = lines(&[choice("acme/wp", "")], 10, 40, "xyz");
        assert_eq!(shown[0], "0/1 get: xyz");
        assert_eq!(shown[1], "  nothing matches");
        assert!(shown[9].starts_with("type to filter") && shown[9].ends_with('…'));
    }

    proptest! {
        #[test]
        fn it_fits_every_screen(
            names in proptest::collection::vec(".{0,40}", 0..8),
            height in 1_usize..12,
            columns in 1_usize..90,
            typed in "[a-z日 ]{0,30}",
        ) {
            let choices: Vec<PickerRow> = names.iter().map(|name| choice(name, name)).collect();
            let shown = lines(&choices, height, columns, &typed);
            prop_assert_eq!(shown.len(), height);
            for line in shown {
                prop_assert!(line.width() <= columns.max(2), "{line:?}");
                prop_assert!(!line.contains(crate::ui::sanitize::is_unsafe));
            }
        }
    }
}
