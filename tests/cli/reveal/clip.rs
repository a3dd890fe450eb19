//! `--clip`: the secret on the clipboard and nowhere else, and not for long. The programs that
//! hold the clipboard are scripts here, which write down how they were called.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::support::call::Call;
use crate::support::env::{BINARY, TestEnv, holds, mode};
use crate::support::wait::wait_until;

const SECRET: &str = "canary-clip-Hx62-pTz9";

/// A home whose clipboard is a file.
struct Desk {
    env: TestEnv,
    /// What makes a display: a variable with its value.
    display: (&'static str, &'static str),
}

impl Desk {
    fn x11() -> Self {
        let desk = Self {
            env: TestEnv::with(&[("acme/wp", SECRET)]),
            display: ("DISPLAY", ":77"),
        };
        desk.program(
            "xclip",
            "case \"$*\" in *-out*) cat \"$here/board\";; *) take;; esac",
        );
        desk
    }

    fn wayland(help: &str) -> Self {
        let desk = Self {
            env: TestEnv::with(&[("acme/wp", SECRET)]),
            display: ("WAYLAND_DISPLAY", "wayland-77"),
        };
        let copy = format!(
            "case \"$1\" in --help) echo '{help}';; --clear) : > \"$here/board\";; *) take;; esac"
        );
        desk.program("wl-copy", &copy);
        desk.program("wl-paste", "cat \"$here/board\"");
        desk
    }

    fn mac() -> Self {
        let desk = Self {
            env: TestEnv::with(&[("acme/wp", SECRET)]),
            display: ("NO_DISPLAY", "1"),
        };
        desk.program("pbcopy", "take");
        desk.program("pbpaste", "cat \"$here/board\"");
        desk
    }

    fn folder(&self) -> PathBuf {
        self.env.home().join("desk")
    }

    /// A program that writes down its arguments and environment. `take` in its script puts stdin
    /// on the clipboard, all at once, and stays in the background as the real ones do.
    fn program(&self, name: &str, script: &str) {
        let bin = self.folder().join("bin");
        fs::create_dir_all(&bin).unwrap();
        let here = self.folder().display().to_string();
        let script = format!(
            "#!/bin/bash\nhere='{here}'\necho \"{name} $*\" >> \"$here/calls\"\n\
             env >> \"$here/environment\"\n\
             take() {{ cat > \"$here/new.$$\" && mv \"$here/new.$$\" \"$here/board\"; sleep 1 & }}\n\
             {script}\n"
        );
        let file = bin.join(name);
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, mode(0o755)).unwrap();
    }

    fn path(&self) -> String {
        let path = std::env::var("PATH").unwrap_or_default();
        let binaries = Path::new(BINARY).parent().unwrap().display();
        format!("{}:{binaries}:{path}", self.folder().join("bin").display())
    }

    fn call(&self, args: &[&str]) -> Call<'_> {
        let (name, value) = self.display;
        self.env
            .call(args)
            .var("PATH", self.path())
            .var(name, value)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).unwrap_or_default()
    }

    fn board(&self) -> String {
        String::from_utf8(self.read("board")).unwrap()
    }

    fn calls(&self) -> String {
        String::from_utf8(self.read("calls")).unwrap()
    }

    /// Puts something else on the clipboard, as another program would.
    fn copy_elsewhere(&self, text: &str) {
        fs::write(self.folder().join("board"), text).unwrap();
    }

    /// Waits until nothing is left to clear.
    fn settles(&self) {
        let folder = self.env.home().parent().unwrap().join("run/vault");
        wait_until("it forgets the copy", || {
            fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_none())
        });
    }
}

#[test]
fn the_secret_is_on_the_clipboard_exactly_and_nowhere_else() {
    for desk in [Desk::x11(), Desk::wayland(""), Desk::mac()] {
        let got = desk
            .call(&["get", "acme/wp", "--clip", "--clear-after", "never"])
            .var("VAULT_PASSWORD_COMMAND_NOTE", "x")
            .ok();
        got.prints("")
            .tells("copied to the clipboard")
            .hides(SECRET);
        assert_eq!(desk.board(), SECRET);
        assert!(!holds(&desk.read("calls"), SECRET), "{}", desk.calls());
        let environment = desk.read("environment");
        assert!(holds(&environment, "PATH=") && !holds(&environment, SECRET));
        assert!(!holds(&environment, "VAULT_PASSWORD"));
    }
}

#[test]
fn lines_scripts_and_line_ends_are_copied_exactly() {
    let desk = Desk::x11();
    let secret = "one\r\n\ttwo é 日本 🔑\n\n";
    desk.call(&["add", "acme/key", "--raw"]).stdin(secret).ok();
    desk.call(&["get", "acme/key", "-c", "--clear-after", "never"])
        .ok();
    assert_eq!(desk.board(), secret);
    let large = "0123456789abcdef".repeat(1 << 15);
    desk.env.add("acme/big", &large);
    desk.call(&["get", "acme/big", "-c", "--clear-after", "never"])
        .ok();
    assert_eq!(desk.board(), large);
}

#[test]
fn a_visible_field_can_be_copied_too() {
    let desk = Desk::x11();
    desk.call(&["edit", "acme/wp", "-u", "jo@acme.example"])
        .ok();
    let args = [
        "get",
        "acme/wp",
        "--field",
        "username",
        "-c",
        "--clear-after",
        "never",
    ];
    desk.call(&args).ok().prints("");
    assert_eq!(desk.board(), "jo@acme.example");
}

#[test]
fn json_says_what_was_copied_and_not_the_secret() {
    let desk = Desk::x11();
    let args = ["get", "acme/wp", "-c", "--clear-after", "never", "--json"];
    let got = desk.call(&args).ok();
    got.hides(SECRET);
    let expected = json!({
        "path": "acme/wp", "version": 1, "username": null, "urls": [], "secret": null, "fields": {},
        "clip": {"clipboard": "xclip", "clear_after": null},
    });
    assert_eq!(got.json(), expected);
    let args = ["generate", "-c", "--clear-after", "never", "--json"];
    let got = desk.call(&args).ok().json();
    assert_eq!(got["secret"], json!(null));
    assert_eq!(got["clip"]["clipboard"], "xclip");
    assert_eq!(desk.board().len(), 24);
}

#[test]
fn a_generated_secret_goes_there_too() {
    let desk = Desk::x11();
    let args = [
        "generate",
        "--words",
        "6",
        "--clip",
        "--clear-after",
        "never",
    ];
    desk.call(&args).ok().prints("");
    assert_eq!(desk.board().split('-').count(), 6, "{}", desk.board());
}

#[test]
fn when_it_is_cleared_says_that_it_is_copied() {
    let desk = Desk::x11();
    let copied = desk.call(&["get", "acme/wp", "--clear-after", "never"]);
    copied.ok().prints("").tells("copied to the clipboard");
    desk.call(&["get", "acme/wp", "-n", "--clear-after", "never"])
        .fails(2)
        .says("--no-newline");
}

#[test]
fn it_is_cleared_when_the_time_is_over() {
    let desks = [Desk::x11(), Desk::wayland(""), Desk::mac()];
    for desk in &desks {
        let got = desk
            .call(&["get", "acme/wp", "-c", "--clear-after", "1s"])
            .ok();
        got.tells("copied to the clipboard; it is cleared in 1 s\n");
    }
    for desk in desks {
        desk.settles();
        assert_eq!(desk.board(), "");
    }
}

#[test]
fn without_a_time_it_is_45_seconds() {
    let desk = Desk::x11();
    let got = desk.call(&["get", "acme/wp", "-c", "--json"]).ok();
    got.tells("it is cleared in 45 s");
    assert_eq!(got.json()["clip"]["clear_after"], 45);
    for bad in ["0", "0s", "-1s", "25h", "soon"] {
        let after = format!("--clear-after={bad}");
        desk.call(&["get", "acme/wp", "-c", &after])
            .fails(2)
            .says("45s");
    }
    desk.call(&["get", "acme/wp", "-c", "-n"])
        .fails(2)
        .says("--no-newline");
}

#[test]
fn what_somebody_else_has_copied_meanwhile_stays() {
    let desk = Desk::x11();
    desk.call(&["get", "acme/wp", "-c", "--clear-after", "1s"])
        .ok();
    desk.copy_elsewhere("a shopping list");
    desk.settles();
    assert!(
        desk.calls().ends_with("-out\n"),
        "it looked: {}",
        desk.calls()
    );
    assert_eq!(desk.board(), "a shopping list");
}

/// The processes of this home that clear after so many seconds.
#[cfg(target_os = "linux")]
fn clearers(env: &TestEnv, after: &str) -> Vec<String> {
    let home = format!("HOME={}\0", env.home().display());
    let wanted = format!("clear-clipboard\0--after\0{after}\0");
    let processes = fs::read_dir("/proc").unwrap();
    let pids = processes.map(|process| process.unwrap().file_name().into_string().unwrap());
    let is_one = |pid: &String| {
        let has = |name: &str, text: &str| {
            fs::read(format!("/proc/{pid}/{name}")).is_ok_and(|bytes| holds(&bytes, text))
        };
        has("cmdline", &wanted) && has("environ", &home)
    };
    pids.filter(is_one).collect()
}

#[cfg(target_os = "linux")]
fn stop(pid: &str) {
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
}

#[test]
#[cfg(target_os = "linux")]
fn a_second_copy_has_its_own_time() {
    let desk = Desk::x11();
    let copy = |after: &str| {
        desk.call(&["get", "acme/wp", "-c", "--clear-after", after])
            .ok()
    };
    copy("2s");
    copy("607s");
    wait_until("the first one gives up", || {
        clearers(&desk.env, "2").is_empty()
    });
    assert_eq!(desk.board(), SECRET);
    let second = clearers(&desk.env, "607");
    assert_eq!(second.len(), 1);
    stop(&second[0]);
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_that_clears_shows_nothing_and_has_left_the_terminal() {
    let desk = Desk::x11();
    desk.call(&["get", "acme/wp", "-c", "--clear-after", "608s"])
        .ok();
    let [pid] = clearers(&desk.env, "608").try_into().unwrap();
    let proc = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    for name in ["cmdline", "environ"] {
        let shown = proc(name);
        assert!(!holds(&shown, SECRET) && !holds(&shown, "VAULT_PASSWORD"));
    }
    let stat = String::from_utf8(proc("stat")).unwrap();
    let facts: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    // Its session is its own, and has no terminal.
    assert_eq!((facts[3], facts[4]), (pid.as_str(), "0"), "{stat}");
    stop(&pid);
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_that_clears_takes_nothing_along() {
    let desk = Desk::x11();
    // A script's lock would not be free before the clipboard is cleared.
    let script = format!(
        "{}; export PATH='{}' DISPLAY=:77; vault get acme/wp -c --clear-after 611s 9>held",
        password(&desk.env),
        desk.path()
    );
    desk.env.shell(&script).ok();
    let [pid] = clearers(&desk.env, "611").try_into().unwrap();
    let open = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let mut places = open.map(|fd| fs::read_link(fd.unwrap().path()).unwrap_or_default());
    assert!(!places.any(|place| place.ends_with("held")));
    stop(&pid);
}

#[test]
fn it_is_cleared_after_the_terminal_is_gone() {
    let desk = Desk::x11();
    let script = format!(
        "{}; export PATH='{}' DISPLAY=:77; vault get acme/wp -c --clear-after 1s; echo \"exit=$?\"; \
         kill -HUP $$",
        password(&desk.env),
        desk.path()
    );
    let mut terminal = desk.env.terminal(&script);
    terminal.sees("it is cleared in 1 s").sees("exit=0");
    assert!(!terminal.screen.contains(SECRET), "{}", terminal.screen);
    drop(terminal);
    desk.settles();
    assert_eq!(desk.board(), "");
}

#[test]
fn it_is_marked_as_sensitive_where_it_can_be() {
    let desk = Desk::wayland("  --sensitive  Mark the content");
    desk.call(&["get", "acme/wp", "-c", "--clear-after", "never"])
        .ok();
    assert!(
        desk.calls()
            .contains("wl-copy --type text/plain --sensitive\n")
    );
    let older = Desk::wayland("  --primary");
    older
        .call(&["get", "acme/wp", "-c", "--clear-after", "never"])
        .ok();
    assert!(older.calls().ends_with("wl-copy --type text/plain\n"));
}

#[test]
fn on_a_mac_it_is_concealed_if_that_works_and_copied_if_not() {
    let desk = Desk::mac();
    desk.program("osascript", "take");
    desk.call(&["get", "acme/wp", "-c", "--clear-after", "never"])
        .ok();
    assert!(!desk.calls().contains("pbcopy"), "{}", desk.calls());
    assert_eq!(desk.board(), SECRET);
    // It says that it worked, and something else is there.
    desk.program("osascript", "cat > \"$here/ignored\"; : > \"$here/board\"");
    desk.call(&["get", "acme/wp", "-c", "--clear-after", "never"])
        .ok();
    assert!(desk.calls().ends_with("pbcopy \n"), "{}", desk.calls());
    assert_eq!(desk.board(), SECRET);
}

#[test]
fn what_is_missing_is_named_and_nothing_is_recorded() {
    let env = TestEnv::with(&[("acme/wp", SECRET)]);
    let reveals = || {
        let log = env.call(&["log", "--json"]).ok().text().to_owned();
        log.matches("\"reveal\"").count()
    };
    let call = |name: &str| env.call(&["get", "acme/wp", "-c"]).var(name, ":0");
    // A path with nothing on it but what starts the test.
    let empty = env.home().join("empty");
    fs::create_dir(&empty).unwrap();
    let setsid = ["/usr/bin/setsid", "/bin/setsid"];
    if let Some(real) = setsid.iter().find(|path| fs::exists(path).unwrap()) {
        std::os::unix::fs::symlink(real, empty.join("setsid")).unwrap();
    }
    let refused = call("NOTHING").var("PATH", &empty).fails(1);
    refused
        .says("no display")
        .hints("wl-clipboard")
        .hides(SECRET);
    let refused = call("DISPLAY").var("PATH", &empty).fails(1);
    refused.says("X11").hints("xclip");
    let refused = call("WAYLAND_DISPLAY").var("PATH", &empty).fails(1);
    refused.says("Wayland").hints("wl-clipboard");
    let json = ["generate", "-c", "--json"];
    let refused = env.call(&json).var("PATH", &empty).fails(1).json();
    assert_eq!(
        (&refused["code"], &refused["exit"]),
        (&json!("failed"), &json!(1))
    );
    assert_eq!(reveals(), 0);
}

#[test]
fn a_program_that_fails_is_named_and_nothing_is_left_running() {
    let desk = Desk::x11();
    desk.program("xclip", "echo \"Error: Can't open display\" >&2; exit 1");
    let refused = desk
        .call(&["get", "acme/wp", "-c", "--clear-after", "609s"])
        .fails(1);
    refused.says("xclip failed").hints("xclip").hides(SECRET);
    #[cfg(target_os = "linux")]
    wait_until("nothing waits to clear", || {
        clearers(&desk.env, "609").is_empty()
    });
}

#[test]
fn the_process_that_clears_is_no_command_for_people() {
    let env = TestEnv::ready();
    let call = env.call(&["clear-clipboard", "--after", "0", "xclip"]);
    assert_eq!(call.stdin("x").run().code, Some(2));
    env.call(&["help", "--all"]).ok().hides("clear-clipboard");
    for near in ["clear", "clear-clip"] {
        let refused = env.call(&[near]).fails(2);
        refused.hints("vault help").hides("clear-clipboard");
    }
}

/// What gives the password to a script on a terminal.
fn password(env: &TestEnv) -> String {
    let file = env.password_file();
    format!("export VAULT_PASSWORD_FILE='{}'", file.display())
}

/// What a terminal gets to see of `vault ARGS` over ssh, with these variables.
fn over_ssh(env: &TestEnv, variables: &str, args: &str, end: &str) -> String {
    let script = format!(
        "{}; export SSH_CONNECTION='1 2 3 4' {variables}; vault {args}; echo \"exit=$?\"",
        password(env)
    );
    let mut terminal = env.terminal(&script);
    terminal.sees(end).ends().to_owned()
}

#[test]
fn over_ssh_the_terminal_is_asked() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let screen = over_ssh(&env, "", "get acme/wp -c", "exit=0");
    assert!(screen.contains("\x1b]52;c;aHVudGVyMg==\x07"), "{screen:?}");
    assert!(screen.contains("only with --clear-after") && !screen.contains("hunter2"));
    // The display of the far end is not where the user sits.
    let screen = over_ssh(
        &env,
        "DISPLAY=:0 WAYLAND_DISPLAY=x",
        "get acme/wp -c",
        "exit=0",
    );
    assert!(screen.contains("\x1b]52;c;aHVudGVyMg==\x07"), "{screen:?}");
    let args = "generate -c --json > out";
    let screen = over_ssh(&env, "", args, "exit=0");
    assert!(screen.contains("\x1b]52;c;"), "{screen:?}");
    let out = fs::read_to_string(env.path("out")).unwrap();
    assert!(
        out.contains("\"secret\":null") && !out.contains('\x1b'),
        "{out}"
    );
}

#[test]
fn a_terminals_clipboard_is_emptied_if_that_is_asked_for() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let script = format!(
        "{}; export SSH_CONNECTION='1 2 3 4'; vault get acme/wp -c --clear-after 1s; read -r",
        password(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("\x1b]52;c;aHVudGVyMg==\x07")
        .sees("is emptied in 1 s");
    terminal.sees("\x1b]52;c;\x07").types("").ends();
}

#[test]
fn tmux_and_screen_pass_it_on() {
    let desk = Desk::x11();
    desk.program("tmux", "echo all");
    let path = format!("PATH='{}'", desk.path());
    let env = &desk.env;
    env.add("acme/pin", "hunter2");
    let wrapped = "\x1bPtmux;\x1b\x1b]52;c;aHVudGVyMg==\x07\x1b\\";
    let tmux = format!("TMUX=/tmp/x,1,0 TERM=tmux-256color {path}");
    let screen = over_ssh(env, &tmux, "get acme/pin -c", "exit=0");
    assert!(screen.contains(wrapped), "{screen:?}");
    let in_screen = "STY=1.pts TERM=screen";
    let screen = over_ssh(env, in_screen, "get acme/pin -c", "exit=0");
    assert!(
        screen.contains("\x1bP\x1b]52;c;\x1b\\\x1bPaHVudGVyMg==\x1b\\"),
        "{screen:?}"
    );
    // With the way closed, nothing is said to be copied.
    for closed in ["off", "0"] {
        desk.program("tmux", &format!("echo {closed}"));
        let screen = over_ssh(env, &tmux, "get acme/pin -c", "exit=1");
        assert!(screen.contains("allow-passthrough on"), "{screen:?}");
        assert!(!screen.contains("aHVudGVyMg"), "{screen:?}");
    }
}

#[test]
fn what_a_terminal_cannot_take_is_refused() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.add("acme/big", &"x".repeat(75_001));
    let screen = over_ssh(&env, "", "get acme/big -c", "exit=1");
    assert!(
        screen.contains("75001 bytes") && !screen.contains("]52;"),
        "{screen:?}"
    );
    for kind in ["dumb", "linux"] {
        let kind = format!("TERM={kind}");
        let screen = over_ssh(&env, &kind, "get acme/wp -c", "exit=1");
        assert!(
            screen.contains("no terminal") && !screen.contains("]52;"),
            "{screen:?}"
        );
    }
}

#[test]
fn a_one_time_code_goes_there_too() {
    let desk = Desk::x11();
    let seed = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=4000000000";
    desk.call(&["add", "acme/mfa", "--totp"]).stdin(seed).ok();
    let copy = ["code", "acme/mfa", "-c", "--clear-after", "never"];
    desk.call(&copy)
        .ok()
        .prints("")
        .tells("copied to the clipboard");
    assert_eq!(desk.board(), "282760");
    let answer = desk.call(&[&copy[..], &["--json"]].concat()).ok().json();
    assert_eq!(answer["code"], json!(null));
    assert_eq!(answer["clip"]["clipboard"], "xclip");
}

#[test]
fn a_new_secret_goes_there_instead_of_the_screen() {
    let desk = Desk::x11();
    let never = ["--clip", "--clear-after", "never"];
    let begin = ["rotate", "acme/wp", "--begin", "--generate"];
    desk.call(&[&begin[..], &never].concat()).ok().prints("");
    let pending = desk.call(&["get", "-n", "acme/wp", "--pending"]).ok();
    assert_eq!(desk.board(), pending.text());
    desk.call(&["rotate", "acme/wp", "--abort"]).ok();
    let json = [&begin[..], &never, &["--json"]].concat();
    let got = desk.call(&json).ok().json();
    assert_eq!(got["secret"], json!(null));
    desk.call(&["rotate", "acme/wp", "--confirm"]).ok();
    let at_once = ["rotate", "acme/wp", "--generate"];
    desk.call(&[&at_once[..], &never].concat()).ok().prints("");
    assert_eq!(desk.board(), desk.env.secret("acme/wp"));
    let nothing = ["rotate", "acme/wp", "--confirm", "--clip"];
    desk.call(&nothing).fails(2).says("--clip");
}

#[test]
fn a_new_secret_of_what_is_for_use_only_is_copied_with_the_password_alone() {
    let desk = Desk::x11();
    desk.call(&["edit", "acme/wp", "--use-only"]).ok();
    desk.call(&["unlock"]).ok();
    let rotate = ["rotate", "acme/wp", "--generate", "--clip"];
    let rotate = [&rotate[..], &["--clear-after", "never"]].concat();
    for more in [&[][..], &["--begin"], &["--dry-run"]] {
        let refused = desk.call(&[&rotate[..], more].concat()).no_password();
        refused.fails(9).says("acme/wp is for use only");
        assert_eq!(desk.board(), "");
    }
    desk.call(&rotate).ok();
    assert_eq!(desk.env.last_event()["action"], "reveal");
    assert_eq!(desk.board(), desk.env.secret("acme/wp"));
}

#[test]
fn a_new_secret_that_is_known_already_is_not_copied_in_silence() {
    let desk = Desk::x11();
    let typed = ["rotate", "acme/wp", "--clip", "--clear-after", "never"];
    let refused = desk.call(&typed).fails(2);
    refused
        .says("--clip would copy nothing")
        .hints("--generate --clip");
    let script = |line: &str| {
        let script = format!(
            "{}; export PATH='{}' DISPLAY=:77; {line}; echo \"exit=$?\"",
            password(&desk.env),
            desk.path()
        );
        desk.env.terminal(&script)
    };
    let mut piped =
        script("echo from-a-pipe | vault rotate acme/wp --stdin --clip --clear-after never");
    piped.sees("copied to the clipboard").sees("[y/N] ");
    assert_eq!(desk.board(), "from-a-pipe");
    piped.types("y").sees("exit=0").ends();
    desk.call(&["edit", "acme/wp", "--expires", "1s"]).ok();
    sleep(Duration::from_millis(1_100));
    let mut due = script("vault rotate --due --clip --clear-after never");
    due.sees("1 of 1")
        .types("t")
        .sees("New secret")
        .types("by-hand");
    due.sees("is not copied").sees("[y/N] ").types("y");
    due.sees("exit=0").ends();
    assert_eq!(desk.board(), "from-a-pipe");
    assert_eq!(desk.env.secret("acme/wp"), "by-hand");
}
