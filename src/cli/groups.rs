//! The list of commands by what one wants to do, as `vault help` shows it.

use std::fmt::Write;

use clap::Subcommand;
use clap::builder::Styles;

use crate::cli::Command;

/// Every command once, under what it is for.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Keep and use",
        &[
            "add", "get", "show", "list", "find", "edit", "rotate", "generate", "code", "run",
            "inject",
        ],
    ),
    (
        "Organise",
        &["mv", "rm", "trash", "attach", "detach", "client"],
    ),
    ("Trust and history", &["history", "log", "verify", "id"]),
    (
        "Set up",
        &["init", "unlock", "lock", "passwd", "status", "tour"],
    ),
];

/// Commands that are needed now and then, and named only.
const NAMED_ONLY: [(&str, &[&str]); 2] = [
    ("Nothing lost", &["backup", "backups", "restore", "doctor"]),
    ("For the shell", &["completions", "man"]),
];

/// Wide enough for the longest name of a command.
const NAME_WIDTH: usize = 9;

/// The template of the program's help: what it is, the groups, the options.
#[must_use]
pub fn help_template() -> String {
    let commands = Command::augment_subcommands(clap::Command::new("vault"));
    let styles = Styles::styled();
    let (heading, name) = (styles.get_header(), styles.get_literal());
    let mut text = "{about-with-newline}{usage-heading} {usage}\n".to_owned();
    for (title, names) in GROUPS {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{heading}{title}:{heading:#}");
        for command in names {
            let about = commands
                .find_subcommand(command)
                .and_then(clap::Command::get_about)
                .map(ToString::to_string)
                .unwrap_or_default();
            let _ = writeln!(text, "  {name}{command:<NAME_WIDTH$}{name:#} {about}");
        }
    }
    let named = NAMED_ONLY.map(|(title, names)| {
        let names = names.join(", ");
        format!("{heading}{title}:{heading:#} {name}{names}{name:#}")
    });
    let _ = writeln!(text, "{}", named.join("  "));
    let _ = write!(
        text,
        "\n{heading}Options:{heading:#}\n{{options}}{{after-help}}"
    );
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{GROUPS, NAME_WIDTH, NAMED_ONLY};
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
            .chain(&NAMED_ONLY)
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(grouped, shown);
    }

    #[test]
    fn every_name_fits_its_column() {
        let names = GROUPS.iter().flat_map(|(_, names)| *names);
        assert!(names.into_iter().all(|name| name.len() <= NAME_WIDTH));
    }
}
