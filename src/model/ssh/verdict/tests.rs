//! Each rule by itself, and that none is overruled by another.

use super::{ConfirmMode, SshRefusal, SshUse, SshVerdict, judge};
use crate::model::ssh::binding::SshServer;
use crate::model::ssh::key_terms::{BoundPlace, KeyBounds};

const MODES: [ConfirmMode; 3] = [ConfirmMode::Always, ConfirmMode::Once, ConfirmMode::Never];

fn login(user: &str, host: Option<&str>, is_proved: bool, is_forwarded: bool) -> SshUse {
    SshUse::Login {
        user: user.into(),
        server: SshServer {
            fingerprint: host.map(str::to_owned),
            is_proved,
            is_forwarded,
            is_doubtful: false,
        },
    }
}

fn file(namespace: &str, is_forwarded: bool) -> SshUse {
    SshUse::File {
        namespace: namespace.into(),
        is_forwarded,
    }
}

/// A key for `root` at `web`, whose key is `W`, and for anybody at `new`, which nobody knows.
fn bound() -> KeyBounds {
    let place = |name: &str, user: Option<&str>, keys: &[&str]| BoundPlace {
        name: name.into(),
        user: user.map(str::to_owned),
        host_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    };
    KeyBounds {
        is_bound: true,
        places: vec![place("web", Some("root"), &["W"]), place("new", None, &[])],
        namespaces: None,
        unused_host_keys: Vec::new(),
    }
}

fn refused(bounds: &KeyBounds, wanted: &SshUse) -> Option<SshRefusal> {
    let verdicts = MODES.map(|mode| judge(bounds, wanted, mode, true));
    let refusals = verdicts.map(|it| match it {
        SshVerdict::Refused(why) => Some(why),
        _ => None,
    });
    assert_eq!(refusals[0], refusals[1], "no mode overrules a rule");
    assert_eq!(refusals[1], refusals[2], "no mode overrules a rule");
    refusals[0]
}

#[test]
fn a_bound_key_logs_in_at_its_own_servers_only() {
    let at = |user: &str, host: &str| refused(&bound(), &login(user, Some(host), true, false));
    assert_eq!(at("root", "W"), None);
    assert_eq!(at("kim", "W"), Some(SshRefusal::OtherUser));
    assert_eq!(at("root", "X"), Some(SshRefusal::OtherHost));
    let mut unknown = bound();
    unknown.places.remove(0);
    let new = login("root", Some("W"), true, false);
    assert_eq!(refused(&unknown, &new), Some(SshRefusal::UnknownHost));
    unknown.places.clear();
    assert_eq!(refused(&unknown, &new), Some(SshRefusal::UnknownHost));
}

#[test]
fn a_free_key_logs_in_anywhere() {
    let free = KeyBounds::default();
    for host in [None, Some("X")] {
        assert_eq!(refused(&free, &login("kim", host, false, false)), None);
    }
}

#[test]
fn a_bound_key_signs_files_in_the_namespaces_that_are_named_only() {
    let git = file("git", false);
    assert_eq!(refused(&bound(), &git), Some(SshRefusal::Namespace));
    let named = |bounds: KeyBounds| KeyBounds {
        namespaces: Some(vec!["git".into(), "file".into()]),
        ..bounds
    };
    assert_eq!(refused(&named(bound()), &git), None);
    assert_eq!(refused(&KeyBounds::default(), &git), None);
    let other = file("vault-consent", false);
    for bounds in [named(bound()), named(KeyBounds::default())] {
        assert_eq!(refused(&bounds, &other), Some(SshRefusal::Namespace));
    }
}

#[test]
fn a_proof_that_failed_is_worse_than_none() {
    let mut wanted = login("root", Some("W"), false, false);
    if let SshUse::Login { server, .. } = &mut wanted {
        server.is_doubtful = true;
    }
    assert_eq!(refused(&bound(), &wanted), Some(SshRefusal::Unproved));
    assert_eq!(refused(&KeyBounds::default(), &wanted), None);
}

#[test]
fn a_yes_counts_for_one_user_at_one_server() {
    let of = |user: &str, host: &str| login(user, Some(host), true, false).remembered_as();
    assert_eq!(of("root", "W"), of("root", "W"));
    assert_ne!(of("root", "W"), of("kim", "W"));
    assert_ne!(of("root", "W"), of("root", "X"));
}

#[test]
fn the_means_say_what_was_forwarded() {
    assert_eq!(file("git", false).via(), "sshsig:git");
    assert_eq!(file("git", true).via(), "sshsig-forwarded:git");
}

#[test]
fn what_cannot_be_proved_is_asked_each_time() {
    let ask = SshVerdict::Ask {
        is_remembered: false,
    };
    for wanted in [
        login("root", Some("W"), false, false),
        login("root", None, false, false),
        login("root", Some("W"), true, true),
    ] {
        for mode in MODES {
            assert_eq!(judge(&bound(), &wanted, mode, true), ask, "{wanted:?}");
        }
    }
    for wanted in [file("git", true), login("root", None, false, true)] {
        for mode in MODES {
            let free = KeyBounds::default();
            assert_eq!(judge(&free, &wanted, mode, true), ask, "{wanted:?}");
        }
    }
    let through_a_hop = login("root", None, false, true);
    let refusal = refused(&bound(), &through_a_hop);
    assert_eq!(refusal, Some(SshRefusal::OtherHost));
    let nobody = login("kim", None, false, false);
    let mut strict = bound();
    strict.places.truncate(1);
    assert_eq!(refused(&strict, &nobody), Some(SshRefusal::OtherHost));
}

#[test]
fn the_mode_says_how_often_the_rest_is_asked() {
    let wanted = login("root", Some("W"), true, false);
    let judged = |mode, before| judge(&bound(), &wanted, mode, before);
    let ask = |is_remembered| SshVerdict::Ask { is_remembered };
    assert_eq!(judged(ConfirmMode::Always, true), ask(false));
    assert_eq!(judged(ConfirmMode::Once, false), ask(true));
    assert_eq!(judged(ConfirmMode::Once, true), SshVerdict::Allowed);
    assert_eq!(judged(ConfirmMode::Never, false), SshVerdict::Allowed);
    let nowhere = login("root", None, false, false);
    let free = KeyBounds::default();
    let judged = judge(&free, &nowhere, ConfirmMode::Once, false);
    assert_eq!(
        judged,
        ask(false),
        "a yes to nobody knows where counts once"
    );
}
