//! `merge`: nothing is lost, what ended stays ended, and a fork ends.

use std::fs;

use serde_json::json;

use super::{apart, copy_of, meet, put_in_place, second_device};
use crate::support::env::{CHEAP, PASSWORD, TestEnv};

#[test]
fn what_two_devices_wrote_apart_is_in_one_vault_and_both_go_on_with_it() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    let copy = copy_of(&desktop, &laptop, "copy.age");
    let merged = laptop.call(&["merge", &copy]).ok();
    merged
        .prints("")
        .tells("new: acme/desktop")
        .tells("took in 1 copy");
    laptop.call(&["log"]).ok().shows("merge");
    let listed = "acme/desktop\nacme/laptop\nacme/wp\n";
    laptop.call(&["list"]).ok().prints(listed).silently();
    assert_eq!(laptop.secret("acme/desktop"), "two");
    laptop.call(&["verify", "--full"]).ok();
    laptop.call(&["log", "--verify"]).ok();
    // The other device sees nothing but a newer file.
    put_in_place(&laptop, &desktop);
    desktop.call(&["list"]).ok().prints(listed).silently();
    desktop.add("acme/more", "three");
    desktop.call(&["verify", "--full"]).ok();
}

#[test]
fn a_copy_that_has_everything_takes_the_place_as_it_is() {
    let (laptop, desktop) = apart();
    desktop.add("acme/desktop", "two");
    let copy = copy_of(&desktop, &laptop, "copy.age");
    laptop
        .call(&["merge", &copy])
        .ok()
        .tells("new: acme/desktop");
    assert!(fs::read(&copy).unwrap() == fs::read(laptop.vault_file()).unwrap());
    laptop.call(&["list"]).ok().silently();
    laptop.add("acme/laptop", "one");
    laptop.call(&["log", "--verify"]).ok();
}

#[test]
fn a_copy_without_anything_new_changes_nothing() {
    let (laptop, desktop) = apart();
    let copy = copy_of(&desktop, &laptop, "copy.age");
    laptop.add("acme/laptop", "one");
    let before = laptop.snapshot();
    let merge = laptop.call(&["merge", &copy, "--json"]).ok().json();
    assert_eq!(merge["written"], json!(false));
    assert_eq!(laptop.snapshot(), before);
}

#[test]
fn a_dry_run_shows_it_and_changes_nothing() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.call(&["rm", "acme/wp", "--yes"]).ok();
    desktop.add("acme/desktop", "two");
    let copy = copy_of(&desktop, &laptop, "copy.age");
    let before = laptop.snapshot();
    let told = laptop
        .call(&["merge", &copy, "--dry-run", "--json"])
        .ok()
        .json();
    assert_eq!(told["added"], json!(["acme/desktop"]));
    assert_eq!(told["gone"], json!(["acme/wp"]));
    assert_eq!(told["written"], json!(false));
    assert_eq!(laptop.snapshot(), before);
}

#[test]
fn a_fork_ends_with_what_each_device_wrote() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    put_in_place(&desktop, &laptop);
    let refused = laptop.call(&["add", "acme/new"]).stdin("x").fails(7);
    refused.hints("vault merge --all");
    laptop
        .call(&["merge", "--all"])
        .ok()
        .tells("new: acme/laptop");
    laptop
        .call(&["list"])
        .ok()
        .prints("acme/desktop\nacme/laptop\nacme/wp\n")
        .silently();
    laptop.add("acme/new", "x");
    laptop.call(&["log", "--verify"]).ok();
    // It goes on as the device that it was.
    let devices = laptop.call(&["log", "--json"]).ok().json();
    let devices: std::collections::BTreeSet<String> = (devices.as_array().unwrap().iter())
        .map(|event| event["device"].to_string())
        .collect();
    assert_eq!(devices.len(), 2, "{devices:?}");
    put_in_place(&laptop, &desktop);
    desktop.call(&["list"]).ok().silently();
}

#[test]
fn an_old_copy_that_was_put_back_gives_way_to_what_this_device_wrote_last() {
    let (laptop, _) = apart();
    let old = fs::read(laptop.vault_file()).unwrap();
    laptop.add("acme/later", "two");
    fs::write(laptop.vault_file(), &old).unwrap();
    let refused = laptop.call(&["list"]).fails(5);
    refused
        .hints("vault merge --all makes one of it")
        .hints("vault restore last.age");
    laptop
        .call(&["merge", "--all"])
        .ok()
        .tells("new: acme/later");
    laptop
        .call(&["list"])
        .ok()
        .prints("acme/later\nacme/wp\n")
        .silently();
}

#[test]
fn what_is_lost_everywhere_is_gone_on_without_only_when_that_is_said() {
    let (laptop, desktop) = apart();
    laptop.call(&["contact", "add", "bob"]).ok();
    desktop.add("acme/desktop", "two");
    laptop.add("acme/laptop", "one");
    put_in_place(&desktop, &laptop);
    fs::remove_file(laptop.vault_state().join("last.age")).unwrap();
    fs::remove_dir_all(laptop.data().join("vault.age.backups")).unwrap();
    let before = fs::read(laptop.vault_file()).unwrap();
    laptop
        .call(&["merge", "--all"])
        .fails(7)
        .hints("vault merge --all --accept-loss");
    let dry = ["merge", "--all", "--accept-loss", "--dry-run"];
    laptop
        .call(&dry)
        .ok()
        .tells("would go on without what is lost");
    let told = laptop.call(&[&dry[..], &["--json"]].concat()).ok().json();
    assert_eq!(
        (&told["gave_up"], &told["written"]),
        (&json!(true), &json!(false))
    );
    assert!(fs::read(laptop.vault_file()).unwrap() == before);
    laptop
        .call(&["merge", "--all", "--accept-loss"])
        .ok()
        .tells("went on without what is lost");
    laptop
        .call(&["list"])
        .ok()
        .prints("acme/desktop\nacme/wp\n")
        .silently();
    laptop.add("acme/again", "x");
    laptop.call(&["log", "--verify"]).ok();
}

#[test]
fn entries_of_one_path_and_clients_of_one_name_are_told_apart_or_are_one() {
    let (laptop, desktop) = apart();
    laptop.add("globex/mail", "one");
    desktop.add("globex/mail", "two");
    desktop.add("globex/other", "three");
    meet(&laptop, &desktop);
    let list = laptop.call(&["list", "globex", "--json"]).ok().json();
    let paths: Vec<&str> = (list.as_array().unwrap().iter())
        .map(|entry| entry["path"].as_str().unwrap())
        .collect();
    let [mail, marked, other] = paths.as_slice() else {
        panic!("{paths:?}")
    };
    assert_eq!((*mail, *other), ("globex/mail", "globex/other"));
    assert!(marked.starts_with("globex/mail~"), "{marked}");
    let mut secrets = [laptop.secret(mail), laptop.secret(marked)];
    secrets.sort();
    assert_eq!(secrets, ["one", "two"]);
    let clients = laptop.call(&["client", "list", "--json"]).ok().json();
    assert_eq!(clients.as_array().unwrap().len(), 2, "{clients}");
    let rename = ["resolve", marked, "--rename", "globex/mail two"];
    laptop.call(&rename).ok();
    laptop.call(&["verify", "--full"]).ok();
}

#[test]
fn what_was_purged_stays_gone_and_what_was_not_known_then_comes_back() {
    let (laptop, desktop) = apart();
    laptop.add("acme/known", "gone");
    meet(&laptop, &desktop);
    for path in ["acme/wp", "acme/known"] {
        laptop.call(&["rm", path, "--yes"]).ok();
    }
    laptop.call(&["trash", "empty", "--yes"]).ok();
    desktop.call(&["edit", "acme/known", "-u", "ann"]).ok();
    desktop
        .call(&["rotate", "acme/wp", "--stdin"])
        .stdin("new")
        .ok();
    meet(&laptop, &desktop);
    let both = "acme/known\nacme/wp\n";
    laptop.call(&["list"]).ok().prints(both);
    laptop.call(&["show", "acme/known"]).ok().shows("ann");
    laptop.call(&["get", "acme/known"]).fails(3);
    let keep = ["resolve", "acme/known", "--keep-deleted"];
    laptop.call(&keep).ok();
    assert_eq!(desktop.secret("acme/wp"), "new");
    let history = laptop.call(&["history", "acme/wp", "--json"]).ok().json();
    assert_eq!(history.as_array().unwrap().len(), 1, "{history}");
    laptop.call(&["verify", "--full"]).ok();
}

/// Whatever the entry had, and whatever else the other device did meanwhile.
#[test]
fn what_was_purged_with_a_field_of_its_own_stays_gone() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let fields = [
        "edit",
        "acme/wp",
        "--field",
        "customer=1",
        "--url",
        "wp.example",
    ];
    laptop.call(&fields).ok();
    laptop.add("acme/db", "kept");
    let desktop = second_device(&laptop);
    laptop.call(&["rm", "acme/wp", "--yes"]).ok();
    laptop.call(&["trash", "empty", "--yes"]).ok();
    desktop.call(&["edit", "acme/db", "-u", "ann"]).ok();
    meet(&laptop, &desktop);
    for env in [&laptop, &desktop] {
        env.call(&["list"]).ok().prints("acme/db\n");
        env.call(&["trash"]).ok().prints("");
        env.call(&["conflicts"]).ok().prints("");
    }
}

#[test]
fn of_two_begun_rotations_the_one_that_is_chosen_goes_on() {
    for is_chosen in [true, false] {
        let (laptop, desktop) = apart();
        for (env, new) in [(&laptop, "from laptop"), (&desktop, "from desktop")] {
            let begin = ["rotate", "acme/wp", "--begin", "--stdin"];
            env.call(&begin).stdin(new).ok();
        }
        meet(&laptop, &desktop);
        let confirm = ["rotate", "acme/wp", "--confirm"];
        let refused = laptop.call(&confirm).fails(7);
        refused.hints("vault resolve acme/wp --version N");
        let conflicts = laptop.call(&["conflicts", "--json"]).ok().json();
        assert_eq!(conflicts[0]["kind"], "rotation");
        let versions = conflicts[0]["versions"].as_array().unwrap();
        assert_eq!(versions.len(), 2, "{conflicts}");
        let other = versions[1].as_str().unwrap();
        let other = other.strip_prefix("version ").unwrap();
        if is_chosen {
            let pending = laptop.call(&["get", "acme/wp", "--pending"]).ok();
            let pending = pending.text().trim().to_owned();
            laptop
                .call(&["resolve", "acme/wp", "--version", other])
                .ok();
            assert_eq!(laptop.secret("acme/wp"), "common");
            laptop.call(&confirm).ok();
            assert_ne!(laptop.secret("acme/wp"), pending);
            assert_ne!(laptop.secret("acme/wp"), "common");
        } else {
            laptop.call(&["rotate", "acme/wp", "--abort"]).ok();
            assert_eq!(laptop.secret("acme/wp"), "common");
        }
        laptop.call(&["conflicts"]).ok().prints("");
        laptop.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn a_copy_with_another_password_is_opened_with_it() {
    let (laptop, desktop) = apart();
    desktop.add("acme/desktop", "two");
    laptop.add("acme/laptop", "one");
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.call(&passwd).ok();
    let copy = copy_of(&desktop, &laptop, "copy.age");
    laptop
        .call(&["merge", &copy])
        .fails(9)
        .hints("--other-password-file");
    let wrong = laptop.file("wrong", "wrong");
    laptop
        .call(&["merge", &copy, "--other-password-file", &wrong])
        .fails(4);
    let other = laptop.file("other", "quartz-Lantern3-moose-drip");
    laptop
        .call(&["merge", &copy, "--other-password-file", &other])
        .ok();
    // The password that was changed later counts.
    laptop.call(&["get", "acme/desktop"]).fails(4);
    let opened = ["--password-file", &other, "list"];
    laptop
        .call(&opened)
        .ok()
        .prints("acme/desktop\nacme/laptop\nacme/wp\n");
}

#[test]
fn a_copy_of_which_nobody_has_the_password_is_opened_with_an_identity_of_its_own() {
    let (laptop, desktop) = apart();
    let identity = laptop.path("recovery.txt");
    laptop.call(&["recovery", "add", "--out", &identity]).ok();
    put_in_place(&laptop, &desktop);
    desktop.call(&["list"]).ok();
    desktop.add("acme/desktop", "two");
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.call(&passwd).ok();
    laptop.add("acme/laptop", "one");
    // The laptop's password was changed later, and counts.
    let last = laptop.file("last", "heron-Quartz4-maple-dusk");
    for n in 0..3 {
        laptop.add(&format!("acme/{n}"), "x");
    }
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &last];
    laptop.call(&passwd).ok();
    let copy = copy_of(&desktop, &laptop, "copy.age");
    let merge = ["--password-file", &last, "merge", &copy];
    laptop.call(&merge).fails(9).hints("--identity");
    laptop
        .call(&[&merge[..], &["--identity", &identity]].concat())
        .ok()
        .tells("new: acme/desktop");
    let listed = ["--password-file", &last, "list"];
    laptop
        .call(&listed)
        .ok()
        .shows("acme/desktop")
        .shows("acme/laptop");
}

#[test]
fn another_vaults_copy_and_a_damaged_one_are_refused() {
    let (laptop, _) = apart();
    let other = TestEnv::with(&[("acme/wp", "x")]);
    let foreign = copy_of(&other, &laptop, "foreign.age");
    laptop
        .call(&["merge", &foreign])
        .fails(5)
        .says("another vault");
    let mut bytes = fs::read(laptop.vault_file()).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let damaged = laptop.file("damaged.age", bytes);
    laptop.call(&["merge", &damaged]).fails(5);
    laptop.call(&["merge", "gone.age"]).fails(2);
    laptop.call(&["merge"]).fails(2);
}

#[test]
fn a_key_that_came_with_the_file_at_the_vaults_place_is_asked_about_too() {
    let (laptop, desktop) = apart();
    let key = age::x25519::Identity::generate().to_public().to_string();
    desktop.call(&["recipient", "add", &key]).ok();
    laptop.add("acme/laptop", "one");
    put_in_place(&desktop, &laptop);
    let merge = ["merge", "--all"];
    let refused = laptop.call(&merge).fails(9);
    refused.hints("--accept-recipient");
    laptop
        .call(&[&merge[..], &["--accept-recipient", &key]].concat())
        .ok();
    laptop.call(&["recipient", "list"]).ok().shows("age1");
    // A key of this device's own is not.
    let (laptop, desktop) = apart();
    laptop.call(&["recipient", "add", &key]).ok();
    desktop.add("acme/desktop", "two");
    put_in_place(&desktop, &laptop);
    laptop.call(&merge).ok();
    laptop.call(&["recipient", "list"]).ok().shows("age1");
}

#[test]
fn a_key_that_no_known_device_added_is_asked_about() {
    let (laptop, desktop) = apart();
    let key = age::x25519::Identity::generate().to_public().to_string();
    desktop.call(&["recipient", "add", &key]).ok();
    laptop.add("acme/laptop", "one");
    let copy = copy_of(&desktop, &laptop, "copy.age");
    laptop
        .call(&["merge", &copy])
        .fails(9)
        .says("confirmation")
        .hints("--accept-recipient");
    for nobody in ["", "a", &key[..9]] {
        laptop
            .call(&["merge", &copy, "--accept-recipient", nobody])
            .fails(2);
    }
    laptop
        .call(&["merge", &copy, "--accept-recipient", &key])
        .ok()
        .tells("may open the vault, as --accept-recipient says: age1");
    laptop
        .call(&["recipient", "list", "--json"])
        .ok()
        .shows(&key);
    // A device that is known has added this one.
    let second = age::x25519::Identity::generate().to_public().to_string();
    put_in_place(&laptop, &desktop);
    desktop.call(&["recipient", "add", &second]).ok();
    laptop.add("acme/more", "x");
    let copy = copy_of(&desktop, &laptop, "copy.age");
    laptop.call(&["merge", &copy]).ok();
    laptop
        .call(&["recipient", "list", "--json"])
        .ok()
        .shows(&second);
}

#[test]
fn what_was_withdrawn_on_one_device_ends_what_was_shared_on_the_other() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let key = age::x25519::Identity::generate().to_public().to_string();
    laptop
        .call(&["contact", "add", "bob", "--recipient", &key])
        .ok();
    let evidence = laptop.file("yes.pdf", "yes");
    let mut add = vec![
        "consent", "add", "acme", "--to", "bob", "--scope", "acme/wp",
    ];
    add.extend([
        "--purpose",
        "x",
        "--by",
        "Jo",
        "--evidence",
        &evidence,
        "--json",
    ]);
    let consent = laptop.call(&add).ok().json();
    let consent = consent["changed"][0].as_str().unwrap();
    let desktop = second_device(&laptop);
    laptop.call(&["consent", "withdraw", consent]).ok();
    let out = ["share", "acme/wp", "--to", "bob", "--out", "share.age"];
    desktop.call(&out).ok();
    meet(&desktop, &laptop);
    let shares = laptop.call(&["shares", "--json"]).ok().json();
    assert_eq!(shares[0]["state"], "withdrawn", "{shares}");
    laptop.call(&["list", "--json"]).ok().shows("\"rotate\"");
    let again = ["share", "acme/wp", "--to", "bob", "--out", "again.age"];
    laptop.call(&again).fails(6);
}

#[test]
fn a_copy_from_before_new_keys_is_taken_and_a_later_one_by_the_old_key_is_not() {
    let (laptop, desktop) = apart();
    desktop.add("acme/desktop", "two");
    let copy = copy_of(&desktop, &laptop, "copy.age");
    laptop.add("acme/laptop", "one");
    laptop.add("acme/more", "one");
    laptop.call(&["id", "rotate", "--yes"]).ok();
    laptop.call(&["merge", &copy]).ok();
    assert_eq!(laptop.secret("acme/desktop"), "two");
    for name in ["a", "b", "c", "d"] {
        desktop.add(&format!("acme/later-{name}"), "x");
    }
    let later = copy_of(&desktop, &laptop, "later.age");
    let refused = laptop.call(&["merge", &later]).fails(5);
    refused.hints("--accept-signer");
    let fingerprint = refused.word("SHA256:");
    laptop
        .call(&["merge", &later, "--accept-signer", &fingerprint])
        .ok();
    laptop.call(&["list"]).ok().shows("acme/later-d");
}

#[test]
fn the_log_tells_each_machine_by_the_name_that_it_was_given_there() {
    let (laptop, desktop) = apart();
    laptop.call(&["me", "--device", "laptop of Kim"]).ok();
    desktop.call(&["me", "--device", "desk"]).ok();
    desktop
        .call(&["me", "--device", "desk"])
        .ok()
        .tells("nothing changed");
    desktop.call(&["me", "--device", " "]).fails(2);
    meet(&laptop, &desktop);
    for env in [&laptop, &desktop] {
        env.call(&["log"]).ok().shows("laptop of Kim").shows("desk");
    }
    let me = desktop.call(&["me", "--json"]).ok().json();
    assert_eq!(me["device"], "desk");
    laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
}

#[test]
fn what_is_kept_and_opens_with_another_password_is_named_before_a_loss_is_accepted() {
    let (laptop, desktop) = apart();
    let old = laptop.file("old", PASSWORD);
    let new = laptop.file("new", "heron-Quartz4-maple-dusk");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    laptop.call(&passwd).ok();
    let edit = ["edit", "acme/wp", "-u", "from the laptop"];
    laptop.call(&edit).password("heron-Quartz4-maple-dusk").ok();
    desktop.add("acme/desktop", "two");
    put_in_place(&desktop, &laptop);
    laptop
        .call(&["merge", "--all"])
        .fails(7)
        .hints("with another password: vault merge ")
        .hints("or --identity FILE with a key of it")
        .hides("--accept-loss");
    let all = ["merge", "--all", "--other-password-file", &new];
    laptop.call(&all).ok();
    let list = laptop
        .call(&["list", "--long"])
        .password("heron-Quartz4-maple-dusk");
    list.ok().shows("from the laptop").shows("acme/desktop");
    assert!(!old.is_empty());
}
