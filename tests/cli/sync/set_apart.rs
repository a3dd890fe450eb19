//! A secret that two devices have set apart: what is told of it until somebody chooses, and after.

use serde_json::json;

use super::{apart, copy_of, put_in_place, second_device};
use crate::cli::sharing::share::{consent, with_bob};
use crate::support::env::TestEnv;

/// Two devices have each rotated `acme/wp`, of which bob may be given everything; the first has both
/// versions, and its id of that consent's contact.
fn rotated_apart() -> TestEnv {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    laptop.call(&["me", "--device", "laptop"]).ok();
    let key = age::x25519::Identity::generate().to_public().to_string();
    let add = ["contact", "add", "bob", "--recipient", &key];
    laptop.call(&add).ok();
    let evidence = laptop.file("yes.pdf", "yes");
    let add = "consent add acme --to bob --scope acme/wp --purpose x --by Jo --evidence";
    let mut add: Vec<&str> = add.split(' ').collect();
    add.push(&evidence);
    laptop.call(&add).ok();
    let desktop = second_device(&laptop);
    desktop.call(&["me", "--device", "desk"]).ok();
    for (env, new) in [(&laptop, "from laptop"), (&desktop, "from desktop")] {
        env.call(&["rotate", "acme/wp", "--stdin"]).stdin(new).ok();
    }
    let copy = copy_of(&desktop, &laptop, "met.age");
    laptop.call(&["merge", &copy]).ok();
    laptop
}

#[test]
fn whatever_hands_it_out_says_which_of_both_it_is() {
    let laptop = rotated_apart();
    let get = laptop.call(&["get", "acme/wp"]).ok();
    let whose = if get.text() == "from laptop\n" {
        "from laptop; "
    } else {
        "from desk; "
    };
    get.tells("secret of acme/wp was set apart on two devices: this is version 2~")
        .tells(whose);
    let run = ["run", "--env", "A=vault://acme/wp", "--", "true"];
    laptop.call(&run).ok().tells("vault conflicts shows both");
    let first = laptop.call(&["get", "acme/wp", "--at-version", "1"]);
    first.ok().hides("set apart");
    laptop
        .call(&["get", "acme/wp", "--field", "username"])
        .fails(3);
}

#[test]
fn it_is_shared_with_nobody_until_it_is_settled_and_the_ledger_tells_which_was() {
    let laptop = rotated_apart();
    let share = ["share", "acme/wp", "--to", "bob", "--out", "share.age"];
    let told = "secret of acme/wp was set apart on two devices, and nobody has chosen yet";
    let refused = laptop.call(&share).fails(6);
    refused.says(told).hints("vault conflicts");
    let dry = [&share[..], &["--dry-run"]].concat();
    laptop.call(&dry).fails(6);
    // Nor with the client whose it is.
    let back = [
        "share",
        "acme/wp",
        "--to-client",
        "--passphrase",
        "--out",
        "back.age",
    ];
    laptop.call(&back).fails(6).says(told);
    assert_eq!(laptop.last_event()["detail"]["reason"], "set-apart");
    let conflict = &laptop.call(&["conflicts", "--json"]).ok().json()[0];
    let version = conflict["versions"][1].as_str().unwrap();
    let version = version.replace("version ", "");
    laptop
        .call(&["resolve", "acme/wp", "--version", &version])
        .ok();
    laptop.call(&share).ok();
    let shares = laptop.call(&["shares", "--json"]).ok().json();
    let id = shares[0]["id"].as_str().unwrap();
    let show = ["shares", "show", id];
    laptop.call(&show).ok().shows(&format!("version {version}"));
    let item = laptop.call(&["shares", "show", id, "--json"]).ok().json();
    assert_eq!(item["items"][0]["version"], 2);
    assert_eq!(item["items"][0]["version_name"], version);
    let who = laptop.call(&["who", "acme/wp", "--json"]).ok();
    who.shows(&format!("\"version_names\":{{\"secret\":\"{version}\""));
}

#[test]
fn a_visible_field_that_was_set_apart_is_told_and_shared_with_nobody() {
    for (set, field, values) in [
        (["-u", "ann"], "username", ["ann", "bert"]),
        (
            ["--url", "https://a.example"],
            "url",
            ["https://a.example", "https://b.example"],
        ),
        (["--field", "port=22"], "port", ["22", "23"]),
    ] {
        let (laptop, key) = with_bob();
        drop(key);
        consent(
            &laptop,
            &["--scope", "acme/wp", "--field", "secret", "--field", field],
        );
        laptop
            .call(&["edit", "acme/wp", "-u", "old", "--field", "port=1"])
            .ok();
        laptop.call(&["me", "--device", "laptop"]).ok();
        let desktop = second_device(&laptop);
        desktop.call(&["me", "--device", "desk"]).ok();
        let other = set[1].replace(values[0], values[1]);
        laptop.call(&["edit", "acme/wp", set[0], set[1]]).ok();
        desktop.call(&["edit", "acme/wp", set[0], &other]).ok();
        let copy = copy_of(&desktop, &laptop, "met.age");
        laptop.call(&["merge", &copy]).ok();
        let told = format!("{field} of acme/wp was set apart on two devices");
        let get = laptop.call(&["get", "acme/wp", "--field", field]).ok();
        get.tells(&format!("{told}: this is from "));
        let share = [
            "share",
            "acme/wp",
            "--to",
            "bob",
            "--out",
            "s.age",
            "--changed-ok",
        ];
        let refused = laptop.call(&share).fails(6);
        refused
            .says("set apart on two devices")
            .hints("vault conflicts");
        // What is not set apart may go, and the card tells of both.
        laptop
            .call(&[&share[..], &["--field", "secret"]].concat())
            .ok();
        let show = laptop.call(&["show", "acme/wp"]).ok();
        show.shows("set apart: ").shows(values[0]).shows(values[1]);
        let show = laptop.call(&["show", "acme/wp", "--json"]).ok().json();
        assert_eq!(show["set_apart"].as_array().unwrap().len(), 1, "{field}");
        laptop.call(&["edit", "acme/wp", set[0], set[1]]).ok();
        laptop
            .call(&["get", "acme/wp", "--field", field])
            .ok()
            .silently();
    }
}

#[test]
fn what_is_open_is_counted_each_time_and_not_only_what_came() {
    let laptop = rotated_apart();
    let desktop = second_device(&laptop);
    let copy = copy_of(&laptop, &desktop, "same.age");
    let merge = desktop.call(&["merge", &copy]).ok();
    merge.tells("1 conflict to settle: vault conflicts");
    let merge = desktop.call(&["merge", &copy, "--json"]).ok().json();
    assert_eq!(merge["conflicts"], 1);
    assert_eq!(merge["files"], json!([]));
}

#[test]
fn a_kept_copy_with_more_is_named_and_not_passed_over() {
    let (laptop, _) = apart();
    let old = second_device(&laptop);
    laptop.add("acme/newer", "x");
    put_in_place(&old, &laptop);
    let accepted = old.generation().to_string();
    let add = [
        "--accept-generation",
        &accepted,
        "edit",
        "acme/wp",
        "-u",
        "x",
    ];
    laptop.call(&add).ok();
    let all = laptop.call(&["merge", "--all"]).ok();
    all.tells("has what the vault has not, and is no part of this; to take it in: vault merge ");
    let backups = laptop.call(&["backups", "--json"]).ok().json();
    let named = backups[1]["file"].as_str().unwrap();
    all.tells("nothing was taken in").hides("has all");
    let json = laptop.call(&["merge", "--all", "--json"]).ok().json();
    assert_eq!(json["left"], named);
    laptop.call(&["merge", named]).ok().tells("new: acme/newer");
    laptop
        .call(&["merge", "--all"])
        .ok()
        .tells("nothing to take in: the vault has all that was found");
}

#[test]
fn nobody_is_asked_for_what_was_set_apart_and_what_leaves_by_an_export_is_told() {
    let (laptop, key) = with_bob();
    drop(key);
    laptop.me();
    let desktop = second_device(&laptop);
    laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    desktop.call(&["edit", "acme/wp", "-u", "bert"]).ok();
    let copy = copy_of(&desktop, &laptop, "met.age");
    laptop.call(&["merge", &copy]).ok();
    let told = "username of acme/wp was set apart on two devices";
    let base = "consent request acme --to bob --purpose shop --field secret --scope";
    let ask: Vec<&str> = base.split(' ').collect();
    let ask = |scope| laptop.call(&[&ask, &[scope][..]].concat());
    for scope in ["acme/wp", "acme/*"] {
        ask(scope).fails(6).says(told).hints("vault conflicts");
    }
    ask("acme/db").ok();
    let base = "consent add acme --to bob --purpose shop --by Jo --note said --scope acme/*";
    let add: Vec<&str> = base.split(' ').collect();
    let added = laptop.call(&add).ok();
    added
        .tells(told)
        .tells("filed with the one that counts now");
    for dry in [&["--dry-run"][..], &[]] {
        let export = ["export", "--plaintext", "--out", "all.json"];
        let exported = laptop.call(&[&export[..], dry].concat()).ok();
        exported
            .tells("acme/wp was set apart on two devices: only what counts now was written")
            .tells("vault conflicts");
    }
    laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    ask("acme/wp").ok();
    let export = ["export", "--plaintext", "--out", "settled.json"];
    laptop.call(&export).ok().hides("set apart");
}
