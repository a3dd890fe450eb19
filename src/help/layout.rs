//! Help at the width of the terminal: each text is broken once, and an example is never broken in
//! the middle of its command or its comment.

use clap::{ArgAction, Command};
use unicode_width::UnicodeWidthStr;

use super::groups::help_template;
use super::template_marks::with_marks_tied;
use crate::ui::{NO_BREAK, Ui, help_columns};

/// The widest that help gets, and what it is without a terminal.
pub(crate) const WIDEST: usize = 100;
/// The headings of examples.
const EXAMPLES: [&str; 2] = ["Examples:", "Example:"];
/// What stands before an example.
const EXAMPLE: &str = "  ";
/// What a line begins with that goes on with the comment of an example.
const COMMENT_GOES_ON: &str = "              ";
/// What stands before an example's comment on a line of its own, and before the rest of a command.
const BELOW: &str = "      ";
/// Between two cells of a table.
const GAP: &str = "  ";
/// What stands before the comment of an example.
const COMMENT: &str = "  # ";
/// What is left for a text in its own column, where it goes on there.
const NARROWEST: usize = 20;
/// Ends a line of a command that goes on.
const GOES_ON: &str = " \\";

/// As wide as what stands before a usage.
const USAGE: &str = "       ";
/// What stands before the rest of a usage.
const USAGE_GOES_ON: &str = "           ";

/// One line in the place of the options of all commands.
const GLOBAL_OPTIONS: &str =
    "Options of all commands, such as --vault and --json: vault help --all";

/// Sentences in lines of the terminal's width, broken between words.
#[must_use]
pub fn paragraph(text: &str) -> String {
    let options = textwrap::Options::new(help_columns(WIDEST))
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// A command behind `before`, in lines of the terminal's width, continued as a shell takes it.
#[must_use]
pub fn command_lines(before: &str, command: &str) -> String {
    broken_command(before, command, help_columns(WIDEST)).join("\n")
}

/// A line of an answer, a table or an example behind `before`: broken between words and going on
/// further in where it is too wide.
#[must_use]
pub fn literal_lines(before: &str, line: &str) -> String {
    literal_in(before, line, help_columns(WIDEST)).join("\n")
}

fn literal_in(before: &str, line: &str, columns: usize) -> Vec<String> {
    let text = line.trim_start_matches(' ');
    let start = format!("{before}{}", line.strip_suffix(text).unwrap_or_default());
    if start.width() + text.width() <= columns {
        return vec![format!("{start}{text}")];
    }
    let below = format!("{start}{BELOW}");
    if let Some((command, comment)) = text.split_once(COMMENT) {
        let mut lines = broken_command(&start, command.trim_end(), columns);
        let comment = format!("# {comment}");
        lines.extend(wrapped_in(
            &comment,
            (&below, &format!("{below}  ")),
            columns,
        ));
        return lines;
    }
    if text.contains(GAP) {
        return row_in(&start, text, columns);
    }
    wrapped_in(text, (&start, &format!("{start}{before}")), columns)
}

/// A row of a table: cells that find no room go below, a text of several words in its own column
/// where that is wide enough.
fn row_in(start: &str, row: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), start.to_owned());
    let mut rest = Some(row);
    let mut gap = 0;
    while let Some(cells) = rest {
        let (cell, more) = match cells.split_once(GAP) {
            Some((cell, more)) => (cell, Some(more)),
            None => (cells, None),
        };
        let at = line.width() + gap;
        let before = format!("{line}{}", " ".repeat(gap));
        if line == start || at + cell.width() <= columns {
            line = format!("{before}{cell}");
        } else {
            let (first, below) = if at + NARROWEST <= columns && cell.contains(' ') {
                (before, " ".repeat(at))
            } else {
                lines.push(line);
                let below = format!("{start}{BELOW}");
                (below.clone(), below)
            };
            lines.extend(wrapped_in(cell, (&first, &below), columns));
            line = lines.pop().unwrap_or_default();
        }
        let next = more.map(|more| more.trim_start_matches(' '));
        gap = GAP.len() + more.map_or(0, str::len) - next.map_or(0, str::len);
        rest = next;
    }
    lines.push(line);
    lines
}

/// A text in lines, broken between words, behind what the first and the others begin with.
fn wrapped_in(text: &str, (first, others): (&str, &str), columns: usize) -> Vec<String> {
    let options = textwrap::Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(others)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(std::borrow::Cow::into_owned).collect()
}

/// The tree of commands with its help at the width of the terminal, for the program as `ui` says
/// that it was called. What all commands have is explained by the first page alone.
#[must_use]
pub fn laid_out(tree: Command, ui: &Ui) -> Command {
    let columns = help_columns(WIDEST);
    let template = ui.as_called(&help_template(&tree, columns));
    let mut tree = tree.bin_name(ui.called());
    // What all commands have is known to each only then.
    tree.build();
    let tree = fitted(tree, columns, ui).help_template(template);
    tree.mut_subcommands(|command| page_of(command, columns, ui))
}

fn page_of(command: Command, columns: usize, ui: &Ui) -> Command {
    let command = command.mut_args(|arg| {
        let shows_version = matches!(arg.get_action(), ArgAction::Version);
        let is_everywhere = arg.is_global_set() || shows_version;
        if is_everywhere { arg.hide(true) } else { arg }
    });
    let command = fitted(command, columns, ui);
    let everywhere = ui.as_called(GLOBAL_OPTIONS);
    let more = command.get_after_help().map(ToString::to_string);
    let more = more.map(|text| format!("{text}\n\n{everywhere}"));
    let command = command.after_help(more.unwrap_or(everywhere));
    command.mut_subcommands(|below| page_of(below, columns, ui))
}

fn fitted(command: Command, columns: usize, ui: &Ui) -> Command {
    let command = with_usage_in(command, columns, ui).term_width(columns);
    let Some(text) = command.get_after_help().map(ToString::to_string) else {
        return command;
    };
    command.after_help(in_columns(&ui.as_called(&text), columns))
}

/// The command with its usage broken between options, where it is too wide.
fn with_usage_in(mut command: Command, columns: usize, ui: &Ui) -> Command {
    let written = command.render_usage().to_string();
    let usage = ui.as_called(&written);
    if usage == written && usage.lines().all(|line| line.width() <= columns) {
        return command;
    }
    let options = textwrap::Options::new(columns)
        .initial_indent(USAGE)
        .subsequent_indent(USAGE_GOES_ON)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let lines = usage.lines().map(|line| {
        let line = with_values_tied(line.trim_start());
        textwrap::fill(&line, &options).replace(NO_BREAK, " ")
    });
    let usage = lines.collect::<Vec<_>>().join("\n");
    command.override_usage(usage.trim_start().to_owned())
}

/// A usage in which an option and its value are one word, and what stands in brackets.
fn with_values_tied(usage: &str) -> String {
    let mut depth = 0_usize;
    let mut tied = String::new();
    let mut words = usage.split(' ').peekable();
    while let Some(word) = words.next() {
        depth += word.matches(['(', '[']).count();
        depth = depth.saturating_sub(word.matches([')', ']']).count());
        tied.push_str(word);
        let Some(next) = words.peek() else { break };
        let has_value = word.starts_with('-') && next.starts_with('<');
        tied.push(if has_value || depth > 0 {
            NO_BREAK
        } else {
            ' '
        });
    }
    tied
}

/// A text with its paragraphs in one line each, for whoever breaks it, and its examples broken.
fn in_columns(text: &str, columns: usize) -> String {
    let mut shown: Vec<String> = Vec::new();
    let (mut in_paragraph, mut in_examples) = (false, false);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(example) = line.strip_prefix(EXAMPLE) {
            let mut command = example.to_owned();
            while command.ends_with(GOES_ON) {
                command.truncate(command.len() - GOES_ON.len());
                let rest = lines.next().unwrap_or_default();
                command.extend([" ", rest.trim_start()]);
            }
            let mut example = vec![command.as_str()];
            example.extend(std::iter::from_fn(|| {
                lines.next_if(|line| line.starts_with(COMMENT_GOES_ON))
            }));
            shown.extend(if in_examples {
                example_in(&example, columns)
            } else {
                row_or_command_in(&example, columns)
            });
            in_paragraph = false;
            continue;
        }
        in_examples = EXAMPLES.contains(&line) || in_examples && line.is_empty();
        match shown
            .last_mut()
            .filter(|_| in_paragraph && !line.is_empty())
        {
            Some(before) => before.extend([" ", line]),
            None => shown.push(line.to_owned()),
        }
        in_paragraph = !line.is_empty() && !line.ends_with(':');
    }
    let shown = shown.iter().map(|line| with_marks_whole(line, columns));
    shown.collect::<Vec<_>>().join("\n")
}

/// A paragraph broken here if it has templates in it, which are not broken.
fn with_marks_whole(line: &str, columns: usize) -> String {
    let tied = with_marks_tied(line);
    if line.starts_with(EXAMPLE) || !tied.contains(NO_BREAK) {
        return line.to_owned();
    }
    let lines = wrapped_in(&tied, ("", ""), columns);
    lines.join("\n").replace(NO_BREAK, " ")
}

/// The lines of a row of a table, or of a command, under another heading than that of examples.
fn row_or_command_in(written: &[&str], columns: usize) -> Vec<String> {
    let whole = written.iter().map(|line| line.trim());
    let whole = whole.collect::<Vec<_>>().join(" ");
    if whole.contains(GAP) {
        return literal_in(EXAMPLE, &whole, columns);
    }
    broken_command(EXAMPLE, &whole, columns)
}

/// The lines of an example, which may have several for its comment: that goes below where there is
/// no room, and a long command is continued as a shell takes it.
fn example_in(example: &[&str], columns: usize) -> Vec<String> {
    let (first, further) = example.split_first().unwrap_or((&"", &[]));
    let whole = format!("{EXAMPLE}{first}");
    if whole.width() <= columns && further.iter().all(|line| line.width() <= columns) {
        let further = further.iter().map(|line| (*line).to_owned());
        return std::iter::once(whole).chain(further).collect();
    }
    let (command, comment) = first.split_once(EXAMPLE).unwrap_or((first, ""));
    let comment = std::iter::once(comment).chain(further.iter().copied());
    let comment: Vec<&str> = comment.map(str::trim).collect();
    let comment = comment.join(" ");
    let comment = comment.trim();
    let mut lines = broken_command(EXAMPLE, command, columns);
    if !comment.is_empty() {
        let room = columns.saturating_sub(BELOW.len() + 2);
        let comment = textwrap::wrap(comment, room.max(20));
        lines.extend(comment.iter().map(|line| format!("{BELOW}# {line}")));
    }
    lines
}

/// The lines of a command, the first behind `before`.
fn broken_command(before: &str, command: &str, columns: usize) -> Vec<String> {
    if before.len() + command.width() <= columns {
        return vec![format!("{before}{command}")];
    }
    let mut lines = Vec::new();
    let mut line = before.to_owned();
    for word in words(command) {
        let is_empty = line.trim().is_empty();
        if !is_empty && line.width() + 1 + word.width() + GOES_ON.len() > columns {
            lines.push(format!("{line}{GOES_ON}"));
            BELOW.clone_into(&mut line);
        } else if !is_empty {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

/// The words of a command: what stands in quotes is one, since a break in it would be a part of it.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    for part in command.split(' ') {
        match words.last_mut().filter(|_| quote.is_some()) {
            Some(word) => word.extend([" ", part]),
            None => words.push(part.to_owned()),
        }
        for c in part.chars().filter(|c| matches!(c, '\'' | '"')) {
            quote = match quote {
                None => Some(c),
                Some(open) if open == c => None,
                open => open,
            };
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::in_columns;

    const TEXT: &str = "\
Examples:
  vault get acme/wp             the secret
  vault share acme/wp acme/db --to bob --expires 7d --out for-bob.age
  vault ack answer.eml          says by mail
                                what became of it
  vault list

Of a paragraph that was broken by hand
the lines are one.

vault lists:
one: of two
lines.";

    #[test]
    fn paragraphs_are_one_line_and_examples_are_broken_as_a_shell_takes_them() {
        let shown = "\
Examples:
  vault get acme/wp
      # the secret
  vault share acme/wp acme/db --to \\
      bob --expires 7d --out \\
      for-bob.age
  vault ack answer.eml
      # says by mail what became of
      # it
  vault list

Of a paragraph that was broken by hand the lines are one.

vault lists:
one: of two lines.";
        assert_eq!(in_columns(TEXT, 36), shown);
    }

    #[test]
    fn what_goes_on_is_one_command_and_a_table_is_no_example() {
        let text = "\
Examples:
  vault consent add acme --to bob \\
      --purpose audit --by Jo

Files are
  automatic   kept beside the vault
              by each change";
        let shown = "\
Examples:
  vault consent add acme --to bob \\
      --purpose audit --by Jo

Files are
  automatic   kept beside the vault by
              each change";
        assert_eq!(in_columns(text, 38), shown);
        let wide = in_columns(text, 60);
        assert!(wide.contains("  vault consent add acme --to bob --purpose audit --by Jo\n"));
    }

    #[test]
    fn what_is_quoted_is_never_broken() {
        let text = "  vault revoke 3f2a --reason 'bob is done here' --out bob.notice";
        let shown =
            "  vault revoke 3f2a --reason \\\n      'bob is done here' --out \\\n      bob.notice";
        assert_eq!(in_columns(text, 34), shown);
    }

    #[test]
    fn rows_and_comments_go_on_where_there_is_room() {
        let lines = |line, columns| super::literal_in("  ", line, columns);
        let row = "4  locked      wrong password, key file or identity";
        assert_eq!(lines(row, 60), [format!("  {row}")]);
        let own = [
            "  4  locked      wrong password, key",
            "                 file or identity",
        ];
        assert_eq!(lines(row, 38), own);
        let below = [
            "  4  locked",
            "        wrong password, key",
            "        file or identity",
        ];
        assert_eq!(lines(row, 30), below);
        let comment = "vault passwd --compromised      # and new keys too";
        let expected = ["  vault passwd --compromised", "        # and new keys too"];
        assert_eq!(lines(comment, 40), expected);
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let shown = in_columns(TEXT, 100);
        assert!(shown.starts_with("Examples:\n  vault get acme/wp             the secret\n"));
    }
}
