//! kubectl's exec plugin: an `ExecCredential`, as `client.authentication.k8s.io` has it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::login::{check_not_expired, opened_or_refused, warn_if_refused};
use crate::commands::reveal::hand_out::hand_out;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::entry::field::SECRET;
use crate::model::records::attachment::Attachment;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::store::gate::{RevealedItem, Via};

/// By this variable kubectl says what it understands.
const ASKED: &str = "KUBERNETES_EXEC_INFO";
/// What is answered, the usual one first.
pub(super) const VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];
/// The attachments that make a login by certificate.
const CERTIFICATE: &str = "client.crt";
const KEY: &str = "client.key";

const EXAMPLES: &str = "\
Examples:
  vault helper --setup kube acme/cluster       prints the user for a kubeconfig
  vault attach acme/cluster client.crt         and client.key: a login by certificate

The secret is given as the token; where the entry has both files, client.crt and client.key, these are
given instead. The time of --expires goes along.";

/// Options of `helper kube`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The entry: its secret is the token, or it has the attachments client.crt and client.key
    #[arg(value_name = "ENTRY")]
    pub(super) entry: EntryPath,
}

/// What kubectl says of itself.
#[derive(Deserialize)]
struct ExecInfo {
    #[serde(rename = "apiVersion")]
    api_version: String,
}

/// Answers kubectl.
///
/// # Errors
/// [`crate::error::Kind::Usage`] where it asks for another version; as `helper aws`.
pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    let path = &args.entry;
    let version = version()?;
    let session = opened_or_refused(ctx)?;
    let entry = session.vault().entry(path)?;
    check_not_expired(ctx, path, entry)?;
    let via = Via::Helper {
        program: "kube",
        host: None,
    };
    let mut status = match (entry.attachment(CERTIFICATE), entry.attachment(KEY)) {
        (Some(certificate), Some(key)) => {
            let pems = json!({
                "clientCertificateData": pem(path, certificate)?.expose(),
                "clientKeyData": pem(path, key)?.expose(),
            });
            let files = [certificate, key];
            let items = files.map(|file| RevealedItem::attachment(path, entry, file));
            hand_out(ctx, &session, &items, &via)?;
            pems
        }
        (None, None) => {
            let token = entry.known_field(path, SECRET)?;
            if token.expose().contains(['\n', '\r', '\0']) {
                return Err(Error::refused(format!(
                    "kubectl gets no token with a line end or a NUL byte in it, which {path} has"
                )));
            }
            hand_out(
                ctx,
                &session,
                &[RevealedItem::field(path, entry, &token)],
                &via,
            )?;
            warn_if_refused(ctx, path, entry);
            json!({"token": token.expose()})
        }
        (found, _) => {
            let missing = if found.is_some() { KEY } else { CERTIFICATE };
            return Err(Error::refused(format!(
                "{path} has no attachment {missing}, which belongs to the other one"
            ))
            .hint(format!("vault attach {path:#} {missing}")));
        }
    };
    if let (Some(end), Some(members)) = (entry.expires.value(), status.as_object_mut()) {
        members.insert("expirationTimestamp".into(), Value::from(end.to_string()));
    }
    let answer = json!({"apiVersion": version, "kind": "ExecCredential", "status": status});
    ctx.ui.reveal(&Secret::new(answer.to_string()), true)
}

/// The version that is asked for; where nothing says so, the usual one.
fn version() -> Result<&'static str> {
    let Some(asked) = std::env::var_os(ASKED).filter(|asked| !asked.is_empty()) else {
        return Ok(VERSIONS[0]);
    };
    let asked: Option<ExecInfo> = asked.to_str().and_then(|it| serde_json::from_str(it).ok());
    let Some(asked) = asked else {
        return Err(Error::usage(format!(
            "{ASKED} is not JSON with an apiVersion"
        )));
    };
    let mut known = VERSIONS.into_iter();
    known
        .find(|known| *known == asked.api_version)
        .ok_or_else(|| {
            Error::usage(format!("{ASKED} asks for an apiVersion that is not known")).hint(format!(
                "in the kubeconfig, name one: {}",
                VERSIONS.join(", ")
            ))
        })
}

/// A file that has to be text.
fn pem(path: &EntryPath, file: &Attachment) -> Result<Secret> {
    let bytes = file.bytes()?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Error::refused(format!("{} of {path} is not text, as PEM is", file.name)))?;
    Ok(Secret::new(text.to_owned()))
}
