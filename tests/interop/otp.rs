//! One-time codes: the vectors of the RFCs, and the seeds that other programs export, held against
//! Python's HMAC.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vault::model::entry::totp;
use vault::model::text::secret::Secret;

use crate::interop::run;
use crate::support::env::TestEnv;

/// Prints the code of each `otpauth://` URI at a time, a second program's way.
const ORACLE: &str = r#"
import base64, hashlib, hmac, struct, sys, urllib.parse
now = int(sys.argv[1])
for uri in sys.argv[2:]:
    url = urllib.parse.urlsplit(uri)
    asked = dict(urllib.parse.parse_qsl(url.query))
    steam = url.netloc == "steam" or asked.get("issuer") == "Steam"
    key = base64.b32decode(asked["secret"] + "=" * (-len(asked["secret"]) % 8))
    counter = struct.pack(">Q", now // int(asked.get("period", 30)))
    digest = hmac.new(key, counter, getattr(hashlib, asked.get("algorithm", "SHA1").lower())).digest()
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at:at + 4])[0] & 0x7FFFFFFF
    if steam:
        code = ""
        for _ in range(5):
            code += "23456789BCDFGHJKMNPQRTVWXY"[number % 26]
            number //= 26
    else:
        digits = int(asked.get("digits", 6))
        code = str(number % 10 ** digits).zfill(digits)
    print(code)
"#;

fn fixtures() -> PathBuf {
    let fixtures = std::env::var_os("VAULT_FIXTURES").expect("VAULT_FIXTURES is unset");
    Path::new(&fixtures).join("otp")
}

fn code(seed: &str, now: u64) -> String {
    let made = totp::code(&Secret::new(seed.to_owned()), now);
    made.unwrap_or_else(|why| panic!("{seed}: {why}"))
        .text
        .expose()
        .to_owned()
}

/// Every `otpauth://` URI in the fixtures, whatever file it is in.
fn uris() -> Vec<String> {
    let mut uris = Vec::new();
    for file in fs::read_dir(fixtures()).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let text = text.replace("\\/", "/");
        let ends = |c: char| c.is_whitespace() || c == '"';
        for (at, _) in text.match_indices("otpauth://") {
            let uri = &text[at..];
            uris.push(uri[..uri.find(ends).unwrap_or(uri.len())].to_owned());
        }
    }
    uris
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn the_vectors_of_the_rfcs_come_out() {
    let text = fs::read(fixtures().join("rfc6238-rfc4226-vectors.json")).unwrap();
    let vectors: Value = serde_json::from_slice(&text).unwrap();
    let timed = vectors["totp"].as_array().unwrap();
    assert_eq!(timed.len(), 18);
    // A counter is a time with a period of one second.
    let counted = vectors["hotp"].as_array().unwrap();
    for vector in timed.iter().chain(counted) {
        let uri = format!(
            "otpauth://totp/x?secret={}&algorithm={}&digits={}&period={}",
            vector["secret_base32"].as_str().unwrap(),
            vector["algorithm"].as_str().unwrap(),
            vector["digits"],
            vector["period"].as_u64().unwrap_or(1),
        );
        let now = vector["time"]
            .as_u64()
            .or(vector["counter"].as_u64())
            .unwrap();
        assert_eq!(
            code(&uri, now),
            vector["code"].as_str().unwrap(),
            "{vector}"
        );
    }
}

#[test]
#[ignore = "needs VAULT_FIXTURES and python3; .ci/run runs it"]
fn seeds_that_other_programs_export_give_the_codes_that_python_computes() {
    let (counted, timed): (Vec<_>, Vec<_>) =
        (uris().into_iter()).partition(|uri| uri.starts_with("otpauth://hotp/"));
    assert!(counted.len() >= 3 && timed.len() >= 5, "{timed:?}");
    for uri in counted {
        assert!(totp::check(&Secret::new(uri)).is_err());
    }
    for now in [0_u64, 59, 1_700_000_000, 20_000_000_000] {
        let mut python = Command::new("python3");
        python.args(["-c", ORACLE, &now.to_string()]).args(&timed);
        let computed = String::from_utf8(run(&mut python).stdout).unwrap();
        let made: Vec<_> = timed.iter().map(|uri| code(uri, now)).collect();
        assert_eq!(made, computed.lines().collect::<Vec<_>>());
    }
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn every_timed_seed_goes_in_and_gives_a_code() {
    let env = TestEnv::ready();
    for (at, uri) in uris().iter().enumerate() {
        let path = format!("acme/n{at}");
        let add = env.call(&["add", &path, "--totp"]).stdin(uri);
        if uri.starts_with("otpauth://hotp/") {
            add.fails(2).says("HOTP");
        } else {
            add.ok();
            env.call(&["code", &path]).ok().tells("good for");
        }
    }
}
