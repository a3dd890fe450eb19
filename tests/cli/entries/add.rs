//! `add`: a new entry from options and stdin, never over an existing one.

use serde_json::json;

use crate::support::env::TestEnv;

fn show(env: &TestEnv, path: &str) -> serde_json::Value {
    env.call(&["show", path, "--json"]).ok().json()
}

#[test]
fn a_new_entry_is_confirmed_on_stderr_with_its_client() {
    let env = TestEnv::ready();
    let first = env.call(&["add", "acme/wp"]).stdin("hunter2\n").ok();
    first.prints("").tells("added acme/wp").tells("client acme");
    first.hides("hunter2");
    let second = env.call(&["add", "acme/db"]).stdin("hunter3\n").ok();
    second
        .prints("")
        .tells("added acme/db")
        .hides("client acme");
    assert_eq!(env.secret("acme/wp"), "hunter2");
    assert_eq!(env.secret("acme/db"), "hunter3");
}

#[test]
fn quiet_says_nothing() {
    let env = TestEnv::ready();
    for args in [["-q", "add", "acme/wp"], ["add", "--quiet", "acme/db"]] {
        env.call(&args).stdin("x").ok().prints("").silently();
    }
}

#[test]
fn json_names_what_changed() {
    let env = TestEnv::ready();
    let call = env
        .call(&["add", "acme/wp", "--json"])
        .stdin("vN4q-Tz81-hLw0");
    let expected = json!({"ok": true, "changed": ["acme/wp"], "warnings": []});
    assert_eq!(call.ok().json(), expected);
}

#[test]
fn every_option_is_stored() {
    let env = TestEnv::ready();
    let args = [
        "add",
        "acme/wp",
        "-u",
        "admin@acme.example",
        "--url",
        "https://acme.example/login",
        "--url",
        "https://two.acme.example",
        "--notes",
        "ask Jo\nfirst",
        "--tag",
        "prod",
        "--tag",
        "cms",
        "--field",
        "account id=12 = 34",
        "--field",
        "região=eu",
        "--env",
        "WP_PASSWORD",
        "--expires",
        "2099-01-31",
        "--rotate-every",
        "90d",
    ];
    env.call(&args).stdin("hunter2\n").ok();
    let shown = show(&env, "acme/wp");
    assert_eq!(shown["path"], "acme/wp");
    assert_eq!(shown["client"], "acme");
    assert_eq!(shown["username"], "admin@acme.example");
    let urls = json!(["https://acme.example/login", "https://two.acme.example"]);
    assert_eq!(shown["urls"], urls);
    assert_eq!(shown["notes"], "ask Jo\nfirst");
    assert_eq!(shown["tags"], json!(["cms", "prod"]));
    assert_eq!(
        shown["fields"],
        json!({"account id": "12 = 34", "região": "eu"})
    );
    assert_eq!(shown["env"], "WP_PASSWORD");
    assert_eq!(shown["expires"], "2099-01-31T23:59:59Z");
    assert_eq!(shown["rotate_every"], "P90D");
    assert_eq!(shown["version"], 1);
    assert_eq!(shown["has"]["secret"], true);
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn the_long_name_of_username_is_the_same() {
    let env = TestEnv::ready();
    let call = env.call(&["add", "acme/wp", "--username", "jo"]).stdin("x");
    call.ok();
    assert_eq!(show(&env, "acme/wp")["username"], "jo");
}

#[test]
fn an_existing_entry_is_never_overwritten() {
    let env = TestEnv::with(&[("acme/wp", "first")]);
    let call = env.call(&["add", "acme/wp"]).stdin("second");
    call.fails(7)
        .says("acme/wp already exists")
        .hints("vault edit acme/wp");
    assert_eq!(env.secret("acme/wp"), "first");
}

#[test]
fn without_a_vault_it_points_at_init_and_makes_nothing() {
    let env = TestEnv::new();
    let call = env.call(&["add", "acme/wp"]).stdin("hunter2");
    call.fails(3).hints("vault init");
    assert!(!env.data().exists(), "no folder is made");
}

#[test]
fn an_expiry_is_a_date_a_time_or_a_duration_from_now() {
    let env = TestEnv::ready();
    let given = [
        ("a", "2099-12-31", "2099-12-31T23:59:59Z"),
        ("b", "2099-12-31T10:00:00+02:00", "2099-12-31T08:00:00Z"),
    ];
    for (name, when, stored) in given {
        let path = format!("acme/{name}");
        env.call(&["add", &path, "--expires", when]).stdin("x").ok();
        assert_eq!(show(&env, &path)["expires"], stored);
    }
    env.call(&["add", "acme/c", "--expires", "1y"])
        .stdin("x")
        .ok();
    let shown = show(&env, "acme/c");
    let year = |key: &str| shown[key].as_str().unwrap()[..4].parse::<u32>().unwrap();
    assert_eq!(year("expires"), year("created") + 1);
}

#[test]
fn times_in_the_past_and_nonsense_are_refused() {
    let env = TestEnv::ready();
    let bad = [
        ["--expires", "2020-01-01"],
        ["--expires", "soon"],
        ["--expires", "0d"],
        ["--rotate-every", "0d"],
        ["--rotate-every", "often"],
        ["--rotate-every", "2099-01-01"],
    ];
    for option in bad {
        let args = [&["add", "acme/wp"], &option[..]].concat();
        env.call(&args).stdin("x").fails(2).says(option[1]);
    }
    env.call(&["list"]).ok().prints("");
}

#[test]
fn fields_follow_the_rules_of_names() {
    let env = TestEnv::ready();
    let bad = [
        "novalue",
        "=x",
        "secret=x",
        "Username=x",
        "totp=x",
        "a/b=x",
        "-x=y",
        "a\u{202e}=x",
    ];
    for field in bad {
        let option = format!("--field={field}");
        env.call(&["add", "acme/wp", &option]).stdin("x").fails(2);
    }
    for option in ["--env=2X", "--env=A-B", "--tag=", "--tag=a:b", "--tag=-x"] {
        env.call(&["add", "acme/wp", option]).stdin("x").fails(2);
    }
    env.call(&["list"]).ok().prints("");
}

#[test]
fn a_field_given_twice_is_refused_or_the_last_counts_never_both() {
    let env = TestEnv::ready();
    let args = ["add", "acme/wp", "--field", "id=1", "--field", "id=2"];
    let output = env.call(&args).stdin("x").run();
    match output.code {
        Some(0) => assert_eq!(show(&env, "acme/wp")["fields"], json!({"id": "2"})),
        code => assert_eq!(code, Some(2), "{output:?}"),
    }
}

#[test]
fn empty_values_are_refused() {
    let env = TestEnv::ready();
    for option in ["--username=", "--url=", "--notes=", "--field=id="] {
        env.call(&["add", "acme/wp", option])
            .stdin("x")
            .fails(2)
            .says("empty");
    }
}

#[test]
fn field_values_have_a_limit() {
    let env = TestEnv::ready();
    let at_limit = "n".repeat(64 << 10);
    env.call(&["add", "acme/a", "--notes", &at_limit])
        .stdin("x")
        .ok();
    assert_eq!(show(&env, "acme/a")["notes"], at_limit);
    let over = format!("{at_limit}n");
    let call = env.call(&["add", "acme/b", "--notes", &over]).stdin("x");
    call.fails(2).says("notes").says("65536");
}

#[test]
fn an_entry_has_at_most_64_fields() {
    let env = TestEnv::ready();
    let fields: Vec<String> = (0..65).map(|n| format!("--field=f{n}=v")).collect();
    let args = |count: usize| {
        let fields = fields[..count].iter().map(String::as_str);
        ["add", "acme/wp"]
            .into_iter()
            .chain(fields)
            .collect::<Vec<_>>()
    };
    env.call(&args(65)).stdin("x").fails(2).says("64");
    env.call(&args(64)).stdin("x").ok();
}

#[test]
fn a_totp_seed_needs_no_other_secret() {
    let env = TestEnv::ready();
    let seed = "JBSWY3DPEHPK3PXP";
    env.call(&["add", "acme/mfa", "--totp"])
        .stdin(seed)
        .ok()
        .hides(seed);
    let has = &show(&env, "acme/mfa")["has"];
    assert_eq!(
        (&has["secret"], &has["totp"]),
        (&json!(false), &json!(true))
    );
    env.call(&["get", "acme/mfa", "--field", "totp"])
        .ok()
        .prints(&format!("{seed}\n"));
    let uri = "otpauth://totp/Acme:jo?secret=JBSWY3DPEHPK3PXP&issuer=Acme";
    env.call(&["add", "acme/uri", "--totp"]).stdin(uri).ok();
    env.call(&["get", "acme/uri", "--field", "totp"])
        .ok()
        .prints(&format!("{uri}\n"));
}

#[test]
fn what_is_no_totp_seed_is_refused_and_not_repeated() {
    let env = TestEnv::ready();
    for seed in [
        "not-base32!",
        "otpauth://totp/x?issuer=y",
        "https://acme.example",
    ] {
        let call = env.call(&["add", "acme/mfa", "--totp"]).stdin(seed);
        call.fails(2).hides(seed);
    }
}

#[test]
fn a_hidden_field_beside_the_secret_has_to_be_asked_for() {
    let env = TestEnv::ready();
    let args = ["add", "acme/bank", "--secret-field", "pin"];
    env.call(&args).stdin("hunter2\n").fails(9).says("pin");
    env.call(&["list"]).ok().prints("");
}

#[test]
fn no_option_takes_a_secret_as_its_value() {
    let env = TestEnv::ready();
    for option in ["--secret=x", "--password=x", "-p"] {
        env.call(&["add", "acme/wp", option]).stdin("x").fails(2);
    }
    // A second word is no secret either.
    env.call(&["add", "acme/wp", "hunter2"]).stdin("x").fails(2);
}

#[test]
fn a_secret_that_devices_come_with_is_said_at_once_and_found_until_it_is_changed() {
    let env = TestEnv::ready();
    let add = |args: &[&str], secret: &str| {
        let args = [&["add"], args].concat();
        env.call(&args).stdin(secret).ok()
    };
    add(&["acme/router"], "admin123")
        .tells("acme/router: the secret is its user name, or one that devices")
        .tells("vault rotate acme/router --generate");
    let strong = "vN4q-Tz81-hLw0-Kc7e";
    add(&["acme/nas", "--tag", "was-default"], strong).tells("acme/nas: the secret is");
    add(&["acme/mail"], strong).hides("devices and programs");
    let found = || -> Vec<String> {
        let found = env.call(&["audit", "--json"]).run().stdout;
        let found: serde_json::Value = serde_json::from_slice(&found).unwrap();
        let found = found.as_array().unwrap().iter();
        let found = found.filter(|it| it["rule"] == "secret-default");
        found
            .map(|it| it["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(found(), ["acme/nas", "acme/router"]);
    for entry in ["acme/nas", "acme/router"] {
        env.call(&["rotate", entry, "--generate"]).ok();
    }
    assert_eq!(found(), [""; 0]);
    env.call(&["edit", "acme/mail", "--secret"])
        .stdin("changeme")
        .ok()
        .tells("acme/mail: the secret is its user name, or one");
}
