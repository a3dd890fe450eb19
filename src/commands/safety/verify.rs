//! `vault verify`: proves without the password that the vault is whole, and who wrote it.

use std::path::PathBuf;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::args::signer::{check_trusted, trusted_signers};
use crate::context::Context;
use crate::crypto::{AllowedSigner, HeaderFacts, Signer, SigningKey};
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::findings::check;
use crate::model::findings::rule::Examined;
use crate::store::device::pin::Pin;
use crate::store::disk::vault_file::scan;
use crate::store::reading::{LockedVault, Remembered, VaultPlace};
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault verify                                     against the signer known on this device
  vault --vault vault.age verify --signer allowed_signers --min-generation 120
  vault verify --not-older-than last-week.age
  vault verify --full                              also unlocks, and checks every record

In a file of allowed signers, as ssh-keygen reads it, a key counts where its namespaces have
vault-file, or it names none, and between its valid-after and valid-before; a line whose principals
are all excluded by a pattern with a ! allows nobody.

No password is needed but for --full. A changed bit in the header's MAC line shows only when the
vault is opened.";

/// Options of `verify`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The signer: an OpenSSH public key, or a file of such keys or of allowed signers
    #[arg(long, value_name = "KEY_OR_FILE")]
    signer: Option<String>,
    /// Refuse an older generation than this
    #[arg(long, value_name = "N")]
    min_generation: Option<u64>,
    /// Refuse an older generation than that of this copy
    #[arg(long, value_name = "FILE")]
    not_older_than: Option<PathBuf>,
    /// Also unlock, and check every record, reference, hash and the log's chains
    #[arg(long)]
    full: bool,
}

/// Proves that the vault is whole and who wrote it; changes nothing, pins nothing.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when anything does not hold.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let trusted = args.signer.as_deref().map(trusted_signers).transpose()?;
    let store = ctx.store()?;
    let remembered = store.remembered()?;
    let Remembered {
        sealed,
        pin,
        known,
        intended,
        ..
    } = &remembered;
    let facts = sealed.facts().clone();
    let mut held = vec![Examined::good(
        "header",
        format!("well formed, {} bytes in all", sealed.bytes().len()),
    )];
    sealed.verify_signature()?;
    held.push(Examined::good("signature", "fits the whole file"));
    held.push(check_signer(
        &facts,
        trusted.as_deref().map(|trusted| (trusted, ctx.now())),
        pin.as_ref().map(|pin| (pin, *intended)),
        known.iter().copied().find(|known| *known != facts.vault_id),
    )?);
    held.push(check_generation(args, &facts, pin.as_ref(), &store)?);
    if args.full {
        held.extend(check_content(ctx, &store, store.judge(remembered)?)?);
    }
    answer(ctx, &facts, &held)?;
    Ok(())
}

fn check_signer(
    facts: &HeaderFacts,
    trusted: Option<(&[AllowedSigner], Timestamp)>,
    pin: Option<(&Pin, bool)>,
    other_here: Option<Uuid>,
) -> VaultResult<Examined> {
    let fingerprint = facts.signer.fingerprint();
    let other = |known: &str| {
        Error::integrity(format!(
            "the vault is signed by {fingerprint}, not by {known}"
        ))
        .hint("someone else signed it, or its identity was rotated: ask its owner")
    };
    let by = match (trusted, pin) {
        (Some((trusted, now)), _) => {
            check_trusted(facts.signer, trusted, now, other)?;
            "as --signer says"
        }
        (None, _) if other_here.is_some() => {
            return Err(unknown_signer(facts, other_here));
        }
        (None, Some((pin, intended))) => {
            // Where this device has rotated the keys, and its pin could not follow, it is intended.
            if pin.signer != facts.signer.to_openssh() && !intended {
                let known = Signer::parse_openssh(&pin.signer)?;
                return Err(other(&format!("{known}, the signer known on this device")));
            }
            "known on this device"
        }
        (None, None) => return Err(unknown_signer(facts, None)),
    };
    Ok(Examined::good("signer", format!("{fingerprint}, {by}")))
}

fn unknown_signer(facts: &HeaderFacts, other_here: Option<Uuid>) -> Error {
    let fingerprint = facts.signer.fingerprint();
    let hint = format!(
        "name the signer you expect: --signer '{}'",
        facts.signer.to_openssh()
    );
    match other_here {
        Some(known) => Error::integrity(format!(
            "another vault stands at this path: it is {}, {known} was here before; \
             this one is signed by {fingerprint}",
            facts.vault_id
        )),
        None => Error::integrity(format!(
            "the file is whole, but this device has never seen it and no --signer is named: \
             anyone could have signed it as {fingerprint}"
        )),
    }
    .hint(hint)
}

fn check_generation(
    args: &Args,
    facts: &HeaderFacts,
    pin: Option<&Pin>,
    store: &VaultPlace,
) -> VaultResult<Examined> {
    let mut least = vec![];
    if let Some(min) = args.min_generation {
        least.push((min, "--min-generation asks for"));
    }
    if let Some(path) = &args.not_older_than {
        let copy = scan(path).map_err(|why| match why.kind() {
            Kind::NotFound => Error::usage(format!("there is no copy at {}", path.display()))
                .hint("--not-older-than takes an earlier copy of the vault file"),
            _ => why,
        })?;
        copy.verify_signature()?;
        if copy.facts().vault_id != facts.vault_id {
            return Err(Error::integrity(format!(
                "{} is another vault: {}",
                path.display(),
                copy.facts().vault_id
            )));
        }
        least.push((copy.facts().generation, "the copy to compare with has"));
    }
    if let Some(pin) = pin.filter(|pin| pin.signer == facts.signer.to_openssh()) {
        least.push((pin.generation, "this device has seen"));
    }
    for (generation, who) in &least {
        if facts.generation < *generation {
            return Err(Error::integrity(format!(
                "the vault has generation {}, {who} {generation}: it is older; an old copy was put back, \
                 or another device wrote without the changes since",
                facts.generation
            ))
            .hint(store.way_back()));
        }
    }
    let compared = if least.is_empty() {
        "nothing to compare it with"
    } else {
        "no older than the last one seen here"
    };
    Ok(Examined::good(
        "generation",
        format!("{}, {compared}", facts.generation),
    ))
}

/// Unlocks, which checks the header's MAC and the payload, and looks at every record.
fn check_content(
    ctx: &Context,
    store: &VaultPlace,
    locked: LockedVault,
) -> VaultResult<Vec<Examined>> {
    let session = ctx.unlock_file(locked)?;
    let mut held = vec![Examined::good(
        "content",
        "decrypts to its end and agrees with the header",
    )];
    if session.vault().access()? != session.access() {
        return Err(Error::integrity(
            "the vault's content and its header disagree on the password's way in",
        ));
    }
    let inside = SigningKey::from_openssh_pem(&session.vault().identity.signing)?;
    if inside.signer() != session.facts().signer {
        return Err(Error::integrity(
            "the signing key inside is not the one that signed the vault",
        ));
    }
    for examined in check::all(session.vault()) {
        if let Some(what) = examined.fault() {
            let message = format!("{}: {what}", examined.rule);
            return Err(Error::integrity(message).hint(store.way_back()));
        }
        held.push(examined);
    }
    Ok(held)
}

fn answer(ctx: &Context, facts: &HeaderFacts, held: &[Examined]) -> VaultResult<()> {
    let checks: Vec<Value> = held
        .iter()
        .map(|held| json!({"name": held.rule, "ok": true, "detail": held.good}))
        .collect();
    let shown = Shown::default()
        .json("ok", true)
        .json("vault_id", facts.vault_id)
        .json("generation", facts.generation)
        .json("signer", facts.signer.to_openssh())
        .json("checks", checks);
    let line = |shown: Shown, held: &Examined| {
        shown.text(&format!("ok {}", held.rule), [held.good.as_str()])
    };
    ctx.ui.show(&held.iter().fold(shown, line))
}
