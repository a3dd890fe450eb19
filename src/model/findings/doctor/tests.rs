//! Each rule, when it holds and when it does not.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{
    Around, AtRest, Backups, CopyFact, Counts, FileFacts, MachineFacts, Namesake, RELEASE, Swap,
    VaultFacts, examine,
};
use crate::error::Error;
use crate::model::findings::audit::catalogue::{OTHER_RULES, rule_text};
use crate::model::findings::finding::Level;
use crate::model::text::kdf::KdfParams;

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn today() -> Date {
    now().to_zoned(TimeZone::UTC).date()
}

fn copy(days: i64, generation: u64) -> CopyFact {
    CopyFact {
        path: "/media/usb/vault.age".into(),
        generation,
        time: now() - SignedDuration::from_hours(24 * days),
        is_checked: true,
        device: Some(2),
    }
}

/// Everything as it should be.
fn good() -> MachineFacts {
    let place = |path: &str, is_folder, mode| FileFacts {
        path: path.into(),
        is_folder,
        is_private: true,
        mode,
        is_own: true,
    };
    MachineFacts {
        now: now(),
        path: "/home/jo/vault.age".into(),
        vault: Ok(VaultFacts {
            generation: 12,
            size: 4000,
            kdf: KdfParams::default(),
            ways_in: 1,
        }),
        device: Some(1),
        had_vault: true,
        places: vec![
            place("vault.age", false, 0o600),
            place("vault", true, 0o700),
        ],
        around: vec![],
        unwritten: vec![],
        unknown_keys: vec![],
        swap: Ok(vec![Swap {
            device: "/dev/zram0".into(),
            is_safe: true,
        }]),
        hibernation: Ok(vec![]),
        disk: Ok(AtRest::Encrypted),
        released: today() - 365.days(),
        namesakes: Ok(vec![]),
        open_path_parts: vec![],
        exports: Ok(vec![]),
        left_edits: vec![],
        memory_locked: true,
        no_dumps: true,
        clipboard: Ok(()),
        agent: Ok(()),
        last_seen: Ok(now()),
        backups: Ok(Backups {
            copies: vec![copy(2, 11)],
            bad: vec![],
            good_beside: 3,
            unread: vec![],
        }),
        counts: Ok(Counts {
            entries: 20,
            attachments: 0,
        }),
    }
}

fn found(facts: &MachineFacts) -> Vec<(&'static str, Level)> {
    let all = examine(facts).into_iter().flat_map(|rule| rule.findings);
    all.map(|finding| (finding.rule, finding.level)).collect()
}

/// What is found once `spoil` has been at the good facts.
fn with(spoil: impl FnOnce(&mut MachineFacts)) -> Vec<(&'static str, Level)> {
    let mut facts = good();
    spoil(&mut facts);
    found(&facts)
}

#[test]
fn a_key_that_is_not_known_and_how_it_goes_is_found() {
    let mut facts = good();
    let removal = "vault recipient rm 1a2b3c4d".to_owned();
    facts.unknown_keys = vec![("age1x (x25519), id 1a2b3c4d".into(), removal.clone())];
    let all = examine(&facts);
    let keys = all.iter().find(|it| it.rule == "unknown-key").unwrap();
    assert_eq!(keys.findings[0].level, Level::High);
    assert!(keys.findings[0].fix.as_ref().unwrap().contains(&removal));
}

#[test]
fn a_work_tree_that_is_set_up_already_is_not_to_be_set_up() {
    for is_set_up in [true, false] {
        let mut facts = good();
        facts.around.push(Around {
            path: "/home/jo/notes/vault.age".into(),
            is_state: false,
            work_tree: Some("/home/jo/notes".into()),
            is_set_up,
            synced_by: None,
        });
        let all = examine(&facts);
        let git = all.iter().find(|it| it.rule == "git").unwrap();
        let fix = git.findings[0].fix.as_ref().unwrap();
        assert_eq!(fix.contains("sync --setup"), !is_set_up);
    }
}

#[test]
fn a_text_that_a_killed_edit_has_left_is_found() {
    let mut facts = good();
    facts.left_edits = vec!["/dev/shm/vault-edit-x".into()];
    let all = examine(&facts);
    let edits = all.iter().find(|it| it.rule == "edits").unwrap();
    assert_eq!(edits.findings[0].subject, "/dev/shm/vault-edit-x");
    assert_eq!(edits.findings[0].level, Level::Medium);
}

#[test]
fn nothing_is_found_where_all_is_well_and_each_rule_says_what_is() {
    assert_eq!(found(&good()), []);
    for rule in examine(&good()) {
        assert!(!rule.good.is_empty(), "{}", rule.rule);
    }
}

#[test]
fn what_others_may_read_or_write_is_found() {
    let mode = |mode| with(|facts| facts.places[0].mode = mode);
    assert_eq!(mode(0o640), [("permissions", Level::Medium)]);
    assert_eq!(mode(0o620), [("permissions", Level::High)]);
    let folder = |mode, private| {
        with(|facts| {
            facts.places[1].mode = mode;
            facts.places[1].is_private = private;
        })
    };
    assert_eq!(folder(0o755, false), []);
    assert_eq!(folder(0o1777, false), [], "as /tmp is");
    assert_eq!(folder(0o775, false), [("permissions", Level::High)]);
    assert_eq!(folder(0o755, true), [("permissions", Level::Medium)]);
    let other = with(|facts| facts.places[0].is_own = false);
    assert_eq!(other, [("permissions", Level::Medium)]);
}

#[test]
fn a_cheap_password_is_found() {
    let kdf = |m, t| {
        with(|facts| {
            facts.vault.as_mut().unwrap().kdf = KdfParams { m, t, p: 1 };
        })
    };
    assert_eq!(kdf(7168, 6), [("kdf", Level::Medium)]);
    assert_eq!(kdf(1024, 1), [("kdf", Level::High)]);
    assert_eq!(kdf(1 << 20, 4), []);
}

#[test]
fn an_old_copy_is_found_and_said_how_old() {
    let copies =
        |copies: Vec<CopyFact>| with(|facts| facts.backups.as_mut().unwrap().copies = copies);
    assert_eq!(copies(vec![]), [("backup", Level::Medium)]);
    assert_eq!(copies(vec![copy(8, 11)]), [("backup", Level::Low)]);
    assert_eq!(copies(vec![copy(31, 11)]), [("backup", Level::Medium)]);
    assert_eq!(copies(vec![copy(400, 12)]), [], "nothing has changed since");
    assert_eq!(copies(vec![copy(31, 9), copy(1, 11)]), []);
    let away = CopyFact {
        is_checked: false,
        ..copy(2, 11)
    };
    assert_eq!(copies(vec![away]), [("backup", Level::Low)]);
    let bad = with(|facts| facts.backups.as_mut().unwrap().bad = vec!["x.age".into()]);
    assert_eq!(bad, [("backup", Level::Medium)]);
    let rules = examine(&good());
    let backup = rules.iter().find(|rule| rule.rule == "backup").unwrap();
    assert!(backup.good.contains("2 days old"), "{}", backup.good);
}

#[test]
fn copies_on_the_vaults_own_disk_count_only_where_there_are_no_others() {
    let on = |devices: &[(u64, i64)]| {
        with(|facts| {
            let copies = devices
                .iter()
                .zip(5..)
                .map(|((device, days), generation)| CopyFact {
                    device: Some(*device),
                    ..copy(*days, generation)
                });
            facts.backups.as_mut().unwrap().copies = copies.collect();
        })
    };
    assert_eq!(on(&[(2, 1)]), []);
    assert_eq!(on(&[(1, 1)]), [("backup", Level::Low)]);
    assert_eq!(
        on(&[(2, 2), (1, 1)]),
        [],
        "the one on the other disk is new enough"
    );
    assert_eq!(on(&[(2, 40), (1, 1)]), [("backup", Level::Medium)]);
    let unknown = with(|facts| {
        facts.device = None;
        facts.backups.as_mut().unwrap().copies[0].device = None;
    });
    assert_eq!(unknown, [], "nothing is said of what is not known");
}

#[test]
fn a_copy_on_the_same_disk_is_called_no_good_one_under_an_old_copy_either() {
    let mut facts = good();
    let copies = &mut facts.backups.as_mut().unwrap().copies;
    *copies = vec![copy(40, 11)];
    copies[0].device = facts.device;
    let words = |facts: &MachineFacts| {
        let all = examine(facts);
        let backup = all.into_iter().find(|it| it.rule == "backup").unwrap();
        let messages = backup.findings.into_iter().map(|finding| finding.message);
        messages.collect::<Vec<_>>()
    };
    let whole = words(&facts);
    assert_eq!(whole.len(), 2, "{whole:?}");
    facts.vault = Err(Error::integrity("it is an old copy"));
    let old = words(&facts);
    assert_eq!(old.len(), 1, "{old:?}");
    for message in whole.iter().chain(&old) {
        assert!(
            message.contains("disk") && !message.contains("good"),
            "{message}"
        );
    }
}

#[test]
fn an_identity_that_nobody_has_is_found() {
    let found = with(|facts| facts.unwritten = vec!["3f2a".into()]);
    assert_eq!(found, [("recovery", Level::Medium)]);
}

#[test]
fn a_vault_with_one_way_in_is_found() {
    let found = with(|facts| facts.vault.as_mut().unwrap().ways_in = 0);
    assert_eq!(found, [("recovery", Level::Low)]);
}

#[test]
fn a_vault_that_is_old_or_damaged_is_not_said_to_be_missing() {
    let mut facts = good();
    facts.vault = Err(Error::integrity("it is an old copy"));
    facts.backups.as_mut().unwrap().copies.clear();
    let all = examine(&facts).into_iter().flat_map(|rule| rule.findings);
    let all: Vec<String> = all.map(|finding| finding.message).collect();
    assert!(all.iter().all(|text| !text.contains("no vault")), "{all:?}");
}

#[test]
fn swap_counts_for_more_where_memory_cannot_be_locked() {
    let disk = || {
        Ok(vec![Swap {
            device: "/dev/sda2".into(),
            is_safe: false,
        }])
    };
    assert_eq!(with(|f| f.swap = disk()), [("swap", Level::Low)]);
    assert_eq!(
        with(|f| f.memory_locked = false),
        [("locked-memory", Level::Low)]
    );
    let both = with(|f| {
        f.swap = disk();
        f.memory_locked = false;
    });
    assert_eq!(
        both,
        [("swap", Level::Medium), ("locked-memory", Level::Medium)]
    );
}

#[test]
fn what_belongs_to_one_device_is_found_where_others_get_it() {
    let around = |is_state, git: bool| {
        with(|facts| {
            facts.around = vec![Around {
                path: "/x".into(),
                is_state,
                work_tree: git.then(|| "/".into()),
                is_set_up: false,
                synced_by: (!git).then(|| "Dropbox".into()),
            }];
        })
    };
    assert_eq!(around(false, true), [("git", Level::Low)]);
    assert_eq!(around(true, true), [("git", Level::Medium)]);
    assert_eq!(around(false, false), [("synced-folder", Level::Low)]);
    assert_eq!(around(true, false), [("synced-folder", Level::Medium)]);
}

#[test]
fn a_clock_that_went_back_is_found() {
    let ahead =
        |minutes| with(|facts| facts.last_seen = Ok(now() + SignedDuration::from_mins(minutes)));
    assert_eq!(ahead(4), []);
    assert_eq!(ahead(6), [("clock", Level::Medium)]);
}

#[test]
fn what_is_past_or_close_to_a_limit_is_found() {
    let entries = |entries| with(|facts| facts.counts.as_mut().unwrap().entries = entries);
    assert_eq!(entries(200_001), [("limits", Level::Medium)]);
    assert_eq!(entries(190_000), [("limits", Level::Low)]);
    assert_eq!(entries(100_000), []);
}

#[test]
fn a_disk_in_the_clear_is_found_and_memory_is_none() {
    let clear = AtRest::Clear("/dev/sda2".into());
    assert_eq!(with(|f| f.disk = Ok(clear)), [("disk", Level::Medium)]);
    assert!(with(|f| f.disk = Ok(AtRest::InMemory)).is_empty());
}

#[test]
fn hibernating_to_a_disk_in_the_clear_is_found_even_where_keys_are_kept_out_of_swap() {
    let to = |is_safe| {
        let device = "/dev/sda3".into();
        with(|f| f.hibernation = Ok(vec![Swap { device, is_safe }]))
    };
    assert_eq!(to(false), [("hibernation", Level::Medium)]);
    assert!(to(true).is_empty());
}

#[test]
fn every_rule_is_explained() {
    let all = examine(&good());
    let unexplained = all.iter().filter(|it| rule_text(it.rule).is_none());
    assert_eq!(unexplained.map(|it| it.rule).collect::<Vec<_>>(), [""; 0]);
    let mut looked_at: BTreeSet<&str> = all.iter().map(|it| it.rule).collect();
    looked_at.insert("log-review-due");
    let others: BTreeSet<&str> = OTHER_RULES.iter().map(|text| text.rule).collect();
    assert_eq!(looked_at, others);
    assert_eq!(OTHER_RULES.len(), others.len());
}

#[test]
fn a_version_has_the_day_on_which_it_came_out() {
    assert_eq!(RELEASE.0, env!("CARGO_PKG_VERSION"), "and its own day");
}

#[test]
fn a_program_that_is_old_or_comes_after_another_is_found() {
    let aged = |days: i64| with(|f| f.released = today() - days.days());
    assert!(aged(365).is_empty());
    assert_eq!(aged(366), [("program-age", Level::Low)]);
    let other = |is_first| Namesake {
        path: "/opt/hashicorp/vault".into(),
        is_first,
    };
    assert_eq!(
        with(|f| f.namesakes = Ok(vec![other(true), other(false)])),
        [("path", Level::Medium), ("path", Level::Low)]
    );
    // Each part that depends on where one stands.
    let parts = ["", ".", "bin"].map(str::to_owned);
    assert_eq!(
        with(|f| f.open_path_parts = parts.to_vec()),
        [("path", Level::Medium); 3]
    );
}

#[test]
fn what_other_programs_exported_is_to_be_taken_in() {
    let mut facts = good();
    facts.exports = Ok(vec!["/home/jo/Downloads/Chrome Passwords.csv".into()]);
    let all = examine(&facts);
    let exports = all.iter().find(|it| it.rule == "exports").unwrap();
    assert_eq!(exports.findings[0].level, Level::Medium);
    let fix = exports.findings[0].fix.as_deref().unwrap();
    assert!(
        fix.contains("vault import '/home/jo/Downloads/Chrome Passwords.csv'"),
        "{fix}"
    );
}

#[test]
fn what_could_not_be_looked_at_is_told() {
    let why = || "nobody said".to_owned();
    let unknown = with(|facts| {
        facts.swap = Err(why());
        facts.hibernation = Err(why());
        facts.disk = Err(why());
        facts.namesakes = Err(why());
        facts.exports = Err(why());
        facts.last_seen = Err(why());
        facts.backups = Err(why());
        facts.counts = Err(why());
        facts.agent = Err(why());
        facts.clipboard = Err(why());
    });
    let rules: Vec<&str> = unknown.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(
        rules,
        [
            "backup",
            "limits",
            "clock",
            "disk",
            "swap",
            "hibernation",
            "exports",
            "path",
            "agent",
            "clipboard"
        ]
    );
    let none = |had_vault| {
        with(|facts| {
            facts.vault = Err(Error::not_found("there is no vault"));
            facts.had_vault = had_vault;
        })
    };
    assert!(none(true).contains(&("vault", Level::High)));
    let none = none(false);
    assert!(none.contains(&("vault", Level::Low)));
    let rules: Vec<&str> = none.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(rules, ["vault", "kdf", "recovery", "limits"]);
    let damaged = with(|facts| facts.vault = Err(Error::integrity("it is damaged")));
    assert!(damaged.contains(&("vault", Level::High)));
}
