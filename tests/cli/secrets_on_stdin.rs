//! What goes in on stdin comes out on stdout, byte for byte.

use crate::support::env::TestEnv;

const MIB: usize = 1 << 20;

/// Adds `input`, and expects `stored` from `get`, with the newline that `get` adds and without.
fn round_trip(args: &[&str], input: &[u8], stored: &[u8]) {
    let env = TestEnv::ready();
    let add = [&["add", "acme/wp"], args].concat();
    env.call(&add).stdin(input).ok().prints("");
    let exact = env.call(&["get", "-n", "acme/wp"]).ok();
    assert_eq!(
        exact.bytes(),
        stored,
        "{:?}",
        String::from_utf8_lossy(input)
    );
    let with_newline = env.call(&["get", "acme/wp"]).ok();
    assert_eq!(with_newline.bytes(), [stored, b"\n"].concat());
}

#[test]
fn one_trailing_newline_is_removed() {
    round_trip(&[], b"hunter2\n", b"hunter2");
}

#[test]
fn a_secret_without_a_newline_is_kept() {
    round_trip(&[], b"hunter2", b"hunter2");
}

#[test]
fn exactly_one_trailing_newline_is_removed() {
    round_trip(&[], b"hunter2\n\n\n", b"hunter2\n\n");
}

#[test]
fn a_trailing_crlf_is_one_newline() {
    round_trip(&[], b"hunter2\r\n", b"hunter2");
    round_trip(&[], b"hunter2\r\n\r\n", b"hunter2\r\n");
}

#[test]
fn a_carriage_return_alone_is_no_newline() {
    round_trip(&[], b"hunter2\r", b"hunter2\r");
}

#[test]
fn raw_removes_nothing() {
    round_trip(&["--raw"], b"hunter2\n", b"hunter2\n");
    round_trip(&["--raw"], b"hunter2\r\n\n", b"hunter2\r\n\n");
    round_trip(&["--raw"], b"\n", b"\n");
}

#[test]
fn several_lines_are_kept_as_they_are() {
    let key = b"-----BEGIN KEY-----\nYWJj\n\n  ZGVm\n-----END KEY-----\n";
    round_trip(&[], key, &key[..key.len() - 1]);
    round_trip(&["--raw"], key, key);
}

#[test]
fn line_ends_of_both_kinds_inside_are_kept() {
    round_trip(&[], b"one\r\ntwo\nthree\rfour", b"one\r\ntwo\nthree\rfour");
}

#[test]
fn spaces_and_tabs_at_the_ends_are_kept() {
    round_trip(&[], b" \t two words \t \n", b" \t two words \t ");
}

#[test]
fn letters_outside_ascii_are_kept_and_not_normalised() {
    round_trip(
        &[],
        "🔑 pässwörd 密码\n".as_bytes(),
        "🔑 pässwörd 密码".as_bytes(),
    );
    round_trip(&[], "e\u{301}".as_bytes(), "e\u{301}".as_bytes());
    round_trip(&[], "\u{feff}bom".as_bytes(), "\u{feff}bom".as_bytes());
}

#[test]
fn what_looks_like_markup_or_an_escape_is_kept() {
    let odd = "\x1b[31m\"quoted\" \\n $HOME `id` %s {{ x }} <b>&amp;\u{202e}\u{7f}\x01";
    round_trip(&[], odd.as_bytes(), odd.as_bytes());
}

#[test]
fn a_secret_that_looks_like_an_option_is_kept() {
    round_trip(&[], b"--help\n", b"--help");
}

#[test]
fn a_pipe_gives_cmp_the_same_bytes() {
    let env = TestEnv::ready();
    let script = "set -e; printf 'one\\r\\ntwo\\n\\n' > in; vault add acme/wp --raw < in; \
                  vault get -n acme/wp | cmp - in && echo same";
    env.shell(script).ok().prints("same\n");
}

#[test]
fn one_mebibyte_is_accepted() {
    let env = TestEnv::ready();
    let secret = "0123456789abcdef".repeat(MIB / 16);
    env.add("acme/big", &format!("{secret}\n"));
    let back = env.call(&["get", "acme/big", "-n"]).ok();
    assert!(
        back.bytes() == secret.as_bytes(),
        "{} bytes",
        back.bytes().len()
    );
}

#[test]
fn one_byte_more_than_one_mebibyte_is_refused_with_the_limit() {
    let env = TestEnv::ready();
    for args in [&["add", "acme/big"][..], &["add", "acme/big", "--raw"]] {
        let call = env.call(args).stdin("x".repeat(MIB + 1));
        call.fails(2).says("1 MiB");
    }
    // The one newline does not count, unless it is kept.
    let line = format!("{}\n", "x".repeat(MIB));
    env.call(&["add", "acme/big", "--raw"])
        .stdin(&line)
        .fails(2);
    env.call(&["add", "acme/big"]).stdin(&line).ok();
}

#[test]
fn far_more_than_the_limit_is_refused_without_reading_it_all() {
    let env = TestEnv::ready();
    let script = "yes | vault add acme/big";
    env.shell(script).fails(2).says("1 MiB");
}

#[test]
fn an_empty_secret_is_refused() {
    let env = TestEnv::ready();
    for input in ["", "\n", "\r\n"] {
        env.call(&["add", "acme/wp"])
            .stdin(input)
            .fails(2)
            .says("secret");
    }
    env.call(&["add", "acme/wp", "--raw"])
        .fails(2)
        .says("secret");
    env.call(&["list"]).ok().prints("");
}

#[test]
fn a_nul_byte_is_refused() {
    let env = TestEnv::ready();
    let call = env.call(&["add", "acme/wp"]).stdin(b"hunter2\0tail");
    call.fails(2).says("NUL").hides("hunter2");
}

#[test]
fn bytes_that_are_not_utf8_are_refused_pointing_at_attach() {
    let env = TestEnv::ready();
    let call = env.call(&["add", "acme/wp"]).stdin(b"hunter2\xff\xfe");
    call.fails(2).hides("hunter2").hints("attach");
}

#[test]
fn the_same_rules_hold_for_edit() {
    let env = TestEnv::with(&[("acme/wp", "old")]);
    let edit = |args: &[&str]| env.call(&[&["edit", "acme/wp", "--secret"], args].concat());
    edit(&[]).stdin(b"\xff").fails(2).hints("attach");
    edit(&[]).stdin("\n").fails(2).says("secret");
    edit(&[]).stdin("a\0").fails(2).says("NUL");
    edit(&[]).stdin("x".repeat(MIB + 1)).fails(2).says("1 MiB");
    assert_eq!(env.secret("acme/wp"), "old");
    edit(&[]).stdin("new\n\n").ok();
    assert_eq!(env.secret("acme/wp"), "new\n");
    edit(&["--raw"]).stdin("newer\n").ok();
    assert_eq!(env.secret("acme/wp"), "newer\n");
}
