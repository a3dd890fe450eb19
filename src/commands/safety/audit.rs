//! `vault audit`: what is not as it should be of credentials, people and permissions.

mod accept;
mod formats;

use std::cmp::Reverse;
use std::collections::HashSet;

use anyhow::Result;
use uuid::Uuid;

use super::findings::{fail_for, tell, tell_fine};
use super::left_out::tell_hidden;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::findings::audit::accepted::find;
use crate::model::findings::audit::catalogue::{OTHER_RULES, RULES, RuleText, rule_text};
use crate::model::findings::audit::{AuditPolicy, audit, last_uses};
use crate::model::findings::finding::{Finding, Level};
use crate::model::findings::rule::Examined;
use crate::model::text::name::ClientSlug;
use crate::model::text::similar::did_you_mean;
use crate::model::text::words::words;
use crate::store::session::Session;

const EXAMPLES: &str = "\
Examples:
  vault audit                                  all clients, the worst first
  vault audit --client acme
  vault audit --rule secret-reused             all of one rule
  vault audit --explain secret-reused          why, and what to do
  vault audit accept no-second-factor acme/wp --until 90d --reason 'the site has none'
  vault audit --accepted                       what is accepted, and until when
  vault audit --format github                  in a workflow: an annotation for each finding
  vault audit --format sarif > vault.sarif     for code scanning

It reads and never changes anything, and no network is used. A finding is accepted for a year at
most; then it is back. In github and sarif, subjects are ids: --names has them by name.
Exit 8 when anything is found at or above --fail-on.";

/// Findings of one rule that are printed where no rule is asked for.
const SHOWN: usize = 10;

words! {
    /// How findings are written.
    pub enum Format {
        /// For people.
        Text = "text",
        /// One JSON array, as with `--json`.
        Json = "json",
        /// SARIF 2.1.0.
        Sarif = "sarif",
        /// Workflow commands of GitHub.
        Github = "github",
    }
}

/// Options of `audit`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<AuditCommand>,
    /// Of this client, and of the contacts whom it has permitted something
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// Of this rule; may be given several times
    #[arg(long = "rule", value_name = "RULE", value_parser = known_rule)]
    rules: Vec<&'static str>,
    /// Exit 8 for findings at this level or above: low, medium or high
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    fail_on: Level,
    /// How findings are written: text, json, sarif or github
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Hold it to a standard, too: default or pci
    #[arg(long, value_name = "POLICY", default_value = "default")]
    policy: AuditPolicy,
    /// Names instead of ids in github and sarif
    #[arg(long)]
    names: bool,
    /// Show what is accepted instead, with until when and why
    #[arg(long, conflicts_with_all = ["format", "explain"])]
    accepted: bool,
    /// Say why a rule matters, and what to do; of vault doctor and vault review, too
    #[arg(
        long,
        value_name = "RULE",
        value_parser = explained_rule,
        conflicts_with_all = ["client", "rules", "format", "names"]
    )]
    explain: Option<&'static str>,
    /// Show every rule, those that found nothing too
    #[arg(short, long)]
    verbose: bool,
}

/// What is done to a finding.
#[derive(Debug, clap::Subcommand)]
enum AuditCommand {
    /// Live with a finding for a while
    Accept(accept::Args),
}

fn known_rule(text: &str) -> Result<&'static str, String> {
    rule_among(RULES.iter(), text)
}

fn explained_rule(text: &str) -> Result<&'static str, String> {
    rule_among(RULES.iter().chain(OTHER_RULES), text)
}

fn rule_among(
    rules: impl Iterator<Item = &'static RuleText> + Clone,
    text: &str,
) -> Result<&'static str, String> {
    let mut names = rules.map(|it| it.rule);
    let near = did_you_mean(text, names.clone());
    names.find(|rule| *rule == text).ok_or_else(|| {
        near.unwrap_or_else(|| {
            "there is no such rule; for all of them: vault audit --verbose".to_owned()
        })
    })
}

/// Looks at everything and says what is not as it should be.
///
/// # Errors
/// [`crate::error::Kind::Findings`] when anything is found at or above the level.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    if let Some(AuditCommand::Accept(args)) = &args.command {
        return accept::run(args, ctx);
    }
    if let Some(rule) = args.explain.and_then(rule_text) {
        return Ok(explain(ctx, rule)?);
    }
    let session = ctx.unlock()?;
    let mut examined = examine(ctx, &session, args.policy)?;
    narrow(&mut examined, args, &session)?;
    let accepted = session.vault().take_accepted(&mut examined, ctx.now())?;
    if args.accepted {
        return Ok(accept::list(ctx, &accepted)?);
    }
    let mut findings: Vec<&Finding> = examined.iter().flat_map(|rule| &rule.findings).collect();
    findings.sort_by_key(|found| Reverse(found.level));
    match args.format {
        _ if ctx.ui.is_json() => ctx.ui.json(&formats::with_ids(&findings))?,
        Format::Json => ctx.ui.json(&formats::with_ids(&findings))?,
        Format::Sarif => formats::sarif(ctx, (&findings, &accepted), args.names)?,
        Format::Github => formats::github(ctx, &findings, args.names)?,
        Format::Text => answer(ctx, &examined, (&findings, accepted.len()), args)?,
    }
    tell_hidden(
        ctx,
        "not compared",
        &session.vault().hidden_by(session.proof())?,
    );
    fail_for(ctx, "audit", &findings, args.fail_on)
}

/// All that the rules come to, with fixes as they are typed here.
fn examine(ctx: &Context, session: &Session, policy: AuditPolicy) -> VaultResult<Vec<Examined>> {
    let _spinner = ctx.ui.spinner("looking at every credential");
    let uses = last_uses(&session.all_events(|why| ctx.ui.note(why))?);
    let mut examined = audit(
        session.vault(),
        &uses,
        policy,
        &ctx.now_here(),
        session.proof(),
    )?;
    for found in examined.iter_mut().flat_map(|rule| &mut rule.findings) {
        found.fix = found.fix.take().map(|fix| ctx.ui.as_typed(&fix));
    }
    Ok(examined)
}

/// Leaves what was asked for.
fn narrow(examined: &mut Vec<Examined>, args: &Args, session: &Session) -> VaultResult<()> {
    if !args.rules.is_empty() {
        examined.retain(|it| args.rules.contains(&it.rule));
    }
    if let Some(slug) = &args.client {
        let vault = session.vault();
        let theirs: HashSet<Uuid> = vault.records_of(vault.known_client(slug)?.id)?;
        let is_theirs = |found: &Finding| found.about.is_some_and(|id| theirs.contains(&id));
        for rule in examined {
            rule.findings.retain(is_theirs);
        }
    }
    Ok(())
}

fn answer(
    ctx: &Context,
    examined: &[Examined],
    (findings, accepted): (&[&Finding], usize),
    args: &Args,
) -> VaultResult<()> {
    let mut rules: Vec<&Examined> = examined
        .iter()
        .filter(|it| !it.findings.is_empty())
        .collect();
    rules.sort_by_key(|rule| Reverse(rule.findings.iter().map(|found| found.level).max()));
    for rule in rules {
        let mut of_rule: Vec<&Finding> = rule.findings.iter().collect();
        of_rule.sort_by_key(|found| Reverse(found.level));
        let shown = if args.rules.is_empty() && !args.verbose {
            SHOWN
        } else {
            of_rule.len()
        };
        for found in of_rule.iter().take(shown) {
            tell(ctx, found, &found.message)?;
        }
        if let Some(more) = of_rule.len().checked_sub(shown).filter(|more| *more > 0) {
            let all = ctx
                .ui
                .as_typed(&format!("vault audit --rule {}", rule.rule));
            ctx.ui
                .line(&format!("… {more} more of {}: {all}", rule.rule))?;
        }
    }
    tell_fine(ctx, examined, findings.is_empty(), args.verbose)?;
    if accepted > 0 {
        let shown = ctx.ui.as_typed("vault audit --accepted");
        ctx.ui.line(&format!("{accepted} accepted: {shown}"))?;
    }
    Ok(())
}

fn explain(ctx: &Context, rule: &RuleText) -> VaultResult<()> {
    if ctx.ui.is_json() {
        let text = serde_json::json!({
            "rule": rule.rule, "found": rule.found, "reason": rule.reason,
        });
        return ctx.ui.json(&text);
    }
    ctx.ui.heading(&format!("{}: {}", rule.rule, rule.found))?;
    ctx.ui.line(rule.reason)
}

/// What was typed names a finding of now; what accepts it is not looked at.
fn named(ctx: &Context, session: &Session, (rule, subject): (&str, &str)) -> VaultResult<Finding> {
    let examined = examine(ctx, session, AuditPolicy::Pci)?;
    let all: Vec<Finding> = examined
        .into_iter()
        .flat_map(|rule| rule.findings)
        .collect();
    find(&all, rule, subject).cloned()
}
