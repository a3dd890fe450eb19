//! A password that was given up since others may know it, and copies that go on with it.

use std::fs;

use super::{apart, copy_of, second_device};
use crate::support::env::{CHEAP, TestEnv};

const NEW: &str = "quartz-Lantern3-moose-drip";
const NEWER: &str = "velvet-Otter8-chimney-plum";

/// Gives the device another password, and makes new keys. Returns the fingerprint of the new signer.
fn give_up(env: &TestEnv) -> String {
    let new = env.file("new", NEW);
    let passwd = ["passwd", "--compromised", "--kdf", CHEAP];
    env.call(&[&passwd[..], &["--new-password-file", &new]].concat())
        .ok();
    let shown = env.call(&["id", "--json"]).password(NEW).ok().json();
    shown["fingerprint"].as_str().unwrap().to_owned()
}

/// A device that has kept its password after the other one has given it up, against a newer one that
/// a third device had chosen before: the one that gave it up, the one that kept it, and the new signer.
fn given_up_and_kept() -> (TestEnv, TestEnv, String) {
    let (laptop, desktop) = apart();
    let tablet = second_device(&laptop);
    let newer = tablet.file("newer", NEWER);
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &newer];
    tablet.call(&passwd).ok();
    let signer = give_up(&laptop);
    let copy = copy_of(&tablet, &desktop, "tablet.age");
    let newer = desktop.file("newer", NEWER);
    let merge = ["merge", &copy, "--other-password-file", &newer];
    desktop
        .call(&[&merge[..], &["--keep-password"]].concat())
        .ok();
    (laptop, desktop, signer)
}

#[test]
fn no_device_keeps_a_password_that_was_given_up() {
    for changes in [0, 1] {
        let laptop = TestEnv::with(&[("acme/wp", "common")]);
        let identity = laptop.path("recovery.txt");
        laptop.call(&["recovery", "add", "--out", &identity]).ok();
        let desktop = second_device(&laptop);
        laptop.add("acme/laptop", "two");
        let signer = give_up(&laptop);
        for n in 0..changes {
            desktop.add(&format!("acme/desktop{n}"), "one");
        }
        let copy = copy_of(&laptop, &desktop, "copy.age");
        let new = desktop.file("new", NEW);
        let merge = ["merge", &copy, "--accept-signer", &signer];
        let by_password = [&merge[..], &["--other-password-file", &new]].concat();
        let by_identity = [&merge[..], &["--identity", &identity]].concat();
        for opened in [&by_password, &by_identity] {
            for more in [&["--keep-password"][..], &["--keep-password", "--dry-run"]] {
                desktop
                    .call(&[&opened[..], more].concat())
                    .fails(6)
                    .says("the password here was given up on another device")
                    .hints("without --keep-password: --other-password-file")
                    .hints("vault passwd");
            }
        }
        // Who has not the new password is not sent to what is refused.
        let refused = desktop.call(&by_identity).fails(4);
        refused.hides("--keep-password").hints("vault passwd");
        let newer = desktop.file("newer", NEWER);
        if changes == 0 {
            desktop.call(&by_password).ok();
            desktop.call(&["list"]).fails(4);
            desktop.call(&["get", "acme/laptop"]).password(NEW).ok();
            continue;
        }
        // One that nobody else knows may be kept.
        let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &newer];
        desktop.call(&passwd).ok();
        let keep = [&by_identity[..], &["--keep-password"]].concat();
        desktop.call(&keep).password(NEWER).ok();
        desktop.call(&["get", "acme/laptop"]).password(NEWER).ok();
        desktop.call(&["verify", "--full"]).password(NEWER).ok();
    }
}

/// A cost of its own is no password of its own.
#[test]
fn a_password_that_was_given_up_is_not_chosen_anew_by_making_it_costlier() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let desktop = second_device(&laptop);
    let signer = give_up(&laptop);
    let old = desktop.password_file().display().to_string();
    let costlier = ["passwd", "--kdf", "m=20MiB,t=2,p=1"];
    desktop
        .call(&[&costlier[..], &["--new-password-file", &old]].concat())
        .ok();
    desktop.call(&["log"]).ok().shows("the same password");
    let copy = copy_of(&laptop, &desktop, "copy.age");
    let new = desktop.file("new", NEW);
    let merge = ["merge", &copy, "--other-password-file", &new];
    let keep = ["--keep-password", "--accept-signer", &signer];
    desktop
        .call(&[&merge[..], &keep].concat())
        .fails(6)
        .says("the password here was given up on another device");
}

#[test]
fn a_password_that_was_given_up_does_not_come_back_with_a_copy_that_kept_it() {
    let (laptop, desktop, _) = given_up_and_kept();
    let copy = copy_of(&desktop, &laptop, "kept.age");
    let old = laptop.password_file().display().to_string();
    // The copy is signed by the key of before, too.
    let id = desktop.call(&["id", "--json"]).ok().json();
    let signer = id["fingerprint"].as_str().unwrap();
    let accept = ["--accept-signer", signer];
    let merge = [
        &["merge", &copy, "--other-password-file", &old],
        &accept[..],
    ]
    .concat();
    let refused = laptop.call(&merge).password(NEW).fails(6);
    refused
        .says("the later password of the copy was given up here")
        .hints("--keep-password");
    let keep = [&merge[..], &["--keep-password"]].concat();
    laptop.call(&keep).password(NEW).ok();
    laptop.call(&["list"]).fails(4);
    laptop.call(&["verify", "--full"]).password(NEW).ok();
}

#[test]
fn a_later_password_that_was_given_up_elsewhere_is_not_that_of_the_outcome() {
    let (laptop, desktop, signer) = given_up_and_kept();
    let copy = copy_of(&laptop, &desktop, "new.age");
    let new = desktop.file("new", NEW);
    let merge = [
        "merge",
        &copy,
        "--other-password-file",
        &new,
        "--accept-signer",
        &signer,
    ];
    let refused = desktop.call(&merge).fails(6);
    refused
        .says("the password here was given up on another device")
        .hints("choose a new one here first: vault passwd");
    // Whichever is taken in first: a device that went on with the same one.
    let third = TestEnv::new();
    fs::create_dir_all(third.data()).unwrap();
    fs::copy(desktop.vault_file(), third.vault_file()).unwrap();
    third.call(&["list"]).ok();
    third.add("acme/third", "three");
    third.file("new", NEW);
    let copy = copy_of(&laptop, &third, "new.age");
    let merge = [&["merge", &copy], &merge[2..]].concat();
    third.call(&merge).fails(6);
    let newest = third.file("newest", "marble-Falcon5-window-tide");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &newest];
    third.call(&passwd).ok();
    third
        .call(&merge)
        .password("marble-Falcon5-window-tide")
        .ok();
}
