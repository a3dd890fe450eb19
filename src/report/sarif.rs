//! Findings as SARIF 2.1.0, the Static Analysis Results Interchange Format of OASIS.

use serde_json::{Value, json};

/// A rule, as the file describes it.
#[derive(Clone, Copy, Debug)]
pub struct SarifRule<'a> {
    /// Its name, a stable word.
    pub id: &'a str,
    /// What it finds.
    pub found: &'a str,
    /// Why that matters.
    pub reason: &'a str,
}

/// How bad a result is.
#[derive(Clone, Copy, Debug)]
pub enum SarifLevel {
    /// `error`.
    Error,
    /// `warning`.
    Warning,
    /// `note`.
    Note,
}

impl SarifLevel {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A result.
#[derive(Clone, Debug)]
pub struct SarifResult {
    /// The rule's name.
    pub rule: String,
    /// How bad it is.
    pub level: SarifLevel,
    /// What was found.
    pub message: String,
    /// What it is about.
    pub subject: String,
    /// The same for the same finding in every run, and for no other.
    pub fingerprint: String,
    /// Whether it is accepted.
    pub is_accepted: bool,
}

/// The file. `artifact` is the name of the file that the results are about.
#[must_use]
pub fn log(
    version: &str,
    artifact: &str,
    rules: &[SarifRule<'_>],
    results: &[SarifResult],
) -> Value {
    let rules: Vec<Value> = rules.iter().map(described).collect();
    let results: Vec<Value> = results.iter().map(|it| result(it, artifact)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "vault", "semanticVersion": version, "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(rule: &SarifRule<'_>) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.found},
        "fullDescription": {"text": rule.reason},
        "help": {"text": rule.reason},
    })
}

fn result(it: &SarifResult, artifact: &str) -> Value {
    let suppressions: Vec<Value> = it
        .is_accepted
        .then(|| json!({"kind": "external", "status": "accepted"}))
        .into_iter()
        .collect();
    json!({
        "ruleId": it.rule,
        "level": it.level.word(),
        "message": {"text": it.message},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": artifact},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{"fullyQualifiedName": it.subject}],
        }],
        "partialFingerprints": {"vaultFinding/v1": it.fingerprint},
        "suppressions": suppressions,
    })
}
