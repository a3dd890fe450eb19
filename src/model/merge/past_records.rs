//! Records of clients that one device has removed for good stay gone, whatever copy comes back. What
//! another device added for such a client without knowing that is kept, and the client with it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use crate::error::Result;
use crate::model::vault::Vault;

/// Two copies without the records that either has removed for good.
pub(super) fn without_past_records<'a>(
    (mine, theirs): (Cow<'a, Vault>, Cow<'a, Vault>),
    gone: &BTreeSet<Uuid>,
) -> Result<(Cow<'a, Vault>, Cow<'a, Vault>)> {
    if gone.is_empty() {
        return Ok((mine, theirs));
    }
    let mut needed = clients_needed(&mine, gone)?;
    needed.extend(clients_needed(&theirs, gone)?);
    let gone: HashSet<Uuid> = gone.difference(&needed).copied().collect();
    Ok((without(mine, &gone)?, without(theirs, &gone)?))
}

/// The clients of what stays.
fn clients_needed(copy: &Vault, gone: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>> {
    let owners = copy.owners()?.into_iter();
    let owners = owners.filter(|(id, _)| !gone.contains(id));
    let mut needed: BTreeSet<Uuid> = owners.map(|(_, client)| client).collect();
    let consents = copy.consents.all()?.into_iter();
    let handed_over = copy.handed_over.all()?.into_iter();
    let of_consents = consents.map(|it| (it.id, it.client));
    let asks = copy.asks.all()?.into_iter();
    let all = of_consents
        .chain(handed_over.map(|it| (it.id, it.client)))
        .chain(asks.map(|it| (it.id, it.client)));
    let stay = all.filter(|(id, _)| !gone.contains(id));
    needed.extend(stay.map(|(_, client)| client));
    Ok(needed)
}

fn without<'a>(copy: Cow<'a, Vault>, gone: &HashSet<Uuid>) -> Result<Cow<'a, Vault>> {
    let clients = copy.clients.iter().map(|it| it.id);
    let consents = copy.consents.ids()?.into_iter();
    let shares = copy.shares.ids()?.into_iter();
    let handed_over = copy.handed_over.ids()?.into_iter();
    let asks = copy.asks.ids()?.into_iter();
    let records = consents.chain(shares).chain(handed_over).chain(asks);
    let mut all = clients.chain(records);
    if !all.any(|id| gone.contains(&id)) {
        return Ok(copy);
    }
    let mut copy = copy.into_owned();
    copy.forget_records(gone);
    Ok(Cow::Owned(copy))
}
