//! Where no filesystem is in memory, no secret is put into a file for the editor.

use std::fs;

use crate::support::env::{CHEAP, TestEnv};

#[test]
#[ignore = "needs root, for a mount of its own; .ci/run runs it"]
fn without_a_filesystem_in_memory_secrets_are_not_edited_and_the_rest_with_a_warning() {
    let env = TestEnv::on_disk();
    env.call(&["init", "--kdf", CHEAP]).ok();
    env.add("acme/wp", "hunter2");
    let disk = env.work().join("disk");
    fs::create_dir(&disk).unwrap();
    let edit = |options: &str| {
        env.shell(&format!(
            "EDITOR=true unshare --mount sh -c \
             \"mount --bind '{}' /dev/shm && exec vault edit acme/wp --editor {options}\"",
            disk.display()
        ))
    };
    assert!(
        env.shell(&format!(
            "[ $(stat -f -c %T '{}') != tmpfs ]",
            disk.display()
        ))
        .run()
        .code
            == Some(0),
        "the temporary folder is itself in memory: set TMPDIR to a disk"
    );
    edit("--with-secret").fails(6).says("not put on a disk");
    edit("").ok().tells("on a disk while it is edited");
    assert!(fs::read_dir(env.tmp()).unwrap().next().is_none());
    assert!(fs::read_dir(&disk).unwrap().next().is_none());
}
