//! Findings as other programs read them.

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Result;
use crate::model::findings::audit::catalogue::{RULES, rule_text};
use crate::model::findings::finding::{Finding, Level};
use crate::model::records::acceptance::Acceptance;
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::short;
use crate::report::annotations::{self, Annotation, AnnotationKind};
use crate::report::sarif::{self, SarifLevel, SarifResult, SarifRule};

/// Findings with the start of the id of what each is about.
pub(super) fn with_ids(findings: &[&Finding]) -> Vec<Value> {
    let with_id = |found: &&Finding| {
        let mut value = json!(found);
        if let (Value::Object(members), Some(id)) = (&mut value, found.about) {
            members.insert("id".to_owned(), json!(short(id)));
        }
        value
    };
    findings.iter().map(with_id).collect()
}

/// What a finding is about, and what is wrong, with names or without any.
fn told(found: &Finding, names: bool) -> (String, String) {
    if names {
        return (found.subject.clone(), found.message.clone());
    }
    let subject = found.about.map_or_else(|| "vault".to_owned(), short);
    let what = rule_text(found.rule).map_or(found.rule, |rule| rule.found);
    let message = format!("{subject}: {what}");
    (subject, message)
}

pub(super) fn github(ctx: &Context, findings: &[&Finding], names: bool) -> Result<()> {
    let all: Vec<Annotation> = findings
        .iter()
        .map(|found| Annotation {
            kind: match found.level {
                Level::High => AnnotationKind::Error,
                Level::Medium => AnnotationKind::Warning,
                Level::Low => AnnotationKind::Notice,
            },
            title: found.rule.to_owned(),
            message: told(found, names).1,
        })
        .collect();
    let (text, left_out) = annotations::lines(&all);
    for line in text.lines() {
        ctx.ui.line(line)?;
    }
    if left_out > 0 {
        ctx.ui.note(&format!(
            "{left_out} more are not shown: GitHub shows {} of a kind in a step",
            annotations::SHOWN
        ));
    }
    Ok(())
}

pub(super) fn sarif(
    ctx: &Context,
    (findings, accepted): (&[&Finding], &[(Finding, &Acceptance)]),
    names: bool,
) -> Result<()> {
    let rules: Vec<SarifRule<'_>> = RULES
        .iter()
        .map(|it| SarifRule {
            id: it.rule,
            found: it.found,
            reason: it.reason,
        })
        .collect();
    let found = findings.iter().map(|found| result(found, names, false));
    let accepted = accepted.iter().map(|(found, _)| result(found, names, true));
    let results: Vec<SarifResult> = found.chain(accepted).collect();
    let log = sarif::log(env!("CARGO_PKG_VERSION"), "vault.age", &rules, &results);
    ctx.ui.json(&log)
}

fn result(found: &Finding, names: bool, is_accepted: bool) -> SarifResult {
    let (subject, message) = told(found, names);
    let about = found.about.map(|id| id.to_string()).unwrap_or_default();
    SarifResult {
        rule: found.rule.to_owned(),
        level: match found.level {
            Level::High => SarifLevel::Error,
            Level::Medium => SarifLevel::Warning,
            Level::Low => SarifLevel::Note,
        },
        message,
        subject,
        fingerprint: sha256_hex(format!("{} {about}", found.rule).as_bytes()),
        is_accepted,
    }
}
