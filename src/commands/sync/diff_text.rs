//! `vault diff-text`: what git shows in the place of an encrypted file, see `vault sync --setup`:
//! what stands in the clear, and names while the vault is unlocked.

use std::path::PathBuf;

use anyhow::Result;

use crate::context::Context;
use crate::crypto::SealedFile;
use crate::error::Kind;
use crate::store::disk::vault_file::scan;

/// The command's name.
pub const NAME: &str = "diff-text";

const EXAMPLES: &str = "\
git runs it for git diff and git log -p as vault sync --setup tells it to. What everybody can read in
the file is shown: generation, signer, size, the password's cost. While the vault is unlocked (vault
unlock), the names of what it holds, its fields and versions too. Never a value.";

/// Options of `diff-text`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The file, or a copy of it that git makes
    pub file: PathBuf,
}

/// Shows it. What is no vault is told in one line, since a failure would end a whole log.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let sealed = match scan(&args.file) {
        Ok(sealed) => sealed,
        Err(why) if why.kind() == Kind::Integrity => {
            ctx.ui.line("no vault file, or a damaged one")?;
            return Ok(());
        }
        Err(why) => return Err(why.into()),
    };
    for line in in_the_clear(&sealed) {
        ctx.ui.line(&line)?;
    }
    let is_whole = sealed.verify_signature().is_ok();
    drop(sealed);
    if !is_whole {
        ctx.ui
            .line("the signature does not fit: damaged or changed")?;
        return Ok(());
    }
    // A state of any time, of which this device knows the signer.
    let locked = ctx.store()?.read_to_merge().ok();
    let session = locked.and_then(|locked| ctx.unlock_aside(locked));
    match session.map(|session| session.vault().outline()) {
        Some(Ok(lines)) => lines.iter().try_for_each(|line| ctx.ui.line(line))?,
        Some(Err(_)) => ctx.ui.line("a record in it is damaged")?,
        None => ctx.ui.line("locked")?,
    }
    Ok(())
}

fn in_the_clear(sealed: &SealedFile) -> Vec<String> {
    let (facts, access) = (sealed.facts(), sealed.access());
    let key_file = if access.key_file {
        ", and a key file"
    } else {
        ""
    };
    // What age adds so that readers get used to what they do not know is no way in.
    let other = sealed.other_tags().iter();
    let other = other.filter(|tag| !tag.ends_with("-grease")).count();
    vec![
        format!("vault {}", facts.vault_id),
        format!("generation {}", facts.generation),
        format!("bytes {}", sealed.bytes().len()),
        format!("signer {}", facts.signer.fingerprint()),
        format!("password {}{key_file}", access.kdf),
        format!("other ways in {other}"),
    ]
}
