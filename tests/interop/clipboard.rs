//! The clipboard of a real X server through the real programs, and the terminal behind a real
//! tmux.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};

use crate::interop::run;
use crate::support::call::Call;
use crate::support::env::{BINARY, TestEnv};
use crate::support::wait::wait_until;

const SECRET: &str = "one é\n\tzwei 日本 🔑\n\n";

/// An X server without a screen.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    fn start() -> Self {
        let server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "640x480x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut server = server.expect("Xvfb does not run");
        let mut number = String::new();
        let stdout = server.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb does not start");
        Self {
            server,
            name: format!(":{}", number.trim()),
        }
    }

    /// What another program gets when it pastes; none when there is nothing.
    fn pasted(&self) -> Option<String> {
        let mut paste = Command::new("xclip");
        paste.args(["-selection", "clipboard", "-out", "-target", "UTF8_STRING"]);
        let output = paste.env("DISPLAY", &self.name).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.success() && !text.is_empty()).then_some(text)
    }

    fn copy(&self, text: &str) {
        let script = format!("printf %s '{text}' | xclip -selection clipboard >/dev/null 2>&1");
        run(Command::new("sh")
            .args(["-c", &script])
            .env("DISPLAY", &self.name));
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A home where of the programs for X11 there is only this one.
fn with_only(program: &str) -> (TestEnv, String) {
    let env = TestEnv::with(&[]);
    env.call(&["add", "acme/key", "--raw"]).stdin(SECRET).ok();
    let bin = env.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    for name in [program, "setsid"] {
        let found = run(Command::new("sh").args(["-c", &format!("command -v {name}")]));
        let path = String::from_utf8(found.stdout).unwrap();
        symlink(path.trim(), bin.join(name)).unwrap();
    }
    let path = bin.to_str().unwrap().to_owned();
    (env, path)
}

/// Copies through this program, and clears after two seconds.
fn copied<'a>(env: &'a TestEnv, path: &str, display: &Display) -> Call<'a> {
    let args = ["get", "acme/key", "--clip", "--clear-after", "2s"];
    env.call(&args)
        .var("PATH", path)
        .var("DISPLAY", &display.name)
}

#[test]
#[ignore = "needs Xvfb, xclip and xsel; .ci/run runs it"]
fn what_is_copied_can_be_pasted_exactly_until_it_is_cleared() {
    let display = Display::start();
    for program in ["xclip", "xsel"] {
        let (env, path) = with_only(program);
        copied(&env, &path, &display).ok().prints("");
        // xsel takes the clipboard from the background, a moment later.
        wait_until(&format!("what {program} has"), || {
            display.pasted().is_some()
        });
        assert_eq!(display.pasted().as_deref(), Some(SECRET), "{program}");
        wait_until("it is cleared", || display.pasted().is_none());
    }
}

#[test]
#[ignore = "needs Xvfb, xclip and xsel; .ci/run runs it"]
fn what_another_program_has_copied_stays() {
    let display = Display::start();
    for program in ["xclip", "xsel"] {
        let (env, path) = with_only(program);
        copied(&env, &path, &display).ok();
        wait_until(&format!("what {program} has"), || {
            display.pasted().is_some()
        });
        display.copy("a shopping list");
        let marks = env.home().parent().unwrap().join("run/vault");
        wait_until("it forgets the copy", || {
            std::fs::read_dir(&marks).unwrap().next().is_none()
        });
        assert_eq!(
            display.pasted().as_deref(),
            Some("a shopping list"),
            "{program}"
        );
    }
}

#[test]
#[ignore = "needs tmux; .ci/run runs it"]
fn a_real_tmux_passes_it_on_to_the_terminal() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let get = format!(
        "VAULT_PASSWORD_FILE='{}' '{BINARY}' get acme/wp -c; sleep 1",
        env.password_file().display()
    );
    let get = env.file("get.sh", get);
    for (allowed, seen) in [
        ("on", "\x1b]52;c;aHVudGVyMg==\x07"),
        ("off", "allow-passthrough on"),
    ] {
        let socket = env.tmp().join(allowed);
        let script = format!(
            "stty rows 24 cols 80; LC_ALL=C.UTF-8 tmux -f /dev/null -S '{}' \
             set -g allow-passthrough {allowed} \\; new-session \"sh '{get}'\"",
            socket.display()
        );
        let mut terminal = env.terminal(&script);
        terminal.sees(seen).ends();
    }
}
