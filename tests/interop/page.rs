//! The page of a report in Debian's Chromium: it writes nothing to the console, asks for nothing, is
//! as wide as the screen, is found fault with by no check of axe, and prints with every part.
//!
//! `VAULT_AXE` is axe, as npm has it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cli::papers::report::story;
use crate::support::env::TestEnv;

/// What the browser makes of a page, and the text of its print.
fn browsed(env: &TestEnv, page: &str) -> (Value, String) {
    let axe = std::env::var_os("VAULT_AXE").expect("VAULT_AXE is unset");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/page.py");
    let pdf = env.path("page.pdf");
    let output = Command::new("python3")
        .arg(script)
        .args([env.path(page), pdf.clone()])
        .arg(axe)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let found = serde_json::from_slice(&output.stdout).unwrap();
    let text = Command::new("pdftotext")
        .args([&pdf, "-"])
        .output()
        .unwrap();
    (found, String::from_utf8(text.stdout).unwrap())
}

#[test]
#[ignore = "needs Chromium and axe; .ci/run runs it"]
fn the_page_of_a_report_is_whole_in_a_browser_and_on_paper() {
    let hostile = "</td><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>";
    for (words, lang) in [
        ("for the shop", "de"),
        (hostile, "en"),
        (&"long".repeat(60), "en"),
    ] {
        let env = story(words);
        env.call(&["report", "acme", "--out", "page.html", "--lang", lang])
            .ok();
        let (found, printed) = browsed(&env, "page.html");
        assert_eq!(found["console"], json!([]), "{words}");
        assert_eq!(found["requests"], json!([]), "{words}");
        assert_eq!(found["axe"], json!([]), "{words}");
        for width in found["widths"].as_array().unwrap() {
            assert_eq!(width[0], width[1], "{words}");
        }
        for part in 1..=11 {
            // A page begins with a form feed.
            let mut lines = printed.lines().map(|line| line.trim_start_matches('\u{c}'));
            let title = format!("{part}. ");
            assert!(
                lines.any(|line| line.starts_with(&title)),
                "{part}: {printed}"
            );
        }
    }
    // The check can fail.
    let env = TestEnv::new();
    let bad = "<html><body><img src='http://localhost:1/x'><script>console.error('x')</script>\
               <p style='color:#ccc;background:#fff'>1. pale</p></body></html>";
    env.file("bad.html", bad);
    let (found, _) = browsed(&env, "bad.html");
    for kind in ["console", "requests", "axe"] {
        assert_ne!(found[kind], json!([]), "{kind}");
    }
}
