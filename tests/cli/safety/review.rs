//! `review`: who has access to what, and whether it is still needed.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::consent::records::office;
use crate::cli::sharing::share::{consented, share};
use crate::support::env::{TestEnv, has_keys, number};

fn due(env: &TestEnv) -> Vec<Value> {
    let list = env.call(&["review", "--list", "--json"]).ok().json();
    list.as_array().unwrap().clone()
}

fn subjects(env: &TestEnv) -> Vec<String> {
    let word = |it: &Value| it["subject"].as_str().unwrap().to_owned();
    due(env).iter().map(word).collect()
}

#[test]
fn what_is_due_is_listed_and_an_answer_takes_it_off_the_list_and_stands_in_the_log() {
    let env = office();
    assert_eq!(subjects(&env), ["acme", "globex"]);
    let first = &due(&env)[0];
    has_keys(
        first,
        &["kind", "subject", "id", "about", "rules", "why", "answers"],
    );
    assert_eq!(first["rules"], json!(["client-no-rules"]));
    assert_eq!(first["answers"], json!(["keep", "end", "asked"]));
    env.call(&["review", "acme", "--asked", "--note", "by phone"])
        .ok()
        .tells("acme: asked for; to be reviewed again on ");
    assert_eq!(subjects(&env), ["globex"]);
    let last = env.last_event();
    assert_eq!(last["action"], "review");
    assert_eq!(last["detail"], json!({"answer": "asked"}));
    env.call(&["log"])
        .ok()
        .shows("review  client acme    asked for");
    env.call(&["review", "globex", "--end"])
        .ok()
        .tells("globex is not needed any more; it is there until you end it")
        .tells("vault rm globex/");
    env.call(&["review", "--list"])
        .ok()
        .prints("")
        .tells("nothing is to be reviewed");
    env.call(&["review", "nobody", "--keep"]).fails(3);
    env.call(&["review", "acme"]).fails(2);
    env.call(&["review", "--keep"]).fails(2);
}

#[test]
fn a_share_that_is_not_needed_ends_by_it_and_several_answers_are_all_or_none() {
    let (env, _bob) = consented();
    share(&env, &["acme/wp"]);
    let shares = env.call(&["shares", "--json"]).ok().json();
    let id = number(shares[0]["id"].as_str().unwrap());
    env.call(&["review", &id, "nobody", "--end"]).fails(3);
    env.call(&["review", &id, "-n", "--end"]).ok();
    let state = |env: &TestEnv| env.call(&["shares", "--json"]).ok().json()[0]["state"].clone();
    assert_eq!(state(&env), "sent");
    env.call(&["review", &id, "bob", "--keep"])
        .ok()
        .tells(&format!("{id} is still needed; to be reviewed again on "))
        .tells("bob is still needed");
    let ended = env
        .call(&["review", &id, "--end", "--note", "it is done"])
        .ok();
    ended
        .tells(&format!("ended share {id}"))
        .tells("bob may still know what was in it")
        .tells("vault rotate")
        .tells("bob has no program that could close it; send this");
    assert_eq!(state(&env), "revoked");
    let shown = env.call(&["shares", "show", &id]).ok();
    shown.shows("it is done");
}

#[test]
fn a_contact_who_is_kept_is_due_again_in_a_year_in_audit_and_status_too() {
    let env = office();
    env.call(&["contact", "edit", "bob", "--review-by", "1s"])
        .ok();
    sleep(Duration::from_millis(1_200));
    assert_eq!(subjects(&env), ["bob", "acme", "globex"]);
    let told = |env: &TestEnv| {
        let status = env.call(&["status", "--json"]).ok().json();
        let audit = env.call(&["audit", "--json"]).run();
        let audit: Value = serde_json::from_slice(&audit.stdout).unwrap();
        let all = [status["due"].clone(), audit];
        let all = all.iter().flat_map(|it| it.as_array().unwrap().clone());
        all.filter(|it| it["rule"] == "contact-review-due")
            .map(|it| it["fix"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let fix = "vault review bob --keep, or --end";
    assert_eq!(told(&env), [fix, fix]);
    env.call(&["review", "bob", "--keep"]).ok();
    assert!(told(&env).is_empty());
    let bob = env.call(&["contact", "show", "bob", "--json"]).ok().json();
    assert!(bob["review_by"].as_str().unwrap() > "2027", "{bob}");
}

#[test]
fn without_a_terminal_it_lists_or_says_how_to_answer() {
    let env = office();
    env.call(&["review", "--json"])
        .ok()
        .shows("client-no-rules");
    env.call(&["review"]).fails(9).says("--list");
    env.call(&["review", "acme", "globex", "--keep"]).ok();
    env.call(&["review"])
        .ok()
        .tells("nothing is to be reviewed");
}

#[test]
fn the_page_has_what_was_answered_and_what_is_open_and_never_overwrites() {
    let env = office();
    let args = ["review", "acme", "--keep", "--note", "they want none"];
    env.call(&args).ok();
    let out = env.path("review.txt");
    env.call(&["review", "--out", &out])
        .ok()
        .tells("review.txt.sig");
    let text = fs::read_to_string(&out).unwrap();
    for told in [
        "client acme stays as it is.",
        "\"they want none\"",
        "client globex: ",
    ] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.to_lowercase().contains(&told.to_lowercase()), "{text}");
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 64),
        "{text}"
    );
    let signature = fs::read_to_string(format!("{out}.sig")).unwrap();
    assert!(signature.starts_with("-----BEGIN SSH SIGNATURE-----"));
    env.call(&["review", "--out", &out]).fails(7);
    fs::remove_file(&out).unwrap();
    env.call(&["review", "--out", &out]).fails(7).says(".sig");
    env.call(&["review", "--out", "-"]).fails(2);
    let later = env.path("later.txt");
    env.call(&["review", "--out", &later, "--since", "2099-01-01"])
        .fails(2);
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn openssh_takes_the_page_for_good_and_no_other_text() {
    let env = office();
    env.call(&["review", "acme", "globex", "--keep"]).ok();
    let out = env.path("review.txt");
    env.call(&["review", "--out", &out]).ok();
    let signer = env.call(&["id", "--json"]).ok().json()["signer"].clone();
    let allowed = env.file("allowed", format!("me {}\n", signer.as_str().unwrap()));
    let good = |text: &[u8]| {
        let text = env.file("text", text);
        let verify = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-f", &allowed, "-I", "me"])
            .args(["-n", "vault-review", "-s", &format!("{out}.sig")])
            .stdin(fs::File::open(text).unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        verify.unwrap().success()
    };
    let text = fs::read(&out).unwrap();
    assert!(good(&text));
    assert!(!good(&[&text[..], b" "].concat()));
}

#[test]
fn a_subject_is_a_name_and_no_pattern_and_a_name_is_no_deed() {
    let env = office();
    env.call(&["review", "acme/", "--keep", "-n"])
        .ok()
        .tells("acme stays as it is");
    for unknown in ["acme/*", "acm", "acme/**"] {
        env.call(&["review", unknown, "--keep"])
            .fails(3)
            .says(unknown)
            .hints("vault review --list");
    }
    env.call(&["contact", "add", "left"]).ok();
    env.call(&["review", "left", "--keep", "-n"])
        .ok()
        .tells("left is still needed; to be reviewed");
}

#[test]
fn the_walk_says_what_helps_to_answer() {
    let (env, _bob) = consented();
    share(&env, &["acme/wp"]);
    let contact = ["contact", "edit", "bob", "--role", "runs the shop"];
    env.call(&[&contact[..], &["--review-by", "1s"]].concat())
        .ok();
    sleep(Duration::from_secs(2));
    let file = env.password_file();
    let mut terminal = env.terminal(&format!(
        "export VAULT_PASSWORD_FILE='{}'; vault review; echo \"exit=$?\"",
        file.display()
    ));
    terminal.sees("bob");
    terminal.sees("\n  their role: runs the shop");
    terminal.sees("\n  share ").sees(": acme/wp, until ");
    terminal.sees("for later: ").types("stop");
    terminal.sees("exit=0").ends();
}

#[test]
fn the_walk_asks_about_each_saves_at_once_and_goes_on_next_time() {
    let env = office();
    let file = env.password_file();
    let review = format!(
        "export VAULT_PASSWORD_FILE='{}'; vault review; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&review);
    terminal.sees("1 of 2: acme has no rules");
    terminal.sees("client acme: keep, end, asked, stop, or Enter for later: ");
    terminal
        .types("perhaps")
        .sees("'perhaps' is no answer to that");
    terminal.sees("client acme: ").types("k");
    terminal.sees("Why, or Enter: ").types("they want none");
    terminal
        .sees("acme stays as it is")
        .sees("2 of 2: globex has ");
    terminal
        .sees("for later: ")
        .types("stop")
        .sees("reviewed 1, 1 left")
        .sees("exit=0");
    terminal.ends();
    assert_eq!(subjects(&env), ["globex"]);
    let mut terminal = env.terminal(&review);
    terminal.sees("1 of 1: ").sees("for later: ").types("asked");
    terminal.sees("Why, or Enter: ").types("");
    terminal.sees("reviewed 1, nothing is left");
    terminal.sees("Write the signed page to review-").types("");
    terminal.sees(".txt (").sees("exit=0").ends();
    let folder = fs::read_dir(env.work()).unwrap();
    let names = folder.map(|it| it.unwrap().file_name().into_string().unwrap());
    let pages: Vec<String> = names.filter(|it| it.starts_with("review-")).collect();
    assert_eq!(pages.len(), 2, "{pages:?}");
}

/// Three clients, of whom two have permitted bob something that he has.
fn shared_by_two() -> TestEnv {
    let (env, _bob) = consented();
    env.add("initech/db", "s3cret-db");
    let terms = "--to bob --purpose newsletter --by Ann --note phone --scope globex/*";
    let args: Vec<&str> = ["consent", "add", "globex"]
        .into_iter()
        .chain(terms.split(' '))
        .collect();
    env.takes_notes_of("globex");
    env.call(&args).ok();
    share(&env, &["acme/wp"]);
    share(&env, &["globex/mail"]);
    env
}

fn page(env: &TestEnv, name: &str, more: &[&str]) -> String {
    let out = env.path(name);
    env.call(&[&["review", "--out", &out], more].concat()).ok();
    let text = fs::read_to_string(&out).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_page_has_who_can_know_what_of_each_client_by_whose_word() {
    let env = shared_by_two();
    let text = page(&env, "all.txt", &[]);
    for told in [
        "WHO CAN KNOW WHAT acme wp: bob has it since ",
        "globex mail: bob has it since ",
        "Ann allowed it on ",
        "for \"newsletter\"",
        "initech Nobody else can know anything.",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    // It is read in years to come.
    let year = Timestamp::now().to_string()[..4].to_owned();
    let (_, since) = text.split_once("has it since ").unwrap();
    assert!(since[..20].contains(&year), "{text}");
}

#[test]
fn a_clients_review_is_of_theirs_alone_and_names_no_other() {
    let env = shared_by_two();
    env.call(&[
        "review",
        "bob",
        "--keep",
        "--note",
        "he makes the shop of Globex",
    ])
    .ok();
    env.call(&["review", "acme", "--keep", "--note", "they want none"])
        .ok();
    env.call(&["review", "globex", "--asked"]).ok();
    let all = |client: &str| {
        let list = env.call(&["review", "--list", "--json", "--client", client]);
        list.ok().json().as_array().unwrap().len()
    };
    assert_eq!((all("acme"), all("initech")), (0, 1));
    let out = env.path("acme.txt");
    env.call(&["review", "--out", &out, "--client", "acme"])
        .ok()
        .tells("names globex, so that the page has the answer without it");
    let text = fs::read_to_string(&out).unwrap();
    for told in ["client acme", "they want none", "bob has it", "contact bob"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    for other in ["globex", "initech", "newsletter", "mail"] {
        assert!(!text.to_lowercase().contains(other), "{other}: {text}");
    }
    let text = page(&env, "globex.txt", &["--client", "globex"]);
    assert!(text.contains("has access to what of globex and"), "{text}");
    assert!(
        text.contains("he makes the shop") && !text.contains("acme"),
        "{text}"
    );
    env.call(&["review", "acme", "--keep", "--client", "acme"])
        .fails(2);
    env.call(&["review", "--list", "--client", "nobody"])
        .fails(3);
}

#[test]
fn a_clients_page_leaves_out_a_purpose_that_names_another_and_has_what_was_removed() {
    let (env, _bob) = consented();
    env.add("acme/old", "s3cret-old");
    env.takes_notes_of("acme");
    let add = "consent add acme --to bob --scope acme/wp --by Ann --note phone --json --purpose";
    let args: Vec<&str> = add.split(' ').chain(["as we did for Globex"]).collect();
    let added = env.call(&args).ok().json();
    let told = "the purpose names globex, and acme will read it";
    assert!(added["warnings"].to_string().contains(told), "{added}");
    let consent = added["changed"][0].as_str().unwrap();
    share(&env, &["acme/wp", "--consent", consent]);
    env.call(&["review", "acme/old", "acme/wp", "--keep"]).ok();
    env.call(&["rm", "acme/old", "--yes"]).ok();
    let out = env.path("page.txt");
    let page = ["review", "--out", &out, "--client", "acme"];
    env.call(&page)
        .ok()
        .tells("names globex, so that the page leaves it out");
    let text = fs::read_to_string(&out).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!text.to_lowercase().contains("globex"), "{text}");
    assert!(text.contains("bob has it"), "{text}");
    let kept = "acme/old is still needed. Next time: ";
    let (_, after) = text.split_once(kept).expect(&text);
    assert!(after[..40].contains("Removed since."), "{text}");
    let (_, after) = text.split_once("acme/wp is still needed.").expect(&text);
    assert!(!after[..40].contains("Removed since."), "{text}");
}
