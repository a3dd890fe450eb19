//! An age plugin that wraps nothing: what it makes of a file key is the file key. It speaks the
//! protocol as real ones do, and stock age knows it.

use std::fs;

use super::env::{TestEnv, mode};

/// A key that it encrypts to.
pub(crate) const RECIPIENT: &str =
    "age1fake1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0s2prf8k";
/// A key that it decrypts with.
pub(crate) const IDENTITY: &str =
    "AGE-PLUGIN-FAKE-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SV282N4";

const SCRIPT: &str = r#"#!/bin/bash
here=${0%/*}
env | grep '^VAULT' >> "$here/seen"
echo "$1 in $PWD" >> "$here/seen"
hear() {
    IFS= read -r head || exit 1
    body=
    while IFS= read -r line; do
        body+=$line
        [ ${#line} -lt 64 ] && return
    done
}
say() { printf -- '-> %s\n%s\n' "$1" "$2"; hear; }
keys=0 wrapped=
while hear; do
    case $head in
        '-> done') break ;;
        '-> add-'*) keys=$((keys + 1)) ;;
        '-> wrap-file-key') wrapped=$body ;;
        '-> recipient-stanza 0 fake '*) wrapped=$body ;;
    esac
done
[ -f "$here/hangs" ] && exec sleep 1000
[ -f "$here/dies" ] && exit 1
[ -f "$here/raves" ] && exec yes '-> msg 12345678901234567890123456789012345678901234567890'
[ -f "$here/endless" ] && { printf -- '-> '; exec tr '\0' x < /dev/zero; }
[ -f "$here/tells" ] && say msg dG91Y2ggaXQ
if [ -f "$here/fails" ]; then
    say 'error internal' bm8ga2V5IGluIHRoZSBzbG90
    wrapped=
fi
if [ -f "$here/asks" ]; then
    say request-secret UElO
    case $body in
        MTIzNA) ;;
        *) say 'error identity 0' d3JvbmcgUElO; wrapped= ;;
    esac
fi
case $1 in
    --age-plugin=recipient-v1)
        [ -f "$here/labels" ] && say 'labels postquantum' ''
        [ -f "$here/steals" ] && say 'recipient-stanza 0 vault-argon2id x' "$wrapped"
        for ((key = 0; key < keys; key++)); do
            say "recipient-stanza 0 fake $key" "$wrapped"
        done
        ;;
    --age-plugin=identity-v1)
        [ -n "$wrapped" ] && say 'file-key 0' "$wrapped"
        ;;
esac
printf -- '-> done\n\n'
"#;

/// The plugin, in a folder of its own.
pub(crate) struct FakePlugin<'a> {
    env: &'a TestEnv,
}

impl<'a> FakePlugin<'a> {
    /// Puts it into a folder; [`Self::path`] has it.
    pub(crate) fn install(env: &'a TestEnv) -> Self {
        let folder = env.home().join("plugins");
        fs::create_dir(&folder).unwrap();
        let program = folder.join("age-plugin-fake");
        fs::write(&program, SCRIPT).unwrap();
        fs::set_permissions(&program, mode(0o700)).unwrap();
        env.file("fake.identity", format!("# made up\n{IDENTITY}\n"));
        Self { env }
    }

    /// A PATH with it.
    pub(crate) fn path(&self) -> String {
        let path = std::env::var("PATH").unwrap();
        format!("{}:{path}", self.env.home().join("plugins").display())
    }

    /// From now on it does that: `hangs`, `dies`, `raves`, `endless`, `tells`, `fails`, `asks`,
    /// `labels` or `steals`.
    pub(crate) fn that(&self, does: &str) {
        self.env
            .home()
            .join("plugins")
            .join(does)
            .metadata()
            .unwrap_err();
        fs::write(self.env.home().join("plugins").join(does), "").unwrap();
    }

    /// And no longer.
    pub(crate) fn no_longer(&self, does: &str) {
        fs::remove_file(self.env.home().join("plugins").join(does)).unwrap();
    }

    /// Its arguments, working folders, and what it was given of `VAULT…` variables.
    pub(crate) fn seen(&self) -> String {
        fs::read_to_string(self.env.home().join("plugins/seen")).unwrap_or_default()
    }
}
