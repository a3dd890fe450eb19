//! The vault in a repository of the user's own, with the real git: what was changed on branches, in
//! clones or in a stash is merged by it, and what it cannot merge stays as it is.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::interop::oracle::{json, oracle_on};
use crate::support::call::Call;
use crate::support::env::{BINARY, CHEAP, PASSWORD, TestEnv, holds, mode_of};

/// A machine with a clone that holds the vault.
struct Clone {
    env: TestEnv,
    vault: PathBuf,
}

const WHO: &str = "export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x \
                   GIT_COMMITTER_EMAIL=x@x GIT_EDITOR=true";

impl Clone {
    /// A repository whose first commit has the vault under this name, with `acme/wp`.
    fn first(name: &str) -> Self {
        let clone = Self::without_setup(name);
        clone.vault(&["sync", "--setup"]).ok();
        clone.git("git add -A; git commit -qm first");
        clone
    }

    fn without_setup(name: &str) -> Self {
        let env = TestEnv::with(&[("acme/wp", "hunter2")]);
        let vault = env.work().join("repo").join(name);
        fs::create_dir_all(vault.parent().unwrap()).unwrap();
        fs::rename(env.vault_file(), &vault).unwrap();
        let clone = Self { env, vault };
        clone.git("git init -q -b main");
        clone
    }

    /// Another machine with a clone of the same remote, which the first one is pushed to.
    fn another(&self) -> Self {
        let remote = self.env.path("remote.git");
        self.git(&format!(
            "git init -q --bare -b main {remote}; git remote add origin {remote}; \
             git push -q -u origin main"
        ));
        let env = TestEnv::new();
        env.shell(&format!("git clone -q {remote} repo")).ok();
        let name = self.vault.strip_prefix(self.env.work()).unwrap();
        let vault = env.work().join(name);
        let clone = Self { env, vault };
        clone.vault(&["list"]).ok();
        let written = clone.vault(&["sync", "--setup"]).ok();
        written.hides(".gitattributes");
        clone
    }

    fn vault(&self, args: &[&str]) -> Call<'_> {
        self.env.call(args).var("VAULT_FILE", &self.vault)
    }

    fn script(&self, script: &str) -> Call<'_> {
        let call = self.env.shell(&format!("set -e; cd repo; {WHO}; {script}"));
        call.var("VAULT_FILE", &self.vault)
    }

    #[track_caller]
    fn git(&self, script: &str) -> String {
        self.script(script).ok().text().to_owned()
    }

    /// Adds an entry and commits that.
    #[track_caller]
    fn add(&self, path: &str) {
        self.vault(&["add", path]).stdin(path).ok();
        self.git("git commit -qam change");
    }

    /// Goes to another state, which is older than what this device has seen, and goes on from it.
    #[track_caller]
    fn add_on_branch(&self, branch: &str, path: &str) {
        self.git(&format!("git checkout -q {branch}"));
        let generation = self.generation();
        let accepted = ["--accept-generation", &generation, "add", path];
        self.vault(&accepted).stdin(path).ok();
        self.git("git commit -qam change");
    }

    fn generation(&self) -> String {
        let shown = self
            .vault(&["diff-text", self.vault.to_str().unwrap()])
            .ok();
        let mut lines = shown.text().lines();
        let line = lines.find_map(|line| line.strip_prefix("generation "));
        line.unwrap().to_owned()
    }

    /// The vault is whole, the index is clean, and these are its entries.
    #[track_caller]
    fn has(&self, paths: &[&str]) {
        let list = self.vault(&["list"]).ok();
        list.silently();
        assert_eq!(list.text().lines().collect::<Vec<_>>(), paths);
        self.vault(&["verify", "--full"]).ok();
        self.vault(&["log", "--verify"]).ok().hides("two machines");
        assert_eq!(self.git("git status --porcelain"), "");
        let password = self.env.file("password", PASSWORD);
        let file = self.vault.to_str().unwrap();
        let opened = json(&oracle_on(file, "open", &["--password-file", &password]));
        assert_eq!(opened["entries"].as_array().unwrap().len(), paths.len());
    }

    fn committed(&self) -> String {
        let path = self
            .vault
            .strip_prefix(self.env.work().join("repo"))
            .unwrap();
        self.git(&format!("git rev-parse HEAD:'{}'", path.display()))
    }
}

/// What git and the driver say where git finds a conflict.
#[track_caller]
fn conflict(call: Call<'_>) -> String {
    let output = call.run();
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(holds(&output.stdout, "CONFLICT"), "{output:?}");
    output.stderr
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn what_two_clones_wrote_is_one_after_pull_and_push() {
    let laptop = Clone::first("vault.age");
    let desktop = laptop.another();
    laptop.add("acme/laptop");
    desktop.add("acme/desktop");
    desktop.git("git push -q");
    laptop.git("git pull -q --no-rebase --no-edit; git push -q");
    desktop.git("git pull -q --no-rebase --no-edit");
    assert_eq!(laptop.committed(), desktop.committed());
    for clone in [&laptop, &desktop] {
        clone.has(&["acme/desktop", "acme/laptop", "acme/wp"]);
    }
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn several_changes_are_rebased_onto_what_another_clone_wrote() {
    let laptop = Clone::first("vault.age");
    let desktop = laptop.another();
    for path in ["acme/l1", "acme/l2", "acme/l3"] {
        laptop.add(path);
    }
    laptop
        .vault(&["rotate", "acme/wp", "--stdin"])
        .stdin("hunter3")
        .ok();
    laptop.git("git commit -qam rotate");
    desktop.add("acme/d1");
    desktop.add("acme/d2");
    desktop.git("git push -q");
    laptop.git("git pull -q --rebase; git push -q");
    desktop.git("git pull -q --rebase");
    let all = [
        "acme/d1", "acme/d2", "acme/l1", "acme/l2", "acme/l3", "acme/wp",
    ];
    laptop.has(&all);
    desktop.has(&all);
    desktop.vault(&["get", "acme/wp"]).ok().prints("hunter3\n");
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn clones_that_pull_in_any_way_and_order_end_with_the_same_vault() {
    let laptop = Clone::first("vault.age");
    let desktop = laptop.another();
    let mut wanted = vec!["acme/wp".to_owned()];
    // What each does in a round: how many changes, and how it pulls.
    let turns = [
        (1, "--rebase", 2, "--rebase"),
        (3, "--no-rebase", 1, "--rebase"),
        (2, "--rebase", 3, "--no-rebase"),
        (0, "--rebase", 2, "--rebase"),
        (2, "--no-rebase", 2, "--no-rebase"),
        (3, "--rebase", 0, "--no-rebase"),
    ];
    for (round, (ours, how, theirs, other_how)) in turns.into_iter().enumerate() {
        for (name, clone, changes) in [("l", &laptop, ours), ("d", &desktop, theirs)] {
            for change in 0..changes {
                let path = format!("acme/{name}-{round}-{change}");
                clone.add(&path);
                wanted.push(path);
            }
            let about = format!("{name} in round {round}");
            clone.vault(&["edit", "acme/wp", "--notes", &about]).ok();
            clone.git("git commit -qam edit");
        }
        for (clone, how) in [(&laptop, how), (&desktop, other_how), (&laptop, how)] {
            clone.git(&format!("git pull -q --no-edit {how}; git push -q"));
            clone.vault(&["list"]).ok().silently();
        }
        assert_eq!(laptop.committed(), desktop.committed(), "{round}");
    }
    wanted.sort_unstable();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    laptop.has(&wanted);
    desktop.has(&wanted);
    // Both wrote the same field in the last round, and neither is lost.
    let conflicts = desktop.vault(&["conflicts", "--json"]).ok().json();
    assert_eq!(conflicts[0]["field"], "notes", "{conflicts}");
    assert_eq!(
        conflicts[0]["versions"].as_array().unwrap().len(),
        2,
        "{conflicts}"
    );
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn histories_that_cross_are_merged() {
    let laptop = Clone::first("vault.age");
    laptop.git("git branch one; git branch two");
    laptop.add_on_branch("one", "acme/one");
    laptop.add_on_branch("two", "acme/two");
    laptop.git(
        "git checkout -q -b onetwo one; git merge -q --no-edit two; \
         git checkout -q -b twoone two; git merge -q --no-edit one",
    );
    laptop.add_on_branch("onetwo", "acme/three");
    laptop.add_on_branch("twoone", "acme/four");
    assert_eq!(
        laptop
            .git("git merge-base --all onetwo twoone")
            .lines()
            .count(),
        2
    );
    laptop.git("git merge -q --no-edit onetwo");
    laptop.has(&["acme/four", "acme/one", "acme/three", "acme/two", "acme/wp"]);
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn a_picked_change_and_a_stashed_one_come_in() {
    let laptop = Clone::first("vault.age");
    laptop.git("git branch side");
    laptop.add("acme/main");
    laptop.add_on_branch("side", "acme/side");
    laptop.git("git checkout -q main; git cherry-pick side");
    laptop.has(&["acme/main", "acme/side", "acme/wp"]);
    laptop.vault(&["add", "acme/stashed"]).stdin("x").ok();
    laptop.git("git stash -q");
    let generation = laptop.generation();
    laptop.vault(&["list"]).fails(5).hints("vault restore");
    let accepted = ["--accept-generation", &generation, "add", "acme/next"];
    laptop.vault(&accepted).stdin("x").ok();
    laptop.git("git commit -qam next; git stash pop -q; git commit -qam popped");
    laptop.has(&[
        "acme/main",
        "acme/next",
        "acme/side",
        "acme/stashed",
        "acme/wp",
    ]);
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn a_locked_vault_is_a_conflict_that_ends_once_it_is_unlocked() {
    let laptop = Clone::first("it's \"my\" vault.age");
    let desktop = laptop.another();
    desktop.add("acme/desktop");
    desktop.git("git push -q");
    laptop.add("acme/laptop");
    let before = fs::read(&laptop.vault).unwrap();
    let pull = "git pull -q --no-rebase --no-edit";
    let said = conflict(laptop.script(pull).no_password());
    assert!(fs::read(&laptop.vault).unwrap() == before);
    laptop
        .vault(&["list"])
        .ok()
        .silently()
        .prints("acme/laptop\nacme/wp\n");
    // What it said, word for word.
    let hint = said.lines().find_map(|it| it.strip_prefix("hint: "));
    let (unlock, again) = hint
        .unwrap()
        .split_once("; then let git merge it again: ")
        .unwrap();
    laptop.git(unlock);
    laptop
        .script(&format!("{again}; git commit -qm merged"))
        .no_password()
        .ok();
    laptop.has(&["acme/desktop", "acme/laptop", "acme/wp"]);
    // Given up instead, it is as it was.
    desktop.add("acme/more");
    desktop.git("git push -q || { git pull -q --no-rebase --no-edit; git push -q; }");
    laptop.add("acme/again");
    laptop.vault(&["lock"]).ok();
    conflict(laptop.script(pull).no_password());
    laptop.git("git merge --abort");
    laptop.vault(&["list"]).ok().silently().hides("acme/more");
    // By hand, both sides of what git has not merged.
    conflict(laptop.script(pull).no_password());
    let merged = laptop.vault(&["merge", "--all"]).ok();
    merged.tells("new: acme/more").tells("hint: git add ");
    laptop.git("git add -A; git commit -qm merged");
    let again = laptop.vault(&["merge", "--all"]).ok();
    again.tells("nothing to take in").hides("git add");
    laptop
        .vault(&["list"])
        .ok()
        .silently()
        .shows("acme/more")
        .shows("acme/again");
}

/// What was told to be typed, as it was told, in a folder that is not the uppermost.
fn typed_below(laptop: &Clone, said: &str, before: &str) -> String {
    let hint = said.lines().find_map(|it| it.strip_prefix("hint: "));
    let (_, command) = hint.unwrap().split_once(before).unwrap();
    laptop.git("mkdir -p below/further");
    format!("cd below/further; {command}")
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn what_is_told_can_be_typed_in_any_folder_and_a_merge_that_fails_resolves_nothing() {
    let pull = "git pull -q --no-rebase --no-edit";
    let laptop = Clone::first("notes/my *vault*.age");
    let desktop = laptop.another();
    desktop.add("acme/desktop");
    desktop.git("git push -q");
    laptop.add("acme/laptop");
    let said = conflict(laptop.script(pull).no_password());
    laptop.vault(&["unlock"]).ok();
    let again = typed_below(&laptop, &said, "let git merge it again: ");
    laptop.script(&again).no_password().ok();
    laptop.git("git commit -qm merged; git push -q");
    laptop.has(&["acme/desktop", "acme/laptop", "acme/wp"]);
    // By hand, with what it needs.
    let new = desktop.env.file("new", "quartz-Lantern3-moose-drip");
    desktop.git(pull);
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.vault(&passwd).ok();
    desktop.git("git commit -qam passwd; git push -q");
    laptop.add("acme/more");
    let said = conflict(laptop.script(pull));
    let by_hand = typed_below(&laptop, &said, "to merge it by hand: ");
    assert_eq!(laptop.script(&by_hand).run().code, Some(9), "{by_hand}");
    let unmerged = laptop.git("git ls-files -u");
    assert_eq!(
        unmerged.lines().count(),
        3,
        "nothing is resolved: {unmerged}"
    );
    let with_password = format!("merge theirs.age --other-password-file {new}");
    let by_hand = by_hand.replace("merge theirs.age", &with_password);
    laptop.git(&format!(
        "{by_hand}; test ! -e theirs.age; git commit -qm merged"
    ));
    let list = laptop.vault(&["--password-file", &new, "list"]).ok();
    list.shows("acme/desktop").shows("acme/more");
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn a_merge_that_is_given_up_or_done_twice_leaves_no_trace() {
    let laptop = Clone::first("vault.age");
    laptop.git("git branch side");
    laptop.add("acme/main");
    laptop.add_on_branch("side", "acme/side");
    laptop.git("git checkout -q main; git merge -q --no-edit side; git branch kept");
    laptop
        .git("git reset -q --hard HEAD~1; git merge -q --no-edit side; git reset -q --hard HEAD~1");
    laptop.git("git merge -q --no-commit side; git merge --abort; git merge -q --no-edit side");
    laptop.has(&["acme/main", "acme/side", "acme/wp"]);
    laptop.git("git merge -q --no-edit kept");
    laptop.has(&["acme/main", "acme/side", "acme/wp"]);
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn what_is_no_state_of_this_vault_does_not_take_its_place() {
    let laptop = Clone::first("vault.age");
    laptop.git("git branch start");
    laptop.add("acme/laptop");
    let before = laptop.committed();
    let foreign = TestEnv::with(&[("acme/wp", "x")]);
    let foreign = laptop
        .env
        .file("foreign", fs::read(foreign.vault_file()).unwrap());
    for (make, reason) in [
        (format!("cp {foreign} vault.age"), "another vault"),
        ("printf x >> vault.age".to_owned(), "signature"),
        ("truncate -s 300M vault.age".to_owned(), "the limit is"),
        (
            "printf 'version https://git-lfs' > vault.age".to_owned(),
            "other side",
        ),
        ("ln -sf /etc/passwd vault.age".to_owned(), ""),
        (
            "rm vault.age; mkdir vault.age; touch vault.age/x".to_owned(),
            "",
        ),
        ("git rm -q --cached vault.age; rm vault.age".to_owned(), ""),
    ] {
        laptop.git(&format!(
            "git checkout -q -B bad start; {make}; git add -A; git commit -qm bad; git checkout -q main"
        ));
        let said = conflict(laptop.script("git merge -q --no-edit bad"));
        assert!(said.contains(reason), "{said}");
        // Where the other side has no file, git lays this one beside what it has.
        let kept = laptop.git("git ls-files -s");
        assert!(kept.contains(before.trim()), "{make}: {kept}");
        laptop.git("git merge --abort");
        laptop
            .vault(&["list"])
            .ok()
            .silently()
            .prints("acme/laptop\nacme/wp\n");
    }
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn a_log_shows_no_secret_whether_the_vault_is_locked_or_not() {
    let laptop = Clone::first("notes/my vault.age");
    laptop
        .vault(&["rotate", "acme/wp", "--stdin"])
        .stdin("hunter3")
        .ok();
    laptop.vault(&["edit", "acme/wp", "-u", "some-user"]).ok();
    laptop.git("git commit -qam rotated");
    let locked = laptop.script("git log -p --no-color").no_password().ok();
    locked
        .shows("+generation 4")
        .shows("locked")
        .hides("acme")
        .hides("hunter");
    laptop.vault(&["unlock"]).ok();
    let open = laptop.script("git log -p --no-color").no_password().ok();
    open.shows("+entry acme/wp: secret version 2")
        .shows("+entry acme/wp: username, write");
    open.hides("hunter").hides("some-user");
    let notes = laptop.git("git for-each-ref refs/notes");
    assert_eq!(notes, "", "names in the clear are kept nowhere");
    laptop.vault(&["edit", "acme/wp", "-u", "another"]).ok();
    let diff = laptop.script("git diff --no-color").no_password().ok();
    diff.shows("entry acme/wp: username, write")
        .hides("another");
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn setup_adds_what_is_missing_and_keeps_what_others_wrote() {
    let clone = Clone::without_setup("it's \"my\" *vault*.age");
    let top = clone.env.work().join("repo");
    fs::write(top.join(".gitattributes"), "*.png binary").unwrap();
    clone.git("git config merge.vault.driver old; git config merge.other.driver x");
    let config = top.join(".git/config");
    let before = fs::read(&config).unwrap();
    let told = clone.vault(&["sync", "--setup", "--dry-run"]).ok();
    told.prints("")
        .tells("would write")
        .tells(".gitattributes")
        .tells("merge.vault.driver");
    assert!(fs::read(&config).unwrap() == before);
    let answer = clone
        .vault(&["sync", "--setup", "repo", "--json"])
        .ok()
        .json();
    assert_eq!(answer["changed"].as_array().unwrap().len(), 7, "{answer}");
    assert_eq!(answer["written"], true);
    let attributes = fs::read_to_string(top.join(".gitattributes")).unwrap();
    assert!(attributes.starts_with("*.png binary\n"), "{attributes}");
    assert_eq!(attributes.lines().count(), 2, "{attributes}");
    assert_eq!(mode_of(&top.join(".gitattributes")), 0o644);
    let all = [
        config,
        top.join(".gitattributes"),
        top.join(".git/info/exclude"),
    ];
    let after = all.clone().map(|file| fs::read(file).unwrap());
    clone
        .vault(&["sync", "--setup"])
        .ok()
        .tells("nothing to do");
    assert!(all.map(|file| fs::read(file).unwrap()) == after);
    let kept = clone.git("git config merge.other.driver; git config merge.vault.recursive");
    assert_eq!(kept, "x\nbinary\n");
    // The next write leaves a lock and an earlier generation, which git does not see.
    clone.vault(&["add", "acme/more"]).stdin("x").ok();
    let seen = clone.git("git status --porcelain -uall -z | tr '\\0' '\\n'");
    assert_eq!(seen, "?? .gitattributes\n?? it's \"my\" *vault*.age\n");
    assert!(
        clone
            .vault
            .with_file_name("it's \"my\" *vault*.age.lock")
            .exists()
    );
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn git_runs_the_program_by_the_name_that_path_has_for_it() {
    let clone = Clone::without_setup("vault.age");
    let bin = clone.env.work().join("it's 100%A \"bin\"");
    fs::create_dir(&bin).unwrap();
    symlink(BINARY, bin.join("vault")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    clone.vault(&["sync", "--setup"]).var("PATH", path).ok();
    let driver = clone.git("git config merge.vault.driver");
    assert!(driver.contains("100%%A"), "{driver}");
    clone.git("git add -A; git commit -qm first; git branch side");
    clone.add("acme/main");
    clone.add_on_branch("side", "acme/side");
    clone.git("git merge -q --no-edit main");
    clone.has(&["acme/main", "acme/side", "acme/wp"]);
    clone
        .script("git show -p --no-color main")
        .ok()
        .shows("+generation");
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn setup_takes_a_linked_work_tree_and_tells_what_git_already_has() {
    let laptop = Clone::first("vault.age");
    laptop.git("git worktree add -q ../linked -b linked");
    let linked = laptop.env.path("linked/vault.age");
    let setup = ["--vault", &linked, "sync", "--setup"];
    laptop.env.call(&setup).ok().tells("nothing to do");
    laptop.vault(&["add", "acme/more"]).stdin("x").ok();
    laptop.git("git add -f vault.age.backups; git commit -qam copies");
    let warned = laptop.vault(&["sync", "--setup"]).ok();
    warned.tells("git rm -r --cached");
    laptop.git("printf '* -merge\n' > .git/info/attributes");
    let told = laptop.vault(&["sync", "--setup"]).ok();
    told.tells("last word")
        .tells("git does not merge vault.age")
        .hides("nothing to do");
    let answer = laptop.vault(&["sync", "--setup", "--json"]).ok().json();
    assert_eq!(answer["merges"], false);
    laptop.git("printf '* filter=lfs\n' > .git/info/attributes");
    laptop
        .vault(&["sync", "--setup"])
        .ok()
        .tells("the filter lfs");
}

#[test]
#[ignore = "needs git and the second reader; .ci/run runs it"]
fn setup_refuses_what_is_no_repository_of_the_vault() {
    let laptop = Clone::without_setup("vault.age");
    let env = &laptop.env;
    env.shell("mkdir plain; git init -q --bare bare.git; git init -q other")
        .ok();
    for (folder, code, reason) in [
        ("plain", 3, "in no git repository"),
        ("gone", 2, "there is no folder"),
        ("bare.git", 2, "bare repository"),
        ("repo/.git", 2, "bare repository"),
        ("other", 2, "is not in the work tree"),
    ] {
        laptop
            .vault(&["sync", "--setup", folder])
            .fails(code)
            .says(reason);
    }
    let elsewhere = TestEnv::ready();
    elsewhere
        .call(&["sync", "--setup"])
        .fails(3)
        .hints("vault sync --remote");
    elsewhere.has_no_vault();
    elsewhere
        .call(&["sync", "--setup"])
        .fails(3)
        .hints("vault init");
    laptop.vault(&["sync", "--setup", "--remote", "x"]).fails(2);
    laptop.vault(&["sync", "--dry-run"]).fails(2);
    laptop.git("ln -s /dev/null .gitattributes");
    laptop
        .vault(&["sync", "--setup"])
        .fails(2)
        .says("symbolic link");
    assert_eq!(laptop.git("git config --get-regexp vault || true"), "");
}
