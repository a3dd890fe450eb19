//! `conflicts` and `resolve`: nobody's write is dropped by date.

use std::collections::HashSet;

use serde_json::json;
use vault::crypto::SigningKey;

use super::{apart, copy_of, meet, put_in_place, second_device};
use crate::support::env::TestEnv;

#[test]
fn a_field_that_both_changed_has_both_values_until_it_is_edited() {
    let (laptop, desktop) = apart();
    laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    desktop.call(&["edit", "acme/wp", "-u", "bert"]).ok();
    desktop.call(&["edit", "acme/wp", "--notes", "theirs"]).ok();
    meet(&laptop, &desktop);
    for env in [&laptop, &desktop] {
        let conflicts = env.call(&["conflicts", "--json"]).ok().json();
        let [conflict] = conflicts.as_array().unwrap().as_slice() else {
            panic!("{conflicts}")
        };
        assert_eq!(conflict["path"], "acme/wp");
        assert_eq!(conflict["field"], "username");
        let mut values = conflict["versions"].as_array().unwrap().clone();
        values.sort_by_key(ToString::to_string);
        assert_eq!(values, [json!("ann"), json!("bert")]);
        env.call(&["list"]).ok().shows("acme/wp");
        env.call(&["list", "--json"]).ok().shows("\"conflict\"");
        let due = env.call(&["status", "--json"]).ok().json()["due"].clone();
        assert_eq!(due[0]["rule"], "conflict");
    }
    laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    laptop.call(&["conflicts"]).ok().prints("").tells("nothing");
    meet(&desktop, &laptop);
    desktop.call(&["conflicts", "--json"]).ok().prints("[]\n");
}

#[test]
fn what_is_added_to_a_list_that_both_changed_is_added_to_what_either_has() {
    let (laptop, desktop) = apart();
    let key = || age::x25519::Identity::generate().to_public().to_string();
    let keys = [key(), key(), key(), key()];
    let first = ["contact", "add", "bob", "--recipient", &keys[0]];
    laptop.call(&first).ok();
    laptop.call(&["edit", "acme/wp", "--tag", "base"]).ok();
    put_in_place(&laptop, &desktop);
    let add = |env: &TestEnv, n: usize, word: &str| {
        let url = format!("https://{word}.example");
        env.call(&["edit", "acme/wp", "--tag", word, "--url", &url])
            .ok();
        let (email, key) = (
            format!("{word}@acme.example"),
            SigningKey::generate().signer().to_openssh(),
        );
        let person = format!("{word} <{word}@acme.example>");
        let edit = ["client", "edit", "acme", "--email", &email, "--key", &key];
        env.call(&[&edit[..], &["--person", &person]].concat()).ok();
        env.call(&[
            "contact",
            "edit",
            "bob",
            "--recipient",
            &keys[n],
            "--email",
            &email,
        ])
        .ok();
    };
    add(&laptop, 1, "prod");
    add(&desktop, 2, "vpn");
    meet(&laptop, &desktop);
    add(&laptop, 3, "new");
    laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
    let entry = laptop.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(entry["tags"], json!(["base", "new", "prod", "vpn"]));
    assert_eq!(entry["urls"].as_array().unwrap().len(), 3, "{entry}");
    let client = laptop
        .call(&["client", "show", "acme", "--json"])
        .ok()
        .json();
    for list in ["emails", "keys", "persons"] {
        assert_eq!(
            client[list].as_array().unwrap().len(),
            3,
            "{list}: {client}"
        );
    }
    let contact = laptop
        .call(&["contact", "show", "bob", "--json"])
        .ok()
        .json();
    assert_eq!(
        contact["recipients"].as_array().unwrap().len(),
        4,
        "{contact}"
    );
    assert_eq!(contact["emails"].as_array().unwrap().len(), 3, "{contact}");
}

#[test]
fn what_is_taken_from_a_list_that_both_changed_leaves_the_rest_of_what_either_has() {
    let (laptop, desktop) = apart();
    laptop.call(&["edit", "acme/wp", "--tag", "prod"]).ok();
    desktop.call(&["edit", "acme/wp", "--tag", "vpn"]).ok();
    let email = |env: &TestEnv, it: &str| {
        env.call(&["client", "edit", "acme", "--email", it]).ok();
    };
    email(&laptop, "prod@acme.example");
    email(&desktop, "vpn@acme.example");
    desktop.call(&["edit", "acme/wp", "--tag", "old"]).ok();
    meet(&laptop, &desktop);
    laptop.call(&["edit", "acme/wp", "--unset", "tag=old"]).ok();
    let entry = laptop.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(entry["tags"], json!(["prod", "vpn"]));
    // The number is beside the addresses.
    laptop
        .call(&["client", "edit", "acme", "--phone", "+49 1"])
        .ok();
    let client = laptop
        .call(&["client", "show", "acme", "--json"])
        .ok()
        .json();
    assert_eq!(client["emails"].as_array().unwrap().len(), 2, "{client}");
}

#[test]
fn the_same_value_written_twice_is_no_conflict() {
    let (laptop, desktop) = apart();
    laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    desktop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    meet(&laptop, &desktop);
    laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
}

#[test]
fn a_secret_that_both_rotated_has_two_versions_and_one_is_chosen() {
    let (laptop, desktop) = apart();
    for (env, new) in [(&laptop, "from laptop"), (&desktop, "from desktop")] {
        let rotate = ["rotate", "acme/wp", "--stdin"];
        env.call(&rotate).stdin(new).ok();
    }
    meet(&laptop, &desktop);
    let conflicts = laptop.call(&["conflicts", "--json"]).ok();
    conflicts.hides("from laptop").hides("from desktop");
    let values = conflicts.json()[0]["versions"].clone();
    let names: Vec<String> = (values.as_array().unwrap().iter())
        .map(|name| name.as_str().unwrap().replace("version ", ""))
        .collect();
    assert!(names.iter().all(|name| name.starts_with("2~")), "{names:?}");
    laptop
        .call(&["get", "acme/wp", "--at-version", "2"])
        .fails(2)
        .hints(&names[0]);
    let get = |name: &str| {
        let call = laptop.call(&["get", "acme/wp", "--at-version", name]);
        call.ok().text().to_owned()
    };
    let other = names.iter().find(|name| get(name) == "from laptop\n");
    let other = other.unwrap();
    laptop
        .call(&["resolve", "acme/wp", "--version", "2"])
        .fails(2);
    laptop
        .call(&["resolve", "acme/wp", "--version", "9"])
        .fails(3);
    laptop
        .call(&["resolve", "acme/wp", "--version", other])
        .ok();
    assert_eq!(laptop.secret("acme/wp"), "from laptop");
    laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
    meet(&desktop, &laptop);
    assert_eq!(desktop.secret("acme/wp"), "from laptop");
    laptop.call(&["history", "acme/wp"]).ok().shows(other);
}

#[test]
fn each_value_is_told_with_the_device_that_set_it_and_when_that_is_known() {
    let (laptop, desktop) = apart();
    for (env, name) in [(&laptop, "laptop"), (&desktop, "desk")] {
        env.call(&["me", "--device", name]).ok();
        env.call(&["edit", "acme/wp", "-u", &format!("kim of {name}")])
            .ok();
        env.call(&["rotate", "acme/wp", "--stdin"]).stdin(name).ok();
    }
    meet(&laptop, &desktop);
    for env in [&laptop, &desktop] {
        let conflicts = env.call(&["conflicts", "--json"]).ok().json();
        for conflict in conflicts.as_array().unwrap() {
            let written = conflict["written"].as_array().unwrap();
            let versions = conflict["versions"].as_array().unwrap();
            for (value, version) in written.iter().zip(versions) {
                assert_eq!(value["value"], *version);
                assert_eq!(value["device"].as_str().unwrap().len(), 16);
                let (name, version) = (value["name"].as_str().unwrap(), version.as_str().unwrap());
                if conflict["field"] == "username" {
                    assert_eq!(version, format!("kim of {name}"));
                    assert_eq!(value["time"], json!(null));
                } else {
                    let named = [
                        "get",
                        "acme/wp",
                        "--at-version",
                        &version["version ".len()..],
                    ];
                    assert_eq!(env.call(&named).ok().text(), format!("{name}\n"));
                    assert!(value["time"].as_str().unwrap().ends_with('Z'));
                }
            }
        }
        let told = env.call(&["conflicts"]).ok();
        let lines: Vec<&str> = told.text().lines().collect();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(
            lines
                .iter()
                .all(|line| line.contains("laptop") || line.contains("desk"))
        );
        let history = env.call(&["history", "acme/wp", "--json"]).ok().json();
        let devices = history.as_array().unwrap().iter().map(|it| &it["device"]);
        let devices: HashSet<&str> = devices.map(|it| it.as_str().unwrap()).collect();
        assert_eq!(devices.len(), 2, "{history}");
        env.call(&["history", "acme/wp"])
            .ok()
            .shows("laptop")
            .shows("desk");
    }
}

#[test]
fn what_one_deleted_while_the_other_rotated_it_stays_until_somebody_chooses() {
    let (laptop, desktop) = apart();
    laptop.call(&["rm", "acme/wp", "--yes"]).ok();
    let rotate = ["rotate", "acme/wp", "--stdin"];
    desktop.call(&rotate).stdin("new").ok();
    meet(&laptop, &desktop);
    assert_eq!(laptop.secret("acme/wp"), "new");
    let conflicts = laptop.call(&["conflicts", "--json"]).ok().json();
    assert_eq!(conflicts[0]["field"], "removed");
    assert_eq!(conflicts[0]["versions"], json!(["in use", "in the trash"]));
    laptop.call(&["resolve", "acme/wp", "--keep-deleted"]).ok();
    laptop.call(&["list"]).ok().prints("");
    laptop.call(&["trash", "list"]).ok().shows("acme/wp");
    let nothing = laptop.call(&["resolve", "acme/wp", "--keep-deleted"]);
    nothing.fails(3);
}

#[test]
fn what_one_deleted_while_the_other_edited_it_is_told_and_either_choice_ends_it() {
    for choice in [
        &["resolve", "acme/wp", "--keep-deleted"][..],
        &["trash", "restore", "acme/wp"],
    ] {
        let (laptop, desktop) = apart();
        desktop.call(&["rm", "acme/wp", "--yes"]).ok();
        laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
        let copy = copy_of(&desktop, &laptop, "met.age");
        let merge = laptop.call(&["merge", &copy]).ok();
        merge.tells("1 conflict to settle: vault conflicts");
        put_in_place(&laptop, &desktop);
        for env in [&laptop, &desktop] {
            let conflicts = env.call(&["conflicts", "--json"]).ok().json();
            assert_eq!(conflicts[0]["kind"], "removed");
            assert_eq!(conflicts[0]["versions"], json!(["in use", "in the trash"]));
            let due = env.call(&["status", "--json"]).ok().json()["due"].clone();
            assert_eq!(due[0]["rule"], "conflict");
            env.call(&["show", "acme/wp"]).ok().shows("ann");
        }
        laptop.call(choice).ok();
        laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
        let trash = laptop.call(&["trash", "list", "--json"]).ok().json();
        let is_removed = choice[0] == "resolve";
        assert_eq!(trash.as_array().unwrap().len(), usize::from(is_removed));
        let copy = copy_of(&laptop, &desktop, "settled.age");
        desktop.call(&["merge", &copy]).ok();
        desktop.call(&["conflicts", "--json"]).ok().prints("[]\n");
    }
}

/// Three devices have `acme/wp`: one purged it and has what came back with another's secret, and the
/// third has a secret of its own from before the purge.
fn back_after_a_purge() -> (TestEnv, TestEnv) {
    let (laptop, desktop) = apart();
    let phone = second_device(&laptop);
    for (env, new) in [(&desktop, "from desktop"), (&phone, "from phone")] {
        let rotate = ["rotate", "acme/wp", "--stdin"];
        env.call(&rotate).stdin(new).ok();
    }
    laptop.call(&["rm", "acme/wp", "--yes"]).ok();
    laptop.call(&["trash", "empty", "--yes"]).ok();
    meet(&laptop, &desktop);
    assert_eq!(laptop.secret("acme/wp"), "from desktop");
    (laptop, phone)
}

#[test]
fn what_came_back_after_a_purge_and_was_deleted_on_one_device_alone_is_to_be_chosen() {
    for is_deleted_where_purged in [true, false] {
        let (laptop, phone) = back_after_a_purge();
        let deletes = if is_deleted_where_purged {
            &laptop
        } else {
            &phone
        };
        deletes.call(&["rm", "acme/wp", "--yes"]).ok();
        meet(&laptop, &phone);
        for env in [&laptop, &phone] {
            env.call(&["list"]).ok().prints("acme/wp\n");
            let conflicts = env.call(&["conflicts", "--json"]).ok().json();
            let mut fields = conflicts.as_array().unwrap().iter();
            let removed = fields.find(|it| it["field"] == "removed").unwrap();
            assert_eq!(removed["versions"], json!(["in use", "in the trash"]));
        }
        laptop.call(&["resolve", "acme/wp", "--keep-deleted"]).ok();
        laptop.call(&["list"]).ok().prints("");
        laptop.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn an_entry_for_a_client_who_was_removed_meanwhile_brings_the_client_back() {
    let (laptop, desktop) = apart();
    laptop.call(&["client", "add", "globex"]).ok();
    meet(&laptop, &desktop);
    laptop.call(&["client", "rm", "globex", "--yes"]).ok();
    desktop.add("globex/mail", "x");
    meet(&laptop, &desktop);
    assert_eq!(laptop.secret("globex/mail"), "x");
    laptop.call(&["client", "list"]).ok().shows("globex");
    laptop.call(&["verify", "--full"]).ok();
}

#[test]
fn a_choice_has_to_be_one() {
    let (laptop, _) = apart();
    laptop.call(&["resolve", "acme/wp"]).fails(2);
    let both = ["resolve", "acme/wp", "--keep-deleted", "--version", "1"];
    laptop.call(&both).fails(2);
    laptop
        .call(&["resolve", "acme/gone", "--keep-deleted"])
        .fails(3);
}

#[test]
fn a_key_that_one_device_took_away_is_shared_to_by_none_until_somebody_chooses() {
    let laptop = TestEnv::with(&[("acme/wp", "x")]);
    let key = || age::x25519::Identity::generate().to_public().to_string();
    let (old, new) = (key(), key());
    let add = ["contact", "add", "bob", "--recipient", &old];
    laptop.call(&add).ok();
    let evidence = laptop.file("yes.pdf", "yes");
    let mut add = vec![
        "consent", "add", "acme", "--to", "bob", "--scope", "acme/wp",
    ];
    add.extend(["--purpose", "x", "--by", "Jo", "--evidence", &evidence]);
    laptop.call(&add).ok();
    let desktop = second_device(&laptop);
    let edit = ["contact", "edit", "bob", "--recipient", &new];
    desktop.call(&edit).ok();
    laptop
        .call(&["contact", "edit", "bob", "--recipient", &key()])
        .ok();
    laptop
        .call(&["contact", "edit", "bob", "--recipient", &old])
        .ok();
    meet(&laptop, &desktop);
    laptop.call(&["conflicts"]).ok().shows("recipients");
    let share = ["share", "acme/wp", "--to", "bob", "--out", "share.age"];
    laptop.call(&share).fails(6).says("vault conflicts");
    laptop
        .call(&["contact", "edit", "bob", "--recipient", &old])
        .ok();
    laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
}

#[test]
fn of_what_two_devices_asked_for_the_strictest_counts_meanwhile() {
    let laptop = TestEnv::with(&[("acme/wp", "x")]);
    let desktop = second_device(&laptop);
    let edit = |env: &TestEnv, args: &[&str]| {
        env.call(&[&["client", "edit", "acme"], args].concat()).ok();
    };
    edit(
        &laptop,
        &["--min-assurance", "signed", "--retain-until", "2099-01-31"],
    );
    edit(
        &desktop,
        &[
            "--min-assurance",
            "attested",
            "--retain-until",
            "2098-01-31",
        ],
    );
    meet(&laptop, &desktop);
    laptop.call(&["contact", "add", "bob"]).ok();
    let evidence = laptop.file("yes.pdf", "yes");
    let mut add = vec![
        "consent", "add", "acme", "--to", "bob", "--scope", "acme/wp",
    ];
    add.extend(["--purpose", "x", "--by", "Jo", "--evidence", &evidence]);
    laptop.call(&add).fails(6).says("signed");
    let told = laptop.call(&["conflicts", "--json"]).ok().json();
    let fields: Vec<&str> = (told.as_array().unwrap().iter())
        .map(|conflict| conflict["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["min_assurance", "retain_until"]);
}
