//! A purge that is killed leaves all of it or nothing of it in the vault, never a vault without a
//! good copy, and what it had not come to is done by another call.

use std::thread;
use std::time::{Duration, Instant};

use crate::promises::command;
use crate::support::env::TestEnv;

#[test]
fn killed_at_any_time_it_is_done_or_not_and_can_be_gone_on_with() {
    let made = || TestEnv::with(&[("acme/wp", "hunter2"), ("acme/db", "x"), ("globex/db", "y")]);
    let purge = ["purge", "acme", "--backups", "--yes"];
    let env = made();
    let start = Instant::now();
    env.call(&purge).ok();
    let usual = start.elapsed();
    let (mut undone, mut done) = (0, 0);
    for round in 0..16_u32 {
        let env = made();
        let mut child = command(&env, &purge).spawn().unwrap();
        let moment = usual.mul_f64(0.4 + f64::from(round) / 22.0);
        thread::sleep(moment.max(Duration::from_millis(1)));
        // It may have ended by now.
        let _ = child.kill();
        child.wait().unwrap();
        env.call(&["verify", "--full", "-q"]).ok();
        let list = env.call(&["list", "--json"]).ok().json();
        let all = env.call(&["backups", "--json"]).ok().json();
        let copies = all.as_array().unwrap();
        assert!(copies.iter().any(|it| it["ok"] == true), "{all}");
        match list.as_array().unwrap().len() {
            3 => undone += 1,
            1 => {
                done += 1;
                env.call(&["purge", "--final", "acme", "--backups"]).ok();
                env.call(&["purge", "--final", "acme"]).ok();
            }
            other => panic!("{other} entries are left"),
        }
    }
    assert_eq!(undone + done, 16);
}
