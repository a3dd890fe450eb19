//! A call of the real binary, and what came of it.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::Value;

use super::env::{PASSWORD, TIMEOUT, TestEnv, holds};

/// A call that has not run yet.
#[must_use = "run it: ok(), fails(code)"]
pub(crate) struct Call<'a> {
    env: &'a TestEnv,
    command: Command,
    stdin: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(env: &'a TestEnv, command: Command) -> Self {
        Self {
            env,
            command,
            stdin: Vec::new(),
        }
    }

    /// Feeds stdin through a pipe.
    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = bytes.as_ref().to_vec();
        self
    }

    /// Sets a variable.
    pub(crate) fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives no source of a password.
    pub(crate) fn no_password(mut self) -> Self {
        self.command.env_remove("VAULT_PASSWORD_FILE");
        self
    }

    /// Gives `password` and no other, in a file.
    pub(crate) fn password(self, password: &str) -> Self {
        let file = self.env.file("other-password", password);
        self.var("VAULT_PASSWORD_FILE", file)
    }

    /// Runs it; exit code 0 is expected.
    pub(crate) fn ok(self) -> Success {
        let output = self.run();
        assert!(output.code == Some(0), "expected exit 0\n{output:?}");
        Success(output)
    }

    /// Runs it; this exit code is expected, an empty stdout, and a vault as it was before.
    pub(crate) fn fails(self, code: i32) -> Failure {
        let env = self.env;
        let before = env.snapshot();
        let output = self.run();
        assert!(
            output.code == Some(code),
            "expected exit {code}\n{output:?}"
        );
        assert!(output.stdout.is_empty(), "stdout is not empty\n{output:?}");
        assert!(!output.stderr.is_empty(), "it does not say why\n{output:?}");
        let after = env.snapshot();
        let changed: Vec<_> = (before.keys().chain(after.keys()))
            .filter(|path| before.get(*path) != after.get(*path))
            .collect();
        assert!(changed.is_empty(), "changed: {changed:?}\n{output:?}");
        Failure(output)
    }

    /// Runs it, whatever comes of it.
    pub(crate) fn run(self) -> Output {
        let line = self.line();
        let stdin = self.stdin.clone();
        let mut child = self.spawn();
        let mut pipe = child.stdin.take().unwrap();
        // A program that does not read its input closes the pipe: no matter.
        let feed = thread::spawn(move || drop(pipe.write_all(&stdin)));
        let (send, receive) = mpsc::channel();
        let stdout = drain(child.stdout.take().unwrap(), send.clone());
        let stderr = drain(child.stderr.take().unwrap(), send);
        let ended = (0..2).all(|_| receive.recv_timeout(TIMEOUT).is_ok());
        if !ended {
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        assert!(ended, "it hangs: {line}");
        feed.join().unwrap();
        let output = Output {
            line,
            code: status.code(),
            stdout: stdout.join().unwrap(),
            stderr: String::from_utf8(stderr.join().unwrap()).expect("stderr is not UTF-8"),
        };
        output.check();
        output
    }

    /// Starts it and leaves it running.
    pub(crate) fn spawn(mut self) -> Child {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.line()))
    }

    fn line(&self) -> String {
        let args = self.command.get_args().map(OsStr::to_string_lossy);
        args.collect::<Vec<_>>().join(" ")
    }
}

fn drain(
    mut pipe: impl Read + Send + 'static,
    done: mpsc::Sender<()>,
) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        // Nobody listens after a timeout.
        let _ = done.send(());
        bytes
    })
}

/// What a call did.
#[must_use = "assert what it did"]
pub(crate) struct Output {
    line: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Output {
    /// What has to hold of every call.
    fn check(&self) {
        assert!(self.code != Some(101), "exit 101\n{self:?}");
        assert!(!self.stderr.contains("panicked"), "it panicked\n{self:?}");
        for text in [self.stdout.as_slice(), self.stderr.as_bytes()] {
            assert!(!holds(text, PASSWORD), "the master password\n{self:?}");
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut stdout = String::from_utf8_lossy(&self.stdout).into_owned();
        if stdout.len() > 2000 {
            stdout = format!("{} bytes", stdout.len());
        }
        writeln!(f, "\n$ {}", self.line)?;
        writeln!(f, "exit {:?}", self.code)?;
        writeln!(f, "--- stdout\n{stdout}\n--- stderr\n{}", self.stderr)
    }
}

/// A call that exited with 0.
pub(crate) struct Success(Output);

impl Success {
    /// The bytes on stdout.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.stdout
    }

    /// The text on stdout.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).expect("stdout is not UTF-8")
    }

    /// The one JSON value on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.0.stdout)
            .unwrap_or_else(|error| panic!("no JSON: {error}\n{:?}", self.0))
    }

    /// stdout is exactly this.
    #[track_caller]
    pub(crate) fn prints(&self, text: &str) -> &Self {
        assert!(self.text() == text, "expected {text:?}\n{:?}", self.0);
        self
    }

    /// stdout has this somewhere.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "no {text:?}\n{:?}", self.0);
        self
    }

    /// stderr has this somewhere.
    #[track_caller]
    pub(crate) fn tells(&self, text: &str) -> &Self {
        assert!(self.0.stderr.contains(text), "no {text:?}\n{:?}", self.0);
        self
    }

    /// stderr is empty.
    #[track_caller]
    pub(crate) fn silently(&self) -> &Self {
        assert!(self.0.stderr.is_empty(), "not silent\n{:?}", self.0);
        self
    }

    /// Neither stdout nor stderr has this.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        let found = holds(&self.0.stdout, text) || self.0.stderr.contains(text);
        assert!(!found, "{text:?} was shown\n{:?}", self.0);
        self
    }
}

/// A call that failed as expected.
pub(crate) struct Failure(Output);

impl Failure {
    /// stderr is exactly this.
    #[track_caller]
    pub(crate) fn is(&self, text: &str) -> &Self {
        assert!(self.0.stderr == text, "expected {text:?}\n{:?}", self.0);
        self
    }

    /// stderr has this somewhere.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.0.stderr.contains(text), "no {text:?}\n{:?}", self.0);
        self
    }

    /// The message has its fixed form, and its last line is a hint that has this somewhere.
    #[track_caller]
    pub(crate) fn hints(&self, text: &str) -> &Self {
        let mut lines = self.0.stderr.lines();
        let message = lines.any(|line| line.starts_with("vault: "));
        assert!(message, "no line `vault: …`\n{:?}", self.0);
        let last = self.0.stderr.lines().last().unwrap_or_default();
        assert!(last.starts_with("hint: "), "no hint\n{:?}", self.0);
        assert!(last.contains(text), "no {text:?} in hint\n{:?}", self.0);
        self
    }

    /// stderr does not have this.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.0.stderr.contains(text), "{text:?}\n{:?}", self.0);
        self
    }

    /// The first word on stderr that starts so, without punctuation around it.
    #[track_caller]
    pub(crate) fn word(&self, start: &str) -> String {
        let mut words = self
            .0
            .stderr
            .split(|c: char| c.is_whitespace() || "(),;'`".contains(c));
        let word = words.find(|word| word.starts_with(start));
        word.unwrap_or_else(|| panic!("no {start}…\n{:?}", self.0))
            .to_owned()
    }

    /// The error object that `--json` gives, alone on stderr.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.0.stderr)
            .unwrap_or_else(|error| panic!("no JSON: {error}\n{:?}", self.0));
        value["error"].clone()
    }
}
