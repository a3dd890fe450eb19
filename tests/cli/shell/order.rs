//! The order of an answer: what came of it, then what is left to do, then what it warns of. Before
//! the line `changed X` stands what was changed.

use crate::cli::sharing::share::consented;
use crate::support::env::TestEnv;

const SSH_PUBLIC: &str = include_str!("../access/keys/id_ed25519.pub");

#[test]
fn ways_in_are_told_before_what_they_ask_for() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.file("id.pub", SSH_PUBLIC);
    env.file("new", "quartz-Lantern3-moose-drip");
    env.call(&["recipient", "add", "id.pub"])
        .ok()
        .tells(" now opens the vault\nTry it now: ");
    let added = env.call(&["recovery", "add", "--out", "key"]).ok();
    added.tells(" --identity FILE\nKeep key offline");
    let ids = ["recipient", "recovery"].map(|family| {
        let listed = env.call(&[family, "list", "--json"]).ok().json();
        listed[0]["id"].as_str().unwrap().to_owned()
    });
    let gone = env.call(&["recipient", "rm", &ids[0], "--yes"]).ok();
    gone.tells(&format!("{}\nOld copies, ", &ids[0][..8]));
    let last = env.call(&["recovery", "rm", &ids[1], "--yes"]).ok();
    last.tells(": vault id rotate.\nwarning: from now on only");
    env.call(&["id", "rotate", "--yes"])
        .ok()
        .tells("made new keys\nOn each other device");
    env.call(&["passwd", "--new-password-file", "new"])
        .ok()
        .tells(")\nOld backups and copies");
}

#[test]
fn a_warning_of_what_is_done_is_in_the_answer_for_scripts_too() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    let emptied = env.call(&["trash", "empty", "--yes"]).ok();
    emptied.tells("removed acme/wp for good\nwarning: backups and ");
    env.add("acme/db", "hunter3");
    env.call(&["rm", "acme/db", "--yes"]).ok();
    let emptied = env.call(&["trash", "empty", "--yes", "--json"]).ok().json();
    let warning = emptied["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("backups and "), "{emptied}");
}

#[test]
fn a_share_is_told_before_its_hint() {
    let (env, _) = consented();
    let args = ["share", "acme/wp", "--to", "bob", "--out", "bob.age"];
    let shared = env.call(&args).ok();
    shared.prints("bob.age\n");
    shared.tells(" -i KEY bob.age\nhint: where the site lets");
}

#[test]
fn what_was_changed_stands_before_that_it_was() {
    let (env, _) = consented();
    for (command, option, of) in [
        (&["edit", "acme/wp"][..], "--username", "acme/wp"),
        (&["client", "edit", "acme"], "--name", "client acme"),
        (&["contact", "edit", "bob"], "--role", "contact bob"),
    ] {
        env.call(&[command, &[option, "one"]].concat()).ok();
        let changed = env.call(&[command, &[option, "two"]].concat()).ok();
        changed.tells(&format!("two (was one)\nchanged {of}\n"));
    }
    let generated = env.call(&["edit", "acme/wp", "--generate"]).ok();
    generated.tells("changed acme/wp\n");
}

#[test]
fn a_permission_is_told_before_its_notes() {
    let (env, _) = consented();
    let me = [
        "me",
        "--name",
        "Kim",
        "--address",
        "Berlin",
        "--email",
        "kim@kim.example",
    ];
    env.call(&me).ok();
    let ask = "consent request acme --to bob --scope acme/* --purpose shop --out ask.txt";
    let ask: Vec<&str> = ask.split(' ').collect();
    let asked = env.call(&ask).run();
    let (first, _) = asked.stderr.split_once('\n').unwrap();
    assert!(first.starts_with("wrote ask.txt ("), "{first}");
    assert!(asked.stderr.contains("acme/* covers "), "{asked:?}");
    env.call(&[&ask[..ask.len() - 1], &["-", "--json"]].concat())
        .ok();
    let add = "consent add acme --to bob --scope acme/* --purpose shop --by Jo --note phone";
    let added = env.call(&add.split(' ').collect::<Vec<_>>()).run();
    let (first, notes) = added.stderr.split_once('\n').unwrap();
    assert!(first.starts_with("consent "), "{first}");
    assert!(notes.contains("acme/* covers "), "{notes}");
}

#[test]
fn what_was_done_is_told_before_what_it_costs() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["client", "add", "globex", "--min-assurance", "attested"])
        .ok()
        .tells("added client globex\nwarning: with attested");
    env.call(&["client", "edit", "acme", "--min-assurance", "attested"])
        .ok()
        .tells("changed client acme\nwarning: with attested");
}
