//! What `audit` writes as SARIF is what the published schema of SARIF 2.1.0 asks for.
//!
//! `VAULT_SARIF_SCHEMA` is that schema, and `VAULT_ORACLE_PYTHON` a Python that has `jsonschema`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::env::TestEnv;

const VALIDATE: &str = "\
import json, sys, jsonschema
schema = json.load(open(sys.argv[1], encoding='utf-8'))
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
faults = list(kind(schema).iter_errors(json.load(sys.stdin)))
sys.exit('; '.join(fault.message for fault in faults) if faults else 0)";

/// What is wrong with a document, if anything is.
fn faults(document: &[u8]) -> Option<String> {
    let variable = |name: &str| std::env::var_os(name).unwrap_or_else(|| panic!("{name} is unset"));
    let mut child = Command::new(variable("VAULT_ORACLE_PYTHON"))
        .args(["-c", VALIDATE])
        .arg(variable("VAULT_SARIF_SCHEMA"))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(document).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (!output.status.success()).then_some(said)
}

#[test]
#[ignore = "needs the schema of SARIF; .ci/run runs it"]
fn every_report_is_valid_sarif() {
    let env = TestEnv::with(&[("acme/router", "admin"), ("globex/router", "admin")]);
    let report = |more: &[&str]| {
        let args = [&["audit", "--format", "sarif", "--fail-on", "high"], more].concat();
        env.call(&args).run().stdout
    };
    let full = report(&[]);
    assert!(String::from_utf8_lossy(&full).contains("secret-default"));
    assert_eq!(faults(&full), None);
    assert_eq!(faults(&report(&["--names", "--policy", "pci"])), None);
    let accept = ["audit", "accept", "secret-default", "acme/router"];
    let accept = [
        &accept[..],
        &["--until", "90d", "--reason", "it has no other"],
    ]
    .concat();
    env.call(&accept).ok();
    let accepted = report(&["--names"]);
    assert!(String::from_utf8_lossy(&accepted).contains("suppressions"));
    assert_eq!(faults(&accepted), None);
    // The check can fail.
    let bad = String::from_utf8(full).unwrap().replace("2.1.0", "2.0.0");
    assert!(faults(bad.as_bytes()).is_some());
    assert!(faults(b"{}").is_some());
}
