use super::{EntryPath, EnvName, FieldName, are_look_alikes, mend};

fn path(text: &str) -> EntryPath {
    text.parse().unwrap()
}

#[test]
fn a_path_is_a_client_and_a_name_of_one_or_more_parts() {
    let deep = path("acme/prod/db main");
    assert_eq!(deep.client().as_str(), "acme");
    assert_eq!(deep.name(), "prod/db main");
    assert_eq!(deep.to_string(), "acme/prod/db main");
}

#[test]
fn names_that_could_be_mistaken_for_options_paths_or_controls_are_refused() {
    for bad in [
        "acme",
        "/",
        "a/",
        "/a",
        "a//b",
        "../x",
        "a/..",
        "a/.hidden",
        "a/-rf",
        "a/b\n",
        "a/\u{202e}b",
        "a/b\u{200b}",
        "a/ b",
        "a/b ",
        "a/b*",
        "a/b:c",
        "a/b\\c",
        "a/\u{301}e",
        "a/\u{0}",
        "a/💥",
        "a/\u{3164}",
        "\u{ffa0}/b",
        "a/b\u{fe0f}",
        "a/b\u{34f}c",
    ] {
        assert!(bad.parse::<EntryPath>().is_err(), "{bad:?}");
    }
    assert!(
        format!("a/{}", "x".repeat(65))
            .parse::<EntryPath>()
            .is_err()
    );
    assert!(format!("a/{}", "é".repeat(64)).parse::<EntryPath>().is_ok());
}

#[test]
fn names_are_stored_in_nfc() {
    assert_eq!(path("cafe\u{301}/wi-fi"), path("caf\u{e9}/wi-fi"));
}

#[test]
fn case_and_confusable_letters_look_alike() {
    let like = |other| are_look_alikes("acme", other);
    assert!(like("Acme"));
    assert!(like("\u{430}cme"), "Cyrillic a");
    assert!(!like("acme"));
    assert!(!like("acmes"));
    assert!(path("acme/paypal").name_look_alike()("p\u{430}ypal"));
}

#[test]
fn built_in_fields_cannot_be_redefined() {
    assert!("Secret".parse::<FieldName>().is_err());
    assert!("account id".parse::<FieldName>().is_ok());
}

#[test]
fn any_text_is_mended_to_a_name_or_is_none() {
    for (text, name) in [
        (" AT&T / Home ", "AT-T Home"),
        ("T's \"Test\" Vault", "Ts Test Vault"),
        ("\u{1f389} Welcome!", "Welcome"),
        ("../../etc", "etc"),
        ("--rf", "rf"),
        ("a\u{202e}b\0c", "a-b-c"),
    ] {
        assert_eq!(mend(text).as_deref(), Some(name), "{text}");
    }
    let long = mend(&"\u{e9} ".repeat(80)).unwrap();
    assert!(format!("a/{long}").parse::<EntryPath>().is_ok());
    for text in ["", " ", "***", "\u{202e}", "..", "\u{301}"] {
        assert_eq!(mend(text), None, "{text:?}");
    }
}

#[test]
fn variables_have_portable_names() {
    assert!("DB_URL2".parse::<EnvName>().is_ok());
    for bad in ["", "2X", "A-B", "A=B", "Ä"] {
        assert!(bad.parse::<EnvName>().is_err(), "{bad:?}");
    }
}
