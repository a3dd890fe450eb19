//! What people type by habit from other tools: their words are answered with ours, and a secret
//! on the command line is never repeated.

use crate::support::env::TestEnv;

#[test]
fn a_word_of_another_tool_is_answered_with_ours() {
    let env = TestEnv::new();
    for (word, ours) in [
        ("insert", "vault add"),
        ("set", "vault add"),
        ("create", "vault add"),
        ("new", "vault add"),
        ("delete", "vault rm"),
        ("remove", "vault rm"),
        ("del", "vault rm"),
        ("copy", "vault get --clip"),
        ("cat", "vault get"),
        ("read", "vault get"),
        ("pass", "vault get"),
        ("clip", "vault get --clip"),
        ("view", "vault show"),
        ("rename", "vault mv"),
        ("search", "vault find"),
        ("grep", "vault find"),
        ("version", "vault --version"),
        ("login", "vault unlock"),
        ("signin", "vault unlock"),
        ("exit", "vault lock"),
        ("whoami", "vault id"),
        ("vault", "vault client"),
        ("group", "vault contact"),
        ("document", "vault attach"),
        ("fscopy", "vault attach"),
        ("attachment-export", "vault get"),
        ("otp", "vault code"),
        ("process", "vault inject"),
        ("plugin", "vault run"),
        ("db-create", "vault init"),
        ("db-info", "vault status"),
        ("completion", "vault completions"),
        ("recipients", "vault recipient"),
        ("convert", "vault import"),
        ("send", "vault share"),
        ("lst", "vault list"),
        ("statsu", "vault status"),
    ] {
        let refused = env.call(&[word, "acme/wp"]).fails(2);
        refused
            .says(&format!("vault has no `{word}`"))
            .hints(&format!("did you mean: {ours}"));
    }
    env.call(&["client", "delete", "acme"])
        .fails(2)
        .says("vault client has no `delete`")
        .hints("vault client rm");
    env.call(&["help", "insert"]).fails(2).hints("vault add");
    // What only looks a little like a command is not taken for it.
    let refused = env.call(&["notexist"]).fails(2);
    refused
        .hides("attest")
        .hints("vault help lists the commands");
}

#[test]
fn a_path_alone_is_answered_with_get() {
    let env = TestEnv::new();
    env.call(&["acme/wp"]).fails(2).hints("vault get acme/wp");
}

#[test]
fn what_is_missing_is_named() {
    let env = TestEnv::new();
    env.call(&["attest"])
        .fails(2)
        .says("vault: SHARE is missing\n")
        .hints("usage: vault attest");
    env.call(&["attach"])
        .fails(2)
        .says("vault: ENTRY and FILE are missing\n")
        .hints("vault attach acme/server deploy.pem");
    env.call(&["share", "acme/wp"])
        .fails(2)
        .says("vault: --to CONTACT is missing\n")
        .hints("vault share acme/wordpress --to bob");
}

#[test]
fn in_json_the_hint_is_there_too() {
    let error = TestEnv::new().call(&["insert", "--json"]).fails(2).json();
    assert_eq!(error["code"], "usage");
    assert_eq!(error["hint"], "did you mean: vault add");
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let env = TestEnv::new();
    let lines: [&[&str]; 16] = [
        &["add", "acme/wp", "-p", "hunter2"],
        &["add", "acme/wp", "-phunter2"],
        &["add", "acme/wp", "--password", "hunter2"],
        &["add", "acme/wp", "--password=hunter2"],
        &["add", "acme/wp", "--secret", "hunter2"],
        &["add", "acme/wp", "--secret=hunter2"],
        &["--password=hunter2", "list"],
        &["-p", "hunter2", "list"],
        &["init", "--master-password", "hunter2"],
        &["edit", "acme/wp", "--secret", "hunter2"],
        &["edit", "acme/wp", "--secret=hunter2"],
        &["edit", "acme/wp", "--totp=hunter2"],
        &["add", "acme/wp", "--totp", "hunter2"],
        &["add", "acme/wp", "--nosuch=hunter2"],
        &["add", "acme/wp", "--hunter2!"],
        &["rotate", "acme/wp", "hunter2"],
    ];
    for line in lines {
        let refused = env.call(line).fails(2);
        refused.hides("hunter2");
        if !line.concat().contains("nosuch") {
            refused.hints("a secret is never an argument");
        }
    }
}

#[test]
fn a_bad_value_beside_a_secret_option_is_not_repeated() {
    let env = TestEnv::new();
    for line in [
        ["add", "acme/wp", "--secret-field", "pin=hunter2"],
        ["add", "acme/wp", "--secret-field=pin:hunter2", "-q"],
        ["list", "--quiet", "--password-fd", "hunter2"],
    ] {
        env.call(&line).fails(2).hides("hunter2");
    }
}

#[test]
fn one_argument_too_many_is_answered_with_the_option_that_was_meant() {
    let env = TestEnv::new();
    for (args, hint) in [
        ("list acme globex", "one client at a time"),
        ("find wordpress acme", "vault find 'my site'"),
        ("log acme globex", "one entry, client or contact at a time"),
        ("export acme", "--client acme"),
        ("get acme/wp username", "--field username"),
        ("show acme/wp acme/db", "one entry at a time"),
        ("backup usb", "vault backup --to DIR"),
        ("generate 32", "-l 32"),
        ("inject t.tpl", "-i FILE"),
        ("shares list acme x", "vault shares list --help"),
        ("status acme", "vault status --help"),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let failed = env.call(&args).fails(2);
        failed.hints(hint).hides("secret");
    }
    // Where a secret is read, it may be one.
    for args in [
        "add acme/wp hunter2",
        "rotate acme/wp hunter2",
        "edit acme/wp hunter2",
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let failed = env.call(&args).fails(2);
        failed.says("in case it is a secret").hides("hunter2");
    }
}

#[test]
fn an_option_that_is_not_there_is_no_other_one() {
    let env = TestEnv::new();
    for (args, hint) in [
        ("client show --client acme", "vault client show "),
        ("history --entry acme/wp", "vault history ENTRY"),
        ("find --entry acme x", "vault find --help"),
        ("shares --entry acme/wp", "vault shares CLIENT/NAME"),
        ("log --device laptop", "--by DEVICE"),
        ("list --jsn", "did you mean --json?"),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        env.call(&args).fails(2).hints(hint).hides("--identity");
    }
}

#[test]
fn a_word_for_which_there_is_no_command_is_answered_with_what_does_it_here() {
    let env = TestEnv::new();
    for (line, hint) in [
        ("git push", "vault sync --remote URL"),
        ("clone URL", "vault backup --to DIR"),
        ("mounts add x", "vault backup --to DIR"),
        ("item get acme/wp", "vault get ENTRY"),
        ("item create", "vault add ENTRY"),
        ("items", "vault list"),
        ("mkdir acme", "vault add CLIENT/FOLDER/NAME"),
        ("rmdir acme", "vault rm CLIENT/FOLDER/"),
        ("unclip", "--clear-after"),
        ("diceware", "vault generate --words 6"),
        ("analyze x.kdbx", "vault audit"),
        ("estimate", "vault audit"),
        ("attachment-rm acme/wp f", "vault detach ENTRY NAME"),
        ("share --to bob", "vault share acme/wordpress --to bob"),
        ("share acme/wp", "vault consent list"),
        ("find", "vault find WORD"),
        ("generate acme/wp 20", "vault add ENTRY --generate"),
        ("import bitwardencsv x.csv", "--format bitwarden-csv"),
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        env.call(&args).fails(2).hints(hint);
    }
}

#[test]
fn an_option_of_another_tool_is_answered_with_ours() {
    let env = TestEnv::new();
    for (line, hint) in [
        ("show -c acme/wp", "vault get ENTRY --clip"),
        ("show -s acme/wp", "vault get ENTRY"),
        ("show -a Password acme/wp", "vault get ENTRY --field NAME"),
        ("show --all acme/wp", "vault get ENTRY"),
        ("show -t acme/wp", "vault code ENTRY"),
        ("get acme/wp --fields username", "did you mean --field?"),
        ("add -g acme/wp", "--generate"),
        ("add -m acme/wp", "with all its lines"),
        ("generate -n", "vault generate --no-symbols"),
        ("rm -rf acme/wp", "vault rm CLIENT/ --yes"),
        ("unlock --raw", "vault unlock --for 15m"),
        ("export --format json --output x", "did you mean --out?"),
        ("share acme/wp --emails bob@example.org", "--to bob"),
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        env.call(&args).fails(2).hints(hint);
    }
}
