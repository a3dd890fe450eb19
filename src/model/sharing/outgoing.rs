//! Entering shares in the ledger, noting what became of them, and ending them.

use jiff::Timestamp;
use uuid::Uuid;

use super::ledger::LedgerLine;
use crate::error::{Error, Result};
use crate::model::records::hand_over::HandOver;
use crate::model::records::record_id::number;
use crate::model::records::share::{Revocation, Share, ShareState};
use crate::model::records::stamping::Author;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// What an event about a share is about: not the contact, who has to do with other clients too.
fn subject(share: &Share) -> Vec<Uuid> {
    let entries = share.items.iter().map(|item| item.entry);
    std::iter::once(share.id).chain(entries).collect()
}

impl Vault {
    /// Refuses to revoke what is over: it would promise that something ended only now. What stands
    /// in its place is ended by its own number.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub fn check_revocable(&self, line: LedgerLine<'_>, now: Timestamp) -> Result<()> {
        let share = line.share;
        let id = number(share.id);
        let mut hint =
            "what was in it may still be known to them; to be safe, rotate it".to_owned();
        let over = match line.state {
            ShareState::Expired => {
                if share.expires > now {
                    let contact = self.contact_name(share.recipient.contact)?;
                    hint = format!(
                        "{contact} was told {}, which is later: to write them that it has ended: vault \
                         revoke {id} --ended --out FILE",
                        share.expires
                    );
                }
                format!("share {id} ended on {}", line.until())
            }
            ShareState::Refused => format!("share {id} was refused by its recipient"),
            ShareState::Deleted => format!("what came with share {id} was signed to be deleted"),
            ShareState::Superseded => {
                let later = self.in_place_of(share, now)?;
                let last = number(later.share.id);
                if later.state.is_live() {
                    hint = format!("that goes on; to end it: vault revoke {last}");
                }
                format!("share {last} was sent in the place of share {id}")
            }
            ShareState::Unsent
            | ShareState::Sent
            | ShareState::Received
            | ShareState::Withdrawn
            | ShareState::Ended
            | ShareState::Revoked => return Ok(()),
        };
        let why = format!("{over}: there is nothing left to revoke");
        Err(Error::refused(why).hint(hint))
    }

    /// The live shares under a consent that were made for longer than it permits now.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn outlasting(&self, consent: Uuid, now: Timestamp) -> Result<Vec<&Share>> {
        let until = self.consents.by_id(consent)?.permitted_until();
        let lines = self.ledger(now)?.into_iter();
        let lines = lines.filter(|line| line.is_under(consent) && line.share.expires > until);
        let live = lines.filter(|line| line.live_items().next().is_some());
        Ok(live.map(|line| line.share).collect())
    }

    /// Enters a share, before anything of it leaves the vault.
    pub fn record_share(&mut self, share: Share, author: &Author<'_>) {
        // The write shows in `seen`, so that a copy without it cannot pass for newer.
        self.change_surely(author, "share", |edit| {
            edit.event.subject = subject(&share);
            let event = edit.event.note("to", share.recipient.contact.to_string());
            event.note("consent", share.consent.id.to_string());
            if let Some(old) = share.supersedes {
                event.note("supersedes", old.to_string());
            }
            if !share.confirmed.is_empty() {
                event.note("confirmed", share.confirmed.join(" "));
            }
            edit.vault.shares.add(share);
        });
    }

    /// Enters a hand-over, before anything of it leaves the vault.
    pub fn record_hand_over(&mut self, record: HandOver, author: &Author<'_>) {
        self.change_surely(author, "share", |edit| {
            let entries = record.items.iter().map(|item| item.entry);
            edit.event.subject = [record.id, record.client]
                .into_iter()
                .chain(entries)
                .collect();
            edit.event.note("what", "hand-over");
            edit.vault.handed_over.add(record);
        });
    }

    /// Notes that the file of a hand-over was written.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn mark_handed_over(&mut self, id: Uuid, author: &Author<'_>) -> Result<()> {
        self.change(author, "share", |edit| {
            let record = edit.vault.handed_over.by_id_mut(edit.event.about(id))?;
            record.sent.set(edit.stamp, Some(author.now));
            edit.event.note("phase", "sent");
            Ok(())
        })
    }

    /// Notes that the file of a share was written.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn mark_sent(&mut self, id: Uuid, author: &Author<'_>) -> Result<()> {
        self.change(author, "share", |edit| {
            let share = edit.vault.shares.by_id_mut(edit.event.about(id))?;
            share.sent.set(edit.stamp, Some(author.now));
            edit.event.note("phase", "sent");
            Ok(())
        })
    }

    /// Notes that a login was removed at the site.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] for a share that gave none, or that is not over.
    pub fn remove_login(&mut self, id: Uuid, author: &Author<'_>) -> Result<()> {
        let line = self.line(self.shares.by_id(id)?, author.now)?;
        if line.share.login_removed.value().is_some() {
            return Ok(());
        }
        if line.login_left().is_none() {
            let id = number(id);
            return Err(Error::refused(match line.share.login {
                Some(_) => format!("share {id} is not over: the login is still in use"),
                None => format!("share {id} gave no login"),
            })
            .hint(format!("to end it first: vault revoke {id}")));
        }
        self.change(author, "share", |edit| {
            let share = edit.vault.shares.by_id_mut(edit.event.about(id))?;
            share.login_removed.set(edit.stamp, Some(author.now));
            edit.event.note("phase", "login-removed");
            Ok(())
        })
    }

    /// Ends a share before its time. What was in it is to be rotated from then on. One that
    /// somebody has ended before stays as that ended it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Refused`] for one that is over.
    pub fn revoke_share(
        &mut self,
        id: Uuid,
        reason: Option<String>,
        author: &Author<'_>,
    ) -> Result<()> {
        if let Some(reason) = &reason {
            check_text("reason", reason, FIELD_BYTES)?;
        }
        let line = self.line(self.shares.by_id(id)?, author.now)?;
        if line.state.is_cut_short() {
            return Ok(());
        }
        self.check_revocable(line, author.now)?;
        self.change(author, "revoke", |edit| {
            let share = edit.vault.shares.by_id_mut(id)?;
            let mut ended = Revocation::with(author.now, "revoked".into());
            ended.reason = reason;
            share.ended.set(edit.stamp, Some(ended));
            edit.event.subject = subject(share);
            (edit.event).note("to", share.recipient.contact.to_string());
            Ok(())
        })
    }
}
