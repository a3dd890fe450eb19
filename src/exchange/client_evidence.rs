//! A folder that shows a client, or whoever they ask, what was permitted and what was shared under it:
//! each paper as it was signed or came, and a script that checks all of it.

mod words;

use zeroize::Zeroizing;

use self::words::EvidenceWords;
use super::client_report::summary::Allowed;
use super::client_report::{Gathering, LeftOutText, LogSeen, ReportScope, permission};
use super::evidence_folder::{EvidenceFile, EvidenceFiles, SignedFile};
use super::paper::dates::{day, minute};
use super::paper::{filled, sender};
use super::{consent_papers, share_papers};
use crate::crypto::SigningKey;
use crate::crypto::signing::documents::sign;
use crate::crypto::signing::ssh_public::SshPublicKey;
use crate::error::Result;
use crate::model::consent::asked::place;
use crate::model::people::fields::MeValues;
use crate::model::records::consent::Consent;
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::number;
use crate::model::records::share::SharedItem;
use crate::model::sharing::found::FoundShare;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// What the signature over the list of files is good for.
const NAMESPACE: &str = "vault-evidence";
const CHECK: &str = include_str!("client_evidence/check.sh");
const SUMS: &str = "SHA256SUMS";
const SIGNERS: &str = "allowed_signers";

/// The files of such a folder, and what whoever keeps the vault is told of them.
#[derive(Debug)]
pub struct ClientEvidence {
    /// Each by its path in the folder.
    pub files: Vec<EvidenceFile>,
    /// Files that name another client, and whom.
    pub naming_others: Vec<LeftOutText>,
}

/// What shows what a client has permitted and what was shared under it, as of `now`.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record or a damaged paper.
pub fn evidence(
    vault: &Vault,
    log: &LogSeen,
    scope: ReportScope<'_>,
    now: &jiff::Zoned,
) -> Result<ClientEvidence> {
    let gathering = Gathering::new(vault, scope, now)?;
    let words = EvidenceWords::of(scope.lang);
    let mut folder = WholeFolder::default();
    let mut listed = Vec::new();
    let client = scope.client.id;
    for consent in vault.all_consents()? {
        if consent.client == client {
            let (files, _) = consent_papers::evidence(consent)?;
            let place = format!("permissions/{}", number(consent.id));
            listed.push(gathering.permission_told(consent, &place, words));
            folder.take(&place, files);
        }
    }
    for line in vault.ledger(now.timestamp())? {
        let is_theirs = line.consent.is_some_and(|it| it.client == client);
        if is_theirs && line.share.login.is_none() {
            let to = gathering.person(line.share.recipient.contact).name;
            let about = (line.share.items.as_slice(), to.as_str());
            let place = format!("shares/{}", number(line.share.id));
            listed.push(gathering.share_told(about, line.share.created, &place, words));
            folder.take(&place, share_papers::evidence(FoundShare::Lent(line))?);
        }
    }
    for it in vault.handed_over.all()? {
        if it.client == client && it.sent.value().is_some() {
            let to = it.person.as_deref().unwrap_or(scope.client.called());
            let place = format!("shares/{}", number(it.id));
            listed.push(gathering.share_told((&it.items, to), it.created, &place, words));
            folder.take(&place, share_papers::evidence(FoundShare::HandedOver(it))?);
        }
    }
    folder.put("log.txt", gathering.log_told(log)?);
    let naming_others = folder.naming_others(&gathering);
    let key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    let readme = gathering.readme(&folder, &listed, (&key, words));
    let files = folder.sealed(readme, (&key, words))?;
    Ok(ClientEvidence {
        files,
        naming_others,
    })
}

/// All files, while they are collected.
#[derive(Default)]
struct WholeFolder {
    files: Vec<EvidenceFile>,
    signed: Vec<SignedFile>,
}

impl WholeFolder {
    fn put(&mut self, path: &str, text: String) {
        let bytes = Zeroizing::new(text.into_bytes());
        self.files.push((path.to_owned(), bytes));
    }

    /// Takes the files of one permission or share in.
    fn take(&mut self, place: &str, files: EvidenceFiles) {
        // A list of hashes writes a backslash in another way.
        let path = |name: &str| format!("{place}/{}", name.replace('\\', "_"));
        let named = files.files.into_iter();
        self.files
            .extend(named.map(|(name, bytes)| (path(&name), bytes)));
        let signed = files.signed.into_iter().map(|it| SignedFile {
            name: path(&it.name),
            ..it
        });
        self.signed.extend(signed);
    }

    /// The files whose text names another client.
    fn naming_others(&self, gathering: &Gathering<'_>) -> Vec<LeftOutText> {
        let texts = self.files.iter();
        let texts = texts.filter_map(|(name, it)| Some((name, std::str::from_utf8(it).ok()?)));
        let named = texts.filter_map(|(name, text)| {
            Some(LeftOutText {
                what: name.clone(),
                names: gathering.other_in(text)?,
            })
        });
        named.collect()
    }

    /// All files, with what checks them, and the list of them signed.
    fn sealed(
        mut self,
        readme: String,
        (key, words): (&SigningKey, &EvidenceWords),
    ) -> Result<Vec<EvidenceFile>> {
        let line = |name: &str, namespace: &str, key: &str| {
            format!("{name} namespaces=\"{namespace}\" {key}\n")
        };
        let own = line(SUMS, NAMESPACE, &key.signer().to_openssh());
        let signers = self.signed.iter();
        let signers = signers.map(|it| line(&format!("./{}", it.name), &it.namespace, &it.key));
        let signers: String = std::iter::once(own).chain(signers).collect();
        let signatures = self.signed.iter();
        let signatures = signatures.map(|it| format!("./{} {}\n", it.name, it.namespace));
        let signatures: String = signatures.collect();
        self.put("README.txt", readme);
        self.put(SIGNERS, signers);
        self.put("signatures.txt", signatures);
        self.put("check.sh", filled_script(words));
        self.files.sort_by(|(a, _), (b, _)| a.cmp(b));
        let sums = self.files.iter();
        let sums = sums.map(|(name, bytes)| format!("{}  ./{name}\n", sha256_hex(bytes)));
        let sums: String = sums.collect();
        let signature = sign(key, NAMESPACE, sums.as_bytes())?;
        self.put(SUMS, sums);
        self.put(&format!("{SUMS}.sig"), signature);
        Ok(self.files)
    }
}

/// The script in a language; its own braces are the shell's.
fn filled_script(words: &EvidenceWords) -> String {
    let script = words.script.iter();
    script.fold(CHECK.to_owned(), |text, (mark, word)| {
        text.replace(&format!("{{{mark}}}"), word)
    })
}

impl Gathering<'_> {
    fn day(&self, time: jiff::Timestamp) -> String {
        day(self.lang(), time.to_zoned(self.zone().clone()).date()).replace('\u{a0}', " ")
    }

    /// A line about a permission.
    fn permission_told(&self, consent: &Consent, place: &str, words: &EvidenceWords) -> String {
        let contacts = consent.contacts().into_iter();
        let to: Vec<String> = contacts.map(|it| self.person(it).name).collect();
        let to = one_line(&to.join(", "));
        let given: Option<Allowed> = consent.was_given().then(|| permission(consent));
        let text = if given.is_some() {
            words.permission
        } else {
            words.not_given
        };
        let on = given.as_ref().map_or(consent.created, |it| it.on);
        let by = given.and_then(|it| it.by);
        let by = by.map_or(words.unnamed.to_owned(), |it| one_line(&it));
        let on = self.day(on);
        let known = [("place", place), ("to", &to), ("by", &by), ("day", &on)];
        filled(text, &known)
    }

    /// A line about something that was shared or handed over.
    fn share_told(
        &self,
        (items, to): (&[SharedItem], &str),
        on: jiff::Timestamp,
        place: &str,
        words: &EvidenceWords,
    ) -> String {
        let what = one_line(&self.item_names(items).join(", "));
        let (to, on) = (one_line(to), self.day(on));
        let known = [("place", place), ("what", &what), ("to", &to), ("day", &on)];
        filled(words.share, &known)
    }

    fn readme(
        &self,
        folder: &WholeFolder,
        listed: &[String],
        (key, words): (&SigningKey, &EvidenceWords),
    ) -> String {
        let now = self.now();
        let at = minute(
            self.lang(),
            now,
            self.zone(),
            &one_line(&place(self.zone(), now)),
        );
        let from = sender(self.lang(), &MeValues::of(&self.vault().me));
        let from = if from.is_empty() { words.nobody } else { &from };
        let client = one_line(self.client().called());
        let own = key.signer().fingerprint();
        let known = [
            ("client", client.as_str()),
            ("sender", from),
            ("time", &at),
            ("key", &own),
        ];
        let mut text = filled(words.opening, &known).replace('\u{a0}', " ");
        let nothing = [words.nothing.to_owned()];
        let listed = if listed.is_empty() { &nothing } else { listed };
        let listed: Vec<String> = listed.iter().map(|line| format!("  {line}\n")).collect();
        let signed = folder.signed.iter().map(|it| {
            let key = SshPublicKey::parse(&it.key);
            let key = key.map_or_else(|_| it.key.clone(), |key| key.fingerprint());
            let mut who = words
                .signers
                .iter()
                .filter(|(name, _)| *name == it.principal);
            let who = who.next().map_or(it.principal.as_str(), |(_, word)| word);
            format!("  {}\n    {who}: {key}\n", it.name)
        });
        let signed: Vec<String> = signed.collect();
        let keys = filled(words.keys, &known);
        text.extend([words.listed, &listed.concat(), &keys, &signed.concat()]);
        text.push_str(words.closing);
        text
    }
}
