//! What is told of what came: what ended, which keys came and went, which machines there are.

use std::fs;

use serde_json::json;

use super::{apart, copy_of, meet, put_in_place, second_device};
use crate::cli::consent::answer::{bakery, file, mail};
use crate::cli::consent::consent_sign::id_of;
use crate::cli::consent::records::show;
use crate::cli::sharing::share::{consent, request, with_bob};
use crate::support::env::{CHEAP, TestEnv, number};

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
        // Nothing but the copy's own password may be the vault's from now on.
        let refused = laptop.call(&merge).fails(4);
        refused.says("opened otherwise").hints("--keep-password");
        let dry = [&merge[..], &["--dry-run"]].concat();
        laptop.call(&dry).fails(4).hints("--other-password-file");
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
        let told = desktop.call(&merge).ok();
        told.tells("the other device has kept its own master password in a merge");
        desktop.call(&["list"]).ok().shows("acme/desktop");
        desktop.call(&["log"]).ok().shows("kept as it was here");
    }
}

#[test]
fn a_yes_on_one_device_and_an_end_on_the_other_are_told_by_name_on_either() {
    let (laptop, _) = with_bob();
    laptop.me();
    let asked = ["--scope", "acme/wp", "--purpose", "x", "--json"];
    let asked = request(&laptop, &asked).ok().json();
    let id = asked["changed"][0].as_str().unwrap().to_owned();
    let named = number(&id);
    let desktop = second_device(&laptop);
    let letter = laptop.file("yes.pdf", "yes");
    let answer = ["consent", "answer", &named, "--scan", &letter, "--by", "Jo"];
    laptop.call(&answer).ok();
    desktop.call(&["consent", "withdraw", &named]).ok();
    let what = format!("consent {named} (acme, for bob) is cancelled");
    let copies = [&laptop, &desktop].map(|env| fs::read(env.vault_file()).unwrap());
    for (env, copy) in [(&laptop, &copies[1]), (&desktop, &copies[0])] {
        let copy = env.file("met.age", copy);
        env.call(&["merge", &copy, "-n"]).ok().tells(&what);
        let merge = env.call(&["merge", &copy, "--json"]).ok().json();
        let told = &merge["consents"][0];
        assert_eq!(
            (&told["id"], &told["state"]),
            (&json!(id), &json!("cancelled"))
        );
        let here = if env.data() == laptop.data() {
            (json!("given"), json!(false))
        } else {
            (json!("cancelled"), json!(true))
        };
        assert_eq!((told["was"].clone(), told["void_yes"].clone()), here);
        let again = env.call(&["merge", &copy, "--json"]).ok().json();
        assert_eq!(again["consents"], json!([]));
    }
}

#[test]
fn what_became_of_a_consent_elsewhere_is_told_by_its_number() {
    let (laptop, _) = with_bob();
    let whole = consent(&laptop, &["--scope", "acme/wp"]);
    let part = consent(&laptop, &["--scope", "acme/wp", "--scope", "acme/db"]);
    let desktop = second_device(&laptop);
    laptop.call(&["consent", "withdraw", &whole]).ok();
    let only = ["consent", "withdraw", &part, "--only", "acme/db"];
    laptop.call(&only).ok();
    let new = consent(&laptop, &["--scope", "acme/wp"]);
    let copy = copy_of(&laptop, &desktop, "met.age");
    let (whole, part, new) = (number(&whole), number(&part), number(&new));
    let merge = desktop.call(&["merge", &copy]).ok();
    merge
        .tells(&format!(
            "warning: consent {whole} (acme, for bob) is withdrawn, and was given here"
        ))
        .tells(&format!(
            "warning: a part of consent {part} (acme, for bob) has ended"
        ))
        .tells(&format!("  consent {new} (acme, for bob): given\n"));
}

#[test]
fn an_end_of_what_a_renewal_never_covered_is_no_loss_of_it() {
    let laptop = bakery("en");
    laptop.add("baker/shop", "s3cret");
    let ask = ["consent", "request", "baker", "--to", "bob"];
    let of_both = ["--scope", "baker/cms", "--scope", "baker/shop"];
    let for_shop = ["--purpose", "shop", "--expires", "30d"];
    let asked = laptop.call(&[&ask[..], &of_both, &for_shop].concat()).ok();
    let old = number(id_of(asked.text()));
    file(&laptop, mail("", &format!("YES {old}\n")), &[]).ok();
    let only = ["consent", "withdraw", &old, "--only", "baker/shop"];
    laptop.call(&only).ok();
    let renew = ["consent", "renew", &old, "--expires", "60d"];
    let new = id_of(laptop.call(&renew).ok().text()).to_owned();
    assert_eq!(show(&laptop, &new)["scope"], json!(["baker/cms"]));
    let desktop = second_device(&laptop);
    let new = number(&new);
    file(&laptop, mail("", &format!("YES {new}\n")), &[]).ok();
    let copy = copy_of(&laptop, &desktop, "met.age");
    let merge = desktop.call(&["merge", &copy, "--json"]).ok().json();
    let told = merge["consents"].as_array().unwrap().iter();
    let of_new = told.clone().find(|it| it["state"] == "given").unwrap();
    assert_eq!(of_new["less"], json!(false), "{merge}");
    assert!(merge["warnings"].as_array().unwrap().is_empty(), "{merge}");
}
