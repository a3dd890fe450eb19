//! Columns that line up, whatever the script.

use unicode_width::UnicodeWidthStr;

use super::fit::cut;

/// Between two columns.
pub(super) const GAP: &str = "  ";
/// What no cell is cut below, however narrow the terminal is.
const NARROWEST: usize = 6;
/// What is never cut: numbers of records, short ids, states, sizes.
const KEPT: usize = 9;
/// The header of a time that is told beside the same time as a date: it goes where there is no room.
pub(super) const WHEN: &str = "WHEN";

/// Lines of a table: each column as wide as its widest cell, no spaces at the ends of lines.
pub(super) fn align(rows: &[Vec<String>]) -> Vec<String> {
    let widths = widths(rows);
    rows.iter().map(|row| align_row(row, &widths)).collect()
}

/// How wide each column is.
fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row: &Vec<String>| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or_default()
    };
    (0..columns).map(width).collect()
}

/// The same rows cut to so many columns: what is told twice goes, then the widest cells lose most,
/// and none of the others anything. The first row are the headers.
pub(super) fn fit(rows: &[Vec<String>], columns: usize) -> Vec<Vec<String>> {
    if room(&widths(rows), columns).is_some() {
        return rows.to_vec();
    }
    let is_doubled = |at: &usize| {
        let head = rows.first().and_then(|head| head.get(*at));
        head.is_some_and(|head| head == WHEN)
    };
    let once = |row: &Vec<String>| {
        let cells = row.iter().enumerate().filter(|(at, _)| !is_doubled(at));
        cells.map(|(_, cell)| cell.clone()).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(once).collect();
    let widths = widths(&rows);
    let widest = widths.iter().copied().max().unwrap_or_default();
    let cut_to = |most: usize| -> Vec<usize> {
        let cut = |width: &usize| {
            if *width <= KEPT {
                *width
            } else {
                most.min(*width)
            }
        };
        widths.iter().map(cut).collect()
    };
    let most = (NARROWEST..=widest).rev();
    let mut most = most.map(cut_to);
    let least = || cut_to(NARROWEST);
    let widths = most.find(|widths| room(widths, columns).is_some());
    let widths = widths.unwrap_or_else(least);
    let cut_row = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        cells
            .map(|(cell, width)| cut(cell, *width).into_owned())
            .collect()
    };
    rows.iter().map(cut_row).collect()
}

/// What columns of these widths leave of a line.
fn room(widths: &[usize], columns: usize) -> Option<usize> {
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    columns.checked_sub(gaps + widths.iter().sum::<usize>())
}

fn align_row(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
        line.push_str(GAP);
    }
    line.truncate(line.trim_end_matches(' ').len());
    line
}

#[cfg(test)]
mod tests {
    use super::{align, fit};

    fn rows(rows: &[[&str; 3]]) -> Vec<Vec<String>> {
        let row = |row: &[&str; 3]| row.map(str::to_owned).to_vec();
        rows.iter().map(row).collect()
    }

    #[test]
    fn only_the_widest_cells_are_cut() {
        let long = "a very long name of a user";
        let all = rows(&[["2F95-B33D", long, "given"], ["1", "short", "x"]]);
        assert_eq!(fit(&all, 80), all);
        let narrow = rows(&[["2F95-B33D", "a very lo…", "given"], ["1", "short", "x"]]);
        assert_eq!(fit(&all, 28), narrow);
        let least = rows(&[["2F95-B33D", "a ver…", "given"], ["1", "short", "x"]]);
        assert_eq!(fit(&all, 3), least);
    }

    #[test]
    fn what_is_told_twice_goes_first() {
        let all = rows(&[
            ["SINCE", "WHEN", "NAME"],
            ["2026-11-29 09:06 UTC", "1 minute ago", "a/b"],
        ]);
        assert_eq!(fit(&all, 40), all);
        let narrow = [["SINCE", "NAME"], ["2026-11-29 09:06 UTC", "a/b"]];
        assert_eq!(
            fit(&all, 38),
            narrow.map(|row| row.map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn columns_line_up_by_width_and_lines_have_no_tail() {
        let rows = [["日本", "x"], ["a", ""], ["long", "y"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(align(&rows), ["日本  x", "a", "long  y"]);
    }
}
