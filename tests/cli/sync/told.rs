//! What is told of what came: what ended, which keys came and went, which machines there are.

use serde_json::json;

use super::{apart, copy_of, meet, put_in_place, second_device};
use crate::support::env::{CHEAP, TestEnv};

fn new_key() -> String {
    age::x25519::Identity::generate().to_public().to_string()
}

#[test]
fn keys_that_came_and_went_are_told() {
    let (laptop, desktop) = apart();
    let key = new_key();
    desktop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    meet(&laptop, &desktop);
    desktop.call(&["recipient", "add", &key]).ok();
    let copy = copy_of(&desktop, &laptop, "came.age");
    let told = format!("opens the vault now: {key} (age), id ");
    laptop.call(&["merge", &copy]).ok().tells(&told);
    laptop.call(&["list"]).ok();
    let listed = desktop.call(&["recipient", "list", "--json"]).ok().json();
    let id = listed[0]["id"].as_str().unwrap();
    desktop.call(&["recipient", "rm", id, "--yes"]).ok();
    let copy = copy_of(&desktop, &laptop, "gone.age");
    let dry = ["merge", &copy, "--dry-run"];
    let told = format!("opens the vault no longer: {key} (age), id ");
    laptop.call(&dry).ok().tells(&told);
    let merge = laptop.call(&["merge", &copy, "--json"]).ok().json();
    assert_eq!(merge["opened"], json!([]));
    let gone = json!([{"id": id, "kind": "age", "recipient": key}]);
    assert_eq!(merge["closed"], gone);
}

#[test]
fn a_share_that_a_withdrawal_elsewhere_ended_is_told_on_either_device() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let add = ["contact", "add", "bob", "--recipient", &new_key()];
    laptop.call(&add).ok();
    let evidence = laptop.file("yes.pdf", "yes");
    let add = "consent add acme --to bob --scope acme/wp --purpose x --by Jo --json --evidence";
    let mut add: Vec<&str> = add.split(' ').collect();
    add.push(&evidence);
    let consent = laptop.call(&add).ok().json();
    let consent = consent["changed"][0].as_str().unwrap();
    let desktop = second_device(&laptop);
    laptop.call(&["consent", "withdraw", consent]).ok();
    let out = ["share", "acme/wp", "--to", "bob", "--out", "share.age"];
    desktop.call(&out).ok();
    let told = "to bob is withdrawn: acme/wp";
    let copy = copy_of(&laptop, &desktop, "withdrawn.age");
    let dry = desktop.call(&["merge", &copy, "--dry-run"]).ok();
    dry.tells(told);
    let dry = desktop.call(&["merge", &copy, "--dry-run", "--json"]).ok();
    let ended = &dry.json()["ended"][0];
    assert_eq!(ended["to"], "bob");
    assert_eq!(ended["items"], json!(["acme/wp"]));
    assert_eq!(ended["state"], "withdrawn");
    let copy = copy_of(&desktop, &laptop, "shared.age");
    laptop.call(&["merge", &copy]).ok().tells(told);
    // It is news once.
    desktop.call(&["merge", &copy]).ok();
    meet(&desktop, &laptop);
    laptop.add("acme/more", "x");
    let copy = copy_of(&laptop, &desktop, "later.age");
    desktop.call(&["merge", &copy]).ok().hides(told);
}

#[test]
fn two_machines_that_wrote_as_one_are_told_once_by_name_and_are_no_damage() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    laptop.call(&["me", "--device", "laptop"]).ok();
    let image = TestEnv::new();
    let (from, to) = (laptop.home(), image.home());
    let copied = format!("cp -a {}/. {}", from.display(), to.display());
    laptop.shell(&copied).ok();
    laptop.add("acme/here", "1");
    image.add("acme/there", "2");
    let copy = copy_of(&image, &laptop, "image.age");
    laptop
        .call(&["merge", &copy])
        .ok()
        .tells("two machines have written as laptop: ")
        .tells("vault me --device NAME");
    meet(&image, &laptop);
    for (env, name) in [(&laptop, "acme/after"), (&image, "acme/later")] {
        env.add(name, "3");
        let kept = "two machines have written as laptop, and the log of each is kept";
        env.call(&["verify", "--full"]).ok().shows(kept);
        env.call(&["log", "--verify"]).ok().tells(kept);
    }
    let copy = copy_of(&image, &laptop, "later.age");
    let again = laptop.call(&["merge", &copy, "--json"]).ok();
    again.silently();
    assert_eq!(again.json()["forked"], json!([]));
}

#[test]
fn where_nobody_has_the_newer_password_of_a_copy_the_vault_keeps_its_own() {
    for changes in [0, 1] {
        let (laptop, desktop) = apart();
        let identity = laptop.path("recovery.txt");
        laptop.call(&["recovery", "add", "--out", &identity]).ok();
        put_in_place(&laptop, &desktop);
        desktop.call(&["list"]).ok();
        desktop.add("acme/desktop", "two");
        let new = desktop.file("new", "quartz-Lantern3-moose-drip");
        let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
        desktop.call(&passwd).ok();
        for n in 0..changes {
            laptop.add(&format!("acme/laptop{n}"), "one");
        }
        let copy = copy_of(&desktop, &laptop, "copy.age");
        let merge = ["merge", &copy, "--identity", &identity];
        if changes > 0 {
            laptop.call(&merge).fails(4).hints("--keep-password");
        }
        let keep = [&merge[..], &["--keep-password"]].concat();
        laptop.call(&keep).ok().tells("new: acme/desktop");
        laptop.call(&["list"]).ok().silently();
        laptop.call(&["verify", "--full"]).ok();
        // On the other machine, if it comes back, it is the password from then on.
        let copy = copy_of(&laptop, &desktop, "kept.age");
        let old = desktop.password_file().display().to_string();
        let merge = [
            "--password-file",
            &new,
            "merge",
            &copy,
            "--other-password-file",
            &old,
        ];
        desktop.call(&merge).ok();
        desktop.call(&["list"]).ok().shows("acme/desktop");
    }
}
