//! `evidence`: a folder that shows what a client permitted, and the script that checks it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::consent::consent_sign::{key, public, sign};
use crate::cli::sharing::both_sides::Two;
use crate::support::env::{TestEnv, holds, mode_of, number};

/// A permission that acme's Jo signed, a share under it, and what bob signed of that.
fn proved() -> (Two, PathBuf) {
    let two = Two::new();
    let alice = &two.alice;
    alice.me();
    alice.call(&["consent", "withdraw", "acme"]).ok();
    let jo = public(&key(1));
    alice
        .call(&[
            "client",
            "edit",
            "acme",
            "--key",
            &jo,
            "--key-verified",
            "by phone",
        ])
        .ok();
    let request = alice
        .call(&[
            "consent",
            "request",
            "acme",
            "--to",
            "bob",
            "--scope",
            "acme/wp",
            "--purpose",
            "shop",
        ])
        .ok();
    let signature = sign(&key(1), "vault-consent", request.text());
    let signature = alice.file("ask.txt.sig", signature);
    alice
        .call(&["consent", "answer", "--signature", &signature])
        .ok();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let receipt = two.to_alice(&format!("RECEIPT-{}.json", number(&id)));
    alice.call(&["ack", &receipt]).ok();
    fs::remove_file(&file).unwrap();
    two.bob
        .call(&["attest", &id, "--yes", "--outside", "none"])
        .ok();
    let deletion = two.to_alice(&format!("DELETION-{}.json", number(&id)));
    alice.call(&["ack", &deletion]).ok();
    alice.call(&["evidence", "acme", "--out", "papers"]).ok();
    let folder = alice.work().join("papers");
    (two, folder)
}

/// What the script says, and how it ends.
fn check(folder: &Path) -> (String, Option<i32>) {
    let output = Command::new("sh")
        .arg(folder.join("check.sh"))
        .current_dir("/")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (said, output.status.code())
}

/// All files by their paths in the folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                files.insert(path, bytes);
            }
        }
    }
    files
}

#[test]
fn the_script_says_that_all_holds_and_anyone_can_run_it() {
    let (_two, folder) = proved();
    let (said, code) = check(&folder);
    assert_eq!(code, Some(0), "{said}");
    for paper in ["request.txt", "receipt.txt", "deletion.txt"] {
        let line = format!("{paper}: signed by the key in allowed_signers");
        let mut lines = said.lines().filter(|it| it.ends_with(&line));
        assert!(lines.all(|it| it.starts_with("holds:")), "{said}");
        assert!(said.contains(&line), "{said}");
    }
    assert!(!said.contains("DOES NOT HOLD"), "{said}");
    for (path, bytes) in files(&folder) {
        assert_eq!(mode_of(&path), 0o600, "{path:?}");
        assert!(!holds(&bytes, "hunter2"), "{path:?}");
    }
    let script = fs::read_to_string(folder.join("check.sh")).unwrap();
    assert!(script.lines().count() <= 14, "{script}");
    let readme = fs::read_to_string(folder.join("README.txt")).unwrap();
    for told in [
        "EVIDENCE FOR acme",
        "sh check.sh",
        "permissions/",
        "shares/",
        "SHA256:",
    ] {
        assert!(readme.contains(told), "{told}: {readme}");
    }
}

#[test]
fn any_byte_that_is_changed_any_file_that_is_added_or_missing_is_found() {
    let (_two, folder) = proved();
    let all = files(&folder);
    assert!(all.len() > 15, "{}", all.len());
    for (path, bytes) in &all {
        let last = bytes.len() - 1;
        for at in [0, bytes.len() / 3, bytes.len() / 2, last - 1, last] {
            // Where the script itself is changed, in what it says alone: else it may not run.
            let at = if path.ends_with("check.sh") {
                bytes.windows(5).position(|it| it == b"holds").unwrap_or(at)
            } else {
                at
            };
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(path, &changed).unwrap();
            let (said, code) = check(&folder);
            assert_eq!(code, Some(1), "{path:?}, byte {at}: {said}");
        }
        fs::remove_file(path).unwrap();
        if !path.ends_with("check.sh") {
            let (said, code) = check(&folder);
            assert_ne!(code, Some(0), "{path:?} is missing: {said}");
        }
        fs::write(path, [bytes.as_slice(), b"\n"].concat()).unwrap();
        let (said, code) = check(&folder);
        assert_eq!(code, Some(1), "{path:?} is longer: {said}");
        fs::write(path, bytes).unwrap();
    }
    assert_eq!(check(&folder).1, Some(0));
    let added = folder.join("shares/more.txt");
    fs::write(&added, "more").unwrap();
    let (said, code) = check(&folder);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("DOES NOT HOLD:  no file was added or is missing"),
        "{said}"
    );
}

#[test]
fn papers_are_as_they_were_signed_and_the_log_names_no_other_client() {
    let (two, folder) = proved();
    let shares = two.alice.call(&["shares", "--json"]).ok().json();
    let id = shares[0]["id"].as_str().unwrap();
    two.alice
        .call(&["shares", "show", id, "--evidence", "one"])
        .ok();
    let one = files(&two.alice.work().join("one"));
    for (path, bytes) in &one {
        let name = path.file_name().unwrap();
        let there = folder.join("shares").join(number(id)).join(name);
        assert_eq!(&fs::read(&there).unwrap(), bytes, "{name:?}");
    }
    let log = fs::read_to_string(folder.join("log.txt")).unwrap();
    for told in ["  share  ", "  ack  ", "  consent  "] {
        assert!(log.contains(told), "{told}: {log}");
    }
    two.alice
        .call(&["evidence", "acme", "--out", "papers"])
        .fails(7);
    let last = two.alice.call(&["log", "--json"]).ok().json();
    let reveals = last.as_array().unwrap().iter();
    let of_papers = reveals.filter(|it| it["detail"]["what"] == "evidence");
    assert_eq!(of_papers.count(), 2);
}

#[test]
fn it_is_in_the_clients_language_and_papers_that_name_others_are_pointed_out() {
    let env = super::report::story("moving to zenith");
    env.call(&["client", "edit", "acme", "--lang", "de"]).ok();
    env.call(&["evidence", "acme", "--out", "papers"])
        .ok()
        .tells("manifest.json names zenith. It is as it was");
    let folder = env.work().join("papers");
    let (said, code) = check(&folder);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("stimmt:"), "{said}");
    let readme = fs::read_to_string(folder.join("README.txt")).unwrap();
    assert!(readme.starts_with("NACHWEISE FÜR Acme Ltd"), "{readme}");
    let log = fs::read_to_string(folder.join("log.txt")).unwrap();
    assert!(
        !log.to_lowercase().contains("zenith") && !log.contains("globex"),
        "{log}"
    );
}

#[test]
fn it_needs_a_sender_and_a_new_folder() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    env.call(&["evidence", "acme"]).fails(2);
    env.call(&["evidence", "acme", "--out", "-"]).fails(2);
    env.call(&["evidence", "acme", "--out", "x"]).fails(9);
    env.me();
    env.call(&["evidence", "nobody", "--out", "x"]).fails(3);
    env.call(&["evidence", "acme", "--out", "x"]).ok();
    assert_eq!(check(&env.work().join("x")).1, Some(0));
}
