//! Promises 7 and 8, through the binary: what goes is what was permitted, and what somebody has seen
//! stays named until it is changed, whatever was done before.
//!
//! Random histories of commands run in a vault; beside them goes an oracle that knows no record and
//! no file, only what was said and done, and decides by itself what each command has to answer, who
//! knows what and what is to be changed. A history that fails names its seed:
//!
//! ```text
//! VAULT_STORY_SEED=17 cargo test --test main promises::permission -- --include-ignored
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use age::x25519::Identity;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use crate::support::env::TestEnv;

const CLIENTS: [&str; 2] = ["acme", "globex"];
const CONTACTS: [&str; 2] = ["bob", "eve"];
const NAMES: [&str; 3] = ["wp", "db", "prod/db"];
/// Patterns, each with the names that it fits.
const PATTERNS: [(&str, &[&str]); 3] = [
    ("*", &["wp", "db"]),
    ("**", &NAMES),
    ("prod/*", &["prod/db"]),
];

/// Where one logs in, and as whom.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    host: u8,
    user: u8,
}

/// An entry that is or was in the vault.
struct Said {
    client: usize,
    name: usize,
    place: Place,
    secret: String,
    is_there: bool,
}

/// What a client said yes to.
struct Permission {
    id: String,
    client: usize,
    contact: usize,
    entries: BTreeSet<usize>,
    pattern: Option<usize>,
    has_secret: bool,
    /// What each entry was when it was said.
    seen: BTreeMap<usize, Place>,
    /// The entries that it was taken back for.
    without: BTreeSet<usize>,
    is_over: bool,
}

/// What went.
struct Sent {
    id: String,
    permission: usize,
    /// The secret that went of each entry, if one did.
    items: BTreeMap<usize, Option<String>>,
    ended: BTreeSet<usize>,
    is_revoked: bool,
}

#[derive(Default)]
struct Oracle {
    entries: Vec<Said>,
    permissions: Vec<Permission>,
    sent: Vec<Sent>,
    secrets: u32,
    /// How often each exit code of `share` was due.
    answers: BTreeMap<i32, u32>,
}

impl Oracle {
    fn path(&self, entry: usize) -> String {
        let said = &self.entries[entry];
        format!("{}/{}", CLIENTS[said.client], NAMES[said.name])
    }

    fn there(&self) -> Vec<usize> {
        let all = 0..self.entries.len();
        all.filter(|at| self.entries[*at].is_there).collect()
    }

    fn is_taken(&self, client: usize, name: usize) -> bool {
        let mut there = self.entries.iter().filter(|said| said.is_there);
        there.any(|said| (said.client, said.name) == (client, name))
    }

    fn new_secret(&mut self) -> String {
        self.secrets += 1;
        format!("secret-{}", self.secrets)
    }

    fn covers(&self, permission: &Permission, entry: usize) -> bool {
        let said = &self.entries[entry];
        let by_pattern = permission
            .pattern
            .is_some_and(|at| PATTERNS[at].1.contains(&NAMES[said.name]));
        said.client == permission.client
            && (permission.entries.contains(&entry) || by_pattern)
            && !permission.without.contains(&entry)
    }

    /// The exit code that is due for a share under a permission.
    fn judge(&self, permission: &Permission, entries: &[usize], contact: usize, sure: bool) -> i32 {
        let all = entries.iter().all(|at| self.covers(permission, *at));
        if permission.is_over || permission.contact != contact || !all {
            return 6;
        }
        let same = |at: &usize| permission.seen.get(at) == Some(&self.entries[*at].place);
        if sure || entries.iter().all(same) {
            0
        } else {
            9
        }
    }

    /// Whether somebody who may not use it any more knows the secret of an entry.
    fn is_exposed(&self, entry: usize) -> bool {
        self.sent.iter().any(|sent| {
            sent.ended.contains(&entry)
                && sent.items[&entry].as_ref() == Some(&self.entries[entry].secret)
        })
    }

    /// Who can know something of an entry, by share: those who still have it, and those who know the
    /// secret of today.
    fn knowers(&self, entry: usize) -> BTreeSet<(String, String)> {
        let mut all = BTreeSet::new();
        for sent in &self.sent {
            let Some(secret) = sent.items.get(&entry) else {
                continue;
            };
            let is_live = !sent.ended.contains(&entry);
            if is_live || secret.as_ref() == Some(&self.entries[entry].secret) {
                let contact = CONTACTS[self.permissions[sent.permission].contact];
                all.insert((sent.id.clone(), contact.to_owned()));
            }
        }
        all
    }

    /// Takes a permission back, whole or for one entry, and ends what went under it.
    fn withdraw(&mut self, permission: usize, only: Option<usize>) {
        let it = &mut self.permissions[permission];
        it.without.extend(only);
        // One that named its entries is over with the last of them.
        it.is_over |= only.is_none() || it.pattern.is_none() && it.entries.is_subset(&it.without);
        for sent in self
            .sent
            .iter_mut()
            .filter(|it| it.permission == permission)
        {
            let items = sent.items.keys().copied();
            sent.ended
                .extend(items.filter(|at| only.is_none_or(|only| only == *at)));
        }
    }
}

/// A history: the vault it runs in, and what is random.
struct History {
    env: TestEnv,
    random: ChaCha20Rng,
    oracle: Oracle,
}

impl History {
    fn new(seed: u64) -> Self {
        let env = TestEnv::ready();
        for contact in CONTACTS {
            let key = Identity::generate().to_public().to_string();
            env.call(&["contact", "add", contact, "--recipient", &key])
                .ok();
        }
        for client in CLIENTS {
            env.call(&["client", "add", client]).ok();
        }
        let mut history = Self {
            env,
            random: ChaCha20Rng::seed_from_u64(seed),
            oracle: Oracle::default(),
        };
        for name in 0..NAMES.len() {
            history.add(0, name);
        }
        history
    }

    fn below(&mut self, end: usize) -> usize {
        self.random.gen_range(0..end)
    }

    fn one_of(&mut self, all: &[usize]) -> Option<usize> {
        (!all.is_empty()).then(|| all[self.below(all.len())])
    }

    fn step(&mut self) -> String {
        let what = self.below(18);
        let (client, name) = (self.below(CLIENTS.len()), self.below(NAMES.len()));
        let there = self.oracle.there();
        let entry = self.one_of(&there);
        match (what, entry) {
            (0, _) => self.add(client, name),
            (1 | 16.., Some(entry)) => self.change_place(entry),
            (2, Some(entry)) => self.rotate(entry),
            (3, Some(entry)) => self.rename(entry, name),
            (4, Some(entry)) => self.remove(entry),
            (5..=7, _) => self.permit(client),
            (8, _) => self.withdraw_by_number(),
            (9, _) => self.withdraw_by_name(client),
            (10, _) => self.revoke(),
            (11..=15, Some(entry)) => self.share(entry),
            _ => "nothing".to_owned(),
        }
    }

    fn add(&mut self, client: usize, name: usize) -> String {
        let path = format!("{}/{}", CLIENTS[client], NAMES[name]);
        let secret = self.oracle.new_secret();
        let call = self.env.call(&[
            "add",
            &path,
            "-u",
            "user0",
            "--url",
            "https://host0.example/login",
        ]);
        if self.oracle.is_taken(client, name) {
            call.stdin(&secret).fails(7);
        } else {
            call.stdin(&secret).ok();
            self.oracle.entries.push(Said {
                client,
                name,
                place: Place { host: 0, user: 0 },
                secret,
                is_there: true,
            });
        }
        format!("add {path}")
    }

    fn change_place(&mut self, entry: usize) -> String {
        let place = Place {
            host: self.random.gen_range(0..2),
            user: self.random.gen_range(0..2),
        };
        let path = self.oracle.path(entry);
        let url = format!("https://host{}.example/login", place.host);
        let user = format!("user{}", place.user);
        self.env
            .call(&["edit", &path, "-u", &user, "--unset", "urls", "--url", &url])
            .ok();
        self.oracle.entries[entry].place = place;
        format!("edit {path} -u {user} --url {url}")
    }

    fn rotate(&mut self, entry: usize) -> String {
        let path = self.oracle.path(entry);
        let secret = self.oracle.new_secret();
        self.env
            .call(&["rotate", &path, "--stdin"])
            .stdin(&secret)
            .ok();
        self.oracle.entries[entry].secret = secret;
        format!("rotate {path}")
    }

    fn rename(&mut self, entry: usize, name: usize) -> String {
        let client = self.oracle.entries[entry].client;
        let from = self.oracle.path(entry);
        let to = format!("{}/{}", CLIENTS[client], NAMES[name]);
        if from == to {
            return "nothing".to_owned();
        }
        let call = self.env.call(&["mv", &from, &to]);
        if self.oracle.is_taken(client, name) {
            call.fails(7);
        } else {
            call.ok();
            self.oracle.entries[entry].name = name;
        }
        format!("mv {from} {to}")
    }

    fn remove(&mut self, entry: usize) -> String {
        let path = self.oracle.path(entry);
        self.env.call(&["rm", &path, "--yes"]).ok();
        self.oracle.entries[entry].is_there = false;
        format!("rm {path}")
    }

    fn permit(&mut self, client: usize) -> String {
        let contact = self.below(CONTACTS.len());
        let of_client: Vec<usize> = (self.oracle.there().into_iter())
            .filter(|at| self.oracle.entries[*at].client == client)
            .collect();
        let pattern = Some(self.below(2 * PATTERNS.len())).filter(|at| *at < PATTERNS.len());
        let named = match pattern {
            Some(_) => None,
            None => self.one_of(&of_client),
        };
        let scope = match (pattern, named) {
            (Some(at), _) => format!("{}/{}", CLIENTS[client], PATTERNS[at].0),
            (None, Some(entry)) => self.oracle.path(entry),
            (None, None) => return "nothing".to_owned(),
        };
        let has_secret = self.below(4) > 0;
        let evidence = self.env.file("yes.eml", "yes");
        let mut args = vec!["consent", "add", CLIENTS[client], "--to", CONTACTS[contact]];
        args.extend(["--scope", &scope, "--purpose", "x", "--by", "Jo", "--json"]);
        args.extend(["--evidence", &evidence]);
        if !has_secret {
            args.extend(["--field", "username"]);
        }
        let answer = self.env.call(&args).ok().json();
        let permission = Permission {
            id: answer["changed"][0].as_str().unwrap().to_owned(),
            client,
            contact,
            entries: named.into_iter().collect(),
            pattern,
            has_secret,
            seen: BTreeMap::new(),
            without: BTreeSet::new(),
            is_over: false,
        };
        let there = self.oracle.there().into_iter();
        let seen = there.filter(|at| self.oracle.covers(&permission, *at));
        let seen = seen.map(|at| (at, self.oracle.entries[at].place)).collect();
        self.oracle
            .permissions
            .push(Permission { seen, ..permission });
        args.join(" ")
    }

    fn withdraw_by_number(&mut self) -> String {
        let live: Vec<usize> = (0..self.oracle.permissions.len())
            .filter(|at| !self.oracle.permissions[*at].is_over)
            .collect();
        let Some(permission) = self.one_of(&live) else {
            return "nothing".to_owned();
        };
        let covered: Vec<usize> = (self.oracle.there().into_iter())
            .filter(|at| {
                self.oracle
                    .covers(&self.oracle.permissions[permission], *at)
            })
            .collect();
        let only = Some(self.below(2))
            .filter(|half| *half == 0)
            .and_then(|_| self.one_of(&covered));
        // A client knows the number of a share too.
        let of_share: Vec<&Sent> = (self.oracle.sent.iter())
            .filter(|sent| sent.permission == permission && !sent.is_over())
            .collect();
        let number = match of_share.first() {
            Some(sent) if only.is_none() => sent.id.clone(),
            _ => self.oracle.permissions[permission].id.clone(),
        };
        let path = only.map(|entry| self.oracle.path(entry));
        let mut args = vec!["consent", "withdraw", &number];
        if let Some(path) = &path {
            args.extend(["--only", path]);
        }
        self.env.call(&args).ok();
        let told = args.join(" ");
        self.oracle.withdraw(permission, only);
        told
    }

    fn withdraw_by_name(&mut self, client: usize) -> String {
        let contact = self.below(CONTACTS.len());
        let ending: Vec<usize> = (0..self.oracle.permissions.len())
            .filter(|at| {
                let it = &self.oracle.permissions[*at];
                (it.client, it.contact, it.is_over) == (client, contact, false)
            })
            .collect();
        let (client, contact) = (CLIENTS[client], CONTACTS[contact]);
        let args = ["consent", "withdraw", client, "--to", contact, "--yes"];
        let call = self.env.call(&args);
        if ending.is_empty() {
            call.fails(3);
        } else {
            call.ok();
        }
        for permission in ending {
            self.oracle.withdraw(permission, None);
        }
        args.join(" ")
    }

    fn revoke(&mut self) -> String {
        let live: Vec<usize> = (0..self.oracle.sent.len())
            .filter(|at| !self.oracle.sent[*at].is_over())
            .collect();
        let Some(at) = self.one_of(&live) else {
            return "nothing".to_owned();
        };
        let sent = &mut self.oracle.sent[at];
        self.env.call(&["revoke", &sent.id]).ok();
        sent.is_revoked = true;
        sent.ended = sent.items.keys().copied().collect();
        format!("revoke {}", sent.id)
    }

    fn share(&mut self, first: usize) -> String {
        // Mostly what is permitted, to whom it is.
        let (contact, astray) = (self.below(CONTACTS.len()), self.below(4) == 0);
        let all: Vec<usize> = (0..self.oracle.permissions.len())
            .filter(|at| astray || !self.oracle.permissions[*at].is_over)
            .collect();
        let Some(permission) = self.one_of(&all) else {
            return "nothing".to_owned();
        };
        let it = &self.oracle.permissions[permission];
        let contact = if astray { contact } else { it.contact };
        let covered: Vec<usize> = (self.oracle.there().into_iter())
            .filter(|at| self.oracle.covers(it, *at))
            .collect();
        let first = (self.one_of(&covered).filter(|_| !astray)).unwrap_or(first);
        let second = self.oracle.there().into_iter().find(|at| {
            *at != first && self.oracle.entries[*at].client == self.oracle.entries[first].client
        });
        let half = self.below(3);
        let mut entries = vec![first];
        entries.extend(second.filter(|_| half == 0));
        let sure = self.below(3) == 0;
        let paths: Vec<String> = entries.iter().map(|at| self.oracle.path(*at)).collect();
        let out = format!("share-{}.age", self.oracle.answers.values().sum::<u32>());
        let id = self.oracle.permissions[permission].id.clone();
        let mut args = vec!["share"];
        args.extend(paths.iter().map(String::as_str));
        args.extend(["--to", CONTACTS[contact], "--consent", &id, "--json"]);
        args.extend(["--out", &out]);
        if sure {
            args.push("--changed-ok");
        }
        let due = (self.oracle).judge(
            &self.oracle.permissions[permission],
            &entries,
            contact,
            sure,
        );
        *self.oracle.answers.entry(due).or_default() += 1;
        let told = args.join(" ");
        let is_there = || std::path::Path::new(&self.env.path(&out)).exists();
        if due != 0 {
            self.env.call(&args).fails(due);
            assert!(!is_there(), "{told}: nothing goes out");
            return told;
        }
        let answer = self.env.call(&args).ok().json();
        assert!(is_there(), "{told}");
        let has_secret = self.oracle.permissions[permission].has_secret;
        let fields: &[&str] = if has_secret {
            &["secret", "username", "urls"]
        } else {
            &["username"]
        };
        let share = &answer["share"];
        for item in share["items"].as_array().unwrap() {
            assert_eq!(item["fields"], json!(fields), "{told}: {answer}");
        }
        let secret = |at: &usize| has_secret.then(|| self.oracle.entries[*at].secret.clone());
        let items = entries.iter().map(|at| (*at, secret(at))).collect();
        self.oracle.sent.push(Sent {
            id: share["id"].as_str().unwrap().to_owned(),
            permission,
            items,
            ended: BTreeSet::new(),
            is_revoked: false,
        });
        told
    }

    /// What the vault says of everything, held against what was said and done.
    fn check(&self) -> Result<(), String> {
        let list = self.env.call(&["list", "--json"]).ok().json();
        for listed in list.as_array().unwrap() {
            let path = listed["path"].as_str().unwrap();
            let entry = (self.oracle.there().into_iter())
                .find(|at| self.oracle.path(*at) == path)
                .ok_or_else(|| format!("{path} is not known"))?;
            let flags = listed["flags"].as_array().unwrap();
            let is_flagged = flags.contains(&json!("rotate"));
            if is_flagged != self.oracle.is_exposed(entry) {
                return Err(format!("{path} is flagged: {is_flagged}"));
            }
        }
        let mut known: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        for client in CLIENTS {
            let who = self.env.call(&["who", client, "--json"]).ok().json();
            for one in who.as_array().unwrap() {
                let text = |key: &str| one[key].as_str().unwrap().to_owned();
                let of_entry = known.entry(text("entry")).or_default();
                of_entry.insert((text("share"), text("contact")));
            }
        }
        // One that was removed is named as well, by the path that it had.
        let mut due: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        for entry in 0..self.oracle.entries.len() {
            let of_path = due.entry(self.oracle.path(entry)).or_default();
            of_path.extend(self.oracle.knowers(entry));
        }
        due.retain(|_, knowers| !knowers.is_empty());
        if known != due {
            return Err(format!("who knows what: {known:#?} instead of {due:#?}"));
        }
        let shares = self.env.call(&["shares", "--json"]).ok().json();
        for sent in &self.oracle.sent {
            let found = shares.as_array().unwrap().iter();
            let found: Vec<&Value> = found.filter(|it| it["id"] == sent.id[..]).collect();
            let state = if sent.is_revoked {
                "revoked"
            } else if sent.is_over() {
                "withdrawn"
            } else {
                "sent"
            };
            if found.len() != 1 || found[0]["state"] != state {
                return Err(format!("share {} is not {state}: {found:?}", sent.id));
            }
        }
        Ok(())
    }
}

impl Sent {
    /// Whether nothing of it may be used any more.
    fn is_over(&self) -> bool {
        self.items.keys().all(|at| self.ended.contains(at))
    }
}

/// Plays a history; gives how often each exit code of `share` was due.
#[expect(clippy::print_stdout, reason = "it is shown of a test that fails")]
fn play(seed: u64, steps: usize) -> BTreeMap<i32, u32> {
    println!("VAULT_STORY_SEED={seed}");
    let mut history = History::new(seed);
    for at in 1..=steps {
        println!("{}", history.step());
        if (at % 16 == 0 || at == steps)
            && let Err(why) = history.check()
        {
            panic!("VAULT_STORY_SEED={seed}: {why}");
        }
    }
    history.env.call(&["verify", "--full"]).ok();
    history.oracle.answers
}

fn seeds(first: u64, count: u64) -> Vec<u64> {
    match std::env::var("VAULT_STORY_SEED") {
        Ok(seed) => vec![seed.parse().expect("VAULT_STORY_SEED is not a number")],
        Err(_) => (first..first + count).collect(),
    }
}

/// The same histories at each run.
#[test]
fn nothing_goes_but_what_was_permitted_and_who_knows_it_is_named() {
    let mut answers: BTreeMap<i32, u32> = BTreeMap::new();
    for seed in seeds(7, 2) {
        for (code, count) in play(seed, 56) {
            *answers.entry(code).or_default() += count;
        }
    }
    if std::env::var("VAULT_STORY_SEED").is_err() {
        for code in [0, 6, 9] {
            assert!(answers.get(&code) > Some(&1), "{answers:?}");
        }
    }
}

/// Others at each run.
#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn whatever_was_done_nothing_goes_but_what_was_permitted() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    for seed in seeds(now.as_secs(), 12) {
        play(seed, 120);
    }
}
