use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::letter_for;
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryValues;
use crate::model::incidents::affected::IncidentStart;
use crate::model::incidents::changes::IncidentNews;
use crate::model::people::client_changes::ClientChanges;
use crate::model::people::contact_changes::ContactChanges;
use crate::model::testing::{author, day, path, replacement, with_secret};
use crate::model::vault::Vault;

/// Clients of a vault; they are told apart by their last letter.
const CLIENTS: [char; 4] = ['a', 'b', 'c', 'd'];

/// Words that name one client and nothing else, in names, hosts, addresses and users.
fn words_of(client: char) -> [String; 6] {
    ["kunde", "firma", "person", "post", "host", "user"].map(|word| format!("{word}{client}q"))
}

/// What a contact is called.
fn contact_word(contact: bool) -> &'static str {
    if contact { "evezq" } else { "bobzq" }
}

/// An entry: whose it is, which secret it has, and whether it is at a host of several.
#[derive(Clone, Debug)]
struct SomeEntry {
    client: usize,
    secret: u8,
    shares_host: bool,
    is_rotated: bool,
    given_to: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
enum SomeStart {
    OwnHost(usize),
    SharedHost,
    Entry(usize),
    Contact(bool),
    Client(usize),
    Address(usize),
}

fn some_entry() -> impl Strategy<Value = SomeEntry> {
    let (client, secret) = (0..CLIENTS.len(), 0..3_u8);
    let flags = (any::<bool>(), any::<bool>());
    (client, secret, flags, any::<Option<bool>>()).prop_map(
        |(client, secret, (shares_host, is_rotated), given_to)| SomeEntry {
            client,
            secret,
            shares_host,
            is_rotated,
            given_to,
        },
    )
}

fn some_start() -> impl Strategy<Value = SomeStart> {
    let client = || 0..CLIENTS.len();
    prop_oneof![
        client().prop_map(SomeStart::OwnHost),
        Just(SomeStart::SharedHost),
        (0..6_usize).prop_map(SomeStart::Entry),
        any::<bool>().prop_map(SomeStart::Contact),
        client().prop_map(SomeStart::Client),
        client().prop_map(SomeStart::Address),
    ]
}

/// Some words of one's own, which may name a client by one of their words.
fn some_words() -> impl Strategy<Value = String> {
    let named = (0..CLIENTS.len(), 0..5_usize);
    prop_oneof![
        3 => Just("the server was broken into".to_owned()),
        1 => named.prop_map(|(client, word)| {
            let [slug, firm, person, post, host, _] = words_of(CLIENTS[client]);
            let post = format!("{post}@mail.example");
            let words = [slug, firm, person, post, format!("{host}.example")];
            format!("it began at {} in the night", words[word])
        }),
    ]
}

fn entry_path(at: usize, entry: &SomeEntry) -> String {
    let [slug, ..] = words_of(CLIENTS[entry.client]);
    format!("{slug}/entry{at}{}q", CLIENTS[entry.client])
}

/// A vault with these entries, each client with a name, a person and an address.
fn vault_of(entries: &[SomeEntry]) -> Vault {
    let mut world = World::new();
    for contact in [false, true] {
        let mut changes = ContactChanges::default();
        changes.values.full_name = Some(contact_word(contact).to_owned());
        let name = if contact { "eve" } else { "bob" };
        let edited = (world.vault).edit_contact(&name.parse().unwrap(), changes, &author(0));
        edited.unwrap();
    }
    for (at, entry) in entries.iter().enumerate() {
        let [slug, firm, person, post, host, user] = words_of(CLIENTS[entry.client]);
        let host = if entry.shares_host {
            "common".to_owned()
        } else {
            host
        };
        let changes = Changes {
            values: EntryValues {
                username: Some(user),
                urls: vec![format!("https://{host}.example")],
                ..EntryValues::default()
            },
            ..with_secret(&format!("secret {}", entry.secret))
        };
        let path = path(&entry_path(at, entry));
        world.vault.add(&path, changes, &author(0)).unwrap();
        let mut client = ClientChanges::default();
        client.values.name = Some(firm);
        let lang = if entry.client % 2 == 0 { "en" } else { "de" };
        client.values.lang = Some(lang.to_owned());
        client.emails = vec![format!("{post}@mail.example")];
        client.persons = vec![format!("{person} <{person}@mail.example>").parse().unwrap()];
        let slug = slug.parse().unwrap();
        world.vault.edit_client(&slug, client, &author(0)).unwrap();
    }
    for (at, entry) in entries.iter().enumerate() {
        let text = entry_path(at, entry);
        if let Some(contact) = entry.given_to {
            let [slug, ..] = words_of(CLIENTS[entry.client]);
            let pattern = format!("{slug}/*");
            let patterns = [pattern.as_str()];
            let consent = world.consent_with(&slug, |terms| {
                terms.patterns = &patterns;
                terms.for_eve = contact;
            });
            let mut ask = world.ask(&[&text], &[]);
            ask.consent = Some(consent);
            ask.contact = if contact { world.eve } else { world.bob };
            world.share(&ask, 1);
        }
        if entry.is_rotated {
            let new = replacement(&format!("new {at}"));
            world.vault.rotate(&path(&text), new, &author(2)).unwrap();
        }
    }
    world.vault
}

fn started(start: SomeStart, entries: &[SomeEntry]) -> Option<IncidentStart> {
    let word = |client: usize, at: usize| words_of(CLIENTS[client])[at].clone();
    Some(match start {
        SomeStart::OwnHost(client) => IncidentStart::Host(format!("{}.example", word(client, 4))),
        SomeStart::SharedHost => IncidentStart::Host("common.example".to_owned()),
        SomeStart::Entry(at) => IncidentStart::Entry(path(&entry_path(at, entries.get(at)?))),
        SomeStart::Contact(contact) => {
            let name = if contact { "eve" } else { "bob" };
            IncidentStart::Contact(name.parse().unwrap())
        }
        SomeStart::Client(client) => {
            let is_there = entries.iter().any(|it| it.client == client);
            IncidentStart::Client(is_there.then(|| word(client, 0))?.parse().unwrap())
        }
        SomeStart::Address(client) => {
            IncidentStart::Email(format!("{}@mail.example", word(client, 3)))
        }
    })
}

/// What must not stand in a letter to somebody else than this client.
fn names_of(client: usize, entries: &[SomeEntry]) -> Vec<String> {
    let of_client = || {
        entries
            .iter()
            .enumerate()
            .filter(move |(_, it)| it.client == client)
    };
    if of_client().next().is_none() {
        return Vec::new();
    }
    let [slug, firm, person, post, host, user] = words_of(CLIENTS[client]);
    let has_host = of_client().any(|(_, it)| !it.shares_host);
    let entries = of_client().map(|(at, it)| entry_path(at, it));
    let entries = entries.filter_map(|it| Some(it.split_once('/')?.1.to_owned()));
    let host = has_host.then(|| format!("{host}.example"));
    [slug, firm, person, post, user]
        .into_iter()
        .chain(host)
        .chain(entries)
        .collect()
}

/// Whether a contact may know a secret that is, or was, a client's.
fn may_know(contact: bool, client: usize, entries: &[SomeEntry]) -> bool {
    let given = entries.iter().filter(|it| it.given_to == Some(contact));
    let mut secrets = given.map(|it| it.secret);
    secrets.any(|known| {
        entries
            .iter()
            .any(|it| it.client == client && it.secret == known)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_letter_names_nobody_but_its_client_and_who_knows_what_is_theirs(
        entries in prop::collection::vec(some_entry(), 1..6),
        start in some_start(),
        second in some_start(),
        description in some_words(),
        update in some_words(),
    ) {
        let mut vault = vault_of(&entries);
        let Some(start) = started(start, &entries) else { return Ok(()); };
        let starts = [start];
        let Ok(reach) = vault.affected(&starts, day(3), day(3)) else { return Ok(()); };
        let opened = vault.open_incident(description.clone(), &starts, reach, day(3), &author(3));
        let id = match opened {
            Ok(id) => id,
            Err(why) => {
                prop_assert_eq!(why.kind(), Kind::Refused);
                prop_assert!(description.starts_with("it began at "));
                return Ok(());
            }
        };
        let more: Vec<IncidentStart> = started(second, &entries).into_iter().collect();
        let news = IncidentNews { text: Some(update), starts: more, ..IncidentNews::default() };
        let updated = vault.update_incident(id, news, &author(4));
        if let Err(why) = updated {
            prop_assert_eq!(why.kind(), Kind::Refused);
            return Ok(());
        }
        let incident = vault.incidents.by_id(id).unwrap();
        let known = vault.known_of_affected(&incident.affected, day(4)).unwrap();
        let here = day(4).to_zoned(TimeZone::UTC);
        for client in vault.clients.iter().filter(|it| incident.clients().contains(&it.id)) {
            let (_, letter) = letter_for(&vault, (incident, &known), client, &here).unwrap();
            // No word is torn apart where lines are broken.
            let letter = letter.replace("\n              ", "");
            let is_own = |at: usize| words_of(CLIENTS[at])[0] == client.slug();
            for other in (0..CLIENTS.len()).filter(|at| !is_own(*at)) {
                for name in names_of(other, &entries) {
                    prop_assert!(!letter.contains(&name), "{} in {}", name, letter);
                }
            }
            let own = (0..CLIENTS.len()).find(|at| is_own(*at));
            for contact in [false, true] {
                let may = own.is_some_and(|own| may_know(contact, own, &entries));
                let is_named = letter.contains(contact_word(contact));
                prop_assert!(may || !is_named, "{} in {}", contact_word(contact), letter);
            }
        }
    }
}
