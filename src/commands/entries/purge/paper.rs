//! The certificate and its signature, in two new files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::left::Cleared;
use crate::commands::args::document::{Target, write_out};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::certificate::{CertificateContent, Gone, write};
use crate::exchange::paper::signed::SignedPage;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::name::ClientSlug;
use crate::store::disk::file::{check_is_place, check_new_file};
use crate::store::session::Session;

/// Where a certificate goes.
pub(crate) struct CertificatePlace {
    text: PathBuf,
    signature: PathBuf,
}

/// What a certificate is about.
pub(super) struct Certified<'a> {
    pub(super) id: Uuid,
    pub(super) client: &'a ClientSlug,
    pub(super) gone: Gone<'a>,
    pub(super) entries: &'a HashSet<Uuid>,
    pub(super) cleared: &'a Cleared,
    pub(super) said_gone: &'a [String],
    pub(super) lang: Option<Lang>,
}

impl CertificatePlace {
    /// A new file, with room for its signature beside it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] where one is there, [`crate::error::Kind::Usage`] for stdout
    /// and for a folder that is not there.
    pub(crate) fn new(file: &Path) -> Result<Self> {
        if file.as_os_str() == "-" {
            return Err(
                Error::usage("a certificate and its signature are two files")
                    .hint("--certificate acme.txt writes acme.txt and acme.txt.sig"),
            );
        }
        let mut signature = file.as_os_str().to_owned();
        signature.push(".sig");
        let place = Self {
            text: file.to_path_buf(),
            signature: signature.into(),
        };
        for path in [&place.text, &place.signature] {
            check_is_place(path)?;
            check_new_file(path)?;
        }
        Ok(place)
    }

    /// Writes both: the text last, so that it never stands without a signature.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when they cannot be written.
    pub(super) fn write(
        &self,
        ctx: &Context,
        session: &Session,
        about: &Certified<'_>,
    ) -> Result<()> {
        let (vault, here) = (session.vault(), ctx.now_here());
        let now = here.timestamp();
        let client = vault.known_client(about.client)?;
        let own = client.lang.value().and_then(|lang| lang.parse().ok());
        let lang = about.lang.or(own).unwrap_or_default();
        let chains = vault.log.chains().iter();
        let others = chains.filter(|chain| Some(chain.device) != session.device());
        let devices: HashSet<_> = others.map(|chain| chain.device).collect();
        let content = CertificateContent {
            id: about.id,
            client,
            gone: about.gone,
            holders: &vault.holders(about.entries, now)?,
            handed_back: &vault.handed_back(about.entries)?,
            removed_copies: about.cleared.removed,
            left: &about.cleared.left,
            said_gone: about.said_gone,
            other_devices: devices.len(),
        };
        let paper = write(vault, &content, lang, (now, here.time_zone()))?;
        self.put(ctx, &paper).or_else(|why| {
            // What it names is gone from the vault: it cannot be written once more.
            let beside = Self::beside_the_vault(ctx, about.id)?;
            beside.put(ctx, &paper)?;
            Err(why.hint(format!(
                "the certificate is in {} instead",
                beside.text.display()
            )))
        })
    }

    fn put(&self, ctx: &Context, paper: &SignedPage) -> Result<()> {
        let signature = Target::File(self.signature.clone());
        write_out(ctx, &signature, paper.signature.as_bytes())?;
        write_out(ctx, &Target::File(self.text.clone()), paper.text.as_bytes())
    }

    /// A place in the folder of the vault, which could be written to just now.
    fn beside_the_vault(ctx: &Context, id: Uuid) -> Result<Self> {
        let store = ctx.store()?;
        let name = format!("certificate-{}.txt", number(id));
        Self::new(&store.path().with_file_name(name))
    }
}
