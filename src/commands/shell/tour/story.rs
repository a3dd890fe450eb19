//! What the tour tells: a freelancer with two clients, and Bob, who helps out with one of them.

/// A part of the story that fits on a screen.
pub(crate) struct Chapter {
    /// What it is about.
    pub(crate) title: &'static str,
    /// What happens in it, in order.
    pub(crate) steps: &'static [Step],
}

/// One step of the story.
pub(crate) struct Step {
    /// What it is about.
    pub(crate) says: &'static str,
    /// What is piped in; a secret is typed instead where somebody looks on.
    pub(crate) pipes: Option<&'static str>,
    /// Whether what is piped in is a secret that may be typed.
    pub(crate) may_be_typed: bool,
    /// The command, without the program's name.
    pub(crate) runs: &'static [&'static str],
    /// The file that its answer goes to.
    pub(crate) saves: Option<&'static str>,
    /// The file that is deleted before.
    pub(crate) deletes: Option<&'static str>,
    /// The exit code that it has to have.
    pub(crate) exits: i32,
}

const fn step(says: &'static str, runs: &'static [&'static str]) -> Step {
    Step {
        says,
        pipes: None,
        may_be_typed: false,
        runs,
        saves: None,
        deletes: None,
        exits: 0,
    }
}

const fn piped(says: &'static str, pipes: &'static str, runs: &'static [&'static str]) -> Step {
    Step {
        pipes: Some(pipes),
        ..step(says, runs)
    }
}

const fn typed(says: &'static str, pipes: &'static str, runs: &'static [&'static str]) -> Step {
    Step {
        may_be_typed: true,
        ..piped(says, pipes, runs)
    }
}

const fn saved(says: &'static str, runs: &'static [&'static str], saves: &'static str) -> Step {
    Step {
        saves: Some(saves),
        ..step(says, runs)
    }
}

const fn deleted(says: &'static str, file: &'static str, runs: &'static [&'static str]) -> Step {
    Step {
        deletes: Some(file),
        ..step(says, runs)
    }
}

const fn refused(says: &'static str, runs: &'static [&'static str], exits: i32) -> Step {
    Step {
        exits,
        ..step(says, runs)
    }
}

/// The whole of it.
#[rustfmt::skip]
pub(crate) const STORY: &[Chapter] = &[
    Chapter {
        title: "A vault and a client",
        steps: &[
            step(
                "One file holds everything. A recovery identity is a second way in, to be kept offline.",
                &["init", "--recovery", "recovery.key"],
            ),
            step(
                "A client, and the rules that they gave for their logins.",
                &["client", "add", "acme", "--name", "Acme Ltd", "--rules", "Only from the office network",
                  "--person", "Jo <jo@acme.example>", "--may-permit"],
            ),
        ],
    },
    Chapter {
        title: "Three credentials",
        steps: &[
            typed(
                "Secrets are typed at a hidden prompt, or piped in. They are never arguments.",
                "tr0ub4dor&3",
                &["add", "acme/wordpress", "-u", "admin", "--url", "https://acme.example/wp-admin",
                  "--notes", "ask for Jo", "--tag", "cms"],
            ),
            step(
                "Or made up: uniform, from the operating system.",
                &["add", "acme/hosting", "-u", "acme", "--url", "https://panel.example", "--generate"],
            ),
            step(
                "Another client. Its password is to change every 90 days.",
                &["add", "globex/database", "-u", "root", "--env", "DB_PASSWORD", "--rotate-every", "90d",
                  "--generate"],
            ),
        ],
    },
    Chapter {
        title: "Find and read",
        steps: &[
            step("What there is.", &["list", "--long"]),
            step(
                "The secret itself; this is in the log from now on.",
                &["get", "acme/wordpress"],
            ),
        ],
    },
    Chapter {
        title: "Somebody helps out",
        steps: &[
            step(
                "Bob helps out. He has a vault of his own.",
                &["--vault", "bob.age", "init"],
            ),
            saved(
                "His card says who he is; it is signed, and holds nothing secret.",
                &["--vault", "bob.age", "id", "--card"],
                "bob.card",
            ),
            step(
                "The words are compared over the phone.",
                &["contact", "add", "bob", "--card", "bob.card", "--role", "developer", "--full-name",
                  "Bob Example", "--address", "Hauptstr. 1, 04109 Leipzig", "--agreed-on", "2026-03-03"],
            ),
        ],
    },
    Chapter {
        title: "The client is asked",
        steps: &[
            refused(
                "Nothing is shared without the client's permission.",
                &["share", "acme/wordpress", "--to", "bob"],
                6,
            ),
            step(
                "So Acme is asked. Papers take their sender from here.",
                &["me", "--name", "Kim Example", "--address", "Lindenstr. 4, 10969 Berlin", "--email",
                  "kim@kim.example"],
            ),
            step(
                "A page in plain words says who gets what, what for and until when.",
                &["consent", "request", "acme", "--to", "bob", "--scope", "acme/wordpress", "acme/hosting",
                  "--purpose", "Fix the shop theme", "--expires", "30d", "--out", "ask.txt"],
            ),
        ],
    },
    Chapter {
        title: "The client says yes",
        steps: &[
            step(
                "Jo answers by mail: YES and the number. The mail is kept, and Jo gets a confirmation.",
                &["consent", "answer", super::MAIL_FILE],
            ),
        ],
    },
    Chapter {
        title: "It is shared",
        steps: &[
            step(
                "Now it may be shared: for Bob's key only, and no field that was not permitted.",
                &["share", "acme/wordpress", "acme/hosting", "--to", "bob", "--out", "for-bob.age"],
            ),
            saved("Bob has to know whom it is from.", &["id", "--card"], "kim.card"),
            step(
                "So he has Kim's card.",
                &["--vault", "bob.age", "contact", "add", "kim", "--card", "kim.card"],
            ),
        ],
    },
    Chapter {
        title: "Bob signs for it",
        steps: &[
            step(
                "He takes it in, accepts his duties, and signs for them.",
                &["--vault", "bob.age", "receive", "for-bob.age", "--accept-terms",
                  "--out", "receipt.json"],
            ),
        ],
    },
    Chapter {
        title: "Bob gets to work",
        steps: &[
            step(
                "For as long as it was permitted, he can use it.",
                &["--vault", "bob.age", "get", "acme/wordpress"],
            ),
            step("His receipt is filed.", &["ack", "receipt.json"]),
        ],
    },
    Chapter {
        title: "It ends",
        steps: &[
            step(
                "The work is done: this ends it at once.",
                &["revoke", super::SHARE, "--reason", "the theme is done"],
            ),
            deleted(
                "Bob deletes what he had, the file that came too, and signs that.",
                "for-bob.age",
                &["--vault", "bob.age", "attest", super::SHARE, "--yes", "--outside", "none",
                  "--out", "gone.json"],
            ),
        ],
    },
    Chapter {
        title: "All of it is on record",
        steps: &[
            step("That is filed as well.", &["ack", "gone.json"]),
            step("The whole of it, in the ledger.", &["shares", "show", super::SHARE]),
        ],
    },
    Chapter {
        title: "What somebody has seen is changed",
        steps: &[
            step(
                "What somebody has seen cannot be made unseen: it is to be changed.",
                &["list", "--long"],
            ),
            piped(
                "A new secret waits until the site has it.",
                "correct-horse-battery",
                &["rotate", "acme/wordpress", "--begin", "--stdin"],
            ),
        ],
    },
    Chapter {
        title: "Until the site has it",
        steps: &[
            step("Until then the old one is given.", &["get", "acme/wordpress"]),
            step(
                "The site has it: now it counts, and Bob knows it no more.",
                &["rotate", "acme/wordpress", "--confirm"],
            ),
            step("The old one stays in the history.", &["history", "acme/wordpress"]),
        ],
    },
    Chapter {
        title: "Small things",
        steps: &[
            refused(
                "A slip of the finger is answered with the next step.",
                &["get", "acme/wordpres"],
                3,
            ),
            piped(
                "A template for a program, without the secret in it.",
                "user={{ vault://globex/database#username }}",
                &["inject"],
            ),
            step("Small files are kept with an entry.", &["attach", "globex/database", super::KEY_FILE]),
        ],
    },
    Chapter {
        title: "Look at it, and find it",
        steps: &[
            step("Everything about an entry but its secret.", &["show", "globex/database"]),
            step("Where something is.", &["find", "acme.example"]),
        ],
    },
    Chapter {
        title: "Names, trash and log",
        steps: &[
            step(
                "Names change; what was done stays with the entry.",
                &["mv", "globex/database", "globex/db"],
            ),
            step("What is not needed goes to the trash.", &["rm", "globex/db", "--yes"]),
            step("And comes back from there.", &["trash", "restore", "globex/db"]),
        ],
    },
    Chapter {
        title: "What was done",
        steps: &[
            step("What was done, when, and on which device.", &["log", "--verify", "-n", "10"]),
        ],
    },
    Chapter {
        title: "Is all well?",
        steps: &[
            step(
                "Anyone who knows the signer can check the file, without the password.",
                &["verify"],
            ),
            step(
                "With the password, every record and every link of the log.",
                &["verify", "--full"],
            ),
        ],
    },
    Chapter {
        title: "Who you are, and how it stands",
        steps: &[
            step("Who this vault is, to be compared over the phone.", &["id"]),
            step("How it stands.", &["status"]),
        ],
    },
    Chapter {
        title: "Who has our password?",
        steps: &[
            step(
                "Bob is needed again, and the permission still holds.",
                &["share", "acme/wordpress", "--to", "bob", "--out", "again.age"],
            ),
            step(
                "Who has our passwords, and who allowed it?",
                &["who", "acme"],
            ),
        ],
    },
];
