//! The credential helper of docker, podman and their kin: one JSON value or an address on stdin, one
//! JSON value on stdout.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::login::{hand, meant, opened};
use super::operation::WantedOperation;
use super::stored::{TriedLogin, store};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::entry::field::SECRET;
use crate::model::logins::fitting::FoundLogin;
use crate::model::logins::place::WebPlace;
use crate::model::logins::registry::{registry_of, wanted_registry};
use crate::model::text::limits::SECRET_BYTES;
use crate::model::text::name::ClientSlug;
use crate::model::text::secret::Secret;
use crate::store::gate::Via;

const NAME: &str = "docker";
/// By these words, on stdout, docker knows that there is no login, and goes on without.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// What tells several entries of one registry apart, where docker named an image, and where it did not.
const CHOICE: &str = "to choose one, give the entries URLs with the path of their images";
const NO_CHOICE: &str = "docker names neither image nor user there, so one entry has the login: take the URL from the \
     others (vault edit ENTRY --unset url=URL), or give one client's to one command: \
     vault run --env DOCKER_AUTH_CONFIG=REF -- docker …";
/// What docker may send, in bytes.
const MESSAGE_BYTES: usize = 2 * SECRET_BYTES;

const EXAMPLES: &str = "\
Examples:
  vault helper --setup docker
  echo registry.example | vault helper docker get
  vault helper docker list

docker calls it as docker-credential-vault, with get, store, erase or list. list has what is a registry
by its host or by a tag, docker or registry, and one login: docker asks for the secret of everything in
it. docker names the registry alone, so two clients' logins at one are told apart only where the image is
named (podman). store, at a docker login, keeps nothing unless --store names a client; a login that the vault has is fine. erase, at
a docker logout, deletes nothing.";

/// Options of `helper docker`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(mut_arg("operation", |arg| arg.help("What docker wants: get, store, erase or list")))]
pub struct Args {
    #[command(flatten)]
    pub(super) wanted: WantedOperation,
}

/// A login as docker has it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DockerLogin<'a> {
    #[serde(rename = "ServerURL")]
    server: &'a str,
    username: &'a str,
    secret: &'a str,
}

/// As [`DockerLogin`], as it comes in.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentLogin {
    #[serde(rename = "ServerURL")]
    server: String,
    username: String,
    secret: String,
}

/// Answers docker.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for what is no message of docker's; as the gate.
pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    let Some(operation) = args.wanted.word() else {
        return Err(
            Error::usage("docker's helper is called with get, store, erase or list")
                .hint("to let docker call it: vault helper --setup docker"),
        );
    };
    match operation {
        "get" => get(ctx),
        "list" => list(ctx),
        "store" => take_login(ctx, args.wanted.store()),
        "erase" => {
            // A logout: what the vault has stays, and docker tells no secret that was refused.
            server(ctx)?;
            ctx.ui
                .note("nothing is removed from the vault; for that: vault rm ENTRY");
            Ok(())
        }
        "version" => ctx.ui.line(&format!("vault {}", env!("CARGO_PKG_VERSION"))),
        other => Err(
            Error::usage(format!("docker's helper has no operation {other}"))
                .hint("it is called with get, store, erase or list"),
        ),
    }
}

fn message(ctx: &Context) -> Result<Secret> {
    let bytes = ctx.ui.stdin_bytes(MESSAGE_BYTES)?;
    if bytes.len() > MESSAGE_BYTES {
        return Err(Error::usage(format!(
            "docker sends more than {MESSAGE_BYTES} bytes"
        )));
    }
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_| Error::usage("docker sends what is not UTF-8"))?;
    Ok(Secret::new(text.to_owned()))
}

/// The address that docker sends.
fn server(ctx: &Context) -> Result<String> {
    let sent = message(ctx)?;
    let server = sent.expose();
    let server = server.strip_suffix('\n').unwrap_or(server);
    let server = server.strip_suffix('\r').unwrap_or(server);
    check_value("address", server)?;
    Ok(server.to_owned())
}

fn check_value(what: &str, value: &str) -> Result<()> {
    if value.is_empty() || value.contains(['\n', '\r', '\0']) {
        return Err(Error::usage(format!(
            "docker sends no {what}, or one with a line end or a NUL byte in it"
        )));
    }
    Ok(())
}

/// Tells docker in its words that there is no login.
fn not_found(ctx: &Context) -> Result<()> {
    ctx.end_with(1);
    ctx.ui.line(NOT_FOUND)
}

fn get(ctx: &Context) -> Result<()> {
    let server = server(ctx)?;
    let Some(wanted) = wanted_registry(&server) else {
        return not_found(ctx);
    };
    let Some(session) = opened(ctx, NAME)? else {
        return not_found(ctx);
    };
    let choice = if wanted.has_path { CHOICE } else { NO_CHOICE };
    let Some(fit) = meant(ctx, &session, &wanted, choice)? else {
        return not_found(ctx);
    };
    let Some(username) = fit.username() else {
        let path = &fit.path;
        ctx.ui
            .warn(&format!("{path} has no user name, which docker needs"));
        ctx.ui
            .hint(&format!("name it: vault edit {path:#} --username USER"));
        return not_found(ctx);
    };
    let current = fit.entry.known_field(&fit.path, SECRET)?;
    for (what, value) in [("user name", username), ("secret", current.expose())] {
        if value.contains(['\n', '\r', '\0']) {
            return Err(Error::refused(format!(
                "docker gets no {what} with a line end or a NUL byte in it, which {} has",
                fit.path
            )));
        }
    }
    let host = wanted.places.first().map(WebPlace::host);
    let via = Via::Helper {
        program: NAME,
        host: host.as_deref(),
    };
    let secret = hand(ctx, &session, &fit, &via)?;
    answer(
        ctx,
        &DockerLogin {
            server: &server,
            username,
            secret: secret.expose(),
        },
    )
}

fn answer(ctx: &Context, value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map(Secret::new);
    let text = text.map_err(|_| Error::failed("the answer cannot be written as JSON"))?;
    ctx.ui.bytes(text.expose().as_bytes())?;
    ctx.ui.bytes(b"\n")
}

fn list(ctx: &Context) -> Result<()> {
    let mut users = BTreeMap::new();
    // docker asks for all of them before it builds, and goes on with what it needs no login for.
    let Some(session) = opened(ctx, NAME)? else {
        return answer(ctx, &users);
    };
    let live = session.vault().live()?;
    let entries = live.iter().map(|(_, entry)| entry);
    let urls = entries.flat_map(|entry| entry.urls().iter().map(move |url| (entry, url)));
    let servers: BTreeSet<String> = urls
        .filter_map(|(entry, url)| registry_of(entry, url))
        .collect();
    // No more than get would give: docker takes it ill.
    for server in servers {
        let Some(wanted) = wanted_registry(&server) else {
            continue;
        };
        if let FoundLogin::One(fit, _) = session.vault().found_login(&wanted, ctx.now())?
            && let Some(user) = fit.username()
            && fit.entry.refused_by_host().is_none()
        {
            users.insert(server, user.to_owned());
        }
    }
    answer(ctx, &users)
}

fn take_login(ctx: &Context, client: Option<&ClientSlug>) -> Result<()> {
    let sent = message(ctx)?;
    // What is wrong with it is not told: it holds a secret.
    let sent: SentLogin = serde_json::from_str(sent.expose())
        .map_err(|_| Error::usage("docker sends no login as JSON"))?;
    check_value("address", &sent.server)?;
    check_value("user name", &sent.username)?;
    check_value("secret", &sent.secret)?;
    let Some(mut wanted) = wanted_registry(&sent.server) else {
        return Err(Error::usage("docker sends an address that names no host"));
    };
    wanted.username = Some(sent.username);
    let tried = TriedLogin {
        program: NAME,
        wanted,
        secret: Secret::new(sent.secret),
        expires: None,
        is_ephemeral: false,
    };
    let outcome = store(ctx, &tried, client)?;
    let Some(why) = outcome.why_not() else {
        return Ok(());
    };
    // docker shows what a helper that fails has printed.
    ctx.end_with(1);
    ctx.ui.line(why)
}
