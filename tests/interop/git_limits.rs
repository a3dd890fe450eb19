//! `vault sync` with a remote that sends without end, or has a long past: what is fetched is one
//! vault at most.

use std::fs;
use std::path::Path;

use super::git_sync::{another_machine, first_machine, git, same, signer, sync, two_machines};
use crate::support::env::TestEnv;

/// The bytes of all files below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let sizes = entries.map(|entry| match entry.metadata().unwrap() {
        facts if facts.is_dir() => bytes_below(&entry.path()),
        facts => facts.len(),
    });
    sizes.sum()
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn more_than_a_vault_can_have_is_not_fetched_and_leaves_nothing() {
    let vast = TestEnv::on_disk();
    let fill = |name: &str, script: &str| {
        let repository = format!("git init -q --bare -b main {name}; cd {name}; {script}");
        git(&vast, &repository);
        vast.path(name)
    };
    let commit = "git update-ref refs/heads/main $(git commit-tree -m x $(git write-tree))";
    let blob = format!(
        "id=$(head -c 260M /dev/urandom | git -c core.compression=0 hash-object -w --stdin); \
         git update-index --add --cacheinfo 100644,$id,vault.age; {commit}"
    );
    let files = format!(
        "id=$(git hash-object -w --stdin < HEAD); for n in $(seq 100000); do \
         printf '100644 %s 0\\t%s\\n' $id $n; done | git update-index --index-info; {commit}"
    );
    let names = "id=$(git commit-tree -m x $(git mktree < /dev/null)); \
                 for n in $(seq 100000); do echo \"$id refs/other/$n\"; done > packed-refs";
    for (name, script, why) in [
        ("blob.git", blob, "sends more than a vault can have"),
        ("files.git", files, "git gives more than"),
        ("names.git", names.to_owned(), "git gives more than"),
    ] {
        let remote = fill(name, &script);
        let (laptop, _) = first_machine();
        let before = fs::read(laptop.vault_file()).unwrap();
        laptop
            .call(&["sync", "--remote", &remote])
            .fails(5)
            .says(why);
        assert!(fs::read(laptop.vault_file()).unwrap() == before);
        let left = bytes_below(&laptop.vault_state());
        assert!(left < 16 << 20, "{name} left {left} bytes");
        let new = TestEnv::on_disk();
        let key = signer(&laptop);
        new.call(&["sync", "--remote", &remote, "--signer", &key])
            .fails(5)
            .says(why);
    }
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn however_long_the_past_is_the_newest_file_alone_is_fetched() {
    let (laptop, desktop, remote) = two_machines();
    for n in 0..20 {
        laptop.add(&format!("acme/{n}"), "x");
        sync(&laptop);
    }
    sync(&desktop);
    let phone = another_machine(&laptop, &remote);
    for env in [&desktop, &phone] {
        let private = env.vault_state().join("sync.git").display().to_string();
        let count = format!("git --git-dir '{private}' rev-list --count refs/vault/remote");
        assert_eq!(git(env, &count), "1");
        assert!(same(&laptop, env));
    }
    // It goes on from there, and the past stays at the remote.
    phone.add("acme/phone", "x");
    sync(&phone);
    sync(&laptop);
    assert!(same(&laptop, &phone));
    let count = git(&laptop, "git --git-dir remote.git rev-list --count main");
    assert_eq!(count, "22");
    git(&laptop, "git --git-dir remote.git fsck --strict");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn machines_that_go_to_an_empty_repository_leave_the_past_behind() {
    let (laptop, desktop, _) = two_machines();
    laptop.add("acme/laptop", "x");
    desktop.add("acme/desktop", "x");
    git(
        &laptop,
        "git init -q --bare -b main second.git; mv remote.git old.git",
    );
    let second = laptop.path("second.git");
    for env in [&laptop, &desktop, &laptop] {
        env.call(&["sync", "--remote", &second]).ok();
    }
    assert!(same(&laptop, &desktop));
    let list = laptop.call(&["list"]).ok();
    list.prints("acme/desktop\nacme/laptop\nacme/wp\n");
    let count = git(&laptop, "git --git-dir second.git rev-list --count main");
    assert_eq!(count, "2");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn what_the_repository_on_this_device_keeps_of_earlier_files_goes_when_it_is_much() {
    let (laptop, desktop, _) = two_machines();
    let private = laptop.vault_state().join("sync.git");
    let earlier = private.join("objects/pack/earlier.pack");
    fs::File::create(&earlier)
        .unwrap()
        .set_len(257 << 20)
        .unwrap();
    laptop.add("acme/more", "x");
    sync(&laptop);
    assert!(!earlier.exists() && bytes_below(&private) < 1 << 20);
    sync(&desktop);
    assert!(same(&laptop, &desktop));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn without_git_it_is_told_what_to_install() {
    let (laptop, remote) = first_machine();
    let bin = laptop.work().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["sh", "setsid"] {
        let at = git(&laptop, &format!("command -v {name}"));
        std::os::unix::fs::symlink(at, bin.join(name)).unwrap();
    }
    let output = laptop
        .call(&["sync", "--remote", &remote])
        .var("PATH", bin.display().to_string());
    let output = output.run();
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("install git"), "{output:?}");
}
