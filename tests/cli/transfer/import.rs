//! `vault import`: where entries go, what happens when something is there, what is told.

use std::fs;

use serde_json::Value;

use crate::support::env::{TestEnv, has_keys};

/// What Chrome exports, with these rows.
pub(crate) fn chrome(rows: &[&str]) -> String {
    format!("name,url,username,password,note\n{}\n", rows.join("\n"))
}

/// Imports a file of this content and gives the JSON answer.
pub(crate) fn import(env: &TestEnv, content: impl AsRef<[u8]>) -> Value {
    let file = env.file("export", content);
    env.call(&["import", &file, "--json"]).ok().json()
}

/// The paths of all entries.
pub(crate) fn paths(env: &TestEnv) -> Vec<String> {
    let list = env.call(&["list", "--json"]).ok().json();
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry["path"].as_str().unwrap().to_owned())
        .collect()
}

/// What `show --json` says of an entry.
pub(crate) fn show(env: &TestEnv, path: &str) -> Value {
    env.call(&["show", path, "--json"]).ok().json()
}

/// A field of an entry, hidden or not.
pub(crate) fn field(env: &TestEnv, path: &str, name: &str) -> String {
    let get = ["get", "-n", path, "--field", name];
    env.call(&get).ok().text().to_owned()
}

const TWO: [&str; 2] = [
    "Shop,https://www.acme.example/login,ann,one,",
    "Blog,https://blog.acme.example,ben,two,a note",
];

#[test]
fn an_entry_goes_to_the_client_that_its_domain_names() {
    let env = TestEnv::ready();
    let answer = import(&env, chrome(&TWO));
    has_keys(
        &answer,
        &["read", "added", "updated", "skipped", "refused", "clients"],
    );
    assert_eq!(answer["added"], 2);
    assert_eq!(answer["clients"], serde_json::json!(["acme.example"]));
    assert_eq!(paths(&env), ["acme.example/Blog", "acme.example/Shop"]);
    assert_eq!(env.secret("acme.example/Shop"), "one");
    let blog = show(&env, "acme.example/Blog");
    assert_eq!(blog["username"], "ben");
    assert_eq!(blog["urls"][0], "https://blog.acme.example");
    assert_eq!(blog["notes"], "a note");
}

#[test]
fn a_script_is_given_the_warnings_that_people_see() {
    let env = TestEnv::ready();
    let answer = import(&env, chrome(&TWO));
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains("holds every secret in plain text"),
        "{answer}"
    );
    assert!(warnings.contains("the browser still has them"), "{answer}");
    let other = TestEnv::ready();
    let file = other.file("export", chrome(&TWO));
    let told = other.call(&["import", &file]).ok();
    told.tells("holds every secret in plain text")
        .tells("the browser still has them");
    let plan = other.call(&["import", &file, "--dry-run", "--json"]).ok();
    assert_eq!(plan.json()["warnings"], serde_json::json!([]));
}

#[test]
fn all_of_it_goes_to_the_client_that_is_named() {
    let env = TestEnv::ready();
    let file = env.file("export", chrome(&TWO));
    env.call(&["import", &file, "--client", "acme"]).ok();
    assert_eq!(paths(&env), ["acme/Blog", "acme/Shop"]);
}

#[test]
fn a_client_that_looks_the_same_is_taken_and_not_made_again() {
    let env = TestEnv::with(&[("acme.example/old", "x")]);
    env.call(&["add", "Ghost/x"]).stdin("x").ok();
    import(
        &env,
        chrome(&["New,https://ACME.example,u,p,", "Ghost,https://ghost,u,p,"]),
    );
    assert_eq!(
        paths(&env),
        ["Ghost/u", "Ghost/x", "acme.example/New", "acme.example/old"]
    );
}

#[test]
fn rows_with_no_password_are_named() {
    let env = TestEnv::ready();
    let rows = [
        "Shop,https://acme.example,u,,",
        "Blog,https://acme.example,u,p,",
    ];
    let file = env.file("export", chrome(&rows));
    let read = env.call(&["import", &file]).ok();
    read.tells("2 added")
        .tells("with no password in the file: acme.example/Shop\n");
    let again = env.call(&["import", &file]).ok();
    again.tells("0 added").hides("with no password");
}

#[test]
fn a_dry_run_shows_the_plan_and_changes_nothing() {
    let env = TestEnv::with(&[("acme.example/Shop", "mine")]);
    let file = env.file("export", chrome(&TWO));
    let before = env.snapshot();
    let plan = env.call(&["import", &file, "--dry-run"]).ok();
    plan.prints("2  add  acme.example/Shop-2\n3  add  acme.example/Blog\n");
    plan.tells("dry run").hides("one").hides("two");
    assert_eq!(before, env.snapshot());
    let json = env
        .call(&["import", &file, "--dry-run", "--json"])
        .ok()
        .json();
    assert_eq!(json["plan"][0]["path"], "acme.example/Shop-2");
    assert_eq!(json["dry_run"], true);
    assert_eq!(before, env.snapshot());
}

#[test]
fn nothing_is_overwritten_a_name_that_is_taken_gets_a_number() {
    let env = TestEnv::with(&[("acme.example/Shop", "mine")]);
    import(&env, chrome(&TWO));
    assert_eq!(env.secret("acme.example/Shop"), "mine");
    assert_eq!(env.secret("acme.example/Shop-2"), "one");
}

#[test]
fn names_that_look_alike_are_kept_apart() {
    let env = TestEnv::ready();
    let rows = [
        "Shop,https://a.example,u1,p1,",
        "SHOP,https://a.example,u2,p2,",
        "Shop,https://a.example,u3,p3,",
    ];
    import(&env, chrome(&rows));
    assert_eq!(
        paths(&env),
        ["a.example/SHOP-2", "a.example/Shop", "a.example/Shop-3"]
    );
}

#[test]
fn importing_the_same_file_twice_changes_nothing_the_second_time() {
    let env = TestEnv::ready();
    let rows = [
        "X,https://a.example,u,one,",
        "X,https://a.example,u,two,",
        TWO[1],
    ];
    import(&env, chrome(&rows));
    let before = env.generation();
    let again = import(&env, chrome(&rows));
    assert_eq!((&again["added"], &again["skipped"]), (&0.into(), &3.into()));
    assert_eq!(env.generation(), before, "nothing was written");
    assert_eq!(paths(&env).len(), 3);
}

#[test]
fn skip_leaves_out_what_is_there() {
    let env = TestEnv::ready();
    import(&env, chrome(&TWO));
    let newer = env.file(
        "newer",
        chrome(&[
            "Shop,https://www.acme.example/login,ann,newer,",
            "C,https://c.example,u,p,",
        ]),
    );
    let answer = env
        .call(&["import", &newer, "--skip", "--json"])
        .ok()
        .json();
    assert_eq!(
        (&answer["added"], &answer["skipped"]),
        (&1.into(), &1.into())
    );
    assert_eq!(env.secret("acme.example/Shop"), "one");
    assert_eq!(answer["skipped_rows"][0]["row"], 2);
}

#[test]
fn update_makes_a_new_version_and_keeps_the_old() {
    let env = TestEnv::ready();
    import(&env, chrome(&TWO));
    let newer = env.file(
        "newer",
        chrome(&["Shop,https://new.acme.example,ann,newer,", TWO[1]]),
    );
    let answer = env
        .call(&["import", &newer, "--update", "--json"])
        .ok()
        .json();
    assert_eq!(
        (&answer["updated"], &answer["skipped"]),
        (&1.into(), &1.into())
    );
    assert_eq!(env.secret("acme.example/Shop"), "newer");
    let first = ["get", "-n", "acme.example/Shop", "--at-version", "1"];
    env.call(&first).ok().prints("one");
    assert_eq!(paths(&env).len(), 2);
    assert_eq!(
        show(&env, "acme.example/Shop")["urls"][0],
        "https://new.acme.example"
    );
}

#[test]
fn update_matches_accounts_of_one_name_by_their_usernames() {
    let env = TestEnv::ready();
    import(
        &env,
        chrome(&["X,https://a.example,ann,1,", "X,https://a.example,ben,2,"]),
    );
    let swapped = env.file(
        "swapped",
        chrome(&["X,https://a.example,ben,22,", "X,https://a.example,cem,33,"]),
    );
    env.call(&["import", &swapped, "--update"]).ok();
    assert_eq!(env.secret("a.example/X"), "1");
    assert_eq!(env.secret("a.example/X-2"), "22");
    assert_eq!(env.secret("a.example/X-3"), "33");
}

#[test]
fn an_entry_whose_rotation_is_pending_is_not_updated() {
    let env = TestEnv::ready();
    import(&env, chrome(&TWO));
    env.call(&["rotate", "acme.example/Shop", "--begin", "--generate"])
        .ok();
    let newer = env.file(
        "newer",
        chrome(&["Shop,https://www.acme.example/login,ann,newer,"]),
    );
    let answer = env.call(&["import", &newer, "--update"]).ok();
    answer.tells("a rotation of it is pending").hides("newer,");
    assert_eq!(env.secret("acme.example/Shop"), "one");
}

#[test]
fn a_title_becomes_a_name_and_is_kept_where_it_had_to_change() {
    let env = TestEnv::ready();
    let long = "x".repeat(100);
    let rows = [
        "A/B: \u{202e}admin\u{1f511},https://a.example,u,1,",
        "../../etc/passwd,https://a.example,u,2,",
        "-rf,https://a.example,u,3,",
        &format!("{long},https://a.example,u,4,"),
        "https://a.example/x/,https://b.example,u,5,",
        ",https://a.example,u,6,",
        "\u{1f511},,,7,",
    ];
    import(&env, chrome(&rows));
    assert_eq!(
        paths(&env),
        [
            "a.example/A-B- admin",
            "a.example/etc-passwd",
            "a.example/rf",
            "a.example/u",
            &format!("a.example/{}", "x".repeat(64)),
            "b.example/a.example-x",
            "imported/untitled",
        ]
    );
    assert_eq!(field(&env, "a.example/rf", "title"), "-rf");
    assert_eq!(
        field(&env, &format!("a.example/{}", "x".repeat(64)), "title"),
        long
    );
}

#[test]
fn a_row_that_cannot_be_kept_is_told_by_number_and_reason_and_without_its_content() {
    let env = TestEnv::ready();
    let huge = "s3cret".repeat(200_000);
    let rows = [
        TWO[0],
        "Bad,https://a.example,u,hunter2,note,one too many",
        &format!("Huge,https://a.example,u,{huge},"),
        "Nul,https://a.example,u,hun\0ter2,",
    ];
    let file = env.file("export", chrome(&rows));
    let told = env.call(&["import", &file, "--format", "chrome-csv"]).ok();
    told.tells("row 3 not kept: it has 6 cells, the header has 5");
    told.tells("row 4 not kept: secret has 1200000 bytes");
    told.tells("row 5 not kept: secret holds a NUL byte");
    told.hides("hunter2").hides("s3cret").hides("ter2");
    assert_eq!(paths(&env), ["acme.example/Shop"]);
}

#[test]
fn afterwards_it_reminds_to_delete_the_file_and_the_browsers_copy() {
    let env = TestEnv::ready();
    let file = env.file("export.csv", chrome(&TWO));
    let told = env.call(&["import", &file]).ok();
    told.tells("export.csv still holds every secret in plain text");
    told.tells("the browser still has them too");
    assert!(fs::exists(&file).unwrap(), "it is not deleted for them");
}

#[test]
fn the_log_has_counts_and_no_names() {
    let env = TestEnv::ready();
    import(&env, chrome(&TWO));
    let log = env.call(&["log", "--json"]).ok().json();
    let event = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(event["action"], "import");
    assert_eq!(event["detail"]["added"], 2);
    assert_eq!(event["detail"]["format"], "chrome-csv");
    assert!(!event.to_string().contains("Shop"), "{event}");
    env.call(&["log", "--client", "acme.example"])
        .ok()
        .shows("import");
}

#[test]
fn a_vault_with_imported_entries_is_whole() {
    let env = TestEnv::ready();
    import(&env, chrome(&TWO));
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_file_can_be_piped_in_behind_the_password() {
    let env = TestEnv::ready();
    let piped = format!("{}\n{}", crate::support::env::PASSWORD, chrome(&TWO));
    let call = ["import", "-", "--password-fd", "0"];
    env.call(&call).no_password().stdin(piped).ok();
    assert_eq!(paths(&env).len(), 2);
}

#[test]
fn what_is_no_export_is_refused_before_the_password_is_asked() {
    let env = TestEnv::ready();
    let refused = |content: &[u8], code, says: &str, hints: &str| {
        let file = env.file("x", content);
        let failure = env.call(&["import", &file]).no_password().fails(code);
        failure.says(says).hints(hints).hides("hunter2");
    };
    refused(b"", 2, "empty", "export again");
    refused(b"dear diary, hunter2\n", 2, "2 columns", "header");
    refused(b"hunter2\n", 2, "no kind that is known", "--help");
    refused(b"<html><body>hunter2", 2, "web page", "CSV");
    refused(
        b"{\"hunter2\":",
        2,
        "malformed JSON at line 1",
        "export it again",
    );
    refused(b"{\"hunter2\":1}", 2, "JSON of no kind", "CSV");
    refused(b"SQLite format 3\0hunter2", 2, "database", "browser");
    refused(b"\x7fELF\0hunter2", 2, "not text", "CSV");
    refused(b"a,b\n\xffhunter2", 2, "not UTF-8", "UTF-8");
    refused(b"\xff\xfea\0,\0", 2, "UTF-16", "iconv");
    refused(b"age-encryption.org/v1\n", 6, "age file", "age -d");
    refused(
        b"-----BEGIN PGP MESSAGE-----\n",
        6,
        "PGP",
        "without a passphrase",
    );
    refused(b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5", 6, "KeePass 1", "XML");
    refused(
        b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5",
        9,
        "password of the database",
        "--source-password-file",
    );
    env.call(&["import", "nowhere.csv"])
        .fails(2)
        .says("nowhere.csv");
    let folder = env.work();
    env.call(&["import", folder.to_str().unwrap()]).fails(2);
}

#[test]
fn a_format_that_is_named_is_the_one_that_is_read() {
    let env = TestEnv::ready();
    let file = env.file("export", chrome(&TWO));
    let wrong = env
        .call(&["import", &file, "--format", "lastpass-csv"])
        .fails(2);
    wrong.says("no lastpass-csv").hints("grouping");
    let unknown = env
        .call(&["import", &file, "--format", "keychain"])
        .fails(2);
    unknown.says("chrome-csv").says("keepass-xml");
    env.call(&["import", &file, "--format", "auto"]).ok();
}
