//! Requests that are void, while a letter with one may be on its way.

use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::exchange::parting_letter::void_requests;
use crate::model::records::record_id::number;
use crate::model::vault::Vault;

/// Gives the text that tells a client of the requests, of these consents, that are void now: a letter
/// that is on its way would be answered else.
pub(crate) fn tell_void(ctx: &Context, vault: &Vault, consents: &[Uuid]) -> Result<()> {
    for id in consents {
        let consent = vault.consents.by_id(*id)?;
        let mut clients = vault.live_clients();
        let client = clients.find(|client| client.id == consent.client);
        let Some(client) = client.filter(|_| !consent.was_given() && consent.ended().is_some())
        else {
            continue;
        };
        let lang = client.lang.value().and_then(|lang| lang.parse().ok());
        let slug = client.slug();
        ctx.ui.note(&format!(
            "if {slug} has request {} already, send this:",
            number(*id)
        ));
        let text = void_requests(lang.unwrap_or_default(), &[*id]);
        ctx.ui.note(&format!("  {text}"));
    }
    Ok(())
}
