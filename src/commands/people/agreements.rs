//! Agreements with clients and contacts: shown, and written out.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::commands::args::document::{Target, write_folder, write_out};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::model::records::client::Client;
use crate::model::records::contact::Contact;
use crate::model::text::name::name_apart;
use crate::model::vault::Vault;
use crate::store::disk::file::check_new_file;
use crate::ui::time::local_time;

/// Which agreements to write out, and to where.
#[derive(clap::Args, Debug)]
pub(super) struct AgreementsOut {
    /// Write the agreement with them to this new file; - is stdout
    #[arg(long, value_name = "OUT")]
    agreement: Option<PathBuf>,
    /// Write all agreements that were filed, the older ones too, to this new folder
    #[arg(long, value_name = "DIR", conflicts_with = "agreement")]
    agreements: Option<PathBuf>,
}

/// All agreements with somebody, the oldest first.
pub(super) struct Agreements<'a> {
    counts: Option<&'a Attachment>,
    all: &'a [Attachment],
}

impl<'a> Agreements<'a> {
    pub(super) fn with_client(client: &'a Client) -> Self {
        let (counts, all) = (client.agreement(), &client.agreements);
        Self { counts, all }
    }

    pub(super) fn with_contact(contact: &'a Contact) -> Self {
        let (counts, all) = (contact.agreement(), &contact.agreements);
        Self { counts, all }
    }

    fn is_counting(&self, file: &Attachment) -> bool {
        self.counts.is_some_and(|it| it.id == file.id)
    }

    /// All of them as a script gets them, with which one counts.
    pub(super) fn as_json(&self) -> Vec<Value> {
        let told = self.all.iter().map(|file| {
            let mut told = agreement_as_json(file);
            if let Value::Object(told) = &mut told {
                told.insert("counts".to_owned(), self.is_counting(file).into());
            }
            told
        });
        told.collect()
    }

    /// All of them as a card tells them: the one that counts, then those that do not.
    pub(super) fn as_text(&self) -> Vec<String> {
        let counts = self.counts.into_iter();
        let counts = counts.map(|file| (file, "counts"));
        let older = self.all.iter().filter(|file| !self.is_counting(file));
        let older = older.map(|file| (file, "does not count"));
        let told = counts.chain(older).map(|(file, state)| {
            let (name, filed) = (&file.name, local_time(file.created));
            format!("{name}, filed on {filed}, {state}, sha256 {}", file.sha256)
        });
        told.collect()
    }

    /// Which one counts, to tell after a change what it was: see [`tell_kept`].
    pub(super) fn counting(&self) -> Option<(String, String)> {
        let file = self.counts?;
        Some((file.name.clone(), file.id.to_string()))
    }
}

/// Says which agreement counted `before`, if another one does by `now`.
pub(super) fn tell_kept(ctx: &Context, before: Option<(String, String)>, now: &Agreements<'_>) {
    if let (Some((was, id)), Some(file)) = (before, now.counts)
        && id != file.id.to_string()
    {
        ctx.ui.note(&format!(
            "agreement: {} (was {was}, which is kept)",
            file.name
        ));
    }
}

impl AgreementsOut {
    /// Whether one is to be written out.
    pub(super) fn is_any(&self) -> bool {
        self.agreement.is_some() || self.agreements.is_some()
    }

    /// Writes out what is wanted of those that `find` gives.
    pub(super) fn write(
        &self,
        ctx: &Context,
        find: impl for<'a> FnOnce(&'a Vault) -> Result<Agreements<'a>>,
        missing: impl FnOnce() -> Error,
    ) -> Result<()> {
        if let Some(folder) = &self.agreements {
            check_new_file(folder)?;
            let session = ctx.unlock()?;
            return write_all(ctx, folder, find(session.vault())?.all, missing);
        }
        let Some(out) = &self.agreement else {
            return Ok(());
        };
        let target = Target::new(ctx, out)?;
        let session = ctx.unlock()?;
        write_file(ctx, &target, find(session.vault())?.counts, missing)
    }
}

/// An agreement as a script gets it.
pub(super) fn agreement_as_json(file: &Attachment) -> Value {
    json!({
        "name": file.name,
        "sha256": file.sha256,
        "size": file.size,
        "added": file.created,
    })
}

/// Writes out an agreement.
fn write_file(
    ctx: &Context,
    target: &Target,
    file: Option<&Attachment>,
    missing: impl FnOnce() -> Error,
) -> Result<()> {
    let file = file.ok_or_else(missing)?;
    write_out(ctx, target, &file.bytes()?)?;
    if matches!(target, Target::File(_)) {
        ctx.answer(&[]);
    }
    Ok(())
}

fn write_all(
    ctx: &Context,
    folder: &Path,
    all: &[Attachment],
    missing: impl FnOnce() -> Error,
) -> Result<()> {
    if all.is_empty() {
        return Err(missing());
    }
    let mut files: Vec<(String, _)> = Vec::new();
    for file in all {
        let name = name_apart(&file.name, |name| files.iter().any(|(it, _)| it == name));
        files.push((name, file.bytes()?));
    }
    write_folder(ctx, folder, &files)
}
