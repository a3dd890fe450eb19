//! Promise 1: one flipped bit anywhere in the vault file, and nothing is output but an integrity
//! error.

use std::fs;
use std::path::Path;
use std::thread;

use vault::crypto::{MasterKey, SealedFile, SigningKey, UnlockedWith};
use vault::error::{Kind, Result};

use crate::promises::exits;
use crate::promises::forge::{Forge, Parts, replace, resign, splice};
use crate::support::call::Output;
use crate::support::env::TestEnv;

/// What must never be seen of a damaged vault.
const CANARY: &str = "canary-Zq8-of-a-secret";

fn small_vault() -> TestEnv {
    TestEnv::with(&[("acme/wp", CANARY)])
}

/// Signature, header MAC and payload, as every reader checks them.
fn open(file: Vec<u8>, key: &MasterKey) -> Result<usize> {
    let sealed = SealedFile::parse(file)?;
    sealed.verify_signature()?;
    Ok(sealed.open(UnlockedWith::Password(key))?.len())
}

/// Whether it is an integrity error that the library gives.
fn is_refused(file: Vec<u8>, key: &MasterKey) -> bool {
    matches!(open(file, key), Err(why) if why.kind() == Kind::Integrity)
}

/// A call on this file, by a device that knows the vault.
fn call(env: &TestEnv, file: &Path, args: &[&str]) -> Output {
    let all = [&["--vault", file.to_str().unwrap()], args].concat();
    env.call(&all).run()
}

/// What is wrong with how the binary takes a damaged file, if anything.
fn complaint(output: &Output) -> Option<String> {
    let silent = output.stdout.is_empty() && !output.stderr.contains(CANARY);
    (output.code != Some(5) || !silent).then(|| format!("{output:?}"))
}

/// Damages the file in each of the `ways` and shows it to `get` and `verify`; gives the complaints.
fn complaints<T: Sync>(
    env: &TestEnv,
    ways: &[T],
    damage: impl Fn(&T) -> Vec<u8> + Sync,
    expect: impl Fn(&T, &Output, &Output) -> Option<String> + Sync,
) -> Vec<String> {
    let lanes = thread::available_parallelism().unwrap().get();
    let (damage, expect) = (&damage, &expect);
    thread::scope(|scope| {
        let lane = |lane: usize| {
            let file = env.work().join(format!("damaged-{lane}.age"));
            let mut found = Vec::new();
            for way in ways.iter().skip(lane).step_by(lanes) {
                fs::write(&file, damage(way)).unwrap();
                let verify = call(env, &file, &["verify", "-q"]);
                let get = call(env, &file, &["get", "acme/wp"]);
                found.extend(expect(way, &verify, &get));
            }
            found
        };
        let running: Vec<_> = (0..lanes).map(|n| scope.spawn(move || lane(n))).collect();
        running
            .into_iter()
            .flat_map(|lane| lane.join().unwrap())
            .collect()
    })
}

#[track_caller]
fn none(complaints: &[String]) {
    let first = complaints[..complaints.len().min(8)].join("\n");
    assert!(
        complaints.is_empty(),
        "{} complaints, the first:\n{first}",
        complaints.len()
    );
}

#[test]
fn every_single_bit_matters_to_the_library() {
    let forge = Forge::of(&small_vault());
    let whole = open(forge.file.clone(), &forge.master_key);
    assert!(whole.is_ok(), "whole, it opens");
    let mac_line = Parts::of(&forge.file).mac_line;
    let mut passed = Vec::new();
    for at in 0..forge.file.len() {
        for bit in 0..8 {
            let mut file = forge.file.clone();
            file[at] ^= 1 << bit;
            let verified =
                SealedFile::parse(file.clone()).and_then(|sealed| sealed.verify_signature());
            if verified.is_ok() && !mac_line.contains(&at) {
                passed.push(format!("byte {at} bit {bit} verifies"));
            }
            if !is_refused(file.clone(), &forge.master_key) {
                let answer = open(file, &forge.master_key);
                passed.push(format!("byte {at} bit {bit} opens to {answer:?}"));
            }
        }
    }
    none(&passed);
}

#[test]
fn every_truncation_is_refused_by_the_library() {
    let forge = Forge::of(&small_vault());
    for length in 0..forge.file.len() {
        assert!(
            is_refused(forge.file[..length].to_vec(), &forge.master_key),
            "{length} bytes"
        );
    }
    let longer = [&forge.file[..], b" "].concat();
    assert!(is_refused(longer, &forge.master_key), "one byte more");
}

/// Flips a bit in every so many bytes of the header and of the payload.
fn bits_flipped(header_step: usize, payload_step: usize) {
    let env = small_vault();
    let whole = fs::read(env.vault_file()).unwrap();
    let mac_line = Parts::of(&whole).mac_line;
    let header = (0..mac_line.end).step_by(header_step);
    let sample: Vec<usize> = header
        .chain((mac_line.end..whole.len()).step_by(payload_step))
        .collect();
    let flip = |at: &usize| {
        let mut file = whole.clone();
        file[*at] ^= 1 << (at % 8);
        file
    };
    none(&complaints(&env, &sample, flip, |at, verify, get| {
        // Only the file key can check the header's MAC: there `verify` cannot see everything.
        let unseen = mac_line.contains(at) && verify.code == Some(0);
        let verify = complaint(verify).filter(|_| !unseen);
        Some(format!("byte {at}: {}", verify.or(complaint(get))?))
    }));
    env.call(&["verify"]).ok();
    env.call(&["get", "acme/wp"]).ok();
}

#[test]
fn a_flipped_bit_yields_an_integrity_error_and_nothing_else() {
    bits_flipped(11, 97);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_flipped_bit_in_any_byte_of_the_header_yields_an_integrity_error_and_nothing_else() {
    bits_flipped(1, 7);
}

/// Cuts the file at so many places, and at its seams.
fn cut_and_grown(places: usize) {
    let env = small_vault();
    let whole = fs::read(env.vault_file()).unwrap();
    let header = Parts::of(&whole).mac_line;
    let mut lengths: Vec<usize> = (0..whole.len()).step_by(whole.len() / places).collect();
    lengths.extend([
        1,
        header.start,
        header.end,
        header.end + 16,
        whole.len() - 1,
    ]);
    let cut = |length: &usize| whole[..*length].to_vec();
    let expect = |_: &usize, verify: &Output, get: &Output| complaint(verify).or(complaint(get));
    none(&complaints(&env, &lengths, cut, expect));
    let grow = |extra: &usize| [&whole[..], &vec![b' '; *extra]].concat();
    none(&complaints(&env, &[1, 16, 65_552], grow, expect));
}

#[test]
fn a_truncated_or_lengthened_file_is_refused() {
    cut_and_grown(15);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_file_that_is_truncated_at_60_places_is_refused() {
    cut_and_grown(60);
}

#[test]
fn chunks_of_the_payload_cannot_change_places() {
    const CHUNK: usize = 65_536 + 16;
    let env = small_vault();
    env.add("acme/long", &"x".repeat(300_000));
    let forge = Forge::of(&env);
    let (file, start) = (&forge.file, Parts::of(&forge.file).mac_line.end + 16);
    assert!(file.len() > start + 4 * CHUNK, "there are chunks to swap");
    let chunk = |n: usize| &file[start + n * CHUNK..start + (n + 1) * CHUNK];
    let rest = &file[start + 3 * CHUNK..];
    let damaged = [
        [&file[..start], chunk(1), chunk(0), chunk(2), rest].concat(),
        [&file[..start], chunk(0), chunk(0), chunk(2), rest].concat(),
        [&file[..start], chunk(0), chunk(2), rest].concat(),
        [&file[..start], chunk(0), chunk(1), chunk(2)].concat(),
    ];
    for file in &damaged {
        assert!(is_refused(file.clone(), &forge.master_key));
        let signed = resign(file, &forge.signing_key);
        assert!(
            is_refused(signed, &forge.master_key),
            "even under a good signature"
        );
    }
    let expect = |_: &Vec<u8>, verify: &Output, get: &Output| complaint(verify).or(complaint(get));
    none(&complaints(&env, &damaged, Clone::clone, expect));
}

#[test]
fn stanzas_cannot_be_added_dropped_doubled_or_moved() {
    let env = small_vault();
    let file = fs::read(env.vault_file()).unwrap();
    let stanzas = Parts::of(&file).stanzas;
    let first = stanzas[0].start;
    let grease = b"-> other-grease x\nAAAA\n";
    let mut damaged = vec![splice(&file, first..first, grease)];
    for stanza in &stanzas {
        let text = &file[stanza.clone()];
        damaged.push(splice(&file, stanza.clone(), b""));
        damaged.push(splice(&file, stanza.end..stanza.end, text));
    }
    let (one, two) = (stanzas[0].clone(), stanzas[1].clone());
    let swapped = [&file[two.clone()], &file[one.clone()]].concat();
    damaged.push(splice(&file, one.start..two.end, &swapped));
    let expect = |_: &Vec<u8>, verify: &Output, get: &Output| complaint(verify).or(complaint(get));
    none(&complaints(&env, &damaged, Clone::clone, expect));
}

#[test]
fn the_header_of_one_write_does_not_fit_the_payload_of_another() {
    let env = small_vault();
    let older = fs::read(env.vault_file()).unwrap();
    env.add("acme/db", "two");
    let newer = fs::read(env.vault_file()).unwrap();
    let (old, new) = (Parts::of(&older).mac_line, Parts::of(&newer).mac_line);
    let mixed = [
        [&newer[..new.end], &older[old.end..]].concat(),
        [&older[..old.end], &newer[new.end..]].concat(),
        [&newer[..new.start], &older[old], &newer[new.end..]].concat(),
    ];
    none(&complaints(
        &env,
        &mixed,
        Clone::clone,
        |_, verify, get| match verify.code {
            // The third differs in the MAC line alone.
            Some(0) => complaint(get),
            _ => complaint(verify).or(complaint(get)),
        },
    ));
}

#[test]
fn a_vault_that_another_key_signed_is_refused_by_who_knows_the_right_one() {
    let env = small_vault();
    let forge = Forge::of(&env);
    let thief = SigningKey::generate();
    let (mine, theirs) = (forge.signing_key.signer(), thief.signer());
    let claimed = replace(&forge.file, &mine.to_base64(), &theirs.to_base64());
    fs::write(env.vault_file(), resign(&claimed, &thief)).unwrap();
    exits(env.call(&["verify"]), 5);
    env.call(&["get", "acme/wp"]).fails(5).hides(CANARY);
    env.call(&["add", "acme/db"]).stdin("two").fails(5);
    // Even where nothing is pinned, the header's MAC gives the thief away.
    let stranger = TestEnv::new();
    let there = env.vault_file();
    let output = call(&stranger, &there, &["get", "acme/wp"]);
    assert_eq!(complaint(&output), None);
}

#[test]
fn a_header_signed_anew_by_the_right_key_is_still_no_vault() {
    let env = small_vault();
    let forge = Forge::of(&env);
    let generation = format!(" {} ", env.generation());
    let later = replace(&forge.file, &generation, " 99 ");
    fs::write(env.vault_file(), resign(&later, &forge.signing_key)).unwrap();
    env.call(&["verify"]).ok();
    env.call(&["get", "acme/wp"]).fails(5).hides(CANARY);
}

#[test]
fn what_stands_inside_has_to_agree_with_the_header() {
    let env = small_vault();
    let forge = Forge::of(&env);
    let other_id = "00000000-0000-4000-8000-000000000000";
    let lies = [
        forge.with(|payload| payload["generation"] = 99.into()),
        forge.with(|payload| payload["vault_id"] = other_id.into()),
        forge.with(|payload| payload["parents"] = "ab".repeat(32).into()),
    ];
    for file in lies {
        fs::write(env.vault_file(), file).unwrap();
        env.call(&["get", "acme/wp"]).fails(5).hides(CANARY);
        exits(env.call(&["verify", "--full"]), 5);
    }
}
