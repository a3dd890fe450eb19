//! What was said to be written survives a power cut: a file is synced before it gets its name, and
//! its folder after that. `strace` shows it, since no file does. It shows how many files are opened
//! too, where somebody has put very many beside the vault.

use std::fs;
use std::path::Path;

use crate::support::env::{CHEAP, TestEnv};

const CALLS: &str = "open,openat,fsync,fdatasync,linkat,rename,renameat,renameat2,mkdir,mkdirat";

/// The system calls of one command that had to do with files, without those that failed.
struct Trace(Vec<String>);

impl Trace {
    fn of(env: &TestEnv, command: &str) -> Self {
        let script = format!("strace -f -y -qq -o trace -e trace={CALLS} vault {command}");
        env.shell(&script).stdin("hunter2").ok();
        let trace = fs::read_to_string(env.path("trace")).unwrap();
        let calls = trace.lines().filter(|line| !line.contains(") = -1 "));
        Self(calls.map(ToOwned::to_owned).collect())
    }

    /// Where the last call is, of those in `calls`, that has all these parts.
    fn last(&self, calls: std::ops::Range<usize>, parts: &[&str]) -> Option<usize> {
        let has_all = |at: &usize| parts.iter().all(|part| self.0[*at].contains(part));
        calls.rev().find(has_all)
    }

    /// Where a file was synced whole, then got its name, and the folder was synced after that.
    #[track_caller]
    fn is_lasting(&self, file: &Path) -> (usize, usize) {
        let (end, quoted) = (self.0.len(), format!("\"{}\"", file.display()));
        let all = self.0.join("\n");
        let renamed = self.last(0..end, &[&format!("{quoted}) = 0")]);
        let linked =
            |to: &str| self.last(0..end, &["linkat(", &format!("{to}, AT_SYMLINK_FOLLOW)")]);
        let named = renamed.or_else(|| linked(&quoted));
        let named = named.unwrap_or_else(|| panic!("{quoted} got no name\n{all}"));
        // Where another file had the name before, it waited under a temporary one.
        let first = self.0[named].split('"').nth(1).unwrap();
        let linked = renamed.map_or(named, |_| linked(&format!("\"{first}\"")).unwrap());
        let open = self.0[linked].split('"').nth(1).unwrap();
        let number = open.strip_prefix("/proc/self/fd/").unwrap();
        let opened = self.last(0..linked, &[&format!(" = {number}<")]).unwrap();
        let nameless = self.0[opened].split(" = ").last().unwrap();
        let synced = self.last(opened..linked, &["sync(", nameless]);
        assert!(
            synced.is_some(),
            "{quoted} is not synced before it has its name\n{all}"
        );
        (named, self.is_synced(named, file.parent().unwrap()))
    }

    /// Where a folder was synced after a call.
    #[track_caller]
    fn is_synced(&self, after: usize, folder: &Path) -> usize {
        let synced = self.last(
            after..self.0.len(),
            &["sync(", &format!("<{}>", folder.display())],
        );
        synced.unwrap_or_else(|| {
            let (folder, all) = (folder.display(), self.0.join("\n"));
            panic!("{folder} is not synced after {}\n{all}", self.0[after])
        })
    }
}

#[test]
#[ignore = "needs strace"]
fn whatever_is_written_is_synced_and_so_is_its_folder() {
    let env = TestEnv::new();
    let init = format!("init --kdf {CHEAP}");
    let recovery = env.path("recovery");
    let add = format!("recovery add --out {recovery}");
    for command in [&init, "add acme/wp", &add, "edit acme/wp -u jo"] {
        let trace = Trace::of(&env, command);
        let (_, vault) = trace.is_lasting(&env.vault_file());
        let (last, _) = trace.is_lasting(&env.vault_state().join("last.age"));
        let (pin, _) = trace.is_lasting(&env.vault_state().join("pin.json"));
        assert!(
            vault < last && vault < pin,
            "the vault first\n{:#?}",
            trace.0
        );
        if command == add {
            trace.is_lasting(Path::new(&recovery));
        }
        if *command != init {
            let kept = trace.last(0..vault, &["linkat(", ".backups/"]).unwrap();
            let synced = trace.is_synced(kept, &env.data().join("vault.age.backups"));
            assert!(
                synced < vault,
                "the generation before first\n{:#?}",
                trace.0
            );
        }
        // Folders that were made have their names in those above.
        let made = (0..trace.0.len()).filter(|at| trace.0[*at].contains("mkdir"));
        let made: Vec<usize> = made.collect();
        assert!(
            *command != init || made.len() > 3,
            "init makes folders\n{:#?}",
            trace.0
        );
        for at in made {
            let folder = Path::new(trace.0[at].split('"').nth(1).unwrap());
            trace.is_synced(at, folder.parent().unwrap());
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn however_many_files_lie_beside_the_vault_few_are_opened() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let folder = env.data().join("vault.age.backups");
    for number in 0..6_000 {
        fs::write(folder.join(format!("{number}-01234567.age")), "x").unwrap();
    }
    let opened = |command: &str| {
        let trace = Trace::of(&env, command);
        let beside = format!("\"{}/", folder.display());
        let is_open = |call: &&String| call.contains("open") && call.contains(&beside);
        trace.0.iter().filter(is_open).count()
    };
    // 4,096 are looked at, and each once.
    let first = opened("edit acme/wp -u a");
    assert!((1_000..=4_200).contains(&first), "{first}");
    let next = opened("edit acme/wp -u b");
    assert!(next <= 4, "{next}");
    let listed = opened("backups");
    assert!((1_000..=4_100).contains(&listed), "{listed}");
}
