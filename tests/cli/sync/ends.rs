//! Each kind of conflict, and the command that its row names: that ends it.

use serde_json::Value;

use super::{apart, meet, second_device};
use crate::support::env::TestEnv;

/// What one device does before the other has the vault, and what each does apart.
struct Case {
    kind: &'static str,
    path: &'static str,
    field: &'static str,
    common: &'static str,
    laptop: &'static str,
    desktop: &'static str,
    /// What the words in capitals stand for.
    value: &'static str,
}

const fn entry(
    kind: &'static str,
    field: &'static str,
    laptop: &'static str,
    desktop: &'static str,
    value: &'static str,
) -> Case {
    Case {
        kind,
        path: "acme/my wp",
        field,
        common: "echo common | vault add 'acme/my wp' -u common",
        laptop,
        desktop,
        value,
    }
}

const CASES: &[Case] = &[
    entry(
        "field",
        "username",
        "vault edit 'acme/my wp' -u ann",
        "vault edit 'acme/my wp' -u bert",
        "ann",
    ),
    entry(
        "field",
        "expires",
        "vault edit 'acme/my wp' --expires 2098-01-31",
        "vault edit 'acme/my wp' --expires 2099-01-31",
        "2099-01-31",
    ),
    entry(
        "field",
        "tags",
        "vault edit 'acme/my wp' --tag one",
        "vault edit 'acme/my wp' --tag two",
        "one",
    ),
    entry(
        "field",
        "rotate_every",
        "vault edit 'acme/my wp' --rotate-every 90d",
        "vault edit 'acme/my wp' --rotate-every 30d",
        "30d",
    ),
    entry(
        "field",
        "use_only",
        "vault edit 'acme/my wp' --use-only; vault edit 'acme/my wp' --no-use-only",
        "vault edit 'acme/my wp' --use-only",
        "",
    ),
    entry(
        "field",
        "site",
        "vault edit 'acme/my wp' --field site=1",
        "vault edit 'acme/my wp' --field site=2",
        "2",
    ),
    entry(
        "secret",
        "secret",
        "echo from laptop | vault rotate 'acme/my wp' --stdin",
        "echo from desktop | vault rotate 'acme/my wp' --stdin",
        "",
    ),
    entry(
        "secret",
        "pin",
        "echo 1234 | vault edit 'acme/my wp' --secret-field pin",
        "echo 5678 | vault edit 'acme/my wp' --secret-field pin",
        "",
    ),
    entry(
        "rotation",
        "pending",
        "vault rotate 'acme/my wp' --begin --generate",
        "vault rotate 'acme/my wp' --begin --generate",
        "",
    ),
    entry(
        "file",
        "my key",
        "echo one | vault attach 'acme/my wp' - --as 'my key'",
        "echo two | vault attach 'acme/my wp' - --as 'my key'",
        "",
    ),
    Case {
        path: "acme/two",
        ..entry(
            "path",
            "name",
            "vault mv 'acme/my wp' acme/one",
            "vault edit 'acme/my wp' --notes later; vault mv 'acme/my wp' acme/two",
            "",
        )
    },
    Case {
        path: "globex/my wp",
        ..entry(
            "path",
            "client",
            "vault client add initech; vault mv 'acme/my wp' initech/",
            "vault client add globex; vault edit acme/wp --notes x; vault mv 'acme/my wp' globex/",
            "",
        )
    },
    entry(
        "removed",
        "removed",
        "vault rm 'acme/my wp' --yes",
        "echo new | vault rotate 'acme/my wp' --stdin",
        "",
    ),
    entry(
        "removed",
        "removed",
        "vault edit acme/wp --notes x; vault edit acme/wp --notes y; vault rm 'acme/my wp' --yes",
        "vault rm 'acme/my wp' --yes; vault trash restore 'acme/my wp'",
        "",
    ),
    entry(
        "purged",
        "removed",
        "vault rm 'acme/my wp' --yes; vault trash empty --yes",
        "echo new | vault rotate 'acme/my wp' --stdin",
        "",
    ),
    Case {
        path: "acme/same~",
        ..entry(
            "same-path",
            "path",
            "echo one | vault add acme/same",
            "echo two | vault add acme/same",
            "acme/other",
        )
    },
    Case {
        path: "acme",
        ..entry(
            "field",
            "persons",
            "vault client edit acme --person Ann",
            "vault client edit acme --person Bert",
            "Carl",
        )
    },
    Case {
        path: "acme",
        ..entry(
            "field",
            "contacts",
            "vault client edit acme --phone 1",
            "vault client edit acme --email a@acme.example",
            "b@acme.example",
        )
    },
    Case {
        path: "acme",
        ..entry(
            "field",
            "retain_until",
            "vault client edit acme --retain-until 2098-01-31",
            "vault client edit acme --retain-until 2099-01-31",
            "2098-01-31",
        )
    },
    Case {
        path: "acme",
        ..entry(
            "field",
            "agreement",
            "echo one > dpa; vault client edit acme --agreement dpa",
            "echo two > dpa; vault client edit acme --agreement dpa",
            "dpa",
        )
    },
    Case {
        path: "globex",
        ..entry(
            "path",
            "slug",
            "vault client rename acme initech",
            "vault edit acme/wp --notes x; vault client rename acme globex",
            "",
        )
    },
    Case {
        path: "my bob",
        common: "vault contact add 'my bob'",
        ..entry(
            "field",
            "emails",
            "vault contact edit 'my bob' --email a@bob.example",
            "vault contact edit 'my bob' --email b@bob.example",
            "a@bob.example",
        )
    },
    Case {
        path: "my bob",
        common: "vault contact add 'my bob'",
        ..entry(
            "field",
            "review_by",
            "vault contact edit 'my bob' --review-by 2098-01-31",
            "vault contact edit 'my bob' --review-by 2099-01-31",
            "2098-01-31",
        )
    },
    Case {
        path: "me",
        ..entry(
            "field",
            "name",
            "vault me --name Kim",
            "vault me --name Jo",
            "Kim",
        )
    },
];

fn run(env: &TestEnv, script: &str) {
    env.shell(&format!("set -e; cd '{}'; {script}", env.work().display()))
        .ok();
}

fn row_of(env: &TestEnv, case: &Case) -> Option<Value> {
    let all = env.call(&["conflicts", "--json"]).ok().json();
    let is_meant = |row: &&Value| {
        let path = row["path"].as_str().unwrap();
        row["kind"] == case.kind && row["field"] == case.field && path.starts_with(case.path)
    };
    let rows: Vec<&Value> = all.as_array().unwrap().iter().collect();
    let found = rows.iter().copied().find(is_meant).cloned();
    assert!(found.is_some() || rows.is_empty(), "{all}");
    found
}

#[test]
fn the_command_that_the_row_of_a_conflict_names_ends_it() {
    for case in CASES {
        let laptop = TestEnv::with(&[("acme/wp", "common")]);
        run(&laptop, case.common);
        let desktop = second_device(&laptop);
        run(&laptop, case.laptop);
        run(&desktop, case.desktop);
        meet(&laptop, &desktop);
        let row = row_of(&laptop, case).unwrap_or_else(|| panic!("{} {}", case.kind, case.field));
        assert_eq!(row["versions"].as_array().unwrap().len(), 2, "{row}");
        let commands = row["commands"].as_array().unwrap();
        // Each way on a device of its own.
        for (env, command) in [&laptop, &desktop].into_iter().zip(commands) {
            let command = command.as_str().unwrap();
            env.call(&["conflicts"])
                .ok()
                .tells(&format!("hint: {command}"));
            let filled = command
                .replace("VALUE", case.value)
                .replace("NEW", case.value);
            run(env, &filled);
            assert_eq!(row_of(env, case), None, "{command}");
            let flags = env.call(&["list", "--json"]).ok();
            flags.hides("\"conflict\"");
            env.call(&["verify", "--full"]).ok();
        }
    }
}

#[test]
fn what_counts_meanwhile_can_be_chosen_and_the_other_as_well() {
    for is_first in [true, false] {
        let (laptop, desktop) = apart();
        for (env, content) in [(&laptop, "one"), (&desktop, "two")] {
            env.call(&["attach", "acme/wp", "-", "--as", "key"])
                .stdin(content)
                .ok();
        }
        meet(&laptop, &desktop);
        let row = laptop.call(&["conflicts", "--json"]).ok().json()[0].clone();
        let versions = row["versions"].as_array().unwrap();
        let chosen = versions[usize::from(is_first)].as_str().unwrap();
        let hash = chosen.strip_prefix("file ").unwrap();
        let resolve = ["resolve", "acme/wp", "--file", "key", "--version", hash];
        laptop.call(&resolve).ok();
        let files = laptop.call(&["attachments", "acme/wp", "--json"]).ok();
        files.shows(&format!("\"sha256\":\"{hash}"));
        laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
        let none = ["resolve", "acme/wp", "--file", "key", "--version", "0000"];
        laptop.call(&none).fails(3).hints(hash);
    }
}

#[test]
fn a_client_who_was_removed_while_another_device_used_it_is_back_and_that_is_told() {
    let (laptop, desktop) = apart();
    laptop.call(&["client", "add", "globex"]).ok();
    meet(&laptop, &desktop);
    laptop.call(&["client", "rm", "globex", "--yes"]).ok();
    desktop.add("globex/mail", "x");
    let copy = super::copy_of(&desktop, &laptop, "copy.age");
    laptop
        .call(&["merge", &copy])
        .ok()
        .tells("client globex was removed, and is there again");
    laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
}

#[test]
fn a_name_that_stands_for_another_entry_after_a_merge_is_warned_of() {
    let (laptop, desktop) = apart();
    laptop.add("acme/mail", "one");
    desktop.add("acme/mail", "two");
    for (env, other, own) in [(&laptop, &desktop, "one"), (&desktop, &laptop, "two")] {
        let copy = super::copy_of(other, env, "copy.age");
        let told = env.call(&["merge", &copy, "--json"]).ok().json();
        let renamed = told["renamed"].as_array().unwrap();
        let is_taken = env.secret("acme/mail") != own;
        assert_eq!(renamed.len(), usize::from(is_taken), "{told}");
        if let Some(renamed) = renamed.first() {
            assert_eq!(renamed["from"], "acme/mail");
            assert_eq!(env.secret(renamed["to"].as_str().unwrap()), own);
            return;
        }
    }
    panic!("one of them has lost the name");
}

#[test]
fn what_two_devices_removed_is_no_conflict_and_dates_are_told_as_people_read_them() {
    let laptop = TestEnv::with(&[("acme/wp", "x"), ("acme/other", "x")]);
    let desktop = second_device(&laptop);
    for (env, expires) in [(&laptop, "2098-01-31"), (&desktop, "2099-01-31")] {
        env.call(&["edit", "acme/wp", "--expires", expires]).ok();
    }
    meet(&laptop, &desktop);
    for env in [&laptop, &desktop] {
        let told = env.call(&["conflicts"]).ok();
        told.shows("2098-").hides("T23:").hides("59Z");
    }
    for env in [&laptop, &desktop] {
        env.call(&["rm", "acme/wp", "--yes"]).ok();
    }
    meet(&laptop, &desktop);
    laptop.call(&["conflicts", "--json"]).ok().prints("[]\n");
}

#[test]
fn the_command_for_a_list_chooses_one_of_both() {
    for (option, field) in [("url", "urls"), ("tag", "tags")] {
        let (laptop, desktop) = apart();
        let [one, two] = match option {
            "url" => ["https://b.example", "https://c.example"],
            _ => ["b", "c"],
        };
        let option = format!("--{option}");
        laptop.call(&["edit", "acme/wp", &option, one]).ok();
        desktop.call(&["edit", "acme/wp", &option, two]).ok();
        meet(&laptop, &desktop);
        let row = laptop.call(&["conflicts", "--json"]).ok().json()[0].clone();
        assert_eq!(row["field"], field);
        let command = row["commands"][0].as_str().unwrap();
        run(&laptop, &command.replace("VALUE", one));
        let shown = laptop.call(&["show", "acme/wp", "--json"]).ok().json();
        assert_eq!(shown[field], serde_json::json!([one]), "{command}");
    }
}
