//! `vault import`: a value is what the source has or is told, and never another one.

use serde_json::{Value, json};

use super::import::{field, import, paths, show};
use crate::support::env::TestEnv;

/// The reasons that an answer gives for what is not kept.
fn told(answer: &Value) -> String {
    answer["refused"].to_string() + &answer["skipped_rows"].to_string()
}

fn table(header: &str, cells: &[&str]) -> String {
    let quoted = cells.iter();
    let quoted = quoted.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
    let quoted: Vec<_> = quoted.collect();
    format!("{header}\n{}\n", quoted.join(","))
}

#[test]
fn a_form_of_lastpass_is_read_the_same_whatever_ends_its_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let form = [
            "NoteType:Server",
            "Hostname:h",
            "Username:u",
            "Password:pw1",
            "Notes:one",
            "two",
        ];
        let env = TestEnv::ready();
        let header = "url,username,password,totp,extra,name,grouping,fav";
        let cells = ["http://sn", "", "", "", &form.join(end), "srv", "Acme", "0"];
        import(&env, table(header, &cells));
        assert_eq!(env.secret("Acme/srv"), "pw1", "{end:?}");
        assert_eq!(show(&env, "Acme/srv")["notes"], "one\ntwo");
        assert_eq!(field(&env, "Acme/srv", "Hostname"), "h");
    }
}

/// A database of `KeePass` whose outermost element holds this.
fn keepass(root: &str) -> String {
    format!("<KeePassFile><Meta/><Root>{root}</Root></KeePassFile>")
}

fn entry(title: &str, more: &str) -> String {
    format!("<Entry><String><Key>Title</Key><Value>{title}</Value></String>{more}</Entry>")
}

fn password(attribute: &str, value: &str) -> String {
    format!("<String><Key>Password</Key><Value{attribute}>{value}</Value></String>")
}

#[test]
fn an_element_in_the_middle_of_a_value_is_refused_and_not_left_out() {
    let env = TestEnv::ready();
    for inside in ["<b>hunter2</b>", "<b/>", "<br>hunter2</br>"] {
        let entry = entry("wp", &password("", &format!("a{inside}d")));
        let file = env.file("export", keepass(&format!("<Group>{entry}</Group>")));
        let refused = env.call(&["import", &file]).fails(2);
        refused.says("inside of a value").hides("hunter2");
    }
    let comment = entry("wp", &password("", "a<!-- x -->b"));
    import(&env, keepass(&format!("<Group>{comment}</Group>")));
    assert_eq!(env.secret("imported/wp"), "ab");
}

#[test]
fn entries_of_keepass_are_read_wherever_they_stand() {
    let env = TestEnv::ready();
    let inner = format!("<Group><Name>Acme</Name>{}</Group>", entry("deep", ""));
    let content = entry("bare", "")
        + &format!("<New><More>{}{inner}</More></New>", entry("new", ""))
        + &format!("<Group><Odd>{}</Odd></Group>", entry("odd", ""));
    import(&env, keepass(&content));
    let expected = ["Acme/deep", "imported/bare", "imported/new", "imported/odd"];
    assert_eq!(paths(&env), expected);
}

#[test]
fn what_is_not_known_of_an_entry_or_a_group_of_keepass_is_kept_or_told() {
    let env = TestEnv::ready();
    let more = "<Pin>hunter2</Pin><Deep><x>hunter2</x></Deep><IconID>3</IconID>";
    let content = format!("<Group><Tags>a;b</Tags>{}</Group>", entry("wp", more));
    let told = told(&import(&env, keepass(&content)));
    assert_eq!(field(&env, "imported/wp", "Pin"), "hunter2");
    let shown = show(&env, "imported/wp").to_string();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(told.contains("Deep: "), "{told}");
    assert!(told.contains("tags of groups"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn what_a_group_or_the_database_of_keepass_keeps_for_itself_is_told() {
    let data = |key: &str| {
        format!("<CustomData><Item><Key>{key}</Key><Value>hunter2</Value></Item></CustomData>")
    };
    let with = |meta: &str, group: &str| {
        let env = TestEnv::ready();
        let group = format!("<Group><Name>Acme</Name>{group}{}</Group>", entry("wp", ""));
        let file = format!(
            "<KeePassFile><Meta>{meta}</Meta><Root><Group>{group}</Group></Root></KeePassFile>"
        );
        told(&import(&env, file))
    };
    let sequence = "<DefaultAutoTypeSequence>hunter2</DefaultAutoTypeSequence>";
    let description = "<DatabaseDescription>hunter2</DatabaseDescription>";
    for (meta, group, says) in [
        ("", &*data("plugin"), "custom data of groups"),
        ("", sequence, "auto-type of groups"),
        (&*data("plugin"), "", "custom data of the database"),
        (description, "", "the description of the database"),
    ] {
        let told = with(meta, group);
        assert!(told.contains(says) && !told.contains("hunter2"), "{told}");
    }
    // What programs keep for themselves is nobody's data.
    for own in ["_LAST_MODIFIED", "KPXC_DECRYPTION_TIME_PREFERENCE"] {
        let told = with(&data(own), &data(own));
        assert!(!told.contains("custom data"), "{told}");
    }
}

#[test]
fn a_value_that_is_encrypted_in_plain_xml_is_told_and_is_no_password() {
    let env = TestEnv::ready();
    let sealed = entry("wp", &password(" Protected=\"True\"", "c2VhbGVk"));
    let told = told(&import(&env, keepass(&format!("<Group>{sealed}</Group>"))));
    assert!(told.contains("encrypted"), "{told}");
    env.call(&["get", "imported/wp"]).fails(3);
}

#[test]
fn what_proton_passes_table_has_in_json_is_kept_as_fields_and_hidden() {
    let env = TestEnv::ready();
    let header = "type,name,url,email,username,password,note,totp,createTime,modifyTime,vault";
    let import_note = |kind: &str, name: &str, note: &str| {
        let cells = [kind, name, "", "", "", "", note, "", "", "", "Acme"];
        import(&env, table(header, &cells));
        let shown = show(&env, &format!("Acme/{name}"));
        assert!(!shown.to_string().contains("hunter2"), "{shown}");
        shown
    };
    let wifi = json!({"note": "upstairs", "ssid": "net", "password": "hunter2", "security": 3});
    let shown = import_note("wifi", "wifi", &wifi.to_string());
    assert_eq!(shown["notes"], "upstairs");
    assert_eq!(env.secret("Acme/wifi"), "hunter2");
    let key = json!({"publicKey": "ssh-rsa x", "privateKey": "hunter2 key"});
    import_note("sshKey", "key", &key.to_string());
    assert_eq!(env.secret("Acme/key"), "hunter2 key");
    let field_of = json!({"fieldName": "door", "type": "hidden", "data": {"content": "hunter2"}});
    let custom = json!({"sections": [{"sectionName": "s", "sectionFields": [field_of]}]});
    import_note("custom", "custom", &custom.to_string());
    assert_eq!(field(&env, "Acme/custom", "door"), "hunter2");
    import_note("newKind", "new", "{\"pin\": \"hunter2\"}");
    assert_eq!(field(&env, "Acme/new", "pin"), "hunter2");
    for (name, note) in [("torn", "{\"pin\": \"hunter2\""), ("text", "pin: hunter2")] {
        import_note("newKind", name, note);
        assert_eq!(field(&env, &format!("Acme/{name}"), "private note"), note);
    }
    let shown = import_note("login", "login", "{\"a\": 1}");
    assert_eq!(shown["notes"], "{\"a\": 1}");
}

#[test]
fn an_export_that_only_looks_like_anothers_is_called_what_it_is() {
    let env = TestEnv::ready();
    let fields = json!([{"label": "Password", "type": "password", "value": "hunter2"}]);
    let item = json!({"title": "wp", "category": "login", "fields": fields});
    let enpass = json!({"folders": [{"title": "Acme", "uuid": "1"}], "items": [item]});
    let card = "<card title=\"wp\"><field name=\"Password\">hunter2</field></card>";
    for (content, says) in [
        (enpass.to_string(), "Enpass"),
        (json!({"items": [item]}).to_string(), "Enpass"),
        (
            format!("<database><label/>{card}</database>"),
            "SafeInCloud",
        ),
    ] {
        let file = env.file("export", content);
        let refused = env.call(&["import", &file]).fails(2);
        refused.says(says).says("export as CSV").hides("hunter2");
    }
}

#[test]
fn a_file_of_which_nothing_is_kept_is_no_success_and_says_why() {
    let env = TestEnv::ready();
    let own = env.call(&["export", "--plaintext"]).ok().json();
    let before = env.snapshot();
    let trashed = json!({"encrypted": false, "items": [
        {"type": 1, "name": "a", "deletedDate": "2024-01-01T00:00:00Z", "login": {"password": "p"}},
    ]});
    for (content, says) in [
        (trashed.to_string(), "trash"),
        (
            "name,url,username,password,note\n,,,,\n".to_owned(),
            "it is empty",
        ),
        (
            keepass("<Group><Entry/><Entry></Entry></Group>"),
            "it is empty",
        ),
        ("A=\nB=\n".to_owned(), "its value is empty"),
    ] {
        let file = env.file("export", content);
        let failed = env.call(&["import", &file]).fails(2);
        failed.says("nothing was imported").says(says);
        std::fs::remove_file(&file).unwrap();
    }
    let bare = json!({"format": own["format"]}).to_string();
    let file = env.file("export", bare);
    env.call(&["import", &file]).fails(2).says("no entries");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(env.snapshot(), before);
}

#[test]
fn labels_and_urls_past_the_limit_of_a_list_are_told() {
    let env = TestEnv::ready();
    let tags: Vec<_> = (0..10_002).map(|number| format!("t{number}")).collect();
    let urls: Vec<_> = (0..10_003)
        .map(|number| format!("https://a.example/{number},x"))
        .collect();
    let deep = vec!["f"; 20].join("/");
    let header = "name,url,username,password,tags,folder";
    let cells = ["wp", &urls.join(","), "u", "p", &tags.join(","), ""];
    let answer = import(&env, table(header, &cells));
    assert!(
        told(&answer).contains("there is room for 10000 of each"),
        "{}",
        told(&answer)
    );
    assert_eq!(paths(&env).len(), 1);
    let shown = show(&env, &paths(&env)[0]);
    assert_eq!(shown["urls"].as_array().unwrap().len(), 10_000);
    assert_eq!(shown["urls"][9_999], "https://a.example/9999,x");
    import(&env, table(header, &["deep", "", "", "p", "", &deep]));
    assert_eq!(paths(&env).len(), 2);
}

#[test]
fn where_a_form_of_firefox_goes_to_is_kept_where_it_is_another_site() {
    let env = TestEnv::ready();
    let header = "url,username,password,httpRealm,formActionOrigin,guid,timeCreated,timeLastUsed,timePasswordChanged";
    let of = |host: &str, target: &str| {
        let url = format!("https://{host}.example");
        import(
            &env,
            table(header, &[&url, "u", "p", "", target, "{1}", "", "", ""]),
        );
        show(&env, &format!("{host}.example/u"))["fields"].clone()
    };
    assert_eq!(
        of("a", "https://login.example")["form action"],
        "https://login.example"
    );
    assert_eq!(of("b", "https://b.example"), json!({}));
    assert_eq!(of("c", ""), json!({}));
    let other = "hostname,username,password,formSubmitURL,httpRealm";
    import(
        &env,
        table(
            other,
            &["https://d.example", "u", "p", "https://sso.example/", ""],
        ),
    );
    assert_eq!(
        show(&env, "d.example/u")["fields"]["form action"],
        "https://sso.example"
    );
}

#[test]
fn apps_archives_linked_fields_and_what_describes_a_vault_do_not_vanish() {
    let env = TestEnv::ready();
    let apps = json!({"android": {"allowedApps": [{"packageName": "com.example"}]}});
    let data = json!({
        "metadata": {"name": "wp"}, "type": "login", "content": {"password": "p"},
        "platformSpecific": apps,
    });
    let vault = json!({"name": "Acme", "description": "of hunter2", "items": [{"data": data}]});
    let answer = import(&env, json!({"vaults": {"v": vault}}).to_string());
    assert!(
        told(&answer).contains("description of its vault"),
        "{answer}"
    );
    let kept = field(&env, "Acme/wp", "platformSpecific");
    assert!(kept.contains("com.example"), "{kept}");
    let linked = json!([{"name": "user", "value": null, "type": 3, "linkedId": 100}]);
    let item = json!({
        "type": 1, "name": "old", "folderId": "f", "fields": linked,
        "archivedDate": "2024-01-01T00:00:00Z", "login": {"password": "p"},
    });
    let folders = json!([{"id": "f", "name": "Acme"}]);
    let bitwarden = json!({"encrypted": false, "folders": folders, "items": [item]});
    let answer = import(&env, bitwarden.to_string());
    assert!(told(&answer).contains("a linked field of it"), "{answer}");
    assert_eq!(show(&env, "Acme/old")["tags"], json!(["archived"]));
}

#[test]
fn a_further_seed_that_gives_no_codes_is_hidden_and_told() {
    let env = TestEnv::ready();
    for seed in [
        "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1",
        "no seed!",
    ] {
        let answer = import(
            &env,
            table(
                "name,url,username,password,otp,totp,folder",
                &["wp", "", "", "p", "JBSWY3DPEHPK3PXP", seed, "Acme"],
            ),
        );
        assert!(
            told(&answer).contains("no codes of a further seed"),
            "{answer}"
        );
        let path = paths(&env).pop().unwrap();
        let shown = show(&env, &path).to_string();
        assert!(!shown.contains(seed), "{shown}");
        assert_eq!(field(&env, &path, "totp field"), seed);
    }
}

#[test]
fn json_of_another_shape_is_not_called_malformed() {
    let env = TestEnv::ready();
    for content in [
        "{\"vaults\":{\"a\":1}}",
        "{\"vaults\":3}",
        "{\"vaults\":{\"a\":{\"items\":4}}}",
    ] {
        let file = env.file("export", content);
        let refused = env.call(&["import", &file]).fails(2);
        refused.says("not in the shape");
    }
}
