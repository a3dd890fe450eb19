//! Promise 3 for the largest change there is: an import that is killed has done all or nothing.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::promises::command;
use crate::support::env::TestEnv;

const ROWS: usize = 400;

fn count(env: &TestEnv) -> usize {
    let list = env.call(&["list", "--json"]).ok().json();
    list.as_array().unwrap().len()
}

fn imports_killed(kills: u32) {
    let env = TestEnv::with(&[("acme/first", "x")]);
    let rows: Vec<String> = (0..ROWS)
        .map(|n| format!("n{n},https://a.example,u{n},p{n}"))
        .collect();
    let table = format!("name,url,username,password\n{}\n", rows.join("\n"));
    let file = env.file("export", table);
    let start = Instant::now();
    env.call(&["import", &file, "--client", "warm-up"]).ok();
    let usual = start.elapsed();
    let (mut all, mut nothing) = (0, 0);
    let mut before = count(&env);
    for n in 0..kills {
        let client = format!("c{n}");
        let mut import = command(&env, &["import", &file, "--client", &client]);
        let mut child = import.stdin(Stdio::null()).spawn().unwrap();
        // From the start to a little past the usual end.
        thread::sleep(usual * (n + 1) * 11 / (kills * 10) + Duration::from_millis(1));
        let _ = child.kill();
        let status = child.wait().unwrap();
        let after = count(&env);
        let added = after - before;
        before = after;
        assert!(added == 0 || added == ROWS, "{added} of {ROWS}");
        assert!(
            !status.success() || added == ROWS,
            "exit 0, and nothing is there"
        );
        if added == 0 {
            nothing += 1;
        } else {
            all += 1;
        }
    }
    assert!(
        nothing > 0,
        "none was killed in time: {all} of {kills} are there"
    );
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn an_import_killed_at_any_moment_has_added_all_or_nothing() {
    imports_killed(10);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn an_import_killed_at_any_of_40_moments_has_added_all_or_nothing() {
    imports_killed(40);
}
