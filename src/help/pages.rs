//! The manual: a page for the program and one for each command, from the clap tree.

use std::io;

use clap::{ArgAction, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use jiff::civil::Date;

use super::prose::{Part, parts};
use super::topics::{TOPICS, Topic};

/// What every page begins with, so that a page is known as one of ours.
pub const MARK: &str = ".\\\" Written by vault man.\n";

/// At the foot of each page.
const SOURCE: &str = concat!("vault ", env!("CARGO_PKG_VERSION"));
/// At the head of each page.
const MANUAL: &str = "Vault";

/// What `roff` puts before each section.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

const ENVIRONMENT: [(&str, &str); 10] = [
    ("VAULT_FILE", "The vault file, where --vault names none."),
    (
        "VAULT_KEY_FILE",
        "The key file, where --key-file names none.",
    ),
    (
        "VAULT_PASSWORD_COMMAND",
        "A command whose first line on stdout is the master password.",
    ),
    (
        "VAULT_PASSWORD_FILE",
        "A file whose first line is the master password. No variable whose name begins with \
         VAULT_PASSWORD is passed on to a program that is started.",
    ),
    (
        "VISUAL, EDITOR",
        "The editor of edit --editor, with its arguments.",
    ),
    (
        "PAGER",
        "What shows a long answer on a terminal; less by default.",
    ),
    ("NO_COLOR", "No colour, whatever it is set to."),
    (
        "XDG_DATA_HOME, XDG_STATE_HOME",
        "Where the vault is by default, and what this device remembers of it.",
    ),
    (
        "XDG_RUNTIME_DIR",
        "Where the agent's socket is, and where edit --editor keeps its file if that is a \
         filesystem in memory.",
    ),
    (
        "WAYLAND_DISPLAY, DISPLAY, SSH_CONNECTION, TMUX, STY",
        "Which clipboard get --clip uses: the desktop's, or that of the terminal.",
    ),
];

const FILES: [(&str, &str); 5] = [
    (
        "~/.local/share/vault/vault.age",
        "The vault, where neither --vault nor VAULT_FILE names one. On macOS it is in \
         ~/Library/Application Support/vault.",
    ),
    (
        "vault.age.backups",
        "Beside the vault: the generations before it.",
    ),
    (
        "vault.age.lock",
        "Beside the vault: held by whoever is writing it.",
    ),
    (
        "~/.local/state/vault",
        "What this device remembers of each vault: who signs it, which generation it has seen, \
         which secrets were revealed.",
    ),
    (
        "$XDG_RUNTIME_DIR/vault/agent.sock",
        "Where the agent listens; without a folder of yours there, ~/.cache/vault-agent/agent.sock.",
    ),
];

const EXIT_STATUS: [(&str, &str); 12] = [
    ("0", "It is done."),
    (
        "1",
        "Failed: a file cannot be read or written, the disk is full, a helper program is missing. \
         Nothing changed.",
    ),
    ("2", "Usage: options or input are not as they should be."),
    ("3", "Not found: no such vault, entry, client or field."),
    (
        "4",
        "Locked: the password, key file or identity does not fit.",
    ),
    (
        "5",
        "Integrity: damaged, tampered with, unsigned, rolled back, or signed by another key.",
    ),
    ("6", "Refused: a rule forbids it."),
    (
        "7",
        "Conflict: it exists already, the vault is busy, or a rotation is pending.",
    ),
    ("8", "A check found something."),
    (
        "9",
        "Input is needed: it would have to ask, and there is nobody to ask.",
    ),
    (
        "126, 127",
        "With run: its program cannot be run, or there is none. Else run has the program's own code.",
    ),
    (
        "130, 128+N",
        "Ended by Ctrl-C, or by signal N (143 is TERM), as a shell shows it. The vault is whole, as it \
         was before or after.",
    ),
];

/// A page of the manual.
#[derive(Debug)]
pub struct ManualPage {
    /// `vault`, `vault-add`, `vault-client-add`…
    pub name: String,
    /// The section: 1 for commands, 7 for topics.
    pub section: u8,
    /// Its source, in the `man` macros.
    pub text: String,
}

/// The page of the program, written on `day`.
pub fn main_page(tree: Command, day: Date) -> io::Result<ManualPage> {
    page(tree, "vault", None, day)
}

/// The pages of the program, of all commands that are shown and of all topics, written on `day`.
pub fn all(mut tree: Command, day: Date) -> io::Result<Vec<ManualPage>> {
    let mut pages = vec![main_page(tree.clone(), day)?];
    // A command has its options only then.
    tree.build();
    below(&tree, "vault", day, &mut pages)?;
    for topic in &TOPICS {
        pages.push(topic_page(topic, day)?);
    }
    Ok(pages)
}

fn topic_page(topic: &Topic, day: Date) -> io::Result<ManualPage> {
    const SECTION: u8 = 7;
    let name = format!("vault-{}", topic.name);
    let (title, section, day) = (name.to_uppercase(), SECTION.to_string(), day.to_string());
    let mut roff = Roff::new();
    roff.control("TH", [title.as_str(), &section, &day, SOURCE, MANUAL]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {}", topic.about))]);
    roff.control("SH", ["DESCRIPTION"]);
    prose(&mut roff, &topic.parts());
    see_also(&mut roff, "vault");
    let mut out = Vec::new();
    roff.to_writer(&mut out)?;
    let text = String::from_utf8(out).map_err(io::Error::other)?;
    let text = format!("{MARK}{}", backslashes(&text));
    Ok(ManualPage {
        name,
        section: SECTION,
        text,
    })
}

fn below(parent: &Command, path: &str, day: Date, pages: &mut Vec<ManualPage>) -> io::Result<()> {
    for command in parent.get_subcommands().filter(|one| !one.is_hide_set()) {
        let name = format!("{path} {}", command.get_name());
        pages.push(page(command.clone(), &name, Some(path), day)?);
        below(command, &name, day, pages)?;
    }
    Ok(())
}

/// The page of one command, with its own options only.
fn page(command: Command, path: &str, parent: Option<&str>, day: Date) -> io::Result<ManualPage> {
    let name = path.replace(' ', "-");
    let mut command = command
        .display_name(name.clone())
        .bin_name(path.to_owned())
        .mut_args(|arg| {
            let is_of_clap = matches!(
                arg.get_action(),
                ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
            );
            let is_everywhere = arg.is_global_set() || is_of_clap;
            let is_hidden = arg.is_hide_set() || is_everywhere && parent.is_some();
            // What short help leaves out stands on the page too.
            arg.hide(is_hidden).hide_short_help(false)
        })
        .mut_subcommands(|below| {
            let name = format!("{name}-{}", below.get_name());
            below.display_name(name)
        });
    let has_options = command.get_arguments().any(|arg| !arg.is_hide_set());
    let has_commands = command.get_subcommands().any(|one| !one.is_hide_set());
    let usage = command.render_usage().to_string();
    let after_help = command.get_after_help().map(ToString::to_string);
    let man = Man::new(command)
        .title(name.to_uppercase())
        .date(day.to_string())
        .source(SOURCE)
        .manual(MANUAL);
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    synopsis(&usage).to_writer(&mut out)?;
    man.render_description_section(&mut out)?;
    if has_options {
        man.render_options_section(&mut out)?;
    }
    if has_commands {
        man.render_subcommands_section(&mut out)?;
    }
    let mut rest = Roff::new();
    if let Some(parent) = parent {
        prose(&mut rest, &parts(&after_help.unwrap_or_default()));
        see_also(&mut rest, &parent.replace(' ', "-"));
    } else {
        table(&mut rest, "ENVIRONMENT", &ENVIRONMENT);
        table(&mut rest, "FILES", &FILES);
        table(&mut rest, "EXIT STATUS", &EXIT_STATUS);
    }
    rest.to_writer(&mut out)?;
    let text = String::from_utf8(out).map_err(io::Error::other)?;
    // Twice a break and an empty line between is what mandoc warns of.
    let text = text.replace(PREAMBLE, "").replace(".br\n\n.br\n", ".sp\n");
    let text = format!("{MARK}{PREAMBLE}{}", backslashes(&text));
    Ok(ManualPage {
        name,
        section: 1,
        text,
    })
}

/// `roff` doubles a backslash that is to be read, which is the way in a macro's own text only: elsewhere
/// it has a name, see `groff_char(7)`.
fn backslashes(text: &str) -> String {
    text.replace(r"\\", r"\(rs")
}

/// A help text: its headings as sections, what is literal line by line.
fn prose(roff: &mut Roff, text: &[Part<'_>]) {
    let mut follows_text = false;
    for part in text {
        if follows_text && !matches!(part, Part::Heading(_)) {
            roff.control("PP", []);
        }
        match part {
            Part::Heading(heading) => {
                roff.control("SH", [heading.to_uppercase().as_str()]);
            }
            Part::Paragraph(text) => {
                roff.text([roman(text)]);
            }
            Part::Literal(lines) => {
                roff.control("nf", []);
                for line in lines {
                    roff.text([roman(*line)]);
                }
                roff.control("fi", []);
            }
        }
        follows_text = !matches!(part, Part::Heading(_));
    }
}

/// As help shows it: how the arguments follow one another.
fn synopsis(usage: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold(usage.trim_start_matches("Usage: "))]);
    roff
}

fn see_also(roff: &mut Roff, parent: &str) {
    roff.control("SH", ["SEE ALSO"]);
    if parent != "vault" {
        roff.text([bold(parent), roman("(1),")]);
    }
    roff.text([
        bold("vault"),
        roman("(1) for the options of all commands, variables, files and exit codes"),
    ]);
}

fn table(roff: &mut Roff, heading: &str, rows: &[(&str, &str)]) {
    roff.control("SH", [heading]);
    for (name, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
}
