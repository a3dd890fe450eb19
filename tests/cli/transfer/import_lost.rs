//! `vault import` of tables: nothing of a file vanishes in silence.

use serde_json::{Value, json};

use super::import::{chrome, field, import, paths, show};
use crate::support::env::TestEnv;

/// Imports a file that is refused.
#[track_caller]
fn refuses(content: &str, says: &str) {
    let env = TestEnv::ready();
    let before = env.snapshot();
    let file = env.file("export", content);
    let refused = env.call(&["import", &file]).fails(2);
    refused.says(says).hides("hunter2");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(env.snapshot(), before);
}

fn reasons(answer: &Value) -> Vec<(u64, String)> {
    let rows = answer["refused"].as_array().unwrap().iter();
    let pair = |row: &Value| {
        let reason = row["reason"].as_str().unwrap().to_owned();
        (row["row"].as_u64().unwrap(), reason)
    };
    rows.map(pair).collect()
}

#[test]
fn a_second_title_password_seed_or_folder_becomes_a_field() {
    let env = TestEnv::ready();
    import(
        &env,
        "name,title,account,url,username,login,password,pwd,otp,totp,folder,group\n\
        N1,T1,A1,https://a.example,u,v,p1,p2,JBSWY3DPEHPK3PXP,JBSWY3DPEHPK3PXQ,Acme,Shop\n",
    );
    let path = "Acme/N1";
    let shown = show(&env, path);
    assert_eq!(env.secret(path), "p1");
    assert_eq!(shown["username"], "u");
    for (name, value) in [
        ("title", "T1"),
        ("account", "A1"),
        ("login", "v"),
        ("group", "Shop"),
    ] {
        assert_eq!(shown["fields"][name], value, "{shown}");
    }
    assert_eq!(field(&env, path, "pwd"), "p2");
    assert_eq!(field(&env, path, "totp field"), "JBSWY3DPEHPK3PXQ");
    assert!(!shown.to_string().contains("p2"), "{shown}");
}

#[test]
fn two_columns_of_one_name_are_both_kept_in_every_dialect() {
    for (name, header, row) in [
        (
            "password",
            "name,url,username,password,password",
            "a,https://a.example,u,p1,p2",
        ),
        (
            "password",
            "url,username,password,password,totp,extra,name,grouping,fav",
            "https://a.example,u,p1,p2,,,a,,0",
        ),
        (
            "Password",
            "Title,URL,Username,Password,Password,Notes,OTPAuth",
            "a,https://a.example,u,p1,p2,,",
        ),
        (
            "login_password",
            "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_password,login_totp",
            ",,login,a,,,0,https://a.example,u,p1,p2,",
        ),
    ] {
        let env = TestEnv::ready();
        import(&env, format!("{header}\n{row}\n"));
        let path = &paths(&env)[0];
        assert_eq!(env.secret(path), "p1", "{header}");
        assert_eq!(field(&env, path, name), "p2", "{header}");
    }
}

#[test]
fn columns_that_a_known_layout_does_not_have_become_fields() {
    let env = TestEnv::ready();
    import(
        &env,
        "url,username,password,httpRealm,formActionOrigin,guid,timeCreated,timeLastUsed,timePasswordChanged,city,door pin\n\
        https://a.example,u,p,,,{1},1500000000000,,never,Rome,4711\n",
    );
    let shown = show(&env, "a.example/u");
    assert_eq!(shown["fields"], json!({"city": "Rome"}));
    assert_eq!(field(&env, "a.example/u", "timePasswordChanged"), "never");
    assert_eq!(field(&env, "a.example/u", "door pin"), "4711");

    let file = env.file(
        "named",
        "name,url,username,password,note,shoe\nB,https://b.example,u,p,,42\n",
    );
    env.call(&["import", &file, "--format", "chrome-csv"]).ok();
    assert_eq!(field(&env, "b.example/B", "shoe"), "42");
}

#[test]
fn urls_of_two_columns_are_two_urls() {
    let env = TestEnv::ready();
    import(
        &env,
        "name,url,website,username,password\nA,https://a.example,b.example,u,p\n",
    );
    assert_eq!(
        show(&env, "a.example/A")["urls"],
        json!(["https://a.example", "b.example"])
    );
}

#[test]
fn a_quotation_mark_that_breaks_the_rules_is_refused_with_its_row() {
    refuses(
        "name,url,username,password\nA,https://a.example,kim,\"hunter2\nB,https://b.example,jo,two\n",
        "row 2: a quotation mark is never closed",
    );
    refuses(
        "name,url,username,password\n\"A\nB\",,u,p\nC,,\"u\"x,hunter2\n",
        "row 3: text follows a closing quotation mark",
    );
    refuses(
        "name;url;username;password\nA;;u;hun\"ter2\n",
        "row 2: a quotation mark stands in a cell",
    );
    // Where a backslash escapes nothing, the mark behind it closes.
    refuses(
        "name,url,username,password\nA,,u,\"hunter2\\\"\"\nB,,u,p\n",
        "row 2: a quotation mark is never closed",
    );
}

#[test]
fn the_first_keepass_escapes_by_backslashes() {
    let env = TestEnv::ready();
    import(
        &env,
        "\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\n\
        \"Mail\",\"kim\",\"a\\\\b\\\"c\",\"https://m.example\",\"say \\\"hi\\\" \\\\ \\n twice\"\n",
    );
    assert_eq!(env.secret("m.example/Mail"), "a\\b\"c");
    assert_eq!(
        show(&env, "m.example/Mail")["notes"],
        "say \"hi\" \\ \\n twice"
    );
}

#[test]
fn a_row_that_was_torn_is_told() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        chrome(&[
            "A,https://a.example,u,p,one",
            "two of a note, torn",
            "B,https://b.example,u,p,x,too many",
            "C,https://c.example,u,p",
        ]),
    );
    let told = reasons(&answer);
    assert_eq!(told.len(), 2, "{answer}");
    assert_eq!(told[0].0, 3);
    assert!(told[0].1.contains("2 of 5 cells"), "{answer}");
    assert_eq!(told[1], (4, "it has 6 cells, the header has 5".to_owned()));
    assert_eq!(paths(&env), ["a.example/A", "c.example/C"]);
}

#[test]
fn a_file_with_nothing_in_it_is_no_success() {
    refuses("name,url,username,password\n", "looks like chrome-csv");
    refuses(
        "{\"encrypted\":false,\"items\":[]}",
        "looks like bitwarden-json",
    );
}

#[test]
fn a_file_whose_rows_are_all_refused_is_no_success_and_each_is_told() {
    let env = TestEnv::ready();
    let file = env.file("export", chrome(&["A,https://a.example,u,p,n,more", "B"]));
    let none = env.call(&["import", &file]).fails(2);
    none.says("row 2 not kept: it has 6 cells")
        .says("row 3 not kept");
    none.says("no row of that chrome-csv can be kept");
    let told = env.call(&["import", &file, "--json"]).run();
    let answer: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((told.code, &answer["ok"]), (Some(2), &false.into()));
    assert_eq!(paths(&env), Vec::<String>::new());
}

#[test]
fn firefoxs_own_key_is_left_out_and_told() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "\"url\",\"username\",\"password\",\"httpRealm\",\"formActionOrigin\",\"guid\",\"timeCreated\",\"timeLastUsed\",\"timePasswordChanged\"\n\
        \"chrome://FirefoxAccounts\",\"id\",\"{\"\"scopedKeys\"\":1}\",\"Firefox Accounts credentials\",,\"{1}\",,,\n\
        \"https://a.example\",\"u\",\"p\",,,\"{2}\",,,\n",
    );
    assert_eq!(
        (&answer["added"], &answer["skipped"]),
        (&1.into(), &1.into())
    );
    assert!(
        answer["skipped_rows"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("synchronising")
    );
}

#[test]
fn one_passwords_table_of_cards_alone_is_recognised() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "\"cardholder name(cardholder)\",\"Created Date\",\"Notes\",\"number(ccnum)\",\"verification number(cvv)\",\"Title\",\"Type\"\n\
        \"Ann\",\"1600000000\",\"\",\"4111\",\"123\",\"card\",\"Credit Card\"\n",
    );
    assert_eq!(answer["format"], "1password-csv");
    assert_eq!(field(&env, "imported/card", "verification number"), "123");
    assert_eq!(
        show(&env, "imported/card")["created"],
        "2020-09-13T12:26:40Z"
    );
}

#[test]
fn one_passwords_table_of_all_fields_is_recognised_without_logins_too() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "\"UUID\",\"TITLE\",\"SCOPE\",\"AUTOSUBMIT\",\"TAGS\",\"NOTES\",\"1: CARDHOLDER NAME\",\"3: NUMBER\"\n\
        \"x1\",\"card\",\"Default\",\"\",\"\",\"n\",\"Ann\",\"4111\"\n",
    );
    assert_eq!(answer["format"], "1password-csv");
    assert_eq!(field(&env, "imported/card", "NUMBER"), "4111");
    assert_eq!(
        show(&env, "imported/card")["fields"]["CARDHOLDER NAME"],
        "Ann"
    );
}

#[test]
fn a_table_that_only_has_the_columns_of_keepassxc_keeps_its_groups() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "Title,Username,Password,URL,Notes,Group\nwp,ann,p,https://a.example,,Acme\n",
    );
    assert_eq!(answer["format"], "csv");
    assert_eq!(paths(&env), ["Acme/wp"]);
    let answer = import(
        &env,
        "Group,Title,Username,Password,URL,Notes\nGlobex,wp,ann,p,https://a.example,\nRoot/Initech,wp,ann,q,,\n",
    );
    assert_eq!(answer["format"], "keepassxc-csv");
    assert_eq!(paths(&env), ["Acme/wp", "Globex/wp", "Initech/wp"]);
}

#[test]
fn headers_in_another_order_and_case_with_a_mark_and_semicolons_are_recognised() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "\u{feff}PASSWORD;Name ;\"URL\";UserName\r\np;A;https://a.example;u\r\n",
    );
    assert_eq!(answer["format"], "chrome-csv");
    assert_eq!(env.secret("a.example/A"), "p");
}

#[test]
fn a_seed_that_gives_no_codes_is_hidden_and_told() {
    let env = TestEnv::ready();
    let hotp = "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1";
    let steam = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&encoder=steam";
    let answer = import(
        &env,
        format!(
            "Title,URL,Username,Password,Notes,OTPAuth\nh,https://a.example,u,p,,{hotp}\n\
            s,https://a.example,v,p,,{steam}\nt,https://a.example,w,p,,steam://JBSWY3DPEHPK3PXP\n"
        ),
    );
    let told = reasons(&answer);
    assert_eq!((told.len(), told[0].0), (1, 2), "{answer}");
    assert!(
        told[0].1.contains("HOTP") && !told[0].1.contains("JBSWY"),
        "{answer}"
    );
    assert_eq!(field(&env, "a.example/h", "totp seed"), hotp);
    for path in ["a.example/s", "a.example/t"] {
        let code = env.call(&["code", path, "--json"]).ok().json();
        assert_eq!(code["code"].as_str().unwrap().len(), 5);
    }
}

#[test]
fn a_name_of_a_field_that_is_too_long_is_kept_whole_beside_it() {
    let env = TestEnv::ready();
    let name = format!("colour {}", "x".repeat(70));
    import(
        &env,
        format!("name,url,username,password,{name}\nA,https://a.example,u,p,red\n"),
    );
    assert_eq!(field(&env, "a.example/A", "label"), name);
}

#[test]
fn a_table_with_columns_without_end_is_refused() {
    let columns = ",x".repeat(1000);
    refuses(
        &format!("name,password{columns}\na,b\n"),
        "1002 columns, the limit is 1000",
    );
}

#[test]
fn folders_and_labels_that_make_no_name_are_kept_as_fields() {
    let env = TestEnv::ready();
    let long = "x".repeat(70);
    import(
        &env,
        format!("name,url,username,password,folder,tags\nA,,u,p,Acme/{long},one;{long}y\n"),
    );
    let path = &paths(&env)[0];
    let fields = &show(&env, path)["fields"];
    assert_eq!(fields["folder"], long);
    assert_eq!(fields["tag"], format!("{long}y"));
}

fn lastpass(env: &TestEnv, extra: &str, name: &str) {
    let extra = extra.replace('"', "\"\"");
    import(
        env,
        format!(
            "url,username,password,totp,extra,name,grouping,fav\nhttp://sn,,,,\"{extra}\",{name},Acme,0\n"
        ),
    );
}

#[test]
fn the_secret_of_a_form_of_lastpass_is_its_password() {
    let env = TestEnv::ready();
    for (name, form) in [
        (
            "server",
            "NoteType:Server\nLanguage:en-US\nHostname:h\nUsername:root\nPassword:pw:1\nNotes:",
        ),
        (
            "wifi",
            "NoteType:Wi-Fi Password\nSSID:net\nPassword:pw:1\nNotes:",
        ),
        (
            "mail",
            "NoteType:Email Account\nUsername:root\nPassword:pw:1\nServer:h\nNotes:",
        ),
        (
            "db",
            "NoteType:Database\nType:pg\nUsername:root\nPassword:pw:1\nNotes:",
        ),
        (
            "ssh",
            "NoteType:SSH Key\nPassphrase:pw:1\nPrivate Key:\nPublic Key:x\nNotes:",
        ),
    ] {
        lastpass(&env, form, name);
        assert_eq!(env.secret(&format!("Acme/{name}")), "pw:1");
    }
    assert_eq!(show(&env, "Acme/server")["username"], "root");
}

#[test]
fn a_key_in_a_form_of_lastpass_and_what_is_below_its_notes_stay_whole() {
    let env = TestEnv::ready();
    let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nHostname:inside\n\nab==\n-----END RSA PRIVATE KEY-----";
    let notes = "first\n\nPassword:no field\nHostname:neither";
    let form = format!(
        "NoteType:SSH Key\nFormat:RSA\nPassphrase:x\nPrivate Key:{key}\nPublic Key:ssh-rsa AAAA me@host\nHostname:h.example\nNotes:{notes}"
    );
    lastpass(&env, &form, "deploy");
    assert_eq!(field(&env, "Acme/deploy", "Private Key"), key);
    assert_eq!(field(&env, "Acme/deploy", "Hostname"), "h.example");
    let shown = show(&env, "Acme/deploy");
    assert_eq!(shown["notes"], notes);
    assert!(!shown.to_string().contains("ab=="), "{shown}");
}

#[test]
fn a_form_that_somebody_made_is_parted_only_where_each_line_has_a_label() {
    let env = TestEnv::ready();
    lastpass(
        &env,
        "NoteType:Custom_1\nLanguage:en\nDoor:4711\nNotes:hi",
        "plain",
    );
    assert_eq!(field(&env, "Acme/plain", "Door"), "4711");
    assert_eq!(show(&env, "Acme/plain")["notes"], "hi");
    let form = "NoteType:Custom_1\nLanguage:en\nDoor:4711\nand a line";
    lastpass(&env, form, "torn");
    assert_eq!(field(&env, "Acme/torn", "form"), form);
}

#[test]
fn a_key_in_bitwardens_fields_stays_whole() {
    let env = TestEnv::ready();
    let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nab==\n-----END RSA PRIVATE KEY-----";
    import(
        &env,
        format!(
            "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n\
            Acme,,login,wp,,\"key: {key}\nhost: h\",0,,ann,p,\n"
        ),
    );
    assert_eq!(field(&env, "Acme/wp", "key"), key);
    assert_eq!(field(&env, "Acme/wp", "host"), "h");
}
