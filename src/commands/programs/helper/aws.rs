//! `credential_process` of AWS tools: JSON on stdout, version 1.

use serde_json::json;

use super::login::{check_not_expired, opened_or_refused, warn_if_refused};
use crate::commands::reveal::hand_out::hand_out;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::entry::field::{Found, SECRET};
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::store::gate::{RevealedItem, Via};

/// The field of a session's token.
const TOKEN: &str = "session-token";

const EXAMPLES: &str = "\
Examples:
  vault add acme/aws -u AKIAEXAMPLE                the user name is the id of the access key
  vault helper --setup aws acme/aws --profile acme
  aws --profile acme s3 ls

A field session-token is given along, and the time of --expires.";

/// Options of `helper aws`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The entry: its user name is the id of the access key, its secret the key
    #[arg(value_name = "ENTRY")]
    pub(super) entry: EntryPath,
    /// With --setup, the profile to write [default: the client's name]
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
}

/// Answers AWS tools.
///
/// # Errors
/// [`crate::error::Kind::NotFound`], [`crate::error::Kind::NeedsInput`] while the vault is locked,
/// [`crate::error::Kind::Refused`]; as the gate.
pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    let path = &args.entry;
    if args.profile.is_some() {
        return Err(Error::usage("--profile goes with --setup"));
    }
    let session = opened_or_refused(ctx)?;
    let entry = session.vault().entry(path)?;
    check_not_expired(ctx, path, entry)?;
    let Some(id) = entry.username.value() else {
        return Err(Error::refused(format!(
            "{path} has no user name, which is the id of the access key"
        ))
        .hint(format!("name it: vault edit {path:#} --username AKIA…")));
    };
    let secret = entry.known_field(path, SECRET)?;
    let token = entry.field(TOKEN);
    let values = [
        ("user name", Some(id.as_str())),
        ("secret", Some(secret.expose())),
        (TOKEN, token.as_ref().map(Found::expose)),
    ];
    for (what, value) in values {
        if value.is_some_and(|value| value.contains(['\n', '\r', '\0'])) {
            return Err(Error::refused(format!(
                "AWS gets no {what} with a line end or a NUL byte in it, which {path} has"
            )));
        }
    }
    let items: Vec<_> = std::iter::once(&secret)
        .chain(&token)
        .map(|found| RevealedItem::field(path, entry, found))
        .collect();
    let via = Via::Helper {
        program: "aws",
        host: None,
    };
    hand_out(ctx, &session, &items, &via)?;
    warn_if_refused(ctx, path, entry);
    let mut answer = json!({
        "Version": 1,
        "AccessKeyId": id,
        "SecretAccessKey": secret.expose(),
    });
    if let Some(members) = answer.as_object_mut() {
        let token = token.map(|token| ("SessionToken".to_owned(), json!(token.expose())));
        let end = entry.expires.value();
        let end = end.map(|end| ("Expiration".to_owned(), json!(end.to_string())));
        members.extend(token.into_iter().chain(end));
    }
    ctx.ui.reveal(&Secret::new(answer.to_string()), true)
}
