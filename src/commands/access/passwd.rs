//! `vault passwd`: a new master password, a new cost, another key file or none.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::id::{is_synced, tell_rotated};
use super::init::{PROMPT, REPEAT, check_cost};
use super::new_key_file::NewKeyFile;
use crate::context::Context;
use crate::context::globals::descriptor;
use crate::crypto::{KeyFile, random};
use crate::error::{Error, Result as VaultResult};
use crate::exchange::identity;
use crate::model::entry::strength;
use crate::model::records::access::Access;
use crate::model::text::kdf::KdfParams;
use crate::model::text::secret::Secret;
use crate::model::vault::AccessReason;
use crate::store::session::Session;
use crate::ui::Unasked;

const EXAMPLES: &str = "\
Examples:
  vault passwd                                   asks for the new password twice
  vault passwd --kdf-target 500ms                as costly as this machine derives in half a second
  vault passwd --new-key-file ~/usb/vault.key    makes a key file, which is needed too from now on
  vault passwd --identity recovery.key           when the password is lost; an SSH key does too
  vault passwd --password-file old --new-password-file new
  vault passwd --compromised                     when someone may have had vault and password

Old backups and copies still open with the old password.";

/// Options of `passwd`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The new cost of deriving the key, as in m=64MiB,t=3,p=4 [default: as it is]
    #[arg(long, value_name = "COST", conflicts_with = "kdf_target")]
    kdf: Option<KdfParams>,
    /// The cost that takes about this long on this machine
    #[arg(long, value_name = "DURATION", value_parser = target)]
    kdf_target: Option<Duration>,
    /// From now on this key file is needed too; it is made where it is not there
    #[arg(long, value_name = "PATH", conflicts_with = "no_key_file")]
    new_key_file: Option<PathBuf>,
    /// From now on no key file is needed
    #[arg(long)]
    no_key_file: bool,
    /// Read the new password from this file descriptor
    #[arg(long, value_name = "N", value_parser = descriptor, conflicts_with = "new_password_file")]
    new_password_fd: Option<u32>,
    /// Read the new password from this file's first line
    #[arg(long, value_name = "PATH")]
    new_password_file: Option<PathBuf>,
    /// Take a master password that is easy to guess
    #[arg(long)]
    allow_weak: bool,
    /// Someone may have had the vault and its password: make new keys too, as id rotate does
    #[arg(long)]
    compromised: bool,
}

fn target(text: &str) -> Result<Duration, String> {
    let example = "a target is a time such as 500ms, 10s at most";
    let target: jiff::SignedDuration = text.parse().map_err(|_| example.to_owned())?;
    let target = Duration::try_from(target).map_err(|_| example.to_owned())?;
    if target.is_zero() || target > Duration::from_secs(10) {
        return Err(example.into());
    }
    Ok(target)
}

/// Changes the password's way in.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let new_key_file = args.new_key_file.as_deref().map(NewKeyFile::or_read);
    let (new_key_file, unwritten) = new_key_file.transpose()?.unzip();
    if let Some(kdf) = args.kdf {
        check_cost(ctx, kdf)?;
    }
    // The agent does not do: who changes the password has to know it.
    let session = ctx.unlock_without_agent()?;
    let old = *session.access();
    let kdf = match (args.kdf, args.kdf_target) {
        (Some(kdf), _) => kdf,
        (None, Some(target)) => not_below(measured(ctx, target)?, old.kdf)?,
        (None, None) => old.kdf,
    };
    if kdf.is_below(old.kdf) {
        ctx.warn(&format!(
            "{kdf} is less than the vault costs now, {}",
            old.kdf
        ));
    }
    let key_file = key_file(args, ctx, &old, new_key_file)?;
    let password = new_password(args, ctx)?;
    check(args, &password)?;
    check_is_new(args, ctx, &session, &password)?;
    let is_same = is_same(args, ctx, &session, &password, key_file.as_ref())?;
    let access = Access {
        salt: random::bytes(),
        kdf,
        key_file: key_file.is_some(),
    };
    let key = ctx.derive(&password, key_file.as_ref(), &access)?;
    let id = session.facts().vault_id;
    let keys = if args.compromised {
        Some(identity::new_keys(session.vault(), ctx.now())?)
    } else {
        None
    };
    let new_signer = keys
        .as_ref()
        .map(|keys| keys.new_signer.fingerprint.clone());
    let (ways_in, is_synced) = (session.vault().recipients().len(), is_synced(&session));
    let made = unwritten.flatten();
    made.as_ref().map_or(Ok(()), NewKeyFile::write)?;
    ctx.change_under(session, Some(&key), |vault, author| {
        let why = match (args.compromised, is_same) {
            (true, _) => AccessReason::Compromised,
            (false, true) => AccessReason::Same,
            (false, false) => AccessReason::Chosen,
        };
        vault.set_access(access, why, author);
        keys.map_or(Ok(()), |keys| identity::rotate(vault, keys, author))
    })?;
    ctx.forget_in_agent(id);
    ctx.answer_change(
        &format!("changed the master password ({kdf})"),
        &[id.to_string()],
    );
    if let Some(made) = made {
        made.tell(ctx);
    }
    match new_signer {
        Some(fingerprint) => tell_compromised(ctx, &fingerprint, ways_in, is_synced),
        None => ctx
            .ui
            .note("Old backups and copies still open with the old password."),
    }
    Ok(())
}

/// What a new password does not mend.
fn tell_compromised(ctx: &Context, fingerprint: &str, ways_in: usize, is_synced: bool) {
    ctx.ui.note(
        "Old copies, backups and git history still open with the old password, and whoever has \
         one knows every secret in it: rotate the secrets themselves, and delete old copies.",
    );
    if ways_in > 0 {
        ctx.ui.note(&format!(
            "Other ways in ({ways_in}), such as recovery identities, still open the vault."
        ));
    }
    tell_rotated(ctx, fingerprint, is_synced);
}

/// The key file from now on: the one that is named, none, or the one there was.
fn key_file(
    args: &Args,
    ctx: &Context,
    old: &Access,
    new: Option<KeyFile>,
) -> VaultResult<Option<KeyFile>> {
    if new.is_some() || args.no_key_file || !old.key_file {
        return Ok(new);
    }
    match ctx.key_file()? {
        Some(same) => Ok(Some(same)),
        None => Err(Error::usage("the vault uses a key file, and none is named")
            .hint("keep it with --key-file PATH, or choose --new-key-file PATH or --no-key-file")),
    }
}

fn check(args: &Args, password: &Secret) -> VaultResult<()> {
    if args.allow_weak {
        return Ok(());
    }
    strength::check(password)
}

/// Refuses the password that the vault has where others may know that.
fn check_is_new(
    args: &Args,
    ctx: &Context,
    session: &Session,
    password: &Secret,
) -> VaultResult<()> {
    let old = session.access();
    let key_file = ctx.key_file()?;
    if !args.compromised || old.key_file && key_file.is_none() {
        return Ok(());
    }
    let key_file = key_file.filter(|_| old.key_file);
    if session.opens_with(&ctx.derive(password, key_file.as_ref(), old)?) {
        return Err(
            Error::refused("that is the password that the vault has now")
                .hint("someone may know it: choose another"),
        );
    }
    Ok(())
}

/// Whether the vault goes on with the password and the key file that it has, at another cost. Where
/// nothing else changes either, that is most likely a slip, and said.
fn is_same(
    args: &Args,
    ctx: &Context,
    session: &Session,
    password: &Secret,
    key_file: Option<&KeyFile>,
) -> VaultResult<bool> {
    let old = session.access();
    let may_be_same = !args.compromised && old.key_file == key_file.is_some();
    if !may_be_same || !session.opens_with(&ctx.derive(password, key_file, old)?) {
        return Ok(false);
    }
    if args.kdf.is_none() && args.kdf_target.is_none() {
        ctx.warn("that is the password that the vault had before");
    }
    Ok(true)
}

fn new_password(args: &Args, ctx: &Context) -> VaultResult<Secret> {
    if let Some(fd) = args.new_password_fd {
        return ctx.ui.first_line_of_fd(fd);
    }
    if let Some(path) = &args.new_password_file {
        return ctx.ui.first_line_of_file(path);
    }
    let unasked = Unasked {
        needed: "the new master password is needed",
        instead: "use --new-password-file or --new-password-fd",
    };
    ctx.ui
        .prompt_new_password(PROMPT, REPEAT, unasked, |password| check(args, password))
}

/// A time to aim at makes a vault cost more, never less.
fn not_below(measured: KdfParams, old: KdfParams) -> VaultResult<KdfParams> {
    if !measured.is_below(old) {
        return Ok(measured);
    }
    Err(Error::refused(format!(
        "the vault already costs more than that: {old}, where the target makes {measured}"
    ))
    .hint(format!(
        "leave --kdf-target out to keep the cost; to lower it all the same: --kdf {measured}"
    )))
}

/// The memory that, at the default's passes and lanes, takes about `target` here; never less than
/// the floor allows.
fn measured(ctx: &Context, target: Duration) -> VaultResult<KdfParams> {
    const KIB_PER_MIB: u32 = 1024;
    let least = KdfParams {
        m: 19 * KIB_PER_MIB,
        ..KdfParams::default()
    };
    let probe = Access {
        salt: [0; 16],
        kdf: KdfParams::default(),
        key_file: false,
    };
    let start = Instant::now();
    ctx.derive(&Secret::new("probe".into()), None, &probe)?;
    let ratio = target.as_secs_f64() / start.elapsed().as_secs_f64();
    let limit = ctx.globals.kdf_limit.unwrap_or_default();
    let most = limit.m.min(limit.product / u64::from(least.t)) / u64::from(KIB_PER_MIB);
    let mib = f64::from(probe.kdf.m / KIB_PER_MIB) * ratio;
    let mib = Duration::from_secs_f64(mib.max(0.0)).as_secs().min(most);
    let m = u32::try_from(mib).unwrap_or(u32::MAX / KIB_PER_MIB) * KIB_PER_MIB;
    Ok(KdfParams {
        m: m.max(least.m),
        ..least
    })
}
