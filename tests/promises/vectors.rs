//! Files in `tests/vectors`, named by their fault. `good.age` is today's format and has to open
//! for ever; the others are made of it and have to be refused for ever.
//!
//! `VAULT_WRITE_VECTORS=1 cargo test --test main promises::vectors` makes all of them anew.

use std::fs;
use std::path::PathBuf;

use crate::promises::exits;
use crate::promises::forge::{Forge, Parts, replace, resign, splice};
use crate::support::env::TestEnv;

/// What `get`, and `verify` with the signer of `good.age`, answer; what `get` says.
type Vector = (&'static str, i32, i32, &'static str);

const VECTORS: [Vector; 22] = [
    ("good", 0, 0, ""),
    ("empty", 5, 5, "empty"),
    ("text", 5, 5, "not an age file"),
    ("armoured", 5, 5, "armoured"),
    ("other_age_file", 5, 5, "not a vault"),
    ("header_without_end", 5, 5, "header"),
    ("thirty_three_stanzas", 5, 5, "stanzas"),
    ("no_password_stanza", 5, 5, "vault-argon2id"),
    ("two_password_stanzas", 5, 5, "vault-argon2id"),
    ("no_signature", 5, 5, "vault-signature"),
    ("two_signatures", 5, 5, "vault-signature"),
    ("noncanonical_number", 5, 5, "malformed"),
    ("kdf_excessive", 5, 0, "8GiB"),
    ("kdf_eight_tib", 5, 5, ""),
    ("bad_signature", 5, 5, "signature"),
    ("bad_mac", 5, 0, ""),
    ("payload_truncated", 5, 5, "signature"),
    ("payload_truncated_and_signed", 5, 0, ""),
    ("generation_disagrees", 5, 0, ""),
    ("newer_format", 1, 0, "upgrade"),
    ("newer_writer", 0, 0, ""),
    ("deep_json", 5, 0, ""),
];

/// What `get` gives out of every vector that opens.
const SECRET: &str = "correct horse, crème brûlée\nsecond line";

fn path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    folder.join(format!("{name}.age"))
}

/// Makes the vectors if that is asked for, and gives the signer of `good.age`.
fn signer() -> String {
    if std::env::var_os("VAULT_WRITE_VECTORS").is_some() {
        for (name, file) in make() {
            fs::write(path(name), file).unwrap();
        }
    }
    let good = Forge::open(
        fs::read(path("good")).unwrap(),
        crate::support::env::PASSWORD,
    );
    good.signing_key.signer().to_openssh()
}

fn make() -> Vec<(&'static str, Vec<u8>)> {
    let env = TestEnv::with(&[("acme/wp", "an older one"), ("globex/db", "two")]);
    exits(env.call(&["edit", "acme/wp", "--secret"]).stdin(SECRET), 0);
    exits(
        env.call(&["edit", "acme/wp", "-u", "ann", "--tag", "cms"]),
        0,
    );
    exits(env.call(&["rm", "globex/db", "--yes"]), 0);
    let forge = Forge::of(&env);
    let file = &forge.file;
    let parts = Parts::of(file);
    let password = parts.stanza(file, "vault-argon2id");
    let signature = parts.stanza(file, "vault-signature");
    let first = parts.stanzas[0].start;
    let twice =
        |part: &std::ops::Range<usize>| splice(file, part.end..part.end, &file[part.clone()]);
    let flipped = |at: usize| {
        let letter = if file[at] == b'A' { b'B' } else { b'A' };
        splice(file, at..at + 1, &[letter])
    };
    let asking = |m: &str| replace(file, " 7168 6 1 ", &format!(" {m} 6 1 "));
    let signed = |file: &[u8]| resign(file, &forge.signing_key);
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let payload = forge.next.to_string();
    let deep = payload.replacen('{', &format!("{{\"unknown\":{deep},"), 1);
    vec![
        ("good", file.clone()),
        ("empty", vec![]),
        ("text", b"name,url,username,password\n".to_vec()),
        (
            "armoured",
            b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n".to_vec(),
        ),
        ("other_age_file", other_age_file()),
        (
            "header_without_end",
            [&file[..first], "-> x\n\n".as_bytes()].concat(),
        ),
        (
            "thirty_three_stanzas",
            splice(file, first..first, "-> x\n\n".repeat(33).as_bytes()),
        ),
        ("no_password_stanza", splice(file, password.clone(), b"")),
        ("two_password_stanzas", signed(&twice(&password))),
        ("no_signature", splice(file, signature.clone(), b"")),
        ("two_signatures", twice(&signature)),
        ("noncanonical_number", signed(&asking("07168"))),
        ("kdf_excessive", signed(&asking("8388608"))),
        ("kdf_eight_tib", signed(&asking("8589934592"))),
        ("bad_signature", flipped(signature.end - 60)),
        ("bad_mac", flipped(parts.mac_line.start + 8)),
        ("payload_truncated", file[..file.len() - 20].to_vec()),
        (
            "payload_truncated_and_signed",
            signed(&file[..file.len() - 20]),
        ),
        (
            "generation_disagrees",
            forge.with(|payload| payload["generation"] = 99.into()),
        ),
        (
            "newer_format",
            forge.with(|payload| payload["format"] = 2.into()),
        ),
        (
            "newer_writer",
            forge.with(|payload| payload["min_writer"] = 2.into()),
        ),
        ("deep_json", forge.seal(deep.as_bytes())),
    ]
}

/// As stock age writes one; the header alone.
fn other_age_file() -> Vec<u8> {
    let x25519 = format!("-> X25519 {}\n{}\n", "A".repeat(43), "A".repeat(43));
    format!("age-encryption.org/v1\n{x25519}--- {}\n", "A".repeat(43)).into_bytes()
}

#[test]
fn each_vector_is_judged_by_its_fault() {
    let signer = signer();
    let mut misjudged = Vec::new();
    for (name, get, verify, says) in VECTORS {
        // A device that has seen nothing: the file alone decides.
        let env = TestEnv::new();
        let file = env.file("vector.age", fs::read(path(name)).unwrap());
        let vault = |args: &[&str]| env.call(&[&["--vault", &file], args].concat()).run();
        let verified = vault(&["verify", "--signer", &signer]);
        let got = vault(&["get", "-n", "acme/wp"]);
        let expected = if get == 0 { SECRET } else { "" };
        let as_it_should = verified.code == Some(verify)
            && got.code == Some(get)
            && got.stderr.contains(says)
            && got.stdout == expected.as_bytes();
        if !as_it_should {
            misjudged.push(format!(
                "{name}: get should be {get} saying {says:?}, verify {verify}\n{got:?}{verified:?}"
            ));
        }
    }
    assert!(misjudged.is_empty(), "{}", misjudged.join("\n"));
}

#[test]
fn todays_format_opens_for_ever() {
    let signer = signer();
    let env = TestEnv::new();
    let file = env.file("good.age", fs::read(path("good")).unwrap());
    let vault = |args: &[&str]| env.call(&[&["--vault", &file], args].concat());
    vault(&["verify", "--full", "--signer", &signer]).ok();
    vault(&["list"]).ok().prints("acme/wp\n");
    vault(&["get", "-n", "acme/wp", "--at-version", "1"])
        .ok()
        .prints("an older one");
    let shown = vault(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["username"], "ann");
    assert_eq!(shown["tags"], serde_json::json!(["cms"]));
    let log = vault(&["log", "--json"]).ok().json();
    let actions: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["action"])
        .collect();
    assert!(
        actions.iter().any(|action| **action == "remove"),
        "{actions:?}"
    );
    vault(&["add", "acme/new"]).stdin("three").ok();
    vault(&["get", "-n", "acme/new"]).ok().prints("three");
    vault(&["verify", "--full"]).ok();
}

#[test]
fn a_vault_for_newer_writers_is_read_and_not_written() {
    let env = TestEnv::new();
    let before = fs::read(path("newer_writer")).unwrap();
    let file = env.file("vector.age", &before);
    let vault = |args: &[&str]| env.call(&[&["--vault", &file], args].concat());
    vault(&["list"]).ok().prints("acme/wp\n");
    vault(&["add", "acme/new"])
        .stdin("three")
        .fails(1)
        .says("upgrade");
    assert_eq!(fs::read(file).unwrap(), before);
}
