//! A home of its own for every test.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::call::Call;

/// The master password of every vault here.
pub(crate) const PASSWORD: &str = "plum-Trellis7-okapi-vend";
/// The cheapest parameters that `init` accepts.
pub(crate) const CHEAP: &str = "m=7MiB,t=6,p=1";
/// The binary under test: the one that cargo builds with the tests, or the one that `VAULT_BINARY`
/// named when they were compiled, such as the release binary.
pub(crate) const BINARY: &str = match option_env!("VAULT_BINARY") {
    Some(named) => named,
    None => env!("CARGO_BIN_EXE_vault"),
};
/// Longer than anything here takes; only a call that hangs gets there.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);

/// A home directory, a working directory and a folder for temporary files, all empty.
pub(crate) struct TestEnv {
    root: TempDir,
}

impl TestEnv {
    /// A home with no vault in it, and a password file.
    pub(crate) fn new() -> Self {
        match std::env::var_os("TMPDIR") {
            None if in_memory() => Self::within(TempDir::new_in(MEMORY).unwrap()),
            _ => Self::on_disk(),
        }
    }

    /// As [`Self::new`], where temporary files are.
    pub(crate) fn on_disk() -> Self {
        Self::within(TempDir::new().unwrap())
    }

    fn within(root: TempDir) -> Self {
        crate::support::default_signals::restore();
        let env = Self { root };
        for folder in ["home", "work", "tmp", "run"] {
            fs::create_dir(env.root.path().join(folder)).unwrap();
        }
        fs::set_permissions(env.root.path().join("run"), mode(0o700)).unwrap();
        env.private_file(&env.password_file(), PASSWORD);
        env
    }

    /// A home with an empty vault.
    pub(crate) fn ready() -> Self {
        Self::copied("", |_| {})
    }

    /// A home whose vault has these entries, each with its secret.
    pub(crate) fn with(entries: &[(&str, &str)]) -> Self {
        Self::copied(&format!("with {entries:?}"), |env| {
            for (path, secret) in entries {
                env.add(path, secret);
            }
        })
    }

    /// A home whose vault has one entry, `acme/wp`, with something of everything and `secret`.
    pub(crate) fn full(secret: &str) -> Self {
        const ADD: &str = "add acme/wp -u admin --url https://one.example --url https://two.example \
            --tag prod --tag cms --field id=42 --env WP_PASSWORD --expires 2099-01-31 \
            --rotate-every 90d --notes";
        Self::copied(&format!("full, {secret:?}"), |env| {
            let mut add: Vec<&str> = ADD.split_whitespace().collect();
            add.push("ask Jo\nand Al");
            env.call(&add).stdin(secret).ok();
        })
    }

    /// A home as `make` leaves one with an empty vault: it is made once in this process for each
    /// `key`, and copied. The vaults of one test are different ones.
    pub(crate) fn copied(key: &str, make: impl Fn(&Self)) -> Self {
        let nth = MADE_HERE.replace(MADE_HERE.get() + 1);
        Self::copy_of(key, nth, &make)
    }

    /// The newest event of the log.
    pub(crate) fn last_event(&self) -> Value {
        let log = self.call(&["log", "--json"]).ok().json();
        log.as_array().unwrap().last().unwrap().clone()
    }

    /// Takes the vault away, and what this device knows of it.
    pub(crate) fn has_no_vault(&self) {
        fs::remove_dir_all(self.data()).unwrap();
        fs::remove_dir_all(self.state()).unwrap();
    }

    fn copy_of(key: &str, nth: usize, make: &dyn Fn(&Self)) -> Self {
        let key = (key.to_owned(), nth);
        let known = READY.lock().unwrap().get(&key).cloned();
        let home = known.unwrap_or_else(|| {
            let env = if key.0.is_empty() {
                let env = Self::new();
                env.call(&["init", "--kdf", CHEAP]).ok();
                env
            } else {
                Self::copy_of("", nth, &|_| {})
            };
            make(&env);
            let home = Arc::new(ReadyHome::of(&env));
            READY.lock().unwrap().insert(key, Arc::clone(&home));
            home
        });
        let env = Self::new();
        home.copy_to(&env);
        env
    }

    /// A call of the binary with the password in `VAULT_PASSWORD_FILE`, nothing on stdin and no
    /// terminal.
    pub(crate) fn call(&self, args: &[&str]) -> Call<'_> {
        self.program(BINARY, args)
    }

    /// A shell script in which `vault` is the binary under test.
    pub(crate) fn shell(&self, script: &str) -> Call<'_> {
        self.program("bash", &["-c", script])
    }

    /// A shell with these arguments.
    pub(crate) fn bash(&self, args: &[&str]) -> Call<'_> {
        self.program("bash", args)
    }

    /// A program in a session of its own: without that, a test run from a terminal would be asked.
    fn program(&self, name: &str, args: &[&str]) -> Call<'_> {
        let mut command = if cfg!(target_os = "linux") {
            let mut setsid = Command::new("setsid");
            setsid.arg(name);
            setsid
        } else {
            Command::new(name)
        };
        command.args(args);
        self.hermetic(&mut command);
        command.env("VAULT_PASSWORD_FILE", self.password_file());
        Call::new(self, command)
    }

    /// Clears the environment but for what this home is made of.
    pub(crate) fn hermetic(&self, command: &mut Command) {
        let binaries = Path::new(BINARY).parent().unwrap().display();
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", format!("{binaries}:{path}"))
            .env("HOME", self.home())
            .env("XDG_DATA_HOME", self.home().join(".local/share"))
            .env("XDG_STATE_HOME", self.home().join(".local/state"))
            .env("XDG_CONFIG_HOME", self.home().join(".config"))
            .env("XDG_CACHE_HOME", self.home().join(".cache"))
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("TMPDIR", self.tmp())
            .current_dir(self.work());
    }

    /// The folder of the agent's socket.
    pub(crate) fn agent_folder(&self) -> PathBuf {
        if cfg!(target_os = "macos") {
            self.home().join("Library/Caches/vault-agent")
        } else {
            self.runtime().join("vault")
        }
    }

    /// The agent's socket.
    pub(crate) fn agent_socket(&self) -> PathBuf {
        self.agent_folder().join("agent.sock")
    }

    /// The socket of the SSH agent.
    pub(crate) fn ssh_socket(&self) -> PathBuf {
        self.agent_folder().join("ssh.sock")
    }

    /// The folder of what runs.
    pub(crate) fn runtime(&self) -> PathBuf {
        self.root.path().join("run")
    }

    /// Adds an entry.
    pub(crate) fn add(&self, path: &str, secret: &str) {
        self.call(&["add", path]).stdin(secret).ok();
    }

    /// Lets a client's word be enough for a permission.
    pub(crate) fn takes_notes_of(&self, client: &str) {
        self.call(&["client", "edit", client, "--min-assurance", "attested"])
            .ok();
    }

    /// Notes who keeps the vault: no request can be written without.
    pub(crate) fn me(&self) {
        let me = [
            ("--name", "Kim Example"),
            ("--firm", "Kim Example Web Design"),
            ("--address", "Lindenstr. 4, 10969 Berlin"),
            ("--email", "kim@kim.example"),
            ("--phone", "+49 30 555 01"),
        ];
        let me: Vec<&str> = me
            .iter()
            .flat_map(|(option, text)| [*option, *text])
            .collect();
        self.call(&[&["me"], &me[..]].concat()).ok();
    }

    /// The secret of an entry, without the newline that `get` adds.
    pub(crate) fn secret(&self, path: &str) -> String {
        self.call(&["get", "-n", path]).ok().text().to_owned()
    }

    /// The home directory.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// The working directory of every call.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// A path in the working directory, as an argument.
    pub(crate) fn path(&self, name: &str) -> String {
        self.work().join(name).to_str().unwrap().to_owned()
    }

    /// The folder for temporary files.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.root.path().join("tmp")
    }

    /// The file that holds the master password.
    pub(crate) fn password_file(&self) -> PathBuf {
        self.root.path().join("password")
    }

    /// Makes a file in the working directory, 0600, and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        self.private_file(&self.work().join(name), content);
        self.path(name)
    }

    fn private_file(&self, path: &Path, content: impl AsRef<[u8]>) {
        assert!(path.starts_with(self.root.path()));
        fs::write(path, content).unwrap();
        fs::set_permissions(path, mode(0o600)).unwrap();
    }

    /// The folder that holds the vault by default.
    pub(crate) fn data(&self) -> PathBuf {
        if cfg!(target_os = "macos") {
            self.home().join("Library/Application Support/vault")
        } else {
            self.home().join(".local/share/vault")
        }
    }

    /// The vault file.
    pub(crate) fn vault_file(&self) -> PathBuf {
        self.data().join("vault.age")
    }

    /// What this device remembers.
    pub(crate) fn state(&self) -> PathBuf {
        if cfg!(target_os = "macos") {
            self.home()
                .join("Library/Application Support/vault-state/vault")
        } else {
            self.home().join(".local/state/vault")
        }
    }

    /// The folder of what this device remembers of its one vault.
    pub(crate) fn vault_state(&self) -> PathBuf {
        let folders = fs::read_dir(self.state()).unwrap();
        let mut folders = folders.map(|entry| entry.unwrap().path());
        folders.find(|path| path.is_dir()).unwrap()
    }

    /// The vault's generation, as the signed header says.
    pub(crate) fn generation(&self) -> u64 {
        let status = self.call(&["status", "--json"]).ok().json();
        status["generation"].as_u64().unwrap()
    }

    /// Every file below the vault's folder but the lock, with its bytes.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut files = files_below(&self.data());
        files.retain(|path, _| path.extension().is_none_or(|end| end != "lock"));
        files
    }

    /// Every file in the home, the temporary folder and the working directory.
    pub(crate) fn everything(&self) -> Snapshot {
        let mut all = files_below(&self.home());
        all.extend(files_below(&self.tmp()));
        all.extend(files_below(&self.work()));
        all
    }
}

/// Where files are in memory: nothing waits for a disk there.
const MEMORY: &str = "/dev/shm";

/// Whether there is such a place, with room for what tests write.
fn in_memory() -> bool {
    let room = rustix::fs::statvfs(MEMORY);
    room.is_ok_and(|room| room.f_bavail * room.f_frsize > 512 << 20)
}

thread_local! {
    /// How many vaults were copied for the test that runs in this thread.
    static MADE_HERE: Cell<usize> = const { Cell::new(0) };
}
/// Homes to copy, by what they hold and whether they are a test's first, second…
static READY: LazyLock<Mutex<ReadyHomes>> = LazyLock::new(Mutex::default);

type ReadyHomes = HashMap<(String, usize), Arc<ReadyHome>>;

/// A home and a working directory, and the folder that they were in.
struct ReadyHome {
    root: String,
    files: Snapshot,
}

impl ReadyHome {
    fn of(env: &TestEnv) -> Self {
        let mut files = files_below(&env.home());
        files.extend(files_below(&env.work()));
        Self {
            root: env.root.path().to_str().unwrap().to_owned(),
            files,
        }
    }

    /// Private as they were; what knows of its place knows the new one.
    fn copy_to(&self, env: &TestEnv) {
        let root = env.root.path().to_str().unwrap();
        for (path, bytes) in &self.files {
            let path = path.to_str().unwrap().replacen(&self.root, root, 1);
            let path = Path::new(&path);
            let mut folders = DirBuilder::new();
            let folders = folders.recursive(true).mode(0o700);
            folders.create(path.parent().unwrap()).unwrap();
            let text = std::str::from_utf8(bytes).ok();
            match text.filter(|_| path.ends_with("paths.json")) {
                Some(text) => env.private_file(path, text.replace(&self.root, root)),
                None => env.private_file(path, bytes),
            }
        }
    }
}

impl Drop for TestEnv {
    /// An agent must not outlive its test.
    fn drop(&mut self) {
        for (socket, end) in [
            (self.agent_socket(), &["lock"][..]),
            (self.ssh_socket(), &["ssh-agent", "--stop"]),
        ] {
            if socket.exists() {
                let mut ending = Command::new(BINARY);
                self.hermetic(&mut ending);
                let _ = ending.args(end).output();
            }
        }
    }
}

/// Paths and what the files hold.
pub(crate) type Snapshot = BTreeMap<PathBuf, Vec<u8>>;

fn files_below(folder: &Path) -> Snapshot {
    let mut files = Snapshot::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return files;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            let content = fs::read(&path).unwrap();
            files.insert(path, content);
        }
    }
    files
}

/// Permission bits.
pub(crate) fn mode(bits: u32) -> fs::Permissions {
    fs::Permissions::from_mode(bits)
}

/// The permission bits of a file.
pub(crate) fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Whether `needle` stands anywhere in `haystack`.
pub(crate) fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

/// The JSON object has at least these keys.
#[track_caller]
pub(crate) fn has_keys(object: &Value, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_some(), "no key {key:?} in {object:#}");
    }
}

/// The number of a record as people are shown it.
pub(crate) fn number(id: &str) -> String {
    format!("{}-{}", &id[..4], &id[4..8]).to_uppercase()
}
