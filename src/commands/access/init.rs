//! `vault init`: makes a vault.

use std::path::{Path, PathBuf};

use anyhow::Result;
use uuid::Uuid;

use super::new_key_file::NewKeyFile;
use super::ways_in;
use crate::context::{Context, PASSWORD_UNASKED};
use crate::crypto::{AgeIdentity, JournalKey, MasterKey, SigningKey, random};
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::entry::strength;
use crate::model::records::access::Access;
use crate::model::records::cell::DeviceId;
use crate::model::records::identity::Identity;
use crate::model::records::stamping::Author;
use crate::model::records::way_in::{Family, WayInKind};
use crate::model::text::kdf::KdfParams;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;
use crate::report::recovery_sheet::RecoveryIdentity;
use crate::store::disk::file::{InPlace, Prepared, check_new_file, refuse_existing};
use crate::store::reading::VaultPlace;
use crate::store::session::{Session, UnlockKey};
use crate::ui::Unasked;

const EXAMPLES: &str = "\
Examples:
  vault init                                        asks for a master password twice
  vault init --recovery ~/usb/recovery.key          and writes a second way in, to keep offline
  pass show master | vault init --password-fd 0     from a script
  vault init --new-key-file ~/usb/vault.key         the password alone will not open it
  vault init --key-file ~/usb/vault.key             the same, with a file that is there";

/// What is asked where a master password is made.
pub const PROMPT: &str = "New master password";
/// And what is asked after that.
pub const REPEAT: &str = "The same again";

/// Options of `init`.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The cost of deriving the key from the password [default: m=64MiB,t=3,p=4]
    #[arg(long, value_name = "COST")]
    kdf: Option<KdfParams>,
    /// Write a recovery identity to this new file: it opens the vault without the password
    #[arg(long, value_name = "FILE")]
    recovery: Option<PathBuf>,
    /// Make this key file, which is needed from now on; --key-file takes one that is there
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
    /// Take a master password that is easy to guess
    #[arg(long)]
    allow_weak: bool,
}

/// Makes a vault.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = make(args, ctx)?;
    let id = session.facts().vault_id.to_string();
    if let Some(path) = &args.recovery {
        ctx.ui.note(&format!(
            "Keep {} somewhere else, offline: whoever has it can read this vault.",
            path.display()
        ));
        let way = session.vault().ways_in(Family::Recovery).next();
        if let Some(way) = way.map(|way| way.id) {
            ways_in::mark_written(ctx, session, way);
        }
    }
    ctx.ui
        .hint("add a first credential: vault add acme/wordpress -u admin");
    ctx.answer(&[id]);
    Ok(())
}

/// Makes a vault and opens it.
pub fn make(args: &Args, ctx: &Context) -> VaultResult<Session> {
    let store = ctx.store()?;
    let kdf = args.kdf.unwrap_or_default();
    check_cost(ctx, kdf)?;
    match &ctx.globals.vault {
        Some(_) => check_new_file(store.path())?,
        // The folder of the default place is made.
        None => refuse_existing(store.path())?,
    }
    store.check_nothing_was_here()?;
    args.recovery.as_deref().map(check_new_file).transpose()?;
    let other =
        (ctx.globals.key_file.as_ref()).filter(|it| Some(*it) != args.new_key_file.as_ref());
    if args.new_key_file.is_some() && other.is_some() {
        return Err(Error::usage("a vault has one key file, and two are named")
            .hint("leave out --key-file (and VAULT_KEY_FILE) or --new-key-file"));
    }
    let new_key_file = args.new_key_file.as_deref().map(NewKeyFile::at);
    let new_key_file = new_key_file.transpose()?;
    let key_file = match &new_key_file {
        Some(new) => Some(new.key()),
        None => ctx.key_file()?,
    };
    let check = |password: &Secret| {
        if args.allow_weak {
            return Ok(());
        }
        strength::check(password)
    };
    let password = match ctx.given_password()? {
        Some(password) => check(&password).map(|()| password)?,
        None => ctx
            .ui
            .prompt_new_password(PROMPT, REPEAT, PASSWORD_UNASKED, check)?,
    };
    let access = Access {
        salt: random::bytes(),
        kdf,
        key_file: key_file.is_some(),
    };
    let key = ctx.derive(&password, key_file.as_ref(), &access)?;
    if let Some(new) = &new_key_file {
        new.write()?;
    }
    write(ctx, &store, access, &key, args.recovery.as_deref())?;
    let locked = store.read().map_err(|why| made_but(&store, why))?;
    let unlocked = locked.unlock(UnlockKey::Master(key));
    let mut session = unlocked.map_err(|(_, why)| made_but(&store, why))?;
    session.pin_what_was_seen();
    ctx.ui
        .note(&format!("Made a vault at {}.", store.path().display()));
    if let Some(new) = new_key_file {
        new.tell(ctx);
    }
    Ok(session)
}

/// Unlocks the vault for a change that brings something new; where there is none yet, a person is
/// offered to make one.
///
/// # Errors
/// As [`Context::unlock_to_change`] and [`make`].
pub fn unlock_or_make(ctx: &Context) -> VaultResult<Session> {
    match ctx.unlock_to_change() {
        Err(why)
            if why.kind() == Kind::NotFound && ctx.ui.can_ask() && !ctx.store()?.had_a_vault() =>
        {
            let place = ctx.store()?.path().display().to_string();
            let unasked = Unasked {
                needed: "there is no vault yet",
                instead: "make one: vault init",
            };
            if ctx.ui.confirm(
                &format!("There is no vault yet. Make one at {place}?"),
                unasked,
            )? {
                let made = make(&Args::default(), ctx)?;
                ctx.ui
                    .hint("for when the password is lost: vault recovery add --out FILE");
                Ok(made)
            } else {
                Err(why)
            }
        }
        unlocked => unlocked,
    }
}

fn write(
    ctx: &Context,
    store: &VaultPlace,
    access: Access,
    key: &MasterKey,
    recovery: Option<&Path>,
) -> VaultResult<()> {
    let author = Author {
        device: DeviceId::from_random(random::bytes()),
        now: ctx.now(),
        new_id: &Uuid::new_v4,
    };
    let mut vault = Vault::new(Uuid::new_v4(), access, new_identity()?, &author);
    // It waits for its name until the vault has one: cut off before, both can be made again.
    let mut waiting = None;
    if let Some(path) = recovery {
        let identity = RecoveryIdentity::generate(ctx.now());
        waiting = Some(Prepared::write(path, identity.file().expose().as_bytes())?);
        let recipient = identity.recipient();
        vault.add_way_in(WayInKind::Recovery, recipient, None, &author)?;
    }
    let written = store.create(&vault, key)?;
    if let Some(waiting) = waiting {
        waiting.create().and_then(InPlace::sync).map_err(|why| {
            made_but(store, why)
                .hint("write another recovery identity: vault recovery add --out FILE")
        })?;
    }
    for warning in written.warnings {
        ctx.warn(&warning);
    }
    written
        .unsafe_yet
        .map_or(Ok(()), |why| Err(made_but(store, why)))
}

/// The vault is there, and not all is as it should be.
fn made_but(store: &VaultPlace, why: Error) -> Error {
    let path = store.path().display();
    why.prefixed(&format!("the vault is made at {path}, but "))
}

/// Refuses a cost below the floor or above what reading allows.
///
/// # Errors
/// [`crate::error::Kind::Refused`].
pub fn check_cost(ctx: &Context, kdf: KdfParams) -> VaultResult<()> {
    kdf.check_floor()?;
    let limit = ctx.globals.kdf_limit.unwrap_or_default();
    kdf.check_ceiling(&limit).map_err(|why| {
        Error::refused(format!("{kdf} is more than a vault may ask for: {why}"))
            .hint("choose less, or raise the limit with --kdf-limit, here and at each unlock")
    })
}

fn new_identity() -> VaultResult<Identity> {
    Ok(Identity::new(
        AgeIdentity::generate().secret(),
        SigningKey::generate().to_openssh_pem()?,
        JournalKey::generate().to_base64(),
    ))
}
