//! Promise 6, for the process that clears the clipboard later: it does not hold the secret.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use memchr::memmem;

use crate::support::env::{BINARY, PASSWORD, TestEnv};

const SECRET: &str = "canary-copied-Hx62-pTz9-q0";
/// A time that no other test waits for.
const AFTER: &str = "611";

/// The one process that clears after [`AFTER`] seconds.
fn clearer() -> String {
    let wanted = format!("clear-clipboard\0--after\0{AFTER}\0");
    let processes = fs::read_dir("/proc").unwrap();
    let mut pids = processes.map(|process| process.unwrap().file_name().into_string().unwrap());
    let is_it = |pid: &String| {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| memmem::find(&line, wanted.as_bytes()).is_some())
    };
    pids.find(is_it).expect("nothing waits to clear")
}

#[test]
#[ignore = "needs gdb and the right to trace; .ci/run runs it"]
fn the_process_that_clears_the_clipboard_does_not_hold_the_secret() {
    let env = TestEnv::with(&[("acme/wp", SECRET)]);
    let bin = env.home().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("xclip"), "#!/bin/sh\ncat > /dev/null\n").unwrap();
    fs::set_permissions(bin.join("xclip"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let script = format!("'{BINARY}' get acme/wp -c --clear-after {AFTER}s");
    env.shell(&script)
        .var("PATH", path)
        .var("DISPLAY", ":0")
        .ok();

    let pid = clearer();
    // It waits as soon as it has read what it was told.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let core = env.path("core");
    let output = Command::new("gdb")
        .args(["-nx", "-batch", "-ex", "set debuginfod enabled off"])
        .args(["-ex", &format!("generate-core-file {core}"), "-p", &pid])
        .output()
        .expect("gdb does not run");
    let killed = Command::new("kill").arg(&pid).status().unwrap();
    assert!(killed.success());
    let said = String::from_utf8_lossy(&output.stderr);
    let core = fs::read(&core).unwrap_or_else(|_| panic!("no core: {said}"));
    // The search itself works.
    assert!(memmem::find(&core, b"clear-clipboard").is_some());
    for secret in [SECRET, PASSWORD] {
        assert!(memmem::find(&core, secret.as_bytes()).is_none(), "{secret}");
    }
}
