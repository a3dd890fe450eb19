//! The page of everything: each command with all of its options, and once those of all commands.

use clap::Command;
use clap::builder::StyledStr;

/// What is told of a command there; its examples are on its own page.
const OF_COMMAND: &str = "{usage}\n{about-with-newline}\n{all-args}";
/// What is told of the program.
const OF_ALL: &str = "{options}";

/// The help of a command that does something, and of all those below one that only groups them, from
/// a tree that is laid out.
#[must_use]
pub fn with_options(command: &Command) -> Vec<StyledStr> {
    let groups = command.get_subcommands().next().is_some();
    // That it has help is told with the options of all commands.
    let own = (!groups).then(|| {
        let command = command.clone().mut_args(|arg| {
            let is_hidden = arg.is_hide_set() || arg.get_id() == "help";
            arg.hide(is_hidden)
        });
        rendered(command, OF_COMMAND)
    });
    let below = command.get_subcommands().filter(|it| !it.is_hide_set());
    own.into_iter()
        .chain(below.flat_map(with_options))
        .collect()
}

/// The options that all commands have.
#[must_use]
pub fn options_of_all(tree: &Command) -> StyledStr {
    rendered(tree.clone(), OF_ALL)
}

/// With what short help leaves out.
fn rendered(command: Command, template: &'static str) -> StyledStr {
    let command = command.help_template(template);
    command
        .mut_args(|arg| arg.hide_short_help(false))
        .render_help()
}
