//! The list of commands by what one wants to do, as `vault help` shows it.

use std::fmt::Write;

use clap::builder::Styles;
use textwrap::Options;

use super::topics::TOPICS;

/// Every command once, under what it is for: those that are explained at a glance, and those that
/// are only named, so that all fit on one screen.
const GROUPS: [CommandGroup; 8] = [
    CommandGroup {
        title: "Keep and use",
        explained: &[
            "add", "get", "show", "list", "find", "edit", "rotate", "mv", "generate", "code",
            "run", "inject",
        ],
        named: &[],
    },
    CommandGroup {
        title: "Share with permission",
        explained: &["who", "client", "contact", "consent", "share", "receive"],
        named: &[
            "ask", "shares", "grant", "revoke", "decline", "ack", "attest", "page", "me",
        ],
    },
    CommandGroup {
        title: "Organise",
        explained: &[],
        named: &["rm", "trash", "purge", "attach", "attachments", "detach"],
    },
    CommandGroup {
        title: "Trust and history",
        explained: &["log", "verify"],
        named: &[
            "audit", "review", "report", "evidence", "records", "toms", "clauses", "breach",
            "scan", "redact", "incident", "history",
        ],
    },
    CommandGroup {
        title: "In and out",
        explained: &[],
        named: &[
            "export",
            "backup",
            "backups",
            "restore",
            "recovery",
            "recipient",
        ],
    },
    CommandGroup {
        title: "Several devices",
        explained: &[],
        named: &["sync", "merge", "conflicts", "resolve"],
    },
    CommandGroup {
        title: "Set up",
        explained: &["init", "import", "unlock"],
        named: &[
            "helper",
            "ssh-agent",
            "lock",
            "passwd",
            "id",
            "status",
            "doctor",
            "tour",
        ],
    },
    CommandGroup {
        title: "For the shell",
        explained: &[],
        named: &["completions", "man"],
    },
];

/// Commands that belong together.
struct CommandGroup {
    title: &'static str,
    explained: &'static [&'static str],
    named: &'static [&'static str],
}

/// Wide enough for the longest name of a command.
const NAME_WIDTH: usize = 9;
/// Before the texts.
const TEXTS: &str = "            ";
/// Wide enough for the titles of groups whose commands are only named.
const TITLE_WIDTH: usize = 16;
/// Before the names of such a group.
const NAMES: &str = "                 ";

/// The template of the program's help in so many columns: what it is, the groups, the options.
pub fn help_template(commands: &clap::Command, columns: usize) -> String {
    let styles = Styles::styled();
    let (heading, name) = (styles.get_header(), styles.get_literal());
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    // Writing to a string cannot fail.
    for group in GROUPS.iter().filter(|group| !group.explained.is_empty()) {
        let _ = writeln!(text, "\n{heading}{}:{heading:#}", group.title);
        for command in group.explained {
            let about = commands
                .find_subcommand(command)
                .and_then(clap::Command::get_about)
                .map(ToString::to_string);
            let about = beside(&about.unwrap_or_default(), TEXTS, columns);
            let _ = writeln!(text, "  {name}{command:<NAME_WIDTH$}{name:#} {about}");
        }
        if !group.named.is_empty() {
            let named = beside(&group.named.join(", "), "  ", columns);
            let _ = writeln!(text, "  {name}{named}{name:#}");
        }
    }
    text.push('\n');
    for group in GROUPS.iter().filter(|group| group.explained.is_empty()) {
        let named = beside(&group.named.join(", "), NAMES, columns);
        let title = format!("{}:", group.title);
        let _ = writeln!(
            text,
            "{heading}{title:<TITLE_WIDTH$}{heading:#} {name}{named}{name:#}"
        );
    }
    let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
    let topics = beside(&topics.join(", "), NAMES, columns);
    let title = "Topics:";
    let _ = writeln!(
        text,
        "{heading}{title:<TITLE_WIDTH$}{heading:#} {name}{topics}{name:#}"
    );
    let _ = write!(
        text,
        "\n{heading}Options:{heading:#}\n{{options}}{{after-help}}"
    );
    text
}

/// The commands of a tree by what they are for, in the order of the program's help.
pub fn in_groups(
    tree: &clap::Command,
) -> impl Iterator<Item = (&'static str, Vec<&clap::Command>)> {
    GROUPS.iter().map(|group| {
        let names = group.explained.iter().chain(group.named);
        let commands = names.filter_map(|name| tree.find_subcommand(name));
        (group.title, commands.collect())
    })
}

/// A text that begins behind something as wide as `before`.
fn beside(text: &str, before: &str, columns: usize) -> String {
    let options = Options::new(columns)
        .initial_indent(before)
        .subsequent_indent(before);
    let text = textwrap::fill(text, options);
    text.strip_prefix(before).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{GROUPS, NAME_WIDTH};
    use crate::cli::Cli;

    #[test]
    fn every_command_is_in_exactly_one_group() {
        let cli = Cli::command();
        let mut shown: Vec<&str> = cli
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(clap::Command::get_name)
            .collect();
        let mut grouped: Vec<&str> = GROUPS
            .iter()
            .flat_map(|group| group.explained.iter().chain(group.named))
            .copied()
            .collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(grouped, shown);
    }

    #[test]
    fn every_name_fits_its_column() {
        let names = GROUPS.iter().flat_map(|group| group.explained);
        assert!(names.into_iter().all(|name| name.len() <= NAME_WIDTH));
    }
}
