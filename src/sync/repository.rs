//! The bare repository between a vault and its remote: what is there is fetched and looked at
//! before it is read, and what is sent is one file in one commit.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::remote::RemoteUrl;
use crate::error::{Error, Kind, Result};
use crate::model::text::limits::VAULT_FILE_BYTES;
use crate::model::text::quote::as_word;
use crate::process::git::{GIT_FILE_BYTES, Git, GitOutput, at_the_other_end};

/// The one file that the remote holds.
const FILE: &str = "vault.age";
/// The one branch.
const BRANCH: &str = "refs/heads/main";
/// All that is configured there: written anew each time, so that nothing else has effect.
const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";
/// What git may print where a few lines are expected, in bytes.
const LINES_BYTES: usize = 1 << 20;
/// What is repeated of what git says, in characters.
const SAID_CHARS: usize = 300;
/// What the repository may hold before it is made anew, in bytes: it needs the newest file alone.
const GROWN_BYTES: u64 = 256 << 20;
/// How the ending of a repository begins that was put aside.
const OLD: &str = "old-";
/// How a file begins that stands for one in Git LFS.
const LFS: &[u8] = b"version https://git-lfs";

/// The repository, and the remote that it is for.
#[derive(Debug)]
pub struct SyncRepository<'a> {
    git: Git,
    remote: &'a RemoteUrl,
}

/// What the remote has.
#[derive(Debug)]
pub struct Fetched {
    /// The commit, in hex.
    pub commit: String,
    /// The vault file.
    pub bytes: Vec<u8>,
}

/// How it went to send a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is there.
    Done,
    /// Another machine was faster: what is there now has to be fetched first.
    Overtaken,
}

impl<'a> SyncRepository<'a> {
    /// The repository at `folder`, made where there is none, where git was killed in it, or where it
    /// has grown by files of before. `may_ask` says whether git may ask on the terminal.
    ///
    /// # Errors
    /// [`Kind::Failed`] when it cannot be made.
    pub fn open(folder: &Path, remote: &'a RemoteUrl, may_ask: bool) -> Result<Self> {
        let git = Git::in_folder(folder, may_ask);
        let repository = Self { git, remote };
        remove_old(folder);
        if folder.join("HEAD").is_file() && !has_leftovers(folder) && !has_grown(folder) {
            repository.configure()?;
            if repository.is_readable()? {
                return Ok(repository);
            }
        }
        repository.make_anew()?;
        Ok(repository)
    }

    /// Whether git takes it for a repository.
    fn is_readable(&self) -> Result<bool> {
        let asked = (self.git).run(&["rev-parse", "--git-dir"], b"", LINES_BYTES)?;
        Ok(asked.is_ok())
    }

    fn make_anew(&self) -> Result<()> {
        self.remove()?;
        let path = self.git.folder().display().to_string();
        let made = ["init", "--quiet", "--bare", "--template=", "--", &path];
        self.done(&made, b"")?;
        self.configure()
    }

    fn configure(&self) -> Result<()> {
        let config = self.git.folder().join("config");
        let known = fs::read(&config).is_ok_and(|known| known == CONFIG.as_bytes());
        if known {
            return Ok(());
        }
        fs::write(&config, CONFIG).map_err(|why| unwritable(&config, &why))
    }

    /// Removes it: all that it holds is at the remote, or in the vault.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub fn remove(&self) -> Result<()> {
        let folder = self.git.folder();
        if folder.symlink_metadata().is_err() {
            return Ok(());
        }
        // A git that was left behind may still write there.
        let aside = folder.with_extension(format!("{OLD}{}", Uuid::new_v4().simple()));
        let moved = fs::rename(folder, &aside).map_err(|why| unwritable(folder, &why));
        moved.map(|()| {
            let _ = fs::remove_dir_all(&aside);
        })
    }

    /// What is at the remote; `None` where nothing is yet.
    ///
    /// # Errors
    /// [`Kind::Integrity`] for anything but one vault file on one branch, [`Kind::NeedsInput`]
    /// where git would have to ask, [`Kind::Failed`] when it cannot be reached.
    pub fn fetch(&self) -> Result<Option<Fetched>> {
        let Some(commit) = self.tip()? else {
            // What an earlier remote had is of no use to an empty one, which takes no commit whose
            // past was left there.
            if self.git.folder().join("shallow").exists() {
                self.make_anew()?;
            }
            return Ok(None);
        };
        let bytes = match self.at(&commit) {
            // It may be this repository that is damaged: all of it can be fetched again.
            Err(why) if why.kind() == Kind::Integrity && self.is_readable()? => {
                self.make_anew()?;
                self.at(&commit)
            }
            read => read,
        }?;
        Ok(Some(Fetched { commit, bytes }))
    }

    /// The vault file of a commit, which is fetched where it is not here.
    fn at(&self, commit: &str) -> Result<Vec<u8>> {
        if !self.has(&format!("{commit}^{{commit}}"))? {
            self.fetch_branch()?;
            if !self.has(&format!("{commit}^{{commit}}"))? {
                return Err(Error::conflict("the remote changed while it was read")
                    .hint("nothing was changed; try again"));
            }
        }
        self.file_of(commit)
    }

    /// The commit that the branch is at.
    fn tip(&self) -> Result<Option<String>> {
        let upload = at_the_other_end("upload-pack");
        let mut args = vec!["ls-remote", "--quiet", "--refs"];
        args.extend(self.remote.is_local().then_some(&*upload));
        args.extend(["--", self.remote.as_str()]);
        let listed = self.reached(&self.git.run(&args, b"", LINES_BYTES)?)?;
        let mut tip = None;
        for line in listed.lines() {
            match line.split_once('\t') {
                Some((commit, BRANCH)) if is_object_id(commit) => tip = Some(commit.to_owned()),
                Some((_, name))
                    if name.starts_with("refs/heads/") || name.starts_with("refs/tags/") =>
                {
                    return Err(not_its_own(&format!("it has {name}")));
                }
                _ => {}
            }
        }
        Ok(tip)
    }

    fn fetch_branch(&self) -> Result<()> {
        let upload = at_the_other_end("upload-pack");
        let refspec = format!("+{BRANCH}:refs/vault/remote");
        let mut args = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
        // The newest file is all that is needed, however many came before it.
        args.extend(["--no-recurse-submodules", "--depth=1"]);
        args.extend(self.remote.is_local().then_some(&*upload));
        args.extend(["--", self.remote.as_str(), &*refspec]);
        let fetched = self.git.run(&args, b"", LINES_BYTES)?;
        let said = fetched.said.to_lowercase();
        let incomplete = [
            "bad object",
            "missing",
            "unable to read",
            "lazy fetching disabled",
            "corrupt",
            "inflate",
        ];
        if !fetched.is_ok() && (said.contains("out of memory") || self.is_full()) {
            self.remove()?;
            return Err(Error::integrity(format!(
                "the remote sends more than a vault can have, which is {VAULT_FILE_BYTES} bytes"
            ))
            .hint("that is no vault; the vault here is as it was"));
        }
        if !fetched.is_ok() && incomplete.iter().any(|what| said.contains(what)) {
            return Err(incomplete_remote());
        }
        self.reached(&fetched).map(|_| ())
    }

    /// The vault file of a commit, whose kind and size are known before it is read.
    fn file_of(&self, commit: &str) -> Result<Vec<u8>> {
        let tree = self
            .git
            .run(&["ls-tree", "-l", "-z", commit], b"", LINES_BYTES)?;
        if !tree.is_ok() {
            return Err(incomplete_remote());
        }
        let listed = tree.text();
        let mut entries = listed.split('\0').filter(|entry| !entry.is_empty());
        let (Some(entry), None) = (entries.next(), entries.next()) else {
            return Err(not_its_own("it does not hold one file alone"));
        };
        let (facts, name) = entry.split_once('\t').unwrap_or_default();
        let facts: Vec<&str> = facts.split_whitespace().collect();
        let [mode, kind, id, size] = facts.as_slice() else {
            return Err(incomplete_remote());
        };
        if name != FILE {
            return Err(not_its_own(&format!("it holds {name:?}, not {FILE}")));
        }
        match (*mode, *kind) {
            ("100644" | "100755", "blob") => {}
            ("120000", _) => return Err(not_its_own(&format!("{FILE} is a symbolic link there"))),
            (_, "tree") => return Err(not_its_own(&format!("{FILE} is a folder there"))),
            _ => return Err(not_its_own(&format!("{FILE} is not a file there"))),
        }
        let bytes = size.parse::<u64>().map_err(|_| incomplete_remote())?;
        let limit = usize::try_from(VAULT_FILE_BYTES).unwrap_or(usize::MAX);
        if bytes > VAULT_FILE_BYTES {
            return Err(Error::integrity(format!(
                "the remote's {FILE} has {bytes} bytes, the limit is {VAULT_FILE_BYTES}"
            ))
            .hint("that is not a vault; the vault here is as it was"));
        }
        let read = self.git.run(&["cat-file", "blob", id], b"", limit)?;
        if !read.is_ok() {
            return Err(incomplete_remote());
        }
        if read.stdout.starts_with(LFS) {
            return Err(not_its_own(&format!(
                "{FILE} is a pointer of Git LFS there, not the vault"
            )));
        }
        Ok(read.stdout)
    }

    /// Makes a commit that holds this vault file, after `parent`.
    ///
    /// # Errors
    /// [`Kind::Failed`] when it cannot be written.
    pub fn commit(&self, vault: &[u8], parent: Option<&str>) -> Result<String> {
        let blob = self.object(&["hash-object", "-w", "--stdin"], vault)?;
        let tree = format!("100644 blob {blob}\t{FILE}\n");
        let tree = self.object(&["mktree"], tree.as_bytes())?;
        let mut args = vec!["commit-tree", &*tree];
        args.extend(parent.into_iter().flat_map(|parent| ["-p", parent]));
        self.object(&args, b"vault\n")
    }

    /// Sends a commit to the remote, if nothing came there meanwhile.
    ///
    /// # Errors
    /// [`Kind::NeedsInput`] where git would have to ask, [`Kind::Failed`] when it is refused.
    pub fn push(&self, commit: &str, after: Option<&str>) -> Result<Pushed> {
        let receive = at_the_other_end("receive-pack");
        let refspec = format!("{commit}:{BRANCH}");
        let mut args = vec!["push", "--quiet", "--porcelain", "--no-verify"];
        args.push("--no-recurse-submodules");
        args.extend(self.remote.is_local().then_some(&*receive));
        args.extend(["--", self.remote.as_str(), &*refspec]);
        let sent = self.git.run(&args, b"", LINES_BYTES)?;
        if sent.is_ok() {
            self.done(&["update-ref", "refs/vault/remote", commit], b"")?;
            return Ok(Pushed::Done);
        }
        // It may have come there although the answer did not, or another may have been faster.
        match self.tip()? {
            Some(tip) if tip == commit => Ok(Pushed::Done),
            tip if tip.as_deref() != after => Ok(Pushed::Overtaken),
            _ => {
                let told = sent.text() + &sent.said;
                let raced = ["fetch first", "cannot lock ref", "failed to update ref"];
                if raced.iter().any(|what| told.contains(what)) {
                    return Ok(Pushed::Overtaken);
                }
                Err(self.unreached(&told))
            }
        }
    }

    /// Whether what was fetched has reached the limit of a file.
    fn is_full(&self) -> bool {
        let packs = files_in(&self.git.folder().join("objects/pack"));
        packs.iter().any(|(_, bytes)| *bytes >= GIT_FILE_BYTES)
    }

    fn has(&self, object: &str) -> Result<bool> {
        let asked = self
            .git
            .run(&["cat-file", "-e", object], b"", LINES_BYTES)?;
        Ok(asked.is_ok())
    }

    /// Runs what prints the id of an object.
    fn object(&self, args: &[&str], input: &[u8]) -> Result<String> {
        let id = self.done(args, input)?.trim().to_owned();
        if is_object_id(&id) {
            return Ok(id);
        }
        Err(Error::failed("git does not say what it has written"))
    }

    /// Runs what can only fail by the disk.
    fn done(&self, args: &[&str], input: &[u8]) -> Result<String> {
        let output = self.git.run(args, input, LINES_BYTES)?;
        if output.is_ok() {
            return Ok(output.text());
        }
        let said = last_words(&output.said);
        Err(Error::failed(format!("git failed: {said}")))
    }

    fn reached(&self, output: &GitOutput) -> Result<String> {
        if output.is_ok() {
            return Ok(output.text());
        }
        Err(self.unreached(&output.said))
    }

    /// Says why the remote could not be reached, and what helps.
    fn unreached(&self, said: &str) -> Error {
        let words = last_words(&self.remote.without_secret(said));
        let message = format!("git cannot sync with {}: {words}", self.remote);
        let remote = as_word(self.remote);
        if said.contains("terminal prompts disabled") || said.contains("could not read") {
            return Error::new(Kind::NeedsInput, message).hint(format!(
                "let git keep the password (git help credentials), or use ssh; to try it: git ls-remote {remote}"
            ));
        }
        let hint = if said.contains("safe.directory") {
            format!(
                "if you trust who owns that folder: git config --global --add safe.directory {remote}"
            )
        } else if said.contains("certificate") {
            format!(
                "nothing was changed; if you trust that server, let git know its certificate: git config \
                 --global http.sslCAInfo FILE; to try it: git ls-remote {remote}"
            )
        } else {
            format!("nothing was changed; to try it: git ls-remote {remote}")
        };
        Error::failed(message).hint(hint)
    }
}

/// Removes repositories that were put aside and could not be removed then.
fn remove_old(folder: &Path) {
    let start = folder
        .with_extension(OLD)
        .file_name()
        .map(ToOwned::to_owned);
    let (Some(start), Some(above)) = (start, folder.parent()) else {
        return;
    };
    let entries = fs::read_dir(above).into_iter().flatten().flatten();
    let is_old = |name: &OsStr| {
        name.as_encoded_bytes()
            .starts_with(start.as_encoded_bytes())
    };
    for entry in entries.filter(|entry| is_old(&entry.file_name())) {
        // What a git is still writing to goes the next time.
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// Whether git was killed while it wrote there.
fn has_leftovers(folder: &Path) -> bool {
    ["", "refs/vault"].iter().any(|part| {
        let files = files_in(&folder.join(part));
        let mut paths = files.iter().map(|(path, _)| path.extension());
        paths.any(|end| end.is_some_and(|end| end == "lock"))
    })
}

/// Whether it holds much more than the newest file.
fn has_grown(folder: &Path) -> bool {
    let parts = files_in(&folder.join("objects")).into_iter();
    let files = parts.flat_map(|(part, _)| files_in(&part));
    files.map(|(_, bytes)| bytes).sum::<u64>() > GROWN_BYTES
}

/// What is in a folder, and its bytes.
fn files_in(folder: &Path) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sized = entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.len())));
    sized.collect()
}

fn is_object_id(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The lines that tell the reason, in one.
fn last_words(said: &str) -> String {
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let told = lines.filter(|line| !line.starts_with("To ") && *line != "Done");
    let told: Vec<&str> = told.collect();
    told.join("; ").chars().take(SAID_CHARS).collect()
}

fn not_its_own(why: &str) -> Error {
    Error::integrity(format!("the remote is not a vault's: {why}"))
        .hint("a vault needs an empty repository of its own; the vault here is as it was")
}

fn incomplete_remote() -> Error {
    Error::integrity(
        "the remote lacks a part of what it says it has: it is damaged, or a partial clone",
    )
    .hint("sync with a whole repository; the vault here is as it was")
}

fn unwritable(path: &Path, why: &std::io::Error) -> Error {
    Error::failed(format!("cannot write {}: {why}", path.display()))
}
