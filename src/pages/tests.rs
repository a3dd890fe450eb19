//! What holds of every page, whatever it was made for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{AskPage, AskedField, SharePage, opener};
use crate::crypto::seal_for_browser;
use crate::model::text::lang::Lang;
use crate::model::text::secret::Secret;

const HOSTILE: &str = "</script><!--<script>\u{2028}\u{2029}&amp;{{style}}\"'";

fn ask(text: &str) -> AskPage {
    AskPage {
        number: "2F95-B33D".into(),
        sender: text.into(),
        name: text.into(),
        mail: Some(text.into()),
        purpose: text.into(),
        until: Some(text.into()),
        fingerprint: Some("plaza acid tulip crumb vocal onyx".into()),
        recipient: "age1fzya5y9ahsfxur037cumnd65sc0wlcdf5f2y875fr9y0rk8sffhqqe2wjf".into(),
        need: vec![AskedField::Url, AskedField::Secret],
    }
}

fn share(text: &str) -> SharePage {
    SharePage {
        number: "2F95-B33D".into(),
        sender: text.into(),
        name: text.into(),
        mail: None,
        fingerprint: "plaza acid tulip crumb vocal onyx".into(),
        signer: "ssh-ed25519 AAAA".into(),
    }
}

fn sealed() -> String {
    seal_for_browser(&Secret::new("six words".into()), b"a letter").unwrap()
}

/// All pages, in all languages.
fn pages(text: &str) -> Vec<String> {
    let of = |lang| {
        [
            ask(text).html(lang).unwrap(),
            share(text).html(lang, &sealed()).unwrap(),
            opener(lang).unwrap(),
        ]
    };
    Lang::ALL.into_iter().flat_map(of).collect()
}

fn captures<'a>(pattern: &str, page: &'a str) -> Vec<&'a str> {
    let found = Regex::new(pattern).unwrap();
    let found = found.captures_iter(page);
    found.map(|it| it.get(1).unwrap().as_str()).collect()
}

#[test]
fn the_policy_names_what_is_in_the_page_and_nothing_else() {
    let own = "(?s)<script.*?</script>|<style.*?</style>|<p.*?</p>";
    let own = Regex::new(own).unwrap();
    for page in pages(HOSTILE) {
        let scripts = captures("(?s)<script>(.*?)</script>", &page);
        let styles = captures("(?s)<style>(.*?)</style>", &page);
        assert!(scripts.len() > 8 && styles.len() == 1);
        let hashes = |texts: &[&str]| -> Vec<String> {
            let hash = |text: &&str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
            texts.iter().map(hash).collect()
        };
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hashes(&scripts).join(" "),
            hashes(&styles).join(" "),
        );
        let stated = captures(
            "http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\"",
            &page,
        );
        assert_eq!(stated, [policy]);
        let outside = own.replace_all(&page, "");
        for loaded in [
            " src=", " href=", "url(", "@import", "import(", "style=", " on",
        ] {
            assert!(!outside.contains(loaded), "{loaded}");
        }
    }
}

#[test]
fn every_value_stands_in_the_block_of_data_alone() {
    let page = ask(HOSTILE).html(Lang::En).unwrap();
    let blocks = captures(
        "(?s)<script type=\"application/json\" id=\"data\">(.*?)</script>",
        &page,
    );
    let [block] = blocks.as_slice() else {
        panic!("{blocks:?}");
    };
    let data: Value = serde_json::from_str(block).unwrap();
    assert_eq!(data["values"]["purpose"], HOSTILE);
    assert_eq!(data["values"]["need"], serde_json::json!(["url", "secret"]));
    for raw in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
        assert!(!block.contains(raw), "{raw:?}");
    }
    let elements = |page: &str| page.matches("<script").count();
    assert_eq!(
        elements(&page),
        elements(&ask("Kim").html(Lang::En).unwrap())
    );
}

#[test]
fn every_place_of_a_template_is_filled_in_every_language() {
    for page in pages("Kim") {
        assert_eq!(captures(r"(\{\{[^}]*\}\})", &page), Vec::<&str>::new());
    }
    let [english, german] = Lang::ALL.map(|lang| ask("Kim").html(lang).unwrap());
    assert!(english.contains("<html lang=\"en\">") && german.contains("<html lang=\"de\">"));
    let words = |page: &str| {
        let block = captures("(?s)id=\"data\">(.*?)</script>", page)[0].to_owned();
        let data: Value = serde_json::from_str(&block).unwrap();
        let words = data["words"].as_object().unwrap().clone();
        words.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(words(&english), words(&german));
}

#[test]
fn the_file_of_a_share_stands_in_its_page_as_it_is() {
    let file = sealed();
    let page = share("Kim").html(Lang::De, &file).unwrap();
    let lines: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN AGE"))
        .take(file.lines().count())
        .collect();
    assert_eq!(lines, file.lines().collect::<Vec<_>>());
    for other in ["", "x", "-----BEGIN AGE</pre>-----\n"] {
        share("Kim").html(Lang::De, other).unwrap_err();
    }
}

#[test]
fn the_opener_is_the_same_for_everybody() {
    assert_eq!(opener(Lang::En).unwrap(), opener(Lang::En).unwrap());
    assert!(!opener(Lang::En).unwrap().contains("2F95"));
}

/// Whoever compares a page with what the help says finds the same.
#[test]
fn the_help_has_the_hashes_of_all_code_and_of_the_opener() {
    let help = include_str!("../help/topics/pages.txt");
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let mut code: Vec<(&str, &str)> = super::template::SCRIPTS.to_vec();
    code.push(("page.css", super::template::STYLE));
    let mut count = 0;
    for (name, text) in code {
        let line = format!("  sha256-{}  {name}", hash(text));
        assert!(help.lines().any(|known| known == line), "{line}");
        count += 1;
    }
    for lang in Lang::ALL {
        let sum = Sha256::digest(opener(lang).unwrap());
        let line = format!("  {sum:x}  open.html, {lang}");
        assert!(help.lines().any(|known| known == line), "{line}");
    }
    let listed = help.lines().filter(|line| line.starts_with("  sha256-"));
    assert_eq!(listed.count(), count, "nothing else is listed");
}
