//! What hands that know `pass`, `gopass`, `op`, `bw` or `keepassxc-cli` type, and what does it here
//! where that is no command of another name.

/// Words that are no command here, and what is to be done instead.
pub(crate) const ADVICE: &[(&[&str], &str)] = &[
    (
        &[
            "git", "clone", "rcs", "pull", "push", "commit", "remote", "mount", "mounts", "connect",
        ],
        "the same vault on another machine, over git: vault sync --remote URL; a checked copy on \
         another disk: vault backup --to DIR",
    ),
    (
        &["item", "items", "entry", "entries"],
        "an entry has no word before it: vault get ENTRY, vault show ENTRY, vault add ENTRY, \
         vault edit ENTRY, vault rm ENTRY; all are listed by: vault list",
    ),
    (
        &["password"],
        "a secret is printed with: vault get ENTRY; the master password is changed with: vault passwd",
    ),
    (
        &["mkdir"],
        "a folder is made by what is put in it: vault add CLIENT/FOLDER/NAME",
    ),
    (
        &["rmdir"],
        "a folder is gone with the last entry in it: vault rm CLIENT/FOLDER/",
    ),
    (
        &["cp"],
        "a credential is kept once: another name is given with vault mv OLD NEW, and it is copied \
         to the clipboard with vault get ENTRY --clip",
    ),
    (
        &["unclip"],
        "the clipboard is cleared by itself, and when is said with: \
         vault get ENTRY --clip --clear-after 45s",
    ),
    (
        &["diceware", "passphrase"],
        "words are made up with: vault generate --words 6",
    ),
    (
        &["attachment-rm"],
        "a file is taken from its entry with: vault detach ENTRY NAME",
    ),
    (
        &["estimate", "analyze", "sum"],
        "weak and reused secrets, and what else is not as it should be: vault audit",
    ),
];

/// What people mean by one argument more, by command.
pub(crate) const ARGUMENTS: &[(&[&str], &str)] = &[
    (
        &["get"],
        "a field is named with --field, as in: vault get acme/wordpress --field username",
    ),
    (&["show", "history", "code"], "one entry at a time"),
    (
        &["list"],
        "one client at a time; a word is searched for with: vault find WORD",
    ),
    (
        &["find"],
        "one text at a time, in quotes where it has blanks: vault find 'my site'",
    ),
    (
        &["export"],
        "a client is named with --client, as in: --client acme",
    ),
    (
        &["consent request", "consent add"],
        "what it covers is named with --scope, as in: --scope acme/wordpress",
    ),
    (&["log"], "one entry, client or contact at a time"),
    (&["shares"], "one share is shown with: vault shares show ID"),
    (
        &["backup"],
        "the folder is named with --to, as in: vault backup --to DIR",
    ),
    (
        &["generate"],
        "the length is named with -l, as in: vault generate -l 32; a new entry gets what is made \
         up with: vault add ENTRY --generate",
    ),
    (
        &["inject"],
        "the template is named with -i, as in: vault inject -i FILE",
    ),
    (
        &["import"],
        "one file at a time; its format is named with --format, as in: \
         vault import FILE --format bitwarden-csv",
    ),
    (&["man"], "one page is shown with: vault help COMMAND"),
];

/// Options that a command does not have, and what is to be done instead.
pub(crate) const OPTIONS: &[(&[&str], &[&str], &str)] = &[
    (
        &["show", "list", "find"],
        &["-c", "--clip"],
        "a secret is copied with: vault get ENTRY --clip",
    ),
    (
        &["show"],
        &[
            "-a",
            "-s",
            "-f",
            "-o",
            "--all",
            "--attributes",
            "--fields",
            "--reveal",
            "--show-protected",
            "--unsafe",
        ],
        "a secret is printed with: vault get ENTRY, and a field with: \
         vault get ENTRY --field NAME",
    ),
    (
        &["contact add", "contact edit"],
        &["--name"],
        "their full name, as papers have it: --full-name NAME",
    ),
    (
        &["shares"],
        &["--entry"],
        "name it without an option: vault shares CLIENT/NAME",
    ),
    (
        &["list"],
        &["--entry"],
        "one entry is shown with: vault show CLIENT/NAME",
    ),
    (
        &["log"],
        &["--device"],
        "a device is named with --by DEVICE",
    ),
    (
        &["get"],
        &["-a", "-s", "--attributes", "--reveal", "--show-protected"],
        "it prints the secret, and a field with: vault get ENTRY --field NAME",
    ),
    (
        &["get", "show"],
        &["-t", "--otp", "--totp"],
        "a one-time code is printed with: vault code ENTRY",
    ),
    (
        &["add", "edit", "rotate"],
        &["-g"],
        "a secret is made up with --generate",
    ),
    (
        &["add", "edit", "rotate"],
        &["-m", "--multiline", "-e", "--echo", "-i"],
        "a secret is asked for, or piped in as it is, with all its lines",
    ),
    (
        &["generate"],
        &["-n", "-s", "--symbols"],
        "there are symbols unless --no-symbols is given: vault generate --no-symbols",
    ),
    (
        &["rm"],
        &["-r", "--recursive", "-f", "--force"],
        "all of a client or a folder is named with a / at its end: vault rm CLIENT/ --yes",
    ),
    (
        &["unlock"],
        &["--raw", "--session"],
        "no key of a session is needed: the agent holds the vault open, as in \
         vault unlock --for 15m",
    ),
    (
        &["share"],
        &[
            "--emails",
            "--email",
            "--expiry",
            "--expires-in",
            "--view-once",
        ],
        "it is shared with a contact that a client permits, as in: \
         vault share acme/wordpress --to bob --expires 14d",
    ),
];

/// What is to be named where a command lacks an argument.
pub(crate) const MISSING: &[(&str, &str)] = &[
    (
        "share",
        "name what is shared and with whom, as in: vault share acme/wordpress --to bob; \
         what may be is shown by: vault consent list",
    ),
    (
        "mv",
        "name the entry, folder or client and its new name: vault mv acme/wordpress acme/blog, or \
         vault mv acme/ globex/",
    ),
    ("find", "name what to look for: vault find WORD"),
    (
        "attach",
        "name the entry and the file, as in: vault attach acme/server deploy.pem",
    ),
];
