//! Exports that other programs and other people wrote are read for what they hold, or refused with
//! the reason. `VAULT_FIXTURES` is the folder that has them; what each holds stands beside it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::env::TestEnv;

/// A credential, in the order: folder, secret, username, URL, notes.
type Row = [String; 5];

/// Which of those a format has, in that order.
type Has = [bool; 5];

const ALL: Has = [true; 5];
const NO_FOLDER: Has = [false, true, true, true, true];
const NO_NOTES: Has = [false, true, true, true, false];
const SECRETS: Has = [false, true, true, false, false];

pub(crate) fn fixture(name: &str) -> PathBuf {
    let folder = std::env::var_os("VAULT_FIXTURES").expect("VAULT_FIXTURES is unset");
    let path = PathBuf::from(folder).join(name);
    assert!(path.exists(), "no fixture {}", path.display());
    path
}

fn import(env: &TestEnv, name: &str, options: &[&str]) -> Value {
    let file = fixture(name);
    let call = [&["import", file.to_str().unwrap(), "--json"], options].concat();
    env.call(&call).ok().json()
}

/// The list of mappings in a YAML file of the simple kind that describes the fixtures.
fn expected(name: &str) -> Vec<Vec<(String, String)>> {
    let text = fs::read_to_string(fixture("pass-import-expected").join(name)).unwrap();
    let mut all: Vec<Vec<(String, String)>> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty() && *line != "---")
    {
        let (start, rest) = line.split_at(2);
        if let ("    ", Some(value)) = (&line[..4], all.last_mut().and_then(|row| row.last_mut())) {
            if !value.1.is_empty() {
                value.1.push('\n');
            }
            value.1.push_str(line.trim());
            continue;
        }
        if start == "- " {
            all.push(Vec::new());
        }
        let (key, value) = rest.split_once(": ").unwrap();
        let value = match value.as_bytes()[0] {
            b'"' => value.trim_matches('"').replace("\\\\", "\\"),
            b'\'' => value.trim_matches('\'').replace("''", "'"),
            b'|' => String::new(),
            _ => value.to_owned(),
        };
        all.last_mut().unwrap().push((key.to_owned(), value));
    }
    all
}

/// The fourteen credentials that most fixtures hold.
fn common() -> Vec<Row> {
    let get = |row: &[(String, String)], key: &str| {
        let found = row.iter().find(|(name, _)| name == key);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let rows = expected("main.yml");
    assert_eq!(rows.len(), 14);
    let keys = ["group", "password", "login", "url", "comments"];
    rows.iter()
        .map(|row| keys.map(|key| get(row, key)))
        .collect()
}

/// What is in the vault.
fn kept(env: &TestEnv) -> Vec<Row> {
    let list = env.call(&["list", "--json"]).ok().json();
    let paths = list
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["path"].as_str().unwrap());
    paths.map(|path| row(env, path)).collect()
}

fn row(env: &TestEnv, path: &str) -> Row {
    let shown = env.call(&["show", path, "--json"]).ok().json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let secret = match shown["has"]["secret"].as_bool() {
        Some(true) => env.secret(path),
        _ => String::new(),
    };
    let folder = path.rsplit_once('/').unwrap().0.to_owned();
    let (username, notes) = (text(&shown["username"]), text(&shown["notes"]));
    [folder, secret, username, text(&shown["urls"][0]), notes]
}

fn masked(mut rows: Vec<Row>, has: Has) -> Vec<Row> {
    for row in &mut rows {
        for (cell, has) in row.iter_mut().zip(has) {
            if !has {
                cell.clear();
            }
        }
    }
    rows.sort();
    rows
}

#[track_caller]
fn holds_the_common_ones(name: &str, options: &[&str], has: Has) {
    let env = TestEnv::ready();
    let answer = import(&env, name, options);
    assert_eq!(answer["added"], 14, "{name}: {answer}");
    assert_eq!(masked(kept(&env), has), masked(common(), has), "{name}");
    env.call(&["verify", "--full"]).ok();
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn browsers() {
    holds_the_common_ones("chrome-csv/pass-import__chrome.csv", &[], NO_FOLDER);
    holds_the_common_ones("chrome-csv/pass-import__chromesqlite.csv", &[], NO_NOTES);
    holds_the_common_ones("firefox-csv/pass-import__firefox.csv", &[], SECRETS);
    holds_the_common_ones(
        "firefox-csv/pass-import__ff-password-exporter.csv",
        &[],
        SECRETS,
    );
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn bitwarden() {
    for name in [
        "bitwarden.csv",
        "bitwarden-org.csv",
        "bitwarden.json",
        "bitwarden-org.json",
    ] {
        holds_the_common_ones(&format!("bitwarden/pass-import__{name}"), &[], ALL);
    }
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn bitwardens_cards_identities_fields_and_seeds() {
    let env = TestEnv::ready();
    assert_eq!(
        import(&env, "bitwarden/pass-import__bitwarden-other.json", &[])["added"],
        6
    );
    let field = |path: &str, name: &str| {
        let get = ["get", "-n", path, "--field", name];
        env.call(&get).ok().text().to_owned()
    };
    assert_eq!(field("Bank/aib", "totp"), "S3K3TPI5MYA2M67V");
    assert_eq!(field("imported/Visa Card", "number"), "4111111111111111");
    assert_eq!(field("imported/Visa Card", "code"), "492");
    assert_eq!(field("imported/John DOE", "address1"), "6 Rose street");
    assert_eq!(field("imported/John DOE", "middleName"), "Rober");
    let item = row(&env, "Emails/test-item");
    assert_eq!(item[1..3], ["password", "username"]);
    assert_eq!(
        field("Emails/test-item", "urls"),
        "https://test-uri-1\nhttps://test-uri-2"
    );
    assert_eq!(
        field("Emails/test-item", "my hidden field"),
        "another value"
    );
    assert_eq!(
        field("Emails/test-item", "a boolean field which is on"),
        "true"
    );
    // Too short to be a seed, and not lost for that.
    assert_eq!(field("Emails/test-item", "totp seed"), "1019");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn one_password() {
    holds_the_common_ones("1password/pass-import__1password.csv", &[], ALL);
    holds_the_common_ones("1password/pass-import__1password8.csv", &[], NO_FOLDER);
    holds_the_common_ones("1password/pass-import__1password4.csv", &[], NO_FOLDER);
    let named = ["--format", "1password-csv"];
    holds_the_common_ones("1password/pass-import__1password4.csv", &named, NO_FOLDER);
    for name in ["mac", "windows"] {
        let env = TestEnv::ready();
        let file = format!("1password/jslib__multipleItems.{name}.csv");
        assert_eq!(import(&env, &file, &[])["added"], 4);
        let account = row(&env, "Starter Kit/1Password Account");
        assert_eq!(
            account[1..3],
            ["the account's password", "email@bitwarden.com"]
        );
        assert_eq!(account[3], "https://my.1password.com");
    }
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn one_password_1pux() {
    let env = TestEnv::ready();
    let kinds = [
        "APICredentials",
        "CreditCard",
        "Emailfield",
        "LoginData",
        "SecureNote",
        "Server",
    ];
    for name in kinds {
        let file = format!("1password/1pux-json/jslib__{name}.export.data.json");
        assert_eq!(import(&env, &file, &[])["added"], 1, "{name}");
    }
    let login = row(&env, "fakesite.com/eToro");
    assert_eq!(
        login[1..4],
        [
            "password!",
            "username123123123@gmail.com",
            "https://www.fakesite.com"
        ]
    );
    for (number, secret) in [
        ("1", "123uio123oiu123uiopassword123123"),
        ("2", "123uio123oiu123uiopassword123"),
        ("3", "123uio123oiu123uiopassword"),
        ("4", "password!"),
    ] {
        let get = ["get", "-n", "fakesite.com/eToro", "--at-version", number];
        env.call(&get).ok().prints(secret);
    }
    assert_eq!(
        env.secret("Ts Test Vault/API Credential"),
        "apiapiapiapiapiapiappy"
    );
    assert_eq!(
        env.secret("Ts Test Vault/Super Cool Server"),
        "*&YHJI87yjy78u"
    );
    let number = [
        "get",
        "-n",
        "Ts Test Vault/Parents Credit Card",
        "--field",
        "number",
    ];
    env.call(&number).ok().prints("6011111111111117");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn lastpass() {
    holds_the_common_ones("lastpass/pass-import__lastpass.csv", &[], ALL);
    let env = TestEnv::ready();
    let names = [
        "01-should-parse-expiration-date",
        "02-should-parse-blank-card-note",
        "03-should-parse-card-expiration-date-w-no-exp-year",
        "04-should-parse-card-expiration-date-w-no-month",
    ];
    for name in names {
        import(&env, &format!("lastpass/jslib__{name}.csv"), &[]);
    }
    let get = |path: &str, name: &str, value: &str| {
        env.call(&["get", "-n", path, "--field", name])
            .ok()
            .prints(value);
    };
    get("imported/Credit-card", "Number", "1234567812345678");
    get("imported/Credit-card", "Security Code", "123");
    get("imported/Credit-card", "Expiration Date", "June,2020");
    get("imported/Credit-card", "notes", "some text");
    get("imported/noyear", "Expiration Date", "January,");
    get("imported/nomonth", "Number", "8765432112345678");
    env.call(&["get", "imported/empty", "--field", "Number"])
        .fails(3);
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn keepass() {
    holds_the_common_ones("keepass/pass-import__keepass.csv", &[], NO_FOLDER);
    holds_the_common_ones("keepass/pass-import__keepassx2.csv", &[], ALL);
    holds_the_common_ones("keepass/pass-import__keepass.xml", &[], ALL);
    holds_the_common_ones("keepass/pass-import__keepassx.xml", &[], ALL);
    let env = TestEnv::ready();
    let answer = import(&env, "keepass/keepassxc__NewDatabase.xml", &[]);
    assert_eq!(
        (&answer["added"], &answer["skipped"]),
        (&3.into(), &1.into())
    );
    let sample = row(&env, "a b c/Sample Entry 1");
    assert_eq!(sample[1..], ["Password", "User Name", "", "Notes"]);
    let show = env
        .call(&["show", "a b c/Sample Entry 1", "--json"])
        .ok()
        .json();
    assert_eq!(show["attachments"][0]["name"], "myattach.txt");
    assert_eq!(show["created"], "2010-08-25T16:13:54Z");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn broken_files_of_keepass_give_what_is_in_them_or_a_reason() {
    for (name, added) in [
        ("BrokenDeletedObjects", 1),
        ("BrokenGroupReference", 1),
        ("BrokenNoEntryUuid", 1),
    ] {
        let env = TestEnv::ready();
        let answer = import(&env, &format!("keepass/keepassxc__{name}.xml"), &[]);
        assert_eq!(answer["added"], added, "{name}");
    }
    for name in ["BrokenNoGroupUuid", "BrokenTwoRootGroups", "BrokenTwoRoots"] {
        refuses(&format!("keepass/keepassxc__{name}.xml"), 2, "no entry");
    }
    // An entry that never held anything is told as one.
    let empty = "keepass/keepassxc__BrokenDifferentEntryHistoryUuid.xml";
    refuses(empty, 2, "no row");
    refuses("keepass/keepassxc__BrokenNoRootGroup.xml", 2, "no group");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn apple_and_proton() {
    let env = TestEnv::ready();
    import(&env, "apple/jslib__simplePasswordData.csv", &[]);
    let login = row(&env, "example.com/example_user");
    assert_eq!(login[1..3], ["example_p@ssword", "example_user"]);
    assert_eq!(login[4], "Example note\nMore notes on new line");
    let totp = ["get", "-n", "example.com/example_user", "--field", "totp"];
    env.call(&totp)
        .ok()
        .prints("otpauth://totp/test?secret=examplesecret");
    let old = import(&env, "apple/jslib__oldSimplePasswordData.csv", &["--skip"]);
    assert_eq!(old["skipped"], 1);

    assert_eq!(
        import(&env, "protonpass/proton__protonpass.csv", &[])["added"],
        5
    );
    let login = row(&env, "example.com/login title");
    assert_eq!(
        login[1..],
        ["password123", "john", "https://example.com/", "login note"]
    );
    let number = [
        "get",
        "-n",
        "Second vault/credit card title",
        "--field",
        "number",
    ];
    env.call(&number).ok().prints("4242424242424242");
    let hidden = [
        "get",
        "-n",
        "imported/identity-title",
        "--field",
        "hidden-section",
    ];
    env.call(&hidden).ok().prints(":hidden-value:");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn dotenv() {
    let env = TestEnv::ready();
    for (name, client) in [
        ("plain", "plain"),
        ("quoted", "quoted"),
        ("exported", "exported"),
        ("yaml", "yaml"),
        ("bom", "bom"),
    ] {
        import(
            &env,
            &format!("dotenv/bkeepers__{name}.env"),
            &["--client", client],
        );
    }
    for (path, value) in [
        ("plain/OPTION_C", "3"),
        ("plain/OPTION_D", "4"),
        ("plain/OPTION_E", "5"),
        ("quoted/OPTION_D", "\\n"),
        ("quoted/OPTION_E", "1"),
        ("quoted/OPTION_H", "\n"),
        ("exported/OPTION_B", "\\n"),
        ("yaml/OPTION_A", "1"),
        ("yaml/OPTION_B", "2"),
        ("bom/BOM", "UTF-8"),
    ] {
        assert_eq!(env.secret(path), value, "{path}");
    }
    for name in [
        "env",
        "env.development",
        "env.development.local",
        "env.local",
        "env.test",
    ] {
        import(
            &env,
            &format!("dotenv/bkeepers__{name}"),
            &["--client", "more"],
        );
    }
    import(
        &env,
        "dotenv/bkeepers__important.env",
        &["--client", "more"],
    );
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn other_managers() {
    for (name, has) in [
        ("nordpass", ALL),
        ("roboform", ALL),
        ("enpass", NO_FOLDER),
        ("padlock", NO_FOLDER),
        ("safeincloud", NO_FOLDER),
        ("saferpass", NO_FOLDER),
        ("synology", NO_FOLDER),
        ("myki", NO_FOLDER),
        ("encryptr", NO_FOLDER),
        ("gorilla", NO_FOLDER),
        ("passpack", NO_FOLDER),
        ("buttercup", NO_FOLDER),
        ("passman", SECRETS),
    ] {
        holds_the_common_ones(&format!("other-managers/pass-import__{name}.csv"), &[], has);
    }
    let keeper = "other-managers/pass-import__keeper.csv";
    holds_the_common_ones(keeper, &["--format", "keeper-csv"], ALL);
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn files_whose_values_are_easily_lost() {
    let env = TestEnv::ready();
    let field = |path: &str, name: &str| {
        let get = ["get", "-n", path, "--field", name];
        env.call(&get).ok().text().to_owned()
    };
    import(&env, "trials/two-columns-for-one-place.csv", &[]);
    assert_eq!(env.secret("a.example/N1"), "p1");
    for (name, value) in [
        ("title", "T1"),
        ("account", "A1"),
        ("pwd", "p2"),
        ("totp", "JBSWY3DPEHPK3PXP"),
        ("totp field", "JBSWY3DPEHPK3PXQ"),
    ] {
        assert_eq!(field("a.example/N1", name), value);
    }
    import(&env, "trials/keepass1-backslash.csv", &[]);
    assert_eq!(env.secret("m.example/Mail"), "a\\b\"c");
    assert_eq!(field("m.example/Mail", "notes"), "say \"hi\" \\ twice");
    import(&env, "trials/lastpass-pem.csv", &[]);
    let key = field("Work/deploy", "Private Key");
    assert!(key.starts_with("-----BEGIN") && key.ends_with("PRIVATE KEY-----"));
    assert!(
        key.contains("\nDEK-Info: AES-128-CBC,6541AA\n\nabcd\n"),
        "{key}"
    );
    assert_eq!(env.secret("Work/deploy"), "foo:bar");
    assert_eq!(field("Work/card", "notes"), "1234");
    refuses("trials/unclosed-quote.csv", 2, "row 2: ");
    import(&env, "trials/comments.env", &["--client", "env"]);
    assert_eq!(env.secret("env/B"), "v");
    assert_eq!(env.secret("env/C"), "#FF0000");
}

#[track_caller]
fn refuses(name: &str, code: i32, says: &str) {
    let env = TestEnv::ready();
    let file = fixture(name);
    let call = ["import", file.to_str().unwrap()];
    env.call(&call).fails(code).says(says);
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn what_is_encrypted_or_something_else_is_refused_with_the_reason() {
    refuses(
        "bitwarden/jslib__passwordProtected.json",
        6,
        "encrypted export",
    );
    refuses(
        "other-managers/pass-import__padlock.json",
        6,
        "sealed container",
    );
    refuses("1password/pass-import__1password.1pif", 2, "1PIF");
    refuses("apple/pass-import__apple-keychain.txt", 2, "keychain");
    refuses("apple/pass-import__apple-keychain-note.txt", 2, "keychain");
    refuses("other-managers/pass-import__clipperz.html", 2, "web page");
    for name in [
        "aegis__aegis_plain.json",
        "pass-import__aegis.json",
        "pass-import__freeotp.json",
    ] {
        refuses(&format!("otp/{name}"), 2, "authenticator app");
    }
    for name in ["keeper.csv", "upm.csv", "zoho.csv", "zoho.vault.csv"] {
        refuses(
            &format!("other-managers/pass-import__{name}"),
            2,
            "no header that is known",
        );
    }
    for name in [
        "fpm.xml",
        "pwsafe.xml",
        "revelation.xml",
        "revelation-other.xml",
    ] {
        refuses(
            &format!("other-managers/pass-import__{name}"),
            2,
            "XML of no kind",
        );
    }
    for name in ["blur.json", "dashlane.json", "passman.json"] {
        refuses(
            &format!("other-managers/pass-import__{name}"),
            2,
            "JSON of no kind",
        );
    }
    refuses(
        "other-managers/pass-import__dashlane.csv",
        2,
        "no kind that is known",
    );
    refuses(
        "other-managers/pass-import__passpie.yml",
        2,
        "no kind that is known",
    );
    refuses("naughty-strings/blns.json", 2, "JSON of no kind");
    refuses("bitwarden/jslib__empty.json", 2, "no entry");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn databases_of_keepass_itself() {
    let env = TestEnv::ready();
    let password = env.file("db-password", "correct horse battery staple");
    let options = ["--source-password-file", &password];
    let answer = import(&env, "keepass/pass-import__keepass.kdbx", &options);
    assert_eq!(answer["added"], 18);
    let rows = kept(&env);
    let all: Vec<Row> = rows.into_iter().filter(|row| row[0] != "TOTP").collect();
    // This one writes quotation marks where the others have apostrophes, and has a URL in a note.
    let secrets = |rows: Vec<Row>| -> Vec<String> {
        rows.into_iter()
            .map(|row| format!("{} {}", row[0], row[2]))
            .collect()
    };
    let (mut found, mut expected) = (secrets(all), secrets(common()));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let field = |path: &str, name: &str| {
        let get = ["get", "-n", path, "--field", name];
        env.call(&get).ok().text().to_owned()
    };
    assert_eq!(env.secret("TOTP/KeePass 2.47"), "ohMif6ee");
    assert_eq!(field("TOTP/KeePass 2.47", "totp"), "JBSWY3DPEHPK3PXP");
    assert_eq!(
        field("TOTP/Tray TOTP", "totp").replace(' ', ""),
        "giqavhvnaswlozlj457dpdsoz5tcnhov"
    );
    assert!(
        field("TOTP/KeeWeb", "totp")
            .contains("vvtvjpfe6hlcoyo3dwdd3cse6xwtlwl4rmjuu3pqyc7x236jtmuvavwe")
    );
    assert_eq!(
        field("TOTP/KeeTrayTOTP - Steam", "totp"),
        "steam://JBSWY3DPEHPK3PXP"
    );
    let aib = env.call(&["show", "Bank/aib", "--json"]).ok().json();
    assert_eq!(aib["attachments"].as_array().unwrap().len(), 2, "{aib}");

    let password = env.file("db-password", "a");
    let answer = import(
        &env,
        "keepass/keepassxc__NewDatabase.kdbx",
        &["--source-password-file", &password],
    );
    assert_eq!(answer["added"], 2);
    assert_eq!(
        env.secret("Homebanking/Subgroup/Subgroup Entry"),
        "SecurePassword"
    );
    assert_eq!(row(&env, "somesite.com/Sample Entry")[2], "User Name");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn seeds_and_references_of_keepass_are_used_or_told() {
    let env = TestEnv::ready();
    import(&env, "trials/keepass-seeds.xml", &[]);
    let code = env.call(&["code", "imported/steam"]).ok();
    assert_eq!(code.text().trim().len(), 5);
    let env = TestEnv::ready();
    let answer = import(&env, "trials/keepass-reference.xml", &["--client", "db"]);
    for entry in ["T1 co", "T2", "T3", "T4", "T5", "T8", "T9", "T10"] {
        env.call(&["code", &format!("db/{entry}")]).ok();
    }
    assert_eq!(env.secret("db/Ref"), env.secret("db/T1 co"));
    assert_eq!(env.secret("db/Ref"), "a<b&c\nd");
    let told = answer["refused"].as_array().unwrap().iter();
    let told: Vec<_> = told.map(|note| note["row"].as_u64().unwrap()).collect();
    assert_eq!(told, [6, 7], "{answer}");
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn urls_and_folders_of_proton_pass_count() {
    let env = TestEnv::ready();
    import(&env, "trials/protonpass-autofill-urls.json", &[]);
    let show = |path: &str| env.call(&["show", path, "--json"]).ok().json();
    let host = show("Clients/Acme/Host");
    assert_eq!(
        host["urls"],
        serde_json::json!(["https://shop.acme.example"])
    );
    let two = show("Clients/Two");
    assert_eq!(
        two["urls"],
        serde_json::json!(["https://a.example", "https://b.example"])
    );
}
