//! `vault import` of tables: one small file for each program, with the traps that theirs have.

use serde_json::json;

use super::import::{chrome, field, import, paths, show};
use crate::support::env::TestEnv;

#[test]
fn line_ends_byte_order_marks_quotes_and_short_rows_are_no_matter() {
    let env = TestEnv::ready();
    let table = "\u{feff}name,url,username,password,note\r\r\n\
        \"A, \"\"quoted\"\"\",https://a.example,u,\"p\"\"1,\",\"two\r\nlines\"\r\r\n\
        short,https://b.example,u,p2\r\r\n\
        \r\r\n\
        ,,,,\r\r\n";
    let answer = import(&env, table);
    assert_eq!(
        (&answer["added"], &answer["skipped"]),
        (&2.into(), &1.into())
    );
    assert_eq!(paths(&env), ["a.example/A- quoted", "b.example/short"]);
    assert_eq!(env.secret("a.example/A- quoted"), "p\"1,");
    assert_eq!(show(&env, "a.example/A- quoted")["notes"], "two\nlines");
}

#[test]
fn a_table_that_a_spreadsheet_wrote_with_semicolons_is_read() {
    let env = TestEnv::ready();
    import(
        &env,
        "name;url;username;password\nA;https://a.example;u;p,1\n",
    );
    assert_eq!(env.secret("a.example/A"), "p,1");
}

#[test]
fn a_secret_is_kept_byte_for_byte() {
    let env = TestEnv::ready();
    let secrets = [
        " spaces ",
        "=1+1",
        "\\n\\\"",
        "\u{1f511}e\u{301}",
        "\ttab",
        "a\nb",
    ];
    let rows: Vec<String> = secrets
        .iter()
        .enumerate()
        .map(|(n, secret)| {
            format!(
                "n{n},https://a.example,u,\"{}\",",
                secret.replace('"', "\"\"")
            )
        })
        .collect();
    import(
        &env,
        chrome(&rows.iter().map(String::as_str).collect::<Vec<_>>()),
    );
    for (n, secret) in secrets.iter().enumerate() {
        assert_eq!(env.secret(&format!("a.example/n{n}")), *secret);
    }
}

#[test]
fn firefox_has_no_titles_and_keeps_times() {
    let env = TestEnv::ready();
    import(
        &env,
        "\"url\",\"username\",\"password\",\"httpRealm\",\"formActionOrigin\",\"guid\",\"timeCreated\",\"timeLastUsed\",\"timePasswordChanged\"\r\n\
        \"https://a.example\",\"ann\",\"p\",,\"https://a.example\",\"{1}\",\"1500000000000\",\"1700000000000\",\"1600000000000\"\r\n\
        \"https://b.example:8443\",\"\",\"q\",\"Router\",,\"{2}\",\"1500000000000\",\"1700000000000\",\"1600000000000\"\r\n",
    );
    assert_eq!(paths(&env), ["a.example/ann", "b.example/b.example"]);
    assert_eq!(
        show(&env, "a.example/ann")["created"],
        "2017-07-14T02:40:00Z"
    );
    assert_eq!(field(&env, "b.example/b.example", "httpRealm"), "Router");
    let history = env
        .call(&["history", "a.example/ann", "--json"])
        .ok()
        .json();
    assert_eq!(history[0]["created"], "2020-09-13T12:26:40Z");
}

#[test]
fn bitwardens_table_has_folders_fields_several_urls_and_seeds() {
    let env = TestEnv::ready();
    import(
        &env,
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\r\n\
        Acme/Web,1,login,wp,,\"pin: 1234\nwords: one\ntwo\",0,\"https://a.example/?q=1,2,https://b.example\",ann,p,JBSWY3DPEHPK3PXP\r\n\
        ,,note,n,text,,0,,,,\r\n",
    );
    assert_eq!(paths(&env), ["Acme/Web/wp", "imported/n"]);
    let wp = show(&env, "Acme/Web/wp");
    assert_eq!(
        wp["urls"],
        json!(["https://a.example/?q=1,2", "https://b.example"])
    );
    assert_eq!(wp["has"]["totp"], true);
    assert_eq!(field(&env, "Acme/Web/wp", "pin"), "1234");
    assert_eq!(field(&env, "Acme/Web/wp", "words"), "one\ntwo");
    assert!(!wp.to_string().contains("1234"), "it may be a secret: {wp}");
}

#[test]
fn bitwardens_table_of_an_organisation_has_collections() {
    let env = TestEnv::ready();
    import(
        &env,
        "collections,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n\
        \"Acme,Shared\",login,wp,,,0,,ann,p,\n",
    );
    assert_eq!(paths(&env), ["Acme/wp"]);
    assert_eq!(show(&env, "Acme/wp")["tags"], json!(["Shared"]));
}

#[test]
fn lastpass_has_folders_with_backslashes_and_notes_that_are_forms() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "url,username,password,totp,extra,name,grouping,fav\n\
        https://a.example,ann,p,JBSWY3DPEHPK3PXP,hi,wp,Acme\\Web,0\n\
        http://sn,,,,\"NoteType:Server\nHostname:h.example\nUsername:root\nPassword:pw1\nNotes:first\nPassword:no field\",srv,Acme,0\n\
        http://group,,,,,Acme,,0\n",
    );
    assert_eq!(answer["skipped"], 1);
    assert_eq!(paths(&env), ["Acme/Web/wp", "Acme/srv"]);
    assert_eq!(env.secret("Acme/srv"), "pw1");
    assert_eq!(field(&env, "Acme/srv", "Hostname"), "h.example");
    let server = show(&env, "Acme/srv");
    assert_eq!(server["notes"], "first\nPassword:no field");
    assert_eq!(server["urls"], json!([]));
    assert!(!server.to_string().contains("pw1"), "{server}");
}

#[test]
fn keepassxc_has_a_root_group_and_times() {
    let env = TestEnv::ready();
    import(
        &env,
        "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\",\"TOTP\",\"Icon\",\"Last Modified\",\"Created\"\n\
        \"Passwords/Acme/Web\",\"wp\",\"ann\",\"p\",\"https://a.example\",\"n\",\"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=60\",\"0\",\"2024-02-02T00:00:00Z\",\"2023-01-01T00:00:00Z\"\n\
        \"Passwords\",\"x\",\"\",\"q\",\"\",\"\",\"\",\"0\",\"2024-02-02T00:00:00Z\",\"2023-01-01T00:00:00Z\"\n",
    );
    assert_eq!(paths(&env), ["Acme/Web/wp", "imported/x"]);
    let wp = show(&env, "Acme/Web/wp");
    assert_eq!(wp["created"], "2023-01-01T00:00:00Z");
    assert_eq!(wp["updated"], "2024-02-02T00:00:00Z");
    assert_eq!(wp["has"]["totp"], true);
}

#[test]
fn the_first_keepass_has_a_table_too() {
    let env = TestEnv::ready();
    import(
        &env,
        "\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\n\"wp\",\"ann\",\"p\",\"https://a.example\",\"n\"\n",
    );
    assert_eq!(env.secret("a.example/wp"), "p");
}

#[test]
fn one_password_8_has_tags_and_an_archive() {
    let env = TestEnv::ready();
    import(
        &env,
        "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\n\
        wp,https://a.example,ann,p,otpauth://totp/x?secret=JBSWY3DPEHPK3PXP,false,true,acme;web,n\n",
    );
    assert_eq!(paths(&env), ["acme/wp"]);
    assert_eq!(
        show(&env, "acme/wp")["tags"],
        json!(["acme", "archived", "web"])
    );
}

#[test]
fn one_password_7_escapes_quotes_on_a_mac_and_has_a_column_for_everything() {
    let env = TestEnv::ready();
    import(
        &env,
        "\"cardholder name(cardholder)\",\"Created Date\",\"Notes\",\"number(ccnum)\",\"Password\",\"password(password)\",\"Tags\",\"Title\",\"Type\",\"URL\",\"Username\",\"username(username)\"\n\
        \"Ann\",\"1600000000\",\"\",\"4111\",\"\",\"\",\"{(\n    \\\"acme\\\"\n)}\",\"card\",\"Credit Card\",\"\",\"\",\"\"\n",
    );
    assert_eq!(paths(&env), ["acme/card"]);
    assert_eq!(field(&env, "acme/card", "number"), "4111");
    let card = show(&env, "acme/card");
    assert_eq!(card["fields"]["cardholder name"], "Ann");
    assert!(!card.to_string().contains("4111"), "{card}");
}

#[test]
fn apple_puts_the_username_in_the_title() {
    let env = TestEnv::ready();
    import(
        &env,
        "Title,URL,Username,Password,Notes,OTPAuth\n\
        a.example (ann),https://a.example/,ann,p,\"two\nlines\",otpauth://totp/x?secret=JBSWY3DPEHPK3PXP\n",
    );
    assert_eq!(paths(&env), ["a.example/ann"]);
    assert_eq!(show(&env, "a.example/ann")["has"]["totp"], true);
}

#[test]
fn proton_pass_keeps_cards_in_notes_and_several_urls() {
    let env = TestEnv::ready();
    import(
        &env,
        "type,name,url,email,username,password,note,totp,createTime,modifyTime,vault\r\n\
        login,wp,\"https://a.example/, https://b.example/\",ann@a.example,ann,p,n,,1600000000,1600000000,Personal\r\n\
        creditCard,card,,,,,\"{\"\"number\"\":\"\"4111\"\",\"\"cardholderName\"\":\"\"Ann\"\",\"\"note\"\":\"\"hi\"\"}\",,1600000000,1600000000,Acme\r\n",
    );
    assert_eq!(paths(&env), ["Acme/card", "a.example/wp"]);
    let wp = show(&env, "a.example/wp");
    assert_eq!(
        wp["urls"],
        json!(["https://a.example/", "https://b.example/"])
    );
    assert_eq!(wp["fields"]["email"], "ann@a.example");
    assert_eq!(field(&env, "Acme/card", "number"), "4111");
    assert_eq!(show(&env, "Acme/card")["notes"], "hi");
}

#[test]
fn a_seed_that_is_none_is_kept_as_a_hidden_field() {
    let env = TestEnv::ready();
    import(
        &env,
        "Title,URL,Username,Password,Notes,OTPAuth\n\
        a,https://a.example/,ann,p,,steam://ABC\nb,https://a.example/,ben,p,,JBSW Y3DP ehpk 3pxp\n",
    );
    assert_eq!(field(&env, "a.example/a", "totp seed"), "steam://ABC");
    assert_eq!(field(&env, "a.example/b", "totp"), "JBSW Y3DP ehpk 3pxp");
}

#[test]
fn nordpass_has_folders_as_rows_and_cards() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "name,url,username,password,note,cardholdername,cardnumber,cvc,expirydate,zipcode,folder,full_name,phone_number,email,address1,address2,city,country,state\n\
        Acme,,,,,,,,,,,,,,,,,,\n\
        wp,https://a.example,ann,p,n,,,,,,Acme,,,,,,,,\n\
        card,,,,,Ann,4111,123,01/30,,Acme,,,,,,,,\n",
    );
    assert_eq!(answer["format"], "nordpass-csv");
    assert_eq!(
        (&answer["added"], &answer["skipped"]),
        (&2.into(), &1.into())
    );
    assert_eq!(paths(&env), ["Acme/card", "Acme/wp"]);
    assert_eq!(field(&env, "Acme/card", "cardnumber"), "4111");
    assert_eq!(show(&env, "Acme/card")["fields"]["cardholdername"], "Ann");
}

#[test]
fn any_table_with_usual_names_is_read_and_what_is_unknown_is_kept_hidden() {
    let env = TestEnv::ready();
    let answer = import(
        &env,
        "Title,Login,Password,URL,Notes,OTP,Door\nwp,ann,p,https://a.example,n,JBSWY3DPEHPK3PXP,4711\n",
    );
    assert_eq!(answer["format"], "csv");
    let wp = show(&env, "a.example/wp");
    assert_eq!(
        (&wp["username"], &wp["has"]["totp"]),
        (&json!("ann"), &json!(true))
    );
    assert_eq!(field(&env, "a.example/wp", "Door"), "4711");
    assert!(!wp.to_string().contains("4711"), "{wp}");
}

#[test]
fn a_table_without_a_header_is_refused() {
    let env = TestEnv::ready();
    let file = env.file("export", "wp,https://a.example,ann,hunter2,n\n");
    let refused = env.call(&["import", &file]).fails(2);
    refused.says("5 columns").hints("add one").hides("hunter2");
    let named = env
        .call(&["import", &file, "--format", "chrome-csv"])
        .fails(2);
    named.hints("name,url,username,password").hides("hunter2");
}

#[test]
fn a_first_line_for_spreadsheets_says_what_parts_the_cells_and_is_no_row() {
    for (line, mark) in [
        ("sep=;", ";"),
        ("\u{feff}sep=,", ","),
        ("\"sep=\t\"", "\t"),
        ("SEP=|", "|"),
        ("sep=;;;", ";"),
    ] {
        let env = TestEnv::ready();
        for (head, row) in [
            (
                ["name", "url", "username", "password"],
                ["A", "https://a.example", "u", "p;1,|2"],
            ),
            // There are more commas than marks.
            (
                ["Title", "URL", "Username", "Password"],
                ["B", "https://b.example", "u", "q,,,,,,"],
            ),
        ] {
            let quoted = |cells: [&str; 4]| cells.map(|cell| format!("\"{cell}\"")).join(mark);
            let table = format!("{line}\r\n{}\r\n{}\r\n", quoted(head), quoted(row));
            let answer = import(&env, table);
            assert_eq!(
                (&answer["read"], &answer["added"]),
                (&1.into(), &1.into()),
                "{line}"
            );
            assert_eq!(answer["plan"][0]["row"], 2, "{line}");
        }
        assert_eq!(env.secret("a.example/A"), "p;1,|2", "{line}");
        assert_eq!(env.secret("b.example/B"), "q,,,,,,", "{line}");
    }
    // A table without a header has it too, and a file of variables may have that name.
    let env = TestEnv::ready();
    let keeper = env.file("keeper", "sep=;\nAcme;wp;ann;p,1;https://a.example;;\n");
    env.call(&["import", &keeper, "--format", "keeper-csv"])
        .ok();
    assert_eq!(env.secret("Acme/wp"), "p,1");
    assert_eq!(import(&env, "sep=;\nOTHER=x\n")["format"], "dotenv");
}

#[test]
fn columns_may_have_german_names() {
    for (password, tags) in [
        ("Passwort", "Schlagw\u{f6}rter"),
        ("Kennwort", "Schlagwo\u{308}rter"),
    ] {
        let env = TestEnv::ready();
        let table = format!(
            "sep=;\r\nOrdner;Titel;Benutzername;E-Mail;{password};Webseite;Anmerkungen;{tags};Raum\r\n\
             Acme/Web;wp;ann;ann@a.example;\"p;1\";https://a.example;ein Text;eins, zwei;7\r\n"
        );
        let answer = import(&env, table);
        assert_eq!(
            (&answer["format"], &answer["added"]),
            (&"csv".into(), &1.into())
        );
        assert_eq!(paths(&env), ["Acme/Web/wp"]);
        assert_eq!(env.secret("Acme/Web/wp"), "p;1");
        let wp = show(&env, "Acme/Web/wp");
        assert_eq!(
            (&wp["username"], &wp["notes"]),
            (&"ann".into(), &"ein Text".into())
        );
        assert_eq!(wp["urls"], json!(["https://a.example"]));
        assert_eq!(wp["tags"], json!(["eins", "zwei"]));
        assert_eq!(wp["fields"]["E-Mail"], "ann@a.example");
        assert_eq!(field(&env, "Acme/Web/wp", "Raum"), "7");
    }
    let env = TestEnv::ready();
    let others = "Bezeichnung,Benutzer,Passwort,Adresse,Notizen,Gruppe\n\
        wp,ann,p,\"Hauptstr. 5, Bonn\",n,Acme\n";
    import(&env, others);
    let wp = show(&env, "Acme/wp");
    assert_eq!(
        (&wp["username"], &wp["notes"]),
        (&"ann".into(), &"n".into())
    );
    assert!(wp.to_string().contains("Hauptstr. 5, Bonn"), "{wp}");
}

#[test]
fn enpasss_rows_are_a_title_pairs_and_a_note() {
    const ROWS: &str = "\"A\",\"Username\",\"ann\",\"Password\",\"p,1\",\"URL\",\"https://a.example\",\"a note\"\n\
        \"B\",\"E-mail\",\"ben\",\"Password*\",\"q\",\"Door code\",\"77\",\"Website\",\"https://b.example\",\"\"\n\
        \"card\",\"Cardholder\",\"Ann\",\"Number\",\"4111\",\"CVC\",\"123\",\"\"\n\
        \"text\",\"only a note\"\n";
    let header = "\"Title\",\"Field\",\"Value\",\"Field\",\"Value\",.........,\"Note\"\n";
    for content in [ROWS.to_owned(), format!("{header}{ROWS}")] {
        let env = TestEnv::ready();
        let answer = import(&env, &content);
        assert_eq!(
            (&answer["format"], &answer["added"]),
            (&"enpass-csv".into(), &4.into())
        );
        let expected = [
            "a.example/A",
            "b.example/B",
            "imported/card",
            "imported/text",
        ];
        assert_eq!(paths(&env), expected);
        assert_eq!(env.secret("a.example/A"), "p,1");
        assert_eq!(show(&env, "a.example/A")["notes"], "a note");
        assert_eq!(env.secret("b.example/B"), "q");
        assert_eq!(show(&env, "b.example/B")["username"], "ben");
        assert_eq!(field(&env, "b.example/B", "Door code"), "77");
        assert_eq!(field(&env, "imported/card", "Number"), "4111");
        assert_eq!(show(&env, "imported/text")["notes"], "only a note");
        assert_eq!(import(&env, &content)["added"], 0);
        let file = env.file("named", &content);
        env.call(&["import", &file, "--format", "csv"])
            .fails(2)
            .says("Enpass")
            .hints("--format enpass-csv");
    }
}

#[test]
fn rows_that_are_exactly_the_same_are_one_entry_and_are_counted() {
    let env = TestEnv::ready();
    let rows = [
        "A,https://a.example,u,p,",
        "A,https://a.example,u,p2,",
        "A,https://a.example,u,p,",
    ];
    let more = [
        "A,https://a.example,u,p,",
        "B,https://a.example,u,p,",
        "A,https://a.example,u,p,note",
    ];
    let table = chrome(&[rows, more].concat());
    let file = env.file("export", &table);
    env.call(&["import", &file, "--dry-run"])
        .ok()
        .tells("a row above is exactly the same")
        .tells("4 would be added, 2 left out (2 identical to another row)");
    let answer = import(&env, &table);
    assert_eq!(
        (&answer["added"], &answer["skipped"], &answer["identical"]),
        (&4.into(), &2.into(), &2.into())
    );
    let expected = [
        "a.example/A",
        "a.example/A-2",
        "a.example/A-3",
        "a.example/B",
    ];
    assert_eq!(paths(&env), expected);
    assert_eq!(env.secret("a.example/A-2"), "p2");
    assert_eq!(import(&env, &table)["added"], 0);
    let file = env.file(
        "export",
        chrome(&["A,https://a.example,u,p3,", "A,https://a.example,u,p3,"]),
    );
    let answer = env
        .call(&["import", &file, "--update", "--json"])
        .ok()
        .json();
    assert_eq!(
        (&answer["updated"], &answer["identical"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn what_was_archived_is_no_client() {
    let env = TestEnv::ready();
    let head = "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\n";
    import(
        &env,
        format!("{head}one,,u,p,,false,true,,\nby tag,,u,p,,false,true,\"Acme;x\",\n"),
    );
    let item = json!({"state": "archived", "overview": {"title": "two", "tags": []},
        "details": {"loginFields": [], "password": "p"}});
    import(
        &env,
        json!({"accounts": [{"vaults": [{"items": [item]}]}]}).to_string(),
    );
    let item = json!({"type": 1, "name": "three", "archivedDate": "2024-01-01T00:00:00Z",
        "login": {"password": "p"}});
    import(
        &env,
        json!({"encrypted": false, "items": [item]}).to_string(),
    );
    import(
        &env,
        "title,username,password,tags\nfour,u,p,Archived/2020\nfive,u,p,\"trashed,Acme\"\n",
    );
    let expected = [
        "Acme/by tag",
        "Acme/five",
        "imported/four",
        "imported/one",
        "imported/three",
        "imported/two",
    ];
    assert_eq!(paths(&env), expected);
    for path in ["imported/one", "imported/two", "imported/three"] {
        assert_eq!(show(&env, path)["tags"], json!(["archived"]), "{path}");
    }
}
