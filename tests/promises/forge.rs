//! Files that the binary would never write, made through the library by someone who holds the
//! keys: other contents under a good signature, and headers changed and signed again.

use std::fs;
use std::ops::Range;

use serde_json::Value;
use sha2::{Digest, Sha256};
use vault::crypto::{
    Draft, MasterKey, NoPlugins, SealedFile, SigningKey, UnlockedWith, derive, parents_text, seal,
};
use vault::model::text::secret::Secret;

use crate::support::env::{PASSWORD, TestEnv};

/// A vault with all its keys at hand.
pub(crate) struct Forge {
    pub(crate) file: Vec<u8>,
    pub(crate) payload: Value,
    /// The payload as the next write would have it.
    pub(crate) next: Value,
    draft: Draft,
    pub(crate) master_key: MasterKey,
    pub(crate) signing_key: SigningKey,
}

impl Forge {
    /// The vault of this home, opened.
    pub(crate) fn of(env: &TestEnv) -> Self {
        Self::open(fs::read(env.vault_file()).unwrap(), PASSWORD)
    }

    /// A vault of one's own, opened.
    pub(crate) fn open(file: Vec<u8>, password: &str) -> Self {
        let sealed = SealedFile::parse(file.clone()).unwrap();
        let access = *sealed.access();
        let master_key = derive(&Secret::new(password.into()), None, &access).unwrap();
        let payload = sealed.open(UnlockedWith::Password(&master_key)).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        let pem = payload["identity"]["signing"].as_str().unwrap().to_owned();
        let draft = Draft {
            vault_id: sealed.facts().vault_id,
            generation: sealed.facts().generation + 1,
            parents: vec![sealed.sha256()],
        };
        let mut next = payload.clone();
        next["generation"] = draft.generation.into();
        next["parents"] = parents_text(&draft.parents).into();
        Self {
            file,
            signing_key: SigningKey::from_openssh_pem(&Secret::new(pem)).unwrap(),
            payload,
            next,
            draft,
            master_key,
        }
    }

    /// Any payload as the next file of this vault: intact, and signed by its key.
    pub(crate) fn seal(&self, payload: &[u8]) -> Vec<u8> {
        let (key, signing_key) = (&self.master_key, &self.signing_key);
        let sealed = seal(payload, &self.draft, key, &[], &NoPlugins, signing_key).unwrap();
        sealed.bytes().to_vec()
    }

    /// The next payload with a change, as [`Self::seal`] does it.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut payload = self.next.clone();
        change(&mut payload);
        self.seal(&serde_json::to_vec(&payload).unwrap())
    }
}

/// Where the parts of a well-formed header are.
pub(crate) struct Parts {
    /// Each stanza, its body included.
    pub(crate) stanzas: Vec<Range<usize>>,
    /// The `---` line.
    pub(crate) mac_line: Range<usize>,
}

impl Parts {
    pub(crate) fn of(file: &[u8]) -> Self {
        let mut starts = Vec::new();
        let mut at = 0;
        loop {
            let line = &file[at..];
            if line.starts_with(b"---") {
                break;
            }
            if line.starts_with(b"-> ") {
                starts.push(at);
            }
            at += end_of_line(line);
        }
        let ends = starts.iter().skip(1).copied().chain([at]);
        Self {
            stanzas: starts
                .iter()
                .copied()
                .zip(ends)
                .map(|(a, b)| a..b)
                .collect(),
            mac_line: at..at + end_of_line(&file[at..]),
        }
    }

    /// The stanza of this tag.
    pub(crate) fn stanza(&self, file: &[u8], tag: &str) -> Range<usize> {
        let start = format!("-> {tag} ");
        let is = |range: &&Range<usize>| file[(*range).clone()].starts_with(start.as_bytes());
        self.stanzas.iter().find(is).unwrap().clone()
    }
}

fn end_of_line(text: &[u8]) -> usize {
    1 + text.iter().position(|&byte| byte == b'\n').unwrap()
}

/// The file with a part replaced.
pub(crate) fn splice(file: &[u8], part: Range<usize>, with: &[u8]) -> Vec<u8> {
    [&file[..part.start], with, &file[part.end..]].concat()
}

/// The file with one piece of text in its header replaced by another.
pub(crate) fn replace(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let header = Parts::of(file).mac_line.start;
    let text = std::str::from_utf8(&file[..header]).unwrap();
    assert!(text.contains(from), "no {from:?} in the header");
    [text.replace(from, to).as_bytes(), &file[header..]].concat()
}

/// The file with a good signature of `key` over whatever it now says. The header's MAC stays as it
/// was: only whoever can open the file could make it anew.
pub(crate) fn resign(file: &[u8], key: &SigningKey) -> Vec<u8> {
    let parts = Parts::of(file);
    let stanza = parts.stanza(file, "vault-signature");
    let body = stanza.start + end_of_line(&file[stanza.clone()])..stanza.end;
    let header = Sha256::new()
        .chain_update(&file[..body.start])
        .chain_update(&file[body.end..parts.mac_line.start])
        .finalize();
    let payload = Sha256::digest(&file[parts.mac_line.end..]);
    let message = [&b"vault-file-signature-v1\0"[..], &header, &payload].concat();
    splice(file, body, base64_lines(&key.sign(&message)).as_bytes())
}

fn base64_lines(bytes: &[u8; 64]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes);
    let (first, last) = text.split_at(64);
    format!("{first}\n{last}\n")
}
