//! `merge --all`: conflicted copies, by the names that services give them.

use std::fs;
use std::os::unix::fs::symlink;

use super::{apart, copy_of, second_device};
use crate::support::env::{CHEAP, TestEnv, mode};

#[test]
fn conflicted_copies_are_found_by_what_they_are_whatever_the_service_calls_them() {
    for name in [
        "vault (Kim's conflicted copy 2026-11-28).age",
        "vault (In Konflikt stehende Kopie von Kim 2026-11-28).age",
        "vault.sync-conflict-20261128-101010-ABCDEF7.age",
        "vault (conflicted copy 2026-11-28 101010).age",
        "vault_conflict-20261128-101010.age",
        "vault 2.age",
        "vault-LAPTOP.age",
        "vault (1).age",
        "Copy of vault.age",
    ] {
        let (laptop, desktop) = apart();
        laptop.add("acme/laptop", "one");
        desktop.add("acme/desktop", "two");
        let beside = laptop.data().join(name);
        fs::copy(desktop.vault_file(), &beside).unwrap();
        let merged = laptop.call(&["merge", "--all"]).ok();
        merged.tells("1 copy went to its earlier generations");
        assert!(!beside.exists(), "{name}");
        assert_eq!(laptop.secret("acme/desktop"), "two", "{name}");
        laptop.call(&["backups"]).ok();
        laptop.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn what_is_no_copy_of_this_vault_is_left_alone() {
    let (laptop, desktop) = apart();
    let other = TestEnv::with(&[("acme/wp", "x")]);
    fs::copy(other.vault_file(), laptop.data().join("vault-other.age")).unwrap();
    let age = "age-encryption.org/v1\n-> X25519 x\n";
    fs::write(laptop.data().join("vault-notes.age"), age).unwrap();
    symlink(laptop.vault_file(), laptop.data().join("vault-now.age")).unwrap();
    fs::create_dir(laptop.data().join("vault 2.age")).unwrap();
    desktop.add("acme/desktop", "two");
    fs::copy(desktop.vault_file(), laptop.data().join("mine.age")).unwrap();
    let before = laptop.snapshot();
    laptop
        .call(&["merge", "--all"])
        .ok()
        .tells("nothing to take in");
    assert_eq!(laptop.snapshot(), before);
    // By its name it is taken in.
    let named = copy_of(&desktop, &laptop, "named.age");
    laptop.call(&["merge", &named]).ok();
    assert!(
        fs::metadata(named).is_ok(),
        "what was named stays where it is"
    );
}

#[test]
fn a_copy_is_found_among_any_number_of_files_and_one_that_cannot_be_opened_stops_all() {
    let (laptop, desktop) = apart();
    let third = second_device(&laptop);
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    third.add("acme/third", "three");
    let new = third.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    third.call(&passwd).ok();
    for n in 0..5000 {
        fs::write(laptop.data().join(format!("note-{n}.txt")), "").unwrap();
    }
    let (good, shut) = ("vault (b).age", "vault (c).age");
    fs::copy(desktop.vault_file(), laptop.data().join(good)).unwrap();
    fs::copy(third.vault_file(), laptop.data().join(shut)).unwrap();
    let before = laptop.snapshot();
    let refused = laptop.call(&["merge", "--all"]).fails(9);
    refused
        .says(shut)
        .hints("--other-password-file")
        .hints("vault merge FILE");
    assert_eq!(laptop.snapshot(), before);
    // Without it: by name.
    let named = laptop.data().join(good).display().to_string();
    let merged = laptop.call(&["merge", &named]).ok();
    merged.tells("new: acme/desktop");
    // What it says does not depend on what else is there.
    laptop.call(&["merge", "--all"]).fails(9).says(shut);
    let other = laptop.file("other", "quartz-Lantern3-moose-drip");
    let both = ["merge", "--all", "--other-password-file", &other];
    laptop
        .call(&both)
        .ok()
        .tells("new: acme/third")
        .tells("the master password was changed");
    assert!(!laptop.data().join(shut).exists() && !laptop.data().join(good).exists());
    laptop.call(&["--password-file", &other, "list"]).ok();
}

#[test]
fn a_copy_that_a_password_is_asked_for_is_an_error_where_nobody_can_be_asked() {
    let (laptop, desktop) = apart();
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.call(&passwd).ok();
    let beside = laptop.data().join("vault (1).age");
    fs::copy(desktop.vault_file(), &beside).unwrap();
    let before = laptop.snapshot();
    laptop
        .call(&["merge", "--all"])
        .fails(9)
        .says("vault (1).age: ")
        .hints("--other-password-file");
    assert_eq!(laptop.snapshot(), before);
}

#[test]
fn a_damaged_copy_of_this_vault_stops_all_and_is_told() {
    let (laptop, desktop) = apart();
    desktop.add("acme/desktop", "two");
    let whole = fs::read(desktop.vault_file()).unwrap();
    let half = whole[..whole.len() - 200].to_vec();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    // The header, at its start and in a stanza.
    let mut no_age = whole.clone();
    no_age[0] ^= 1;
    let mut stanza = whole.clone();
    let at = stanza.windows(7).position(|it| it == b"-> vaul").unwrap();
    stanza[at] ^= 1;
    let beside = laptop.data().join("vault (1).age");
    for damaged in [half, flipped, no_age, stanza] {
        fs::write(&beside, damaged).unwrap();
        let before = laptop.snapshot();
        laptop
            .call(&["merge", "--all"])
            .fails(5)
            .says("vault (1).age: ")
            .says("damaged")
            .hints("move it away");
        assert_eq!(laptop.snapshot(), before);
    }
    fs::write(laptop.data().join("vault (2).age"), whole).unwrap();
    laptop.call(&["merge", "--all"]).fails(5).says("damaged");
    fs::rename(&beside, laptop.path("away.age")).unwrap();
    laptop.call(&["merge", "--all"]).ok();
    assert_eq!(laptop.secret("acme/desktop"), "two");
}

#[test]
fn what_is_called_as_a_copy_and_cannot_be_read_or_is_none_stops_all_and_is_told() {
    let (laptop, desktop) = apart();
    desktop.add("acme/desktop", "two");
    let beside = laptop.data().join("vault (1).age");
    let whole = fs::read(laptop.vault_file()).unwrap();
    // Neither a link to nothing nor what may not be read can be held against what it was.
    let check = |code: i32, why: &str| {
        let refused = laptop.call(&["merge", "--all"]).run();
        let said = &refused.stderr;
        assert_eq!(refused.code, Some(code), "{said}");
        for part in [
            "vault (1).age: ",
            why,
            "nothing was taken in",
            "move it away",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(fs::read(laptop.vault_file()).unwrap(), whole);
        let status = laptop.call(&["status"]).run();
        assert_eq!(status.code, Some(0));
        assert!(status.stderr.contains(why), "{}", status.stderr);
        fs::remove_file(&beside).unwrap();
    };
    for cut in [
        "",
        "no vault",
        "version https://git-lfs.github.com/spec/v1\n",
    ] {
        fs::write(&beside, cut).unwrap();
        check(5, "it is no vault");
    }
    symlink("nowhere.age", &beside).unwrap();
    check(1, "it is a link to a file that is not there");
    fs::copy(desktop.vault_file(), &beside).unwrap();
    fs::set_permissions(&beside, mode(0)).unwrap();
    // Whoever may read everything reads this too.
    if fs::File::open(&beside).is_err() {
        check(1, "it cannot be read: Permission denied");
    } else {
        fs::remove_file(&beside).unwrap();
    }
    symlink(desktop.vault_file(), &beside).unwrap();
    laptop
        .call(&["merge", "--all"])
        .ok()
        .tells("new: acme/desktop");
    assert!(desktop.vault_file().exists(), "the copy itself stays");
}

#[test]
fn a_dry_run_fails_where_the_outcome_could_not_be_written() {
    let laptop = TestEnv::ready();
    laptop.add("acme/wp", "common");
    laptop.call(&["recovery", "add", "--out", "r.key"]).ok();
    let desktop = second_device(&laptop);
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.call(&passwd).ok();
    laptop.add("acme/laptop", "one");
    let beside = laptop.data().join("vault (1).age");
    fs::copy(desktop.vault_file(), beside).unwrap();
    let merge = ["merge", "--all", "--identity", "r.key"];
    let before = laptop.snapshot();
    laptop.call(&merge).fails(4);
    laptop.call(&[&merge[..], &["-n"]].concat()).fails(4);
    assert_eq!(laptop.snapshot(), before);
}

#[test]
fn copies_are_taken_in_one_after_the_other_and_memory_is_that_of_a_few() {
    let (laptop, desktop) = apart();
    let noise = (0..1 << 19_u32).flat_map(|n: u32| n.wrapping_mul(0x9e37_79b9).to_be_bytes());
    let noise: Vec<u8> = noise.collect();
    let file = desktop.file("noise", noise);
    desktop.call(&["attach", "acme/wp", &file]).ok();
    for n in 0..12 {
        desktop.add(&format!("acme/{n}"), "x");
        let beside = laptop.data().join(format!("vault ({n}).age"));
        fs::copy(desktop.vault_file(), beside).unwrap();
    }
    laptop.add("acme/laptop", "one");
    let merge = laptop.shell("ulimit -d 60000; vault merge --all");
    merge.ok().tells("took in 12 copies");
    laptop.call(&["verify", "--full"]).ok();
}

#[test]
fn a_password_from_a_descriptor_opens_every_copy() {
    let (laptop, desktop) = apart();
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.call(&passwd).ok();
    for name in ["one", "two"] {
        let add = ["--password-file", &new, "add", &format!("acme/{name}")];
        desktop.call(&add).stdin("x").ok();
        let beside = laptop.data().join(format!("vault ({name}).age"));
        fs::copy(desktop.vault_file(), beside).unwrap();
    }
    let merge = format!("vault merge --all --other-password-fd 5 5< '{new}'");
    laptop.shell(&merge).ok().tells("took in 2 copies");
}

#[test]
fn too_many_copies_are_told_and_not_passed_over() {
    let (laptop, _) = apart();
    for n in 0..300 {
        fs::write(laptop.data().join(format!("vault {n}.age")), "").unwrap();
    }
    laptop
        .call(&["merge", "--all"])
        .fails(2)
        .says("more than 256");
}
