//! `vault breach`: whether secrets stand in a copy of Pwned Passwords, without the network.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use super::left_out::{HIDDEN, tell_hidden};
use crate::breach::hash::PwnedHash;
use crate::breach::list::PwnedList;
use crate::breach::lookup::Lookup;
use crate::breach::ranges::needed;
use crate::commands::args::dry_run::DryRunArg;
use crate::context::Context;
use crate::crypto::SigningKey;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::records::client::Client;
use crate::model::rotation::compromised::UsedSecret;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::model::text::text_rules::is_address;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault breach ranges > get.sh               the ranges that are needed, as lines for curl
  vault breach check --pwned ranges          look every secret up in them
  vault breach mail acme                     the addresses of a client to look up by hand

Nothing here uses the network, and no password and no whole hash ever leaves this machine.";

const CHECK: &str = "\
Examples:
  vault breach check --pwned ranges
  vault breach check --pwned pwned-passwords-sha1-ordered-by-hash.txt --client acme
  vault breach check --pwned ranges --dry-run

The list is Pwned Passwords by Have I Been Pwned, as SHA-1: one text file that is ordered by hash
(tens of gigabytes), or a folder with the ranges that are needed, which vault breach ranges names
(20 megabytes for 300 secrets).

Looked up are current and pending secrets, hidden fields, and what is in the trash: it works at the
site as before. A hit is kept in the vault, and its entry is flagged rotate until the secret is
changed. A range that is missing is not checked, never not found.
Exit 8 for a hit; 1 where nothing was hit and something could not be checked.";

const RANGES: &str = "\
Examples:
  mkdir ranges && cd ranges
  vault breach ranges > ../get.sh && sh ../get.sh
  vault breach check --pwned .

Each line fetches one range of about 800 hashes. What leaves this machine is the start of a hash,
20 bits of 160, to api.pwnedpasswords.com; among decoys, so that nobody there can tell which of them
you need. The lines are sorted, and nothing tells one kind from the other; the decoys are the same
each time, so that two runs tell no more than one. Ask in one go, for all clients.";

const MAIL: &str = "\
Examples:
  vault breach mail acme

Look each address up at haveibeenpwned.com, or ask its owner to. Never enter a password anywhere.
Not found is no all-clear: a breach may not be known yet.";

/// Options of `breach`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: BreachCommand,
}

/// What is looked up, or prepared for that.
#[derive(Debug, Subcommand)]
enum BreachCommand {
    /// Look every secret up in a copy of the list
    Check(CheckArgs),
    /// Print the ranges of the list that are needed, among decoys
    Ranges(RangesArgs),
    /// Print the mail addresses of a client, to look up by hand
    Mail(MailArgs),
}

/// Options of `breach check`.
#[derive(clap::Args, Debug)]
#[command(after_help = CHECK)]
struct CheckArgs {
    /// The list: a text file ordered by hash, or a folder of ranges
    #[arg(long, value_name = "FILE|DIR")]
    pwned: PathBuf,
    /// Of this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Options of `breach ranges`.
#[derive(clap::Args, Debug)]
#[command(after_help = RANGES)]
struct RangesArgs {
    /// How many others to ask for; as many as are needed, if that is not said
    #[arg(long, value_name = "N")]
    decoys: Option<u16>,
    /// Of this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
}

/// Options of `breach mail`.
#[derive(clap::Args, Debug)]
#[command(after_help = MAIL)]
struct MailArgs {
    /// The client
    #[arg(value_name = "CLIENT", required_unless_present = "client")]
    of: Option<ClientSlug>,
    /// The same
    #[arg(long, value_name = "CLIENT", conflicts_with = "of")]
    client: Option<ClientSlug>,
}

/// Looks secrets up, or prepares that.
///
/// # Errors
/// [`Kind::Findings`] for a hit.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match &args.command {
        BreachCommand::Check(args) => check(args, ctx),
        BreachCommand::Ranges(args) => Ok(ranges(args, ctx)?),
        BreachCommand::Mail(args) => Ok(mail(args, ctx)?),
    }
}

/// The secrets that are looked up, of one client or of all, each with its hash, and the entries of
/// those that are not, since a list of guesses would tell them.
struct Hashed<'a> {
    secrets: Vec<(String, UsedSecret<'a>, PwnedHash)>,
    hidden: Vec<String>,
}

fn hashed<'a>(session: &'a Session, client: Option<&ClientSlug>) -> VaultResult<Hashed<'a>> {
    let (vault, proof) = (session.vault(), session.proof());
    let client = client.map(|slug| vault.known_client(slug)).transpose()?;
    let is_wanted = |used: &UsedSecret<'_>| {
        client.is_none_or(|client| used.entry.client.get() == Some(&client.id))
    };
    let (mut secrets, mut hidden) = (Vec::new(), Vec::new());
    for (path, used) in vault.used_secrets()? {
        let secret = used.version.secret();
        if !is_wanted(&used) || secret.expose().is_empty() {
            continue;
        }
        if proof.hides(used.entry, secret) {
            hidden.push(path);
        } else {
            secrets.push((path, used, PwnedHash::of(secret)));
        }
    }
    Ok(Hashed { secrets, hidden })
}

fn check(args: &CheckArgs, ctx: &Context) -> Result<()> {
    let mut list = PwnedList::open(&args.pwned)?;
    args.dry_run.begin(ctx);
    let session = if ctx.rehearses() {
        ctx.unlock()?
    } else {
        ctx.unlock_to_change()?
    };
    let Hashed { secrets, hidden } = hashed(&session, args.client.as_ref())?;
    let count = secrets.len() + hidden.len();
    let (mut hits, mut versions, mut unchecked): (Vec<Shown>, Vec<Uuid>, Vec<(String, String)>) =
        Default::default();
    let counter = ctx.ui.counter("looked up");
    for (at, (path, used, hash)) in secrets.iter().enumerate() {
        counter.set(at as u64);
        match list.look_up(hash) {
            Lookup::Found(seen) => {
                versions.push(used.version.id);
                hits.push(
                    Shown::default()
                        .field("path", "PATH", path)
                        .field("field", "FIELD", used.slot)
                        .field("version", "VERSION", used.entry.version_name(used.version))
                        .told("seen", "SEEN", seen, format!("{seen} times")),
                );
            }
            Lookup::NotFound => {}
            Lookup::NotChecked(why) => unchecked.push((path.clone(), why)),
        }
    }
    drop(counter);
    drop(secrets);
    let is_list_whole = unchecked.is_empty();
    unchecked.extend(hidden.into_iter().map(|path| (path, HIDDEN.to_owned())));
    ctx.ui.list(hits, "")?;
    ctx.ui.flush()?;
    tell_unchecked(ctx, &unchecked);
    let found = versions.len();
    if !ctx.rehearses() && found > 0 {
        let name = args.pwned.file_name().unwrap_or(args.pwned.as_os_str());
        let source = name.to_string_lossy().into_owned();
        ctx.change(session, |vault, author| {
            vault.record_leaked(&source, &versions, author)
        })?;
    }
    ctx.ui.note(&format!(
        "looked up {} of {count} secrets, {found} leaked",
        count - unchecked.len()
    ));
    verdict(ctx, found, unchecked.len(), is_list_whole)
}

fn tell_unchecked(ctx: &Context, unchecked: &[(String, String)]) {
    const TOLD: usize = 10;
    for (path, why) in unchecked.iter().take(TOLD) {
        ctx.warn(&format!("{path} is not checked: {why}"));
    }
    if let Some(more) = unchecked.len().checked_sub(TOLD).filter(|more| *more > 0) {
        ctx.warn(&format!("{more} more are not checked"));
    }
}

fn verdict(ctx: &Context, found: usize, unchecked: usize, is_list_whole: bool) -> Result<()> {
    ctx.ui.flush()?;
    if found > 0 {
        ctx.tell_rehearsed();
        return Err(Error::new(Kind::Findings, "leaked secrets are in use")
            .hint("to change them: vault rotate --due")
            .into());
    }
    if unchecked > 0 {
        let hint = if is_list_whole {
            "to have what is for use only checked too: name the master password, --password-file"
        } else {
            "to get the ranges that are missing: vault breach ranges --help"
        };
        let why = Error::failed(format!("{unchecked} could not be checked"));
        return Err(why.hint(hint).into());
    }
    Ok(())
}

fn ranges(args: &RangesArgs, ctx: &Context) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let Hashed { secrets, hidden } = hashed(&session, args.client.as_ref())?;
    tell_hidden(ctx, "not asked for", &hidden);
    let hashes = || secrets.iter().map(|(_, _, hash)| hash);
    let signing = SigningKey::from_openssh_pem(&session.vault().identity.signing)?;
    let secret = signing.derived("decoys of breach ranges");
    let real = needed(hashes(), 0, &secret).len();
    let decoys = args.decoys.map_or(real, usize::from);
    let all = needed(hashes(), decoys, &secret);
    let decoys = all.len() - real;
    if ctx.ui.is_json() {
        return ctx.ui.json(&all);
    }
    for range in &all {
        ctx.ui.line(&format!(
            "curl -fsS -H 'Add-Padding: true' -o {range}.txt https://api.pwnedpasswords.com/range/{range}"
        ))?;
    }
    ctx.ui.note(&format!(
        "{} ranges, {decoys} of them decoys; what leaves this machine with each is 20 bits of a \
         hash, to api.pwnedpasswords.com",
        all.len()
    ));
    Ok(())
}

fn mail(args: &MailArgs, ctx: &Context) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let slug = args.client.as_ref().or(args.of.as_ref());
    let slug = slug.ok_or_else(|| Error::usage("name the client"))?;
    let addresses = addresses(vault, vault.known_client(slug)?)?;
    if ctx.ui.is_json() {
        return ctx.ui.json(&json!(addresses));
    }
    for address in &addresses {
        ctx.ui.line(address)?;
    }
    if addresses.is_empty() {
        let word = as_word(slug.as_str());
        ctx.ui
            .note(&format!("no mail address of {word} is on record"));
        return Ok(());
    }
    ctx.ui.note(
        "Look each up at haveibeenpwned.com, by hand. Never enter a password there or anywhere \
         else. Not found is no all-clear.",
    );
    Ok(())
}

/// The mail addresses of a client: its own, those of its people, and user names that are one.
fn addresses(vault: &Vault, client: &Client) -> VaultResult<Vec<String>> {
    let mut all: Vec<String> = client.addresses().map(ToOwned::to_owned).collect();
    for (_, entry) in vault.live()? {
        let user = entry.username.value().filter(|name| is_address(name));
        if entry.client.get() == Some(&client.id) {
            all.extend(user.cloned());
        }
    }
    all.sort_unstable_by_key(|address| address.to_lowercase());
    all.dedup_by_key(|address| address.to_lowercase());
    Ok(all)
}
