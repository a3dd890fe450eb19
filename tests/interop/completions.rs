//! Tab in real shells on a real terminal: what stands on the line afterwards. And the manual as
//! those see it who read it.

use std::fs;
use std::process::Command;

use crate::cli::sharing::share::{consented, share};
use crate::interop::run;
use crate::support::env::{TestEnv, number};
use crate::support::terminal::Terminal;
use crate::support::wait::wait_for;

/// A shell at its prompt, with the script loaded, that writes its line to a file on Ctrl-X.
struct Shell {
    terminal: Terminal,
    line: std::path::PathBuf,
}

impl Shell {
    /// `$LINE` in `setup` stands for the file.
    fn start(env: &TestEnv, program: &str, args: &[&str], setup: &str) -> Self {
        let line = env.tmp().join("line");
        let mut command = Command::new(program);
        command.args(args).env("LINE", &line);
        let mut terminal = env.start(command);
        let ready = env.tmp().join("ready");
        let setup = setup.replace("$LINE", line.to_str().unwrap());
        terminal.types(&format!("{setup}; touch {}", ready.display()));
        wait_for(&ready);
        Self { terminal, line }
    }

    fn bash(env: &TestEnv) -> Self {
        let setup = "eval \"$(vault completions bash)\"; \
                     bind -x '\"\\C-x\": printf %s \"$READLINE_LINE\" > $LINE.new; mv $LINE.new $LINE'";
        Self::start(env, "bash", &["--norc", "--noprofile", "-i"], setup)
    }

    fn zsh(env: &TestEnv) -> Self {
        let setup = "autoload -U compinit; compinit -u -D; source <(vault completions zsh); \
                     show() { print -rn -- $BUFFER > $LINE.new; mv $LINE.new $LINE }; \
                     zle -N show; bindkey '^X' show";
        Self::start(env, "zsh", &["-f", "-i"], setup)
    }

    fn fish(env: &TestEnv) -> Self {
        let setup = "vault completions fish | source; \
                     bind \\cx 'commandline > $LINE.new; mv $LINE.new $LINE'";
        Self::start(env, "fish", &["--no-config", "-i"], setup)
    }

    /// What stands on the line after `typed` and Tab.
    fn tab(&mut self, typed: &str) -> String {
        // Readline redraws in its own time; the keys wait in order.
        self.terminal
            .session
            .send(&format!("\x15{typed}\t"))
            .unwrap();
        self.terminal.session.flush().unwrap();
        self.terminal.presses('x');
        wait_for(&self.line);
        let line = fs::read_to_string(&self.line).unwrap();
        fs::remove_file(&self.line).unwrap();
        line.trim_end_matches('\n').to_owned()
    }
}

impl Drop for Shell {
    /// An interactive shell ignores the signal that would end others.
    fn drop(&mut self) {
        let _ = self.terminal.session.send("\x15exit\n");
        let _ = self.terminal.session.exp_eof();
    }
}

/// What every shell makes of commands, values and paths.
fn completes(env: &TestEnv, mut shell: Shell) {
    env.file("a file.txt", "x");
    assert_eq!(shell.tab("vault rot").trim_end(), "vault rotate");
    assert_eq!(shell.tab("vault client sh").trim_end(), "vault client show");
    assert_eq!(
        shell.tab("vault get --at").trim_end(),
        "vault get --at-version"
    );
    assert_eq!(
        shell.tab("vault --color=alw").trim_end(),
        "vault --color=always"
    );
    assert_eq!(
        shell.tab("vault --color alw").trim_end(),
        "vault --color always"
    );
    let path = shell.tab("vault --vault a");
    let quoted = [r"vault --vault a\ file.txt", "vault --vault 'a file.txt'"];
    assert!(quoted.contains(&path.trim_end()), "{path:?}");
    let program = shell.tab("vault run --client acme -- vaul");
    assert_eq!(program.trim_end(), "vault run --client acme -- vault");
    assert_eq!(shell.tab("vault complet").trim_end(), "vault completions");
}

#[test]
#[ignore = "needs zsh and fish; .ci/run runs it"]
fn bash_completes() {
    let env = TestEnv::new();
    completes(&env, Shell::bash(&env));
}

#[test]
#[ignore = "needs zsh and fish; .ci/run runs it"]
fn zsh_completes() {
    let env = TestEnv::new();
    completes(&env, Shell::zsh(&env));
}

#[test]
#[ignore = "needs zsh and fish; .ci/run runs it"]
fn fish_completes() {
    let env = TestEnv::new();
    completes(&env, Shell::fish(&env));
}

#[test]
#[ignore = "needs zsh and fish; .ci/run runs it"]
fn a_name_with_a_space_is_quoted_by_every_shell() {
    let env = TestEnv::with(&[("acme/my site", "x")]);
    env.call(&["unlock"]).ok();
    for shell in [Shell::bash, Shell::zsh, Shell::fish] {
        let mut shell = shell(&env);
        let line = shell.tab("vault get acme/my");
        let quoted = [r"vault get acme/my\ site", "vault get 'acme/my site'"];
        assert!(quoted.contains(&line.trim_end()), "{line:?}");
        assert!(!shell.terminal.screen.contains("assword"));
        drop(shell);
        fs::remove_file(env.tmp().join("ready")).unwrap();
    }
}

#[test]
#[ignore = "needs zsh and fish; .ci/run runs it"]
fn people_numbers_fields_tags_and_backups_are_completed_by_every_shell() {
    let (env, _) = consented();
    env.call(&["edit", "acme/wp", "--tag", "cms", "--field", "port=22"])
        .ok();
    env.call(&["contact", "add", "eve"]).ok();
    let shared = share(&env, &["acme/wp"]);
    let share = number(shared["share"]["id"].as_str().unwrap());
    let consents = env.call(&["consent", "list", "--json"]).ok().json();
    let consent = number(consents[0]["id"].as_str().unwrap());
    env.call(&["unlock"]).ok();
    for shell in [Shell::bash, Shell::zsh, Shell::fish] {
        let mut shell = shell(&env);
        for (typed, whole) in [
            (
                "vault share acme/wp --to b",
                "vault share acme/wp --to bob".to_owned(),
            ),
            ("vault contact show e", "vault contact show eve".to_owned()),
            (
                &*format!("vault consent show {}", &consent[..4]),
                format!("vault consent show {consent}"),
            ),
            (
                &*format!("vault revoke {}", &share[..4]),
                format!("vault revoke {share}"),
            ),
            ("vault list --tag c", "vault list --tag cms".to_owned()),
            (
                "vault get acme/wp --field po",
                "vault get acme/wp --field port".to_owned(),
            ),
            ("vault restore la", "vault restore last.age".to_owned()),
        ] {
            assert_eq!(shell.tab(typed).trim_end(), whole);
        }
        drop(shell);
        fs::remove_file(env.tmp().join("ready")).unwrap();
    }
}

#[test]
#[ignore = "needs man and mandoc; .ci/run runs it"]
fn man_and_mandoc_read_every_page_without_a_warning() {
    let env = TestEnv::new();
    let folder = env.path("man");
    env.call(&["man", "--out", &folder]).ok();
    let sections = ["man1", "man7"].map(|section| fs::read_dir(format!("{folder}/{section}")));
    for page in sections.into_iter().flat_map(Result::unwrap) {
        let page = page.unwrap().path();
        let is_command = page.extension().is_some_and(|section| section == "1");
        run(Command::new("mandoc")
            .args(["-T", "lint", "-W", "warning"])
            .arg(&page));
        let mut man = Command::new("man");
        man.args(["--warnings=all", "-l"]).arg(&page);
        let read = run(man
            .env("MANPAGER", "cat")
            .env("LC_ALL", "C.UTF-8")
            .env("MANWIDTH", "80"));
        let said = String::from_utf8_lossy(&read.stderr);
        assert!(said.is_empty(), "{}: {said}", page.display());
        let text = String::from_utf8_lossy(&read.stdout);
        assert_eq!(text.contains("SYNOPSIS"), is_command, "{text}");
    }
}
