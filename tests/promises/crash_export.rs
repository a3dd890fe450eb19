//! Promises 3 and 6 where secrets go to a file in plain text: one that was not finished is not
//! there, under whatever name.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::promises::command;
use crate::support::env::TestEnv;

#[cfg(target_os = "linux")]
fn exports_killed(kills: u32) {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(1 << 20))]);
    let out = env.path("out.json");
    let export = ["export", "--plaintext", "--out", &out];
    let start = Instant::now();
    env.call(&export).ok();
    let usual = start.elapsed();
    let length = fs::metadata(&out).unwrap().len();
    let (mut whole, mut none) = (0, 0);
    for n in 0..kills {
        fs::remove_file(&out).unwrap_or_default();
        let mut child = command(&env, &export).spawn().unwrap();
        // From the start to a little past the usual end.
        thread::sleep(usual * (n + 1) * 11 / (kills * 10) + Duration::from_millis(1));
        let _ = child.kill();
        let done = child.wait().unwrap().success();
        let files: Vec<_> = fs::read_dir(env.work()).unwrap().flatten().collect();
        match files.as_slice() {
            [] => {
                assert!(!done, "exit 0, and nothing is there");
                none += 1;
            }
            [file] => {
                assert_eq!(file.file_name(), "out.json");
                // What was journalled is one event longer each time, and no part of this.
                assert!(file.metadata().unwrap().len() >= length, "it is cut off");
                whole += 1;
            }
            more => panic!("{more:?}"),
        }
        assert_eq!(fs::read_dir(env.tmp()).unwrap().count(), 0);
    }
    assert!(
        none > 0,
        "none was killed in time: {whole} of {kills} are whole"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn an_export_killed_at_any_moment_leaves_the_whole_file_or_none() {
    exports_killed(15);
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "takes minutes; .ci/run runs it"]
fn an_export_killed_at_any_of_60_moments_leaves_the_whole_file_or_none() {
    exports_killed(60);
}
