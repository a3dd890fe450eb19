//! How this machine and this vault's settings stand: one rule for each thing to look at, over facts
//! that were gathered elsewhere. What could not be looked at is a finding too, never passed over.

use jiff::{SignedDuration, Timestamp};

use super::finding::{Finding, Level};
use super::kdf::KdfParams;
use super::limits::{ATTACHMENTS_BYTES, ENTRIES, VAULT_FILE_BYTES};
use super::vault::Vault;
use crate::error::{Error, Kind, Result};

/// A fact, or why it is not known.
pub type Known<T> = Result<T, String>;

/// How far the clock may fall behind before something is wrong with it.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);
/// From then on a copy elsewhere is old.
const COPY_IS_OLD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// And from then on too old.
const COPY_IS_TOO_OLD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A file or a folder that belongs to the vault.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it is.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether others have no business even reading it.
    pub is_private: bool,
    /// Its permission bits.
    pub mode: u32,
    /// Whether it is the user's own.
    pub is_own: bool,
}

/// Where memory may be written out to.
#[derive(Clone, Debug)]
pub struct Swap {
    /// The file or device.
    pub device: String,
    /// Whether what is written there is encrypted or stays in memory.
    pub is_safe: bool,
}

/// What surrounds a place.
#[derive(Clone, Debug)]
pub struct Around {
    /// The place.
    pub path: String,
    /// Whether it is where this device keeps what it knows, which no other device should get.
    pub is_state: bool,
    /// The git work tree that it is in.
    pub work_tree: Option<String>,
    /// The folder service whose folder it is in.
    pub synced_by: Option<String>,
}

/// A copy of the vault in another place.
#[derive(Clone, Debug)]
pub struct CopyFact {
    /// Where it is.
    pub path: String,
    /// The vault's generation in it.
    pub generation: u64,
    /// When it was made.
    pub time: Timestamp,
    /// Whether it is there now, and whole.
    pub is_checked: bool,
}

/// What there is to go back to.
#[derive(Clone, Debug, Default)]
pub struct Backups {
    /// Copies in other places, the latest first.
    pub copies: Vec<CopyFact>,
    /// Files that are kept and cannot be relied on.
    pub bad: Vec<String>,
    /// Files beside the vault that are whole.
    pub good_beside: usize,
}

/// How much a vault holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Entries, those in the trash included.
    pub entries: usize,
    /// Bytes of all attachments.
    pub attachments: u64,
}

/// What the vault file says of itself.
#[derive(Clone, Debug)]
pub struct VaultFacts {
    /// Its generation.
    pub generation: u64,
    /// Its size in bytes.
    pub size: u64,
    /// What a guess at its password costs.
    pub kdf: KdfParams,
}

/// Everything that the rules look at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Now.
    pub now: Timestamp,
    /// The vault's path.
    pub path: String,
    /// The vault, or what is wrong with it.
    pub vault: Result<VaultFacts>,
    /// Files and folders of the vault and of what this device knows.
    pub places: Vec<Place>,
    /// What surrounds them.
    pub around: Vec<Around>,
    /// Swap that is in use.
    pub swap: Known<Vec<Swap>>,
    /// Whether keys can be locked into memory.
    pub memory_locked: bool,
    /// Whether this process leaves no core dump.
    pub no_dumps: bool,
    /// Why there is no clipboard to copy to.
    pub clipboard: Known<()>,
    /// Why the agent's place is not to be trusted.
    pub agent: Known<()>,
    /// The last time that this device is known to have written or revealed something.
    pub last_seen: Known<Timestamp>,
    /// What there is to go back to.
    pub backups: Known<Backups>,
    /// How much the vault holds.
    pub counts: Known<Counts>,
}

/// What a rule came to.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The rule's name, a stable word.
    pub rule: &'static str,
    /// What it found.
    pub findings: Vec<Finding>,
    /// What is as it should be, when it found nothing.
    pub good: String,
}

/// Looks at everything.
#[must_use]
pub fn examine(facts: &Facts) -> Vec<Examined> {
    vec![
        vault(facts),
        permissions(facts),
        kdf(facts),
        backups(facts),
        limits(facts),
        git(facts),
        synced(facts),
        clock(facts),
        swap(facts),
        memory(facts),
        dumps(facts),
        agent(facts),
        clipboard(facts),
    ]
}

/// A rule under way.
struct Rule(Examined);

impl Rule {
    fn new(rule: &'static str, good: impl Into<String>) -> Self {
        Self(Examined {
            rule,
            findings: Vec::new(),
            good: good.into(),
        })
    }

    fn find(&mut self, level: Level, subject: &str, message: impl Into<String>, fix: &str) {
        self.0.findings.push(Finding {
            rule: self.0.rule,
            level,
            subject: subject.to_owned(),
            message: message.into(),
            fix: Some(fix.to_owned()).filter(|fix| !fix.is_empty()),
        });
    }

    fn not_checked(mut self, subject: &str, why: &str, fix: &str) -> Examined {
        self.find(Level::Low, subject, format!("not checked: {why}"), fix);
        self.0
    }
}

fn vault(facts: &Facts) -> Examined {
    let mut rule = Rule::new("vault", "it is there, and its signature fits");
    if let Err(why) = &facts.vault {
        let level = match why.kind() {
            Kind::NotFound => Level::Low,
            _ => Level::High,
        };
        let fix = why.next_step().unwrap_or_default();
        rule.find(level, &facts.path, why.message(), fix);
    }
    rule.0
}

fn permissions(facts: &Facts) -> Examined {
    let mut rule = Rule::new(
        "permissions",
        "nobody else may read or write what is the vault's",
    );
    for place in &facts.places {
        let (path, mode) = (&place.path, place.mode & 0o777);
        if !place.is_own {
            rule.find(
                Level::Medium,
                path,
                "it belongs to another user",
                &format!("chown it to you: ls -ld {path}"),
            );
        }
        // Whoever may write a folder without the sticky bit may replace what is in it.
        let is_open = place.mode & 0o022 != 0 && !(place.is_folder && place.mode & 0o1000 != 0);
        if is_open {
            let fix = format!("chmod go-w {path}");
            let message = format!("others may write it (mode {mode:o})");
            rule.find(Level::High, path, message, &fix);
        }
        if place.is_private && place.mode & 0o055 != 0 {
            let fix = format!("chmod go-rwx {path}");
            let message = format!("others may read it (mode {mode:o})");
            rule.find(Level::Medium, path, message, &fix);
        }
    }
    rule.0
}

fn kdf(facts: &Facts) -> Examined {
    let rule = "kdf";
    let Ok(vault) = &facts.vault else {
        return Rule::new(rule, "").not_checked(&facts.path, "there is no vault to look at", "");
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

fn backups(facts: &Facts) -> Examined {
    const RULE: &str = "backup";
    const COPY: &str = "vault backup --to DIR, on another disk";
    let backups = match &facts.backups {
        Ok(backups) => backups,
        Err(why) => return Rule::new(RULE, "").not_checked(&facts.path, why, "vault backups"),
    };
    let last = backups.copies.iter().max_by_key(|copy| copy.generation);
    let age = |copy: &CopyFact| age(facts.now.duration_since(copy.time));
    let good = last.map(|copy| {
        let (age, path) = (age(copy), &copy.path);
        format!(
            "the last good copy is {age} (generation {}): {path}",
            copy.generation
        )
    });
    let mut rule = Rule::new(RULE, good.unwrap_or_default());
    if !backups.bad.is_empty() {
        let count = backups.bad.len();
        let what = if count == 1 {
            "file that is kept is"
        } else {
            "files that are kept are"
        };
        let first = backups.bad.first().map_or("", String::as_str);
        let message = format!("{count} {what} not to be relied on");
        rule.find(
            Level::Medium,
            first,
            message,
            "vault backups shows which and why",
        );
    }
    let Some(copy) = last else {
        let message = format!(
            "no copy was ever made on another disk; beside the vault {} earlier generations are \
             kept, which go where this disk goes",
            backups.good_beside
        );
        if facts.vault.is_ok() {
            rule.find(Level::Medium, &facts.path, message, COPY);
        } else if rule.0.findings.is_empty() {
            return rule.not_checked(&facts.path, "there is no vault to look at", "");
        }
        return rule.0;
    };
    let generation = facts.vault.as_ref().map_or(0, |vault| vault.generation);
    let since = facts.now.duration_since(copy.time);
    if copy.generation < generation && since > COPY_IS_OLD {
        let level = if since > COPY_IS_TOO_OLD {
            Level::Medium
        } else {
            Level::Low
        };
        let message = format!(
            "the last good copy is {}, of generation {}; the vault has {generation} now",
            age(copy),
            copy.generation
        );
        rule.find(level, &copy.path, message, "vault backup");
    }
    if !copy.is_checked {
        let message = format!(
            "the last copy, made {}, is not there to be looked at",
            made(since)
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

/// `12 days old`.
fn age(since: SignedDuration) -> String {
    match since.as_hours() / 24 {
        ..=0 => "from today".into(),
        1 => "1 day old".into(),
        days => format!("{days} days old"),
    }
}

/// `12 days ago`.
fn made(since: SignedDuration) -> String {
    match since.as_hours() / 24 {
        ..=0 => "today".into(),
        1 => "1 day ago".into(),
        days => format!("{days} days ago"),
    }
}

fn limits(facts: &Facts) -> Examined {
    const RULE: &str = "limits";
    let counts = match (&facts.vault, &facts.counts) {
        (Ok(vault), Ok(counts)) => (vault, counts),
        (Err(_), _) => {
            return Rule::new(RULE, "").not_checked(
                &facts.path,
                "there is no vault to look at",
                "",
            );
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

fn git(facts: &Facts) -> Examined {
    let mut rule = Rule::new("git", "no git work tree has it");
    for around in &facts.around {
        let Some(tree) = &around.work_tree else {
            continue;
        };
        if around.is_state {
            let message =
                format!("what this device knows of the vault is in the git work tree {tree}");
            rule.find(
                Level::Medium,
                &around.path,
                message,
                "set XDG_STATE_HOME to a folder of this device alone",
            );
        } else {
            let message = format!(
                "the vault is in the git work tree {tree}: each commit keeps a copy for ever, which \
                 opens with the password of its day"
            );
            let fix = "keep vault.age.backups and vault.age.lock out of it (.gitignore), and the \
                       repository private";
            rule.find(Level::Low, &around.path, message, fix);
        }
    }
    rule.0
}

fn synced(facts: &Facts) -> Examined {
    let mut rule = Rule::new(
        "synced-folder",
        "no folder service has it, as far as can be seen",
    );
    for around in &facts.around {
        let Some(service) = &around.synced_by else {
            continue;
        };
        if around.is_state {
            let message =
                format!("what this device knows of the vault is in a folder of {service}");
            rule.find(
                Level::Medium,
                &around.path,
                message,
                "set XDG_STATE_HOME to a folder of this device alone",
            );
        } else {
            let message = format!(
                "the vault is in a folder of {service}, which may put another device's file in its \
                 place"
            );
            rule.find(
                Level::Low,
                &around.path,
                message,
                "write on one device at a time; vault says when two wrote apart",
            );
        }
    }
    rule.0
}

fn clock(facts: &Facts) -> Examined {
    let rule = Rule::new("clock", "it is not behind what this device last did");
    let last = match &facts.last_seen {
        Ok(last) => *last,
        Err(why) => return rule.not_checked("clock", why, ""),
    };
    let mut rule = rule;
    let behind = last.duration_since(facts.now);
    if behind > CLOCK_SLACK {
        let message = format!(
            "it is {} minutes behind what this device last did: what has ended would count as valid",
            behind.as_mins()
        );
        rule.find(Level::Medium, "clock", message, "set the system's clock");
    }
    rule.0
}

fn swap(facts: &Facts) -> Examined {
    let swap = match &facts.swap {
        Ok(swap) => swap,
        Err(why) => return Rule::new("swap", "").not_checked("swap", why, ""),
    };
    let mut rule = Rule::new(
        "swap",
        "none is in use that is not encrypted or memory itself",
    );
    // Keys are locked where that works; what is decrypted with them is not.
    let level = if facts.memory_locked {
        Level::Low
    } else {
        Level::Medium
    };
    for swap in swap.iter().filter(|swap| !swap.is_safe) {
        let message = "what is in memory while a vault is open may be written there in the clear";
        rule.find(level, &swap.device, message, "encrypt it, or use zram");
    }
    rule.0
}

fn memory(facts: &Facts) -> Examined {
    let mut rule = Rule::new("locked-memory", "keys are kept out of swap");
    if !facts.memory_locked {
        let unsafe_swap = |swap: &Vec<Swap>| swap.iter().any(|swap| !swap.is_safe);
        let level = match &facts.swap {
            Ok(swap) if !unsafe_swap(swap) => Level::Low,
            _ => Level::Medium,
        };
        let message = "this system lets no memory be locked, so keys may be swapped out";
        rule.find(level, "memory", message, "allow some: ulimit -l 64");
    }
    rule.0
}

fn dumps(facts: &Facts) -> Examined {
    let mut rule = Rule::new(
        "core-dumps",
        "vault leaves none, and no debugger may look in",
    );
    if !facts.no_dumps {
        let message = "this system does not let vault forbid core dumps of itself";
        rule.find(Level::Medium, "memory", message, "ulimit -c 0");
    }
    rule.0
}

fn agent(facts: &Facts) -> Examined {
    let mut rule = Rule::new("agent", "its place is yours alone");
    if let Err(why) = &facts.agent {
        rule.find(
            Level::Medium,
            "agent",
            why,
            "see whose it is, and remove it",
        );
    }
    rule.0
}

fn clipboard(facts: &Facts) -> Examined {
    let mut rule = Rule::new("clipboard", "--clip can copy, and clear it later");
    if let Err(why) = &facts.clipboard {
        rule.find(Level::Low, "clipboard", why, "");
    }
    rule.0
}

impl Vault {
    /// How much it holds.
    ///
    /// # Errors
    /// [`Kind::Integrity`] for a malformed record.
    pub fn counts(&self) -> Result<Counts, Error> {
        Ok(Counts {
            entries: self.entries.len(),
            attachments: self.attachments_size()?,
        })
    }
}

#[cfg(test)]
mod tests;
