//! Columns that line up, whatever the script.

use unicode_width::UnicodeWidthStr;

use super::fit::{cut, cut_path};

/// Between two columns.
pub(super) const GAP: &str = "  ";
/// What no cell is cut below, however narrow the terminal is.
const NARROWEST: usize = 6;
/// What is cut last: numbers of records, short ids, states, sizes.
const KEPT: usize = 9;
/// What a header is cut to where there is no room, if its cells need no more.
const HEADER: usize = 5;
/// How long a time is without its zone.
const LOCAL_TIME: usize = "2026-11-29 09:06".len();
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

/// The headers of paths, which are called by their ends.
const PATHS: [&str; 3] = ["ENTRY", "PATH", "FILE"];
/// The header of what gives way first, and goes where it is the same everywhere.
const DEVICE: &str = "DEVICE";

/// The head of a column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// What its cells are.
    pub header: String,
    /// Whether they are times: cut, they say little.
    pub is_time: bool,
}

/// The lines of a table in so many columns, the headers first. Where there is no room, what is told
/// twice or on each line goes, times lose their zone, and headers are no wider than their cells; then the widest
/// cells lose most, and none of the others anything. What a line is called by, its first cell, gives
/// way last, down to half of the width.
pub(super) fn fit(head: &[Column], body: &[Vec<String>], columns: usize) -> Vec<Vec<String>> {
    let (head, rows) = without(head, body, |_, cells| {
        cells.iter().all(|cell| cell.is_empty())
    });
    if room(&widths(&rows), columns).is_some() {
        return rows;
    }
    let body = rows.get(1..).unwrap_or_default();
    let (head, mut rows) = without(&head, body, |column, cells| {
        let is_same = || cells.iter().all(|cell| Some(cell) == cells.first());
        column.header == WHEN || column.header == DEVICE && is_same()
    });
    for row in rows.iter_mut().skip(1) {
        for (column, cell) in head.iter().zip(row) {
            let local = cell.rsplit_once(' ').map(|(local, _)| local);
            let local = local.filter(|it| column.is_time && it.len() == LOCAL_TIME);
            if let Some(local) = local.filter(|it| it.starts_with(|c: char| c.is_ascii_digit())) {
                *cell = local.to_owned();
            }
        }
    }
    let body = widths(rows.get(1..).unwrap_or_default());
    let head_widths = head.iter().map(|it| it.header.width().min(HEADER));
    let most = head_widths.zip(body).map(|(head, body)| head.max(body));
    let widths = fitting(&head, &most.collect::<Vec<_>>(), columns);
    let cut_row = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).zip(&head);
        let cut = |((cell, width), column): ((&String, &usize), &Column)| {
            let is_path = PATHS.contains(&column.header.as_str());
            let cut = if is_path { cut_path } else { cut };
            cut(cell, *width).into_owned()
        };
        cells.map(cut).collect()
    };
    rows.iter().map(cut_row).collect()
}

/// The rest of a table, with its headers as the first row, where some columns go.
fn without(
    head: &[Column],
    body: &[Vec<String>],
    goes: impl Fn(&Column, &[&String]) -> bool,
) -> (Vec<Column>, Vec<Vec<String>>) {
    let goes = |at: usize, column: &Column| {
        let cells: Vec<&String> = body.iter().filter_map(|row| row.get(at)).collect();
        goes(column, &cells)
    };
    let going = head.iter().enumerate();
    let going: Vec<bool> = going.map(|(at, column)| goes(at, column)).collect();
    let stays = |at: usize| !going.get(at).copied().unwrap_or_default();
    let left = |row: &Vec<String>| -> Vec<String> {
        let cells = row.iter().enumerate().filter(|(at, _)| stays(*at));
        cells.map(|(_, cell)| cell.clone()).collect()
    };
    let columns = head.iter().enumerate().filter(|(at, _)| stays(*at));
    let head: Vec<Column> = columns.map(|(_, column)| column.clone()).collect();
    let headers = head.iter().map(|column| column.header.clone()).collect();
    let rows = std::iter::once(headers).chain(body.iter().map(left));
    (head, rows.collect())
}

/// How wide each column may be. Times and short cells are cut only where that is the only way.
fn fitting(head: &[Column], widths: &[usize], columns: usize) -> Vec<usize> {
    const CUT_LAST: [(bool, bool); 3] = [(false, false), (true, false), (true, true)];
    let is_time = |at: usize| head.get(at).is_some_and(|column| column.is_time);
    let is_device = |at: usize| head.get(at).is_some_and(|column| column.header == DEVICE);
    let cut_to = |(times, short): (bool, bool), name: usize, most: usize| -> Vec<usize> {
        let cut = |(at, width): (usize, &usize)| match at {
            _ if is_device(at) => NARROWEST.min(*width),
            _ if is_time(at) && !times => *width,
            0 if *width <= KEPT => *width,
            _ if *width <= KEPT && !short => *width,
            0 => name.min(*width),
            _ => most.min(*width),
        };
        widths.iter().enumerate().map(cut).collect()
    };
    let widest = widths.iter().copied().max().unwrap_or_default();
    let name = columns / 2;
    let fits = |widths: &Vec<usize>| room(widths, columns).is_some();
    let mut cut_others = CUT_LAST.iter().flat_map(|last| {
        let most = (NARROWEST..=widest).rev();
        most.map(|most| cut_to(*last, name, most))
    });
    let mut cut_all = (NARROWEST..=name)
        .rev()
        .map(|name| cut_to(CUT_LAST[2], name, NARROWEST));
    let mut fitting = cut_others
        .find(fits)
        .or_else(|| cut_all.find(fits))
        .unwrap_or_else(|| cut_to(CUT_LAST[0], NARROWEST, NARROWEST));
    // What the others leave is for the name, then for the device.
    for at in (0..widths.len()).filter(|at| *at == 0 || is_device(*at)) {
        let left = room(&fitting, columns).unwrap_or_default();
        if let (Some(shown), Some(whole)) = (fitting.get_mut(at), widths.get(at)) {
            *shown = (*shown + left).min(*whole);
        }
    }
    fitting
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
    use super::{Column, align, fit};

    /// A table of which the headers that end with `time` are those of times.
    fn fitted(columns: usize, rows: &[&[&str]]) -> Vec<String> {
        let (head, body) = rows.split_first().unwrap();
        let column = |header: &&str| Column {
            header: (*header).to_owned(),
            is_time: header.ends_with("time"),
        };
        let head: Vec<Column> = head.iter().map(column).collect();
        let body = body
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
        let rows = fit(&head, &body.collect::<Vec<_>>(), columns);
        rows.iter().map(|row| row.join("|")).collect()
    }

    #[test]
    fn only_the_widest_cells_are_cut() {
        let long = "a very long name of a user";
        let rows: &[&[&str]] = &[
            &["ID", "USER", "STATE"],
            &["2F95-B33D", long, "given"],
            &["1", "short", "x"],
        ];
        let shown = |user: &str| {
            let first = format!("2F95-B33D|{user}|given");
            vec!["ID|USER|STATE".to_owned(), first, "1|short|x".to_owned()]
        };
        assert_eq!(fitted(80, rows), shown(long));
        assert_eq!(fitted(28, rows), shown("a very lo…"));
        assert_eq!(fitted(3, rows), shown("a ver…"));
    }

    #[test]
    fn what_is_told_twice_goes_first_and_what_nobody_has_at_once() {
        let rows: &[&[&str]] = &[
            &["time", "WHEN", "NAME", "FLAGS"],
            &["2026-11-29 09:06 UTC", "1 minute ago", "a/b", ""],
        ];
        let all = ["time|WHEN|NAME", "2026-11-29 09:06 UTC|1 minute ago|a/b"];
        assert_eq!(fitted(40, rows), all);
        assert_eq!(fitted(39, rows), ["time|NAME", "2026-11-29 09:06|a/b"]);
        assert_eq!(fitted(5, rows), ["time|NAME", "2026-11-29 09:06|a/b"]);
    }

    #[test]
    fn a_device_gives_way_first_and_goes_where_it_is_always_the_same() {
        let rows = |other| {
            let head = ["time", "DEVICE", "SUBJECT"];
            let one = ["2026-11-29 09:06", "laptop of kim", "client globex"];
            [head, one, ["2026-11-29 09:07", other, "acme/wp"]]
        };
        let cut = |other| {
            let rows = rows(other);
            let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
            fitted(42, &rows)[1].clone()
        };
        assert_eq!(cut("laptop of kim"), "2026-11-29 09:06|client globex");
        assert_eq!(cut("desktop"), "2026-11-29 09:06|laptop o…|client globex");
    }

    #[test]
    fn a_name_gives_way_last_and_takes_what_is_left() {
        let rows: &[&[&str]] = &[
            &["ENTRY", "USER"],
            &["acme/hosting/a-long-name", "somebody@acme.example"],
        ];
        let cut = |columns| fitted(columns, rows)[1].clone();
        assert_eq!(cut(40), "acme/…ng/a-long-name|somebody@acme.exa…");
        assert_eq!(cut(24), "acm…ong-name|somebody@…");
        assert_eq!(cut(8), "acme/…|someb…");
        let short: &[&[&str]] = &[&["ENTRY", "USER", "LAST"], &["acme/wp", "u", "x"]];
        assert_eq!(fitted(80, short)[1], "acme/wp|u|x");
    }

    #[test]
    fn where_all_columns_are_needed_times_and_short_cells_are_cut_too() {
        let rows: &[&[&str]] = &[
            &["ID", "OF", "end time", "WHY"],
            &["2F95-B33D", "acme-shop", "in 2 months", "a purpose"],
        ];
        let cut = |columns| fitted(columns, rows)[1].clone();
        assert_eq!(cut(46), "2F95-B33D|acme-shop|in 2 months|a purpose");
        assert_eq!(cut(43), "2F95-B33D|acme-shop|in 2 mont…|a purpose");
        assert_eq!(cut(36), "2F95-B33D|acme-s…|in 2 m…|a purp…");
    }

    #[test]
    fn columns_line_up_by_width_and_lines_have_no_tail() {
        let rows = [["日本", "x"], ["a", ""], ["long", "y"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(align(&rows), ["日本  x", "a", "long  y"]);
    }
}
