//! A paper as Markdown that reads as plain text too: tables are lists, since a row of many columns
//! is read by nobody in a mail.

use super::page::{Block, MarkedPage, PageTable};
use crate::model::text::visible::one_line;

/// Characters that would begin or end markup somewhere in a line.
const MARKS: &[char] = &['\\', '`', '*', '_', '[', ']', '<', '>', '|', '~', '&', '$'];

/// The paper.
pub(super) fn markdown(page: &MarkedPage) -> String {
    let mut lines = vec![format!("# {}", escaped(&page.title))];
    for line in &page.opening {
        lines.extend([String::new(), escaped(line)]);
    }
    for (section, at) in page.sections.iter().zip(1..) {
        lines.extend([
            String::new(),
            format!("## {at}. {}", escaped(&section.title)),
        ]);
        // What is drawn is told in lists.
        let told = section.blocks.iter().map(block_lines);
        for block in told.filter(|it| !it.is_empty()) {
            lines.push(String::new());
            lines.extend(block);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn block_lines(block: &Block) -> Vec<String> {
    match block {
        Block::Lead(text) => vec![format!("**{}**", escaped(text))],
        Block::Text(text) => vec![escaped(text)],
        Block::List(items) => {
            let items = items.iter();
            items.map(|it| format!("- {}", escaped(it))).collect()
        }
        Block::Table(table) => table_lines(table),
        Block::Timeline(_) => Vec::new(),
    }
}

fn table_lines(table: &PageTable) -> Vec<String> {
    let mut lines = vec![format!("{}:", escaped(&table.caption)), String::new()];
    for row in &table.rows {
        let mut cells = row.iter();
        let subject = cells.next().map(|it| joined(it)).unwrap_or_default();
        lines.push(format!("- **{subject}**"));
        let columns = table.columns.iter().skip(1);
        let told = cells.zip(columns).filter(|(cell, _)| !cell.is_empty());
        lines.extend(
            told.map(|(cell, column)| format!("  - {}: {}", escaped(column), joined(cell))),
        );
    }
    lines
}

fn joined(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|it| escaped(it)).collect();
    lines.join("; ")
}

/// A text in one line that is no markup, wherever it stands in one.
fn escaped(text: &str) -> String {
    let line = one_line(text);
    let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let mut escaped = String::with_capacity(line.len());
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let rest = line.get(at..).unwrap_or_default();
        // What begins a heading, a list or a line below a heading does so at the start only.
        let begins = at == 0 && matches!(c, '#' | '+' | '-' | '=');
        let numbers = at == digits && digits > 0 && matches!(c, '.' | ')');
        // Many readers make links of addresses without being asked to.
        let links = rest.starts_with("://") || (before == 'w' && rest.starts_with('.'));
        let pictures = c == '!' && rest.starts_with("![");
        if MARKS.contains(&c) || begins || numbers || links || pictures {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn no_text_is_markup() {
        for (text, safe) in [
            ("<script>", "\\<script\\>"),
            ("a|b", "a\\|b"),
            ("`x` *y* _z_", "\\`x\\` \\*y\\* \\_z\\_"),
            ("![x](http://a)", "\\!\\[x\\](http\\://a)"),
            ("# a\n# b", "\\# a # b"),
            ("- a", "\\- a"),
            ("12. a 3.", "12\\. a 3."),
            ("www.a.example", "www\\.a.example"),
            ("&lt;b&gt;", "\\&lt;b\\&gt;"),
            ("a\u{202e}b", "a\\\\u{202e}b"),
            ("28 May 2026", "28 May 2026"),
        ] {
            assert_eq!(escaped(text), safe, "{text}");
        }
    }
}
