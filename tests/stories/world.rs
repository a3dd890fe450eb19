//! The small world that stories play in: few names, so that they meet, some of them look alike.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::stories::op::{Fields, Op, Part, Path, Piped, Step, What};

const fn part(typed: &'static str, kept: &'static str, look: &'static str) -> Part {
    Part { typed, kept, look }
}

const CLIENTS: &[Part] = &[
    part("acme", "acme", "acme"),
    part("Acme", "Acme", "acme"),
    part("\u{430}cme", "\u{430}cme", "acme"),
    part("globex", "globex", "globex"),
    part("M\u{fc}ller GmbH", "M\u{fc}ller GmbH", "mueller"),
    part("Mu\u{308}ller GmbH", "M\u{fc}ller GmbH", "mueller"),
];

const NAMES: &[Part] = &[
    part("wp", "wp", "wp"),
    part("WP", "WP", "wp"),
    part("w\u{440}", "w\u{440}", "wp"),
    part("paypal", "paypal", "paypal"),
    part("paypa1", "paypa1", "paypal"),
    part("db", "db", "db"),
    part("db/main", "db/main", "db/main"),
    part("caf\u{e9} 2", "caf\u{e9} 2", "cafe"),
    part("cafe\u{301} 2", "caf\u{e9} 2", "cafe"),
];

/// No paths.
const BAD_PATHS: &[&str] = &[
    "acme",
    "acme/.",
    "/wp",
    "acme//wp",
    "../wp",
    "acme/.wp",
    "acme/wp ",
    "acme/w\u{202e}p",
    "acme/w\u{200b}p",
    "acme/w\np",
    "acme/💥",
];

/// Visible text, the empty one among it.
const TEXTS: &[&str] = &[
    "",
    "admin",
    "-rf",
    "k=v=w",
    "two\nlines\r\n",
    "\u{1b}[31m\u{202e}x",
    "👩\u{200d}👩\u{200d}👧 é",
];

const TAGS: &[&str] = &["cms", "prod", "caf\u{e9}"];
/// A tag that is none.
pub(crate) const BAD_TAG: &str = "-x";
/// Custom fields; the second is also a hidden one at times.
const CUSTOM: &[&str] = &["account", "pin"];
const UNSETTABLE: &[&str] = &["username", "url", "notes", "tag", "account", "pin"];
const FIELDS: &[&str] = &["username", "url", "urls", "notes", "tags", "account", "pin"];
const FILES: &[&str] = &["key.pem", "Key.pem", "caf\u{e9}"];

/// Any command.
pub(crate) fn command() -> impl Strategy<Value = Op> {
    let name = || select(FILES);
    let get = (path(), what(), any::<bool>(), weighted(0.3));
    let edit = (path(), fields(), unset(), option::weighted(0.4, piped()));
    let list = (
        option::of(select(CLIENTS.iter().collect::<Vec<_>>())),
        option::of(select(TAGS)),
    );
    prop_oneof![
        2 => (verb(), select(BAD_PATHS)).prop_map(|(verb, path)| Op::BadPath { verb, path }),
        9 => (prop_oneof![path(), any_path()], piped(), fields())
            .prop_map(|(path, secret, fields)| Op::Add { path, secret, fields }),
        20 => get.prop_map(|(path, what, newline, json)| Op::Get { path, what, newline, json }),
        12 => edit.prop_map(|(path, fields, unset, secret)| Op::Edit { path, fields, unset, secret }),
        4 => (path(), piped()).prop_map(|(path, secret)| Op::Hide { path, secret }),
        3 => (path(), weighted(0.6))
            .prop_map(|(path, sure)| Op::Remove { path, sure }),
        5 => (list, any::<bool>())
            .prop_map(|((client, tag), json)| Op::List { client, tag, json }),
        8 => (path(), weighted(0.8)).prop_map(|(path, json)| Op::Show { path, json }),
        20 => (path(), step()).prop_map(|(path, step)| Op::Rotate { path, step }),
        8 => (path(), name(), content(), any::<bool>())
            .prop_map(|(path, file, bytes, replace)| Op::Attach { path, file, bytes, replace }),
        8 => (path(), name(), any::<bool>())
            .prop_map(|(path, file, remove)| Op::Detach { path, file, remove }),
        1 => Just(Op::Passwd),
        1 => path().prop_map(|path| Op::WrongPassword { path }),
    ]
}

/// Where most commands go, so that what is there grows old.
const USUAL: [Path; 4] = [usual(0, 0), usual(0, 6), usual(3, 0), usual(4, 7)];

const fn usual(client: usize, name: usize) -> Path {
    Path {
        client: &CLIENTS[client],
        name: &NAMES[name],
    }
}

/// How every story begins.
pub(crate) fn opening() -> impl Iterator<Item = Op> {
    USUAL.into_iter().map(|path| Op::Add {
        path,
        secret: Piped {
            bytes: b"the first\n".to_vec(),
            raw: false,
        },
        fields: Fields {
            username: Some("admin"),
            urls: vec![],
            notes: None,
            tags: vec!["cms"],
            custom: vec![],
        },
    })
}

fn path() -> impl Strategy<Value = Path> {
    prop_oneof![6 => select(USUAL.to_vec()), 1 => any_path()]
}

fn any_path() -> impl Strategy<Value = Path> {
    (0..CLIENTS.len(), 0..NAMES.len()).prop_map(|(client, name)| Path {
        client: &CLIENTS[client],
        name: &NAMES[name],
    })
}

fn verb() -> impl Strategy<Value = &'static str> {
    select(vec!["add", "get", "show", "rm", "edit", "rotate"])
}

fn text() -> impl Strategy<Value = &'static str> {
    prop_oneof![1 => Just(TEXTS[0]), 40 => select(&TEXTS[1..])]
}

fn fields() -> impl Strategy<Value = Fields> {
    let tag = prop_oneof![1 => Just(BAD_TAG), 60 => select(TAGS)];
    let custom = subsequence(CUSTOM, 0..=2).prop_flat_map(|names| {
        names
            .into_iter()
            .map(|name| (Just(name), text()))
            .collect::<Vec<_>>()
    });
    let username = option::weighted(0.4, text());
    let urls = vec(text(), 0..=2);
    let notes = option::weighted(0.3, text());
    let tags = vec(tag, 0..=3);
    (username, urls, notes, tags, custom).prop_map(|(username, urls, notes, tags, custom)| Fields {
        username,
        urls,
        notes,
        tags,
        custom,
    })
}

fn unset() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![2 => Just(Vec::new()), 1 => vec(select(UNSETTABLE), 1..=2)]
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        3 => Just(What::Secret),
        2 => select(FIELDS).prop_map(What::Field),
        2 => (0..6_u32).prop_map(What::Version),
        1 => (1..3_u32).prop_map(|number| What::FieldVersion("pin", number)),
        1 => Just(What::Pending),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => piped().prop_map(Step::Once),
        3 => piped().prop_map(Step::Begin),
        2 => Just(Step::Confirm),
        2 => Just(Step::Abort),
    ]
}

/// Secrets, and what is none.
fn piped() -> impl Strategy<Value = Piped> {
    let fixed: &[&[u8]] = &[
        b"hunter2\n",
        b"hunter2",
        b"line one\nline two\n\n",
        b"crlf\r\nend\r\n",
        " e\u{301} \u{e9} ".as_bytes(),
        "💥👩\u{200d}👩\u{200d}👧🇩🇪".as_bytes(),
        "\u{1b}]0;x\u{7}\u{202e}\u{9b}".as_bytes(),
        b"-rf --yes $(reboot) %s",
        b"\r",
    ];
    let refused: &[&[u8]] = &[b"", b"\n", b"\r\n", b"a\0b", b"\xff\xfe"];
    let bytes = prop_oneof![
        12 => select(fixed.iter().map(|bytes| bytes.to_vec()).collect::<Vec<_>>()),
        3 => "[ -~]{1,20}".prop_map(String::into_bytes),
        1 => select(refused.iter().map(|bytes| bytes.to_vec()).collect::<Vec<_>>()),
        1 => "[a-z]".prop_map(|letter| letter.repeat(64 << 10).into_bytes()),
    ];
    (bytes, weighted(0.2)).prop_map(|(bytes, raw)| Piped { bytes, raw })
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let fixed: &[&[u8]] = &[b"", b"\xff\0\r\n", b"-----BEGIN KEY-----\n", b"\n"];
    prop_oneof![
        2 => select(fixed.iter().map(|bytes| bytes.to_vec()).collect::<Vec<_>>()),
        1 => vec(any::<u8>(), 0..300),
        1 => any::<u8>().prop_map(|byte| vec![byte; 64 << 10]),
    ]
}
