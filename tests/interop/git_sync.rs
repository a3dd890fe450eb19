//! `vault sync` with the real git: machines meet at a bare repository, in any order and at once;
//! what is hostile there, or in git's settings, is refused or has no effect.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::support::env::{CHEAP, PASSWORD, TestEnv, holds, mode, mode_of};
use crate::support::wait::wait_for;

/// A vault with `acme/wp`, and an empty repository to sync it with.
pub(super) fn first_machine() -> (TestEnv, String) {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let remote = bare(&laptop, "remote.git");
    (laptop, remote)
}

fn bare(env: &TestEnv, name: &str) -> String {
    git(env, &format!("git init -q --bare -b main {name}"));
    env.path(name)
}

#[track_caller]
pub(super) fn git(env: &TestEnv, script: &str) -> String {
    let who = "export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x \
               GIT_COMMITTER_EMAIL=x@x";
    let done = env.shell(&format!("set -e; {who}; {script}")).ok();
    done.text().trim().to_owned()
}

pub(super) fn signer(env: &TestEnv) -> String {
    let id = env.call(&["id", "--json"]).ok().json();
    id["signer"].as_str().unwrap().to_owned()
}

/// Another machine that has taken the vault over from the remote.
pub(super) fn another_machine(first: &TestEnv, remote: &str) -> TestEnv {
    let other = TestEnv::new();
    let sync = ["sync", "--remote", remote, "--signer", &signer(first)];
    other.call(&sync).ok().tells("took over generation");
    other
}

/// Two machines that have synced.
pub(super) fn two_machines() -> (TestEnv, TestEnv, String) {
    let (laptop, remote) = first_machine();
    laptop.call(&["sync", "--remote", &remote]).ok();
    let desktop = another_machine(&laptop, &remote);
    (laptop, desktop, remote)
}

pub(super) fn sync(env: &TestEnv) -> Value {
    env.call(&["sync", "--json"]).ok().json()
}

pub(super) fn same(one: &TestEnv, other: &TestEnv) -> bool {
    fs::read(one.vault_file()).unwrap() == fs::read(other.vault_file()).unwrap()
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn what_is_sent_is_one_encrypted_file_and_commits_that_tell_nothing() {
    let (laptop, remote) = first_machine();
    let first = laptop.call(&["sync", "--remote", &remote]).ok();
    first.prints("").tells("sent generation 2");
    laptop.add("acme/more", "two");
    assert_eq!(sync(&laptop)["sent"], json!(3));
    laptop.call(&["sync"]).ok().tells("nothing to do");
    let tree = git(
        &laptop,
        "git --git-dir remote.git ls-tree -r --name-only main",
    );
    assert_eq!(tree, "vault.age");
    let told = "git --git-dir remote.git log --format='%an %ae %cn %ce %at %ct %B' main";
    let line = "vault vault@localhost vault vault@localhost 0 0 vault";
    assert_eq!(git(&laptop, told), format!("{line}\n\n{line}"));
    let sent = git(
        &laptop,
        "git --git-dir remote.git cat-file -p main:vault.age | sha256sum",
    );
    let file = laptop.vault_file().display().to_string();
    assert_eq!(sent, git(&laptop, &format!("sha256sum < '{file}'")));
    assert_eq!(mode_of(&laptop.vault_state().join("sync.json")), 0o600);
    assert_eq!(mode_of(&laptop.vault_state()), 0o700);
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn machines_that_change_and_sync_in_any_order_end_with_the_same_vault() {
    let (laptop, desktop, remote) = two_machines();
    let phone = another_machine(&laptop, &remote);
    assert!(same(&laptop, &desktop) && same(&laptop, &phone));
    let all = [&laptop, &desktop, &phone];
    let orders = [
        [0, 1, 2, 0, 1],
        [2, 1, 0, 2, 1],
        [1, 2, 2, 0, 1],
        [0, 2, 1, 0, 2],
    ];
    let mut wanted = BTreeSet::from(["acme/wp".to_owned()]);
    for (round, order) in orders.iter().enumerate() {
        for (machine, env) in all.iter().enumerate() {
            let path = format!("acme/{machine}-{round}");
            env.add(&path, &path);
            wanted.insert(path);
        }
        for machine in order {
            sync(all[*machine]);
        }
        for _ in 0..2 {
            for env in all {
                sync(env);
            }
        }
        assert!(same(&laptop, &desktop) && same(&laptop, &phone), "{round}");
    }
    for env in all {
        let list = env.call(&["list"]).ok();
        list.silently();
        let listed: BTreeSet<String> = list.text().lines().map(str::to_owned).collect();
        assert_eq!(listed, wanted);
        env.call(&["verify", "--full"]).ok();
        env.call(&["log", "--verify"]).ok();
        env.call(&["conflicts", "--json"]).ok().prints("[]\n");
    }
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_home_that_was_copied_is_no_dead_end_when_both_have_written() {
    for (here, there) in [(2, 2), (2, 1), (3, 1), (1, 3)] {
        let (laptop, remote) = first_machine();
        laptop.call(&["sync", "--remote", &remote]).ok();
        let image = TestEnv::new();
        let (from, to) = (laptop.home(), image.home());
        git(
            &laptop,
            &format!("cp -a {}/. {}", from.display(), to.display()),
        );
        let mut wanted = vec!["acme/wp".to_owned()];
        for (env, name, count) in [(&laptop, "here", here), (&image, "there", there)] {
            for n in 0..count {
                let path = format!("acme/{name}{n}");
                env.add(&path, &path);
                wanted.push(path);
            }
            sync(env);
        }
        for (env, name) in [(&laptop, "acme/after"), (&image, "acme/later")] {
            sync(env);
            env.add(name, name);
            wanted.push(name.to_owned());
            sync(env);
        }
        sync(&laptop);
        assert!(same(&laptop, &image), "{here} and {there}");
        for path in &wanted {
            assert!(laptop.call(&["show", path]).ok().text().starts_with(path));
        }
    }
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn what_was_changed_apart_is_merged_and_sent_in_one_go() {
    let (laptop, desktop, _) = two_machines();
    laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    desktop.call(&["edit", "acme/wp", "-u", "bert"]).ok();
    desktop.add("acme/desktop", "two");
    sync(&desktop);
    let met = laptop.call(&["sync"]).ok();
    met.tells("new: acme/desktop").tells("vault conflicts");
    met.tells("took in generation 4, sent 5");
    desktop.call(&["sync"]).ok().tells("took in generation 5\n");
    assert!(same(&laptop, &desktop));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn machines_that_sync_at_once_lose_nothing() {
    let (laptop, desktop, _) = two_machines();
    for round in 0..6 {
        for (name, env) in [("laptop", &laptop), ("desktop", &desktop)] {
            env.add(&format!("acme/{name}-{round}"), "x");
        }
        let both = [&laptop, &desktop].map(|env| env.call(&["sync"]).spawn());
        for child in both {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
        }
        sync(&laptop);
        sync(&desktop);
        sync(&laptop);
        assert!(same(&laptop, &desktop), "{round}");
    }
    let list = laptop.call(&["list"]).ok();
    assert_eq!(list.text().lines().count(), 13, "{}", list.text());
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn whoever_is_overtaken_each_time_gives_up_and_keeps_what_came() {
    let (laptop, desktop, remote) = two_machines();
    desktop.add("acme/desktop", "two");
    sync(&desktop);
    laptop.add("acme/laptop", "one");
    // Before each push another machine is faster.
    let bin = laptop.work().join("bin");
    fs::create_dir(&bin).unwrap();
    let real = git(&laptop, "command -v git");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' push '*) export GIT_DIR='{remote}'\n\
         tip=$({real} commit-tree -p main -m x 'main^{{tree}}')\n{real} update-ref refs/heads/main $tip\n\
         echo \"fetch first\" >&2; exit 1;; esac\nexec {real} \"$@\"\n"
    );
    fs::write(bin.join("git"), script).unwrap();
    fs::set_permissions(bin.join("git"), mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = laptop.call(&["sync"]).var("PATH", path).run();
    assert_eq!(output.code, Some(7), "{output:?}");
    assert!(
        output.stderr.contains("hint: what came is taken in"),
        "{output:?}"
    );
    laptop.call(&["list"]).ok().shows("acme/desktop");
    sync(&laptop);
    sync(&desktop);
    assert!(same(&laptop, &desktop));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn what_came_before_a_lost_race_is_told_with_what_came_after() {
    let (laptop, desktop, _) = two_machines();
    desktop.add("acme/first", "one");
    sync(&desktop);
    laptop.add("acme/laptop", "one");
    desktop.add("acme/second", "two");
    // Before the first push the desktop is faster.
    let bin = laptop.work().join("bin");
    fs::create_dir(&bin).unwrap();
    let (real, raced) = (git(&laptop, "command -v git"), laptop.path("raced"));
    let started = laptop.path("started");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' push '*) if [ ! -e '{raced}' ]; then : > '{started}'\n\
         while [ ! -e '{raced}' ]; do sleep 0.05; done; fi;; esac\nexec {real} \"$@\"\n"
    );
    fs::write(bin.join("git"), script).unwrap();
    fs::set_permissions(bin.join("git"), mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let told = std::thread::scope(|scope| {
        let racing = scope.spawn(|| {
            let sync = laptop.call(&["sync", "--json"]).var("PATH", path);
            sync.ok().json()
        });
        wait_for(started.as_ref());
        sync(&desktop);
        fs::write(&raced, "").unwrap();
        racing.join().unwrap()
    });
    assert_eq!(
        told["added"],
        json!(["acme/first", "acme/second"]),
        "{told}"
    );
    sync(&desktop);
    assert!(same(&laptop, &desktop));
}

/// Puts another tree at the remote, made by a script in a fresh clone.
fn put_there(env: &TestEnv, script: &str) {
    git(
        env,
        &format!(
            "rm -rf clone; git clone -q remote.git clone 2>/dev/null; cd clone; {script}; \
             git add -A; git commit -qm x; git push -q -f origin HEAD:main"
        ),
    );
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_remote_that_is_no_vaults_is_refused_and_the_vault_left_alone() {
    for (script, why) in [
        ("echo x > README", "one file alone"),
        ("git mv vault.age other.age", "other.age"),
        ("rm vault.age; ln -s /etc/passwd vault.age", "symbolic link"),
        (
            "rm vault.age; mkdir vault.age; echo x > vault.age/x",
            "folder",
        ),
        (
            "printf 'version https://git-lfs.github.com/spec/v1\\n' > vault.age",
            "Git LFS",
        ),
        ("echo x > vault.age", "vault.age"),
        ("git rm -q vault.age", "one file alone"),
        ("printf x >> vault.age", "signature"),
        ("truncate -s 300M vault.age", "314572800 bytes"),
        (
            "git checkout -q -b side; git push -q origin side; git checkout -q main",
            "refs/heads/side",
        ),
        ("git tag x; git push -q origin x", "refs/tags/x"),
    ] {
        let (laptop, _) = first_machine();
        laptop.call(&["sync", "--remote", "remote.git"]).ok();
        let allowed = "git() { command git \"$@\" || [ \"$1\" = commit ]; }";
        put_there(&laptop, &format!("{allowed}; {script}"));
        laptop.add("acme/more", "two");
        laptop.call(&["sync"]).fails(5).says(why);
        let new = TestEnv::new();
        let from = laptop.path("remote.git");
        let key = signer(&laptop);
        new.call(&["sync", "--remote", &from, "--signer", &key])
            .fails(5)
            .says(why);
        assert!(!new.vault_file().exists());
    }
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_remote_that_lacks_objects_is_refused() {
    let (laptop, _) = first_machine();
    laptop.call(&["sync", "--remote", "remote.git"]).ok();
    let desktop = another_machine(&laptop, &laptop.path("remote.git"));
    laptop.add("acme/more", "two");
    sync(&laptop);
    git(
        &laptop,
        "cd remote.git; id=$(git rev-parse main:vault.age); rm -f objects/${id:0:2}/${id:2}",
    );
    desktop.call(&["sync"]).fails(5).says("partial clone");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn another_vault_and_another_signers_are_refused() {
    let (laptop, remote) = first_machine();
    laptop.call(&["sync", "--remote", &remote]).ok();
    let other = TestEnv::with(&[("acme/other", "x")]);
    let refused = other.call(&["sync", "--remote", &remote]).fails(5);
    refused.says("another vault");
    let desktop = another_machine(&laptop, &remote);
    desktop.call(&["id", "rotate", "--yes"]).ok();
    sync(&desktop);
    let refused = laptop.call(&["sync"]).fails(5);
    refused.hints("--accept-signer");
    let fingerprint = refused.word("SHA256:");
    laptop.call(&["sync", "--accept-signer", &fingerprint]).ok();
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_machine_with_a_vault_of_its_own_is_led_to_that_of_the_remote() {
    let (laptop, _, remote) = two_machines();
    let own = TestEnv::with(&[("globex/mail", "own")]);
    let signer = signer(&laptop);
    let first = ["sync", "--remote", &remote, "--signer", &signer];
    let refused = own.call(&first).fails(5);
    let fingerprint = refused.word("SHA256:");
    refused.hints(&format!("--accept-signer {fingerprint}"));
    fs::rename(own.vault_file(), own.path("own.age")).unwrap();
    let again = [&first[..], &["--accept-signer", &fingerprint]].concat();
    own.call(&again).ok().tells("took over generation");
    let export = ["--vault", "own.age", "export", "--plaintext"];
    let export = [&export[..], &["--out", "own.json"]].concat();
    own.call(&export).ok();
    own.call(&["import", "own.json"]).ok();
    own.call(&["list"]).ok().prints("acme/wp\nglobex/mail\n");
    assert_eq!(sync(&own)["sent"], json!(3));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_remote_that_was_emptied_is_told_and_filled_again() {
    let (laptop, desktop, remote) = two_machines();
    fs::remove_dir_all(&remote).unwrap();
    bare(&laptop, "remote.git");
    let told = laptop.call(&["sync"]).ok();
    told.tells("the remote was empty again")
        .tells("sent generation 2");
    desktop.call(&["sync"]).ok().tells("nothing to do");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_key_that_nobody_knows_is_left_out_of_what_the_remote_has() {
    let key = age::x25519::Identity::generate().to_public().to_string();
    for is_apart in [true, false] {
        let (laptop, desktop, _) = two_machines();
        desktop.call(&["recipient", "add", &key]).ok();
        sync(&desktop);
        if is_apart {
            laptop.add("acme/laptop", "one");
        }
        let refused = laptop.call(&["sync"]).fails(9);
        refused.hints("if not: --reject-recipient ");
        let all = desktop.call(&["recipient", "list", "--json"]).ok();
        let id = all.json()[0]["id"].as_str().unwrap()[..8].to_owned();
        let reject = ["sync", "--reject-recipient", &id];
        laptop.call(&reject).ok().tells("is not to open the vault");
        laptop.call(&["recipient", "list"]).ok().prints("");
        laptop.call(&["list"]).ok().silently();
        sync(&desktop);
        desktop.call(&["recipient", "list"]).ok().prints("");
        assert!(same(&laptop, &desktop));
    }
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn an_old_state_that_was_forced_there_is_refused_until_it_is_accepted() {
    let (laptop, remote) = first_machine();
    laptop.call(&["sync", "--remote", &remote]).ok();
    let old = fs::read(laptop.vault_file()).unwrap();
    laptop.add("acme/more", "two");
    sync(&laptop);
    git(
        &laptop,
        "git --git-dir remote.git update-ref refs/heads/main main~",
    );
    laptop
        .call(&["sync"])
        .fails(5)
        .says("generation 2 where this device has seen 3")
        .hints("vault sync --accept-generation 2");
    let accept = ["sync", "--accept-generation", "2"];
    laptop.call(&accept).ok().tells("sent generation 3");
    // Nor does it help to put the old file here, too.
    let newest = fs::read(laptop.vault_file()).unwrap();
    git(
        &laptop,
        "git --git-dir remote.git update-ref refs/heads/main main~",
    );
    fs::write(laptop.vault_file(), old).unwrap();
    laptop.call(&["sync"]).fails(5);
    fs::write(laptop.vault_file(), newest).unwrap();
    laptop.call(&accept).ok();
    // A history that was made anew, with what is newest, is no older state.
    git(
        &laptop,
        "cd remote.git; git update-ref refs/heads/main $(git commit-tree -m x 'main^{tree}')",
    );
    laptop.add("acme/third", "three");
    laptop.call(&["sync"]).ok().tells("sent generation 4");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn nothing_that_stands_in_settings_or_repositories_is_run() {
    let (laptop, desktop, remote) = two_machines();
    let bait = laptop.work().join("pwned");
    let run = format!("touch {}", bait.display());
    let hook = format!("#!/bin/sh\n{run}\n");
    let private = laptop.vault_state().join("sync.git");
    for repository in [private.clone(), (&*remote).into()] {
        for name in [
            "pre-push",
            "pre-receive",
            "post-receive",
            "update",
            "post-update",
            "reference-transaction",
            "proc-receive",
            "post-index-change",
        ] {
            let path = repository.join("hooks").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &hook).unwrap();
            fs::set_permissions(&path, mode(0o755)).unwrap();
        }
        let alternates = repository.join("objects/info/alternates");
        fs::create_dir_all(alternates.parent().unwrap()).unwrap();
        fs::write(
            alternates,
            format!(
                "{}\n",
                desktop.vault_state().join("sync.git/objects").display()
            ),
        )
        .unwrap();
    }
    let bad = format!(
        "[core]\n\tfsmonitor = \"{run}\"\n\tsshCommand = \"{run}\"\n\tpager = \"{run}\"\n\
         \tgitProxy = \"{run}\"\n\talternateRefsCommand = \"{run};\"\n\thooksPath = hooks\n\
         [uploadpack]\n\tpackObjectsHook = \"{run};\"\n\
         [url \"ext::sh -c {}\"]\n\tinsteadOf = /\n[credential]\n\thelper = \"!{run}\"\n\
         [filter \"x\"]\n\tclean = \"{run}\"\n\tsmudge = \"{run}\"\n[gpg]\n\tprogram = \"{run}\"\n\
         [include]\n\tpath = ../evil\n",
        run.replace(' ', "% ")
    );
    for repository in [private, (&*remote).into()] {
        let config = repository.join("config");
        let before = fs::read_to_string(&config).unwrap();
        fs::write(&config, before + &bad).unwrap();
    }
    laptop.add("acme/more", "two");
    laptop.call(&["sync"]).ok().tells("sent generation");
    assert!(!bait.exists());
    desktop.call(&["sync"]).ok();
    assert!(!bait.exists());
    // What a variable or the user's own settings turn to a helper program is not run either.
    let other = TestEnv::new();
    fs::write(other.home().join(".gitconfig"),
        format!("[url \"ext::sh -c {}\"]\n\tinsteadOf = https://one.example/\n[protocol \"ext\"]\n\tallow = always\n",
            run.replace(' ', "% "))).unwrap();
    let key = signer(&laptop);
    let from = [
        "sync",
        "--remote",
        "https://one.example/x",
        "--signer",
        &key,
    ];
    other.call(&from).fails(1).says("ext");
    let from = ["sync", "--remote", &remote, "--signer", &key];
    other
        .call(&from)
        .var("GIT_EXTERNAL_DIFF", &run)
        .var("GIT_SSH_COMMAND", &run)
        .var("GIT_CONFIG_COUNT", "1")
        .var("GIT_CONFIG_KEY_0", "core.hooksPath")
        .var("GIT_CONFIG_VALUE_0", "hooks")
        .var("GIT_DIR", &remote)
        .ok();
    assert!(!bait.exists());
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_new_machine_takes_over_what_its_expected_signer_has_signed_alone() {
    let (laptop, remote) = first_machine();
    let key = signer(&laptop);
    let desktop = TestEnv::new();
    let take = ["sync", "--remote", &remote, "--signer", &key];
    desktop
        .call(&take)
        .fails(3)
        .hints("vault sync --remote URL");
    laptop.call(&["sync", "--remote", &remote]).ok();
    let stranger = signer(&TestEnv::ready());
    let wrong = ["sync", "--remote", &remote, "--signer", &stranger];
    desktop.call(&wrong).fails(5).says("is signed by");
    desktop.call(&["sync", "--remote", &remote]).fails(9);
    desktop.call(&take).password("wrong").fails(4);
    assert!(!desktop.vault_file().exists());
    desktop.call(&take).ok();
    assert_eq!(mode_of(&desktop.vault_file()), 0o600);
    desktop.call(&["list"]).ok().prints("acme/wp\n").silently();
    // It is pinned: an old file in its place is refused.
    let old = fs::read(desktop.vault_file()).unwrap();
    desktop.add("acme/more", "x");
    desktop.call(&["sync"]).ok().tells("sent generation 3");
    fs::write(desktop.vault_file(), old).unwrap();
    desktop.call(&["list"]).fails(5);
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_person_compares_the_words_of_the_signer() {
    let (laptop, remote) = first_machine();
    laptop.call(&["sync", "--remote", &remote]).ok();
    let id = laptop.call(&["id", "--json"]).ok().json();
    let words = id["words"].as_str().unwrap().to_owned();
    for (answer, is_taken) in [("n", false), ("y", true)] {
        let desktop = TestEnv::new();
        let mut terminal = desktop.terminal(&format!("vault sync --remote {remote}"));
        terminal.sees("Master password").types(PASSWORD);
        terminal
            .sees(&words)
            .sees("Are they the same?")
            .types(answer);
        terminal.ends();
        assert_eq!(desktop.vault_file().exists(), is_taken);
    }
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_password_that_was_changed_on_one_machine_is_asked_for_on_the_other() {
    let (laptop, desktop, _) = two_machines();
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    desktop
        .call(&["passwd", "--kdf", CHEAP, "--new-password-file", &new])
        .ok();
    desktop.call(&["--password-file", &new, "sync"]).ok();
    laptop.add("acme/laptop", "one");
    laptop
        .call(&["sync"])
        .fails(9)
        .hints("--other-password-file");
    let mut terminal = laptop.terminal("vault sync");
    terminal.sees("Master password: ").types(PASSWORD);
    for _ in 0..3 {
        terminal.sees("Password of the vault at the remote, generation ");
        terminal.types("wrong");
    }
    terminal.sees("the copy: wrong password").ends();
    let other = laptop.file("other", "quartz-Lantern3-moose-drip");
    laptop
        .call(&["sync", "--other-password-file", &other])
        .ok()
        .tells("the master password was changed on the other device")
        .tells("sent");
    desktop.call(&["--password-file", &new, "sync"]).ok();
    assert!(same(&laptop, &desktop));
    // The same where nothing was changed here.
    let newest = laptop.file("newest", "maple-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &newest];
    laptop
        .call(&passwd)
        .password("quartz-Lantern3-moose-drip")
        .ok();
    let sync = ["--password-file", &newest, "sync"];
    laptop.call(&sync).ok();
    let sync = [
        "--password-file",
        &new,
        "sync",
        "--other-password-file",
        &newest,
    ];
    let told = desktop.call(&sync).ok();
    told.tells("the master password was changed on the other device");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_password_that_nobody_has_here_is_not_taken_over_whatever_an_identity_opens() {
    for is_changed in [false, true] {
        let (laptop, remote) = first_machine();
        let identity = laptop.path("recovery.txt");
        laptop.call(&["recovery", "add", "--out", &identity]).ok();
        laptop.call(&["sync", "--remote", &remote]).ok();
        let desktop = another_machine(&laptop, &remote);
        let new = desktop.file("new", "quartz-Lantern3-moose-drip");
        let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
        desktop.call(&passwd).ok();
        desktop.call(&["--password-file", &new, "sync"]).ok();
        if is_changed {
            laptop.add("acme/laptop", "one");
        }
        let sync = ["sync", "--identity", &identity];
        laptop.call(&sync).fails(4).hints("--keep-password");
        let keep = [&sync[..], &["--keep-password"]].concat();
        laptop.call(&keep).ok();
        laptop.call(&["list"]).ok().silently();
    }
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_password_that_was_given_up_does_not_open_what_is_sent_again() {
    let (laptop, desktop, _) = two_machines();
    let new = laptop.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--compromised", "--kdf", CHEAP];
    laptop
        .call(&[&passwd[..], &["--new-password-file", &new]].concat())
        .ok();
    laptop.call(&["--password-file", &new, "sync"]).ok();
    let id = ["--password-file", &new, "id", "--json"];
    let id = laptop.call(&id).ok().json();
    let signer = id["fingerprint"].as_str().unwrap();
    desktop.add("acme/desktop", "two");
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    let sync = ["sync", "--other-password-file", &new];
    let sync = [&sync[..], &["--accept-signer", signer]].concat();
    let keep = [&sync[..], &["--keep-password"]].concat();
    desktop
        .call(&keep)
        .fails(6)
        .says("the password here was given up on another device")
        .hints("without --keep-password");
    desktop.call(&sync).ok().tells("sent");
    desktop.call(&["list"]).fails(4);
    laptop.call(&["--password-file", &new, "sync"]).ok();
    assert!(same(&laptop, &desktop));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn another_remote_takes_the_place_of_the_first() {
    let (laptop, remote) = first_machine();
    laptop.call(&["sync", "--remote", &remote]).ok();
    let failed = laptop.call(&["sync", "--remote", "gone.git"]).fails(1);
    failed.hides("no longer with");
    let second = bare(&laptop, "second.git");
    laptop
        .call(&["sync", "--remote", &second])
        .ok()
        .tells("no longer with")
        .tells("sent generation 2");
    laptop.call(&["sync"]).ok().tells("nothing to do");
    let status = laptop.call(&["status", "--json"]).ok().json();
    assert_eq!(status["sync"]["remote"], json!(second));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_password_in_the_address_is_never_shown() {
    let laptop = TestEnv::with(&[("acme/wp", "x")]);
    let url = "https://kim:pa55word-9@127.0.0.1:1/vault.git";
    let failed = laptop.call(&["sync", "--remote", url]).fails(1);
    failed
        .says("https://127.0.0.1:1/vault.git")
        .hides("pa55word-9");
    // What failed the first time is not remembered.
    laptop.call(&["sync"]).fails(2);
    let files = laptop.everything();
    assert!(!files.values().any(|bytes| holds(bytes, "pa55word-9")));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_remote_that_is_not_there_changes_nothing() {
    let laptop = TestEnv::with(&[("acme/wp", "x")]);
    let gone = laptop.path("Kim's gone.git");
    let word = format!("'{}'", gone.replace('\'', r"'\''"));
    laptop
        .call(&["sync", "--remote", &gone])
        .fails(1)
        .hints(&format!("git ls-remote {word}"));
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn without_a_terminal_ssh_does_not_ask() {
    let laptop = TestEnv::with(&[("acme/wp", "x")]);
    let bin = laptop.work().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(
        bin.join("ssh"),
        "#!/bin/sh\necho \"$@\" > ssh-args\nenv > ssh-env\nexit 1\n"
            .replace("ssh-", &format!("{}/ssh-", laptop.work().display())),
    )
    .unwrap();
    fs::set_permissions(bin.join("ssh"), mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    laptop
        .call(&["sync", "--remote", "kim@one.example:vault.git"])
        .var("PATH", path)
        .fails(1);
    let args = fs::read_to_string(laptop.work().join("ssh-args")).unwrap();
    assert!(args.contains("-oBatchMode=yes"), "{args}");
    let variables = fs::read_to_string(laptop.work().join("ssh-env")).unwrap();
    assert!(!variables.contains("VAULT_PASSWORD"), "{variables}");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn status_tells_the_last_sync_and_what_lies_beside() {
    let (laptop, desktop, remote) = two_machines();
    let status = laptop.call(&["status", "--json"]).no_password().ok().json();
    assert_eq!(status["sync"]["remote"], json!(remote));
    assert_eq!(status["sync"]["generation"], json!(2));
    assert_eq!(status["sync"]["changed"], json!(false));
    assert_eq!(status["copies"], json!([]));
    laptop.add("acme/more", "x");
    laptop
        .call(&["status"])
        .no_password()
        .ok()
        .shows("changed since");
    desktop.add("acme/desktop", "x");
    let beside = laptop.data().join("vault (conflicted copy).age");
    fs::copy(desktop.vault_file(), &beside).unwrap();
    let status = laptop.call(&["status", "--json"]).no_password().ok().json();
    assert_eq!(status["sync"]["changed"], json!(true));
    assert_eq!(status["copies"], json!([beside.display().to_string()]));
    let status = laptop.call(&["status"]).no_password().ok();
    status.shows("vault merge --all");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_machine_that_took_the_vault_over_goes_on_with_an_empty_remote() {
    let (_, desktop, _) = two_machines();
    let second = bare(&desktop, "second.git");
    desktop
        .call(&["sync", "--remote", &second])
        .ok()
        .tells("sent generation 2");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_file_that_lacks_what_this_device_wrote_is_not_in_step_with_the_remote() {
    let (laptop, desktop, _) = two_machines();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    sync(&desktop);
    fs::copy(desktop.vault_file(), laptop.vault_file()).unwrap();
    laptop.call(&["sync"]).fails(7).hints("vault merge --all");
    laptop.call(&["merge", "--all"]).ok();
    sync(&laptop);
    sync(&desktop);
    assert!(same(&laptop, &desktop));
    let listed = "acme/desktop\nacme/laptop\nacme/wp\n";
    desktop.call(&["list"]).ok().prints(listed);
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
pub(super) fn two_machines_do_what_the_topic_shows() {
    let topic = include_str!("../../src/help/topics/machines.txt");
    let section = topic.split("\nTwo machines:\n").nth(1).unwrap();
    let console = section.split("\n\n").nth(1).unwrap();
    let (laptop, remote) = first_machine();
    let desktop = TestEnv::new();
    // One folder stands for what a person carries from one to the other.
    let here = |text: &str| {
        let signer = laptop.path("my-signer");
        text.replace("git@git.example:kim/vault.git", &remote)
            .replace("my-signer", &signer)
            .replace("/home/kim", &desktop.home().display().to_string())
    };
    let lines: Vec<&str> = console.lines().map(str::trim_start).collect();
    let mut commands = 0;
    for (at, line) in lines.iter().enumerate() {
        let (machine, command) = match (
            line.strip_prefix("laptop$ "),
            line.strip_prefix("desktop$ "),
        ) {
            (Some(command), _) => (&laptop, command),
            (_, Some(command)) => (&desktop, command),
            _ => continue,
        };
        commands += 1;
        let printed = lines[at + 1..]
            .iter()
            .take_while(|line| !line.contains("$ "));
        let printed: String = printed.map(|line| here(line) + "\n").collect();
        // The program that picks a field out of JSON need not be there.
        let jq = r#"python3 -c "import json,sys; print(json.load(sys.stdin)['signer'])""#;
        let command = here(command).replace("jq -r .signer", jq);
        let ran = machine.shell(&format!("exec 2>&1; {command}")).ok();
        ran.prints(&printed);
    }
    assert_eq!(commands, 4);
    laptop.call(&["sync"]).ok();
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn a_damaged_repository_on_this_device_is_made_anew() {
    let (laptop, desktop, _) = two_machines();
    let state = desktop.vault_state().display().to_string();
    for (n, damage) in [
        ": > HEAD",
        "echo nonsense > HEAD",
        "rm -rf objects/*",
        "find objects -type f | while read -r f; do chmod u+w \"$f\"; echo x > \"$f\"; done",
        "rm -rf refs",
    ]
    .iter()
    .enumerate()
    {
        git(&desktop, &format!("cd '{state}'/sync.git; {damage}"));
        desktop.call(&["sync"]).ok();
        git(&desktop, &format!("cd '{state}'/sync.git; {damage}"));
        let path = format!("acme/{n}");
        laptop.add(&path, "x");
        sync(&laptop);
        desktop.call(&["sync"]).ok().tells("took in");
        assert_eq!(desktop.secret(&path), "x");
        desktop.add(&format!("acme/back-{n}"), "x");
        sync(&desktop);
        sync(&laptop);
    }
    desktop.call(&["sync"]).ok().tells("nothing to do");
}

#[test]
#[ignore = "needs git; .ci/run runs it"]
fn what_other_machines_are_told_once_the_keys_are_new_lets_them_sync() {
    let (laptop, desktop, _) = two_machines();
    let told = laptop.call(&["id", "rotate", "--yes"]).ok();
    told.tells("vault sync --accept-signer SHA256:");
    let id = laptop.call(&["id", "--json"]).ok().json();
    let fingerprint = id["fingerprint"].as_str().unwrap();
    told.tells(fingerprint);
    sync(&laptop);
    desktop.call(&["sync"]).fails(5);
    desktop.call(&["sync", "--accept-signer", fingerprint]).ok();
    desktop.call(&["sync"]).ok().tells("nothing to do");
}
