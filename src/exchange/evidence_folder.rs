//! A folder that shows something to somebody without this program: each file as it was, and a README
//! that says what it is and how `sha256sum` and `ssh-keygen` check it.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::model::records::event::sha256_hex;
use crate::model::text::name::name_apart;
use crate::model::text::quote::Quote;

const README: &str = "README.txt";
const SIGNERS: &str = "allowed_signers";

/// The files of such a folder, while they are collected.
#[derive(Debug)]
pub(crate) struct EvidenceFolder {
    readme: String,
    files: Vec<EvidenceFile>,
    signers: BTreeSet<String>,
    signed: Vec<SignedFile>,
}

/// The files of such a folder.
#[derive(Debug)]
pub(crate) struct EvidenceFiles {
    /// All of them, the README first.
    pub(crate) files: Vec<EvidenceFile>,
    /// Those that are signed.
    pub(crate) signed: Vec<SignedFile>,
}

/// A file with a signature beside it.
#[derive(Clone, Debug)]
pub(crate) struct SignedFile {
    /// Its name.
    pub(crate) name: String,
    /// What the signer is to the share or the permission, as in `recipient`.
    pub(crate) principal: String,
    /// What the signature is good for.
    pub(crate) namespace: String,
    /// The public key, as OpenSSH writes it.
    pub(crate) key: String,
}

/// A file's name and its bytes.
pub(crate) type EvidenceFile = (String, Zeroizing<Vec<u8>>);

/// Who signed a file.
pub(crate) struct FileSigner<'a> {
    /// What the signer is called in the list of keys, as in `recipient`.
    pub(crate) principal: &'a str,
    /// What the signature is good for.
    pub(crate) namespace: &'a str,
    /// The public key, as OpenSSH writes it.
    pub(crate) key: String,
}

impl EvidenceFolder {
    /// A folder about this.
    pub(crate) fn new(title: String) -> Self {
        Self {
            readme: title,
            files: Vec::new(),
            signers: BTreeSet::new(),
            signed: Vec::new(),
        }
    }

    /// Takes a file in. Gives its name, which has a number where another file has it.
    pub(crate) fn put(&mut self, name: &str, bytes: impl Into<Vec<u8>>) -> String {
        let is_taken = |name: &str| {
            let mut others = self.files.iter().map(|(name, _)| name.as_str());
            [README, SIGNERS].contains(&name) || others.any(|other| other == name)
        };
        let name = name_apart(name, is_taken);
        self.files
            .push((name.clone(), Zeroizing::new(bytes.into())));
        name
    }

    /// Takes in the signature over the file of this name. Gives the command that checks it.
    pub(crate) fn put_signature(
        &mut self,
        name: &str,
        signature: &str,
        signer: &FileSigner<'_>,
    ) -> String {
        let FileSigner {
            principal,
            namespace,
            key,
        } = signer;
        let file = self.put(&format!("{name}.sig"), signature);
        self.signed.push(SignedFile {
            name: name.to_owned(),
            principal: (*principal).to_owned(),
            namespace: (*namespace).to_owned(),
            key: key.clone(),
        });
        self.signers
            .insert(format!("{principal} namespaces=\"{namespace}\" {key}\n"));
        format!(
            "ssh-keygen -Y verify -f {SIGNERS} -I {principal} -n {namespace} -s {file} < {name}"
        )
    }

    /// Says something of a file, and how it is checked.
    pub(crate) fn tell(&mut self, text: &str, check: Option<String>) {
        self.readme.push('\n');
        self.readme.push_str(text);
        if let Some(check) = check {
            self.readme.push_str(" To check it:\n  ");
            self.readme.push_str(&check);
        }
        self.readme.push('\n');
    }

    /// The files, with the README first and the keys of those who signed last.
    pub(crate) fn into_files(mut self, whose_keys: &str) -> EvidenceFiles {
        if !self.signers.is_empty() {
            self.tell(&format!("{SIGNERS}: {whose_keys}"), None);
        }
        let file = |name: &str, text: String| (name.to_owned(), Zeroizing::new(text.into_bytes()));
        let signers: String = self.signers.into_iter().collect();
        let signers = (!signers.is_empty()).then(|| file(SIGNERS, signers));
        let readme = std::iter::once(file(README, self.readme));
        EvidenceFiles {
            files: readme.chain(self.files).chain(signers).collect(),
            signed: self.signed,
        }
    }
}

/// The command that holds a file against the SHA-256 that it has now.
pub(crate) fn hash_check(name: &str, bytes: &[u8]) -> String {
    let line = format!("{}  {name}", sha256_hex(bytes));
    format!("echo {} | sha256sum -c", Quote::Shell.apply(&line).as_str())
}
