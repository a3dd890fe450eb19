use proptest::prelude::*;
use uuid::Uuid;

use crate::model::entry::fields::EntryField;

use crate::model::text::pattern::Pattern;

use super::{Scope, ScopeItem, SharedField};

fn pattern(text: &str) -> Pattern {
    text.parse().unwrap()
}

fn scope(patterns: &[&str], fields: &[&str]) -> Scope {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Scope::with(vec![], owned(patterns), owned(fields), false)
}

#[test]
fn a_star_stays_within_a_part_and_two_cross_parts() {
    for (text, fits, not) in [
        (
            "acme/*",
            &["acme/wp", "acme/db main"][..],
            &["acme/prod/db", "globex/wp"][..],
        ),
        (
            "acme/**",
            &["acme/wp", "acme/prod/db", "acme/a/b/c"],
            &["globex/wp"],
        ),
        (
            "acme/prod/*",
            &["acme/prod/db"],
            &["acme/wp", "acme/prod/a/b", "acme/production"],
        ),
        (
            "acme/prod/**",
            &["acme/prod/db", "acme/prod/a/b"],
            &["acme/prod", "acme/production"],
        ),
        (
            "acme/wp*",
            &["acme/wp", "acme/wp-admin"],
            &["acme/my wp", "acme/wp/x"],
        ),
        (
            "acme/**/db",
            &["acme/db", "acme/prod/db", "acme/a/b/db"],
            &["acme/prod/db2"],
        ),
        ("acme/*/db", &["acme/prod/db"], &["acme/db", "acme/a/b/db"]),
        (
            "acme/*.example",
            &["acme/shop.example"],
            &["acme/shopXexample"],
        ),
    ] {
        let pattern = pattern(text);
        for path in fits {
            assert!(pattern.matches(path), "{text} {path}");
        }
        for path in not {
            assert!(!pattern.matches(path), "{text} {path}");
        }
        assert_eq!(pattern.to_string(), text);
    }
}

#[test]
fn a_pattern_names_its_client_and_has_no_other_signs() {
    for bad in [
        "*",
        "*/wp",
        "**/wp",
        "ac*/wp",
        "acme",
        "acme/",
        "/wp",
        "acme//*",
        "acme/***",
        "acme/a**",
        "acme/**b",
        "acme/[ab]",
        "acme/{a,b}*",
        "acme/?",
        "acme/!*",
        "acme/\\*",
        "acme/-*",
        "acme/../*",
        "acme/.*",
        "acme/ *",
        "acme/a\u{202e}*",
    ] {
        assert!(bad.parse::<Pattern>().is_err(), "{bad}");
    }
    assert!(matches!("acme/*".parse(), Ok(ScopeItem::Pattern(_))));
    assert!(matches!("acme/wp".parse(), Ok(ScopeItem::Entry(_))));
}

#[test]
fn fields_are_written_as_they_are_read() {
    for name in [
        "secret",
        "username",
        "urls",
        "totp",
        "notes",
        "attachment:key.pem",
        "customer no",
    ] {
        let field: SharedField = name.parse().unwrap();
        assert_eq!(field.to_string(), name);
    }
    assert_eq!("url".parse(), Ok(SharedField::Field(EntryField::Urls)));
    for bad in [
        "",
        "tags",
        "Secret",
        "attachment:",
        "attachment:../x",
        "a/b",
        "env",
    ] {
        assert!(bad.parse::<SharedField>().is_err(), "{bad}");
    }
}

#[test]
fn what_is_not_needed_to_log_in_goes_only_by_its_name() {
    let field = |name: &str| name.parse::<SharedField>().unwrap();
    let all = scope(&[], &[]);
    for name in ["secret", "username", "urls"] {
        assert!(all.has_field(&field(name)), "{name}");
    }
    for name in ["account", "totp", "notes", "attachment:key"] {
        assert!(!all.has_field(&field(name)), "{name}");
        assert!(scope(&[], &[name]).has_field(&field(name)), "{name}");
    }
    let some = scope(&[], &["username", "pin"]);
    assert!(some.has_field(&field("pin")));
    assert!(!some.has_field(&field("secret")));
}

#[test]
fn a_field_or_pattern_that_cannot_be_read_covers_nothing() {
    let damaged = scope(&["*/*", "acme"], &["a/b"]);
    assert!(!damaged.has_entry(Uuid::nil(), "acme/wp"));
    assert!(!damaged.has_field(&SharedField::Secret));
}

/// What the rule says, part by part.
fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**"], _) => !path.is_empty(),
        (["**", rest @ ..], []) => fits(rest, &[]),
        (["**", rest @ ..], [_, tail @ ..]) => fits(rest, path) || fits(pattern, tail),
        ([part, rest @ ..], [name, tail @ ..]) => {
            let (part, name): (Vec<char>, Vec<char>) =
                (part.chars().collect(), name.chars().collect());
            part_fits(&part, &name) && fits(rest, tail)
        }
        _ => false,
    }
}

fn part_fits(part: &[char], name: &[char]) -> bool {
    match part {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|at| part_fits(rest, &name[at..])),
        [c, rest @ ..] => name.first() == Some(c) && part_fits(rest, &name[1..]),
    }
}

proptest! {
    #[test]
    fn patterns_do_what_the_rule_says(
        pattern in prop::collection::vec("\\*\\*|[ab\\*é]{1,4}", 1..5),
        path in prop::collection::vec("[abé]{1,4}", 1..5),
    ) {
        let text = format!("acme/{}", pattern.join("/"));
        let Ok(parsed) = text.parse::<Pattern>() else {
            prop_assert!(pattern.iter().any(|part| part.len() > 2 && part.contains("**")));
            return Ok(());
        };
        let pattern: Vec<&str> = pattern.iter().map(String::as_str).collect();
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let path = format!("acme/{}", path.join("/"));
        prop_assert_eq!(parsed.matches(&path), fits(&pattern, &parts), "{} {}", text, path);
        let elsewhere = path.replace("acme/", "acmes/");
        prop_assert!(!parsed.matches(&elsewhere));
    }

    #[test]
    fn no_text_makes_a_pattern_panic(text in "\\PC*", path in "\\PC*") {
        if let Ok(pattern) = format!("acme/{text}").parse::<Pattern>() {
            let _ = pattern.matches(&path);
        }
        let _ = text.parse::<SharedField>();
    }

    #[test]
    fn an_entry_fits_its_own_path(parts in prop::collection::vec("[a-zé0-9][a-z @+._-]{0,8}[a-z]", 1..5)) {
        let path = format!("acme/{}", parts.join("/"));
        prop_assert!(pattern("acme/**").matches(&path), "{}", path);
        let stars = vec!["*"; parts.len()].join("/");
        let stars = format!("acme/{stars}");
        prop_assert!(pattern(&stars).matches(&path), "{}", path);
    }
}
