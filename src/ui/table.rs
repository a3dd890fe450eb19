//! Columns that line up, whatever the script.

use unicode_width::UnicodeWidthStr;

use super::fit::cut;

/// Between two columns.
pub(super) const GAP: &str = "  ";
/// What no cell is cut below, however narrow the terminal is.
const NARROWEST: usize = 6;

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

/// The same rows cut to so many columns: the widest cells lose most, and none of the others
/// anything.
pub(super) fn fit(rows: &[Vec<String>], columns: usize) -> Vec<Vec<String>> {
    let widths = widths(rows);
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    let room = columns.saturating_sub(gaps);
    let taken = |most: usize| widths.iter().map(|width| most.min(*width)).sum::<usize>();
    let widest = widths.iter().copied().max().unwrap_or_default();
    let most = (NARROWEST..widest).rev().find(|most| taken(*most) <= room);
    let most = if taken(widest) <= room {
        widest
    } else {
        most.unwrap_or(NARROWEST)
    };
    let cut_row = |row: &Vec<String>| row.iter().map(|it| cut(it, most).into_owned()).collect();
    rows.iter().map(cut_row).collect()
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
        let least = rows(&[["2F95-…", "a ver…", "given"], ["1", "short", "x"]]);
        assert_eq!(fit(&all, 3), least);
    }

    #[test]
    fn columns_line_up_by_width_and_lines_have_no_tail() {
        let rows = [["日本", "x"], ["a", ""], ["long", "y"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(align(&rows), ["日本  x", "a", "long  y"]);
    }
}
