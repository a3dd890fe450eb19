//! `git`, for `vault sync`: one command at a time in a bare repository of this program's own, or in
//! a work tree of the user's. What the environment or a repository tells git to run has nothing to
//! act on, and what a remote sends is bounded by the system.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::child::{ChildOutput, read_while_it_runs, shell};
use crate::error::{Error, Result};
use crate::model::text::limits::VAULT_FILE_BYTES;

/// What git may say on its stderr, in bytes; more is dropped.
const SAID_BYTES: usize = 64 << 10;

/// A file that git, or what it starts, may write: a vault, and what git stores beside it, in bytes.
pub const GIT_FILE_BYTES: u64 = VAULT_FILE_BYTES + (1 << 20);
/// Memory of each process, in KiB, as the shell counts it.
const MEMORY_KIB: u64 = 1 << 20;
/// What the shell exits with where there is no such program.
const NOT_THERE: i32 = 127;

/// Settings that no file of the user or of a repository overrides.
const SETTINGS: [&str; 19] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.alternateRefsCommand=true",
    "core.logAllRefUpdates=false",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.file.allow=always",
    "gc.auto=0",
    "maintenance.auto=false",
    "receive.autogc=false",
    "submodule.recurse=false",
    "fetch.fsckObjects=true",
    "fetch.writeCommitGraph=false",
    // What is fetched stays in one file, so that the limit of a file bounds it.
    "fetch.unpackLimit=1",
    "pack.threads=1",
    "push.gpgSign=false",
    "push.followTags=false",
    "commit.gpgSign=false",
];

/// Variables that git is given, in the place of all others whose name begins as theirs. Commits
/// tell neither who wrote them nor when.
const VARIABLES: [(&str, &str); 14] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_ALLOW_PROTOCOL", "https:ssh:file"),
    ("GIT_DEFAULT_HASH", "sha1"),
    ("GIT_DEFAULT_REF_FORMAT", "files"),
    ("GIT_AUTHOR_NAME", "vault"),
    ("GIT_AUTHOR_EMAIL", "vault@localhost"),
    ("GIT_AUTHOR_DATE", "@0 +0000"),
    ("GIT_COMMITTER_NAME", "vault"),
    ("GIT_COMMITTER_EMAIL", "vault@localhost"),
    ("GIT_COMMITTER_DATE", "@0 +0000"),
    ("LC_ALL", "C"),
    ("LANGUAGE", "C"),
];

/// Variables that say to a hook where what is committed is.
const PLACES: [&str; 5] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_QUARANTINE_PATH",
];
/// Where the user's settings are, if not in the usual places.
const USERS: [&str; 3] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// git in one repository.
#[derive(Debug)]
pub struct Git {
    folder: PathBuf,
    /// Whether the folder is the repository itself, and not in a work tree.
    is_repository: bool,
    /// The variables for git that it gets as this process has them.
    passed_on: &'static [&'static str],
    may_ask: bool,
}

/// How a command of git ended.
#[derive(Debug)]
pub struct GitOutput {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it said.
    pub said: String,
}

impl GitOutput {
    /// Whether it did what it was to do.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.code == Some(0)
    }

    /// What it printed, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

impl Git {
    /// git in the repository at `folder`; `may_ask` says whether it may ask on the terminal for a
    /// password or a key's passphrase.
    #[must_use]
    pub fn in_folder(folder: &Path, may_ask: bool) -> Self {
        Self {
            folder: folder.to_path_buf(),
            is_repository: true,
            passed_on: &[],
            may_ask,
        }
    }

    /// git in a folder of a work tree, whose repository git finds; only for what speaks to no
    /// remote.
    #[must_use]
    pub fn in_work_tree(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            is_repository: false,
            passed_on: &[],
            // Nothing there asks.
            may_ask: true,
        }
    }

    /// git in no repository, for the settings of the user.
    #[must_use]
    pub fn of_user() -> Self {
        Self {
            folder: PathBuf::from("/"),
            is_repository: false,
            passed_on: &USERS,
            may_ask: true,
        }
    }

    /// git in the current folder, for a hook: the repository and the index are those of the commit.
    #[must_use]
    pub fn in_hook() -> Self {
        Self {
            passed_on: &PLACES,
            ..Self::in_work_tree(Path::new("."))
        }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs one command with `input` on its stdin; it may print at most `limit` bytes.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when git is not there,
    /// [`crate::error::Kind::Integrity`] when it prints more.
    pub fn run(&self, args: &[impl AsRef<OsStr>], input: &[u8], limit: usize) -> Result<GitOutput> {
        let mut git = self.command();
        self.ask_or_not(&mut git)?;
        finish(git.args(args), input, limit)
    }

    fn command(&self) -> Command {
        let mut git = shell(OsStr::new(&bounded()));
        git.arg("git");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"GIT_") {
                git.env_remove(name);
            }
        }
        git.envs(VARIABLES);
        for name in self.passed_on {
            git.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        if self.is_repository {
            git.env("GIT_DIR", &self.folder).current_dir("/");
        } else {
            git.current_dir(&self.folder);
        }
        for setting in SETTINGS {
            git.args(["-c", setting]);
        }
        git
    }

    /// Without a terminal, neither git nor ssh may ask for anything: they fail instead.
    fn ask_or_not(&self, git: &mut Command) -> Result<()> {
        if self.may_ask {
            return Ok(());
        }
        git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "");
        let mut asked = self.command();
        asked.args(["config", "--get", "core.sshCommand"]);
        let own = finish(&mut asked, b"", SAID_BYTES)?;
        if !own.is_ok() {
            git.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
        }
        Ok(())
    }
}

/// Becomes the program that it is given, which cannot raise these limits. Lower ones may hold
/// already.
fn bounded() -> String {
    // The shell counts files in blocks of 512 bytes.
    let blocks = GIT_FILE_BYTES / 512;
    format!(
        "ulimit -f {blocks} 2>/dev/null; ulimit -d {MEMORY_KIB} 2>/dev/null; exec \"$0\" \"$@\""
    )
}

fn unusable(why: &std::io::Error) -> Error {
    Error::failed(format!("cannot run git: {why}")).hint("install git 2.29 or later")
}

fn finish(git: &mut Command, input: &[u8], limit: usize) -> Result<GitOutput> {
    let failed = |why| unusable(&why);
    git.stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = git.spawn().map_err(failed)?;
    if let Some(mut pipe) = child.stdin.take() {
        // Where it does not read to the end, it says why.
        let _ = pipe.write_all(input);
    }
    let (mut stdout, mut said) = (Vec::new(), Vec::new());
    let read = read_while_it_runs(&mut child, |stream, bytes| {
        if stream == ChildOutput::Output {
            stdout.extend_from_slice(bytes);
        } else if said.len() < SAID_BYTES {
            said.extend_from_slice(bytes);
        }
        stdout.len() <= limit
    });
    let is_all = read.map_err(failed);
    if !matches!(is_all, Ok(true)) {
        let _ = child.kill();
    }
    let code = child.wait().map_err(failed)?.code();
    if !is_all? {
        return Err(Error::integrity(format!(
            "git gives more than the {limit} bytes that there may be"
        )));
    }
    if code == Some(NOT_THERE) {
        return Err(unusable(&std::io::ErrorKind::NotFound.into()));
    }
    Ok(GitOutput {
        code,
        stdout,
        said: String::from_utf8_lossy(&said).into_owned(),
    })
}

/// What git starts at the other end of a repository on this machine, where nothing that stands in
/// that repository may be run either.
#[must_use]
pub fn at_the_other_end(program: &str) -> String {
    format!(
        "--{program}=git -c core.hooksPath=/dev/null -c core.fsmonitor=false \
         -c core.alternateRefsCommand=true -c receive.autogc=false -c gc.auto=0 {program}"
    )
}
