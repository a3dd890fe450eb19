//! A contact who leaves, or whose keys are lost: all ends, letters are written, and lost keys do not
//! come back by themselves.

use std::fs;

use serde_json::{Value, json};

use crate::cli::sharing::both_sides::Two;
use crate::cli::sharing::share::{consent, share, with_bob};
use crate::support::env::{TestEnv, number};

/// bob has acme/wp, and is permitted more of acme and globex/mail.
fn shared() -> (TestEnv, String) {
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    let globex = [
        "consent",
        "add",
        "globex",
        "--to",
        "bob",
        "--by",
        "Gil",
        "--purpose",
        "x",
        "--note",
        "x",
        "--scope",
        "globex/mail",
    ];
    env.call(&globex).ok();
    env.call(&[
        "client",
        "edit",
        "acme",
        "--lang",
        "de",
        "--name",
        "Bäckerei Acme",
    ])
    .ok();
    let id = share(&env, &["acme/wp"])["share"]["id"].clone();
    (env, id.as_str().unwrap().to_owned())
}

fn letter(env: &TestEnv, file: &str) -> String {
    let text = fs::read_to_string(env.work().join(file)).unwrap();
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(64), "{text}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn states(env: &TestEnv, command: &str) -> Vec<Value> {
    let all = env.call(&[command, "list", "--json"]).ok().json();
    all.as_array()
        .unwrap()
        .iter()
        .map(|it| it["state"].clone())
        .collect()
}

#[test]
fn who_leaves_has_nothing_any_more_and_everybody_is_told() {
    let (env, id) = shared();
    env.call(&["contact", "leave", "bob"])
        .fails(9)
        .hints("--yes");
    let args = ["contact", "leave", "bob", "--yes", "--out", "letters"];
    env.call(&args)
        .ok()
        .tells(&format!("ended share {}: acme/wp", &number(&id)))
        .tells("bob knows: acme/wp")
        .tells("removed contact bob")
        .tells("vault rotate --due");
    assert_eq!(states(&env, "shares"), ["ended"]);
    assert_eq!(states(&env, "consent"), ["ended", "ended"]);
    let wp = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!(["rotate"]));
    let number = format!("{}-{}", &id[..4], &id[4..8]).to_uppercase();
    let bob = letter(&env, "letters/to-bob.txt");
    assert!(bob.contains(&format!("DELETED {number}")), "{bob}");
    assert!(
        bob.contains("\"wp\": acme.example, user \"admin\" for Bäckerei Acme, number "),
        "{bob}"
    );
    let acme = letter(&env, "letters/to-client-acme.txt");
    assert!(acme.contains("ENDE EINER ERLAUBNIS"), "{acme}");
    assert!(acme.contains("an Bäckerei Acme. WAS"), "{acme}");
    let consents = env.call(&["consent", "list", "acme", "--json"]).ok().json();
    let consent = consents[0]["id"].as_str().unwrap();
    let consent = format!("{}-{}", &consent[..4], &consent[4..8]).to_uppercase();
    let ended = format!("Ihre Erlaubnis Nummer {consent} und");
    assert!(acme.contains(&ended), "{acme}");
    assert!(acme.contains("bob arbeitet nicht mehr für mich."), "{acme}");
    assert!(
        acme.contains("1. \"wp\": acme.example, Benutzer \"admin\""),
        "{acme}"
    );
    assert!(!acme.contains("globex"), "{acme}");
    let globex = letter(&env, "letters/to-client-globex.txt");
    assert!(globex.contains("Nothing that is in use today."), "{globex}");
    for text in [bob, acme, globex] {
        assert!(!text.contains("the-secret"));
    }
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_lost_laptop_ends_it_from_that_day_and_its_keys_do_not_come_back() {
    let (env, id) = shared();
    let bob = env.call(&["contact", "show", "bob", "--json"]).ok().json();
    let key = bob["recipients"][0].as_str().unwrap().to_owned();
    let args = [
        "contact", "lost", "bob", "--since", "1d", "--yes", "--out", "letters",
    ];
    env.call(&args).ok().tells("their keys count as lost");
    let shown = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(shown["state"], "ended");
    let acme = letter(&env, "letters/to-client-acme.txt");
    assert!(acme.contains("Art. 33 Abs. 2 DSGVO"), "{acme}");
    // Nothing of theirs was ever given for the key.
    let globex = letter(&env, "letters/to-client-globex.txt");
    assert!(globex.starts_with("END OF A PERMISSION"), "{globex}");
    assert!(!globex.contains("Art. 33"), "{globex}");
    assert!(letter(&env, "letters/to-bob.txt").contains("Make new keys"));
    let bob = env.call(&["contact", "show", "bob", "--json"]).ok().json();
    assert_eq!(bob["recipients"], json!([]));
    let add = ["contact", "edit", "bob", "--recipient", &key];
    env.call(&add)
        .fails(6)
        .says("was lost by bob")
        .hints("--key-verified");
    env.call(&["contact", "add", "eve", "--recipient", &key])
        .fails(6);
    env.call(&[&add[..], &["--key-verified", "by phone"]].concat())
        .ok();
    env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
    env.call(&args).fails(7).says("already exists");
}

#[test]
fn a_loss_is_in_the_past_and_a_contact_is_known() {
    let (env, _) = shared();
    let args = ["contact", "lost", "bob", "--yes", "--since", "2099-01-01"];
    env.call(&args).fails(2);
    env.call(&["contact", "leave", "eve", "--yes"]).fails(3);
}

#[test]
fn the_letter_lists_every_share_whose_deletion_is_not_confirmed() {
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    let id = |entry: &str| {
        let id = share(&env, &[entry])["share"]["id"].clone();
        id.as_str().unwrap().to_owned()
    };
    let (before, login) = (id("acme/db"), "bob-m");
    env.call(&["revoke", &before]).ok();
    env.call(&["rm", "acme/db", "--yes"]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    let old = id("acme/wp");
    let update = ["share", "--update", &old, "--json"];
    let now = env.call(&update).ok().json()["share"]["id"].clone();
    let now = now.as_str().unwrap();
    env.call(&["grant", "acme/wp", "--to", "bob", "--as", login])
        .ok();
    let args = ["contact", "leave", "bob", "--yes", "--out", "letters"];
    env.call(&args)
        .ok()
        .tells(&format!("ended share {}", number(now)))
        .tells("remove the login bob-m at the site")
        .hides(&format!("ended share {}", number(&before)));
    let bob = letter(&env, "letters/to-bob.txt");
    for id in [&before[..], now] {
        let confirm = format!("DELETED {}", number(id));
        assert!(bob.contains(&confirm), "no {confirm}: {bob}");
    }
    assert!(!bob.contains(&number(&old)), "{bob}");
    assert!(bob.contains("\"db\" for acme, number "), "{bob}");
    assert!(bob.contains(", over since "), "{bob}");
    assert!(bob.contains("own login \"bob-m\""), "{bob}");
    assert_eq!(bob.matches("DELETED").count(), 2, "{bob}");
}

#[test]
fn who_is_told_of_what_was_over_is_not_told_that_it_ends_now() {
    let (env, id) = shared();
    env.call(&["revoke", &id]).ok();
    let acme = env.call(&["consent", "list", "acme", "--json"]).ok().json();
    let consent = acme[0]["id"].as_str().unwrap();
    env.call(&["consent", "withdraw", consent]).ok();
    let args = ["contact", "leave", "bob", "--yes", "--out", "letters"];
    env.call(&args).ok();
    let acme = letter(&env, "letters/to-client-acme.txt");
    assert!(acme.contains("war schon vorher beendet"), "{acme}");
    assert!(acme.contains("1. \"wp\""), "{acme}");
    let bob = letter(&env, "letters/to-bob.txt");
    assert!(bob.contains("\"wp\""), "{bob}");
    assert!(bob.contains(&format!("DELETED {}", number(&id))), "{bob}");
}

#[test]
fn whoever_has_a_lost_device_may_know_what_had_ended_in_order() {
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    let first = share(&env, &["acme/wp", "acme/db"])["share"]["id"].clone();
    env.call(&["rm", "acme/db", "--yes"]).ok();
    let update = ["share", "--update", first.as_str().unwrap()];
    env.call(&update).ok();
    env.call(&["trash", "restore", "acme/db"]).ok();
    let flags = || {
        let db = env.call(&["show", "acme/db", "--json"]).ok().json();
        db["flags"].clone()
    };
    assert_eq!(flags(), json!(["rotate-soon"]));
    let lost = ["contact", "lost", "bob", "--yes", "--out", "letters"];
    env.call(&lost).ok();
    assert_eq!(flags(), json!(["rotate"]));
    env.call(&["status"])
        .ok()
        .shows("bob, or whoever has the lost device, may know acme/db");
    let acme = letter(&env, "letters/to-client-acme.txt");
    assert!(
        acme.contains("whoever has the lost device may know this, not only bob: 1. \"db\""),
        "{acme}"
    );
    let leave = ["contact", "leave", "bob", "--yes", "--out", "later"];
    env.call(&leave).ok();
    let acme = letter(&env, "later/to-client-acme.txt");
    assert!(acme.contains("whoever has the lost device"), "{acme}");
}

#[test]
fn a_permission_for_several_ends_for_who_goes_and_as_a_whole_with_the_last() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.me();
    let key = || age::x25519::Identity::generate().to_public().to_string();
    let bobs = key();
    for (name, key) in [("bob", &bobs), ("fay", &key())] {
        env.call(&["contact", "add", name, "--recipient", key]).ok();
    }
    let yes = env.file("yes.pdf", "yes");
    let mut add = vec!["consent", "add", "acme", "--to", "bob", "--to", "fay"];
    add.extend(["--scope", "acme/wp", "--purpose", "x", "--by", "Jo"]);
    add.extend(["--evidence", &yes, "--json"]);
    let id = env.call(&add).ok().json()["changed"][0].clone();
    let number = number(id.as_str().unwrap());
    let share = |to: &str, out: &str| {
        env.call(&["share", "acme/wp", "--to", to, "--out", out])
            .run()
    };
    assert_eq!(share("bob", "a.age").code, Some(0));
    let lost = env.call(&["contact", "lost", "bob", "--yes", "--out", "lost"]);
    lost.ok().tells(&format!(
        "ended consent {number} for bob; it goes on for fay"
    ));
    let letter = fs::read_to_string(env.work().join("lost/to-client-acme.txt")).unwrap();
    assert!(
        letter.contains(&number) && letter.contains("goes on"),
        "{letter}"
    );
    let back = [
        "contact",
        "edit",
        "bob",
        "--recipient",
        &bobs,
        "--key-verified",
        "in person",
    ];
    env.call(&back).ok();
    assert_eq!(share("bob", "b.age").code, Some(6), "the loss ended it");
    assert_eq!(share("fay", "c.age").code, Some(0));
    env.call(&["contact", "leave", "fay", "--yes", "--out", "left"])
        .ok()
        .tells(&format!("ended consent {number}"));
    let open = env.call(&["consent", "list", "--live", "--json"]).ok();
    open.prints("[]\n");
    env.call(&["verify", "--full"]).ok();
}

/// Ends all that bob has; the letters to bob and to acme.
fn left(env: &TestEnv) -> (String, String) {
    let leave = ["contact", "leave", "bob", "--yes", "--out", "letters"];
    env.call(&leave).ok();
    (
        letter(env, "letters/to-bob.txt"),
        letter(env, "letters/to-client-acme.txt"),
    )
}

#[test]
fn letters_name_what_went_and_only_the_client_reads_what_that_is_today() {
    let (env, _) = shared();
    let edit = "edit acme/wp --unset url --url https://moved.example --username webteam";
    env.call(&edit.split(' ').collect::<Vec<_>>()).ok();
    env.call(&["mv", "acme/wp", "acme/shop"]).ok();
    env.call(&["shares"]).ok().shows("acme/wp (now acme/shop)");
    let (bob, acme) = left(&env);
    assert!(
        bob.contains("\"wp\": acme.example, user \"admin\""),
        "{bob}"
    );
    for new in ["moved.example", "webteam", "shop"] {
        assert!(!bob.contains(new), "{new}: {bob}");
    }
    let then = "1. \"wp\": acme.example, Benutzer \"admin\"";
    let now = "(heute: \"shop\": moved.example, Benutzer \"webteam\")";
    assert!(acme.contains(&format!("{then} {now}")), "{acme}");
}

#[test]
fn what_was_removed_is_in_the_letters_as_it_was_then() {
    let (env, id) = shared();
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["revoke", &id]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    env.call(&["shares"])
        .ok()
        .shows("acme/wp (removed for good)");
    env.call(&["shares", "show", &id])
        .ok()
        .shows("acme/wp (removed for good): ");
    let (bob, acme) = left(&env);
    assert!(bob.contains("\"wp\": acme.example"), "{bob}");
    assert!(
        acme.contains("kennt bob noch: 1. \"wp\": acme.example"),
        "{acme}"
    );
}

#[test]
fn an_own_login_that_still_works_is_in_the_letters() {
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    env.call(&["grant", "acme/wp", "--to", "bob", "--as", "bob-m"])
        .ok();
    let (bob, acme) = left(&env);
    assert!(
        bob.contains("will remove your own logins and tell the clients."),
        "{bob}"
    );
    let logins = "bob can still log in with: 1. \"wp\": acme.example, own login \"bob-m\"";
    assert!(acme.contains(logins), "{acme}");
    assert!(acme.contains("KNOWN Nothing that is in use"), "{acme}");
    assert!(acme.contains("I will remove that, or tell you"), "{acme}");
    let (env, _) = shared();
    env.call(&["grant", "acme/db", "--to", "bob", "--as", "bob-m"])
        .ok();
    let (bob, acme) = left(&env);
    assert!(
        bob.contains("will change the passwords, remove your own logins and tell the clients."),
        "{bob}"
    );
    assert!(acme.contains("weiter anmelden mit: 1. \"db\""), "{acme}");
}

#[test]
fn nothing_is_promised_where_nothing_is_to_be_done() {
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    let (bob, acme) = left(&env);
    assert!(bob.ends_with("I will tell the clients."), "{bob}");
    assert!(acme.contains("I have nothing to change."), "{acme}");
    let (env, _) = with_bob();
    env.me();
    env.call(&["contact", "leave", "bob", "--yes"]).ok();
    let bob = letter(&env, "letters-bob/to-bob.txt");
    assert!(!bob.contains("I will"), "{bob}");
}

/// A folder from before stops nothing that must not wait.
#[test]
fn letters_without_a_named_place_go_where_nothing_lies() {
    let (env, _) = with_bob();
    env.me();
    fs::create_dir(env.work().join("letters-bob")).unwrap();
    let out = ["contact", "lost", "bob", "--yes", "--out", "letters-bob"];
    env.call(&out).fails(7).hints("--out DIR");
    env.call(&["contact", "lost", "bob", "--yes"]).ok();
    let bob = letter(&env, "letters-bob-2/to-bob.txt");
    assert!(!bob.is_empty());
}

#[test]
fn who_permitted_it_is_told_whosever_it_is_today() {
    let (env, id) = shared();
    env.call(&["revoke", &id]).ok();
    env.call(&["mv", "acme/wp", "globex/wp"]).ok();
    let (_, acme) = left(&env);
    let known = "kennt bob noch: 1. \"wp\": acme.example, Benutzer \"admin\" ICH";
    assert!(acme.contains(known), "{acme}");
    let globex = letter(&env, "letters/to-client-globex.txt");
    assert!(!globex.contains("acme.example"), "{globex}");
}

#[test]
fn what_is_in_the_trash_and_known_is_due() {
    let (env, _) = shared();
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    left(&env);
    env.call(&["status"])
        .ok()
        .shows("bob may know acme/wp")
        .shows("in the trash here, and works at the site as before")
        .shows("vault trash restore acme/wp; vault rotate acme/wp");
}

/// Whoever has the lost device can sign that other keys take the place of the lost ones.
#[test]
fn new_keys_after_a_loss_bring_nothing_back() {
    let two = Two::new();
    two.alice.me();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let lost = ["contact", "lost", "bob", "--yes", "--out", "letters"];
    two.alice.call(&lost).ok();
    two.bob.call(&["id", "rotate", "--yes"]).ok();
    let card = two.bob.call(&["id", "--card"]).ok();
    let card = two.alice.file("new-card", card.bytes());
    two.alice
        .call(&["contact", "edit", "bob", "--card", &card])
        .ok()
        .hides("vouch for");
    let bob = two.alice.call(&["contact", "show", "bob", "--json"]).ok();
    assert_eq!(bob.json()["recipients"].as_array().unwrap().len(), 1);
    assert_eq!(states(&two.alice, "consent"), [json!("ended")]);
    assert_eq!(states(&two.alice, "shares"), [json!("ended")]);
    two.alice
        .call(&["share", "acme/wp", "--to", "bob"])
        .fails(6)
        .says("was given for other keys of bob");
    for again in ["--update", "--renew"] {
        two.alice
            .call(&["share", again, &id])
            .fails(6)
            .says("is ended");
    }
    let wp = two.alice.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!(["rotate"]));
}

#[test]
fn a_paper_by_a_key_that_was_lost_is_marked_wherever_it_is_told_of() {
    let two = Two::new();
    two.alice.me();
    let (file, id) = two.share();
    let receive = ["receive", "--accept-terms", &file, "--receipt", "r.json"];
    two.bob.call(&receive).ok();
    two.alice.call(&["ack", &two.to_alice("r.json")]).ok();
    let show = ["shares", "show", &id];
    let shown = || {
        two.alice
            .call(&[&show[..], &["--json"]].concat())
            .ok()
            .json()
    };
    assert_eq!(shown()["papers"][0]["key_lost"], Value::Null);
    let lost = ["contact", "lost", "bob", "--yes", "--out", "letters"];
    two.alice.call(&lost).ok();
    let told = "signed by a key that was lost later (20";
    two.alice.call(&show).ok().shows(told);
    let who = two.alice.call(&["who", "acme/wp"]).ok();
    who.shows("the receipt is signed by a key that was lost later (");
    assert!(shown()["papers"][0]["key_lost"].is_string());
    let who = two.alice.call(&["who", "acme/wp", "--json"]).ok().json();
    assert!(who[0]["receipt_key_lost"].is_string(), "{who}");
    assert_eq!(who[0]["deletion_key_lost"], Value::Null);
    let state = shown()["state"].clone();
    assert_eq!(state, "ended", "the paper stays what it was");
}

#[test]
fn what_came_before_it_was_noted_and_after_the_loss_may_be_of_somebody_else() {
    let two = Two::new();
    two.alice.me();
    let (file, id) = two.share();
    let receive = ["receive", "--accept-terms", &file, "--receipt", "r.json"];
    two.bob.call(&receive).ok();
    two.alice.call(&["ack", &two.to_alice("r.json")]).ok();
    let lost = ["contact", "lost", "bob", "--since", "1d", "--yes"];
    two.alice
        .call(&[&lost[..], &["--out", "letters"]].concat())
        .ok();
    two.alice
        .call(&["shares", "show", &id])
        .ok()
        .shows("before it was filed: somebody else may have signed it");
}

#[test]
fn keys_that_are_lost_wait_for_no_address() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/*"]);
    share(&env, &["acme/wp"]);
    let lost = ["contact", "lost", "bob", "--yes", "--out", "letters"];
    env.call(&lost)
        .ok()
        .tells("the letters do not say in full who sends them")
        .tells("vault me --name NAME");
    let letter = fs::read_to_string(env.work().join("letters/to-bob.txt")).unwrap();
    assert!(letter.contains("[your name and address] to "), "{letter}");
}

#[test]
fn who_is_removed_leaves_no_letter_that_could_be_answered() {
    let (env, _) = with_bob();
    env.me();
    let ask = "consent request acme --to bob --scope acme/wp --purpose x --json";
    let ask: Vec<&str> = ask.split(' ').collect();
    let asked = env.call(&ask).ok().json()["changed"][0].clone();
    let no = number(asked.as_str().unwrap());
    env.call(&["contact", "rm", "bob", "--yes"])
        .ok()
        .tells(&format!("cancelled request {no}"))
        .tells(&format!("if acme has request {no} already, send this:"));
}

#[test]
fn an_earlier_day_of_review_names_the_shares_that_last_longer() {
    let (env, id) = shared();
    let edit = |until: &str| {
        env.call(&["contact", "edit", "bob", "--review-by", until])
            .ok()
    };
    edit("300d").hides("is to be reviewed");
    edit("3d")
        .tells(&format!("share {} for bob ends on ", number(&id)))
        .tells(", after bob is to be reviewed")
        .tells(&format!("vault revoke {}", number(&id)));
    let role = ["contact", "edit", "bob", "--role", "developer"];
    env.call(&role).ok().hides("is to be reviewed");
    env.call(&["revoke", &id]).ok();
    edit("2d").hides("is to be reviewed");
}

#[test]
fn nobody_is_asked_to_delete_what_was_never_sent() {
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    let (bob, acme) = left(&env);
    assert!(!bob.contains("PLEASE"), "{bob}");
    assert!(acme.ends_with("YOU need not do anything now."), "{acme}");
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    let grant = ["grant", "acme/wp", "--to", "bob", "--as", "bob-m"];
    env.call(&grant).ok();
    let (bob, acme) = left(&env);
    assert!(
        bob.contains("PLEASE Use none of it any more. I will"),
        "{bob}"
    );
    assert!(!acme.contains("I have asked"), "{acme}");
    let (env, _) = with_bob();
    env.me();
    consent(&env, &["--scope", "acme/*"]);
    let lost = ["contact", "lost", "bob", "--yes", "--out", "letters"];
    env.call(&lost).ok();
    let bob = letter(&env, "letters/to-bob.txt");
    assert!(bob.contains("PLEASE Make new keys;"), "{bob}");
}

#[test]
fn an_own_login_that_ended_before_and_was_not_removed_is_in_each_letter() {
    for how in ["leave", "lost"] {
        let (env, _) = shared();
        let grant = ["grant", "acme/wp", "--to", "bob", "--as", "bob-m", "--json"];
        let login = env.call(&grant).ok().json()["changed"][0].clone();
        env.call(&["revoke", login.as_str().unwrap()]).ok();
        env.call(&["contact", how, "bob", "--yes", "--out", "letters"])
            .ok()
            .tells("remove the login bob-m at the site");
        let bob = letter(&env, "letters/to-bob.txt");
        assert!(bob.contains("own login \"bob-m\""), "{how}: {bob}");
        assert!(bob.contains("remove your own logins"), "{how}: {bob}");
        let acme = letter(&env, "letters/to-client-acme.txt");
        assert!(acme.contains("eigener Zugang \"bob-m\""), "{how}: {acme}");
    }
}

#[test]
fn clients_learn_that_an_open_request_is_void() {
    for how in ["leave", "lost"] {
        let (env, _) = shared();
        let asked = |client: &str| {
            let ask = [
                "consent",
                "request",
                client,
                "--to",
                "bob",
                "--purpose",
                "x",
            ];
            let args = ["--scope", &format!("{client}/*"), "--json"].map(str::to_owned);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let asked = env.call(&[&ask[..], &args].concat()).ok().json();
            number(asked["changed"][0].as_str().unwrap())
        };
        let acme = asked("acme");
        env.call(&["client", "add", "initech", "--lang", "de"]).ok();
        env.call(&["add", "initech/vpn", "--generate"]).ok();
        let initech = asked("initech");
        env.call(&["contact", how, "bob", "--yes", "--out", "letters"])
            .ok()
            .tells(&format!("cancelled request {initech}"));
        let told = letter(&env, "letters/to-client-acme.txt");
        let void = format!("Meine Bitte um Erlaubnis, Nummer {acme}, ist hinfällig.");
        assert!(told.contains(&void), "{how}: {told}");
        assert!(told.contains("BEKANNT"), "{how}: {told}");
        let told = letter(&env, "letters/to-client-initech.txt");
        assert!(told.contains("IST HINFÄLLIG"), "{how}: {told}");
        assert!(told.contains(&initech), "{how}: {told}");
        for other in ["BEKANNT", "DSGVO", "Jeder Zugang"] {
            assert!(!told.contains(other), "{how}: {told}");
        }
    }
}

#[test]
fn who_has_lost_the_keys_is_asked_for_a_mail_and_for_no_statement_that_they_would_sign() {
    for (how, is_lost) in [("leave", false), ("lost", true)] {
        let two = Two::new();
        two.alice.me();
        let (file, id) = two.share();
        two.bob.call(&["receive", "--accept-terms", &file]).ok();
        fs::remove_file(file).unwrap();
        let ends = ["contact", how, "bob", "--yes", "--out", "letters"];
        two.alice.call(&ends).ok();
        let letter = letter(&two.alice, "letters/to-bob.txt");
        let id = number(&id);
        assert!(letter.contains(&format!("DELETED {id}")), "{letter}");
        assert_eq!(letter.contains("vault attest"), !is_lost, "{letter}");
        let attest = ["attest", &id, "--yes", "--outside", "none", "--out", "gone"];
        two.bob.call(&attest).ok();
        let gone = two.to_alice("gone");
        if is_lost {
            let refused = two.alice.call(&["ack", &gone]).fails(6);
            refused
                .says("signed by a key that bob has lost")
                .hints("vault ack --mail FILE");
        } else {
            two.alice.call(&["ack", &gone]).ok();
        }
    }
}
