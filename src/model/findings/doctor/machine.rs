//! The machine that the vault is used on.

use jiff::SignedDuration;

use super::{AtRest, MachineFacts, Swap};
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule};

/// How far the clock may fall behind before something is wrong with it.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);

pub(crate) fn clock(facts: &MachineFacts) -> Examined {
    let good = "it is not behind what this device last did";
    Rule::over(("clock", "clock"), good, &facts.last_seen, |rule, last| {
        let behind = last.duration_since(facts.now);
        if behind > CLOCK_SLACK {
            let message = format!(
                "it is {} minutes behind what this device last did: what has ended would count as \
                 valid",
                behind.as_mins()
            );
            rule.find(Level::Medium, "clock", message, "set the system's clock");
        }
    })
}

pub(crate) fn swap(facts: &MachineFacts) -> Examined {
    // Keys are locked where that works; what is decrypted with them is not.
    let level = if facts.memory_locked {
        Level::Low
    } else {
        Level::Medium
    };
    let good = "all swap in use is encrypted or in memory";
    Rule::over(("swap", "swap"), good, &facts.swap, |rule, swap| {
        for swap in swap.iter().filter(|swap| !swap.is_safe) {
            let message =
                "what is in memory while a vault is open may be written there in the clear";
            rule.find(level, &swap.device, message, "encrypt it, or use zram");
        }
    })
}

pub(crate) fn hibernation(facts: &MachineFacts) -> Examined {
    let (named, good) = (
        ("hibernation", "hibernation"),
        "it writes no memory to a disk in the clear",
    );
    Rule::over(named, good, &facts.hibernation, |rule, places| {
        for place in places.iter().filter(|place| !place.is_safe) {
            let message =
                "all of memory is written there in the clear when this machine hibernates";
            let fix = "encrypt it, or turn hibernation off";
            rule.find(Level::Medium, &place.device, message, fix);
        }
    })
}

pub(crate) fn disk(facts: &MachineFacts) -> Examined {
    let good = "what is on the vault's disk is encrypted";
    Rule::over(("disk", "disk"), good, &facts.disk, |rule, at_rest| {
        if let AtRest::Clear(disk) = at_rest {
            let message = "nothing shows that this disk is encrypted: whoever has the machine reads \
                           all but the vault";
            let fix = "have it encrypted: LUKS on Linux, FileVault on a Mac";
            rule.find(Level::Medium, disk, message, fix);
        }
    })
}

pub(crate) fn edits(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("edits", "no edit that was killed has left its text");
    for folder in &facts.left_edits {
        let message = "an edit was killed and has left its text here, which may hold secrets";
        let fix = "the next command that opens a vault wipes it: vault list";
        rule.find(Level::Medium, folder, message, fix);
    }
    rule.0
}

pub(crate) fn memory(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("locked-memory", "the master key is kept out of swap");
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

pub(crate) fn dumps(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new(
        "core-dumps",
        "vault leaves none, and no debugger can attach",
    );
    if !facts.no_dumps {
        let message = "this system does not let vault forbid core dumps of itself";
        rule.find(Level::Medium, "memory", message, "ulimit -c 0");
    }
    rule.0
}

pub(crate) fn agent(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("agent", "its folder is yours alone");
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

pub(crate) fn clipboard(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("clipboard", "--clip can copy, and clear it later");
    if let Err(why) = &facts.clipboard {
        rule.find(Level::Low, "clipboard", why, "");
    }
    rule.0
}
