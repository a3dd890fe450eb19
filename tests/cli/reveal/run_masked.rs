//! `run --mask`: nothing that was handed out is seen in what the program prints, and the rest is as
//! it would be without.

use std::io::{BufRead, BufReader, Read, Write};

use crate::support::env::TestEnv;

/// Two secrets, one of several lines, one too short.
fn vault() -> TestEnv {
    TestEnv::copied("for run --mask", |env| {
        let wp = ["add", "acme/wp", "-u", "admin", "--env", "WP"];
        env.call(&wp).stdin("hunter2/ x?").ok();
        let key = ["add", "acme/key", "--env", "KEY"];
        env.call(&key)
            .stdin("kX9p-2mQ7w-z4R\nfirst line\nTOKEN=v8Wd3yL0nb5")
            .ok();
        env.add("acme/pin", "12345");
    })
}

fn masked(env: &TestEnv, script: &str) -> String {
    let args = [
        "run", "--mask", "--client", "acme", "--", "bash", "-c", script,
    ];
    env.call(&args).ok().text().to_owned()
}

#[test]
fn every_form_of_a_secret_is_masked() {
    let env = vault();
    for (script, expected) in [
        ("echo \"<$WP>\"", "<[vault: acme/wp]>\n"),
        ("echo -n \"$WP\" | base64", "[vault: acme/wp]\n"),
        ("echo -n \"ab:$WP\" | base64", "YWI6[vault: acme/wp]\n"),
        (
            "echo -n \"a:$WP\" | base64 | tr -d =",
            "YTp[vault: acme/wp]\n",
        ),
        (
            "echo hunter2%2F%20x%3F hunter2%2f+x%3f",
            "[vault: acme/wp] [vault: acme/wp]\n",
        ),
        (
            "echo '{\"p\":\"hunter2\\/ x?\"}'",
            "{\"p\":\"[vault: acme/wp]\"}\n",
        ),
        ("echo \"$KEY\"", "[vault: acme/key]\n"),
        (
            "echo \"$KEY\" | sed 's/$/!/'",
            "[vault: acme/key]!\nfirst line!\nTOKEN=[vault: acme/key]!\n",
        ),
        ("echo \"$WP\" | fold -w 3", "hun\nter\n2/ \nx?\n"),
        ("echo admin hunter2", "admin hunter2\n"),
    ] {
        assert_eq!(masked(&env, script), expected, "{script}");
    }
    let script = "echo \"out $WP\"; echo \"err $WP\" >&2";
    let args = [
        "run", "--mask", "--client", "acme", "--", "bash", "-c", script,
    ];
    env.call(&args)
        .ok()
        .prints("out [vault: acme/wp]\n")
        .tells("err [vault: acme/wp]\n");
}

#[test]
fn a_secret_in_pieces_and_the_order_of_both_streams_are_kept() {
    let env = vault();
    let script = "printf 'a hunt'; sleep 0.2; printf 'er2/'; sleep 0.2; printf ' x? b'";
    assert_eq!(masked(&env, script), "a [vault: acme/wp] b");
    let script = "vault run --mask --entry acme/wp -- bash -c \
        'for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done' 2>&1";
    let lines: Vec<String> = (1..10).map(|i| format!("o{i}\ne{i}\n")).collect();
    let expected = lines.concat();
    env.shell(script).ok().prints(&expected);
}

#[test]
fn other_bytes_pass_unchanged_and_at_once() {
    let env = vault();
    let bytes: Vec<u8> = (0..=255).cycle().take(500_000).collect();
    let cat = env.call(&["run", "--mask", "--client", "acme", "--", "cat"]);
    assert!(cat.stdin(&bytes).ok().silently().bytes() == bytes);
    let args = [
        "run",
        "--mask",
        "--client",
        "acme",
        "--",
        "sh",
        "-c",
        "printf 'name: h'; read a; echo got $a",
    ];
    let mut child = env.call(&args).spawn();
    let mut prompt = [0; 7];
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_exact(&mut prompt).unwrap();
    assert_eq!(&prompt, b"name: h");
    child.stdin.take().unwrap().write_all(b"x\n").unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "got x\n");
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_is_too_short_is_told() {
    let env = vault();
    let args = [
        "run",
        "--mask",
        "--env",
        "PIN=vault://acme/pin",
        "--",
        "sh",
        "-c",
        "echo $PIN",
    ];
    env.call(&args)
        .ok()
        .prints("12345\n")
        .tells("acme/pin is not masked");
    let args = [
        "run",
        "--mask",
        "--env",
        "U=vault://acme/wp#username",
        "--",
        "sh",
        "-c",
        "echo $U",
    ];
    env.call(&args).ok().silently().prints("admin\n");
}

#[test]
fn only_an_assistant_has_it_without_asking() {
    let env = vault();
    let run = |options: &[&str]| {
        let command = ["--entry", "acme/wp", "--", "sh", "-c", "echo \"$WP\""];
        env.call(&[&["run"], options, &command].concat())
    };
    run(&[]).ok().silently().prints("hunter2/ x?\n");
    for variable in [
        "CLAUDECODE",
        "CURSOR_AGENT",
        "GEMINI_CLI",
        "CODEX_SANDBOX",
        "AI_AGENT",
    ] {
        let masked = run(&[]).var(variable, "1").ok();
        masked.prints("[vault: acme/wp]\n").tells(variable);
        let plain = run(&["--no-mask"]).var(variable, "1").ok();
        plain.silently().prints("hunter2/ x?\n");
        run(&[])
            .var(variable, "")
            .ok()
            .silently()
            .prints("hunter2/ x?\n");
    }
    run(&["--mask"]).var("CLAUDECODE", "1").ok().silently();
    run(&["--mask", "--no-mask"]).fails(2);
}

#[test]
fn the_exit_code_and_signals_are_the_programs_own() {
    let env = vault();
    for code in [0, 1, 2, 6, 126, 127, 255] {
        let exit = format!("exit {code}");
        let args = ["run", "--mask", "--client", "acme", "--", "sh", "-c", &exit];
        let output = env.call(&args).run();
        assert_eq!((output.code, &*output.stderr), (Some(code), ""));
    }
    for (signal, code) in [("TERM", 143), ("KILL", 137), ("PIPE", 141), ("INT", 130)] {
        let script =
            format!("vault run --mask --client acme -- sh -c 'kill -{signal} $$'; echo $?");
        env.shell(&script).ok().prints(&format!("{code}\n"));
    }
    for (signal, code) in [("TERM", 5), ("HUP", 5), ("USR1", 5), ("INT", 5)] {
        let script = format!(
            "set -m; vault run --mask --client acme -- bash -c 'trap \"echo caught; exit 5\" {signal}; \
             touch ready; while :; do sleep 0.05; done' & until [ -e ready ]; do sleep 0.05; done; \
             kill -{signal} $!; wait $!; echo $?"
        );
        env.shell(&script).ok().prints(&format!("caught\n{code}\n"));
        std::fs::remove_file(env.work().join("ready")).unwrap();
    }
    let script = "vault run --mask --client acme -- nowhere-at-all";
    env.shell(script).fails(127);
    let file = env.file("plain", "x");
    env.call(&["run", "--mask", "--client", "acme", "--", &file])
        .fails(126);
}

#[test]
fn what_is_ignored_stays_so() {
    let env = vault();
    // But for two of the C library's own, which it ignores for what it starts.
    let seen = "grep Sig[IBC] /proc/self/status | sed \"s/\t.*\\(.......\\)/ \\1/\"";
    for before in ["trap '' HUP", "trap '' INT TERM", "true"] {
        let direct = env.shell(&format!("{before}; bash -c '{seen}'")).ok();
        let through = format!("{before}; vault run --mask --client acme -- bash -c '{seen}'");
        env.shell(&through).ok().prints(direct.text());
    }
    let looks = "ulimit -Sc; ls /dev/fd/3 2>/dev/null; cat <&4";
    let script = format!(
        "ulimit -Sc 4; exec 4< <(echo four); vault run --mask --client acme -- bash -c '{looks}'"
    );
    env.shell(&script).ok().prints("4\nfour\n");
}

#[test]
fn a_reader_that_goes_away_ends_the_program() {
    let env = vault();
    let script = "vault run --mask --client acme -- yes | head -1; echo ${PIPESTATUS[0]}";
    env.shell(script).ok().prints("y\n141\n");
}

#[test]
fn output_that_cannot_be_written_ends_the_program_and_fails() {
    let env = vault();
    let run = |rest: &str| {
        let script = format!("vault run --mask --client acme -- sh -c {rest}; echo \"exit $?\"");
        env.shell(&script).ok().text().to_owned()
    };
    let told = run("'yes' 2>&1 >/dev/full");
    assert!(
        told.contains("cannot pass on what sh prints: No space left"),
        "{told}"
    );
    assert!(told.ends_with("exit 1\n"), "{told}");
    assert!(run("'echo short' 2>&1 >/dev/full").ends_with("exit 1\n"));
    assert_eq!(run("'yes >&2' 2>/dev/full"), "exit 1\n");
    assert_eq!(run("'yes' >/dev/full 2>&1"), "exit 1\n");
}

#[test]
fn a_prompt_that_begins_as_a_secret_is_seen() {
    let env = vault();
    env.add("acme/prompt", "Password: hunter2");
    for last in ["Password: ", "Password: hunte"] {
        let script = format!("printf '{last}'; read a; echo \"got $a\"");
        let args = [
            "run",
            "--mask",
            "--env",
            "P=vault://acme/prompt",
            "--",
            "sh",
            "-c",
            &script,
        ];
        let mut child = env.call(&args).spawn();
        let mut seen = vec![0; last.len()];
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_exact(&mut seen).unwrap();
        assert_eq!(seen, last.as_bytes());
        child.stdin.take().unwrap().write_all(b"x\n").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "got x\n");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn what_it_leaves_running_is_not_waited_for() {
    let env = vault();
    let script = "vault run --mask --client acme -- sh -c 'sleep 50 & echo $! > pid; echo done'; kill $(cat pid)";
    let begun = std::time::Instant::now();
    env.shell(script).ok().prints("done\n");
    assert!(begun.elapsed().as_secs() < 20);
}
