//! Topics: what is to be read about no single command, by `vault help TOPIC` and as section 7 of
//! the manual.

use super::prose::{Part, parts};

/// What is explained apart from the commands.
#[derive(Debug)]
pub struct Topic {
    /// The word that it is asked for by; no command has it.
    pub name: &'static str,
    /// What it is about, in a line.
    pub about: &'static str,
    text: &'static str,
}

impl Topic {
    /// Its headings, paragraphs, examples and tables.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'static>> {
        parts(self.text)
    }
}

/// The text of a topic, in its file.
macro_rules! topic {
    ($name:literal, $about:literal) => {
        Topic {
            name: $name,
            about: $about,
            text: include_str!(concat!("topics/", $name, ".txt")),
        }
    };
}

/// All topics, from what everybody does to what few look up.
pub const TOPICS: [Topic; 17] = [
    topic!(
        "day",
        "credentials from day to day: keep, find, change, rotate, throw away"
    ),
    topic!(
        "keyboard",
        "what saves keys: clipboard, picker, Tab, editor, manual"
    ),
    topic!(
        "permission",
        "ask a client, share, take back: the whole way with a subcontractor"
    ),
    topic!(
        "pages",
        "pages for people without software: to be given a password, and to open one"
    ),
    topic!(
        "documents",
        "what is signed, and how to check it with ssh-keygen and age alone"
    ),
    topic!(
        "programs",
        "unlock once; secrets for programs, and one-time codes"
    ),
    topic!(
        "recipes",
        "programs that change a secret at PostgreSQL, in a file of htpasswd, an SSH key"
    ),
    topic!(
        "moving",
        "import from browsers and password managers, export, leave"
    ),
    topic!(
        "loss",
        "backups, and when the disk, the file or the password is lost"
    ),
    topic!(
        "leaks",
        "weak spots and leaked passwords, and what to do when something leaks"
    ),
    topic!(
        "machines",
        "several machines: sync, merge, conflicts, a repository of yours"
    ),
    topic!(
        "scripts",
        "scripts: stdin and stdout, passwords, exit codes, JSON"
    ),
    topic!(
        "ci",
        "a vault in a repository is checked without its password"
    ),
    topic!(
        "protection",
        "how it is protected, what it promises, and what it cannot do"
    ),
    topic!("limits", "how large and how many"),
    topic!("speed", "how long it takes, measured"),
    topic!("format", "the file, so that a reader can be written for it"),
];

/// The topic of this name.
#[must_use]
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

/// The topic that was probably meant by a word.
#[must_use]
pub fn near(word: &str) -> Option<&'static Topic> {
    let mut topics = TOPICS.iter();
    topics.find(|topic| strsim::damerau_levenshtein(topic.name, word) <= 2)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::TOPICS;
    use crate::cli::Cli;
    use crate::help::prose::Part;

    #[test]
    fn a_topic_is_no_command_and_has_a_text() {
        let tree = Cli::command();
        for topic in &TOPICS {
            assert!(tree.find_subcommand(topic.name).is_none(), "{}", topic.name);
            let parts = topic.parts();
            assert!(
                matches!(parts.first(), Some(Part::Paragraph(_))),
                "{}",
                topic.name
            );
        }
    }
}
