//! The user of a kubeconfig by which kubectl asks here. It is printed: a kubeconfig is YAML, of which
//! there may be several, and nothing is written to it.

use super::super::kube::{Args, VERSIONS};
use super::{check_there, words};
use crate::context::Context;
use crate::error::Result;
use crate::model::text::quote::Quote;

/// Prints the user.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] for an unknown entry.
pub(in super::super) fn run(ctx: &Context, args: &Args) -> Result<()> {
    let path = &args.entry;
    check_there(ctx, Some(path), None)?;
    let words = words(ctx, &["kube", &path.to_string()])?;
    // A JSON string is one of YAML.
    let quoted: Vec<String> = words
        .iter()
        .map(|word| Quote::Json.apply(word).to_string())
        .collect();
    let Some((command, rest)) = quoted.split_first() else {
        return Ok(());
    };
    let name = Quote::Json.apply(path.client().as_str());
    let [version, ..] = VERSIONS;
    for line in [
        "users:".to_owned(),
        format!("- name: {}", *name),
        "  user:".to_owned(),
        "    exec:".to_owned(),
        format!("      apiVersion: {version}"),
        format!("      command: {command}"),
        format!("      args: [{}]", rest.join(", ")),
        "      interactiveMode: Never".to_owned(),
    ] {
        ctx.ui.line(&line)?;
    }
    Ok(())
}
