//! The vault itself, where it is, and what there is to go back to.

use jiff::SignedDuration;

use super::{Backups, CopyFact, MachineFacts};
use crate::error::Kind;
use crate::model::findings::copy_due::{age, behind};
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule};
use crate::model::text::kdf::KdfParams;
use crate::model::text::limits::{ATTACHMENTS_BYTES, ENTRIES, VAULT_FILE_BYTES};
use crate::model::text::quote::as_word;

pub(crate) fn vault(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("vault", "it is there, and its signature fits");
    if let Err(why) = &facts.vault {
        let level = match why.kind() {
            Kind::NotFound if !facts.had_vault => Level::Low,
            _ => Level::High,
        };
        let fix = why.next_step().unwrap_or_default();
        rule.find(level, &facts.path, why.message(), fix);
    }
    rule.0
}

pub(crate) fn permissions(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new(
        "permissions",
        "only you can read or write the vault's files",
    );
    for place in &facts.places {
        let (path, mode) = (&place.path, place.mode & 0o777);
        let word = as_word(path);
        if !place.is_own {
            rule.find(
                Level::Medium,
                path,
                "it belongs to another user",
                &format!("chown it to you: ls -ld {word}"),
            );
        }
        // Whoever may write a folder without the sticky bit may replace what is in it.
        let is_open = place.mode & 0o022 != 0 && !(place.is_folder && place.mode & 0o1000 != 0);
        if is_open {
            let fix = format!("chmod go-w {word}");
            let message = format!("others may write it (mode {mode:o})");
            rule.find(Level::High, path, message, &fix);
        }
        if place.is_private && place.mode & 0o055 != 0 {
            let fix = format!("chmod go-rwx {word}");
            let message = format!("others may read it (mode {mode:o})");
            rule.find(Level::Medium, path, message, &fix);
        }
    }
    rule.0
}

pub(crate) fn kdf(facts: &MachineFacts) -> Examined {
    let rule = "kdf";
    let Ok(vault) = &facts.vault else {
        return Rule::new(rule, "").not_checked(&facts.path, unseen(facts), "");
    };
    let default = KdfParams::default();
    let mut rule = Rule::new(rule, format!("a guess at the password costs {}", vault.kdf));
    if vault.kdf.is_below(default) {
        let level = match vault.kdf.check_floor() {
            Ok(()) => Level::Medium,
            Err(_) => Level::High,
        };
        let message = format!("a guess costs {}, less than today's {default}", vault.kdf);
        rule.find(
            level,
            &facts.path,
            message,
            "vault passwd --kdf-target 500ms",
        );
    }
    rule.0
}

pub(crate) fn backups(facts: &MachineFacts) -> Examined {
    const RULE: &str = "backup";
    const COPY: &str = "vault backup --to DIR, on another disk";
    let backups = match &facts.backups {
        Ok(backups) => backups,
        Err(why) => return Rule::new(RULE, "").not_checked(&facts.path, why, "vault backups"),
    };
    let is_here = |copy: &CopyFact| facts.device.is_some() && copy.device == facts.device;
    // Copies on the vault's own disk count only where there are no others.
    let newest = |copies: &mut dyn Iterator<Item = &'_ CopyFact>| {
        copies.max_by_key(|copy| copy.generation).cloned()
    };
    let elsewhere = newest(&mut backups.copies.iter().filter(|copy| !is_here(copy)));
    let last = elsewhere.or_else(|| newest(&mut backups.copies.iter()));
    let last = last.as_ref();
    let age = |copy: &CopyFact| age(facts.now.duration_since(copy.time));
    let good = last.map(|copy| {
        let (age, path) = (age(copy), &copy.path);
        format!(
            "the last good copy is {age} (generation {}): {path}",
            copy.generation
        )
    });
    let mut rule = Rule::new(RULE, good.unwrap_or_default());
    unreliable(&mut rule, backups, &facts.path);
    let Some(copy) = last else {
        let beside = match backups.good_beside {
            0 => String::new(),
            1 => "; the 1 earlier generation beside the vault is lost with this disk".to_owned(),
            many => {
                format!("; the {many} earlier generations beside the vault are lost with this disk")
            }
        };
        let message = format!("no copy was ever made on another disk{beside}");
        if facts.vault.is_ok() {
            rule.find(Level::Medium, &facts.path, message, COPY);
        } else if rule.0.findings.is_empty() {
            return rule.not_checked(&facts.path, unseen(facts), "");
        }
        return rule.0;
    };
    if is_here(copy) {
        rule.find(
            Level::Low,
            &copy.path,
            "every copy is on the same disk as the vault: what takes the one takes the other",
            COPY,
        );
    }
    // What goes where the vault goes is no good copy.
    let what = if is_here(copy) {
        "copy on this disk"
    } else {
        "good copy"
    };
    let generation = facts.vault.as_ref().map_or(0, |vault| vault.generation);
    let made = (copy.generation, copy.time);
    behind(&mut rule, &copy.path, made, what, (generation, facts.now));
    if !copy.is_checked {
        let message = format!(
            "the last copy, made {}, is not there to be looked at",
            days_ago(facts.now.duration_since(copy.time))
        );
        rule.find(
            Level::Low,
            &copy.path,
            message,
            "plug its disk in, then vault backups",
        );
    }
    rule.0
}

/// Files that are kept and not to be relied on, and folders that could not be read.
fn unreliable(rule: &mut Rule, backups: &Backups, vault: &str) {
    const SHOW: &str = "vault backups shows which and why";
    if let Some(first) = backups.bad.first() {
        let count = backups.bad.len();
        let what = if count == 1 {
            "backup file"
        } else {
            "backup files"
        };
        let message = format!("{count} {what} cannot be relied on");
        rule.find(Level::Medium, first, message, SHOW);
    }
    for why in &backups.unread {
        rule.find(Level::Medium, vault, why.as_str(), "vault backups");
    }
}

/// Why the vault's file says nothing.
fn unseen(facts: &MachineFacts) -> &'static str {
    match &facts.vault {
        Err(why) if why.kind() == Kind::NotFound => "there is no vault to look at",
        _ => "the vault's file is not as it should be",
    }
}

/// Whether there is a way back when the password is lost.
pub(crate) fn recovery(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("recovery", "the password is not the only way in");
    let Ok(vault) = &facts.vault else {
        return rule.not_checked(&facts.path, unseen(facts), "");
    };
    if vault.ways_in == 0 {
        rule.find(
            Level::Low,
            &facts.path,
            "there is no recovery identity: if the password is lost, so is everything in the vault",
            "vault recovery add --out FILE, kept offline",
        );
    }
    for id in &facts.unwritten {
        rule.find(
            Level::Medium,
            &facts.path,
            format!("recovery identity {id} was never written out: nobody has it for sure"),
            &format!("vault recovery rm {id}, then vault recovery add --out FILE, kept offline"),
        );
    }
    rule.0
}

/// `12 days ago`.
fn days_ago(since: SignedDuration) -> String {
    match since.as_hours() / 24 {
        ..=0 => "today".into(),
        1 => "1 day ago".into(),
        days => format!("{days} days ago"),
    }
}

pub(crate) fn limits(facts: &MachineFacts) -> Examined {
    const RULE: &str = "limits";
    let counts = match (&facts.vault, &facts.counts) {
        (Ok(vault), Ok(counts)) => (vault, counts),
        (Err(_), _) => {
            return Rule::new(RULE, "").not_checked(&facts.path, unseen(facts), "");
        }
        (_, Err(why)) => {
            let fix = "vault unlock, then vault doctor";
            return Rule::new(RULE, "").not_checked(&facts.path, why, fix);
        }
    };
    let (vault, counts) = counts;
    let good = format!("{} of {ENTRIES} entries", counts.entries);
    let mut rule = Rule::new(RULE, good);
    let mut over = |what: &str, is: u64, limit: u64| {
        if is > limit {
            let message = format!("{is} {what}, the limit is {limit}: nothing can be added");
            let fix = "remove what is no longer needed: vault trash empty";
            rule.find(Level::Medium, &facts.path, message, fix);
        } else if is > limit / 10 * 9 {
            let message = format!("{is} {what}, close to the limit of {limit}");
            rule.find(Level::Low, &facts.path, message, "");
        }
    };
    over("entries", counts.entries as u64, ENTRIES as u64);
    over(
        "bytes of attachments",
        counts.attachments,
        ATTACHMENTS_BYTES,
    );
    over("bytes in the file", vault.size, VAULT_FILE_BYTES);
    rule.0
}

/// Whether a key opens the vault that came with a file and that this device doubts.
pub(crate) fn unknown_keys(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new(
        "unknown-key",
        "no key opens the vault that this device does not know",
    );
    for (key, removal) in &facts.unknown_keys {
        rule.find(
            Level::High,
            &facts.path,
            format!("a key that this device does not know opens the vault: {key}"),
            &format!(
                "if it is not yours: {removal}, then vault passwd --compromised; if it is, accept it with \
                 the next change: --accept-recipient ID"
            ),
        );
    }
    rule.0
}

pub(crate) fn git(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("git", "the vault is in no git work tree");
    for around in &facts.around {
        let Some(tree) = &around.work_tree else {
            continue;
        };
        if around.is_state {
            find_state(
                &mut rule,
                &around.path,
                &format!("the git work tree {tree}"),
            );
        } else {
            let message = format!(
                "the vault is in the git work tree {tree}: each commit keeps a copy for ever, which \
                 opens with the password of its day"
            );
            let fix = if around.is_set_up {
                "keep the repository private; or give the vault one of its own: vault sync --remote URL"
            } else {
                "keep the repository private, and let it merge the vault and leave out what lies beside \
                 it: vault sync --setup; or give it one of its own: vault sync --remote URL"
            };
            rule.find(Level::Low, &around.path, message, fix);
        }
    }
    rule.0
}

pub(crate) fn synced(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("synced-folder", "the vault is in no known synced folder");
    for around in &facts.around {
        let Some(service) = &around.synced_by else {
            continue;
        };
        if around.is_state {
            find_state(&mut rule, &around.path, &format!("a folder of {service}"));
        } else {
            let message = format!(
                "the vault is in a folder of {service}, which may put another device's file in its \
                 place"
            );
            rule.find(
                Level::Low,
                &around.path,
                message,
                "where two devices wrote apart, take in what each wrote: vault merge --all",
            );
        }
    }
    rule.0
}

/// What a device remembers is of no use to another, and leads it astray.
fn find_state(rule: &mut Rule, path: &str, place: &str) {
    rule.find(
        Level::Medium,
        path,
        format!("what this device knows of the vault is in {place}"),
        "set XDG_STATE_HOME to a folder of this device alone",
    );
}
