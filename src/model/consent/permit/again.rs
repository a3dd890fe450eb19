//! A share in the place of another: the same entries, fields and contact, with what is in them today
//! or with more time.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Answer, Ask};
use crate::error::{Error, Result};
use crate::model::records::record_id::number;
use crate::model::records::share::ShareState;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

impl Vault {
    /// Asks once more for what a share holds: until the end of that, or with `longer` until the
    /// usual one. What ended of it or is gone is left out. Of the consent that it goes on under and
    /// those that renew it, the one that lasts longest allows it, and of such the surest.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] for a share that ended early, or by its time where that is
    /// not renewed; [`crate::error::Kind::NotFound`] where nothing of it is left.
    pub fn ask_again(&self, line: &LedgerLine<'_>, longer: bool, now: Timestamp) -> Result<Ask> {
        let share = line.share;
        check_replaceable(line, longer)?;
        let names = self.names()?;
        let items = share.items.iter();
        let left = items.filter(|item| line.end.is_some() || line.end_of(item).is_none());
        let path = |id: Uuid| names.get(&id)?.parse::<EntryPath>().ok();
        let here = |path: &EntryPath| self.entry(path).is_ok();
        let paths: Vec<EntryPath> = left
            .filter_map(|item| path(item.entry))
            .filter(here)
            .collect();
        if paths.is_empty() {
            let id = number(share.id);
            return Err(
                Error::not_found(format!("nothing of what share {id} holds is left"))
                    .hint(format!("vault shares show {id} tells what it was")),
            );
        }
        let ask = Ask {
            usual: Some(share.expires).filter(|_| !longer),
            replaces: Some(share.id),
            ..Ask::of(paths, share.recipient.contact)
        };
        let consent = self.best_to_go_on(line, &ask, now)?;
        Ok(Ask { consent, ..ask })
    }

    /// The consent that a share is best sent again under; none where none of its own is live.
    fn best_to_go_on(
        &self,
        line: &LedgerLine<'_>,
        ask: &Ask,
        now: Timestamp,
    ) -> Result<Option<Uuid>> {
        let own = line.consent.filter(|consent| consent.is_live(now));
        let mut family = vec![line.under()];
        let mut fitting = Vec::new();
        // A renewal is younger than what it renews.
        for consent in self.all_consents()? {
            if consent.supersedes.is_some_and(|old| family.contains(&old)) {
                family.push(consent.id);
            }
            if !family.contains(&consent.id) || !consent.is_live(now) {
                continue;
            }
            let under = Ask {
                consent: Some(consent.id),
                ..ask.clone()
            };
            if let Answer::Allowed(_) = self.permit(&under, now)? {
                fitting.push(consent);
            }
        }
        let best = fitting
            .into_iter()
            .max_by_key(|it| (it.end(), it.assurance()));
        Ok(best.or(own).map(|consent| consent.id))
    }
}

fn check_replaceable(line: &LedgerLine<'_>, longer: bool) -> Result<()> {
    let id = number(line.share.id);
    if line.share.login.is_some() {
        return Err(Error::refused(format!(
            "share {id} gave no secret, but a login of their own"
        ))
        .hint("to give it more time: vault grant ENTRY --to CONTACT --as NAME"));
    }
    let (over, hint) = match line.state {
        ShareState::Unsent | ShareState::Sent | ShareState::Received => return Ok(()),
        ShareState::Expired if longer => return Ok(()),
        ShareState::Expired => (
            "is over".to_owned(),
            format!("to give more time: vault share --renew {id}"),
        ),
        state => (
            format!("is {state}"),
            "share it anew: vault share ENTRY --to CONTACT".to_owned(),
        ),
    };
    Err(Error::refused(format!("share {id} {over}, and nothing takes its place")).hint(hint))
}

#[cfg(test)]
mod tests {
    use crate::error::Kind;
    use crate::model::consent::permit::Ask;
    use crate::model::consent::permit::world::World;
    use crate::model::testing::{author, day, path, replacement};

    fn again(world: &World, share: uuid::Uuid, longer: bool, on: i64) -> crate::error::Result<Ask> {
        let ledger = world.vault.ledger(day(on)).unwrap();
        let line = ledger.iter().find(|line| line.share.id == share).unwrap();
        world.vault.ask_again(line, longer, day(on))
    }

    fn states(world: &World, on: i64) -> Vec<&'static str> {
        let ledger = world.vault.ledger(day(on)).unwrap();
        ledger.iter().map(|line| line.state.as_str()).collect()
    }

    #[test]
    fn an_update_has_the_fields_and_the_end_of_the_share_that_it_replaces() {
        let mut world = World::new();
        world.consent("acme");
        let first = world.share(&world.ask(&["acme/wp"], &["secret"]), 1);
        let (wp, new) = (path("acme/wp"), replacement("new"));
        world.vault.rotate(&wp, new, &author(3)).unwrap();
        let ask = again(&world, first, false, 4).unwrap();
        let permit = world.answer(&ask, 4).permit().unwrap();
        assert_eq!(permit.expires, day(15));
        assert_eq!(permit.items[0].fields.len(), 1);
        let second = world.share(&ask, 4);
        assert_eq!(states(&world, 5), ["superseded", "sent"]);
        assert_eq!(
            again(&world, first, false, 5).unwrap_err().kind(),
            Kind::Refused
        );
        let entry = world.vault.entry(&wp).unwrap();
        let exposed = |on| world.vault.exposures(day(on)).unwrap().of(entry).len();
        assert_eq!(
            exposed(5),
            0,
            "the new one is theirs, the old one is changed"
        );
        assert_eq!(exposed(16), 1);
        assert!(again(&world, second, false, 16).is_err());
        let longer = again(&world, second, true, 16).unwrap();
        assert_eq!(world.answer(&longer, 16).permit().unwrap().expires, day(30));
    }

    #[test]
    fn what_was_revoked_or_is_gone_is_not_sent_again() {
        let mut world = World::new();
        world.consent("acme");
        let share = world.share(&world.ask(&["acme/wp", "acme/db"], &[]), 1);
        world.vault.remove(&path("acme/db"), &author(2)).unwrap();
        let ask = again(&world, share, false, 2).unwrap();
        assert_eq!(ask.entries, [path("acme/wp")]);
        world.vault.remove(&path("acme/wp"), &author(2)).unwrap();
        assert_eq!(
            again(&world, share, false, 2).unwrap_err().kind(),
            Kind::NotFound
        );
        world.vault.revoke_share(share, None, &author(2)).unwrap();
        assert_eq!(
            again(&world, share, true, 2).unwrap_err().kind(),
            Kind::Refused
        );
    }
}
